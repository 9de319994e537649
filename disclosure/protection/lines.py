"""Withholding whole lines: where the figures of a line add up to a known total, one that is withheld follows.

The percentages of a row add up to 100, so a row in which a cell fails is withheld as a whole, and all margins with it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, Mask


def shown_lines(evidence: Evidence, failing: Mask, own: slice) -> Mask:
    """Return which inner cells may be shown when a line with a failing cell is withheld as a whole.

    A failing cell of a margin's line withholds no other: that line is a margin and withheld anyway. One thing more is
    withheld: lines that show no unit in a category of which the only units are in withheld lines. If all others are
    seen to be empty, everybody in the category is in a line that is not shown.

    Args:
        own: the dimensions of whose labels every combination is a line.
    """
    codes, inner = evidence.codes[:, own], evidence.inner
    places = range(len(evidence.dimensions))[own]
    if not places:
        # The whole table is one line.
        return np.zeros(len(evidence), dtype=np.bool_)
    lines = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    withheld = np.zeros(int(lines.max(initial=0)) + 1, dtype=np.bool_)
    withheld[lines[failing & (codes != MARGIN).all(axis=1)]] = True
    while True:
        shown: Mask = inner & ~withheld[lines]
        telling = _telling(evidence, shown, inner & ~shown, places)
        if not telling.any():
            return shown
        withheld[lines[telling]] = True


def _telling(evidence: Evidence, shown: Mask, withheld: Mask, places: Iterable[int]) -> Mask:
    """Return the shown cells that are empty, as are all shown ones beside them, while a withheld one there is not."""
    filled: Mask = evidence.n_units > 0
    found = np.zeros(len(evidence), dtype=np.bool_)
    for place in places:
        group = evidence.margin_over(place)
        hidden, seen = group[withheld & filled], group[shown & filled]
        found |= shown & np.isin(group, hidden) & ~np.isin(group, seen)
    return found
