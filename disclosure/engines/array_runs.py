"""Rows that stand next to each other because they belong together, added up or compared into one entry each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Mask, Whole, Words

T = TypeVar("T", bound=np.generic)


def changes_in(columns: Sequence[Words | Whole]) -> Mask:
    """Tell of each row whether it is another one than the row before."""
    changes = np.ones(len(columns[0]), dtype=np.bool_)
    np.not_equal(columns[0][1:], columns[0][:-1], out=changes[1:])
    for column in columns[1:]:
        changes[1:] |= column[1:] != column[:-1]
    return changes


class Runs:
    """Rows that are brought together, where those that belong together stand together.

    Args:
        changes: which rows begin a run.

    Attributes:
        several: whether some run has more than one row.
    """

    def __init__(self, changes: Mask) -> None:
        self._size = len(changes)
        self._starts = np.flatnonzero(changes)
        self.several = len(self._starts) < self._size
        # Where most runs are of one row, only what comes on top of their first ones is added.
        self._few = 2 * (self._size - len(self._starts)) <= self._size
        self._further = np.flatnonzero(~changes) if self.several and self._few else np.zeros(0, dtype=np.intp)
        self._into = self._further - np.arange(1, len(self._further) + 1)

    def first(self, column: npt.NDArray[T]) -> npt.NDArray[T]:
        """Return what the first row of each run has."""
        return np.take(column, self._starts) if self.several else column

    def lengths(self) -> Whole:
        """Return how many rows each run has."""
        return np.diff(self._starts, append=self._size)

    def collected(self, column: npt.NDArray[Any], by: np.ufunc) -> npt.NDArray[Any]:
        """Return one entry for each run."""
        found: npt.NDArray[Any]
        if not self.several:
            return column
        if by is not np.add:
            found = by.reduceat(column, self._starts)
        elif self._few:
            found = np.take(column, self._starts)
            np.add.at(found, self._into, column[self._further])
        else:
            # Faster than `reduceat`, and as exact: a sum that leaves 64 bits comes back when it is taken off.
            running = np.cumsum(column)
            found = running[np.append(self._starts[1:], self._size) - 1]
            found[1:] -= found[:-1].copy()
        return found
