"""Implied cells: one cell minus another that shares units with it obeys the rules as if it were published itself."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.assess import tabulation_plan
from disclosure.check import Tabulated, judged
from disclosure.engines import array_tabulation
from disclosure.engines import overlaps as engine
from disclosure.engines.door import narrow_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.overlap_pairs import Contributions, members_of, no_more_concentrated
from disclosure.engines.overlap_pairs import pairs_of as counted_pairs
from disclosure.engines.overlaps import SUMMED
from disclosure.errors import DocumentError
from disclosure.knowledge import Knowledge
from disclosure.model.cells import MARGIN
from disclosure.model.empty_cells import with_empty_cells
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.overlaps import Overlaps
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.model.verdicts import Inconclusive, RemedyKind, RuleName
from disclosure.protection.leave_out import left_out
from tests.disclosure.support import UNIT, codebook, failures, judge, policy, rules, shown, status

TEN = policy(minimum_units=10)


def members(sets: dict[str, Any], value: Any = lambda unit: 100.0 + unit) -> pd.DataFrame:
    """Return units in the cells that name them, with the same value in each."""
    rows = [(unit, label, value(unit)) for label, units in sets.items() for unit in units]
    return pd.DataFrame(rows, columns=[UNIT, "group", "value"])


def overlaps(evidence: Evidence | None) -> Overlaps:
    assert evidence is not None
    assert evidence.overlaps is not None
    return evidence.overlaps


BOTH = {"group=a", "group=b"}


# ------------------------------------------------------------------------------------------ the attacks, one by one


def test_the_income_of_the_one_unit_that_is_left_out_does_not_follow() -> None:
    frame = members({"a": range(101), "b": [unit for unit in range(101) if unit != 50]})
    out = judge(frame, TEN, statistic="sum", values="value")
    assert failures(out, RuleName.IMPLIED_CELLS) == BOTH


def test_counts_whose_difference_is_one_fail_beside_others_that_do_not() -> None:
    frame = members({"a": range(101), "b": range(100), "c": range(900, 1200)})
    out = judge(frame, TEN)
    assert failures(out, RuleName.IMPLIED_CELLS) == BOTH


def test_a_withheld_cell_does_not_follow_from_two_that_are_shown() -> None:
    value = {5: 7777.0}
    sets = {"a": range(12), "ab": range(80), "b": range(12, 80), "d": range(80, 120)}
    frame = members(sets, lambda unit: value.get(unit, 100.0 + unit))
    out = sdc.table(frame, rows="group", values="value", statistic="sum", unit=UNIT)
    assert "group=a" in failures(out, RuleName.DOMINANCE)
    # a and b put together are ab, so whoever sees two of them has the third.
    assert {"group=ab", "group=b"} <= failures(out, RuleName.IMPLIED_CELLS)
    suppress = next(one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS)
    figures = shown(out.apply(suppress))
    assert {cell for cell, figure in figures.items() if figure != "withheld"} == {"group=d"}


@pytest.mark.parametrize("statistic", ["median", "p90", "std", "gini"])
def test_the_same_units_with_shifted_values_do_not_undo_rounding(statistic: str) -> None:
    frame = pd.concat(
        [members({label: range(60)}, lambda unit, k=k: 100.0 + unit**2 + k) for k, label in enumerate("abc")]
    )
    out = sdc.table(frame, rows="group", values="value", statistic=statistic, unit=UNIT)
    assert {"group=a", "group=b", "group=c"} <= failures(out, RuleName.IMPLIED_CELLS)


# ------------------------------------------------------------------------------------------------------- the bounds


@pytest.mark.parametrize(
    ("only_a", "only_b", "unsafe"),
    [
        (1, 0, True),
        (9, 0, True),
        (10, 0, False),
        (0, 9, True),
        (0, 10, False),
        (5, 4, True),
        (5, 5, False),  # the difference is of 10 units
        (0, 0, False),  # the same units are no third group
    ],
)
def test_counts_obey_the_minimum_for_the_units_in_one_cell_only(only_a: int, only_b: int, unsafe: bool) -> None:
    both = list(range(1000, 1050))
    frame = members({"a": [*both, *range(only_a)], "b": [*both, *range(500, 500 + only_b)], "c": range(2000, 2050)})
    out = judge(frame, TEN)
    assert failures(out, RuleName.IMPLIED_CELLS) == (BOTH if unsafe else set())


@pytest.mark.parametrize("statistic", ["row_percent", "column_percent", "total_percent"])
@pytest.mark.parametrize(("only_a", "unsafe"), [(9, True), (10, False)])
def test_percentages_are_judged_as_counts(statistic: str, only_a: int, unsafe: bool) -> None:
    both = list(range(1000, 1050))
    frame = members({"a": [*both, *range(only_a)], "b": both, "c": range(2000, 2050)}).assign(all="x")
    out = judge(frame, TEN, statistic=statistic, rows=("group",), columns=("all",))
    assert (RuleName.IMPLIED_CELLS in rules(out)) is unsafe


@pytest.mark.parametrize("statistic", ["sum", "mean"])
@pytest.mark.parametrize(("other", "unsafe"), [(0, False), (1, True), (9, True), (10, False)])
def test_sums_obey_the_minimum_for_units_with_another_total(statistic: str, other: int, unsafe: bool) -> None:
    frame = pd.concat(
        [
            members({"a": range(50)}),
            members({"b": range(50)}, lambda unit: 100.0 + unit + (7 if unit < other else 0)),
            members({"c": range(100, 150)}),
        ]
    )
    out = judge(frame, TEN, statistic=statistic, values="value")
    assert failures(out, RuleName.IMPLIED_CELLS) == (BOTH if unsafe else set())


def difference_of(*amounts: float) -> pd.DataFrame:
    """Return cells a and b that share fifty units; units in a only have these values."""
    both = members({"a": range(50), "b": range(50)}, lambda _: 1000.0)
    only = pd.DataFrame(
        [(100 + place, "a", amount) for place, amount in enumerate(amounts)], columns=[UNIT, "group", "value"]
    )
    return pd.concat([both, only])


@pytest.mark.parametrize(("amounts", "unsafe"), [((75, 20, 5), False), ((76, 19, 5), True)])
def test_a_difference_obeys_dominance(amounts: tuple[float, ...], unsafe: bool) -> None:
    out = judge(difference_of(*amounts), policy(dominance=[[1, 75]]), statistic="sum", values="value")
    assert failures(out, RuleName.IMPLIED_CELLS) == (BOTH if unsafe else set())


@pytest.mark.parametrize(("amounts", "unsafe"), [((100, 60, 10), False), ((100, 60, 9), True)])
@pytest.mark.parametrize("rule", [{"p_percent": 10}, {"pq": [10, 100]}])
def test_a_difference_obeys_p_percent_and_pq(amounts: tuple[float, ...], unsafe: bool, rule: dict[str, Any]) -> None:
    out = judge(difference_of(*amounts), policy(**rule), statistic="sum", values="value")
    assert failures(out, RuleName.IMPLIED_CELLS) == (BOTH if unsafe else set())


@pytest.mark.parametrize("statistic", ["median", "std", "rate"])
@pytest.mark.parametrize(("only_a", "unsafe"), [(0, True), (9, True), (40, False)])
def test_figures_of_other_kinds_obey_the_minimum_even_of_the_same_units(
    statistic: str, only_a: int, unsafe: bool
) -> None:
    # The rate of the same units with the same values is the same rate again, and tells nothing.
    unsafe = unsafe and (statistic != "rate" or only_a > 0)
    frame = members({"a": range(100 + only_a), "b": range(100), "c": range(200, 300)}, lambda unit: float(unit % 2))
    out = judge(frame, TEN, statistic=statistic, values="value")
    assert failures(out, RuleName.IMPLIED_CELLS) >= BOTH if unsafe else not failures(out, RuleName.IMPLIED_CELLS)


@pytest.mark.parametrize(("ones", "unsafe"), [(0, False), (9, True), (10, False), (30, False), (31, True), (40, False)])
def test_the_counts_behind_a_rate_are_compared_too(ones: int, unsafe: bool) -> None:
    # Forty units stand in a only: so many of them have a one, the others a zero.
    frame = members(
        {"a": range(140), "b": range(40, 140), "c": range(200, 300)},
        lambda unit: float(unit < ones) if unit < 40 else float(unit % 2),
    )
    out = judge(frame, TEN, statistic="rate", values="value")
    assert failures(out, RuleName.IMPLIED_CELLS) == (BOTH if unsafe else set())


@pytest.mark.parametrize(("only", "unsafe"), [(9, True), (10, False)])
def test_a_margin_is_not_nearly_a_cell_below_it(only: int, unsafe: bool) -> None:
    frame = members({"a": range(100), "b": range(60, 100 + only)})
    out = judge(frame, TEN, statistic="median", values="value")
    assert failures(out, RuleName.IMPLIED_CELLS) == ({"total"} if unsafe else set())


def test_margins_in_line_are_compared_as_cells_are() -> None:
    # Within d2 the cells of a and b differ by many units, since these stand elsewhere in b than in a; in all, by one.
    a = [(unit, "a", "x" if unit < 50 else "y") for unit in range(101)]
    b = [(unit, "b", "x" if unit % 2 else "y") for unit in range(100)]
    out = judge(pd.DataFrame(a + b, columns=[UNIT, "d1", "d2"]), TEN, rows=("d1",), columns=("d2",))
    assert failures(out, RuleName.IMPLIED_CELLS) == {"d1=a", "d1=b"}


# ------------------------------------------------------------------------------------------------ what stays as it was


def jobs() -> pd.DataFrame:
    """Return four hundred persons, of whom many have a job in several sectors, with what they earn there."""
    chance = np.random.default_rng(7)
    rows = [
        (person, f"sector {sector}", float(chance.integers(5000, 40000)))
        for person in range(400)
        for sector in chance.choice(6, size=int(chance.integers(1, 4)), replace=False)
    ]
    return pd.DataFrame(rows, columns=[UNIT, "group", "value"])


@pytest.mark.parametrize("statistic", ["count", "sum", "mean", "median", "std", "gini"])
def test_persons_with_jobs_in_several_sectors_stay_safe(statistic: str) -> None:
    values = None if statistic == "count" else "value"
    out = sdc.table(jobs(), rows="group", values=values, statistic=statistic, unit=UNIT)
    assert out.evidence is not None
    assert out.evidence.overlaps is not None
    assert status(out) == "safe", failures(out)


def test_where_every_unit_stands_in_one_cell_nothing_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the rows were read")

    monkeypatch.setattr(engine, "unit_rows", refuse)
    out = judge(members({"a": range(20), "b": range(20, 60)}), TEN, statistic="sum", values="value")
    assert out.evidence is not None
    assert out.evidence.overlaps is None
    assert RuleName.IMPLIED_CELLS not in out.rules


def test_a_unit_without_a_value_in_one_of_its_cells_does_not_overlap() -> None:
    frame = members({"a": range(20), "b": range(20, 60)})
    frame = pd.concat([frame, pd.DataFrame({UNIT: [0], "group": ["b"], "value": [None]})])
    assert judge(frame, TEN, statistic="sum", values="value").evidence.overlaps is None  # type: ignore[union-attr]
    assert judge(frame, TEN).evidence.overlaps is not None  # type: ignore[union-attr]


def years() -> pd.DataFrame:
    """Return sixty persons in each of three years, with another income in each, and forty in another place."""
    chance = np.random.default_rng(11)
    frames = [
        members({year: range(60)}, lambda _: float(chance.integers(5000, 40000))) for year in ("2019", "2020", "2021")
    ]
    return pd.concat([*frames, members({"elsewhere": range(100, 140)})])


@pytest.mark.parametrize(("limit", "exactly"), [("MOST_PAIRS", 3), ("MOST_PAIRINGS", 180), ("MOST_HELD", 360)])
def test_a_table_with_too_many_overlaps_is_inconclusive(
    monkeypatch: pytest.MonkeyPatch, limit: str, exactly: int
) -> None:
    monkeypatch.setattr(engine, limit, exactly)
    assert status(judge(years(), TEN, statistic="sum", values="value")) == "safe"
    monkeypatch.setattr(engine, limit, exactly - 1)
    out = judge(years(), TEN, statistic="sum", values="value")
    assert status(out) == "inconclusive"
    assert "each unit stands in one cell" in str(out.verdict.missing)  # type: ignore[union-attr]


def test_the_short_way_stops_at_the_same_number_of_pairings(monkeypatch: pytest.MonkeyPatch) -> None:
    (pairings,) = [
        members_of(places, units, None, 6).pairings
        for units, places in [(jobs()[UNIT].to_numpy(np.int64), jobs()["group"].str[-1].to_numpy(np.int64))]
    ]
    for module in (engine, array_tabulation):
        monkeypatch.setattr(module, "MOST_PAIRINGS", pairings)
    assert status(judge(jobs(), TEN, statistic="sum", values="value")) == "safe"
    for module in (engine, array_tabulation):
        monkeypatch.setattr(module, "MOST_PAIRINGS", pairings - 1)
    assert status(judge(jobs(), TEN, statistic="sum", values="value")) == "inconclusive"


# ------------------------------------------------------------------------------------------- what is plainly apart


@pytest.mark.parametrize(("both", "near"), [(20, False), (21, True)])
@pytest.mark.parametrize("small", [30, 40])
def test_cells_are_compared_if_more_than_half_of_the_larger_stands_in_both(both: int, near: bool, small: int) -> None:
    frame = members({"a": range(small), "b": range(small - both, small - both + 40)})
    assert len(overlaps(judge(frame, TEN).evidence)) == int(near)


# --------------------------------------------------------------------------- three cells, and cells of other totals


@pytest.mark.parametrize(("left", "unsafe"), [(0, False), (1, True), (9, True), (10, False)])
@pytest.mark.parametrize("statistic", ["count", "sum", "mean"])
def test_a_cell_less_two_others_that_make_up_most_of_it_obeys_the_minimum(
    left: int, unsafe: bool, statistic: str
) -> None:
    frame = members({"a": range(100), "b": range(100, 200), "c": range(200 + left), "d": range(900, 1000)})
    out = judge(frame, TEN, statistic=statistic, values=None if statistic == "count" else "value")
    assert failures(out, RuleName.IMPLIED_CELLS) == ({"group=a", "group=b", "group=c"} if unsafe else set())


def test_what_is_left_of_three_cells_obeys_dominance() -> None:
    sets = {"a": range(100), "b": range(100, 200), "c": range(220)}
    safe, one = members(sets, lambda _: 100.0), members(sets, lambda unit: 9000.0 if unit == 219 else 100.0)
    for frame, unsafe in ((safe, False), (one, True)):
        out = judge(frame, policy(dominance=[[1, 75]]), statistic="sum", values="value")
        assert failures(out, RuleName.DOMINANCE) == set()
        assert failures(out, RuleName.IMPLIED_CELLS) == ({"group=a", "group=b", "group=c"} if unsafe else set())


@pytest.mark.parametrize(("poor", "unsafe"), [(5, True), (12, False)])
def test_rates_of_three_cells_obey_the_minimum_behind_them(poor: int, unsafe: bool) -> None:
    sets = {"a": range(100), "b": range(100, 200), "c": range(224)}
    frame = members(sets, lambda unit: float(unit % 2 if unit < 200 else unit < 200 + poor))
    out = judge(frame, TEN, statistic="rate", values="value")
    assert ("group=c" in failures(out, RuleName.IMPLIED_CELLS)) is unsafe


@pytest.mark.parametrize(("inside", "judged_"), [(2, True), (3, False)])
def test_a_label_that_is_the_sum_of_several_others_is_not_judged(inside: int, judged_: bool) -> None:
    sets: dict[str, Any] = {f"wijk {place}": range(40 * place, 40 * place + 40) for place in range(inside)}
    out = judge(members({**sets, "city": range(40 * inside)}), TEN)
    assert (status(out) == "safe") is judged_
    if not judged_:
        assert "labels of one level" in str(out.verdict.missing)  # type: ignore[union-attr]


@pytest.mark.parametrize("statistic", ["count", "sum", "mean", "median"])
@pytest.mark.parametrize(("more", "unsafe"), [(1, True), (9, True), (10, False)])
def test_a_margin_is_compared_with_a_cell_that_is_not_below_it(statistic: str, more: int, unsafe: bool) -> None:
    inner = members({"a": range(60)}).assign(d2="x")
    outer = members({"b": range(60 + more)}, lambda unit: 100.0 + unit * (2 if statistic == "median" else 1))
    outer["d2"] = np.where(outer[UNIT] % 2 == 0, "x", "y")
    rest = members({"c": range(100, 300), "a": range(300, 360)}).assign(d2="y")
    by = policy(minimum_units=10)
    values = None if statistic == "count" else "value"
    out = judge(
        pd.concat([inner, outer, rest]), by, statistic=statistic, values=values, rows=("group",), columns=("d2",)
    )
    found = failures(out, RuleName.IMPLIED_CELLS)
    assert ({"group=a d2=x", "group=b"} <= {cell.replace(", ", " ") for cell in found}) is unsafe


@pytest.mark.parametrize("statistic", ["count", "sum"])
def test_persons_with_jobs_in_several_sectors_are_settled_without_the_rows_once_more(
    monkeypatch: pytest.MonkeyPatch, statistic: str
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the rows were read")

    monkeypatch.setattr(engine, "unit_rows", refuse)
    out = judge(jobs(), TEN, statistic=statistic, values="value" if statistic == "sum" else None)
    assert len(overlaps(out.evidence)) == 0
    assert status(out) == "safe"


def test_few_in_both_who_have_much_are_compared() -> None:
    # Three large ones of whom two are in both cells: what is left of the first cell is the third.
    large = {900: 100.0, 901: 100.0, 902: 100.0}
    sets = {"a": [*range(20), 900, 901, 902], "b": [*range(50, 70), 900, 901], "c": range(200, 300)}
    out = judge(
        members(sets, lambda unit: large.get(unit, 1.0)), policy(dominance=[[1, 50]]), statistic="sum", values="value"
    )
    assert failures(out, RuleName.DOMINANCE) == set()
    assert failures(out, RuleName.IMPLIED_CELLS) == BOTH


def pair(draw: st.DrawFn) -> tuple[dict[int, int], dict[int, int]]:
    size = st.one_of(st.integers(-20, 20), st.sampled_from([0, 100, 1000]))
    one, other = (draw(st.dictionaries(st.integers(0, 30), size, min_size=1, max_size=30)) for _ in range(2))
    return one, other


@given(st.composite(pair)(), st.integers(1, 99), st.integers(1, 3), st.integers(1, 99))
@settings(max_examples=300, deadline=None)
def test_the_difference_of_cells_that_are_plainly_apart_fails_no_rule_that_both_pass(
    cells: tuple[dict[int, int], dict[int, int]], k: int, m: int, p: int
) -> None:
    one, other = cells
    units = np.array([*one, *other])
    places = np.array([0] * len(one) + [1] * len(other))
    values = np.array([*one.values(), *other.values()])
    members_ = members_of(places, units, values, 2)
    pairs = counted_pairs(members_, 2)
    largest = np.array([sorted((*map(abs, cell.values()), 0, 0, 0), reverse=True)[:3] for cell in cells])
    absolute = np.array([sum(map(abs, cell.values())) for cell in cells])
    contributors = np.array([sum(1 for size in cell.values() if size) for cell in cells])
    found = no_more_concentrated(pairs, Contributions(absolute, contributors, largest))
    if not len(found) or not found[0]:
        return

    def passes(sizes: list[int]) -> tuple[bool, bool]:
        whole, top = sum(sizes), [*sorted(sizes, reverse=True), 0, 0, 0]
        return sum(top[:m]) * 100 <= k * whole, (whole - top[0] - top[1]) * 100 >= p * top[0]

    difference = passes([abs(one.get(unit, 0) - other.get(unit, 0)) for unit in {*one, *other}])
    for rule, its in enumerate(zip(*(passes([*map(abs, cell.values())]) for cell in cells), strict=True)):
        assert difference[rule] or not all(its)


# --------------------------------------------------------------------------------- the same, counted in plain Python


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    one_weight = draw(st.booleans())
    number = st.sampled_from([-2.5, 0.0, 0.0, 1.0, 1.0, 3.25, 90000000.0])
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 7), st.sampled_from("abc"), st.sampled_from(["x", "y", None]), number, st.integers(0, 2)
            ),
            min_size=2,
            max_size=25,
        )
    )
    frame = pd.DataFrame(rows, columns=[UNIT, "d1", "d2", "value", "employer"])
    frame["weight"] = 0.5 + (frame[UNIT] if one_weight else frame.index) % 3
    return frame


def pairs_of(frame: pd.DataFrame, contributor: str, weighted: bool) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return for every two cells with a common unit what the evidence should say, from sets and dictionaries."""
    held: dict[tuple[str, ...], dict[tuple[str, int], dict[Any, int]]] = {}
    for fixed in (("d1", "d2"), ("d1",), ("d2",)):
        for row in frame.to_dict("records"):
            named = {name: (None if pd.isna(row[name]) else row[name]) for name in fixed}
            cell = " ".join(f"{name}={label}" for name, label in named.items())
            amount = round(row["value"] * 10**6) * (round(row["weight"] * 10**6) if weighted else 1)
            for key in {UNIT, contributor}:
                cells = held.setdefault(fixed, {})
                own = cells.setdefault((cell, 0 if key == UNIT else 1), defaultdict(int))
                own[row[key]] += amount
    found = {}
    at = {cell: fixed for fixed, cells in held.items() for cell, kind in cells if kind == 0}
    cells = {key: own for of_pattern in held.values() for key, own in of_pattern.items()}
    for one, other in itertools.permutations(at, 2):
        mine_at, theirs_at = (dict(part.split("=") for part in name.split(" ")) for name in (one, other))
        crossed = {len(at[one]), len(at[other])} == {1} and at[one] != at[other]
        below = mine_at.items() <= theirs_at.items() or theirs_at.items() <= mine_at.items()
        if crossed or (at[one] != at[other] and below):
            continue
        mine, theirs = cells[one, 0], cells[other, 0]
        if not mine.keys() & theirs.keys():
            continue
        differing = sum(mine.get(unit, 0) != theirs.get(unit, 0) for unit in mine.keys() | theirs.keys())
        kind = 0 if contributor == UNIT else 1
        by_kind = []
        for a, b in ((cells[one, own], cells[other, own]) for own in range(kind + 1)):
            sizes = sorted((abs(a.get(who, 0) - b.get(who, 0)) for who in a.keys() | b.keys()), reverse=True)
            by_kind.append((sum(sizes), [*sizes, 0, 0, 0][:3]))
        # No key makes a contributor smaller than its unit, nor the whole larger than either has it.
        top = [max(largest) for largest in zip(*(largest for _, largest in by_kind), strict=True)]
        whole = by_kind[0][0] if kind == 0 else max(min(size for size, _ in by_kind), top[0])
        found[one, other] = (len(mine.keys() - theirs.keys()), differing, whole, *top)
    return found


