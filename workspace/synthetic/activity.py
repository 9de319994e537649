"""What everybody does, month by month: work, a benefit, school, or none of these, in the codes of SECM."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from workspace.synthetic.assistance import Assistance, Reason
from workspace.synthetic.base import Base
from workspace.synthetic.households import Flags, Floats, Ints, Kind
from workspace.synthetic.population import ADULT_AGE, PENSION_AGE, WOMAN, Population
from workspace.synthetic.standing import SICK, STUDENT, WORKER
from workspace.synthetic.window import MONTHS

States = npt.NDArray[np.uint8]

_SELF_EMPLOYED = 0.13
_UNEMPLOYED = 0.20
_STUDENT_UNTIL = 27
_WORK_AFTER_SCHOOL = 0.45
_STUDIES = 0.62
_FINDS_UNTIL = 60
_SCHOOL_UNTIL, _TO_SCHOOL = 30, 0.4


class State(IntEnum):
    """SECM; 0 before birth or registration and after death."""

    ABSENT = 0
    EMPLOYEE = 11
    SELF_EMPLOYED = 13
    UNEMPLOYED = 21
    ASSISTANCE = 22
    SICK = 24
    PENSION = 25
    STUDENT = 26
    PUPIL = 31
    NONE = 32


@dataclass(frozen=True, slots=True)
class Activity:
    """`state`: persons x months, a `State`; `first`, `until`: the months in which persons are registered."""

    state: States
    first: Ints
    until: Ints

    def months(self, state: State) -> Ints:
        """Return how many months of each year persons are in a state: persons x years."""
        years = (self.state == state).reshape(len(self.state), MONTHS // 12, 12)
        return np.asarray(years.sum(axis=2), dtype=np.int64)


def draw_activity(rng: np.random.Generator, base: Base, assistance: Assistance, left_school: Flags) -> Activity:
    """Return what everybody does in the months of the window.

    Args:
        left_school: the young at home who left school without a basic qualification: they do not study.
    """
    households, people, presence, window = base.households, base.people, base.presence, base.window
    home, count = people.household, len(people.age)
    claims = (people.slot == 0) | ((people.slot == 1) & (assistance.claimants[home] == 2))
    helped = np.zeros(len(households.kind), dtype=bool)
    helped[assistance.household] = True
    works, studies, sick = _draw_roles(rng, base, helped, left_school)
    # After assistance people find wage work.
    own_business = works & ~people.child & (rng.random(count) < _SELF_EMPLOYED) & ~(helped[home] & (people.slot == 0))

    month = np.arange(MONTHS)
    state = np.full((count, MONTHS), State.NONE, dtype=np.uint8)
    state[works] = State.EMPLOYEE
    state[own_business] = State.SELF_EMPLOYED
    gap = works & ~own_business & ~helped[home] & (rng.random(count) < _UNEMPLOYED)
    begins, lasts = rng.integers(0, MONTHS, count), rng.integers(2, 7, count)
    rows = np.flatnonzero(gap)
    within = (month >= begins[rows, None]) & (month < (begins + lasts)[rows, None])
    state[rows] = np.where(within, State.UNEMPLOYED, state[rows])
    state[sick] = State.SICK

    born = window.month_of(presence.born)
    rows = np.flatnonzero(studies)
    young = month < born[rows, None] + _STUDENT_UNTIL * 12
    state[rows] = np.where(young, State.STUDENT, State.EMPLOYEE)
    _put_assistance(state, people, claims, assistance)
    rows = np.flatnonzero(people.age >= PENSION_AGE)
    state[rows] = np.where(month >= born[rows, None] + PENSION_AGE * 12, State.PENSION, state[rows])
    # Who was eighteen before the window began has been so for all of it.
    rows = np.flatnonzero((people.age < ADULT_AGE + MONTHS // 12 + 1) & (people.child | (people.slot > 1)))
    state[rows] = np.where(month < born[rows, None] + ADULT_AGE * 12, State.PUPIL, state[rows])

    first = window.month_of(np.maximum(presence.formed[home], presence.born))
    until = window.month_of(presence.until)[home]
    _find_work(rng, state, base, born)
    rows = np.flatnonzero((first > 0) | (until < MONTHS - 1))
    away = (month < first[rows, None]) | (month > until[rows, None])
    state[rows] = np.where(away, State.ABSENT, state[rows])
    return Activity(state, first, until)


def _draw_roles(rng: np.random.Generator, base: Base, helped: Flags, left_school: Flags) -> tuple[Flags, Flags, Flags]:
    """Return who works, who studies and who is sick, when there is nothing else: three flags per person."""
    households, people, standing = base.households, base.people, base.standing
    home, count = people.household, len(people.age)
    livelihood = np.where(helped, WORKER, standing.livelihood)[home]
    level: Floats = standing.level.mean(axis=1)[home]
    couple = np.isin(households.kind, (Kind.COUPLE, Kind.COUPLE_WITH_CHILDREN))[home]
    head, partner = people.slot == 0, (people.slot == 1) & couple
    chance = np.where(people.sex == WOMAN, 0.70, 0.86) + 0.14 * np.tanh(level - 0.8)
    chance = np.where(livelihood == SICK, 0.5 * chance, chance)
    chance = np.where(head, (livelihood == WORKER).astype(np.float64), np.where(partner, chance, 0.75))
    chance = np.where(people.child, np.where(left_school, _WORK_AFTER_SCHOOL, 1 - _STUDIES), chance)
    draw = rng.random(count)
    works = draw < chance
    studies = np.where(people.child, ~works & ~left_school & (draw < 0.97), head & (livelihood == STUDENT))
    return works, studies, head & (livelihood == SICK)


def _find_work(rng: np.random.Generator, state: States, base: Base, born: Ints) -> None:
    """Let persons who live in the city, so many a year as the targets say, go from no income to work or to school."""
    people, presence, window = base.people, base.presence, base.window
    found = base.scaled(base.targets.from_elsewhere)
    idle = np.flatnonzero((people.age >= ADULT_AGE) & (people.age < _FINDS_UNTIL) & (state == State.NONE).any(axis=1))
    idle = rng.permutation(idle[(np.isin(state[idle], (State.NONE, State.PUPIL))).all(axis=1)])
    home = people.household[idle]
    here = (presence.entered[home] <= window.start) | ~presence.arrived[home]
    idle = idle[here & (presence.left[home] == window.end)]
    of_age = np.maximum(born[idle] + ADULT_AGE * 12, window.month_of(presence.formed)[people.household[idle]])
    free = np.ones(len(idle), dtype=bool)
    for year in range(MONTHS // 12):
        chosen = np.flatnonzero(free & (of_age < 12 * year))[: round(found * (year + 1)) - round(found * year)]
        free[chosen] = False
        rows = idle[chosen]
        begins = 12 * year + rng.integers(1, 12, len(rows))
        school = (people.age[rows] < _SCHOOL_UNTIL) & (rng.random(len(rows)) < _TO_SCHOOL)
        after = np.arange(MONTHS) >= begins[:, None]
        new = np.where(school, State.STUDENT, State.EMPLOYEE)[:, None]
        state[rows] = np.where(after, new, state[rows])


def _put_assistance(state: States, people: Population, claims: Flags, assistance: Assistance) -> None:
    """Write spells of assistance, and what follows those that ended for school or something else, over the rest."""
    households = len(assistance.claimants)
    following = np.full(len(assistance.household), MONTHS)
    same = assistance.household[1:] == assistance.household[:-1]
    following[:-1] = np.where(same, assistance.first[1:], MONTHS)
    after = {Reason.SCHOOL: State.STUDENT, Reason.OTHER: State.NONE}
    overlay = np.zeros((households, MONTHS), dtype=np.uint8)
    for reason, code in after.items():
        rows = np.flatnonzero(assistance.reason == reason)
        change = np.zeros((households, MONTHS + 1), dtype=np.int8)
        np.add.at(change, (assistance.household[rows], np.minimum(assistance.last[rows] + 1, MONTHS)), 1)
        np.add.at(change, (assistance.household[rows], following[rows]), -1)
        overlay[np.cumsum(change, axis=1, dtype=np.int8)[:, :MONTHS] > 0] = code
    overlay[assistance.months(households)] = State.ASSISTANCE
    touched = np.flatnonzero(claims & np.any(overlay > 0, axis=1)[people.household])
    own = overlay[people.household[touched]]
    head = (people.slot[touched] == 0)[:, None]
    # What comes after is the head's; a partner goes on as before.
    take = (own == State.ASSISTANCE) | ((own > 0) & head)
    state[touched] = np.where(take, own, state[touched])
