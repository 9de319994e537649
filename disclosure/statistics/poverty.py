"""Poverty: the at-risk-of-poverty rate and the median poverty gap, both in percent (output class: inequality).

A poverty rate is a rate of the column "value below the line", with one line for the whole table, and is judged as the
frequency in disguise that it is: numerator, complement and denominator, on distinct units. The two categories are
"poor" and "not poor"; a codebook marks the second as not disclosive at the value column. The gap is the distance
between the line and the median of the poor in percent of the line, so it is judged as that quantile besides.
Whoever knows the line can compute that median from the gap, so it is first averaged over enough units and rounded, as
every quantile is: also where the line is a share of the median of all rows, which may be known from elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from disclosure.model.distribution_options import poverty_line
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence, Mask, Shares
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import (
    FREQUENCY_IN_DISGUISE,
    GROUP_DISCLOSURE,
    IMPLIED_COUNTS,
    MINIMUM_COUNT,
    OTHER_UNITS,
    ZERO_CELLS,
    Rule,
)
from disclosure.rules.base import Judged, too_few
from disclosure.rules.curve_points import curve_points
from disclosure.rules.position import of_too_few
from disclosure.statistics.base import OutputClass, per_cell
from disclosure.statistics.contributions import CONCENTRATION_RULES, contributions, limited_to, put_to
from disclosure.texts import text

POOR, NOT_POOR = "poor", "not poor"
DECIMALS = 6
_PART = "poverty"


def poverty_rate(evidence: Evidence, position: int) -> Fraction | None:
    """Return the weight of the poor in percent of all weight, None where no row has a value."""
    columns = evidence.part(_PART).columns
    whole = columns["weight"][position]
    return Fraction(100 * columns["poor_weight"][position], whole) if whole else None


def poverty_gap(evidence: Evidence, position: int) -> Fraction | None:
    """Return how far the median of the poor is below the line, in percent of it; None where nobody or too few are poor.

    The median is the rounded one, as it may be shown.
    """
    part = evidence.part(_PART)
    if not part.columns["median_step"][position] or evidence.amounts is None:
        return None
    line = Fraction(part.columns["line_numerator"][position], part.columns["line_denominator"][position])
    scale = 10 ** (evidence.amounts.decimals - (WEIGHT_DECIMALS if evidence.weighted is not None else 0))
    median = Fraction(part.columns["shown_median"][position], scale)
    return 100 * (line - median) / line if line > 0 else None


def _as_rate(rule: Rule) -> Rule:
    """Return a rule on rates that looks at the poor and at the others."""

    def failing(judged: Judged) -> Mask:
        columns = judged.evidence.part(_PART).columns
        shares = Shares(POOR, NOT_POOR, columns["poor"], columns["not_poor"])
        recipe = replace(judged.recipe, statistic=Statistic.RATE, options=())
        return rule.failing(replace(judged, evidence=replace(judged.evidence, shares=shares), recipe=recipe))

    return replace(rule, failing=failing)


def _check(recipe: Recipe) -> None:
    poverty_line(recipe)


def _few_further_units(judged: Judged) -> Mask:
    columns, minimum = judged.evidence.part(_PART).columns, judged.minimum_units
    if not judged.recipe.other_units:
        return judged.none()
    return too_few(columns["fewest_poor"], minimum) | too_few(columns["fewest_not_poor"], minimum)


def _put_to_sides(rule: Rule) -> Rule:
    """Return a rule on contributors put to all rows, and of units with several to those of the poor and of the others.

    Who has most of the rows of the others shows by the figure alone that he is one of them. On which side the units
    with most rows are is not known, so they are taken to be on both.
    """
    whole = put_to(rule, _PART, _MASS)

    def failing(judged: Judged) -> Mask:
        columns, sizes = judged.evidence.part(_PART).columns, contributions(judged.evidence.part(_PART))
        mask = np.zeros(len(judged.evidence), dtype=np.bool_)
        for mass in (columns["poor_weight"], columns["weight"] - columns["poor_weight"]):
            mask |= rule.failing(replace(judged, evidence=replace(judged.evidence, amounts=limited_to(sizes, mass))))
        return whole.failing(judged) | (mask & (judged.evidence.n_rows > judged.evidence.n_units))

    return replace(whole, failing=failing)


_MASS = text("few units have most of the rows or of the weight behind this figure")
_RATE_RULES = (
    MINIMUM_COUNT,
    replace(OTHER_UNITS, failing=_few_further_units),
    *(_put_to_sides(rule) for rule in CONCENTRATION_RULES),
    *(_as_rate(rule) for rule in (FREQUENCY_IN_DISGUISE, GROUP_DISCLOSURE, ZERO_CELLS, IMPLIED_COUNTS)),
)
_MEDIAN_OF_THE_POOR = curve_points(_PART)


def _few_beside_the_median(judged: Judged) -> Mask:
    # Where nobody is poor there is no median, and the rules on rates judge that.
    columns = judged.evidence.part(_PART).columns
    shown = (columns["median_step"], columns["median_width"], columns["n_alike"])
    few = _MEDIAN_OF_THE_POOR.failing(judged) | of_too_few(*shown, judged.minimum_units)
    return np.asarray(few & (columns["poor"] > 0), dtype=np.bool_)


POVERTY_RATE = OutputClass(
    Statistic.POVERTY_RATE,
    _RATE_RULES,
    per_cell(poverty_rate),
    lambda _: DECIMALS,
    part=_PART,
    check_options=_check,
)
POVERTY_GAP = OutputClass(
    Statistic.POVERTY_GAP,
    (*_RATE_RULES, replace(_MEDIAN_OF_THE_POOR, failing=_few_beside_the_median)),
    per_cell(poverty_gap),
    lambda _: DECIMALS,
    part=_PART,
    check_options=_check,
)
