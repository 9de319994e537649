"""The figures of a model, rounded when they are made.

A coefficient has no more digits than it and its standard error have together, a p value four decimals. More would be
of no use to a reader, and of use to somebody who solves for rows; and what is left does not depend on the machine.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from scipy import stats

from disclosure.engines.fit import Fitted
from disclosure.model.model_facts import OF_TERMS, Figure, ModelFacts

_DIGITS: Final = 5
_LEVEL: Final = 0.975


def figures_of_term(fitted: Fitted, place: int) -> dict[Figure, float]:
    """Return the figures of one term, not a number where the fit did not end."""
    coefficient = float(fitted.coefficients[place])
    error = math.sqrt(max(float(fitted.covariance[place, place]), 0.0)) if fitted.converged else math.nan
    if not (math.isfinite(coefficient) and math.isfinite(error) and error > 0):
        return dict.fromkeys(OF_TERMS, math.nan)
    ratio = coefficient / error
    around = stats.norm if math.isinf(fitted.df) else stats.t(fitted.df)
    reach = float(around.ppf(_LEVEL)) * error
    # What is small beside its own error has no digits to show but those of the machine.
    step = math.floor(math.log10(max(abs(coefficient), error))) - _DIGITS + 1
    return {
        Figure.COEFFICIENT: _at(coefficient, step),
        Figure.STANDARD_ERROR: _short(error),
        Figure.STATISTIC: _at(_short(ratio), -3),
        Figure.P_VALUE: _at(2 * float(around.sf(abs(ratio))), -4),
        Figure.LOW: _at(coefficient - reach, step),
        Figure.HIGH: _at(coefficient + reach, step),
    }


def figures_of_model(fitted: Fitted, facts: ModelFacts) -> dict[Figure, float]:
    """Return the figures of the model as a whole."""
    return {
        Figure.UNITS: float(facts.units),
        Figure.R_SQUARED: _at(fitted.r_squared, -4),
        Figure.LOG_LIKELIHOOD: _short(fitted.log_likelihood),
    }


def _short(value: float) -> float:
    """Return a figure at so many significant digits, half-even."""
    if not math.isfinite(value):
        return math.nan
    return float(Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN).create_decimal(repr(value))) + 0.0


def _at(value: float, exponent: int) -> float:
    """Return a figure rounded to a power of ten, half-even."""
    if not math.isfinite(value):
        return math.nan
    wide = Context(prec=60, rounding=ROUND_HALF_EVEN)
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(exponent), context=wide)) + 0.0
