"""Household income from what its members earn or receive, and where that stands against two poverty lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.households import Flags, Floats, Households, Ints, Kind
from workspace.synthetic.places import WIJKEN
from workspace.synthetic.population import ADULT_AGE, Population
from workspace.synthetic.work import PENSION_AGE, Work

# Equivalence factors by adults (rows, from one) and children (columns, from none).
FACTORS = np.array(
    (
        (1.00, 1.33, 1.51, 1.76, 1.95),
        (1.37, 1.67, 1.88, 2.06, 2.28),
        (1.73, 1.95, 2.14, 2.32, 2.49),
    )
)
_ADULT_MORE = 0.25
_CHILD_MORE = 0.17
# The low-income threshold of one person a year in euros: 1,100 a month in 2020, with two years of prices.
THRESHOLD = 14_700.0
# The policy minimum is set for couples, single parents and people alone, and hardly rises with children.
_MINIMUM_ALONE = 13_700.0
_MINIMUM_COUPLE = 19_400.0
_MINIMUM_PER_CHILD = 1_900.0
# Wijken of villas where a few incomes are so large that they dominate the total of the wijk.
_VILLA_WIJKEN = ("051803", "051806", "051810")

WAGE, SELF_EMPLOYED, UNEMPLOYED, ASSISTANCE, SICKNESS, PENSION, STUDENT, WEALTH = 11, 13, 21, 22, 24, 25, 26, 30


@dataclass(frozen=True, slots=True)
class Income:
    """Per household: disposable and equivalised income in euros a year, percentages of two lines, source, tenure.

    `earner` is the row of the main earner in the population.
    """

    disposable: Floats
    equivalised: Floats
    of_threshold: Floats
    of_minimum: Floats
    source: Ints
    tenure: Ints
    earner: Ints


def draw_income(rng: np.random.Generator, households: Households, people: Population, work: Work) -> Income:
    """Return the income of each household; pay is what the jobs of its members say."""
    count = len(households.kind)
    pay = np.bincount(work.jobs.person, weights=work.jobs.annual_pay, minlength=len(people.age))
    wages = np.asarray(pay, dtype=np.float64)
    poverty = households.poverty
    middle = np.log(42_000.0) - 1.2 * poverty[people.household]
    profit = np.where(work.self_employed, rng.lognormal(middle, 0.75), 0.0)

    adults = people.per_household(people.age >= ADULT_AGE, count).astype(np.int64)
    children = people.per_household(people.age < ADULT_AGE, count).astype(np.int64)
    factor = equivalence(adults, children)
    wage = people.per_household(_after_tax(wages), count)
    self_employed = people.per_household(_after_tax(profit), count)
    support = children * np.where(wage + self_employed < 45_000 * factor, 2_600.0, 1_300.0)
    credit = np.where(wage + self_employed < 20_000 * factor, 1_400.0, 0.0)

    idle = wage + self_employed == 0
    source, benefit = _draw_benefits(rng, households, idle, factor)
    earned = np.where(wage >= self_employed, WAGE, SELF_EMPLOYED)
    source = np.where(idle, source, earned)
    disposable = np.where(idle, benefit, wage + self_employed + support + credit)
    disposable, source = _enrich(rng, households, disposable, source)
    disposable = np.rint(disposable)

    equivalised = np.rint(disposable / factor)
    minimum = np.where(adults > 1, _MINIMUM_COUPLE, _MINIMUM_ALONE) + _MINIMUM_PER_CHILD * children
    of_threshold = np.round(100 * equivalised / THRESHOLD, 1)
    return Income(
        disposable=disposable,
        equivalised=equivalised,
        of_threshold=of_threshold,
        of_minimum=np.round(100 * disposable / minimum, 1),
        source=source,
        tenure=_draw_tenure(rng, of_threshold),
        earner=_main_earners(people, wages + profit),
    )


def equivalence(adults: Ints, children: Ints) -> Floats:
    """Return the equivalence factors of households of one adult or more.

    >>> equivalence(np.array([1, 2]), np.array([2, 2])).tolist()
    [1.51, 1.88]
    """
    rows, columns = FACTORS.shape
    row, column = np.clip(adults, 1, rows) - 1, np.minimum(children, columns - 1)
    more = _ADULT_MORE * np.maximum(adults - rows, 0) + _CHILD_MORE * np.maximum(children - columns + 1, 0)
    return np.asarray(FACTORS[row, column] + more, dtype=np.float64)


def _after_tax(gross: Floats) -> Floats:
    """Take a simple progressive tax off: 8% up to 22,000, 37% up to 72,000, 49.5% above."""
    tax = 0.08 * np.minimum(gross, 22_000)
    tax += 0.37 * np.clip(gross - 22_000, 0, 50_000)
    tax += 0.495 * np.maximum(gross - 72_000, 0)
    return gross - tax


def _draw_benefits(
    rng: np.random.Generator, households: Households, idle: Flags, factor: Floats
) -> tuple[Ints, Floats]:
    """Draw source and income of the households in which nobody works."""
    count = len(idle)
    head = households.ages[:, 0]
    alone = np.isin(households.kind, (Kind.SINGLE, Kind.OTHER))
    draw = rng.random(count)
    assistance = np.minimum(0.30 + 1.3 * households.poverty, 0.85)
    source = np.where(draw < assistance, ASSISTANCE, np.where(draw < assistance + 0.1, SICKNESS, UNEMPLOYED))
    source = np.where(draw > 0.98, WEALTH, source)
    source = np.where(alone & (head < 27) & (draw < 0.75), STUDENT, source)
    source = np.where(head >= PENSION_AGE, PENSION, source)
    # Lower and upper bound of the income as a multiple of the threshold.
    bounds = {
        UNEMPLOYED: (0.92, 1.7),
        ASSISTANCE: (0.80, 1.04),
        SICKNESS: (0.9, 1.5),
        PENSION: (1.01, 1.2),
        STUDENT: (0.45, 0.98),
        WEALTH: (1.1, 6.0),
    }
    spread = rng.random(count)
    level = np.zeros(count)
    for code, (low, high) in bounds.items():
        level = np.where(source == code, low + (high - low) * spread, level)
    extra = np.where(source == PENSION, rng.lognormal(np.log(0.5) - 3.5 * households.poverty, 0.9, count), 0.0)
    return source, (level + extra) * THRESHOLD * factor


def _enrich(rng: np.random.Generator, households: Households, disposable: Floats, source: Ints) -> tuple[Floats, Ints]:
    """Give a few households in prosperous wijken a very large income, and one in each wijk of villas the largest."""
    count = len(disposable)
    chance = np.where(households.poverty < 0.1, 0.0008, 0.00008)
    rich = rng.random(count) < chance
    amount = 250_000 * (1 + rng.pareto(1.3, count))
    codes = np.array([wijk.code for wijk in WIJKEN])[households.wijk]
    for code in _VILLA_WIJKEN:
        first = np.flatnonzero(codes == code)[:1]
        rich[first] = True
        amount[first] = 6_000_000 * (1 + rng.random(len(first)))
    return np.where(rich, amount, disposable), np.where(rich, WEALTH, source)


def _draw_tenure(rng: np.random.Generator, of_threshold: Floats) -> Ints:
    """Draw 1 own, 2 rent, 3 rent with housing benefit; owning becomes likelier with income."""
    own = np.clip((of_threshold - 80) / 260, 0.05, 0.85)
    owner = rng.random(len(own)) < own
    benefit = (of_threshold < 135) & (rng.random(len(own)) < 0.85)
    return np.where(owner, 1, np.where(benefit, 3, 2))


def _main_earners(people: Population, earned: Floats) -> Ints:
    """Return per household the row of the adult who earns most; the head if nobody earns."""
    ranked = np.where(people.child, -1.0, earned)
    order = np.lexsort((people.slot, -ranked, people.household))
    first = np.unique(people.household[order], return_index=True)[1]
    return order[first]
