"""Asking the user of microdata for something, and waiting until it is done."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from disclosure.errors import RefusedError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.zones import ANSWERS, ORDERS, Zone, queue, zone_user
from workspace.zones.answers import is_answered, read_answer
from workspace.zones.orders import Order, PlacedOrder, sweep

LOCK: Final = ".worker"
"""In the folder of answers: the worker holds a lock on it while it lives."""

_SHORTEST, _LONGEST = 0.02, 0.5
_PATIENCE: Final = 5.0


def tell(sentence: str) -> None:
    """Say something on standard error."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


class Asker:
    """One side of a queue.

    Args:
        asker: the zone that asks.
        told: is told once if no worker is there. An order waits until one is: nothing is lost by that.
    """

    def __init__(self, camp: CampFile, asker: Zone, told: Callable[[str], None] = tell) -> None:
        folder = queue(camp, asker)
        self._orders, self._answers, self._told = folder / ORDERS, folder / ANSWERS, told
        self._hint = (
            f"No worker is there. As the user {zone_user(camp, Zone.DATA)}: datakamp tabulation serve --camp "
            f"{camp.folder}. Waiting for it."
        )

    def ask(self, order: Order, *, limit: int) -> tuple[str, bytes]:
        """Return the identifier of an order and its result.

        Args:
            limit: the most bytes that the result has.

        Raises:
            DatakampError: what the order came to.
            RefusedError: the order could not be written.
        """
        try:
            sweep(self._orders)
            placed = PlacedOrder(self._orders, order)
        except OSError:
            raise RefusedError(
                "The order to the user of microdata could not be written.", hint="Is the disk full?"
            ) from None
        try:
            self._wait(placed.identifier)
            return placed.identifier, read_answer(self._answers, placed.identifier, limit=limit)
        finally:
            placed.close()

    def _wait(self, identifier: str) -> None:
        pause, looked, told = _SHORTEST, time.monotonic(), False
        while not is_answered(self._answers, identifier):
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST)
            if not told and time.monotonic() - looked > _PATIENCE:
                looked, told = time.monotonic(), not has_worker(self._answers)
                if told:
                    self._told(self._hint)


def has_worker(answers: Path) -> bool:
    """Tell whether a worker serves the queue of these answers."""
    try:
        handle = os.open(answers / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(handle)
