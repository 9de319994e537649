"""The deadline of a presentation: what was handed in after it is not released before the presentation.

What counts is when the control zone took a request in, by its own clock. A request that came in time and was returned
with questions keeps its place: its answers are part of the review. The deadline is the one with which the camp was
opened, or to which the office's root moved it since (`moving`), as the log says; an organiser who wants a late request
to leave makes an exception, which the log has too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from disclosure.errors import DatakampError, IntegrityError, StateError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.camp_event import Presentation
from disclosure.exchange.camp_late import late_exception
from disclosure.exchange.canonical import parse_json
from output_review.services.incidents import log_incidents
from output_review.services.zone import ControlZone
from output_review.signing.envelopes import Envelope, PayloadType, verify
from output_review.signing.fields import moment_text

if TYPE_CHECKING:
    from output_review.log.chain import LogEntry
    from output_review.models import RequestRow

DEADLINE: Final = "deadline"
PRESENTED: Final = "presentation"
MOVED: Final = "deadline_moved"
SIGNED: Final = "signed"
SCHEMA: Final = "datakamp/deadline/1"


def deadline_facts(camp: CampFile) -> dict[str, str]:
    """Return what the log's first entry says of the presentation; empty texts if there is none."""
    shown = camp.event.presentation
    if shown is None:
        return {DEADLINE: "", PRESENTED: ""}
    return {DEADLINE: moment_text(shown.deadline), PRESENTED: moment_text(shown.at)}


def held_back_until(zone: ControlZone, row: RequestRow) -> datetime | None:
    """Return when a request can be released at the earliest if it came too late, None if nothing holds it back.

    Raises:
        IntegrityError: camp.toml names another deadline or presentation than those in force.
    """
    shown = _presentation(zone)
    if shown is None or not shown.holds_back(row.received, zone.clock()):
        return None
    return None if late_exception(zone.camp.folder, row.pk) is not None else shown.at


def require_in_time(zone: ControlZone, row: RequestRow) -> None:
    """Refuse the release of a request that came too late; an exception for it is in the log first.

    The caller holds the lock.

    Raises:
        StateError: it came after the deadline, the presentation is yet to come, and there is no exception.
        IntegrityError: as of `held_back_until`.
    """
    until = held_back_until(zone, row)
    if until is not None:
        raise StateError(
            f"Request {row.pk} was handed in after the deadline: it is not released before the presentation, at "
            f"{until:%Y-%m-%d %H:%M %Z}.",
            hint=f"An organiser can make an exception: datakamp camp late {row.pk} --reason WHY",
        )
    log_incidents(zone)


def _presentation(zone: ControlZone) -> Presentation | None:
    facts, _ = deadline_in_force(zone)
    # A log that is older than the deadline says nothing of it.
    if facts is not None and facts != deadline_facts(zone.camp):
        raise IntegrityError(
            "camp.toml names another deadline or presentation than those in force.",
            hint="Restore it, or move them: datakamp review deadline. For one request: datakamp camp late.",
        )
    return zone.camp.event.presentation


def deadline_in_force(zone: ControlZone) -> tuple[dict[str, str] | None, int]:
    """Return deadline and presentation as of the opening or of the last move, and how often they were moved.

    None stands for a camp that was opened before there were deadlines.

    Raises:
        IntegrityError: the log names a move that the office's root has not signed, or not as this one.
    """
    first = _first()
    moves = _moves()
    if moves:
        return _as_signed(zone, moves[-1], len(moves)), len(moves)
    if first is None or DEADLINE not in first.payload:
        return None, 0
    return {key: str(first.payload.get(key)) for key in (DEADLINE, PRESENTED)}, 0


def move_document(zone: ControlZone, facts: Mapping[str, str], number: int) -> dict[str, str | int]:
    """Return what the root signs of a move; it is of this camp's opening, so that it holds in no other."""
    first = _first()
    opening = "" if first is None else str(first.payload.get("manifest"))
    return {"schema": SCHEMA, "camp": zone.camp.name, "opening": opening, "number": number, **facts}


def _as_signed(zone: ControlZone, entry: LogEntry, number: int) -> dict[str, str]:
    facts = {key: str(entry.payload.get(key)) for key in (DEADLINE, PRESENTED)}
    try:
        envelope = Envelope.from_document(
            parse_json(str(entry.payload.get(SIGNED)).encode(), what="The move of a deadline")
        )
        said = verify(envelope, PayloadType.DEADLINE, zone.manifest.roots, threshold=zone.manifest.threshold)
    except DatakampError:
        said = None
    if not entry.holds() or said != move_document(zone, facts, number):
        raise IntegrityError("The log names a deadline that the office's root has not signed.", hint="Call an auditor.")
    return facts


def _first() -> LogEntry | None:
    from output_review.log.database import DatabaseLog

    return DatabaseLog().first()


def _moves() -> list[LogEntry]:
    from output_review.log.chain import LogEntry
    from output_review.models import LogRow

    # The log has canonical JSON: what contains this may be another entry, so it is read before it counts.
    rows = LogRow.objects.filter(document__contains=f'"action":"{MOVED}"').order_by("sequence")
    entries = (LogEntry.from_document(parse_json(row.document.encode(), what="A log entry")) for row in rows)
    return [one for one in entries if one.action == MOVED]
