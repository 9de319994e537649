"""Zero cells: under a policy that says so, an empty cell tells that nobody in the group is in the category."""

from __future__ import annotations

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the empty cells, and for a rate also those whose numerator or complement is empty."""
    if not switched_on(judged.policy.zero_cells, "zero_cells"):
        return judged.none()
    evidence = judged.evidence
    mask: Mask = evidence.n_units == 0
    if evidence.shares is not None:
        mask = mask | (evidence.shares.numerator == 0) | (evidence.shares.complement == 0)
    return mask


ZERO_CELLS = Rule(
    RuleName.ZERO_CELLS,
    ("zero_cells",),
    text("an empty cell discloses under this policy"),
    failing,
)
