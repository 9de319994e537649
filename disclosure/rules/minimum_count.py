"""Minimum count: a figure rests on at least so many distinct units (RULES: ``0 < n < minimum_units`` is unsafe)."""

from __future__ import annotations

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, too_few
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells with fewer distinct units than the minimum; an empty cell passes."""
    return too_few(judged.evidence.n_units, judged.minimum_units)


MINIMUM_COUNT = Rule(
    RuleName.MINIMUM_COUNT,
    ("minimum_units",),
    text("fewer units than the policy's minimum stand behind this figure"),
    failing,
)
