"""Midpoint rounding: zero stays, 1 to 6 are shown as 3, 7 to 12 as 9; margins are sums of what the cells show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.assess import missing_before_tabulation
from disclosure.errors import PolicyError, RecipeError
from disclosure.model.recipes import recipe_from_json
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, RemedyKind, RuleName, Status
from disclosure.notebook.output import Output
from disclosure.policy import Policy, Rounding, is_at_least_as_strict, load_policy, policy_from_bytes, tightened
from disclosure.protection.midpoint import midpoint_class, midpoint_count
from disclosure.render import to_csv, to_json
from tests.disclosure.support import UNIT, failures, heads, judge, policy, policy_toml, shown, status, units


def permits(midpoint: int | None = 6, use: str = "permitted", base: int = 5, **changes: Any) -> Policy:
    """Return a policy that lets counts be shown as midpoints."""
    value = f'{{base = {base}, use = "{use}"' + ("}" if midpoint is None else f", midpoint = {midpoint}}}")
    document = policy_toml(**{"minimum_units": 8, **changes})
    return policy_from_bytes(
        document.replace('rounding = {value = "off"', f"rounding = {{value = {value}").encode(), "t"
    )


def as_midpoints(frame: pd.DataFrame, by: Policy, width: object = 6, **asked: Any) -> JudgedTable:
    dimensions = [name for name in frame.columns if name not in (UNIT, "value")]
    return judge(
        frame, by, rows=dimensions[:1], columns=dimensions[1:], options=(("midpoint", str(width)),), **asked
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------- the classes


@pytest.mark.parametrize(
    ("n", "width", "shown_as"),
    [(0, 6, 0), (1, 6, 3), (6, 6, 3), (7, 6, 9), (12, 6, 9), (13, 6, 15), (1, 5, 3), (5, 5, 3), (6, 5, 8), (2, 2, 1)],
)
def test_a_count_is_shown_as_the_midpoint_of_its_class_and_zero_as_zero(n: int, width: int, shown_as: int) -> None:
    assert midpoint_count(n, width) == shown_as


@given(st.integers(0, 10_000), st.integers(2, 1000))
def test_the_class_holds_the_counts_that_are_shown_so_and_no_others(n: int, width: int) -> None:
    low, high = midpoint_class(midpoint_count(n, width), width)
    assert low <= n <= high
    assert midpoint_count(low, width) == midpoint_count(high, width) == midpoint_count(n, width)
    assert midpoint_count(high + 1, width) > midpoint_count(n, width)
    assert low == 0 or midpoint_count(low - 1, width) < midpoint_count(n, width)


def test_midpoints_of_a_class_of_six_are_half_a_unit_low_on_average_and_of_five_right() -> None:
    assert sum(midpoint_count(n, 6) - n for n in range(1, 7)) == -3
    assert sum(midpoint_count(n, 5) - n for n in range(1, 6)) == 0


# ------------------------------------------------------------------------------------------------------- what is judged


def test_a_small_count_passes_and_the_table_says_how_it_is_shown() -> None:
    table = as_midpoints(heads({"a": 41, "b": 3, "c": 52}), permits())
    assert status(table) is Status.SAFE
    assert [str(note) for note in getattr(table.verdict, "notes", ())] == [
        "not compared with other tables",
        "counts are midpoints of classes of 6: 0 is 0, 1 to 6 are shown as 3, and so on; margins are sums of midpoints",
    ]
    assert shown(table) == {"group=a": "39", "group=b": "3", "group=c": "51", "total": "93"}


def test_all_margins_are_sums_of_the_cells_that_are_shown() -> None:
    sizes = {("a", "x"): 1, ("a", "y"): 6, ("b", "x"): 7, ("c", "y"): 30}
    assert shown(as_midpoints(heads(sizes), permits())) == {
        "d1=a, d2=x": "3", "d1=a, d2=y": "3", "d1=a": "6", "d1=b, d2=x": "9", "d1=b": "9",
        "d1=c, d2=y": "27", "d1=c": "27", "d2=x": "12", "d2=y": "30", "total": "42",
    }  # fmt: skip


def test_six_cells_of_one_unit_cannot_be_told_by_their_margin() -> None:
    # Rounded by itself the margin of 6 would be shown as 3, and six cells of at least 1 in at most 6 are 1 each.
    ones = shown(as_midpoints(heads(dict.fromkeys("abcdef", 1)), permits()))
    sixes = shown(as_midpoints(heads(dict.fromkeys("abcdef", 6)), permits()))
    assert ones == sixes
    assert ones["total"] == "18"


def test_where_units_stand_in_several_cells_a_small_count_still_fails() -> None:
    frame = pd.concat([heads({"a": 40}), heads({"b": 3}), heads({"c": 50})])
    assert failures(as_midpoints(frame, permits()), RuleName.MINIMUM_COUNT) == {"group=b"}


def test_a_count_that_holds_nearly_everyone_fails_as_before() -> None:
    some = heads({("a", "x"): 600, ("a", "y"): 40, ("b", "x"): 400, ("b", "y"): 300})
    by = permits(group_disclosure=90)
    assert failures(as_midpoints(some, by)) == failures(judge(some, by, rows=["d1"], columns=["d2"])) == {"d1=a, d2=x"}


def test_empty_cells_that_disclose_fail_as_before() -> None:
    frame = heads({("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 52})
    assert failures(as_midpoints(frame, permits(zero_cells="disclosive")), RuleName.ZERO_CELLS) == {"d1=b, d2=y"}


def test_a_table_of_midpoints_is_the_same_however_it_is_made_and_read_back() -> None:
    frame = heads({("a", "x"): 40, ("a", "y"): 3, ("b", "x"): 52, ("b", "y"): 13})
    one, other = (as_midpoints(each, permits()) for each in (frame, frame.sample(frac=1, random_state=1)))
    assert (to_json(one), to_csv(one)) == (to_json(other), to_csv(other))
    assert recipe_from_json(one.recipe.to_json().encode()) == one.recipe
    assert b'"options":{"midpoint":"6"}' in to_json(one)


@pytest.mark.parametrize("width", ["0", "1", "-6", "6.0", "six", "06", "1000001", ""])
def test_a_width_is_a_whole_number_of_at_least_two(width: str) -> None:
    with pytest.raises(RecipeError, match="a whole number from 2 to 1000000"):
        as_midpoints(heads({"a": 40}), permits(), width)


def test_counts_are_shown_as_midpoints_or_rounded_to_a_base_and_not_weighted() -> None:
    frame = units({"a": [1.0] * 40})
    with pytest.raises(RecipeError, match="weighted, or rounded"):
        judge(frame, permits(), weights="value", options=(("midpoint", "6"),))
    recipe = replace(as_midpoints(heads({"a": 40}), permits()).recipe, rounding=5)
    with pytest.raises(RecipeError, match="weighted, or rounded"):
        missing_before_tabulation(recipe, permits())


def test_only_counts_have_midpoints() -> None:
    with pytest.raises(RecipeError, match="no such option"):
        judge(units({"a": [1, 2, 3] * 9}), permits(), statistic="sum", values="value", options=(("midpoint", "6"),))


# --------------------------------------------------------------------------------------------------- what policies say


@pytest.mark.parametrize(("asked", "judged"), [(6, True), (12, True), (5, False), (3, False), (7, False)])
def test_classes_are_the_policys_or_whole_ones_of_it_together(asked: int, judged: bool) -> None:
    table = as_midpoints(heads({"a": 41, "b": 3}), permits(6), asked)
    assert (status(table) is Status.SAFE) is judged
    assert isinstance(table.verdict, Inconclusive) is not judged


@pytest.mark.parametrize("by", [permits(None), policy(minimum_units=8), load_policy("cbs"), load_policy("essnet")])
def test_a_policy_that_says_nothing_of_midpoints_takes_none(by: Policy) -> None:
    table = as_midpoints(heads({"a": 41, "b": 50}), by)
    assert isinstance(table.verdict, Inconclusive)
    assert "midpoint rounding that the policy" in " ".join(map(str, table.verdict.missing))


def test_midpoints_satisfy_a_policy_that_requires_rounding() -> None:
    by = permits(6, "required")
    assert failures(judge(heads({"a": 41, "b": 50}), by), RuleName.ROUNDED_COUNTS) == {"group=a", "group=b", "total"}
    assert status(as_midpoints(heads({"a": 41, "b": 50}), by)) is Status.SAFE


@pytest.mark.parametrize("value", ["0", "1", "6.0", "true", '"6"', "1000001"])
def test_a_policys_width_is_a_whole_number_of_at_least_two(value: str) -> None:
    with pytest.raises(PolicyError, match="rounding"):
        permits(value)  # type: ignore[arg-type]


def test_the_same_policy_without_midpoints_is_stricter_and_so_are_wider_classes() -> None:
    six, twelve, none, seven = permits(6), permits(12), permits(None), permits(7)
    for one, than, answer in (
        (none, six, True), (six, none, False), (twelve, six, True), (six, twelve, False), (seven, six, False),
        (six, six, True), (none, none, True),
    ):  # fmt: skip
        assert is_at_least_as_strict(one, than) is answer


def test_opensafely_may_be_tightened_to_the_policy_that_redacts_and_rounds_only() -> None:
    by = load_policy("opensafely")
    assert by.rounding == Rounding(5, required=True, midpoint=6)
    tighter = tightened(by, rounding={"base": 5, "use": "required"})
    assert tighter.rounding == Rounding(5, required=True)
    assert isinstance(as_midpoints(heads({"a": 41}), tighter).verdict, Inconclusive)


# ------------------------------------------------------------------------------------------------------------ remedies


def remedies(out: Output) -> list[str]:
    return [str(one) for one in out.remedies() if one.kind is RemedyKind.ROUND]


def test_opensafely_offers_midpoints_beside_redaction_and_rounding() -> None:
    out = sdc.table(heads({"a": 41, "b": 3, "c": 52}), rows="group", unit=UNIT, policy="opensafely")
    (one,) = [one for one in out.remedies() if "midpoints" in str(one)]
    assert str(one) == "show counts as midpoints of classes of 6"
    assert one.loses == "exact counts: cells are up to 3 off, and margins are sums of midpoints"
    repaired = out.apply(one)
    assert status(repaired) is Status.SAFE
    assert shown(repaired) == {"group=a": "39", "group=b": "3", "group=c": "51", "total": "93"}
    # What the judgement itself names is redaction, which the guidance asks for; other remedies are looked for.
    assert {one.kind for finding in out.table.verdict.findings for one in finding.remedies} == {RemedyKind.SUPPRESS}
    for finding in out.verdict.findings:
        assert RemedyKind.SUPPRESS in {one.kind for one in finding.remedies}


def test_midpoints_are_not_offered_where_they_would_not_do_or_are_not_permitted() -> None:
    several = pd.concat([heads({"a": 40}), heads({"b": 3}), heads({"c": 50})])
    out = sdc.table(several, rows="group", unit=UNIT, policy="opensafely")
    assert not [one for one in remedies(out) if "midpoints" in one]
    plain = sdc.table(heads({"a": 41, "b": 3, "c": 52}), rows="group", unit=UNIT, policy="cbs")
    assert not [one for one in remedies(plain) if "midpoints" in one]
