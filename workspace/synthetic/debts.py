"""Problematic debts of households, year by year, and what the use of a scheme does to them.

Whether a household has problematic debts depends on what it was in the year before, and on whether it used a scheme
then: within each group of households of the same make-up, use lowers the chance by a fixed difference. That is the
effect that a matched comparison must find; a raw comparison does not, since those who use schemes are worse off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.base import Base
from workspace.synthetic.households import Flags, Floats, Kind

EFFECT = -0.05
STRATA = (
    "single parent or not",
    "on assistance in the year or not",
    "head under 27 or not",
    "debts in the year or not",
)
YOUNG = 27
_STAYS = 0.70
_COMES = 0.17
_SINGLE_PARENT, _ASSISTED, _YOUNG = 0.04, 0.03, 0.06
_FIRST_LOW = 0.28
_RESTRUCTURED = 0.012


@dataclass(frozen=True, slots=True)
class Before:
    """What households were in a year: incomes up to the limit, on assistance, with debts, using a scheme."""

    low: Flags
    assisted: Flags
    indebted: Flags
    used: Flags


def first_debts(rng: np.random.Generator, base: Base, low: Flags, here: Floats) -> Flags:
    """Return which households have problematic debts in the first year; `here` as in `next_debts`."""
    return _drawn(rng, np.where(low, _FIRST_LOW, 0.0), np.where(low, 0.0, 1.0), here, base.targets.indebted)


def next_debts(rng: np.random.Generator, base: Base, year: int, before: Before, here: Floats) -> Flags:
    """Return which households have problematic debts in a year, from what they were in the year before.

    Only those with a low income follow the stated chances; the chances of others are set for the total.

    Args:
        year: the place of the year in the window.
        here: persons per household, 0 for households that do not live in the city.
    """
    young = base.standing.head_age[:, year - 1] < YOUNG
    single = base.households.kind == Kind.SINGLE_PARENT
    comes = _COMES + _SINGLE_PARENT * single + _ASSISTED * before.assisted + _YOUNG * young
    chance = np.where(before.indebted, _STAYS, comes)
    chance = np.where(before.low, chance + EFFECT * before.used, np.where(before.indebted, _STAYS, 0.0))
    weight = np.where(before.low | before.indebted, 0.0, np.where(young, 2.0, 1.0))
    return _drawn(rng, chance, weight, here, base.targets.indebted)


def _drawn(rng: np.random.Generator, chance: Floats, weight: Floats, here: Floats, share: float) -> Flags:
    """Draw by `chance`; where there is a weight the chance is set by it, so that the share of persons is expected."""
    lacking = share * here.sum() - (chance * here).sum()
    room = (weight * here).sum()
    rate = max(lacking, 0.0) / room if room > 0 else 0.0
    chance = np.where(weight > 0, np.minimum(rate * weight, 0.5), chance)
    return np.asarray(rng.random(len(chance)) < chance)


def draw_restructured(rng: np.random.Generator, debts: Flags) -> Flags:
    """Return which households begin a debt restructuring under the law in which year; each at most once."""
    begins = debts & (rng.random(debts.shape) < _RESTRUCTURED)
    first = np.cumsum(begins, axis=1) == 1
    return np.asarray(begins & first)
