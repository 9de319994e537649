"""Files that are made once: whole or absent, and never replaced."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disclosure.errors import BadInputError, RefusedError
from disclosure.exchange.files import sync_directory, write_atomically


class ExistsError(RefusedError):
    """The name is taken; what lies there was not touched."""


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder` against everyone who uses this function; the kernel frees it if the process dies."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise BadInputError(f"The folder '{folder.name}' does not exist or cannot be opened.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def create_once(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path`, which must not exist; a crash leaves no file or the whole file.

    A lock and a rename, not a hard link to a temporary name: a process killed between link and unlink would leave a
    file with two names, which `read_regular` refuses.

    Raises:
        ExistsError: `path` exists, also as a link.
        RefusedError: it cannot be written, or not durably.
    """
    with folder_lock(path.parent):
        if os.path.lexists(path):
            raise ExistsError(f"'{path.name}' exists already.", hint="It is never overwritten; choose another name.")
        try:
            write_atomically(path, data, mode=mode)
        except OSError:
            raise RefusedError(
                f"'{path.name}' could not be written.", hint="Is the disk full, or the folder closed?"
            ) from None


def move_once(source: Path, target: Path) -> None:
    """Rename `source` to `target`, which must not exist and lies on the same disk; a crash leaves one of the two.

    Raises:
        ExistsError: `target` exists, also as a link.
        RefusedError: the rename failed.
    """
    with folder_lock(target.parent):
        if os.path.lexists(target):
            raise ExistsError(f"'{target.name}' exists already.", hint="It is never overwritten; move it away.")
        try:
            os.replace(source, target)
            sync_directory(target.parent)
        except OSError:
            raise RefusedError(f"'{target.name}' could not be moved.", hint="Is the folder closed?") from None
