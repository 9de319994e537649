"""What the measures of one call show together: units without a value, differences, and many figures of few units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import Status
from disclosure.notebook.one_call import MOST_COLUMNS
from disclosure.notebook.outputs import Outputs
from tests.disclosure.support import UNIT

BY = ("cbs", "sacro", "abs", "essnet")


def people(n: int = 400) -> pd.DataFrame:
    chance = np.random.default_rng(7)
    return pd.DataFrame(
        {
            UNIT: range(n),
            "group": ["a", "b"] * (n // 2),
            "income": np.round(chance.lognormal(10.3, 0.4, n)),
            "age": chance.integers(20, 60, n),
        }
    )


def statuses(frame: pd.DataFrame, statistic: Any, values: Any, **asked: Any) -> list[str]:
    outs = sdc.table(frame, **{"rows": "group", "unit": UNIT, **asked}, values=values, statistic=statistic)
    assert isinstance(outs, Outputs)
    return [one.verdict.status.value for one in outs]


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_the_difference_of_two_columns_is_judged_as_a_sum(by: str, statistic: str) -> None:
    frame = people()
    frame["less"], frame["lacking"] = frame.income.copy(), frame.income.copy()
    frame.loc[7, "less"], frame.loc[7, "lacking"] = 0, np.nan
    for other in ("less", "lacking"):
        assert statuses(frame, statistic, ["income", other, "age"], policy=by) == [
            "inconclusive",
            "inconclusive",
            "safe",
        ]
    outs = sdc.table(frame, rows="group", unit=UNIT, values=["income", "less"], statistic=statistic)
    assert outs.verdict.status is Status.INCONCLUSIVE
    assert "a difference of income and less" in str(next(iter(outs.verdict.missing)))  # type: ignore[union-attr]


@pytest.mark.parametrize(("units", "passes"), [(9, False), (10, True)])
def test_columns_may_differ_for_as_many_units_as_the_minimum(units: int, passes: bool) -> None:
    frame = people().assign(other=lambda one: one.income)
    apart = frame.index[frame.group == "a"][:units]
    frame.loc[apart, "other"] -= 1005 + np.arange(units) * 10
    expected = ["safe"] * 2 if passes else ["inconclusive"] * 2
    assert statuses(frame, "sum", ["income", "other"], rows=["group"], policy="abs") == expected


def test_columns_that_are_the_same_for_all_or_are_of_other_things_go_together() -> None:
    frame = people().assign(copy=lambda one: one.income)
    assert statuses(frame, "sum", ["income", "copy"]) == ["safe", "safe"]
    assert statuses(frame, ["count", "sum", "mean"], ["income", "age"]) == ["safe"] * 5


@pytest.mark.parametrize(("first", "then"), [("sum", "mean"), ("mean", "sum"), ("share", "mean"), ("sum", "share")])
def test_a_total_of_one_column_is_compared_with_a_mean_of_another(first: str, then: str) -> None:
    # No multiple and no amount is in common, but one unit is most of the difference.
    wobble = np.random.default_rng(1).integers(-3, 4, 400)
    frame = people().assign(less=lambda one: one.income - wobble)
    frame.loc[7, "less"] = 0
    outs = sdc.table(frame, rows="group", unit=UNIT, statistic={"income": first, "less": then})
    assert outs.verdict.status is Status.INCONCLUSIVE
    outs = sdc.table(frame, rows="group", unit=UNIT, statistic={"income": first, "age": then})
    assert outs.verdict.status is Status.SAFE


def people_in_lines(n: int, of_a: int) -> pd.DataFrame:
    """Return rows of two groups, each in two categories, so many of the first group in one of them."""
    frame = people(2 * n).sort_values("group").reset_index(drop=True)
    return frame.assign(poor=np.where(frame.index < n, frame.index < of_a, frame.index % 2 == 0).astype(str))


@pytest.mark.parametrize(("of_a", "mean"), [(180, "safe"), (181, "inconclusive"), (200, "unsafe")])
def test_total_and_mean_of_a_column_tell_numbers_of_units_that_are_judged_as_such(of_a: int, mean: str) -> None:
    frame = people_in_lines(200, of_a)
    total = "unsafe" if mean == "unsafe" else "safe"
    assert statuses(frame, ["sum", "mean"], "income", columns="poor") == [total, mean]
    assert statuses(frame, ["share", "mean"], "income", columns="poor") == [total, mean]
    assert statuses(frame, ["std", "mean"], "income", columns="poor") == [total, total]
    assert statuses(frame, ["sum", "mean"], "income", columns="poor", policy="abs") == ["safe", "safe"]
    counted = sdc.table(frame, rows="group", columns="poor", unit=UNIT)
    assert (counted.verdict.status is Status.SAFE) is (mean == "safe")


def test_a_cell_that_fails_for_itself_is_unsafe_and_keeps_its_remedies() -> None:
    frame = people()
    frame.loc[:2, "group"] = "c"
    outs = sdc.table(frame, rows="group", unit=UNIT, values=["income", "age"], statistic="sum")
    assert outs.verdict.status is Status.UNSAFE
    assert outs.remedies()


def test_so_many_columns_that_not_all_pairs_are_compared_are_inconclusive() -> None:
    frame = people(60)
    names = [f"v{place}" for place in range(MOST_COLUMNS + 1)]
    frame = frame.assign(**{name: frame.age + place for place, name in enumerate(names)})
    assert set(statuses(frame, "sum", names, policy="abs")) == {"inconclusive"}


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize(("lacking", "count"), [(0, "safe"), (1, "inconclusive"), (9, "inconclusive"), (10, "safe")])
def test_a_count_beside_sum_and_mean_does_not_show_how_few_have_no_value(by: str, lacking: int, count: str) -> None:
    frame = people().astype({"income": float})
    frame.loc[frame.index[frame.group == "a"][:lacking], "income"] = np.nan
    assert statuses(frame, ["count", "sum", "mean"], "income", policy=by) == [count, "safe", "safe"]


def test_a_count_beside_a_mean_shows_it_in_small_cells_only() -> None:
    for n, count in ((400, "safe"), (120, "inconclusive")):
        frame = people(n).astype({"income": float})
        frame.loc[[0, 2], "income"] = np.nan
        assert statuses(frame, ["count", "mean"], "income") == [count, "safe"]
        assert statuses(frame, ["count", "sum"], "income") == ["safe", "safe"]


def test_a_count_beside_a_rate_shows_it() -> None:
    frame = people().assign(poor=[0.0, 0.0, 1.0, 1.0] * 100)
    assert statuses(frame, ["count", "rate"], "poor") == ["safe", "safe"]
    frame.loc[[0, 2], "poor"] = np.nan
    assert statuses(frame, ["count", "rate"], "poor")[0] == "inconclusive"


@pytest.mark.parametrize(("more", "count"), [(1, "inconclusive"), (9, "inconclusive"), (10, "safe")])
def test_a_count_beside_sum_and_mean_does_not_show_how_few_have_more_rows(more: int, count: str) -> None:
    frame = people()
    twice = frame[frame.group == "a"].head(more).assign(income=9000.0)
    assert statuses(pd.concat([frame, twice]), ["count", "sum", "mean"], "income", policy="abs")[0] == count


@pytest.mark.parametrize(("units", "expected"), [(29, ["safe"] * 3 + ["inconclusive"] * 2), (30, ["safe"] * 5)])
def test_of_few_units_three_exact_figures_of_a_column_are_shown(units: int, expected: list[str]) -> None:
    frame = people(60).head(units).assign(group="a")
    assert statuses(frame, ["mean", "var", "skew", "gini", "theil"], "age") == expected
    assert statuses(frame, ["sum", "mean", "std", "var", "skew"], "age") == ["safe"] * 5
