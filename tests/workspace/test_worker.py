"""Commands in boxes without a kernel: how they end, and what a sealed worker sees."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import BadInputError
from workspace.isolation import worker
from workspace.isolation.box import Box, Mount, python_box
from workspace.isolation.limits import MIB, Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.seal import Seal
from workspace.isolation.watchdog import Breach, folder_budgets
from workspace.isolation.worker import CompletedBox, run_in_box, run_sealed_worker


def run(code: str, seal: Seal, *mounts: Mount, **limits: Any) -> CompletedBox:
    box = python_box(mounts)
    budgets = folder_budgets(box, {"/output": MIB})
    command = (sys.executable, "-S", "-c", code)
    return run_in_box(command, seal=seal, box=box, limits=Limits(**{"seconds": 30.0, **limits}), budgets=budgets)


def test_a_command_returns_its_streams_and_status(seal: Seal) -> None:
    completed = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", seal)
    assert (completed.output, completed.errors, completed.status) == (b"out\n", b"err\n", 3)
    assert completed.mode is SealMode.BUBBLEWRAP
    assert not completed.succeeded
    assert run("pass", seal).succeeded


def test_a_command_that_is_killed_says_by_which_signal(seal: Seal) -> None:
    completed = run("import os; os.kill(os.getpid(), 9)", seal)
    assert (completed.status, completed.breach, completed.succeeded) == (137, None, False)


def test_a_command_is_killed_at_its_time_budget(seal: Seal) -> None:
    completed = run("import time; time.sleep(600)", seal, seconds=0.5)
    assert completed.breach is Breach.TIME
    assert not completed.succeeded
    assert 0.5 <= completed.duration < 10


def test_a_command_that_fills_its_folder_is_killed(seal: Seal, tmp_path: Path) -> None:
    code = "import time; open('/output/x', 'wb').write(bytes(3 << 20)); time.sleep(600)"
    completed = run(code, seal, Mount(tmp_path, "/output", writable=True), interval=0.05)
    assert completed.breach is Breach.STORAGE


def test_streams_are_kept_up_to_the_limit_and_read_to_the_end(seal: Seal) -> None:
    completed = run("import sys; sys.stdout.write('x' * 3_000_000)", seal, output=1000)
    assert completed.output == b"x" * 1000
    assert completed.status == 0


def test_a_child_that_stays_behind_ends_with_the_command(seal: Seal) -> None:
    completed = run("import os, time\nif os.fork() == 0:\n  os.setsid(); time.sleep(600)", seal)
    assert completed.succeeded
    assert completed.duration < 10


def test_processor_time_can_be_limited(seal: Seal) -> None:
    completed = run("while True: pass", seal, cpu_seconds=1)
    assert completed.breach is None
    assert completed.status in {128 + 24, 137}


def test_a_program_that_is_not_there_is_a_failure(seal: Seal) -> None:
    completed = run_in_box(("/absent",), seal=seal, box=python_box(), limits=Limits(), budgets=())
    assert not completed.succeeded


def test_a_sealed_worker_sees_its_inputs_and_its_output_folder_only(
    seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes: list[Box] = []
    real = worker.run_in_box

    def watch(command: Any, **settings: Any) -> CompletedBox:
        boxes.append(settings["box"])
        look = (
            "import os; print(sorted(os.listdir('/input')), open('/input/frame').read(), os.getcwd(), os.listdir('/'))"
        )
        write = "; open('/output/parsed', 'w').write('x')"
        return real((command[0], "-c", look + write), **settings)

    monkeypatch.setattr(worker, "run_in_box", watch)
    (tmp_path / "frame").write_text("untrusted")
    output = tmp_path / "parsed here"
    output.mkdir()
    completed = run_sealed_worker(
        "disclosure.errors", seal=seal, inputs={"frame": tmp_path / "frame"}, output=output, limits=Limits()
    )
    assert completed.succeeded
    assert completed.output.startswith(b"['frame'] untrusted /output ")
    for absent in (b"'data'", b"'workspace'", b"'camp'", b"'handover'"):
        assert absent not in completed.output
    assert (output / "parsed").read_text() == "x"
    assert [mount.target for mount in boxes[0].writable_sources()] == ["/output"]


def test_a_sealed_worker_runs_a_module_of_the_check(seal: Seal, tmp_path: Path) -> None:
    limits = Limits(seconds=30.0)
    assert run_sealed_worker("disclosure.errors", seal=seal, inputs={}, output=tmp_path, limits=limits).succeeded
    absent = run_sealed_worker("disclosure.absent", seal=seal, inputs={}, output=tmp_path, limits=limits)
    assert (absent.succeeded, absent.status) == (False, 1)


@pytest.mark.parametrize("module", ["os", "disclosure", "workspace.execution", "disclosure.x;y", "../x", "disclosure."])
def test_a_sealed_worker_runs_nothing_else(seal: Seal, tmp_path: Path, module: str) -> None:
    with pytest.raises(BadInputError, match="disclosure"):
        run_sealed_worker(module, seal=seal, inputs={}, output=tmp_path, limits=Limits())


def test_a_sealed_worker_without_its_folders_is_bad_input(seal: Seal, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="output"):
        run_sealed_worker("disclosure.errors", seal=seal, inputs={}, output=tmp_path / "absent", limits=Limits())
    with pytest.raises(BadInputError, match="input 'frame'"):
        run_sealed_worker(
            "disclosure.errors", seal=seal, inputs={"frame": tmp_path / "absent"}, output=tmp_path, limits=Limits()
        )
