"""Run directories: short, private, and gone afterwards, even after a crash.

A kernel talks to its launcher through sockets in a folder that both see. The name of a socket has at most 107 bytes,
so that folder lies directly under the system's temporary folder. Each run holds a lock on its directory for as long
as its process lives; whoever starts the next run removes the directories that nobody locks. They hold no key: what a
kernel must know is handed to its box without touching the disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from disclosure.errors import SealError
from workspace.untrusted import remove_folder

_LONGEST_SOCKET_NAME: Final = 107
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class RunDirectory:
    """A private directory for one run.

    Attributes:
        sockets: the folder in it that the box can write to.

    Raises:
        SealError: there is no place for it that only this user can enter, or its path is too long for a socket.
    """

    def __init__(self) -> None:
        base = _base()
        with _locked(base):
            _sweep(base)
            self.path = base / secrets.token_hex(4)
            self.path.mkdir(mode=0o700)
            self._lock = os.open(self.path, _FOLDER)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._open = True
        self.sockets = self.path / "s"
        self.sockets.mkdir(mode=0o700)

    def address(self) -> str:
        """Return the beginning of the names of the sockets, as the launcher sees them."""
        return str(self.sockets / "k")

    def clear(self) -> None:
        """Remove the sockets of a kernel that has ended, before another is started in its place."""
        for entry in self.sockets.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                _remove(entry)
            else:
                entry.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the directory. Nothing may run in its box any more."""
        if self._open:
            self._open = False
            _remove(self.path)
            os.close(self._lock)


@contextlib.contextmanager
def run_folder(name: str) -> Iterator[str]:
    """Yield a private folder of this name; where its process is killed meanwhile, the next start removes it."""
    directory = RunDirectory()
    try:
        folder = directory.path / name
        folder.mkdir(mode=0o700)
        yield str(folder)
    finally:
        directory.close()


def _base() -> Path:
    base = Path(tempfile.gettempdir(), f"datakamp-{os.geteuid()}")
    if len(os.fsencode(base / "00000000" / "s" / "k-5")) > _LONGEST_SOCKET_NAME:
        raise SealError(
            "The path of the temporary folder is too long for the sockets of a kernel.",
            hint="Set TMPDIR to a folder with a short path.",
        )
    with contextlib.suppress(FileExistsError):
        base.mkdir(mode=0o700)
    status = base.lstat()
    # The name can be guessed: another user may have made it first, to read along.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise SealError(
            f"'{base.name}' in the temporary folder is not a private folder of this user.",
            hint="Remove it, or set TMPDIR to a folder of your own.",
        )
    return base


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, _FOLDER)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sweep(base: Path) -> None:
    for entry in base.iterdir():
        with contextlib.suppress(OSError):  # in use, or removed by its own run at this moment
            handle = os.open(entry, _FOLDER)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(entry)
            finally:
                os.close(handle)


def _remove(folder: Path) -> None:
    # Not by the standard library: a box can nest folders deeper than that one can call itself.
    with contextlib.suppress(OSError):
        remove_folder(folder)
