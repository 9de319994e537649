"""Perfect correlation: who knows the one variable knows the other of everybody."""

from __future__ import annotations

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the figures of variables of which one is a linear function, or a ranking, of the other."""
    mask: Mask = judged.evidence.part("comparison").columns["perfect"]
    return mask


PERFECT_CORRELATION = Rule(
    RuleName.SATURATED_MODEL,
    (),
    text("one variable is computed from the other: the correlation is perfect"),
    failing,
)
