"""Sums of a value (output class: linear aggregations)."""

from __future__ import annotations

from fractions import Fraction

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.rules import CONSTANT, DEVIATIONS, DOMINANCE, MINIMUM_COUNT, MINIMUM_NONZERO, P_PERCENT, PQ
from disclosure.statistics.base import OutputClass, Withholding, per_cell

MAGNITUDE_RULES = (MINIMUM_COUNT, MINIMUM_NONZERO, DOMINANCE, P_PERCENT, PQ, CONSTANT)
"""The rules on what units contribute to a figure."""

TOTAL_RULES = (*MAGNITUDE_RULES, DEVIATIONS)
"""Those on a total, or a mean: from it, what everybody has in common can be taken off."""


def figure(evidence: Evidence, position: int) -> Fraction | None:
    """Return the sum, None where no unit has a value."""
    amounts = evidence.amounts
    if amounts is None or evidence.n_units[position] == 0:
        return None
    return Fraction(amounts.total[position], 10**amounts.decimals)


SUM = OutputClass(Statistic.SUM, TOTAL_RULES, per_cell(figure), lambda decimals: decimals, Withholding.ADDITIVE)
