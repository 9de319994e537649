"""What the set-up finds on a machine, and what it says where something is lacking."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import setup_machine
from setup_machine import Machine, Need, install_commands, install_line, lacking
from setup_steps import lack_report

ROOT = Path(__file__).resolve().parents[2]
BUBBLEWRAP = Need("bubblewrap", "no bwrap", dict.fromkeys(("debian", "fedora", "suse", "arch"), "bubblewrap"))
VENV = Need("Python's venv", "no ensurepip", {"debian": "python3.11-venv", "fedora": "python3-pip"})


def machine(folder: Path, *, distribution: str = "debian", is_root: bool = False, like: str = "") -> Machine:
    release = {"ID": distribution, "ID_LIKE": like}
    return Machine(release, is_root, str(folder), "Linux")


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_this_machine_starts_a_box_of_bubblewraps() -> None:
    # Bubblewrap is a requirement: where it is missing this test fails, and says what to do.
    this = Machine.this()
    needs = lacking(this)
    assert needs == (), lack_report(this, needs)


def test_a_missing_bwrap_is_named_with_its_package(tmp_path: Path) -> None:
    (need,) = lacking(machine(tmp_path))
    assert need.what == "bubblewrap"
    assert need.packages is not None
    assert need.packages["debian"] == "bubblewrap"


def test_a_bwrap_that_starts_a_box_is_enough(tmp_path: Path) -> None:
    program(tmp_path, "bwrap", "exit 0")
    assert lacking(machine(tmp_path)) == ()


@pytest.mark.parametrize("flag", ["--unshare-all", "--disable-userns", "--cap-drop"])
def test_a_bwrap_too_old_for_a_restriction_of_the_seal_is_refused(tmp_path: Path, flag: str) -> None:
    program(tmp_path, "bwrap", f'case " $* " in *" {flag} "*) echo "bwrap: Unknown option {flag}" >&2; exit 1;; esac')
    (need,) = lacking(machine(tmp_path))
    assert f"Unknown option {flag}" in need.why
    assert "bubblewrap 0.8 or later" in need.remedy


def test_a_bwrap_that_cannot_start_a_box_is_told_in_its_own_words_and_without_a_package(tmp_path: Path) -> None:
    program(tmp_path, "bwrap", 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1')
    this = machine(tmp_path, is_root=True)
    needs = lacking(this)
    report = lack_report(this, needs)
    assert "setting up uid map: Permission denied" in report
    assert install_commands(this, needs) == ()
    assert "apt-get" not in report


def test_a_box_that_never_starts_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_machine, "_PROBE_SECONDS", 0.2)
    program(tmp_path, "bwrap", "exec sleep 30")
    (need,) = lacking(machine(tmp_path))
    assert "TimeoutExpired" in need.why


@pytest.mark.parametrize(
    ("switch", "value", "remedy"),
    [
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
    ],
)
def test_the_kernels_switch_that_forbids_boxes_is_named(tmp_path: Path, switch: str, value: str, remedy: str) -> None:
    path = tmp_path / switch
    path.parent.mkdir(parents=True)
    path.write_text(f"{value}\n")
    assert setup_machine._box_remedy(tmp_path).endswith(remedy)
    path.write_text("63000\n" if value == "0" else "0\n")
    assert remedy not in setup_machine._box_remedy(tmp_path)


def test_a_system_that_is_not_linux_is_refused(tmp_path: Path) -> None:
    (need,) = lacking(Machine({}, True, str(tmp_path), "Darwin"))
    assert need.what == "Linux"


def test_a_python_without_ensurepip_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "bwrap", "exit 0")
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    (need,) = lacking(machine(tmp_path))
    assert "no ensurepip" in need.why
    assert need.packages is not None
    assert need.packages["debian"] == f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


@pytest.mark.parametrize(
    ("distribution", "like", "line"),
    [
        ("debian", "", "apt-get update && {}apt-get install --yes --no-install-recommends bubblewrap"),
        ("linuxmint", "ubuntu debian", "apt-get update && {}apt-get install --yes --no-install-recommends bubblewrap"),
        ("rocky", "rhel centos fedora", "dnf install --assumeyes bubblewrap"),
        ("opensuse-leap", "suse opensuse", "zypper --non-interactive install bubblewrap"),
        ("arch", "", "pacman --sync --needed --noconfirm bubblewrap"),
    ],
)
def test_the_exact_command_is_printed_for_each_family(tmp_path: Path, distribution: str, like: str, line: str) -> None:
    user = machine(tmp_path, distribution=distribution, like=like)
    root = machine(tmp_path, distribution=distribution, like=like, is_root=True)
    assert install_line(user, (BUBBLEWRAP,)) == "sudo " + line.format("sudo ")
    assert install_line(root, (BUBBLEWRAP,)) == line.format("")
    assert install_line(user, (BUBBLEWRAP,)) in lack_report(user, (BUBBLEWRAP,))


def test_all_packages_come_in_one_command(tmp_path: Path) -> None:
    commands = install_commands(machine(tmp_path, is_root=True), (VENV, BUBBLEWRAP))
    assert commands[-1][-2:] == ("python3.11-venv", "bubblewrap")


def test_an_unknown_distribution_gets_the_way_by_conda(tmp_path: Path) -> None:
    unknown = machine(tmp_path, distribution="plan9")
    assert install_line(unknown, (BUBBLEWRAP,)) == ""
    assert "conda env create --file environment.yml && conda activate datakamp" in lack_report(unknown, (BUBBLEWRAP,))


@pytest.mark.parametrize(
    ("distribution", "is_root", "has_apt", "installs"),
    [
        ("debian", True, True, True),
        ("debian", True, False, False),
        ("debian", False, True, False),
        ("fedora", True, True, False),
    ],
)
def test_only_root_on_debian_with_apt_installs_by_itself(
    tmp_path: Path, distribution: str, is_root: bool, has_apt: bool, installs: bool
) -> None:
    if has_apt:
        program(tmp_path, "apt-get", "exit 0")
    assert machine(tmp_path, distribution=distribution, is_root=is_root).installs_by_itself is installs


def test_the_command_ends_with_status_1_and_the_remedy_where_bwrap_is_missing(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "setup.py")],
        env={"PATH": str(bare)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no bwrap on the search path" in done.stderr
    this = Machine.this()
    line = install_line(Machine(this.release, os.geteuid() == 0, str(bare)), (BUBBLEWRAP,))
    assert line in done.stderr
    assert "conda env create --file environment.yml" in done.stderr
    assert "Traceback" not in done.stderr
