"""The interval audit: what everyone can work out of withheld cells, by linear programs, and what must be left open."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from disclosure.engines.audit import feasible_intervals
from disclosure.errors import BadInputError, IntegrityError, RefusedError
from disclosure.model.evidence import Evidence
from disclosure.model.tables import JudgedTable
from disclosure.policy import Policy
from disclosure.protection.audit import (
    AdditiveTable,
    FeasibleInterval,
    Known,
    Relation,
    relations_of,
    require_open,
    seen_table,
    too_narrow,
)
from disclosure.protection.levels import Interval, protection_levels
from tests.disclosure.support import DATA, heads, judge, policy, units

CROSS = (Relation(4, (0, 1)), Relation(5, (2, 3)), Relation(6, (0, 2)), Relation(7, (1, 3)), Relation(8, (4, 5)))
"""Two rows and two columns: cells, row totals, column totals, the total."""


def cross(first: int = 4, off: Fraction = Fraction(0), withheld: Iterable[int] = range(4)) -> AdditiveTable:
    """Return a table of rows 7 and 3 and columns 6 and 4."""
    values = [first, 7 - first, 6 - first, first - 3, 7, 3, 6, 4, 10]
    return seen_table(values, [cell in set(withheld) for cell in range(9)], CROSS, off=off)


def ends(found: FeasibleInterval) -> tuple[float, float]:
    return round(found.lowest, 6), round(found.highest, 6)


# ------------------------------------------------------------------------------------------------------------ intervals


@pytest.mark.parametrize("first", [3, 4, 6])
def test_of_rows_7_and_3_and_columns_6_and_4_the_first_cell_is_from_3_to_6(first: int) -> None:
    found = feasible_intervals(cross(first))
    assert [ends(one) for one in found[:4]] == [(3, 6), (1, 4), (0, 3), (0, 3)]
    assert [ends(one) for one in found[4:]] == [(7, 7), (3, 3), (6, 6), (4, 4), (10, 10)]


def test_a_single_withheld_cell_follows_exactly() -> None:
    assert ends(feasible_intervals(cross(withheld=[0]))[0]) == (4, 4)


def test_without_a_published_relation_nothing_bounds_a_cell_from_above() -> None:
    assert ends(feasible_intervals(cross(withheld=[0, 4, 6, 8]))[0]) == (0, np.inf)


def test_figures_that_are_rounded_leave_more_open_and_the_same_figure_is_one_unknown_in_every_sum() -> None:
    # Each published total may be half a unit off, and all of them belong to one table.
    assert ends(feasible_intervals(cross(off=Fraction(1, 2)))[0]) == (2, 6.5)
    # 4 is 7 - 3 and 6 - 2, and both ways each figure is up to a half off: at most one off in all, not two.
    assert ends(feasible_intervals(cross(withheld=[0], off=Fraction(1, 2)))[0]) == (3, 5)


def test_who_knows_what_he_contributes_himself_knows_more() -> None:
    table = cross()
    mine = AdditiveTable((Known(Fraction(5), None), *table.known[1:]), table.relations)
    assert [ends(one) for one in feasible_intervals(mine)[:4]] == [(5, 6), (1, 2), (0, 1), (2, 3)]


def test_large_amounts_are_as_exact_as_small_ones() -> None:
    million = 10**12
    values = [4 * million, 3 * million, 2 * million, million, 7 * million, 3 * million, 6 * million, 4 * million]
    table = seen_table([*values, 10 * million], [True] * 4 + [False] * 5, CROSS)
    assert feasible_intervals(table)[0].lowest == pytest.approx(3 * million, rel=1e-9)
    assert feasible_intervals(table)[0].highest == pytest.approx(6 * million, rel=1e-9)


def test_a_table_whose_figures_contradict_each_other_is_refused() -> None:
    one, nothing = Known(Fraction(1), Fraction(1)), Known(Fraction(0), None)
    with pytest.raises(RefusedError, match="add up"):
        feasible_intervals(AdditiveTable((one, one, one), (Relation(0, (1, 2)),)))
    two = Known(Fraction(2), Fraction(2))
    with pytest.raises(RefusedError, match="contradict"):
        feasible_intervals(AdditiveTable((one, two, nothing), (Relation(0, (1, 2)),)))


def test_a_table_without_withheld_cells_or_without_cells_has_its_figures() -> None:
    assert ends(feasible_intervals(cross(withheld=[]))[0]) == (4, 4)
    assert feasible_intervals(AdditiveTable((), ())) == ()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: seen_table([1, 2, 4], [False] * 3, [Relation(2, (0, 1))]), "do not add up"),
        (lambda: seen_table([1, -2, -1], [False] * 3, [Relation(2, (0, 1))]), "negative"),
        (lambda: seen_table([1, 2], [False], []), "published or withheld"),
        (lambda: seen_table([1], [False], [], off=Fraction(-1)), "published or withheld"),
        (lambda: AdditiveTable((), (Relation(0, (1,)),)), "lacks"),
        (lambda: Relation(0, ()), "different cells"),
        (lambda: Relation(0, (0, 1)), "different cells"),
        (lambda: Relation(0, (1, 1)), "different cells"),
        (lambda: Known(Fraction(2), Fraction(1)), "above"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(make: Any, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        make()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=6, max_size=6), st.lists(st.booleans(), min_size=12, max_size=12))
def test_intervals_are_those_of_another_solver_over_all_cells(sizes: list[int], hidden: list[bool]) -> None:
    inner = np.array(sizes).reshape(2, 3)
    rows = np.vstack([inner, inner.sum(axis=0)])
    full = np.hstack([rows, rows.sum(axis=1, keepdims=True)])
    places = np.arange(12).reshape(3, 4)
    sums = [Relation(int(row[3]), tuple(map(int, row[:3]))) for row in places]
    sums += [Relation(int(column[2]), tuple(map(int, column[:2]))) for column in places.T]
    found = feasible_intervals(seen_table([int(one) for one in full.ravel()], hidden, sums))
    equations = np.zeros((len(sums), 12))
    for place, one in enumerate(sums):
        equations[place, list(one.parts)] = 1
        equations[place, one.total] = -1
    bounds = [(0, None) if hides else (n, n) for n, hides in zip(full.ravel(), hidden, strict=True)]
    for cell in range(12):
        cost = np.eye(12)[cell]
        low, high = (linprog(sign * cost, A_eq=equations, b_eq=np.zeros(7), bounds=bounds) for sign in (1, -1))
        assert low.fun == pytest.approx(found[cell].lowest, abs=1e-6)
        assert (np.inf if high.status == 3 else -high.fun) == pytest.approx(found[cell].highest, abs=1e-6)


# ------------------------------------------------------------------------------------------- figures of other packages


def hierarchy(labels: Iterable[str]) -> Mapping[str, list[str]]:
    """Return what adds up to what: R01a and R01b to R01, R01 and R02 to the total."""
    found: dict[str, list[str]] = {}
    for label in sorted(set(labels) - {"Total"}):
        above = "Total" if len(label) == 3 or label.startswith("Z") else label[:-1]
        found.setdefault(above, []).append(label)
    return found


def enterprises(pattern: str, figure: str) -> tuple[pd.DataFrame, AdditiveTable]:
    """Return the cells of two thousand enterprises, and the table as everyone sees it by that pattern."""
    names = ["region", "sector", "size"]
    cells = pd.read_csv(DATA / "enterprises_withheld.csv")
    place = {key: position for position, key in enumerate(zip(*(cells[name] for name in names), strict=True))}
    sums = []
    for dimension, name in enumerate(names):
        below = hierarchy(cells[name])
        for key, total in place.items():
            parts = below.get(key[dimension], [])
            if parts:
                at = (place[(*key[:dimension], one, *key[dimension + 1 :])] for one in parts)
                sums.append(Relation(total, tuple(at)))
    return cells, seen_table(cells[figure].tolist(), cells[f"{pattern}_withheld"].tolist(), sums)


@pytest.mark.parametrize(
    ("pattern", "figure", "compared", "withheld"),
    [
        ("gauss_p", "turnover", 46, 131), ("gauss_p_int", "turnover", 46, 132), ("gauss_nk", "turnover", 68, 157),
        ("gauss_freq", "freq", 17, 69),
        ("opt_freq", "freq", 17, 63), ("hitas_nk", "turnover", 68, 144),
    ],
)  # fmt: skip
def test_intervals_in_a_table_with_hierarchies_are_those_of_an_independent_audit(
    pattern: str, figure: str, compared: int, withheld: int
) -> None:
    cells, table = enterprises(pattern, figure)
    found = feasible_intervals(table)
    primary = cells[cells[f"{pattern}_lowest"].notna()]
    for position, low, high in zip(
        primary.index, primary[f"{pattern}_lowest"], primary[f"{pattern}_highest"], strict=True
    ):
        assert (found[position].lowest, found[position].highest) == pytest.approx((low, high), abs=1e-4)
    assert (len(primary), len(table.open_cells)) == (compared, withheld)


@pytest.mark.parametrize(("pattern", "narrow"), [("gauss_p", ["R02a S03b Z2", "R02b S03b Z1"]), ("gauss_p_int", [])])
def test_cells_are_left_too_little_where_an_independent_audit_says_so(pattern: str, narrow: list[str]) -> None:
    cells, table = enterprises(pattern, "turnover")
    asked: list[Interval | None] = [
        None if np.isnan(level) else Interval(Fraction(x) - Fraction(str(level)), Fraction(x) + Fraction(str(level)))
        for x, level in zip(cells["turnover"].tolist(), cells["p_10_level"].tolist(), strict=True)
    ]
    found = too_narrow(table, feasible_intervals(table), asked)
    named = cells["region"] + " " + cells["sector"] + " " + cells["size"]
    assert [named[one.position] for one in found] == narrow
    assert sum(one is not None for one in asked) == 46


# ---------------------------------------------------------------------------------------------------- what must be left


@pytest.mark.parametrize(
    ("low", "high", "covered"),
    [(3, 6, True), (3.1, 6, False), (3, 5.9, False), (0, 9, True), (3 + 1e-9, 6 - 1e-9, True), (0, np.inf, True)],
)
def test_an_interval_covers_another_if_it_holds_both_ends(low: float, high: float, covered: bool) -> None:
    assert FeasibleInterval(low, high).covers(Interval(Fraction(3), Fraction(6))) is covered


def test_a_cell_that_is_left_less_than_it_must_is_named_with_the_reason_and_without_a_figure() -> None:
    table = cross()
    found = feasible_intervals(table)
    asked: list[Interval | None] = [None] * 9
    asked[0] = Interval(Fraction(3), Fraction(6))
    assert too_narrow(table, found, asked) == ()
    asked[0] = Interval(Fraction(2), Fraction(6))
    (one,) = too_narrow(table, found, asked)
    assert (one.position, str(one.reason)) == (
        0,
        "this withheld cell follows too closely from the cells that are published",
    )
    asked[0], asked[4] = None, Interval(Fraction(5), Fraction(9))
    assert [str(one.reason) for one in too_narrow(table, found, asked)] == ["a cell that fails is published"]
    single = cross(withheld=[0])
    asked[0], asked[4] = Interval(Fraction(3), Fraction(5)), None
    (one,) = too_narrow(single, feasible_intervals(single), asked)
    assert str(one.reason) == "this withheld cell follows exactly from the cells that are published"


def test_a_level_that_is_more_than_the_figure_asks_for_no_less_than_zero() -> None:
    table = cross(withheld=[0, 4, 6, 8])
    asked: list[Interval | None] = [Interval(Fraction(-5), Fraction(13)), *([None] * 8)]
    assert too_narrow(table, feasible_intervals(table), asked) == ()


def test_every_cell_has_an_interval_and_what_it_must_cover() -> None:
    table = cross()
    with pytest.raises(BadInputError, match="Every cell"):
        too_narrow(table, feasible_intervals(table)[:-1], [None] * 9)


# -------------------------------------------------------------------------------------------------- tables of evidence


def audited(evidence: Evidence, failing: Any, shown: Any, values: list[Fraction | int], by: Policy) -> int:
    """Return how many failing cells are left less than they must be."""
    table = seen_table(values, [not one for one in shown.tolist()], relations_of(evidence))
    return len(too_narrow(table, feasible_intervals(table), protection_levels(evidence, by, failing)))


def test_the_sums_of_evidence_are_those_of_its_margins() -> None:
    sizes = {(a, b): n for n, (a, b) in enumerate(itertools.product("ab", "xyz"), start=10)}
    table = judge(heads(sizes), policy(), rows=["d1"], columns=["d2"])
    assert table.evidence is not None
    sums = relations_of(table.evidence)
    names = [str(cell) for cell in table.evidence.cells()]
    assert sorted((names[one.total], len(one.parts)) for one in sums) == [
        ("d1=a", 3), ("d1=b", 3), ("d2=x", 2), ("d2=y", 2), ("d2=z", 2), ("total", 2), ("total", 3),
    ]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=6, max_size=12))
def test_after_suppression_every_failing_count_is_left_what_it_must(sizes: list[int]) -> None:
    names = list(itertools.product("ab", "uvwxyz"))[: len(sizes)]
    by = policy(minimum_units=10)
    table = judge(heads(dict(zip(names, sizes, strict=True))), by, rows=["d1"], columns=["d2"], suppressed=True)
    evidence = table.evidence
    assert evidence is not None
    values: list[Fraction | int] = [int(n) for n in evidence.n_units]
    assert audited(evidence, table.failing, table.shown, values, by) == 0
    if table.failing.any():
        # What fails without margins withheld is found by the same audit.
        assert audited(evidence, table.failing, ~table.failing, values, by) > 0 or table.failing.sum() > 1
        assert audited(evidence, table.failing, np.ones(len(evidence), dtype=np.bool_), values, by) > 0


def test_after_suppression_every_failing_sum_is_left_what_it_must() -> None:
    cells = {"ax": [300, 20, 10], "ay": [50, 40, 45], "bx": [60, 55, 70], "by": [80, 90, 85]}
    frame = units(cells)
    frame = frame.assign(d1=frame["group"].str[0], d2=frame["group"].str[1]).drop(columns="group")
    by = policy(dominance=[[1, 85]])
    table = judge(
        frame, by, statistic="sum", values="value", rows=["d1"], columns=["d2"], suppressed=True
    )  # fmt: skip
    evidence = table.evidence
    assert evidence is not None
    assert evidence.amounts is not None
    scale = 10**evidence.amounts.decimals
    values: list[Fraction | int] = [Fraction(one, scale) for one in evidence.amounts.total.tolist()]
    assert table.failing.sum() == 1
    assert audited(evidence, table.failing, table.shown, values, by) == 0
    assert audited(evidence, table.failing, ~table.failing, values, by) == 1


def suppressed_example() -> JudgedTable:
    sizes = {("a", "x"): 3, ("a", "y"): 40, ("b", "x"): 50, ("b", "y"): 60}
    return judge(heads(sizes), policy(minimum_units=10), rows=["d1"], columns=["d2"], suppressed=True)


def test_a_table_is_refused_in_which_a_failing_cell_or_a_sum_that_holds_it_is_published() -> None:
    table = suppressed_example()
    evidence = table.evidence
    assert evidence is not None
    names = [str(cell) for cell in evidence.cells()]
    require_open(evidence, table.failing, table.shown)
    for name, refused in (
        ("d1=a, d2=x", True), ("d1=a", True), ("d2=x", True), ("total", True),
        ("d1=b", False), ("d2=y", False), ("d1=b, d2=y", False),
    ):  # fmt: skip
        shown = table.shown.copy()
        shown[names.index(name)] = True
        if refused:
            with pytest.raises(IntegrityError, match="d1=a, d2=x fails a rule and follows"):
                require_open(evidence, table.failing, shown)
        else:
            require_open(evidence, table.failing, shown)


def test_a_suppression_that_forgets_a_margin_never_becomes_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("disclosure.assess.shown_cells", lambda evidence, failing, *_: ~failing)
    with pytest.raises(IntegrityError, match="follows from what would be published"):
        suppressed_example()
