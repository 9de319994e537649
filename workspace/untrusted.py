"""Reading folders that a team's code can write to, and may be writing to at this moment.

Every folder on the way is opened without following a link, and what is read is reached through the open descriptor:
whoever swaps a folder or a file for a link in between finds that the reader stays where it was.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from disclosure.errors import DataError
from disclosure.exchange.files import sync_directory

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK: Final = 1 << 20


@contextlib.contextmanager
def opened_folder(root: Path, *steps: str) -> Iterator[Path]:
    """Yield a path to the folder `steps` below `root` that stays that folder while it is open.

    Raises:
        DataError: `root`, or one of the steps, is a link, no folder, or absent.
    """
    handle, name = -1, root.name
    try:
        handle = os.open(root, _FOLDER)
        for name in steps:
            inner = os.open(name, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = inner
    except OSError:
        if handle >= 0:
            os.close(handle)
        raise DataError(f"'{name}' is not a folder that can be opened.", hint="Links are refused.") from None
    try:
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def entry_names(folder: Path, *, limit: int) -> tuple[str, ...]:
    """Return the names of everything in a folder, hidden or not, in order.

    Raises:
        DataError: there are more than `limit`.
    """
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            names.append(entry.name)
            if len(names) > limit:
                raise DataError(f"A folder holds more than the {limit:,} files allowed.")
    return tuple(sorted(names))


@contextlib.contextmanager
def opened_regular(path: Path) -> Iterator[BinaryIO]:
    """Yield a regular file open for reading; a link, device, pipe, folder or second name is a `DataError`."""
    try:
        handle = os.open(path, _FILE)
    except OSError:
        raise DataError(f"'{path.name}' cannot be opened as a regular file.", hint="Links are refused.") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise DataError(f"'{path.name}' is not a regular file with one name.", hint="Links are refused.")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            yield stream
    finally:
        os.close(handle)


def copy_regular(source: Path, target: Path, *, limit: int, mode: int = 0o644) -> int:
    """Copy a regular file of at most `limit` bytes to `target`, which must not exist, and return its size.

    Raises:
        DataError: it is a link, device, pipe or folder, has a second name, or is larger; no target is left.
    """
    with opened_regular(source) as stream:
        try:
            with target.open("xb") as copy:
                os.fchmod(copy.fileno(), mode)
                copied = _pour(stream, copy, limit)
                if copied > limit:
                    raise DataError(f"'{source.name}' is larger than the {limit:,} bytes allowed.")
                copy.flush()
                os.fsync(copy.fileno())
        except FileExistsError:
            raise DataError(f"There is a file '{target.name}' already.") from None
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    sync_directory(target.parent)
    return copied


def _pour(stream: BinaryIO, copy: BinaryIO, limit: int) -> int:
    """Copy until the end, or until more than `limit` bytes are there, and return how many."""
    copied = 0
    while copied <= limit and (chunk := stream.read(min(_CHUNK, limit + 1 - copied))):
        copy.write(chunk)
        copied += len(chunk)
    return copied


@dataclass(frozen=True)
class Removed:
    """How much was removed: regular files and other entries that are no folders, and the bytes of all of them."""

    files: int
    bytes: int

    def __add__(self, other: Removed) -> Removed:
        return Removed(self.files + other.files, self.bytes + other.bytes)


def remove_folder(folder: Path) -> Removed:
    """Remove a folder that untrusted code wrote to and that nothing uses any more; return how much that was.

    Whatever it did: folders without permissions keep nothing, and ones nested deeper than a program can call itself
    are lifted to the top one by one.

    Raises:
        OSError: something could not be removed.
    """
    folder.chmod(0o700)
    top = os.open(folder, _FOLDER)
    try:
        prefix, lifted = secrets.token_hex(8), 0  # names that the code did not know
        names, removed = _emptied(top)
        while names:
            for name in names:
                inner = os.open(name, _FOLDER, dir_fd=top)
                try:
                    deeper, more = _emptied(inner)
                    removed += more
                    for one in deeper:
                        lifted += 1
                        os.rename(one, f"{prefix}-{lifted}", src_dir_fd=inner, dst_dir_fd=top)
                finally:
                    os.close(inner)
                os.rmdir(name, dir_fd=top)
            names, more = _emptied(top)
            removed += more
    finally:
        os.close(top)
    folder.rmdir()
    return removed


def _emptied(folder: int) -> tuple[tuple[str, ...], Removed]:
    """Remove everything but folders from an open folder; return the names of the folders, made accessible."""
    with os.scandir(folder) as entries:
        kinds = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    files = size = 0
    for name, is_folder in kinds:
        if is_folder:
            os.chmod(name, 0o700, dir_fd=folder)
        else:
            files, size = files + 1, size + os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
            os.unlink(name, dir_fd=folder)
    return tuple(name for name, is_folder in kinds if is_folder), Removed(files, size)
