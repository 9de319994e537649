"""Incidents: an organiser stops a camp at once. Nothing runs, is handed in, signed or released until it is lifted.

Each incident is one file in the camp's folder, ``incidents/N.json``, that both sides read; it says when, and in the
organiser's words why. A file that cannot be read stops the camp too. What had happened stays as it was, the log most of
all: the control zone writes into it that the camp was stopped, and that it went on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DatakampError, RefusedError, StateError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.texts import text

FOLDER: Final = "incidents"
CLOSED: Final = "closing.json"
"""What has been done of closing a camp; from its first step on the camp is stopped for good."""
VERSION: Final = 1
_LARGEST: Final = 10_000
_LONGEST: Final = 500


class FrozenError(RefusedError):
    """The camp is stopped."""

    def __init__(self) -> None:
        super().__init__(
            text("The camp is stopped because of an incident, or is closed."),
            hint=text("Nothing runs and nothing leaves until an organiser lets it go on."),
        )


@dataclass(frozen=True)
class Incident:
    """A stop of a camp.

    Attributes:
        reason: in the organiser's words; of a file that cannot be read it is empty.
        lifted: when the camp went on, and why; None while it is stopped.
    """

    number: int
    at: str
    reason: str
    lifted: tuple[str, str] | None = None


def incidents_of(folder: Path) -> tuple[Incident, ...]:
    """Return the incidents of the camp in a folder, in order. One that cannot be read is one that is not lifted."""
    try:
        names = sorted(int(one.stem) for one in (folder / FOLDER).iterdir() if one.name == f"{_whole(one.stem)}.json")
    except FileNotFoundError:
        return ()
    except OSError:
        return (Incident(0, "", ""),)
    return tuple(_read(folder, number) for number in names)


def is_closed(folder: Path) -> bool:
    """Tell whether the closing of the camp in a folder was begun: from then on its folders may be gone."""
    return os.path.lexists(folder / CLOSED)


def is_frozen(folder: Path) -> bool:
    """Tell whether the camp in a folder is stopped, or closed."""
    return is_closed(folder) or any(one.lifted is None for one in incidents_of(folder))


def require_running(folder: Path) -> None:
    """Raise `FrozenError` if the camp in a folder is stopped."""
    if is_frozen(folder):
        raise FrozenError


def freeze(folder: Path, reason: str, now: datetime) -> Incident:
    """Stop the camp in a folder.

    Raises:
        StateError: it is stopped already.
        BadInputError: the reason is no line of text, or the folder cannot be written.
    """
    if is_frozen(folder):
        raise StateError("The camp is stopped already.")
    number = max((one.number for one in incidents_of(folder)), default=0) + 1
    made = Incident(number, moment_of(now), reason_of(reason))
    _write(folder, made)
    return made


def lift(folder: Path, reason: str, now: datetime) -> tuple[Incident, ...]:
    """Let the camp in a folder go on, and return what was lifted.

    Raises:
        StateError: it is not stopped, a file of an incident cannot be read, or it is closed.
        BadInputError: as of `freeze`.
    """
    if is_closed(folder):
        raise StateError("The camp is closed, or its closing was begun: it does not go on.")
    stopped = [one for one in incidents_of(folder) if one.lifted is None]
    if not stopped:
        raise StateError("The camp is not stopped.")
    if not all(one.at for one in stopped):
        raise StateError("A file of an incident cannot be read.", hint=f"Look into the folder '{FOLDER}' of the camp.")
    lifted = tuple(Incident(one.number, one.at, one.reason, (moment_of(now), reason_of(reason))) for one in stopped)
    for one in lifted:
        _write(folder, one)
    return lifted


def begin_closing(folder: Path) -> None:
    """Stop the camp in a folder for good; a close that was begun goes on.

    Raises:
        BadInputError: the folder cannot be written.
    """
    if not is_closed(folder):
        try:
            write_atomically(folder / CLOSED, canonical_json({"schema": VERSION, "steps": {}}), mode=0o644)
        except OSError:
            raise BadInputError("The camp's folder cannot be written.") from None


def _read(folder: Path, number: int) -> Incident:
    try:
        document: Any = parse_json(read_regular(folder / FOLDER / f"{number}.json", limit=_LARGEST), what="an incident")
        told = {key: document[key] for key in ("schema", "at", "reason", "lifted", "lifted_because")}
        if told["schema"] != VERSION or not all(isinstance(told[key], str) for key in told if key != "schema"):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, DatakampError):
        return Incident(number, "", "")
    lifted = (told["lifted"], told["lifted_because"]) if told["lifted"] else None
    return Incident(number, told["at"], told["reason"], lifted)


def _write(folder: Path, incident: Incident) -> None:
    at, because = incident.lifted or ("", "")
    document = {
        "schema": VERSION, "at": incident.at, "reason": incident.reason, "lifted": at, "lifted_because": because,
    }  # fmt: skip
    try:
        (folder / FOLDER).mkdir(mode=0o755, exist_ok=True)
        write_atomically(folder / FOLDER / f"{incident.number}.json", canonical_json(document), mode=0o644)
    except OSError:
        raise BadInputError("The camp's folder cannot be written.") from None


def reason_of(reason: str) -> str:
    """Return an organiser's reason, or raise `BadInputError` if it is no line of text."""
    if not reason.strip() or not reason.isprintable() or len(reason) > _LONGEST:
        raise BadInputError(f"Expected a reason: one line of at most {_LONGEST} characters.", hint="Give --reason.")
    return reason.strip()


def moment_of(now: datetime) -> str:
    """Return a moment as these files have it.

    >>> from datetime import UTC, datetime
    >>> moment_of(datetime(2026, 11, 24, 12, tzinfo=UTC))
    '2026-11-24T12:00:00+00:00'
    """
    return now.replace(microsecond=0).isoformat()


def _whole(name: str) -> str:
    return str(int(name)) if name.isascii() and name.isdigit() and len(name) < 6 else ""
