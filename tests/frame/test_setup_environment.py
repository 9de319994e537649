"""The stamp of the environment: when it is left alone, brought up to date, made anew, or refused."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import setup_environment
from setup_environment import Environment, EnvironmentInTheWayError, lock_entries
from setup_report import Count, StepFailedError, run_logged

ROOT = Path(__file__).resolve().parents[2]
LOCK = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:aa
    # via pandas
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:bb
setuptools==84.2.1 \\
    --hash=sha256:cc
wheel==0.48.0 \\
    --hash=sha256:dd
"""


class Steps:
    """Stands for pip and venv: notes the titles, and makes what the first step would make."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.titles: list[str] = []
        self.fails_at = ""

    def __call__(self, command: list[str], *, log: Path, title: str, **_: object) -> None:
        self.titles.append(title)
        if self.fails_at and self.fails_at in title:
            raise StepFailedError(title)
        if title.startswith("making"):
            (self.folder / "bin").mkdir()
            (self.folder / "bin" / "python").write_text("")
            (self.folder / "pyvenv.cfg").write_text("")
        log.write_text("noise\n")


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "lock.txt").write_text(LOCK)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "datakamp"\nversion = "1"\n[tool.ruff]\nline-length = 9\n'
    )
    return Environment(tmp_path, Path(sys.executable), "3.11.7")


@pytest.fixture
def steps(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Steps:
    fake = Steps(environment.folder)
    monkeypatch.setattr(setup_environment, "run_logged", fake)
    return fake


def test_an_environment_is_made_once_and_then_left_alone(environment: Environment, steps: Steps) -> None:
    assert not environment.is_current()
    environment.bring_up()
    assert environment.is_current()
    assert steps.titles[0].startswith("making .venv")
    assert steps.titles.index("build tools") < steps.titles.index("packages from requirements/lock.txt")
    assert steps.titles[-1].startswith("checking")


def test_the_build_tools_are_installed_with_their_hashes_from_the_lock(environment: Environment, steps: Steps) -> None:
    environment.bring_up()
    tools = (environment.folder / "build-tools.txt").read_text()
    assert tools == "".join(LOCK.splitlines(keepends=True)[5:])


@pytest.mark.parametrize("change", ["lock", "python", "place"])
def test_another_lock_python_or_place_makes_it_anew(
    environment: Environment, steps: Steps, change: str, tmp_path: Path
) -> None:
    environment.bring_up()
    steps.titles.clear()
    if change == "lock":
        environment.lock.write_text(LOCK + "zzz==1 \\\n    --hash=sha256:ee\n")
    elif change == "python":
        environment = replace(environment, version="3.12.1")
    else:
        moved = tmp_path / "moved"
        moved.mkdir()
        for name in (".venv", "requirements", "pyproject.toml"):
            (tmp_path / name).rename(moved / name)
        environment = replace(environment, root=moved)
        steps.folder = environment.folder
    assert not environment.is_current()
    (environment.folder / "left over").write_text("")
    environment.bring_up()
    assert environment.is_current()
    assert steps.titles[0].startswith("making")
    assert not (environment.folder / "left over").exists()


def test_another_project_table_installs_only_the_project_anew(environment: Environment, steps: Steps) -> None:
    environment.bring_up()
    steps.titles.clear()
    pyproject = environment.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('"1"', '"2"'))
    assert not environment.is_current()
    environment.bring_up()
    assert environment.is_current()
    assert steps.titles[0] == "datakamp itself"


def test_the_settings_of_other_tools_change_nothing(environment: Environment, steps: Steps) -> None:
    environment.bring_up()
    pyproject = environment.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("line-length = 9", "line-length = 10"))
    assert environment.is_current()


@pytest.mark.parametrize("step", ["making", "build tools", "packages", "compiling", "datakamp itself", "checking"])
def test_an_environment_that_was_interrupted_at_any_step_is_made_anew(
    environment: Environment, steps: Steps, step: str
) -> None:
    steps.fails_at = step
    with pytest.raises(StepFailedError):
        environment.bring_up()
    assert not environment.is_current()
    steps.fails_at = ""
    steps.titles.clear()
    environment.bring_up()
    assert environment.is_current()
    assert steps.titles[0].startswith("making")


def test_a_project_that_failed_to_install_is_not_stamped(environment: Environment, steps: Steps) -> None:
    environment.bring_up()
    pyproject = environment.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('"1"', '"2"'))
    steps.fails_at = "datakamp itself"
    with pytest.raises(StepFailedError):
        environment.bring_up()
    assert environment.stamped() is None


def test_an_environment_whose_python_is_gone_is_not_current(environment: Environment, steps: Steps) -> None:
    environment.bring_up()
    (environment.folder / "bin" / "python").unlink()
    assert not environment.is_current()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"packages": "x"}'])
def test_a_broken_stamp_is_no_stamp(environment: Environment, steps: Steps, text: str) -> None:
    environment.bring_up()
    (environment.folder / "datakamp-setup.json").write_text(text)
    assert environment.stamped() is None


def test_a_folder_that_is_no_environment_is_left_alone(environment: Environment, steps: Steps) -> None:
    environment.folder.mkdir()
    (environment.folder / "thesis.txt").write_text("years of work")
    with pytest.raises(EnvironmentInTheWayError, match="move it away"):
        environment.bring_up()
    assert (environment.folder / "thesis.txt").read_text() == "years of work"
    assert steps.titles == []


def test_a_link_in_its_place_is_left_alone(environment: Environment, steps: Steps, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyvenv.cfg").write_text("")
    environment.folder.symlink_to(elsewhere)
    with pytest.raises(EnvironmentInTheWayError):
        environment.bring_up()
    assert (elsewhere / "pyvenv.cfg").exists()


def test_inside_an_environment_the_python_below_it_is_used() -> None:
    here = Environment.here(ROOT)
    assert here.python.exists()
    assert not here.python.is_relative_to(ROOT / ".venv")


def test_an_entry_of_the_lock_keeps_its_hashes_and_all_its_versions() -> None:
    entries = lock_entries(LOCK)
    assert list(entries) == ["numpy", "setuptools", "wheel"]
    assert "".join(entries.values()) == LOCK


def test_a_failing_step_names_the_log_that_holds_its_noise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    script = "import sys; print('much noise'); print('ERROR: no such package'); sys.exit(3)"
    with pytest.raises(StepFailedError) as caught:
        run_logged([sys.executable, "-c", script], log=log, title="packages")
    assert "packages: failed with exit status 3" in str(caught.value)
    assert str(log) in str(caught.value)
    assert "ERROR: no such package" in str(caught.value)
    assert "much noise" not in str(caught.value) + capsys.readouterr().out
    assert "much noise" in log.read_text()


def test_a_step_whose_program_is_missing_fails_without_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="could not be started"):
        run_logged([str(tmp_path / "absent")], log=tmp_path / "log", title="packages")


def test_a_long_step_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("setup_report._PLAIN_SECONDS", 0.2)
    script = "import time; print('Collecting a', flush=True); print('other', flush=True); time.sleep(1)"
    count = Count(("Collecting ", "Processing "), 7, "unpacking")
    run_logged([sys.executable, "-c", script], log=tmp_path / "log", title="packages", count=count)
    assert "set-up: packages: 1 of 7" in capsys.readouterr().out


def test_a_step_sees_no_setting_that_was_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    script = "import os; print(sorted((k, v) for k, v in os.environ.items() if k in ('PIP_TARGET', 'PIP_USER')))"
    log = tmp_path / "log"
    run_logged([sys.executable, "-c", script], log=log, title="t", settings={"PIP_USER": "0"}, without=("PIP_TARGET",))
    assert log.read_text().splitlines()[-1] == "[('PIP_USER', '0')]"


def test_a_second_set_up_waits_for_the_first(tmp_path: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r}); from pathlib import Path; import setup_steps\n"
        f"with setup_steps._alone(Path({str(tmp_path)!r})): print('in', flush=True)"
    )
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout is not None
            assert "waiting" in second.stdout.readline()
            time.sleep(0.2)
            assert second.poll() is None
            fcntl.flock(handle, fcntl.LOCK_UN)
            assert second.stdout.readline() == "in\n"
            assert second.wait(timeout=30) == 0
    finally:
        os.close(handle)
