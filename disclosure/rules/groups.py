"""Dominance and p% of a group of units inside a cell, such as those above a quantile: judged as the total that it is.

A share of a total gives the group's own total away to whoever knows the total. The evidence has the group's total X
and its two largest contributions x1 and x2. For m above 2 the m largest hold at most x1 + (m - 1) x2, which is what is
judged: more groups fail than strictly must, never fewer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from disclosure.model.evidence import Amount, Mask
from disclosure.model.parts import Part
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on
from disclosure.texts import Text, text

Spread = Callable[[Judged, Mask], Mask]
"""Returns which cells fail where some of their groups do."""


@dataclass(frozen=True)
class Group:
    """The columns of a part that hold a group: its total and its two largest contributions."""

    total: str
    first: str
    second: str

    def of(self, part: Part) -> tuple[Amount, Amount, Amount]:
        """Return total, largest and second largest contribution."""
        return part.columns[self.total], part.columns[self.first], part.columns[self.second]


def group_of(name: str, total: str | None = None) -> Group:
    """Return the group with these columns: ``name`` or another total, ``name_1`` and ``name_2``."""
    return Group(total or name, f"{name}_1", f"{name}_2")


def group_rules(part: str, groups: tuple[Group, ...], spread: Spread | None = None) -> tuple[Rule, Rule, Rule]:
    """Return dominance, p% and pq for groups of units in a part of the evidence."""

    def rule(name: RuleName, key: str, reason: Text, unsafe: Callable[[Judged, Amount, Amount, Amount], Mask]) -> Rule:
        def failing(judged: Judged) -> Mask:
            mask = judged.none()
            for group in groups:
                mask |= unsafe(judged, *group.of(judged.evidence.part(part)))
            return mask if spread is None else spread(judged, mask)

        return Rule(name, (key,), reason, failing)

    return (
        rule(RuleName.DOMINANCE, "dominance", _DOMINATED, _dominated),
        rule(RuleName.P_PERCENT, "p_percent", _ESTIMATED, _within_p_percent),
        rule(RuleName.PQ, "pq", _ESTIMATED, _within_pq),
    )


def _dominated(judged: Judged, total: Amount, first: Amount, second: Amount) -> Mask:
    mask = judged.none()
    for m, k in switched_on(judged.policy.dominance, "dominance") or ():
        held = first + (m - 1) * second
        mask |= np.asarray(held * (100 * k.denominator) > total * k.numerator, dtype=np.bool_)
    return mask


def _within_p_percent(judged: Judged, total: Amount, first: Amount, second: Amount) -> Mask:
    p = switched_on(judged.policy.p_percent, "p_percent")
    return judged.none() if p is None else _within(p / 100, total, first, second)


def _within_pq(judged: Judged, total: Amount, first: Amount, second: Amount) -> Mask:
    pair = switched_on(judged.policy.pq, "pq")
    return judged.none() if pair is None else _within(pair[0] / pair[1], total, first, second)


def _within(share: Fraction, total: Amount, first: Amount, second: Amount) -> Mask:
    rest = (total - first - second) * share.denominator
    return np.asarray(rest < first * share.numerator, dtype=np.bool_)


_DOMINATED = text("the largest contributors hold too much of a part of the units whose share this figure shows")
_ESTIMATED = text(
    "the largest contributor to a part of the units whose share this figure shows can be estimated too well"
)
