"""Columns of the files: keys as text with leading zeros, codes as text, dates, and what part of a panel is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workspace.synthetic.households import Flags, Floats, Ints
from workspace.synthetic.panel import Panel
from workspace.synthetic.population import NOBODY
from workspace.synthetic.window import YEARS, Dates, Subject, stream

_PERSON_DIGITS = 9
_HOUSEHOLD_DIGITS = 8
_DWELLING_DIGITS = 12
_EMPLOYER_DIGITS = 8
_JOB_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """A panel, its keys, and the part of it that is written.

    Attributes:
        years: places in the window of the years that are written.
        persons: which persons; `order`: their rows by key, which is drawn without order and tells nothing; `rank`: the
            place of each person in that order among all.
        since: spells that ended before this day are left out.
        person, number, dwelling, job, employer: keys as text.
    """

    panel: Panel
    years: tuple[int, ...]
    persons: Flags
    order: Ints
    rank: Ints
    since: np.datetime64
    person: pa.Array
    number: pa.Array
    dwelling_key: Ints
    dwelling: pa.Array
    job: pa.Array
    employer: pa.Array

    def by_key(self, rows: Ints | Flags) -> Ints:
        """Return some rows of persons (numbers or flags) of this scope in the order of their keys."""
        flags = rows
        if rows.dtype != np.bool_:
            flags = np.zeros(len(self.persons), dtype=bool)
            flags[rows] = True
        return np.asarray(self.order[np.asarray(flags)[self.order]], dtype=np.int64)

    def sorted(self, person: Ints, then: Ints | Dates) -> Ints:
        """Return the order of rows about persons by their key, and then by another column."""
        return np.asarray(np.lexsort((then, self.rank[person])), dtype=np.int64)


def scope_of(panel: Panel, years: tuple[int, ...], *, residents_only: bool) -> Scope:
    """Return a scope: of those who live in the city on the last day, or of all who lived there in the window."""
    rng = stream(panel.seed, Subject.KEYS)
    people = panel.people
    persons = np.ones(len(people.age), dtype=bool)
    if residents_only:
        persons = people.household < panel.residents
    order = np.argsort(people.key, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    dwelling = _draw_keys(rng, len(panel.addresses.place), _DWELLING_DIGITS)
    return Scope(
        panel=panel,
        years=years,
        persons=persons,
        order=order[persons[order]],
        rank=rank,
        since=np.datetime64(f"{panel.window.years[years[0]]}-01-01", "D"),
        person=_digits(people.key, _PERSON_DIGITS),
        number=_digits(_draw_keys(rng, len(panel.households.kind), _HOUSEHOLD_DIGITS), _HOUSEHOLD_DIGITS),
        dwelling_key=dwelling,
        dwelling=_digits(dwelling, _DWELLING_DIGITS),
        job=_digits(_draw_keys(rng, len(panel.employment.person), _JOB_DIGITS), _JOB_DIGITS),
        employer=_digits(_draw_keys(rng, panel.employment.employers, _EMPLOYER_DIGITS), _EMPLOYER_DIGITS),
    )


def person_keys(scope: Scope, rows: Ints) -> dict[str, pa.Array]:
    """Return the two key columns of persons."""
    return {"RINPERSOONS": constant("R", len(rows)), "RINPERSOON": scope.person.take(pa.array(rows))}


def household_keys(scope: Scope, rows: Ints, year: int) -> dict[str, pa.Array]:
    """Return the key of households, which is their main earner's, and the year."""
    return {
        "RINPERSOONHKW": scope.person.take(pa.array(scope.panel.earnings.earner[rows])),
        "year": pa.array(np.full(len(rows), scope.panel.window.years[year]), pa.int16()),
    }


def households_of(scope: Scope, year: int) -> Ints:
    """Return the households that live in the city at the end of a year, in the order of their keys."""
    rows = np.flatnonzero(scope.panel.in_city[:, year])
    return np.asarray(rows[np.argsort(scope.rank[scope.panel.earnings.earner[rows]], kind="stable")], dtype=np.int64)


def known_persons(scope: Scope, rows: Ints) -> pa.Array:
    """Return keys of persons, missing for NOBODY and for those who are not in the files."""
    unknown = (rows == NOBODY) | ~scope.persons[np.maximum(rows, 0)]
    return scope.person.take(pa.array(np.maximum(rows, 0), mask=unknown))


def constant(value: str, count: int) -> pa.Array:
    """Return one text for all rows."""
    return pa.array([value]).take(pa.array(np.zeros(count, dtype=np.int64)))


def codes(values: Ints, *, width: int = 1) -> pa.Array:
    """Return small whole numbers as the text codes of the CBS files."""
    known = [str(code).zfill(width) for code in range(int(values.max(initial=0)) + 1)]
    return pa.array(known).take(pa.array(values))


def flags(values: Flags) -> pa.Array:
    """Return 1 for yes and 0 for no, as text."""
    return codes(values.astype(np.int64))


def dates(values: Dates) -> pa.Array:
    """Return days."""
    return pa.array(values.astype("datetime64[D]"), pa.date32())


def small(values: Ints) -> pa.Array:
    """Return small whole numbers."""
    return pa.array(values, pa.int16())


def euros(values: Floats) -> pa.Array:
    """Return whole euros."""
    return pa.array(np.rint(values).astype(np.int64))


def percentages(values: Floats) -> pa.Array:
    """Return percentages with one decimal; missing where there is none."""
    return pa.array(np.round(values, 1), mask=np.isnan(values))


def long_term(values: Floats, there: Flags, year: int) -> Floats:
    """Return the highest of the last four years' values per household; NaN unless it lived in the city in all four."""
    if year < YEARS - 2:
        return np.full(len(values), np.nan)
    last = slice(year - 3, year + 1)
    return np.where(there[:, last].all(axis=1), values[:, last].max(axis=1), np.nan)


def _draw_keys(rng: np.random.Generator, count: int, digits: int) -> Ints:
    """Draw distinct keys without order."""
    return np.asarray(rng.choice(10**digits - 1, count, replace=False) + 1, dtype=np.int64)


def _digits(keys: Ints, width: int) -> pa.Array:
    """Return keys as text of `width` characters with leading zeros."""
    return pc.utf8_lpad(pc.cast(pa.array(keys), pa.string()), width, "0")
