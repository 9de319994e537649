"""The worker beside microdata: it does orders one by one, each in a box of its own, and keeps narrow frames to itself.

An order whose worker was killed is done again by the next one, three times at most: the third death is its answer. The
frames that a reproduction hands over stay in the worker's folder until the next one comes, or until nobody asked for
anything for a while.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from disclosure.errors import DatakampError, ExecutionError, RefusedError, broken_at
from disclosure.exchange.camp import CampFile, read_camp
from disclosure.exchange.comparison import ComparisonJob, ComparisonResult, comparison_job_from_bytes
from disclosure.exchange.files import read_regular, write_atomically
from disclosure.exchange.tabulation import TabulationJob, TabulationResult, tabulation_job_from_bytes
from disclosure.exchange.zones import ANSWERS, ORDERS, Zone, queue, work_folder
from workspace.zones.answers import is_answered, remove_answers, write_answer, write_refusal
from workspace.zones.asking import LOCK
from workspace.zones.orders import Order, OrderKind, Ticket, read_order, waiting

if TYPE_CHECKING:  # what runs notebooks is for the worker alone
    from workspace.broker import Trial

LOGGER: Final = logging.getLogger("datakamp.workspace")

MOST_ATTEMPTS: Final = 3
IDLE_SECONDS: Final = 600.0
"""After which the frames of the last reproduction are removed."""

_PAUSE: Final = 0.1
_FRAMES, _ATTEMPTS = "frames", "attempts"


class Runs(Protocol):
    """Runs code from the top and takes over its narrow frames; see `workspace.reproduction`."""

    def reproduce(
        self, camp: CampFile, team: str, code: Mapping[str, bytes], parameters: Mapping[str, Any],
        outputs: tuple[str, ...], into: Path,
    ) -> None:  # fmt: skip
        """Write one ``NAME.arrow`` for each output into a folder."""


class Tables(Protocol):
    """Tabulates and compares in boxes; see `workspace.tabulation`."""

    def tabulate(self, camp: CampFile, job: TabulationJob, frame: Path | None) -> TabulationResult:
        """Return the result of a tabulation."""

    def compare(self, camp: CampFile, job: ComparisonJob, frames: Mapping[str, Path]) -> ComparisonResult:
        """Return the result of a comparison."""


class Worker:
    """Does the orders of one asker, or of several in turn.

    Args:
        askers: whose orders it does; each asker has one worker at a time.
    """

    def __init__(self, camp: CampFile, askers: tuple[Zone, ...], *, trial: Trial, runs: Runs, tables: Tables) -> None:
        self._camp, self._trial, self._runs, self._tables = camp, trial, runs, tables
        self._queues = {one: queue(camp, one) for one in askers}
        self._work = work_folder(camp)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the queues as their only worker.

        Raises:
            RefusedError: there is one already.
        """
        with contextlib.ExitStack() as held:
            for folder in self._queues.values():
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
                handle = os.open(folder / ANSWERS / LOCK, flags, 0o640)
                held.callback(os.close, handle)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    raise RefusedError("Another worker serves these orders.", hint="One is enough.") from None
            for kept in (_FRAMES, _ATTEMPTS):
                (self._work / kept).mkdir(mode=0o700, exist_ok=True)
            if Zone.REVIEW in self._queues:
                for half in (self._work / _FRAMES).glob(".*"):  # of a worker that was killed
                    shutil.rmtree(half)
            yield

    def serve(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Do what is asked for until told to end."""
        idle = time.monotonic()
        while not until():
            if self.turn():
                idle = time.monotonic()
                continue
            if time.monotonic() - idle > IDLE_SECONDS:
                if Zone.REVIEW in self._queues:  # else they are another worker's
                    self._forget()
                idle = time.monotonic()
            time.sleep(_PAUSE)

    def turn(self) -> int:
        """Do the orders that are waiting, and return how many there were."""
        done = 0
        for asker, folder in self._queues.items():
            names = waiting(folder / ORDERS)
            remove_answers(folder / ANSWERS, frozenset(names))
            for name in names:
                if not is_answered(folder / ANSWERS, name):
                    self._answer(asker, folder, name)
                    done += 1
        return done

    def _answer(self, asker: Zone, folder: Path, name: str) -> None:
        begun = time.monotonic()
        try:
            self._count_attempt(name)
            self._camp = read_camp(self._camp.folder)  # an organiser may have changed it
            order = read_order(folder / ORDERS, name)
            result = self._done(asker, order, name)
        except DatakampError as error:
            write_refusal(folder / ANSWERS, name, error)
            told = type(error).__name__
        except Exception as error:  # noqa: BLE001 - its words may hold values of records; the worker goes on
            told = broken_at(error)
            write_refusal(folder / ANSWERS, name, ExecutionError(f"The worker met an unforeseen {told}."))
        else:
            write_answer(folder / ANSWERS, name, result)
            told = "done"
        (self._work / _ATTEMPTS / name).unlink(missing_ok=True)
        LOGGER.info("Order %s of %s: %s after %.1f s.", name, asker.value, told, time.monotonic() - begun)

    def _done(self, asker: Zone, order: Order, name: str) -> bytes:
        if (order.kind is OrderKind.TRIAL) is not (asker is Zone.BROKER):
            raise RefusedError(f"The zone '{asker.value}' does not ask for this.")
        if order.kind is OrderKind.TRIAL:
            self._trial(self._camp, order.team, dict(order.code), order.parameters)
            return b""
        if order.kind is OrderKind.REPRODUCE:
            return self._reproduced(order, name)
        frames = {output: self._frame(ticket) for output, ticket in order.frames.items()}
        if order.kind is OrderKind.TABULATE:
            frame = next(iter(frames.values()), None)
            return self._tables.tabulate(self._camp, tabulation_job_from_bytes(order.job), frame).to_bytes()
        return self._tables.compare(self._camp, comparison_job_from_bytes(order.job), frames).to_bytes()

    def _reproduced(self, order: Order, name: str) -> bytes:
        self._forget()
        aside = self._work / _FRAMES / f".{name}"
        aside.mkdir(mode=0o700)
        self._runs.reproduce(self._camp, order.team, dict(order.code), order.parameters, order.outputs, aside)
        aside.rename(self._work / _FRAMES / name)
        return b""

    def _frame(self, ticket: Ticket) -> Path:
        path = self._work / _FRAMES / ticket.order / f"{ticket.output}.arrow"
        if not path.is_file():
            raise ExecutionError("The narrow frames of this run are no longer there.", hint="Have the code run again.")
        return path

    def _forget(self) -> None:
        for one in (self._work / _FRAMES).iterdir():
            shutil.rmtree(one)

    def _count_attempt(self, name: str) -> None:
        counter = self._work / _ATTEMPTS / name
        attempts = len(read_regular(counter, limit=MOST_ATTEMPTS + 1)) if counter.is_file() else 0
        if attempts >= MOST_ATTEMPTS:
            raise ExecutionError("The worker was killed each time that it ran this.", hint="Look at its limits.")
        write_atomically(counter, b"." * (attempts + 1), mode=0o600)
