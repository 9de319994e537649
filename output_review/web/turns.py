"""Turns at what is costly and open to everybody: checking a password takes 100 MB and a core for a good while.

Without a bound, whoever reaches the login page fills the machine's memory and every thread of the server. There are
turns for everybody, and others for people who are known already: the first do not crowd out the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from disclosure.errors import RefusedError
from disclosure.texts import text

AT_ONCE: Final = 2
"""How many passwords a process checks at the same time."""
WAITING: Final = 6
"""How many more wait for their turn; each of them keeps a thread."""


class CrowdedError(RefusedError):
    """Nobody can wait any more; it is answered with 503."""


class Turns:
    """Lets in so many at a time, and lets so many more wait.

    Example:
        >>> turns = Turns(at_once=1, waiting=0)
        >>> with turns.taken():
        ...     try:
        ...         with turns.taken():
        ...             pass
        ...     except CrowdedError:
        ...         print("too many")
        too many
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._inside = BoundedSemaphore(at_once)
        self._room = BoundedSemaphore(at_once + waiting)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a turn, after waiting for it.

        Raises:
            CrowdedError: so many wait already that nobody more may.
        """
        if not self._room.acquire(blocking=False):
            raise CrowdedError(
                text("Too many are logging in at this moment."), hint=text("Wait a little, and try again.")
            )
        try:
            with self._inside:
                yield
        finally:
            self._room.release()
