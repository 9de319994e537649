"""The Debian packages of a bundle: what the named ones need on a machine that has none, each with its digest.

apt resolves and fetches them, from the sources and by the keys that this machine's administrator trusts, as if nothing
were installed here: so the answer does not depend on what this machine happens to have. Nothing is installed.

    system/*.deb      the packages
    system/Packages   apt's index of that folder, which makes it a source to install from
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from disclosure.errors import BadInputError, ExecutionError
from disclosure.exchange.files import file_digest
from workspace.bundle_parts import VENV, Part, Progress, silent

SYSTEM: Final = "system"
INDEX: Final = "Packages"

_LINE: Final = re.compile(r"'(?P<uri>[^']+)' \S+ (?P<size>\d+) SHA256:(?P<digest>[0-9a-f]{64})")
_FILE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]*_[A-Za-z0-9+.~-]+_[a-z0-9-]+\.deb")
_FIELDS: Final = ("Package", "Version", "Architecture")
_INSTALL: Final = ("apt-get", "install", "--yes")
_UPDATE: Final = "Run `apt-get update` as root first, or leave them out: --parts python."


@dataclass(frozen=True)
class DebianFile:
    """A package as apt would fetch it: its file, and size in bytes and digest as the signed index has them."""

    uri: str
    file: str
    size: int
    digest: str


@dataclass(frozen=True)
class Closure:
    """All that a machine needs for some parts.

    Attributes:
        release: the system that they are for, such as "debian bookworm".
        architecture: such as "amd64".
        named: the packages that each part names, without those that this system does not know.
        files: these and all that they need.
    """

    release: str
    architecture: str
    named: tuple[tuple[Part, tuple[str, ...]], ...]
    files: tuple[DebianFile, ...]

    @property
    def size(self) -> int:
        """The bytes to fetch."""
        return sum(one.size for one in self.files)


@dataclass(frozen=True)
class DebianPackage:
    """A package that was fetched and is the one that the index names."""

    name: str
    version: str
    architecture: str
    file: str
    size: int
    digest: str

    def to_document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        return asdict(self)


def resolve(parts: Iterable[Part]) -> Closure:
    """Return what a machine without anything would need for these parts.

    Raises:
        BadInputError: this machine has no apt.
        ExecutionError: apt does not know a package, or has no SHA-256 digest of one.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        told = [one for one in parts if one.debian]
        raise BadInputError(
            f"The parts {', '.join(told)} are Debian packages, and this machine has no apt.",
            hint="Make the bundle on a Debian or Ubuntu like the one it is for; or take --parts python, and install "
            f"there by the system's own means: {', '.join(name for one in told for name in one.debian)}.",
        )
    with _nothing_installed() as options:
        named = tuple((one, _known(one.debian, options)) for one in parts if one.debian)
        said = _apt(
            [*options, "--print-uris", "-qq", *(name for _, names in named for name in names)],
            "The Debian packages could not be resolved.",
        )
    files = tuple(map(_read, said.decode("utf-8", "replace").splitlines()))
    if not files or len({one.file for one in files}) != len(files):
        raise ExecutionError("apt names no packages, or one twice.", hint=_UPDATE)
    return Closure(_release(), _architecture(), named, tuple(sorted(files, key=lambda one: one.file)))


def fetch(closure: Closure, folder: Path, *, progress: Progress = silent) -> tuple[DebianPackage, ...]:
    """Fetch what was resolved into `folder`, with an index, and return it.

    Raises:
        ExecutionError: a package could not be fetched or is not the one that was resolved.
    """
    folder.mkdir()
    names = [name for _, some in closure.named for name in some]
    with _nothing_installed() as options, tempfile.TemporaryDirectory(dir=folder.parent) as cache:
        (Path(cache) / "partial").mkdir()
        wanted = [*options, "-o", f"Dir::Cache::archives={cache}", "--download-only", "-qq", *names]
        _apt(wanted, "The Debian packages could not be fetched.", progress=progress)
        # apt writes the epoch of a version into the file's name; the archive, and we, leave it out.
        fetched = {re.sub(r"_\d+%3a", "_", one.name): one for one in Path(cache).glob("*.deb")}
        for one in closure.files:
            address, target = urlsplit(one.uri), folder / one.file
            if one.file in fetched:
                fetched[one.file].rename(target)
            elif address.scheme == "file":  # apt leaves these where they are
                shutil.copyfile(unquote(address.path), target)
            if not target.is_file() or file_digest(target) != one.digest:
                raise ExecutionError(
                    f"'{one.file}' is not the package that the index names, or was not fetched.", hint=_UPDATE
                )
    packages = []
    with (folder / INDEX).open("wb") as index:
        for one in closure.files:
            control = _run(["dpkg-deb", "--field", str(folder / one.file)], f"'{one.file}' is not a Debian package.")
            name, version, architecture = (_field(control, field) for field in _FIELDS)
            packages.append(DebianPackage(name, version, architecture, one.file, one.size, one.digest))
            told = f"Filename: ./{one.file}\nSize: {one.size}\nSHA256: {one.digest.removeprefix('sha256:')}\n\n"
            index.write(control.rstrip(b"\n") + b"\n" + told.encode("ascii"))
    return tuple(packages)


