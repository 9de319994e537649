"""pq: the second largest contributor, who knows each other's value to within q percent, learns the largest to within p.

Source: Hundepool et al., *Statistical Disclosure Control* (2012), section 4.2.1: unsafe if
``X - x1 - x2 < p/q * x1``. The p% rule is the pq rule of somebody who knows nothing beforehand (q = 100).
"""

from __future__ import annotations

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.rules.p_percent import too_close
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells in which ``X - x1 - x2 < p/q * x1``."""
    bounds = switched_on(judged.policy.pq, "pq")
    if bounds is None:
        return judged.none()
    return too_close(judged.amounts.largest, judged.amounts.absolute, bounds[0] / bounds[1])


PQ = Rule(
    RuleName.PQ,
    ("pq",),
    text("one contributor could narrow down another's value too far"),
    failing,
    reason_if_negative=text(
        "one contributor could narrow down another's value too far (negative values count by their size)"
    ),
)
