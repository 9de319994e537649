"""Ends: the two lowest and the two highest contributions of a cell, and how many contributors are there.

They tell what is left of a total when what everybody has in common is taken off. What they say is exact: whoever lies
between them adds no more to the distance from an end than the total gives away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Amount = npt.NDArray[np.object_]

_MOST_ZEROS = 100
"""No number that is tabulated has nearly as many digits."""


@dataclass(frozen=True, eq=False)
class Ends:
    """The ends of contributions, one entry per cell; all amounts have the same decimals.

    Attributes:
        numbers: how many contributors there are.
        total: the sum of what they contribute.
        lowest, highest: the smallest and the largest contribution, signed; 0 where there is none.
        n_lowest, n_highest: contributors of just that.
        next_lowest, next_highest: the smallest contribution above the lowest, the largest below the highest; 0 where
            all are the same.
        n_next_lowest, n_next_highest: contributors of just that, 0 where there is none.
        finest, next_finest: the fewest zeros that a contribution other than zero ends in, and the next fewest, in whole
            numbers at the decimals; 0 where there is none.
        n_finest, n_next_finest: contributors of which it ends in just so many.
    """

    numbers: Counts
    total: Amount
    lowest: Amount
    n_lowest: Counts
    next_lowest: Amount
    n_next_lowest: Counts
    next_highest: Amount
    n_next_highest: Counts
    highest: Amount
    n_highest: Counts
    finest: Amount
    n_finest: Counts
    next_finest: Amount
    n_next_finest: Counts

    def mapped(self, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> Ends:
        """Return the ends with every array changed."""
        return Ends(**{one.name: change(getattr(self, one.name)) for one in fields(self)})

    def merged(self, order: npt.NDArray[np.int64], starts: npt.NDArray[np.int64]) -> Ends:
        """Return the ends of merged cells of which the contributors are distinct.

        Args:
            order: the cells, those that are merged after each other.
            starts: where in `order` each merged cell begins.
        """
        own = self.mapped(lambda column: column[order])
        first = own.mapped(lambda column: column[starts].copy())
        first.numbers[:], first.total[:] = (np.add.reduceat(one, starts) for one in (own.numbers, own.total))
        sizes = np.diff([*starts.tolist(), len(order)])
        for place in np.flatnonzero(sizes > 1):
            cells = range(starts[place], starts[place] + sizes[place])
            for names in (_LOW, _HIGH, _FINE):
                found = _two(own, names, cells)
                for (value, count), (number, counted) in zip(names, found, strict=True):
                    getattr(first, value)[place], getattr(first, count)[place] = number, counted
        return first

    def coherent(self) -> bool:
        """Tell whether contributions of some could have these ends and that sum."""
        n, same = self.numbers, np.asarray(self.lowest == self.highest, dtype=np.bool_)
        none = n == 0
        inner = [(self.next_lowest, self.n_next_lowest), (self.next_highest, self.n_next_highest)]
        two = ~same & (self.n_lowest + self.n_highest == n)
        # The ends of three values share the one between.
        three = np.asarray(self.next_lowest == self.next_highest, dtype=np.bool_) & ~same & ~two
        ends = self.n_lowest + self.n_highest
        between = np.where(three, self.n_next_lowest, self.n_next_lowest + self.n_next_highest)
        rest = n - ends - between
        least = self.lowest * self.n_lowest + self.highest * self.n_highest
        least = least + self.next_lowest * self.n_next_lowest
        least = least + np.where(three, 0, self.next_highest * self.n_next_highest)
        checks = [
            ~none | same & (self.lowest == 0) & (self.n_lowest == 0) & (self.n_highest == 0),
            none | (self.n_lowest > 0) & (self.n_highest > 0),
            self.lowest <= self.highest,
            ~same | ((self.n_lowest == n) & (self.n_highest == n) & (self.total == self.lowest * n)),
            *(~same | ((value == 0) & (count == 0)) for value, count in inner),
            *(same | ((self.lowest <= value) & (value <= self.highest) & (count > 0)) for value, count in inner),
            ~two
            | (
                (self.next_lowest == self.highest)
                & (self.next_highest == self.lowest)
                & (self.n_next_lowest == self.n_highest)
                & (self.n_next_highest == self.n_lowest)
                & (self.total == self.lowest * self.n_lowest + self.highest * self.n_highest)
            ),
            same
            | two
            | (
                (self.lowest < self.next_lowest)
                & (self.next_lowest <= self.next_highest)
                & (self.next_highest < self.highest)
                & (rest >= 0)
                & (least + rest * self.next_lowest <= self.total)
                & (self.total <= least + rest * self.next_highest)
            ),
            ~three | ((self.n_next_lowest == self.n_next_highest) & (rest == 0)),
            *self._digits(),
        ]
        return all(bool(np.asarray(one, dtype=np.bool_).all()) for one in checks)

    def _digits(self) -> list[npt.NDArray[Any]]:
        """Return what holds of the zeros in which contributions end."""
        some, more = self.n_finest > 0, self.n_next_finest > 0
        zeros = (self.finest, self.next_finest)
        return [
            some == ((self.lowest != 0) | (self.highest != 0)),
            some | ~more,
            self.n_finest + self.n_next_finest <= self.numbers,
            some | (self.finest == 0),
            more | (self.next_finest == 0),
            ~more | (self.finest < self.next_finest),
            *((one >= 0) & (one <= _MOST_ZEROS) for one in zeros),
        ]


NAMES = tuple(one.name for one in fields(Ends))
COUNTED = frozenset(name for name in NAMES if name == "numbers" or name.startswith("n_"))
"""Those of the names under which numbers of contributors stand, and not amounts."""

_LOW = (("lowest", "n_lowest"), ("next_lowest", "n_next_lowest"))
_HIGH = (("highest", "n_highest"), ("next_highest", "n_next_highest"))
_FINE = (("finest", "n_finest"), ("next_finest", "n_next_finest"))


def _two(own: Ends, names: tuple[tuple[str, str], tuple[str, str]], cells: range) -> Iterator[tuple[int, int]]:
    counts: Counter[int] = Counter()
    for value, count in names:
        for cell in cells:
            if getattr(own, count)[cell]:
                counts[getattr(own, value)[cell]] += int(getattr(own, count)[cell])
    found = sorted(counts, reverse=names is _HIGH)[:2]
    for place in range(2):
        yield (found[place], counts[found[place]]) if place < len(found) else (0, 0)


def no_ends(size: int) -> Ends:
    """Return the ends of so many cells in which nobody contributes."""
    empty: dict[str, Any] = {name: np.zeros(size, dtype=np.int64 if name in COUNTED else np.object_) for name in NAMES}
    return Ends(**empty)
