"""The doctor looks and changes nothing; what is needed and missing ends with status 1, and says how to get it."""

from __future__ import annotations

import json
import os
from importlib import metadata
from pathlib import Path

import pytest

import datakamp
from disclosure.errors import SealError
from workspace import doctor
from workspace.closure import needed_names
from workspace.doctor import State, examine


def test_this_machine_can_run_datakamp(capsys: pytest.CaptureFixture[str]) -> None:
    assert datakamp.run(["doctor", "--json"]) == 0
    parts = {one["what"]: one for one in json.loads(capsys.readouterr().out)}
    named = {
        "Python",
        "packages",
        "bubblewrap",
        "the seal",
        "the seal of Landlock",
        "memory",
        "disk",
        "chromium",
        "fonts",
        "R kernel",
    }
    assert named <= set(parts)
    assert parts["the seal"]["state"] == "well"
    assert "probes held" in parts["the seal"]["found"]
    assert all((one["state"] == "well") == (one["remedy"] == "") for one in parts.values())


def test_it_is_told_in_words_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert datakamp.run(["doctor"]) == 0
    assert "well    bubblewrap: bubblewrap" in capsys.readouterr().out


def test_a_missing_box_ends_with_status_1_and_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workspace.doctor.shutil.which", lambda _: None)
    monkeypatch.setattr("workspace.doctor.platform.freedesktop_os_release", lambda: {"ID": "ubuntu"})
    assert datakamp.run(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "MISSING bubblewrap: no bwrap" in out
    assert "sudo apt-get install bubblewrap, or from a bundle: sudo sh BUNDLE/install.sh --parts system" in out


@pytest.mark.parametrize(("system", "bundled"), [({"ID": "debian"}, True), ({"ID": "fedora"}, False), ({}, False)])
def test_what_a_bundle_brings_is_told_where_its_packages_can_be_installed(
    system: dict[str, str], bundled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("workspace.isolation.kernel_kinds._R", tmp_path / "R")
    monkeypatch.setattr("workspace.doctor.platform.freedesktop_os_release", lambda: system)
    parts = {"system": doctor.bubblewrap(), "browser": doctor.browser(), "r": doctor.r_kernel()}
    assert all((f"BUNDLE/install.sh --parts {name}" in part.remedy) == bundled for name, part in parts.items())
    assert all(part.remedy for part in parts.values())


def test_a_seal_that_does_not_hold_is_missing_with_its_own_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise SealError("User namespaces are off.", hint="Turn them on.")

    monkeypatch.setattr("workspace.isolation.seal.verify_seal", refuse)
    found = doctor.seal()
    assert (found.state, found.found, found.remedy) == (State.MISSING, "User namespaces are off.", "Turn them on.")


@pytest.mark.parametrize("version", [0, 5])
def test_without_landlock_the_machine_still_works(version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.isolation.seal.landlock_version", lambda: version)
    found = doctor.landlock()
    assert found.state is State.ADVICE
    assert "cannot be used" in found.found
    assert "Linux 6.12" in found.remedy


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("bubblewrap 0.7.9", State.MISSING),
        ("bubblewrap 0.8.0", State.WELL),
        ("bubblewrap 1.0", State.WELL),
        ("", State.MISSING),
    ],
)
def test_an_old_bubblewrap_is_missing(said: str, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\necho {said}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.bubblewrap().state is state


@pytest.mark.parametrize(("version", "state"), [((3, 10, 9), State.MISSING), ((3, 11, 0), State.WELL)])
def test_the_oldest_python(version: tuple[int, ...], state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.doctor.sys.version_info", version)
    assert doctor.python().state is state


def lock(folder: Path, *lines: str) -> Path:
    path = folder / "lock.txt"
    path.write_text("".join(f"{line} \\\n    --hash=sha256:{'0' * 64}\n    # via x\n" for line in lines))
    return path


def test_packages_are_held_against_the_lock(tmp_path: Path) -> None:
    here = metadata.version("click")
    assert doctor.packages(lock(tmp_path, f"click=={here}")).state is State.WELL
    other = doctor.packages(lock(tmp_path, "click==0.1"))
    assert (other.state, "click" in other.found) == (State.ADVICE, True)
    # Of two Pythons' versions only this one's counts.
    both = (f"click=={here} ; python_full_version >= '3.11'", "click==0.1 ; python_full_version < '3.11'")
    assert doctor.packages(lock(tmp_path, *both)).state is State.WELL
    assert doctor.packages(tmp_path / "none.txt").state is State.ADVICE


def test_a_package_that_is_needed_and_not_installed_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "needed_names", lambda: frozenset({"no-such-thing"}))
    found = doctor.packages(lock(tmp_path, "no-such-thing==1"))
    assert (found.state, found.found) == (State.MISSING, "not installed: no-such-thing")
    monkeypatch.setattr(doctor, "needed_names", frozenset[str])
    assert doctor.packages(lock(tmp_path, "click==1")).state is State.MISSING


def test_what_the_product_needs_is_found_through_others_and_leaves_out_what_only_tests_use() -> None:
    names = needed_names()
    assert {"click", "duckdb", "markupsafe", "pyreadstat"} <= names
    assert not {"pytest", "ruff", "datakamp", "mypy"} & names
    assert needed_names("no-such-thing") == frozenset()


@pytest.mark.parametrize(("size", "state"), [(1, State.MISSING), (2, State.ADVICE), (10, State.WELL)])
def test_room_on_the_disk(size: int, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": size << 30})
    monkeypatch.setattr("workspace.doctor.shutil.disk_usage", lambda _: usage)
    assert doctor.disk(tmp_path).state is state


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert doctor.disk(tmp_path / "none").state is State.MISSING


@pytest.mark.parametrize(("gib", "state"), [(3, State.MISSING), (8, State.ADVICE), (16, State.WELL)])
def test_memory(gib: int, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.doctor.os.sysconf", lambda name: 4096 if "SIZE" in name else (gib << 30) // 4096)
    assert doctor.memory().state is state


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examine(folder=tmp_path)
    assert os.listdir(tmp_path) == []
