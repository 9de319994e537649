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
_INVERSE_OF_FIVE = np.uint64(0xCCCCCCCCCCCCCCCD)
_MOST = np.uint64((2**63 - 1) // 5)
"""The size of a multiple of ten divided by five is at most that."""


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
        before, there = np.take(self._ends, places), np.take(self.at, places)
        self._further.at(self._ends, places, numbers)
        # Where there is a new end, the one before is the next.
        new = np.flatnonzero(np.take(self._ends, places) != before)
        passed = places[new]
        self._nexts[passed], self.next_at[passed] = before[new], there[new]
        self.at[passed] = 0
        level = numbers == np.take(self._ends, places)
        self._count(self.at, places[level], None if counts is None else counts[level])
        beyond = np.flatnonzero(~level)
        if not len(beyond):
            return
        places, numbers = places[beyond], numbers[beyond]
        counts = None if counts is None else counts[beyond]
        before = np.take(self._nexts, places)
        self._further.at(self._nexts, places, numbers)
        self.next_at[places[np.take(self._nexts, places) != before]] = 0
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


class Zeros:
    """How many zeros the numbers of every cell end in: the fewest and the next fewest, and how many end in just those.

    Zero itself is left out.
    """

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._end = End(cells, np.minimum)
        self._counts: Whole | None = None

    def look(self, places: npt.NDArray[np.intp], numbers: Whole, counted: Whole | None = None) -> npt.NDArray[np.intp]:
        """Take in a number at each place.

        Args:
            counted: how many numbers there are at each place; None if it pays more to look at each of them.

        Returns:
            where the numbers stand that are zero.
        """
        tens = multiples_of_ten(numbers)
        own = numbers[tens]
        nothing: npt.NDArray[np.intp] = tens[own == 0]
        if counted is None:
            there = np.flatnonzero(numbers) if len(nothing) else slice(None)
            self._end.look(places[there], zeros_of(numbers[there]))
            return nothing
        if self._counts is None:
            self._counts = np.zeros((_ZEROS, self._cells), dtype=np.int64)
        at_tens = places[tens]
        # Most numbers end in none, and which they are is of no matter: they are what is left of all.
        self._counts[0] += counted - np.bincount(at_tens, minlength=self._cells)
        if len(nothing):
            at_tens, own = at_tens[own != 0], own[own != 0]
        np.add.at(self._counts.reshape(-1), zeros_of(own) * self._cells + at_tens, 1)
        return nothing

    def take(self, other: Zeros, places: npt.NDArray[np.intp]) -> None:
        """Take in other cells, each at its place."""
        self._end.take(other.found(), places)

    def found(self) -> End:
        """Return how many zeros there are, the fewest first."""
        if self._counts is not None:
            zeros, cells = np.nonzero(self._counts)
            self._end.look_at_counts(cells, zeros.astype(np.int64), self._counts[zeros, cells])
            self._counts = None
        return self._end


def zeros_of(numbers: npt.NDArray[Any]) -> Whole:
    """Return how many zeros each of some whole numbers, none of them zero, ends in.

    >>> zeros_of(np.array([1250, -7, 3000])).tolist()
    [1, 0, 3]
    """
    zeros = np.zeros(len(numbers), dtype=np.int64)
    left = multiples_of_ten(numbers)
    numbers = numbers[left]
    while len(left):
        zeros[left] += 1
        numbers = numbers // 10
        some = multiples_of_ten(numbers)
        left, numbers = left[some], numbers[some]
    return zeros


def multiples_of_ten(numbers: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Return where whole numbers are multiples of ten; those of 64 bits without dividing, which takes longer.

    A number is a multiple of five if its product with the inverse of five, modulo 2^64, is small in size (Warren,
    *Hacker's Delight*, 10-17), and then of ten if its last bit is 0. The last bits are taken apart as bytes: a second
    column of whole numbers would leave the processor's cache, and take longer than all the rest.

    >>> multiples_of_ten(np.array([-20, -15, 0, 7, 10])).tolist()
    [0, 2, 4]
    """
    if numbers.dtype != np.int64:
        return np.flatnonzero(numbers % 10 == 0)
    product = numbers.view(np.uint64) * _INVERSE_OF_FIVE
    product += _MOST
    found = product <= _MOST + _MOST
    found &= (numbers.astype(np.uint8) & np.uint8(1)) == 0
    return np.flatnonzero(found)
