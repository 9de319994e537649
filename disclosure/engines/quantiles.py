"""Quantiles of whole numbers, exactly: no rounding, no order of rows, no overflow.

Without weights the definition is that of pandas and NumPy (linear interpolation between order statistics: definition 7
of Hyndman & Fan 1996). With weights it is that of laeken, with which the indicators of EU-SILC are published: the
smallest value at which the cumulative weight reaches the probability, and the mean of it and the next one where the
cumulative weight is exactly that (definition 2 of Hyndman & Fan, weighted). The two differ for equal weights too, as
they do between the packages.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import DataError

Whole = npt.NDArray[np.int64]
_LARGEST = 2**63 - 1


def quantile(values: Whole, probability: Fraction, *, is_sorted: bool = False) -> Fraction:
    """Return the quantile of whole numbers by linear interpolation, as pandas and NumPy do, but exactly.

    Args:
        values: shape (n,), n at least 1; the figure has their unit.
        is_sorted: the values ascend already.

    Raises:
        DataError: there is no value.

    >>> quantile(np.array([4, 1, 3, 2]), Fraction(1, 2))
    Fraction(5, 2)
    """
    _require(values, probability)
    ordered = values if is_sorted else np.sort(values)
    place = probability * (len(ordered) - 1)
    below = place.numerator // place.denominator
    low, high = int(ordered[below]), int(ordered[min(below + 1, len(ordered) - 1)])
    return low + (place - below) * (high - low)


def weighted_quantile(values: Whole, weights: Whole, probability: Fraction, *, is_sorted: bool = False) -> Fraction:
    """Return the weighted quantile of whole numbers, averaged at ties, as laeken's `weightedQuantile` does, exactly.

    Args:
        values: shape (n,), n at least 1; the figure has their unit.
        weights: shape (n,), none negative, at any common scale. A value of weight 0 counts for nothing.
        is_sorted: the values ascend already.

    Raises:
        DataError: there is no value of positive weight, or a weight is negative.

    >>> weighted_quantile(np.array([10, 20, 30]), np.array([1, 1, 2]), Fraction(1, 2))
    Fraction(25, 1)
    """
    if len(values) != len(weights) or (weights < 0).any():
        raise DataError("A weighted quantile needs one weight per value, and none of them negative.")
    counted = weights > 0
    values, weights = values[counted], weights[counted]
    _require(values, probability)
    order = slice(None) if is_sorted else np.argsort(values, kind="stable")
    ordered, cumulated = values[order], cumulative(weights[order])
    whole = int(cumulated[-1])
    # The least whole number at or above probability x total: comparing with it needs no product per row.
    needed = -((-probability.numerator * whole) // probability.denominator)
    place = min(int(np.searchsorted(cumulated, needed, side="left")), len(ordered) - 1)
    exact = int(cumulated[place]) * probability.denominator == probability.numerator * whole
    following = min(place + 1, len(ordered) - 1) if exact else place
    return Fraction(int(ordered[place]) + int(ordered[following]), 2)


def cumulative(weights: Whole) -> npt.NDArray[Any]:
    """Return the running sum of whole numbers that are not negative, in Python's integers where 64 bits do not do."""
    if len(weights) and int(weights.max()) > _LARGEST // len(weights):
        return np.cumsum(weights.astype(np.object_))
    return np.cumsum(weights)


def _require(values: Whole, probability: Fraction) -> None:
    if not len(values):
        raise DataError("A quantile needs at least one value.")
    if not 0 <= probability <= 1:
        raise DataError("The probability of a quantile lies between 0 and 1.")
