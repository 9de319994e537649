"""The seal: verified from inside, named, never weaker, and not to be had in any other way."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import os
import pickle
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from disclosure.errors import SealError
from tests.workspace.conftest import Camp
from workspace.execution import run_notebook, run_script
from workspace.isolation import landlock_process, landlock_start
from workspace.isolation.box import python_box
from workspace.isolation.landlock_process import OLDEST_VERSION, landlock_version
from workspace.isolation.limits import Limits
from workspace.isolation.modes import SealMode
from workspace.isolation.provisioner import SealedKernelManager
from workspace.isolation.seal import Seal, require_seal, verify_seal
from workspace.isolation.worker import run_in_box, run_sealed_worker
from workspace.lab.keeper import Keeper, LabPlan

landlock = pytest.mark.skipif(
    landlock_version() < OLDEST_VERSION, reason="this machine's Linux has no Landlock of the version that is needed"
)


def fake_bwrap(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Put a program named bwrap first on the path. `body` is Python with the options in `options`, or may print."""
    program = folder / "bwrap"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        f"REAL = {shutil.which('bwrap')!r}\n"
        "number = int(sys.argv[2])\n"
        "options = os.read(number, 1 << 20).decode().split(chr(0))[:-1]\n"
        "os.close(number)\n"
        f"{body}\n"
        "handle = os.memfd_create('options')\n"
        "os.write(handle, chr(0).join([*options, '']).encode())\n"
        "os.lseek(handle, 0, 0)\n"
        "os.set_inheritable(handle, True)\n"
        "os.execv(REAL, [REAL, '--args', str(handle), *sys.argv[3:]])\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_a_verified_seal_names_its_mode_and_its_probes(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="datakamp.workspace"):
        seal = verify_seal()
    assert seal.mode is SealMode.BUBBLEWRAP
    assert datetime.now(UTC) - seal.verified_at < timedelta(minutes=1)
    names = [name for name, _ in seal.probes]
    assert len(names) == len(set(names)) > 25
    assert {"no TCP to the host", "no DNS", "no abstract socket of the host", "no nested user namespace"} <= set(names)
    assert any("bubblewrap" in record.message for record in caplog.records)


def test_the_modes_are_named_and_there_is_no_automatic_one() -> None:
    assert [mode.value for mode in SealMode] == ["bubblewrap", "landlock"]
    for mode in ("auto", "landlock", None):
        with pytest.raises(SealError, match="no such mode"):
            verify_seal(mode)  # type: ignore[arg-type]


def test_without_bubblewrap_nothing_is_sealed_and_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SealError, match="not installed") as caught:
        verify_seal()
    assert "apt-get install bubblewrap" in caught.value.hint
    assert "conda install -c conda-forge bubblewrap" in caught.value.hint


def test_without_bubblewrap_no_other_mode_steps_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr("workspace.isolation.seal.start_landlocked", lambda *_, **__: started.append(1))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SealError):
        verify_seal()
    assert started == []


@pytest.mark.parametrize(
    ("said", "message", "remedy"),
    [
        ("bwrap: No permissions to create a new namespace", "user namespaces", "kernel.unprivileged_userns_clone"),
        ("bwrap: setting up uid map: Permission denied", "user namespaces", "apparmor_restrict_unprivileged_userns"),
        ("bwrap: Unknown option --disable-userns", "too old", "0.8"),
        ("bwrap: something else", "could not build", "something else"),
    ],
)
def test_a_machine_that_forbids_boxes_is_told_which_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, message: str, remedy: str
) -> None:
    fake_bwrap(tmp_path, monkeypatch, f"sys.stderr.write({said!r}); sys.exit(1)")
    with pytest.raises(SealError, match=message) as caught:
        verify_seal()
    assert remedy in caught.value.hint


def without(option: str, values: int = 0) -> str:
    return f"i = options.index({option!r}); del options[i:i + {values + 1}]"


