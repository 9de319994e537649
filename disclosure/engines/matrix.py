"""The columns of a design, kept by term: a code per row for the dummies of a term, however many labels it has.

A dummy of each of some hundred labels takes gigabytes as numbers for ten million rows, the codes that say the same take
forty megabytes. Columns are made where they are read: one of all rows, or all of a block of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[Any]
"""Whole numbers of any width."""
Real = npt.NDArray[np.float64]

NO_COLUMN = -1
"""The code of a row in which every column of a term is 0."""


@dataclass(frozen=True, eq=False)
class Coded:
    """The columns of a term, of which each row has at most one that is not 0.

    Attributes:
        codes: per row the place of that column among those of the term, or `NO_COLUMN`; None if the term has one
            column, which is `values`.
        values: what stands there; None for 1.
        width: how many columns the term has.
    """

    codes: Codes | None
    values: Real | None
    width: int

    def column(self, place: int, rows: int) -> Real:
        """Return one column, of so many rows."""
        if self.codes is None:
            return np.ones(rows) if self.values is None else self.values
        here = self.codes == place
        return here.astype(np.float64) if self.values is None else np.where(here, self.values, 0.0)

    def times(self, factors: Real) -> Real | float:
        """Return the columns times a factor each, added up, a number per row or one for all of them."""
        of_rows = float(factors[0]) if self.codes is None else np.append(factors, 0.0)[self.codes]
        return of_rows if self.values is None else of_rows * self.values

    def write(self, into: Real, rows: Any) -> None:
        """Write the columns of some rows into a matrix of zeros, shape (rows, width)."""
        values = 1.0 if self.values is None else self.values[rows]
        if self.codes is None:
            into[:, 0] = values
            return
        codes = self.codes[rows]
        there = np.flatnonzero(codes != NO_COLUMN)
        into[there, codes[there]] = values if self.values is None else values[there]  # type: ignore[index]


@dataclass(frozen=True, eq=False)
class Dense:
    """Columns that are kept as numbers, shape (rows, width)."""

    numbers: Real

    @property
    def width(self) -> int:
        """How many columns there are."""
        return int(self.numbers.shape[1])

    def column(self, place: int, _rows: int) -> Real:
        """Return one column."""
        found: Real = self.numbers[:, place]
        return found

    def times(self, factors: Real) -> Real | float:
        """Return the columns times a factor each, added up in the same order for every row."""
        found = np.zeros(len(self.numbers))
        for place in range(self.width):
            found += self.numbers[:, place] * factors[place]
        return found

    def write(self, into: Real, rows: Any) -> None:
        """Write the columns of some rows into a matrix, shape (rows, width)."""
        into[:] = self.numbers[rows]


@dataclass(frozen=True, eq=False)
class Matrix:
    """The columns of a design, side by side.

    Attributes:
        rows: how many rows there are.
        terms: the columns of each term, in their order.
    """

    rows: int
    terms: tuple[Coded | Dense, ...]

    @classmethod
    def of_numbers(cls, numbers: Real) -> Matrix:
        """Return a matrix of numbers as it is, shape (rows, columns)."""
        return cls(len(numbers), (Dense(numbers),))

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and of columns."""
        return self.rows, sum(one.width for one in self.terms)

    def __len__(self) -> int:
        return self.rows

    def column(self, place: int) -> Real:
        """Return one column of all rows; it may be the matrix' own, so it is not to be written to.

        Raises:
            IndexError: there is no such column.
        """
        for one in self.terms:
            if place < one.width:
                return one.column(place, self.rows)
            place -= one.width
        raise IndexError

    def of(self, rows: Any) -> Real:
        """Return the columns of some rows: a slice, a mask or places."""
        size = len(range(*rows.indices(self.rows))) if isinstance(rows, slice) else _chosen(rows)
        found = np.zeros((size, self.shape[1]))
        ends = accumulate(one.width for one in self.terms)
        for one, end in zip(self.terms, ends, strict=True):
            one.write(found[:, end - one.width : end], rows)
        return found

    def times(self, factors: Real) -> Real:
        """Return the columns times a factor each, added up in the same order for every row."""
        found, start = np.zeros(self.rows), 0
        for one in self.terms:
            found += one.times(factors[start : start + one.width])
            start += one.width
        return found

    def beside(self, other: Matrix) -> Matrix:
        """Return these columns with those of another matrix of as many rows behind them."""
        return Matrix(self.rows, (*self.terms, *other.terms))


def as_matrix(columns: Matrix | Real) -> Matrix:
    """Return columns as a matrix of this kind, whatever they are given as."""
    return columns if isinstance(columns, Matrix) else Matrix.of_numbers(columns)


def narrow(codes: Sequence[int] | Codes, width: int) -> Codes:
    """Return codes below a width, or `NO_COLUMN`, in the fewest bytes."""
    kind = next((one for one in (np.int8, np.int16, np.int32) if width <= np.iinfo(one).max), np.int64)
    return np.asarray(codes, dtype=kind)


def _chosen(rows: Any) -> int:
    return int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
