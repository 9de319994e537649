"""(m, k) dominance: the m largest contributors hold more than k percent of the cell.

Source: Hundepool et al., *Statistical Disclosure Control* (2012), section 4.2.1. Contributors enter by the absolute
value of their total, and X is the sum of those, as the Australian Bureau of Statistics does for negative values.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells in which ``x1 + ... + xm > k/100 * X`` for some pair (m, k) of the policy."""
    pairs = switched_on(judged.policy.dominance, "dominance")
    mask = judged.none()
    for m, k in pairs or ():
        held = judged.amounts.largest[:, :m].sum(axis=1)
        # In whole numbers: k is a fraction, so both sides are multiplied by its denominator.
        mask |= np.asarray(held * (100 * k.denominator) > judged.amounts.absolute * k.numerator, dtype=np.bool_)
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
