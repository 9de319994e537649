"""Everything that installs Datakamp on a machine without network, in one folder with the digest of each file.

    wheels/            Datakamp and every package that it needs, each at its locked version
    requirements.txt   the same, pinned to the digests of those files
    system/            bubblewrap and its libraries as Debian packages, where apt is there, and a list of what helps
    manifest.json      what it is for, and the digest of every file;  SHA256SUMS  the same for sha256sum
    install.sh         installs all of it

Packages come through pip and apt as this machine is set up to use them, and are held against the hashes of the lock.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.canonical import canonical_json
from disclosure.exchange.files import file_digest
from workspace.bundle_script import install_script
from workspace.closure import PRODUCT, needed_names

VERSION: Final = 1
MANIFEST, SUMS, REQUIREMENTS, SCRIPT = "manifest.json", "SHA256SUMS", "requirements.txt", "install.sh"
DEBIAN_PACKAGES: Final = ("bubblewrap", "libcap2", "libselinux1")
OTHER_PACKAGES: Final = ("python3-venv", "chromium", "fonts-dejavu", "r-cran-irkernel")

_SOURCE: Final = (
    "datakamp.py", "disclosure", "workspace", "output_review", "notebooks", "templates", "requirements",
    "pyproject.toml", "README.md", "LICENSE",
)  # fmt: skip
_SECONDS: Final = 3600
_APT_SECONDS: Final = 600


@dataclass(frozen=True)
class Bundle:
    """A bundle that was made: how many wheels and system packages, and bytes in all."""

    folder: Path
    wheels: int
    system: int
    size: int


def make_bundle(
    folder: Path, *, root: Path | None = None, system: bool = True, names: frozenset[str] | None = None
) -> Bundle:
    """Make a bundle in `folder`, whole or not at all.

    Args:
        folder: is not there yet.
        root: the source tree with its lock; the one that this runs from if None.
        system: fetch bubblewrap's Debian packages too, where apt is there.
        names: the packages to take from the lock; what the installed Datakamp needs if None.

    Raises:
        BadInputError: the folder is there, or this does not run from a source tree.
        ExecutionError: a package could not be fetched or is not the one that the lock names.
    """
    tree = Path(__file__).resolve().parents[1] if root is None else root
    lock = tree / "requirements" / "lock.txt"
    if not lock.is_file() or not (tree / "pyproject.toml").is_file():
        raise BadInputError("A bundle is made from the source tree.", hint="Run this there.")
    if os.path.lexists(folder):
        raise BadInputError(f"'{folder.name}' is there already.", hint="Name a folder that is not.")
    wanted = needed_names() if names is None else names
    if names is None and not wanted:
        raise BadInputError("Datakamp itself is not installed here.", hint="Run `make setup` first.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".bundle-", dir=folder.parent))
    except OSError:
        raise BadInputError(f"'{folder.name}' cannot be made.") from None
    try:
        _fetch_wheels(lock, wanted, aside)
        _own_wheel(tree, aside)
        debs = _fetch_system(aside) if system else 0
        bundle = _finish(aside, folder, debs)
        aside.chmod(0o755)
        aside.rename(folder)
    except OSError:
        raise ExecutionError("The bundle could not be written.", hint="Is the disk full?") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return bundle


def lock_part(text: str, names: frozenset[str]) -> str:
    """Return the entries of a lock for these packages, hashes included.

    Raises:
        BadInputError: the lock lacks one of them.
    """
    kept: list[str] = []
    found: set[str] = set()
    keep = False
    for line in text.splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            requirement = Requirement(line.rstrip("\\ "))
            name = canonicalize_name(requirement.name)
            here = requirement.marker is None or requirement.marker.evaluate()
            keep = name in names and here
            found |= {name} if keep else set()
        if keep and not line.lstrip().startswith("#"):
            kept.append(line)
    absent = sorted(names - found)
    if absent:
        raise BadInputError(f"The lock lacks {', '.join(absent[:8])}.", hint="Run `make lock`, then `make setup`.")
    return "\n".join(kept) + "\n"


def _fetch_wheels(lock: Path, names: frozenset[str], aside: Path) -> None:
    part = aside / "part.txt"
    part.write_text(lock_part(lock.read_text(encoding="utf-8"), names), encoding="utf-8")
    _pip(
        "wheel", "--require-hashes", "--no-deps", "--no-build-isolation", "--wheel-dir", str(aside / "wheels"),
        "--requirement", str(part), doing="The packages of the lock could not be fetched.",
    )  # fmt: skip
    part.unlink()


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
        "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(aside / "wheels"), str(copy),
        doing="Datakamp's own wheel could not be built.",
    )  # fmt: skip
    shutil.rmtree(copy)


def _pip(*arguments: str, doing: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments, "--quiet"]
    hint = "Is the package registry that pip is set up to use within reach? Try again when it is."
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise ExecutionError(doing, hint=hint) from None
    if done.returncode != 0:
        if b"DO NOT MATCH THE HASHES" in done.stderr:
            hint = "A file is not the one that the lock names. Find out where it comes from."
        raise ExecutionError(doing, hint=hint)


def _fetch_system(aside: Path) -> int:
    """Fetch bubblewrap's packages and return how many there are; none on a system without apt."""
    folder = aside / "system"
    folder.mkdir()
    listed = "\n".join((*DEBIAN_PACKAGES, *OTHER_PACKAGES))
    (folder / "packages.txt").write_text(f"{listed}\n", encoding="ascii")
    program = shutil.which("apt-get")
    if program is None:
        return 0
    try:
        done = subprocess.run(
            [program, "download", *DEBIAN_PACKAGES], cwd=folder, capture_output=True, timeout=_APT_SECONDS, check=False
        )
        failed = done.returncode != 0
    except (OSError, subprocess.TimeoutExpired):
        failed = True
    found = len(list(folder.glob("*.deb")))
    if failed or found < len(DEBIAN_PACKAGES):
        raise ExecutionError(
            "The Debian packages of bubblewrap could not be fetched.",
            hint="Run `apt-get update` as root first, or leave them out with --without-system.",
        )
    return found


def _finish(aside: Path, folder: Path, debs: int) -> Bundle:
    wheels = sorted((aside / "wheels").glob("*.whl"))
    lines = []
    for wheel in wheels:
        name, version, _, _ = parse_wheel_filename(wheel.name)
        lines.append(f"{name}=={version} --hash={file_digest(wheel)}")
    (aside / REQUIREMENTS).write_text("\n".join(lines) + "\n", encoding="ascii")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    (aside / SCRIPT).write_bytes(install_script(python=python, platform=sysconfig.get_platform()))
    files = {str(one.relative_to(aside)): file_digest(one) for one in sorted(aside.rglob("*")) if one.is_file()}
    document = {
        "version": VERSION, "product": PRODUCT, "python": python, "platform": sysconfig.get_platform(), "files": files,
    }  # fmt: skip
    (aside / MANIFEST).write_bytes(canonical_json(document))
    sums = files | {MANIFEST: file_digest(aside / MANIFEST)}
    told = "".join(f"{value.removeprefix('sha256:')}  {name}\n" for name, value in sums.items())
    (aside / SUMS).write_text(told, encoding="utf-8")
    size = sum(one.stat().st_size for one in aside.rglob("*") if one.is_file())
    return Bundle(folder, len(wheels), debs, size)


def sums_digest(folder: Path) -> str:
    """Return the digest of a bundle's sums: one text to compare, told by another way than the bundle itself."""
    return hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()
