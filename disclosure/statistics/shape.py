"""Standard deviation, variance, skewness and kurtosis (output class: shape).

Over the rows that have a value, unbiased as in pandas: variance and standard deviation over n - 1, skewness and excess
kurtosis as the ratios G1 and G2 of Joanes & Gill (1998). Power sums are exact whole numbers, so the figure is rounded
once, at the end.

What a unit adds to such a figure is not its value but its distance from the mean, to the power of the moment. One far
value among a hundred makes up nearly all of a variance while it holds little of the total, and adding ten million to
every value hides it from any rule on totals. So the rules on contributors are put to both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import isqrt
from types import MappingProxyType
from typing import Final

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import CONSTANT, DEGREES_OF_FREEDOM, FEW_ELSEWHERE, MINIMUM_COUNT, MINIMUM_NONZERO
from disclosure.statistics.base import OutputClass, in_digits
from disclosure.statistics.contributions import CONCENTRATION_RULES, put_to_both
from disclosure.statistics.mean import decimals, put_to_sides
from disclosure.statistics.options import refuse_weights
from disclosure.texts import text

POWERS: Final[Mapping[Statistic, int]] = MappingProxyType(
    {Statistic.VARIANCE: 2, Statistic.STANDARD_DEVIATION: 2, Statistic.SKEWNESS: 3, Statistic.KURTOSIS: 4}
)
"""The moment of each."""
_DIGITS = 10**40
_SHOWN = 6
"""Significant digits: with more, mean and three moments of few small values are met by one set of values only."""
_FAR = text("few units hold too much of the total, or lie so far from the mean that they make up most of this figure")
_MASS = text("few units have most of the rows or of the weight behind this figure")
RULES = (
    MINIMUM_COUNT,
    DEGREES_OF_FREEDOM,
    MINIMUM_NONZERO,
    *(put_to_both(rule, "shape", _FAR) for rule in CONCENTRATION_RULES),
    *(put_to_sides(rule, _MASS) for rule in CONCENTRATION_RULES),
    CONSTANT,
    FEW_ELSEWHERE,
)

Figure = Callable[[int, int, int, int, int], Fraction | None]


def variance(n: int, second: int, _third: int, _fourth: int, scale: int) -> Fraction | None:
    """Return the sum of squared deviations over n - 1.

    Args:
        n: how many rows.
        second, _third, _fourth: the sums over the rows of ``(n x value - total)`` to that power.
        scale: what the values are multiplied by to be whole.
    """
    return Fraction(second, n**2 * (n - 1) * scale**2) if n > 1 else None


def standard_deviation(n: int, second: int, third: int, fourth: int, scale: int) -> Fraction | None:
    """Return the square root of the variance."""
    squared = variance(n, second, third, fourth, scale)
    return None if squared is None else _root(squared)


def skewness(n: int, second: int, third: int, _fourth: int, _scale: int) -> Fraction | None:
    """Return G1 = sqrt(n (n - 1)) / (n - 2) x m3 / m2^(3/2), where m2 and m3 are central moments."""
    if n < 3 or second == 0:
        return None
    size = _root(Fraction(n * (n - 1) * third**2 * n, (n - 2) ** 2 * second**3))
    return -size if third < 0 else size


def kurtosis(n: int, second: int, _third: int, fourth: int, _scale: int) -> Fraction | None:
    """Return G2 = (n - 1) / ((n - 2) (n - 3)) x ((n + 1) m4 / m2^2 - 3 (n - 1)), the excess over a normal's."""
    if n < 4 or second == 0:
        return None
    return Fraction(n - 1, (n - 2) * (n - 3)) * ((n + 1) * Fraction(fourth * n, second**2) - 3 * (n - 1))


def _root(squared: Fraction) -> Fraction:
    """Return the square root to 40 decimals or more."""
    return Fraction(isqrt(squared.numerator * squared.denominator * _DIGITS**2), squared.denominator * _DIGITS)


def _figures(figure: Figure) -> Callable[[Recipe, Evidence], Iterator[Fraction | None]]:
    def figures(_recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
        columns = evidence.part("shape").columns
        scale = 10 ** (evidence.amounts.decimals if evidence.amounts is not None else 0)
        sums = (columns[name].tolist() for name in ("rows", "second", "third", "fourth"))
        for n, second, third, fourth in zip(*sums, strict=True):
            yield in_digits(figure(n, second, third, fourth, scale), _SHOWN)

    return figures


def _shape(statistic: Statistic, figure: Figure, shown: Callable[[int], int]) -> OutputClass:
    return OutputClass(statistic, RULES, _figures(figure), shown, part="shape", check_options=refuse_weights)


VARIANCE = _shape(Statistic.VARIANCE, variance, decimals)
STANDARD_DEVIATION = _shape(Statistic.STANDARD_DEVIATION, standard_deviation, decimals)
SKEWNESS = _shape(Statistic.SKEWNESS, skewness, lambda _: 6)
KURTOSIS = _shape(Statistic.KURTOSIS, kurtosis, lambda _: 6)
