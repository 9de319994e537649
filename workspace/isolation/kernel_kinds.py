"""The kernels that there are: a closed table. Nothing that a team writes adds to it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from workspace.isolation.box import PACKAGE, inside
from workspace.isolation.modes import SealMode

CONNECTION_FILE: Final = "/run/kernel/connection.json"
"""Where a kernel reads how it is reached, in its box."""

START_FILE: Final = "/run/kernel/start.py"
"""What starts a Python kernel in a box without any network."""

# The libraries of the system's R, which every box sees; those of a user's home are in none.
_R: Final = Path("/usr/bin/R")
_R_LIBRARIES: Final = tuple(
    map(Path, ("/usr/lib/R/site-library", "/usr/local/lib/R/site-library", "/usr/lib64/R/library"))
)
_R_START: Final = 'source("{package}/disclosure/notebook/r/sdc.R"); IRkernel::main("{connection}")'


class Interrupt(StrEnum):
    """How a kernel is told to stop what it does."""

    MESSAGE = "message"
    SIGNAL = "signal"


@dataclass(frozen=True)
class KernelKind:
    """A kernel.

    Attributes:
        name: as a notebook names it.
        language: as a notebook names it.
        title: what people choose it by.
    """

    name: str
    language: str
    title: str
    interrupt: Interrupt


PYTHON: Final = KernelKind("python3", "python", "Python 3", Interrupt.MESSAGE)
R: Final = KernelKind("ir", "R", "R", Interrupt.SIGNAL)
KINDS: Final = {one.name: one for one in (PYTHON, R)}


def installed_kinds() -> tuple[KernelKind, ...]:
    """Return the kernels that this machine, or this box, can start."""
    return tuple(KINDS.values()) if has_r_kernel() else (PYTHON,)


def has_r_kernel() -> bool:
    """Tell whether the system has R with IRkernel."""
    return _R.exists() and any((library / "IRkernel").is_dir() for library in _R_LIBRARIES)


def kind_of_language(language: str) -> KernelKind | None:
    """Return the kernel of a language, however it is spelled; None if there is none."""
    return next((one for one in KINDS.values() if one.language.lower() == language.lower()), None)


def kernel_command(kind: KernelKind = PYTHON, modules: Sequence[str] = (), *, mode: str = "") -> tuple[str, ...]:
    """Return the command of a sealed kernel.

    Args:
        modules: folders of the box in which Python code may keep modules of its own. They come last on the path:
            nothing in them takes the place of a library. R code sources what it needs.
        mode: the mode of the seal.
    """
    connection, folders = inside(CONNECTION_FILE, mode), [inside(one, mode) for one in modules]
    if kind is R:
        # Without a profile, an environment file or a saved session: those of the workspace would run first.
        return (
            str(_R),
            "--vanilla",
            "--slave",
            "-e",
            _R_START.format(package=inside(PACKAGE, mode), connection=connection),
        )
    starter = [inside(START_FILE, mode)] if mode == SealMode.LANDLOCK else ["-m", "ipykernel_launcher"]
    command = [sys.executable, *starter, "-f", connection]
    command += ["--HistoryManager.hist_file=:memory:"]
    if folders:
        command += [f"--IPKernelApp.exec_lines=__import__('sys').path.extend({folders!r})"]
    return tuple(command)
