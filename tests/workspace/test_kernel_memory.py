"""Memory that Linux keeps for a box: what waits in its sockets, and its page tables, count for its limit."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from workspace.isolation import observe
from workspace.isolation.box import Mount, python_box
from workspace.isolation.limits import MIB, Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.observe import (
    MOST_TERMINALS,
    SOCKET_SIZE,
    has_too_many_mappings,
    memory_at_most,
    proportional_memory,
    socket_memory,
)
from workspace.isolation.seal import Seal
from workspace.isolation.seccomp import KERNEL_FAMILIES
from workspace.isolation.watchdog import Breach, Budget
from workspace.isolation.worker import CompletedBox, run_in_box


def run(code: str, seal: Seal, folder: Path, **limits: Any) -> CompletedBox:
    families = KERNEL_FAMILIES if seal.mode is SealMode.BUBBLEWRAP else python_box().families
    box = python_box([Mount(folder, "/workspace", writable=True)], families=families, mode=seal.mode.value)
    limited = Limits(**{"seconds": 200.0, "interval": 0.05, **limits})
    budgets = (Budget(folder, 64 * MIB),)
    return run_in_box((sys.executable, "-S", "-c", code), seal=seal, box=box, limits=limited, budgets=budgets)


PAIRS = """
import socket, time
held, sent = [], 0
for _ in range({pairs}):
    pair = socket.socketpair()
    held.append(pair)
    for one in pair:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        one.setblocking(False)
        try:
            while True:
                sent += one.send(bytes(65536))
        except BlockingIOError:
            pass
