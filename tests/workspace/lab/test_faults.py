"""What falls over, and what is left: saved work stays, nothing runs on, and no key lies about."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.workspace.lab.planned import PlannedLab
from tests.workspace.lab.session import Lab
from tests.workspace.lab.test_lab import boxes
from tests.workspace.small_camp import TEAM, make_camp
from workspace.lab.serving import MOST_FALLS
from workspace.requests import read_request, waiting_numbers

Eventually = Callable[[Callable[[], bool]], bool]
MIB = 1 << 20


def below(pid: int) -> tuple[int, ...]:
    """The children of a process, whichever of its threads started them."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return tuple(int(child) for task in tasks for child in task.read_text().split())


def firsts(lab: Lab) -> dict[int, bytes]:
    """The first process of each box, with the command line of what runs in it."""
    found = {}
    for monitor in below(lab.process.pid):
        for first in below(monitor):
            for one in below(first):
                found[first] = Path(f"/proc/{one}/cmdline").read_bytes()
    return found


def server(lab: Lab) -> int:
    """The first process of the server's box; there is exactly one."""
    (found,) = [first for first, command in firsts(lab).items() if b"workspace.lab.server" in command]
    return found


def answers(lab: Lab) -> bool:
    try:
        return lab.ask("/api/status").code == 200
    except OSError:
        return False


def stands_again(lab: PlannedLab, falls: int) -> bool:
    return lab.logged().count("started again") == falls and answers(lab)


def test_a_server_that_is_killed_is_started_again_and_saved_work_is_there(
    tmp_path: Path, eventually: Eventually, short_temporary: Path
) -> None:
    with PlannedLab(make_camp(tmp_path), TEAM) as lab:
        model = {"type": "file", "format": "text", "content": "saved"}
        assert lab.ask("/api/contents/kept.py", "PUT", model).code == 201
        kernel = lab.start()
        assert lab.run(kernel, "1").status == "ok"
        assert len(boxes(lab.workspace)) >= 4
        os.kill(server(lab), signal.SIGKILL)
        assert eventually(lambda: answers(lab) and "started again" in lab.logged())
        assert json.loads(lab.ask("/api/contents/kept.py").body)["content"] == "saved"
        assert json.loads(lab.ask("/api/kernels").body) == []  # kernels end with the server that had them
        assert eventually(lambda: len(boxes(lab.workspace)) <= 3)
        assert lab.run(lab.start(), "print(1)").printed == "1\n"


def test_a_server_that_falls_again_and_again_ends_the_lab_and_says_so(
    tmp_path: Path, eventually: Eventually, short_temporary: Path
) -> None:
    with PlannedLab(make_camp(tmp_path), TEAM) as lab:
        for fall in range(MOST_FALLS + 1):
            assert eventually(partial(stands_again, lab, fall))
            os.kill(server(lab), signal.SIGKILL)
        assert lab.process.wait(60) == 1
        assert lab.process.stdout is not None
        told = lab.process.stdout.read()
        assert "again and again" in told
        # What the server wrote may quote a file.
        assert "It said" not in told
    assert not boxes(lab.workspace)
    assert not list(short_temporary.glob("datakamp-*/*"))


def test_a_kernel_that_is_killed_from_outside_starts_again(tmp_path: Path, eventually: Eventually) -> None:
    with PlannedLab(make_camp(tmp_path), TEAM) as lab:
        kernel = lab.start()
        assert lab.run(kernel, "open('kept.txt', 'w').write('x')").status == "ok"
        (first,) = [one for one, command in firsts(lab).items() if b"ipykernel" in command]
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: "A kernel has ended" in lab.logged())
        assert eventually(lambda: len(boxes(lab.workspace)) >= 4)  # Jupyter has started it again
        assert lab.run(kernel, "print(open('kept.txt').read())").printed == "x\n"


def test_a_lab_that_is_over_its_storage_still_saves_and_deletes(tmp_path: Path, eventually: Eventually) -> None:
    with PlannedLab(make_camp(tmp_path), TEAM, limits={"storage": 8 * MIB}) as lab:
        (lab.workspace / "rows.parquet").write_bytes(bytes(12 * MIB))
        answer = lab.ask("/api/kernels", "POST", {"name": "python3"})
        assert answer.code == 503
        assert b"holds more than it may" in answer.body
        model = {"type": "file", "format": "text", "content": "saved"}
        assert lab.ask("/api/contents/kept.py", "PUT", model).code == 201
        assert lab.ask("/api/contents/rows.parquet", "DELETE").code == 204
        assert lab.run(lab.start(), "print(1)").printed == "1\n"


