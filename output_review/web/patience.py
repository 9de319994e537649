"""How long a thread of the server waits for a client: a question that does not come in whole is given up.

The server's threads read a question and answer it. Without a deadline, as many clients as there are threads, each with
half a question, stop the pages for everybody.
"""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING, Any, Final

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from socket import socket

WHOLE: Final = 5.0
"""Seconds in which a question, its headers and its body, has come in. The largest is a megabyte; a proxy keeps it until
it is whole."""
ANSWER: Final = 30.0
"""Seconds for which one piece of an answer may wait for a client that does not read."""


class PatientSocket:
    """A connection on which reading ends at a deadline, however slowly what is sent trickles in; all else is passed on.

    Example:
        >>> import socket
        >>> ours, theirs = socket.socketpair()
        >>> patient = PatientSocket(ours)
        >>> patient.begin(0.01)
        >>> try:
        ...     patient.recv(1)
        ... except ConnectionResetError:
        ...     print("given up")
        given up
        >>> ours.close(), theirs.close()
        (None, None)
    """

    def __init__(self, inner: socket) -> None:
        self._inner = inner
        self._until = time.monotonic() + WHOLE

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def begin(self, seconds: float = WHOLE) -> None:
        """Have the time for the next question begin now."""
        self._until = time.monotonic() + seconds

    def setblocking(self, flag: bool) -> None:
        """Wait for as long as a piece of an answer may take, or not at all; never without end."""
        self._inner.settimeout(ANSWER if flag else 0.0)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what came in.

        Raises:
            ConnectionResetError: the time for this question is over.
        """
        kept = self._inner.gettimeout()
        left = self._until - time.monotonic()
        if kept == 0.0:
            return self._inner.recv(size, flags)
        if left <= 0:
            raise _given_up()
        try:
            self._inner.settimeout(left if kept is None else min(left, kept))
            return self._inner.recv(size, flags)
        except TimeoutError:
            raise _given_up() from None
        finally:
            self._inner.settimeout(kept)

    def sendall(self, data: bytes, flags: int = 0) -> None:
        """Send all of it.

        Raises:
            ConnectionResetError: the client has not read it in time.
        """
        try:
            self._inner.sendall(data, flags)
        except TimeoutError:
            raise _given_up() from None


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, on connections that are read by a deadline."""

    def handle(self, conn: Any) -> Any:
        """Handle the next question on a connection; runs in a thread."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(conn.sock)
        conn.sock.begin()
        return super().handle(conn)


def _given_up() -> ConnectionResetError:
    # The server writes nothing down about a connection that the client has broken off: this is no different.
    return ConnectionResetError(errno.ECONNRESET, "the client took too long")
