"""Underlying table: a test statistic or a ratio is judged as the table that it follows from.

An odds ratio with its margins gives the four counts back, and a t statistic with its p-value the difference of two
means; so what may not be shown as a table may not be shown as a ratio or a test of it.
"""

from __future__ import annotations

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return nothing: which cells of the underlying table fail is for the rules of that table, asked in their turn."""
    return judged.none()


UNDERLYING_TABLE = Rule(
    RuleName.UNDERLYING_TABLE,
    (),
    text("the table that this figure follows from could not be published"),
    failing,
)
"""Fails every figure if a cell of the underlying table, or one of its margins, fails a rule of its own."""
