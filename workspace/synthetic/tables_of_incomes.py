"""The files of incomes, wealth, debts and schemes: of households in the city at a year's end, and their members."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from workspace.synthetic.columns import (
    Scope,
    codes,
    dates,
    euros,
    flags,
    household_keys,
    households_of,
    long_term,
    percentages,
    person_keys,
    small,
)
from workspace.synthetic.households import Floats, Ints
from workspace.synthetic.income import THRESHOLD, prices
from workspace.synthetic.panel import Panel
from workspace.synthetic.window import YEARS, Subject, stream

# Of the median equivalised income of persons.
_RISK_OF_POVERTY = 0.60
_INDEPENDENT = 0.70 * 1.37
_FIRST_AGE = 15
_RENT_SUPPORT_LIMIT = 135.0
_RESTRUCTURING_MONTHS = 36


def household_income(scope: Scope, year: int) -> pa.Table:
    """Return INHATAB of a year: one row per household."""
    panel, rows = scope.panel, households_of(scope, year)
    earnings, there = panel.earnings, panel.in_city
    lag, soc, eur = earnings.of_line, earnings.of_minimum, of_european_line(panel)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[np.argsort(earnings.equivalised[rows, year], kind="stable")] = np.arange(len(rows))
    return pa.table(
        {
            **household_keys(scope, rows, year),
            "INHBRUTINKH": euros(earnings.brutto[rows, year]),
            "INHBESTINKH": euros(earnings.disposable[rows, year]),
            "INHGESTINKH": euros(earnings.equivalised[rows, year]),
            "INHARMLAG": percentages(lag[rows, year]),
            "INHARMSOC": percentages(soc[rows, year]),
            "INHARMEUR": percentages(eur[rows, year]),
            "INHARMLAGL": percentages(long_term(lag, there, year)[rows]),
            "INHARMSOCL": percentages(long_term(soc, there, year)[rows]),
            "INHARMEURL": percentages(long_term(eur, there, year)[rows]),
            "INHBBIHJ": codes(earnings.source[rows, year]),
            "INHEHALGR": codes(tenure(panel, year)[rows]),
            "INHSAMHH": codes(panel.households.kind[rows] + 1),
            "INHP100HGEST": small(1 + rank * 100 // max(len(rows), 1)),
        }
    )


def of_european_line(panel: Panel) -> Floats:
    """Return incomes in percent of 60% of the median of persons in the city: households x years."""
    found = np.empty(panel.earnings.equivalised.shape)
    for year in range(YEARS):
        members = panel.people.per_household(panel.members(year), len(found))
        rows = np.flatnonzero(panel.in_city[:, year])
        income = panel.earnings.equivalised[:, year]
        order = rows[np.argsort(income[rows], kind="stable")]
        total = np.cumsum(members[order])
        median = income[order[int(np.searchsorted(total, total[-1] / 2))]]
        found[:, year] = np.round(100 * income / (_RISK_OF_POVERTY * median), 1)
    return found


def tenure(panel: Panel, year: int) -> Ints:
    """Return 1 own dwelling, 2 rent, 3 rent with housing benefit; owning becomes likelier with income."""
    rng = stream(panel.seed, Subject.WEALTH)
    draw, benefit = rng.random(len(panel.in_city)), rng.random(len(panel.in_city))
    own = draw < np.clip((panel.earnings.of_line.mean(axis=1) - 80) / 260, 0.05, 0.85)
    supported = (panel.earnings.of_line[:, year] < _RENT_SUPPORT_LIMIT) & (benefit < 0.85)
    return np.where(own, 1, np.where(supported, 3, 2)).astype(np.int64)


def personal_income(scope: Scope, year: int) -> pa.Table:
    """Return INPATAB of a year: one row per person of fifteen or older; nobody younger has an income."""
    panel = scope.panel
    people, earnings = panel.people, panel.earnings
    age = people.age - (YEARS - 1 - year)
    there = panel.members(year) & panel.in_city[people.household, year]
    rows = scope.by_key(there & ((age >= _FIRST_AGE) | (earnings.gross[:, year] > 0)))
    primary = (earnings.wage + earnings.profit)[rows, year]
    gross = earnings.gross[rows, year]
    enough = _INDEPENDENT * THRESHOLD * prices(panel.window.years[year])
    return pa.table(
        {
            **person_keys(scope, rows),
            "year": small(np.full(len(rows), panel.window.years[year])),
            "INPBELI": euros(gross - earnings.grant[rows, year]),
            "INPPERSPRIM": euros(primary),
            "INPPINK": euros(gross),
            "INPEMEZ": flags(primary >= enough),
        }
    )


def wealth(scope: Scope, year: int) -> pa.Table:
    """Return VEHTAB of a year: what households own and owe; wealth is the one minus the other."""
    panel, rows = scope.panel, households_of(scope, year)
    rng = stream(panel.seed, Subject.WEALTH)
    rng.random((2, len(panel.in_city)))
    spread, house, loan = rng.standard_normal(len(rows_of(panel))), *rng.random((2, len(rows_of(panel))))
    owner = tenure(panel, year) == 1
    level, head = panel.standing.level[:, year], np.clip(panel.standing.head_age[:, year], 18, 90)
    savings = np.exp(7.2 + 0.55 * np.clip(level, -3, 4) + 0.022 * (head - 40) + 0.9 * spread)
    value = np.where(owner, 190_000 + 110_000 * np.clip(level, 0, 4) + 160_000 * house, 0.0)
    mortgage = value * np.clip(1.05 - 0.016 * (head - 28), 0.02, 1.0) * (0.4 + 0.6 * loan)
    owed = mortgage + np.where(panel.debts[:, year], 3_000 + 38_000 * loan**2, 900 * loan)
    assets, debts = np.rint(savings + value)[rows], np.rint(owed)[rows]
    return pa.table(
        {
            **household_keys(scope, rows, year),
            "VEHW1000VERH": euros(assets - debts),
            "VEHW1100BEZH": euros(assets),
            "VEHW1200STOH": euros(debts),
        }
    )


def rows_of(panel: Panel) -> Ints:
    """Return all rows of households."""
    return np.arange(len(panel.in_city))


def problem_debts(scope: Scope, year: int) -> pa.Table:
    """Return SCHULDENTAB of a year: which households have problematic debts."""
    rows = households_of(scope, year)
    return pa.table({**household_keys(scope, rows, year), "PROBSCHULD": flags(scope.panel.debts[rows, year])})


def schemes(scope: Scope, year: int) -> pa.Table:
    """Return VOORZIENINGEN of a year: one row per household and scheme that it uses."""
    rows, use = households_of(scope, year), scope.panel.use[year]
    names = list(use)
    table = np.column_stack([use[name][rows] for name in names])
    household, scheme = np.nonzero(table)
    return pa.table(
        {**household_keys(scope, rows[household], year), "REGELING": pa.array(names).take(pa.array(scheme))}
    )


def restructured(scope: Scope) -> pa.Table:
    """Return WSNPPERSBUS: spells of debt restructuring of heads of households, of three years at most."""
    panel = scope.panel
    household, year = np.nonzero(panel.restructured)
    head = np.flatnonzero(panel.people.slot == 0)[household]
    month = 12 * year + (panel.people.month[head] * 5) % 12
    first = panel.window.first_day(month)
    last = np.minimum(panel.window.last_day(month + _RESTRUCTURING_MONTHS - 1), panel.presence.until[household])
    kept = np.flatnonzero(scope.persons[head] & (last >= scope.since) & (first <= last))
    kept = kept[np.argsort(scope.rank[head[kept]], kind="stable")]
    return pa.table(
        {
            **person_keys(scope, head[kept]),
            "AANVWSNP": dates(np.maximum(first, panel.presence.formed[household])[kept]),
            "EINDWSNP": dates(last[kept]),
        }
    )


def premium_default(scope: Scope, year: int) -> pa.Table:
    """Return WANBZVWTAB of a year: the adults who are in default on the health premium."""
    panel = scope.panel
    there = panel.members(year) & panel.in_city[panel.people.household, year]
    rows = scope.by_key(panel.default[:, year] & there)
    return pa.table(
        {
            **person_keys(scope, rows),
            "year": small(np.full(len(rows), panel.window.years[year])),
            "WANBZVW": flags(np.ones(len(rows), dtype=bool)),
        }
    )
