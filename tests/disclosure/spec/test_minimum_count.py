"""Minimum count: a cell is unsafe if 0 < n < minimum_units."""

from __future__ import annotations

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import UNIT, coarse, codebook, counts, failures, heads, judge, policy, status, units

RULE = RuleName.MINIMUM_COUNT


@pytest.mark.parametrize(("size", "unsafe"), [(1, True), (9, True), (10, False), (11, False)])
@pytest.mark.parametrize("name", ["cbs", "sacro", "abs"])
def test_ten_units_may_be_published_and_nine_not_under_every_built_in_policy(
    name: str, size: int, unsafe: bool
) -> None:
    out = sdc.table(heads({"a": size, "b": 12}), rows="group", unit=UNIT, policy=name)
    assert failures(out, RULE) == ({"group=a"} if unsafe else set())


@pytest.mark.parametrize("minimum", [2, 3, 30])
def test_the_bound_is_the_policys(minimum: int) -> None:
    frame = heads({"under": minimum - 1, "at": minimum, "over": minimum + 1})
    assert failures(judge(frame, policy(minimum_units=minimum)), RULE) == {"group=under"}


def test_an_empty_cell_passes() -> None:
    frame = heads({("a", "x"): 10, ("b", "y"): 10})
    table = judge(frame, policy(minimum_units=10), rows=["d1"], columns=["d2"], codebook=coarse("d1", "d2"))
    assert status(table) is Status.SAFE
    assert "d1=a, d2=y" not in counts(table)


def test_margins_are_judged_like_any_cell() -> None:
    frame = heads({("a", "x"): 4, ("a", "y"): 4, ("b", "x"): 10, ("b", "y"): 10})
    table = judge(frame, policy(minimum_units=9), rows=["d1"], columns=["d2"])
    assert failures(table, RULE) == {"d1=a, d2=x", "d1=a, d2=y", "d1=a"}


def test_a_table_without_dimensions_is_one_cell() -> None:
    assert failures(judge(heads({"a": 9}), policy(minimum_units=10), rows=[]), RULE) == {"total"}
    assert status(judge(heads({"a": 10}), policy(minimum_units=10), rows=[])) is Status.SAFE


@pytest.mark.parametrize("statistic", ["sum", "mean", "rate"])
def test_a_statistic_of_a_value_counts_the_units_that_have_one(statistic: str) -> None:
    values = [1.0, 0.0] * 20
    frame = units({"all": values, "nine": [*values[:9], *[None] * 30], "ten": [*values[:10], *[None] * 30]})
    table = judge(frame, policy(minimum_units=10), statistic=statistic, values="value")
    assert failures(table, RULE) == {"group=nine"}
    assert counts(table) == {"group=all": 40, "group=nine": 9, "group=ten": 10, "total": 59}


def test_a_weight_does_not_make_a_small_count_large() -> None:
    frame = heads({"a": 9, "b": 30}).assign(weight=[1000.0 + place for place in range(39)])
    table = judge(frame, policy(minimum_units=10), weights="weight", codebook=codebook(weights=("weight",)))
    assert failures(table, RULE) == {"group=a"}


def test_a_unit_added_to_another_cell_does_not_repair_a_cell() -> None:
    frame = heads({"a": 9, "b": 20})
    also_in_b = frame[frame["group"] == "a"].assign(group="b")
    table = judge(pd.concat([frame, also_in_b]), policy(minimum_units=10))
    assert failures(table, RULE) == {"group=a"}
    assert counts(table) == {"group=a": 9, "group=b": 29, "total": 29}
