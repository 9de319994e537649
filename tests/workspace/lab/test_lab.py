"""A team's Lab, from outside as a browser sees it and from inside as a kernel sees it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.lab.session import Lab
from tests.workspace.small_camp import DATA_SET, TEAM, make_camp

Eventually = Callable[[Callable[[], bool]], bool]


@pytest.fixture(scope="module")
def kernel(lab: Lab) -> str:
    return lab.start()


# ---------------------------------------------------------------------------------------------------- what is open


def test_the_page_of_jupyterlab_opens(lab: Lab) -> None:
    answer = lab.ask("/lab")
    assert answer.code == 200
    assert b"JupyterLab" in answer.body


def test_nothing_opens_without_the_token(lab: Lab) -> None:
    assert lab.ask("/api/contents", token="wrong").code == 403
    assert lab.ask("/lab", token="").code == 302


def test_a_notebook_is_saved_and_opened_again(lab: Lab) -> None:
    content = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    model = {"type": "notebook", "format": "json", "content": content}
    assert lab.ask("/api/contents/made.ipynb", "PUT", model).code == 201
    assert json.loads(lab.ask("/api/contents/made.ipynb").body)["content"]["cells"] == []
    assert (lab.workspace / "made.ipynb").is_file()


def test_a_save_takes_the_place_of_a_pipe_and_keeps_nobody_waiting(lab: Lab) -> None:
    os.mkfifo(lab.workspace / "pipe.py")
    model = {"type": "file", "format": "text", "content": "saved"}
    assert lab.ask("/api/contents/pipe.py").code == 400
    assert lab.ask("/api/contents/pipe.py", "PUT", model).code == 201
    assert (lab.workspace / "pipe.py").read_text() == "saved"


def test_a_kernel_has_the_data_sets_and_the_check_at_hand(lab: Lab, kernel: str) -> None:
    source = f"""
