"""Columns of which a plain combination is the same but for few units, so that their sums tell of these.

Whoever has the sums of two columns has the sum of their difference, also of one less a multiple of the other; with
three columns that of one plus another less the third. Where such a combination is the same for nearly everybody of a
cell, zero or any other amount, that amount times their number is taken off, and what is left is of the few others. So
it is where one column has the values of the other but for few, whoever has which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from disclosure.engines.lines import Cells, Mask, Numbers, Places, slopes
from disclosure.engines.moved_values import few_moved

MOST_OF_THREE: Final = 6
"""Columns of which each three are looked at; of more only each two."""
_SAMPLE: Final = 5000
_OFTEN: Final = 0.05
_DIGITS: Final = 9
SIGNS: Final = ((1.0, 1.0, -1.0), (1.0, -1.0, 1.0), (-1.0, 1.0, 1.0))


def few_differ(
    frame: pd.DataFrame,
    unit: Sequence[str],
    dimensions: Sequence[str],
    columns: Sequence[str],
    minimum: int,
    *,
    counted: bool = True,
) -> tuple[tuple[str, ...], ...]:
    """Return the twos and threes of columns of which a combination is another one for few units of some cell.

    Few are at least one and fewer than the minimum, of a cell that has the minimum of units and at most half of them
    apart; or one that is ten times as far apart as all others together, who hardly are. Missing counts as zero. Of
    columns of zeros and ones it tells nothing if it is above what most have for some and below it for others. What
    cannot be read as numbers is left out.

    Args:
        frame: rows with the unit's key, the dimensions and the columns.
        counted: the number of units of a cell is known to a unit, so that zeros and ones may add up to it; of other
            numbers an amount that all have is taken off all the same.

    >>> rows = pd.DataFrame({"person": range(40), "a": 1.0 + np.arange(40), "b": 1.0 + np.arange(40)})
    >>> few_differ(rows, ["person"], [], ["a", "b"], 10)
    ()
    >>> few_differ(rows.assign(b=500 + rows.b.where(rows.person != 7, 0)), ["person"], [], ["a", "b"], 10)
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
    cells = Cells(cell, minimum, counted=counted)
    ones = {name for name, column in known.items() if np.isin(column, (0.0, 1.0)).all()}
    samples = {name: cells.sample(column) for name, column in known.items()}
    spreads = {name: cells.spread(column) for name, column in known.items()}
    found: list[tuple[str, ...]] = []
    for one, other in combinations(known, 2):
        a, b, binary = known[one], known[other], {one, other} <= ones
        for by, among in _multiples(a, b, cells, samples[one], binary=binary):
            combined, scale = b - by * a, np.abs(b) + np.abs(by * a)
            if cells.tell(combined, scale, samples[one], spreads[other], binary=binary, among=among):
                found.append((one, other))
                break
        else:
            if not binary and few_moved(a, b, cell, minimum):
                found.append((one, other))
    for names in combinations(known, 3) if len(known) <= MOST_OF_THREE else ():
        if any(set(names) >= set(one) for one in found):
            continue
        parts = [known[name] for name in names]
        scale, binary = np.abs(parts[0]) + np.abs(parts[1]) + np.abs(parts[2]), set(names) <= ones
        for signs in SIGNS:
            combined = np.asarray(sum(sign * part for sign, part in zip(signs, parts, strict=True)))
            if cells.tell(combined, scale, samples[names[0]], spreads[names[0]], binary=binary):
                found.append(names)
                break
    return tuple(found)


def _multiples(
    a: Numbers, b: Numbers, cells: Cells, sample: Places, *, binary: bool
) -> Iterator[tuple[Any, Mask | None]]:
    """Yield what one column is taken times to be taken off the other, and of which cells: all if none are named."""
    yield 1.0, None
    if binary:
        if cells.counted:
            yield -1.0, None
        return
    for ratio in _ratios(a, b):
        yield ratio, None
    for slope in slopes(a, b, cells, sample):
        yield slope[cells.cell], slope != 0


def _ratios(a: Numbers, b: Numbers) -> Iterator[float]:
    """Yield the ratios that many units have."""
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
