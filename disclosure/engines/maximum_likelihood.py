"""Logit, probit and Poisson models by Newton's steps, from blocks of rows.

The likelihoods, the steps and where they end are those of statsmodels, which makes several matrices as large as the
design in each step; here there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.least_squares import robust_meat
from disclosure.engines.standard_columns import Columns
from disclosure.model.model_facts import Covariance, Family

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

_SMALL: Final = 1e-8
_RIDGE: Final = 1e-10
_LEAST: Final = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class MaximumLikelihood:
    """Coefficients and their covariance, the log likelihood, the predicted responses, and if the steps ended."""

    coefficients: Real
    covariance: Real
    log_likelihood: float
    predicted: Real
    converged: bool


@dataclass(frozen=True)
class _Likelihood:
    """What a family makes of responses and of the columns times the coefficients, per row.

    Attributes:
        value: the log likelihood.
        slope: its derivative.
        bend: minus its second derivative.
        mean: the predicted response.
    """

    value: Callable[[Real, Real], Real]
    slope: Callable[[Real, Real], Real]
    bend: Callable[[Real, Real], Real]
    mean: Callable[[Real], Real]


def maximum_likelihood(
    family: Family, response: Real, columns: Columns, covariance: Covariance, clusters: Whole, *, most_steps: int
) -> MaximumLikelihood:
    """Return the fit of a family of one parameter without weights.

    Args:
        clusters: a number from 0 per row, for the covariance that is robust within clusters.

    Raises:
        LinAlgError: the likelihood is flat in some direction.
    """
    likelihood, rows = _LIKELIHOODS[family](), len(response)
    before, found, steps = np.full(columns.size, np.inf), _start(family, response, columns), 0
    while steps < most_steps and (np.abs(found - before) > _SMALL).any():
        linear = columns.times(found)
        information = columns.products(likelihood.bend(response, linear)) / rows
        information += _RIDGE * np.eye(columns.size)
        before, steps = found, steps + 1
        found = before + np.linalg.solve(information, columns.sums(likelihood.slope(response, linear)) / rows)
    linear = columns.times(found)
    spread: Real = np.linalg.inv(columns.products(likelihood.bend(response, linear))).astype(np.float64)
    if covariance is not Covariance.NONROBUST:
        # Elsewhere too HC1 is not corrected for the size of a sample where a model is not linear.
        kind = Covariance.CLUSTER if covariance is Covariance.CLUSTER else Covariance.HC0
        spread = spread @ robust_meat(columns, likelihood.slope(response, linear), kind, clusters) @ spread
    value, predicted = float(likelihood.value(response, linear).sum()), likelihood.mean(linear)
    return MaximumLikelihood(found, spread, value, predicted, steps < most_steps)


def _start(family: Family, response: Real, columns: Columns) -> Real:
    """Return where the steps begin: of a Poisson model with a constant at the mean, elsewhere at 0."""
    start = np.zeros(columns.size)
    first = columns.design.column(0)
    if family is Family.POISSON and (first == 1).all():
        start[:] = 0.001
        start[0] = np.log(response.mean())
    return start


def _logit() -> _Likelihood:
    def mean(linear: Real) -> Real:
        found: Real = 1 / (1 + np.exp(-linear))
        return found

    return _Likelihood(
        value=lambda y, linear: -np.logaddexp(0, -(2 * y - 1) * linear),
        slope=lambda y, linear: y - mean(linear),
        bend=lambda _, linear: mean(linear) * (1 - mean(linear)),
        mean=mean,
    )


def _probit() -> _Likelihood:
    from scipy.stats import norm

    def slope(y: Real, linear: Real) -> Real:
        signs = 2 * y - 1
        found: Real = signs * norm.pdf(signs * linear) / np.clip(norm.cdf(signs * linear), _LEAST, 1 - _LEAST)
        return found

    def bend(y: Real, linear: Real) -> Real:
        signs = 2 * y - 1
        ratio = signs * norm.pdf(signs * linear) / norm.cdf(signs * linear)
        found: Real = ratio * (ratio + linear)
        return found

    return _Likelihood(
        value=lambda y, linear: np.log(np.clip(norm.cdf((2 * y - 1) * linear), _LEAST, 1)),
        slope=slope,
        bend=bend,
        mean=lambda linear: np.asarray(norm.cdf(linear), dtype=np.float64),
    )


def _poisson() -> _Likelihood:
    from scipy.special import gammaln

    return _Likelihood(
        value=lambda y, linear: y * linear - np.exp(linear) - gammaln(y + 1),
        slope=lambda y, linear: y - np.exp(linear),
        bend=lambda _, linear: np.exp(linear),
        mean=np.exp,
    )


_LIKELIHOODS: Final = {Family.LOGIT: _logit, Family.PROBIT: _probit, Family.POISSON: _poisson}
