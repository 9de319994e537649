"""The gate before a team's server: it asks the hub about each request, and lets bytes pass when the answer is yes.

Cookies end here, in both directions: the server in its box sees none of what a person logged in with, and sets none.
What it gets instead is its own token, which never leaves the keeper.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import urlsplit

from jupyterhub import __version__
from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler, HubOAuthenticated, UserNotAllowed
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError
from tornado.tcpclient import TCPClient

LOGGER: Final = logging.getLogger("datakamp.workspace")
HOST: Final = "127.0.0.1"

_ASK_AGAIN_SECONDS: Final = 30
_LARGEST: Final = 32 << 20
_HEAD: Final = 1 << 16
_PIECE: Final = 1 << 16
_READS: Final = frozenset({"GET", "HEAD"})
_SWITCHED: Final = b"HTTP/1.1 101 "
_NO_WEBSOCKET: Final = b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_ALIVE: Final = 16
"""Bytes up to which a piece from the browser is only the sign that a websocket is alive."""
_DROPPED: Final = frozenset(
    {"authorization", "connection", "content-length", "cookie", "expect", "host", "keep-alive", "origin",
     "proxy-connection", "te", "trailer", "transfer-encoding", "x-forwarded-for", "x-forwarded-host", "x-real-ip"}
)  # fmt: skip


class Activity:
    """When people last did something."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def seen(self) -> None:
        """Note that somebody did something now."""
        self._last = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """For how long nobody has done anything."""
        return time.monotonic() - self._last


