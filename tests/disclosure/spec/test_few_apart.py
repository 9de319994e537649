"""Outputs of one call, one basket or one request that are the same but for few units do not go together."""

from __future__ import annotations

import contextlib
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
from tests.disclosure.support import UNIT

TOLD: dict[str, str] = {"title": "Persons", "population": "everybody"}
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
    basket.add(one, name="one", **TOLD)
    with pytest.raises(RefusedError, match="the same but for few units") as refused:
        basket.add(other, name="other", **TOLD)
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
        basket.add(out, name=f"o{place}", **TOLD)
    assert len(basket) == len(outs)


@pytest.mark.parametrize(("units", "few"), [(0, False), (1, True), (9, True), (10, False)])
def test_columns_differ_for_no_unit_or_for_the_minimum(units: int, *, few: bool) -> None:
    frame = FRAME.assign(other=FRAME.income + np.where(FRAME.index < units, 5, 0), all="x")
    assert bool(few_differ(frame, [UNIT], ["all"], ["income", "other"], 10)) is few
    thrice = frame.assign(other=3 * FRAME.income + np.where(FRAME.index < units, 5, 0))
    assert bool(few_differ(thrice, [UNIT], ["all"], ["income", "other"], 10)) is few


def test_rows_of_a_unit_are_added_up_first() -> None:
    twice = pd.concat([FRAME, FRAME]).assign(other=np.concatenate([FRAME.income, FRAME.income]))
    moved = twice.reset_index(drop=True)
    moved["other"] += np.where(moved.index == ONE, 100, 0)
    assert few_differ(moved, [UNIT], ["area"], ["income", "other"], 10) == (("income", "other"),)
    moved["other"] -= np.where(moved.index == ONE + len(FRAME), 100, 0)
    assert few_differ(moved, [UNIT], ["area"], ["income", "other"], 10) == ()


def test_of_zeros_and_ones_differences_both_ways_tell_nothing() -> None:
    frame = pd.DataFrame({UNIT: range(40), "one": [1] * 20 + [0] * 20})
    both_ways = [0, 0, *[1] * 18, 1, *[0] * 19]
    assert few_differ(frame.assign(other=both_ways), [UNIT], [], ["one", "other"], 10) == ()
    one_way = [0, 0, *[1] * 18, *[0] * 20]
    assert few_differ(frame.assign(other=one_way), [UNIT], [], ["one", "other"], 10) == (("one", "other"),)


def test_texts_and_a_single_column_are_left_out() -> None:
    assert few_differ(FRAME.assign(words="x"), [UNIT], [], ["income", "words"], 10) == ()
    assert few_differ(FRAME.iloc[:0], [UNIT], [], ["income", "less"], 10) == ()


def test_evidence_alone_tells_of_totals_that_are_the_same_in_most_cells() -> None:
    first, last = (alone(rows=("area", "sex"), values=name) for name in ("income", "less"))
    turned = alone(rows=("sex", "area"), values="less")
    other = alone(rows=("area", "sex"), values="benefit")
    assert differ_in_few(Shown(first.table), Shown(last.table))
    assert differ_in_few(Shown(first.table), Shown(turned.table))
    assert not differ_in_few(Shown(first.table), Shown(other.table))
    assert not differ_in_few(Shown(first.table), Shown(alone(rows=("area", "sex")).table))
    whole = alone(values="less")
    assert not differ_in_few(Shown(first.table), Shown(whole.table))


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
    basket = Basket()
    basket.add(first, name="one", **TOLD)
    with contextlib.suppress(RefusedError):
        basket.add(then, name="other", **TOLD)
        return True
    with pytest.raises(RefusedError, match="the same but for few units") as refused:
        basket.add(then, name="other", **TOLD)
    assert "drop the missing rows first" in str(refused.value.hint)
    return False


@pytest.mark.parametrize("name", [*KINDS, "lorenz", "mean", "count"])
def test_whatever_is_shown_rows_without_few_units_do_not_go_beside_all_rows(name: str) -> None:
    assert not goes_beside(few_of(name, PEOPLE), few_of(name, PEOPLE[PEOPLE[UNIT] != ONE]))
    assert not goes_beside(few_of("count", PEOPLE), few_of(name, PEOPLE[PEOPLE[UNIT] != ONE]))


@pytest.mark.parametrize(("units", "goes"), [(1, False), (9, False), (10, True)])
def test_the_minimum_of_units_may_be_in_the_rows_of_one_output_only(units: int, *, goes: bool) -> None:
    # Every unit that is left out is of one cell of the four counts of an odds ratio.
    cell = PEOPLE[(PEOPLE.woman == 1) & (PEOPLE.job == 1)].index[:units]
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
            basket.add(few_of(name, PEOPLE.sample(frac=1, random_state=place)), name=f"o{place}", **TOLD)
    assert len(basket) == len(KINDS) + 3


@pytest.mark.parametrize(("statistic", "goes"), [("rate", False), ("mean", False), ("sum", True)])
def test_a_zero_that_is_missing_in_the_other_is_told_of_by_all_but_sums(statistic: str, *, goes: bool) -> None:
    nobody = FRAME.assign(job=FRAME.job.where(FRAME.index != ONE).astype("float64"))
    asked: dict[str, Any] = {"values": "job", "statistic": statistic}
    assert goes_beside(alone(**asked), alone(nobody, **asked)) is goes
    assert goes_beside(alone(nobody, **asked), alone(nobody, **asked, rows="area"))
