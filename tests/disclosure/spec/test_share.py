"""Shares of the value column's total: judged as the sums that they are shares of, withheld together."""

from __future__ import annotations

import pytest

from disclosure.errors import ColumnError
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import codebook, failures, judge, policy, shown, status, units

CELLS = {"a": [10, 20, 30], "b": [40, 49, 51]}


def test_a_cell_is_its_share_of_the_total() -> None:
    out = judge(units(CELLS), policy(), statistic="share", values="value")
    assert shown(out) == {"group=a": "0.3", "group=b": "0.7", "total": "1"}


def test_weighted_shares_are_of_the_weighted_total() -> None:
    frame = units(CELLS).assign(w=[7.0] * 3 + [3.0] * 3)
    out = judge(frame, policy(), statistic="share", values="value", weights="w", codebook=codebook(weights=("w",)))
    assert (shown(out)["group=a"], shown(out)["group=b"]) == ("0.5", "0.5")


@pytest.mark.parametrize(
    ("cells", "parameters", "rule"),
    [
        ({"a": [1] * 9, "b": [2] * 30}, {"minimum_units": 10}, RuleName.MINIMUM_COUNT),
        ({"a": [1] * 9 + [0] * 9, "b": [2] * 30}, {"minimum_units": 10}, RuleName.MINIMUM_NONZERO),
        ({"a": [51, 29, 20], "b": [34, 33, 33]}, {"dominance": [[1, 50]]}, RuleName.DOMINANCE),
        ({"a": [50, 49, 1], "b": [34, 33, 33]}, {"p_percent": 10}, RuleName.P_PERCENT),
        ({"a": [5, 5, 5], "b": [34, 33, 32]}, {"constant": "on"}, RuleName.CONSTANT),
    ],
)
def test_the_rules_on_sums_hold(cells: dict[str, list[float]], parameters: dict[str, object], rule: RuleName) -> None:
    out = judge(units(cells), policy(**parameters), statistic="share", values="value")
    assert failures(out, rule) == {"group=a"}


def test_where_a_cell_fails_everything_is_withheld_since_shares_add_up_to_one() -> None:
    cells = {"a": [1] * 9, "b": [2] * 30, "c": [3] * 30}
    out = judge(units(cells), policy(minimum_units=10), statistic="share", values="value", suppressed=True)
    assert status(out) is Status.SAFE
    assert set(shown(out).values()) == {"withheld"}


def test_negative_values_are_refused() -> None:
    with pytest.raises(ColumnError, match="negative"):
        judge(units({"a": [1, 2, -1], "b": [3, 4, 5]}), policy(), statistic="share", values="value")


def test_a_total_of_zero_has_no_shares() -> None:
    out = judge(units({"a": [0, 0], "b": [0, 0]}), policy(), statistic="share", values="value")
    assert set(shown(out).values()) == {"no_value"}


def test_a_cell_without_values_has_no_share() -> None:
    out = judge(units({**CELLS, "c": [None, None]}), policy(), statistic="share", values="value")
    assert shown(out)["group=c"] == "no_value"
