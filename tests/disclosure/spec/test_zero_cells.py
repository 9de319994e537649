"""Zero cells: only if the policy says that zeros disclose, an empty cell of a frequency table is unsafe."""

from __future__ import annotations

from typing import Any

import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import UNIT, counts, failures, heads, judge, policy, rules, status, units

RULE = RuleName.ZERO_CELLS
ON = policy(zero_cells="disclosive")


def test_a_combination_without_units_fails() -> None:
    frame = heads({("a", "x"): 20, ("a", "y"): 20, ("b", "x"): 20})
    table = judge(frame, ON, rows=["d1"], columns=["d2"])
    assert failures(table, RULE) == {"d1=b, d2=y"}
    assert counts(table)["d1=b, d2=y"] == 0


def test_one_unit_is_enough_for_this_rule() -> None:
    frame = heads({("a", "x"): 20, ("a", "y"): 20, ("b", "x"): 20, ("b", "y"): 1})
    assert failures(judge(frame, ON, rows=["d1"], columns=["d2"]), RULE) == set()


def test_margins_of_empty_cells_are_listed_and_judged() -> None:
    frame = heads({("a", "x", "k"): 20, ("b", "y", "l"): 20})
    table = judge(frame, ON, rows=["d1", "d2"], columns=["d3"])
    assert {"d1=a, d2=y", "d1=b, d3=k", "d1=a, d2=y, d3=l"} <= failures(table, RULE)
    assert len(counts(table)) == 3**3


def test_an_empty_numerator_or_complement_of_a_rate_is_an_empty_cell() -> None:
    frame = units({"none": [0] * 30, "all": [1] * 30, "some": [0, 1] * 15})
    assert failures(judge(frame, ON, statistic="rate", values="value"), RULE) == {"group=none", "group=all"}
    assert failures(judge(frame, ON, statistic="mean", values="value"), RULE) == {"group=none", "group=all"}


def test_a_missing_combination_of_a_rate_is_an_empty_cell() -> None:
    frame = heads({("a", "x"): 20, ("a", "y"): 20, ("b", "x"): 20}).assign(value=[0, 1] * 30)
    table = judge(frame, ON, statistic="rate", values="value", rows=["d1"], columns=["d2"])
    assert failures(table, RULE) == {"d1=b, d2=y"}


def test_sums_of_many_values_are_not_judged_by_it() -> None:
    frame = heads({("a", "x"): 20, ("b", "y"): 20}).assign(value=range(40))
    assert RULE not in rules(judge(frame, ON, statistic="sum", values="value", rows=["d1"], columns=["d2"]))


def test_only_the_sacro_policy_has_it() -> None:
    frame = heads({("a", "x"): 20, ("a", "y"): 20, ("b", "x"): 20})
    for name, unsafe in (("sacro", True), ("abs", False)):
        out = sdc.table(frame, rows="d1", columns="d2", unit=UNIT, policy=name)
        assert (status(out) is Status.UNSAFE) is unsafe
    cbs = sdc.table(frame, rows="d1", columns="d2", unit=UNIT, policy="cbs")
    assert rules(cbs) == {RuleName.GROUP_DISCLOSURE}  # empty cells are judged there by what holds the rest


EXACT = ("sum", "mean", "var", "std", "skew", "kurt", "gini", "theil", "s80_s20", "hhi", "trimmed_mean")


@pytest.mark.parametrize("statistic", EXACT)
def test_that_nobody_of_a_cell_has_anything_is_told_by_no_exact_figure(statistic: str) -> None:
    frame = units({"none": [0] * 30, "some": list(range(100, 130)), "others": list(range(200, 260))})
    asked: dict[str, Any] = {"statistic": statistic, "values": "value"}
    if statistic == "trimmed_mean":
        asked["options"] = (("trim", "0.1"),)
    by = policy(group_disclosure=90)
    assert failures(judge(frame, by, **asked)) >= {"group=none"}
    assert "group=none" in failures(judge(frame, policy(zero_cells="disclosive"), **asked), RULE)
