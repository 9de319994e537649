"""Minimum nonzero: a sum or mean is unsafe if 0 < number of units with a nonzero value < minimum_units."""

from __future__ import annotations

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName
from tests.disclosure.support import UNIT, failures, judge, policy, units

RULE = RuleName.MINIMUM_NONZERO


@pytest.mark.parametrize("statistic", ["sum", "mean"])
@pytest.mark.parametrize(("nonzero", "unsafe"), [(0, False), (1, True), (9, True), (10, False), (11, False)])
def test_nine_nonzero_units_among_zeros_are_too_few_and_ten_are_not(statistic: str, nonzero: int, unsafe: bool) -> None:
    frame = units({"a": [*range(1, nonzero + 1), *[0] * 20], "b": range(1, 40)})
    table = judge(frame, policy(minimum_units=10), statistic=statistic, values="value")
    assert failures(table, RULE) == ({"group=a"} if unsafe else set())


def test_ten_units_of_which_eight_are_zero_fail() -> None:
    out = sdc.table(
        units({"a": [5, 7, *[0] * 8], "b": range(1, 40)}),
        rows="group",
        values="value",
        statistic="sum",
        unit=UNIT,
    )
    assert "group=a" in failures(out, RULE)
    assert "group=a" not in failures(out, RuleName.MINIMUM_COUNT)


def test_what_counts_is_the_units_total_so_values_that_cancel_are_zero() -> None:
    paired = pd.concat([units({"a": range(1, 21)}), units({"a": range(-1, -21, -1)})])
    one_each = judge(paired, policy(minimum_units=10), statistic="sum", values="value")
    assert one_each.evidence is not None
    assert one_each.evidence.amounts is not None
    assert set(one_each.evidence.amounts.n_nonzero.tolist()) == {0}
    some_left = pd.concat([paired, units({"a": [3] * 9})])
    assert failures(judge(some_left, policy(minimum_units=10), statistic="sum", values="value"), RULE) == {
        "group=a",
        "total",
    }


@pytest.mark.parametrize("statistic", ["count", "rate"])
def test_counts_and_rates_are_not_judged_by_it(statistic: str) -> None:
    frame = units({"a": [1, *[0] * 30]})
    values = None if statistic == "count" else "value"
    assert not failures(judge(frame, policy(minimum_units=10), statistic=statistic, values=values), RULE)
