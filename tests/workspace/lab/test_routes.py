"""Every route that the server registers has been looked at: a new one, in a new version, fails here until it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tornado.httputil import HTTPHeaders

from workspace.lab.server.allowed import CHANGE, LARGEST_SETTING, READ, NotAllowed, is_open

ROOT = Path(__file__).resolve().parents[3]
KERNEL = "0b1c2d3e-0000-4000-8000-000000000000"

OPEN = {
    r"/(?P<mode>lab|doc)(?P<workspace>/workspaces/[a-zA-Z0-9\-\_]+)?(?P<tree>/tree/.*)?$": "/lab/tree/a.ipynb",
    r"/lab/extensions/(.*)$": "/lab/extensions/x/static/remoteEntry.js",
    r"/lab/api/settings/?$": "/lab/api/settings",
    r"/lab/api/settings/(?P<schema_name>.+)$": "/lab/api/settings/@jupyterlab/apputils-extension:themes",
    r"/lab/api/translations/?$": "/lab/api/translations/",
    r"/lab/api/translations/(?P<locale>.*)$": "/lab/api/translations/nl_NL",
    r"/lab/api/workspaces/?$": "/lab/api/workspaces/",
    r"/lab/api/workspaces/(?P<space_name>.+)$": "/lab/api/workspaces/default",
    r"/lab/api/listings/(.*)$": "/lab/api/listings/@jupyterlab/extensionmanager-extension/listings.json",
    r"/lab/api/themes/(.*)$": "/lab/api/themes/@jupyterlab/theme-light-extension/index.css",
    r"/static/lab/(.*)$": "/static/lab/main.js",
    r"/(favicon\.ico)$": "/favicon.ico",
    r"/static/(.*)$": "/static/favicons/favicon.ico",
    r"/api/status$": "/api/status",
    r"/api/me$": "/api/me",
    r"/api/contents(?P<path>(?:(?:/[^/]+)+|/?))/checkpoints$": "/api/contents/a.ipynb/checkpoints",
    r"/api/contents(?P<path>(?:(?:/[^/]+)+|/?))/checkpoints/(?P<checkpoint_id>[\w-]+)$": (
        "/api/contents/a.ipynb/checkpoints/checkpoint"
    ),
    # signs a notebook, so that its outputs may run scripts in the page: the page reaches nothing but this server
    r"/api/contents(?P<path>(?:(?:/[^/]+)+|/?))/trust$": "/api/contents/a.ipynb/trust",
    r"/api/contents(?P<path>(?:(?:/[^/]+)+|/?))$": "/api/contents/a.ipynb",
    r"/api/kernels$": "/api/kernels",
    r"/api/kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)$": f"/api/kernels/{KERNEL}",
    r"/api/kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)/(?P<action>restart|interrupt)$": f"/api/kernels/{KERNEL}/restart",
    r"/api/kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)/channels$": f"/api/kernels/{KERNEL}/channels",
    r"/api/kernelspecs$": "/api/kernelspecs",
    r"/api/kernelspecs/(?P<kernel_name>[\w\.\-%]+)$": "/api/kernelspecs/python3",
    r"/api/security/csp-report$": "/api/security/csp-report",
    r"/api/sessions/(?P<session_id>\w+-\w+-\w+-\w+-\w+)$": f"/api/sessions/{KERNEL}",
    r"/api/sessions$": "/api/sessions",
    r"/api/events/subscribe$": "/api/events/subscribe",
    r"/login$": "/login",
    r"/logout$": "/logout",
    r"/.*/$": "/lab/",
    r"/api$": "/api",
    r"/?$": "/",
}
"""The routes that are open, with an example each."""

CLOSED = {
    r"/lab/api/build$": "/lab/api/build",
    r"/lab/api/extensions$": "/lab/api/extensions",
    r"/lab/api/plugins$": "/lab/api/plugins",
    r"/lab/api/update$": "/lab/api/update",
    r"/lab/api/news$": "/lab/api/news",
    r"/lab/api/licenses/(.*)$": "/lab/api/licenses/a",
    r"/lab/.*$": "/lab/other",
    r"/(robots\.txt)$": "/robots.txt",
    r"/(robots\.txt|favicon\.ico)$": "/robots.txt",
    r"/api/spec.yaml$": "/api/spec.yaml",
    r"/api/resolvePath$": "/api/resolvePath",  # tells whether a path of the box exists
    r"/api/config/(?P<section_name>\w+)$": "/api/config/notebook",
    r"/api/notebooks/?(.*)$": "/api/notebooks/a",
    r"/kernelspecs/(?P<kernel_name>[\w\.\-%]+)/(?P<path>.*)$": "/kernelspecs/python3/kernel.json",
    r"/nbconvert/(?P<format>\w+)$": "/nbconvert/html",
    r"/nbconvert/(?P<format>\w+)(?P<path>(?:(?:/[^/]+)+|/?))$": "/nbconvert/html/a.ipynb",
    r"/api/nbconvert$": "/api/nbconvert",
    r"/api/shutdown$": "/api/shutdown",  # the keeper ends the server
    r"/view(?P<path>(?:(?:/[^/]+)+|/?))$": "/view/a.html",
    r"/api/events$": "/api/events",
    r"/files/(.*)$": "/files/a.csv",
    r"/metrics$": "/metrics",
    r"(.*)$": "/anything",
}
"""The routes that stay closed, with an example each."""

LISTING = """
import json, sys
from pathlib import Path
from traitlets.config import Config
from jupyter_server.serverapp import ServerApp
from jupyterlab_server.config import get_federated_extensions
from workspace.lab.server import application, configuration, programs
programs.refuse_programs = lambda: None
place = Path(sys.argv[1])
config = Config()
configuration.configure(config, token="t" * 40, settings={"idle_seconds": 60})
config.ServerApp.update(root_dir=str(place), sock="", port=0, allow_root=True)
config.FileCheckpoints.root_dir = str(place)
config.LabApp.update(user_settings_dir=str(place / "settings"), workspaces_dir=str(place / "workspaces"))
if sys.argv[2] == "as Jupyter would":
    del config.LabApp["labextensions_path"]
    server = ServerApp.instance(config=config)
