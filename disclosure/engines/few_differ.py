"""Columns of which a plain combination is zero but for few units, so that their sums tell of these.

Whoever has the sums of two columns has the sum of their difference, also of one less a multiple of the other; with
three columns that of one plus another less the third. Where such a combination is zero for nearly everybody of a cell,
its sum is that of the few others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]

MOST_OF_THREE: Final = 6
"""Columns of which each three are looked at; of more only each two."""
_SAMPLE: Final = 5000
_OFTEN: Final = 0.05
_DIGITS: Final = 9
_SMALL: Final = 1e-9
_SIGNS: Final = ((1.0, 1.0, -1.0), (1.0, -1.0, 1.0), (-1.0, 1.0, 1.0))


def few_differ(
    frame: pd.DataFrame,
    unit: Sequence[str],
    dimensions: Sequence[str],
    columns: Sequence[str],
    minimum: int,
    *,
    counted: bool = True,
) -> tuple[tuple[str, ...], ...]:
    """Return the twos and threes of columns of which a combination is not zero for few units of some cell.

    Few are at least one and fewer than the minimum, of a cell that has the minimum of units and at most half of them
    apart. Missing counts as zero. Of columns of zeros and ones it tells nothing if it is above zero for some and below
    zero for others. What cannot be read as numbers is left out.

    Args:
        frame: rows with the unit's key, the dimensions and the columns.
        counted: the number of units of a cell is known as well, so that zeros and ones may add up to it.

    >>> rows = pd.DataFrame({"person": range(40), "a": 1.0 + np.arange(40), "b": 1.0 + np.arange(40)})
    >>> few_differ(rows, ["person"], [], ["a", "b"], 10)
    ()
    >>> few_differ(rows.assign(b=rows.b.where(rows.person != 7, 0)), ["person"], [], ["a", "b"], 10)
    (('a', 'b'),)
    """
    values = {name: _numbers(frame[name]) for name in columns}
    known = {name: column for name, column in values.items() if column is not None}
    if len(known) < 2 or not len(frame):
        return ()
    keys = [*unit, *dimensions]
    rows = frame[keys].reset_index(drop=True)
    if rows.duplicated().any():
        places = rows.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
        rows = rows[~rows.duplicated()].reset_index(drop=True)
        known = {
            name: np.bincount(places, weights=column, minlength=len(rows)).astype(np.float64)
            for name, column in known.items()
        }
    cell: Any = np.zeros(len(rows), dtype=np.int64)
    if dimensions:
        cell = rows.groupby(list(dimensions), dropna=False, sort=False).ngroup().to_numpy()
    units = np.bincount(cell)

    def tells(combined: Numbers, scale: Numbers, *, binary: bool) -> bool:
        apart = np.abs(combined) > np.maximum(_SMALL * scale, _SMALL)
        n = np.bincount(cell[apart], minlength=len(units))
        few = (n > 0) & (n < minimum) & (units >= minimum) & (2 * n <= units)
        if binary:
            above = np.bincount(cell[apart & (combined > 0)], minlength=len(units))
            few &= (above == 0) | (above == n)
        return bool(few.any())

    found: list[tuple[str, ...]] = []
    ones = {name for name, column in known.items() if np.isin(column, (0.0, 1.0)).all()}
    for pair in combinations(known, 2):
        a, b = (known[name] for name in pair)
        binary = set(pair) <= ones
        if any(tells(b - ratio * a, np.abs(b) + abs(ratio) * np.abs(a), binary=binary) for ratio in _ratios(a, b)):
            found.append(pair)
    # Each unit counts as one, which a rate or a mean beside a sum tells the number of.
    for names in combinations([*known, *([None] if counted else [])], 3) if len(known) <= MOST_OF_THREE else ():
        parts = [np.ones(len(rows)) if name is None else known[name] for name in names]
        own = tuple(name for name in names if name is not None)
        if any(set(own) >= set(one) for one in found) or (None in names and not set(own) <= ones):
            continue
        scale = np.abs(parts[0]) + np.abs(parts[1]) + np.abs(parts[2])
        combined = (sum(s * part for s, part in zip(signs, parts, strict=True)) for signs in _SIGNS)
        if any(tells(np.asarray(one), scale, binary=set(own) <= ones) for one in combined):
            found.append(own)
    return tuple(found)


def _ratios(a: Numbers, b: Numbers) -> Iterator[float]:
    """Yield one, and the ratios that many units have."""
    yield 1.0
    there = np.flatnonzero((a != 0) & (b != 0))
    sample = there[:: max(1, len(there) // _SAMPLE)]
    if not len(sample):
        return
    ratios = b[sample] / a[sample]
    digits = _DIGITS - np.ceil(np.log10(np.abs(ratios)))
    near = np.round(ratios * 10.0**digits) / 10.0**digits
    values, times = np.unique(near, return_counts=True)
    for value in values[times >= max(3.0, _OFTEN * len(sample))].tolist():
        if value != 1.0:
            yield value


def _numbers(column: Any) -> Numbers | None:
    try:
        found: Numbers = pd.to_numeric(column, errors="raise").to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError, OverflowError):
        return None
    return np.asarray(np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0), dtype=np.float64)
