"""Curve points: a share of the units' total up to a percentile is judged as the quantile that it stands at.

Fewer than the minimum strictly below the quantile, or strictly above it, is unsafe (RULES: position); on a curve with
several points also fewer strictly between two that follow each other, because their difference is the share of those.
The evidence counts per cell the units to the next point below, or to the bottom, and to the next above, or to the top.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text


def curve_points(part: str) -> Rule:
    """Return the rule for a part of the evidence with the columns ``n_below`` and ``n_above``."""

    def failing(judged: Judged) -> Mask:
        columns, minimum = judged.evidence.part(part).columns, judged.minimum_units
        few = (columns["n_below"] < minimum) | (columns["n_above"] < minimum)
        return np.asarray(few & (judged.evidence.n_units > 0), dtype=np.bool_)

    return Rule(RuleName.POSITION, ("minimum_units",), _REASON, failing)


_REASON = text("fewer units than the policy's minimum lie strictly beside the quantile that this figure stands at")
