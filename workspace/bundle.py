"""Everything that installs Datakamp on a machine without network, in one folder with the digest of each file.

    wheels/            Datakamp and every package that it needs, each at its locked version
    requirements.txt   the same, pinned to the digests of those files
    system/            Debian packages with all that they need: bubblewrap, Python's venv, R, chromium, fonts
    manifest.json      what it is for, the version of each Debian package, and the digest of every file
    SHA256SUMS         the digests for sha256sum
    install.sh         installs all of it, or the parts that are asked for

Packages come through pip and apt as this machine is set up to use them: wheels are held against the hashes of the lock,
Debian packages against those of apt's signed index.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import file_digest
from workspace.bundle_debian import SYSTEM, Closure, DebianPackage, fetch, resolve
from workspace.bundle_parts import Part, Progress, silent
from workspace.bundle_script import install_script
from workspace.bundle_wheels import WHEELS, LockEntry, fetch_wheels, lock_entries, unpacked_size
from workspace.closure import PRODUCT, needed_names

VERSION: Final = 2
MANIFEST, SUMS, REQUIREMENTS, SCRIPT = "manifest.json", "SHA256SUMS", "requirements.txt", "install.sh"

_MIB: Final = 1 << 20


@dataclass(frozen=True)
class Plan:
    """What a bundle will hold.

    Attributes:
        tree: the source tree.
        entries: of the lock, to take; none without Python's part.
        unpacked: the bytes that they take here as installed, which is more than they take as wheels.
        closure: the Debian packages; None if no part has any.
    """

    tree: Path
    parts: tuple[Part, ...]
    entries: tuple[LockEntry, ...]
    unpacked: int
    closure: Closure | None

    @property
    def size(self) -> int:
        """The bytes that it needs at most on the disk."""
        return self.unpacked + (self.closure.size if self.closure else 0)

    def sentences(self) -> tuple[str, ...]:
        """Return what will be fetched and how much it is, for people."""
        said = []
        if self.entries:
            said.append(f"Python packages: {len(self.entries)}, at most about {self.unpacked / _MIB:.0f} MiB.")
        if self.closure is not None:
            debian = self.closure
            told = f"Debian packages for {debian.release} ({debian.architecture})"
            said.append(f"{told}: {len(debian.files)}, {debian.size / _MIB:.0f} MiB.")
        return tuple(said)


@dataclass(frozen=True)
class Bundle:
    """A bundle that was made: how many wheels and Debian packages, and bytes in all."""

    folder: Path
    wheels: int
    system: int
    size: int


def plan_bundle(
    parts: tuple[Part, ...] = tuple(Part), *, root: Path | None = None, names: frozenset[str] | None = None
) -> Plan:
    """Return what a bundle of these parts will hold; nothing is fetched.

    Args:
        root: the source tree with its lock; the one that this runs from if None.
        names: the packages to take from the lock; what the installed Datakamp needs if None.

    Raises:
        BadInputError: this does not run from a source tree, or a part cannot be made on this machine.
        ExecutionError: apt does not know a package.
    """
    tree = Path(__file__).resolve().parents[1] if root is None else root
    lock = tree / "requirements" / "lock.txt"
    entries: tuple[LockEntry, ...] = ()
    unpacked = 0
    if Part.PYTHON in parts:
        if not lock.is_file() or not (tree / "pyproject.toml").is_file():
            raise BadInputError("A bundle is made from the source tree.", hint="Run this there.")
        wanted = needed_names(any_patch=True) if names is None else names
        if names is None and not wanted:
            raise BadInputError("Datakamp itself is not installed here.", hint="Run `make setup` first.")
        entries, unpacked = lock_entries(lock.read_text(encoding="utf-8"), wanted), unpacked_size(wanted)
    closure = resolve(parts) if any(one.debian for one in parts) else None
    return Plan(tree, parts, entries, unpacked, closure)


def make_bundle(folder: Path, plan: Plan, *, progress: Progress = silent) -> Bundle:
    """Make a planned bundle in `folder`, which is not there yet: whole or not at all.

    Raises:
        BadInputError: the folder is there, or its disk has no room.
        ExecutionError: a package could not be fetched, or is not the one that the lock or apt's index names.
    """
    refuse_what_is_there(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder.parent).free
        if free < plan.size:
            raise BadInputError(
                f"The bundle takes up to {plan.size / _MIB:.0f} MiB, and its disk has {free / _MIB:.0f} MiB free.",
                hint="Name a folder on another disk, or fewer --parts.",
            )
        aside = Path(tempfile.mkdtemp(prefix=".bundle-", dir=folder.parent))
    except OSError:
        raise BadInputError(f"'{folder.name}' cannot be made.") from None
    try:
        debs = () if plan.closure is None else fetch(plan.closure, aside / SYSTEM, progress=progress)
        if plan.entries:
            requirements = fetch_wheels(plan.tree, plan.entries, aside, progress=progress)
            (aside / REQUIREMENTS).write_text(requirements, encoding="ascii")
        bundle = _finish(aside, folder, plan, debs)
        aside.chmod(0o755)
        aside.rename(folder)
    except OSError:
        raise ExecutionError("The bundle could not be written.", hint="Is the disk full?") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return bundle


def refuse_what_is_there(folder: Path) -> None:
    """Refuse a folder that is there, which may hold what somebody needs.

    Raises:
        BadInputError: it is there.
    """
    if os.path.lexists(folder):
        raise BadInputError(f"'{folder.name}' is there already.", hint="Name a folder that is not.")


def sums_digest(folder: Path) -> str:
    """Return the digest of a bundle's sums: one text to compare, told by another way than the bundle itself."""
    return hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()


def _finish(aside: Path, folder: Path, plan: Plan, debs: tuple[DebianPackage, ...]) -> Bundle:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    script = install_script(plan.parts, plan.closure, python=python, platform=sysconfig.get_platform())
    (aside / SCRIPT).write_bytes(script)
    files = {str(one.relative_to(aside)): file_digest(one) for one in sorted(aside.rglob("*")) if one.is_file()}
    document: dict[str, Any] = {
        "version": VERSION, "product": PRODUCT, "parts": [one.value for one in plan.parts], "python": python,
        "platform": sysconfig.get_platform(), "system": _system_document(plan.closure, debs), "files": files,
    }  # fmt: skip
    (aside / MANIFEST).write_bytes(canonical_json(document))
    sums = files | {MANIFEST: file_digest(aside / MANIFEST)}
    told = "".join(f"{value.removeprefix('sha256:')}  {name}\n" for name, value in sums.items())
    (aside / SUMS).write_text(told, encoding="utf-8")
    size = sum(one.stat().st_size for one in aside.rglob("*") if one.is_file())
    return Bundle(folder, len(list(aside.glob(f"{WHEELS}/*.whl"))), len(debs), size)


def _system_document(closure: Closure | None, debs: tuple[DebianPackage, ...]) -> dict[str, Any] | None:
    if closure is None:
        return None
    return {
        "release": closure.release, "architecture": closure.architecture,
        "named": {part.value: list(names) for part, names in closure.named},
        "packages": [one.to_document() for one in debs],
    }  # fmt: skip
