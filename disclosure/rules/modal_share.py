"""Modal share: the most frequent value is that of enough units, and not that of nearly all of them.

Source: Guide to statbarns (2024), mode: it is safe unless nearly all observations have the modal value, which is group
disclosure. A value that too few units have is a record of theirs, however many rows they have; and so is one that
stands first only by the rows of one unit, which counts as held by nobody.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, exceeds_share, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells whose modal value fewer units than the minimum have, or more than the permitted share."""
    share = switched_on(judged.policy.modal_share, "modal_share")
    n, holders = judged.evidence.n_units, judged.evidence.part("mode").columns["holders"]
    mask = holders < judged.minimum_units
    if share is not None:
        mask |= exceeds_share(holders, n, share)
    return np.asarray((n > 0) & mask, dtype=np.bool_)


MODAL_SHARE = Rule(
    RuleName.MODAL_SHARE,
    ("minimum_units", "modal_share"),
    text("too few units have or decide this most frequent value, or nearly all of them have it"),
    failing,
)
