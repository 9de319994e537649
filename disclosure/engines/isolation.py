"""What a design tells apart: units on which a combination of terms rests alone, and patterns that are cells of a table.

Both are properties of the space that the columns span, whatever the response and however the terms are written. A
regressor that differs from another for three units only isolates those three as surely as a dummy for them does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.matrix import Matrix, as_matrix
from disclosure.engines.standard_columns import Basis

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FEW: Final = 100
"""Combinations that rest on more units than so many are not looked for; every policy's minimum is far below it."""
NEARLY_ALL: Final = 0.99
"""The share of the length of a combination from which on units hold it alone. A unit that holds so much of a
combination has its own response for a prediction, to within a hundredth of what it deviates from all others."""
HALF: Final = 0.5
"""The share that one unit may hold at most of what a combination rests on, as dominance lets one unit hold of a total.
Its own response makes up as much of a prediction for it. Two may hold three quarters, three seven eighths, four fifteen
sixteenths: always half of what the others leave."""
MUCH: Final = 0.95
"""The share that more, up to `SOME` units, may hold at most. Of so many units nine tenths are no sign: nine hold so
much of a dummy for ten, ten of one for eleven."""
SOME: Final = 10
_THERE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Alone:
    """A combination of columns that is zero for all but a few units.

    Attributes:
        units: for how many it is not.
        columns: which columns it combines.
    """

    units: int
    columns: Mask


def patterns_of(columns: Matrix | Real) -> Whole:
    """Return a number from 0 for each distinct row of a matrix, one per row.

    Rows are compared by two sums with odd multipliers, each added up in the same order for every row, so that equal
    rows have equal sums and different rows do not.
    """
    matrix = as_matrix(columns)
    multipliers = np.random.default_rng(20240229).uniform(1.0, 2.0, size=(2, matrix.shape[1]))
    sums = matrix.times(multipliers[0]) + 1j * matrix.times(multipliers[1])
    return np.unique(sums, return_inverse=True)[1].astype(np.int64)


def cells_of(patterns: Whole, leverage: Real) -> Whole:
    """Return the patterns that the columns tell apart from all others: their rows have a leverage of 1, or nearly."""
    together = np.bincount(patterns, weights=leverage)
    return np.flatnonzero(together >= NEARLY_ALL).astype(np.int64)


def resting_alone(basis: Basis, units: Whole) -> list[Alone]:
    """Return combinations of columns that vanish, or nearly so, for all but at most `FEW` units.

    Besides them, those of which one unit holds more than `HALF`, or a few as much as `_permitted` does not let them.

    A vector of the column space that vanishes outside a set of units keeps its whole length inside it, and units that
    hold such a vector between them have much leverage. So the units of most leverage are looked at together, one more
    at a time: directions in which the basis keeps its length are such vectors, and where several appear at once,
    elimination makes them as sparse as they come.

    Args:
        basis: orthonormal columns that span the design.
        units: a number per row.
    """
    triangle = basis.triangle
    leverage = np.bincount(units, weights=basis.leverage)
    ranks = np.empty(len(leverage), dtype=np.int64)
    ranks[np.argsort(-leverage, kind="stable")] = np.arange(len(leverage))
    rows = (ranks < FEW)[units]
    inside, owners = basis.of(rows), units[rows]
    first = ranks[owners]
    found = _mostly_held(inside, owners, first, triangle)
    for most in _steps(inside, first, 0, min(FEW, len(leverage))):
        among = first < most
        directions = _kept_whole(inside[among])
        vectors, directions = _eliminated(inside[among] @ directions, directions)
        for place in range(vectors.shape[1]):
            vector, combination = np.abs(vectors[:, place]), np.abs(np.linalg.solve(triangle, directions[:, place]))
            n_units = len(np.unique(owners[among][vector > _THERE * vector.max()]))
            found.append(Alone(n_units, np.asarray(combination > _THERE * combination.max(), dtype=np.bool_)))
    return found


def _mostly_held(inside: Real, owners: Whole, first: Whole, triangle: Real) -> list[Alone]:
    """Return combinations of which one unit, or the few of most leverage together, hold more than they may."""
    # Units that hold so much of one combination have as much leverage at least.
    leverage = np.bincount(first, weights=(inside**2).sum(axis=1))
    groups = [first == place for place in np.flatnonzero(leverage > _permitted(1)).tolist()]
    groups += [
        first < most for most in range(2, min(SOME, len(leverage)) + 1) if leverage[:most].sum() > _permitted(most)
    ]
    found = []
    for rows in groups:
        _, lengths, directions = np.linalg.svd(inside[rows], full_matrices=False)
        n_units = len(np.unique(owners[rows]))
        for place in np.flatnonzero(lengths**2 > _permitted(n_units)).tolist():
            combination = np.abs(np.linalg.solve(triangle, directions[place]))
            found.append(Alone(n_units, np.asarray(combination > _THERE * combination.max(), dtype=np.bool_)))
    return found


def _permitted(n_units: int) -> float:
    """Return the share of a combination that so many units, up to `SOME`, may hold."""
    return min(1 - HALF**n_units, MUCH)


def _kept_whole(inside: Real) -> Real:
    """Return the directions in which these rows hold nearly the whole length of the basis, one per column."""
    lengths, directions = np.linalg.eigh(inside.T @ inside)
    kept: Real = directions[:, lengths >= NEARLY_ALL]
    return kept


def _steps(inside: Real, first: Whole, low: int, high: int) -> list[int]:
    """Return each number of units, above `low` and up to `high`, with which directions are kept that fewer do not."""
    few, many = (_kept_whole(inside[first < most]).shape[1] for most in (low, high))
    if few == many:
        return []
    if high == low + 1:
        return [high]
    middle = (low + high) // 2
    return [*_steps(inside, first, low, middle), *_steps(inside, first, middle, high)]


def _eliminated(vectors: Real, directions: Real) -> tuple[Real, Real]:
    """Return the same space by vectors of which each has a row that all others are zero in."""
    vectors, directions = vectors.copy(), directions.copy()
    for place in range(vectors.shape[1]):
        rest = np.abs(vectors[:, place:])
        row, column = np.unravel_index(int(np.argmax(rest)), rest.shape)
        pivot = place + int(column)
        for one in (vectors, directions):
            one[:, [place, pivot]] = one[:, [pivot, place]]
        scale = vectors[row, place]
        vectors[:, place] /= scale
        directions[:, place] /= scale
        others = np.arange(vectors.shape[1]) != place
        factors = vectors[row, others]
        vectors[:, others] -= np.outer(vectors[:, place], factors)
        directions[:, others] -= np.outer(directions[:, place], factors)
    return vectors, directions
