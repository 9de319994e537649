"""Files without a name: open, mapped or on their way; each counts once, and for the box that holds it."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workspace.isolation import watchdog
from workspace.isolation.box import Mount, python_box
from workspace.isolation.group_watchdog import GroupWatchdog
from workspace.isolation.limits import MIB, Limits
from workspace.isolation.nameless import NamelessFiles, nameless_files
from workspace.isolation.seal import Seal
from workspace.isolation.watchdog import Breach, Budget, answering
from workspace.isolation.worker import CompletedBox, run_in_box

MAPPED = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
for number in range(4):
    handle = os.open(f"{sys.argv[1]}/{number}", os.O_RDWR | os.O_CREAT)
    os.write(handle, os.urandom(2 << 20))
    assert libc.mmap(None, 4096, 1, 1, handle, 0) != ctypes.c_void_p(-1).value
    os.close(handle)
    os.unlink(f"{sys.argv[1]}/{number}")
print("ready", flush=True)
time.sleep(float(sys.argv[2]))
"""


def total(files: NamelessFiles) -> int:
    return sum(files.sizes.values())


def test_what_is_open_counts_and_what_has_a_name_does_not(tmp_path: Path) -> None:
    before = total(nameless_files((os.getpid(),)))
    with (tmp_path / "named").open("wb") as named, tempfile.TemporaryFile(dir=tmp_path) as without:
        for stream in (named, without):
            stream.write(os.urandom(MIB))
            stream.flush()
        assert MIB <= total(nameless_files((os.getpid(),))) - before < 2 * MIB
        twice = nameless_files((os.getpid(), os.getpid()))
        assert total(twice) == total(nameless_files((os.getpid(),)))
    assert total(nameless_files((os.getpid(),))) == before


