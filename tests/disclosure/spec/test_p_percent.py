"""p%: a cell is unsafe if X - x1 - x2 < p/100 * x1: the second could estimate the first to within p percent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName
from tests.disclosure.support import UNIT, failures, judge, policy, units

RULE = RuleName.P_PERCENT


def failing(cells: Mapping[str, Sequence[float]], p: float, *, statistic: str = "sum") -> set[str]:
    table = judge(units(cells), policy(p_percent=p), statistic=statistic, values="value")
    return {cell.removeprefix("group=") for cell in failures(table, RULE) if cell != "total"}


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_a_rest_of_exactly_p_percent_passes_and_any_less_fails(statistic: str) -> None:
    cells = {"under": [100, 50, 9.999999], "at": [100, 50, 10.0], "over": [100, 50, 10.000001]}
    assert failing(cells, 10, statistic=statistic) == {"under"}


@pytest.mark.parametrize(("p", "unsafe"), [(10, False), (20, False), (20.1, True)])
def test_the_bound_is_the_policys(p: float, unsafe: bool) -> None:
    assert failing({"a": [100, 60, 20]}, p) == ({"a"} if unsafe else set())


def test_one_or_two_nonzero_contributors_are_always_unsafe() -> None:
    cells = {"one": [100], "two": [50, 50], "two_and_zeros": [60, 40, 0, 0, 0], "three": [50, 50, 50]}
    assert failing(cells, 0.0001) == {"one", "two", "two_and_zeros"}


def test_a_cell_of_zeros_has_nobody_to_estimate() -> None:
    assert failing({"zeros": [0, 0, 0]}, 10) == set()


def test_negative_values_enter_by_their_size_and_the_finding_says_so() -> None:
    table = judge(units({"a": [-100, 50, 9]}), policy(p_percent=10), statistic="sum", values="value")
    assert failures(table, RULE) == {"group=a", "total"}
    assert "negative values count by their size" in table.verdict.findings[0].message
    assert failing({"at": [-100, 50, -10], "under": [-100, 50, -9]}, 10) == {"under"}


def test_published_example_50000_49000_1000_passes_1_90_and_p_10_flags_it() -> None:
    frame = units({"a": [50_000, 49_000, 1000]})
    by_dominance = judge(frame, policy(dominance=[[1, 90]]), statistic="sum", values="value")
    assert not failures(by_dominance, RuleName.DOMINANCE)
    assert failing({"a": [50_000, 49_000, 1000]}, 10) == {"a"}
    assert failing({"a": [50_000, 49_000, 1000]}, 2) == set()  # at exactly 2 percent it passes


@pytest.mark.parametrize(("name", "judged"), [("sacro", True), ("cbs", False), ("abs", False)])
def test_only_the_sacro_policy_has_it(name: str, judged: bool) -> None:
    values = [
        400,
        390,
        *(1 + place / 10 for place in range(20)),
    ]  # two contributors of about half each, and twenty of nearly nothing
    out = sdc.table(units({"a": values}), values="value", statistic="sum", unit=UNIT, policy=name)
    assert (RULE in {finding.rule for finding in out.verdict.findings}) is judged
    assert (failures(out) == set()) is (name == "cbs")
