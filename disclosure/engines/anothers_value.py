"""Columns of which one is the other times, or plus, a value that few units have, so that their figures tell it.

Whoever divides everybody's income by the highest of the neighbourhood, or adds one person's to it, has that income as
the ratio, or the difference, of two totals that are safe one by one. Whether an amount that all have in common is a
public one, such as twelve months or the prices of a year, nobody can tell by looking at it; but whether few units have
it can be counted. Only a power of ten is taken for another way to count, though somebody may have just a thousand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from disclosure.model.cells import free_name

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

_NEAR: Final = 1e-3
"""So far from the rule, as a part of the mean size, values may be that somebody has rounded."""
_EXACT: Final = 1e-9


def anothers_values(
    frame: pd.DataFrame, unit: Sequence[str], dimensions: Sequence[str], columns: Sequence[str], minimum: int
) -> tuple[tuple[str, str], ...]:
    """Return the twos of columns of which one is the other times or plus a value that few units have.

    It is asked cell by cell, of cells that have the minimum of units with something, and not all the same. The value is
    looked for among what each unit has of the two columns, in any cell; few are at least one and fewer than the
    minimum. Missing counts as zero. What cannot be read as numbers is left out.

    Args:
        frame: rows with the unit's key, the dimensions and the columns.

    >>> rows = pd.DataFrame({"person": range(40), "income": 900.0 + np.arange(40) ** 2})
    >>> rows = rows.assign(month=rows.income / 12, part=rows.income / rows.income.max())
    >>> anothers_values(rows, ["person"], [], ["income", "month", "part"], 10)
    (('income', 'part'), ('month', 'part'))
    """
    keys = [*unit, *dimensions]
    if minimum < 1 or not len(frame):
        return ()
    made = {name: free_name(str(place), map(str, keys)) for place, name in enumerate(columns)}
    read = {made[name]: pd.to_numeric(frame[name], errors="coerce").astype("float64") for name in columns}
    rows = frame[keys].assign(**read).groupby(keys, dropna=False, sort=False).sum().reset_index()
    cells: Any = np.zeros(len(rows), dtype=np.int64)
    if dimensions:
        cells = rows.groupby(list(dimensions), dropna=False, sort=False).ngroup().to_numpy()
    units: Any = rows.groupby(list(unit), dropna=False, sort=False).ngroup().to_numpy()
    known = {name: np.nan_to_num(rows[made[name]].to_numpy(np.float64), posinf=0.0, neginf=0.0) for name in columns}
    parts = _parts(cells)
    return tuple(
        (one, other)
        for one, other in combinations(columns, 2)
        if any(
            0 < _holders(value, off, (known[one], known[other]), units) < minimum
            for value, off in _in_common(known[one], known[other], parts, minimum)
        )
    )


def _parts(cells: npt.NDArray[np.int64]) -> tuple[Places, ...]:
    """Return the places of the rows of each cell."""
    order = np.argsort(cells, kind="stable")
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
    return tuple(np.split(order, starts[1:]))


def _in_common(a: Numbers, b: Numbers, parts: Sequence[Places], minimum: int) -> Iterator[tuple[float, float]]:
    """Yield what one column is the other times or plus in a cell, and how far off that may be."""
    for places in parts:
        one, other = a[places], b[places]
        there = (one != 0) | (other != 0)
        one, other = one[there], other[there]
        if len(one) < minimum or np.ptp(one) == 0 or np.ptp(other) == 0:
            continue
        less = one - other
        size = float(np.abs(less).mean())
        off = float(np.abs(less - less.mean()).max())
        if size > 0 and off <= _NEAR * size and not _is_power_of_ten(size, off / size + _EXACT):
            yield abs(float(less.mean())), off + _EXACT * size
        if (np.sign(one) * np.sign(other)).tolist() != [np.sign(one[0] * other[0])] * len(one):
            continue
        top, bottom = float(np.abs(one).sum()), float(np.abs(other).sum())
        factor = top / bottom if bottom else 0.0
        apart = np.abs(np.abs(one) - factor * np.abs(other))
        if factor == 0 or float(apart.max()) > _NEAR * top / len(one) or abs(factor - 1) <= _NEAR:
            continue
        spread = float(apart.sum()) / top + _EXACT
        if _is_power_of_ten(factor, spread):
            continue
        yield factor, factor * spread
        yield 1 / factor, spread / factor


def _is_power_of_ten(number: float, spread: float) -> bool:
    """Tell whether a number is one, as of thousands, of cents, of percent, and of ages that are counted from one."""
    return abs(number / 10.0 ** round(math.log10(number)) - 1) <= spread


def _holders(value: float, off: float, columns: Sequence[Numbers], units: npt.NDArray[np.int64]) -> int:
    """Return how many units have a value, in whichever column more do."""
    return max(len(np.unique(units[np.abs(np.abs(column) - value) <= off])) for column in columns)
