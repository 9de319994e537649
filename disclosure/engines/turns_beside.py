"""Quantiles and modes that few units decide, beside an output of the same units but for few.

A median is no one's own value, and few units more or fewer mostly leave it as it is. Not so where it stands next to
the end of a value that many have: of 839 units with 0 and 361 with 1 the quantile at the place of the 839th is 0, and
1 if a unit with 0 is left out. Whoever knows of all how many have 0, as a rate tells, so learns which of the two the
unit has that was left out. The same goes for a mode that has hardly more units than the next value.

Such a quantile or mode *turns*: fewer units than the minimum stand between it and another one, and the figure tells
which of the two it is. A cell with it does not go beside one of counts, or of another that turns, that has few units
more or fewer, or in which few units have another value; nor do two quantiles of one column between which so few stand,
if what some of them have is shared by few. Of a value that many have, units without one are units fewer; amounts that
lie far enough apart for a figure to tell them turn as well, but mostly beside counts that are not of them.
"""

from __future__ import annotations

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
_BY_DISTANCE: Final = 1
_SHARED: Final = 2
Pattern = tuple[int, ...]


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
    for each, least in ((rows, _BY_DISTANCE), *(() if complete is rows else ((complete, _SHARED),))):
        patterns = each.one.patterns(), each.other.patterns()
        found += [_between(each, a, b, minimum, least) for a in patterns[0] for b in patterns[1]]
    if sum(map(len, found)) > MOST_PAIRS:
        raise DataError(TOO_MANY, hint=COARSER)
    return CellPairs.joined(found)


def _between(rows: Joined, a: Pattern, b: Pattern, minimum: int, least: int) -> CellPairs:
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
    # Of amounts neither of two quantiles tells how many have less.
    least = _SHARED if all(map(_is_position, (one, other))) else least
    for place in np.flatnonzero(few).tolist():
        sides = ((one, a, int(first[place])), (other, b, int(second[place])))
        few[place] = all(_turns(*side, minimum) >= least for side in sides if _is_position(side[0]))
    if all(map(_is_quantile, (one, other))) and probability(one.recipe) != probability(other.recipe):
        near = ~few & (n[first] + m[second] - 2 * shared < minimum)
        for place in np.flatnonzero(near).tolist() if same_value(rows) else ():
            few[place] = _few_between((one, a, int(first[place])), (other, b, int(second[place])), minimum)
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


def _turns(side: Placed, pattern: Pattern, cell: int, minimum: int) -> int:
    """Return how fewer units than the minimum decide a quantile or mode: not, by amounts, or by what many have."""
    return side.kept(_turning, pattern, cell, minimum)


def _turning(side: Placed, pattern: Pattern, cell: int, minimum: int) -> int:
    found = side.kept(_of_cell, pattern, cell)
    if found is None:
        return _SHARED
    values, rows = found
    if not len(values):
        return 0
    if side.recipe.statistic is Statistic.MODE:
        return _SHARED if _mode_turns(values, rows, minimum) else 0
    at = _place(side.recipe, rows)
    near = np.unique(values[max(0, at - minimum) : at + minimum + 1]).tolist()
    shown = [shared_figure(Fraction(value), values, [range(len(values))], minimum) for value in near]
    if len(near) > 1 and any(one.step and not one.width for one in shown):
        return _SHARED
    apart = zip(near, near[1:], shown, shown[1:], strict=False)
    told = (one.step and other.step and high - low > one.step + other.step for low, high, one, other in apart)
    return _BY_DISTANCE if any(told) else 0


def _mode_turns(values: Whole, rows: Numbers, minimum: int) -> bool:
    sizes = np.sort(np.bincount(np.unique(values, return_inverse=True)[1], weights=rows))[::-1]
    decide = float(np.sort(rows)[::-1][: minimum - 1].sum())
    return len(sizes) > 1 and bool(sizes[0] - sizes[1] <= decide)


def _few_between(one: tuple[Placed, Pattern, int], other: tuple[Placed, Pattern, int], minimum: int) -> bool:
    """Tell whether two quantiles stand so near that with both it is known how many units have a value that few have."""
    places = []
    for side, pattern, cell in (one, other):
        found = side.kept(_of_cell, pattern, cell)
        if found is None or not len(found[0]):
            return False
        places.append((_place(side.recipe, found[1]), found[0]))
    (first, values), (last, _) = places
    if abs(first - last) >= minimum:
        return False
    between = values[min(first, last) : max(first, last) + 1]
    held = (np.searchsorted(values, between, side=side) for side in ("right", "left"))
    few = np.subtract(*held) < minimum
    return bool(few.any()) and any(_turns(*side, minimum) == _SHARED for side in (one, other))


def _place(recipe: Recipe, rows: Numbers) -> int:
    share = probability(recipe) if recipe.statistic is Statistic.QUANTILE else Fraction(1, 2)
    up_to = np.cumsum(rows)
    return min(int(np.searchsorted(up_to, float(share) * float(up_to[-1]))), len(rows) - 1)


def _of_cell(side: Placed, pattern: Pattern, cell: int) -> tuple[Whole, Numbers] | None:
    """Return what the units of a cell have, ascending, as whole numbers, and their rows or weights; None if unknown."""
    if side.values is None or side.weights is None:
        return None
    order, ends = side.kept(_in_cells, pattern)
    places = order[0 if cell == 0 else ends[cell - 1] : ends[cell]]
    values, rows = side.values[places], side.weights[places]
    known = ~np.isnan(values) & (rows > 0)
    values, rows = values[known], rows[known]
    if side.recipe.weight is None:
        values = values / rows  # of a unit with several rows the sum is known
    largest = float(np.abs(values).max(initial=1.0))
    whole: npt.NDArray[np.float64] = np.rint(values * 10.0 ** min(_DECIMALS, int(np.log10(_LARGEST / largest))))
    ascending = np.argsort(whole, kind="stable")
    return whole[ascending].astype(np.int64), rows[ascending]


def _in_cells(side: Placed, pattern: Pattern) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    cells, _ = side.cells(pattern)
    return np.argsort(cells, kind="stable"), np.cumsum(np.bincount(cells))
