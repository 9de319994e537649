"""pq: the second largest contributor, who knows each other's value to within q percent, learns the largest to within p.

Source: Hundepool et al., *Statistical Disclosure Control* (2012), section 4.2.1: unsafe if
``X - x1 - x2 < p/q * x1``. The p% rule is the pq rule of somebody who knows nothing beforehand (q = 100).
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells in which ``X - x1 - x2 < p/q * x1``."""
    bounds = switched_on(judged.policy.pq, "pq")
    if bounds is None:
        return judged.none()
    ratio = bounds[0] / bounds[1]
    largest = judged.amounts.largest
    rest = judged.amounts.absolute - largest[:, 0] - largest[:, 1]
    return np.asarray(rest * ratio.denominator < largest[:, 0] * ratio.numerator, dtype=np.bool_)


PQ = Rule(
    RuleName.PQ,
    ("pq",),
    text("one contributor could narrow down another's value too far"),
    failing,
    reason_if_negative=text(
        "one contributor could narrow down another's value too far (negative values count by their size)"
    ),
)
