"""The set-up in order: what the machine must have, then the environment in .venv, each only where it is lacking."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from setup_environment import Environment, EnvironmentInTheWayError
from setup_machine import Machine, Need, conda_command, install_commands, install_line, lacking
from setup_report import StepFailedError, run_logged

ROOT = Path(__file__).resolve().parent.parent
_APT_SETTINGS = {"DEBIAN_FRONTEND": "noninteractive"}
_APT_WAIT = ("-o", "DPkg::Lock::Timeout=300")  # a machine that has just started may still be upgrading itself


def main() -> int:
    """Prepare this machine and the environment beside this folder; return the exit status (0 ready, 1 not)."""
    environment = Environment.here(ROOT)
    try:
        with _alone(ROOT):
            return _prepare(Machine.this(), environment)
    except (StepFailedError, EnvironmentInTheWayError) as error:
        print(f"set-up: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nset-up: interrupted; the next run begins this step again.", file=sys.stderr)
        return 130
    return 1


def _prepare(machine: Machine, environment: Environment) -> int:
    needs = lacking(machine)
    if needs and machine.installs_by_itself:
        install_system_packages(machine, environment, needs)
        needs = lacking(machine)
    if needs:
        print(lack_report(machine, needs), file=sys.stderr)
        return 1
    started = time.monotonic()
    if environment.is_current():
        print(f"set-up: ready ({environment.folder.name}, Python {platform.python_version()})", flush=True)
        return 0
    environment.bring_up()
    print(f"set-up: ready after {time.monotonic() - started:.0f} s", flush=True)
    return 0


def install_system_packages(machine: Machine, environment: Environment, needs: tuple[Need, ...]) -> None:
    """Install the packages that hold what is needed.

    Raises:
        StepFailedError: the package manager failed; its log is kept.
    """
    log = environment.open_log()
    for program, *arguments in install_commands(machine, needs):
        title = f"system packages: {program} {arguments[0]}"
        run_logged((program, *_APT_WAIT, *arguments), log=log, title=title, settings=_APT_SETTINGS)


def lack_report(machine: Machine, needs: tuple[Need, ...]) -> str:
    """Return what the machine lacks and the exact commands that would help, as text of a few lines."""
    lines = ["set-up: this machine lacks what Datakamp cannot do without:"]
    lines += [f"  - {need.what}: {need.why}" for need in needs]
    for remedy in dict.fromkeys(need.remedy for need in needs if need.remedy):
        lines.append(f"  remedy: {remedy}")
    packaged = tuple(need for need in needs if need.packages)
    if packaged:
        line = install_line(machine, packaged)
        if line:
            lines.append(f"  run: {line}")
        lines.append(f"  or, with conda and without root: {conda_command()}")
    lines.append("  then give the same make command again.")
    return "\n".join(lines)


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two commands started at once do not both build the environment."""
    handle = os.open(root, os.O_RDONLY)
    os.set_inheritable(handle, True)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("set-up: another set-up is at work in this folder; waiting for it", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
