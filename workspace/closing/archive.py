"""The archive of a camp's code: notebooks without what they printed, scripts and texts, each with its digest.

Everything else in a workspace may hold records, and is not kept.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import nbformat

from disclosure.errors import BadInputError, DataError, DatakampError
from disclosure.exchange.camp import FILE, CampFile
from disclosure.exchange.camp_late import FOLDER as LATE
from disclosure.exchange.canonical import canonical_json, digest, parse_json
from disclosure.exchange.files import read_regular, sync_directory, write_atomically
from disclosure.exchange.incidents import FOLDER as INCIDENTS
from workspace.isolation.client import read_notebook
from workspace.preparation.briefing import FOLDER as BRIEFING
from workspace.preparation.prepare import RECORD as PREPARED
from workspace.untrusted import entry_names, opened_folder

MANIFEST: Final = "archive.json"
WORKSPACES: Final = "workspaces"
VERSION: Final = 1
_CODE: Final = (".ipynb", ".py", ".r", ".rmd", ".qmd", ".md", ".sql", ".sh")
_LARGEST: Final = 64 << 20
_MOST: Final = 100_000
_DEEPEST: Final = 40
_LONGEST: Final = 1_024
_LONGEST_NAME: Final = 255


@dataclass(frozen=True)
class Code:
    """A file of code below a folder, or a folder in which there may be some that could not be looked into."""

    path: str
    """Where it lies, steps divided by '/', with a percent sign and two digits for a byte that a list cannot carry; a
    folder's path ends with '/'."""
    data: bytes | None
    """What it holds, of a notebook without what it printed; None if it cannot be archived."""
    is_link: bool = False
    """Whether it only leads elsewhere, so that nothing is lost with it."""


def code_in(folder: Path) -> Iterator[Code]:
    """Yield the code below a folder that untrusted code wrote to.

    What has a notebook's name and is none is yielded as it is: it may be one that was cut off.
    """
    for steps, is_file in _found(folder, ()):
        path = "/".join(_plain(step) for step in steps)
        if not is_file:
            yield Code(f"{path}/", None)
            continue
        data, is_link = None, False
        with contextlib.suppress(DatakampError, OSError), opened_folder(folder, *steps[:-1]) as within:
            is_link = (within / steps[-1]).is_symlink()
            data = read_regular(within / steps[-1], limit=_LARGEST)
        if data is None or len(path) > _LONGEST or any(len(one) > _LONGEST_NAME for one in path.split("/")):
            yield Code(path, None, is_link)
        else:
            yield Code(path, _without_outputs(data) if path.lower().endswith(".ipynb") else data)


def archive_code(camp: CampFile, into: Path) -> dict[str, str]:
    """Copy the code of all teams, and what the camp was prepared with, into a new folder; return digests by name.

    The folder appears whole or not at all. One that is there already is checked, and returned.

    Raises:
        BadInputError: it cannot be written.
        DataError: one that is there is not what its list says.
    """
    if into.exists():
        return checked_archive(into)
    aside = into.with_name(f".{into.name}")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        digests = {}
        for name, data in _archived(camp):
            place = aside / name
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place, data)
            digests[name] = digest(data)
        document = {"schema": VERSION, "camp": camp.name, "files": digests}
        write_atomically(aside / MANIFEST, canonical_json(document))
        aside.rename(into)
        sync_directory(into.parent)
    except OSError:
        raise BadInputError("The archive cannot be written.", hint="Is the disk full?") from None
    return checked_archive(into)


def checked_archive(folder: Path) -> dict[str, str]:
    """Return the digests of an archive, each file read again.

    Raises:
        DataError: a file is missing, or is not what the list says.
    """
    unreadable = DataError("The archive cannot be read as it was written.", hint="Nothing more was wiped.")
    try:
        document: Any = parse_json(read_regular(folder / MANIFEST, limit=_LARGEST), what="the archive's list")
        digests = {str(name): str(value) for name, value in document["files"].items()}
        found = {name: digest(read_regular(folder / name, limit=_LARGEST)) for name in digests}
    except (OSError, KeyError, TypeError, AttributeError, BadInputError):
        raise unreadable from None
    if found != digests:
        raise unreadable
    return digests


def _archived(camp: CampFile) -> Iterator[tuple[str, bytes]]:
    # Of every folder there, not only of the teams in camp.toml: one may have left, and its folder is wiped as well.
    for code in code_in(camp.folder / WORKSPACES):
        if code.data is not None:
            yield f"code/{code.path}", code.data
    for name in (FILE, PREPARED, camp.statement):
        if name and (camp.folder / name).is_file():
            yield f"camp/{name}", read_regular(camp.folder / name, limit=_LARGEST)
    for folder in (
        camp.folder / BRIEFING,
        camp.folder / INCIDENTS,
        camp.folder / LATE,
        *sorted((camp.folder / "log").glob("*")),
    ):
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.is_file() and not file.is_symlink():
                yield f"camp/{file.relative_to(camp.folder)}", read_regular(file, limit=_LARGEST)


def _found(root: Path, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield the steps to each file of code, with True, and to each folder that cannot be looked into, with False."""
    try:
        with opened_folder(root, *steps) as folder:
            names = entry_names(folder, limit=_MOST)
            folders = {name for name in names if (folder / name).is_dir() and not (folder / name).is_symlink()}
    except (DataError, OSError):
        yield steps, False
        return
    for name in names:
        if name not in folders:
            if name.lower().endswith(_CODE):
                yield (*steps, name), True
        elif len(steps) < _DEEPEST:
            yield from _found(root, (*steps, name))
        else:
            yield (*steps, name), False


def _plain(name: str) -> str:
    """Return a name as a list and a terminal can carry it; two names never become one."""
    return name if name.isprintable() and "%" not in name else quote(os.fsencode(name), safe=" ")


def _without_outputs(data: bytes) -> bytes:
    try:
        document = read_notebook(data, what="a notebook")
    except DatakampError:
        return data
    kept = ("kernelspec", "language_info")
    document.metadata = {key: document.metadata[key] for key in kept if key in document.metadata}
    for cell in document.cells:
        cell.pop("attachments", None)
        cell.pop("id", None)
    # Whoever reads a cell without an id gives it a random one. Without ids the same notebook is the same bytes.
    document.nbformat_minor = 4
    return str(nbformat.writes(document)).encode("utf-8", "replace")  # type: ignore[no-untyped-call]
