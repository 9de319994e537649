"""How far a job of the worker is, and how often and how soon it is taken up again."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

BEAT: Final = timedelta(seconds=15)
"""How often a worker says that it lives."""
SILENCE: Final = timedelta(seconds=60)
"""A worker that was not heard for this long is taken for dead."""
MOST_ATTEMPTS: Final = 3


class JobState(StrEnum):
    """Where a job stands. A running one whose worker has fallen silent is taken up again."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


def pause(attempts: int) -> timedelta:
    """Return how long a job waits that was begun so often and not ended: what broke it may pass.

    >>> pause(1), pause(2)
    (datetime.timedelta(seconds=30), datetime.timedelta(seconds=120))
    """
    return timedelta(seconds=30 * int(4 ** (attempts - 1)))
