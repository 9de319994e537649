"""The check of a whole camp: each entry by itself, then all of them together, then the data that lie in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from disclosure.errors import DatakampError, DocumentError
from disclosure.exchange.camp import FILE, SCHEMA, CampFile, ZoneMode, camp_of
from disclosure.exchange.camp_event import authorisation_of, presentation_of, team_case_of, watch_of
from disclosure.exchange.camp_people import person_in, team_of
from disclosure.exchange.sessions import session_of
from disclosure.model.toml import NotTomlError, parse_toml
from workspace.camp_checks.data import authorisation_problems, case_problems, registered_problems
from workspace.camp_checks.people import people_problems, reviewer_problems
from workspace.camp_checks.problems import Lines, Placed, Problem, placed, problem_of
from workspace.camp_checks.times import time_problems

_TABLES: Final = ("teams", "people", "sessions", "data", "cases", "rota")
_USUAL_QUORUM: Final = 2
_ANY: Final = {"schema": SCHEMA, "name": "camp", "policy": "cbs", "mode": ZoneMode.ONE_USER.value}
"""What every camp must have, for looking at the rest of one whose own is wrong."""


def check_camp(
    folder: Path, *, data: bool = True, today: date | None = None, signed: bool = True
) -> tuple[Problem, ...]:
    """Return everything that is inconsistent in a camp, in the order of its lines; nothing if it can be held.

    Args:
        data: whether the data sets have to be in the camp already, and to fit what is said of them.
        today: when it is checked; by the clock if None.
        signed: whether people have to have signed a statement that is there, and passed the awareness test.

    Raises:
        DocumentError: there is no camp.toml, or it is not TOML.
    """
    try:
        text = (folder / FILE).read_bytes()
        document = parse_toml(text)
    except OSError:
        raise DocumentError(f"There is no camp in '{folder.name}'.", hint=f"A camp has a {FILE}.") from None
    except NotTomlError as error:
        raise DocumentError(f"{FILE} is not TOML.", hint=error.hint) from None
    lines = Lines(text.decode("utf-8"))
    found = list(_entries(document, lines, (today or datetime.now(UTC).date()) if signed else None))
    rest = {key: value for key, value in document.items() if key not in (*_TABLES, "presentation")}
    for key in sorted(set(_ANY) - set(rest)):
        found.append(Problem(0, f"The camp does not say its {key}."))
    found += _scalars({**_ANY, **rest}, lines, folder)
    statement = document.get("statement")
    if not statement:
        found.append(
            Problem(0, "The camp has no statement to sign.", 'Add statement = "statement.txt", a file beside it.')
        )
    elif signed and isinstance(statement, str) and not (folder / statement).is_file():
        found.append(Problem(lines.of("statement"), "The file of the statement is not there.", f"Write '{statement}'."))
    if not found:
        found += _whole(document, folder, data=data)
    return tuple(sorted(set(found)))


def _entries(document: Mapping[str, Any], lines: Lines, today: date | None) -> Iterator[Problem]:
    """Return what is wrong with the tables of a camp, each alone and beside the others."""
    found: list[Problem] = []
    teams = placed(document, "teams", lines, team_of, found)
    names = {one.value.name for one in teams}
    people = placed(document, "people", lines, partial(person_in, teams=names), found)
    sessions = placed(document, "sessions", lines, session_of, found)
    authorisations = placed(document, "data", lines, authorisation_of, found)
    cases = placed(document, "cases", lines, team_case_of, found)
    rota = placed(document, "rota", lines, watch_of, found)
    presentation = None
    if "presentation" in document:
        line = lines.of("presentation")
        try:
            presentation = Placed(line, presentation_of(document["presentation"]))
        except DatakampError as error:
            found.append(problem_of(line, error))
    yield from found
    version = document.get("statement_version")
    if not isinstance(version, str) or not version:
        yield Problem(
            lines.of("statement_version"), "The statement has no version.", 'Add statement_version = "2026-1".'
        )
    else:
        yield from people_problems(people, teams, version, today)
    quorum = document.get("quorum")
    ordinary = quorum.get("ordinary", _USUAL_QUORUM) if isinstance(quorum, dict) else _USUAL_QUORUM
    yield from reviewer_problems(people, rota, sessions, ordinary if isinstance(ordinary, int) else _USUAL_QUORUM)
    yield from time_problems(sessions, presentation)
    yield from authorisation_problems(teams, authorisations)
    yield from case_problems(cases, teams)


def _scalars(document: dict[str, Any], lines: Lines, folder: Path) -> Iterator[Problem]:
    """Return what is wrong with the other entries: each is found by leaving it out."""
    while (error := _error(document, folder)) is not None:
        told = str(error)
        cause = next((key for key in document if str(_error(_without(document, key), folder)) != told), None)
        yield problem_of(0 if cause is None else lines.of(cause), error)
        if cause is None:
            return
        document = _without(document, cause)


def _without(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the document as if nobody had written this entry; what a camp must have is as in any camp."""
    return {name: value for name, value in document.items() if name != key} | ({key: _ANY[key]} if key in _ANY else {})


def _error(document: Mapping[str, Any], folder: Path) -> DatakampError | None:
    try:
        camp_of(document, folder)
    except DatakampError as error:
        return error
    return None


def _whole(document: Mapping[str, Any], folder: Path, *, data: bool) -> Iterator[Problem]:
    try:
        camp: CampFile = camp_of(document, folder)
    except DatakampError as error:
        yield problem_of(0, error)
        return
    if data:
        yield from registered_problems(camp)
