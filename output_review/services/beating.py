"""A worker's beat: it says that it lives, in the row of its job and in a file of the control zone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from disclosure.errors import DataError
from disclosure.exchange.files import read_regular, write_atomically
from output_review.domain.jobs import BEAT, JobState
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import JobRow

FILE: Final = "worker.beat"
_LIMIT: Final = 100


@contextlib.contextmanager
def beating(zone: ControlZone, job: JobRow, every: float = BEAT.total_seconds()) -> Iterator[None]:
    """Say every few seconds that the worker of a job lives, in a thread of its own, until the block ends."""
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(zone, job.pk, job.worker, ended, every), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(zone: ControlZone, job: int, worker: str, ended: threading.Event, every: float) -> None:
    from django.db import DatabaseError, connection

    from output_review.models import JobRow

    try:
        while not ended.wait(every):
            # One beat that the database had no time for is no reason to stop: silence is counted in several.
            with contextlib.suppress(DatabaseError, OSError):
                say(zone)
                JobRow.objects.filter(pk=job, worker=worker, state=JobState.RUNNING.value).update(beat=zone.clock())
    finally:
        connection.close()


def say(zone: ControlZone) -> None:
    """Leave word that a worker lives, whether or not there is a job."""
    write_atomically(zone.camp.review / FILE, zone.clock().isoformat().encode("ascii"), mode=0o640)


def last_beat(zone: ControlZone) -> datetime | None:
    """Return when a worker was heard of last; None if never, or if its word cannot be read."""
    return beat_in(zone.camp.review)


def beat_in(review: Path) -> datetime | None:
    """Return the same of a control zone that is not open, by its folder."""
    try:
        found = datetime.fromisoformat(read_regular(review / FILE, limit=_LIMIT).decode("ascii"))
    except (DataError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
