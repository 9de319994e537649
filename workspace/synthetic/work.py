"""Who works, for whom, and for what pay: jobs at employers whose sizes are heavily skewed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.households import Flags, Floats, Households, Ints, Kind
from workspace.synthetic.population import ADULT_AGE, WOMAN, Population

PENSION_AGE = 67
_FULL_TIME_HOURS = 160.0
_MINIMUM_HOURLY = 10.5
_SELF_EMPLOYED = 0.13
_JOBS_PER_EMPLOYER = 14
# Employer r of a sector has a size in proportion to r**-1.3: the largest of a hundred has about a third of the jobs.
_SKEW = 1.3

# Sector code, share of the jobs, hourly pay against the mean.
SECTORS: tuple[tuple[str, float, float], ...] = (
    ("03", 0.05, 1.00),
    ("17", 0.14, 0.80),
    ("32", 0.05, 0.90),
    ("33", 0.09, 0.75),
    ("35", 0.18, 1.00),
    ("44", 0.16, 1.15),
    ("45", 0.08, 0.80),
    ("52", 0.08, 0.78),
    ("61", 0.08, 1.15),
    ("62", 0.07, 1.30),
    ("69", 0.02, 1.40),
)


@dataclass(frozen=True, slots=True)
class Jobs:
    """Jobs as columns: `person` (row), `employer` (number), `sector` (index in SECTORS), months and monthly pay."""

    person: Ints
    employer: Ints
    sector: Ints
    first_month: Ints
    months: Ints
    hours: Floats
    pay: Floats
    permanent: Flags

    @property
    def annual_pay(self) -> Floats:
        """Pay over the year in euros."""
        return self.pay * self.months


@dataclass(frozen=True, slots=True)
class Work:
    """Who works: employees and self-employed as flags per person, and the jobs of the employees."""

    employee: Flags
    self_employed: Flags
    jobs: Jobs


def draw_work(rng: np.random.Generator, households: Households, people: Population) -> Work:
    """Return the work of all persons in one year."""
    working = _draw_working(rng, households, people)
    self_employed = working & ~people.child & (rng.random(len(working)) < _SELF_EMPLOYED)
    employee = working & ~self_employed
    return Work(employee, self_employed, _draw_jobs(rng, households, people, employee))


def _draw_working(rng: np.random.Generator, households: Households, people: Population) -> Flags:
    """Draw first which households have no work at all, then who works in the others: at least one adult does."""
    kind, poverty = households.kind, households.poverty
    without = np.select(
        [kind == Kind.SINGLE_PARENT, kind == Kind.COUPLE_WITH_CHILDREN, kind == Kind.COUPLE],
        [0.03 + 1.1 * poverty, 0.5 * poverty, 0.05 + 0.45 * poverty],
        0.12 + 0.65 * poverty,
    )
    idle = (rng.random(len(kind)) < without)[people.household]
    able = (people.age >= ADULT_AGE) & (people.age < PENSION_AGE) & ~idle
    share = np.where(people.child, 0.6, np.where(people.sex == WOMAN, 0.78, 0.92))
    working = able & (rng.random(len(share)) < share)
    parent = able & ~people.child
    nobody = people.per_household(working & parent, len(kind)) == 0
    head = np.unique(people.household[parent], return_index=True)[1]
    first = np.flatnonzero(parent)[head]
    working[first] |= nobody[people.household[first]]
    return working


def _draw_jobs(rng: np.random.Generator, households: Households, people: Population, employee: Flags) -> Jobs:
    """Give each employee a job, and one in twenty a small second one."""
    main = np.flatnonzero(employee)
    second = main[rng.random(len(main)) < 0.05]
    person = np.concatenate((main, second))
    count = len(person)
    small = np.arange(count) >= len(main)
    age, woman, child = people.age[person], people.sex[person] == WOMAN, people.child[person]
    single_parent = households.kind[people.household[person]] == Kind.SINGLE_PARENT
    part = np.where(woman | single_parent, rng.uniform(0.45, 1.0, count), rng.uniform(0.8, 1.0, count))
    part = np.where(rng.random(count) < np.where(woman, 0.25, 0.7), 1.0, part)
    part = np.where(small | child, rng.uniform(0.1, 0.4, count), part)
    hours = np.round(part * _FULL_TIME_HOURS)

    sector = rng.choice(len(SECTORS), count, p=[share for _, share, _ in SECTORS])
    level = np.array([relative for _, _, relative in SECTORS])[sector]
    poverty = households.poverty[people.household[person]]
    middle = np.log(32.0 * level) + 0.012 * (np.minimum(age, 55) - 40) - 2.2 * poverty
    # Partners and the person's own talent are not modelled; one lognormal spread stands for both.
    hourly = np.maximum(rng.lognormal(middle, 0.38, count), _MINIMUM_HOURLY)
    boss = rng.random(count) < 0.0005
    hourly = np.where(boss, hourly * (4 + rng.pareto(1.5, count)), hourly)

    all_year = rng.random(count) < np.where(age < 27, 0.7, 0.9)
    months = np.where(all_year, 12, rng.integers(1, 12, count))
    first_month = 1 + np.floor(rng.random(count) * (13 - months)).astype(np.int64)
    permanent = rng.random(count) < np.where(age < 27, 0.35, 0.75)
    employer = _draw_employers(rng, sector)
    return Jobs(person, employer, sector, first_month, months, hours, np.round(hourly * hours, 2), permanent)


def _draw_employers(rng: np.random.Generator, sector: Ints) -> Ints:
    """Draw each job's employer within its sector; numbers run on from sector to sector."""
    employer = np.zeros(len(sector), dtype=np.int64)
    start = 0
    for index in range(len(SECTORS)):
        jobs = np.flatnonzero(sector == index)
        number = max(3, len(jobs) // _JOBS_PER_EMPLOYER)
        edges = np.cumsum(np.arange(1, number + 1, dtype=np.float64) ** -_SKEW)
        employer[jobs] = start + np.searchsorted(edges / edges[-1], rng.random(len(jobs)), side="right")
        start += number
    return employer
