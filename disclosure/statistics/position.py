"""Medians and quantiles (output class: position).

Over the rows that have a value, as pandas computes them: by linear interpolation; with weights as laeken does,
averaged at ties. What is shown is rounded until enough units share it (`disclosure.rules.position`). A unit of which
so many rows stand in the cell, or whose weight is such, that it decides the figure alone fails dominance.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from disclosure.errors import RecipeError
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import CONSTANT, MINIMUM_COUNT, POSITION
from disclosure.statistics.base import OutputClass
from disclosure.statistics.contributions import CONCENTRATION_RULES, put_to
from disclosure.statistics.options import decimal_option
from disclosure.texts import text

_MASS = text("few units have most of the rows or of the weight behind this figure")
RULES = (MINIMUM_COUNT, POSITION, *(put_to(rule, "position", _MASS) for rule in CONCENTRATION_RULES), CONSTANT)


def probability(recipe: Recipe) -> Fraction:
    """Return which quantile is asked for.

    Raises:
        RecipeError: it is none, or an extreme.
    """
    if recipe.statistic is Statistic.MEDIAN:
        return Fraction(1, 2)
    asked = decimal_option(recipe, "probability")
    if not 0 < asked < 1:
        raise RecipeError(
            "The probability of a quantile lies between 0 and 1, both excluded: minima and maxima are not released.",
            hint='For example probability="0.05".',
        )
    return asked


def figures(recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield the rounded quantiles, None where no unit has a value."""
    shown = evidence.part("position").columns["figure"]
    extra = WEIGHT_DECIMALS if recipe.weight is not None else 0
    scale = 10 ** (evidence.amounts.decimals - extra if evidence.amounts is not None else 0)
    for figure, units in zip(shown.tolist(), evidence.n_units.tolist(), strict=True):
        yield Fraction(figure, scale) if units else None


def check_options(recipe: Recipe) -> None:
    """Raise `RecipeError` unless the quantile is one."""
    probability(recipe)


def _position(statistic: Statistic) -> OutputClass:
    return OutputClass(
        statistic, RULES, figures, lambda decimals: decimals, part="position", check_options=check_options
    )


MEDIAN = _position(Statistic.MEDIAN)
QUANTILE = _position(Statistic.QUANTILE)
