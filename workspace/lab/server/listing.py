"""What the browser is shown of a folder: looked at once, in a thread, so that nobody waits for a folder of many files.

Jupyter makes a description of each file by itself, with an event for each. For thirty thousand files that takes a
minute, in which the server is slow for everybody; and JupyterLab asks again every ten seconds.
"""

from __future__ import annotations

import heapq
import mimetypes
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

MOST_LISTED: Final = 2_000
"""Entries of a folder that are shown: folders before files, by name."""

_SHOWN: Final = (stat.S_ISLNK, stat.S_ISREG, stat.S_ISDIR)
_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


def listed(
    folder: Path, path: str, *, root: str, should_list: Callable[[str], bool], most: int = MOST_LISTED
) -> list[dict[str, Any]]:
    """Return what there is in a folder, as Jupyter describes it; without what is hidden or leads out of `root`.

    Of more than `most` one more entry says how many there are; JupyterLab shows it before other files.

    Args:
        path: of the folder, as the browser knows it.
        root: the real path of the workspace.
        should_list: says of a name whether it is shown.

    Raises:
        OSError: the folder cannot be read.
    """
    found, count = [], 0

    def entries() -> Iterator[tuple[bool, str, os.DirEntry[str]]]:
        nonlocal count
        with os.scandir(folder) as held:
            for entry in held:
                if not entry.name.startswith(".") and should_list(entry.name):
                    count += 1
                    yield not _is_folder(entry), entry.name, entry

    for _, name, entry in heapq.nsmallest(most, entries(), key=lambda one: one[:2]):
        described = _described(entry, f"{path}/{name}".strip("/"), root)
        if described is not None:
            found.append(described)
    if count > most:
        name = f"~ {most:,} of {count:,} are shown"
        found.append(_entry(name, f"{path}/{name}".strip("/"), "file", folder.stat(), writable=False))
    return found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _described(entry: os.DirEntry[str], path: str, root: str) -> dict[str, Any] | None:
    """Return what is shown of an entry; None for what is no file or folder, is gone, closed, or leads out."""
    try:
        status = entry.stat(follow_symlinks=False)
        if not any(kind(status.st_mode) for kind in _SHOWN):
            return None
        if entry.is_symlink() and not os.path.realpath(entry.path).startswith(root + os.sep):
            return None
        if entry.is_dir():
            if not os.access(entry.path, os.X_OK | os.R_OK):
                return None
            kind = "directory"
        else:
            kind = "notebook" if entry.name.endswith(".ipynb") else "file"
        return _entry(entry.name, path, kind, status, writable=os.access(entry.path, os.W_OK))
    except OSError:
        return None


def _entry(name: str, path: str, kind: str, status: os.stat_result, *, writable: bool) -> dict[str, Any]:
    return {
        "name": name,
        "path": path,
        "last_modified": _time(status.st_mtime),
        "created": _time(status.st_ctime),
        "content": None,
        "format": None,
        "mimetype": mimetypes.guess_type(name)[0] if kind == "file" else None,
        "size": None if kind == "directory" else status.st_size,
        "writable": writable,
        "hash": None,
        "hash_algorithm": None,
        "type": kind,
    }


def _time(seconds: float) -> datetime:
    """Return a time; whoever made the file may have given it one that there is not."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return _BEGIN
