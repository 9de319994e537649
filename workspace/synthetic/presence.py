"""When a household was formed, came to the city, left it and ended; and when its members were born.

A household keeps its members; only births change it. Adults who were not yet eighteen at the beginning of the window
enter the register when they form their household. Besides the residents of the last day there are households that left
during the window, of which some ended with the death of somebody old who lived alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.households import ADULT_SLOTS, EMPTY, Flags, Households, Ints, Kind
from workspace.synthetic.population import Population
from workspace.synthetic.window import YEARS, Dates, Window

_LONGEST = 20 * 365
_ARRIVE = 0.025
_DEATH_AGE = 75
_DEATHS = 0.6
_BEFORE_LEAVING = 45
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Presence:
    """Dates per household and births per person.

    Attributes:
        formed: the first day of the household; nobody of it is in the register before.
        entered: its first day in the city: `formed`, unless it came from elsewhere in the country.
        left: its last day in the city; the window's last day for residents.
        until: its last day in the register: `left` if it ended there, else the window's last day.
        born: per person.
    """

    formed: Dates
    entered: Dates
    left: Dates
    until: Dates
    born: Dates

    @property
    def arrived(self) -> Flags:
        """Which households came from elsewhere in the country."""
        return np.asarray(self.entered > self.formed)

    def gone(self, window: Window) -> Flags:
        """Return which households live elsewhere at the end of the window."""
        return np.asarray((self.left < window.end) & (self.until > self.left))

    def in_city(self, day: np.datetime64) -> Flags:
        """Return which households live in the city on a day."""
        return np.asarray((self.entered <= day) & (day <= self.left))


def leavers(households: Households) -> Households:
    """Return those of `households` whose adults are old enough to have lived here for some time before they left."""
    adults = _adult_ages(households)
    return households.only(adults.min(axis=1) >= 18 + YEARS // 2)


def draw_presence(
    rng: np.random.Generator, window: Window, households: Households, people: Population, residents: int
) -> Presence:
    """Return the dates of all households, of which the first `residents` live in the city on the last day."""
    count, persons = len(households.kind), len(people.age)
    month = (window.last - people.age - 1970) * 12 + people.month - 1
    day = rng.integers(0, 28, persons).astype("timedelta64[D]")
    born: Dates = month.astype("datetime64[M]").astype("datetime64[D]") + day
    adult = ~people.child
    of_age = (month[adult] + 18 * 12).astype("datetime64[M]").astype("datetime64[D]") + day[adult]
    youngest = np.full(count, np.datetime64("1900-01-01", "D"))
    np.maximum.at(youngest, people.household[adult], of_age)

    formed = window.start - rng.integers(30, _LONGEST, count).astype("timedelta64[D]")
    formed = np.minimum(np.maximum(formed, youngest), window.end)
    row = np.arange(count)
    leaves = row >= residents
    alone = (households.kind == Kind.SINGLE) & (households.ages[:, 0] >= _DEATH_AGE)
    dies = leaves & alone & (rng.random(count) < _DEATHS)
    formed = np.where(leaves, np.minimum(formed, window.end - 200 * _DAY), formed)
    left = _between(rng, np.maximum(formed, window.start), _BEFORE_LEAVING, window.end - _DAY)
    left = np.where(leaves, left, window.end)

    arrives = (rng.random(count) < _ARRIVE * YEARS) & (formed < window.end - 60 * _DAY)
    arrives &= ~leaves
    came = _between(rng, np.maximum(formed, window.start), 1, window.end - _DAY)
    return Presence(
        formed=formed,
        entered=np.where(arrives, came, formed),
        left=left,
        until=np.where(dies, left, window.end),
        born=born,
    )


def _between(rng: np.random.Generator, start: Dates, after: int, last: np.datetime64) -> Dates:
    """Draw a day from `after` days after `start` to `last`, both included; `last` where there is none."""
    room = (last - start).astype(np.int64) - after
    drawn = after + np.floor(rng.random(len(start)) * (np.maximum(room, 0) + 1)).astype(np.int64)
    return later(start, np.where(room < 0, after + room, drawn))


def later(start: Dates, days: Ints) -> Dates:
    """Return the dates that are so many days later."""
    moved: Dates = start + days.astype("timedelta64[D]")
    return moved


def _adult_ages(households: Households) -> Ints:
    """Return the ages of the adults who formed the household; a high age where there is none."""
    ages = households.ages.copy()
    family = np.isin(households.kind, (Kind.COUPLE_WITH_CHILDREN, Kind.SINGLE_PARENT))
    ages[family, ADULT_SLOTS:] = EMPTY
    return np.where(ages == EMPTY, 999, ages)
