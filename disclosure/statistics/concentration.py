"""Concentration: the Herfindahl-Hirschman index, and the share of the largest units (output class: concentration).

Shares are those of a unit's total in the total of the cell, so 0.1 is ten percent, and an index lies between 1/n and 1.
"""

from __future__ import annotations

from fractions import Fraction

from disclosure.errors import RecipeError
from disclosure.model.distribution_options import largest
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import FEW_ELSEWHERE, TOP_SHARE
from disclosure.rules.groups import group_of, group_rules
from disclosure.statistics.base import OutputClass, per_cell
from disclosure.statistics.sums import MAGNITUDE_RULES
from disclosure.texts import text

DECIMALS = 6
_PART = "concentration"


def hhi(evidence: Evidence, position: int) -> Fraction | None:
    """Return the sum of squared shares, None where all values are zero."""
    columns = evidence.part(_PART).columns
    total = columns["total"][position]
    return Fraction(columns["squares"][position], total**2) if total else None


def concentration_ratio(evidence: Evidence, position: int) -> Fraction | None:
    """Return the share of the largest units, None where all values are zero."""
    columns = evidence.part(_PART).columns
    total = columns["total"][position]
    return Fraction(columns["top"][position], total) if total else None


def _unweighted(recipe: Recipe) -> None:
    if recipe.weight is not None:
        raise RecipeError(
            text("Concentration is measured over the units that there are, so it takes no weights."),
            hint=text("Leave them out."),
        )


def _with_largest(recipe: Recipe) -> None:
    _unweighted(recipe)
    largest(recipe)


HHI = OutputClass(
    Statistic.HHI,
    (*MAGNITUDE_RULES, FEW_ELSEWHERE),
    per_cell(hhi),
    lambda _: DECIMALS,
    part=_PART,
    check_options=_unweighted,
)
CONCENTRATION_RATIO = OutputClass(
    Statistic.CONCENTRATION_RATIO,
    (*MAGNITUDE_RULES, FEW_ELSEWHERE, TOP_SHARE, *group_rules(_PART, (group_of("top"), group_of("rest")))),
    per_cell(concentration_ratio),
    lambda _: DECIMALS,
    part=_PART,
    check_options=_with_largest,
)