import disclosure as sdc
frame = sdc.data("{DATA_SET}").to_pandas()
out = sdc.table(frame, rows=["wijk"], unit="person")
print(len(frame), out.verdict.status.value)
"""
    ran = lab.run(kernel, source)
    assert (ran.status, ran.error) == ("ok", "")
    assert ran.printed.split() == ["60", "safe"]


# -------------------------------------------------------------------------------------------------- what is closed


@pytest.mark.parametrize(
    "path",
    [
        "/files/data.csv",
        "/nbconvert/html/made.ipynb",
        "/api/nbconvert",
        "/api/terminals",
        "/api/config/notebook",
        "/api/shutdown",
        "/api/spec.yaml",
        "/lab/api/extensions",
        "/lab/api/news",
        "/lab/api/update",
        "/lab/api/licenses/",
        "/lsp/status",
        "/metrics",
        "/view/made.ipynb",
        "/custom/custom.css",
        "/files/../lab",
        "//files/data.csv",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_route_that_is_not_listed_is_closed(lab: Lab, path: str, method: str) -> None:
    assert lab.ask(path, method, {} if method == "POST" else None).code in (403, 404)


@pytest.mark.parametrize("name", ["evil", "python3/../evil", "PYTHON3"])
@pytest.mark.parametrize("way", ["kernels", "sessions"])
def test_a_kernel_of_another_name_does_not_start(lab: Lab, name: str, way: str) -> None:
    mark = lab.workspace / "started"
    for folder in (".local/share/jupyter/kernels", ".jupyter/kernels", "share/jupyter/kernels", "kernels"):
        place = lab.workspace / folder / "evil"
        place.mkdir(parents=True, exist_ok=True)
        (place / "kernel.json").write_text(
            json.dumps({"argv": ["touch", "/workspace/started"], "display_name": "evil", "language": "python"})
        )
    asked: dict[str, Any] = {"name": name}
    if way == "sessions":
        asked = {"path": "x.ipynb", "type": "notebook", "name": "x", "kernel": {"name": name}}
    assert lab.ask(f"/api/{way}", "POST", asked).code in (404, 500)
    assert "evil" not in lab.ask("/api/kernelspecs").body.decode()
    assert not mark.exists()


def test_data_are_listed_and_not_sent(lab: Lab) -> None:
    (lab.workspace / "rows.csv").write_text("person;income\n1;2\n")
    listed = json.loads(lab.ask("/api/contents").body)["content"]
    assert "rows.csv" in [one["name"] for one in listed]
    for asked in ("?format=text", "?format=base64", "?type=file", "?content=1"):
        answer = lab.ask(f"/api/contents/rows.csv{asked}")
        assert answer.code == 403
        assert b"income" not in answer.body
    assert lab.ask("/api/contents/rows.csv", "PATCH", {"path": "rows.py"}).code == 403
    assert lab.ask("/api/contents/rows.csv?content=0").code == 200


def test_files_are_not_uploaded(lab: Lab) -> None:
    for model in (
        {"type": "file", "format": "text", "content": "a;b"},
        {"type": "file", "format": "base64", "content": "YQ=="},
    ):
        assert lab.ask("/api/contents/own.csv", "PUT", model).code == 403
    chunk = {"type": "file", "format": "text", "content": "x", "chunk": 1}
    assert lab.ask("/api/contents/own.py", "PUT", chunk).code == 403
    assert lab.ask("/api/contents/own.py", "PUT", {"type": "file", "format": "base64", "content": "eA=="}).code == 403


@pytest.mark.parametrize("name", ["disclosure.py", "disclosure", "disclosure.ipynb"])
def test_a_file_that_takes_the_name_of_the_check_is_refused(lab: Lab, name: str) -> None:
    model = {"type": "file", "format": "text", "content": "x"}
    if name == "disclosure":
        model = {"type": "directory"}
    answer = lab.ask(f"/api/contents/{name}", "PUT", model)
    assert answer.code == 403
    assert b"the name of the check" in answer.body


def test_the_check_is_ours_whatever_a_team_puts_beside_its_notebook(lab: Lab) -> None:
    (lab.workspace / "disclosure.py").write_text("raise RuntimeError('shadowed')")
    (lab.workspace / "json.py").write_text("raise RuntimeError('shadowed')")
    try:
        ran = lab.run(lab.start(), "import disclosure, json; print(disclosure.__file__, json.__file__)")
        assert (ran.status, ran.error) == ("ok", "")
        assert "/workspace" not in ran.printed
    finally:
        (lab.workspace / "disclosure.py").unlink()
        (lab.workspace / "json.py").unlink()


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "/proc/self/environ", "/run/lab/token", "/run/datakamp/disclosure/errors.py"]
)
def test_a_link_out_of_the_workspace_is_not_followed(lab: Lab, target: str) -> None:
    link = lab.workspace / "link.txt"
    link.symlink_to(target)
    try:
        assert lab.ask("/api/contents/link.txt").code == 404
        assert lab.ask("/api/contents/link.txt", "PUT", {"type": "file", "format": "text", "content": "x"}).code == 404
        assert lab.ask("/api/contents/link.txt", "PATCH", {"path": "copy.txt"}).code == 404
        assert lab.ask("/api/contents", "POST", {"copy_from": "link.txt"}).code == 404
        listed = json.loads(lab.ask("/api/contents").body)["content"]
        assert "link.txt" not in [one["name"] for one in listed]
        assert lab.ask("/api/contents/link.txt", "DELETE").code == 204
        assert not link.is_symlink()
    finally:
        link.unlink(missing_ok=True)


def test_the_page_may_speak_to_nobody_else(lab: Lab) -> None:
    for path in ("/lab", "/api/contents", "/files/x"):
        policy = lab.ask(path).headers["Content-Security-Policy"]
        parts = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
        assert parts["default-src"] == "'none'"
        assert parts["connect-src"] == "'self'"
        assert "http" not in policy
        assert "allow-popups" not in parts["sandbox"]
        assert "allow-downloads" not in parts["sandbox"]


# ----------------------------------------------------------------------------------------- what a kernel cannot do

ATTACKS = {
    "the server's socket": "import os; os.listdir('/run/http')",
    "the keeper's socket": "import os; os.listdir('/run/ask')",
    "the sockets of other kernels": "import os; os.listdir('/run/kernels')",
    "the token": "open('/run/lab/token').read()",
    "the loopback of the host": "import socket; socket.create_connection(('127.0.0.1', {port}), 2)",
    "the network": "import socket; socket.create_connection(('192.0.2.1', 80), 2)",
    "names": "import socket; socket.getaddrinfo('example.org', 80)",
    "writing to the data": "open('/data/" + DATA_SET + "/data.parquet', 'ab').write(b'x')",
    "writing to the check": "open('/run/datakamp/disclosure/errors.py', 'a')",
    "tracing": "import os; os.kill(1, 0); open('/proc/1/mem', 'rb').read(1)",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_kernel_cannot_reach(lab: Lab, kernel: str, attack: str) -> None:
    source = ATTACKS[attack].replace("{port}", lab.address.rsplit(":", 1)[1])
    assert lab.run(kernel, source).status == "error"


def test_a_kernel_that_is_killed_is_told_and_starts_again(lab: Lab) -> None:
    kernel = lab.start()
    assert lab.run(kernel, "1").status == "ok"
    assert lab.run(kernel, "import os; os._exit(1)").status == "died"
    assert lab.run(kernel, "print('again')").printed == "again\n"


def test_a_kernel_can_be_interrupted(lab: Lab) -> None:
    kernel = lab.start()
    ran = lab.interrupted(kernel, "import time; open('/workspace/begun', 'w').close(); time.sleep(600)")
    assert ran.error.startswith("KeyboardInterrupt")
    assert lab.run(kernel, "print(2)").printed == "2\n"


# --------------------------------------------------------------------------------------------------------- its end


def test_so_many_kernels_run_and_no_more(tmp_path: Path) -> None:
    with Lab(make_camp(tmp_path), TEAM) as lab:
        kernels = [lab.start() for _ in range(8)]
        answer = lab.ask("/api/kernels", "POST", {"name": "python3"})
        assert answer.code == 503
        assert b"Too many kernels run" in answer.body
        assert lab.ask(f"/api/kernels/{kernels[0]}", "DELETE").code == 204
        assert lab.run(lab.start(), "print(1)").printed == "1\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_keeper_ends(
    tmp_path: Path, short_temporary: Path, eventually: Eventually, number: signal.Signals
) -> None:
    with Lab(make_camp(tmp_path), TEAM) as lab:
        lab.run(lab.start(), "open('kept.txt', 'w').write('x')")
        found = boxes(lab.workspace)
        assert len(found) >= 4  # two boxes: the first process of each, and what runs in it
        os.kill(lab.process.pid, number)
        lab.process.wait(60)
    assert eventually(lambda: not boxes(lab.workspace))
    assert (lab.workspace / "kept.txt").exists()
    left = [path for path in short_temporary.rglob("*") if path.is_file()]
    assert left == []  # sockets at most, and no file with a key
    if number != signal.SIGKILL:
        assert not list(short_temporary.glob("datakamp-*/*"))


def test_what_a_killed_keeper_left_goes_at_the_next_start(tmp_path: Path, short_temporary: Path) -> None:
    camp = make_camp(tmp_path)
    with Lab(camp, TEAM) as lab:
        os.kill(lab.process.pid, signal.SIGKILL)
        lab.process.wait(60)
    (before,) = short_temporary.glob("datakamp-*/*")
    with Lab(camp, TEAM):
        (now,) = short_temporary.glob("datakamp-*/*")
        assert now != before


def boxes(workspace: Path) -> list[int]:
    """Return the processes that have a workspace mounted."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if str(workspace) in (folder / "mountinfo").read_text():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found