else:
    server = application.SealedServer.instance(config=config)
server.initialize(argv=[])

def patterns(router):
    for rule in router.rules:
        if hasattr(rule.target, "rules"):
            yield from patterns(rule.target)
        else:
            found = getattr(rule.matcher, "regex", None)
            yield type(rule.matcher).__name__ if found is None else found.pattern

lab = server.extension_manager.extensions["jupyterlab"].extension_points["lab"].app
print(json.dumps({
    "routes": list(patterns(server.web_app.default_router)),
    "extensions": [name for name, one in server.extension_manager.extensions.items() if one.enabled],
    "pages": list(get_federated_extensions(lab.extra_labextensions_path + lab.labextensions_path)),
    "contents": [type(server.contents_manager).__name__],
}))
"""
PLANTED = """
def _jupyter_server_extension_points():
    return [{"module": "planted"}]
def _load_jupyter_server_extension(server):
    class Planted(type(server.contents_manager)):
        pass
    server.contents_manager = Planted(parent=server)
    server.web_app.add_handlers(".*", [("/planted", type(server.web_app.default_router.rules[0].target))])
"""


def listed(place: Path, how: str) -> dict[str, list[str]]:
    """What a server has that is started in an environment into which a package put extensions of its own."""
    for folder in ("labextensions/planted", "config/jupyter_server_config.d"):
        (place / folder).mkdir(parents=True)
    (place / "planted.py").write_text(PLANTED)
    turned_on = {"ServerApp": {"jpserver_extensions": {"planted": True}}}
    (place / "config/jupyter_server_config.d/planted.json").write_text(json.dumps(turned_on))
    package = {"name": "planted", "version": "1.0.0", "jupyterlab": {"_build": {"load": "static/remoteEntry.js"}}}
    (place / "labextensions/planted/package.json").write_text(json.dumps(package))
    names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment = {
        **os.environ,
        **{name: str(place / name) for name in names},
        "PYTHONPATH": f"{ROOT}{os.pathsep}{place}",
        "JUPYTER_CONFIG_PATH": str(place / "config"),
        "JUPYTER_PATH": str(place),
    }
    done = subprocess.run(
        [sys.executable, "-c", LISTING, str(place), how], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the server of a Lab has."""
    return listed(tmp_path_factory.mktemp("sealed"), "sealed")


@pytest.fixture(scope="module")
def registered(sealed: dict[str, list[str]]) -> list[str]:
    """The patterns of all routes, in the order in which they are looked at."""
    return sealed["routes"]


def test_no_package_of_the_environment_adds_to_the_server_or_to_its_page(
    sealed: dict[str, list[str]], tmp_path: Path
) -> None:
    assert sealed["extensions"] == ["workspace.lab.server", "jupyterlab"]
    assert "planted" not in sealed["pages"]
    assert sealed["contents"] == ["WorkspaceContents"]
    plain = listed(tmp_path, "as Jupyter would")
    assert "planted" in plain["extensions"]
    assert "planted" in plain["pages"]
    assert plain["contents"] != ["WorkspaceContents"]


def test_the_list_of_what_is_open_is_asked_first(registered: list[str]) -> None:
    assert registered[0] == "NotAllowed"


def test_every_route_has_been_judged(registered: list[str]) -> None:
    assert set(registered[1:]) == set(OPEN) | set(CLOSED)


@pytest.mark.parametrize("pattern", OPEN)
def test_what_was_judged_open_is_open(pattern: str) -> None:
    example = OPEN[pattern]
    assert re.match(pattern, example)
    assert any(is_open(example, method) for method in READ | CHANGE)


@pytest.mark.parametrize("pattern", CLOSED)
@pytest.mark.parametrize("method", sorted(READ | CHANGE | {"OPTIONS", "TRACE"}))
def test_what_was_judged_closed_is_closed(pattern: str, method: str) -> None:
    example = CLOSED[pattern]
    assert re.match(pattern, example)
    assert not is_open(example, method)


@pytest.mark.parametrize("path", ["/doc", "/doc/tree/a.ipynb", "/lab\n", "/labx", "lab", ""])
def test_what_only_looks_open_is_closed(path: str) -> None:
    assert not is_open(path, "GET")


@pytest.mark.parametrize(
    ("path", "headers", "taken"),
    [
        ("/lab/api/settings/a:b", {"Content-Length": str(LARGEST_SETTING)}, True),
        ("/lab/api/settings/a:b", {"Content-Length": str(LARGEST_SETTING + 1)}, False),
        ("/lab/api/settings/a:b", {"Content-Length": "many"}, False),
        ("/lab/api/settings/a:b", {"Transfer-Encoding": "chunked"}, False),
        ("/api/contents/a.ipynb", {"Content-Length": str(LARGEST_SETTING + 1)}, True),
    ],
)
def test_a_setting_that_would_keep_everybody_waiting_is_refused(
    path: str, headers: dict[str, str], taken: bool
) -> None:
    for base in ("/", "/user/team.a/"):
        request = SimpleNamespace(path=base.rstrip("/") + path, method="PUT", headers=HTTPHeaders(headers))
        assert (NotAllowed(base).match(cast("Any", request)) is None) == taken
