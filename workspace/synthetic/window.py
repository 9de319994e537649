"""The five years that are drawn, their months, and the random numbers of each subject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Dates = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]

YEARS = 5
MONTHS = 12 * YEARS


class Subject(IntEnum):
    """What is drawn; each subject has random numbers of its own, so that one does not shift another's."""

    HOUSEHOLDS = 1
    LEAVERS = 2
    PERSONS = 3
    PRESENCE = 4
    ADDRESSES = 5
    STANDING = 6
    ASSISTANCE = 7
    INCOMES = 8
    ACTIVITY = 9
    JOBS = 10
    KINSHIP = 11
    EDUCATION = 12
    DEBTS = 13
    SCHEMES = 14
    KEYS = 15
    WEALTH = 16
    EARNINGS = 17
    RESTRUCTURING = 18


def stream(seed: int, subject: Subject) -> np.random.Generator:
    """Return the random numbers of one subject."""
    return np.random.Generator(np.random.PCG64([seed, int(subject)]))


@dataclass(frozen=True, slots=True)
class Window:
    """Five calendar years; `last` is the reference year. Months are counted from January of the first year, from 0."""

    last: int

    @property
    def first(self) -> int:
        """The first of the years."""
        return self.last - YEARS + 1

    @property
    def years(self) -> tuple[int, ...]:
        """The years in order."""
        return tuple(range(self.first, self.last + 1))

    @property
    def start(self) -> np.datetime64:
        """The first day."""
        return np.datetime64(f"{self.first}-01-01", "D")

    @property
    def end(self) -> np.datetime64:
        """The last day."""
        return np.datetime64(f"{self.last}-12-31", "D")

    def year_end(self, year: int) -> np.datetime64:
        """Return the last day of a year."""
        return np.datetime64(f"{year}-12-31", "D")

    def month_of(self, dates: Dates) -> Ints:
        """Return in which month dates lie; before the first month it is negative."""
        months = dates.astype("datetime64[M]").astype(np.int64)
        return np.asarray(months - (self.first - 1970) * 12, dtype=np.int64)

    def first_day(self, months: Ints) -> Dates:
        """Return the first day of months."""
        return (months + (self.first - 1970) * 12).astype("datetime64[M]").astype("datetime64[D]")

    def last_day(self, months: Ints) -> Dates:
        """Return the last day of months."""
        return self.first_day(months + 1) - np.timedelta64(1, "D")
