"""Quantiles and modes that few units decide, beside an output of the same units but for few.

A median is no one's own value, and few units more or fewer mostly leave it as it is. Not so where it stands next to
the end of a value that many have: of 839 units with 0 and 361 with 1 the quantile at the place of the 839th is 0, and
1 if a unit with 0 is left out. Whoever knows of all how many have 0, as a rate tells, so learns which of the two the
unit has that was left out. The same goes for a mode that has hardly more units than the next value.

Such a quantile or mode *turns*: fewer units than the minimum stand between it and another one, and the figure tells
which of the two it is. A cell with it does not go beside one of counts, or of another that turns, that has few units
more or fewer, or in which few units have another value; nor do two quantiles of one column between which so few stand,
if what some of them have is shared by few. Of a value that many have, units without one are units fewer.

Amounts that lie far enough apart for a figure to tell them turn as well, as those of most incomes do. That tells of a
unit only where the other output says how many have less: by a column of zeros and ones or by cells that part the units
there, as incomes in classes do and neighbourhoods do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.cells_beside import MOST_PAIRS, POSITION, SHOW_UNITS, halved
from disclosure.engines.joined import COARSER, TOO_MANY, Cells, Joined, distinct, in_both, units_of
from disclosure.engines.placed import Mask, Numbers, Placed
from disclosure.engines.position_part import shared_figure
from disclosure.engines.same_but_few import few_apart
from disclosure.engines.totals_beside import same_value
from disclosure.engines.unit_rows import Whole
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs
from disclosure.model.recipes import Recipe, Statistic
from disclosure.statistics.position import probability

_DECIMALS: Final = 6
_LARGEST: Final = 2**52
_ABSENT: Final = -2
_IN_SMALL: Final = -1
_CLEARLY: Final = 4
Pattern = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Ascending:
    """What the units of each cell have, cell by cell, as whole numbers in ascending order.

    Attributes:
        values, rows, places: of each entry its value, its rows or its weight, and where it stands in the output.
        cells: the cell of each entry.
        ends: where the entries of each cell begin, and where those of the last one end.
        at: of each cell where its quantile stands.
        low, high: from and up to where the minimum of entries stand on either side of it.
    """

    values: Whole
    rows: Numbers
    places: Whole
    cells: Whole
    ends: Whole
    at: Whole
    low: Whole
    high: Whole

    @property
    def rank(self) -> Whole:
        """Of each cell the place of its quantile among its own entries."""
        return self.at - self.ends[:-1]

    def runs(self) -> Whole:
        """Return of each entry a number from 0 of its cell and value."""
        new = (np.diff(self.values) != 0) | (np.diff(self.cells) != 0)
        return np.concatenate([[0], np.cumsum(new)])[: len(self.values)].astype(np.int64)


def turns_beside(rows: Joined, minimum: int) -> CellPairs:
    """Return the pairs of cells of two outputs that tell of few units, since a quantile or mode of one turns.

    Raises:
        DataError: there are too many.
    """
    one, other = rows.one, rows.other
    none = CellPairs.none(one.dimensions, other.dimensions)
    if not minimum or not any(map(_is_position, (one, other))) or not all(map(_tells, (one, other))):
        return none
    found = [none]
    complete = rows.only_complete
    for each in (rows,) if complete is rows else (rows, complete):
        patterns = each.one.patterns(), each.other.patterns()
        # Of amounts neither of two quantiles tells how many have less.
        parted = None if each is not rows or all(map(_is_position, (one, other))) else _parted(each, minimum)
        found += [_between(each, a, b, minimum, parted) for a in patterns[0] for b in patterns[1]]
    if sum(map(len, found)) > MOST_PAIRS:
        raise DataError(TOO_MANY, hint=COARSER)
    return CellPairs.joined(found)


def _between(rows: Joined, a: Pattern, b: Pattern, minimum: int, parted: Whole | None) -> CellPairs:
    """Return the cells at some dimensions of one output and at some of the other that tell of few.

    Args:
        parted: see `_parted`; None if only values that many have are looked at.
    """
    one, other = rows.one, rows.other
    own, there = Cells(*one.cells(a)), Cells(*other.cells(b))
    n, m = (distinct(units, cells, once=rows.once) for units, cells in zip(rows.units, (own, there), strict=True))
    keys, shared = in_both(rows, own, there)
    first, second = keys // max(1, len(there)), keys % max(1, len(there))
    few = few_apart(n[first], m[second], shared, minimum, one_sided=True)
    others = _otherwise(rows)
    if others.any():
        changed = units_of(rows, own, there, keys, others)
        few |= (changed > 0) & (changed < minimum) & (2 * changed <= shared)
    sides = [side for side in ((one, a, first), (other, b, second)) if _is_position(side[0])]
    turning = np.logical_and.reduce([side.kept(_turning, c, minimum)[cells] for side, c, cells in sides])
    by_distance = np.flatnonzero(few & ~turning) if parted is not None else ()
    near = np.zeros(0, dtype=np.int64)
    if all(map(_is_quantile, (one, other))) and probability(one.recipe) != probability(other.recipe):
        near = np.flatnonzero(~(few & turning) & (n[first] + m[second] - 2 * shared < minimum))
        near = near[_within_few(rows, (a, b), (first[near], second[near]), minimum)]
    if len(by_distance) + len(near) > MOST_PAIRS:
        raise DataError(TOO_MANY, hint=COARSER)
    few &= turning
    for place in by_distance:
        side, c, cells = sides[0]
        few[place] = parted is not None and _tells_apart(side, c, int(cells[place]), parted, minimum)
    few[near] = True
    places = np.flatnonzero(few)
    names = (one.dimensions, other.dimensions, one.labels, other.labels)
    return CellPairs(*names, own.codes[first[places]], there.codes[second[places]], np.arange(len(places)))


def _tells(side: Placed) -> bool:
    """Tell whether an output shows how many units have something, or may turn."""
    return side.recipe.statistic in POSITION | SHOW_UNITS or halved(side)


def _is_position(side: Placed) -> bool:
    return side.recipe.statistic in POSITION


def _is_quantile(side: Placed) -> bool:
    return _is_position(side) and side.recipe.statistic is not Statistic.MODE


def _otherwise(rows: Joined) -> Mask:
    """Return which rows beside each other have another value, where both outputs read one, mostly the same."""
    one, other = rows.one.values, rows.other.values
    if one is None or other is None:
        return np.zeros(len(rows.left), dtype=np.bool_)
    apart = ~np.isclose(one[rows.left], other[rows.right], rtol=1e-12, atol=0.0, equal_nan=True)
    return np.asarray(apart & (2 * np.count_nonzero(apart) <= len(apart)), dtype=np.bool_)


def _turning(side: Placed, pattern: Pattern, minimum: int) -> Mask:
    """Return of which cells few units decide the quantile or mode, at the end of what many have; unknown ones too."""
    found = side.kept(_ascending, pattern, minimum)
    if found is None:
        return np.ones(len(side.cells(pattern)[1]), dtype=np.bool_)
    if not len(found.values):
        return np.zeros(len(found.at), dtype=np.bool_)
    runs = found.runs()
    if side.recipe.statistic is Statistic.MODE:
        return _modes_turn(found, runs, minimum)
    low, high = found.low, found.high
    # A figure is one value exactly where so many units have it.
    shown = np.concatenate([[0], np.cumsum(np.bincount(runs)[runs] >= minimum)])
    several = runs[np.minimum(low, len(runs) - 1)] != runs[np.maximum(high, 1) - 1]
    return np.asarray((low < high) & several & (shown[high] > shown[low]), dtype=np.bool_)


def _modes_turn(found: _Ascending, runs: Whole, minimum: int) -> Mask:
    starts = np.flatnonzero(np.diff(runs, prepend=-1))
    sizes, cells = np.add.reduceat(found.rows, starts), found.cells[starts]
    order = np.lexsort((-sizes, cells))
    first = np.searchsorted(cells[order], np.arange(len(found.at)))
    several = np.bincount(cells, minlength=len(found.at)) > 1
    place = np.where(several, first, 0)
    lead = sizes[order][place] - sizes[order][np.minimum(place + 1, len(sizes) - 1)]
    up_to = np.concatenate([[0.0], np.cumsum(found.rows[np.lexsort((-found.rows, found.cells))])])
    begin, end = found.ends[:-1], found.ends[1:]
    decide = up_to[np.minimum(end, begin + minimum - 1)] - up_to[begin]
    return np.asarray(several & (lead <= decide), dtype=np.bool_)


def _within_few(rows: Joined, patterns: tuple[Pattern, Pattern], cells: tuple[Whole, Whole], minimum: int) -> Mask:
    """Return between which quantiles so few units stand that both tell how many have a value that few have."""
    none = np.zeros(len(cells[0]), dtype=np.bool_)
    sides = tuple(zip((rows.one, rows.other), patterns, cells, strict=True))
    found = [side.kept(_ascending, pattern, minimum) for side, pattern, _ in sides]
    if found[0] is None or found[1] is None or not len(none) or not same_value(rows):
        return none
    first, last = (each.rank[at] for each, at in zip(found, cells, strict=True) if each is not None)
    turning = np.logical_or.reduce([side.kept(_turning, pattern, minimum)[at] for side, pattern, at in sides])
    held = [np.diff(each.ends)[at] > 0 for each, at in zip(found, cells, strict=True) if each is not None]
    asked = np.flatnonzero(turning & held[0] & held[1] & (np.abs(first - last) < minimum))
    if not len(asked):
        return none
    # Of each entry of the first output whether its value is one that few have, and of how many before it that is so.
    runs = found[0].runs()
    few = np.concatenate([[0], np.cumsum(np.bincount(runs)[runs] < minimum)])
    begin, end = found[0].ends[:-1][cells[0]], found[0].ends[1:][cells[0]]
    low = np.minimum(end, begin + np.minimum(first, last))[asked]
    none[asked] = few[np.minimum(end, begin + np.maximum(first, last) + 1)[asked]] > few[low]
    return none


def _parted(rows: Joined, minimum: int) -> Whole:
    """Return of each entry of the quantiles in which of the counted groups of the other output it is.

    Groups of fewer units than the minimum are not shown and are taken for one.
    """
    turned = _is_position(rows.other)
    side, other = (rows.other, rows.one) if turned else (rows.one, rows.other)
    own, there = (rows.right, rows.left) if turned else (rows.left, rows.right)
    groups = other.cells(other.patterns()[0])[0]
    if halved(other):
        groups = 2 * groups + other.ones
    groups = np.where(np.bincount(groups)[groups] < minimum, _IN_SMALL, groups)
    if halved(other):
        groups = np.where(other.ones | other.zeros, groups, _ABSENT)
    found = np.full(len(side), _ABSENT, dtype=np.int64)
    found[own] = groups[there]
    return found


def _tells_apart(side: Placed, pattern: Pattern, cell: int, parted: Whole, minimum: int) -> bool:
    """Tell whether a quantile shows on which side of a gap next to it it lies, and groups how many lie there."""
    found = side.kept(_ascending, pattern, minimum)
    if found is None or side.recipe.statistic is Statistic.MODE:
        return False
    begin, end = int(found.ends[cell]), int(found.ends[cell + 1])
    values = found.values[begin:end]
    groups = parted[found.places[begin:end]]
    there, sizes = np.unique(groups[groups != _ABSENT], return_counts=True)
    low, high = int(found.low[cell]) - begin, int(found.high[cell]) - begin
    gaps = np.flatnonzero(np.diff(values[low:high]))
    before = groups[:low][groups[:low] != _ABSENT]
    up_to = np.bincount(np.searchsorted(there, before), minlength=len(there))
    below = up_to + np.cumsum(groups[low:high, np.newaxis] == there, axis=0)[gaps]
    above = sizes - below
    off, least = np.minimum(below, above).sum(axis=1), np.minimum(below.sum(axis=1), above.sum(axis=1))
    told = gaps[(off < minimum) & (_CLEARLY * off <= least)].tolist()
    return any(_shown_apart(values, low + gap + 1, minimum) for gap in told)


def _shown_apart(values: Whole, place: int, minimum: int) -> bool:
    """Tell whether the figures of two amounts next to each other are apart, whichever way they are rounded."""
    low, high = int(values[place - 1]), int(values[place])
    shown = [shared_figure(Fraction(one), values, [range(len(values))], minimum) for one in (low, high)]
    return all(one.step for one in shown) and high - low > sum(one.step for one in shown)


def _ascending(side: Placed, pattern: Pattern, minimum: int) -> _Ascending | None:
    """Return what the units of each cell have, ascending; None if it is unknown."""
    if side.values is None or side.weights is None:
        return None
    cells, codes = side.cells(pattern)
    places = np.flatnonzero(np.isfinite(side.values) & (side.weights > 0))
    cells, values, rows = cells[places], side.values[places], side.weights[places]
    if side.recipe.weight is None:
        values = values / rows  # of a unit with several rows the sum is known
    largest = np.ones(len(codes), dtype=np.float64)
    np.maximum.at(largest, cells, np.abs(values))
    digits = np.minimum(_DECIMALS, np.trunc(np.log10(_LARGEST / largest)))
    whole: npt.NDArray[np.float64] = np.rint(values * 10.0 ** digits[cells])
    order = np.lexsort((whole, cells))
    ends = np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=len(codes)))]).astype(np.int64)
    at = _places(side.recipe, rows[order], ends)
    low, high = np.maximum(ends[:-1], at - minimum), np.minimum(ends[1:], at + minimum + 1)
    return _Ascending(whole[order].astype(np.int64), rows[order], places[order], cells[order], ends, at, low, high)


def _places(recipe: Recipe, rows: Numbers, ends: Whole) -> Whole:
    share = float(probability(recipe) if recipe.statistic is Statistic.QUANTILE else Fraction(1, 2))
    up_to = np.concatenate([[0.0], np.cumsum(rows)])
    before = up_to[ends[:-1]]
    found = np.searchsorted(up_to[1:], before + share * (up_to[ends[1:]] - before))
    return np.asarray(np.clip(found, ends[:-1], np.maximum(ends[:-1], ends[1:] - 1)), dtype=np.int64)
