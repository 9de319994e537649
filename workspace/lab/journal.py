"""The log of a team's Lab: what was started, ended and refused, outside the workspace and without a value of a record.

Only fixed sentences go into it. What an attack inside a kernel runs into is a wall of Linux, which tells nobody; what
the browser asks for and does not get, and what is killed, stands here. A file of a limited size keeps what is newest:
who asks for the same closed thing again and again would push out what stood there before, so repetitions are counted.
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
MOST_TOLD: Final = 10
"""So often the same sentence is written in `MINUTE` seconds."""
MINUTE: Final = 60.0
_MOST_SENTENCES: Final = 1000
_APPENDED: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class Repetitions:
    """Sentences that were written lately, and how often."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, int]] = {}

    def written(self, sentence: str, now: float) -> str | None:
        """Return what is written of a sentence; None if it was written `MOST_TOLD` times within the minute."""
        begun, count = self._told.get(sentence, (now, 0))
        more = ""
        if now - begun >= MINUTE:
            more = f" Before that {count - MOST_TOLD} more times." if count > MOST_TOLD else ""
            begun, count = now, 0
        if len(self._told) >= _MOST_SENTENCES:
            self._told.clear()
        count += 1
        self._told[sentence] = (begun, count)
        if count > MOST_TOLD:
            return None
        return sentence + more + (" Repetitions within a minute are left out." if count == MOST_TOLD else "")


class _LogFile(RotatingFileHandler):
    """A file that is never larger than `_SIZE`, readable for its user only."""

    def __init__(self, path: Path) -> None:
        self._repetitions = Repetitions()
        super().__init__(path, maxBytes=_SIZE, backupCount=_FILES)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless it is one repetition too many."""
        told = self._repetitions.written(record.getMessage(), time.monotonic())
        if told is not None:
            kept = logging.makeLogRecord(record.__dict__)
            kept.msg, kept.args = told, None
            super().emit(kept)

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
        handler = _LogFile(path)
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
