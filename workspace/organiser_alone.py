"""An organiser's commands that change a camp's own files: one at a time, whoever calls them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from disclosure.errors import DocumentError, StateError
from disclosure.exchange.camp import FILE

_STEP: Final = 0.05


@contextlib.contextmanager
def alone(folder: Path, *, patience: float = 0.0) -> Iterator[None]:
    """Hold a camp's folder alone; a process that ends, however it ends, lets it go.

    Args:
        patience: seconds to wait for another command that holds it.

    Raises:
        DocumentError: there is no such folder, or it cannot be read.
        StateError: another command holds it for longer, or its file system lets nobody hold it.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise DocumentError(f"There is no camp in '{folder.name}'.", hint=f"A camp has a {FILE}.") from None
    except OSError:
        raise DocumentError(
            f"The camp's folder '{folder.name}' cannot be read.", hint="Give this command as the user whose it is."
        ) from None
    try:
        until = time.monotonic() + patience
        while not _held(handle):
            if time.monotonic() >= until:
                raise StateError(
                    "Another command is preparing, changing or closing this camp.",
                    hint="Wait until it has ended; then do this again.",
                )
            time.sleep(_STEP)
        yield
    finally:
        os.close(handle)


def _held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        raise StateError(
            "The camp's folder cannot be held by one command alone.",
            hint="Put the camp on a file system with locks, such as a disk of this machine.",
        ) from None
    return True
