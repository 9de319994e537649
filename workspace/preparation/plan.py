"""The plan of a camp's data: which columns of which data sets come in, and why. What nobody reads stays outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from disclosure.errors import BadInputError
from disclosure.exchange.camp import CampFile
from disclosure.model.codebooks import Codebook
from workspace.cases import case


@dataclass(frozen=True)
class PlannedData:
    """What comes into a camp of one data set.

    Attributes:
        columns: those that the cases read and those that camp.toml names, in order.
        cases: the numbers of the cases that read it.
        teams: those that are authorised for it.
    """

    name: str
    columns: tuple[str, ...]
    cases: tuple[int, ...]
    teams: tuple[str, ...]

    def kept(self, codebook: Codebook, present: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns to copy, in the order of the file: the planned ones, and by which is counted.

        Args:
            present: the columns of the file.

        Raises:
            BadInputError: the file lacks a column that is planned.
        """
        absent = sorted(set(self.columns) - set(present))
        if absent:
            raise BadInputError(
                f"'{self.name}' has no column {', '.join(absent)}.", hint="Cases or camp.toml ask for it."
            )
        units = (key for unit in codebook.reach_minimum for key in codebook.other_units.get(unit, ()))
        held = codebook.other_units.get(codebook.holding, ()) if codebook.holding else ()
        wanted = {*self.columns, *codebook.unit, *codebook.weights, *units, *held}
        return tuple(name for name in present if name in wanted)


def plan_of(camp: CampFile) -> tuple[PlannedData, ...]:
    """Return what a camp needs of each data set that a team is authorised for, by name.

    Raises:
        BadInputError: a team is authorised for a data set of which no case and no entry says what is needed; a case of
            a team is unknown, or reads what the team is not authorised for.
    """
    columns: dict[str, dict[str, None]] = {}
    cases: dict[str, set[int]] = {}
    for wanted in camp.event.cases:
        found = case(wanted.number)
        found.check(wanted.parameters)
        for name, read in found.data_sets(wanted.parameters).items():
            if name not in camp.team(wanted.team).data_sets:
                raise BadInputError(
                    f"Case {wanted.number} needs '{name}', which '{wanted.team}' is not authorised for."
                )
            columns.setdefault(name, {}).update(dict.fromkeys(read))
            cases.setdefault(name, set()).add(wanted.number)
    for one in camp.event.authorisations:
        columns.setdefault(one.name, {}).update(dict.fromkeys(one.columns))
    return tuple(_planned(camp, name, columns, cases) for name in _authorised(camp))


def _planned(
    camp: CampFile, name: str, columns: Mapping[str, Mapping[str, None]], cases: Mapping[str, set[int]]
) -> PlannedData:
    if not columns.get(name):
        raise BadInputError(
            f"Nothing says what is needed of '{name}'.",
            hint="Give a team a case that reads it, or its [[data]] table the columns.",
        )
    teams = tuple(team.name for team in camp.teams if name in team.data_sets)
    return PlannedData(name, tuple(columns[name]), tuple(sorted(cases.get(name, ()))), teams)


def _authorised(camp: CampFile) -> tuple[str, ...]:
    return tuple(sorted({name for team in camp.teams for name in team.data_sets}))
