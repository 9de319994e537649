"""Minimum nonzero: a sum or mean rests on enough units that have something at all.

Ten units of which eight are zero are a sum over two, and whoever knows that they are two knows nearly as much as if
the cell counted two.
"""

from __future__ import annotations

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, too_few
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells in which fewer units than the minimum have a total other than zero."""
    return too_few(judged.amounts.n_nonzero, judged.minimum_units)


MINIMUM_NONZERO = Rule(
    RuleName.MINIMUM_NONZERO,
    ("minimum_units",),
    text("fewer units than the policy's minimum have a value other than zero"),
    failing,
)
