"""What the population came out as beside what it was calibrated to: target, its own year, goal, result, difference.

Results are counted in the panel's last year. Rows with a tolerance are targets; those without are checks of shape, from
other years and with other definitions, that have bounds of their own.
"""

from __future__ import annotations

import numpy as np

from workspace.synthetic.activity import State
from workspace.synthetic.assistance import Reason
from workspace.synthetic.measures import FLOW, LAST, Line, Measures
from workspace.synthetic.panel import Panel
from workspace.synthetic.shape import shape
from workspace.synthetic.tables_of_work import placeable
from workspace.synthetic.targets import DEBT_HELP, ENERGY, PASS, THE_HAGUE
from workspace.synthetic.window import MONTHS

# The wijken whose inhabitants are published.
_PUBLISHED = frozenset((4, 12, 17, 18, 20, 21, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 36, 38, 39, 40, 42, 44))


def calibration(panel: Panel) -> tuple[Line, ...]:
    """Return the table for a panel: its targets, and for The Hague the checks of shape."""
    measures = Measures(panel)
    lines = [*_incomes(measures), *_assistance(measures), *_schemes(measures), *_places(measures)]
    if panel.targets is THE_HAGUE:
        lines += shape(measures)
    return tuple(lines)


def _incomes(found: Measures) -> list[Line]:
    targets = found.targets
    limit, band = targets.low_limit, targets.band_limit
    between = found.there & (found.ratio > limit) & (found.ratio <= band)
    hague = targets is THE_HAGUE
    year = "2017" if hague else "2009"
    owing = found.members[found.there & found.panel.debts[:, LAST]].sum() / found.members[found.there].sum()
    lines = [
        found.line("Inhabitants", "Inwoners", year, targets.municipality.inhabitants, found.members[found.there].sum()),
        found.line(
            f"Households with an income up to {limit:.0f}%", f"Huishoudens met een inkomen tot {limit:.0f}%",
            "2022" if hague else "2008", targets.low_households, found.low.sum(),
        ),
    ]  # fmt: skip
    if hague:
        lines += [
            found.line(
                "Children in poverty", "Kinderen in armoede", "2021", targets.poor_children,
                found.minors[found.poor].sum(),
            ),
            found.line(
                f"Households at {limit:.0f}-{band:.0f}%", f"Huishoudens op {limit:.0f}-{band:.0f}%", "2023",
                targets.band_households, between.sum(),
            ),
            found.line(
                "of them with children", "daarvan met kinderen", "2023", targets.band_families,
                (between & (found.minors > 0)).sum(),
            ),
            found.line(
                "Inhabitants with problematic debts", "Inwoners met problematische schulden", "2021", targets.indebted,
                owing, share=True,
            ),
        ]  # fmt: skip
    return lines


def _assistance(found: Measures) -> list[Line]:
    panel, targets = found.panel, found.targets
    spells, here = panel.assistance, found.there[panel.assistance.household]
    persons = np.where(here, spells.claimants[spells.household], 0)
    stock = persons[spells.last == MONTHS - 1].sum()
    if targets is not THE_HAGUE:
        children = found.minors[found.there & (panel.assisted[:, LAST] > 0)].sum()
        return [
            found.line("People on assistance", "Bijstandsgerechtigden", "2009", 1_400, stock),
            found.line("Children on assistance", "Kinderen in een bijstandssituatie", "2010", 860, children, FLOW),
        ]
    quarter = persons[(spells.last >= MONTHS - 3) & (spells.first < MONTHS)].sum()
    year = persons[(spells.last >= MONTHS - 2) & (spells.first < MONTHS)].sum()
    hard = ~placeable(panel)[spells.household]
    gone, _ = found.leavers((Reason.WORK, Reason.SCHOOL), MONTHS - 12, MONTHS - 1)
    followed, back = found.leavers((Reason.WORK, Reason.SCHOOL), 0, MONTHS - 13)
    helped = _found_work(found)
    placed = persons[(spells.last == MONTHS - 1) & hard].sum()
    leaving = targets.to_work_or_school + targets.from_elsewhere
    durable = 1 - back / max(followed, 1)
    line, still = found.line, targets.not_placeable
    people = "People on assistance, IOAW, IOAZ, in the last two months"
    mensen = "Mensen met bijstand, IOAW of IOAZ, in de laatste twee maanden"
    paid = "the same, benefits paid in the last quarter"
    return [
        line(people, mensen, "2023", 22_500, year),
        line("the same, persons on the last day", "idem, personen op de laatste dag", "2023", 22_000, stock),
        line(paid, "idem, uitkeringen in het laatste kwartaal", "2023", 23_000, quarter),
        line("not placeable within 18 months", "niet te bemiddelen binnen 18 maanden", "2024", still, placed),
        line("Leaving to work or school", "Uitstroom naar werk of school", "2024", leaving, gone + helped, FLOW),
        line("of them from assistance", "daarvan uit de bijstand", "2024", targets.to_work_or_school, gone, FLOW),
        line(
            "Not back within 12 months", "Niet terug binnen 12 maanden", "2024", targets.not_back, durable, share=True
        ),
    ]


