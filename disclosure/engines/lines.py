"""Lines: amounts that most units of a cell have in common once a multiple of one column is taken off another.

Of few units off a line, any part of a cell with enough units holds enough that are on it. So a line is looked for among
the units with the lowest and the highest amounts of a cell, which tell its slope best, and asked of all units only of
the cells where it holds for those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

_SMALL: Final = 1e-9
_EXACT: Final = 1e-12
"""How far a number may be off, to the largest that it is made of, of which another one is compared with it."""
_TIGHT: Final = 100
"""What all but one are apart comes to at most one part in so many of how far the amounts themselves are apart."""
_ALONE: Final = 10
"""One is known to a tenth where all others are apart by less than that part of what it is, together."""
_ROUNDED: Final = 20
"""What is left of a rounded column, taken together, is at most one part in so many of how far its amounts are apart."""
_KNOWN: Final = 5
"""One is known to a fifth where what the roundings of the others come to by chance is less than that part of it."""
_LAGS: Final = (1, 2, 3, 5, 8, 13, 21)
"""Units so many places from each other in the sample are put on one line. Of any half of them, two are three apart at
most; odd numbers put one with a low and one with a high amount together."""
_MOST_SLOPES: Final = 3
_LEAST_VOTES: Final = 3
_SAME_SLOPE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class _Common:
    """What the units of a sample have in common: one entry per cell.

    Attributes:
        units: how many are in the sample.
        same: how many of them have the amount that most have.
        amount, middle: that amount, and the one that as many lie below as above.
    """

    units: npt.NDArray[np.int64]
    same: npt.NDArray[np.int64]
    amount: Numbers
    middle: Numbers


class Cells:
    """The cells of rows, one row for each unit of a cell.

    Args:
        cell: the number of the cell of each row.
        minimum: units that a cell needs to be asked about, and below which units are few.
        counted: the number of units is known to a unit.
    """

    def __init__(self, cell: npt.NDArray[np.int64], minimum: int, *, counted: bool) -> None:
        self.cell, self.minimum, self.counted = cell, minimum, counted
        self.units = np.bincount(cell)
        self._asked = self.units >= minimum

    def sample(self, column: Numbers) -> Places:
        """Return the rows with the lowest and the highest amounts of each cell that is asked about, by cell."""
        order = np.lexsort((column, self.cell))
        own = self.cell[order]
        place = np.arange(len(order)) - (np.cumsum(self.units) - self.units)[own]
        behind = self.units[own] - 1 - place
        most = (3 * self.minimum + 1) // 2
        kept = self._asked[own] & ((place < most) | (behind < most))
        by_turns = np.minimum(2 * place, 2 * behind + 1)[kept]
        return np.asarray(order[kept][np.lexsort((by_turns, own[kept]))], dtype=np.intp)

    def spread(self, column: Numbers) -> Numbers:
        """Return how far the amounts of each cell are from their mean, all together."""
        size = len(self.units)
        mean = np.bincount(self.cell, weights=column, minlength=size) / np.maximum(self.units, 1)
        found = np.bincount(self.cell, weights=np.abs(column - mean[self.cell]), minlength=size)
        return np.asarray(found, dtype=np.float64)

    def tell(
        self,
        combined: Numbers,
        scale: Numbers,
        sample: Places,
        spread: Numbers,
        *,
        binary: bool = False,
        among: Mask | None = None,
    ) -> bool:
        """Tell whether a combination of columns is the same but for few units of some cell, or nearly but for one.

        Args:
            scale: how large the numbers are that were combined.
            sample: some rows, of each cell that is asked about three times the minimum or all of them.
            spread: how far the amounts that are combined are apart.
            binary: they are zeros and ones.
            among: the cells that are asked about, by default all of enough units.
        """
        if not len(sample):
            return False
        some, size = self._common(combined, scale, sample), len(self.units)
        asked = self._asked if among is None else self._asked & among
        largest = np.zeros(size)
        np.maximum.at(largest, self.cell[sample], scale[sample])
        # What few units of a cell have is no more of a sample of it than of the cell.
        rows = np.flatnonzero((asked & (some.units - some.same < self.minimum))[self.cell])
        own = self.cell[rows]
        away = combined[rows] - some.amount[own]
        apart = np.abs(away) > np.maximum(_SMALL * scale[rows], np.maximum(_EXACT * largest[own], _SMALL))
        n = np.bincount(own[apart], minlength=size)
        few = (n > 0) & (n < self.minimum) & (2 * n <= self.units)
        if binary:
            few &= self.counted | (np.abs(some.amount) <= _SMALL)
            return bool(few.any())
        distance = np.abs(combined - some.middle[self.cell])
        first = np.zeros(size)
        np.maximum.at(first, self.cell, distance)
        rest = np.bincount(self.cell, weights=distance, minlength=size) - first
        alone = (first > rest * _ALONE) & (rest * _TIGHT <= spread)
        asked = asked & (first > _SMALL * largest)
        return bool((few | (asked & (alone | self._off_rounded(distance, spread)))).any())

    def _off_rounded(self, distance: Numbers, spread: Numbers) -> Mask:
        """Tell of which cells all but few are apart by rounding only, which by chance comes to little in all.

        What rounding leaves is spread evenly up to half a step: those who are apart by far more were not rounded. The
        roundings of many come to what one has, times the root of how many they are.

        Args:
            distance: how far each unit is from what lies in the middle of its cell.
        """
        size = len(self.units)
        order = np.lexsort((distance, self.cell))
        starts = np.cumsum(self.units) - self.units
        quarters = starts + np.minimum(3 * self.units // 4, np.maximum(self.units - 1, 0))
        step = np.zeros(size)
        there = self.units > 0
        step[there] = 2 * distance[order][quarters[there]]
        far = distance > step[self.cell]
        n = np.bincount(self.cell[far], minlength=size)
        near = np.where(far, 0.0, distance)
        noise = np.sqrt(np.bincount(self.cell, weights=near**2, minlength=size))
        largest_near, first = np.zeros(size), np.zeros(size)
        np.maximum.at(largest_near, self.cell, near)
        np.maximum.at(first, self.cell, distance)
        least_far = np.full(size, np.inf)
        np.minimum.at(least_far, self.cell[far], distance[far])
        few = (n > 0) & (n < self.minimum) & (2 * n <= self.units) & (least_far >= 2 * largest_near)
        tight = np.bincount(self.cell, weights=near, minlength=size) * _ROUNDED <= spread
        return np.asarray(few & tight & (noise * _KNOWN <= first), dtype=np.bool_)

    def _common(self, combined: Numbers, scale: Numbers, sample: Places) -> _Common:
        size = len(self.units)
        own, values = self.cell[sample], combined[sample]
        order = np.lexsort((values, own))
        own, values = own[order], values[order]
        apart = np.maximum(_SMALL * scale[sample][order], _SMALL)
        new = np.append(True, (own[1:] != own[:-1]) | (np.diff(values) > np.maximum(apart[1:], apart[:-1])))
        starts = np.flatnonzero(new)
        lengths, of = np.diff(np.append(starts, len(own))), own[starts]
        same = np.zeros(size, dtype=np.int64)
        np.maximum.at(same, of, lengths)
        most = np.flatnonzero(lengths == same[of])
        # Of amounts that as many have, the one nearest to zero is taken.
        most = most[np.argsort(-np.abs(values[starts[most]]), kind="stable")]
        amount, middle = np.zeros(size), np.zeros(size)
        amount[of[most]] = values[starts[most]]
        begins = np.flatnonzero(np.append(True, own[1:] != own[:-1]))
        sizes = np.diff(np.append(begins, len(own)))
        middle[own[begins]] = values[begins + sizes // 2]
        return _Common(np.bincount(own, minlength=size), same, amount, middle)


def slopes(a: Numbers, b: Numbers, cells: Cells, sample: Places) -> Iterator[Numbers]:
    """Yield slopes of lines of b by a, one per cell: those that most pairs of units have, and the middle one.

    Where a cell has none, the slope is zero.
    """
    own, found_in, found = cells.cell[sample], [], []
    for lag in _LAGS:
        one, other = sample[:-lag], sample[lag:]
        run, rise = a[other] - a[one], b[other] - b[one]
        kept = (own[:-lag] == own[lag:]) & (run != 0) & (rise != 0)
        found_in.append(own[:-lag][kept])
        found.append(rise[kept] / run[kept])
    of, values = np.concatenate(found_in), np.concatenate(found)
    if not len(of):
        return
    order = np.lexsort((values, of))
    of, values = of[order], values[order]
    begins = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
    middle = np.zeros(len(cells.units))
    middle[of[begins]] = values[begins + np.diff(np.append(begins, len(of))) // 2]
    yield middle
    new = np.append(True, (of[1:] != of[:-1]) | (np.diff(values) > _SAME_SLOPE * np.abs(values[1:])))
    starts = np.flatnonzero(new)
    votes = np.diff(np.append(starts, len(of)))
    enough = votes >= _LEAST_VOTES
    starts, votes = starts[enough], votes[enough]
    ranked = np.lexsort((-votes, of[starts]))
    starts, votes = starts[ranked], votes[ranked]
    cell = of[starts]
    heads = np.flatnonzero(np.append(True, cell[1:] != cell[:-1])) if len(cell) else starts
    rank = np.arange(len(cell)) - np.repeat(heads, np.diff(np.append(heads, len(cell))))
    for place in range(_MOST_SLOPES):
        one = rank == place
        if not one.any():
            return
        often = np.zeros(len(cells.units))
        often[cell[one]] = values[(starts + votes // 2)[one]]
        yield often
