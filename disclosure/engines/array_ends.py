"""The two lowest and the two highest numbers per cell, and how many numbers are just that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Whole
from disclosure.engines.array_order import passing

_FIRST = 8
"""So many numbers for each cell are looked at before those that cannot matter any more are sorted out."""


class End:
    """The two lowest, or the two highest, distinct numbers of every cell, in any order and in any number of parts.

    Args:
        cells: how many cells.
        further: `np.minimum` for the lowest, `np.maximum` for the highest.

    Attributes:
        at, next_at: how many numbers stand at that end, and at the next one; 0 where there is none.
    """

    def __init__(self, cells: int, further: np.ufunc) -> None:
        bounds = np.iinfo(np.int64)
        self._lowest = further is np.minimum
        self._further = further
        self._none = bounds.max if self._lowest else bounds.min
        self._ends = np.full(cells, self._none, dtype=np.int64)
        self._nexts = np.full(cells, self._none, dtype=np.int64)
        self.at: Whole = np.zeros(cells, dtype=np.int64)
        self.next_at: Whole = np.zeros(cells, dtype=np.int64)

    def look(self, places: npt.NDArray[np.intp], numbers: Whole) -> None:
        """Take in a number at each place."""
        start, step = 0, _FIRST * len(self.at) if not self.at.all() else len(places)
        while start < len(places):
            self._look(places[start : start + step], numbers[start : start + step], None)
            start, step = start + step, 8 * step

    def _look(self, places: npt.NDArray[np.intp], numbers: Whole, counts: Whole | None) -> None:
        near = passing(numbers, places, self._nexts, np.less_equal if self._lowest else np.greater_equal)
        if not len(near):
            return
        places, numbers = places[near], numbers[near]
        counts = None if counts is None else counts[near]
        before = self._ends.copy()
        self._further.at(self._ends, places, numbers)
        # Where there is a new end, the one before is the next.
        passed = np.flatnonzero(self._ends != before)
        self._nexts[passed], self.next_at[passed] = before[passed], self.at[passed]
        self.at[passed] = 0
        level = numbers == np.take(self._ends, places)
        self._count(self.at, places[level], None if counts is None else counts[level])
        beyond = np.flatnonzero(~level)
        if not len(beyond):
            return
        places, numbers = places[beyond], numbers[beyond]
        counts = None if counts is None else counts[beyond]
        before = self._nexts.copy()
        self._further.at(self._nexts, places, numbers)
        self.next_at[self._nexts != before] = 0
        level = numbers == np.take(self._nexts, places)
        self._count(self.next_at, places[level], None if counts is None else counts[level])

    def _count(self, tally: Whole, places: npt.NDArray[np.intp], counts: Whole | None) -> None:
        if counts is not None:
            np.add.at(tally, places, counts)
        elif len(places) >= len(tally):
            tally += np.bincount(places, minlength=len(tally))
        else:
            np.add.at(tally, places, 1)

    def take(self, other: End, places: npt.NDArray[np.intp]) -> None:
        """Take in other cells, each at its place."""
        for numbers, counts in ((other._ends, other.at), (other._nexts, other.next_at)):
            some = np.flatnonzero(counts)
            self._look(places[some], numbers[some], counts[some])

    def found(self) -> Whole:
        """Return the lowest or the highest number of each cell, 0 where there is none."""
        return np.where(self.at > 0, self._ends, 0)

    def next_found(self) -> Whole:
        """Return the number next to that one, 0 where there is none."""
        return np.where(self.next_at > 0, self._nexts, 0)
