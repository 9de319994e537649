"""The two lowest and the two highest numbers per cell, how many are just that, and how many zeros they end in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Whole
from disclosure.engines.array_order import passing

_FIRST = 8
"""So many numbers for each cell are looked at before those that cannot matter any more are sorted out."""

_ZEROS = 19
"""No number of 64 bits ends in as many zeros."""
_INVERSE_OF_FIVE, _FIFTH = np.uint64(0xCCCCCCCCCCCCCCCD), np.uint64(0x3333333333333333)


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

    def look_at_counts(self, places: npt.NDArray[np.intp], numbers: Whole, counts: Whole) -> None:
        """Take in a number at each place, which is there so many times."""
        self._look(places, numbers, counts)

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


def look_at_zeros(finest: End, places: npt.NDArray[np.intp], numbers: Whole) -> None:
    """Take in of each number but zero how many zeros it ends in, at its place."""
    there = np.flatnonzero(numbers)
    if len(there) < len(numbers):
        places, numbers = places[there], numbers[there]
    zeros, cells = zeros_of(numbers), len(finest.at)
    if len(numbers) < cells * _ZEROS:
        finest.look(places, zeros)
        return
    # There are few numbers of zeros, so that counting each is faster than looking at every row.
    counts = np.bincount(places * _ZEROS + zeros, minlength=cells * _ZEROS)
    some = np.flatnonzero(counts)
    finest.look_at_counts(some // _ZEROS, some % _ZEROS, counts[some])


def zeros_of(numbers: npt.NDArray[Any]) -> Whole:
    """Return how many zeros each of some whole numbers, none of them zero, ends in.

    >>> zeros_of(np.array([1250, -7, 3000])).tolist()
    [1, 0, 3]
    """
    zeros = np.zeros(len(numbers), dtype=np.int64)
    left = np.flatnonzero(_of_ten(numbers))
    numbers = numbers[left]
    while len(left):
        zeros[left] += 1
        numbers = numbers // 10
        some = _of_ten(numbers)
        left, numbers = left[some], numbers[some]
    return zeros


def _of_ten(numbers: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell which whole numbers are multiples of ten; those of 64 bits without dividing, which takes ten times as long.

    A number is a multiple of five if its product with the inverse of five, modulo 2^64, is small (Warren, *Hacker's
    Delight*, 10-17).
    """
    if numbers.dtype != np.int64:
        return np.asarray(numbers % 10 == 0, dtype=np.bool_)
    product = np.abs(numbers).view(np.uint64) * _INVERSE_OF_FIVE
    return np.asarray((product <= _FIFTH) & (numbers & 1 == 0), dtype=np.bool_)
