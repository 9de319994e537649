"""The tabulation's folder holds records: it is private, it goes when the tabulation ends, and a kill leaves it to the
next run to sweep."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from disclosure.errors import DocumentError, ExecutionError
from disclosure.exchange.comparison import ComparisonJob, ComparisonResult
from disclosure.exchange.tabulation import JobKind, TabulationJob
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.policy import load_policy, policy_source
from workspace import tabulation
from workspace.isolation.folders import RunDirectory
from workspace.tabulation import SealedTabulation

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.workspace import test_tabulation as shared
from workspace import tabulation

tabulation.run_sealed_worker = lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM)
shared.tabulate(Path(sys.argv[1]))
"""


def tabulate(frame: Path) -> None:
    """Tabulate a frame; what the worker would do is up to the caller."""
    camp: Any = SimpleNamespace(
        limits=SimpleNamespace(run_seconds=10.0, memory_bytes=1 << 28, handover_bytes=1 << 20),
        data_folder=lambda name: frame.parent / name,
    )
    recipe = Recipe(
        source=FrameSource(("person", "wijk")),
        statistic=Statistic.COUNT,
        policy=load_policy("cbs").reference,
        rows=("wijk",),
        unit=("person",),
    )
    seal: Any = object()
    job = TabulationJob(recipe, JobKind.FRAME, {}, {}, policy_source("cbs"))
    SealedTabulation(lambda: seal).tabulate(camp, job, frame)


def folders(temporary: Path) -> list[Path]:
    return [path for path in temporary.rglob("*") if path.is_dir() and path.parent.name == f"datakamp-{os.geteuid()}"]


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    path = tmp_path / "frame.arrow"
    path.write_bytes(b"000000001")
    return path


def test_the_frame_lies_in_a_private_folder_and_goes_with_it(
    short_temporary: Path, frame: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def work(*_: object, inputs: dict[str, Path], **__: object) -> Any:
        seen.append((inputs["frame"] / "frame.arrow").read_bytes())
        (folder,) = folders(short_temporary)
        assert inputs["frame"].parent == folder
        assert folder.stat().st_mode & 0o777 == 0o700
        return SimpleNamespace(succeeded=False)

    monkeypatch.setattr(tabulation, "run_sealed_worker", work)
    with pytest.raises(ExecutionError, match="died or passed a limit"):
        tabulate(frame)
    assert seen == [b"000000001"]
    assert folders(short_temporary) == []


def test_a_frame_that_a_killed_tabulation_left_is_swept_by_the_next_run(short_temporary: Path, frame: Path) -> None:
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(frame)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert ended.returncode == -15
    (left,) = folders(short_temporary)
    assert (left / "frame" / "frame.arrow").exists()
    assert [path.name for path in short_temporary.iterdir()] == [f"datakamp-{os.geteuid()}"]
    RunDirectory().close()
    assert not left.exists()


def test_a_comparison_lays_each_frame_under_its_output_and_takes_its_own_answer_only(
    short_temporary: Path, frame: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(
        source=FrameSource(("person", "wijk")),
        statistic=Statistic.COUNT,
        policy=load_policy("cbs").reference,
        rows=("wijk",),
        unit=("person",),
    )
    one = TabulationJob(recipe, JobKind.FRAME, {}, {}, policy_source("cbs"))
    job = ComparisonJob({"a": one, "b": one})
    seen, answers = [], [job.digest(), ComparisonJob({"a": one, "c": one}).digest()]

    def work(program: str, *, inputs: dict[str, Path], output: Path, **_: object) -> Any:
        seen.append((program, sorted(path.name for path in inputs["frame"].iterdir())))
        (output / "result.json").write_bytes(ComparisonResult(answers.pop(0)).to_bytes())
        return SimpleNamespace(succeeded=True)

    monkeypatch.setattr(tabulation, "run_sealed_worker", work)
    limits = SimpleNamespace(run_seconds=10.0, memory_bytes=1 << 28, handover_bytes=1 << 20)
    camp: Any = SimpleNamespace(limits=limits, data_folder=lambda name: frame.parent / name)
    seal: Any = object()
    sealed = SealedTabulation(lambda: seal)
    assert sealed.compare(camp, job, {"a": frame, "b": frame}).found == {}
    with pytest.raises(DocumentError, match="another comparison"):
        sealed.compare(camp, job, {"a": frame, "b": frame})
    assert seen == [("disclosure.engines.sealed_comparison", ["a.arrow", "b.arrow"])] * 2
    assert folders(short_temporary) == []
