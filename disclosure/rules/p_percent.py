"""p%: the second largest contributor can estimate the largest to within p percent.

Source: Hundepool et al., *Statistical Disclosure Control* (2012), section 4.2.1: unsafe if
``X - x1 - x2 < p/100 * x1``. With one or two contributors the left side is zero, so such a cell is always unsafe.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from disclosure.model.evidence import Amount, Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells in which ``X - x1 - x2 < p/100 * x1``."""
    p = switched_on(judged.policy.p_percent, "p_percent")
    return judged.none() if p is None else too_close(judged.amounts.largest, judged.amounts.absolute, p / 100)


def too_close(largest: Amount, absolute: Amount, ratio: Fraction) -> Mask:
    """Return where what is left without the two largest is less than that ratio of the largest."""
    rest = absolute - largest[:, 0] - largest[:, 1]
    return np.asarray(rest * ratio.denominator < largest[:, 0] * ratio.numerator, dtype=np.bool_)


P_PERCENT = Rule(
    RuleName.P_PERCENT,
    ("p_percent",),
    text("one contributor could estimate another's value too closely"),
    failing,
    reason_if_negative=text(
        "one contributor could estimate another's value too closely (negative values count by their size)"
    ),
)
