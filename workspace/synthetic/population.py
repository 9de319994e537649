"""Persons: the members of households with their birth, sex, origin, parents and keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.households import ADULT_SLOTS, EMPTY, Flags, Floats, Households, Ints, Kind

MAN, WOMAN = 1, 2
ADULT_AGE = 18
PENSION_AGE = 67
NOBODY = -1
# The youngest parent that the register of this generator knows.
_YOUNGEST_PARENT = 16
_KEYS = 999_999_999


@dataclass(frozen=True, slots=True)
class Population:
    """Persons as columns, members of one household beside each other.

    `household` is the row in `Households`; `slot` the place in it; `father` and `mother` are rows of this population or
    NOBODY; `key` is the number behind RINPERSOON, drawn without order so that it tells nothing.
    """

    household: Ints
    slot: Ints
    age: Ints
    month: Ints
    sex: Ints
    origin: Ints
    generation: Ints
    child: Flags
    father: Ints
    mother: Ints
    key: Ints

    def per_household(self, values: Floats | Ints | Flags, households: int) -> Floats:
        """Return the total of `values` over the members of each household."""
        total = np.bincount(self.household, weights=values.astype(np.float64), minlength=households)
        return np.asarray(total, dtype=np.float64)


def draw_population(rng: np.random.Generator, households: Households) -> Population:
    """Return the persons who live in `households`."""
    household, slot = (index.astype(np.int64) for index in np.nonzero(households.ages > EMPTY))
    age = households.ages[household, slot]
    kind = households.kind[household]
    count = len(age)
    child = _is_child(kind, slot)
    sex = _draw_sex(rng, kind, slot, age)
    origin = _draw_origin(rng, households)[household]
    first_generation = rng.random(count) < np.where(child, 0.12, np.where(age > 35, 0.75, 0.45))
    father, mother = _parents(rng, households, household, slot, age, sex)
    return Population(
        household=household,
        slot=slot,
        age=age,
        month=rng.integers(1, 13, count),
        sex=sex,
        origin=origin,
        generation=np.where(origin == 1, 0, np.where(first_generation, 1, 2)),
        child=child,
        father=father,
        mother=mother,
        key=rng.choice(_KEYS, count, replace=False) + 1,
    )


def _is_child(kind: Ints, slot: Ints) -> Flags:
    return np.isin(kind, (Kind.COUPLE_WITH_CHILDREN, Kind.SINGLE_PARENT)) & (slot >= ADULT_SLOTS)


def _draw_sex(rng: np.random.Generator, kind: Ints, slot: Ints, age: Ints) -> Ints:
    """Draw men and women: couples are a man and a woman, six in seven single parents are mothers."""
    share_of_women = np.where(age >= 75, 0.62, 0.5)
    couple = np.isin(kind, (Kind.COUPLE, Kind.COUPLE_WITH_CHILDREN))
    share_of_women = np.where(couple & (slot == 0), 0.0, share_of_women)
    share_of_women = np.where(couple & (slot == 1), 1.0, share_of_women)
    share_of_women = np.where((kind == Kind.SINGLE_PARENT) & (slot == 0), 0.86, share_of_women)
    return np.where(rng.random(len(age)) < share_of_women, WOMAN, MAN)


def _draw_origin(rng: np.random.Generator, households: Households) -> Ints:
    """Draw one origin per household: 1 the Netherlands, 2 Europe, 3 outside Europe (coarse, and correlated only)."""
    outside = np.minimum(0.15 + 1.2 * households.poverty, 0.75)
    draw = rng.random(len(households.wijk))
    return np.where(draw < outside, 3, np.where(draw < outside + 0.15, 2, 1))


def _parents(
    rng: np.random.Generator, households: Households, household: Ints, slot: Ints, age: Ints, sex: Ints
) -> tuple[Ints, Ints]:
    """Return the rows of each child's father and mother; about half of the parents who live elsewhere are known."""
    count = len(age)
    head = np.full(len(households.kind), NOBODY, dtype=np.int64)
    partner = head.copy()
    head[household[slot == 0]] = np.flatnonzero(slot == 0)
    partner[household[slot == 1]] = np.flatnonzero(slot == 1)

    father, mother = (np.full(count, NOBODY, dtype=np.int64) for _ in range(2))
    kind = households.kind[household]
    child = _is_child(kind, slot)
    couple = child & (kind == Kind.COUPLE_WITH_CHILDREN)
    father[couple], mother[couple] = head[household[couple]], partner[household[couple]]

    alone = child & (kind == Kind.SINGLE_PARENT)
    at_home = head[household]
    with_mother = sex[at_home] == WOMAN
    elsewhere = _parents_elsewhere(rng, households, head, age, sex)[household]
    fits = (elsewhere != NOBODY) & (age[elsewhere] >= age + _YOUNGEST_PARENT)
    elsewhere = np.where(fits, elsewhere, NOBODY)
    mother[alone] = np.where(with_mother, at_home, elsewhere)[alone]
    father[alone] = np.where(with_mother, elsewhere, at_home)[alone]
    return father, mother


def _parents_elsewhere(rng: np.random.Generator, households: Households, head: Ints, age: Ints, sex: Ints) -> Ints:
    """Return per single-parent household someone of the other sex and about the same age who lives alone, or nobody."""
    found = np.full(len(head), NOBODY, dtype=np.int64)
    families = np.flatnonzero(households.kind == Kind.SINGLE_PARENT)
    alone = head[households.kind == Kind.SINGLE]
    for of_sex, other in ((WOMAN, MAN), (MAN, WOMAN)):
        candidates = alone[sex[alone] == other]
        candidates = candidates[np.argsort(age[candidates], kind="stable")]
        looking = families[sex[head[families]] == of_sex]
        if len(candidates) == 0 or len(looking) == 0:
            continue
        near = np.searchsorted(age[candidates], age[head[looking]] + rng.integers(-1, 6, len(looking)))
        near = np.minimum(near + rng.integers(0, max(2, len(candidates) // 50), len(looking)), len(candidates) - 1)
        known = rng.random(len(looking)) < 0.5
        found[looking] = np.where(known, candidates[near], NOBODY)
    return found
