"""The sessions of a camp: the windows in which people work. Outside them nobody comes in and nothing runs.

In camp.toml, with the offset of the time zone, because a machine's own zone is no property of a camp::

    [[sessions]]
    from = 2026-11-23T09:00:00+01:00
    until = 2026-11-23T17:30:00+01:00
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from disclosure.errors import DocumentError


@dataclass(frozen=True)
class Session:
    """A window: from a moment up to, and not including, another. Both have a time zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise DocumentError("A session's times have an offset, as in 2026-11-23T09:00:00+01:00.")
        if self.end <= self.start:
            raise DocumentError("A session ends after it has begun.")


def sessions_of(entries: Sequence[Mapping[str, Any]]) -> tuple[Session, ...]:
    """Return the sessions in the `[[sessions]]` tables, in order.

    Raises:
        DocumentError: a table has other entries, a time has no offset, or sessions overlap.
    """
    sessions = tuple(sorted((session_of(entry) for entry in entries), key=lambda one: one.start))
    for one, following in pairwise(sessions):
        if following.start < one.end:
            raise DocumentError("Sessions do not overlap.", hint="Make one of two that do.")
    return sessions


def open_session(sessions: Sequence[Session], now: datetime) -> Session | None:
    """Return the session that is open at a moment, or None.

    A session that begins where another ends is another session: what runs ends with its own.
    """
    return next((one for one in sessions if one.start <= now < one.end), None)


def next_session(sessions: Sequence[Session], now: datetime) -> Session | None:
    """Return the first session that begins after a moment, or None."""
    return min((one for one in sessions if one.start > now), key=lambda one: one.start, default=None)


def session_of(entry: Mapping[str, Any]) -> Session:
    """Return the session in a `[[sessions]]` table, or raise `DocumentError`."""
    if set(entry) != {"from", "until"}:
        raise DocumentError("A session has two entries: from and until.")
    start, end = entry["from"], entry["until"]
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise DocumentError("A session's times are written without quotes, as in 2026-11-23T09:00:00+01:00.")
    return Session(start, end)
