"""Time as a camp counts it: hours of its sessions. Nobody waits at night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from disclosure.exchange.sessions import Session

_HOUR = timedelta(hours=1)


def hours_between(sessions: Sequence[Session], start: datetime, end: datetime) -> float:
    """Return how many hours of sessions lie between two moments; all hours where the camp names no sessions.

    >>> from datetime import UTC
    >>> day = [Session(datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 23, 17, tzinfo=UTC))]
    >>> hours_between(day, datetime(2026, 11, 23, 16, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC))
    1.0
    """
    if not sessions:
        return max(end - start, timedelta()) / _HOUR
    return sum(max(min(end, one.end) - max(start, one.start), timedelta()) / _HOUR for one in sessions)


def promised_by(sessions: Sequence[Session], start: datetime, hours: float) -> datetime | None:
    """Return when so many hours of sessions have passed since a moment; None if the sessions end before that.

    >>> from datetime import UTC
    >>> promised_by((), datetime(2026, 11, 23, 16, tzinfo=UTC), 2).hour
    18
    """
    if not sessions:
        return start + hours * _HOUR
    left = hours * _HOUR
    for one in sorted(sessions, key=lambda session: session.start):
        begin = max(start, one.start)
        length = max(one.end - begin, timedelta())
        if length and left <= length:
            return begin + left
        left -= length
    return None
