"""Residuals: what a fit leaves is a total of squares, and no few units may make it up.

A column that equals income but for one person has a correlation with income, and a slope, from which that person's
income follows: all that is left of the fit is theirs. So the units without whom the rest fits, to within a hundredth
of all squares, are as many as the minimum, as those with a contribution to a sum are; and dominance is asked of
squared residuals as it is of contributions. Both hold of linear and Poisson models, and of either variable of a
correlation.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.model_facts import model_facts
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on, too_few
from disclosure.texts import text

_MILLION = 10**6


def few_left_of_a_correlation(judged: Judged) -> Mask:
    """Return the figures of a correlation that is perfect but for fewer units than ``minimum_units``."""
    return too_few(judged.evidence.part("comparison").columns["residual_units"], judged.minimum_units)


def dominated_correlation(judged: Judged) -> Mask:
    """Return the figures of a correlation of which m units hold more than ``k/100`` of what is left, for some pair."""
    columns, mask = judged.evidence.part("comparison").columns, judged.none()
    for m, k in switched_on(judged.policy.dominance, "dominance") or ():
        over = columns[f"residual_top_{m}"] * (100 * k.denominator) > k.numerator * _MILLION
        mask |= np.asarray(over, dtype=np.bool_)
    return mask


def few_left_of_a_model(judged: Judged) -> Mask:
    """Return all cells of a model that fits perfectly but for fewer units than ``minimum_units``, none of others."""
    few = 0 < model_facts(judged.evidence).residual_units < judged.minimum_units
    return np.full(len(judged.evidence), few, dtype=np.bool_)


def dominated_model(judged: Judged) -> Mask:
    """Return all cells of a model if m units hold more than ``k/100`` of what is left, for some pair."""
    tops, pairs = model_facts(judged.evidence).residual_top, switched_on(judged.policy.dominance, "dominance") or ()
    over = bool(tops) and any(tops[m - 1] > Fraction(k) / 100 for m, k in pairs)
    return np.full(len(judged.evidence), over, dtype=np.bool_)


_FEW = text("the variables follow from each other but for fewer units than the policy's minimum")
_MOST = text("few units make up most of what the fit leaves: their values follow from it")

PERFECT_BUT_FOR_FEW = Rule(RuleName.MINIMUM_NONZERO, ("minimum_units",), _FEW, few_left_of_a_correlation)
RESIDUAL_DOMINANCE = Rule(RuleName.DOMINANCE, ("dominance",), _MOST, dominated_correlation)
MODEL_PERFECT_BUT_FOR_FEW = Rule(RuleName.MINIMUM_NONZERO, ("minimum_units",), _FEW, few_left_of_a_model)
MODEL_RESIDUAL_DOMINANCE = Rule(RuleName.DOMINANCE, ("dominance",), _MOST, dominated_model)
"""All figures of a model, or of a correlation, fail together."""