@settings(max_examples=25, deadline=None)
@given(frames(), st.booleans(), st.booleans(), st.integers(0, 99))
def test_pairs_are_what_sets_and_dictionaries_say(
    frame: pd.DataFrame, held: bool, weighted: bool, shuffle: int
) -> None:
    by = policy(dominance=[[3, 99]])
    recipe = Recipe(
        source=FrameSource(tuple(frame.columns)),
        statistic=Statistic.SUM,
        policy=by.reference,
        rows=("d1",),
        columns=("d2",),
        value="value",
        unit=(UNIT,),
        weight="weight" if weighted else None,
        holding=("employer",) if held else (),
    )
    plan = tabulation_plan(recipe, by, Knowledge())
    evidence = DuckDBTabulator().frame(recipe, narrow_frame(frame, recipe.narrow_columns), plan)
    if evidence == Inconclusive((SUMMED,)):
        return
    assert isinstance(evidence, Evidence)
    expected = pairs_of(frame, "employer" if held else UNIT, weighted)
    said: dict[tuple[str, str], tuple[Any, ...]] = {}
    found = evidence.overlaps
    names = [" ".join(f"{name}={label}" for name, label in cell.labels) for cell in evidence.cells()]
    for place in range(0 if found is None else len(found)):
        assert found is not None
        assert found.amounts is not None
        one, other = names[found.first[place]], names[found.second[place]]
        amounts = found.amounts
        rest = (int(amounts.n_units[place]), amounts.absolute[place], *amounts.largest[place])
        said[one, other] = (int(found.units.first[place]), *rest)
        said[other, one] = (int(found.units.second[place]), *rest)
    assert said == {cells: expected[cells] for cells in said}
    if held or weighted:
        assert said.keys() == expected.keys()
    units = dict(zip(names, evidence.n_units.tolist(), strict=True))
    for one, other in expected.keys() - said.keys():
        # Plainly apart: at most half of the larger cell stand in both.
        assert 2 * (units[one] - expected[one, other][0]) <= max(units[one], units[other])
    frame = frame.sample(frac=1, random_state=shuffle)
    again = DuckDBTabulator(1).frame(recipe, narrow_frame(frame, recipe.narrow_columns), plan)
    assert isinstance(again, Evidence)
    assert evidence_to_bytes(again) == evidence_to_bytes(evidence)
    if not held:
        assert evidence_to_bytes(evidence_from_bytes(evidence_to_bytes(evidence))) == evidence_to_bytes(evidence)


