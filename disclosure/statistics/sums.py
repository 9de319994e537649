"""Sums of a value (output class: linear aggregations)."""

from __future__ import annotations

from fractions import Fraction

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.rules import CONSTANT, DOMINANCE, MINIMUM_COUNT, MINIMUM_NONZERO, P_PERCENT, PQ
from disclosure.statistics.base import OutputClass, Withholding, per_cell

MAGNITUDE_RULES = (MINIMUM_COUNT, MINIMUM_NONZERO, DOMINANCE, P_PERCENT, PQ, CONSTANT)


def figure(evidence: Evidence, position: int) -> Fraction | None:
    """Return the sum, None where no unit has a value."""
    amounts = evidence.amounts
    if amounts is None or evidence.n_units[position] == 0:
        return None
    return Fraction(amounts.total[position], 10**amounts.decimals)


SUM = OutputClass(Statistic.SUM, MAGNITUDE_RULES, per_cell(figure), lambda decimals: decimals, Withholding.ADDITIVE)
