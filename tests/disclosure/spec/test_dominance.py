"""(m, k) dominance: a cell is unsafe if x1 + ... + xm > k/100 * X, where X is the sum of absolute unit totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import UNIT, codebook, failures, judge, policy, status, units

RULE = RuleName.DOMINANCE


def failing(cells: Mapping[str, Sequence[float]], *pairs: tuple[int, float], statistic: str = "sum") -> set[str]:
    """Return the inner cells that fail."""
    table = judge(units(cells), policy(dominance=[list(pair) for pair in pairs]), statistic=statistic, values="value")
    return {cell.removeprefix("group=") for cell in failures(table, RULE) if cell != "total"}


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_the_largest_holding_exactly_k_percent_passes_and_any_more_fails(statistic: str) -> None:
    cells = {"under": [49.99, 25, 25.01], "at": [50, 25, 25.0], "over": [50.01, 25, 24.99]}
    assert failing(cells, (1, 50), statistic=statistic) == {"over"}


def test_the_bound_is_exact_to_the_last_of_six_decimals() -> None:
    cells = {"at": [0.000002, 0.000002], "over": [0.000003, 0.000002], "large": [500_000_000_000.000001, 5e11]}
    assert failing(cells, (1, 50)) == {"over"}
    exact = {"at": [123_456_789.5, 123_456_789.25, 0.25], "over": [123_456_789.500001, 123_456_789.25, 0.25]}
    assert failing(exact, (1, 50)) == {"over"}


def test_m_largest_are_added_up() -> None:
    cells = {"under": [45, 44, 11], "at": [45, 45, 10], "over": [46, 45, 9]}
    assert failing(cells, (2, 90)) == {"over"}


def test_several_pairs_each_make_a_cell_unsafe() -> None:
    cells = {"first": [51, 10, 10, 10, 10, 9], "second": [40, 28, 11, 11, 10], "neither": [40, 27, 11, 11, 11]}
    assert failing(cells, (1, 50), (2, 67)) == {"first", "second"}


def test_a_share_in_percent_need_not_be_whole() -> None:
    assert failing({"at": [333, 333, 334], "over": [335, 333, 332]}, (1, 33.4)) == {"over"}


def test_one_unit_holds_everything_whatever_k() -> None:
    assert failing({"one": [5], "with_zeros": [5, 0, 0, 0]}, (1, 99.9)) == {"one", "with_zeros"}
    assert failing({"one": [5]}, (1, 100)) == set()


def test_nothing_is_dominated_where_all_is_zero() -> None:
    assert failing({"zeros": [0, 0, 0]}, (1, 50), (2, 67)) == set()


def test_fewer_units_than_m_count_as_zeros() -> None:
    assert failing({"two": [50, 50]}, (3, 90)) == {"two"}


def test_a_contributor_is_the_units_total_over_all_its_rows() -> None:
    rows = pd.DataFrame({UNIT: [1, 1, 1, 2, 3], "group": "a", "value": [20, 20, 20, 30, 10]})
    assert failures(judge(rows, policy(dominance=[[1, 50]]), statistic="sum", values="value"), RULE) == {
        "group=a",
        "total",
    }
    apart = rows.assign(unit=[1, 4, 5, 2, 3])
    assert status(judge(apart, policy(dominance=[[1, 50]]), statistic="sum", values="value")) is Status.SAFE


def test_a_unit_in_several_cells_contributes_its_total_to_their_margin() -> None:
    rows = pd.DataFrame(
        {UNIT: [1, 2, 3, 1, 4, 5], "group": list("aaabbb"), "value": [40, 35, 25, 40, 35, 25]},
    )
    table = judge(rows, policy(dominance=[[1, 40]]), statistic="sum", values="value")
    assert failures(table, RULE) == set()  # 80 of 200 in the margin, 40 of 100 in each cell: all at the bound
    more = rows.assign(value=[40, 35, 25, 41, 36, 26])
    assert failures(judge(more, policy(dominance=[[1, 39.9]]), statistic="sum", values="value"), RULE) >= {"total"}


def test_negative_values_enter_by_their_size_and_the_finding_says_so() -> None:
    table = judge(units({"a": [-60, 30, 20]}), policy(dominance=[[1, 50]]), statistic="sum", values="value")
    messages = [finding.message for finding in table.verdict.findings if finding.rule is RULE]
    assert failures(table, RULE) == {"group=a", "total"}
    assert all("negative values count by their size" in message for message in messages)
    assert failing({"at": [-50, 30, 20], "over": [-51, 30, 19]}, (1, 50)) == {"over"}


def test_without_negative_values_the_finding_does_not_speak_of_them() -> None:
    table = judge(units({"a": [60, 30, 10]}), policy(dominance=[[1, 50]]), statistic="sum", values="value")
    assert not any("negative" in finding.message for finding in table.verdict.findings)


def test_one_negative_value_does_not_switch_the_rule_off_elsewhere() -> None:
    assert failing({"a": [-1, 1, 1], "b": [90, 5, 5]}, (1, 50)) == {"b"}


def test_published_example_300_20_10_fails_1_85_and_would_pass_at_a_total_of_352_95() -> None:
    assert failing({"a": [300, 20, 10]}, (1, 85)) == {"a"}
    assert failing({"short": [300, 20, 10, 22.94], "enough": [300, 20, 10, 22.95]}, (1, 85)) == {"short"}


@pytest.mark.parametrize(("policy_name", "unsafe"), [("cbs", True), ("abs", True), ("sacro", False)])
def test_the_built_in_policies_have_their_own_pairs(policy_name: str, unsafe: bool) -> None:
    values = [51_000.0, *(49_000 / 19 + place for place in range(-9, 10))]
    out = sdc.table(units({"a": values}), values="value", statistic="sum", unit=UNIT, policy=policy_name)
    assert (RULE in {finding.rule for finding in out.verdict.findings}) is unsafe


def test_with_a_codebooks_sampling_weights_unweighted_contributors_stand_against_the_weighted_total() -> None:
    by, book = policy(dominance=[[1, 50]], weights="unweighted_contributors"), codebook(weights=("weight",))
    frame = units({"a": [60, 30, 10]})
    for weights, unsafe in (([1, 1, 1], True), ([1, 1.6, 1.2], False), ([1, 1.6, 1.1], True), ([1, 50, 50], False)):
        weighted = frame.assign(weight=[float(one) for one in weights])
        table = judge(weighted, by, statistic="sum", values="value", weights="weight", codebook=book)
        assert failures(table, RULE) == ({"group=a", "total"} if unsafe else set())


def test_another_weight_makes_weight_times_value_the_contribution() -> None:
    by = policy(dominance=[[1, 50]])
    light = units({"a": [60, 30, 10]}).assign(weight=[1.0, 50.0, 50.0])
    heavy = units({"a": [40, 30, 30]}).assign(weight=[50.0, 1.0, 1.0])
    assert failures(judge(light, by, statistic="sum", values="value", weights="weight"), RULE) == {"group=a", "total"}
    assert failures(judge(heavy, by, statistic="sum", values="value", weights="weight"), RULE) == {"group=a", "total"}
    even = units({"a": [60, 30, 10]}).assign(weight=[1.0, 2.0, 6.0])
    assert not failures(judge(even, by, statistic="sum", values="value", weights="weight"), RULE)
