"""Models (output class: correlation and regression): coefficients, and what they rest on.

All figures of a model belong together: with one of them and the others known, the one left out can be solved for. So
where a term fails, nothing is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from disclosure.model.evidence import Evidence
from disclosure.model.model_facts import PART
from disclosure.model.model_recipe import model_recipe
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import (
    MINIMUM_COUNT,
    MODEL_DF,
    MODEL_PERFECT_BUT_FOR_FEW,
    MODEL_RESIDUAL_DOMINANCE,
    OTHER_UNITS,
    PERFECT_MODEL,
    SATURATED_MODEL,
    SMALLEST_GROUP,
)
from disclosure.statistics.base import OutputClass, Withholding

RULES = (
    MINIMUM_COUNT,
    OTHER_UNITS,
    MODEL_DF,
    SMALLEST_GROUP,
    SATURATED_MODEL,
    PERFECT_MODEL,
    MODEL_PERFECT_BUT_FOR_FEW,
    MODEL_RESIDUAL_DOMINANCE,
)
_DECIMALS = 30
"""Enough for coefficients of regressors in euros; how few digits a figure shows was settled when it was fitted."""


def figures(_recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield the figures as they were fitted and rounded; None where there is none."""
    for figure in evidence.part(PART).columns["figure"].tolist():
        yield Fraction(Decimal(repr(figure))) if math.isfinite(figure) else None


def check_options(recipe: Recipe) -> None:
    """Raise `RecipeError` unless formula, family and the columns of the recipe fit each other."""
    model_recipe(recipe)


MODEL = OutputClass(
    Statistic.MODEL,
    RULES,
    figures,
    lambda _: _DECIMALS,
    Withholding.ALL,
    part=PART,
    check_options=check_options,
    holdings=False,
)
