"""Means of a value (output class: linear aggregations)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from disclosure.model.evidence import WEIGHT_DECIMALS, Amount, Evidence, Mask
from disclosure.model.recipes import Statistic
from disclosure.rules import Rule
from disclosure.rules.base import Judged
from disclosure.statistics.base import OutputClass, Withholding, per_cell
from disclosure.statistics.contributions import CONCENTRATION_RULES, limited_to
from disclosure.statistics.sums import TOTAL_RULES
from disclosure.texts import text

_MASS = text("few units have most of the rows or of the weight behind this mean")


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


def _put_to_divisor(rule: Rule) -> Rule:
    """Return a rule on contributors that is put to what a mean is divided by: the sum over the mean gives it away."""

    def failing(judged: Judged) -> Mask:
        amounts = judged.amounts
        # Only the largest part is known, and no other is larger: what the next ones hold at most.
        most = np.repeat(amounts.divisor_largest[:, None], amounts.largest.shape[1], axis=1)
        sizes, several = replace(amounts, largest=most), judged.evidence.n_rows > judged.evidence.n_units

        def fails(mass: Amount) -> Mask:
            return rule.failing(replace(judged, evidence=replace(judged.evidence, amounts=limited_to(sizes, mass))))

        mask = fails(amounts.divisor)
        if judged.known_weight:
            # The office vouches for its weights, so only a unit's number of rows can tell anything.
            mask = mask & several
        shares = judged.evidence.shares
        if shares is not None and {shares.high, shares.low} == {"0", "1"} and several.any():
            # Who has most of the rows with a zero shows by the mean of zeros and ones that he has one.
            ones = amounts.total * 10**WEIGHT_DECIMALS // 10**amounts.decimals
            mask = mask | (several & (fails(ones) | fails(amounts.divisor - ones)))
        return mask

    return replace(rule, reason=_MASS, reason_if_negative=None, failing=failing)


MEAN = OutputClass(
    Statistic.MEAN,
    (*TOTAL_RULES, *(_put_to_divisor(rule) for rule in CONCENTRATION_RULES)),
    per_cell(figure),
    decimals,
    Withholding.ADDITIVE,
)
