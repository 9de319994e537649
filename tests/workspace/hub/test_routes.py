"""Every route that the hub registers has been looked at: a new one, in a new version, fails here until it is."""

from __future__ import annotations

import re

import pytest
from jupyterhub.app import JupyterHub

from workspace.hub.allowed import FORM, READ, is_open
from workspace.hub.authenticator import CampAuthenticator

METHODS = sorted(FORM | {"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
NAME = r"([^/]+)"

OPEN = {
    r"/hub/first": "/hub/first",
    r"/hub/sign": "/hub/sign",
    r"/hub/teams": "/hub/teams",
    r"/hub/home": "/hub/home",
    r"/hub/login": "/hub/login",
    r"/hub/logout": "/hub/logout",
    r"/hub/spawn": "/hub/spawn",
    rf"/hub/spawn/{NAME}": "/hub/spawn/team.armoede",
    rf"/hub/spawn-pending/{NAME}": "/hub/spawn-pending/team.armoede",
    r"/hub/user/(?P<user_name>[^/]+)(?P<user_path>/.*)?": "/hub/user/team.armoede/lab/tree/a%20b.ipynb",
    r"/hub/security/csp-report": "/hub/security/csp-report",
    r"/hub/health$": "/hub/health",
    r"/hub/logo": "/hub/logo",
    r"/hub": "/hub",
    r"/hub/": "/hub/",
    r"/hub/api/oauth2/authorize": "/hub/api/oauth2/authorize",
    rf"/hub/api/users/{NAME}/server/progress": "/hub/api/users/team.armoede/server/progress",
    r"/(user|services)/([^/]+)": "/user/team.armoede",
    r"(?!/hub/).*": "/",
}
"""The routes that are open, with an example each."""

CLOSED = {
    r"/hub/token": "/hub/token",
    r"/hub/admin": "/hub/admin",
    r"/hub/user-redirect/(.*)?": "/hub/user-redirect/lab",
    rf"/hub/spawn/{NAME}/{NAME}": "/hub/spawn/team.armoede/other",
    rf"/hub/spawn-pending/{NAME}/{NAME}": "/hub/spawn-pending/team.armoede/other",
    r"/hub/accept-share": "/hub/accept-share",
    r"/hub/error/(\d+)": "/hub/error/503",
    r"/hub/api/health$": "/hub/api/health",
    r"/hub/metrics$": "/hub/metrics",
    r"/hub/api/metrics$": "/hub/api/metrics",
    rf"/hub/api/authorizations/cookie/{NAME}(?:/([^/]+))?": "/hub/api/authorizations/cookie/a",
    rf"/hub/api/authorizations/token/{NAME}": "/hub/api/authorizations/token/a",
    r"/hub/api/authorizations/token": "/hub/api/authorizations/token",
    r"/hub/api/oauth2/token": "/hub/api/oauth2/token",
    r"/hub/api/shutdown": "/hub/api/shutdown",
    r"/hub/api/?": "/hub/api",
    r"/hub/api/info": "/hub/api/info",
    r"/hub/api/proxy": "/hub/api/proxy",
    r"/hub/api/user": "/hub/api/user",
    r"/hub/api/users": "/hub/api/users",
    rf"/hub/api/users/{NAME}": "/hub/api/users/anna",
    rf"/hub/api/users/{NAME}/server": "/hub/api/users/team.armoede/server",
    rf"/hub/api/users/{NAME}/tokens": "/hub/api/users/anna/tokens",
    rf"/hub/api/users/{NAME}/tokens/([^/]*)": "/hub/api/users/anna/tokens/1",
    rf"/hub/api/users/{NAME}/servers/([^/]*)": "/hub/api/users/team.armoede/servers/other",
    rf"/hub/api/users/{NAME}/servers/([^/]*)/progress": "/hub/api/users/team.armoede/servers/other/progress",
    rf"/hub/api/users/{NAME}/activity": "/hub/api/users/anna/activity",
    rf"/hub/api/users/{NAME}/admin-access": "/hub/api/users/anna/admin-access",
    r"/hub/api/groups": "/hub/api/groups",
    rf"/hub/api/groups/{NAME}": "/hub/api/groups/team.armoede",
    rf"/hub/api/groups/{NAME}/users": "/hub/api/groups/team.armoede/users",
    rf"/hub/api/groups/{NAME}/properties": "/hub/api/groups/team.armoede/properties",
    r"/hub/api/services": "/hub/api/services",
    rf"/hub/api/services/{NAME}": "/hub/api/services/a",
    rf"/hub/api/shares/{NAME}": "/hub/api/shares/a",
    rf"/hub/api/shares/{NAME}/([^/]*)": "/hub/api/shares/a/b",
    rf"/hub/api/users/{NAME}/shared": "/hub/api/users/anna/shared",
    rf"/hub/api/groups/{NAME}/shared": "/hub/api/groups/a/shared",
    rf"/hub/api/users/{NAME}/shared/{NAME}/([^/]*)": "/hub/api/users/anna/shared/a/b",
    rf"/hub/api/groups/{NAME}/shared/{NAME}/([^/]*)": "/hub/api/groups/a/shared/b/c",
    rf"/hub/api/share-codes/{NAME}": "/hub/api/share-codes/a",
    rf"/hub/api/share-codes/{NAME}/([^/]*)": "/hub/api/share-codes/a/b",
    r"/hub/api/(.*)": "/hub/api/other",
    r"(.*)": "/hub/anything",
}
"""The routes that stay closed, with an example each."""


@pytest.fixture(scope="module")
def registered() -> set[str]:
    """The patterns of all routes of JupyterHub and of the camp's pages."""
    hub = JupyterHub()
    hub.authenticator = CampAuthenticator(parent=hub)
    hub.init_handlers()
    return {pattern for pattern, *_ in hub.handlers}


def test_every_route_has_been_judged(registered: set[str]) -> None:
    assert registered == set(OPEN) | set(CLOSED)


@pytest.mark.parametrize("pattern", OPEN)
def test_what_was_judged_open_is_open(pattern: str) -> None:
    assert re.fullmatch(pattern.removesuffix("$"), OPEN[pattern])
    assert any(is_open(OPEN[pattern], method) for method in METHODS)


@pytest.mark.parametrize("pattern", CLOSED)
def test_what_was_judged_closed_is_closed(pattern: str) -> None:
    assert re.fullmatch(pattern.removesuffix("$"), CLOSED[pattern])
    assert not any(is_open(CLOSED[pattern], method) for method in METHODS)


@pytest.mark.parametrize(
    "path",
    [
        "/hub//login", "/hub/login/", "/hub/login\n", "/hub/Login", "hub/login", "", "//hub/login", "/hub/%6cogin",
        "/hub/../hub/admin", "/hub/spawn/..%2Fadmin", "/hub/spawn/a/b", "/services/a", "/anything", "/user",
        "/hub/api/users/anna%2Fserver%2Fprogress", "/hub/api/users/a/b/server/progress",
    ],
)  # fmt: skip
def test_what_only_looks_open_is_closed(path: str) -> None:
    assert not any(is_open(path, method) for method in METHODS)


@pytest.mark.parametrize("path", ["/hub/home", "/hub/logout", "/hub/static/css/style.min.css", "/hub/"])
def test_a_page_that_is_only_read_takes_no_form(path: str) -> None:
    assert all(is_open(path, method) for method in READ)
    assert not any(is_open(path, method) for method in set(METHODS) - READ)


@pytest.mark.parametrize("method", METHODS)
def test_what_belongs_to_a_team_is_for_its_gate_to_answer(method: str) -> None:
    assert is_open("/user/team.armoede/api/contents/a%20b.ipynb", method)