def held_by_another(folder: Path) -> NamelessFiles:
    command = [sys.executable, "-S", "-c", MAPPED, str(folder), "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return nameless_files((process.pid,))
        finally:
            process.kill()


def test_what_is_only_mapped_counts_with_its_size(tmp_path: Path) -> None:
    files = held_by_another(tmp_path)
    if len(files.unseen) == 4:
        pytest.skip("only root, with all its rights, may look at a file that is only mapped")
    assert 8 * MIB <= total(files) < 9 * MIB
    assert (files.unseen, files.sent) == (frozenset(), 0)


def test_what_is_only_mapped_and_may_not_be_looked_at_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = os.stat

    def refused(path: Any, **options: Any) -> os.stat_result:
        if "/map_files/" in str(path):
            raise PermissionError
        return looked(path, **options)

    monkeypatch.setattr(os, "stat", refused)
    files = held_by_another(tmp_path)
    assert (len(files.unseen), total(files)) == (4, 0)
    assert {device for device, _ in files.unseen} == {tmp_path.stat().st_dev}


def test_what_is_on_its_way_through_a_socket_is_told(tmp_path: Path) -> None:
    before = nameless_files((os.getpid(),)).sent
    here, there = socket.socketpair()
    with here, there:
        with tempfile.TemporaryFile(dir=tmp_path) as stream:
            socket.send_fds(here, [b"x"], [stream.fileno()])
        assert nameless_files((os.getpid(),)).sent == before + 1
        _, received, _, _ = socket.recv_fds(there, 1, 1)
        assert nameless_files((os.getpid(),)).sent == before
        os.close(received[0])


def test_what_cannot_be_looked_at_is_bounded_by_its_largest_size_and_by_what_the_disk_lost() -> None:
    files = NamelessFiles({(1, 7): 50}, frozenset({(1, 7), (1, 8), (1, 9)}), sent=1)
    assert files.held(largest=100, lost=1000) == 50 + 3 * 100
    assert files.held(largest=100, lost=120) == 50 + 120
    assert files.held(largest=100, lost=-5) == 50


def test_what_is_on_its_way_counts_when_it_was_so_at_the_last_look() -> None:
    files = NamelessFiles({(1, 7): 50}, sent=3)
    assert [files.lasting(before).held(largest=10, lost=1000) for before in (0, 2, 5)] == [50, 70, 80]


SENT = """
import os, socket, time
held = []
for number in range(4):
    handle = os.open("/workspace/" + str(number), os.O_RDWR | os.O_CREAT)
    os.write(handle, os.urandom(2 << 20))
    os.unlink("/workspace/" + str(number))
    pair = socket.socketpair()
    socket.send_fds(pair[0], [b"x"], [handle])
    os.close(handle)
    held.append(pair)
time.sleep(150)
"""


@pytest.fixture
def filling_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that only ever loses room: on that of the tests, others delete files meanwhile."""
    looks = itertools.count()
    monkeypatch.setattr(watchdog, "in_use", lambda _: next(looks) << 40)


@pytest.mark.usefixtures("filling_disk")
@pytest.mark.parametrize("code", [SENT, MAPPED], ids=["on their way", "mapped"])
def test_files_that_only_a_box_itself_reaches_end_it(code: str, seal: Seal, tmp_path: Path) -> None:
    assert run(code, seal, tmp_path).breach is Breach.STORAGE


def test_the_largest_budget_of_a_disk_answers_once(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    for name in ("workspace", "sockets"):
        (tmp_path / name).mkdir()
    large, small = Budget(tmp_path / "workspace", 100), Budget(tmp_path / "sockets", 1)
    files = NamelessFiles({(device, 1): 5, (device + 1, 1): 7}, frozenset({(device, 2)}), sent=2)
    for order in ((large, small), (small, large)):
        assert answering(order, files) == {large: NamelessFiles({(device, 1): 5}, frozenset({(device, 2)}), 2)}
    # What ends with the box answers only where nothing else does.
    assert answering((small,), files, temporary=(large,)).keys() == {small}
    assert answering((), files, temporary=(large,)).keys() == {large}
    assert answering((), files) == {}


def run(code: str, seal: Seal, folder: Path, **limits: Any) -> CompletedBox:
    for name in ("workspace", "sockets"):
        (folder / name).mkdir()
    box = python_box(
        [Mount(folder / "workspace", "/workspace", writable=True), Mount(folder / "sockets", "/sockets", writable=True)]
    )
    budgets = (Budget(folder / "workspace", 6 * MIB), Budget(folder / "sockets", MIB))
    command = (sys.executable, "-S", "-c", code, "/workspace", "2")
    limited = Limits(**{"seconds": 200.0, "interval": 0.05, **limits})
    return run_in_box(command, seal=seal, box=box, limits=limited, budgets=budgets)


def test_a_temporary_file_within_the_budget_of_the_workspace_ends_no_box(seal: Seal, tmp_path: Path) -> None:
    code = """
import os, tempfile, time
stream = tempfile.TemporaryFile(dir="/workspace")
stream.write(os.urandom(3 << 20)); stream.flush(); time.sleep(1); print("survived")
"""
    completed = run(code, seal, tmp_path)
    assert (completed.breach, completed.output) == (None, b"survived\n")


@dataclass(eq=False)
class Process:
    """What the watchdog of a group needs of a box: this process stands for what runs in it."""

    namespace: int
    struck: bool = False

    def poll(self) -> int | None:
        return -9 if self.struck else None

    def strike(self) -> None:
        self.struck = True


@pytest.mark.parametrize(("size", "expected"), [(16 * MIB, None), (2 * MIB, Breach.STORAGE)])
def test_in_a_group_the_files_of_one_box_count_for_no_folder_that_only_another_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, expected: Breach | None
) -> None:
    for name in ("workspace", "sockets", "http"):
        (tmp_path / name).mkdir()
    kernel: Any = Process(1)
    server: Any = Process(2)
    monkeypatch.setattr("workspace.isolation.group_watchdog.processes_by_namespace", lambda: {1: (os.getpid(),), 2: ()})
    group = GroupWatchdog(memory=1 << 40, interval=3600.0)
    try:
        # A box without processes is measured too; of the kernel this process holds the file.
        own = (Budget(tmp_path / "workspace", size), Budget(tmp_path / "sockets", MIB))
        of_server = (Budget(tmp_path / "workspace", 1 << 40, own=False), Budget(tmp_path / "http", MIB))
        first = group.add(kernel, Limits(), own)
        second = group.add(server, Limits(), of_server)
        with tempfile.TemporaryFile(dir=tmp_path / "workspace") as stream:
            stream.write(os.urandom(3 * MIB))
            stream.flush()
            group._measure_folders((first, second))
    finally:
        group.stop()
    assert (first.breach, second.breach) == (expected, None)
