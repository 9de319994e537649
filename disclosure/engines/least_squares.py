"""Least squares and its covariances, from blocks of rows: each is as long as the design is wide, never as the rows.

Sources: White, "A heteroskedasticity-consistent covariance matrix estimator", *Econometrica* 48 (1980), with the
corrections of MacKinnon & White (1985); Liang & Zeger, "Longitudinal data analysis using generalized linear models",
*Biometrika* 73 (1986), with the correction G/(G-1) (N-1)/(N-K) that statsmodels and Stata make.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.standard_columns import ROWS, Columns, triangle_of
from disclosure.model.model_facts import Covariance

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

_MOST_STEPS: Final = 10
_SMALL: Final = 1e-12


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """Coefficients and their covariance, the weighted sum of squared errors, and the log likelihood."""

    coefficients: Real
    covariance: Real
    squares: float
    log_likelihood: float


def least_squares(
    response: Real, columns: Columns, weights: Real | None, covariance: Covariance, clusters: Whole
) -> LeastSquares:
    """Return the least squares fit of a response to columns that are independent, of more rows than columns.

    Args:
        weights: of the rows, for weighted least squares.
        clusters: a number from 0 per row, for the covariance that is robust within clusters.
    """
    factors = np.ones(len(response)) if weights is None else weights
    back, size = np.linalg.inv(triangle_of(columns, weights)), columns.size
    coefficients, errors = np.zeros(size), response
    # The normal equations of what is left, until nothing is: as exact as a decomposition of the rows.
    for _ in range(_MOST_STEPS):
        errors = response - columns.times(coefficients)
        change = back @ (back.T @ columns.sums(factors * errors))
        coefficients += change
        if np.abs(change).max() <= _SMALL * np.abs(coefficients).max():
            break
    squares, rows = float((factors * errors**2).sum()), len(response)
    bread = back @ back.T
    if covariance is Covariance.NONROBUST:
        spread = bread * (squares / (rows - size))
    else:
        spread = bread @ robust_meat(columns, factors * errors, covariance, clusters) @ bread
    half = rows / 2
    likelihood = -half * math.log(squares) - half * (1 + math.log(math.pi / half)) if squares else math.inf
    return LeastSquares(coefficients, spread, squares, likelihood + float(np.log(factors).sum()) / 2)


def robust_meat(columns: Columns, errors: Real, covariance: Covariance, clusters: Whole) -> Real:
    """Return the cross products of what rows, or clusters of rows, add to the score, corrected for small samples.

    Args:
        errors: what each row's columns are multiplied by in the score.
    """
    rows, size = len(columns), columns.size
    if covariance is Covariance.CLUSTER:
        number = int(clusters.max()) + 1
        correction = number / (number - 1) * (rows - 1) / (rows - size)
        return clustered_products(columns, errors, clusters) * correction
    return columns.products(errors**2) * (rows / (rows - size) if covariance is Covariance.HC1 else 1.0)


def clustered_products(columns: Columns, errors: Real, clusters: Whole) -> Real:
    """Return the cross products of the sums per cluster of the columns times a factor per row."""
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    if len(starts) == len(order):
        return columns.products(errors**2)
    found = np.zeros((columns.size, columns.size))
    # A block ends where a cluster ends, so that the sum of a cluster is made in one go.
    firsts = np.unique([*np.searchsorted(starts, np.arange(0, len(order), ROWS)), len(starts)])
    for first, last in pairwise(firsts.tolist()):
        low = starts[first]
        rows = order[low : starts[last] if last < len(starts) else None]
        sums = np.add.reduceat(columns.of(rows) * errors[rows, None], starts[first:last] - low, axis=0)
        found += sums.T @ sums
    return found
