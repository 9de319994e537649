"""pq: a cell is unsafe if X - x1 - x2 < p/q * x1: others are known to within q percent, and the largest to within p."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from disclosure.model.verdicts import Inconclusive, RuleName
from disclosure.policy import load_policy
from tests.disclosure.support import ABSENT, DATA, failures, judge, policy, units

RULE = RuleName.PQ


def failing(cells: Mapping[str, Sequence[float]], pq: list[float], *, statistic: str = "sum") -> set[str]:
    table = judge(units(cells), policy(pq=pq), statistic=statistic, values="value")
    return {cell.removeprefix("group=") for cell in failures(table, RULE) if cell != "total"}


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_a_rest_of_exactly_p_of_q_passes_and_any_less_fails(statistic: str) -> None:
    cells = {"under": [100, 50, 19.999999], "at": [100, 50, 20.0], "over": [100, 50, 20.000001]}
    assert failing(cells, [10, 50], statistic=statistic) == {"under"}


@pytest.mark.parametrize(("pq", "unsafe"), [([10, 50], False), ([10, 49.9], True), ([10.1, 50], True)])
def test_the_bounds_are_the_policys(pq: list[float], unsafe: bool) -> None:
    assert failing({"a": [100, 60, 20]}, pq) == ({"a"} if unsafe else set())


def test_one_or_two_nonzero_contributors_are_always_unsafe() -> None:
    cells = {"one": [100], "two": [50, 50], "two_and_zeros": [60, 40, 0, 0, 0], "three": [50, 50, 50]}
    assert failing(cells, [0.0001, 100]) == {"one", "two", "two_and_zeros"}


def test_a_cell_of_zeros_has_nobody_to_estimate() -> None:
    assert failing({"zeros": [0, 0, 0]}, [10, 50]) == set()


def test_negative_values_enter_by_their_size_and_the_finding_says_so() -> None:
    table = judge(units({"a": [-100, 50, 19]}), policy(pq=[10, 50]), statistic="sum", values="value")
    assert failures(table, RULE) == {"group=a", "total"}
    assert "negative values count by their size" in table.verdict.findings[0].message
    assert failing({"at": [-100, 50, -20], "under": [-100, 50, -19]}, [10, 50]) == {"under"}


@pytest.mark.parametrize("p", [2, 10, 33.3])
def test_the_p_percent_rule_is_the_pq_rule_with_q_of_one_hundred(p: float) -> None:
    cells = {str(last): [100.0, 60.0, float(last)] for last in range(0, 60, 2)}
    frame = units(cells)
    by_p = judge(frame, policy(p_percent=p), statistic="sum", values="value")
    by_pq = judge(frame, policy(pq=[p, 100]), statistic="sum", values="value")
    assert failures(by_pq, RULE) == failures(by_p, RuleName.P_PERCENT)


def test_a_policy_that_does_not_set_it_makes_sums_inconclusive() -> None:
    table = judge(units({"a": [1, 2, 3] * 20}), policy(pq=ABSENT), statistic="sum", values="value")
    assert isinstance(table.verdict, Inconclusive)
    assert [str(what) for what in table.verdict.missing] == ["the policy test does not set pq"]


@pytest.mark.parametrize("name", ["cbs", "sacro", "abs", "essnet"])
def test_the_offices_policies_switch_it_off(name: str) -> None:
    by = load_policy(name)
    assert by.pq is not None
    assert by.lacks(("pq",)) == ()
    assert not isinstance(by.pq, tuple)


def test_cells_of_two_thousand_enterprises_fail_where_another_package_says_so() -> None:
    frame = pd.read_csv(DATA / "enterprises.csv")
    frame["unit"] = range(len(frame))
    dimensions = ["region", "sector", "size"]
    table = judge(frame, policy(pq=[10, 50]), statistic="sum", values="turnover", rows=dimensions)
    expected = pd.read_csv(DATA / "enterprises_expected.csv", dtype=str)
    unsafe = expected[expected["pq_10_50_unsafe"] == "TRUE"]
    cells = {
        ", ".join(f"{name}={row[name]}" for name in dimensions if row[name] != "Total") or "total"
        for _, row in unsafe.iterrows()
    }
    assert len(cells) == 51
    assert failures(table, RULE) == cells
