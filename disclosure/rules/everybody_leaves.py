"""Group disclosure of curves: nearly everybody of a group leaves by a time, stays to the end, or leaves by one cause.

A survival of zero within a year is a rate of one hundred percent: who knows somebody of the group knows what happened
to them. So the exits up to each time, of everybody who was there at the start, and those at each time, of everybody
who was still there, are judged as the category of a sensitive column that they are. That nearly everybody stays is how
every curve begins; so those who stay, which are the other category, are judged at the last time that is asked for, and
with them the whole curve, since up to any earlier time even more have stayed. Where several causes are told apart,
each is judged as a category of the event among those who leave.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.codebooks import Column
from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, exceeds_share, switched_on
from disclosure.rules.survival import PART
from disclosure.texts import text

_STAYS, _OF_CAUSE = "0", "exits_"
"""The category of whoever stays, and what stands before the number of a cause where there are several."""


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
    return _all_figures(judged, mask)


def failing_to_the_end(judged: Judged) -> Mask:
    """Return the curves of groups of which too many stay to the end, or too many of those who leave do so alike."""
    share = switched_on(judged.policy.group_disclosure, "group_disclosure")
    event = judged.recipe.others[0] if judged.recipe.others else ""
    column = judged.columns.get(event, Column(event))
    if share is None or not column.sensitive:
        return judged.none()
    columns, codes = judged.evidence.part(PART).columns, judged.evidence.codes
    curves, own = np.unique(np.delete(codes, -2, axis=1), axis=0, return_inverse=True)
    own = own.reshape(-1)
    everybody, left, mine = (np.zeros(len(curves), dtype=np.int64) for _ in range(3))
    np.maximum.at(everybody, own, columns["at_risk"])
    np.add.at(left, own, columns["exits"])
    np.add.at(mine, own, columns["own_exits"])
    staying = everybody - left
    over = staying >= everybody if _STAYS in column.not_disclosive else exceeds_share(staying, everybody, share)
    over &= everybody > 0
    names = judged.evidence.categories[-1]
    for place, name in enumerate(names):
        cause = (name or "").partition(_OF_CAUSE)[2]
        if cause:
            alike = mine >= left if cause in column.not_disclosive else exceeds_share(mine, left, share)
            over |= (curves[:, -1] == place) & alike & (left > 0)
    return _all_figures(judged, over[own])


def _all_figures(judged: Judged, mask: Mask) -> Mask:
    """Return the rows with such a cell: a row has every figure of its time, and what one tells, all of them do."""
    row = np.unique(judged.evidence.codes[:, :-1], axis=0, return_inverse=True)[1].reshape(-1)
    return np.asarray((np.bincount(row, weights=mask) > 0)[row], dtype=np.bool_)


EVERYBODY_LEAVES = Rule(
    RuleName.GROUP_DISCLOSURE,
    ("group_disclosure",),
    text("nearly everybody of the group has left by this time, or leaves at it"),
    failing,
)

ONE_OUTCOME = Rule(
    RuleName.GROUP_DISCLOSURE,
    ("group_disclosure",),
    text("nearly everybody of the group stays to the end of the curve, or nearly all who leave do so by one cause"),
    failing_to_the_end,
)
