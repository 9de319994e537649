"""A folder that goes while it is measured ends the box that has it, and no other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workspace.isolation.group_watchdog import GroupWatchdog
from workspace.isolation.limits import Limits
from workspace.isolation.watchdog import Breach, Budget

MIB = 1 << 20


@dataclass
class Process:
    """What the watchdog needs of a box."""

    namespace: int = 0
    root: str = "/nowhere"
    pid: int = 0
    struck: bool = False

    def poll(self) -> int | None:
        return -9 if self.struck else None

    def strike(self) -> None:
        self.struck = True


def test_a_folder_that_is_gone_ends_no_other_box(tmp_path: Path) -> None:
    here: Any = Process()
    gone: Any = Process()
    watchdog = GroupWatchdog(memory=1 << 40, interval=3600.0)
    try:
        kept = watchdog.add(here, Limits(), (Budget(tmp_path, 64 * MIB, own=False),))
        lost = watchdog.add(gone, Limits(), (Budget(tmp_path / "gone", MIB),))
        left = watchdog.add(Process(), Limits(), (Budget(tmp_path / "gone", MIB),))  # type: ignore[arg-type]
        watchdog.remove(left)
        # As its thread calls it, with a box that has left in between.
        watchdog._measure_folders((kept, lost, left))
    finally:
        watchdog.stop()
    assert (kept.breach, here.struck) == (None, False)
    assert (lost.breach, gone.struck) == (Breach.UNMEASURABLE, True)
    assert left.breach is None
