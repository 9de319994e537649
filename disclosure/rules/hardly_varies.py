"""Hardly varies: a variable that is the same for all but a few units tells of those few.

The correlation of income with being one of three people is the difference between those three and all others.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the figures of variables of which fewer than ``minimum_units`` units differ from the commonest value."""
    fewest = judged.evidence.part("comparison").columns["fewest"]
    return np.asarray(fewest < judged.minimum_units, dtype=np.bool_)


HARDLY_VARIES = Rule(
    RuleName.SMALLEST_GROUP,
    ("minimum_units",),
    text("a variable is the same for all but a few units, fewer than the policy's minimum"),
    failing,
)
