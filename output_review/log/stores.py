"""Where log entries stand: a Protocol that the database follows, and one store in a file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from disclosure.errors import DataError, DocumentError, IntegrityError, RefusedError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.files import sync_directory
from output_review.log.chain import GENESIS, LogEntry, Payload, next_entry
from output_review.signing.fields import moment_text

Build = Callable[[LogEntry | None], LogEntry]


class LogStore(Protocol):
    """What the log needs of a place to stand."""

    def append(self, build: Build) -> LogEntry:
        """Add ``build(last entry or None)`` durably, under one lock, and return it."""
        ...

    def read(self, start: int = 1) -> Iterator[LogEntry]:
        """Yield the entries from place `start` on, in order."""
        ...


def record(store: LogStore, *, time: datetime, actor: str, action: str, payload: Payload) -> LogEntry:
    """Add an entry to the log in `store` and return it; when this returns, the entry is durable."""
    moment = moment_text(time)
    return store.append(lambda last: next_entry(last, time=moment, actor=actor, action=action, payload=payload))


def check_next(last: LogEntry | None, entry: LogEntry) -> None:
    """Refuse an entry that does not follow `last`; every store calls it before it writes."""
    expected = (1, GENESIS) if last is None else (last.sequence + 1, last.hash)
    if (entry.sequence, entry.previous) != expected or not entry.holds():
        raise IntegrityError("A log entry does not follow the last one.", hint="Run 'datakamp audit'.")


class FileLog:
    """A log in a file of JSON lines, synced at each entry.

    A line without its line end is an append that was killed before it was acknowledged: it does not count, and the
    next append removes it. Each append reads the file once, so this is for small logs; the database holds large ones.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, build: Build) -> LogEntry:
        """See `LogStore.append`."""
        try:
            created = not os.path.lexists(self._path)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(self._path, flags, 0o640), "r+b") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)
                data = stream.read()
                whole = data[: data.rfind(b"\n") + 1]
                entries = list(self._parse(whole))
                last = entries[-1] if entries else None
                entry = build(last)
                check_next(last, entry)
                stream.truncate(len(whole))
                stream.seek(len(whole))
                stream.write(canonical_json(entry.to_document()) + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            if created:
                sync_directory(self._path.parent)
        except OSError:
            raise RefusedError(f"The log '{self._path.name}' cannot be written.", hint="Is the disk full?") from None
        return entry

    def read(self, start: int = 1) -> Iterator[LogEntry]:
        """See `LogStore.read`."""
        if not os.path.lexists(self._path):
            return
        try:
            with os.fdopen(os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as stream:
                data = stream.read()
        except OSError:
            raise DataError(f"The log '{self._path.name}' cannot be read.") from None
        for place, entry in enumerate(self._parse(data[: data.rfind(b"\n") + 1]), start=1):
            if place >= start:
                yield entry

    def _parse(self, data: bytes) -> Iterator[LogEntry]:
        for place, text in enumerate(data.split(b"\n")[:-1], start=1):
            try:
                yield LogEntry.from_document(parse_json(text, what="A line"))
            except DocumentError as error:
                raise IntegrityError(f"Log entry {place} is not readable.", hint=error.message) from None
