"""Rounded counts: under a policy that asks for it, no count is published that is not rounded as it says."""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.midpoints import midpoint_width
from disclosure.model.policy_values import Rounding
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return every cell, unless the recipe rounds as the policy asks."""
    asked = judged.policy.rounding
    if not isinstance(asked, Rounding) or not asked.required:
        return judged.none()
    if asked.takes(judged.recipe.rounding) or asked.takes_midpoint(midpoint_width(judged.recipe)):
        return judged.none()
    return np.ones(len(judged.evidence), dtype=np.bool_)


ROUNDED_COUNTS = Rule(
    RuleName.ROUNDED_COUNTS,
    (),
    text("this policy asks for counts that are rounded"),
    failing,
)
