"""Cells of two outputs that are the same but for few units, so that together they show what these few have.

Each output was judged for itself. Of "under 18" in one and "under 19" in the other, the second less the first is those
of 18: a cell that nobody asked for and that anybody can compute. Every cell and margin of one output is put beside
every one of the other that has units in common with it. Two of them tell of few units where

- at least one unit, and fewer than the minimum, stand in only one of them; if the two do not add up the same value,
  all of them on one side, since those on the other make up for them otherwise;
- several cells of one and several of the other are together the same but for so few: "0-17" and "18-34" beside "0-35";
- both add up the same value, and what they differ by fails a rule on contributors: fewer than the minimum have
  something in it, or dominance, p% or pq.

Whether both cells are shown is for whoever has the judged tables: a cell that is withheld tells nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from disclosure.engines.joined import COARSER, TOO_MANY, Cells, Joined, distinct, in_both, joined, units_of
from disclosure.engines.overlap_held import differing
from disclosure.engines.placed import Mask, Numbers, Placed, renumbered
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs
from disclosure.model.recipes import Recipe, Statistic
from disclosure.policy import Policy
from disclosure.ports import Plan
from disclosure.protection.undone_measures import PERCENTAGES, RATIOS, SIZED
from disclosure.rules.implied_cells import fails_on_contributors
from disclosure.texts import text

POSITION: Final = frozenset({Statistic.MEDIAN, Statistic.QUANTILE, Statistic.MODE})
"""Figures that few units more or fewer leave as they are."""
SHOW_UNITS: Final = frozenset({Statistic.COUNT, *PERCENTAGES, *RATIOS, *SIZED}) - {Statistic.MODEL}
"""Figures that show of how many units they are, those without a value left out; of a model a formula says which."""
_ADDED_UP: Final = frozenset({Statistic.SUM, Statistic.MEAN, Statistic.SHARE})
OF_VALUES: Final = _ADDED_UP | {Statistic.RATE}
"""Figures that follow from totals of a value."""
HALVED: Final = frozenset({Statistic.RATE, Statistic.POVERTY_RATE})
"""Shares of units: who is and who is not one of them is counted."""
MOST_PAIRS: Final = 20_000
"""Of so many pairs of cells the difference is looked at."""
_DIGITS: Final = 52
_NEARLY: Final = 1e-9


def cells_beside(rows: Joined, policy: Policy) -> CellPairs:
    """Return the pairs of cells of two outputs over the same unit that tell of few units; see the module.

    Args:
        policy: that of the two which asks for more units.

    Raises:
        DataError: they overlap in too many cells to be compared.
    """
    one, other = rows.one, rows.other
    statistics = {one.recipe.statistic, other.recipe.statistic}
    minimum = policy.minimum_units or 0
    none = CellPairs.none(one.dimensions, other.dimensions)
    if statistics & POSITION or not minimum:
        return none
    found = [none]
    # Of figures that show neither how many units there are nor the same total, sums tell nothing.
    counts = statistics <= SHOW_UNITS
    if not _one_within_the_other(rows):
        found += _told(rows, minimum, policy, same=same_value(rows), counts=counts)
    if statistics & HALVED and statistics <= SHOW_UNITS | HALVED:
        for left in counts_behind(one):
            for right in counts_behind(other):
                found += _told(joined(left, right), minimum, policy, same=False, counts=True)
    if sum(map(len, found)) > MOST_PAIRS:
        raise DataError(TOO_MANY, hint=COARSER)
    return CellPairs.joined(found)


def counts_behind(side: Placed) -> tuple[Placed, ...]:
    """Return who is counted: behind a rate stand two counts, of those who are and of those who are not."""
    if side.recipe.statistic not in HALVED:
        return (side.only_complete,)
    return (side.some(side.ones), side.some(side.zeros)) if side.binary else ()


def _told(rows: Joined, minimum: int, policy: Policy, *, same: bool, counts: bool) -> list[CellPairs]:
    """Return the pairs that tell of few units, of every pattern of totals of one beside every one of the other.

    Args:
        same: both add up the same.
        counts: both show how many units they are of.
    """
    patterns = rows.one.patterns(), rows.other.patterns()
    found = (_between(rows, a, b, minimum, policy, same=same, counts=counts) for a in patterns[0] for b in patterns[1])
    return [one for one in found if len(one)]


def _one_within_the_other(rows: Joined) -> bool:
    """Tell whether both have the same rows, and each cell of one is made up of cells of the other.

    What they tell follows from the finer one alone, which was judged.
    """
    one, other = rows.one, rows.other
    if not (rows.once and len(one) == len(other) == len(rows.left)):
        return False
    cells = one.cells(one.patterns()[0])[0][rows.left], other.cells(other.patterns()[0])[0][rows.right]
    pairs = int(renumbered(cells[0] * (int(cells[1].max(initial=0)) + 1) + cells[1]).max(initial=-1)) + 1
    return pairs in (int(cells[0].max(initial=-1)) + 1, int(cells[1].max(initial=-1)) + 1)


def adds_up(recipe: Recipe) -> bool:
    """Tell whether the figures are totals of a value, or of weights, or follow from one."""
    return recipe.statistic in _ADDED_UP or (recipe.value is None and recipe.weight is not None)


def _are_counts(one: Placed, other: Placed) -> bool:
    return {one.recipe.statistic, other.recipe.statistic} == {Statistic.COUNT}


def same_value(rows: Joined) -> bool:
    """Tell whether both add up the same: most units that are in both have the same value in both, or a multiple."""
    if rows.one.weighted is None or rows.other.weighted is None:
        return rows.one.weighted is rows.other.weighted and rows.one.recipe.value == rows.other.recipe.value
    equal, _ = _equal(rows)
    return bool(2 * int(np.count_nonzero(equal)) >= max(1, len(rows.left)))


def _equal(rows: Joined) -> tuple[Mask, float]:
    """Return of each row beside another whether their units have the same up to a factor that most have, and this.

    Of other keys than those that are counted each unit is asked about all that it has: its rows may be split in two.
    """
    first, last = rows.one.weighted, rows.other.weighted
    if first is None or last is None:
        return np.zeros(len(rows.left), dtype=np.bool_), 1.0
    own, there = first[rows.left], last[rows.right]
    if rows.sized and not rows.once:
        places = rows.units[0][rows.left]
        own, there = (_of_units(*each)[places] for each in ((rows.units[0], first), (rows.units[1], last)))
    both = (own != 0) & (there != 0) & ~np.isnan(own) & ~np.isnan(there)
    factor = float(np.median(there[both] / own[both])) if both.any() else 1.0
    equal = np.isclose(own * factor, there, rtol=_NEARLY, atol=0.0, equal_nan=True)
    return np.asarray(equal, dtype=np.bool_), factor


def _of_units(units: Whole, values: Numbers) -> Numbers:
    """Return what each unit has in all."""
    return np.asarray(np.bincount(units, weights=np.nan_to_num(values)), dtype=np.float64)


def _between(
    rows: Joined, a: tuple[int, ...], b: tuple[int, ...], minimum: int, policy: Policy, *, same: bool, counts: bool
) -> CellPairs:
    """Return the cells at some of the dimensions of one output and at some of those of the other that tell of few."""
    one, other = rows.one, rows.other
    own, there = Cells(*one.cells(a)), Cells(*other.cells(b))
    n, m = (distinct(units, cells, once=rows.once) for units, cells in zip(rows.units, (own, there), strict=True))
    keys, shared = in_both(rows, own, there)
    first, second = keys // max(1, len(there)), keys % max(1, len(there))
    counted = _are_counts(one, other) and not (adds_up(one.recipe) and adds_up(other.recipe))
    one_sided, totals = counted or not same, same and adds_up(one.recipe) and adds_up(other.recipe)
    more = fewer = np.zeros(len(keys), dtype=np.int64)
    if rows.sized and not totals:
        more, fewer = (units_of(rows, own, there, keys, which) for which in (rows.more > 0, rows.more < 0))
    few = _few(n[first], m[second], shared, minimum, one_sided=one_sided, others=(more, fewer))
    if totals:
        apart = n[first] + m[second] - 2 * shared
        near = np.flatnonzero(~few & (apart > 0) & (2 * shared > np.maximum(n[first], m[second])))
        if len(near) > MOST_PAIRS:
            raise DataError(TOO_MANY, hint=COARSER)
        few[near] |= _fail(rows, own, there, (first[near], second[near]), policy)
    groups = np.arange(int(few.sum()))
    places = np.flatnonzero(few)
    if rows.once and ((counts and rows.alike(minimum)) or totals):
        together, of = _unions(first, second, shared, (n, m), minimum, one_sided=one_sided)
        places, groups = np.concatenate([places, together]), np.concatenate([groups, of + len(groups)])
    return CellPairs(
        one.dimensions,
        other.dimensions,
        one.labels,
        other.labels,
        own.codes[first[places]],
        there.codes[second[places]],
        groups,
    )


def _few(
    n: Whole,
    m: Whole,
    shared: Whole,
    minimum: int,
    *,
    one_sided: bool,
    others: tuple[Whole | int, Whole | int] = (0, 0),
) -> Mask:
    """Tell where few of the units of two sets are in only one of them.

    Args:
        others: units in both that stand for more in the first set, and for more in the second one.
    """
    apart = n - shared, m - shared
    more, fewer = (own + by for own, by in zip(apart, others, strict=True))
    either, union = more + fewer, n + apart[1]
    few = (apart[0] + apart[1] > 0) & (either < minimum) & (union >= minimum) & (2 * either <= union)
    if one_sided:
        few &= (more == 0) | (fewer == 0)
    return np.asarray(few, dtype=np.bool_)


def _unions(
    first: Whole, second: Whole, shared: Whole, counts: tuple[Whole, Whole], minimum: int, *, one_sided: bool
) -> tuple[Whole, Whole]:
    """Return the pairs of several cells of one and several of the other that are together the same but for few units.

    Cells that share the minimum of units go together. What is left are those that share fewer, so that of two divisions
    with one border moved by few units all cells between two borders are one such set.

    Returns:
        the places of the pairs, and for each the number of its set, from 0.
    """
    n, m = counts
    strong = shared >= minimum
    if not strong.any():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    size = len(n) + len(m)
    links = coo_array((np.ones(int(strong.sum())), (first[strong], second[strong] + len(n))), shape=(size, size))
    component = np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
    most = int(component.max()) + 1
    inside = component[first] == component[second + len(n)]
    sums = (
        np.bincount(component[: len(n)], weights=n, minlength=most),
        np.bincount(component[len(n) :], weights=m, minlength=most),
        np.bincount(component[first[inside]], weights=shared[inside], minlength=most),
    )
    own, theirs, both = (np.rint(one).astype(np.int64) for one in sums)
    told = _few(own, theirs, both, minimum, one_sided=one_sided)
    sizes = np.bincount(component, minlength=most)
    places = np.flatnonzero(strong & (told & (sizes > 2))[component[first]])
    return places, np.unique(component[first[places]], return_inverse=True)[1].astype(np.int64)


def _fail(rows: Joined, cells: Cells, there: Cells, pairs: tuple[Whole, Whole], policy: Policy) -> Mask:
    """Return of which pairs the difference of the totals fails a rule on contributors."""
    first, second = pairs
    own_values, other_values = rows.one.weighted, rows.other.weighted
    if own_values is None or other_values is None or not len(first):
        return np.zeros(len(first), dtype=np.bool_)
    # Whoever has a multiple of a total has the total.
    equal, factor = _equal(rows)
    own_values = own_values * factor
    if rows.once or not rows.sized:
        own_values[rows.left[equal]] = other_values[rows.right[equal]]
    known = ~np.isnan(own_values), ~np.isnan(other_values)
    units = np.concatenate([rows.units[0][known[0]], rows.units[1][known[1]]])
    values = _whole(np.concatenate([own_values[known[0]], other_values[known[1]]]))
    own, others = int(known[0].sum()), int(known[1].sum())
    nowhere = len(cells) + len(there)
    placed = {
        0: np.concatenate([cells.rows[known[0]], np.full(others, nowhere)]),
        1: np.concatenate([np.full(own, nowhere), there.rows[known[1]] + len(cells)]),
    }
    codes = np.zeros((len(units), 0), dtype=np.int32)
    both = UnitRows(codes=codes, units=units, holders=units, further=(), values=values, weights=None)
    pattern_of = np.repeat(np.arange(2, dtype=np.int64), [len(cells), len(there)])
    dominance = policy.dominance if isinstance(policy.dominance, tuple) else ()
    plan = Plan(contributors=max((2, *(m for m, _ in dominance))), decimals=0)
    amounts = differing(both, placed, pattern_of, (first, second + len(cells)), rows.one.recipe, plan)
    return fails_on_contributors(policy, policy.minimum_units or 0, amounts)


def _whole(values: Numbers) -> Whole:
    """Return values as whole numbers at so many digits that sums of them stay exact."""
    most = float(np.abs(values).max(initial=0.0))
    if not np.isfinite(most):
        raise DataError(text("A value does not fit 18 digits, or is infinite, so its sums would not be exact."))
    digits = _DIGITS - 1 - int(np.ceil(np.log2(max(most, 1.0))))
    scaled: npt.NDArray[np.float64] = np.rint(values * 2.0 ** min(digits, 20))
    return scaled.astype(np.int64)
