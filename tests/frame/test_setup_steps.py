"""The set-up as a whole: what root on Debian gets by itself, what it says when that fails, and its exit status."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import setup_steps
from setup_environment import Environment
from setup_machine import Machine

APT_GIVES_BWRAP = """\
[ "$3" = install ] || exit 0
printf '#!/bin/sh\\nexit 0\\n' > "$BIN/bwrap"
/bin/chmod +x "$BIN/bwrap"
"""
APT_FAILS = 'echo "E: Unable to locate package bubblewrap"\nexit 100\n'
APT_GIVES_NOTHING = "exit 0\n"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("BIN", str(folder))
    return folder


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """One that is whole already, so that only the machine is mended."""
    root = tmp_path / "tree"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements" / "lock.txt").write_text("")
    (root / "pyproject.toml").write_text("")
    found = Environment(root, Path(sys.executable), "3.11.7")
    monkeypatch.setattr(Environment, "is_current", lambda _: True)
    return found


def prepare(programs: Path, environment: Environment, apt: str, *, is_root: bool = True) -> int:
    (programs / "apt-get").write_text(f'#!/bin/sh\necho "$*" >> "$BIN/calls"\n{apt}')
    (programs / "apt-get").chmod(0o755)
    return setup_steps._prepare(Machine({"ID": "debian"}, is_root, str(programs)), environment)


def test_root_on_debian_gets_bubblewrap_by_apt(
    programs: Path, environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(programs, environment, APT_GIVES_BWRAP) == 0
    calls = (programs / "calls").read_text().splitlines()
    assert [call.split()[2] for call in calls] == ["update", "install"]
    assert calls[1].endswith("--yes --no-install-recommends bubblewrap")
    assert "set-up: ready" in capsys.readouterr().out


def test_an_ordinary_user_is_told_and_nothing_is_installed(
    programs: Path, environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(programs, environment, APT_GIVES_BWRAP, is_root=False) == 1
    assert not (programs / "calls").exists()
    said = capsys.readouterr().err
    assert "sudo apt-get update && sudo apt-get install --yes --no-install-recommends bubblewrap" in said


def test_apt_that_gives_nothing_ends_with_status_1(
    programs: Path, environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(programs, environment, APT_GIVES_NOTHING) == 1
    assert "no bwrap on the search path" in capsys.readouterr().err


def test_apt_that_fails_ends_with_status_1_and_names_its_log(
    programs: Path, environment: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (programs / "apt-get").write_text(f"#!/bin/sh\n{APT_FAILS}")
    (programs / "apt-get").chmod(0o755)
    monkeypatch.setattr(Machine, "this", lambda: Machine({"ID": "debian"}, True, str(programs)))
    monkeypatch.setattr(Environment, "here", lambda _: environment)
    monkeypatch.setattr(setup_steps, "ROOT", environment.root)
    assert setup_steps.main() == 1
    said = capsys.readouterr().err
    assert "E: Unable to locate package bubblewrap" in said
    assert str(environment.folder / "datakamp-setup.log") in said
    assert "Traceback" not in said


def test_an_interrupted_set_up_ends_with_status_130(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup_steps, "_prepare", interrupt)
    monkeypatch.setattr(setup_steps, "ROOT", environment.root)
    assert setup_steps.main() == 130
    assert "interrupted" in capsys.readouterr().err
