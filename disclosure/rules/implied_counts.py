"""Implied counts: what a margin of distinct units and the cells below it tell together.

Where every unit stands in one cell, cells add up to their margin and nothing new follows. Where units stand in several,
margin minus cell is the number of units that stand only elsewhere, and the sum of the cells minus the margin is how
often units stand in more than one. Both are counts that nobody asked for, and both obey the minimum count.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Counts, Mask
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, too_few
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the margins from which, with a cell below them, too small a count follows."""
    evidence = judged.evidence
    counts = [evidence.n_units]
    if judged.statistic is Statistic.RATE:
        # The count behind a rate counts as known, so numerator and complement are known as well.
        counts += [judged.shares.numerator, judged.shares.complement]
    mask = judged.none()
    for place in range(len(evidence.dimensions)):
        margin = evidence.margin_over(place)
        below = (evidence.codes[:, place] != MARGIN) & (margin >= 0)
        for count in counts:
            mask |= _implied(count, margin, below, judged.minimum_units)
    return mask


def _implied(count: Counts, margin: Counts, below: Mask, minimum: int) -> Mask:
    """Return which margins imply a count under the minimum along one dimension."""
    added = np.zeros_like(count)
    np.add.at(added, margin[below], count[below])
    several = np.zeros(len(count), dtype=np.bool_)
    several[margin[below]] = True
    several &= added > count
    mask: Mask = several & too_few(added - count, minimum)
    only_elsewhere = below & several[margin] & too_few(count[margin] - count, minimum)
    mask[margin[only_elsewhere]] = True
    return mask


IMPLIED_COUNTS = Rule(
    RuleName.IMPLIED_COUNTS,
    ("minimum_units",),
    text("with a cell below it this margin gives away a count under the policy's minimum"),
    failing,
)
