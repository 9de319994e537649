"""What the generator put in, so that what a notebook finds can be compared with it: parameters and exact counts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from workspace.synthetic.activity import State
from workspace.synthetic.assistance import AGE_BANDS, Reason
from workspace.synthetic.debts import EFFECT, STRATA, YOUNG
from workspace.synthetic.education import LEAVER_AGES, SCHOOL_LEAVERS
from workspace.synthetic.employment import SECTORS, monthly_pay
from workspace.synthetic.households import Floats, Ints
from workspace.synthetic.kinship import RANK_RANK_SLOPE
from workspace.synthetic.measures import Measures
from workspace.synthetic.panel import Panel
from workspace.synthetic.window import MONTHS, YEARS

SCHEMA = 1
BANDS = (100.0, 130.0, 150.0)
_LIMITS = (110.0, 120.0, 130.0)


def truth(panel: Panel) -> dict[str, Any]:
    """Return the document that is written as truth.json; the documentation names its entries."""
    found = Measures(panel)
    return {
        "schema": SCHEMA,
        "municipality": panel.targets.municipality.code,
        "persons": panel.persons,
        "seed": panel.seed,
        "years": list(panel.window.years),
        "reference_year": panel.window.last,
        "durable_outflow": _durable(panel, found),
        "exits_per_year": {
            str(year): {
                reason.name.lower(): found.leavers((reason,), 12 * place, 12 * place + 11)[0]
                for reason in (Reason.WORK, Reason.SCHOOL, Reason.PENSION, Reason.OTHER)
            }
            for place, year in enumerate(panel.window.years)
        },
        "transitions": _transitions(panel),
        "schemes": _schemes(panel, found),
        "mobility": _mobility(panel),
        "school_leavers": {
            "coefficients": dict(SCHOOL_LEAVERS),
            "definition": f"children at home of {LEAVER_AGES[0]} to {LEAVER_AGES[1]}: education low; log odds",
        },
        "inequality": {str(year): _inequality(panel, place) for place, year in enumerate(panel.window.years)},
        "long_term": _long_term(panel),
        "moves": {str(year): _moves(panel, place) for place, year in enumerate(panel.window.years)},
        "pay_after_outflow": _pay_after(panel),
        "debts": _debts(panel, found),
        "definitions": _definitions(panel, found),
    }


def _durable(panel: Panel, found: Measures) -> dict[str, Any]:
    exits, back = found.leavers((Reason.WORK, Reason.SCHOOL), 0, MONTHS - 13)
    spells = panel.assistance
    head = np.flatnonzero(panel.people.slot == 0)[spells.household]
    age = (spells.last - panel.window.month_of(panel.presence.born)[head]) / 12
    band = np.digitize(age, [low for low, _ in AGE_BANDS[1:]])
    following = np.full(len(spells.household), 10 * MONTHS)
    same = spells.household[1:] == spells.household[:-1]
    following[:-1] = np.where(same, spells.first[1:], 10 * MONTHS)
    left = np.isin(spells.reason, (Reason.WORK, Reason.SCHOOL)) & (spells.last < MONTHS - 12)
    weight = spells.claimants[spells.household]
    by_age = {}
    for place, (low, high) in enumerate(AGE_BANDS):
        rows = left & (band == place)
        returned = weight[rows & (following - spells.last <= 12)].sum()
        by_age[f"{low}-{high}"] = _share(weight[rows].sum() - returned, weight[rows].sum())
    return {
        "not_back_within_12_months": _share(exits - back, exits),
        "parameter": panel.targets.not_back,
        "by_age": by_age,
        "exits": exits,
        "until": panel.window.last - 1,
    }


def _transitions(panel: Panel) -> dict[str, Any]:
    band = np.digitize(panel.earnings.of_minimum, BANDS, right=True)
    size = len(BANDS) + 1
    matrix = np.zeros((size, size))
    for year in range(YEARS - 1):
        rows = panel.in_city[:, year] & panel.in_city[:, year + 1]
        pairs = band[rows, year] * size + band[rows, year + 1]
        matrix += np.bincount(pairs, minlength=size * size).reshape(size, size)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [f"up to {BANDS[0]:.0f}", *(f"{a:.0f}-{b:.0f}" for a, b in pairwise(BANDS))]
    return {
        "bands": [*names, f"above {BANDS[-1]:.0f}"],
        "of": "INHARMSOC, households in the city at both year ends",
        "matrix": [[round(float(share), 4) for share in row] for row in shares],
        "pairs": int(matrix.sum()),
    }


def _schemes(panel: Panel, found: Measures) -> dict[str, Any]:
    total = int(found.low.sum())
    reach = {"at_least_one": _share((panel.used(YEARS - 1) & found.low).sum(), total)}
    for code in panel.use[-1]:
        users, among = panel.reached(code, found.low, YEARS - 1)
        reach[code] = _share(users, among)
    return {
        "reach": reach,
        "among": f"households up to {panel.targets.low_limit:.0f}% (05 long-term, 06 with children, 09 with a pension)",
        "effect": {
            "outcome": "PROBSCHULD in the next year",
            "treatment": "at least one scheme but 07 in a year",
            "among": f"households in the city with INHARMSOC up to {panel.targets.low_limit:.0f}% in that year",
            "risk_difference": EFFECT,
            "strata": list(STRATA),
        },
    }


def _mobility(panel: Panel) -> dict[str, Any]:
    kinship, home = panel.kinship, panel.people.household
    rows = np.flatnonzero(kinship.linked & (panel.people.age >= 25))
    parent = panel.earnings.equivalised[home[kinship.mother[rows]], 0]
    child = panel.earnings.equivalised[home[rows], -1]
    slope = float(np.corrcoef(_ranks(parent), _ranks(child))[0, 1]) if len(rows) > 2 else 0.0
    return {
        "rank_rank_slope": round(slope, 4),
        "parameter": RANK_RANK_SLOPE,
        "pairs": len(rows),
        "parents_year": panel.window.first,
        "children_year": panel.window.last,
        "definition": "INHGESTINKH; children of 25 or older in a home of their own, mother's household; ranks of pairs",
    }


def _ranks(values: Floats) -> Ints:
    return np.asarray(np.argsort(np.argsort(values, kind="stable"), kind="stable"), dtype=np.int64)


def _inequality(panel: Panel, year: int) -> dict[str, float]:
    members = panel.people.per_household(panel.members(year), len(panel.in_city))
    rows = np.flatnonzero(panel.in_city[:, year])
    order = rows[np.argsort(panel.earnings.equivalised[rows, year], kind="stable")]
    income, weight = panel.earnings.equivalised[order, year], members[order]
    total = np.cumsum(weight)
    median = float(income[int(np.searchsorted(total, total[-1] / 2))])
    amount = np.cumsum(weight * income)
    before = np.concatenate(([0.0], amount[:-1]))
    gini = 1 - float((weight * (amount + before)).sum() / (total[-1] * amount[-1]))
    poor = float(weight[income < 0.6 * median].sum() / total[-1])
    return {"median": median, "gini": round(gini, 4), "arop_rate": round(poor, 4)}


def _long_term(panel: Panel) -> dict[str, Any]:
    there = panel.in_city[:, -4:].all(axis=1)
    low = (panel.earnings.of_minimum[:, -4:] <= panel.targets.low_limit).all(axis=1) & there
    return {"below_limit_four_years": int(low.sum()), "households": int(there.sum()), "limit": panel.targets.low_limit}


def _moves(panel: Panel, year: int) -> dict[str, int]:
    """Count persons on assistance who came and who left, in the month of the move."""
    presence, window = panel.presence, panel.window
    months = panel.assistance.months(len(panel.in_city))
    counts = {}
    for name, day, moved in (
        ("in", presence.entered, presence.arrived), ("out", presence.left, presence.gone(window)),
    ):  # fmt: skip
        month = window.month_of(day)
        rows = np.flatnonzero(moved & (month >= 12 * year) & (month < 12 * (year + 1)))
        on = months[rows, month[rows]]
        counts[name] = int(panel.assistance.claimants[rows[on]].sum())
    return counts


def _pay_after(panel: Panel) -> dict[str, float]:
    """Return the mean pay in the first month of jobs that were found after assistance, by sector, of all years."""
    jobs = panel.employment
    total, number = np.zeros(len(SECTORS)), np.zeros(len(SECTORS))
    for year in range(YEARS):
        rows, pay, _ = monthly_pay(jobs, panel.earnings.wage[:, year], year)
        job = jobs.job[rows]
        first = np.append(True, job[1:] != job[:-1]) & (jobs.month[rows] == jobs.first_month[job]) & jobs.found[job]
        total += np.bincount(jobs.sector[job[first]], weights=pay[first], minlength=len(SECTORS))
        number += np.bincount(jobs.sector[job[first]], minlength=len(SECTORS))
    return {
        code: round(float(amount / count), 2)
        for (code, *_), amount, count in zip(SECTORS, total, number, strict=True)
        if count
    }


def _debts(panel: Panel, found: Measures) -> dict[str, Any]:
    owing = found.there & panel.debts[:, -1]
    head = panel.standing.head_age[:, -1]
    return {
        "inhabitants": _share(found.members[owing].sum(), found.members[found.there].sum()),
        "households": _share(owing.sum(), found.there.sum()),
        "by_age_of_head": {
            name: _share((owing & rows).sum(), (found.there & rows).sum())
            for name, rows in (("18-26", head < YOUNG), ("27 and older", head >= YOUNG))
        },
    }


def _definitions(panel: Panel, found: Measures) -> dict[str, int]:
    counts = {f"soc{limit:.0f}": int((found.there & (found.ratio <= limit)).sum()) for limit in _LIMITS}
    lag = found.poor
    counts["lag100"] = int(lag.sum())
    counts |= {f"both_soc{limit:.0f}_lag100": int((lag & (found.ratio <= limit)).sum()) for limit in _LIMITS}
    working = (panel.activity.months(State.EMPLOYEE)[:, -1] > 0) & (panel.people.slot <= 1)
    counts["working_lag100"] = int((lag & (panel.people.per_household(working, len(lag)) > 0)).sum())
    return counts


def _share(part: float, whole: float) -> float:
    return round(float(part) / float(whole), 4) if whole else 0.0
