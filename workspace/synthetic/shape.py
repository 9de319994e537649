"""Checks of the population's shape: figures of other years, with other definitions, that have bounds and no goal."""

from __future__ import annotations

from workspace.synthetic.activity import State
from workspace.synthetic.households import Kind
from workspace.synthetic.measures import LAST, Line, Measures, effective_size

# Wijk, lower and upper bound of the share of minors in households below the low-income threshold.
_RATES = (("29", 0.36, 0.46), ("36", 0.30, 0.40), ("30", 0.30, 0.40), ("13", 0.0, 0.04), ("03", 0.0, 0.04))


def shape(found: Measures) -> list[Line]:
    """Return the checks of The Hague."""
    return [*_families(found), *_minima(found), *_wijken(found)]


def _check(
    what: str, dutch: str, source: str, bounds: tuple[float, float], result: float, size: float | None = None
) -> Line:
    return Line(what, dutch, source, None, bounds[0], float(result), None, bounds[1], size)


def _families(found: Measures) -> list[Line]:
    panel = found.panel
    families = found.minors > 0
    poor, other = found.poor & families, found.there & ~found.poor & families
    works = (panel.activity.months(State.EMPLOYEE) + panel.activity.months(State.SELF_EMPLOYED))[:, LAST] > 0
    idle = panel.people.per_household(works & (panel.people.slot <= 1), len(poor)) == 0
    single = (panel.households.kind == Kind.SINGLE_PARENT)[poor].mean()
    without = "families without a working parent"
    zonder = "gezinnen zonder werkende ouder"
    return [
        _check("Single parents among poor families", "Eenouders onder arme gezinnen", "2014", (0.38, 0.52), single),
        _check(f"Poor {without}", f"Arme {zonder}", "2014", (0.40, 0.60), idle[poor].mean()),
        _check(f"Other {without}", f"Andere {zonder}", "2014", (0.0, 0.09), idle[other].mean()),
    ]


def _minima(found: Measures) -> list[Line]:
    panel = found.panel
    upto = found.there & (found.ratio <= 110)
    assisted, old = (panel.assisted[:, LAST] > 0)[upto], panel.standing.pensioner[:, LAST][upto]
    low = (panel.earnings.of_minimum <= 110) & panel.in_city
    years = (low[:, LAST] & low[:, LAST - 1] & low[:, LAST - 2])[upto]
    among, van = "of households up to 110%", "van huishoudens tot 110%"
    return [
        _check(f"On assistance, {among}", f"Bijstand, {van}", "2015", (0.36, 0.60), assisted.mean()),
        _check(f"With a pension, {among}", f"AOW, {van}", "2015", (0.18, 0.32), old.mean()),
        _check(f"Three years or more, {among}", f"Drie jaar of langer, {van}", "2015", (0.45, 0.75), years.mean()),
    ]


def _wijken(found: Measures) -> list[Line]:
    places, lines = found.panel.households.places, []
    for code, low, high in _RATES:
        number = next(index for index, wijk in enumerate(places) if wijk.code.endswith(code))
        rows = found.there & (found.panel.households.wijk == number)
        share = found.minors[rows & found.poor].sum() / max(found.minors[rows].sum(), 1)
        name = places[number].name
        what, dutch = f"Children in poverty in {name}", f"Kinderen in armoede in {name}"
        # Children of one household are poor together: where twenty families live, one more is five percent.
        families = effective_size(found.minors[rows].astype(float))
        lines.append(_check(what, dutch, "2014", (low, high), share, families))
    return lines