@contextmanager
def _nothing_installed() -> Iterator[list[str]]:
    """Yield apt's options for a machine on which nothing is installed; its sources and keys stay this machine's."""
    with tempfile.TemporaryDirectory(prefix="datakamp-apt-") as name:
        state = Path(name)
        (state / "status").touch()
        settings = {
            "Dir::State::status": state / "status", "Dir::State::extended_states": state / "extended",
            "Dir::Cache": state, "Dir::Cache::archives": state, "Acquire::ForceHash": "SHA256",
            "APT::Install-Recommends": "false", "APT::Install-Suggests": "false",
            "APT::Get::AllowUnauthenticated": "false",
        }  # fmt: skip
        yield [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def _apt(arguments: Sequence[str], doing: str, *, progress: Progress | None = None) -> bytes:
    """Run apt-get install and return what it said; how far it is, in percent, is told."""
    if progress is None:
        return _run([*_INSTALL, *arguments], doing)
    reading, writing = os.pipe()
    command = [*_INSTALL, *arguments, "-o", f"APT::Status-Fd={writing}"]
    with os.fdopen(reading, "rb") as told:
        try:
            running = subprocess.Popen(
                command, pass_fds=[writing], env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            raise ExecutionError(doing, hint=_UPDATE) from None
        finally:
            os.close(writing)
        with running:
            for line in told:
                if found := re.match(rb"dlstatus:\d+:(\d+)", line):
                    progress("Debian packages", int(found[1]), 100)
    if running.returncode != 0:
        raise ExecutionError(doing, hint=_UPDATE)
    progress("Debian packages", 100, 100)
    return b""


def _run(command: Sequence[str], doing: str) -> bytes:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=_environment(), timeout=300, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise ExecutionError(doing, hint=_UPDATE) from None
    if done.returncode != 0:
        lacking = re.findall(rb"E: Unable to locate package (\S+)", done.stderr)
        told = f" apt does not know: {b', '.join(lacking).decode('ascii', 'replace')}." if lacking else ""
        raise ExecutionError(doing + told, hint=_UPDATE)
    return done.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}


def _known(names: tuple[str, ...], options: Sequence[str]) -> tuple[str, ...]:
    """Return these without Python's venv, where this system has another Python; install.sh then asks for one."""
    if VENV not in names:
        return names
    try:
        _run(["apt-cache", *options, "show", VENV], "")
    except ExecutionError:
        return tuple(name for name in names if name != VENV)
    return names


def _read(line: str) -> DebianFile:
    found = _LINE.fullmatch(line.strip())
    file = unquote(urlsplit(found["uri"]).path.rpartition("/")[2]) if found else ""
    if found is None or not _FILE.fullmatch(file):
        raise ExecutionError("apt names a package without a SHA-256 digest, or with a strange name.", hint=_UPDATE)
    return DebianFile(found["uri"], file, int(found["size"]), f"sha256:{found['digest']}")


def _field(control: bytes, name: str) -> str:
    found = re.search(rf"^{name}: (\S+)$".encode(), control, re.MULTILINE)
    if found is None:
        raise ExecutionError(f"A Debian package has no field '{name}'.", hint=_UPDATE)
    return found[1].decode("ascii", "replace")


def _architecture() -> str:
    return _run(["dpkg", "--print-architecture"], "dpkg does not tell this machine's architecture.").decode().strip()


def _release() -> str:
    """Return this system as install.sh names the one that it runs on."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        told = {}
    return f"{told.get('ID', 'linux')} {told.get('VERSION_CODENAME', '')}".strip()