def test_a_disk_that_is_nearly_full_stops_kernels_and_not_the_server(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with PlannedLab(make_camp(tmp_path), TEAM, limits={"reserve": free * 2}) as lab:
        answer = lab.ask("/api/kernels", "POST", {"name": "python3"})
        assert answer.code == 503
        assert b"the disk is nearly full" in answer.body
        model = {"type": "file", "format": "text", "content": "saved"}
        assert lab.ask("/api/contents/kept.py", "PUT", model).code == 201


def test_a_save_that_does_not_fit_leaves_the_notebook_as_it_was(tmp_path: Path) -> None:
    """The server may write no file as large as what is sent: as on a full disk, only half of it could be written."""
    with PlannedLab(make_camp(tmp_path), TEAM) as lab:
        model = {"type": "file", "format": "text", "content": "first"}
        assert lab.ask("/api/contents/kept.py", "PUT", model).code == 201
        import resource

        resource.prlimit(below(server(lab))[0], resource.RLIMIT_FSIZE, (MIB, MIB))
        answer = lab.ask("/api/contents/kept.py", "PUT", {**model, "content": "x" * (2 * MIB)})
        assert answer.code == 500
        assert (lab.workspace / "kept.py").read_text() == "first"
        text = {"cell_type": "markdown", "metadata": {}, "source": "x" * (2 * MIB)}
        document = {"cells": [text], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        notebook = {"type": "notebook", "format": "json", "content": document}
        for name, large in (("new.py", {**model, "content": "x" * (2 * MIB)}), ("new.ipynb", notebook)):
            answer = lab.ask(f"/api/contents/{name}", "PUT", large)
            assert answer.code == 500
            assert b"disk is full" in answer.body
            assert b"/workspace" not in answer.body
            assert not (lab.workspace / name).exists()


def test_a_temporary_file_within_the_limit_ends_nothing_and_mapped_files_beyond_it_end_their_kernel(
    tmp_path: Path, eventually: Eventually
) -> None:
    with PlannedLab(make_camp(tmp_path), TEAM, limits={"storage": 16 * MIB}) as lab:
        kernel = lab.start()
        source = "import os, tempfile, time\nf = tempfile.TemporaryFile(dir='/workspace')\n"
        done = lab.run(kernel, source + "f.write(os.urandom(3 << 20)); f.flush(); time.sleep(4); print('survived')")
        assert (done.status, done.printed.strip()) == ("ok", "survived")
        mapped = f"""
import ctypes, os
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
for number in range(4):
    handle = os.open("/workspace/" + str(number), os.O_RDWR | os.O_CREAT)
    os.write(handle, os.urandom({5 * MIB}))
    libc.mmap(None, 4096, 1, 1, handle, 0)
    os.close(handle)
    os.unlink("/workspace/" + str(number))
"""
        lab.run(kernel, mapped)
        assert eventually(lambda: "It filled a folder beyond what the folder may hold." in lab.logged())
        assert answers(lab)


def test_a_kernel_that_nobody_uses_is_ended_and_one_that_computes_is_not(
    tmp_path: Path, eventually: Eventually
) -> None:
    source = """
import os, time
open("begun", "w").close()
while not os.path.exists("go"): time.sleep(0.1)
print(1)
"""
    with PlannedLab(make_camp(tmp_path), TEAM, idle_seconds=8) as lab:
        busy = lab.start()
        told: list[str] = []
        computing = threading.Thread(target=lambda: told.append(lab.run(busy, source).printed))
        computing.start()
        assert eventually((lab.workspace / "begun").exists)
        # When this one is ended, the other has been silent for longer.
        idle = lab.start()
        assert eventually(lambda: idle not in kernels_of(lab))
        assert kernels_of(lab) == [busy]
        (lab.workspace / "go").touch()
        computing.join()
        assert told == ["1\n"]


def kernels_of(lab: PlannedLab) -> list[str]:
    return [str(one["id"]) for one in json.loads(lab.ask("/api/kernels").body)]


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps_ends_no_kernel(monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    import asyncio
    from datetime import UTC, datetime, timedelta
    from types import SimpleNamespace
    from typing import Any

    from jupyter_server.services.kernels import kernelmanager

    from workspace.lab.server import culling

    manager: Any = culling.SealedKernels(cull_idle_timeout=60)
    ended: list[str] = []
    activity = datetime.now(UTC)
    manager._kernels = {"one": SimpleNamespace(last_activity=activity, execution_state="idle")}

    async def shut(kernel_id: str) -> None:
        ended.append(kernel_id)

    monkeypatch.setattr(manager, "shutdown_kernel", shut)
    monkeypatch.setattr(kernelmanager, "utcnow", lambda: activity + timedelta(seconds=jump))
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    asyncio.run(manager.cull_kernel_if_idle("one"))
    now[0] += 60
    asyncio.run(manager.cull_kernel_if_idle("one"))
    assert ended == []
    now[0] += 0.1
    manager._kernels["one"].execution_state = "busy"
    asyncio.run(manager.cull_kernel_if_idle("one"))
    assert ended == []
    manager._kernels["one"].execution_state = "idle"
    asyncio.run(manager.cull_kernel_if_idle("one"))
    assert ended == ["one"]


def test_what_outlives_a_killed_keeper_is_gone_and_the_next_one_works(
    tmp_path: Path, short_temporary: Path, eventually: Eventually
) -> None:
    camp = make_camp(tmp_path)
    with PlannedLab(camp, TEAM) as lab:
        assert lab.run(lab.start(), "import subprocess; subprocess.Popen(['sleep', '600'])").status == "ok"
        os.kill(lab.process.pid, signal.SIGKILL)
        lab.process.wait(60)
    assert eventually(lambda: not boxes(lab.workspace))
    (left,) = short_temporary.glob("datakamp-*/*")
    assert [path for path in left.rglob("*") if path.is_file()] == []
    begun = time.monotonic()
    with PlannedLab(camp, TEAM) as lab:
        assert not left.exists()
        assert lab.run(lab.start(), "print(1)").printed == "1\n"
    assert time.monotonic() - begun < 60


HALF = """\
import time, disclosure as sdc
from disclosure.notebook import submission
homes = sdc.data("HOMES").to_pandas()
sdc.basket().add(sdc.table(homes, rows=["wijk"], unit="person"), name="homes", title="Homes", population="Everyone")
write = submission.write_atomically
def stuck(path, data):
    if path.name == "submission.json":
        open("stuck", "w").close()
        time.sleep(600)
    write(path, data)
submission.write_atomically = stuck
sdc.submit(title="Homes", purpose="To see how many there are.", code=["homes.py"])
"""


def test_a_keeper_killed_while_a_request_is_written_leaves_no_half_request(
    tmp_path: Path, eventually: Eventually
) -> None:
    camp = make_camp(tmp_path)
    (camp.workspace(TEAM) / "homes.py").write_text("# how it was made\n")
    with PlannedLab(camp, TEAM) as lab:
        writing = threading.Thread(target=cut_off, args=(lab, lab.start(), HALF), daemon=True)
        writing.start()
        assert eventually((lab.workspace / "stuck").exists)
        os.kill(lab.process.pid, signal.SIGKILL)
        lab.process.wait(60)
        writing.join(20)
    assert eventually(lambda: not boxes(lab.workspace))
    assert [one.name for one in (lab.workspace / "requests").iterdir()] == [".1"]
    assert waiting_numbers(lab.workspace) == ()
    with PlannedLab(camp, TEAM) as lab:
        ran = lab.run(lab.start(), HALF.split("write = ", maxsplit=1)[0] + "print(" + HALF.splitlines()[-1] + ")")
        assert (ran.printed, ran.error) == ("2\n", "")
    assert waiting_numbers(lab.workspace) == (2,)
    assert [one.name for one in read_request(camp, TEAM, 2).submission.outputs] == ["homes"]


def cut_off(lab: Lab, kernel: str, source: str) -> None:
    """Run a cell that does not come to its end."""
    with contextlib.suppress(Exception):
        lab.run(kernel, source)
