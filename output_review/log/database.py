"""The log in the review database: entries in the same transaction as what they tell of."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from disclosure.exchange.canonical import canonical_json, parse_json
from output_review.log.chain import LogEntry
from output_review.log.stores import Build, check_next
from output_review.models import LogRow


class DatabaseLog:
    """A `LogStore` on the table of log rows. Within a transaction, an entry stands or falls with the rest of it."""

    def append(self, build: Build) -> LogEntry:
        """See `LogStore.append`. The write lock of the transaction keeps two entries from following the same one."""
        with transaction.atomic():
            row = LogRow.objects.order_by("-sequence").first()
            last = None if row is None else _entry(row)
            entry = build(last)
            check_next(last, entry)
            LogRow.objects.create(sequence=entry.sequence, document=canonical_json(entry.to_document()).decode())
        return entry

    def read(self, start: int = 1) -> Iterator[LogEntry]:
        """See `LogStore.read`."""
        for row in LogRow.objects.filter(sequence__gte=start).order_by("sequence").iterator():
            yield _entry(row)

    def first(self) -> LogEntry | None:
        """Return the first entry; None if the log is empty."""
        row = LogRow.objects.order_by("sequence").first()
        return None if row is None else _entry(row)

    def last(self) -> LogEntry | None:
        """Return the last entry; None if the log is empty."""
        row = LogRow.objects.order_by("-sequence").first()
        return None if row is None else _entry(row)


def _entry(row: LogRow) -> LogEntry:
    return LogEntry.from_document(parse_json(row.document.encode(), what=f"Log entry {row.sequence}"))
