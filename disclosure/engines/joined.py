"""The rows of two outputs, each beside those of the same unit, and the cells that they share units in."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.placed import Placed, joint_units
from disclosure.engines.unit_rows import Whole
from disclosure.errors import DataError
from disclosure.texts import text

MOST_JOINED: Final = 100_000_000
"""So many times may a row of one output meet one of the other, over the same unit."""
TOO_MANY: Final = text("Two outputs overlap in too many cells to be compared.")
COARSER: Final = text("Group coarser, or leave out a dimension.")
_DENSE: Final = 1 << 22


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of an output at some of its dimensions.

    Attributes:
        rows: the cell of each row.
        codes: shape (cells, dimensions).
    """

    rows: Whole
    codes: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, eq=False)
class Joined:
    """The rows of two outputs, each beside those of the same unit.

    Attributes:
        left, right: where they stand in each.
        once: each unit has one row at most in either.
    """

    one: Placed
    other: Placed
    units: tuple[Whole, Whole]
    left: Whole
    right: Whole
    once: bool

    @functools.cached_property
    def turned(self) -> Joined:
        """The same with the second output first."""
        return Joined(self.other, self.one, self.units[::-1], self.right, self.left, self.once)

    @functools.cached_property
    def only_complete(self) -> Joined:
        """Only the entries with everything that the statistics read."""
        one, other = self.one.only_complete, self.other.only_complete
        return self if one is self.one and other is self.other else joined(one, other)

    @functools.cached_property
    def more(self) -> Whole:
        """Of each row beside another how many more the first stands for of what its output counts; below 0 if fewer."""
        one, other = (
            np.ones(len(side), dtype=np.int64) if side.sizes is None else side.sizes for side in (self.one, self.other)
        )
        return np.asarray(one[self.left] - other[self.right], dtype=np.int64)

    @property
    def sized(self) -> bool:
        """Whether an entry of one of the two may stand for several of what its output counts."""
        return not (self.one.sizes is None and self.other.sizes is None)

    def alike(self, minimum: int) -> bool:
        """Tell whether nearly all stand for as many in one as in the other, so that counts can be subtracted."""
        if not self.sized:
            return True
        apart = self.units[0][self.left[self.more != 0]]
        return len(np.unique(apart)) < minimum


def joined(one: Placed, other: Placed) -> Joined:
    """Return the rows of two outputs over the same unit, each beside those of the same one.

    Raises:
        DataError: a row of one meets too many of the other.
    """
    left, right = joint_units(one, other)
    if left is right and int(left.max(initial=-1)) + 1 == len(left):  # numbers of units have no gaps
        rows = np.arange(len(left))
        return Joined(one, other, (left, right), rows, rows, once=True)
    size = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    counts = np.bincount(left, minlength=size), np.bincount(right, minlength=size)
    if int((counts[0] * counts[1]).sum()) > MOST_JOINED:
        raise DataError(TOO_MANY, hint=COARSER)
    once = bool((counts[0] <= 1).all() and (counts[1] <= 1).all())
    order = np.argsort(right, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts[1])])
    times = counts[1][left]
    rows = np.repeat(np.arange(len(left)), times)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    return Joined(one, other, (left, right), rows, order[np.repeat(starts[left], times) + within], once)


def distinct(units: Whole, cells: Cells, *, once: bool) -> Whole:
    """Return how many units stand in each cell."""
    size = max(1, len(cells))
    rows = cells.rows if once else np.unique(units * size + cells.rows) % size
    return np.bincount(rows, minlength=len(cells)).astype(np.int64)


def in_both(rows: Joined, cells: Cells, there: Cells) -> tuple[Whole, Whole]:
    """Return the pairs of cells with units in both, as first * size + second, and how many."""
    pairs = cells.rows[rows.left] * max(1, len(there)) + there.rows[rows.right]
    if not rows.once:
        # A unit with several rows in two cells stands in both of them once.
        most = int(pairs.max(initial=0)) + 1
        pairs = np.unique(rows.units[0][rows.left] * most + pairs) % most
    if int(pairs.max(initial=0)) < _DENSE:
        counted = np.bincount(pairs)
        keys = np.flatnonzero(counted)
        return keys.astype(np.int64), counted[keys].astype(np.int64)
    found, counts = np.unique(pairs, return_counts=True)
    return found.astype(np.int64), counts.astype(np.int64)


def units_of(rows: Joined, cells: Cells, there: Cells, pairs: Whole, which: npt.NDArray[np.bool_]) -> Whole:
    """Return how many units of each pair of cells have some of the rows beside each other.

    Args:
        pairs: as `in_both` has them, in ascending order.
        which: the rows that are asked about.
    """
    units = rows.units[0][rows.left[which]]
    keys = cells.rows[rows.left[which]] * max(1, len(there)) + there.rows[rows.right[which]]
    most = int(units.max(initial=0)) + 1
    found = np.unique(np.searchsorted(pairs, keys) * most + units) // most
    return np.bincount(found, minlength=len(pairs)).astype(np.int64)
