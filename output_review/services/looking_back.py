"""What an auditor reads: the log, and who looked at what; newest first, by person and by request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from disclosure.exchange.canonical import parse_json
from output_review.log.chain import LogEntry

if TYPE_CHECKING:
    from output_review.models import AccessRow

PAGE: Final = 100


@dataclass(frozen=True)
class Wanted:
    """Which rows: those of a person, of a request, or all. `page` counts from 1."""

    person: str = ""
    request: int | None = None
    page: int = 1


@dataclass(frozen=True)
class Entries:
    """A page of the log. One that is `broken` could not be read as an entry; the audit names it."""

    entries: tuple[LogEntry, ...]
    broken: int
    pages: int


@dataclass(frozen=True)
class Reads:
    """A page of the reads."""

    reads: tuple[AccessRow, ...]
    pages: int


def log_entries(wanted: Wanted) -> Entries:
    """Return a page of the log."""
    from disclosure.errors import DatakampError
    from output_review.models import LogRow

    # An entry is canonical JSON: a name and its value stand in it in one way only, and never within another value.
    rows = LogRow.objects.order_by("-sequence")
    if wanted.person:
        rows = rows.filter(document__contains=f'"actor":{json.dumps(wanted.person)}')
    if wanted.request is not None:
        rows = rows.filter(document__contains=f'"request":"{wanted.request}"')
    found, broken = [], 0
    for row in rows[(wanted.page - 1) * PAGE : wanted.page * PAGE]:
        try:
            found.append(LogEntry.from_document(parse_json(row.document.encode(), what="A log entry")))
        except DatakampError:
            broken += 1
    return Entries(tuple(found), broken, _pages(rows.count()))


def reads(wanted: Wanted) -> Reads:
    """Return a page of what was read by whom."""
    from output_review.models import AccessRow

    rows = AccessRow.objects.order_by("-pk")
    if wanted.person:
        rows = rows.filter(person=wanted.person)
    if wanted.request is not None:
        rows = rows.filter(request_id=wanted.request)
    return Reads(tuple(rows[(wanted.page - 1) * PAGE : wanted.page * PAGE]), _pages(rows.count()))


def _pages(rows: int) -> int:
    return max(1, -(-rows // PAGE))
