"""What kernels say on its way to the browser: a tab that does not listen or keep up does not fill the server.

Jupyter keeps all that a kernel says while no tab is open, and all that a tab has not taken yet. One that computes and
prints over night would take the memory that the server may use, and with the server the kernels of everybody end.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar, Final

from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

MIB: Final = 1 << 20
MOST_KEPT: Final = 16 * MIB
"""Bytes that are kept of a kernel while no tab listens to it: the newest, which say how its cells ended."""
MOST_WAITING: Final = 32 * MIB
"""Bytes that wait for one tab; who has more before it, and takes none, is cut off when it is to get more."""
STALLED_SECONDS: Final = 20.0
"""After which a tab counts as one that takes nothing. A single message may be twice as large as `MOST_WAITING`."""
MOST_TOGETHER: Final = 192 * MIB
"""Bytes that wait for all tabs together; beyond that the tab is cut off for which most waits."""
EACH: Final = 2 << 10
"""Bytes of the server's memory that a message takes beside its own, and that it counts for in each of these."""

_SHOWN: Final = "iopub"
_LARGEST_STATUS: Final = 4 << 10
LEFT_OUT: Final = "[More was shown than is kept while no tab is open. What was shown first is left out here.]\n"

Message = list[bytes]


class Kept:
    """What a kernel said while nobody listened, up to `MOST_KEPT` bytes; then what was shown first goes.

    How cells began and ended goes after all that they showed: a cell of which no end is told seems to run for ever.
    It takes the place of the list in which Jupyter keeps it.

    Args:
        session: of the kernel, which signs what is said about messages that are gone.
    """

    def __init__(self, session: Session, *, most: int = MOST_KEPT) -> None:
        self._session, self._most = session, most
        self._kept: dict[int, tuple[str, Message]] = {}
        self._shown: deque[int] = deque()
        self._number = self._size = 0
        self._gone: Message | None = None

    def append(self, one: tuple[str, Message]) -> None:
        """Keep a message of a channel."""
        self._number += 1
        self._kept[self._number] = one
        self._size += _size(one[1])
        if one[0] == _SHOWN and not self._is_status(one[1]):
            self._shown.append(self._number)
        while self._size > self._most and self._kept:
            # An answer comes by another way than what its cell showed, and may have overtaken that: it goes last.
            number = self._shown.popleft() if self._shown else next(iter(self._kept))
            channel, gone = self._kept.pop(number)
            self._size -= _size(gone)
            if channel == _SHOWN or self._gone is None:
                self._gone = gone

    def __len__(self) -> int:
        return len(self._kept) + (self._gone is not None)

    def __iter__(self) -> Iterator[tuple[str, Message]]:
        """Yield what is kept, and first, if anything is gone, that it is."""
        if self._gone is not None:
            yield _SHOWN, self._told(self._gone)
        yield from self._kept.values()

    def _is_status(self, message: Message) -> bool:
        """Tell whether a message says that a kernel is busy or idle, in a few words as such a message has."""
        if sum(map(len, message)) > _LARGEST_STATUS:
            return False
        header = self._part(message, 1)
        return isinstance(header, dict) and header.get("msg_type") == "status"

    def _part(self, message: Message, number: int) -> Any:
        """Return a part of a message, as it is counted behind the names of who is to get it."""
        try:
            parts: list[Any] = self._session.feed_identities(message)[1]
            return json.loads(parts[number])
        except (ValueError, LookupError, RecursionError):
            return {}

    def _told(self, gone: Message) -> Message:
        """Return a message that belongs to the same cell as one that is gone."""
        parent = self._part(gone, 2)
        content = {"name": "stderr", "text": LEFT_OUT}
        message = self._session.msg("stream", content=content, parent={"header": parent})
        told: Message = self._session.serialize(message)
        return told


class BoundedConnection(ZMQChannelsWebsocketConnection):
    """One tab's connection to a kernel. One that does not keep up is cut off; JupyterLab connects again by itself."""

    most_waiting: ClassVar[int] = MOST_WAITING
    most_together: ClassVar[int] = MOST_TOGETHER
    stalled_seconds: ClassVar[float] = STALLED_SECONDS
    each: ClassVar[int] = EACH
    _together: ClassVar[int] = 0
    _holding: ClassVar[dict[BoundedConnection, int]] = {}
    """Those that something waits for, and how many bytes."""
    _waiting: int = 0
    _took: float = 0.0
    """When the tab last took something, or began to be given something."""
    _cut: bool = False

    def connect(self) -> Any:  # the base classes differ among themselves
        """Connect, and send what was kept: all of it, however much comes at once.

        The library sends what a kernel shows up to a rate, and drops the rest. Of what was kept, which has a limit of
        its own, that would drop the newest: results, and the error with which a cell ended.
        """
        limited, self.limit_rate = self.limit_rate, False
        connected: asyncio.Future[None] | None = super().connect()
        if connected is not None:
            # Comes after the library's own, which sends what was kept and then begins to listen.
            connected.add_done_callback(lambda _: setattr(self, "limit_rate", limited))
        return connected

    @property
    def write_message(self) -> Callable[..., None]:
        """What sends a message to the browser."""
        return self._sent

    def _sent(self, message: str | bytes, binary: bool = False) -> None:
        joined = self.websocket_handler.ws_connection
        if joined is None or joined.stream is None or joined.is_closing():
            return
        now = time.monotonic()
        if self._waiting > self.most_waiting and now - self._took >= self.stalled_seconds:
            self.cut_off()
        while BoundedConnection._together > self.most_together and not self._cut:
            max(self._holding, key=self._holding.__getitem__).cut_off()
        if self._cut:
            return
        if not self._waiting:
            self._took = now
        size = len(message) + self.each
        sent = asyncio.ensure_future(self.websocket_handler.write_message(message, binary=binary))
        self._count(size)
        sent.add_done_callback(partial(self._taken, size))

    def cut_off(self) -> None:
        """Close the connection, and let go of all that waits for it."""
        self.log.warning("A tab that did not take what a kernel said was cut off.")
        self._cut = True
        self._count(-self._waiting)
        joined = self.websocket_handler.ws_connection
        if joined is not None and joined.stream is not None:
            # At once: an orderly goodbye would stand behind all that waits.
            joined.stream.close()

    def _taken(self, size: int, sent: asyncio.Future[None]) -> None:
        if not self._cut:
            self._took = time.monotonic()
            self._count(-size)
        if not sent.cancelled():
            sent.exception()  # looked at: that the tab has gone is no fault

    def _count(self, size: int) -> None:
        self._waiting += size
        BoundedConnection._together += size
        if self._waiting:
            self._holding[self] = self._waiting
        else:
            self._holding.pop(self, None)


def _size(message: Message) -> int:
    return sum(map(len, message)) + EACH
