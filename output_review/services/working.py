"""The worker: takes in the outbox, tabulates, and sends messages, round after round."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

from disclosure.errors import DatakampError
from disclosure.exchange.zones import separated
from output_review.services.ingest import Ingested, ingest
from output_review.services.stopping import Stop
from output_review.services.zone import ControlZone

PAUSE = 2.0
"""Seconds between two rounds in which there was nothing to do."""


@dataclass(frozen=True)
class Round:
    """What one round did."""

    taken: tuple[Ingested, ...]
    jobs: int
    sent: int
    problems: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """What there is to say of it."""
        taken = [f"request {one.request}: {'refused' if one.refused else 'taken in'}" for one in self.taken]
        jobs = [f"{self.jobs} tabulated"] if self.jobs else []
        return [*taken, *jobs, *([f"{self.sent} told"] if self.sent else []), *self.problems]


def worker_name() -> str:
    """Return what tells this process from others."""
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def tabulate_waiting(zone: ControlZone) -> tuple[str, ...]:
    """Do every job once, also those that pause, for a command that tabulates and ends; return what went wrong."""
    from output_review.services.jobs import work_through

    left = work_through(zone, worker_name())
    return tuple(f"Request {number} is not tabulated: {problem}." for number, problem in left)


def one_round(opened: Callable[[], ControlZone], worker: str, stop: Stop, *, first: bool = True) -> Round:
    """Take in what lies in the outbox, do the jobs that are due, send the messages that wait.

    Args:
        opened: returns the control zone as it is now; a job may take long, and camp.toml change in between.
        first: enter jobs for requests that came in before there were any; once is enough.

    Raises:
        StoppedError: it was asked to end in the middle of a job.
    """
    from output_review.services.beating import say
    from output_review.services.jobs import enqueue_missing, work_once
    from output_review.services.notices import send

    zone = opened()
    say(zone)
    taken = [*ingest(zone)]
    if first:
        enqueue_missing(zone)
    jobs = 0
    while not stop.asked and work_once(zone, worker, stop):
        jobs += 1
        zone = opened()
        say(zone)
        taken += ingest(zone)  # between two long jobs: it counts when something came in
    return Round(tuple(taken), jobs, send(zone), _desks(zone))


def work(zone: Callable[[], ControlZone], stop: Stop, told: Callable[[str], None], *, pause: float = PAUSE) -> None:
    """Work until asked to end.

    A round that fails is told of, by its kind only, and the next one tries again: a full disk may be emptied. What is
    the matter with a desk is told once, and again when it was well in between.

    Args:
        zone: returns the control zone as it is now.
        told: is given each line that there is to say.
    """
    from django.db import DatabaseError, connection

    worker, first = worker_name(), True
    known: tuple[str, ...] = ()
    while not stop.asked:
        try:
            done = one_round(zone, worker, stop, first=first)
            first = False
            for line in done.lines:
                if line not in known:
                    told(line)
            known = done.problems
        except (DatakampError, OSError, DatabaseError) as error:
            connection.close()
            told(str(error) if isinstance(error, DatakampError) else f"a round failed: {type(error).__name__}")
        stop.wait(pause)


def _desks(zone: ControlZone) -> tuple[str, ...]:
    """Take in what reviewers signed at their desks and lay out what there is to sign, where zones are separated."""
    if not separated(zone.camp):
        return ()
    from output_review.services import desk

    with zone.lock():
        return (*desk.collect(zone), *desk.lay_out(zone))
