"""Further units: where the codebook or the recipe says so, households, employers or others reach the minimum too.

Ten persons in two households are two households: whoever knows one of them knows half of the cell.
"""

from __future__ import annotations

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, too_few
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells with ``0 < n < minimum_units`` of some further unit, numerator and complement included."""
    mask = judged.none()
    for other in judged.evidence.other_units:
        for counts in (other.n_units, other.numerator, other.complement):
            if counts is not None:
                mask |= too_few(counts, judged.minimum_units)
    return mask


OTHER_UNITS = Rule(
    RuleName.OTHER_UNITS,
    ("minimum_units",),
    text("fewer further units, such as households, than the policy asks for"),
    failing,
)
