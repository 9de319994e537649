"""The lowest and the highest number per cell, and how many numbers are just that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Whole

_FIRST = 8
"""So many numbers for each cell are looked at before those that cannot matter any more are sorted out."""


class End:
    """The lowest, or the highest, number of every cell, in any order and in any number of parts.

    Args:
        cells: how many cells.
        further: `np.minimum` for the lowest, `np.maximum` for the highest.

    Attributes:
        at: how many numbers stand at that end; 0 where there is none.
    """

    def __init__(self, cells: int, further: np.ufunc) -> None:
        bounds = np.iinfo(np.int64)
        self._lowest = further is np.minimum
        self._further = further
        self._ends = np.full(cells, bounds.max if self._lowest else bounds.min, dtype=np.int64)
        self.at: Whole = np.zeros(cells, dtype=np.int64)

    def look(self, places: npt.NDArray[np.intp], numbers: Whole) -> None:
        """Take in a number at each place."""
        start, step = 0, _FIRST * len(self.at) if not self.at.all() else len(places)
        while start < len(places):
            self._look(places[start : start + step], numbers[start : start + step], None)
            start, step = start + step, 8 * step

    def _look(self, places: npt.NDArray[np.intp], numbers: Whole, counts: Whole | None) -> None:
        known = np.take(self._ends, places)
        near = np.flatnonzero(numbers <= known if self._lowest else numbers >= known)
        if not len(near):
            return
        places, numbers = places[near], numbers[near]
        before = self._ends.copy()
        self._further.at(self._ends, places, numbers)
        self.at[self._ends != before] = 0
        level = np.flatnonzero(numbers == np.take(self._ends, places))
        if counts is not None:
            np.add.at(self.at, places[level], counts[near][level])
        elif len(level) >= len(self.at):
            self.at += np.bincount(places[level], minlength=len(self.at))
        else:
            np.add.at(self.at, places[level], 1)

    def take(self, other: End, places: npt.NDArray[np.intp]) -> None:
        """Take in other cells, each at its place."""
        some = np.flatnonzero(other.at)
        self._look(places[some], other._ends[some], other.at[some])

    def found(self) -> Whole:
        """Return the lowest or the highest number of each cell, 0 where there is none."""
        return np.where(self.at > 0, self._ends, 0)