class Gate(HubOAuthenticated, web.RequestHandler):  # type: ignore[misc]  # JupyterHub has no types
    """Answers every path of a team."""

    def initialize(
        self, port: int, token: str, activity: Activity, beside: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        """Take what the keeper knows.

        Args:
            port: of the keeper on the loopback.
            token: of the server.
            activity: is told what people do.
            beside: does something until it ends.
        """
        self._port, self._token, self._activity, self._beside = port, token, activity, beside

    def set_default_headers(self) -> None:
        """Tell the hub which version it speaks with; tell browsers to trust the page with nothing."""
        self.set_header("X-JupyterHub-Version", __version__)
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.set_header("Cache-Control", "no-store")

    def check_xsrf_cookie(self) -> None:
        """Check changes and reads by scripts; fonts and scripts of Lab itself are open to who has logged in."""
        if self.request.method in _READS and "/static/" in self.request.path:
            return
        super().check_xsrf_cookie()

    async def prepare(self) -> None:
        """Let nobody pass whom the hub does not know, or does not let into this team.

        Raises:
            HTTPError: 403 if the hub says no; 405 for methods that there are not.
        """
        if self.request.method not in _METHODS:
            raise web.HTTPError(405)
        if "Authorization" in self.request.headers or self.get_query_arguments("token"):
            raise web.HTTPError(403, "Log in with a browser: tokens open nothing here.")
        self._check_origin()
        found = await self.hub_auth.get_user(self, sync=False)
        if found is None:
            if self._is_page():
                self.redirect(self.get_login_url())
                return
            raise web.HTTPError(403, "Log in first.")
        try:
            self.current_user = self.check_hub_user(found)
        except UserNotAllowed:
            raise web.HTTPError(403, "This is another team's.") from None
        await self._pass()

    def _check_origin(self) -> None:
        """Refuse changes and websockets that a page of another origin asks for."""
        origin = self.request.headers.get("Origin")
        if origin is None:
            if self.request.method in _READS and not self._is_websocket():
                return
            raise web.HTTPError(403, "Changes are asked for by a browser, which says from where.")
        if not is_same_place(origin, self.request.headers.get("Host", "")):
            raise web.HTTPError(403, "Another site asked for this.")

    def _is_page(self) -> bool:
        fetched = self.request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        return self.request.method == "GET" and not (fetched or self._is_websocket() or "/api" in self.request.path)

    def _is_websocket(self) -> bool:
        return str(self.request.headers.get("Upgrade", "")).lower() == "websocket"

    async def _pass(self) -> None:
        """Join the browser to the server for this one request."""
        websocket = self._is_websocket()
        if self.request.method not in _READS or websocket:
            self._activity.seen()
        try:
            server = await TCPClient().connect(HOST, self._port)
        except OSError:
            raise web.HTTPError(503, "The server does not answer.") from None
        try:
            await server.write(self._head(websocket) + self.request.body)
            answer = await server.read_until(b"\r\n\r\n", max_bytes=_HEAD)
        except StreamClosedError:
            raise web.HTTPError(502, "The server did not answer.") from None
        browser = self.detach()
        try:
            if websocket and not answer.startswith(_SWITCHED):
                # What the browser sends next would be another request, which nobody has looked at.
                await browser.write(answer.split(b"\r\n")[0] + _NO_WEBSOCKET)
                return
            await browser.write(without_cookies(answer))
            if websocket:
                self._beside(self._copied(browser, server))
            await copied(server, browser)
        except StreamClosedError:
            pass
        finally:
            server.close()
            browser.close()

    async def _copied(self, browser: IOStream, server: IOStream) -> None:
        await copied(browser, server, self._activity)
        server.close()

    def _head(self, websocket: bool) -> bytes:
        lines = [f"{self.request.method} {self.request.uri} HTTP/1.1", f"Host: {HOST}:{self._port}"]
        lines += [f"{key}: {value}" for key, value in self.request.headers.get_all() if key.lower() not in _DROPPED]
        lines.append(f"Authorization: token {self._token}")
        if self.request.body:
            lines.append(f"Content-Length: {len(self.request.body)}")
        lines.append("Connection: " + ("Upgrade" if websocket else "close"))
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


class GateApplication(web.Application):
    """The gate of one team.

    Args:
        base: the path of the team, with a slash at both ends.
        secret: signs the cookies of this gate.
    """

    def __init__(self, base: str, secret: bytes, *, port: int, token: str, activity: Activity) -> None:
        # For so long a yes of the hub is good without asking it again.
        HubOAuth.instance(cache_max_age=_ASK_AGAIN_SECONDS)
        known = {"port": port, "token": token, "activity": activity, "beside": self._spawn}
        rules: list[Any] = [(f"{base}oauth_callback", HubOAuthCallbackHandler), (f"{base}.*", Gate, known)]
        super().__init__(rules, cookie_secret=secret, log_function=_unlogged)
        self._running: set[Any] = set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # The loop knows tasks by weak references only.
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def listen_on(self, port: int) -> HTTPServer:
        """Listen on the loopback."""
        server = HTTPServer(self, max_body_size=_LARGEST, max_buffer_size=_LARGEST, xheaders=True)
        server.listen(port, HOST)
        return server


def is_same_place(origin: str, host: str) -> bool:
    """Tell whether a page of `origin` is one of this host; what is no origin is none.

    >>> is_same_place("http://camp:8000", "Camp:8000"), is_same_place("http://[", "["), is_same_place("null", "")
    (True, False, False)
    """
    try:
        place = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    return bool(place) and place == host.lower()


def without_cookies(head: bytes) -> bytes:
    """Return the head of an answer without the lines that set cookies.

    >>> without_cookies(b"HTTP/1.1 200 OK\\r\\nset-cookie: a=b\\r\\nX: y\\r\\n\\r\\n")
    b'HTTP/1.1 200 OK\\r\\nX: y\\r\\n\\r\\n'
    """
    lines = head.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.lower().startswith(b"set-cookie:"))


async def copied(reader: IOStream, writer: IOStream, activity: Activity | None = None) -> None:
    """Copy bytes until one side ends, and tell what people do if asked to."""
    try:
        while True:
            piece = await reader.read_bytes(_PIECE, partial=True)
            if activity is not None and len(piece) > _ALIVE:
                activity.seen()
            await writer.write(piece)
    except StreamClosedError:
        pass


def _unlogged(handler: web.RequestHandler) -> None:
    """Log refusals without the path, which may hold what people call their files."""
    if handler.get_status() >= 400:
        method = handler.request.method if handler.request.method in _METHODS else "another method"
        LOGGER.warning("A request to the Lab was answered with %d: %s.", handler.get_status(), method)
