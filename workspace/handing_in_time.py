"""When a request may be handed in: while a session of its camp is open, by the clock of the broker."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from disclosure.errors import DatakampError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.sessions import next_session, open_session
from disclosure.exchange.submission import submission_from_bytes
from workspace.requests import submission_bytes

NO_SESSION: Final = "No session of the camp is open."


def present() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def may_come(camp: CampFile, workspace: Path, number: int, now: datetime) -> bool:
    """Tell whether a request may be handed in at a moment: in a session, or at any time if it answers reviewers.

    A camp without sessions has none to wait for, and a demonstration is held when it is held.
    """
    if not camp.sessions or camp.mark or open_session(camp.sessions, now) is not None:
        return True
    try:
        # Whether there is anything to answer, the control zone knows; it refuses what only says so.
        return submission_from_bytes(submission_bytes(workspace, number)).revises is not None
    except DatakampError:
        return False


def until_when(camp: CampFile, now: datetime) -> str:
    """Return what to do about a request that may not come at a moment."""
    following = next_session(camp.sessions, now)
    if following is None:
        return "No other session follows: an organiser can add one in camp.toml, with reviewers on the rota."
    return f"Hand in again when the next session is open, from {following.start.isoformat(' ', 'minutes')} on."
