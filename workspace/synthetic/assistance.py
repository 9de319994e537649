"""Spells of assistance: who comes in, who leaves for what, and who comes back, month by month.

A spell belongs to a household and holds for its head and, in a couple, the partner. The stock in the city is held at
the target; those who leave are drawn in exact numbers, and of those who leave for work, school or something else an
exact share is back within twelve months, with chances that depend on age.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from workspace.synthetic.base import Base
from workspace.synthetic.households import Flags, Floats, Ints, Kind
from workspace.synthetic.population import PENSION_AGE
from workspace.synthetic.standing import SICK, STUDENT, WEALTHY
from workspace.synthetic.window import MONTHS

AGE_BANDS = ((18, 26), (27, 44), (45, 66))
# Chances to be back within twelve months, against the mean, by age band.
RETURNS = (1.35, 1.05, 0.80)
_SCHOOL_SHARE = 0.14
_SCHOOL_AGE = 30
_SPELL_BEFORE = 48.0
_LONGEST_BEFORE = 240
_NEVER = -1
_AGAIN = 0.25
_SINGLE_PARENT = 1.0
_STEEPNESS = 1.9
_EASY_TO_PLACE = 12.0
_AFTER_YEAR = 13


class Reason(IntEnum):
    """Why a spell ended, as REDENEINDE."""

    RUNNING = 0
    WORK = 1
    SCHOOL = 2
    PENSION = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class Assistance:
    """Spells as columns, and months of households.

    Attributes:
        household, first, last, reason: per spell; months of the window, both included. `first` is negative for spells
            that began before the window; `last` is the window's last month for those that run.
        claimants: per household, how many persons a spell holds for.
        easy: per household, a score for how easily it can be placed in work.
    """

    household: Ints
    first: Ints
    last: Ints
    reason: Ints
    claimants: Ints
    easy: Floats

    def months(self, households: int) -> Flags:
        """Return in which months of the window which households are on assistance: households x months."""
        change = np.zeros((households, MONTHS + 1), dtype=np.int8)
        np.add.at(change, (self.household, np.maximum(self.first, 0)), 1)
        np.add.at(change, (self.household, self.last + 1), -1)
        return np.asarray(np.cumsum(change, axis=1, dtype=np.int8)[:, :MONTHS] > 0)


def draw_assistance(rng: np.random.Generator, base: Base) -> Assistance:
    """Return the spells of the window."""
    process = _Process(rng, base)
    stock = base.scaled(base.targets.on_assistance)
    work = base.scaled(base.targets.to_work_or_school) / 12
    elsewhere = base.scaled(base.targets.to_elsewhere) / 12
    back = 1 - base.targets.not_back
    process.begin(stock)
    for month in range(MONTHS):
        if month:
            process.come_back(month)
            process.come_in(month, stock)
        process.end_of_right(month)
        process.leave(month, _due(work, month), elsewhere=False, back=back)
        process.leave(month, _due(elsewhere, month), elsewhere=True, back=back)
    return process.result()


def _due(a_month: float, month: int) -> int:
    """Return how many are due in a month, so that whole numbers add up to the rate."""
    return round(a_month * (month + 1)) - round(a_month * month)


class _Process:
    """The households, which of them are on assistance now, and the spells that have ended."""

    def __init__(self, rng: np.random.Generator, base: Base) -> None:
        households, people, window = base.households, base.people, base.window
        presence, standing = base.presence, base.standing
        count = len(households.kind)
        self.rng = rng
        self.claimants = 1 + np.isin(households.kind, (Kind.COUPLE, Kind.COUPLE_WITH_CHILDREN)).astype(np.int64)
        born = window.month_of(presence.born)
        claims = (people.slot == 0) | ((people.slot == 1) & (self.claimants[people.household] == 2))
        oldest = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(oldest, people.household[claims], born[claims])
        self.birth = born[people.slot == 0]
        self.pension = oldest + PENSION_AGE * 12
        self.formed = np.maximum(window.month_of(presence.formed), window.month_of(presence.formed - 1) + 1)
        self.until = window.month_of(presence.until + 1) - 1
        self.until[presence.until == window.end] = MONTHS
        self.enters, self.leaves = window.month_of(presence.entered), window.month_of(presence.left)
        self.leaves[presence.left == window.end] = MONTHS
        level = standing.level.mean(axis=1)
        weight = np.exp(-_STEEPNESS * level)
        weight = weight / (1 + weight / np.quantile(weight, 0.97))
        weight *= np.where(households.kind == Kind.SINGLE_PARENT, _SINGLE_PARENT, 1.0)
        weight *= np.where(standing.families[:, -1], base.targets.families_weight, 1.0)
        weight[np.isin(standing.livelihood, (STUDENT, WEALTHY))] = 0.0
        weight[standing.livelihood == SICK] *= 0.3
        self.weight = weight
        self.easy = rng.standard_normal(count) + np.where(standing.head_age[:, -1] < 35, 0.5, -0.2)
        self.placing = np.exp(np.log(_EASY_TO_PLACE) * (self.easy > np.quantile(self.easy, 0.72)))
        self.placing *= np.where(households.kind == Kind.SINGLE_PARENT, 0.7, 1.0)
        self.on = np.zeros(count, dtype=bool)
        self.since = np.zeros(count, dtype=np.int64)
        self.back = np.full(count, _NEVER, dtype=np.int64)
        self.ended = np.full(count, -10 * MONTHS, dtype=np.int64)
        self.carried = float(rng.random())
        self.spells: list[tuple[Ints, Ints, Ints, Ints]] = []

    def here(self, month: int) -> Flags:
        """Return which households live in the city in a month."""
        return np.asarray((self.enters <= month) & (month <= self.leaves))

    def stock(self, month: int) -> int:
        """Return how many persons in the city are on assistance."""
        return int(self.claimants[self.on & self.here(month)].sum())

    def begin(self, stock: float) -> None:
        """Put the first month's stock in place, with spells that began before the window."""
        self.come_in(0, stock)
        rows = np.flatnonzero(self.on)
        ago = np.minimum(self.rng.exponential(_SPELL_BEFORE, len(rows)).astype(np.int64), _LONGEST_BEFORE)
        of_age = self.birth[rows] + 18 * 12
        self.since[rows] = np.minimum(np.maximum.reduce((-ago, of_age, self.formed[rows])), 0)

    def come_in(self, month: int, stock: float) -> None:
        """Let in whom the stock lacks."""
        gap = round(stock) - self.stock(month)
        free = ~self.on & (self.back == _NEVER) & self._may(month) & (month - self.ended >= _AFTER_YEAR)
        rows = np.flatnonzero(free & (self.weight > 0))
        weight = self.weight[rows] * np.where(self.ended[rows] > -MONTHS, _AGAIN, 1.0)
        here = self.here(month)
        self._enter(self._take(rows, weight, here, gap), month)

    def come_back(self, month: int) -> None:
        """Let in those whose return is due; who may not be let in any more does not come back."""
        due = self.back == month
        self.back[due] = _NEVER
        self._enter(np.flatnonzero(due & self._may(month)), month)

    def end_of_right(self, month: int) -> None:
        """End the spells of those who get a pension in the next month, and of those who die."""
        self._leave(np.flatnonzero(self.on & (self.pension == month + 1)), month, Reason.PENSION)
        self._leave(np.flatnonzero(self.on & (self.until == month)), month, Reason.OTHER)

    def leave(self, month: int, due: int, *, elsewhere: bool, back: float) -> None:
        """Let persons leave, and settle who of them is back within twelve months."""
        rows = np.flatnonzero(self.on & (self.since < month))
        age = (month - self.birth[rows]) / 12
        weight = np.ones(len(rows)) if elsewhere else self.placing[rows] * np.where(age < 30, 1.5, 1.0)
        gone = self._take(rows, weight, self.here(month), due)
        if elsewhere:
            reason = np.full(len(gone), Reason.OTHER)
        else:
            young = (month - self.birth[gone]) / 12 < _SCHOOL_AGE
            share = _SCHOOL_SHARE / max(young.mean(), _SCHOOL_SHARE) if len(gone) else 0.0
            reason = np.where(young & (self.rng.random(len(gone)) < share), Reason.SCHOOL, Reason.WORK)
        band = np.digitize((month - self.birth[gone]) / 12, [low for low, _ in AGE_BANDS[1:]])
        chance = np.asarray(RETURNS)[band]
        chance = back * chance * (len(gone) / max(chance.sum(), 1e-9))
        edges = self.carried + np.cumsum(chance)
        returns = np.floor(edges) > np.floor(np.concatenate(([self.carried], edges[:-1])))
        self.carried = float(edges[-1] % 1) if len(edges) else self.carried
        self._leave(gone, month, reason)
        # Back at the latest on the first day of the twelfth month after, with earlier months likelier.
        after = 2 + np.floor(11 * self.rng.random(len(gone)) ** 1.4).astype(np.int64)
        self.back[gone[returns]] = month + after[returns]

    def result(self) -> Assistance:
        """Return all spells; those that run end with the window."""
        running = np.flatnonzero(self.on)
        ends = np.full(len(running), MONTHS - 1)
        self.spells.append((running, self.since[running], ends, np.full(len(running), Reason.RUNNING)))
        household, first, last, reason = (np.concatenate(column) for column in zip(*self.spells, strict=True))
        order = np.lexsort((first, household))
        return Assistance(
            household[order], first[order], last[order], reason[order], self.claimants, self.easy
        )  # fmt: skip

    def _may(self, month: int) -> Flags:
        adult = self.birth + 18 * 12 <= month
        return np.asarray((self.formed <= month) & (month < self.until) & adult & (self.pension > month + 2))

    def _enter(self, rows: Ints, month: int) -> None:
        self.on[rows], self.since[rows] = True, month

    def _leave(self, rows: Ints, month: int, reason: Reason | Ints) -> None:
        self.on[rows], self.ended[rows], self.back[rows] = False, month, _NEVER
        self.spells.append((rows, self.since[rows], np.full(len(rows), month), np.full(len(rows), reason)))

    def _take(self, rows: Ints, weight: Floats, here: Flags, due: int) -> Ints:
        """Return rows in a random order by weight until `due` persons in the city are taken; none if none are due."""
        if due <= 0 or len(rows) == 0:
            return rows[:0]
        order = rows[np.argsort(self.rng.standard_exponential(len(rows)) / weight, kind="stable")]
        counted = np.cumsum(np.where(here[order], self.claimants[order], 0))
        return order[: int(np.searchsorted(counted, due)) + 1]
