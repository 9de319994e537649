"""What a launcher can see of a process from outside: its streams, its family, its memory."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import IO, Final

_END_SECONDS: Final = 10.0


class Capture(threading.Thread):
    """Reads a stream to its end and keeps its beginning, so that a chatty process neither blocks nor fills memory."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._limit = limit
        self._kept = bytearray()
        self.over = False
        self.start()

    def run(self) -> None:
        with self._stream:
            while chunk := os.read(self._stream.fileno(), 1 << 16):
                room = self._limit - len(self._kept)
                self._kept += chunk[:room]
                self.over = self.over or len(chunk) > room

    def text(self) -> bytes:
        """Return what was kept, when the stream has ended."""
        self.join(_END_SECONDS)
        return bytes(self._kept)


def children(pid: int) -> tuple[int, ...]:
    """Return the process identifiers of the children of a process, oldest first; none if it has ended."""
    try:
        return tuple(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return ()


def parent(pid: int) -> int:
    """Return the process identifier of the parent of a process.

    Raises:
        OSError: it has ended.
    """
    # The name of the program stands in brackets and may itself hold some.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def begun(pid: int) -> int | None:
    """Return when a process began, in ticks since the machine did; None if it has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return None


def proportional_memory(pid: int) -> int | None:
    """Return the memory in bytes that a process uses for itself, its share of shared pages included.

    Pages of files that are only mapped are left out: the kernel can drop them at any time. None if it has ended.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    kibibytes = 0
    for line in lines:
        if line.startswith(("Pss_Anon:", "Pss_Shmem:", "SwapPss:")):
            kibibytes += int(line.split()[1])
    return kibibytes * 1024


def memory_at_most(pid: int) -> int:
    """Return in bytes what `proportional_memory` is at most, at a hundredth of its price; 0 if the process has ended.

    Shared pages count in full. Linux keeps these figures per processor and may be a few MiB late.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:", "VmSwap:")))


def processes_by_namespace() -> dict[int, tuple[int, ...]]:
    """Return all processes that this user may look at, by the number of their process namespace."""
    found: dict[int, list[int]] = {}
    with os.scandir("/proc") as entries:
        for entry in entries:
            if entry.name.isdecimal():
                with contextlib.suppress(OSError):
                    found.setdefault(os.stat(f"{entry.path}/ns/pid").st_ino, []).append(int(entry.name))  # noqa: PTH116
    return {namespace: tuple(pids) for namespace, pids in found.items()}


def descendants(pid: int) -> tuple[int, ...]:
    """Return the process identifiers of all that a process has started, and what these have."""
    of: dict[int, list[int]] = {}
    for child in _processes():
        with contextlib.suppress(OSError):
            of.setdefault(parent(child), []).append(child)
    found: list[int] = []
    waiting = [pid]
    while waiting:
        started = of.get(waiting.pop(), [])
        found += started
        waiting += started
    return tuple(found)


def tasks_of_user(user: int) -> int:
    """Return how many processes and threads a user has on this machine."""
    count = 0
    for pid in _processes():
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{pid}").st_uid == user:  # noqa: PTH116
                count += len(os.listdir(f"/proc/{pid}/task"))
    return count


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]
