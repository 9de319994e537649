"""Values of opposite sign: may two published cells add up to nearly one unit's value?

A unit in two cells may have 2,200 in one and -2,190 in the other. Where there are more cells than those two, no margin
shows what they add up to, so their sum is judged by what the cells' own evidence guarantees: the contributors of the
two together hold at least the size of the sum, and none of them more than the two largest. With one cell per unit, or
values of one sign, a sum of cells that pass passes.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, Mask
from disclosure.texts import text

CANCELLING = text(
    "whether values of opposite sign cancel: units stand in several cells and some values are negative; "
    "sum positive and negative values apart, or group so that each unit stands in one cell"
)
"""What is missing of a table that passes every rule and in which values may cancel."""
ENOUGH = 4
"""So many times its largest contributor a sum must be: then no rule on one or two contributors can fail."""
_MOST_CELLS = 2000


def may_cancel(evidence: Evidence, shown: Mask) -> bool:
    """Tell whether the sum of two shown cells in line may be nearly the value of one unit in both."""
    amounts = evidence.amounts
    if amounts is None or not amounts.negative:
        return False
    for place in range(len(evidence.dimensions)):
        margin = evidence.margin_over(place)
        below = (evidence.codes[:, place] != MARGIN) & (margin >= 0) & (evidence.n_units > 0)
        added, parts = np.zeros_like(evidence.n_units), np.zeros_like(evidence.n_units)
        np.add.at(added, margin[below], evidence.n_units[below])
        np.add.at(parts, margin[below], 1)
        for line in np.flatnonzero((parts > 2) & (added > evidence.n_units)):
            cells = np.flatnonzero(below & shown & (margin == line))
            if len(cells) > _MOST_CELLS:
                return True
            total, largest = amounts.total[cells], amounts.largest[cells, 0]
            sums = np.abs(total[:, None] + total[None, :])
            short = np.asarray(sums < ENOUGH * (largest[:, None] + largest[None, :]), dtype=np.bool_)
            if np.triu(short, 1).any():
                return True
    return False
