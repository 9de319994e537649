"""The files of work, school and assistance: SPOLISBUS, SECMBUS, BIJSTANDUITKERINGTAB and HOOGSTEOPLTAB."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from workspace.synthetic.activity import State
from workspace.synthetic.columns import Scope, codes, dates, person_keys, small
from workspace.synthetic.education import UNKNOWN
from workspace.synthetic.employment import SECTORS, monthly_pay
from workspace.synthetic.households import Ints
from workspace.synthetic.panel import Panel
from workspace.synthetic.window import MONTHS, YEARS

_ADULT = 15
_OLDER_UNEMPLOYED, _OLDER_AGE = 0.10, 50


def job_months(scope: Scope, year: int) -> pa.Table:
    """Return SPOLISBUS of a year: one row per job and month."""
    panel = scope.panel
    jobs, window = panel.employment, panel.window
    rows, pay, hours = monthly_pay(jobs, panel.earnings.wage[:, year], year)
    job = jobs.job[rows]
    kept = np.flatnonzero(scope.persons[jobs.person[job]] & (pay > 0))
    order = kept[np.argsort(scope.rank[jobs.person[job[kept]]], kind="stable")]
    rows, job = rows[order], job[order]
    person, month = jobs.person[job], jobs.month[rows]
    taken = pa.array(job)
    return pa.table(
        {
            **person_keys(scope, person),
            "IKVID": scope.job.take(taken),
            "BEID": scope.employer.take(pa.array(jobs.employer[job])),
            "SDATUMAANVANGIKO": dates(window.first_day(month)),
            "SDATUMEINDEIKO": dates(window.last_day(month)),
            "SBASISLOON": pa.array(pay[order]),
            "SBASISUREN": small(hours[order]),
            "SCONTRACTSOORT": pa.array(["B", "O"]).take(pa.array(jobs.permanent[job].astype(np.int64))),
            "SSECT": pa.array([code for code, *_ in SECTORS]).take(pa.array(jobs.sector[job])),
        }
    )


def activity_spells(scope: Scope) -> pa.Table:
    """Return SECMBUS: one row per person and spell; the first begins with the window at the earliest."""
    panel = scope.panel
    state = panel.activity.state[scope.order]
    starts = np.ones(state.shape, dtype=bool)
    starts[:, 1:] = state[:, 1:] != state[:, :-1]
    row, month = np.nonzero(starts)
    what = state[row, month]
    following = np.append(month[1:], MONTHS)
    last_of_person = np.append(row[1:] != row[:-1], True)
    end = np.where(last_of_person, MONTHS, following) - 1
    kept = what != State.ABSENT
    row, month, end, what = row[kept], month[kept], end[kept], what[kept].astype(np.int64)
    person = scope.order[row]
    home, window = panel.people.household[person], panel.window
    begun = np.maximum(panel.presence.formed[home], panel.presence.born[person])
    first = np.maximum(window.first_day(month), begun)
    last = np.minimum(window.last_day(end), panel.presence.until[home])
    kept = np.flatnonzero((last >= scope.since) & (first <= last))
    return pa.table(
        {
            **person_keys(scope, person[kept]),
            "AANVSECM": dates(first[kept]),
            "EINDSECM": dates(last[kept]),
            "SECM": codes(what[kept]),
        }
    )


def assistance_spells(scope: Scope) -> pa.Table:
    """Return BIJSTANDUITKERINGTAB: one row per person and spell of assistance; spells that run end with the window."""
    panel = scope.panel
    spells, people, window = panel.assistance, panel.people, panel.window
    head = np.flatnonzero(people.slot == 0)
    both = np.flatnonzero(spells.claimants[spells.household] == 2)
    which = np.concatenate((np.arange(len(spells.household)), both))
    household = spells.household[which]
    person = head[household] + (np.arange(len(which)) >= len(spells.household))
    first = window.first_day(spells.first[which])
    last = np.minimum(window.last_day(spells.last[which]), panel.presence.until[household])
    kept = np.flatnonzero(scope.persons[person] & (last >= scope.since) & (first <= last))
    kept = kept[scope.sorted(person[kept], first[kept])]
    household, person = household[kept], person[kept]
    return pa.table(
        {
            **person_keys(scope, person),
            "AANVBIJSTAND": dates(first[kept]),
            "EINDBIJSTAND": dates(last[kept]),
            "STATCODE": codes(_kind_of_assistance(panel)[household], width=2),
            "REDENEINDE": codes(spells.reason[which[kept]]),
            "PLAATSBAAR": codes(np.where(placeable(panel)[household], 1, 2)),
        }
    )


def placeable(panel: Panel) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which households can be placed in work within 18 months: so many are not on the last day as is stated."""
    spells = panel.assistance
    rows = spells.household[(spells.last == MONTHS - 1) & panel.in_city[spells.household, YEARS - 1]]
    rows = rows[np.argsort(spells.easy[rows], kind="stable")]
    wanted = panel.targets.scaled(panel.targets.not_placeable, panel.persons)
    last = min(int(np.searchsorted(np.cumsum(spells.claimants[rows]), wanted)), len(rows) - 1)
    limit = float(spells.easy[rows[last]]) if len(rows) else 0.0
    return np.asarray(spells.easy > limit)


def _kind_of_assistance(panel: Panel) -> Ints:
    """Return 1 bijstand, 2 IOAW (older unemployed), 3 IOAZ (older self-employed) per household."""
    draw = np.modf(np.abs(panel.assistance.easy) * 1_000)[0]
    older = panel.standing.head_age[:, 0] >= _OLDER_AGE
    return np.where(older & (draw < _OLDER_UNEMPLOYED), 2, np.where(older & (draw > 0.99), 3, 1)).astype(np.int64)


def education(scope: Scope, year: int) -> pa.Table:
    """Return HOOGSTEOPLTAB of a year: the highest education of persons of fifteen or older, if it is known."""
    panel = scope.panel
    there = panel.members(year) & panel.in_city[panel.people.household, year]
    age = panel.people.age - (YEARS - 1 - year)
    rows = scope.by_key(there & (panel.education != UNKNOWN) & (age >= _ADULT))
    return pa.table(
        {
            **person_keys(scope, rows),
            "year": small(np.full(len(rows), panel.window.years[year])),
            "OPLNIVEAU": codes(panel.education[rows]),
        }
    )
