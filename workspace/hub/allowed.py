"""Which paths of the hub a browser is answered at: those that are listed here, whatever JupyterHub registers.

People need its pages, the way to log in at a team's gate, and how far a start is. Its interface for programs, its page
of tokens, shares and the administrator's page are for nobody here: a page or a route that a new version adds is closed
until somebody has looked at it and listed it. The gates reach the hub on its own port, not by this way.
"""

from __future__ import annotations

import re
from typing import Final

READ: Final = frozenset({"GET", "HEAD"})
FORM: Final = READ | {"POST"}
_NAME: Final = r"[\w.-]{1,64}"

ALLOWED: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    (r"/(?:hub/?)?", READ),
    (r"/hub/(?:login|first|sign)", FORM),
    (r"/hub/(?:logout|home|teams|spawn|health)", READ),
    (rf"/hub/spawn/{_NAME}", FORM),
    (rf"/hub/spawn-pending/{_NAME}", READ),
    (rf"/hub/user/{_NAME}(?:/.*)?", READ),
    (r"/hub/(?:static/.+|logo)", READ),
    (r"/hub/api/oauth2/authorize", FORM),
    (rf"/hub/api/users/{_NAME}/server/progress", READ),
    (r"/hub/security/csp-report", frozenset({"POST"})),
)
"""A pattern of the path as it was sent, and the methods that it is open to."""
TEAMS: Final = "/user/"
"""What is below is answered by the gate of a team, or sent back to the hub's page if there is none."""

CLOSED: Final = "This is closed here.\n"


def is_open(path: str, method: str) -> bool:
    """Tell whether a request is passed on; `path` is what the browser sent, without the query.

    >>> is_open("/hub/login", "POST"), is_open("/hub/api/users", "GET"), is_open("/user/team.a/lab", "GET")
    (True, False, True)
    """
    if path.startswith(TEAMS):
        return True
    return any(method in methods and re.fullmatch(pattern, path) for pattern, methods in ALLOWED)
