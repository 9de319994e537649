"""Mode: the modal value is that of at least the minimum of units, and not of more than the permitted share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest

from disclosure.errors import RecipeError
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import ABSENT, UNIT, failures, judge, policy, shown, status, units

RULE = RuleName.MODAL_SHARE


def mode(cells: Mapping[str, Sequence[Any]], **parameters: Any) -> JudgedTable:
    return judge(units(cells), policy(**parameters), statistic="mode", values="value")


def inner(out: JudgedTable) -> set[str]:
    return {cell.removeprefix("group=") for cell in failures(out, RULE) if cell != "total"}


def test_exactly_the_permitted_share_passes_and_any_more_fails() -> None:
    rest = list(range(100, 130))
    cells = {"at": [5] * 90 + rest[:10], "over": [5] * 91 + rest[:9], "all": [5] * 30}
    assert inner(mode(cells, modal_share=90)) == {"over", "all"}
    assert inner(mode(cells, modal_share="off")) == set()


def test_at_least_the_minimum_of_units_have_it() -> None:
    cells = {"nine": [5] * 9 + list(range(100, 130)), "ten": [5] * 10 + list(range(100, 130))}
    assert inner(mode(cells, minimum_units=10)) == {"nine"}


def test_units_are_counted_and_not_rows() -> None:
    rows = pd.DataFrame({UNIT: [0] * 50 + list(range(1, 41)), "group": "a", "value": [5] * 50 + list(range(100, 140))})
    assert failures(judge(rows, policy(minimum_units=10), statistic="mode", values="value"), RULE) == {
        "group=a",
        "total",
    }


@pytest.mark.parametrize("own", [5, 7])
@pytest.mark.parametrize(
    ("rows", "ahead", "safe"),
    [(1, 1, True), (3, 1, True), (4, 3, False), (5, 4, False), (5, 5, True), (5, -5, False), (5, -6, True)],
)
def test_a_unit_with_many_rows_does_not_decide_which_of_two_is_the_mode(
    rows: int, ahead: int, own: int, *, safe: bool
) -> None:
    """Of the others so many more have 5 than 7; its rows stand with one of the two. Of equals the smaller one is it."""
    values = [5] * (30 + ahead) + [7] * 30 + [own] * rows
    persons = [*range(len(values) - rows), *[999] * rows]
    frame = pd.DataFrame({UNIT: persons, "group": "a", "value": values})
    out = judge(frame, policy(minimum_units=10), statistic="mode", values="value")
    assert (failures(out, RULE) == set()) is safe


def test_who_has_many_rows_of_other_values_decides_no_mode() -> None:
    """Persons with twelve rows each, and one with forty of a third value."""
    values = [5] * 480 + [7] * 470 + [9] * 40
    persons = [*(place // 12 for place in range(950)), *[999] * 40]
    frame = pd.DataFrame({UNIT: persons, "group": "a", "value": values})
    out = judge(frame, policy(minimum_units=10), statistic="mode", values="value")
    assert failures(out, RULE) == set()


def test_households_are_counted_where_they_must_reach_the_minimum_too() -> None:
    frame = units({"a": [5] * 10 + list(range(100, 130))}).assign(home=[place // 2 for place in range(40)])
    by = policy(minimum_units=10)
    assert failures(judge(frame, by, statistic="mode", values="value"), RULE) == set()
    out = judge(frame, by, statistic="mode", values="value", other_units=(("home",),))
    assert failures(out, RULE) == {"group=a", "total"}


def test_of_several_values_that_are_as_frequent_the_smallest_is_shown() -> None:
    out = mode({"a": [9.5, 9.5, -3, -3, 4, 4, 1]})
    assert shown(out)["group=a"] == "-3"


def test_a_cell_without_values_has_none() -> None:
    out = mode({"a": [1, 1, 2, 3], "b": [None, None, None]})
    assert (status(out), shown(out)["group=b"]) == (Status.SAFE, "no_value")


def test_a_mode_of_two_values_is_a_frequency() -> None:
    cells = {"a": [0] * 50 + [1] * 9}
    assert failures(mode(cells, minimum_units=10), RuleName.FREQUENCY_IN_DISGUISE) == {"group=a", "total"}


def test_weights_are_refused() -> None:
    with pytest.raises(RecipeError, match="not weighted"):
        judge(units({"a": [1, 1]}).assign(w=1), policy(), statistic="mode", values="value", weights="w")


@pytest.mark.parametrize("key", ["minimum_units", "modal_share"])
def test_a_policy_without_a_key_that_it_needs_leaves_it_inconclusive(key: str) -> None:
    assert status(mode({"a": [1, 1, 2, 2]}, **{key: ABSENT})) is Status.INCONCLUSIVE
