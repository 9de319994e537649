"""Evidence for inequality and poverty: what Gini, Theil, S80/S20, and poverty rate and gap rest on, cell by cell.

Definitions are those with which the indicators of EU-SILC are published (Alfons & Templ 2013, *Estimation of Social
Exclusion Indicators from Complex Surveys: The R Package laeken*, Journal of Statistical Software 54(15)): weighted
quantiles averaged at ties, and one threshold for all cells, from all rows of the recipe that have a value.
"""

from __future__ import annotations

from fractions import Fraction
from math import fsum, nan

import numpy as np

from disclosure.engines.exact_sums import exact_dot, exact_sum, product
from disclosure.engines.part_rows import part_of, wide
from disclosure.engines.position_part import NOTHING, shared_figure
from disclosure.engines.sorted_cells import SortedCell, refuse_negative, sorted_cells, whole_cell
from disclosure.engines.unit_rows import UnitRows
from disclosure.errors import ColumnError
from disclosure.model.distribution_options import poverty_line
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan
from disclosure.texts import text

_BOTTOM, _TOP, _HALF = Fraction(1, 5), Fraction(4, 5), Fraction(1, 2)


def gini_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, _plan: Plan) -> Part:
    """Return the Gini coefficient as a fraction per cell; its denominator is 0 where it is not defined.

    With values ascending and W the running sum of the weights w it is
    (sum of w x (2 W - w)) / (sum of w x sum of w x) - 1. Rows of equal value may stand in any order, since w (2 W - w)
    adds up to the same over them.

    Raises:
        ColumnError: so much is negative that a coefficient is above 1, where it says nothing of how values are shared.
    """

    def entry(cell: SortedCell) -> dict[str, int]:
        products = cell.products()
        total = exact_sum(products)
        if total <= 0:
            return {"numerator": 0, "denominator": 0, **cell.mass()}
        scale, cumulated = total * cell.total_weight(), cell.cumulated()
        # The sum of w x (2 W - w), in two parts that stay within 64 bits longer than 2 W does.
        doubled = exact_dot(products, cumulated) + exact_dot(products, cumulated - cell.weights)
        if doubled > 2 * scale:
            raise ColumnError(
                text(
                    "So many values of '{value}' are negative that a Gini coefficient is above 100, and means nothing.",
                    value=recipe.value,
                ),
                hint=text(
                    "Set negative values to zero first, as with clip(lower=0), and say so in the output's title."
                ),
            )
        return {"numerator": doubled - scale, "denominator": scale, **cell.mass()}

    return part_of("gini", (entry(cell) for cell in sorted_cells(rows, evidence)))


def theil_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, _plan: Plan) -> Part:
    """Return Theil's T per cell: the mean of (x / mean) log(x / mean), to which a value of 0 adds nothing.

    Raises:
        ColumnError: a value is negative.
    """
    refuse_negative(rows, recipe)
    return part_of("theil", ({"theil": _theil(cell), **cell.mass()} for cell in sorted_cells(rows, evidence)))


def _theil(cell: SortedCell) -> float:
    total, weight = cell.total(), cell.total_weight()
    if total == 0:
        return nan
    # One term per distinct value, in ascending order and correctly added up: no order of rows changes a digit.
    starts = np.flatnonzero(np.concatenate([[True], cell.values[1:] != cell.values[:-1]]))
    values, weights = cell.values[starts], np.add.reduceat(wide(cell.weights, len(cell)), starts)
    positive = values > 0
    values, weights = values[positive], weights[positive]
    shares = product(weights, values).astype(np.float64) / float(total)
    return fsum((shares * np.log(values.astype(np.float64) * (weight / total))).tolist())


def quintile_shares_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, _plan: Plan) -> Part:
    """Return what S80/S20 rests on per cell: the totals above the last quintile, and up to the first.

    With each total go the two largest contributions to it, and the units strictly beyond the quintile.

    Raises:
        ColumnError: so much is negative that the bottom fifth of all rows has less than nothing, as it has of wealth.
    """
    everybody = whole_cell(rows)
    if len(everybody) and everybody.where(everybody.up_to(everybody.quantile(_BOTTOM))).total() < 0:
        raise ColumnError(
            text(
                "So many values of '{value}' are negative that the bottom fifth has less than nothing.",
                value=recipe.value,
            ),
            hint=text("Set negative values to zero first, as with clip(lower=0), and say so in the output's title."),
        )

    def entry(cell: SortedCell) -> dict[str, int]:
        low, top = cell.quantile(_BOTTOM), cell.where(~cell.up_to(cell.quantile(_TOP)))
        return {
            **cell.where(cell.up_to(low)).group_entries("bottom"),
            **top.group_entries("top"),
            "n_below": cell.where(cell.below(low)).fewest(),
            "n_above": top.fewest(),
            **cell.mass(),
        }

    return part_of("quintile_shares", (entry(cell) for cell in sorted_cells(rows, evidence)))


def poverty_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, plan: Plan) -> Part:
    """Return who is poor per cell: units with a row below the line and with one that is not, and their weights.

    For the gap it has the median of the values below the line at the plan's decimals, exactly and twice, and as it is
    shown, averaged over enough units and rounded, with the step, how far their values lie apart and how many they are;
    and how many units of those below the line are strictly
    below and above the exact one. The line goes with every cell, as a fraction.
    """
    asked, scale = poverty_line(recipe), 10**plan.decimals
    line = asked.amount * scale if asked.amount is not None else (asked.share or 0) * whole_cell(rows).quantile(_HALF)

    def entry(cell: SortedCell) -> dict[str, int]:
        is_poor = cell.below(line)
        poor = cell.where(is_poor)
        exact = poor.quantile(_HALF)
        # Whoever knows the line would have somebody's exact value from the gap: one that the recipe names everybody
        # does, and one that is a share of the median whoever knows that, from a table of top-coded values for example.
        shown = NOTHING
        if len(poor):
            counted = poor.where(poor.weights > 0)
            shown = shared_figure(exact, counted.values, (counted.units, *counted.further), plan.minimum_units)
        return {
            "poor": poor.n_units(),
            "not_poor": cell.where(~is_poor).n_units(),
            "fewest_poor": poor.fewest(),
            "fewest_not_poor": cell.where(~is_poor).fewest(),
            "poor_weight": poor.total_weight(),
            "weight": cell.total_weight(),
            "twice_median": int(2 * exact),
            "shown_median": shown.figure,
            "median_step": shown.step,
            "median_width": shown.width,
            "n_below": poor.where(poor.below(exact)).fewest(),
            "n_above": poor.where(~poor.up_to(exact)).fewest(),
            "n_alike": shown.alike,
            "line_numerator": (line / scale).numerator,
            "line_denominator": (line / scale).denominator,
            **cell.mass(),
        }

    return part_of("poverty", (entry(cell) for cell in sorted_cells(rows, evidence)))
