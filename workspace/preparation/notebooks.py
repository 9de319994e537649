"""The case notebooks of a camp: each in the workspace of its team, with its parameters, run once sealed as proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.camp_event import TeamCase
from disclosure.exchange.canonical import digest
from disclosure.exchange.files import write_atomically
from workspace.broker import try_out
from workspace.camp_folder import workspace_of
from workspace.cases import case
from workspace.isolation.seal import Seal

MODE: Final = 0o640


@dataclass(frozen=True)
class Prepared:
    """A case notebook in a workspace.

    Attributes:
        digest: of the notebook as the team gets it.
        ran: whether it ran from the top, sealed, on the data of the camp.
    """

    team: str
    case: int
    name: str
    digest: str
    ran: bool


def prepare_notebooks(camp: CampFile, seal: Seal | None, told: Callable[[str], None]) -> tuple[Prepared, ...]:
    """Put each case into the workspace of its team, and return them.

    Args:
        seal: for running each of them; None to leave that out.
        told: called with a line about each notebook.

    Raises:
        BadInputError: a team has changed a notebook already, or a case did not run on the data of the camp.
    """
    made = []
    for wanted in camp.event.cases:
        found = case(wanted.number)
        data = found.notebook(wanted.parameters)
        place = workspace_of(camp, wanted.team) / found.notebook_name
        _refuse_changed(place, data, wanted)
        if seal is not None:
            _prove(camp, wanted, found.notebook_name, data, seal)
        if not place.exists():
            write_atomically(place, data, mode=MODE)
        ran = "ran from the top" if seal is not None else "not run"
        told(f"case {wanted.number} for {wanted.team}: {found.notebook_name}, {ran}")
        made.append(Prepared(wanted.team, wanted.number, found.notebook_name, digest(data), seal is not None))
    return tuple(made)


def _refuse_changed(place: Path, data: bytes, wanted: TeamCase) -> None:
    if place.is_symlink() or (place.exists() and place.read_bytes() != data):
        raise BadInputError(
            f"The team '{wanted.team}' has another '{place.name}' in its workspace.",
            hint="Work of a team is never overwritten: take it away, or leave out the case.",
        )


def _prove(camp: CampFile, wanted: TeamCase, name: str, data: bytes, seal: Seal) -> None:
    try:
        try_out(camp, wanted.team, {name: data}, {}, seal=seal)
    except ExecutionError as error:
        raise BadInputError(
            f"Case {wanted.number} did not run on the data of '{wanted.team}': {error.message}",
            hint="A case that fails here fails in front of the team: look at its data and parameters.",
        ) from None
