"""Policies as the rules read them, and how strict one is beside another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from disclosure.model.policy_values import READERS, Off, Rounding, WeightTreatment
from disclosure.model.recipes import PolicyReference


@dataclass(frozen=True)
class Policy:
    """The parameters; None stands for a key that the policy does not set.

    Attributes:
        minimum_units: the smallest number of units that may be published.
        dominance: pairs (m, k): a cell is unsafe if its m largest contributors hold more than k percent.
        p_percent: p of the p% rule.
        pq: (p, q) of the pq rule.
        group_disclosure: the share of a margin, in percent, above which a cell of a frequency table is unsafe.
        constant: whether equal nonzero contributions are unsafe.
        zero_cells: whether an empty cell of a frequency table discloses.
        modal_share: the share of the modal value, in percent, above which a mode is unsafe.
        minimum_at_risk: the smallest number of units at risk that a survival curve may show.
        weights: how weights are treated.
        identifiers: names of columns that never appear in an output, besides those of the codebook.
        significant_digits: the most digits that a published figure shows.
        rounding: to which base counts may, or must, be rounded.
        most_rows: the most rows that a file of an output may have, one for each cell and margin.
    """

    name: str
    version: str
    digest: str
    minimum_units: int | None
    dominance: tuple[tuple[int, Fraction], ...] | Off | None
    p_percent: Fraction | Off | None
    group_disclosure: Fraction | Off | None
    constant: bool | None
    zero_cells: bool | None
    minimum_df: int | None
    pq: tuple[Fraction, Fraction] | Off | None
    modal_share: Fraction | Off | None
    minimum_at_risk: int | None
    weights: WeightTreatment | Off | None
    identifiers: tuple[str, ...] | None
    significant_digits: int | None
    rounding: Rounding | Off | None
    most_rows: int | Off | None
    sources: Mapping[str, str]

    @property
    def reference(self) -> PolicyReference:
        """The name and digest that recipes and camps pin."""
        return PolicyReference(self.name, self.digest)

    def lacks(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of `keys` that this policy does not set."""
        return tuple(key for key in keys if getattr(self, key) is None)


def is_at_least_as_strict(policy: Policy, than: Policy) -> bool:
    """Tell whether whatever passes under `policy` passes under `than` as well, compared key by key.

    At least as strict is: a minimum (of units, units at risk, degrees of freedom) that is no smaller; of dominance
    pairs (m, k), one for each of the other's that has no fewer contributors and no larger share; p, or p/q, no
    smaller; a permitted share (of a group, of a mode) or number of digits or rows that is no larger; a rule switched
    on where the other has it on, off being the laxest; all of the other's identifiers; the same treatment of weights;
    rounding to a multiple of the other's base, or to midpoints of classes that are whole ones of the other's together,
    required where the other requires it, and counting as protection only where it does for the other. A key that
    only one of the two sets cannot be compared, and so the answer is no.
    """
    return all(is_stricter_in(key, policy, than) for key in READERS)


def is_stricter_in(key: str, policy: Policy, than: Policy) -> bool:
    """Tell whether `policy` is at least as strict as the other in one key."""
    mine, other = getattr(policy, key), getattr(than, key)
    if mine == other:
        return True
    if mine is None or other is None or key == "weights":
        return False
    if key == "rounding":
        # Rounding lets a count pass that fails unrounded, so a policy that knows none takes none.
        if not isinstance(other, Rounding):
            return False
        if isinstance(mine, Rounding):
            midpoint = not mine.midpoint or other.takes_midpoint(mine.midpoint)
            return other.takes(mine.base) and (mine.required or not other.required) and midpoint
        return not other.required
    if isinstance(mine, Off) or isinstance(other, Off):
        return isinstance(other, Off)
    return bool(_ORDER[key](mine, other))


_Order = Callable[[Any, Any], bool]


def _no_less(mine: Any, other: Any) -> bool:
    return bool(mine >= other)


def _no_more(mine: Any, other: Any) -> bool:
    return bool(mine <= other)


def _implies_pairs(mine: tuple[tuple[int, Fraction], ...], other: tuple[tuple[int, Fraction], ...]) -> bool:
    return all(any(m >= its_m and k <= its_k for m, k in mine) for its_m, its_k in other)


_ORDER: Mapping[str, _Order] = {
    "minimum_units": _no_less,
    "dominance": _implies_pairs,
    "p_percent": _no_less,
    "pq": lambda mine, other: mine[0] / mine[1] >= other[0] / other[1],
    "group_disclosure": _no_more,
    "constant": _no_less,
    "zero_cells": _no_less,
    "minimum_df": _no_less,
    "modal_share": _no_more,
    "minimum_at_risk": _no_less,
    "identifiers": lambda mine, other: {one.lower() for one in other} <= {one.lower() for one in mine},
    "significant_digits": _no_more,
    "most_rows": _no_more,
}
