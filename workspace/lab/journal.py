"""The log of a team's Lab: what was started, ended and refused, outside the workspace and without a value of a record.

Only fixed sentences go into it. What an attack inside a kernel runs into is a wall of Linux, which tells nobody; what
the browser asks for and does not get, and what is killed, stands here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from disclosure.errors import BadInputError

_SIZE: Final = 4 << 20
_FILES: Final = 3
_APPENDED: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class _LogFile(RotatingFileHandler):
    """A file that is never larger than `_SIZE`, readable for its user only."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - named by the base class
        """Go on without the line: on a full disk people must still be able to end their work in order."""

    def close(self) -> None:
        """Close the file; what could not be written is lost, and nobody is told: the Lab ends as it would have."""
        with contextlib.suppress(OSError):
            super().close()

    def _open(self) -> object:  # type: ignore[override]  # the base class promises a text stream, which this is
        return os.fdopen(os.open(self.baseFilename, _APPENDED, 0o600), "a", encoding="utf-8")


@contextlib.contextmanager
def kept_log(logger: logging.Logger, path: Path | None) -> Iterator[None]:
    """Write what `logger` is told to a file, for as long as this is entered; nothing if there is no path.

    Raises:
        BadInputError: it cannot be written there.
    """
    if path is None:
        yield
        return
    try:
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        handler = _LogFile(path, maxBytes=_SIZE, backupCount=_FILES)
    except OSError:
        raise BadInputError(
            f"The log '{path.name}' cannot be written.",
            hint="Make the team's folder in the folder 'log' of the camp writable for the keeper.",
        ) from None
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
        handler.close()
