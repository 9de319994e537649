"""Data sets and cases of a camp: whether each is authorised, there, and what the cases read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.errors import BadInputError, DatakampError
from disclosure.exchange.camp import DATA_FILE, CampFile
from disclosure.exchange.camp_event import Authorisation, TeamCase
from disclosure.exchange.camp_people import Team
from disclosure.model.codebooks import Codebook
from workspace.camp_checks.problems import Placed, Problem, problem_of
from workspace.cases import case


def authorisation_problems(
    teams: Sequence[Placed[Team]], authorisations: Sequence[Placed[Authorisation]]
) -> Iterator[Problem]:
    """Return the data sets that a team has without a ground for it, and grounds for what nobody has."""
    known = {one.value.name for one in authorisations}
    used = {name for team in teams for name in team.value.data_sets}
    told: set[str] = set()
    for team in teams:
        for name in team.value.data_sets:
            if name not in known | told:
                told.add(name)
                yield Problem(
                    team.line,
                    f"'{name}' has no [[data]] table: on what ground is it used, for what, and whose is it?",
                    "Add one with name, legal_basis, purpose and owner.",
                )
    for one in authorisations:
        if one.value.name not in used:
            yield Problem(
                one.line, f"No team has '{one.value.name}'.", "What nobody needs does not come in. Leave it out."
            )


def case_problems(cases: Sequence[Placed[TeamCase]], teams: Sequence[Placed[Team]]) -> Iterator[Problem]:
    """Return what is wrong with the cases of the teams."""
    data = {team.value.name: set(team.value.data_sets) for team in teams}
    seen: set[tuple[int, str]] = set()
    for one in cases:
        wanted = one.value
        try:
            found = case(wanted.number)
            found.check(wanted.parameters)
        except BadInputError as error:
            yield problem_of(one.line, error)
            continue
        if wanted.team not in data:
            yield Problem(one.line, f"There is no team '{wanted.team}'.", f"Teams: {', '.join(sorted(data))}.")
            continue
        if (wanted.number, wanted.team) in seen:
            yield Problem(one.line, f"The team '{wanted.team}' has case {wanted.number} already.")
        seen.add((wanted.number, wanted.team))
        absent = [name for name in found.data_sets(wanted.parameters) if name not in data[wanted.team]]
        if absent:
            yield Problem(
                one.line,
                f"Case {wanted.number} needs {', '.join(absent)}, which the team '{wanted.team}' does not have.",
                "Add them to the data of the team, and a [[data]] table for each, or leave out the case.",
            )


def registered_problems(camp: CampFile) -> Iterator[Problem]:
    """Return what is wrong with the data sets that lie in a camp; each file is read to the end."""
    from workspace.catalogue import registered, source

    there = set(registered(camp))
    wanted = sorted({name for team in camp.teams for name in team.data_sets})
    for name in wanted:
        if name not in there:
            yield Problem(0, f"'{name}' is not in the camp yet.", "datakamp camp prepare --data DATA brings it in.")
            continue
        try:
            found = source(camp, name)
            columns = pq.read_schema(found.folder / DATA_FILE).names
        except DatakampError as error:
            yield problem_of(0, error)
            continue
        except (OSError, pa.ArrowException):
            yield Problem(0, f"The data of '{name}' cannot be read as Parquet.")
            continue
        yield from _codebook_problems(name, found.codebook, set(columns))
        yield from _case_columns(camp.event.cases, name, set(columns))


def _codebook_problems(name: str, codebook: Codebook, columns: set[str]) -> Iterator[Problem]:
    # A codebook may tell of columns that did not come into the camp; what the check reads has to be there.
    others = (key for unit in codebook.reach_minimum for key in codebook.other_units.get(unit, ()))
    absent = sorted({*codebook.unit, *codebook.weights, *others} - columns)
    if absent:
        yield Problem(0, f"The codebook of '{name}' counts by columns that the data lack: {', '.join(absent)}.")
    unknown = sorted(columns - set(codebook.columns) - codebook.key_columns())
    if unknown:
        yield Problem(0, f"The codebook of '{name}' does not tell of {', '.join(unknown)}.")


def _case_columns(cases: Sequence[TeamCase], name: str, columns: set[str]) -> Iterator[Problem]:
    for one in cases:
        absent = sorted(set(case(one.number).data_sets(one.parameters).get(name, ())) - columns)
        if absent:
            yield Problem(0, f"Case {one.number} reads columns that '{name}' lacks: {', '.join(absent)}.")