def _found_work(found: Measures) -> int:
    """Return how many persons went from no income to work or school in the last year."""
    state = found.panel.activity.state[:, MONTHS - 13 :]
    after = (State.EMPLOYEE, State.SELF_EMPLOYED, State.STUDENT)
    return int(((state[:, :-1] == State.NONE) & np.isin(state[:, 1:], after)).sum())


def _schemes(found: Measures) -> list[Line]:
    panel, targets = found.panel, found.targets
    use = panel.use[LAST]
    total = max(int(found.low.sum()), 1)
    source = "2022" if targets is THE_HAGUE else "2007"
    any_scheme = (panel.used(LAST) & found.low).sum() / total
    what, dutch = "Reach of at least one scheme", "Bereik van ten minste één regeling"
    lines = [found.line(what, dutch, source, targets.any_scheme, any_scheme, share=True)]
    if targets is THE_HAGUE:
        if ENERGY in use:
            reach = (use[ENERGY] & found.low).sum() / total
            lines.append(
                found.line(
                    "Reach of the energy allowance", "Bereik van de energietoeslag", "2022", 0.99, reach, share=True
                )
            )
        children = found.minors[use[PASS] & found.there].sum()
        lines.append(
            found.line("Children with an Ooievaarspas", "Kinderen met een Ooievaarspas", "2024", 19_000, children)
        )
        return lines
    for code, reach in targets.reach.items():
        if code not in (ENERGY, DEBT_HELP):
            users, among = panel.reached(code, found.low, LAST)
            result = users / max(among, 1)
            lines.append(
                found.line(f"Reach of scheme {code}", f"Bereik van regeling {code}", "2007", reach, result, share=True)
            )
    return lines


def _places(found: Measures) -> list[Line]:
    if found.targets is not THE_HAGUE:
        return []
    places = found.targets.municipality.wijken
    members = np.bincount(
        found.panel.households.wijk[found.there], weights=found.members[found.there], minlength=len(places)
    )
    scale = found.targets.municipality.inhabitants / sum(wijk.inhabitants for wijk in places)
    return [
        found.line(f"Inhabitants of {wijk.name}", f"Inwoners van {wijk.name}", "2026", wijk.inhabitants * scale, number)
        for wijk, number in zip(places, members, strict=True)
        if int(wijk.code[4:]) in _PUBLISHED
    ]


def calibration_page(panel: Panel, lines: tuple[Line, ...]) -> str:
    """Return the table as Markdown, with the targets in English and in Dutch."""
    name = panel.targets.municipality.name
    rows = [
        f"# Calibration: {name}, {panel.persons:,} persons, seed {panel.seed}, year {panel.window.last}",
        "",
        "No record is a person's. Figures are counted at the end of that year; goals are the published figures, of the",
        "year that stands beside them, in proportion to the population. Definitions and dates differ on purpose.",
        "A share in a wijk holds if its 95% interval (Clopper and Pearson, a family as one) reaches into the",
        "bounds: in a wijk of twenty families one more is five percent.",
        "",
        "| target | doel | year | published | goal | result | difference | holds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        if line.tolerance is None:
            highest = "" if line.highest is None else _number(line.highest)
            shown = ("-", f"{_number(line.goal)} to {highest}", _number(line.result), "shape")
        else:
            published = _number(line.goal if line.published is None else line.published)
            difference = f"{line.difference:+.1%} of {line.tolerance:.0%}"
            shown = (published, _number(line.goal), _number(line.result), difference)
        cells = (line.what, line.dutch, line.source, *shown, "yes" if line.holds else "NO")
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 2 else f"{value:.3f}"
