"""Who signed the statement and who passed the awareness test: writing it into camp.toml, and asking for it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DocumentError, StateError
from disclosure.exchange.camp import FILE, CampFile, camp_of
from disclosure.exchange.camp_event import CampEvent
from disclosure.exchange.files import write_atomically
from disclosure.model.toml import NotTomlError, parse_toml
from workspace.camp_checks.people import own_problems
from workspace.camp_checks.problems import Lines
from workspace.organiser_alone import alone

_HEADER: Final = re.compile(r"\s*\[")
_PATIENCE: Final = 10.0
"""Seconds to wait for another who writes: between reading and writing nobody else may have written."""


def require_signed(camp: CampFile, names: Collection[str], *, today: date | None = None) -> None:
    """Refuse people who come into a camp and may not: unsigned, without the awareness test, or in two teams.

    Of who goes nothing is asked, nor of the rest of the camp: who must go, or needs a new key, is not to wait for it.
    A trial, of which camp.toml tells no event, asks nothing of anybody.

    Args:
        names: of the people; those whom the camp does not have are passed over.
        today: by the clock if None.

    Raises:
        StateError: one of them may not come in.
    """
    if camp.event == CampEvent():
        return
    day = today or datetime.now(UTC).date()
    for one in camp.participants:
        if one.name in names:
            for problem in own_problems(0, one, camp.event.statement_version, day):
                raise StateError(problem.message, hint=problem.hint)


def record_signed(folder: Path, names: Sequence[str], *, on: date | None, awareness: date | None) -> None:
    """Write into camp.toml that people signed the statement that counts, that they passed the test, or both.

    Args:
        names: as camp.toml has them; one is enough.
        on: when they signed; None if that is not to be written.
        awareness: when they passed the test; None as well.

    Raises:
        BadInputError: nothing is to be written, or camp.toml cannot be.
        DocumentError: camp.toml has no such person, no version of a statement, or is none.
        StateError: another command works on the camp.
    """
    if on is None and awareness is None:
        raise BadInputError("There is nothing to write.", hint="Give --on, --awareness or both: days, as 2026-11-02.")
    with alone(folder, patience=_PATIENCE):
        _record(folder, names, on, awareness)


def _record(folder: Path, names: Sequence[str], on: date | None, awareness: date | None) -> None:
    try:
        text = (folder / FILE).read_text("utf-8")
        document = parse_toml(text.encode("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise DocumentError(f"There is no camp in '{folder.name}'.", hint=f"A camp has a {FILE}.") from None
    except NotTomlError as error:
        raise DocumentError(f"{FILE} is not TOML.", hint=error.hint) from None
    camp = camp_of(document, folder)
    version = camp.event.statement_version
    if on is not None and not version:
        raise DocumentError("The camp's statement has no version.", hint='Add statement_version = "2026-1".')
    wanted: dict[str, str] = {}
    if on is not None:
        wanted["signed"] = f"{{statement = {json.dumps(version, ensure_ascii=False)}, on = {on.isoformat()}}}"
    if awareness is not None:
        wanted["awareness"] = awareness.isoformat()
    for name in names:
        camp.participant(name)
    try:
        text = _with(text, names, wanted)
        _check(parse_toml(text.encode("utf-8")), document, set(names), folder)
    except (NotTomlError, StopIteration):
        raise _by_hand() from None
    try:
        write_atomically(folder / FILE, text.encode("utf-8"), mode=(folder / FILE).stat().st_mode & 0o777)
    except OSError:
        raise BadInputError(f"{FILE} cannot be written.") from None


def _with(text: str, names: Sequence[str], entries: Mapping[str, str]) -> str:
    """Return a camp.toml in which the tables of these people have these entries."""
    people = parse_toml(text.encode("utf-8"))["people"]
    lines, kept = Lines(text), text.splitlines()
    changes: list[tuple[int, int, list[str]]] = []
    for number, one in enumerate(people):
        if one["name"] not in names:
            continue
        added = []
        for key, value in entries.items():
            begins = lines.of("people", number, key)
            if not begins:
                added.append(f"{key} = {value}")
                continue
            ends = next(last for last in range(begins, len(kept) + 1) if key in _parsed(kept[begins - 1 : last]))
            changes.append((begins - 1, ends, [f"{key} = {value}"]))
        after = _end(kept, lines.of("people", number))
        changes.append((after, after, added))
    # From below: what is changed moves nothing that is still to be changed.
    for first, last, instead in sorted(changes, key=lambda one: one[:2], reverse=True):
        kept[first:last] = instead
    return "\n".join(kept) + "\n"


def _end(kept: Sequence[str], header: int) -> int:
    """Return after how many lines the table ends whose header is on a line: before what is empty or a comment."""
    after = next((at for at in range(header, len(kept)) if _HEADER.match(kept[at])), len(kept))
    while after > header and (not kept[after - 1].strip() or kept[after - 1].lstrip().startswith("#")):
        after -= 1
    return after


def _parsed(lines: Sequence[str]) -> Mapping[str, Any]:
    try:
        return parse_toml("\n".join(lines).encode("utf-8"))
    except NotTomlError:
        return {}


def _check(made: Mapping[str, Any], before: Mapping[str, Any], names: set[str], folder: Path) -> None:
    """Refuse what would change anything else than it should."""
    written = {"signed", "awareness"}

    def rest(document: Mapping[str, Any]) -> dict[str, Any]:
        people = [
            {key: value for key, value in one.items() if one["name"] not in names or key not in written}
            for one in document["people"]
        ]
        return {**document, "people": people}

    if rest(made) != rest(before):
        raise _by_hand()
    camp_of(made, folder)


def _by_hand() -> DocumentError:
    return DocumentError(f"{FILE} is written in a way that this cannot change.", hint="Change it by hand.")
