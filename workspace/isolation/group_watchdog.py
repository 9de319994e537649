"""One watchdog for many boxes that share a folder and an allowance of memory, as the kernels of a team do.

Each box has its own limits, and all together have one of memory. Two threads measure, because a folder with many files
takes long to look through, and memory can be used up meanwhile. What is the same for all is looked at once: the list
of processes, and the shared folders.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from workspace.isolation.limits import Limits
from workspace.isolation.nameless import NamelessFiles, in_use, in_use_of, nameless_files
from workspace.isolation.observe import processes_by_namespace
from workspace.isolation.process import SealedProcess
from workspace.isolation.watchdog import DUTY, Breach, Budget, answering, box_breach, budgets_breach

_WELL_WITHIN: Final = 0.5


@dataclass(eq=False)
class Watched:
    """A box that is watched.

    Attributes:
        together: whether its memory counts for the limit of all.
        used: bytes in use on the disk of each folder when it was added.
        sent: how many files were on their way through its sockets at the last look.
        breach: the limit for which the box was killed; None if it was not.
    """

    process: SealedProcess
    limits: Limits
    budgets: tuple[Budget, ...]
    together: bool
    used: dict[Path, int]
    sent: int = 0
    breach: Breach | None = None
    guard: threading.Lock = field(default_factory=threading.Lock)
    left: bool = False

    def strike(self, breach: Breach) -> None:
        """Kill the box, unless it has ended by itself."""
        with self.guard:
            if not self.left and self.breach is None and self.process.poll() is None:
                self.breach = breach
                self.process.strike()


class GroupWatchdog:
    """Watches boxes from `add` to `remove`.

    Args:
        memory: bytes that the boxes which count together may use.
        interval: seconds between two measurements.
    """

    def __init__(self, *, memory: int, interval: float) -> None:
        self._memory, self._interval = memory, interval
        self._watched: tuple[Watched, ...] = ()
        self._changing = threading.Lock()
        self._ended = threading.Event()
        self._threads = tuple(
            threading.Thread(target=self._repeat, args=(measure,), daemon=True, name="watchdog")
            for measure in (self._measure_boxes, self._measure_folders)
        )
        for thread in self._threads:
            thread.start()

    def add(
        self, process: SealedProcess, limits: Limits, budgets: tuple[Budget, ...], *, together: bool = True
    ) -> Watched:
        """Watch a box."""
        used = in_use_of(budget.folder for budget in budgets)
        watched = Watched(process, limits, budgets, together, used)
        with self._changing:
            self._watched = (*self._watched, watched)
        return watched

    def remove(self, watched: Watched) -> None:
        """Watch a box no longer; call it when the box has ended, and before its handles are closed."""
        with self._changing:
            self._watched = tuple(one for one in self._watched if one is not watched)
        with watched.guard:
            watched.left = True

    def stop(self) -> None:
        """Stop watching."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, measure: Callable[[tuple[Watched, ...]], None]) -> None:
        pause = self._interval
        while not self._ended.wait(pause):
            watched = tuple(one for one in self._watched if one.process.poll() is None)
            begun = time.monotonic()
            try:
                measure(watched)
            except Exception:  # noqa: BLE001 - a watchdog that stumbles must not leave the boxes unwatched
                for one in watched:
                    one.strike(Breach.UNMEASURABLE)
            pause = max(self._interval, DUTY * (time.monotonic() - begun))

    def _measure_boxes(self, watched: tuple[Watched, ...]) -> None:
        if not watched:
            return
        found = processes_by_namespace()
        memory = {one: self._measure_box(one, found, exact=False) for one in watched}
        sharing = [one for one in watched if one.together]
        if sum(memory[one] for one in sharing) <= _WELL_WITHIN * self._memory:
            return
        memory = {one: self._measure_box(one, found, exact=True) for one in sharing}
        if sum(memory.values()) > self._memory:
            max(sharing, key=lambda one: memory[one]).strike(Breach.TOGETHER)

    def _measure_box(self, one: Watched, found: dict[int, tuple[int, ...]], *, exact: bool) -> int:
        memory, breach = box_breach(one.process, found.get(one.process.namespace, ()), one.limits, exact=exact)
        if breach is not None:
            one.strike(breach)
        return memory

    def _measure_folders(self, watched: tuple[Watched, ...]) -> None:
        if not watched:
            return
        found = processes_by_namespace()
        held = _Held()
        for one in watched:
            files = nameless_files(found.get(one.process.namespace, ()))
            held.add(one, files.lasting(one.sent))
            one.sent = files.sent
        breaches: dict[tuple[Budget, Limits], Breach | None] = {}
        for one in watched:
            for budget in one.budgets:
                if (budget, one.limits) not in breaches:
                    breaches[budget, one.limits] = _budget_breach(budget, one.limits, held)
                breach = breaches[budget, one.limits]
                if breach is not None:  # whoever filled it: no box goes on in a folder that is full
                    one.strike(breach)


class _Held:
    """The files without a name that each budget answers for: those of all boxes that have it."""

    def __init__(self) -> None:
        self._files: dict[Budget, NamelessFiles] = {}
        self._used: dict[Budget, int] = {}

    def add(self, one: Watched, files: NamelessFiles) -> None:
        """Add those of one box."""
        try:
            found = answering(one.budgets, files)
        except OSError:  # a folder has gone, which ends this box when its budget is looked at
            return
        for budget, own in found.items():
            self._files[budget] = own.with_those_of(self._files.get(budget, NamelessFiles()))
            before = one.used.get(budget.folder, 0)
            self._used[budget] = min(before, self._used.get(budget, before))

    def of(self, budget: Budget, largest: int) -> int:
        """Return the bytes that a budget answers for."""
        files = self._files.get(budget)
        if files is None:
            return 0
        return files.held(largest=largest, lost=in_use(budget.folder) - self._used[budget])


def _budget_breach(budget: Budget, limits: Limits, held: _Held) -> Breach | None:
    """Return how a folder is over its budget; one that goes while it is measured ends no box but those that have it."""
    try:
        return budgets_breach((budget,), limits, {budget: held.of(budget, limits.file_size)})
    except OSError:
        return Breach.UNMEASURABLE
