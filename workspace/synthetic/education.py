"""Who is in default on the health premium, who left school early, and the highest level of education.

Leaving school follows a logit with known coefficients, so that a model that is fitted to the files can be compared
with what was put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from workspace.synthetic.households import Flags, Floats, Households, Ints, Kind
from workspace.synthetic.population import ADULT_AGE, WOMAN, Population
from workspace.synthetic.standing import Standing
from workspace.synthetic.window import YEARS

# Of the young at home: log odds of having left school without a basic qualification.
SCHOOL_LEAVERS: Mapping[str, float] = MappingProxyType(
    {"intercept": -2.4, "single_parent": 0.6, "low_income": 0.9, "premium_default": 0.8, "woman": -0.35}
)
LEAVER_AGES = (18, 23)
LOW, MIDDLE, HIGH, UNKNOWN = 1, 2, 3, 0
_FROM_AGE = 15
_UNKNOWN = 0.10


def draw_default(rng: np.random.Generator, people: Population, standing: Standing, poor: Flags) -> Flags:
    """Return who is in default on the health premium in which year: persons x years, adults only.

    Args:
        poor: households below the low-income threshold, per year.
    """
    home = people.household
    own = rng.random(len(home))[:, None]
    chance = _logistic(-3.9 + 1.5 * poor[home] - 0.25 * np.clip(standing.level[home], -3, 3))
    chance = chance * np.where(people.child, 0.5, 1.0)[:, None]
    age = people.age[:, None] - (YEARS - 1 - np.arange(YEARS))
    return np.asarray((own < chance) & (age >= ADULT_AGE))


def draw_school_leavers(
    rng: np.random.Generator, households: Households, people: Population, poor: Flags, default: Flags
) -> Flags:
    """Return which of the young at home left school without a basic qualification.

    Args:
        poor: households below the low-income threshold in the reference year.
        default: persons in default on the premium in the reference year; their parents' counts.
    """
    home = people.household
    parents = np.zeros(len(households.kind), dtype=bool)
    parents[home[default & (people.slot <= 1)]] = True
    odds = SCHOOL_LEAVERS["intercept"] + SCHOOL_LEAVERS["woman"] * (people.sex == WOMAN)
    odds = odds + SCHOOL_LEAVERS["single_parent"] * (households.kind == Kind.SINGLE_PARENT)[home]
    odds = odds + SCHOOL_LEAVERS["low_income"] * poor[home] + SCHOOL_LEAVERS["premium_default"] * parents[home]
    young = people.child & (people.age >= LEAVER_AGES[0]) & (people.age <= LEAVER_AGES[1])
    return np.asarray(young & (rng.random(len(home)) < _logistic(odds)))


def draw_education(
    rng: np.random.Generator, people: Population, standing: Standing, left_school: Flags, studies: Flags
) -> Ints:
    """Return everybody's highest level at the end of the window; UNKNOWN below fifteen and for some of the rest."""
    score = (
        0.55 * standing.lasting[people.household] + 0.25 * np.clip(standing.level.mean(axis=1), -2, 4)[people.household]
    )
    score = score + rng.standard_normal(len(score)) - 0.015 * np.maximum(people.age - 40, 0)
    score = score - 0.35 * (people.generation == 1)
    level = np.select([score < -0.25, score < 0.75], [LOW, MIDDLE], HIGH)
    at_home = people.child & (people.age < 27)
    level = np.where(
        at_home, np.where(people.age < ADULT_AGE, LOW, np.maximum(np.minimum(level, MIDDLE), MIDDLE)), level
    )
    level = np.where(studies, np.maximum(level, MIDDLE), level)
    level = np.where(left_school, LOW, level)
    missing = (rng.random(len(score)) < _UNKNOWN * np.where(people.age > 50, 2.0, 0.5)) & ~at_home
    return np.where(missing | (people.age < _FROM_AGE), UNKNOWN, level).astype(np.int64)


def _logistic(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)
