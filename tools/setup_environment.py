"""The environment in .venv: made from the lock, stamped when it is whole, made anew when it is not."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from setup_report import Count, run_logged

_LAYOUT = "1"  # raise it when this file changes what it makes
_FOLDER = ".venv"
_STAMP = "datakamp-setup.json"
_LOG = "datakamp-setup.log"

# What sdists need to be built is installed first, itself from the lock: pip would fetch it without hashes otherwise.
_BUILD_TOOLS = ("setuptools", "wheel")

# How pip begins the line that it prints for each requirement.
_PIP_WORDS = ("Collecting ", "Processing ", "Ignoring ", "Requirement already satisfied")

# A user's settings that would send the packages elsewhere; mirrors, proxies and certificates stay in force.
_WITHOUT = (
    "PIP_NO_DEPS",
    "PIP_PREFIX",
    "PIP_REQUIRE_HASHES",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PYTHONHOME",
    "PYTHONPATH",
    "__PYVENV_LAUNCHER__",
)
_SETTINGS = {"PIP_USER": "0", "PYTHONNOUSERSITE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


class EnvironmentInTheWayError(Exception):
    """What lies where the environment should be was not made by this set-up."""


@dataclass(frozen=True)
class Stamp:
    """What a whole environment was made from.

    Args:
        packages: digest of the lock, the Python and the place; another one means a new environment.
        project: digest of what pyproject.toml says about the distribution; another one means installing that anew.
    """

    packages: str
    project: str


@dataclass(frozen=True)
class Environment:
    """The environment of one work tree.

    Args:
        root: the work tree.
        python: the interpreter that the environment is made with, never one inside an environment.
        version: that interpreter's version, in full.
    """

    root: Path
    python: Path
    version: str

    @classmethod
    def here(cls, root: Path) -> Environment:
        """Return the environment of a work tree, made with the Python that runs this."""
        python = Path(sys.executable)
        if sys.prefix != sys.base_prefix:  # started from an activated environment, perhaps the one to be made anew
            name = f"python{sys.version_info.major}.{sys.version_info.minor}"
            python = Path(sys.base_prefix, "bin", name)
        return cls(root, python, platform.python_version())

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.root / _FOLDER

    @property
    def lock(self) -> Path:
        """The locked requirements."""
        return self.root / "requirements" / "lock.txt"

    def wanted(self) -> Stamp:
        """Return the stamp that an environment made now would get."""
        place = (_LAYOUT, self.version, os.path.realpath(self.python), str(self.root))
        packages = hashlib.sha256("\0".join(place).encode() + b"\0" + self.lock.read_bytes())
        pyproject = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        said = [pyproject.get("build-system"), pyproject.get("project"), pyproject.get("tool", {}).get("setuptools")]
        project = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode())
        return Stamp(packages.hexdigest(), project.hexdigest())

    def stamped(self) -> Stamp | None:
        """Return the stamp of the environment that is there, or None if there is no whole one."""
        try:
            document = json.loads((self.folder / _STAMP).read_text(encoding="utf-8"))
            stamp = Stamp(document["packages"], document["project"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return stamp if (self.folder / "bin" / "python").exists() else None

    def is_current(self) -> bool:
        """Whether the environment is whole and is what the lock, the project and this Python ask for."""
        return self.stamped() == self.wanted()

    def open_log(self) -> Path:
        """Return the file that takes what the steps print, its folder made if need be."""
        self._refuse_foreign_folder()
        self.folder.mkdir(exist_ok=True)
        return self.folder / _LOG

    def bring_up(self) -> None:
        """Make the environment what it should be, with as few steps as that takes.

        Raises:
            EnvironmentInTheWayError: something else lies there.
            StepFailedError: a step failed; the next run begins with it again.
        """
        wanted, found = self.wanted(), self.stamped()
        if found is None or found.packages != wanted.packages:
            self._make(self._emptied())
        else:
            (self.folder / _STAMP).unlink()
        self._install_project(self.open_log())
        self._write_stamp(wanted)

    def add(self, requirements: Path) -> None:
        """Install further locked requirements into the environment; where they are there already nothing changes.

        Raises:
            StepFailedError: a package could not be fetched or built.
        """
        hashed = ("--require-hashes", "--no-deps", "--no-build-isolation", "--progress-bar", "off")
        arguments = ("install", *hashed, "--requirement", str(requirements))
        self._pip(*arguments, log=self.open_log(), title=f"packages from requirements/{requirements.name}")

    def _emptied(self) -> Path:
        log = self.open_log()
        said = log.read_bytes() if log.exists() else b""  # what installing system packages printed, or an earlier try
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        log.write_bytes(said[-(1 << 20) :])
        return log

    def _make(self, log: Path) -> None:
        run_logged(
            [str(self.python), "-m", "venv", str(self.folder)],
            log=log,
            title=f"making {_FOLDER} with Python {self.version}",
            without=_WITHOUT,
        )
        entries = lock_entries(self.lock.read_text(encoding="utf-8"))
        tools = self.folder / "build-tools.txt"
        tools.write_text("".join(entries[name] for name in _BUILD_TOOLS), encoding="utf-8")
        hashed = ("--require-hashes", "--no-deps", "--no-build-isolation", "--no-compile", "--progress-bar", "off")
        self._pip("install", *hashed, "--requirement", str(tools), log=log, title="build tools")
        self._pip(
            *("install", *hashed, "--requirement", str(self.lock)),
            log=log,
            title="packages from requirements/lock.txt",
            count=Count(_PIP_WORDS, len(re.findall(r"^\w", "".join(entries.values()), re.MULTILINE)), "unpacking"),
        )
        # Kernels see the environment read-only: without this, each would compile what it imports anew. Some packages
        # ship files for other Pythons, which cannot be compiled, so its exit status says nothing.
        run_logged(
            [*self._python(), "-W", "ignore", "-c", _COMPILE, str(self.folder / "lib")],
            log=log,
            title="compiling the packages",
            without=_WITHOUT,
        )

    def _install_project(self, log: Path) -> None:
        self._pip(
            *("install", "--no-deps", "--no-build-isolation", "--editable", str(self.root)),
            log=log,
            title="datakamp itself",
        )
        self._pip("check", log=log, title="checking that the packages fit together")

    def _pip(self, *arguments: str, log: Path, title: str, count: Count | None = None) -> None:
        command = [*self._python(), "-m", "pip", *arguments]
        run_logged(command, log=log, title=title, count=count, settings=_SETTINGS, without=_WITHOUT)

    def _python(self) -> tuple[str, ...]:
        return (str(self.folder / "bin" / "python"),)

    def _write_stamp(self, stamp: Stamp) -> None:
        unfinished = self.folder / f"{_STAMP}.unfinished"
        with unfinished.open("w", encoding="utf-8") as sink:
            json.dump({"packages": stamp.packages, "project": stamp.project}, sink)
            sink.flush()
            os.fsync(sink.fileno())
        unfinished.replace(self.folder / _STAMP)

    def _refuse_foreign_folder(self) -> None:
        folder = self.folder
        if not folder.exists() and not folder.is_symlink():
            return
        ours = folder.is_dir() and not folder.is_symlink()
        if ours and (any((folder / name).exists() for name in ("pyvenv.cfg", _LOG)) or not any(folder.iterdir())):
            return
        raise EnvironmentInTheWayError(f"{folder} is not an environment of Python's; move it away and try again.")


def lock_entries(text: str) -> dict[str, str]:
    """Return the entries of a lock by name, each as it is written there, hashes included.

    Where a name stands there several times, for different Pythons, its entry holds all of them.
    """
    entries: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        start = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)==", line)
        if start:
            name = start.group(1)
        elif not line.startswith(" "):
            continue
        entries[name] = entries.get(name, "") + line
    return entries


_COMPILE = "import compileall, sys; compileall.compile_dir(sys.argv[1], quiet=2, workers=0)"
