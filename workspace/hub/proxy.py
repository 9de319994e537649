"""The way from the browser to the hub and to the teams, in the hub's own process: it joins sockets.

Who may do what is asked of the hub and of a team's gate; what nobody may is closed here, see `allowed`. A connection
carries one request, so that each is joined to what the hub has registered for its path; behind the gate of a team, who
asks for a websocket gets a connection that goes on, and the gate looks at what else comes by it.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from jupyterhub.proxy import Proxy

from workspace.hub.allowed import CLOSED, is_open

_HEAD: Final = 1 << 16
_HEAD_SECONDS: Final = 30.0
_PIECE: Final = 1 << 16
_HOP: Final = frozenset({b"connection", b"keep-alive", b"proxy-connection"})
_TEAM: Final = "user"
"""What the hub keeps about the route of a gate, and not about its own."""
_BAD: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_REFUSED: Final = (
    f"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: {len(CLOSED)}\r\n"
    f"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{CLOSED}"
).encode("ascii")
_GONE: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 38\r\nConnection: close\r\n\r\n"
    b"This is not running. Go back to /hub/\n"
)


@dataclass(frozen=True)
class Route:
    """Where requests of a path go, and what the hub keeps about it."""

    target: str
    data: dict[str, Any]

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.target)
        return parts.hostname or "", parts.port or 80


@dataclass(frozen=True)
class Head:
    """The head of a request as it is passed on.

    Attributes:
        path: that it asks for.
        data: with a connection that goes on if it asks for a websocket.
        closing: with one that ends with its answer whatever it asks for.
        asked: the path as it was sent, with what is written as ``%2F`` and the like.
    """

    path: str
    data: bytes
    closing: bytes
    method: str
    asked: str


class HeadError(ValueError):
    """It is no head of a request of HTTP/1.1."""


def passed_on(head: bytes) -> Head:
    """Return a head of which the connection ends with its answer, unless it asks for a websocket.

    Raises:
        HeadError: it is no head, or says in two ways how long its body is.
    """
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    words = first.split(b" ")
    if len(words) != 3 or not words[1].startswith(b"/") or words[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise HeadError
    kept, lengths, upgrade = [first], 0, False
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name.strip() != name or b"\n" in line or b"\r" in line:
            raise HeadError
        name = name.lower()
        lengths += name in (b"content-length", b"transfer-encoding")
        upgrade |= name == b"upgrade" and value.strip().lower() == b"websocket"
        if name not in _HOP:
            kept.append(line)
    if lengths > 1:
        raise HeadError
    written = b"\r\n".join([*kept, b""])
    closing = written + b"Connection: close\r\n\r\n"
    data = written + b"Connection: Upgrade\r\n\r\n" if upgrade else closing
    method, asked = words[0].decode("latin-1"), words[1].split(b"?")[0].decode("latin-1")
    return Head(unquote(asked), data, closing, method, asked)


class CampProxy(Proxy):  # type: ignore[misc]  # JupyterHub has no types
    """JupyterHub's proxy without another program."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._routes: dict[str, Route] = {}
        self._listening: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen at the camp's address."""
        place = urlsplit(self.public_url)
        self._listening = await asyncio.start_server(self._serve, place.hostname, place.port, limit=_HEAD)

    async def stop(self) -> None:
        """Listen no more."""
        if self._listening is not None:
            self._listening.close()

    async def add_route(self, routespec: str, target: str, data: dict[str, Any]) -> None:
        """Send what asks for a path below `routespec` to `target`."""
        self._routes[self.validate_routespec(routespec)] = Route(target, dict(data))

    async def delete_route(self, routespec: str) -> None:
        """Send nothing there any more."""
        self._routes.pop(self.validate_routespec(routespec), None)

    async def get_all_routes(self) -> dict[str, dict[str, Any]]:
        """Return all routes as the hub expects them."""
        return {
            spec: {"routespec": spec, "target": route.target, "data": route.data}
            for spec, route in self._routes.items()
        }

    def route_of(self, path: str) -> Route | None:
        """Return the route of the longest prefix of a path, or None."""
        found = [spec for spec in self._routes if path.startswith(spec) or f"{path}/" == spec]
        return self._routes[max(found, key=len)] if found else None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = passed_on(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS))
        except (HeadError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            await _ended(writer, _BAD)
            return
        if not is_open(head.asked, head.method):
            await _ended(writer, _REFUSED)
            return
        route = self.route_of(head.path)
        try:
            if route is None:
                raise ConnectionRefusedError
            other_reader, other_writer = await asyncio.open_connection(*route.place)
        except OSError:
            await _ended(writer, _GONE)
            return
        # The hub has no websockets. On a connection that goes on, what follows would pass without being looked at.
        other_writer.write(head.data if _TEAM in route.data else head.closing)
        await asyncio.gather(copied(reader, other_writer), copied(other_reader, writer, otherwise=_GONE))


async def copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, otherwise: bytes = b"") -> None:
    """Copy bytes until one side ends, then end the other; if there were none, after writing something else."""
    try:
        while piece := await reader.read(_PIECE):
            otherwise = b""
            writer.write(piece)
            await writer.drain()
    except (OSError, asyncio.CancelledError):
        pass
    finally:
        with contextlib.suppress(OSError, RuntimeError):
            writer.write(otherwise)
            writer.close()


async def _ended(writer: asyncio.StreamWriter, answer: bytes) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        writer.write(answer)
        await writer.drain()
        writer.close()
