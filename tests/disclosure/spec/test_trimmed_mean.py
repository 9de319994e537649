"""Trimmed means: the rules on sums and means hold of what is left, and enough units are cut off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
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
    out = trimmed({"a": range(1, n + 1)}, minimum_units=10)
    assert (RuleName.IMPLIED_COUNTS in rules(out)) is fails


def test_enough_of_those_that_are_cut_off_have_something() -> None:
    out = trimmed({"under": range(50), "at": [1, *range(1, 50)]}, minimum_units=10)
    assert failures(out, RuleName.IMPLIED_COUNTS) == {"group=under"}


def test_one_unit_may_hold_half_of_what_is_cut_off_and_no_more() -> None:
    """Of 20 rows the smallest two and the largest two are cut off: 10 + 20 + 70 beside the largest."""
    others = [10, 20, *range(30, 46), 70]
    for largest, expected in ((100, set()), (100.01, {"group=a", "total"})):
        assert failures(trimmed({"a": [*others, largest]}, dominance=[[1, 50]]), RuleName.DOMINANCE) == expected


def test_sizes_of_what_is_cut_off_count_without_their_sign() -> None:
    """What is cut off adds up to 100 - 90: the largest holds more than that, and half of what there is."""
    values = [-60, -30, *range(1, 9), *range(1, 9), 10]
    for largest, expected in ((100, set()), (100.01, {"group=a", "total"})):
        assert failures(trimmed({"a": [*values, largest]}, dominance=[[1, 50]]), RuleName.DOMINANCE) == expected


@pytest.mark.parametrize(
    ("rule", "parameters"), [(RuleName.P_PERCENT, {"p_percent": 20}), (RuleName.PQ, {"pq": [10, 50]})]
)
def test_p_percent_and_pq_are_put_to_what_is_cut_off(rule: RuleName, parameters: dict[str, Any]) -> None:
    """Beside 100 and 70 a fifth of 100 is left at the bound: 10 + 10."""
    for smallest, expected in ((10, set()), (9.99, {"group=a", "total"})):
        values = [smallest, 10, *range(30, 46), 70, 100]
        assert failures(trimmed({"a": values}, **parameters), rule) == expected


def test_of_tied_rows_at_the_cut_each_unit_loses_its_part() -> None:
    """A tenth of 10 is one at each end: of ten rows of 5, one; unit 1 has half of them. At the other end it is 8."""
    frame = pd.DataFrame({UNIT: [1, 1, 1, 2, 3, 4, 5, 6, 7, 8], "group": "a", "value": [5] * 6 + [6, 7, 7.5, 8]})
    out = judge(frame, policy(), statistic="trimmed_mean", values="value", options=(("trim", "0.1"),))
    assert out.evidence is not None
    columns = out.evidence.part("trimmed").columns
    # Of the six fives one is lost, unit 1 loses half of that; all is multiplied by the six rows and the one row.
    off, first, second = (int(columns[name][0]) for name in ("off", "off_1", "off_2"))
    assert (Fraction(first, off), Fraction(second, off)) == (Fraction(8 * 6, 13 * 6), Fraction(15, 13 * 6))
    assert columns["off_nonzero"][0] == 2


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