def test_an_expanded_unit_stands_for_its_weight_in_a_difference() -> None:
    frame = difference_of(60, 60, 10).assign(weight=2.0)
    by = policy(dominance=[[2, 50]], weights="expanded")
    out = judge(frame, by, statistic="sum", values="value", weights="weight", codebook=codebook(weights=("weight",)))
    amounts = overlaps(out.evidence).amounts
    assert amounts is not None
    scale = 10**12
    assert amounts.absolute.tolist() == [260 * scale]
    assert amounts.largest.tolist() == [[60 * scale, 60 * scale]]


def test_amounts_beyond_63_bits_are_exact() -> None:
    frame = pd.DataFrame({UNIT: [1, 2, 1], "group": ["a", "a", "b"], "value": [9 * 10**11, 7, 1]})
    frame["weight"] = 10**6 * 1.0
    out = judge(frame, policy(), statistic="sum", values="value", weights="weight")
    amounts = overlaps(out.evidence).amounts
    assert amounts is not None
    assert amounts.largest.tolist() == [[(9 * 10**11 - 1) * 10**18, 7 * 10**18]]


# -------------------------------------------------------------------------------------------- wherever evidence goes


def test_listing_empty_cells_keeps_the_pairs() -> None:
    frame = pd.DataFrame({UNIT: [1, 1, 2, 3], "d1": ["a", "c", "b", "c"], "d2": ["x", "y", "x", "y"]})
    frame["value"] = [1.0, 2.0, 3.0, 4.0]
    evidence = judge(frame, policy(), rows=("d1",), columns=("d2",), statistic="sum", values="value").evidence
    assert evidence is not None
    full = with_empty_cells(evidence)
    assert len(full) > len(evidence)

    def named(one: Evidence) -> list[tuple[str, str]]:
        found, cells = overlaps(one), [str(cell) for cell in one.cells()]
        return [(cells[a], cells[b]) for a, b in zip(found.first, found.second, strict=True)]

    assert named(full) == named(evidence)
    assert evidence_to_bytes(evidence_from_bytes(evidence_to_bytes(full))) == evidence_to_bytes(full)


