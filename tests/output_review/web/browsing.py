"""The review application in a browser: served on loopback by a thread, with somebody logged in."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import Any
from unittest import mock
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from playwright.sync_api import Browser, BrowserContext, Page

from output_review.web.application import application
from tests.output_review.web.web_camp import WebCamp
from tests.workspace.lab.browser import started

SECONDS = 15_000
_SESSION, _HEADER = "__Host-session", "X-Test-Session"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


def _with_session(inner: Any) -> Any:
    def answered(environment: dict[str, Any], start: Any) -> Any:
        session = environment.get("HTTP_X_TEST_SESSION")
        if session and _SESSION not in environment.get("HTTP_COOKIE", ""):
            environment["HTTP_COOKIE"] = f"{environment.get('HTTP_COOKIE', '')}; {_SESSION}={session}".lstrip("; ")
        return inner(environment, start)

    return answered


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that ends with the block.

    Its library runs an event loop in this thread, in which Django would refuse to ask its database.
    """
    with started() as browser, mock.patch.dict(os.environ, {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}):
        yield browser


class Site:
    """A camp's application on loopback, until the block ends."""

    def __init__(self, web: WebCamp) -> None:
        self.web = web

    def __enter__(self) -> Site:
        inner = application(self.web.house, self.web.camp.camp.review, hosts=("127.0.0.1", "testserver"))
        self._server = make_server("127.0.0.1", 0, _with_session(inner), _Server, _Quiet)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @contextmanager
    def entered(self, browser: Browser, name: str, **options: Any) -> Iterator[BrowserContext]:
        """A browser in which somebody has logged in; `options` are those of a context of Playwright's."""
        session = self.web.client(name).cookies[_SESSION].value
        # A browser's own tools set no cookie of this kind without TLS; so the session goes along as a header.
        given = {
            "extra_http_headers": {_HEADER: session},
            "viewport": {"width": 1440, "height": 900},
            "locale": "en-GB",
            **options,
        }
        with browser.new_context(base_url=self.address, **given) as context:
            context.set_default_timeout(SECONDS)
            yield context

    @contextmanager
    def page(self, browser: Browser, name: str, **options: Any) -> Iterator[Page]:
        """A page of such a browser. What a script of it throws, or the policy refuses, fails the test."""
        with self.entered(browser, name, **options) as context:
            page = context.new_page()
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
            yield page
            assert not wrong, wrong
