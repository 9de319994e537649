"""Two columns that are each other's multiple in a cell tell by their ratio a number, which may be one unit's value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines.anothers_value import anothers_values
from disclosure.model.verdicts import Status
from disclosure.notebook.outputs import Outputs
from disclosure.protection.remedies import SUPPRESS
from tests.disclosure.beside import goes_beside
from tests.disclosure.support import UNIT

N = 300


def people() -> pd.DataFrame:
    chance = np.random.default_rng(3)
    frame = pd.DataFrame({UNIT: range(N), "area": chance.choice(["a", "b", "c"], N)})
    frame["income"] = chance.lognormal(10.2, 0.4, N).round()
    frame["age"] = chance.integers(18, 80, N)
    highest = frame.groupby("area").income.transform("max")
    return frame.assign(
        by_highest=frame.income / highest,
        by_rounded=(frame.income / highest).round(4),
        by_one=frame.income / frame.income[7],
        with_one=frame.income + frame.income[7],
        below=frame.income - highest,
        by_mean=frame.income / frame.groupby("area").income.transform("mean"),
        real=frame.income / frame.area.map({"a": 1.007, "b": 1.021, "c": 1.043}),
        month=frame.income / 12,
        less=frame.income * 0.7 - frame.age * 10,
    )


def one_call(frame: pd.DataFrame, other: str, statistic: Any = "sum", **asked: Any) -> Outputs:
    given = {"rows": "area", "unit": UNIT, "policy": "cbs", **asked}
    outs = sdc.table(frame, values=["income", other], statistic=statistic, **given)
    assert isinstance(outs, Outputs)
    return outs


@pytest.mark.parametrize("statistic", ["sum", "mean", "std"])
@pytest.mark.parametrize("other", ["by_highest", "by_rounded", "by_one"])
def test_a_column_divided_by_a_value_of_one_does_not_go_with_it_in_one_call(other: str, statistic: str) -> None:
    outs = one_call(people(), other, statistic)
    assert {out.verdict.status for out in outs} == {Status.INCONCLUSIVE}
    assert "divide by a mean" in str(next(iter(outs.verdict.missing)))  # type: ignore[union-attr]


@pytest.mark.parametrize("other", ["with_one", "below"])
def test_nor_does_one_to_which_such_a_value_is_added(other: str) -> None:
    assert {out.verdict.status for out in one_call(people(), other, "std")} == {Status.INCONCLUSIVE}


@pytest.mark.parametrize("other", ["by_mean", "real", "month", "less", "age"])
def test_means_price_indices_and_months_are_nobodys_value(other: str) -> None:
    for statistic in ("sum", "mean", "std"):
        assert {out.verdict.status for out in one_call(people(), other, statistic)} == {Status.SAFE}


@pytest.mark.parametrize(("holders", "expected"), [(0, ()), (1, (("a", "b"),)), (9, (("a", "b"),)), (10, ())])
def test_it_is_asked_how_many_have_the_number(holders: int, expected: tuple[Any, ...]) -> None:
    a = 2000.0 + 7 * np.arange(100)
    a[:holders] = 1200
    rows = pd.DataFrame({"key": range(100), "a": a, "b": a / 1200})
    assert anothers_values(rows, ["key"], [], ["a", "b"], 10) == expected


def test_it_is_asked_of_what_units_have_in_all_and_of_cells_that_are_large_enough() -> None:
    frame = people()
    rows = pd.concat([frame.assign(income=frame.income * 0.25, by_highest=frame.by_highest * 0.5), frame])
    rows = rows.assign(income=rows.income / 1.25, by_highest=rows.by_highest / 1.5)
    assert anothers_values(rows, [UNIT], ["area"], ["income", "by_highest"], 10) == (("income", "by_highest"),)
    assert anothers_values(frame, [UNIT], ["area"], ["income", "by_highest"], N) == ()
    assert anothers_values(frame[:0], [UNIT], ["area"], ["income", "by_highest"], 10) == ()


def tables(frame: pd.DataFrame, other: str, statistic: str) -> tuple[sdc.Output, sdc.Output]:
    given: dict[str, Any] = {"rows": "area", "unit": UNIT, "policy": "cbs", "statistic": statistic}
    one, second = (sdc.table(frame, values=name, **given) for name in ("income", other))
    assert one.verdict.status is second.verdict.status is Status.SAFE
    return one, second


@pytest.mark.parametrize("statistic", ["sum", "mean"])
@pytest.mark.parametrize("other", ["by_highest", "by_mean", "by_one", "month", "against"])
def test_a_ratio_of_columns_that_are_a_multiple_of_each_other_is_one_number_of_all(other: str, statistic: str) -> None:
    one, second = tables(people().assign(against=lambda frame: -3 * frame.income), other, statistic)
    for derived in (sdc.ratio(one, second), sdc.ratio(second, one), sdc.difference(one, second)):
        assert derived.verdict.status is Status.INCONCLUSIVE
        assert "one number for every unit" in repr(derived)


@pytest.mark.parametrize("other", ["less", "age"])
def test_a_ratio_of_other_columns_is_safe(other: str) -> None:
    assert sdc.ratio(*tables(people(), other, "sum")).verdict.status is Status.SAFE
    frame = people().assign(copy=lambda frame: frame.income)
    assert sdc.ratio(*tables(frame, "copy", "sum")).verdict.status is Status.SAFE


def test_small_whole_numbers_of_which_the_totals_are_a_multiple_are_no_multiple() -> None:
    frame = people().assign(income=[0, 1, 2, 3] * 75, other=[4, 2, 6, 0] * 75, area="a")
    assert sdc.ratio(*tables(frame, "other", "sum")).verdict.status is Status.SAFE


@pytest.mark.parametrize(("withheld", "expected"), [(False, Status.INCONCLUSIVE), (True, Status.SAFE)])
def test_one_cell_that_is_shown_is_enough(withheld: bool, expected: Status) -> None:
    frame = people().assign(other=lambda one: np.where(one.area == "a", one.by_highest, one.by_highest + one.age / 90))
    rich = frame.area.eq("a") & frame.income.eq(frame.income[frame.area == "a"].max())
    if withheld:  # the highest income makes up most of its cell
        frame.loc[rich, "income"] *= 1000
        frame["other"] = np.where(frame.area == "a", frame.income / frame.income[rich].iloc[0], frame.other)
    given: dict[str, Any] = {"rows": "area", "unit": UNIT, "policy": "cbs", "statistic": "sum"}
    tables = [sdc.table(frame, values=name, **given) for name in ("income", "other")]
    both = [one.apply(SUPPRESS) if withheld else one for one in tables]
    assert sdc.ratio(*both).verdict.status is expected


@pytest.mark.parametrize("statistic", ["sum", "mean", "std"])
@pytest.mark.parametrize(
    ("other", "goes"),
    [
        ("by_highest", False),
        ("by_rounded", False),
        ("by_one", False),
        ("with_one", False),
        ("below", False),
        ("by_mean", True),
        ("real", True),
        ("month", True),
        ("less", True),
        ("age", True),
    ],
)
def test_nor_do_they_go_together_in_one_basket(other: str, statistic: str, *, goes: bool) -> None:
    one, second = tables(people(), other, statistic)
    assert goes_beside(one, second) is goes
    assert goes_beside(second, one) is goes


@pytest.mark.parametrize(("holders", "goes"), [(1, False), (9, False), (10, True)])
def test_in_one_basket_too_it_is_asked_how_many_have_the_number(holders: int, *, goes: bool) -> None:
    frame = people().assign(income=lambda rows: 2000.0 + 7 * np.arange(N))
    frame.loc[frame.index < holders, "income"] = 1200
    frame["other"] = frame.income / 1200
    assert goes_beside(*tables(frame, "other", "sum")) is goes


def test_a_count_beside_a_column_is_nobodys_multiple() -> None:
    count = sdc.table(people(), rows="area", unit=UNIT, policy="cbs")
    for other in ("by_highest", "with_one", "age"):
        assert goes_beside(count, tables(people(), other, "sum")[1])


@pytest.mark.parametrize(("by", "expected"), [(1000, ()), (0.01, ()), (1001, (("a", "b"),)), (999.9, (("a", "b"),))])
def test_thousands_and_cents_are_units_of_measure_and_nobodys_value(by: float, expected: tuple[Any, ...]) -> None:
    a = 2000.0 + 7 * np.arange(100)
    a[0] = by
    rows = pd.DataFrame({"key": range(100), "a": a, "b": a / by})
    assert anothers_values(rows, ["key"], [], ["a", "b"], 10) == expected


@pytest.mark.parametrize(("plus", "expected"), [(1, ()), (100, ()), (3, (("a", "b"),)), (101, (("a", "b"),))])
def test_nor_is_it_anybodys_value_that_is_counted_from_one(plus: float, expected: tuple[Any, ...]) -> None:
    a = 20.0 + np.arange(100) % 60
    a[0] = plus
    rows = pd.DataFrame({"key": range(100), "a": a, "b": a + plus})
    assert anothers_values(rows, ["key"], [], ["a", "b"], 10) == expected


FITS: dict[str, Any] = {
    "response": lambda frame, name: sdc.model(f"{name} ~ age", frame, unit=UNIT, policy="cbs"),
    "regressor": lambda frame, name: sdc.model(f"age ~ {name}", frame, unit=UNIT, policy="cbs"),
    "logarithm": lambda frame, name: sdc.model(f"log1p({name}) ~ age", frame, unit=UNIT, policy="cbs"),
    "test": lambda frame, name: sdc.anova(frame, value=name, group="area", unit=UNIT, policy="cbs"),
    "correlation": lambda frame, name: sdc.correlation(frame, name, "age", unit=UNIT, policy="cbs"),
    "mean": lambda frame, name: sdc.table(frame, values=name, statistic="mean", unit=UNIT, policy="cbs"),
    "median": lambda frame, name: sdc.table(frame, values=name, statistic="median", unit=UNIT, policy="cbs"),
}


@pytest.mark.parametrize(("one", "other"), [("response", "response"), ("regressor", "mean"), ("logarithm", "test")])
def test_nor_does_a_model_of_one_go_beside_a_figure_of_the_other(one: str, other: str) -> None:
    """Two coefficients, or the likelihoods, are to each other as the columns are."""
    frame = people().assign(rest=lambda rows: rows.income / rows.income.max())
    first = FITS[one](frame, "rest")
    for name, goes in (("income", False), ("less", True)):
        second = FITS[other](frame, name)
        assert goes_beside(first, second) is goes_beside(second, first) is goes


def test_months_and_logarithms_of_what_few_have_go_beside_a_model() -> None:
    frame = people().assign(ln=np.log(people().income), ln_rest=lambda rows: rows.ln - rows.ln.max())
    assert not goes_beside(FITS["correlation"](frame, "ln"), FITS["response"](frame, "ln_rest"))
    first = FITS["response"](frame, "by_one")
    counts = sdc.table(frame, rows="area", unit=UNIT, policy="cbs")
    for other in (FITS["correlation"](frame, "less"), FITS["median"](frame, "income"), counts):
        assert goes_beside(first, other)
    assert goes_beside(FITS["response"](frame, "income"), FITS["correlation"](frame, "month"))


def test_of_several_rows_a_model_is_asked_of_what_units_have_on_average() -> None:
    frame = people()
    rows = pd.concat([frame, frame.iloc[::2].assign(age=lambda half: half.age + 1)])
    first = FITS["response"](rows.assign(rest=rows.income / rows.income.max()), "rest")
    assert not goes_beside(first, FITS["response"](frame, "income"))
