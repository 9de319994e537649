"""Preparing a camp: check, plan, data, notebooks, briefing, and a record of it. Doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError
from disclosure.exchange.camp import FILE, CampFile, read_camp
from disclosure.exchange.camp_event import CampEvent
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import file_digest, write_atomically
from disclosure.exchange.incidents import require_running
from workspace.camp_checks import Problem, check_camp
from workspace.isolation.seal import Seal
from workspace.organiser_alone import alone
from workspace.preparation.briefing import write_briefing
from workspace.preparation.data import prepare_data
from workspace.preparation.notebooks import prepare_notebooks
from workspace.preparation.plan import plan_of

RECORD: Final = "prepared.json"
VERSION: Final = 1


class UnpreparedError(BadInputError):
    """A camp does not fit together.

    Attributes:
        problems: what does not; of its data sets as well if those were looked at.
    """

    def __init__(self, problems: tuple[Problem, ...], *, data: bool = False) -> None:
        option = "" if data else " --no-data"
        number = "One thing" if len(problems) == 1 else f"{len(problems)} things"
        told = "does not" if len(problems) == 1 else "do not"
        super().__init__(f"{number} in {FILE} {told} fit.", hint=f"'datakamp camp check{option}' tells what.")
        self.problems = problems


def require_fitting(camp: CampFile, *, today: date | None = None) -> None:
    """Refuse a camp that does not fit together; a trial, of which camp.toml tells no event, has nothing that must.

    Args:
        today: see `check_camp`.

    Raises:
        UnpreparedError: something does not fit, such as somebody who has not signed or data that are not there.
    """
    if camp.event != CampEvent():
        problems = check_camp(camp.folder, today=today)
        if problems:
            raise UnpreparedError(problems, data=True)


def prepare_camp(
    folder: Path,
    *,
    sources: Path | None,
    seal: Seal | None,
    told: Callable[[str], None],
    today: date | None = None,
) -> tuple[Path, ...]:
    """Prepare the camp in a folder and return the briefings.

    Args:
        sources: a folder with a folder for each data set; None if all are registered.
        seal: for running each case once; None to leave that out.
        told: called with a line about each step.
        today: see `check_camp`.

    Raises:
        FrozenError: the camp is stopped, or closed; nothing was done.
        StateError: another command works on the camp; nothing was done.
        UnpreparedError: camp.toml does not fit together; nothing was done.
        BadInputError: data are missing, or a case did not run on them. What was done until then stays, and doing it
            again goes on from there.
    """
    with alone(folder):
        require_running(folder)
        problems = check_camp(folder, data=False, today=today)
        if problems:
            raise UnpreparedError(problems)
        return _prepared(folder, sources, seal, told)


def _prepared(folder: Path, sources: Path | None, seal: Seal | None, told: Callable[[str], None]) -> tuple[Path, ...]:
    camp = read_camp(folder)
    plan = plan_of(camp)
    data = prepare_data(camp, plan, sources, told)
    notebooks = prepare_notebooks(camp, seal, told)
    briefings = write_briefing(camp, {one.name: one.codebook.title for one in data})
    told(f"briefing: {', '.join(str(one.relative_to(camp.folder)) for one in briefings)}")
    record: dict[str, Any] = {
        "schema": VERSION,
        "camp": file_digest(camp.folder / FILE),
        "data": [
            {"name": one.name, "columns": list(one.columns), "cases": list(one.cases), "teams": list(one.teams),
             "digest": made.digest}
            for one, made in zip(plan, data, strict=True)
        ],
        "notebooks": [
            {"team": one.team, "case": one.case, "name": one.name, "digest": one.digest, "ran": one.ran}
            for one in notebooks
        ],
    }  # fmt: skip
    write_atomically(camp.folder / RECORD, canonical_json(record))
    return briefings