LEAKS = {
    "the network of the host": ("options.append('--share-net')", "no TCP to the host"),
    "no filter": (without("--seccomp", 1), "filter"),
    "the files of the host": ("options += ['--ro-bind', '/tmp', '/tmp']", "no other files of the host"),
    "passwords": ("options += ['--ro-bind', '/etc/passwd', '/etc/shadow']", "no passwords of the host"),
    "a writable root": ("options.reverse(); i = options.index('--remount-ro'); del options[i-1:i+1]; options.reverse()",
                        "root not changeable"),
    "writable data": ("i = options.index('/data/probe') - 2; options[i] = '--bind'", "data not changeable"),
    "a variable": ("options.extend(['--setenv', 'OFFICE_PASSWORD', 'secret'])", "no variables of the host"),
    "a descriptor": ("os.set_inheritable(os.open('/', os.O_RDONLY), True)", "no descriptors of the host"),
}  # fmt: skip


@pytest.mark.parametrize("leak", LEAKS)
def test_each_missing_protection_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_temporary: Path, leak: str
) -> None:
    change, probe = LEAKS[leak]
    if leak == "the files of the host":
        change = change.replace("'/tmp'", repr(str(short_temporary)))
    if leak == "passwords":
        change = "i = options.index('/etc/passwd'); options += ['--symlink', 'passwd', '/etc/shadow']"
    place = "options.index('--remount-ro')"
    change = change.replace("options += ", f"options[{place}:{place}] = ")
    fake_bwrap(tmp_path, monkeypatch, change)
    with pytest.raises(SealError) as caught:
        verify_seal()
    assert probe in caught.value.message
    assert "secret" not in str(caught.value)


def test_a_program_that_runs_the_command_without_any_box_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_bwrap(tmp_path, monkeypatch, "os.execv(sys.argv[4], sys.argv[4:])")
    with pytest.raises(SealError):
        verify_seal()


