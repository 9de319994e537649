"""Starts one command under Landlock and ends all that it started: run by `landlock_process`, never imported.

It uses the standard library only. It is the parent of the command and stays outside its rules; everything that the
command leaves behind becomes its child. One scope of Landlock, taken before the command begins, keeps its own signals
among its own descendants: so "kill every process" reaches these, all at once, and nothing else, however they fork.

When the launcher closes the pipe of life, or ends by whatever cause, everything is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import select
import signal
import stat
import struct
import sys
from pathlib import Path
from typing import Any

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
SECCOMP = {"x86_64": 317, "aarch64": 277}
NO_NEW_PRIVILEGES, SUBREAPER, DEATH_SIGNAL, DROP_BOUNDING, AMBIENT = 38, 36, 1, 24, 47
CLEAR_ALL_AMBIENT = 4
CAPABILITIES_VERSION = 0x2008_0522
FILES = (1 << 16) - 1
"""All rights on files that Landlock knew in its fifth version, from running a program to the controls of a device."""
FILE_ONLY = 1 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
TCP = 0b11
SIGNALS, ABSTRACT_SOCKETS = 0b10, 0b01
NOT_STARTED = 125

libc = ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: Any) -> int:
    """Make a system call and raise its error."""
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def control(option: int, *arguments: int) -> None:
    """Call prctl and raise its error."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    if libc.prctl(option, *(ctypes.c_ulong(one) for one in padded)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def restrict(rules: list[tuple[str, int]], *, files: int, tcp: int, scopes: int) -> None:
    """Put this process, and all that it starts, under a set of rules; what no rule allows is refused."""
    attributes = struct.pack("=QQQ", files, tcp, scopes)
    handle = call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    for path, rights in rules:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= FILE_ONLY
        rule = struct.pack("=Qi", rights & files, place)
        call(ADD_RULE, ctypes.c_int(handle), ctypes.c_int(1), rule, ctypes.c_uint32(0))
        os.close(place)
    call(RESTRICT_SELF, ctypes.c_int(handle), ctypes.c_uint32(0))
    os.close(handle)


def filter_calls(program: bytes) -> None:
    """Add a filter of system calls."""
    held = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(held))
    call(SECCOMP[platform.machine()], ctypes.c_uint(1), ctypes.c_uint(0), described)


def drop_capabilities() -> None:
    """Give up every capability for good; root keeps its number and no power but over its own files."""
    control(AMBIENT, CLEAR_ALL_AMBIENT)
    number = 0
    while number < 64:
        try:
            control(DROP_BOUNDING, number)
        except PermissionError:  # who has no capability need not drop it
            break
        except OSError:  # the last one that this kernel knows has been dropped
            break
        number += 1
    header, empty = struct.pack("=Ii", CAPABILITIES_VERSION, 0), bytes(24)
    if libc.capset(header, empty) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def become(told: dict[str, Any], begun: int) -> None:
    """In the child: wait for the launcher, take the rules on, and become the command."""
    control(DEATH_SIGNAL, signal.SIGKILL)
    if not os.read(told["gate"], 1):
        os._exit(NOT_STARTED)
    os.chdir(told["directory"])
    own = [(f"/proc/self/{name}", rights) for name, rights in told["own"]]
    rules = [(path, rights) for path, rights in (*told["rules"], *own) if Path(path).exists()]
    signal.set_wakeup_fd(-1)
    kept = {0, 1, 2, begun, *told["kept"]}
    for handle in {int(name) for name in os.listdir("/proc/self/fd")} - kept:
        with contextlib.suppress(OSError):  # that of the listing itself
            os.close(handle)
    drop_capabilities()
    restrict(rules, files=FILES, tcp=TCP, scopes=SIGNALS | ABSTRACT_SOCKETS)
    for name in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)
    for program in told["filters"]:
        filter_calls(bytes.fromhex(program))
    os.execve(told["command"][0], told["command"], told["environment"])  # noqa: S606


def end_all() -> None:
    """Kill every process that this one may signal, which is each of its descendants, and wait for them."""
    while True:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(-1, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def watch(child: int, life: int, woken: int) -> int | None:
    """Return the exit status of the command; None if the launcher has had enough of it."""
    while True:
        ready, _, _ = select.select([life, woken], [], [])
        if woken in ready:
            os.read(woken, 512)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
            if pid == 0:
                break
        if life in ready:
            return None


def main() -> int:
    """Start the command, watch it, and end what it left."""
    with os.fdopen(int(sys.argv[1]), "rb") as stream:
        told = json.load(stream)
    woken, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    signal.set_wakeup_fd(wake)
    control(SUBREAPER, 1)
    control(NO_NEW_PRIVILEGES, 1)
    restrict([], files=0, tcp=0, scopes=SIGNALS)
    begun_end, begun = os.pipe2(os.O_CLOEXEC)
    child = os.fork()
    if child == 0:
        try:
            become(told, begun)
        except BaseException as error:  # noqa: BLE001 - whatever it is, nothing has started
            os.write(2, f"The command was not started: {type(error).__name__}: {error}\n".encode())
            os.write(begun, b"x")
        os._exit(NOT_STARTED)
    for handle in (begun, told["gate"], *told["kept"]):
        os.close(handle)
    os.write(told["status"], json.dumps({"child-pid": child, "pid-namespace": 0}).encode() + b"\n")
    status = watch(child, told["life"], woken)
    end_all()
    started = os.read(begun_end, 1) == b""
    if started and status is not None:
        os.write(told["status"], b'{"exit-code": %d}\n' % status)
    return 137 if status is None else status


if __name__ == "__main__":
    code = main()
    os._exit(code)
