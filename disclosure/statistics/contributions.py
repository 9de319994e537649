"""Rules on contributors, put to something else than the contributors of the total.

Dominance and its relatives look at sizes: x1, x2, ... and their sum X. For a total those are what units add to it. What
units add to a variance are squared deviations, to the mass behind a quantile rows or weights, to a trimmed mean what
was kept. The rules are the same; only the sizes differ, and those stand in a part of the evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from disclosure.model.ends import no_ends
from disclosure.model.evidence import Amount, Amounts, Mask
from disclosure.model.parts import MOST_CONTRIBUTORS, Part
from disclosure.model.verdicts import RuleName
from disclosure.rules import Rule
from disclosure.rules.base import Judged
from disclosure.statistics.sums import MAGNITUDE_RULES
from disclosure.texts import Text

_BY_SIZE = (RuleName.DOMINANCE, RuleName.P_PERCENT, RuleName.PQ)
CONCENTRATION_RULES = tuple(rule for rule in MAGNITUDE_RULES if rule.name in _BY_SIZE)
"""The rules on how much of a figure its largest contributors hold."""


def contributions(part: Part) -> Amounts:
    """Return the sizes in a part as amounts, for rules that look at nothing else; its `total` is `absolute`."""
    size = len(part)
    largest = np.empty((size, MOST_CONTRIBUTORS), dtype=np.object_)
    for place in range(MOST_CONTRIBUTORS):
        largest[:, place] = part.columns[f"largest_{place + 1}"]
    absolute, nothing = part.columns["absolute"], np.zeros(size, dtype=np.bool_)
    nobody = np.zeros(size, dtype=np.int64)
    return Amounts(
        decimals=0,
        total=absolute,
        absolute=absolute,
        largest=largest,
        n_nonzero=nobody,
        constant=nothing,
        rows_constant=nothing,
        divisor=absolute,
        negative=False,
        divisor_largest=np.zeros(size, dtype=np.object_),
        ends=(no_ends(size),),
    )


def limited_to(sizes: Amounts, mass: Amount) -> Amounts:
    """Return amounts as if the largest contributors all stood in a part of this size, as far as there is any left."""
    largest, left = np.zeros_like(sizes.largest), mass
    for place in range(largest.shape[1]):
        largest[:, place] = np.minimum(sizes.largest[:, place], left)
        left = left - largest[:, place]
    return replace(sizes, total=mass, absolute=mass, largest=largest, divisor=mass)


def put_to(rule: Rule, part: str, reason: Text) -> Rule:
    """Return a rule on contributors that is put to the sizes in a part, and gives a reason of its own."""
    return replace(
        rule, reason=reason, reason_if_negative=None, failing=lambda judged: rule.failing(_with_sizes(judged, part))
    )


def put_to_both(rule: Rule, part: str, reason: Text) -> Rule:
    """Return a rule on contributors that is put to the values themselves and to the sizes in a part."""
    return put_besides(rule, reason, lambda judged: _with_sizes(judged, part))


def put_besides(rule: Rule, reason: Text, *others: Callable[[Judged], Judged]) -> Rule:
    """Return a rule on contributors that is put to the values, and to what each function puts in their place."""

    def failing(judged: Judged) -> Mask:
        mask = rule.failing(judged)
        for other in others:
            mask = mask | rule.failing(other(judged))
        return mask

    return replace(rule, reason=reason, reason_if_negative=None, failing=failing)


def _with_sizes(judged: Judged, part: str) -> Judged:
    return replace(judged, evidence=replace(judged.evidence, amounts=contributions(judged.evidence.part(part))))
