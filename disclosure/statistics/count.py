"""Counts of distinct units (output class: frequencies)."""

from __future__ import annotations

from fractions import Fraction

from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.midpoints import midpoint_width
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import GROUP_DISCLOSURE, IMPLIED_COUNTS, MINIMUM_COUNT, ZERO_CELLS
from disclosure.statistics.base import OutputClass, per_cell


def figure(evidence: Evidence, position: int) -> Fraction | None:
    """Return the number of distinct units, weighted where the recipe names a weight."""
    if evidence.weighted is not None:
        return Fraction(evidence.weighted.units[position], 10**WEIGHT_DECIMALS)
    return Fraction(int(evidence.n_units[position]))


def check_options(recipe: Recipe) -> None:
    """Raise `RecipeError` unless the width of midpoint rounding, where there is one, makes sense."""
    midpoint_width(recipe)


COUNT = OutputClass(
    Statistic.COUNT,
    (MINIMUM_COUNT, GROUP_DISCLOSURE, ZERO_CELLS, IMPLIED_COUNTS),
    per_cell(figure),
    decimals=lambda _: 0,
    amounts=False,
    check_options=check_options,
)
