"""What kernels say on its way to the browser: a tab that does not listen or keep up does not fill the server.

Jupyter keeps all that a kernel says while no tab is open, and all that a tab has not taken yet. One that computes and
prints over night would take the memory that the server may use, and with the server the kernels of everybody end.
"""

from __future__ import annotations

import asyncio
import json
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
"""Bytes that wait for one tab; who has that many before it and is to get more is cut off, and connects again."""
MOST_TOGETHER: Final = 192 * MIB
"""Bytes that wait for all tabs together."""

_SHOWN: Final = "iopub"
LEFT_OUT: Final = "[More was shown than is kept while no tab is open. What was shown first is left out here.]\n"

Message = list[bytes]


class Kept:
    """What a kernel said while nobody listened, up to `MOST_KEPT` bytes; then what was said first goes.

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
        if one[0] == _SHOWN:
            self._shown.append(self._number)
        while self._size > self._most and self._kept:
            # How a cell ended comes by another way than what it showed, and may have overtaken that: it goes last.
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

    def _told(self, gone: Message) -> Message:
        """Return a message that belongs to the same cell as one that is gone."""
        try:
            parts: list[Any] = self._session.feed_identities(gone)[1]
            parent = json.loads(parts[2])
        except (ValueError, LookupError, RecursionError):
            parent = {}
        content = {"name": "stderr", "text": LEFT_OUT}
        message = self._session.msg("stream", content=content, parent={"header": parent})
        told: Message = self._session.serialize(message)
        return told


class BoundedConnection(ZMQChannelsWebsocketConnection):
    """One tab's connection to a kernel. One that does not keep up is cut off; JupyterLab connects again by itself."""

    most_waiting: ClassVar[int] = MOST_WAITING
    most_together: ClassVar[int] = MOST_TOGETHER
    _together: ClassVar[int] = 0

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._waiting = 0

    @property
    def write_message(self) -> Callable[..., None]:
        """What sends a message to the browser."""
        return self._sent

    def _sent(self, message: str | bytes, binary: bool = False) -> None:
        joined = self.websocket_handler.ws_connection
        if joined is None or joined.stream is None or joined.is_closing():
            return
        if self._waiting > self.most_waiting or (self._waiting and BoundedConnection._together > self.most_together):
            self.log.warning("A tab that did not take what a kernel said was cut off.")
            # At once: an orderly goodbye would stand behind all that waits.
            joined.stream.close()
            return
        size = len(message)
        self._count(size)
        sent = asyncio.ensure_future(self.websocket_handler.write_message(message, binary=binary))
        sent.add_done_callback(partial(self._taken, size))

    def _taken(self, size: int, sent: asyncio.Future[None]) -> None:
        self._count(-size)
        if not sent.cancelled():
            sent.exception()  # looked at: that the tab has gone is no fault

    def _count(self, size: int) -> None:
        self._waiting += size
        BoundedConnection._together += size


def _size(message: Message) -> int:
    return sum(map(len, message))
