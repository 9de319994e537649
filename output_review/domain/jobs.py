"""How far a job of the worker is."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands. A running one whose worker has fallen silent is taken up again."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
