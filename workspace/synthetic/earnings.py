"""Who of a household earns or receives what, so that its members' incomes add up to the household's, and taxes fit.

A household's disposable income follows from its ratio to the policy minimum. Allowances apart it is divided by what the
members do in the year; the gross income that leaves a person with that part after a simple progressive tax is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.activity import Activity, State
from workspace.synthetic.base import Base
from workspace.synthetic.households import Floats, Households, Ints, Kind
from workspace.synthetic.income import Ratios
from workspace.synthetic.population import WOMAN, Population
from workspace.synthetic.standing import WEALTHY
from workspace.synthetic.window import YEARS

WAGE, SELF_EMPLOYED, UNEMPLOYED, ASSISTANCE, SICKNESS, PENSION, STUDENT, WEALTH = 11, 13, 21, 22, 24, 25, 26, 30
SOURCES = (WAGE, SELF_EMPLOYED, UNEMPLOYED, ASSISTANCE, SICKNESS, PENSION, STUDENT, WEALTH)
# What a month in a state weighs in the division, against a month of work of the head.
_WEIGHTS = {UNEMPLOYED: 0.70, ASSISTANCE: 0.50, SICKNESS: 0.65, PENSION: 0.80, STUDENT: 0.30}
_RENTIER = 3.0
_MAGNATE, _MAGNATE_RATIO = 300.0, 900.0
_ALLOWANCE_SHARE = 0.22
_FIRST_RATE, _SECOND_RATE, _TOP_RATE = 0.08, 0.37, 0.495
_FIRST, _SECOND = 22_000.0, 72_000.0
_NET_FIRST = _FIRST * (1 - _FIRST_RATE)
_NET_SECOND = _NET_FIRST + (_SECOND - _FIRST) * (1 - _SECOND_RATE)


@dataclass(frozen=True, slots=True)
class Earnings:
    """Euros a year. Of persons (persons x years): `gross` in all, `wage`, `profit`, `grant` (not taxable).

    Of households (households x years): `brutto`, the total of its members' gross incomes; `disposable`; `equivalised`;
    `of_minimum` and `of_line`, percentages of the policy minimum and of the low-income threshold; `source`, the main
    source of income; `earner`, the row of the main earner, one for all years.
    """

    gross: Floats
    wage: Floats
    profit: Floats
    grant: Floats
    brutto: Floats
    disposable: Floats
    equivalised: Floats
    of_minimum: Floats
    of_line: Floats
    source: Ints
    earner: Ints


def draw_earnings(rng: np.random.Generator, base: Base, activity: Activity, ratios: Ratios) -> Earnings:
    """Return the incomes of all persons and households."""
    households, people, standing = base.households, base.people, base.standing
    count, home = base.count, people.household
    own = _draw_strength(rng, households, people)
    parts = {code: activity.months(state) * weight for code, state, weight in _states(own)}
    head = people.slot == 0
    rich = np.zeros((len(home), YEARS))
    rich[head] = np.where((standing.livelihood == WEALTHY)[:, None], 12 * _RENTIER, 0.0)
    rich[head] = np.where(ratios.of_minimum > _MAGNATE_RATIO, 12 * _MAGNATE, rich[head])
    parts[WEALTH] = rich
    weight = np.sum(list(parts.values()), axis=0)
    total = _per_household(home, weight, count)
    # Where nobody has an income of a known kind, the head has one of wealth.
    bare = (total == 0)[home] & head[:, None]
    parts[WEALTH] = np.where(bare, 1.0, parts[WEALTH])
    weight = np.where(bare, 1.0, weight)
    total = np.where(total == 0, 1.0, total)

    wanted = ratios.of_minimum / 100 * ratios.minimum
    support = standing.minors * np.where(wanted < 45_000 * ratios.factor / 1.5, 2_600.0, 1_300.0)
    support = np.minimum(support + np.where(ratios.of_minimum < 130, 1_400.0, 0.0), _ALLOWANCE_SHARE * wanted)
    share = weight / total[home]
    gross = np.rint(_before_tax(share * (wanted - support)[home]))
    brutto = _per_household(home, gross, count)
    disposable = np.rint(_per_household(home, _after_tax(gross), count) + support)

    of_part = np.divide(gross, weight, out=np.zeros_like(gross), where=weight > 0)
    amounts = {code: np.rint(part * of_part) for code, part in parts.items()}
    sums = np.stack([_per_household(home, amounts[code], count) for code in SOURCES])
    equivalised = np.rint(disposable / ratios.factor)
    return Earnings(
        gross=gross,
        wage=amounts[WAGE],
        profit=amounts[SELF_EMPLOYED],
        grant=np.minimum(amounts[STUDENT], gross),
        brutto=brutto,
        disposable=disposable,
        equivalised=equivalised,
        of_minimum=np.round(100 * disposable / ratios.minimum, 1),
        of_line=np.round(100 * equivalised / (ratios.line / ratios.factor), 1),
        source=np.asarray(SOURCES)[sums.argmax(axis=0)],
        earner=_main_earners(people, gross),
    )


def _states(own: Floats) -> list[tuple[int, State, Floats]]:
    """Return source, state and weight a month of all kinds of income but wealth."""
    strength = own[:, None]
    work = [(WAGE, State.EMPLOYEE, strength), (SELF_EMPLOYED, State.SELF_EMPLOYED, 1.1 * strength)]
    rest = [(UNEMPLOYED, State.UNEMPLOYED), (ASSISTANCE, State.ASSISTANCE), (SICKNESS, State.SICK),
            (PENSION, State.PENSION), (STUDENT, State.STUDENT)]  # fmt: skip
    return [*work, *((code, state, np.full((1, 1), _WEIGHTS[code])) for code, state in rest)]


def _draw_strength(rng: np.random.Generator, households: Households, people: Population) -> Floats:
    """Draw what a month of work of a person weighs."""
    couple = np.isin(households.kind, (Kind.COUPLE, Kind.COUPLE_WITH_CHILDREN))[people.household]
    partner = (people.slot == 1) & couple
    middle = np.where(partner, np.where(people.sex == WOMAN, 0.62, 0.95), np.where(people.slot == 0, 1.0, 0.8))
    middle = np.where(people.child, 0.30, middle)
    return np.asarray(middle * rng.lognormal(0.0, 0.28, len(middle)), dtype=np.float64)


def _per_household(home: Ints, values: Floats, count: int) -> Floats:
    """Return totals per household and year."""
    return np.column_stack([np.bincount(home, weights=values[:, year], minlength=count) for year in range(YEARS)])


def _after_tax(gross: Floats) -> Floats:
    """Take a simple progressive tax off: 8% up to 22,000, 37% up to 72,000, 49.5% above."""
    tax = _FIRST_RATE * np.minimum(gross, _FIRST) + _SECOND_RATE * np.clip(gross - _FIRST, 0, _SECOND - _FIRST)
    return np.asarray(gross - tax - _TOP_RATE * np.maximum(gross - _SECOND, 0), dtype=np.float64)


def _before_tax(net: Floats) -> Floats:
    """Return the gross income that leaves `net`."""
    above = np.maximum(net - _NET_SECOND, 0) / (1 - _TOP_RATE)
    middle = np.clip(net - _NET_FIRST, 0, _NET_SECOND - _NET_FIRST) / (1 - _SECOND_RATE)
    return np.asarray(np.minimum(net, _NET_FIRST) / (1 - _FIRST_RATE) + middle + above, dtype=np.float64)


def _main_earners(people: Population, gross: Floats) -> Ints:
    """Return per household the row of the adult with the largest income of all years."""
    ranked = np.where(people.child, -1.0, gross.sum(axis=1))
    order = np.lexsort((people.slot, -ranked, people.household))
    first = np.unique(people.household[order], return_index=True)[1]
    return np.asarray(order[first], dtype=np.int64)
