"""The wheels of a bundle: those of the lock, held against its hashes, and Datakamp's own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.files import file_digest
from workspace.bundle_parts import Progress, silent
from workspace.closure import depends_on_patch, holds

WHEELS: Final = "wheels"

_SOURCE: Final = (
    "datakamp.py", "disclosure", "workspace", "output_review", "notebooks", "templates", "requirements",
    "pyproject.toml", "README.md", "LICENSE",
)  # fmt: skip
_HINT: Final = "Is the package registry that pip is set up to use within reach? Try again when it is."


@dataclass(frozen=True)
class LockEntry:
    """A package of the lock.

    Attributes:
        text: its entry, hashes included, without the marker.
        marker: for which patches of this Python it is, as '"3.11.5" <= python_full_version'; empty if for all.
        here: it is for the Python that this runs on.
    """

    name: str
    version: str
    text: str
    marker: str
    here: bool


def lock_entries(text: str, names: frozenset[str]) -> tuple[LockEntry, ...]:
    """Return the entries of a lock for these packages, on every patch of this Python.

    A package may be there twice, in versions for different patches: the machine that a bundle is for has the same
    Python as this one, but seldom the same patch of it.

    Raises:
        BadInputError: the lock lacks one of them.
    """
    found: list[tuple[Requirement, list[str]]] = []
    for line in text.splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            found.append((Requirement(line.rstrip("\\ ")), []))
        elif found and line.lstrip().startswith("--hash="):
            found[-1][1].append(line)
    entries = tuple(_entry(*one) for one in found if holds(one[0].marker, any_patch=True))
    kept = tuple(one for one in entries if one.name in names)
    absent = sorted(names - {one.name for one in kept})
    if absent:
        raise BadInputError(f"The lock lacks {', '.join(absent[:8])}.", hint="Run `make lock`, then `make setup`.")
    return kept


def _entry(requirement: Requirement, hashes: list[str]) -> LockEntry:
    marker = str(requirement.marker) if depends_on_patch(requirement.marker) else ""
    [pinned] = requirement.specifier
    name = canonicalize_name(requirement.name)
    text = " \\\n".join([f"{name}=={pinned.version}", *(one.rstrip("\\ ") for one in hashes)]) + "\n"
    return LockEntry(name, pinned.version, text, marker, holds(requirement.marker))


def unpacked_size(names: frozenset[str]) -> int:
    """Return how many bytes these packages take here, as installed; a wheel is smaller. Those not here count as 0."""
    total = 0
    for name in names:
        try:
            files = metadata.files(name) or []
        except metadata.PackageNotFoundError:
            continue
        total += sum(one.size or 0 for one in files)
    return total


def fetch_wheels(tree: Path, entries: tuple[LockEntry, ...], aside: Path, *, progress: Progress = silent) -> str:
    """Fetch the wheels of these entries, and build Datakamp's own, into the folder "wheels" of `aside`.

    Returns:
        the requirements that install them, each pinned to the digest of its wheel.

    Raises:
        ExecutionError: a package could not be fetched or is not the one that the lock names.
    """
    listed, done = aside / "part.txt", 0

    def begun(here: int) -> None:
        progress("Python packages", done + here, len(entries))

    for turn, part in enumerate(_turns(entries)):
        listed.write_text("".join(one.text for one in part), encoding="utf-8")
        _pip(
            "wheel", "--require-hashes", "--no-deps", "--no-build-isolation", "--wheel-dir", str(aside / WHEELS),
            "--requirement", str(listed), *(["--ignore-requires-python"] if turn else []),
            doing="The packages of the lock could not be fetched.", progress=begun,
        )  # fmt: skip
        done += len(part)
    begun(0)
    listed.unlink()
    _own_wheel(tree, aside)
    markers = {(one.name, Version(one.version)): one.marker for one in entries if one.marker}
    lines = []
    for wheel in sorted((aside / WHEELS).glob("*.whl")):
        name, version, _, _ = parse_wheel_filename(wheel.name)
        marker = markers.get((name, version), "")
        lines.append(f"{name}=={version}{f' ; {marker}' if marker else ''} --hash={file_digest(wheel)}\n")
    return "".join(lines)


def _turns(entries: tuple[LockEntry, ...]) -> list[list[LockEntry]]:
    """Return the entries in turns, since pip takes a package once: this Python's first, then those of other patches."""
    turns: list[list[LockEntry]] = [[one for one in entries if one.here]]
    for entry in entries:
        if not entry.here:
            free = next((turn for turn in turns[1:] if entry.name not in {one.name for one in turn}), None)
            if free is None:
                turns.append(free := [])
            free.append(entry)
    return turns


def _own_wheel(tree: Path, aside: Path) -> None:
    """Build Datakamp's own wheel, of a copy: building leaves things behind."""
    copy = aside / "source"
    copy.mkdir()
    for name in _SOURCE:
        source = tree / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        elif source.is_file():
            shutil.copy(source, copy / name)
    _pip(
        "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(aside / WHEELS), str(copy),
        doing="Datakamp's own wheel could not be built.",
    )  # fmt: skip
    shutil.rmtree(copy)


def _pip(*arguments: str, doing: str, progress: Callable[[int], None] | None = None) -> None:
    """Run pip; how many packages it has done is told when it begins with the next."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--no-color", *arguments]
    begun = 0
    with tempfile.TemporaryFile() as complaints:
        try:
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints) as running:
                for line in running.stdout or ():
                    if progress is not None and line.startswith((b"Collecting ", b"Processing ")):
                        progress(begun)
                        begun += 1
        except OSError:
            raise ExecutionError(doing, hint=_HINT) from None
        complaints.seek(0)
        changed = b"DO NOT MATCH THE HASHES" in complaints.read()
    if running.returncode != 0:
        raise ExecutionError(
            doing, hint="A file is not the one that the lock names. Find out where it comes from." if changed else _HINT
        )
