"""Jobs: at employers whose sizes are heavily skewed, with pay that adds up to the year's wage of each person.

A person who works has one job at a time, changes it now and then, and one in twenty has a small second one. After a
spell of assistance work is found in sectors that pay little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.activity import Activity, State
from workspace.synthetic.households import Flags, Floats, Ints
from workspace.synthetic.population import WOMAN, Population
from workspace.synthetic.window import MONTHS

_FULL_TIME_HOURS = 160.0
_MINIMUM_HOURLY = 10.5
_JOBS_PER_EMPLOYER = 14
_SECOND_JOBS, _SECOND_WEIGHT = 0.05, 0.15
# Of 256: a job is left for another in about 1.2% of the months.
_CHANGE = 3
_FEWEST_EMPLOYERS = 3
# Employer r of a sector has a size in proportion to r**-1.3: the largest of a hundred has about a third of the jobs.
_SKEW = 1.3
_PERMANENT_YOUNG, _PERMANENT = 0.35, 0.75

# Sector code, share of the jobs, share of those after assistance, pay against the mean.
SECTORS: tuple[tuple[str, float, float, float], ...] = (
    ("03", 0.05, 0.06, 1.00),
    ("17", 0.14, 0.14, 0.80),
    ("32", 0.05, 0.07, 0.90),
    ("33", 0.09, 0.13, 0.75),
    ("35", 0.18, 0.12, 1.00),
    ("44", 0.16, 0.05, 1.15),
    ("45", 0.08, 0.16, 0.80),
    ("52", 0.08, 0.23, 0.78),
    ("61", 0.08, 0.02, 1.15),
    ("62", 0.07, 0.01, 1.30),
    ("69", 0.02, 0.01, 1.40),
)


@dataclass(frozen=True, slots=True)
class Employment:
    """Jobs as columns, and the months in which they are held.

    Attributes:
        person, employer, sector, permanent, weight, part, found: per job; `weight` is its pay against the person's
            other jobs, `part` the share of full time that it is meant for, `found` says that assistance came before.
        first_month: per job, the first month of the window in which it is held.
        job, month: per month of a job, by holder and month.
    """

    person: Ints
    employer: Ints
    sector: Ints
    permanent: Flags
    weight: Floats
    part: Floats
    found: Flags
    first_month: Ints
    job: Ints
    month: Ints

    @property
    def employers(self) -> int:
        """How many employers there are."""
        return int(self.employer.max(initial=0)) + 1


def draw_employment(rng: np.random.Generator, people: Population, activity: Activity) -> Employment:
    """Return the jobs of all persons in the window."""
    employed = activity.state == State.EMPLOYEE
    main = np.flatnonzero(employed.any(axis=1))
    second = main[rng.random(len(main)) < _SECOND_JOBS]
    holder = np.concatenate((main, second))
    held = employed[holder]
    begins = rng.integers(0, MONTHS, len(second))
    lasts = rng.integers(3, 25, len(second))
    month = np.arange(MONTHS)
    within = (month >= begins[:, None]) & (month < (begins + lasts)[:, None])
    held[len(main) :] &= within
    starts = held & (rng.integers(0, 256, held.shape, dtype=np.uint8) < _CHANGE)
    starts[:, 0] |= held[:, 0]
    starts[:, 1:] |= held[:, 1:] & ~held[:, :-1]
    job = (np.cumsum(starts.ravel()) - 1)[held.ravel()]
    row, first = np.nonzero(starts)
    person = holder[row]
    before = np.where(first > 0, activity.state[person, np.maximum(first - 1, 0)], State.ABSENT)
    found = before == State.ASSISTANCE
    held_months = np.nonzero(held)[1]
    return _describe(rng, people, _Found(person, row >= len(main), found, first), job, held_months)


@dataclass(frozen=True, slots=True)
class _Found:
    """Jobs before they are described: whose, whether small, whether found after assistance, and from which month."""

    person: Ints
    small: Flags
    found: Flags
    first: Ints


def _describe(rng: np.random.Generator, people: Population, new: _Found, job: Ints, month: Ints) -> Employment:
    """Draw sector, employer, contract, weight and hours of each job."""
    person, small, found, count = new.person, new.small, new.found, len(new.person)
    usual = rng.choice(len(SECTORS), count, p=[share for _, share, _, _ in SECTORS])
    after = rng.choice(len(SECTORS), count, p=[share for _, _, share, _ in SECTORS])
    sector = np.where(found, after, usual)
    pay = np.array([relative for *_, relative in SECTORS])[sector]
    weight = pay * rng.lognormal(0.0, 0.12, count) * np.where(small, _SECOND_WEIGHT, 1.0)
    age, woman, child = people.age[person], people.sex[person] == WOMAN, people.child[person]
    part = np.where(woman, rng.uniform(0.45, 1.0, count), rng.uniform(0.8, 1.0, count))
    part = np.where(rng.random(count) < np.where(woman, 0.25, 0.7), 1.0, part)
    part = np.where(small | child, rng.uniform(0.1, 0.4, count), part)
    permanent = rng.random(count) < np.where((age < 27) | found, _PERMANENT_YOUNG, _PERMANENT)
    employer = _draw_employers(rng, sector)
    return Employment(person, employer, sector, permanent, weight, part, found, new.first, job, month)


def monthly_pay(employment: Employment, wage: Floats, year: int) -> tuple[Ints, Floats, Ints]:
    """Return job, pay in euros and hours of each month of a job in a year; a person's pay adds up to their wage.

    Args:
        wage: of all persons in that year.
        year: its place in the window, from 0.
    """
    rows = np.flatnonzero((employment.month >= 12 * year) & (employment.month < 12 * (year + 1)))
    job = employment.job[rows]
    person, weight = employment.person[job], employment.weight[job]
    total = np.bincount(person, weights=weight, minlength=len(wage))
    pay = np.round(wage[person] * weight / total[person], 2)
    usual = np.round(employment.part[job] * _FULL_TIME_HOURS)
    hours = np.clip(np.floor(pay / _MINIMUM_HOURLY), 1, usual).astype(np.int64)
    return rows, pay, hours


def _draw_employers(rng: np.random.Generator, sector: Ints) -> Ints:
    """Draw each job's employer within its sector; numbers run on from sector to sector."""
    employer = np.zeros(len(sector), dtype=np.int64)
    start = 0
    for index in range(len(SECTORS)):
        jobs = np.flatnonzero(sector == index)
        number = max(_FEWEST_EMPLOYERS, len(jobs) // _JOBS_PER_EMPLOYER)
        edges = np.cumsum(np.arange(1, number + 1, dtype=np.float64) ** -_SKEW)
        employer[jobs] = start + np.searchsorted(edges / edges[-1], rng.random(len(jobs)), side="right")
        start += number
    return employer
