"""Weights on either side of a two-valued column, under a weight that no codebook knows.

A rate weighted by somebody's income shows that income as soon as nearly all of the weight on one side is hers. Which
side the largest weight stands on is not known, so it is taken to stand on both, as often as there is weight left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from disclosure.model.evidence import Amount, Mask
from disclosure.rules import Rule
from disclosure.rules.base import Judged
from disclosure.statistics.contributions import CONCENTRATION_RULES
from disclosure.texts import text

_REASON = text("few units may have most of the weight on one side of this share")


def _put_to_sides(rule: Rule) -> Rule:
    def failing(judged: Judged) -> Mask:
        weighted = judged.evidence.weighted
        if weighted is None or weighted.numerator is None:
            return np.ones(len(judged.evidence), dtype=np.bool_)
        sides = (weighted.numerator, weighted.units - weighted.numerator)
        return np.asarray(_fails(rule, judged, sides[0]) | _fails(rule, judged, sides[1]), dtype=np.bool_)

    return replace(rule, reason=_REASON, reason_if_negative=None, failing=failing)


def _fails(rule: Rule, judged: Judged, mass: Amount) -> Mask:
    amounts = judged.amounts
    largest, left = np.zeros_like(amounts.largest), mass
    for place in range(largest.shape[1]):
        largest[:, place] = np.minimum(amounts.divisor_largest, left)
        left = left - largest[:, place]
    sizes = replace(amounts, absolute=mass, largest=largest)
    return rule.failing(replace(judged, evidence=replace(judged.evidence, amounts=sizes)))


SIDE_WEIGHT_RULES = tuple(_put_to_sides(rule) for rule in CONCENTRATION_RULES)
"""Dominance, p% and pq of the weight of a numerator and of a complement."""
