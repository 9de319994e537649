"""The watchdog: measures from outside what a box uses in total, and kills it when it is over.

It needs no help from inside, so nothing inside can mislead it. What it cannot measure counts as over: folders nested
too deeply to be walked are a way to hide files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from disclosure.errors import SealError
from workspace.isolation.box import Box
from workspace.isolation.limits import Limits
from workspace.isolation.nameless import NamelessFiles, in_use, in_use_of, nameless_files
from workspace.isolation.observe import (
    MOST_TERMINALS,
    files_in_memory,
    has_too_many_mappings,
    memory_at_most,
    proportional_memory,
    socket_memory,
    terminals,
    threads,
)
from workspace.isolation.process import SealedProcess

_BLOCK: Final = 512
_DEEPEST: Final = 200
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHANGED_MEANWHILE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
DUTY: Final = 5.0
"""A watchdog rests at least so many times as long as it worked."""
_WELL_WITHIN: Final = 0.5
"""Up to this share of a limit an upper bound is good enough."""


class Breach(StrEnum):
    """Which limit a box has passed."""

    TIME = "time"
    MEMORY = "memory"
    TOGETHER = "together"
    TASKS = "tasks"
    TERMINALS = "terminals"
    STORAGE = "storage"
    FILES = "files"
    DISK = "disk"
    OUTPUT = "output"
    UNMEASURABLE = "unmeasurable"

    @property
    def sentence(self) -> str:
        """What happened, for a person."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    Breach.TIME: "It passed its time budget.",
    Breach.MEMORY: "It used more memory than it may.",
    Breach.TOGETHER: "The kernels of the team together used more memory than they may; it used the most.",
    Breach.TASKS: "It started more processes and threads than it may.",
    Breach.TERMINALS: "It opened more terminals than it may.",
    Breach.STORAGE: "It filled a folder beyond what the folder may hold.",
    Breach.FILES: "It made more files than a folder may hold.",
    Breach.DISK: "The disk that it writes to is nearly full.",
    Breach.OUTPUT: "It printed or displayed more than it may.",
    Breach.UNMEASURABLE: "It left folders that cannot be measured, for example because they are nested too deeply.",
}


@dataclass(frozen=True)
class Budget:
    """A writable folder of the host and how many bytes it may hold.

    Attributes:
        own: False for a folder that other boxes fill as well and answer for: of this one only `size` is held against
            it, neither a disk that is nearly full nor how many files there are or how deeply they lie.
    """

    folder: Path
    size: int
    own: bool = True


def folder_budgets(box: Box, sizes: Mapping[str, int]) -> tuple[Budget, ...]:
    """Return the budget of each writable folder of `box`; `sizes` gives what each target may hold, in bytes.

    Raises:
        SealError: a writable folder has no budget.
    """
    budgets = []
    for mount in box.writable_sources():
        if mount.target not in sizes:
            raise SealError(f"'{mount.target}' of the box is writable without a limit.", hint="Give it a budget.")
        budgets.append(Budget(mount.source, sizes[mount.target]))
    return tuple(budgets)


def folder_breach(budget: Budget, *, files: int, unlinked: int = 0) -> Breach | None:
    """Return how a folder is over its budget, or None.

    Args:
        files: how many entries it may hold.
        unlinked: bytes of files without a name that count for this folder too.
    """
    usage = _Usage(size=unlinked)
    try:
        with _opened(os.open(budget.folder, _FOLDER)) as handle:
            _add(usage, handle, budget.size, files, depth=0)
    except OSError:
        return Breach.UNMEASURABLE
    if usage.too_deep:
        return Breach.UNMEASURABLE
    if usage.entries > files:
        return Breach.FILES
    return Breach.STORAGE if usage.size > budget.size else None


@dataclass
class _Usage:
    size: int
    entries: int = 0
    too_deep: bool = False
    linked: set[tuple[int, int]] = field(default_factory=set)


@contextlib.contextmanager
def _opened(handle: int) -> Iterator[int]:
    try:
        yield handle
    finally:
        os.close(handle)


def _add(usage: _Usage, folder: int, size: int, files: int, *, depth: int) -> None:
    """Add what is below an open folder, until a limit is passed.

    By descriptors and without following links or opening anything but folders: the box changes what is measured while
    it is measured, and may swap a folder for a link to elsewhere, or for a pipe that nobody ever writes to.
    """
    usage.too_deep = usage.too_deep or depth > _DEEPEST
    with os.scandir(folder) as entries:
        for entry in entries:
            usage.entries += 1
            if usage.too_deep or usage.entries > files or usage.size > size:
                return
            try:
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
                    if (status.st_dev, status.st_ino) in usage.linked:
                        continue
                    usage.linked.add((status.st_dev, status.st_ino))
                usage.size += status.st_blocks * _BLOCK
                if not stat.S_ISDIR(status.st_mode):
                    continue
                handle = os.open(entry.name, _FOLDER, dir_fd=folder)
            except OSError as error:
                if error.errno in _CHANGED_MEANWHILE:
                    continue
                raise
            with _opened(handle):
                _add(usage, handle, size, files, depth=depth + 1)


