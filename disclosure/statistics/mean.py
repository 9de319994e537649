"""Means of a value (output class: linear aggregations)."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np

from disclosure.model.evidence import WEIGHT_DECIMALS, Amount, Amounts, Evidence, Mask
from disclosure.model.recipes import Statistic
from disclosure.rules import Rule
from disclosure.rules.base import Judged
from disclosure.statistics.base import OutputClass, Withholding, per_cell
from disclosure.statistics.contributions import CONCENTRATION_RULES, limited_to
from disclosure.statistics.sums import TOTAL_RULES
from disclosure.texts import Text, text

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
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


def _of_the_higher(evidence: Evidence) -> Amount | None:
    """Return how much of the divisor is of rows with the higher of two values; None where there are not two numbers."""
    shares, amounts = evidence.shares, evidence.amounts
    if shares is None or amounts is None or not all(map(_NUMBER.fullmatch, (shares.low, shares.high))):
        return None
    low, high = Fraction(shares.low), Fraction(shares.high)
    scale = 10**amounts.decimals
    above = amounts.total * 10**WEIGHT_DECIMALS - amounts.divisor * int(low * scale)
    return np.asarray(above // max(int((high - low) * scale), 1))


def _put_to_divisor(rule: Rule) -> Rule:
    """Return a rule on contributors that is put to what a mean is divided by: the sum over the mean gives it away."""
    sides = put_to_sides(rule, _MASS)

    def failing(judged: Judged) -> Mask:
        sizes = _by_rows(judged.amounts)
        mask = rule.failing(_in_place(judged, limited_to(sizes, sizes.divisor)))
        if judged.known_weight:
            # The office vouches for its weights, so only a unit's number of rows can tell anything.
            mask = mask & (judged.evidence.n_rows > judged.evidence.n_units)
        return mask | sides.failing(judged)

    return replace(sides, failing=failing)


def put_to_sides(rule: Rule, reason: Text) -> Rule:
    """Return a rule on contributors that is put, of units with several rows, to the rows with each of two values.

    Who has most of the rows with one of the two shows by a figure of them that he has the other one.
    """

    def failing(judged: Judged) -> Mask:
        several, higher = judged.evidence.n_rows > judged.evidence.n_units, _of_the_higher(judged.evidence)
        mask = judged.none()
        if higher is None or not several.any():
            return mask
        sizes = _by_rows(judged.amounts)
        for mass in (higher, sizes.divisor - higher):
            mask = mask | rule.failing(_in_place(judged, limited_to(sizes, mass)))
        return mask & several

    return replace(rule, reason=reason, reason_if_negative=None, failing=failing)


def _by_rows(amounts: Amounts) -> Amounts:
    # Only the largest part is known, and no other is larger: what the next ones hold at most.
    return replace(amounts, largest=np.repeat(amounts.divisor_largest[:, None], amounts.largest.shape[1], axis=1))


def _in_place(judged: Judged, amounts: Amounts) -> Judged:
    return replace(judged, evidence=replace(judged.evidence, amounts=amounts))


MEAN = OutputClass(
    Statistic.MEAN,
    (*TOTAL_RULES, *(_put_to_divisor(rule) for rule in CONCENTRATION_RULES)),
    per_cell(figure),
    decimals,
    Withholding.ADDITIVE,
)