def test_without_a_dimension_the_pairs_are_those_of_the_shorter_table() -> None:
    frame = pd.DataFrame({UNIT: [1, 1, 2, 2], "d1": ["a", "b", "b", "b"], "d2": ["x", "y", "x", "y"]})
    evidence = judge(frame, policy(), rows=("d1",), columns=("d2",)).evidence
    assert evidence is not None
    for place, name in ((0, "d2"), (1, "d1")):
        less, own = left_out(evidence, place), judge(frame, policy(), rows=(name,)).evidence
        assert less is not None
        assert own is not None
        assert evidence_to_bytes(less) == evidence_to_bytes(own)
    apart = judge(frame.assign(d1=frame[UNIT].astype(str)), policy(), rows=("d1",), columns=("d2",)).evidence
    assert apart is not None
    less = left_out(apart, 1)
    assert less is not None
    assert not less.units_overlap
    assert less.overlaps is None


def test_only_cells_at_the_same_totals_or_at_some_of_them_are_pairs() -> None:
    evidence = judge(jobs().assign(d2=lambda rows: rows[UNIT] % 3), TEN, rows=("group",), columns=("d2",)).evidence
    assert evidence is not None
    found = overlaps(evidence)
    at_total = evidence.codes == MARGIN
    first, second = at_total[found.first], at_total[found.second]
    assert ((first <= second).all(axis=1) | (first >= second).all(axis=1)).all()
    assert not at_total[found.first].all(axis=1).any()


