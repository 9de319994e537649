"""Who lives with whom: households in wijken, their kind, and the ages of their members.

A household is one row of a matrix of ages with seven slots: two for the head and a partner, five for children (or, in
households of another kind, for more adults). -1 marks an empty slot. All is drawn at once for all households.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from workspace.synthetic.places import WIJKEN, Wijk

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EMPTY = -1
ADULT_SLOTS = 2
_CHILD_SLOTS = 5
_GAPS = (1, 2, 3, 4, 5)
_GAP_SHARES = (0.15, 0.35, 0.27, 0.15, 0.08)
_CHILDREN_OF_COUPLES = (0.34, 0.43, 0.17, 0.05, 0.01)
_CHILDREN_OF_SINGLES = (0.52, 0.33, 0.11, 0.03, 0.01)
# Children live at home until 17 and leave between 18 and 24.
_ELDEST_SHARES = np.array([1.0] * 18 + [0.9, 0.75, 0.6, 0.45, 0.3, 0.2, 0.1])
_CORRECTIONS = 2
_MEAN_SIZE_WITHOUT_CHILDREN = 1.4
_MEAN_SIZE_WITH_CHILDREN = 3.3


class Kind(IntEnum):
    """The kinds of household that are told apart here; TYPHH adds whether a couple is married."""

    SINGLE = 0
    COUPLE = 1
    COUPLE_WITH_CHILDREN = 2
    SINGLE_PARENT = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class Households:
    """Households as columns: `wijk` (index in `places`), `kind`, `married`, and `ages` (households x seven slots).

    Ages are those on the last day of the reference year.
    """

    wijk: Ints
    kind: Ints
    married: Flags
    ages: Ints
    places: tuple[Wijk, ...] = WIJKEN

    @property
    def poverty(self) -> Floats:
        """The rough share of children in poverty of each household's wijk."""
        return np.array([wijk.poverty for wijk in self.places])[self.wijk]

    def followed_by(self, others: Households) -> Households:
        """Return these households and then those, of the same places."""
        return Households(
            np.concatenate((self.wijk, others.wijk)),
            np.concatenate((self.kind, others.kind)),
            np.concatenate((self.married, others.married)),
            np.concatenate((self.ages, others.ages)),
            self.places,
        )

    def only(self, rows: Flags) -> Households:
        """Return some of the households."""
        return Households(self.wijk[rows], self.kind[rows], self.married[rows], self.ages[rows], self.places)


def draw_households(rng: np.random.Generator, persons: int, places: tuple[Wijk, ...] = WIJKEN) -> Households:
    """Return households that hold exactly `persons` persons together, in wijken as large as `places` says.

    Wijken are drawn from weights that are corrected twice by the inhabitants that they led to, from the same random
    numbers, since how many persons a household has depends on its wijk.
    """
    seed = int(rng.integers(1 << 62))
    inhabitants = np.array([wijk.inhabitants for wijk in places], dtype=np.float64)
    families = np.array([wijk.families for wijk in places])
    weight = inhabitants / (_MEAN_SIZE_WITHOUT_CHILDREN * (1 - families) + _MEAN_SIZE_WITH_CHILDREN * families)
    for _ in range(_CORRECTIONS):
        drawn = _draw(np.random.Generator(np.random.PCG64(seed)), persons, places, weight)
        members = (drawn.ages > EMPTY).sum(axis=1)
        found = np.bincount(drawn.wijk, weights=members, minlength=len(places))
        goal = persons * inhabitants / inhabitants.sum()
        weight = weight * np.clip(goal / np.maximum(found, 1), 0.5, 2.0)
    return _draw(np.random.Generator(np.random.PCG64(seed)), persons, places, weight)


def _draw(rng: np.random.Generator, persons: int, places: tuple[Wijk, ...], weight: Floats) -> Households:
    count = int(persons * 0.65) + 50
    edges = np.cumsum(weight / weight.sum())
    wijk = np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(places) - 1)
    kind = _draw_kinds(rng, wijk, places)
    children = _draw_children(rng, kind)
    others = np.where(kind == Kind.OTHER, rng.choice(3, count, p=(0.6, 0.25, 0.15)), 0)
    partner = np.isin(kind, (Kind.COUPLE, Kind.COUPLE_WITH_CHILDREN, Kind.OTHER))
    size = 1 + partner + (children > EMPTY).sum(axis=1) + others

    # Keep as many as fit; people who remain live alone.
    whole = int(np.searchsorted(np.cumsum(size), persons, side="right"))
    alone = persons - int(size[:whole].sum())
    kept = slice(0, whole + alone)
    wijk, kind, children, others = wijk[kept], kind[kept], children[kept], others[kept]
    kind[whole:] = Kind.SINGLE
    children[whole:] = EMPTY

    ages = np.full((len(kind), ADULT_SLOTS + _CHILD_SLOTS), EMPTY, dtype=np.int64)
    ages[:, ADULT_SLOTS:] = children
    _fill_parents(rng, kind, ages)
    _fill_adults(rng, kind, others, ages)
    married = rng.random(len(kind)) < np.where(ages[:, 0] < 35, 0.4, 0.75)
    return Households(wijk, kind, married, ages, places)


