"""Tallies: what is counted, added up and compared per cell, in any order and in any number of parts, with one outcome.

All numbers are whole and no sum can leave 64 bits (`as_arrays` sees to that), so neither the order of the rows nor
the number of threads can change a digit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Mask, Whole
from disclosure.engines.array_ends import End, Zeros
from disclosure.engines.array_order import in_order, passing

_FEW = 4
"""Counting all cells anew pays only while there are fewer than one cell for so many rows."""

_FIRST = 4
"""So many times the number of sizes that are kept is how many rows are sorted without having been compared."""


class Constant:
    """Whether all numbers of a cell are the same one.

    Attributes:
        seen: cells that have a number; `first` is one of them, no matter which.
        varied: cells that have two different numbers.
    """

    def __init__(self, cells: int) -> None:
        self.seen = np.zeros(cells, dtype=np.bool_)
        self.varied = np.zeros(cells, dtype=np.bool_)
        self.first = np.zeros(cells, dtype=np.int64)
        self._settled = False

    def look(self, places: npt.NDArray[np.intp], numbers: Whole) -> None:
        """Take in a number at each place."""
        start, step = 0, _FIRST * len(self.seen)
        # No further number changes a cell that varies, and most tables come to that within some hundred rows.
        while start < len(places) and not self._settled:
            self._look(places[start : start + step], numbers[start : start + step])
            start, step = start + step, 8 * step

    def _look(self, places: npt.NDArray[np.intp], numbers: Whole) -> None:
        # A cell that nobody stands in never varies, and must not have the rows of all others looked at.
        some = np.flatnonzero(~self.varied[places])
        places, numbers = places[some], numbers[some]
        new = ~self.seen[places]
        if new.any():
            self.first[places[new]] = numbers[new]
            self.seen[places[new]] = True
        self.varied[places[self.first[places] != numbers]] = True
        self._settled = bool(self.varied.all())

    def take(self, other: Constant, places: npt.NDArray[np.intp]) -> None:
        """Take in other cells, each at its place."""
        self.look(places[other.seen], other.first[other.seen])
        self.varied[places[other.varied]] = True

    def found(self) -> Mask:
        """Return the cells of which all numbers are the same and not zero."""
        return np.asarray(self.seen & ~self.varied & (self.first != 0), dtype=np.bool_)


class Tally:
    """Counts, sums, what is constant and the largest few per cell.

    Args:
        cells: how many cells.
        contributors: how many of the largest sizes are kept per cell.
    """

    def __init__(self, cells: int, contributors: int = 0) -> None:
        self.cells = cells
        self._sums: dict[str, Whole] = {}
        self.constant = Constant(cells)
        self.largest: Whole = np.zeros((cells, contributors), dtype=np.int64)
        self.ends = End(cells, np.minimum), End(cells, np.maximum)
        self.plain_ends: tuple[End, End] | None = None
        self.finest, self.plain_finest = Zeros(cells), Zeros(cells)
        self.divisor_largest: Whole = np.zeros(cells, dtype=np.int64)
        self.negative = False

    def count(self, name: str, places: npt.NDArray[np.intp]) -> Whole | None:
        """Add one for each place.

        Returns:
            how many there are at each place; None where they are too few for counting all places anew.
        """
        known = self.sums(name)
        if len(places) >= _FEW * self.cells:
            counted = np.bincount(places, minlength=self.cells)
            known += counted
            return counted
        np.add.at(known, places, np.ones(len(places), dtype=np.int64))
        return None

    def add(self, name: str, places: npt.NDArray[np.intp], numbers: Whole) -> None:
        """Add each number at its place."""
        np.add.at(self.sums(name), places, numbers)

    def keep_largest(self, places: npt.NDArray[np.intp], sizes: Whole) -> None:
        """Keep the largest sizes at each place. Zeros are what is kept where there is nothing."""
        start, step = 0, _FIRST * self.largest.size if not self.largest.any() else len(places)
        # Once something is kept, most sizes are smaller than that and need no sorting: so few rows go first.
        while start < len(places):
            self._keep_larger(places[start : start + step], sizes[start : start + step])
            start, step = start + step, 8 * step

    def _keep_larger(self, places: npt.NDArray[np.intp], sizes: Whole) -> None:
        contributors = self.largest.shape[1]
        large = passing(sizes, places, np.ascontiguousarray(self.largest[:, -1]), np.greater)
        if not len(large):
            return
        places, sizes = places[large], sizes[large]
        reached = np.zeros(self.cells, dtype=np.bool_)
        reached[places] = True
        touched = np.flatnonzero(reached)
        places = np.concatenate([places, np.repeat(touched, contributors)])
        sizes = np.concatenate([sizes, self.largest[touched].ravel()])
        order = np.argsort(sizes)
        by_place, places = in_order(places[order], self.cells)
        sizes = sizes[order[by_place]]
        ends = np.flatnonzero(np.append(places[1:] != places[:-1], True))
        rank = np.repeat(ends, np.diff(ends, prepend=-1)) - np.arange(len(places))
        first = rank < contributors
        self.largest[places[first], rank[first]] = sizes[first]

    def ends_of_values(self) -> tuple[End, End]:
        """Return the ends of the value itself, where what is contributed is something else."""
        if self.plain_ends is None:
            self.plain_ends = End(self.cells, np.minimum), End(self.cells, np.maximum)
        return self.plain_ends

    def keep_divisors(self, places: npt.NDArray[np.intp], divisors: Whole) -> None:
        """Keep the largest divisor at each place."""
        larger = passing(divisors, places, self.divisor_largest, np.greater)
        np.maximum.at(self.divisor_largest, places[larger], divisors[larger])

    def merge(self, other: Tally) -> None:
        """Take in another tally of the same cells."""
        self.take(other, np.arange(self.cells))

    def take(self, other: Tally, places: npt.NDArray[np.intp]) -> None:
        """Take in the cells of another tally, each at its place in this one."""
        for name, numbers in other._sums.items():
            np.add.at(self.sums(name), places, numbers)
        self.constant.take(other.constant, places)
        self.negative |= other.negative
        contributors = self.largest.shape[1]
        if contributors:
            self.keep_largest(np.repeat(places, contributors), other.largest.ravel())
            for own, others in zip(self.ends, other.ends, strict=True):
                own.take(others, places)
            self.finest.take(other.finest, places)
            self.plain_finest.take(other.plain_finest, places)
            if other.plain_ends is not None:
                for own, others in zip(self.ends_of_values(), other.plain_ends, strict=True):
                    own.take(others, places)
            np.maximum.at(self.divisor_largest, places, other.divisor_largest)

    def sums(self, name: str) -> Whole:
        """Return the sums of that name, 0 where nothing was added."""
        if name not in self._sums:
            self._sums[name] = np.zeros(self.cells, dtype=np.int64)
        return self._sums[name]


def merged(tallies: Sequence[Tally]) -> Tally:
    """Return the tallies of several workers as one; the first takes in the others."""
    first = tallies[0]
    for other in tallies[1:]:
        first.merge(other)
    return first