print(sent // (2 * {pairs}), flush=True)
time.sleep({seconds})
"""


def test_what_waits_in_sockets_counts(any_seal: Seal, tmp_path: Path) -> None:
    completed = run(PAIRS.format(pairs=400, seconds=150), any_seal, tmp_path, memory=64 * MIB)
    assert completed.breach is Breach.MEMORY


def test_no_socket_is_made_to_hold_more_than_it_is_counted_for(any_seal: Seal, tmp_path: Path) -> None:
    completed = run(PAIRS.format(pairs=10, seconds=0.5), any_seal, tmp_path, memory=64 * MIB)
    assert completed.breach is None
    assert 0 < int(completed.output) <= SOCKET_SIZE


def test_what_waits_in_connections_over_the_own_loopback_counts(seal: Seal, tmp_path: Path) -> None:
    code = """
import socket, time
listening = socket.create_server(("127.0.0.1", 0), backlog=100)
held = []
for _ in range(40):
    one = socket.create_connection(listening.getsockname())
    held += [one, listening.accept()[0]]
    one.setblocking(False)
    try:
        while True:
            one.send(bytes(65536))
    except BlockingIOError:
        pass
time.sleep(150)
"""
    # All that 81 sockets can hold by their number alone is 21 MiB.
    assert run(code, seal, tmp_path, memory=64 * MIB).breach is Breach.MEMORY


def test_page_tables_count(any_seal: Seal, tmp_path: Path) -> None:
    code = """
import mmap, time
held = []
for _ in range(4):
    piece = mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
    piece.madvise(mmap.MADV_NOHUGEPAGE)
    held.append(piece)
    for place in range(0, 8 << 30, 2 << 20):
        piece[place]
print("read", flush=True)
time.sleep(150)
"""
    completed = run(code, any_seal, tmp_path, memory=48 * MIB)
    assert completed.breach is Breach.MEMORY


def test_the_upper_bound_of_memory_is_one() -> None:
    exact = proportional_memory(os.getpid())
    assert exact is not None
    assert 0 < exact <= memory_at_most(os.getpid()) + 8 * MIB  # Linux keeps its figures per processor


def test_sockets_are_counted_where_processes_hold_them() -> None:
    before = socket_memory((os.getpid(),), own_network=False)
    here, there = socket.socketpair()
    with here, there:
        assert socket_memory((os.getpid(), os.getpid()), own_network=False) == before + 2 * SOCKET_SIZE
    assert socket_memory((os.getpid(),), own_network=False) == before
    assert socket_memory((), own_network=True) == 0


def test_what_nobody_needs_is_refused(any_seal: Seal, tmp_path: Path) -> None:
    code = """
import ctypes, fcntl, os, platform
libc = ctypes.CDLL(None, use_errno=True)
call = {"x86_64": (206, 294), "aarch64": (0, 26)}[platform.machine()]
place = ctypes.c_ulong(0)
print(libc.syscall(call[0], 10, ctypes.byref(place)), libc.syscall(call[1], 0))
path = ("/workspace" if os.environ["DATAKAMP_SEAL"] == "bubblewrap" else os.getcwd() + "/workspace") + "/file"
stream = open(path, "w+")
reading, writing = os.pipe()
for handle, command, argument in ((stream, 1024, 0), (stream, 1026, 1), (writing, 1031, 1 << 20)):
    try:
        fcntl.fcntl(handle, command, argument)
        print("allowed")
    except PermissionError:
        print("refused")
fcntl.lockf(stream, fcntl.LOCK_EX)
print(fcntl.fcntl(writing, fcntl.F_GETFD))
"""
    completed = run(code, any_seal, tmp_path)
    assert completed.output.split() == [b"-1", b"-1", b"refused", b"refused", b"refused", b"1"]


def test_pages_that_nobody_has_any_more_are_held_by_no_pipe(any_seal: Seal, tmp_path: Path) -> None:
    code = """
import errno, os, shutil, socket
place = "/workspace" if os.environ["DATAKAMP_SEAL"] == "bubblewrap" else os.getcwd() + "/workspace"
with open(place + "/file", "wb") as stream:
    stream.write(bytes(8192))
reading, writing = os.pipe()
here, there = socket.socketpair()
handle = os.open(place + "/file", os.O_RDONLY)
for attempt in (
    lambda: os.splice(handle, writing, 1, offset_src=0),
    lambda: os.sendfile(here.fileno(), handle, 0, 1),
):
    try:
        attempt()
        print("allowed")
    except OSError as error:
        print(errno.errorcode[error.errno])
# What copies by these calls where it can copies all the same.
print(os.stat(shutil.copy(place + "/file", place + "/copy")).st_size)
with open(place + "/file", "rb") as stream:
    print(here.sendfile(stream))
"""
    completed = run(code, any_seal, tmp_path)
    assert completed.output.split() == [b"ENOSYS", b"ENOSYS", b"8192", b"8192"]


def test_semaphores_by_number_are_refused_and_those_of_libraries_work(seal: Seal, tmp_path: Path) -> None:
    code = """
import ctypes, multiprocessing
libc = ctypes.CDLL(None, use_errno=True)
print(libc.semget(0, 32000, 0o1600), ctypes.get_errno())
with multiprocessing.Lock():
    print("held")
"""
    assert run(code, seal, tmp_path).output.split() == [b"-1", b"1", b"held"]


TERMINALS = """
import os, time
held = []
for _ in range({number}):
    held += os.openpty()
print(len(held), flush=True)
time.sleep({seconds})
"""


def test_so_many_terminals_are_open_and_no_more(seal: Seal, tmp_path: Path) -> None:
    completed = run(TERMINALS.format(number=MOST_TERMINALS, seconds=0.5), seal, tmp_path)
    assert (completed.breach, int(completed.output)) == (None, 2 * MOST_TERMINALS)
    beyond = run(TERMINALS.format(number=MOST_TERMINALS + 1, seconds=150), seal, tmp_path)
    assert beyond.breach is Breach.TERMINALS


def test_terminals_that_are_closed_do_not_count(seal: Seal, tmp_path: Path) -> None:
    code = """
import os, time
for _ in range(200):
    for one in os.openpty():
        os.close(one)
print("closed")
time.sleep(0.5)
"""
    completed = run(code, seal, tmp_path)
    assert (completed.breach, completed.output) == (None, b"closed\n")


def test_memory_in_many_pieces_counts(any_seal: Seal, tmp_path: Path) -> None:
    code = """
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
begin = libc.mmap(None, 60000 * 4096, 0, 0x4022, -1, 0)
for place in range(0, 60000, 2):
    libc.mprotect(begin + place * 4096, 4096, 1)
for _ in range(60):
    if os.fork() == 0:
        time.sleep(150)
        os._exit(0)
print("mapped", flush=True)
time.sleep(150)
"""
    # None of this memory is used: only the kernel's own list of the pieces is large.
    assert run(code, any_seal, tmp_path).breach is Breach.MEMORY


def test_pieces_of_memory_are_counted_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    own = len(Path("/proc/self/maps").read_bytes().splitlines())
    monkeypatch.setattr(observe, "MOST_MAPPINGS", own // 2)
    assert has_too_many_mappings((os.getpid(),))
    monkeypatch.setattr(observe, "MOST_MAPPINGS", own * 2)
    assert not has_too_many_mappings((os.getpid(),))
    assert has_too_many_mappings((os.getpid(),) * 3)
    assert not has_too_many_mappings(())
