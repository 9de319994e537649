"""Columns with the same values but for few, put beside other units: their totals tell those few.

Of an income that is moved on by one row, the total is that of the income but for the last one, whoever now has which.
Two columns that have nothing to do with each other have the same values by chance where few values can be had, such as
ages and wages in hundreds: there only columns tell that have eight in ten values in common.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
_PARTS = (0.25, 0.5, 0.75)
_RARELY = 0.25
"""So many values of a cell that both columns have are expected by chance, where they tell nothing of each other."""


def few_moved(one: Numbers, other: Numbers, cell: npt.NDArray[Any], minimum: int) -> bool:
    """Tell whether of some cell, or of all of them, two columns have the same values but for fewer than the minimum.

    Zeros, which add up to nothing, are left out. At least half of the values are different ones: that as many units
    have each of a few values is no more than chance. At most a fifth of the values of a column are not in the other,
    or half of them where hardly two units ever have the same value.

    >>> income = 1000.0 + np.arange(40)
    >>> few_moved(income, np.roll(income, 1), np.zeros(40, dtype=np.int64), 10)
    False
    >>> few_moved(income, np.append(0.0, income[:-1]), np.zeros(40, dtype=np.int64), 10)
    True
    """
    cells = int(cell.max(initial=-1)) + 1
    if cells < 1 or not _may_be(one, other, minimum * cells):
        return False
    everybody = np.zeros(len(cell), dtype=np.int64)
    return _same_but_few(one, other, everybody, minimum) or (cells > 1 and _same_but_few(one, other, cell, minimum))


def _may_be(one: Numbers, other: Numbers, most: int) -> bool:
    """Tell whether as many values lie below some of the first column in both, but for so many: sorting takes longer."""
    own, there = one[one != 0], other[other != 0]
    if not len(own) or abs(len(own) - len(there)) > most:
        return False
    places = sorted({int(part * (len(own) - 1)) for part in _PARTS})
    at = np.partition(own, places)[places]
    return all(abs(int((own < value).sum()) - int((there < value).sum())) <= most for value in at.tolist())


def _same_but_few(one: Numbers, other: Numbers, cell: npt.NDArray[Any], minimum: int) -> bool:
    first, last = one != 0, other != 0
    values, cells = np.concatenate([one[first], other[last]]), np.concatenate([cell[first], cell[last]])
    sides = np.repeat(np.array([1, -1], dtype=np.int64), [int(first.sum()), int(last.sum())])
    order = np.lexsort((values, cells))
    values, cells, sides = values[order], cells[order], sides[order]
    starts = np.flatnonzero(np.append(True, (values[1:] != values[:-1]) | (cells[1:] != cells[:-1])))
    more, where = np.add.reduceat(sides, starts), cells[starts]
    gone, come = (np.bincount(where, weights=np.maximum(sign * more, 0)) for sign in (1, -1))
    number, different = np.bincount(cells, minlength=len(gone)), np.bincount(where, minlength=len(gone))
    apart = np.maximum(gone, come)
    few = (apart > 0) & (apart < minimum) & (4 * different >= number) & (number >= 2 * minimum)
    by_chance = _often_equal(one[first], other[last]) * number**2 / 4
    return bool((few & ((10 * apart <= number) | ((4 * apart <= number) & (by_chance <= _RARELY)))).any())


def _often_equal(one: Numbers, other: Numbers) -> float:
    """Return which part of the pairs of units have the same value, within either column."""
    times = [np.unique(column, return_counts=True)[1].astype(np.float64) for column in (one, other)]
    pairs = sum(float(each.sum()) * (float(each.sum()) - 1) for each in times)
    return sum(float((each * (each - 1)).sum()) for each in times) / max(1.0, pairs)