def changed_rules(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what the starter of the Landlock mode is told before it reads it."""

    def told(document: dict[str, Any]) -> str:
        change(document)
        return json.dumps(document)

    monkeypatch.setattr(landlock_process, "json", SimpleNamespace(dumps=told))


def changed_starter(folder: Path, monkeypatch: pytest.MonkeyPatch, line: str, instead: str) -> None:
    """Have a copy of the starter used in which one line is another."""
    source = Path(landlock_start.__file__).read_text()
    assert source.count(line) == 1
    copy = folder / "start.py"
    copy.write_text(source.replace(line, instead))
    names = {**vars(landlock_start), "__file__": str(copy)}
    monkeypatch.setattr(landlock_process, "landlock_start", SimpleNamespace(**names))


def with_writing(rules: list[list[Any]]) -> list[list[Any]]:
    """Return the rule of the data of the probe, for writing: nothing else may be written to by a test."""
    return [[path, 0x7FFF] for path, _ in rules if "datakamp-probe-" in path]


LANDLOCK_LEAKS = {
    "the files of the host": (lambda told: told["rules"].append(["/tmp", 13]), "no other files of the host"),
    "passwords": (lambda told: told["rules"].append(["/etc/shadow", 4]), "no passwords of the host"),
    "processes": (lambda told: told["rules"].append(["/proc", 13]), "no processes of the host"),
    "writable data": (lambda told: told["rules"].extend(with_writing(told["rules"])), "data not changeable"),
    "a variable": (lambda told: told["environment"].update(OFFICE_PASSWORD="secret"), "no variables of the host"),
    "no filter of sharing": (lambda told: told["filters"].pop(0), "no socket in a folder of the host"),
    "no general filter": (lambda told: told["filters"].pop(1), "no TCP to the host"),
}  # fmt: skip


@landlock
@pytest.mark.parametrize("leak", LANDLOCK_LEAKS)
def test_each_missing_rule_of_landlock_is_noticed(monkeypatch: pytest.MonkeyPatch, leak: str) -> None:
    change, probe = LANDLOCK_LEAKS[leak]
    changed_rules(monkeypatch, change)
    with pytest.raises(SealError) as caught:
        verify_seal(SealMode.LANDLOCK)
    assert probe in caught.value.message
    assert "secret" not in str(caught.value)


RULES = "restrict(rules, files=FILES, tcp=TCP, scopes=SIGNALS | ABSTRACT_SOCKETS)"
STEPS = {
    "the scope of signals": (RULES, RULES.replace("SIGNALS | ", ""), "no signal to who watches over it"),
    "closing what is open": ("os.close(handle)\n    drop", "pass\n    drop", "no descriptors of the host"),
    "giving capabilities up": ("    drop_capabilities()\n    restrict", "    restrict", "no capabilities"),
}  # fmt: skip


@landlock
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_the_starter_leaves_out_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    line, instead, probe = STEPS[step]
    if "capabilities" in probe and os.getuid() != 0:
        pytest.skip("only root has capabilities to give up")
    changed_starter(tmp_path, monkeypatch, line, instead)
    with pytest.raises(SealError) as caught:
        verify_seal(SealMode.LANDLOCK)
    assert probe in caught.value.message


@pytest.mark.parametrize(("version", "says"), [(0, "has no Landlock"), (5, "version 5; 6 or later")])
def test_an_old_landlock_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch, version: int, says: str) -> None:
    monkeypatch.setattr("workspace.isolation.seal.landlock_version", lambda: version)
    with pytest.raises(SealError, match=says) as caught:
        verify_seal(SealMode.LANDLOCK)
    assert "Linux 6.12" in caught.value.hint


@landlock
def test_what_needs_a_box_with_a_network_of_its_own_refuses_landlock(tmp_path: Path) -> None:
    seal = verify_seal(SealMode.LANDLOCK)
    plan = LabPlan(team="one", workspace=tmp_path, data={}, context={}, limits=Limits())
    with pytest.raises(SealError, match="JupyterLab needs boxes of bubblewrap"):
        Keeper(plan, seal=seal)
    with pytest.raises(SealError, match="Tabulation needs boxes of bubblewrap"):
        run_sealed_worker("disclosure.errors", seal=seal, inputs={}, output=tmp_path, limits=Limits())


def test_a_seal_cannot_be_made_by_hand(seal: Seal) -> None:
    made: dict[str, Any] = {
        "mode": SealMode.BUBBLEWRAP,
        "verified_at": datetime.now(UTC),
        "probes": (),
        "program": seal.program,
    }
    for witness in ({}, {"witness": None}, {"witness": object()}):
        with pytest.raises(SealError, match="by hand"):
            Seal(**made, **witness)


def test_a_seal_cannot_be_copied_stored_changed_or_derived_from(seal: Seal) -> None:
    for act in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(SealError):
            act(seal)
    with pytest.raises(SealError):
        dataclasses.replace(seal, probes=())
    with pytest.raises(dataclasses.FrozenInstanceError):
        seal.probes = ()  # type: ignore[misc]
    with pytest.raises(SealError):
        type("Weaker", (Seal,), {})


def test_only_a_verified_seal_is_accepted(seal: Seal) -> None:
    assert require_seal(seal) is seal
    for other in (None, True, "bubblewrap", SealMode.BUBBLEWRAP, object.__new__(Seal)):
        with pytest.raises(SealError, match="without a verified seal"):
            require_seal(other)


@pytest.mark.parametrize("false_seal", [None, SealMode.BUBBLEWRAP, object.__new__(Seal)])
def test_nothing_runs_without_a_verified_seal(camp: Camp, false_seal: Any) -> None:
    def refused(act: Any) -> None:
        with pytest.raises(SealError):
            act()

    script = camp.workspace / "x.py"
    script.write_text("open('/workspace/ran', 'w')")
    settings: dict[str, Any] = {
        "seal": false_seal, "data": {}, "workspace": camp.workspace, "context": {}, "limits": Limits(),
        "output": camp.workspace / "executed.ipynb",
    }  # fmt: skip
    refused(lambda: run_notebook(camp.notebook("open('/workspace/ran', 'w')"), parameters={}, **settings))
    refused(lambda: run_script(script, **settings))
    refused(lambda: run_in_box(("/bin/true",), seal=false_seal, box=python_box(), limits=Limits(), budgets=()))
    refused(
        lambda: run_sealed_worker(
            "disclosure.errors", seal=false_seal, inputs={}, output=camp.workspace, limits=Limits()
        )
    )
    refused(lambda: SealedKernelManager(seal=false_seal, box=python_box(), limits=Limits(), budgets=()))
    assert not (camp.workspace / "ran").exists()
    assert not (camp.workspace / "executed.ipynb").exists()
