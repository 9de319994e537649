"""Exceptions to the deadline of a presentation: an organiser lets what was handed in late be released before it.

Each exception is one file in the camp's folder, ``late/R.json``, R being the number of the request in review. The
control zone reads it and writes into its log that there is one; the organiser's words stay in the camp. A file that
cannot be read is no exception.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, DatakampError, StateError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.incidents import moment_of, reason_of

FOLDER: Final = "late"
VERSION: Final = 1
_LARGEST: Final = 10_000
_DIGITS: Final = 9


@dataclass(frozen=True)
class LateException:
    """That a request may be released before the presentation although it came after the deadline.

    Attributes:
        request: its number in review.
        at: when the organiser said so.
        reason: in the organiser's words.
    """

    request: int
    at: str
    reason: str

    @property
    def digest(self) -> str:
        """The digest of the organiser's words."""
        return digest(self.reason.encode("utf-8"))


def late_exceptions(folder: Path) -> tuple[LateException, ...]:
    """Return the exceptions of the camp in a folder that can be read, in the order of their requests."""
    try:
        names = [one.stem for one in (folder / FOLDER).iterdir() if one.suffix == ".json"]
    except OSError:
        return ()
    numbers = sorted(int(one) for one in names if one.isascii() and one.isdigit() and len(one) <= _DIGITS)
    return tuple(found for number in numbers if (found := late_exception(folder, number)) is not None)


def late_exception(folder: Path, request: int) -> LateException | None:
    """Return the exception for a request, None if there is none or its file cannot be read."""
    try:
        document: Any = parse_json(read_regular(_file(folder, request), limit=_LARGEST), what="an exception")
        if document["schema"] != VERSION or document["request"] != request:
            return None
        return LateException(request, str(document["at"]), reason_of(document["reason"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DatakampError):
        return None


def came_late(camp: CampFile) -> bool:
    """Tell whether what is handed in now waits until results are presented."""
    presentation, now = camp.event.presentation, datetime.now(UTC)
    return presentation is not None and presentation.holds_back(now, now)


def make_exception(camp: CampFile, request: int, reason: str, now: datetime) -> LateException:
    """Let a request be released before the presentation although it came late, and return that.

    Raises:
        StateError: the camp has no presentation that is yet to come, or the request has an exception already.
        BadInputError: the number is none, the reason is no line of text, or the folder cannot be written.
    """
    presentation = camp.event.presentation
    if presentation is None or now >= presentation.at:
        raise StateError("The camp has no presentation that is yet to come.", hint="Nothing is held back: release it.")
    if not 0 < request < 10**_DIGITS:
        raise BadInputError("Expected the number of a request.", hint="See: datakamp review list")
    if os.path.lexists(_file(camp.folder, request)):
        raise StateError(f"There is an exception for request {request} already.")
    made = LateException(request, moment_of(now), reason_of(reason))
    document = {"schema": VERSION, "request": made.request, "at": made.at, "reason": made.reason}
    try:
        (camp.folder / FOLDER).mkdir(mode=0o755, exist_ok=True)
        write_atomically(_file(camp.folder, request), canonical_json(document), mode=0o644)
    except OSError:
        raise BadInputError("The camp's folder cannot be written.") from None
    return made


def _file(folder: Path, request: int) -> Path:
    return folder / FOLDER / f"{request}.json"
