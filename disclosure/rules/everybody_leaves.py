"""Group disclosure of curves: nearly everybody of a group leaves, by one cause or another, up to a time or at it.

A survival of zero within a year is a rate of one hundred percent: who knows somebody of the group knows what happened
to them. So the exits up to each time, of everybody who was there at the start, and those at each time, of everybody
who was still there, are judged as the category of a sensitive column that they are. That nearly everybody stays is how
every curve begins, and tells of nobody.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.codebooks import Column
from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, exceeds_share, switched_on
from disclosure.rules.survival import PART
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the times of a group by which, or at which, more than the permitted share has left, with all figures."""
    share = switched_on(judged.policy.group_disclosure, "group_disclosure")
    event = judged.recipe.others[0] if judged.recipe.others else ""
    if share is None or not judged.columns.get(event, Column(event)).sensitive:
        return judged.none()
    columns, codes = judged.evidence.part(PART).columns, judged.evidence.codes
    # In the order of figures, curves and times, so that exits can be added up along each curve.
    own = np.unique(np.delete(codes, -2, axis=1), axis=0, return_inverse=True)[1].reshape(-1)
    order = np.lexsort((codes[:, -2], own))
    first = np.searchsorted(own[order], own[order], side="left")
    staying, mask = columns["at_risk"][order], judged.none()
    for kind in ("exits", "own_exits"):
        left = columns[kind][order]
        until = np.cumsum(left)
        for part, whole in ((left, staying), (until - until[first] + left[first], staying[first])):
            mask[order] |= exceeds_share(part, whole, share) & (part > 0)
    # A row has every figure of its time: what is known of one of them is known of all.
    row = np.unique(codes[:, :-1], axis=0, return_inverse=True)[1].reshape(-1)
    return np.asarray((np.bincount(row, weights=mask) > 0)[row], dtype=np.bool_)


EVERYBODY_LEAVES = Rule(
    RuleName.GROUP_DISCLOSURE,
    ("group_disclosure",),
    text("nearly everybody of the group has left by this time, or leaves at it"),
    failing,
)
