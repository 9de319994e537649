"""Trimmed means: the rules on sums and means hold of what is left, and enough units are cut off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest

from disclosure.errors import RecipeError
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import ABSENT, UNIT, failures, judge, policy, rules, shown, status, units


def trimmed(cells: Mapping[str, Sequence[Any]], trim: str = "0.1", **parameters: Any) -> JudgedTable:
    asked = (("trim", trim),)
    return judge(units(cells), policy(**parameters), statistic="trimmed_mean", values="value", options=asked)


def test_a_share_of_the_rows_is_left_out_at_each_end() -> None:
    out = trimmed({"a": [1000, 1, 2, 3, 4, 5, 6, 7, 8, -900]})
    assert shown(out)["group=a"] == "4.5"


def test_the_number_left_out_is_rounded_down() -> None:
    nine = [1000, 1, 2, 3, 4, 5, 6, 7, -900]
    assert shown(trimmed({"a": nine}))["group=a"] == str(round(sum(nine) / 9, 6))


def test_what_is_left_has_the_minimum_of_units_and_of_units_with_something() -> None:
    cells = {"at": range(1, 21), "under": range(1, 20)}
    out = trimmed(cells, "0.25", minimum_units=10)
    assert failures(out, RuleName.MINIMUM_COUNT) == set()
    out = trimmed({"at": range(1, 21), "under": range(1, 19)}, "0.25", minimum_units=10)
    assert failures(out, RuleName.MINIMUM_COUNT) == set()
    out = trimmed({"under": range(1, 18), "at": range(1, 19)}, "0.25", minimum_units=10)
    assert failures(out, RuleName.MINIMUM_COUNT) == {"group=under"}
    zeros = trimmed({"at": [0] * 15 + list(range(1, 16)), "under": [0] * 16 + list(range(1, 15))}, minimum_units=12)
    assert failures(zeros, RuleName.MINIMUM_NONZERO) == {"group=under"}


def test_dominance_is_put_to_what_is_left() -> None:
    cells = {"a": [*range(20, 40), 1_000_000]}
    assert status(trimmed(cells, dominance=[[1, 50]])) is Status.SAFE
    middle = [0] * 5 + [1, 1, 1, 1, 1] + [5] + [9] * 5
    assert RuleName.DOMINANCE not in rules(trimmed({"a": middle}, "0.34", dominance=[[1, 50]]))
    assert RuleName.DOMINANCE in rules(trimmed({"a": [*middle[:10], 5.01, *middle[11:]]}, "0.34", dominance=[[1, 50]]))


def test_a_unit_with_many_rows_left_fails_dominance() -> None:
    frame = pd.DataFrame({UNIT: [*range(10), *[10] * 20, *range(20, 30)], "group": "a", "value": range(40)})
    out = judge(
        frame, policy(dominance=[[1, 50]]), statistic="trimmed_mean", values="value", options=(("trim", "0.1"),)
    )
    assert RuleName.DOMINANCE in rules(out)


@pytest.mark.parametrize(("n", "fails"), [(49, True), (50, False), (9, False)])
def test_enough_units_are_cut_off_or_none(n: int, fails: bool) -> None:
    """A tenth of 49 is four at each end, of 50 five, of nine none."""
    out = trimmed({"a": range(n)}, minimum_units=10)
    assert (RuleName.IMPLIED_COUNTS in rules(out)) is fails


def test_equal_values_left_fail_as_constant() -> None:
    out = trimmed({"a": [1, 7, 7, 7, 7, 7, 7, 7, 7, 9], "b": [1, 7, 7, 7, 7, 7, 7, 7, 8, 9]}, constant="on")
    assert failures(out, RuleName.CONSTANT) == {"group=a"}


def test_where_the_cut_goes_through_equal_values_no_order_of_rows_changes_a_thing() -> None:
    values = [1] * 9 + [5] * 9 + [9] * 9
    frame = pd.DataFrame({UNIT: [place % 11 for place in range(27)], "group": "a", "value": values})
    parts = []
    for seed in (1, 2, 3):
        shuffled = frame.sample(frac=1, random_state=seed)
        out = judge(
            shuffled, policy(), statistic="trimmed_mean", values="value", options=(("trim", "0.2"),), rows=("group",)
        )
        assert out.evidence is not None
        parts.append(out.evidence.part("trimmed").to_document())
    assert parts[0] == parts[1] == parts[2]


@pytest.mark.parametrize("trim", ["0", "0.5", "0.75", "1", "-0.1", "a tenth", "", "1e-1"])
def test_what_is_trimmed_lies_between_nothing_and_a_half(trim: str) -> None:
    with pytest.raises(RecipeError):
        trimmed({"a": range(10)}, trim)


def test_weights_are_refused() -> None:
    with pytest.raises(RecipeError, match="not weighted"):
        judge(
            units({"a": range(9)}).assign(w=1.0),
            policy(),
            statistic="trimmed_mean",
            values="value",
            weights="w",
            options=(("trim", "0.1"),),
        )


def test_a_cell_without_values_has_none() -> None:
    out = trimmed({"a": range(20), "b": [None] * 3})
    assert (status(out), shown(out)["group=b"]) == (Status.SAFE, "no_value")


@pytest.mark.parametrize("key", ["minimum_units", "dominance", "p_percent", "constant"])
def test_a_policy_without_a_key_that_it_needs_leaves_it_inconclusive(key: str) -> None:
    assert status(trimmed({"a": range(9)}, "0.1", **{key: ABSENT})) is Status.INCONCLUSIVE
