"""Single exit: a step of a curve that one unit makes shows when that unit left.

A unit leaves by the event, by one of several causes, or by being censored. Each of these counts is shown, or follows
from those that are: from the units at risk before and after, and from the other causes.

Source: Guide to statbarns (2024), survival: units at risk, and single exits. A step of two units or more is shown,
though a frequency table of the times would withhold it: a curve at exact times has hardly any other steps. ACRO
withholds each step under its threshold, and with them most curves that are safe. Who wants that counts time in longer
intervals (``period=``), with as many exits in each step as one likes.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.rules.survival import PART
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells of every time at which a single unit leaves, all figures at that time included."""
    columns, codes = judged.evidence.part(PART).columns, judged.evidence.codes
    single = (columns["exits"] == 1) | (columns["censored"] == 1) | (columns["own_exits"] == 1)
    if not len(codes):
        return np.asarray(single, dtype=np.bool_)
    # One figure of a time gives the others away, so what is true of a cause is true of its whole row.
    row = np.unique(codes[:, :-1], axis=0, return_inverse=True)[1].reshape(-1)
    return np.asarray((np.bincount(row, weights=single) > 0)[row], dtype=np.bool_)


SINGLE_EXIT = Rule(
    RuleName.SINGLE_EXIT,
    (),
    text("a single unit leaves at this time"),
    failing,
)