FORGERIES: dict[str, Any] = {
    "no pairs": lambda pairs: [pairs.update({name: []}) for name in ("first", "second")],
    "a cell with itself": lambda pairs: pairs.update(second=pairs["first"]),
    "a cell that is not there": lambda pairs: pairs["second"].__setitem__(-1, 99),
    "pairs left out": lambda pairs: pairs.update({name: [] for name in ("first", "second")}, units=[[], []]),
    "pairs in another order": lambda pairs: pairs.update({name: pairs[name][::-1] for name in ("first", "second")}),
    "more units apart than in one cell": lambda pairs: pairs["units"][0].__setitem__(0, pairs["units"][0][0] + 1),
    "amounts of a count": lambda pairs: pairs.update(
        amounts={"n_units": [], "absolute": [], "largest": [[]], "ends": []}
    ),
    "something more": lambda pairs: pairs.update(more=1),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_document_of_overlaps_is_refused(forge: Any) -> None:
    evidence = judge(members({"a": range(60), "b": range(10, 70), "c": range(20, 80)}), TEN).evidence
    assert evidence is not None
    document = json.loads(evidence_to_bytes(evidence))
    forge(document["overlaps"])
    with pytest.raises(DocumentError):
        evidence_from_bytes(json.dumps(document).encode())


def test_evidence_without_its_overlaps_is_not_judged() -> None:
    frame = members({"a": range(60), "b": range(30, 90)})
    table = judge(frame, TEN)
    assert table.evidence is not None
    missing = Tabulated(replace(table.evidence, overlaps=None), Knowledge(), (), None, across_rows=True)
    with pytest.raises(DocumentError):
        judged(table.recipe, missing, TEN)


def panel(values: Callable[[int, int], float]) -> pd.DataFrame:
    """Return 200 persons in three years."""
    rows = [(unit, str(2020 + year), values(unit, year)) for unit in range(200) for year in range(3)]
    return pd.DataFrame(rows, columns=[UNIT, "group", "value"])


@pytest.mark.parametrize("statistic", ["median", "std", "mean", "sum", "gini"])
def test_the_same_persons_in_several_years_are_no_differencing(statistic: str) -> None:
    grown = panel(lambda unit, year: 1000.0 + 37 * (unit % 97) + year * (20 + (unit * unit) % 301))
    assert not failures(judge(grown, TEN, statistic=statistic, values="value"), RuleName.IMPLIED_CELLS)


def test_a_shift_of_everybody_is_the_same_figure_with_another_rounding() -> None:
    shifted = panel(lambda unit, year: 1000.0 + 37 * (unit % 97) + year)
    assert failures(judge(shifted, TEN, statistic="median", values="value"), RuleName.IMPLIED_CELLS)


@pytest.mark.parametrize(("changed", "unsafe"), [(0, False), (9, True), (10, False)])
def test_rates_of_the_same_persons_differ_by_enough_of_them_or_none(changed: int, unsafe: bool) -> None:
    poor = panel(lambda unit, year: float(unit % 2 or (year == 1 and unit < 2 * changed)))
    assert bool(failures(judge(poor, TEN, statistic="rate", values="value"), RuleName.IMPLIED_CELLS)) is unsafe
