"""Top share: the share of the m largest units is a total over m units, and the rest of it one over all others.

Both obey the minimum count: the share of the single largest unit shows that unit, whatever else is in the cell.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, too_few
from disclosure.texts import text

PART = "concentration"


def failing(judged: Judged) -> Mask:
    """Return the cells with fewer units than the minimum among the largest, or among the others."""
    top = judged.evidence.part(PART).columns["n_top"]
    rest = judged.evidence.n_units - top
    return np.asarray(too_few(top, judged.minimum_units) | too_few(rest, judged.minimum_units), dtype=np.bool_)


TOP_SHARE = Rule(
    RuleName.MINIMUM_COUNT,
    ("minimum_units",),
    text("this is a share of the largest units, and they or the others are fewer than the policy's minimum"),
    failing,
)