def _draw_kinds(rng: np.random.Generator, wijk: Ints, places: tuple[Wijk, ...]) -> Ints:
    """Draw the kind of household; single parents are more common where there is more poverty."""
    families = np.array([each.families for each in places])[wijk]
    poverty = np.array([each.poverty for each in places])[wijk]
    single_parent = families * (0.22 + 0.40 * poverty)
    without = 1 - families
    shares = np.column_stack((without * 0.66, without * 0.30, families - single_parent, single_parent, without * 0.04))
    draw = rng.random(len(wijk))
    above = (draw[:, None] >= shares.cumsum(axis=1)).sum(axis=1)
    return np.asarray(np.minimum(above, int(Kind.OTHER)), dtype=np.int64)


def _draw_children(rng: np.random.Generator, kind: Ints) -> Ints:
    """Draw the ages of children, eldest first, in five slots; a child that is not yet born leaves its slot empty."""
    count = len(kind)
    couples = rng.choice(_CHILD_SLOTS, count, p=_CHILDREN_OF_COUPLES) + 1
    singles = rng.choice(_CHILD_SLOTS, count, p=_CHILDREN_OF_SINGLES) + 1
    number = np.select([kind == Kind.COUPLE_WITH_CHILDREN, kind == Kind.SINGLE_PARENT], [couples, singles], 0)
    eldest = rng.choice(len(_ELDEST_SHARES), count, p=_ELDEST_SHARES / _ELDEST_SHARES.sum())
    gaps = rng.choice(_GAPS, (count, _CHILD_SLOTS), p=_GAP_SHARES)
    gaps[:, 0] = 0
    ages = eldest[:, None] - gaps.cumsum(axis=1)
    present = (np.arange(_CHILD_SLOTS) < number[:, None]) & (ages >= 0)
    return np.where(present, ages, EMPTY)


def _fill_parents(rng: np.random.Generator, kind: Ints, ages: Ints) -> None:
    """Give families their parents, who were 18 to 44 (mothers) and at least 18 (fathers) at the eldest's birth."""
    count = len(kind)
    eldest = ages[:, ADULT_SLOTS]
    couple, single = kind == Kind.COUPLE_WITH_CHILDREN, kind == Kind.SINGLE_PARENT
    at_birth = np.clip(np.rint(rng.normal(np.where(couple, 30.0, 27.5), 4.8, count)), 18, 44).astype(np.int64)
    mother = eldest + at_birth
    father = np.maximum(mother + np.rint(rng.normal(2.5, 3.5, count)).astype(np.int64), eldest + 18)
    ages[:, 0] = np.where(couple, father, np.where(single, mother, EMPTY))
    ages[:, 1] = np.where(couple, mother, EMPTY)


def _fill_adults(rng: np.random.Generator, kind: Ints, others: Ints, ages: Ints) -> None:
    """Give households without children their adults."""
    count = len(kind)
    band = rng.random(count)
    young, middle = rng.integers(18, 35, count), rng.integers(35, 65, count)
    old = np.minimum(65 + rng.exponential(10.0, count).astype(np.int64), 102)
    alone = np.where(band < 0.42, young, np.where(band < 0.77, middle, old))
    paired = np.where(band < 0.30, young + 4, np.where(band < 0.62, middle, old))
    sharing = rng.integers(19, 38, count)
    apart = np.rint(rng.normal(0, 3.0, count)).astype(np.int64)
    single, couple, other = kind == Kind.SINGLE, kind == Kind.COUPLE, kind == Kind.OTHER
    ages[single, 0] = alone[single]
    ages[couple, 0] = paired[couple]
    ages[couple, 1] = np.maximum(paired + apart, 18)[couple]
    ages[other, 0] = sharing[other]
    ages[other, 1] = np.maximum(sharing + apart, 18)[other]
    for extra in range(_CHILD_SLOTS):
        more = other & (others > extra)
        ages[more, ADULT_SLOTS + extra] = np.maximum(sharing + extra - 2, 18)[more]
