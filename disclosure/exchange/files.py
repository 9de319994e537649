"""Files that are the old or the new one, never half of one; and reading what others wrote without trusting it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from disclosure.errors import DataError, IntegrityError
from disclosure.texts import text

_CHUNK = 1 << 20


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path` so that a reader, or a crash, sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    sync_directory(path.parent)


def sync_directory(folder: Path) -> None:
    """Make a rename inside `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_regular(path: Path, *, limit: int) -> bytes:
    """Return the bytes of a regular file of at most `limit` bytes; links, devices and pipes are refused unopened.

    The check is made on the open descriptor: a file that is swapped for a link in between cannot get past it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise DataError(
            text("There is no file '{name}'.", name=path.name), hint=text("Check the folder and the name.")
        ) from None
    except OSError:
        raise DataError(
            text("'{name}' cannot be opened as a regular file.", name=path.name), hint=text("Links are refused.")
        ) from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        os.close(handle)
        raise DataError(
            text("'{name}' is not a regular file with one name.", name=path.name), hint=text("Links are refused.")
        )
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise DataError(text("'{name}' is larger than the {limit} bytes allowed.", name=path.name, limit=f"{limit:,}"))
    return data


def file_digest(path: Path) -> str:
    """Return the SHA-256 digest of a file, read in pieces."""
    try:
        with path.open("rb") as stream:
            state = hashlib.sha256()
            while chunk := stream.read(_CHUNK):
                state.update(chunk)
    except OSError:
        raise IntegrityError(text("'{name}' cannot be read.", name=path.name)) from None
    return f"sha256:{state.hexdigest()}"
