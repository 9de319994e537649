"""What a launcher can see of a process from outside: its streams, its family, its memory."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import IO, Final

from workspace.isolation.box import TEMPORARY_FOLDERS

_END_SECONDS: Final = 10.0
_PAGE_TABLES: Final = "VmPTE:"
SOCKET_SIZE: Final = 256 << 10
"""What a socket holds at most: net.core.wmem_default is 208 KiB, and the last message may pass it."""
MOST_TERMINALS: Final = 64
"""Each takes Linux a third of a MiB, and all boxes and people of the machine share a few thousand."""
MOST_MAPPINGS: Final = 2_000_000
"""Pieces of memory that all processes of a box have mapped: each takes Linux a quarter of a KiB, whatever its size."""
_MAPPINGS_OF_ONE: Final = Path("/proc/sys/vm/max_map_count")
_PIECE: Final = 1 << 16


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

    Its page tables count: they can be larger than what they describe. Pages of files that are only mapped are left
    out: the kernel can drop them at any time. None if it has ended.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        lines += Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    kibibytes = 0
    for line in lines:
        if line.startswith(("Pss_Anon:", "Pss_Shmem:", "SwapPss:", _PAGE_TABLES)):
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
    counted = ("RssAnon:", "RssShmem:", "VmSwap:", _PAGE_TABLES)
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(counted))


def socket_memory(members: tuple[int, ...], *, own_network: bool) -> int:
    """Return in bytes what the sockets of processes may hold of messages that nobody has read yet.

    Each counts with what it can send before it has to wait, as its size cannot be changed in a box; one of TCP also
    with what is in its queues, which Linux makes larger by itself.

    Args:
        own_network: whether they have a network of their own, which knows how many there are; else they are counted
            where processes hold them.
    """
    for pid in members if own_network else ():
        with contextlib.suppress(OSError, ValueError, IndexError):
            network = Path(f"/proc/{pid}/net")
            count = int((network / "sockstat").read_text().split()[2])
            return count * SOCKET_SIZE + sum(_queued(network / name) for name in ("tcp", "tcp6"))
    found: set[str] = set()
    for pid in members:
        with contextlib.suppress(OSError):
            for handle in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    found.add(os.readlink(f"/proc/{pid}/fd/{handle}"))  # noqa: PTH115
    return SOCKET_SIZE * sum(1 for one in found if one.startswith("socket:"))


def _queued(table: Path) -> int:
    """Return the bytes in all queues of a table of TCP; none where the machine has no such table."""
    if not table.exists():
        return 0
    queues = (line.split()[4].split(":") for line in table.read_text().splitlines()[1:])
    return sum(int(sending, 16) + int(receiving, 16) for sending, receiving in queues)


def files_in_memory(root: Path) -> tuple[int, int]:
    """Return bytes and entries of the box's file systems in memory; an entry costs memory that no size counts."""
    size, entries = 0, 0
    for folder in TEMPORARY_FOLDERS:
        with contextlib.suppress(OSError):  # the box has ended
            system = os.statvfs(f"{root}{folder}")
            size += (system.f_blocks - system.f_bfree) * system.f_frsize
            entries = max(entries, system.f_files - system.f_ffree)
    return size, entries


def threads(pid: int) -> int:
    """Return how many threads a process has; 0 if it has ended."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def terminals(root: Path) -> int:
    """Return how many terminals are open in a box, whose root the host sees at `root`; 0 if it has ended."""
    try:
        return sum(1 for name in os.listdir(root / "dev" / "pts") if name.isdecimal())
    except OSError:
        return 0


def has_too_many_mappings(members: tuple[int, ...]) -> bool:
    """Tell whether processes together have more than `MOST_MAPPINGS`.

    They are counted only where there are so many processes that they could: it takes a microsecond each.
    """
    if len(members) * int(_MAPPINGS_OF_ONE.read_text()) <= MOST_MAPPINGS:
        return False
    count = 0
    for pid in members:
        with contextlib.suppress(OSError), Path(f"/proc/{pid}/maps").open("rb") as stream:
            while piece := stream.read(_PIECE):
                count += piece.count(b"\n")
                if count > MOST_MAPPINGS:
                    return True
    return False


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
