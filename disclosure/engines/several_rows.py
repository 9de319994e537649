"""Units with several rows, of which two outputs tell because few units count for more in one than in the other.

A rate is of units, and so is a count; the mean of a column of zeros and ones and a poverty rate are of rows. Where a
single unit has several rows, the number of rows with a one less that of units with a one tells whether it has one. Two
models tell more: one in which a unit stands a hundred times is drawn to it. Of two other figures of one value the
totals of units tell it, but of who has nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.cells_beside import POSITION, halved
from disclosure.engines.joined import Joined
from disclosure.engines.placed import Mask, Numbers, Placed
from disclosure.engines.totals_beside import same_value
from disclosure.model.recipes import Statistic
from disclosure.protection.undone_measures import PERCENTAGES

_COUNTED: Final = frozenset({Statistic.COUNT, *PERCENTAGES})
_OF_UNITS: Final = frozenset({*_COUNTED, Statistic.RATE})
_SUMS: Final = frozenset({Statistic.SUM, Statistic.SHARE})
_NEARLY: Final = 1e-9


def few_rows_apart(rows: Joined, minimum: int) -> bool:
    """Tell whether few units have more rows, or weight, in one of two outputs that tell of the same.

    Few are at least one, fewer than the minimum, and at most half of the units that are in both.
    """
    one, other = rows.one, rows.other
    if rows.sized or (one.recipe.weight is None) != (other.recipe.weight is None):
        return False
    if not (_of_models(one, other) or _of_one_value(rows) or _of_one_group(rows)):
        return False
    counted = [_rows_of(side, units) for side, units in zip((one, other), rows.units, strict=True)]
    there = np.unique(rows.units[0][rows.left])
    own, others = (each[there] for each in counted)
    # Who has no value in one of the two is another matter.
    apart = int(np.count_nonzero((own > 0) & (others > 0) & ~np.isclose(own, others, rtol=_NEARLY, atol=0.0)))
    return 0 < apart < minimum and 2 * apart <= len(there)


def _of_models(one: Placed, other: Placed) -> bool:
    """Tell whether one is a model, a test or a curve, and both are of rows with a value."""
    design = any(side.recipe.statistic.specification.is_design for side in (one, other))
    return design and all(_is_of_rows(side) for side in (one, other))


def _of_one_value(rows: Joined) -> bool:
    """Tell whether both are exact figures of one value, and not both are its totals."""
    sides = rows.one, rows.other
    sums = all(side.recipe.statistic in _SUMS for side in sides)
    return not sums and all(_is_of_rows(side) for side in sides) and same_value(rows)


def _is_of_rows(side: Placed) -> bool:
    return side.recipe.statistic not in _OF_UNITS | POSITION and side.weights is not None


def _of_one_group(rows: Joined) -> bool:
    """Tell whether both tell how many have something: each by zeros and ones, or one by cells of a count."""
    one, other = rows.one, rows.other
    if one.recipe.weight is not None or {one.recipe.statistic, other.recipe.statistic} <= _SUMS:
        return False
    if halved(one) and halved(other):
        return True
    if halved(one):
        return _told_by(other, rows.right, one.ones[rows.left])
    return halved(other) and _told_by(one, rows.left, other.ones[rows.right])


def _told_by(side: Placed, places: npt.NDArray[np.int64], flag: Mask) -> bool:
    """Tell whether each cell of a count holds those who have something, or those who do not."""
    if side.recipe.statistic not in _COUNTED or not side.dimensions:
        return False
    cells = side.cells(side.patterns()[0])[0][places]
    size = int(cells.max(initial=-1)) + 1
    held = np.bincount(cells[flag], minlength=size)
    return bool(((held == 0) | (held == np.bincount(cells, minlength=size))).all())


def _rows_of(side: Placed, units: npt.NDArray[np.int64]) -> Numbers:
    """Return by unit how much it counts for: once, or each of its rows with a value, or its weight."""
    if side.recipe.statistic in _OF_UNITS or side.weights is None:
        return np.ones(int(units.max(initial=-1)) + 1, dtype=np.float64)
    return np.asarray(np.bincount(units, weights=np.nan_to_num(side.weights)), dtype=np.float64)
