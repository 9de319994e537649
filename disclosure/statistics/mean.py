"""Means of a value (output class: linear aggregations)."""

from __future__ import annotations

from fractions import Fraction

from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.recipes import Statistic
from disclosure.statistics.base import OutputClass, Withholding, per_cell
from disclosure.statistics.sums import MAGNITUDE_RULES


def figure(evidence: Evidence, position: int) -> Fraction | None:
    """Return the mean over the rows that have a value, as pandas does, weighted where the recipe names a weight."""
    amounts = evidence.amounts
    if amounts is None or evidence.n_units[position] == 0 or amounts.divisor[position] == 0:
        return None
    total = Fraction(amounts.total[position], 10**amounts.decimals)
    return total / Fraction(amounts.divisor[position], 10**WEIGHT_DECIMALS)


def decimals(of_values: int) -> int:
    """Return how many decimals a mean shows: two more than its values, up to six."""
    return max(of_values, min(of_values + 2, 6))


MEAN = OutputClass(Statistic.MEAN, MAGNITUDE_RULES, per_cell(figure), decimals, Withholding.ADDITIVE)
