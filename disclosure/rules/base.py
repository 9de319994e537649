"""What a rule is, and how it reads the parameters that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import numpy as np

from disclosure.errors import PolicyError
from disclosure.model.codebooks import Column
from disclosure.model.evidence import Amounts, Counts, Evidence, Mask, Shares
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.verdicts import RuleName
from disclosure.policy import Off, Policy
from disclosure.texts import Text, text

T = TypeVar("T")


@dataclass(frozen=True)
class Judged:
    """What a rule is given: the evidence, the policy, and what is known of the columns.

    Attributes:
        columns: dimension or value column to its codebook entry, after recoding.
        known_weight: the recipe's weight is one that a codebook knows, so that the office vouches for it.
    """

    evidence: Evidence
    policy: Policy
    columns: Mapping[str, Column]
    recipe: Recipe
    known_weight: bool = False

    @property
    def statistic(self) -> Statistic:
        """The statistic that is asked for."""
        return self.recipe.statistic

    @property
    def value(self) -> str | None:
        """The value column."""
        return self.recipe.value

    @property
    def amounts(self) -> Amounts:
        """The amounts, which every statistic of a value has."""
        if self.evidence.amounts is None:
            raise PolicyError(text("The evidence holds no amounts, so rules on amounts cannot be applied."))
        return self.evidence.amounts

    @property
    def shares(self) -> Shares:
        """The counts behind a two-valued column."""
        if self.evidence.shares is None:
            raise PolicyError(text("The evidence holds no numerators, so rules on rates cannot be applied."))
        return self.evidence.shares

    @property
    def minimum_units(self) -> int:
        """The smallest number of units that may be published."""
        if self.policy.minimum_units is None:
            raise PolicyError(text("The policy does not set {key}.", key="minimum_units"))
        return self.policy.minimum_units

    def none(self) -> Mask:
        """Return a mask in which no cell fails."""
        return np.zeros(len(self.evidence), dtype=np.bool_)


@dataclass(frozen=True)
class Rule:
    """One rule of the book.

    Attributes:
        needs: the policy keys without which it cannot be applied.
        failing: returns which cells fail, in the order of the evidence. Every bound is strict: at equality a cell
            passes.
        reason_if_negative: the reason to give where negative contributions entered by their absolute value.
    """

    name: RuleName
    needs: tuple[str, ...]
    reason: Text
    failing: Callable[[Judged], Mask]
    reason_if_negative: Text | None = None


def too_few(counts: Counts, minimum: int) -> Mask:
    """Return where ``0 < count < minimum``."""
    return np.asarray((counts > 0) & (counts < minimum), dtype=np.bool_)


def switched_on(value: T | Off | None, key: str) -> T | None:
    """Return the parameter, None if the policy switches it off; an unset one is an error and never means off."""
    if value is None:
        raise PolicyError(text("The policy does not set {key}.", key=key))
    return None if isinstance(value, Off) else value


def exceeds_share(part: Counts, whole: Counts, percent: Fraction) -> Mask:
    """Return where ``part > percent / 100 * whole``, in whole numbers."""
    return np.asarray(part * (100 * percent.denominator) > whole * percent.numerator, dtype=np.bool_)
