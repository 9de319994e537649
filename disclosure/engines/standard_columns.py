"""The columns of a design, centred and scaled, and the space that they span, made a block of rows at a time.

A design of a million rows and fifty columns would take 400 megabytes, and so would each thing of its size that is
computed from it. Nothing of its size is kept here: the design itself is codes and single columns.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.coded_columns import CodedColumns
from disclosure.engines.matrix import Coded, Matrix, as_matrix
from disclosure.errors import RecipeError
from disclosure.texts import text

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

ROWS: Final = 16_384
"""How many rows a block has; a fixed number, so that the order of adding up depends on nothing else."""
_COLLINEAR: Final = 1e-7
_CLEAR: Final = 1e-3
_FAR: Final = 1e4
_ORTHOGONAL: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Columns:
    """A design with its columns shifted and scaled.

    Attributes:
        design: shape (rows, columns), as the formula has them.
        means, scales: what is taken off each column, and what it is then divided by.
    """

    design: Matrix
    means: Real
    scales: Real

    @classmethod
    def unchanged(cls, design: Matrix | Real) -> Columns:
        """Return columns as they are."""
        return cls(as_matrix(design), np.zeros(design.shape[1]), np.ones(design.shape[1]))

    def __len__(self) -> int:
        return len(self.design)

    @property
    def size(self) -> int:
        """How many columns there are."""
        return int(self.design.shape[1])

    def of(self, rows: Any) -> Real:
        """Return the columns of some rows: a slice, a mask or places."""
        part = self.design.of(rows)
        part -= self.means
        part /= self.scales
        return part

    @cached_property
    def coded(self) -> CodedColumns | None:
        """The same columns by the codes of their terms, None if they are not kept so."""
        return CodedColumns.made_of(self.design, self.means, self.scales)

    def blocks(self) -> Iterator[tuple[slice, Real]]:
        """Yield the rows of each block, and the columns of these rows."""
        for start in range(0, len(self), ROWS):
            rows = slice(start, start + ROWS)
            yield rows, self.of(rows)

    def times(self, coefficients: Real) -> Real:
        """Return the columns times coefficients, a number per row."""
        if self.coded is not None:
            return self.coded.times(coefficients, len(self))
        found = np.empty(len(self))
        for rows, part in self.blocks():
            found[rows] = part @ coefficients
        return found

    def sums(self, factors: Real) -> Real:
        """Return the sum of each column times a factor per row."""
        if self.coded is not None:
            return self.coded.sums(factors)
        found = np.zeros(self.size)
        for rows, part in self.blocks():
            found += factors[rows] @ part
        return found

    def products(self, factors: Real) -> Real:
        """Return the cross products of the columns with a factor per row, shape (columns, columns)."""
        if self.coded is not None:
            return self.coded.products(factors)
        found = np.zeros((self.size, self.size))
        for rows, part in self.blocks():
            found += (part * factors[rows, None]).T @ part
        return found


@dataclass(frozen=True, eq=False)
class Basis:
    """Orthonormal columns that span the same space: columns = basis @ triangle.

    Attributes:
        triangle: upper triangular, shape (columns, columns).
    """

    columns: Columns
    triangle: Real

    @classmethod
    def spanning(cls, columns: Columns) -> Basis:
        """Return the basis of a design with at least as many rows as columns."""
        return cls(columns, triangle_of(columns))

    @cached_property
    def _back(self) -> Real:
        return np.asarray(np.linalg.inv(self.triangle), dtype=np.float64)

    def of(self, rows: Any) -> Real:
        """Return the basis of some rows: a slice, a mask or places."""
        found: Real = self.columns.of(rows) @ self._back
        return found

    @cached_property
    def leverage(self) -> Real:
        """The squared length of each row."""
        if self.columns.coded is not None and _far_apart(self.triangle):
            return self.columns.coded.squares(self._back @ self._back.T, len(self.columns))
        found = np.empty(len(self.columns))
        for rows, part in self.columns.blocks():
            found[rows] = ((part @ self._back) ** 2).sum(axis=1)
        return found

    def sums(self, rows: Mask) -> Real:
        """Return the sum of each column over some rows."""
        found: Real = self.columns.sums(rows.astype(np.float64)) @ self._back
        return found

    def sums_by(self, codes: Whole) -> Real:
        """Return the sum of each column per code, shape (codes, columns)."""
        size = int(codes.max(initial=-1)) + 1
        coded = self.columns.coded
        if coded is not None:
            return np.asarray(coded.sums_by(codes, size) @ self._back, dtype=np.float64)
        sums = np.empty((size, self.columns.size))
        for place in range(self.columns.size):
            column = self.columns.design.column(place) - self.columns.means[place]
            sums[:, place] = np.bincount(codes, weights=column, minlength=size) / self.columns.scales[place]
        found: Real = sums @ self._back
        return found


def _far_apart(triangle: Real) -> bool:
    """Tell whether what squaring loses of columns, the square of their condition, stands far behind all digits shown.

    At most a hundred millionth is lost, and no figure that is shown, nor what is judged, has more than five digits.
    """
    return bool(np.linalg.cond(triangle) < _FAR)


def triangle_of(columns: Columns, factors: Real | None = None) -> Real:
    """Return the upper triangle of the QR decomposition of columns, each row times the root of its factor.

    Cross products are ten times as fast as a decomposition of the rows. Unless columns are kept by code and far apart
    they are taken twice, which leaves nothing of what squaring loses (Yamamoto et al., "Roundoff error analysis of the
    CholeskyQR2 algorithm", *ETNA* 44, 2015). Where columns nearly follow from each other, blocks of rows are
    decomposed, and their triangles once more.
    """
    factors = np.ones(len(columns)) if factors is None else factors
    products = columns.products(factors)
    with contextlib.suppress(np.linalg.LinAlgError):
        first = np.linalg.cholesky(products).T
        sizes = np.sqrt(np.diag(products))
        if columns.coded is not None and _far_apart(first / sizes):
            return np.asarray(first, dtype=np.float64)
        if (np.diag(first) > _CLEAR * sizes).all():
            back = np.linalg.inv(first)
            again = np.zeros_like(products)
            for rows, part in columns.blocks():
                part = part @ back
                again += (part * factors[rows, None]).T @ part
            if np.abs(again - np.eye(columns.size)).max() < _ORTHOGONAL:
                found: Real = np.linalg.cholesky(again).T @ first
                return found
    roots = np.sqrt(factors)
    triangles = [np.linalg.qr(part * roots[rows, None], mode="r") for rows, part in columns.blocks()]
    return np.asarray(np.linalg.qr(np.vstack(triangles), mode="r"), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Standardised:
    """A design with columns of mean 0 and size 1, and the way back.

    Attributes:
        basis: of the columns; of a Cox model a constant stands before them, since its likelihood does not see one.
        back: shape (columns, columns); coefficients of the design are back @ those of `columns`.
    """

    columns: Columns
    basis: Basis
    back: Real


def standardised(
    matrix: Matrix | Real, names: tuple[str, ...], *, constant: bool, centred: bool, cox: bool = False
) -> Standardised:
    """Return a design with its columns centred and scaled.

    Args:
        constant: the first column is the constant.
        centred: centre the columns; without a constant of the model's own that would be another model.

    Raises:
        RecipeError: a column follows from others; the error names its term.
    """
    matrix = as_matrix(matrix)
    rows, size = matrix.shape
    first = 1 if constant else 0
    means, scales = np.zeros(size), np.ones(size)
    for place in range(first, size):
        column = matrix.column(place)
        means[place] = column.mean() if centred else 0.0
        scales[place] = math.sqrt(float(((column - means[place]) ** 2).mean()))
        largest = max(abs(float(column.max())), abs(float(column.min())))
        if scales[place] <= _COLLINEAR * _COLLINEAR * max(largest, 1e-300):
            raise _dependent(names[place])
    back = np.diag(1 / scales)
    if constant:
        back[0, first:] = -means[first:] / scales[first:]
    columns = Columns(matrix, means, scales)
    spanning = columns if not cox else _behind_a_constant(columns)
    lead = spanning.size - size
    if rows < spanning.size:
        # So many rows tell no more columns than that apart.
        raise _dependent(names[max(rows - lead, 0)])
    basis = Basis.spanning(spanning)
    short = np.flatnonzero(np.abs(np.diag(basis.triangle)) <= _COLLINEAR * math.sqrt(rows))
    if len(short):
        raise _dependent(names[max(int(short[0]) - lead, 0)])
    return Standardised(columns, basis, back)


def _behind_a_constant(columns: Columns) -> Columns:
    return Columns(
        Matrix(len(columns), (Coded(None, None, 1),)).beside(columns.design),
        np.concatenate([[0.0], columns.means]),
        np.concatenate([[1.0], columns.scales]),
    )


def _dependent(name: str) -> RecipeError:
    return RecipeError(
        text("The term '{name}' follows from the terms before it, so it has no coefficient of its own.", name=name),
        hint=text("Leave it out, or merge its categories."),
    )
