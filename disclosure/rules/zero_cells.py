"""Zero cells: under a policy that says so, an empty cell tells that nobody in the group is in the category.

So does a total of nothing but zeros: none of those in the cell has any of what is added up.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the empty cells, and for a rate also those whose numerator or complement is empty."""
    if not switched_on(judged.policy.zero_cells, "zero_cells"):
        return judged.none()
    evidence = judged.evidence
    mask: Mask = evidence.n_units == 0
    if evidence.shares is not None:
        mask = mask | (evidence.shares.numerator == 0) | (evidence.shares.complement == 0)
    return mask


def failing_totals(judged: Judged) -> Mask:
    """Return the cells to which nobody contributes anything but zero."""
    mask = judged.none()
    if not switched_on(judged.policy.zero_cells, "zero_cells"):
        return mask
    for ends in judged.amounts.ends:
        mask |= np.asarray((ends.numbers > 0) & (ends.lowest == 0) & (ends.highest == 0), dtype=np.bool_)
    return mask


ZERO_TOTALS = Rule(
    RuleName.ZERO_CELLS,
    ("zero_cells",),
    text("nobody in this cell contributes anything, which discloses under this policy"),
    failing_totals,
)
"""Put to the cells of a sum, mean or share of a column with more than two values."""

ZERO_CELLS = Rule(
    RuleName.ZERO_CELLS,
    ("zero_cells",),
    text("an empty cell discloses under this policy"),
    failing,
)
