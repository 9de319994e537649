"""Rounding: counts half up to a base, so that what fails a rule may be anything that would be safe.

A count below the minimum is protected if its feasible interval reaches from max(0, n - minimum) to the minimum, for
everyone who knows all rounded counts and that cells add up to their margins.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import disclosure as sdc
from disclosure.check import check_frame
from disclosure.engines.door import narrow_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.errors import RecipeError
from disclosure.knowledge import Knowledge
from disclosure.model.recipes import recipe_from_json
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, RemedyKind, RuleName, Status
from disclosure.policy import Policy, load_policy, policy_from_bytes
from disclosure.protection.rounding import adds_up, least_base, rounded_count, rounding_interval
from disclosure.render import to_csv, to_json
from tests.disclosure.support import ABSENT, UNIT, failures, heads, judge, policy_toml, shown, status, units


def rounds(base: int = 5, use: str = "permitted", **changes: Any) -> Policy:
    """Return a policy that permits or requires rounding."""
    document = policy_toml(**{"minimum_units": 10, **changes})
    value = f'rounding = {{value = {{base = {base}, use = "{use}"}}'
    return policy_from_bytes(document.replace('rounding = {value = "off"', value).encode(), "test")


def rounded(frame: pd.DataFrame, by: Policy, base: int, *, suppressed: bool = False) -> JudgedTable:
    """Return the table of a frame of `heads`, rounded to a base."""
    dimensions = [name for name in frame.columns if name != UNIT]
    plain = judge(frame, by, rows=dimensions[:1], columns=dimensions[1:])
    recipe = replace(plain.recipe, rounding=base, suppressed=suppressed)
    return check_frame(recipe, narrow_frame(frame, recipe.narrow_columns), by, Knowledge(), DuckDBTabulator())


# ----------------------------------------------------------------------------------------------------------- half up


@pytest.mark.parametrize(
    ("n", "base", "shown_as"),
    [(0, 5, 0), (2, 5, 0), (3, 5, 5), (7, 5, 5), (8, 5, 10), (4, 10, 0), (5, 10, 10), (14, 10, 10), (15, 10, 20),
     (12, 25, 0), (13, 25, 25), (37, 25, 25), (38, 25, 50), (1, 2, 2), (0, 2, 0)],
)  # fmt: skip
def test_the_nearest_multiple_is_shown_and_half_way_goes_up(n: int, base: int, shown_as: int) -> None:
    assert rounded_count(n, base) == shown_as


@given(st.integers(0, 10_000), st.integers(2, 1000))
def test_the_rounding_interval_holds_the_counts_that_are_shown_so_and_no_others(n: int, base: int) -> None:
    low, high = rounding_interval(rounded_count(n, base), base)
    assert low <= n <= high
    assert rounded_count(low, base) == rounded_count(high, base) == rounded_count(n, base)
    assert rounded_count(high + 1, base) > rounded_count(n, base)
    assert low == 0 or rounded_count(low - 1, base) < rounded_count(n, base)


@pytest.mark.parametrize(("minimum", "step", "base"), [(10, 1, 21), (10, 5, 25), (8, 5, 20), (11, 5, 25), (2, 5, 5)])
def test_at_the_least_base_every_count_up_to_the_minimum_is_shown_as_zero(minimum: int, step: int, base: int) -> None:
    assert least_base(minimum, step) == base
    assert rounding_interval(0, base)[1] >= minimum
    assert base - step < 2 * minimum + 1


# ------------------------------------------------------------------------------------------------------- what is judged

SMALL = {"a": 40, "b": 3, "c": 52, "d": 77}


def test_a_small_count_is_protected_and_the_table_says_that_it_is_rounded() -> None:
    table = rounded(heads(SMALL), rounds(), 25)
    assert status(table) is Status.SAFE
    assert [str(note) for note in getattr(table.verdict, "notes", ())] == [
        "not compared with other tables",
        "counts are rounded to multiples of 25",
    ]
    assert shown(table) == {"group=a": "50", "group=b": "0", "group=c": "50", "group=d": "75", "total": "175"}


def test_a_base_that_leaves_too_little_open_protects_nothing() -> None:
    for base in (5, 10, 20):
        assert failures(rounded(heads(SMALL), rounds(), base), RuleName.MINIMUM_COUNT) == {"group=b"}


def test_the_bound_is_the_minimum_itself() -> None:
    frame = heads(SMALL)
    assert status(rounded(frame, rounds(1 + 19, minimum_units=9), 20)) is Status.SAFE  # 0 stands for 0 to 9
    assert status(rounded(frame, rounds(1 + 19, minimum_units=10), 20)) is Status.UNSAFE


def test_rounding_that_the_margin_gives_away_protects_nothing() -> None:
    # 38 in all are shown as 50, so there are at least 38; and the cells, shown as 0, hold at most 12 each.
    known = heads({"a": 12, "b": 12, "c": 12, "d": 2})
    assert failures(rounded(known, rounds(), 25), RuleName.MINIMUM_COUNT) == {"group=d"}
    assert status(rounded(heads({"a": 12, "b": 12, "c": 15, "d": 2}), rounds(), 25)) is Status.SAFE


def test_a_table_of_one_figure_is_rounded_too() -> None:
    assert status(rounded(heads({"a": 3})[[UNIT]], rounds(), 25)) is Status.SAFE
    assert status(rounded(heads({"a": 3})[[UNIT]], rounds(), 20)) is Status.UNSAFE


def test_where_units_stand_in_several_cells_nothing_is_protected() -> None:
    frame = pd.concat([heads({"a": 40}), heads({"b": 3}), heads({"c": 50})])
    table = rounded(frame, rounds(), 25)
    assert failures(table, RuleName.MINIMUM_COUNT) == {"group=b"}


def test_a_count_that_holds_nearly_everyone_is_protected_while_it_may_be_less() -> None:
    by = rounds(group_disclosure=90, minimum_units=2)
    some = heads({("a", "x"): 600, ("a", "y"): 40, ("b", "x"): 400, ("b", "y"): 300})
    assert failures(rounded(some, by, 5)) == {"d1=a, d2=x"}
    assert failures(rounded(some, by, 45)) == {"d1=a, d2=x"}
    assert failures(rounded(some, by, 50)) == set()  # 575 to 624, where 576 of 640 would be 90 percent


def test_empty_cells_are_listed_since_a_small_count_looks_like_them() -> None:
    frame = heads({("a", "x"): 40, ("a", "y"): 3, ("b", "x"): 52})
    table = rounded(frame, rounds(), 25)
    assert shown(table)["d1=b, d2=y"] == shown(table)["d1=a, d2=y"] == "0"


def test_what_still_fails_can_be_withheld() -> None:
    table = rounded(heads({"a": 40, "b": 3, "c": 52}), rounds(), 5, suppressed=True)
    assert status(table) is Status.SAFE
    assert shown(table) == {"group=a": "40", "group=b": "withheld", "group=c": "50", "total": "withheld"}


def test_a_rounded_table_is_the_same_however_it_is_made() -> None:
    frame = heads({("a", "x"): 40, ("a", "y"): 3, ("b", "x"): 52, ("b", "y"): 13})
    one, other = rounded(frame, rounds(), 25), rounded(frame.sample(frac=1, random_state=1), rounds(), 25)
    assert (to_json(one), to_csv(one)) == (to_json(other), to_csv(other))
    assert recipe_from_json(one.recipe.to_json().encode()) == one.recipe
    assert b'"rounding":25' in to_json(one)


# --------------------------------------------------------------------------------------------------- what policies say


def test_only_a_base_that_the_policy_permits_is_judged() -> None:
    frame = heads(SMALL)
    for by, base, missing in (
        (rounds(), 21, "a base of rounding that the policy test permits"),
        (policy_from_bytes(policy_toml(minimum_units=10).encode(), "test"), 25, "a base of rounding"),
        (load_policy("essnet"), 25, "a base of rounding that the policy essnet permits"),
        (policy_from_bytes(policy_toml(rounding=ABSENT).encode(), "test"), 25, "the policy test does not set rounding"),
    ):
        table = rounded(frame, by, base)
        assert isinstance(table.verdict, Inconclusive)
        assert missing in str(table.verdict.missing[0])


def test_only_counts_are_rounded() -> None:
    table = judge(units({"a": [1, 2, 3] * 10}), rounds(), statistic="sum", values="value")
    recipe = replace(table.recipe, rounding=25)
    with pytest.raises(RecipeError, match="Only unweighted counts"):
        check_frame(
            recipe,
            narrow_frame(units({"a": [1, 2, 3] * 10}), recipe.narrow_columns),
            rounds(),
            Knowledge(),
            DuckDBTabulator(),
        )


def test_a_policy_that_requires_rounding_publishes_no_other_count() -> None:
    frame = heads({"a": 40, "b": 33, "c": 52})
    by = rounds(5, "required", minimum_units=8)
    plain = judge(frame, by)
    assert failures(plain, RuleName.ROUNDED_COUNTS) == {"group=a", "group=b", "group=c", "total"}
    assert status(rounded(frame, by, 5)) is Status.SAFE
    assert status(rounded(frame, by, 10)) is Status.SAFE
    assert isinstance(rounded(frame, by, 7).verdict, Inconclusive)


def test_a_policy_that_requires_rounding_publishes_no_rate_of_unrounded_counts() -> None:
    by = rounds(5, "required", minimum_units=8)
    table = judge(units({"a": [0, 1] * 40}), by, statistic="rate", values="value")
    assert failures(table, RuleName.ROUNDED_COUNTS) == {"group=a", "total"}
    assert status(judge(units({"a": [1, 2, 3] * 40}), by, statistic="sum", values="value")) is Status.SAFE


@pytest.mark.parametrize(("n", "kind"), [(7, RemedyKind.SUPPRESS), (8, RemedyKind.ROUND)])
def test_opensafely_redacts_counts_up_to_seven_and_rounds_the_rest_to_five(n: int, kind: RemedyKind) -> None:
    out = sdc.table(heads({"a": 41, "b": n, "c": 52}), rows="group", unit=UNIT, policy="opensafely")
    assert status(out) is Status.UNSAFE
    for finding in out.table.verdict.findings:
        assert [one.kind for one in finding.remedies] == [kind]
    repaired = out.apply(out.table.verdict.findings[0].remedies[0])
    assert status(repaired) is Status.SAFE
    assert shown(repaired) == {
        "group=a": "40",
        "group=b": "withheld" if n == 7 else "10",
        "group=c": "50",
        "total": "withheld" if n == 7 else "100",
    }


def test_rounding_is_offered_where_the_policy_permits_it_and_loses_no_cell() -> None:
    out = sdc.table(heads(SMALL), rows="group", unit=UNIT, policy="cbs")
    (rounding,) = [one for one in out.remedies() if one.kind is RemedyKind.ROUND]
    assert str(rounding) == "round counts to multiples of 25"
    assert rounding.loses == "exact counts: figures are up to 12 off, and need not add up"
    assert status(out.apply(rounding)) is Status.SAFE
    refused = sdc.table(heads(SMALL), rows="group", unit=UNIT, policy="abs")
    assert not [one for one in refused.remedies() if one.kind is RemedyKind.ROUND]


# -------------------------------------------------------------------------------------------- an attacker's programme


def feasible(table: JudgedTable, base: int, position: int) -> tuple[float, float]:
    """Return the interval of a cell for who knows the rounded counts and that cells add up, by linear programming."""
    evidence = table.evidence
    assert evidence is not None
    inner = np.flatnonzero(evidence.inner)
    rows, low, high = [], [], []
    for cell in range(len(evidence)):
        fixed = evidence.codes[cell] != -1
        rows.append((evidence.codes[inner][:, fixed] == evidence.codes[cell][fixed]).all(axis=1).astype(float))
        interval = rounding_interval(rounded_count(int(evidence.n_units[cell]), base), base)
        low.append(interval[0])
        high.append(interval[1])
    known = np.array(rows)
    ends = [
        linprog(sign * known[position], A_ub=np.vstack([known, -known]), b_ub=np.array([*high, *(-np.array(low))])).fun
        for sign in (1, -1)
    ]
    return ends[0], -ends[1]


@settings(max_examples=20)
@given(st.lists(st.integers(0, 60), min_size=6, max_size=12), st.sampled_from([15, 20, 25, 50]))
def test_no_attacker_narrows_a_protected_count_down(sizes: list[int], base: int) -> None:
    names = list(itertools.product("ab", "uvwxyz"))[: len(sizes)]
    cells = {name: size for name, size in zip(names, sizes, strict=True) if size}
    if not cells:
        return
    by = rounds()
    table = rounded(heads(cells), by, base)
    evidence = table.evidence
    assert evidence is not None
    assert adds_up(evidence)
    for position in np.flatnonzero((evidence.n_units > 0) & (evidence.n_units < 10) & ~table.failing):
        low, high = feasible(table, base, int(position))
        assert low <= 1e-6
        assert high >= 10 - 1e-6
