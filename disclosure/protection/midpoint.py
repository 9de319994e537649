"""Midpoint rounding of counts: zero stays, and every other count is shown as the midpoint of its class.

Source: OpenSAFELY documentation, *Applying statistical disclosure control*, "Midpoint 6 rounding": classes of six, of
which 1 to 6 are shown as 3 and 7 to 12 as 9. It makes counts neither larger nor smaller on average, but for a half, and
shows no other count as zero. A 3 is then only a label of its class; the policy that permits this says that it need not
be withheld.

Cells are rounded, and a margin is the sum of its rounded cells, as that documentation asks. So the margins tell nothing
that the cells do not, and of a cell anybody knows its class and no more. That holds where every unit stands in one
cell; where units stand in several, margins are rounded by themselves, and nothing counts as protected.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Counts, Evidence, Mask
from disclosure.model.policy_values import Rounding
from disclosure.policy import Policy
from disclosure.protection.rounding import adds_up


def midpoint_count(n: int, width: int) -> int:
    """Return the midpoint of the class of a count: 0 of 0, otherwise of the classes 1 to `width`, and so on.

    >>> [midpoint_count(n, 6) for n in (0, 1, 6, 7, 12, 13)]
    [0, 3, 3, 9, 9, 15]
    """
    return width * -(-n // width) - width // 2 if n else 0


def midpoint_class(shown: int, width: int) -> tuple[int, int]:
    """Return the smallest and the largest count that are shown as this midpoint.

    >>> midpoint_class(0, 6), midpoint_class(3, 6), midpoint_class(9, 6)
    ((0, 0), (1, 6), (7, 12))
    """
    if not shown:
        return 0, 0
    highest = shown + width // 2
    return highest - width + 1, highest


def permits_midpoint(policy: Policy, width: int) -> bool:
    """Tell whether a policy takes counts that are shown as midpoints of classes so wide."""
    return isinstance(policy.rounding, Rounding) and policy.rounding.takes_midpoint(width)


def midpoint_counts(evidence: Evidence, width: int) -> Counts:
    """Return the counts of the cells as they are shown, shape (cells,): margins as sums of their rounded cells."""
    counts = evidence.n_units
    shown: Counts = np.where(counts > 0, width * -(-counts // width) - width // 2, 0)
    if not adds_up(evidence):
        return shown
    inner = np.flatnonzero(evidence.inner)
    for at_total in product((False, True), repeat=len(evidence.dimensions)):
        if any(at_total):
            above = evidence.codes[inner].copy()
            above[:, list(at_total)] = MARGIN
            margins = evidence.positions(above)
            shown[margins] = 0
            np.add.at(shown, margins, shown[inner])
    return shown


def hidden_by_midpoint(evidence: Evidence, failing: Mask, width: int, policy: Policy) -> Mask:
    """Return which of the cells with too few units are protected when they are shown as midpoints."""
    if not permits_midpoint(policy, width) or not adds_up(evidence):
        return np.zeros(len(evidence), dtype=np.bool_)
    hidden: Mask = failing & (evidence.n_units > 0)
    return hidden
