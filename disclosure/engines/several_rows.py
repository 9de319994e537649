"""Units with several rows, of which two outputs tell because few units count for more in one than in the other.

A rate is of units, and so is a count; the mean of a column of zeros and ones and a poverty rate are of rows. Where a
single unit has several rows, the number of rows with a one less that of units with a one tells whether it has one. Two
models tell more: one in which a unit stands a hundred times is drawn to it; so do a model and a figure of what it
explains. Of two other figures of one value the totals of units tell it, but of who has nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.cells_beside import POSITION, halved
from disclosure.engines.joined import Joined
from disclosure.engines.placed import Mask, Numbers, Placed, renumbered
from disclosure.engines.totals_beside import same_value
from disclosure.engines.unit_rows import Whole
from disclosure.engines.values_beside import joint_codes
from disclosure.model.recipes import Statistic
from disclosure.protection.undone_measures import PERCENTAGES

_COUNTED: Final = frozenset({Statistic.COUNT, *PERCENTAGES})
_OF_UNITS: Final = frozenset({*_COUNTED, Statistic.RATE})
_SUMS: Final = frozenset({Statistic.SUM, Statistic.SHARE})
_NEARLY: Final = 1e-9


def few_rows_apart(rows: Joined, minimum: int) -> bool:
    """Tell whether few units have more rows, or weight, in one of two outputs that tell of the same.

    Few are at least one, fewer than the minimum, and at most half of the units that are in both. It is asked of all
    units together and of those of each cell, of the dimensions that both have and some of these; of models of all.
    """
    one, other = rows.one, rows.other
    if rows.sized or (one.recipe.weight is None) != (other.recipe.weight is None):
        return False
    if not (_of_models(rows) or _of_one_value(rows) or _of_one_group(rows)):
        return False
    common = () if any(map(_is_model, (one, other))) else tuple(set(one.dimensions) & set(other.dimensions))
    codes = [joint_codes(one, other, name) for name in common]
    return any(
        _few_apart(rows, fixed, minimum) for size in range(len(codes) + 1) for fixed in combinations(codes, size)
    )


def _few_apart(rows: Joined, codes: Sequence[tuple[Whole, Whole]], minimum: int) -> bool:
    """Tell whether so few units of some cell, by numbers of the labels of either side, count for more in one output."""
    own = len(rows.one)
    cells = np.zeros(own + len(rows.other), dtype=np.int64)
    for each in codes:
        both = np.concatenate(each)
        cells = renumbered(cells * (int(both.max(initial=0)) + 1) + both)
    units = np.concatenate(rows.units)
    most = int(units.max(initial=0)) + 1
    keys, places = np.unique(cells * most + units, return_inverse=True)
    sides = ((rows.one, places[:own]), (rows.other, places[own:]))
    counted = [_rows_of(side, at, len(keys)) for side, at in sides]
    there = np.logical_and(*(np.bincount(at, minlength=len(keys)) > 0 for _, at in sides))
    # Who has no value in one of the two is another matter.
    apart = there & (counted[0] > 0) & (counted[1] > 0) & ~np.isclose(counted[0], counted[1], rtol=_NEARLY, atol=0.0)
    few, all_of = (
        np.bincount(keys[which] // most, minlength=int(cells.max(initial=0)) + 1) for which in (apart, there)
    )
    return bool(((few > 0) & (few < minimum) & (2 * few <= all_of)).any())


def _is_model(side: Placed) -> bool:
    return side.recipe.statistic.specification.is_design


def _of_models(rows: Joined) -> bool:
    """Tell whether both are models, tests or curves, or one is, and the other is a figure of the value of that one."""
    sides = rows.one, rows.other
    models = sum(map(_is_model, sides))
    return models > 0 and all(map(_is_of_rows, sides)) and (models == len(sides) or same_value(rows))


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
        return _same_group(one.ones[rows.left], other.ones[rows.right])
    if halved(one):
        return _told_by(other, rows.right, one.ones[rows.left])
    return halved(other) and _told_by(one, rows.left, other.ones[rows.right])


def _same_group(one: Mask, other: Mask) -> bool:
    """Tell whether two columns of zeros and ones tell of one group: of who is in it, or of who is not."""
    return any(_mostly(one, there) and _mostly(~one, ~there) for there in (other, ~other))


def _mostly(one: Mask, other: Mask) -> bool:
    return bool(2 * np.count_nonzero(one & other) >= np.count_nonzero(one | other))


def _told_by(side: Placed, places: npt.NDArray[np.int64], flag: Mask) -> bool:
    """Tell whether each cell of a count holds those who have something, or those who do not."""
    if side.recipe.statistic not in _COUNTED or not side.dimensions:
        return False
    cells = side.cells(side.patterns()[0])[0][places]
    size = int(cells.max(initial=-1)) + 1
    held = np.bincount(cells[flag], minlength=size)
    return bool(((held == 0) | (held == np.bincount(cells, minlength=size))).all())


def _rows_of(side: Placed, places: Whole, size: int) -> Numbers:
    """Return by place how much a unit counts for there: once, or each of its rows with a value, or its weight."""
    if side.recipe.statistic in _OF_UNITS or side.weights is None:
        return np.ones(size, dtype=np.float64)
    return np.asarray(np.bincount(places, weights=np.nan_to_num(side.weights), minlength=size), dtype=np.float64)