class Watchdog(threading.Thread):
    """Watches one box until it ends.

    Attributes:
        breach: the limit for which the box was killed; None if it was not.
    """

    def __init__(self, process: SealedProcess, limits: Limits, budgets: tuple[Budget, ...]) -> None:
        super().__init__(daemon=True, name="watchdog")
        self._process, self._limits = process, limits
        self._named, self._sent = budgets, 0
        self._temporary = tuple(Budget(folder, size) for folder, size in process.folders)
        self._budgets = (*self._named, *self._temporary)
        self._used = in_use_of(budget.folder for budget in self._budgets)
        self._deadline = None if limits.seconds is None else time.monotonic() + limits.seconds
        self._ended = threading.Event()
        self.breach: Breach | None = None
        self.start()

    def stop(self) -> None:
        """Stop watching; call it when the box has ended, and before its handles are closed."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        pause = 0.0
        while not self._ended.wait(pause) and self._process.poll() is None:
            begun = time.monotonic()
            try:
                breach = self._measure()
            except Exception:  # noqa: BLE001 - a watchdog that stumbles must not leave the box unwatched
                breach = Breach.UNMEASURABLE
            if breach is not None and self._process.poll() is None:
                self.breach = breach
                self._process.strike()
                return
            pause = self._pause(time.monotonic() - begun)

    def _pause(self, worked: float) -> float:
        pause = max(self._limits.interval, DUTY * worked)
        if self._deadline is None:
            return pause
        return max(0.0, min(pause, self._deadline - time.monotonic()))

    def _measure(self) -> Breach | None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return Breach.TIME
        members = self._process.members()
        _, breach = box_breach(self._process, members, self._limits)
        if breach is not None or not self._budgets:
            return breach
        files = nameless_files(members)
        lasting, self._sent = files.lasting(self._sent), files.sent
        held = {}
        for budget, own in answering(self._named, lasting, temporary=self._temporary).items():
            lost = in_use(budget.folder) - self._used.get(budget.folder, 0)
            held[budget] = own.held(largest=self._limits.file_size, lost=lost)
        return budgets_breach(self._budgets, self._limits, held)


def box_breach(
    process: SealedProcess, members: tuple[int, ...], limits: Limits, *, exact: bool = False
) -> tuple[int, Breach | None]:
    """Return the memory of a box in bytes, and how it is over its limits of processes, memory and files in memory.

    The memory is an upper bound while that is well within the limit, which takes a hundredth of the time to find.

    Args:
        members: its processes, as the host counts them.
        exact: find the memory exactly, however little it may be.
    """
    if sum(threads(pid) for pid in members) > limits.tasks:
        return 0, Breach.TASKS
    root = process.root()
    if root is not None and terminals(root) > MOST_TERMINALS:
        return 0, Breach.TERMINALS
    if has_too_many_mappings(members):
        return 0, Breach.MEMORY
    temporary, entries = (0, 0) if root is None else files_in_memory(root)
    temporary += socket_memory(members, own_network=root is not None)
    memory = temporary + sum(memory_at_most(pid) for pid in members)
    if exact or memory > _WELL_WITHIN * limits.memory:
        memory = temporary + sum(proportional_memory(pid) or 0 for pid in members)
    if memory > limits.memory:
        return memory, Breach.MEMORY
    return memory, Breach.FILES if entries > limits.files else None


def answering(
    budgets: tuple[Budget, ...], files: NamelessFiles, *, temporary: tuple[Budget, ...] = ()
) -> dict[Budget, NamelessFiles]:
    """Return which of a box's budgets answer for its files without a name, and each for which of them.

    Of each disk it is the largest: nobody can tell in which folder such a file had its name, and it is there once.

    Args:
        temporary: budgets of folders that end with the box; they answer for disks that none of the others is on.

    Raises:
        OSError: a folder is gone.
    """
    found: dict[int, Budget] = {}
    ranked = [*sorted(temporary, key=lambda one: one.size), *sorted(budgets, key=lambda one: one.size)]
    for budget in ranked:
        found[budget.folder.stat().st_dev] = budget
    return {budget: files.on(device, sent=budget is ranked[-1]) for device, budget in found.items()}


def budgets_breach(budgets: tuple[Budget, ...], limits: Limits, held: Mapping[Budget, int]) -> Breach | None:
    """Return how one of the folders is over its budget, or its disk nearly full; None if all is well.

    Args:
        held: bytes of files without a name that a budget answers for; see `answering`.
    """
    for budget in budgets:
        system = os.statvfs(budget.folder)
        if budget.own and system.f_bavail * system.f_frsize < limits.reserve:
            return Breach.DISK
        breach = folder_breach(budget, files=limits.files, unlinked=held.get(budget, 0))
        if breach is not None and (budget.own or breach is Breach.STORAGE):
            return breach
    return None
