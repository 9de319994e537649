"""What this machine lacks, and how to get it: looked at, never changed."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from disclosure.errors import DatakampError
from workspace.bundle_parts import Part as BundlePart
from workspace.closure import needed_names

OLDEST: Final = (3, 11)

_GIB: Final = 1 << 30
_LEAST_MEMORY, _GOOD_MEMORY = 4 * _GIB, 15 * _GIB
_LEAST_DISK, _GOOD_DISK = 2 * _GIB, 10 * _GIB
_OLDEST_BUBBLEWRAP: Final = (0, 8)
_INSTALL: Final = {
    "debian": "sudo apt-get install {}", "ubuntu": "sudo apt-get install {}", "fedora": "sudo dnf install {}",
    "rhel": "sudo dnf install {}", "suse": "sudo zypper install {}", "arch": "sudo pacman -S {}",
}  # fmt: skip
_DEBIAN: Final = ("debian", "ubuntu")
_BUNDLED: Final = "sudo sh BUNDLE/install.sh --parts {}"
_SECONDS: Final = 30


class State(StrEnum):
    """How a part of the machine is."""

    WELL = "well"
    ADVICE = "advice"  # Datakamp works; something more would be possible
    MISSING = "missing"  # something that is needed is not there


@dataclass(frozen=True)
class Part:
    """One part of the machine.

    Attributes:
        what: its name.
        found: what was found, as a clause.
        remedy: what to do; empty if it is well.
    """

    what: str
    state: State
    found: str
    remedy: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        return asdict(self) | {"state": self.state.value}


Looked = tuple[str, str, str, str]
"""A part as other packages tell of it: what, state, found, remedy."""


def examine(
    *, folder: Path | None = None, lock: Path | None = None, further: Callable[[], Iterable[Looked]] = tuple
) -> tuple[Part, ...]:
    """Return every part of this machine that Datakamp needs or can use.

    Args:
        further: returns what others than the workspace need.
        folder: where camps will lie; its disk is looked at. The current one if None.
        lock: of the requirements; the one that Datakamp came with if None.
    """
    at = Path.cwd() if folder is None else folder
    locked = lock_file() if lock is None else lock
    checks: tuple[Callable[[], Part], ...] = (
        python, lambda: packages(locked), bubblewrap, seal, landlock, memory, lambda: disk(at), browser, fonts,
        r_kernel, sdcmicro, node,
    )  # fmt: skip
    told = tuple(Part(what, State(state), found, remedy) for what, state, found, remedy in further())
    return (*(check() for check in checks), *told)


def python() -> Part:
    """Tell whether this Python is recent enough."""
    found = f"Python {platform.python_version()}"
    wanted = ".".join(map(str, OLDEST))
    if sys.version_info[:2] >= OLDEST:
        return Part("Python", State.WELL, found)
    return Part("Python", State.MISSING, found, f"Install Python {wanted} or later, then Datakamp with it.")


def packages(lock: Path | None) -> Part:
    """Tell whether what is installed is what the lock says."""
    what = "packages"
    if lock is None or not lock.is_file():
        return Part(what, State.ADVICE, "there is no lock to hold them against", "Run this from the source tree.")
    installed: dict[str, str] = {canonicalize_name(one.name): one.version for one in metadata.distributions()}
    needed = needed_names()
    if not needed:
        return Part(what, State.MISSING, "Datakamp itself is not installed", "Run `make setup`, or install the bundle.")
    locked = {name: versions for name, versions in _locked(lock).items() if name in needed}
    absent = sorted(name for name in locked if name not in installed)
    other = sorted(name for name, versions in locked.items() if name in installed and installed[name] not in versions)
    if absent:
        return Part(what, State.MISSING, f"not installed: {_few(absent)}", "Run `make setup`, or install the bundle.")
    if other:
        return Part(what, State.ADVICE, f"not of the locked version: {_few(other)}", "Run `make setup`.")
    return Part(what, State.WELL, f"{len(locked)} packages, each of the locked version")


def bubblewrap() -> Part:
    """Tell whether bubblewrap is there and recent enough."""
    program = shutil.which("bwrap")
    if program is None:
        return Part(
            "bubblewrap", State.MISSING, "no bwrap on the search path", _install("bubblewrap", BundlePart.SYSTEM)
        )
    said = _said(program, "--version")
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if version < _OLDEST_BUBBLEWRAP:
        return Part("bubblewrap", State.MISSING, said or "a bwrap that does not start", "Install 0.8 or later.")
    return Part("bubblewrap", State.WELL, said)


def seal() -> Part:
    """Tell whether a sealed box can be built here, user namespaces included, by building one."""
    from workspace.isolation.seal import verify_seal

    what = "the seal"
    try:
        verified = verify_seal()
    except DatakampError as error:
        return Part(what, State.MISSING, error.message, error.hint)
    return Part(what, State.WELL, f"{verified.mode.value}, {len(verified.probes)} probes held")


def landlock() -> Part:
    """Tell whether notebooks could be sealed without user namespaces, which only who asks for it by name uses."""
    from workspace.isolation.modes import SealMode
    from workspace.isolation.seal import verify_seal

    what = "the seal of Landlock"
    try:
        verified = verify_seal(SealMode.LANDLOCK)
    except DatakampError as error:
        return Part(what, State.ADVICE, f"cannot be used: {error.message}", error.hint)
    return Part(what, State.WELL, f"{len(verified.probes)} probes held; `--seal landlock` runs notebooks by it")


def memory() -> Part:
    """Tell whether this machine has memory for a kernel, and for a team."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return _size("memory", total, _LEAST_MEMORY, _GOOD_MEMORY, "A kernel may use several GiB; a camp wants 16 GiB.")


