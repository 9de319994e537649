"""Fitting a design, so that no order of rows, number of threads or scale of a column changes a digit.

Columns are centred and scaled before they are fitted, and coefficients and covariance are carried back: figures of
badly scaled columns differ in few digits between two ways of adding, these do not.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.cox import cox_fit
from disclosure.engines.least_squares import least_squares
from disclosure.engines.maximum_likelihood import MaximumLikelihood, maximum_likelihood
from disclosure.engines.standard_columns import Basis, Standardised
from disclosure.errors import RecipeError
from disclosure.model.model_facts import Covariance, Family
from disclosure.texts import text

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

MOST_STEPS: Final = 100
_PERFECT: Final = 1e-9
_PREDICTED: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Fitted:
    """What came of a fit.

    Attributes:
        coefficients, covariance: of the design's columns; not a number where the fit did not end.
        df: degrees of freedom of the t distribution, infinite for the normal one.
        perfect: predictions are the responses.
        converged: the fit came to an end with finite figures.
    """

    coefficients: Real
    covariance: Real
    df: float
    r_squared: float
    log_likelihood: float
    perfect: bool
    converged: bool

    @classmethod
    def nothing(cls, size: int, *, perfect: bool) -> Fitted:
        """Return a fit without figures."""
        empty = np.full(size, math.nan)
        return cls(empty, np.full((size, size), math.nan), math.nan, math.nan, math.nan, perfect, converged=False)


@dataclass(frozen=True, eq=False)
class Task:
    """What is fitted to what.

    Attributes:
        absorbed: how many effects the columns and the response were freed of.
        event: of a Cox model, 1 where the time ends with an event.
    """

    family: Family
    covariance: Covariance
    response: Real
    design: Standardised
    clusters: Whole
    weights: Real | None
    absorbed: int = 0
    event: Whole | None = None


def fit(task: Task) -> Fitted:
    """Return the fitted model.

    Raises:
        RecipeError: this family cannot be fitted with these weights, absorbed effects or covariance.
    """
    size = task.design.columns.size
    if len(task.response) <= size + task.absorbed:
        return Fitted.nothing(size, perfect=True)
    if task.covariance is Covariance.CLUSTER and int(task.clusters.max()) == 0:
        return Fitted.nothing(size, perfect=False)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = _linear(task) if task.family is Family.OLS else _nonlinear(task)
        except (np.linalg.LinAlgError, ValueError, ArithmeticError):
            # A library's own words may quote values, and there is one answer: it could not be fitted.
            return Fitted.nothing(size, perfect=False)
    finite = bool(np.isfinite(found.coefficients).all() and np.isfinite(found.covariance).all())
    if found.perfect or not found.converged or not finite or (np.diag(found.covariance) <= 0).any():
        return Fitted.nothing(size, perfect=found.perfect)
    return found


def _linear(task: Task) -> Fitted:
    y, rows, size = task.response, len(task.response), task.design.columns.size
    weights = np.ones(len(y)) if task.weights is None else task.weights
    middle = np.average(y, weights=weights) if task.absorbed or _spans_constant(task.design.basis) else 0.0
    spread = float((weights * (y - middle) ** 2).sum())
    largest = float(np.abs(y).max(initial=0.0))
    if spread <= (_PREDICTED * _PERFECT * largest) ** 2 * len(y):
        return Fitted.nothing(size, perfect=True)
    # Responses near 1, so that squares of cents and of billions keep the same number of digits.
    scale = math.sqrt(spread / float(weights.sum()))
    found = least_squares(y / scale, task.design.columns, task.weights, task.covariance, task.clusters)
    left = found.squares * scale**2 / spread
    # Absorbed effects are parameters, also where a small sample is corrected for.
    correction = 1.0 if task.covariance is Covariance.HC0 else (rows - size) / (rows - size - task.absorbed)
    clustered = task.covariance is Covariance.CLUSTER
    df = float(task.clusters.max()) if clustered else float(rows - size - task.absorbed)
    back = task.design.back * scale
    return Fitted(
        back @ found.coefficients,
        back @ found.covariance @ back.T * correction,
        df,
        1 - left,
        found.log_likelihood - rows * math.log(scale),
        perfect=left <= _PERFECT,
        converged=df > 0,
    )


def _spans_constant(basis: Basis) -> bool:
    """Tell whether the columns add up to a constant, as the dummies for every label of a category do."""
    rows = len(basis.columns)
    along = basis.sums(np.ones(rows, dtype=np.bool_))
    return abs(float(along @ along) - rows) <= _PERFECT * rows


def _nonlinear(task: Task) -> Fitted:
    if task.absorbed:
        raise RecipeError(
            text("Effects are absorbed in a linear model only."), hint=text('Use C(name), or family="ols".')
        )
    if task.family is Family.COX:
        return _cox(task)
    if task.weights is not None and task.covariance is Covariance.NONROBUST:
        raise RecipeError(
            text("With sampling weights standard errors are robust."), hint=text("Leave covariance= out.")
        )
    if task.weights is None:
        found = maximum_likelihood(
            task.family, task.response, task.design.columns, task.covariance, task.clusters, most_steps=MOST_STEPS
        )
    else:
        found = _weighted(task)
    y, back = task.response, task.design.back
    null = _null_likelihood(task)
    return Fitted(
        back @ found.coefficients,
        back @ found.covariance @ back.T,
        math.inf,
        1 - found.log_likelihood / null if null else math.nan,
        found.log_likelihood,
        perfect=float(np.abs(y - found.predicted).max()) <= _PREDICTED * max(1.0, float(y.max())),
        converged=found.converged,
    )


def _weighted(task: Task) -> MaximumLikelihood:
    import statsmodels.api as sm

    kind = {
        Family.LOGIT: sm.families.Binomial,
        Family.PROBIT: lambda: sm.families.Binomial(link=sm.families.links.Probit()),
        Family.POISSON: sm.families.Poisson,
    }[task.family]
    weights = np.ones(len(task.response)) if task.weights is None else task.weights
    # Scaled to a mean of 1: weights say how much a row counts, not how many rows there are.
    model = sm.GLM(
        task.response, task.design.columns.of(slice(None)), family=kind(), var_weights=weights / weights.mean()
    )
    result = model.fit(maxiter=MOST_STEPS, tol=1e-12, use_t=False, **_robust(task))
    return MaximumLikelihood(
        np.asarray(result.params),
        np.asarray(result.cov_params()),
        float(result.llf),
        np.asarray(result.mu),
        bool(result.converged),
    )


def _null_likelihood(task: Task) -> float:
    """Return the log likelihood of a constant alone, for McFadden's R squared."""
    from scipy.special import gammaln, xlogy

    y = task.response
    weights = np.ones(len(y)) if task.weights is None else task.weights / task.weights.mean()
    mean = float(np.average(y, weights=weights))
    if task.family is Family.POISSON:
        return float((weights * (xlogy(y, mean) - mean - gammaln(y + 1))).sum())
    return float((weights * (xlogy(y, mean) + xlogy(1 - y, 1 - mean))).sum())


def _cox(task: Task) -> Fitted:
    if task.weights is not None:
        raise RecipeError(text("A Cox model takes no weights here."), hint=text("Leave weights= out."))
    if task.event is None or task.covariance in (Covariance.HC0, Covariance.HC1):
        raise RecipeError(text("A Cox model needs event=, and a covariance that is cluster or nonrobust."))
    clusters = task.clusters if task.covariance is Covariance.CLUSTER else None
    found = cox_fit(task.response, task.event, task.design.columns.of(slice(None)), clusters)
    back = task.design.back
    return Fitted(
        back @ found.coefficients,
        back @ found.covariance @ back.T,
        math.inf,
        math.nan,
        found.log_likelihood,
        perfect=False,
        converged=found.converged,
    )


def _robust(task: Task) -> dict[str, Any]:
    if task.covariance is Covariance.CLUSTER:
        return {"cov_type": "cluster", "cov_kwds": {"groups": task.clusters}}
    return {"cov_type": task.covariance.value}
