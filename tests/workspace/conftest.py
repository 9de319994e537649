"""What the tests of the seal share: a verified seal, a camp with spaces in its path, and notebooks for it."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbformat import v4

from workspace.execution import Execution, run_notebook
from workspace.isolation.landlock_process import OLDEST_VERSION, landlock_version
from workspace.isolation.limits import Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.seal import Seal, verify_seal


@pytest.fixture(scope="session")
def seal() -> Seal:
    """Bubblewrap is a requirement: without it this fails, and says what to install."""
    return verify_seal()


@pytest.fixture(scope="session", params=list(SealMode), ids=str)
def any_seal(request: pytest.FixtureRequest) -> Seal:
    """A seal of each mode: what is attacked under one is attacked under all."""
    mode: SealMode = request.param
    if mode is SealMode.LANDLOCK and landlock_version() < OLDEST_VERSION:
        pytest.skip("this machine's Linux has no Landlock of the version that the mode needs")
    return verify_seal(mode)


class Camp:
    """A small camp: two workspaces, a data set, a review database and a folder that nobody may reach."""

    def __init__(self, root: Path, seal: Seal) -> None:
        self.root = root
        self.seal = seal
        self.data = root / "microdata" / "PERSONS"
        self.workspace = root / "workspaces" / "team one"
        self.other = root / "workspaces" / "team two"
        self.review = root / "review"
        for folder in (self.data, self.workspace, self.other, self.review):
            folder.mkdir(parents=True)
        (self.data / "persons.csv").write_text("id,income\n1,100\n")
        (self.other / "secret.txt").write_text("of the other team")
        (self.review / "review.sqlite3").write_text("of the control zone")

    def notebook(self, *cells: str, parameters: str | None = None, name: str = "case.ipynb") -> Path:
        made: Any = v4  # its functions have no types
        notebook = made.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
        notebook.cells = [made.new_code_cell(source) for source in cells]
        if parameters is not None:
            notebook.cells.insert(0, made.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made.writes(notebook))
        return path

    def run(self, *cells: str, **changes: Any) -> Execution:
        limits = changes.pop("limits", {})
        settings: dict[str, Any] = {
            "seal": self.seal,
            "data": {"PERSONS": self.data},
            "workspace": self.workspace,
            "parameters": {},
            "context": {"team": "one"},
            "output": self.workspace / "executed.ipynb",
            "limits": Limits(**{"seconds": 60.0, **limits}),
        }
        parameters_cell = changes.pop("parameters_cell", None)
        notebook = changes.pop("notebook", None) or self.notebook(*cells, parameters=parameters_cell)
        return run_notebook(notebook, **{**settings, **changes})

    def executed(self) -> Any:
        return json.loads((self.workspace / "executed.ipynb").read_text())

    def left(self) -> list[int]:
        """Process identifiers of boxes of this camp, known by what is mounted in them, or by where their home is."""
        found = []
        mark = str(self.root.parent.name)
        home = f"HOME={tempfile.gettempdir()}/datakamp-".encode()
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    if mark in (folder / "mountinfo").read_text() or home in (folder / "environ").read_bytes():
                        found.append(int(folder.name))
                except OSError:
                    continue
        return found

    def all_gone(self, seconds: float = 60.0) -> bool:
        deadline = time.monotonic() + seconds
        while self.left() and time.monotonic() < deadline:
            time.sleep(0.02)
        return not self.left()


@pytest.fixture
def camp(tmp_path: Path, seal: Seal, short_temporary: Path) -> Camp:
    root = Path(tempfile.mkdtemp(prefix="camp-", dir=tmp_path)) / "a camp"
    return Camp(root, seal)


@pytest.fixture
def any_camp(tmp_path: Path, any_seal: Seal, short_temporary: Path) -> Camp:
    root = Path(tempfile.mkdtemp(prefix="camp-", dir=tmp_path)) / "a camp"
    return Camp(root, any_seal)


@pytest.fixture
def short_temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of this test only, short enough for sockets: what is left in it was left by the test."""
    folder = Path(tempfile.mkdtemp(prefix="dk", dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], bool]:
    """Wait until something holds; the bound is for a machine that is busy, not for what is tested."""

    def wait(holds: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + 90.0
        while not holds() and time.monotonic() < deadline:
            time.sleep(0.02)
        return holds()

    return wait
