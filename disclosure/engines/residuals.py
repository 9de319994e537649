"""What few units hold of what a line leaves: without whom the rest lies on it, and who makes up most of its squares.

A column that equals another but for one unit has a correlation and a slope that tell that unit's value: all of what is
left of the fit is its own. So what is left is looked at as a total is, by its squares per unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.fit import Task
from disclosure.engines.isolation import FEW, MUCH, NEARLY_ALL
from disclosure.engines.standard_columns import Columns, triangle_of
from disclosure.model.model_facts import Family

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

DIGITS: Final = 6
"""Decimals of a share: more would differ between ways of adding."""
_STEPS: Final = 10
_HELD: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Residuals:
    """What is left of a fit.

    Attributes:
        units: the fewest units without which the rest fits, to a hundredth of all squares; 0 if there are none such
            among a third of all and the first hundred.
        tops: of all squares the share of the largest, of the two largest and so on, in units of 10^-`DIGITS`.
    """

    units: int
    tops: tuple[int, ...]

    @classmethod
    def none(cls, contributors: int) -> Residuals:
        """Return what is left of a fit without figures, or of a perfect one."""
        return cls(0, (0,) * contributors)


def residuals(left: Real, columns: Columns, factors: Real, kinds: tuple[Whole, ...], contributors: int) -> Residuals:
    """Return what few units hold of what is left of a least squares fit.

    Args:
        left: what is left of each row.
        columns: what was fitted, more rows than columns, all independent.
        factors: what each row's square is multiplied by.
        kinds: a number from 0 per row for each kind of unit; shares are those of the first, and of several kinds the
            fewest units count.
        contributors: how many shares are wanted.
    """
    squares = np.bincount(kinds[0], weights=factors * left**2)
    whole = float(squares.sum())
    if not np.isfinite(whole) or whole <= 0:
        return Residuals.none(contributors)
    largest = np.sort(squares)[::-1][:contributors].cumsum() / whole
    tops = [min(round(float(one) * 10**DIGITS), 10**DIGITS) for one in largest]
    tops += [10**DIGITS] * (contributors - len(tops))
    roots = np.sqrt(factors)
    fit = _Fit(
        left * roots, columns, roots, np.asarray(np.linalg.inv(triangle_of(columns, factors)), dtype=np.float64), whole
    )
    found = [one for one in (_fewest(fit, kind) for kind in kinds) if one]
    return Residuals(min(found, default=0), tuple(tops))


def left_of_model(task: Task, predicted: Real, kinds: tuple[Whole, ...], contributors: int) -> Residuals:
    """Return what few units hold of what a linear or Poisson model leaves; of other families nothing is asked.

    Args:
        predicted: the columns times their coefficients, a number per row.
    """
    if task.family not in (Family.OLS, Family.POISSON) or not np.isfinite(predicted).all():
        return Residuals.none(contributors)
    factors, left = np.ones(len(predicted)) if task.weights is None else task.weights, task.response - predicted
    if task.family is Family.POISSON:
        # The last of the least squares fits by which the likelihood is solved.
        means = np.exp(predicted)
        left, factors = (task.response - means) / means, factors * means
    return residuals(left, task.design.columns, factors, kinds, contributors)


@dataclass(frozen=True, eq=False)
class _Fit:
    """A fit of rows times the root of their factors; `back` makes its columns orthonormal."""

    left: Real
    columns: Columns
    roots: Real
    back: Real
    whole: float

    def without(self, rows: npt.NDArray[np.bool_]) -> tuple[float, Real]:
        """Return the squares that are left of the other rows once some are not fitted, and what changes the fit."""
        basis, own = self.columns.of(rows) @ self.back * self.roots[rows, None], self.left[rows]
        kept, directions = np.linalg.eigh(np.eye(self.columns.size) - basis.T @ basis)
        # Directions that these rows hold alone are no longer fitted, and the others have nothing of them.
        there = kept > _HELD
        along = directions[:, there].T @ (own @ basis)
        change = directions[:, there] @ (along / kept[there])
        return self.whole - float(own @ own) - float(along @ (along / kept[there])), self.back @ change

    def changed(self, change: Real) -> Real:
        """Return what is left of every row after a change of the fit."""
        return self.left + self.roots * self.columns.times(change)


def _fewest(fit: _Fit, kind: Whole) -> int:
    """Return the fewest units without which nearly nothing is left, by dropping those of most squares again and again.

    Source: the concentration steps of Rousseeuw & Van Driessen, "Computing LTS regression for large data sets", *Data
    Mining and Knowledge Discovery* 12 (2006).
    """
    squares = np.bincount(kind, weights=fit.left**2)
    most = min(FEW, (len(squares) - fit.columns.size) // 3)
    # Units that fit nothing hold a share of the squares, since no few of them hold as much as that of any combination.
    if most < 1 or np.sort(squares)[::-1][:most].sum() < (1 - MUCH) * fit.whole:
        return 0
    enough, rest = (1 - NEARLY_ALL) * fit.whole, fit.whole
    before = np.zeros(len(squares), dtype=np.bool_)
    for _ in range(_STEPS):
        order = np.argsort(-squares, kind="stable")
        dropped = np.zeros(len(squares), dtype=np.bool_)
        dropped[order[:most]] = True
        rest, change = fit.without(dropped[kind])
        squares = np.bincount(kind, weights=fit.changed(change) ** 2)
        if rest <= enough or np.array_equal(dropped, before):
            break
        before = dropped
    if rest > enough:
        return 0
    order, low, high = np.argsort(-squares, kind="stable"), 0, most
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    ranks = ranks[kind]
    # Without more units less is left, so the fewest are found by halving.
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fit.without(ranks < middle)[0] <= enough else (middle, high)
    return high
