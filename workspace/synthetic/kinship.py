"""Who is whose child, also when both have homes of their own: adults and their parents in the city.

Children at home have their parents there. Of adults up to 45 about half have a mother in the city, with her partner as
father. They are matched so that the ranks of the two households' incomes are correlated as is stated: by age groups,
each child's rank is joined with a normal copula to the rank of a mother.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from workspace.synthetic.households import Flags, Floats, Households, Ints, Kind
from workspace.synthetic.population import MAN, NOBODY, WOMAN, Population

RANK_RANK_SLOPE = 0.30
_CHILD_AGES = (20, 45)
_AGE_AT_BIRTH, _SPREAD = 25.5, 4.5
_YOUNGEST, _OLDEST = 18, 38
_YOUNGEST_FATHER = 18
_CHILDREN = 2
_STEP = 5


@dataclass(frozen=True, slots=True)
class Kinship:
    """Rows of fathers and mothers of all persons, or NOBODY; `linked` says who is an adult with a home of their own."""

    father: Ints
    mother: Ints
    linked: Flags


def draw_kinship(
    rng: np.random.Generator, households: Households, people: Population, child_income: Floats, parent_income: Floats
) -> Kinship:
    """Return the parents of everybody.

    Args:
        child_income, parent_income: per household, the incomes whose ranks are correlated, in two years; NaN where the
            household does not live in the city then.
    """
    home = people.household
    couple = np.isin(households.kind, (Kind.COUPLE, Kind.COUPLE_WITH_CHILDREN))[home]
    grown = ((people.slot == 0) | ((people.slot == 1) & couple)) & ~np.isnan(child_income[home])
    children = np.flatnonzero(grown & (people.age >= _CHILD_AGES[0]) & (people.age <= _CHILD_AGES[1]))
    own = ((people.slot == 0) | ((people.slot == 1) & couple)) & (people.sex == WOMAN)
    mothers = np.flatnonzero(own & ~np.isnan(parent_income[home]) & (people.age >= _CHILD_AGES[0] + _YOUNGEST))
    mothers = np.repeat(mothers, _CHILDREN)
    at_birth = np.clip(np.rint(rng.normal(_AGE_AT_BIRTH, _SPREAD, len(mothers))), _YOUNGEST, _OLDEST)
    age_of_child = people.age[mothers] - at_birth.astype(np.int64)

    father, mother = people.father.copy(), people.mother.copy()
    linked = np.zeros(len(home), dtype=bool)
    for age in range(_CHILD_AGES[0], _CHILD_AGES[1] + 1, _STEP):
        # Mothers who had their child somewhat earlier than the youngest of the group are old enough for all of it.
        young = children[(people.age[children] >= age) & (people.age[children] < age + _STEP)]
        old = mothers[(age_of_child >= age + _STEP - 1) & (age_of_child < age + 2 * _STEP - 1)]
        pairs = min(len(young), len(old))
        if pairs == 0:
            continue
        young, old = rng.permutation(young)[:pairs], rng.permutation(old)[:pairs]
        # Nobody is their own mother's household: those pairs are left out.
        young, old = _joined(rng, young, old, child_income[home[young]], parent_income[home[old]])
        apart = home[young] != home[old]
        mother[young[apart]], linked[young[apart]] = old[apart], True
    partner = _partners(people, couple)
    fathers = np.where(linked, partner[np.maximum(mother, 0)], NOBODY)
    fits = (fathers != NOBODY) & (people.age[fathers] >= people.age + _YOUNGEST_FATHER) & linked
    father[fits] = fathers[fits]
    return Kinship(father, mother, linked)


def _joined(
    rng: np.random.Generator, young: Ints, old: Ints, child_income: Floats, parent_income: Floats
) -> tuple[Ints, Ints]:
    """Return pairs of a child and a mother whose ranks have the stated correlation."""
    count = len(young)
    # The product-moment correlation of a normal copula with this rank correlation.
    rho = 2 * np.sin(np.pi * RANK_RANK_SLOPE / 6)
    rank = (np.argsort(np.argsort(child_income, kind="stable"), kind="stable") + 0.5) / count
    score = rho * ndtri(rank) + np.sqrt(1 - rho**2) * rng.standard_normal(count)
    return young[np.argsort(score, kind="stable")], old[np.argsort(parent_income, kind="stable")]


def _partners(people: Population, couple: Flags) -> Ints:
    """Return each woman's partner in a couple, if a man, or NOBODY."""
    partner = np.full(len(people.age), NOBODY, dtype=np.int64)
    second = np.flatnonzero((people.slot == 1) & couple)
    first = second - 1
    mixed = (people.sex[second] == WOMAN) & (people.sex[first] == MAN)
    partner[second[mixed]] = first[mixed]
    return partner
