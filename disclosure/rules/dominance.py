"""(m, k) dominance: the m largest contributors hold more than k percent of the cell.

Source: Hundepool et al., *Statistical Disclosure Control* (2012), section 4.2.1. Contributors enter by the absolute
value of their total, and X is the sum of those, as the Australian Bureau of Statistics does for negative values.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from disclosure.model.evidence import Amount, Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells in which ``x1 + ... + xm > k/100 * X`` for some pair (m, k) of the policy."""
    pairs = switched_on(judged.policy.dominance, "dominance")
    return dominated(judged.amounts.largest, judged.amounts.absolute, pairs or ())


def dominated(largest: Amount, absolute: Amount, pairs: tuple[tuple[int, Fraction], ...]) -> Mask:
    """Return where the m largest hold more than k percent of the whole, for some pair (m, k)."""
    mask = np.zeros(len(absolute), dtype=np.bool_)
    for m, k in pairs:
        held = largest[:, :m].sum(axis=1)
        # In whole numbers: k is a fraction, so both sides are multiplied by its denominator.
        mask |= np.asarray(held * (100 * k.denominator) > absolute * k.numerator, dtype=np.bool_)
    return mask


DOMINANCE = Rule(
    RuleName.DOMINANCE,
    ("dominance",),
    text("the largest contributors hold too much of this total"),
    failing,
    reason_if_negative=text(
        "the largest contributors hold too much of this total (negative values count by their size)"
    ),
)