def disk(folder: Path) -> Part:
    """Tell whether the disk of a folder has room for a camp."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return Part("disk", State.MISSING, f"'{folder.name}' cannot be looked at", "Name a folder that is there.")
    return _size("disk", free, _LEAST_DISK, _GOOD_DISK, "Free some space, or put camps on another disk.")


def browser() -> Part:
    """Tell whether reports can become PDF."""
    from workspace.report_pdf import browser as found

    program = found()
    if program is None:
        return Part(
            "chromium", State.ADVICE, "none found; reports become HTML only", _install("chromium", BundlePart.BROWSER)
        )
    return Part("chromium", State.WELL, f"{program}, for PDF")


def fonts() -> Part:
    """Tell whether there are fonts to print with."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    count = sum(1 for one in folders if one.is_dir() for file in one.rglob("*") if file.suffix in {".ttf", ".otf"})
    if count == 0:
        return Part(
            "fonts",
            State.ADVICE,
            "none found; a PDF would have boxes for letters",
            _install("fonts-dejavu-core", BundlePart.BROWSER),
        )
    return Part("fonts", State.WELL, f"{count} found")


def r_kernel() -> Part:
    """Tell whether notebooks of R run."""
    from workspace.isolation.kernel_kinds import has_r_kernel

    if has_r_kernel():
        return Part("R kernel", State.WELL, "R with IRkernel")
    return Part("R kernel", State.ADVICE, "none; notebooks are Python only", _install("r-cran-irkernel", BundlePart.R))


def sdcmicro() -> Part:
    """Tell whether R with sdcMicro is there, which only some comparisons use."""
    program = shutil.which("Rscript")
    if program is None:
        return Part("R with sdcMicro", State.ADVICE, "no R; nothing but comparisons with it needs it",
                    "conda env create --file environment.yml")  # fmt: skip
    told = _said(program, "-e", 'cat(requireNamespace("sdcMicro", quietly = TRUE))')
    if "TRUE" not in told:
        return Part("R with sdcMicro", State.ADVICE, "R without sdcMicro", 'In R: install.packages("sdcMicro")')
    return Part("R with sdcMicro", State.WELL, program)


def node() -> Part:
    """Tell whether the extension of the Lab could be built here; it comes built."""
    program = shutil.which("node")
    found = f"node {_said(program, '--version')}" if program else "none; the extension of the Lab comes built"
    return Part("Node, for building only", State.WELL, found)


def lock_file() -> Path | None:
    """Return the lock that Datakamp came with: in the source tree, or where an installation puts it."""
    roots = (Path(__file__).resolve().parents[1], Path(sys.prefix, "share", "datakamp"))
    return next((root / "requirements/lock.txt" for root in roots if (root / "requirements/lock.txt").is_file()), None)


def _locked(lock: Path) -> dict[str, set[str]]:
    """Return name to locked versions, of what this Python on this system needs."""
    found: dict[str, set[str]] = {}
    for requirement in lock_requirements(lock.read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(requirement.name), set()).update(
            one.version for one in requirement.specifier
        )
    return found


def lock_requirements(text: str) -> Iterator[Requirement]:
    """Yield the requirements of a lock that count on this machine."""
    for line in text.splitlines():
        if not re.match(r"[A-Za-z0-9]", line):
            continue
        try:
            requirement = Requirement(line.rstrip("\\ "))
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement
        except (InvalidRequirement, UndefinedEnvironmentName):
            continue


def _size(what: str, has: int, least: int, good: int, remedy: str) -> Part:
    state = State.MISSING if has < least else State.ADVICE if has < good else State.WELL
    return Part(what, state, f"{has / _GIB:.1f} GiB", "" if state is State.WELL else remedy)


def _few(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _install(package: str, part: BundlePart) -> str:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    for name in (release.get("ID", ""), *release.get("ID_LIKE", "").split()):
        if name in _INSTALL:
            bundled = f", or from a bundle: {_BUNDLED.format(part.value)}" if name in _DEBIAN else ""
            return f"{_INSTALL[name].format(package)}{bundled}"
    return f"Install the package {package} of your system."


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False, errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
