"""Which requests the server answers: those that are listed here, whatever else it or an extension registers.

A route that a new version adds is closed until somebody has looked at it and listed it. `JUDGED_CLOSED` names those
that were looked at and stay closed; a test compares both lists with all routes that the server registers.
"""

from __future__ import annotations

import re
from typing import Any, Final

from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.routing import Matcher, Rule

from workspace.lab.requests import Refusal
from workspace.lab.server.reports import report

READ: Final = frozenset({"GET", "HEAD"})
CHANGE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SETTINGS: Final = "/lab/api/settings"
LARGEST_SETTING: Final = 32 << 10
"""Bytes of what a person sets. It is parsed in Python, half a second for so many, and everybody else waits."""
_ID: Final = r"[\w-]{1,64}"

ALLOWED: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    (r"/", READ),
    (r"/login", READ | {"POST"}),
    (r"/logout", READ),
    (r"/favicon\.ico", READ),
    (r"/static/.+", READ),
    # JupyterLab itself, its extensions, and what a person sets in it: that ends with the server
    (r"/lab(?:/(?:tree|workspaces)(?:/.*)?)?/?", READ),
    (r"/lab/extensions/.+", READ),
    (rf"{SETTINGS}(?:/.+)?", READ | {"PUT"}),
    (r"/lab/api/workspaces(?:/.*)?", READ | CHANGE),
    (r"/lab/api/themes/.+", READ),
    (r"/lab/api/translations(?:/.*)?", READ),
    (r"/lab/api/listings/.+", READ),
    # files of the workspace, through `WorkspaceContents`
    (r"/api/contents(?:/.*)?", READ | CHANGE),
    # kernels, through the keeper
    (r"/api/kernelspecs(?:/.+)?", READ),
    (rf"/api/kernels(?:/{_ID}(?:/(?:interrupt|restart))?)?", READ | CHANGE),
    (rf"/api/kernels/{_ID}/channels", READ),
    (rf"/api/sessions(?:/{_ID})?", READ | CHANGE),
    (r"/api/?", READ),
    (r"/api/(?:me|status)", READ),
    (r"/api/events/subscribe", READ),
    (r"/api/security/csp-report", frozenset({"POST"})),
)
"""A pattern of the path below the base, and the methods that it is open to."""

CLOSED: Final = "This is closed here. Results leave by sdc.submit and a review."


class Closed(JupyterHandler):
    """Answers what is not open."""

    async def prepare(self, **_: Any) -> None:
        """Refuse, whatever the method and whoever asks."""
        report(Refusal.ROUTE)
        raise web.HTTPError(403, CLOSED)


class NotAllowed(Matcher):
    """Matches each request that is not open."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._allowed = tuple((re.compile(path), methods) for path, methods in ALLOWED)

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return that the request is refused, or None if it is open."""
        path = request.path
        inside = path.startswith(f"{self._base}/") and is_open(path[len(self._base) :], str(request.method))
        return None if inside and not _is_large_setting(path[len(self._base) :], request.headers) else {}


def is_open(path: str, method: str) -> bool:
    """Tell whether a request is answered.

    >>> is_open("/lab", "GET"), is_open("/files/data.csv", "GET"), is_open("/lab", "POST")
    (True, False, False)
    """
    return any(method in methods and re.fullmatch(pattern, path) for pattern, methods in ALLOWED)


def _is_large_setting(path: str, headers: HTTPHeaders) -> bool:
    """Tell whether it is a setting of which the sender says that it is too large, or does not say how large it is."""
    if not path.startswith(f"{SETTINGS}/"):
        return False
    length = headers.get("Content-Length", "0")
    return "Transfer-Encoding" in headers or not length.isdecimal() or int(length) > LARGEST_SETTING


def close_routes(application: Any) -> None:
    """Close everything that is not listed, before any other rule is looked at."""
    base = application.settings["base_url"]
    application.default_router.rules.insert(0, Rule(NotAllowed(base), Closed))
