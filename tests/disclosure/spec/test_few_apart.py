"""Outputs of one call, one basket or one request that are the same but for few units do not go together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines.few_differ import few_differ
from disclosure.errors import RefusedError
from disclosure.model.verdicts import Inconclusive, Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.protection.undone import Shown
from disclosure.protection.variants import differ_in_few
from tests.disclosure import beside
from tests.disclosure.support import UNIT

ONE = 7


def people(n: int = 400) -> pd.DataFrame:
    chance = np.random.default_rng(5)
    frame = pd.DataFrame({UNIT: range(n), "area": ["a", "b"] * (n // 2), "sex": ["f", "f", "m", "m"] * (n // 4)})
    frame["income"] = np.round(chance.lognormal(10, 0.4, n))
    frame["benefit"] = np.round(chance.lognormal(8, 0.6, n))
    frame["job"] = chance.integers(0, 2, n)
    frame.loc[ONE, "job"] = 0
    frame["less"] = frame.income.where(frame.index != ONE, 0)
    return frame


FRAME = people()


def alone(frame: pd.DataFrame = FRAME, **asked: Any) -> Output:
    out = sdc.table(frame, **{"values": "income", "statistic": "sum", "unit": UNIT, "policy": "cbs", **asked})
    assert isinstance(out, Output)
    return out


def below(line: float) -> pd.Series:
    return (line > FRAME.income).astype(int)


LINE = 20000.0
ABOVE = sorted(one for one in FRAME.income[FRAME.area == "a"] if one >= LINE)
MIXED = FRAME.assign(
    double=(2 * FRAME.income).where(FRAME.index != ONE, 0),
    total=(FRAME.income + FRAME.benefit).where(FRAME.index != ONE, FRAME.benefit),
    poor=below(LINE),
    poorer=below(ABOVE[0] + 1),
    others=(1 - FRAME.job).where(FRAME.index != ONE, 0),
    far=below(ABOVE[30]),
)


@pytest.mark.parametrize(
    ("asked", "few"),
    [
        ({"poor": "rate", "poorer": "rate"}, True),
        ({"income": "sum", "less": "mean"}, True),
        ({"income": "sum", "double": "sum"}, True),
        ({"income": "var", "less": "var"}, True),
        ({"income": "gini", "less": "sum"}, True),
        ({"income": "sum", "benefit": "sum", "total": "sum"}, True),
        ({"job": "rate", "others": "rate"}, True),
        ({"poor": "rate", "far": "rate"}, False),
        ({"income": ["sum", "mean"], "benefit": ["sum", "mean", "std"], "job": "rate"}, False),
        ({"income": "sum", "less": "median"}, False),
    ],
    ids=lambda one: " and ".join(one) if isinstance(one, dict) else "",
)
def test_measures_of_one_call_that_differ_for_few_units_are_inconclusive(asked: dict[str, Any], *, few: bool) -> None:
    outs = sdc.table(MIXED, rows="area", statistic=asked, unit=UNIT, policy="cbs")
    assert isinstance(outs, Outputs)
    assert (outs.verdict.status is Status.INCONCLUSIVE) is few
    if isinstance(outs.verdict, Inconclusive):
        assert all("for few units" in str(what) or "a difference of" in str(what) for what in outs.verdict.missing)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"values": "less"}),
        ({"rows": "area"}, {"values": "less", "rows": "sex"}),
        ({"rows": "area"}, {"values": "less", "statistic": "mean"}),
        ({}, {"frame": FRAME.iloc[1:]}),
        (
            {"values": None, "statistic": "count", "rows": "area"},
            {"values": None, "statistic": "count", "frame": FRAME.iloc[:-1].sample(frac=1, random_state=2)},
        ),
        ({}, {"frame": FRAME.assign(own=np.where(FRAME.index == ONE, 2.0, 1.0)), "weights": "own"}),
        (
            {"statistic": "concentration_ratio", "options": {"largest": 10}},
            {"statistic": "concentration_ratio", "options": {"largest": 11}},
        ),
        (
            {"statistic": "trimmed_mean", "options": {"trim": 0.1}},
            {"statistic": "trimmed_mean", "options": {"trim": 0.11}},
        ),
        (
            {"statistic": "poverty_rate", "options": {"line": LINE}},
            {"statistic": "poverty_rate", "options": {"line": min(ABOVE) + 1}},
        ),
    ],
    ids=["values", "dimensions", "statistics", "rows", "counts", "weights", "largest", "trim", "lines"],
)
def test_the_basket_takes_one_of_two_outputs_that_differ_for_few_units(
    first: dict[str, Any], then: dict[str, Any]
) -> None:
    one, other = alone(**first), alone(**then)
    assert one.verdict.status is other.verdict.status is Status.SAFE
    basket = Basket()
    basket.add(one, name="one", **beside.TOLD)
    with pytest.raises(RefusedError, match="the same but for few units") as refused:
        basket.add(other, name="other", **beside.TOLD)
    assert "remove('one')" in str(refused.value.hint)
    assert [each.name for each in basket.outputs] == ["one"]


def test_an_ordinary_basket_is_taken() -> None:
    basket = Basket()
    outs = (
        alone(rows="area"),
        alone(rows="sex"),
        alone(rows=("area", "sex"), statistic="mean"),
        alone(rows="area", values="benefit"),
        alone(rows="sex", values="job", statistic="rate"),
        alone(values=None, statistic="count", rows="area"),
        alone(values=None, statistic="count", rows="sex", frame=FRAME[FRAME.area == "a"]),
        alone(statistic="median", rows="area"),
        alone(statistic="gini", rows="area"),
        alone(statistic="poverty_rate", options={"line": LINE}),
        alone(statistic="poverty_rate", options={"line": ABOVE[30]}),
    )
    for place, out in enumerate(outs):
        basket.add(out, name=f"o{place}", **beside.TOLD)
    assert len(basket) == len(outs)


@pytest.mark.parametrize(("units", "few"), [(0, False), (1, True), (9, True), (10, False)])
def test_columns_differ_for_no_unit_or_for_the_minimum(units: int, *, few: bool) -> None:
    frame = FRAME.assign(other=FRAME.income + np.where(FRAME.index < units, 5, 0), all="x")
    assert bool(few_differ(frame, [UNIT], ["all"], ["income", "other"], 10)) is few
    thrice = frame.assign(other=3 * FRAME.income + np.where(FRAME.index < units, 5, 0))
    assert bool(few_differ(thrice, [UNIT], ["all"], ["income", "other"], 10)) is few


SHIFTED = {
    "an amount more": FRAME.income + 1000,
    "less than an amount": 90_000 - FRAME.income,
    "a multiple and an amount more": 2.5 * FRAME.income + 777.77,
    "a third": FRAME.income / 3 + 5,
    "another amount in each area": FRAME.income + np.where(FRAME.area == "a", 1000, 2000),
    "another multiple in each area": np.where(FRAME.area == "a", 2, 3) * FRAME.income + 100,
    "far away": FRAME.income + 10_000_000,
}


@pytest.mark.parametrize("name", SHIFTED)
@pytest.mark.parametrize(("units", "few"), [(0, False), (1, True), (9, True), (10, False)])
def test_an_amount_that_most_have_in_common_is_taken_off(name: str, units: int, *, few: bool) -> None:
    apart = FRAME.index[FRAME.area == "a"][:units]
    frame = FRAME.assign(other=SHIFTED[name].where(~FRAME.index.isin(apart), 1000 + 13.5 * FRAME.index.to_series()))
    for columns in (["income", "other"], ["other", "income"]):
        assert bool(few_differ(frame, [UNIT], ["area"], columns, 10)) is few
        assert bool(few_differ(frame, [UNIT], ["area"], columns, 10, counted=False)) is few


@pytest.mark.parametrize("place", [0, 5, 9])
def test_in_a_cell_of_few_units_at_most_half_are_apart(place: int) -> None:
    own = FRAME.iloc[:10].assign(other=lambda one: one.income + 1000)
    for units, few in ((1, True), (5, True), (6, False)):
        apart = np.roll(np.arange(10) < units, place)
        frame = own.assign(other=own.other.where(~apart, own.index.to_numpy() ** 3 + 17.25))
        assert bool(few_differ(frame, [UNIT], [], ["income", "other"], 10)) is few
    assert (
        few_differ(own.iloc[:9].assign(other=own.other.where(own.index != 3, 0)), [UNIT], [], ["income", "other"], 10)
        == ()
    )


def test_those_apart_may_be_the_lowest_and_the_highest() -> None:
    ordered = FRAME.sort_values("income").reset_index(drop=True)
    ends = [*range(4), *range(395, 400)]
    frame = ordered.assign(other=(ordered.income + 1000).where(~ordered.index.isin(ends), 5.0 + ordered.index))
    assert few_differ(frame, [UNIT], [], ["income", "other"], 10) == (("income", "other"),)


def test_one_is_told_of_where_the_others_were_only_rounded() -> None:
    rounded = (2.5 * FRAME.income + 1000).round(-1)
    frame = FRAME.assign(other=rounded)
    assert few_differ(frame, [UNIT], ["area"], ["income", "other"], 10) == ()
    frame.loc[ONE, "other"] = 1000
    assert few_differ(frame, [UNIT], ["area"], ["income", "other"], 10) == (("income", "other"),)


@pytest.mark.parametrize(("first", "few"), [(40_000, True), (2_000, True), (150, False)])
def test_one_is_told_of_if_what_the_others_come_to_by_chance_is_a_fifth_of_it(first: int, *, few: bool) -> None:
    wobble = np.where(FRAME.index % 2, 2, -2)  # 400 units are 800 apart, all together, and by chance 40 to 57
    frame = FRAME.assign(income=1000.0 * FRAME.index + 50_000)
    frame["other"] = 3 * frame.income + 700 + wobble
    frame["other"] += np.where(frame.index == ONE, first, 0)
    assert bool(few_differ(frame, [UNIT], [], ["income", "other"], 10)) is few


@pytest.mark.parametrize("seed", range(3))
def test_columns_of_one_person_that_ordinarily_go_together_stay(seed: int) -> None:
    chance, n = np.random.default_rng(seed), 3000
    income = np.round(chance.lognormal(10, 0.5, n))
    taxed = np.where(income < 30_000, 0.63 * income + 2000, 0.5 * income + 5900)
    hours = chance.choice([0, 8, 16, 24, 32, 36, 40], n)
    children = chance.choice(5, n, p=[0.5, 0.2, 0.2, 0.07, 0.03])
    frame = pd.DataFrame({UNIT: range(n), "wijk": chance.integers(0, 15, n), "income": income})
    frame["after_tax"] = np.round(taxed)
    frame["next_year"] = np.round(np.where(chance.random(n) < 0.6, 1.02, chance.uniform(0.7, 1.4, n)) * income)
    frame["hours"], frame["overtime"] = hours, np.where(chance.random(n) < 0.3, chance.integers(1, 10, n), 0)
    frame["children"], frame["persons"] = children, children + chance.integers(1, 3, n)
    frame["allowance"] = np.where(children > 0, 250 * children + 100 * chance.integers(0, 5, n), 0)
    frame["age"], frame["born"] = 2024 - (1930 + hours), 1930 + hours
    columns = [str(name) for name in frame if name not in (UNIT, "wijk")]
    for pair in [
        ("income", "after_tax"),
        ("income", "next_year"),
        ("hours", "overtime"),
        ("children", "persons"),
        ("children", "allowance"),
        ("age", "born"),
    ]:
        assert few_differ(frame, [UNIT], ["wijk"], pair, 10) == ()
    assert few_differ(frame, [UNIT], ["wijk"], columns, 10) == ()


@pytest.mark.parametrize(
    ("asked", "few"),
    [
        ({"income": ["sum", "std"], "square": "sum"}, True),
        ({"income": ["mean", "var"], "square": "mean"}, True),
        ({"income": ["sum", "hhi"], "square": "sum"}, True),
        ({"income": ["mean", "skew"], "cube": "mean"}, True),
        ({"income": ["mean", "std"], "cube": "mean"}, False),
        ({"income": "mean", "square": "mean"}, False),
        ({"income": ["mean", "std"], "whole_square": "mean"}, False),
    ],
    ids=lambda one: " and ".join(one) if isinstance(one, dict) else "",
)
def test_powers_of_a_column_count_where_a_figure_tells_their_sum(asked: dict[str, Any], *, few: bool) -> None:
    frame = FRAME.assign(income=FRAME.income / 1000)
    frame = frame.assign(
        square=(frame.income**2).where(FRAME.index != ONE, 0),
        cube=(frame.income**3).where(FRAME.index != ONE, 0),
        whole_square=frame.income**2,
    )
    outs = sdc.table(frame, statistic=asked, unit=UNIT, policy="cbs")
    assert isinstance(outs, Outputs)
    assert (outs.verdict.status is Status.INCONCLUSIVE) is few


def test_a_shifted_copy_but_for_one_goes_beside_the_column_in_no_way() -> None:
    frame = FRAME.assign(shifted=(FRAME.income + 1000).where(FRAME.index != ONE, 1000))
    for asked in (
        {"income": "sum", "shifted": "mean"},
        {"income": "mean", "shifted": "sum"},
        {"income": "std", "shifted": "std"},
    ):
        outs = sdc.table(frame, rows="area", statistic=asked, unit=UNIT, policy="cbs")
        assert isinstance(outs, Outputs)
        assert outs.verdict.status is Status.INCONCLUSIVE
    basket = Basket()
    basket.add(alone(frame), name="one", **beside.TOLD)
    with pytest.raises(RefusedError, match="the same but for few units"):
        basket.add(alone(frame, values="shifted"), name="other", **beside.TOLD)


def test_rows_of_a_unit_are_added_up_first() -> None:
    twice = pd.concat([FRAME, FRAME]).assign(other=np.concatenate([FRAME.income, FRAME.income]))
    moved = twice.reset_index(drop=True)
    moved["other"] += np.where(moved.index == ONE, 100, 0)
    assert few_differ(moved, [UNIT], ["area"], ["income", "other"], 10) == (("income", "other"),)
    moved["other"] -= np.where(moved.index == ONE + len(FRAME), 100, 0)
    assert few_differ(moved, [UNIT], ["area"], ["income", "other"], 10) == ()


@pytest.mark.parametrize(("up", "down", "few"), [(0, 2, True), (1, 2, True), (2, 2, True), (4, 5, True), (5, 5, False)])
def test_zeros_and_ones_that_few_units_change_tell_of_these_whichever_way(up: int, down: int, *, few: bool) -> None:
    """As many up as down leave the totals as they are, and that they do tells what those had who were changed."""
    frame = pd.DataFrame({UNIT: range(80), "one": [1] * 40 + [0] * 40})
    other = [*[0] * down, *[1] * (40 - down), *[1] * up, *[0] * (40 - up)]
    for counted in (True, False):
        found = few_differ(frame.assign(other=other), [UNIT], [], ["one", "other"], 10, counted=counted)
        assert bool(found) is few


@pytest.mark.parametrize("down", [1, 0])
def test_that_a_change_cancels_out_does_not_make_two_rates_go_together(down: int) -> None:
    up = FRAME.index[FRAME.job == 0][3]
    changed = FRAME.assign(job=FRAME.job.where(FRAME.index != up, 1))
    if down:
        changed["job"] = changed.job.where(FRAME.index != FRAME.index[FRAME.job == 1][3], 0)
    assert not goes_beside(alone(statistic="rate", values="job"), alone(changed, statistic="rate", values="job"))


@pytest.mark.parametrize("base", [10, 100, 1000])
@pytest.mark.parametrize("scaled", [True, False])
def test_of_a_rounded_copy_one_who_was_not_rounded_is_told_of(base: int, *, scaled: bool) -> None:
    few = FRAME.assign(cell=np.where(FRAME.index < 25, "small", "large"))
    rounded = (few.income / base).round() * (1 if scaled else base)
    assert few_differ(few.assign(other=rounded), [UNIT], ["cell"], ["income", "other"], 10) == ()
    but_one = rounded.where(few.index != ONE, 0)
    assert few_differ(few.assign(other=but_one), [UNIT], ["cell"], ["income", "other"], 10) == (("income", "other"),)
    basket = Basket()
    basket.add(alone(few, rows="cell"), name="one", **beside.TOLD)
    with pytest.raises(RefusedError, match="the same but for few units"):
        basket.add(alone(few.assign(other=but_one), rows="cell", values="other"), name="other", **beside.TOLD)


def test_what_the_roundings_of_many_come_to_hides_one_who_was_not_rounded() -> None:
    many = people(40_000)
    rounded = many.assign(other=((many.income / 1000).round() * 1000).where(many.index != ONE, 0))
    assert few_differ(rounded, [UNIT], [], ["income", "other"], 10) == ()
    assert few_differ(rounded.head(50), [UNIT], [], ["income", "other"], 10) == (("income", "other"),)


def test_texts_and_a_single_column_are_left_out() -> None:
    assert few_differ(FRAME.assign(words="x"), [UNIT], [], ["income", "words"], 10) == ()
    assert few_differ(FRAME.iloc[:0], [UNIT], [], ["income", "less"], 10) == ()


def test_totals_that_are_the_same_in_most_cells_may_differ_for_enough_units_in_others() -> None:
    apart = FRAME.assign(less=FRAME.income.where((FRAME.area != "a") | (FRAME.sex != "f"), FRAME.benefit))
    first, last = (alone(apart, rows=("area", "sex"), values=name) for name in ("income", "less"))
    assert not differ_in_few(Shown(first.table), Shown(last.table))
    assert goes_beside(first, last)


def test_the_number_of_units_counts_where_it_is_known() -> None:
    frame = pd.DataFrame({UNIT: range(40), "one": [1] * 20 + [0] * 20, "other": [0] * 19 + [1] * 21})
    assert few_differ(frame, [UNIT], [], ["one", "other"], 10) == (("one", "other"),)
    assert few_differ(frame, [UNIT], [], ["one", "other"], 10, counted=False) == ()


@pytest.mark.parametrize(
    ("other", "second"),
    [
        (FRAME.income + 20, "inconclusive"),
        (3 * FRAME.income, "inconclusive"),
        (-FRAME.income, "inconclusive"),
        (np.log(FRAME.income), "inconclusive"),
        (FRAME.income + FRAME.benefit, "safe"),
    ],
    ids=["an amount more", "a multiple", "less than nothing", "a logarithm", "another column"],
)
def test_quantiles_are_of_one_form_of_a_column(other: pd.Series, second: str) -> None:
    frame = FRAME.assign(other=other)
    outs = sdc.table(frame, values=["income", "other"], statistic=["median", "p25"], unit=UNIT, policy="cbs")
    found = {name: out.verdict.status.value for name, out in outs.items()}  # type: ignore[union-attr]
    assert found == {
        "median of income": "safe",
        "p25 of income": "safe",
        "median of other": second,
        "p25 of other": second,
    }


def few_of(name: str, frame: pd.DataFrame = FRAME) -> Output:
    """Return an output of one of the many kinds that show how many units there are, or more."""
    told: dict[str, Any] = {"unit": UNIT, "policy": "cbs"}
    made: dict[str, Any] = {
        "odds ratio": lambda: sdc.odds_ratio(frame, outcome="job", exposure="woman", **told),
        "risk ratio": lambda: sdc.risk_ratio(frame, outcome="job", exposure="woman", **told),
        "survival": lambda: sdc.survival(frame, duration="months", event="job", period=12, **told),
        "total percent": lambda: alone(frame, values=None, rows="sex", columns="job", statistic="total_percent"),
        "row percent": lambda: alone(frame, values=None, rows="sex", columns="job", statistic="row_percent"),
        "correlation": lambda: sdc.correlation(frame, "income", "benefit", **told),
        "t test": lambda: sdc.t_test(frame, value="income", group="sex", **told),
        "model": lambda: sdc.model("income ~ benefit", frame, family="ols", **told),
        "lorenz": lambda: alone(frame, statistic="lorenz"),
        "count": lambda: alone(frame, values=None, rows="area", statistic="count"),
        "mean": lambda: alone(frame, rows="area", statistic="mean"),
        "median": lambda: alone(frame, rows="area", statistic="median"),
    }
    out = made[name]()
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE
    return out


PEOPLE = people(2000).assign(months=lambda frame: 1 + frame[UNIT] * 7 % 36, woman=lambda frame: (frame.sex == "f") * 1)
KINDS = ("odds ratio", "risk ratio", "survival", "total percent", "row percent", "correlation", "t test", "model")


def goes_beside(first: Output, then: Output) -> bool:
    return beside.goes_beside(first, then, hint="drop the missing rows first")


@pytest.mark.parametrize("name", [*KINDS, "lorenz", "mean", "count"])
def test_whatever_is_shown_rows_without_few_units_do_not_go_beside_all_rows(name: str) -> None:
    assert not goes_beside(few_of(name, PEOPLE), few_of(name, PEOPLE[PEOPLE[UNIT] != ONE]))
    assert not goes_beside(few_of("count", PEOPLE), few_of(name, PEOPLE[PEOPLE[UNIT] != ONE]))


@pytest.mark.parametrize(("units", "goes"), [(1, False), (9, False), (10, True)])
def test_the_minimum_of_units_may_be_in_the_rows_of_one_output_only(units: int, *, goes: bool) -> None:
    # Every unit that is left out is of one cell of the four counts of an odds ratio, and of one step of the curve.
    cell = PEOPLE[(PEOPLE.woman == 1) & (PEOPLE.job == 1) & (PEOPLE.months <= 12)].index[:units]
    for name in ("odds ratio", "total percent", "survival"):
        assert goes_beside(few_of(name, PEOPLE), few_of(name, PEOPLE.drop(index=cell))) is goes


def test_of_enough_units_left_out_few_may_be_of_one_cell_of_the_four_counts() -> None:
    women = PEOPLE[(PEOPLE.woman == 1) & (PEOPLE.job == 1)].index[:30]
    man = PEOPLE[(PEOPLE.woman == 0) & (PEOPLE.job == 1)].index[:1]
    fewer = PEOPLE.drop(index=women.append(man))
    assert not goes_beside(few_of("odds ratio", PEOPLE), few_of("odds ratio", fewer))
    assert goes_beside(few_of("odds ratio", PEOPLE), few_of("odds ratio", PEOPLE.drop(index=women)))


def test_a_value_that_few_units_lack_leaves_their_rows_out_where_units_are_shown() -> None:
    lacking = PEOPLE.assign(job=PEOPLE.job.where(PEOPLE[UNIT] != ONE).astype("float64"))
    assert not goes_beside(few_of("odds ratio", PEOPLE), few_of("odds ratio", lacking))
    unknown = PEOPLE.assign(months=PEOPLE.months.where(PEOPLE[UNIT] != ONE))
    assert not goes_beside(few_of("count", PEOPLE), few_of("survival", unknown))
    # The mean of another column tells nothing of who lacks this one.
    assert goes_beside(few_of("count", lacking), few_of("mean", lacking))


def test_units_that_make_up_for_others_are_told_of_by_other_figures_than_counts() -> None:
    one, other = PEOPLE[PEOPLE[UNIT] != ONE], PEOPLE[PEOPLE[UNIT] != ONE + 2]
    assert goes_beside(few_of("count", one), few_of("count", other))
    assert not goes_beside(few_of("correlation", one), few_of("correlation", other))


def test_a_quantile_goes_beside_one_of_few_units_less() -> None:
    assert goes_beside(few_of("median", PEOPLE), few_of("median", PEOPLE[PEOPLE[UNIT] != ONE]))


def test_keys_and_labels_of_another_type_are_compared_all_the_same() -> None:
    texts = PEOPLE.assign(area=PEOPLE.area.astype("category"))
    texts[UNIT] = PEOPLE[UNIT].astype(str)
    assert goes_beside(few_of("count", PEOPLE), few_of("count", texts))
    assert not goes_beside(few_of("count", PEOPLE), few_of("count", texts[texts[UNIT] != str(ONE)]))


def test_every_kind_of_output_over_the_same_rows_goes_into_one_basket() -> None:
    basket = Basket()
    for place, name in enumerate(("count", "mean", "median", "lorenz", *KINDS)):
        if name != "row percent":  # another version of the total percentages
            basket.add(few_of(name, PEOPLE.sample(frac=1, random_state=place)), name=f"o{place}", **beside.TOLD)
    assert len(basket) == len(KINDS) + 3


@pytest.mark.parametrize(("statistic", "goes"), [("rate", False), ("mean", False), ("sum", True)])
def test_a_zero_that_is_missing_in_the_other_is_told_of_by_all_but_sums(statistic: str, *, goes: bool) -> None:
    nobody = FRAME.assign(job=FRAME.job.where(FRAME.index != ONE).astype("float64"))
    asked: dict[str, Any] = {"values": "job", "statistic": statistic}
    assert goes_beside(alone(**asked), alone(nobody, **asked)) is goes
    assert goes_beside(alone(nobody, **asked), alone(nobody, **asked, rows="area"))


def amounts(highest: int) -> pd.DataFrame:
    """Return persons of whom 60 of an area have 50, and so many of it 1,000; most others have nothing."""
    one, other = (np.flatnonzero(FRAME.area == area) for area in "ab")
    got = np.zeros(len(FRAME))
    got[[*one[:60], *other[:90]]] = 50
    got[one[60 : 60 + highest]] = 1000
    return FRAME.assign(got=got)


COUNT: dict[str, Any] = {"values": None, "statistic": "count", "rows": "area"}


@pytest.mark.parametrize("statistic", ["sum", "mean"])
@pytest.mark.parametrize(("highest", "goes"), [(0, True), (9, False), (10, True)])
def test_a_total_of_few_amounts_beside_how_many_have_any_tells_how_many_have_each(
    highest: int, statistic: str, *, goes: bool
) -> None:
    frame = amounts(highest)
    total, who = alone(frame, values="got", rows="area", statistic=statistic), alone(frame[frame.got > 0], **COUNT)
    assert total.verdict.status is who.verdict.status is Status.SAFE
    assert goes_beside(total, who) is goes
    assert goes_beside(who, total) is goes


def test_a_count_goes_beside_figures_that_do_not_tell_who_has_what() -> None:
    frame = amounts(9)
    who = alone(frame[frame.got > 0], **COUNT)
    assert goes_beside(who, alone(frame, values="got", rows="area", statistic="median"))
    assert goes_beside(who, alone(frame, values="income", rows="area"))
    # Of everybody most have nothing: 50 and 1,000 come to the total in several ways.
    assert goes_beside(alone(frame, **COUNT), alone(frame, values="got", rows="area"))
