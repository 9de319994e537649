"""A Lab keeps up: many ask at once, and nobody waits for a box that is being built for somebody else."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.workspace.lab.planned import PlannedLab
from tests.workspace.small_camp import TEAM, make_camp
from workspace.isolation.observe import processes_by_namespace
from workspace.lab.server.culling import SealedKernels
from workspace.lab.server.kernels import AskedKernelManager


def test_the_server_answers_while_kernels_start(tmp_path: Path) -> None:
    with PlannedLab(make_camp(tmp_path), TEAM) as lab:
        kernels: list[str] = []
        starting = [threading.Thread(target=lambda: kernels.append(lab.start())) for _ in range(6)]
        waits = []
        for thread in starting:
            thread.start()
        while any(thread.is_alive() for thread in starting):
            for path in ("/api/contents", "/api/status", "/api/kernels", "/api/sessions"):
                begun = time.monotonic()
                assert lab.ask(path).code == 200, path
                waits.append(time.monotonic() - begun)
        assert len(set(kernels)) == 6
        assert max(waits) < 10
        told = [lab.run(one, f"print({number})").printed for number, one in enumerate(kernels)]
        assert told == [f"{number}\n" for number in range(6)]


def test_a_kernel_that_is_only_being_started_is_told_as_such() -> None:
    """The library lists a kernel before it has noted its state and its last sign of life."""
    manager: Any = SealedKernels()
    manager._kernels = {"new": AskedKernelManager()}
    (told,) = manager.list_kernels()
    assert (told["id"], told["execution_state"]) == ("new", "starting")
    assert datetime.fromisoformat(told["last_activity"]) <= datetime.now(UTC)


def test_many_idle_kernels_are_watched_by_two_threads(tmp_path: Path) -> None:
    with PlannedLab(make_camp(tmp_path), TEAM, most_kernels=12) as lab:
        for _ in range(10):
            lab.start()
        assert len(json.loads(lab.ask("/api/kernels").body)) == 10
        names = [Path(task, "comm").read_text() for task in Path(f"/proc/{lab.process.pid}/task").iterdir()]
        assert len(names) < 30  # those that wait for ending boxes included, and none per kernel


def test_processes_are_found_by_their_namespace() -> None:
    own = Path("/proc/self/ns/pid").stat().st_ino
    assert int(Path("/proc/self").resolve().name) in processes_by_namespace()[own]
