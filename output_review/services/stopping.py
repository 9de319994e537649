"""Ending a worker: it is asked to by a signal, and interrupted where that costs nothing."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final


class StoppedError(BaseException):
    """Somebody asked this process to end. Like a keyboard interrupt, no handler of ordinary errors takes it."""


class Stop:
    """Whether this process was asked to end.

    Tabulation is interrupted: what it runs is ended with it, and begun again by the next worker. Everything else is
    brought to its end first.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._interrupts = False

    @property
    def asked(self) -> bool:
        """Whether to end."""
        return self._asked.is_set()

    def listen(self) -> None:
        """Take SIGTERM and SIGINT as the question; for the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)

    def ask(self) -> None:
        """Ask for the end."""
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Wait, and return early with True when asked to end."""
        return self._asked.wait(seconds)

    @contextlib.contextmanager
    def interrupts(self) -> Iterator[None]:
        """Within the block, raise `StoppedError` where a signal is heard."""
        self._interrupts = True
        try:
            if self.asked:
                raise StoppedError
            yield
        finally:
            self._interrupts = False

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        self.ask()
        if self._interrupts:
            self._interrupts = False
            raise StoppedError


NEVER: Final = Stop()
"""Nobody asks."""
