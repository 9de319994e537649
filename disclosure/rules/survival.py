"""Survival: every time that a curve shows has enough units at risk, and leaves none or enough of them at risk.

The units that a row leaves are those at risk in the next one, so a row gives that number away, whether the next row is
shown or not.
"""

from __future__ import annotations

import numpy as np

from disclosure.errors import PolicyError
from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, too_few
from disclosure.texts import text

PART = "life_table"


def failing(judged: Judged) -> Mask:
    """Return the times with fewer units at risk than the minimum, or that leave fewer at risk, but not none."""
    if judged.policy.minimum_at_risk is None:
        raise PolicyError(text("The policy does not set {key}.", key="minimum_at_risk"))
    minimum = max(judged.policy.minimum_at_risk, judged.minimum_units)
    columns = judged.evidence.part(PART).columns
    left = columns["at_risk"] - columns["exits"] - columns["censored"]
    return np.asarray(too_few(columns["at_risk"], minimum) | (left < 0) | too_few(left, minimum), dtype=np.bool_)


SURVIVAL_AT_RISK = Rule(
    RuleName.SURVIVAL,
    ("minimum_at_risk", "minimum_units"),
    text("fewer units than the policy's minimum are at risk here, or stay at risk after it"),
    failing,
)
