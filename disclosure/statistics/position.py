"""Medians and quantiles (output class: position).

Over the rows that have a value, as pandas computes them: by linear interpolation; with weights as laeken does,
averaged at ties. What is shown is averaged over the nearest units and rounded (`disclosure.rules.position`). A
unit of which so many rows stand in the cell, or whose weight is such, that it decides the figure alone fails dominance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from disclosure.errors import RecipeError
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence, Mask
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import CONSTANT, MINIMUM_COUNT, POSITION
from disclosure.statistics.base import OutputClass
from disclosure.statistics.contributions import CONCENTRATION_RULES, put_to
from disclosure.statistics.options import decimal_option
from disclosure.texts import text

_STEPS: Final[Mapping[Statistic, tuple[str, str]]] = MappingProxyType(
    {
        Statistic.MEDIAN: ("position", "step"),
        Statistic.QUANTILE: ("position", "step"),
        Statistic.POVERTY_GAP: ("poverty", "median_step"),
    }
)
"""Where the evidence says what a statistic's quantile is rounded to."""
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
            text(
                "The probability of a quantile lies between 0 and 1, both excluded: minima and maxima are not released."
            ),
            hint=text('For example probability="0.05".'),
        )
    return asked


def figures(recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield the rounded quantiles, None where nothing may be shown or no unit has a value."""
    columns = evidence.part("position").columns
    scale = 10 ** decimals_of_values(recipe, evidence)
    for figure, step in zip(columns["figure"].tolist(), columns["step"].tolist(), strict=True):
        yield Fraction(figure, scale) if step else None


def decimals_of_values(recipe: Recipe, evidence: Evidence) -> int:
    """Return at how many decimals the amounts of evidence hold the values; weights take some besides."""
    extra = WEIGHT_DECIMALS if recipe.weight is not None else 0
    return evidence.amounts.decimals - extra if evidence.amounts is not None else 0


def steps(recipe: Recipe, evidence: Evidence, shown: Mask | None = None) -> tuple[Fraction, Fraction] | None:
    """Return the finest and the coarsest step that quantiles are rounded to, in the measure of the value.

    None where no quantile is shown. A poverty gap is the distance to one.

    Args:
        shown: the cells that are looked at; all if None.
    """
    if recipe.statistic not in _STEPS or _STEPS[recipe.statistic][0] not in evidence.parts:
        return None
    part, name = _STEPS[recipe.statistic]
    column = evidence.part(part).columns[name]
    found = [step for step in (column if shown is None else column[shown]).tolist() if step]
    scale = 10 ** decimals_of_values(recipe, evidence)
    return (Fraction(min(found), scale), Fraction(max(found), scale)) if found else None


def check_options(recipe: Recipe) -> None:
    """Raise `RecipeError` unless the quantile is one."""
    probability(recipe)


def _position(statistic: Statistic) -> OutputClass:
    return OutputClass(
        statistic, RULES, figures, lambda decimals: decimals, part="position", check_options=check_options
    )


MEDIAN = _position(Statistic.MEDIAN)
QUANTILE = _position(Statistic.QUANTILE)
