"""The use of municipal schemes: who uses at least one, and which.

Use is drawn in exact numbers, so that the reach of the reference year is the target's, from a propensity that depends
on what a household is and lasts over the years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic import targets as codes
from workspace.synthetic.base import Base
from workspace.synthetic.debts import YOUNG
from workspace.synthetic.households import Flags, Floats

ENERGY_YEAR = 2022
_WAIVER_LIMIT = 110.0
_DEBT_HELP_LOW, _DEBT_HELP = 0.22, 0.06
_CHANGING = 0.7


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What households in the city are in one year: incomes up to the limit, assistance, debts, ratio, long-term."""

    low: Flags
    assisted: Flags
    indebted: Flags
    ratio: Floats
    long_term: Flags


def draw_use(rng: np.random.Generator, base: Base, lasting: Floats, year: int, now: Circumstances) -> dict[str, Flags]:
    """Return per scheme which households use it in a year.

    Args:
        lasting: per household, how much it is inclined to use schemes.
        year: the year's place in the window.
    """
    standing, targets = base.standing, base.targets
    families, pensioner = standing.families[:, year], standing.pensioner[:, year]
    young, poor = standing.head_age[:, year] < YOUNG, int(now.low.sum())
    inclined = lasting + _CHANGING * rng.logistic(size=len(lasting))
    inclined += 1.6 * now.assisted + 1.3 * families + 0.5 * now.indebted - 0.8 * young + 0.4 * pensioner
    users = _highest(inclined, now.low, round(targets.any_scheme * poor))
    use: dict[str, Flags] = {}
    limits = {
        codes.SPECIAL: users,
        codes.WAIVER: users & (now.ratio <= _WAIVER_LIMIT),
        codes.INSURANCE: users,
    }
    for code, may in limits.items():
        taste = rng.random(len(lasting)) + 0.3 * now.assisted
        use[code] = _highest(taste, may, round(targets.reach[code] * poor))
    of_group = {codes.ALLOWANCE: now.long_term, codes.CHILDREN_KIT: families, codes.ELDERLY: pensioner}
    for code, may in of_group.items():
        if code in targets.reach:
            use[code] = _highest(
                rng.random(len(lasting)), users & may, round(targets.reach[code] * int((now.low & may).sum()))
            )
    helped = np.where(now.low, _DEBT_HELP_LOW * users, _DEBT_HELP) * np.where(young, 0.3, 1.0)
    use[codes.DEBT_HELP] = now.indebted & (rng.random(len(lasting)) < helped)
    none = users & ~np.any(list(use.values()), axis=0)
    use[codes.PASS] = _with_pass(rng, base, users, none, year, round(targets.reach[codes.PASS] * poor))
    if base.window.years[year] == ENERGY_YEAR:
        use[codes.ENERGY] = _highest(
            inclined + rng.logistic(size=len(lasting)), now.low, round(targets.reach[codes.ENERGY] * poor)
        )
    return dict(sorted(use.items()))


def _with_pass(rng: np.random.Generator, base: Base, users: Flags, must: Flags, year: int, number: int) -> Flags:
    """Return who has the pass: those who `must`, families until there are so many children, others until the number."""
    taste = rng.random(len(users)) + must
    if base.targets.children_with_pass is None:
        return must | _highest(taste, users, number)
    families, minors = base.standing.families[:, year], base.standing.minors[:, year]
    rows = np.flatnonzero(users & families)
    order = rows[np.argsort(-taste[rows], kind="stable")]
    chosen = np.zeros(len(users), dtype=bool)
    children = base.scaled(base.targets.children_with_pass)
    chosen[order[: int(np.searchsorted(np.cumsum(minors[order]), children)) + 1]] = True
    return chosen | must | _highest(taste, users & ~families, number - int(chosen.sum()))


def _highest(score: Floats, among: Flags, number: int) -> Flags:
    """Return the `number` rows with the highest score among some; all of these if there are not so many."""
    rows = np.flatnonzero(among)
    chosen = np.zeros(len(score), dtype=bool)
    number = min(max(number, 0), len(rows))
    chosen[rows[np.argsort(-score[rows], kind="stable")[:number]]] = True
    return chosen
