"""Quantiles of one column in several forms, in two outputs: two roundings tell more than one.

A quantile is shown on a grid. Of the same column with an amount added, or multiplied, the grid lies elsewhere in the
values, so that enough such outputs tell the average behind all of them to the last digit, and of the same with one unit
less that unit's value. What a quantile is of are the units next to it: where two cells have these in common, and both
columns put them in one order, their quantiles do not go together, unless the values are the same. Of measures of one
call the same is asked of all rows (`disclosure.engines.same_order`).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.joined import COARSER, TOO_MANY, Joined
from disclosure.engines.placed import Mask, Numbers, Placed
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs, Doubt
from disclosure.model.recipes import Statistic
from disclosure.statistics.position import probability
from disclosure.texts import text

_QUANTILES: Final = (Statistic.MEDIAN, Statistic.QUANTILE, Statistic.POVERTY_GAP)
_MOST_CELLS: Final = 20_000
_IN_ORDER: Final = 0.875
"""So many of all twos of units does another form of a column put in the same order, or all but so many in the other."""
_WHY: Final = text(
    "it shows a quantile of the same values in another form, such as with an amount added, and two roundings tell more "
    "than one; hand in one of them"
)
Places = npt.NDArray[np.intp]


def quantiles_of_one(rows: Joined, minimum: int) -> tuple[Doubt, ...]:
    """Return the cells and margins of two outputs with quantiles of one column in two forms, over the same units.

    Raises:
        DataError: there are too many.
    """
    one, other = rows.one, rows.other
    if not {one.recipe.statistic, other.recipe.statistic} <= set(_QUANTILES) or rows.sized:
        return ()
    if one.values is None or other.values is None or _same(one.values[rows.left], other.values[rows.right]):
        return ()
    found, there = [], list(_near(other, rows.units[1], 2 * minimum))
    for codes, units, values in _near(one, rows.units[0], 2 * minimum):
        for other_codes, others, other_values in there:
            _, left, right = np.intersect1d(units, others, return_indices=True)
            if len(left) >= minimum and _other_form(values[left], other_values[right]):
                found.append((codes, other_codes))
                if len(found) > _MOST_CELLS:
                    raise DataError(TOO_MANY, hint=COARSER)
    if not found:
        return ()
    own, theirs = (np.array([pair[side] for pair in found], dtype=np.int32) for side in (0, 1))
    names = (one.dimensions, other.dimensions, one.labels, other.labels)
    return (Doubt(CellPairs(*names, own, theirs, np.arange(len(found))), _WHY),)


def _near(side: Placed, units: npt.NDArray[np.int64], number: int) -> Iterator[tuple[Places, Places, Numbers]]:
    """Yield of each cell and margin its codes, and the units nearest to its quantile by rank, with their values."""
    recipe, values, weights = side.recipe, side.values, side.weights
    if values is None or weights is None:
        return
    is_gap = recipe.statistic is Statistic.POVERTY_GAP
    share = probability(recipe) if recipe.statistic is Statistic.QUANTILE else Fraction(1, 2)
    which: Mask = ~np.isnan(values) & (side.ones if is_gap else True)
    rows = np.flatnonzero(which)
    for pattern in side.patterns():
        cell, codes = side.cells(pattern)
        order = rows[np.lexsort((values[rows], cell[rows]))]
        ends = np.cumsum(np.bincount(cell[order], minlength=len(codes)))
        for place, (start, end) in enumerate(zip(np.append(0, ends[:-1]).tolist(), ends.tolist(), strict=True)):
            own = order[start:end]
            if not len(own):
                continue
            up_to = np.cumsum(weights[own])
            at = int(np.searchsorted(up_to, float(share) * float(up_to[-1])))
            first = max(0, min(at - number // 2, len(own) - number))
            near = own[first : first + number]
            yield codes[place], units[near], values[near]


def _other_form(values: Numbers, others: Numbers) -> bool:
    """Tell whether two columns put units in one order, or in the opposite one, and are not the same."""
    if _same(values, others):
        return False
    one, other = np.triu_indices(len(values), 1)
    rise, rise_there = np.sign(values[one] - values[other]), np.sign(others[one] - others[other])
    return bool(max((rise == rise_there).mean(), (rise == -rise_there).mean()) >= _IN_ORDER)


def _same(values: Numbers, others: Numbers) -> bool:
    return bool(np.isclose(values, others, rtol=1e-12, atol=0.0, equal_nan=True).all())
