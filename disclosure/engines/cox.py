"""Cox's proportional hazards with Efron's ties, and covariance that is robust within clusters.

Sources: Cox, "Regression models and life-tables", *JRSS B* 34 (1972); Efron, "The efficiency of Cox's likelihood
function for censored data", *JASA* 72 (1977); Lin & Wei, "The robust inference for the Cox proportional hazards model",
*JASA* 84 (1989), with the score residuals for Efron's ties of Therneau & Grambsch, *Modeling Survival Data* (2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

_SMALL_SCORE: Final = 1e-5
_FLAT: Final = 1e-10


@dataclass(frozen=True, eq=False)
class CoxFit:
    """Coefficients, their covariance, the partial log likelihood, and whether the fit came to an end."""

    coefficients: Real
    covariance: Real
    log_likelihood: float
    converged: bool


def cox_fit(times: Real, event: Whole, matrix: Real, clusters: Whole | None) -> CoxFit:
    """Return the Cox model of times on columns.

    Args:
        event: 1 where a time ends with an event, 0 where it is censored.
        clusters: a number from 0 per row; None for the covariance of the model.
    """
    from statsmodels.duration.hazard_regression import PHReg

    model = PHReg(times, matrix, status=event.astype(np.float64), ties="efron")
    result = model.fit(disp=0)
    coefficients = np.asarray(result.params, dtype=np.float64)
    information = -np.asarray(model.hessian(coefficients), dtype=np.float64)
    score = np.asarray(model.score(coefficients), dtype=np.float64)
    flattest = float(np.linalg.eigvalsh(information).min())
    events = float(event.sum())
    # A separated group drives a coefficient outwards for ever, along which the likelihood is flat.
    converged = bool(np.abs(score).max() <= _SMALL_SCORE * max(1.0, events) and flattest > _FLAT * max(1.0, events))
    covariance: Real = np.linalg.inv(information).astype(np.float64)
    if clusters is not None and converged:
        residuals = score_residuals(times, event, matrix, coefficients)
        together = np.zeros((int(clusters.max()) + 1, matrix.shape[1]))
        np.add.at(together, clusters, residuals)
        covariance = covariance @ (together.T @ together) @ covariance
    return CoxFit(coefficients, covariance, float(result.llf), converged)


def score_residuals(times: Real, event: Whole, matrix: Real, coefficients: Real) -> Real:
    """Return what each row adds to the score, shape (rows, columns); the sum over rows is the score itself.

    At a time with d events the k-th of them sees the tied rows at 1 - k/d of their risk.
    """
    linear = matrix @ coefficients
    risks = np.exp(linear - linear.max())
    moments = np.unique(times[event == 1])
    last: Whole = np.searchsorted(moments, times, side="right").astype(np.int64)  # at risk before this one
    at_risk = _at_risk(risks, last, len(moments))
    at_risk_x = np.column_stack([_at_risk(risks * column, last, len(moments)) for column in matrix.T])
    died = event == 1
    own = last[died] - 1
    tied = np.bincount(own, weights=risks[died], minlength=len(moments))
    tied_x = np.column_stack(
        [np.bincount(own, weights=(risks * column)[died], minlength=len(moments)) for column in matrix.T]
    )
    number: Whole = np.bincount(own, minlength=len(moments)).astype(np.int64)
    # Per moment, over its events: hazard, hazard times mean, both again as the tied rows see them, and the mean.
    hazard, tied_hazard = np.zeros(len(moments)), np.zeros(len(moments))
    hazard_x, tied_hazard_x, mean = (np.zeros((len(moments), matrix.shape[1])) for _ in range(3))
    for k in range(int(number.max(initial=0))):
        here = number > k
        share = (k / number[here])[:, None]
        step = 1 / (at_risk[here] - share[:, 0] * tied[here])
        centre = (at_risk_x[here] - share * tied_x[here]) * step[:, None]
        hazard[here] += step
        hazard_x[here] += step[:, None] * centre
        tied_hazard[here] += step * (1 - share[:, 0])
        tied_hazard_x[here] += step[:, None] * centre * (1 - share)
        mean[here] += centre / number[here][:, None]
    before = np.concatenate([[0.0], np.cumsum(hazard)])
    before_x = np.vstack([np.zeros(matrix.shape[1]), np.cumsum(hazard_x, axis=0)])
    seen, seen_x = before[last], before_x[last]
    seen[died] += tied_hazard[own] - hazard[own]
    seen_x[died] += tied_hazard_x[own] - hazard_x[own]
    residuals: Real = -risks[:, None] * (matrix * seen[:, None] - seen_x)
    residuals[died] += matrix[died] - mean[own]
    return residuals


def _at_risk(values: Real, last: Whole, moments: int) -> Real:
    """Return per moment the sum over the rows whose time is not before it."""
    ends = np.bincount(last, weights=values, minlength=moments + 1).astype(np.float64)
    found: Real = np.cumsum(ends[::-1])[::-1][1:]
    return found
