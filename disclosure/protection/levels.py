"""Protection levels: how far off everyone must stay from the figure of a cell that fails.

Sources: Hundepool et al., *Statistical Disclosure Control* (2012), section 4.2.2, and Fischetti & Salazar (2000) for
amounts: the feasible interval of a withheld cell must cover ``[X - level, X + level]``, where at ``X + level`` the rule
would just hold with the same largest contributors. For counts it must reach from ``max(0, n - minimum)`` to the
minimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from disclosure.errors import PolicyError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Amounts, Counts, Evidence, Mask
from disclosure.policy import Policy
from disclosure.rules.base import switched_on
from disclosure.texts import text


@dataclass(frozen=True)
class Interval:
    """What the feasible interval of a failing cell must cover, both ends included."""

    lowest: Fraction
    highest: Fraction

    def __post_init__(self) -> None:
        if self.lowest > self.highest:
            raise ValueError("an interval ends no lower than it begins")


def protection_levels(evidence: Evidence, policy: Policy, failing: Mask) -> tuple[Interval | None, ...]:
    """Return what the feasible interval of each failing cell must cover; None for cells that pass.

    The cells come in the order of the evidence. Intervals of sums are in the unit of the value, around X, the sum of
    the absolute contributions; those of counts are of distinct units, and those of a two-valued column of the units
    with its higher value, the count behind a share being known.

    Raises:
        PolicyError: the policy does not set what the levels follow from.
    """
    if evidence.amounts is None or evidence.shares is not None:
        counts = evidence.n_units if evidence.shares is None else evidence.shares.numerator
        passing = _most_that_passes(evidence, policy).tolist()
        return tuple(
            count_interval(n, policy, most) if fails else None
            for n, most, fails in zip(counts.tolist(), passing, failing.tolist(), strict=True)
        )
    scale = 10**evidence.amounts.decimals
    found: list[Interval | None] = []
    for position, fails in enumerate(failing.tolist()):
        if not fails:
            found.append(None)
            continue
        level, total = magnitude_level(evidence.amounts, policy, position), evidence.amounts.absolute[position]
        found.append(Interval((total - level) / scale, (total + level) / scale))
    return tuple(found)


def count_interval(n: int, policy: Policy, passing: int = 0) -> Interval:
    """Return what the feasible interval of a failing count must cover.

    Below the minimum it reaches from ``max(0, n - minimum)`` to the minimum; of an empty cell it holds a unit; and of a
    count that reaches the minimum, but holds nearly everyone, it holds one that passes.

    Args:
        passing: the largest count that would pass, where the count fails although it reaches the minimum.

    >>> from disclosure.policy import load_policy
    >>> count_interval(3, load_policy("cbs"))
    Interval(lowest=Fraction(0, 1), highest=Fraction(10, 1))
    """
    if policy.minimum_units is None:
        raise PolicyError(text("The policy does not set {key}.", key="minimum_units"))
    if n == 0:
        return Interval(Fraction(0), Fraction(1))
    if n < policy.minimum_units:
        return Interval(Fraction(max(0, n - policy.minimum_units)), Fraction(policy.minimum_units))
    return Interval(Fraction(min(n, passing)), Fraction(n))


def _most_that_passes(evidence: Evidence, policy: Policy) -> Counts:
    """Return for each cell the largest count that is no more than the permitted share of any margin above it."""
    share = switched_on(policy.group_disclosure, "group_disclosure")
    least = evidence.n_units.copy()
    if share is None:
        return least
    for place in range(evidence.own_dimensions):
        margin = evidence.margin_over(place)
        below = (evidence.codes[:, place] != MARGIN) & (margin >= 0)
        most = evidence.n_units[margin] * share.numerator // (100 * share.denominator)
        least = np.where(below, np.minimum(least, most), least)
    return least


def magnitude_level(amounts: Amounts, policy: Policy, position: int) -> Fraction:
    """Return the protection level of a failing sum, upper and lower alike, at the decimals of the amounts.

    It is the largest of those of the rules on contributors. A cell that fails none of them, but has too few or equal
    contributors, is protected when nothing at all is known of it: its level is X itself.
    """
    levels = [*dominance_levels(amounts, policy, position), *ambiguity_levels(amounts, policy, position)]
    largest = max(levels, default=Fraction(0))
    return largest if largest > 0 else Fraction(amounts.absolute[position])


def dominance_levels(amounts: Amounts, policy: Policy, position: int) -> tuple[Fraction, ...]:
    """Return ``100/k * (x1 + ... + xm) - X`` for each pair (m, k) of the policy; above zero where the pair fails."""
    pairs = switched_on(policy.dominance, "dominance")
    total = amounts.absolute[position]
    return tuple(100 / k * sum(amounts.largest[position, :m].tolist()) - total for m, k in pairs or ())


def ambiguity_levels(amounts: Amounts, policy: Policy, position: int) -> tuple[Fraction, ...]:
    """Return ``p/100 * x1 - (X - x1 - x2)``, and the same with p/q, for those of the two rules that the policy has."""
    p, bounds = switched_on(policy.p_percent, "p_percent"), switched_on(policy.pq, "pq")
    shares = [p / 100] if p is not None else []
    shares += [bounds[0] / bounds[1]] if bounds is not None else []
    first, second = amounts.largest[position, :2].tolist()
    rest = amounts.absolute[position] - first - second
    return tuple(share * first - rest for share in shares)
