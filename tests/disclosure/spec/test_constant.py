"""Constant: a sum or mean is unsafe if all contributions are equal and not zero; counts are not judged by it."""

from __future__ import annotations

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName
from tests.disclosure.support import UNIT, failures, judge, policy, rules, units

RULE = RuleName.CONSTANT
ON = policy(constant="on")


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_equal_contributions_fail_and_one_that_differs_is_enough_to_pass(statistic: str) -> None:
    frame = units({"equal": [7.5] * 20, "nearly": [*[7.5] * 19, 7.500001], "negative": [-7.5] * 20, "zero": [0] * 20})
    table = judge(frame, ON, statistic=statistic, values="value")
    assert failures(table, RULE) == {"group=equal", "group=negative"}


def test_a_single_contribution_is_equal_to_itself() -> None:
    assert failures(judge(units({"a": [5], "b": [1, 2]}), ON, statistic="sum", values="value"), RULE) == {"group=a"}


def test_what_must_differ_in_a_sum_is_the_units_total() -> None:
    rows = pd.DataFrame({UNIT: [1, 1, 2, 2], "group": "a", "value": [10, 20, 5, 25]})
    assert failures(judge(rows, ON, statistic="sum", values="value"), RULE) == {"group=a", "total"}


def test_a_mean_of_equal_rows_fails_though_totals_differ() -> None:
    rows = pd.DataFrame({UNIT: [1, 2, 2, 3, 3, 3], "group": "a", "value": 2500})
    assert RULE in rules(judge(rows, ON, statistic="mean", values="value"))
    assert RULE not in rules(judge(rows, ON, statistic="sum", values="value"))


def test_missing_values_are_no_contributions() -> None:
    frame = units({"a": [7, 7, None, 7], "b": [1, 2]})
    assert failures(judge(frame, ON, statistic="sum", values="value"), RULE) == {"group=a"}


def test_counts_and_rates_are_not_judged_by_it() -> None:
    frame = units({"a": [1] * 20})
    assert not failures(judge(frame, ON), RULE)
    assert not failures(judge(frame, ON, statistic="rate", values="value"), RULE)


def test_a_policy_may_switch_it_off() -> None:
    frame = units({"equal": [7.5] * 20, "other": [1, 2]})
    assert not failures(judge(frame, policy(constant="off"), statistic="sum", values="value"), RULE)


@pytest.mark.parametrize("name", ["cbs", "sacro", "abs"])
def test_every_built_in_policy_has_it(name: str) -> None:
    frame = units({"equal": [7.5] * 20, "other": range(1, 30)})
    out = sdc.table(frame, rows="group", values="value", statistic="mean", unit=UNIT, policy=name)
    assert failures(out, RULE) == {"group=equal"}
