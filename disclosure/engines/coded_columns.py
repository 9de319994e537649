"""Sums and products of columns that are centred and scaled, made from the codes of their terms.

Each row has at most one number per term, so sums over a million rows of some hundred dummies are counts by code, a
hundred times as fast as the products of their columns. Centring is put in afterwards, except for numbers, which are
centred first: what the two would lose of a number far from 0 is all that there is of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt

from disclosure.engines.matrix import Coded, Codes, Dense, Matrix

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CodedColumns:
    """The columns (column - mean) / scale of terms of which each row has at most one column that is not 0.

    Attributes:
        terms: the terms, in their order.
        means, scales: of each column; those of a number that stands alone are put into its values.
    """

    terms: tuple[Coded, ...]
    means: Real
    scales: Real

    @classmethod
    def made_of(cls, matrix: Matrix, means: Real, scales: Real) -> CodedColumns | None:
        """Return the columns of a matrix, None if they are not kept by code."""
        terms: list[Coded] = []
        means, scales, start = means.copy(), scales.copy(), 0
        for one in matrix.terms:
            if isinstance(one, Dense):
                return None
            if one.codes is None and one.values is not None:
                terms.append(replace(one, values=(one.values - means[start]) / scales[start]))
                means[start], scales[start] = 0.0, 1.0
            else:
                terms.append(one)
            start += one.width
        return cls(tuple(terms), means, scales)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(np.cumsum([0, *(one.width for one in self.terms)]).tolist())

    def times(self, coefficients: Real, rows: int) -> Real:
        """Return the columns times coefficients, a number per row."""
        factors = coefficients / self.scales
        found = np.full(rows, -float(self.means @ factors))
        for start, one in zip(self._starts, self.terms, strict=False):
            found += one.times(factors[start : start + one.width])
        return found

    def sums(self, factors: Real) -> Real:
        """Return the sum of each column times a factor per row."""
        found = np.concatenate([_sums(one, factors) for one in self.terms])
        centred: Real = (found - self.means * factors.sum()) / self.scales
        return centred

    def sums_by(self, codes: Whole, size: int) -> Real:
        """Return the sum of each column per code below a size, shape (size, columns)."""
        other = Coded(codes, None, size)
        found = np.hstack([_products(other, one, np.ones(len(codes))) for one in self.terms])
        sizes = np.bincount(codes, minlength=size)
        centred: Real = (found - np.outer(sizes, self.means)) / self.scales
        return centred

    def products(self, factors: Real) -> Real:
        """Return the cross products of the columns with a factor per row, shape (columns, columns)."""
        size = len(self.means)
        found = np.zeros((size, size))
        for one, other in combinations_with_replacement(range(len(self.terms)), 2):
            rows, columns = (slice(self._starts[at], self._starts[at + 1]) for at in (one, other))
            part = _products(self.terms[one], self.terms[other], factors)
            found[rows, columns] = part
            found[columns, rows] = part.T
        sums = np.outer(np.concatenate([_sums(one, factors) for one in self.terms]), self.means)
        found += np.outer(self.means, self.means) * factors.sum() - sums - sums.T
        centred: Real = found / np.outer(self.scales, self.scales)
        return centred

    def squares(self, middle: Real, rows: int) -> Real:
        """Return row @ middle @ row for each row of the columns.

        Args:
            middle: symmetric, shape (columns, columns).
        """
        middle = middle / np.outer(self.scales, self.scales)
        centre = middle @ self.means
        found = np.full(rows, float(self.means @ centre))
        for place, one in enumerate(self.terms):
            own = slice(self._starts[place], self._starts[place + 1])
            found -= 2 * one.times(centre[own])
            for further in range(place, len(self.terms)):
                other = slice(self._starts[further], self._starts[further + 1])
                found += (1 if further == place else 2) * _between(one, self.terms[further], middle[own, other])
        return found


def _sums(term: Coded, factors: Real) -> Real:
    weighted = factors if term.values is None else factors * term.values
    if term.codes is None:
        return np.array([weighted.sum()])
    return _counted(term.codes, weighted, term.width)


def _products(one: Coded, other: Coded, factors: Real) -> Real:
    """Return the sums of the products of two terms' columns, shape (their widths)."""
    for term in (one, other):
        factors = factors if term.values is None else factors * term.values
    if one.codes is None:
        return _sums(replace(other, values=None), factors)[None, :]
    if other.codes is None:
        return _sums(replace(one, values=None), factors)[:, None]
    if one is other:
        return np.diag(_counted(one.codes, factors, one.width))
    # A row without a column of a term is counted in a place of its own, which is then cut off.
    together = (one.codes.astype(np.int64) + 1) * (other.width + 1) + (other.codes + 1)
    counts = np.bincount(together, weights=factors, minlength=(one.width + 1) * (other.width + 1))
    return np.asarray(counts.reshape(one.width + 1, other.width + 1)[1:, 1:], dtype=np.float64)


def _counted(codes: Codes, weights: Real, width: int) -> Real:
    counts = np.bincount(codes.astype(np.int64) + 1, weights=weights, minlength=width + 1)
    return np.asarray(counts[1:], dtype=np.float64)


def _between(one: Coded, other: Coded, middle: Real) -> Real:
    """Return for each row what `middle` has at its column of one term and its column of the other, times both."""
    wide = np.zeros((one.width + 1, other.width + 1))
    wide[:-1, :-1] = middle
    first = 0 if one.codes is None else one.codes
    second = 0 if other.codes is None else other.codes
    found = np.asarray(wide[first, second], dtype=np.float64)
    for term in (one, other):
        found = found if term.values is None else found * term.values
    return found
