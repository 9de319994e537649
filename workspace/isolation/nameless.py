"""Files without a name that a box still holds: no walk through a folder finds them, and they fill the disk.

A file whose last name was removed lives on while a process has it open, has a piece of it mapped, or has sent it to
itself through a socket. How large an open one is, anyone of the same user may ask; of one that is only mapped, only
root. What cannot be asked is bounded: by the size that a file may have, and by what the disk lost since the box began.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_BLOCK: Final = 512
_DELETED: Final = b" (deleted)"
_IN_FLIGHT: Final = "scm_fds:"


@dataclass(frozen=True)
class NamelessFiles:
    """Files without a name, by device and number.

    Attributes:
        sizes: bytes on the disk of those that could be looked at.
        unseen: those that are only mapped, which this user may not look at.
        sent: how many files, of whatever kind, are on their way through sockets.
    """

    sizes: dict[tuple[int, int], int] = field(default_factory=dict)
    unseen: frozenset[tuple[int, int]] = frozenset()
    sent: int = 0

    def lasting(self, sent: int) -> NamelessFiles:
        """Return these, of what is on its way no more than was so at the last look: libraries send files in passing."""
        return NamelessFiles(self.sizes, self.unseen, min(self.sent, sent))

    def with_those_of(self, other: NamelessFiles) -> NamelessFiles:
        """Return these and others; a file that is among both counts once."""
        return NamelessFiles({**self.sizes, **other.sizes}, self.unseen | other.unseen, self.sent + other.sent)

    def on(self, device: int, *, sent: bool) -> NamelessFiles:
        """Return those on one disk, with or without what is on its way, of which nobody can tell the disk."""
        sizes = {one: size for one, size in self.sizes.items() if one[0] == device}
        return NamelessFiles(sizes, frozenset(one for one in self.unseen if one[0] == device), self.sent if sent else 0)

    def held(self, *, largest: int, lost: int) -> int:
        """Return how many bytes they hold, at most.

        Args:
            largest: how large a file may be.
            lost: bytes that the disk has fewer to give than when the first of them can have been made.
        """
        unseen = self.sent + len(self.unseen - set(self.sizes))
        return sum(self.sizes.values()) + min(unseen * largest, max(0, lost))


def nameless_files(members: Iterable[int]) -> NamelessFiles:
    """Return the files without a name that processes hold."""
    sizes: dict[tuple[int, int], int] = {}
    unseen: set[tuple[int, int]] = set()
    sent = 0
    for pid in members:
        with contextlib.suppress(OSError):  # it has ended
            for handle in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    status = os.stat(f"/proc/{pid}/fd/{handle}")  # noqa: PTH116
                    if stat.S_ISSOCK(status.st_mode):
                        sent += _sent(pid, handle)
                    _note(sizes, status)
        with contextlib.suppress(OSError):
            for place, identity in _mapped(pid):
                if identity in sizes:
                    continue
                try:
                    _note(sizes, os.stat(f"/proc/{pid}/map_files/{place}"))  # noqa: PTH116
                except PermissionError:
                    unseen.add(identity)
                except OSError:  # mapped no longer
                    continue
    return NamelessFiles(sizes, frozenset(unseen), sent)


def in_use(folder: Path) -> int:
    """Return how many bytes of the disk of a folder are in use, by whomever."""
    system = os.statvfs(folder)
    return (system.f_blocks - system.f_bfree) * system.f_frsize


def in_use_of(folders: Iterable[Path]) -> dict[Path, int]:
    """Return what `in_use` tells of each folder that is there."""
    found = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            found[folder] = in_use(folder)
    return found


def _note(sizes: dict[tuple[int, int], int], status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
        sizes[status.st_dev, status.st_ino] = status.st_blocks * _BLOCK


def _mapped(pid: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield place in memory, device and number of each file that is mapped and has lost the name it was opened by."""
    for line in Path(f"/proc/{pid}/maps").read_bytes().splitlines():
        if line.endswith(_DELETED):
            place, _, _, device, number, _ = line.split(maxsplit=5)
            begin, end = (int(one, 16) for one in place.split(b"-"))
            major, minor = (int(one, 16) for one in device.split(b":"))
            yield f"{begin:x}-{end:x}", (os.makedev(major, minor), int(number))


def _sent(pid: int, handle: str) -> int:
    """Return how many files wait in a socket to be received."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/fdinfo/{handle}").read_text().splitlines():
            if line.startswith(_IN_FLIGHT):
                return int(line.removeprefix(_IN_FLIGHT))
    return 0
