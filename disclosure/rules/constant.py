"""Constant: all contributions are equal and not zero, so that the figure gives every one of them away."""

from __future__ import annotations

from disclosure.model.evidence import Mask
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells in which all contributor totals, or for a mean all single values, are equal and not zero."""
    if not switched_on(judged.policy.constant, "constant"):
        return judged.none()
    amounts = judged.amounts
    # Units with one, two and three rows of the same wage have unequal totals; their mean is that wage all the same.
    return amounts.constant | amounts.rows_constant if judged.statistic is not Statistic.SUM else amounts.constant


CONSTANT = Rule(
    RuleName.CONSTANT,
    ("constant",),
    text("all contributions are the same, so the figure shows each of them"),
    failing,
)
