"""What two overlapping cells tell of the units in only one of them: amounts in common, and a category of nearly all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from disclosure.errors import DocumentError
from disclosure.model.codebooks import Column
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.overlaps import Differing
from disclosure.model.verdicts import RuleName
from tests.disclosure.support import UNIT, coarse, codebook, failures, judge, policy

BOTH = {"group=a", "group=b"}
ALL = {"minimum_units": 10, "dominance": [[1, 50]], "constant": "on"}
HARMLESS = coarse("group")


def incomes(n: int) -> list[float]:
    return [float(one) for one in np.random.default_rng(3).lognormal(10, 0.4, n).round()]


def cells(more: Mapping[int, float], *, first: int = 100, only_b: int = 0) -> pd.DataFrame:
    """Return a cell b of some units, and a cell a of those and more, with what these have; a third one stands apart.

    Args:
        only_b: so many of b are not in a.
    """
    own = incomes(first + 200)
    rows = [(unit, "b", own[unit]) for unit in range(first)]
    rows += [(unit, "a", own[unit]) for unit in range(only_b, first)]
    rows += [(1000 + unit, "a", value) for unit, value in more.items()]
    rows += [(2000 + unit, "c", own[first + unit]) for unit in range(200)]
    return pd.DataFrame(rows, columns=[UNIT, "group", "value"])


def implied(frame: pd.DataFrame, statistic: str = "sum", by: Mapping[str, Any] = ALL, **asked: Any) -> set[str]:
    return failures(judge(frame, policy(**by), statistic=statistic, values="value", **asked), RuleName.IMPLIED_CELLS)


# ---------------------------------------------------------------------------------------- what contributions have alike


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_a_shift_that_makes_one_of_a_difference_small_does_not_hide_it(statistic: str) -> None:
    shifted = dict.fromkeys(range(9), 1000000.0) | {9: 1_031_102.0}
    frame = cells(shifted)
    frame["value"] += [0 if unit >= 1000 else 1_000_000 for unit in frame[UNIT]]
    assert implied(frame, statistic) == BOTH


@pytest.mark.parametrize(("others", "unsafe"), [(0, True), (1, True), (9, True), (10, False)])
def test_in_a_difference_fewer_than_the_minimum_lie_elsewhere_than_as_many_as_that(others: int, unsafe: bool) -> None:
    more = dict.fromkeys(range(12), 20000.0) | {12 + one: 11_000.0 + 700 * one for one in range(others)}
    assert implied(cells(more)) == (BOTH if unsafe else set())


def test_a_difference_of_equal_amounts_shows_each_of_them_unless_the_policy_does_not_ask() -> None:
    same = dict.fromkeys(range(12), 17321.0)
    assert implied(cells(same)) == BOTH
    assert implied(cells(same), by={**ALL, "constant": "off"}) == set()


def test_whoever_is_in_the_one_cell_only_hides_nobody_in_the_other_only() -> None:
    """Of eleven in a alone and eleven in b alone all but one have the same made up amount: sizes are compared too."""
    frame = cells(dict.fromkeys(range(10), 1000000.0) | {10: 1_031_102.0}, only_b=11)
    frame["value"] += [1_000_000 if unit < 1000 else 0 for unit in frame[UNIT]]
    frame.loc[(frame[UNIT] < 11) & (frame["group"] == "b"), "value"] = 1_000_000.0
    assert implied(frame) == BOTH


def test_nobody_in_a_difference_has_any_where_zeros_disclose() -> None:
    nothing = dict.fromkeys(range(12), 0.0)
    assert implied(cells(nothing)) == set()
    assert implied(cells(nothing), by={**ALL, "zero_cells": "disclosive"}) == BOTH


def test_amounts_of_nearly_all_of_a_difference_are_group_disclosure() -> None:
    nearly = dict.fromkeys(range(96), 500.0) | {96 + unit: 700.0 + unit for unit in range(12)}
    assert implied(cells(nearly), by={**ALL, "group_disclosure": 88}) == set()
    two = dict.fromkeys(range(96), 500.0) | {96 + unit: 700.0 for unit in range(12)}
    assert implied(cells(two), by={**ALL, "group_disclosure": 88}) == BOTH
    assert implied(cells(two), by={**ALL, "group_disclosure": 89}) == set()


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_children_of_the_same_households_in_another_year_are_no_amounts_in_common(statistic: str) -> None:
    children = np.random.default_rng(5).integers(0, 4, 300)
    later = children + np.array([1] * 40 + [0] * 256 + [2] * 4)
    rows = [(unit, "2019", int(children[unit])) for unit in range(300)]
    rows += [(unit, "2020", int(later[unit])) for unit in range(300)]
    frame = pd.DataFrame(rows, columns=[UNIT, "group", "value"])
    assert implied(frame, statistic) == set()
    frame["value"] *= 1000.0  # amounts of money: who gets a thousand more, and who four thousand
    assert implied(frame, statistic) == {"group=2019", "group=2020"}


def test_incomes_of_the_same_persons_in_another_year_stay_safe() -> None:
    own, chance = incomes(300), np.random.default_rng(6)
    rows = [(unit, "2019", own[unit]) for unit in range(280)]
    rows += [(unit, "2020", round(own[unit] * 1.02 + chance.normal(0, 300))) for unit in range(20, 300)]
    assert implied(pd.DataFrame(rows, columns=[UNIT, "group", "value"])) == set()


# ------------------------------------------------------------------------------------------------------ one category


def rated(more_poor: int, more_not: int, *, only_b: int = 0, changed: int = 0) -> pd.DataFrame:
    """Return b of 100 of whom 40 are poor, and a of those, of which some change, and of more of either kind."""
    poor = [unit % 5 < 2 for unit in range(100)]
    rows = [(unit, "b", int(poor[unit])) for unit in range(100)]
    rows += [(unit, "a", int(poor[unit] is not (100 - unit <= changed))) for unit in range(only_b, 100)]
    rows += [(1000 + unit, "a", 1) for unit in range(more_poor)] + [(2000 + unit, "a", 0) for unit in range(more_not)]
    rows += [(3000 + unit, "c", unit % 2) for unit in range(100)]
    return pd.DataFrame(rows, columns=[UNIT, "group", "value"])


SHARE = {"minimum_units": 10, "group_disclosure": 90, "constant": "off"}


@pytest.mark.parametrize("statistic", ["rate", "sum", "mean"])
@pytest.mark.parametrize(("poor", "rich", "unsafe"), [(12, 0, True), (0, 12, True), (91, 10, True), (90, 10, False)])
def test_who_is_in_only_one_cell_is_not_nearly_always_poor(statistic: str, poor: int, rich: int, unsafe: bool) -> None:
    frame = rated(poor, rich)
    assert implied(frame, statistic, SHARE, codebook=HARMLESS) == (BOTH if unsafe else set())


@pytest.mark.parametrize(("poor", "rich", "unsafe"), [(11, 1, False), (12, 0, True), (0, 12, True)])
def test_what_is_not_disclosive_of_a_difference_is_so_of_everybody_only(poor: int, rich: int, unsafe: bool) -> None:
    book = codebook(Column("group", sensitive=False), Column("value", not_disclosive=("0", "1")))
    by = {**SHARE, "minimum_units": 2}
    frame = rated(poor, rich)
    assert (implied(frame, "rate", by, codebook=book) == BOTH) is (unsafe or rich == 1)
    harmless = coarse("group", "value")
    assert implied(frame, "rate", SHARE, codebook=harmless) == (BOTH if 0 < rich < 10 else set())


def test_a_policy_in_which_zeros_disclose_asks_for_somebody_of_either_kind() -> None:
    by = {"minimum_units": 10, "zero_cells": "disclosive"}
    assert implied(rated(12, 0), "rate", by, codebook=HARMLESS) == BOTH
    assert implied(rated(12, 10), "rate", by, codebook=HARMLESS) == set()
    assert implied(rated(12, 0), "rate", {"minimum_units": 10}, codebook=HARMLESS) == set()


@pytest.mark.parametrize(("changed", "unsafe"), [(0, True), (9, True), (12, False)])
def test_where_as_many_change_as_are_in_one_cell_only_nothing_certain_follows(changed: int, unsafe: bool) -> None:
    """Of the twelve in a only all are poor; of those in both as many turn poor as do not."""
    frame = rated(12, 0, changed=changed)
    found = implied(frame, "rate", SHARE, codebook=HARMLESS)
    assert (found == BOTH) is unsafe


def by_status(n_poor: int, n_not: int, *, value: Callable[[int], int] = lambda unit: unit % 2) -> pd.DataFrame:
    rows = [(unit, cell, value(unit)) for cell in "ab" for unit in range(200)]
    rows += [(1000 + unit, "a", 1) for unit in range(n_poor)] + [(2000 + unit, "a", 0) for unit in range(n_not)]
    return pd.DataFrame(rows, columns=[UNIT, "group", "status"])


@pytest.mark.parametrize(("poor", "rest", "unsafe"), [(30, 0, True), (91, 10, True), (90, 10, False), (30, 30, False)])
def test_counts_by_a_category_tell_as_much_as_rates(poor: int, rest: int, unsafe: bool) -> None:
    frame = by_status(poor, rest)
    table = judge(frame, policy(**SHARE), columns=("status",), codebook=HARMLESS)
    assert failures(table, RuleName.IMPLIED_CELLS) == (BOTH if unsafe else set())
    harmless = coarse("group", "status")
    assert (
        failures(judge(frame, policy(**SHARE), columns=("status",), codebook=harmless), RuleName.IMPLIED_CELLS) == set()
    )


def test_a_category_that_the_units_in_both_change_tells_nothing_certain() -> None:
    rows = [(unit, "a", unit % 2) for unit in range(230)] + [
        (unit, "b", (unit + (unit < 60)) % 2) for unit in range(200)
    ]
    rows += [(unit, "a", 1) for unit in range(300, 301)]
    frame = pd.DataFrame(rows, columns=[UNIT, "group", "status"])
    frame.loc[(frame["group"] == "a") & (frame[UNIT] >= 200), "status"] = 1
    assert (
        failures(judge(frame, policy(**SHARE), columns=("status",), codebook=HARMLESS), RuleName.IMPLIED_CELLS) == set()
    )
    same = frame.assign(status=[1 if unit >= 200 else unit % 2 for unit in frame[UNIT]])
    assert (
        failures(judge(same, policy(**SHARE), columns=("status",), codebook=HARMLESS), RuleName.IMPLIED_CELLS) == BOTH
    )


# ------------------------------------------------------------------------------------------------------ the document


def test_ends_of_differences_survive_the_document() -> None:
    evidence = judge(
        cells({unit: 20_000.0 + unit for unit in range(12)}), policy(**ALL), statistic="sum", values="value"
    ).evidence
    assert evidence is not None
    again = evidence_from_bytes(evidence_to_bytes(evidence))
    assert again.overlaps is not None
    assert evidence.overlaps is not None
    one, other = evidence.overlaps.amounts, again.overlaps.amounts
    assert isinstance(one, Differing)
    assert isinstance(other, Differing)
    assert [ends.highest.tolist() for ends in one.ends] == [ends.highest.tolist() for ends in other.ends]
    assert one.ends[0].numbers.tolist() == [12]
    assert (one.ends[0].lowest.tolist(), one.ends[0].highest.tolist()) == (
        [20_000_000_000],
        [20_011_000_000],
    )  # to six decimals


FORGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no ends": lambda amounts: amounts.update(ends=[]),
    "ends of sums only": lambda amounts: amounts["ends"].pop(),
    "more contributors than units": lambda amounts: [one.update(numbers=[999]) for one in amounts["ends"]],
    "a lowest above the highest": lambda amounts: amounts["ends"][0].update(lowest=[99_999]),
    "sizes below zero": lambda amounts: amounts["ends"].__setitem__(
        1, {**amounts["ends"][1], "lowest": [-1], "total": [amounts["ends"][1]["total"][0] - 20_001]}
    ),
    "of other pairs": lambda amounts: [one.update({name: [] for name in one}) for one in amounts["ends"]],
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_forged_ends_of_differences_are_refused(forge: Callable[[dict[str, Any]], Any]) -> None:
    evidence = judge(
        cells({unit: 20_000.0 + unit for unit in range(12)}), policy(**ALL), statistic="sum", values="value"
    ).evidence
    assert evidence is not None
    document = json.loads(evidence_to_bytes(evidence))
    forge(document["overlaps"]["amounts"])
    with pytest.raises(DocumentError):
        evidence_from_bytes(json.dumps(document).encode())
