"""Position: enough units lie below a quantile, enough above it, and enough have a value that rounds to what is shown.

A median of an odd number of values *is* somebody's value, and so is a percentile in general. What is shown is
therefore rounded, to the finest step of 1, 2, 5, 10, 20, 50, ... at which at least `minimum_units` units have a value
that rounds to the same figure: it is theirs together, and nobody's alone, even where one of them has exactly that
value. The step depends on the data, but says no more than that fewer units share the figures of the finer ones.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells with fewer units than the minimum strictly below, strictly above, or at the rounded figure.

    None below is too few as well: the quantile is then the smallest value.
    """
    columns = judged.evidence.part("position").columns
    least = np.minimum(np.minimum(columns["below"], columns["above"]), columns["alike"])
    return np.asarray((judged.evidence.n_units > 0) & (least < judged.minimum_units), dtype=np.bool_)


POSITION = Rule(
    RuleName.POSITION,
    ("minimum_units",),
    text("fewer units than the policy's minimum lie below this figure, above it, or close to it"),
    failing,
)
