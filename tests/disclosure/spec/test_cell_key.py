"""Cell keys, perturbation tables and random rounding: repeatable, right on average, and as other packages have them."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.errors import BadInputError, DataError, DocumentError
from disclosure.protection.cell_key import OfficeSecret, cell_key, derived_draw, record_key
from disclosure.protection.cell_key_design import Design, perturbation_table
from disclosure.protection.cell_key_file import perturbation_csv, perturbation_table_from, read_perturbation_table
from disclosure.protection.cell_key_table import (
    PerturbationTable,
    Row,
    perturbed_count,
    perturbed_magnitude,
    perturbed_weighted_count,
)
from disclosure.protection.random_rounding import random_rounding_interval, rounded_at_random, rounded_by_draw
from tests.disclosure.support import DATA

SECRET, OTHER = OfficeSecret(bytes(range(32))), OfficeSecret(bytes(range(1, 33)))
DESIGNS = {
    "D2V1": Design(2, Fraction(1)),
    "D5V3": Design(5, Fraction(3)),
    "D8V2": Design(8, Fraction(2)),
    "D5V3js2": Design(5, Fraction(3), hidden=2, stays=Fraction(1, 2)),
}
KEYS = st.fractions(0, 1).filter(lambda one: one < 1)


def table(name: str) -> PerturbationTable:
    return read_perturbation_table(DATA / f"perturbation_table_{name}.csv")


# ----------------------------------------------------------------------------------------------------------------- keys


def test_the_cell_key_is_the_fractional_part_of_the_sum() -> None:
    assert cell_key([Fraction(9, 10), Fraction(3, 10), Fraction(6, 10)]) == Fraction(8, 10)
    assert cell_key([Fraction(9, 10), Fraction(1, 10)]) == 0
    assert cell_key([]) == 0


@pytest.mark.parametrize("key", [Fraction(-1, 10), Fraction(1), Fraction(3, 2)])
def test_a_record_key_outside_zero_to_one_is_refused(key: Fraction) -> None:
    with pytest.raises(BadInputError, match="record key"):
        cell_key([Fraction(1, 2), key])


@given(st.lists(KEYS, max_size=6))
def test_neither_the_order_of_units_nor_the_way_they_are_added_up_changes_a_cell_key(keys: list[Fraction]) -> None:
    other = sorted(keys)
    assert cell_key(keys) == cell_key(other)
    assert cell_key([cell_key(keys[:3]), cell_key(keys[3:])]) == cell_key(keys)


def test_a_record_key_follows_from_unit_data_set_and_secret_and_from_nothing_else() -> None:
    one = record_key(["R", "17"], SECRET, data_set="persons")
    assert one == record_key(("R", "17"), SECRET, data_set="persons")
    assert 0 <= one < 1
    others = [
        record_key(["R1", "7"], SECRET, data_set="persons"),
        record_key(["R", "18"], SECRET, data_set="persons"),
        record_key(["R", "17"], SECRET, data_set="jobs"),
        record_key(["R", "17"], OTHER, data_set="persons"),
        record_key(["persons", "R", "17"], SECRET, data_set=""),
    ]
    assert len({one, *others}) == 6


def test_record_keys_are_spread_evenly() -> None:
    keys = [record_key([str(n)], SECRET, data_set="persons") for n in range(10_000)]
    tenths = Counter(int(10 * key) for key in keys)
    assert set(tenths) == set(range(10))
    assert all(abs(n - 1000) < 5 * 30 for n in tenths.values())  # five standard deviations


@pytest.mark.parametrize(("secret", "reason"), [(bytes(range(31)), "too short"), (b"a" * 32, "repeated")])
def test_a_secret_is_long_and_no_byte_repeated(secret: bytes, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        OfficeSecret(secret)


def test_a_secret_does_not_show_itself() -> None:
    assert repr(SECRET) == "OfficeSecret()"


# -------------------------------------------------------------------------------------------------- perturbation tables


@pytest.mark.parametrize("name", DESIGNS)
def test_a_table_of_another_package_is_read_and_every_row_is_right_on_average(name: str) -> None:
    read, design = table(name), DESIGNS[name]
    assert read.largest == design.largest
    for n, row in read.rows.items():
        assert sum(row.probabilities) == pytest.approx(1, abs=1e-9)
        assert abs(row.mean) < Fraction(1, 10**6)
        assert row.variance <= design.variance + Fraction(1, 10**6)
        assert not {n + v for v in row.perturbations} & set(range(1, design.hidden + 1))


@pytest.mark.parametrize("name", DESIGNS)
def test_the_table_of_largest_entropy_is_that_of_the_other_package(name: str) -> None:
    made, read = perturbation_table(DESIGNS[name]), table(name)
    assert list(made.rows) == list(read.rows)
    for n, row in read.rows.items():
        assert made.rows[n].perturbations == row.perturbations
        # The other package stops its search at about seven decimals.
        assert [float(p) for p in made.rows[n].probabilities] == pytest.approx(
            [float(p) for p in row.probabilities], abs=2e-7
        )


@pytest.mark.parametrize("name", DESIGNS)
def test_no_other_distribution_with_the_same_mean_and_variance_has_more_entropy(name: str) -> None:
    last = list(perturbation_table(DESIGNS[name]).rows.values())[-1]
    steps = np.array(last.perturbations, dtype=float)
    p = np.array([float(one) for one in last.probabilities])
    free = steps != 0 if DESIGNS[name].stays is not None else np.ones(len(p), dtype=bool)
    facts = np.array([np.ones(len(p)), steps, steps**2])[:, free]
    entropy = -(p * np.log(p)).sum()
    moved = 0
    for direction in np.linalg.svd(facts)[2][3:]:
        for size in (0.001, -0.001):
            other = p.copy()
            other[free] += size * direction * p[free].min()
            assert (other > 0).all()
            assert -(other * np.log(other)).sum() < entropy + 1e-9
            moved += 1
    assert moved or len(p) < 5


def test_a_variance_that_no_row_can_have_is_refused() -> None:
    with pytest.raises(BadInputError, match="no distribution"):
        perturbation_table(
            Design(5, Fraction(1), hidden=2)
        )  # -1 or at least +2 of a count of 1: a variance of 2 or more


@pytest.mark.parametrize(
    "asked",
    [
        {"largest": 0}, {"largest": 101}, {"variance": Fraction(0)}, {"variance": Fraction(26)}, {"hidden": 5},
        {"hidden": -1}, {"stays": Fraction(0)}, {"stays": Fraction(1)},
    ],
)  # fmt: skip
def test_a_design_that_makes_no_sense_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(BadInputError):
        Design(**{"largest": 5, "variance": Fraction(3), **asked})  # type: ignore[arg-type]


def test_a_table_that_was_made_is_read_back_from_its_file() -> None:
    made = perturbation_table(DESIGNS["D5V3"])
    assert perturbation_table_from(perturbation_csv(made), "made") == made


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("i,v\n0,0\n", "other columns"),
        ("i,v,p,secret\n0,0,1,x\n", "other columns"),
        ("i,v,p,p\n0,0,1,1\n", "other columns"),
        ("", "other columns"),
        ("i,v,p\n0,0,1\n1,x,1\n", "Line 3"),
        ("i,v,p\n0,0,1\n1,0,1.5\n", "Line 3"),
        ("i,v,p\n0,0,1\n1,0\n", "Line 3"),
        ("i,v,p,type\n0,0,1,all\n1,0,1,odd\n", "Line 3"),
    ],
)
def test_a_file_that_is_no_perturbation_table_is_refused_by_its_line(text: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        perturbation_table_from(text.encode(), "table.csv")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("1,0,1", "for 0, 1"),
        ("0,0,1", "for 0, 1"),
        ("0,0,1\n2,0,1", "for 0, 1"),
        ("0,1,1\n1,0,1", "on average"),
        ("0,-1,0.5\n0,1,0.5\n1,0,1", "negative"),
        ("0,0,1\n1,-2,0.5\n1,2,0.5", "negative"),
        ("0,0,1\n1,0,0.9", "add up to 1"),
        ("0,0,1\n1,-1,0.4\n1,0,0.1\n1,1,0.5", "on average"),
        ("0,0,1\n1,1,0.5\n1,-1,0.5", "ascending"),
        ("0,0,1\n1,0,0.5\n1,0,0.5", "ascending"),
    ],
)
def test_rows_that_are_no_perturbation_table_are_refused(rows: str, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        perturbation_table_from(f"i,v,p\n{rows}\n".encode(), "table.csv")


def test_a_file_that_is_a_link_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(DATA / "perturbation_table_D2V1.csv")
    for name in ("link.csv", "none.csv"):
        with pytest.raises(DataError):
            read_perturbation_table(tmp_path / name)


# --------------------------------------------------------------------------------------------------- perturbed figures


@pytest.mark.parametrize(("key", "v"), [("0", -1), ("0.3", -1), ("0.300001", 0), ("0.7", 0), ("0.700001", 1)])
def test_the_interval_that_holds_the_key_says_what_is_added_its_upper_end_included(key: str, v: int) -> None:
    row = Row((-1, 0, 1), (Fraction(3, 10), Fraction(4, 10), Fraction(3, 10)))
    assert row.at(Fraction(key)) == v


@pytest.mark.parametrize("key", [Fraction(1), Fraction(-1, 2)])
def test_a_key_outside_zero_to_one_is_refused(key: Fraction) -> None:
    with pytest.raises(BadInputError, match="cell key"):
        perturbed_count(3, key, table("D2V1"))


@given(KEYS, st.integers(0, 30), st.sampled_from(sorted(DESIGNS)))
def test_a_perturbed_count_is_a_count_at_most_d_off_and_zero_stays(key: Fraction, n: int, name: str) -> None:
    read, design = table(name), DESIGNS[name]
    found = perturbed_count(n, key, read)
    assert found >= 0
    assert abs(found - n) <= design.largest
    assert found == 0 if n == 0 else not 1 <= found <= design.hidden


def test_counts_beyond_the_last_row_are_perturbed_by_the_last_row() -> None:
    read = table("D2V1")
    assert read.row(2) is read.row(3) is read.row(1_000_000)
    assert read.row(1) is not read.row(2)


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return pd.read_csv(DATA / "cell_key_expected.csv")


@pytest.fixture(scope="module")
def keyed() -> pd.DataFrame:
    frame = pd.concat(
        [pd.read_csv(DATA / f"enterprises{part}.csv", dtype=str) for part in ("", "_record_keys")], axis=1
    )
    return frame.assign(key=pd.Series([Fraction(one) for one in frame["record_key"]], dtype=object))


def in_cell(keyed: pd.DataFrame, region: str, sector: str) -> pd.DataFrame:
    for name, label in (("region", region), ("sector", sector)):
        if label != "Total":
            keyed = keyed[keyed[name].str.startswith(label)]
    return keyed


@pytest.mark.parametrize("name", DESIGNS)
def test_two_thousand_enterprises_are_perturbed_as_by_another_package(
    name: str, keyed: pd.DataFrame, expected: pd.DataFrame
) -> None:
    read, changed = table(name), 0
    for cell in expected.to_dict("records"):
        units = in_cell(keyed, cell["region"], cell["sector"])
        assert len(units) == cell["count"]
        key = cell_key(units["key"])
        assert perturbed_count(len(units), key, read) == cell[name]
        changed += cell[name] != cell["count"]
        if name == "D5V3js2":
            weighted = Fraction(int(units["weight"].astype(int).sum()))
            assert weighted == cell["weighted_count"]
            found = perturbed_weighted_count(len(units), weighted, key, read)
            assert float(found) == pytest.approx(cell["weighted_D5V3js2"], rel=1e-12)
    assert len(expected) == 130
    assert changed == {"D2V1": 78, "D5V3": 102, "D8V2": 95, "D5V3js2": 60}[name]


def test_a_weighted_count_of_nothing_stays() -> None:
    assert perturbed_weighted_count(0, Fraction(0), Fraction(1, 2), table("D2V1")) == 0


def test_magnitudes_as_the_handbook_has_them() -> None:
    plain, step = Row((-1, 0, 1), (Fraction(3, 10), Fraction(4, 10), Fraction(3, 10))), Fraction(1)
    still = Row((0,), (step,))
    made, key = PerturbationTable({0: still, 1: still, 2: still, 3: plain}), Fraction(8, 10)
    assert perturbed_magnitude(Fraction(300), Fraction(200), Fraction("0.5"), key, made) == 400
    assert perturbed_magnitude(Fraction(300), Fraction(200), Fraction("0.6"), key, made) == 360
    assert perturbed_magnitude(Fraction(-300), Fraction(200), Fraction("0.5"), key, made) == -200
    assert perturbed_magnitude(Fraction(0), Fraction(0), Fraction("0.5"), key, made) == 0


@pytest.mark.parametrize(("total", "largest", "share"), [(1, 0, "0.5"), (1, -1, "0.5"), (1, 1, "0"), (1, 1, "-1")])
def test_magnitudes_that_make_no_sense_are_refused(total: int, largest: int, share: str) -> None:
    with pytest.raises(BadInputError):
        perturbed_magnitude(Fraction(total), Fraction(largest), Fraction(share), Fraction(1, 2), table("D2V1"))


# ----------------------------------------------------------------------------------------------------- random rounding


@pytest.mark.parametrize(
    ("n", "draw", "shown"),
    [(3, "0", 3), (4, "0", 6), (4, "0.333333", 6), (4, "1/3", 3), (5, "0.666666", 6), (5, "2/3", 3), (0, "0", 0)],
)
def test_a_residual_goes_up_with_probability_residual_over_base(n: int, draw: str, shown: int) -> None:
    assert rounded_by_draw(n, 3, Fraction(draw)) == shown


@given(st.integers(0, 1000), st.integers(2, 60))
def test_over_all_draws_a_rounded_count_is_right_on_average(n: int, base: int) -> None:
    # Draws at the middles of as many equal parts as the base: each stands for its part exactly.
    draws = [Fraction(2 * part + 1, 2 * base) for part in range(base)]
    rounded = [rounded_by_draw(n, base, draw) for draw in draws]
    assert Fraction(sum(rounded), base) == n
    for shown in rounded:
        low, high = random_rounding_interval(shown, base)
        assert shown % base == 0
        assert low <= n <= high


def test_the_same_units_are_rounded_alike_however_often_a_table_is_made() -> None:
    keys = [record_key([str(n)], SECRET, data_set="persons") for n in range(300)]
    cells = [keys[start : start + 7] for start in range(0, 294, 7)]
    first = [rounded_at_random(7, 3, cell_key(cell), SECRET) for cell in cells]
    again = [rounded_at_random(7, 3, cell_key(reversed(cell)), SECRET) for cell in cells]
    assert first == again
    assert set(first) == {6, 9}
    assert first != [rounded_at_random(7, 3, cell_key(cell), OTHER) for cell in cells]


def test_about_one_in_three_goes_up_from_a_residual_of_one() -> None:
    keys = [record_key([str(n)], SECRET, data_set="persons") for n in range(3000)]
    up = sum(rounded_at_random(1, 3, key, SECRET) == 3 for key in keys)
    assert abs(up - 1000) < 5 * 26  # five standard deviations


def test_the_draw_of_random_rounding_is_not_the_cell_key_itself() -> None:
    key = Fraction(1, 4)
    draws = {key, *(derived_draw(key, SECRET, purpose=one) for one in ("random rounding", "another"))}
    assert len(draws) == 3


@pytest.mark.parametrize(("n", "base"), [(-1, 3), (4, 1), (4, 0)])
def test_a_negative_count_and_a_base_below_two_are_refused(n: int, base: int) -> None:
    with pytest.raises(BadInputError):
        rounded_by_draw(n, base, Fraction(1, 2))
