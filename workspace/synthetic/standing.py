"""How well off households are, year by year, before it is turned into money: a standing that lasts and changes.

Standing is normal with unit variance around a mean that depends on wijk and kind of household: a part that lasts and a
part that decays from year to year. Its correlation between years is what makes poverty last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from workspace.synthetic.households import ADULT_SLOTS, Flags, Floats, Households, Ints, Kind
from workspace.synthetic.population import PENSION_AGE
from workspace.synthetic.window import YEARS

LASTING = 0.80
DECAY = 0.60
_PENSION_LESS = 1.15
_STUDENTS = 0.45
_STUDENT_AGE = 25

WORKER, SICK, STUDENT, WEALTHY, PENSIONER = range(5)


@dataclass(frozen=True, slots=True)
class Standing:
    """Per household: `level` (households x years, higher is better off), `lasting` part, and `livelihood` (a code).

    `families` says in which years there are members under eighteen; `adults` and `minors` count members at each year's
    end; `head_age` is the head's age then.
    """

    level: Floats
    lasting: Floats
    livelihood: Ints
    adults: Ints
    minors: Ints
    head_age: Ints

    @property
    def families(self) -> Flags:
        """Which households have minors, per year."""
        return np.asarray(self.minors > 0)

    @property
    def pensioner(self) -> Flags:
        """Whose head has a pension at the year's end, per year."""
        return np.asarray(self.head_age >= PENSION_AGE)


def draw_standing(rng: np.random.Generator, households: Households) -> Standing:
    """Return the standing of all households in each of the five years."""
    count = len(households.kind)
    back = YEARS - 1 - np.arange(YEARS)
    ages = households.ages[:, :, None] - back
    family = np.isin(households.kind, (Kind.COUPLE_WITH_CHILDREN, Kind.SINGLE_PARENT))[:, None]
    present = (households.ages >= 0)[:, :, None] & (ages >= 0)
    minor = present & (ages < 18)
    # Those who formed a household are adults in it, also in the years before it was.
    minor[:, :ADULT_SLOTS] = False
    minor[:, ADULT_SLOTS:] &= family[:, :, None]
    minors = minor.sum(axis=1)
    adults = present.sum(axis=1) - minors
    head_age = households.ages[:, :1] - back

    lasting = rng.standard_normal(count)
    passing = np.zeros((count, YEARS))
    passing[:, 0] = rng.standard_normal(count)
    for year in range(1, YEARS):
        passing[:, year] = DECAY * passing[:, year - 1] + np.sqrt(1 - DECAY**2) * rng.standard_normal(count)

    livelihood = _draw_livelihood(rng, households, lasting)
    middle = -ndtri(np.clip(households.poverty, 0.01, 0.6)) * 1.22
    kind = np.select(
        [households.kind == Kind.SINGLE_PARENT, households.kind == Kind.COUPLE_WITH_CHILDREN,
         households.kind == Kind.COUPLE, households.kind == Kind.SINGLE],
        [-0.28, 0.10, 0.35, -0.15],
        0.0,
    )  # fmt: skip
    kind = kind + np.select([livelihood == SICK, livelihood == STUDENT, livelihood == WEALTHY], [-0.7, -1.1, 2.5], 0.0)
    level = (middle + kind)[:, None] + LASTING * lasting[:, None] + np.sqrt(1 - LASTING**2) * passing
    level -= _PENSION_LESS * (head_age >= PENSION_AGE)
    return Standing(level, lasting, livelihood, adults, minors, head_age)


def _draw_livelihood(rng: np.random.Generator, households: Households, lasting: Floats) -> Ints:
    """Draw what the head lives on before a pension and apart from assistance."""
    draw = rng.random(len(lasting))
    alone = np.isin(households.kind, (Kind.SINGLE, Kind.OTHER))
    age = households.ages[:, 0]
    student = alone & (age < _STUDENT_AGE) & (draw < _STUDENTS)
    sick = (draw > 0.5) & (draw < 0.5 + np.clip(0.055 - 0.04 * lasting + 0.05 * (age > 50), 0.01, 0.25))
    wealthy = draw > 0.9975
    return np.select([student, sick, wealthy], [STUDENT, SICK, WEALTHY], WORKER).astype(np.int64)
