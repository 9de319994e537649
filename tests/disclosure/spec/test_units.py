"""What is counted: units once per cell, contributors by their total, missing values not at all, ambiguity never."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import ColumnError, IdentifierRefusedError, RecipeError
from disclosure.model.verdicts import Inconclusive, RuleName, Status
from tests.disclosure.support import UNIT, counts, failures, heads, judge, policy, shown, status, units

QUIET = policy()


def keyed(keys: object) -> pd.DataFrame:
    return pd.DataFrame({UNIT: keys}).assign(group="a")


def test_a_unit_counts_once_per_cell_however_many_rows_it_has() -> None:
    frame = keyed([1] * 30)
    out = sdc.table(frame, rows="group", unit=UNIT, policy="abs")
    assert counts(out) == {"group=a": 1, "total": 1}
    assert failures(out, RuleName.MINIMUM_COUNT) == {"group=a", "total"}
    assert out.evidence.n_rows.tolist() == [30, 30]


def test_a_unit_in_two_cells_counts_once_in_their_margin() -> None:
    frame = pd.DataFrame({UNIT: [1, 1, 2], "group": ["a", "b", "b"]})
    assert counts(judge(frame, QUIET)) == {"group=a": 1, "group=b": 2, "total": 2}


def test_what_a_count_publishes_is_distinct_units() -> None:
    frame = pd.DataFrame({UNIT: [*range(20), *range(20)], "group": "a"})
    assert shown(sdc.table(frame, rows="group", unit=UNIT, policy="abs")) == {"group=a": "20", "total": "20"}


def test_a_units_key_may_span_columns() -> None:
    frame = pd.DataFrame({"kind": ["R", "R", "F", "F"], "number": [1, 2, 1, 1], "group": "a"})
    assert counts(judge(frame, QUIET, unit=["kind", "number"])) == {"group=a": 3, "total": 3}
    assert counts(judge(frame, QUIET, unit=["number"])) == {"group=a": 2, "total": 2}
    assert counts(judge(frame, QUIET, unit=["kind"])) == {"group=a": 2, "total": 2}


def test_key_columns_are_not_run_together() -> None:
    frame = pd.DataFrame({"one": ["a", "ab"], "two": ["bc", "c"], "group": "g"})
    assert counts(judge(frame, QUIET, unit=["one", "two"]))["group=g"] == 2


@pytest.mark.parametrize(
    "keys",
    [
        ["p", "p ", " p", "p\t"],
        [1.0, 1.0, 1.0, 1.0],
        [0.0, -0.0, 0.0, -0.0],
        [Decimal(7), Decimal("7.0"), Decimal("7.00"), Decimal("7.000")],
    ],
    ids=["padding", "floats", "signed zero", "decimals"],
)
def test_one_key_written_in_several_ways_is_one_unit(keys: list[object]) -> None:
    assert counts(judge(keyed(keys), QUIET))["total"] == 1


@pytest.mark.parametrize("keys", [["p", "P"], ["1", "01"], [1, 2], ["a b", "a  b"]])
def test_different_keys_are_different_units(keys: list[object]) -> None:
    assert counts(judge(keyed(keys), QUIET))["total"] == 2


@pytest.mark.parametrize(
    "keys",
    [
        pd.array([None] * 20, dtype="object"),
        [float("nan")] * 20,
        [""] * 20,
        ["  "] * 20,
        pd.array([None] * 20, dtype="Int64"),
        [float("inf")] * 20,
        [place + 0.5 for place in range(20)],
    ],
    ids=["none", "nan", "empty", "blank", "nullable", "infinite", "fractions"],
)
def test_unit_keys_that_are_all_missing_are_inconclusive(keys: Sequence[object]) -> None:
    out = sdc.table(keyed(keys), rows="group", unit=UNIT)
    assert status(out) is Status.INCONCLUSIVE
    assert isinstance(out.verdict, Inconclusive)
    (missing,) = out.verdict.missing
    assert str(missing).startswith("unit keys: every row lacks unit")
    # A float may have a fraction instead, and its reader does not see a missing key then.
    assert ("or has a fraction there, which no key has" in str(missing)) is isinstance(keys[0], float)
    assert out.verdict.findings == ()
    assert shown(out) == {}


def test_a_key_with_a_fraction_among_whole_ones_is_told_as_such() -> None:
    frame = heads({"a": 50, "b": 50}).astype({UNIT: "float64"})
    assert status(sdc.table(frame, rows="group", unit=UNIT)) is Status.SAFE
    frame[UNIT] = frame[UNIT].where(frame.index != 17, 17.5)
    out = sdc.table(frame, rows="group", unit=UNIT)
    assert isinstance(out.verdict, Inconclusive)
    (missing,) = out.verdict.missing
    assert str(missing) == (
        "unit keys: some rows lack unit, or have a fraction there, which no key has; drop or complete them"
    )


def test_one_missing_unit_key_is_enough_to_be_inconclusive() -> None:
    frame = heads({"a": 50, "b": 50}).astype({UNIT: "Int64"})
    frame.loc[17, UNIT] = pd.NA
    out = sdc.table(frame, rows="group", unit=UNIT)
    assert isinstance(out.verdict, Inconclusive)
    assert [str(what) for what in out.verdict.missing] == ["unit keys: some rows lack unit; drop or complete them"]


def test_a_key_over_two_columns_that_is_half_missing_is_inconclusive() -> None:
    frame = heads({"a": 50}).assign(kind=pd.Series(["R"] * 49))
    assert status(judge(frame, QUIET, unit=["kind", UNIT])) is Status.INCONCLUSIVE


@pytest.mark.parametrize("unit", [None, (), []])
def test_without_a_unit_nothing_is_judged(unit: object) -> None:
    out = sdc.table(heads({"a": 50}), rows="group", unit=unit)  # type: ignore[call-overload]
    assert isinstance(out.verdict, Inconclusive)
    assert "the statistical unit" in str(out.verdict.missing[0])


def test_a_unit_column_that_the_frame_lacks_is_inconclusive_and_the_columns_that_it_has_are_listed() -> None:
    out = sdc.table(heads({"a": 50}), rows="group", unit=["123456782", UNIT])
    assert isinstance(out.verdict, Inconclusive)
    assert UNIT in str(out.verdict.missing[0])
    assert "123456782" not in str(out.verdict)


@pytest.mark.parametrize("keys", [[True, False], [[1], [2]], [b"a", b"b"]])
def test_a_column_of_a_kind_that_identifies_nobody_is_refused(keys: list[object]) -> None:
    with pytest.raises(ColumnError, match="cannot identify units"):
        judge(keyed(keys), QUIET)


def test_a_unit_column_is_no_dimension_no_value_and_no_weight() -> None:
    frame = heads({"a": 50})
    with pytest.raises(IdentifierRefusedError, match="'unit'"):
        sdc.table(frame, rows=UNIT, unit=UNIT)
    with pytest.raises(RecipeError):
        sdc.table(frame, rows="group", values=UNIT, statistic="sum", unit=UNIT)
    with pytest.raises(RecipeError):
        sdc.table(frame, rows="group", weights=UNIT, unit=UNIT)
    for name in ("Unit", "UNIT"):
        with pytest.raises(RecipeError, match="upper and lower case"):
            sdc.table(frame.assign(**{name: frame[UNIT]}), rows=name, unit=UNIT)


@pytest.mark.parametrize("name", ["RINPERSOON", "rinpersoon", "Beid", "RINADRES "])
def test_an_identifier_of_the_policy_is_refused_in_every_place_before_anything_is_tabulated(name: str) -> None:
    frame = heads({"a": 50}).assign(**{name: range(50)})
    for asked in ({"rows": name}, {"columns": name}, {"values": name, "statistic": "sum"}, {"weights": name}):
        with pytest.raises(IdentifierRefusedError, match=name.strip()):
            sdc.table(frame, unit=UNIT, **asked)  # type: ignore[call-overload]


def test_a_copy_of_the_key_under_another_name_is_a_table_of_single_units() -> None:
    frame = heads({"a": 50})
    frame["person"] = frame[UNIT]
    out = sdc.table(frame, rows="person", unit=UNIT, policy="abs")
    assert len(failures(out, RuleName.MINIMUM_COUNT)) == 50


def test_missing_values_are_not_contributors() -> None:
    frame = units({"a": [5.0, None, 7.0, 9.5, float("nan")]})
    table = judge(frame, QUIET, statistic="mean", values="value")
    assert counts(table) == {"group=a": 3, "total": 3}
    assert shown(table) == {"group=a": "7.166667", "total": "7.166667"}


def test_a_cell_whose_values_are_all_missing_has_no_figure() -> None:
    frame = units({"a": [1.0, 2.0, 3.0], "none": [None, None]})
    assert shown(judge(frame, QUIET, statistic="sum", values="value"))["group=none"] == "no_value"


def test_a_missing_category_is_a_category_of_its_own_unless_it_is_dropped() -> None:
    frame = pd.DataFrame({UNIT: range(60), "group": ["a", None, "b"] * 20})
    kept, dropped = judge(frame, QUIET), judge(frame, QUIET, dropna=True)
    assert counts(kept) == {"group=a": 20, "group=b": 20, "group=(missing)": 20, "total": 60}
    assert counts(dropped) == {"group=a": 20, "group=b": 20, "total": 40}


def test_a_row_is_dropped_if_any_of_its_categories_is_missing() -> None:
    frame = pd.DataFrame({UNIT: [1, 2, 3], "d1": ["a", None, "a"], "d2": ["x", "x", None]})
    assert counts(judge(frame, QUIET, rows=["d1", "d2"], dropna=True))["total"] == 1
    assert counts(judge(frame, QUIET, rows=["d1", "d2"]))["total"] == 3


def test_a_category_named_like_the_missing_one_is_another_category() -> None:
    frame = pd.DataFrame({UNIT: range(6), "group": ["(missing)", None, "Total"] * 2})
    table = judge(frame, QUIET)
    assert table.evidence is not None
    assert table.evidence.categories == (("(missing)", "Total", None),)
    assert table.evidence.n_units.tolist() == [2, 2, 2, 6]


def test_the_empty_text_is_a_category() -> None:
    frame = pd.DataFrame({UNIT: range(4), "group": ["", "a"] * 2})
    assert counts(judge(frame, QUIET)) == {"group=": 2, "group=a": 2, "total": 4}


def test_counts_stay_unweighted_beside_the_weighted_figure() -> None:
    frame = heads({"a": 10, "b": 20}).assign(weight=[2.5] * 10 + [4.0] * 20)
    table = judge(frame, QUIET, weights="weight")
    assert counts(table) == {"group=a": 10, "group=b": 20, "total": 30}
    assert shown(table) == {"group=a": "25", "group=b": "80", "total": "105"}
