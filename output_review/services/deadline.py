"""The deadline of a presentation: what was handed in after it is not released before the presentation.

What counts is when the control zone took a request in, by its own clock. A request that came in time and was returned
with questions keeps its place: its answers are part of the review. The deadline is the one with which the camp was
opened, as the log says; an organiser who wants a late request to leave makes an exception, which the log has too.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from disclosure.errors import IntegrityError, StateError
from disclosure.exchange.camp import CampFile
from disclosure.exchange.camp_event import Presentation
from disclosure.exchange.camp_late import late_exception
from output_review.services.incidents import log_incidents
from output_review.services.zone import ControlZone
from output_review.signing.fields import moment_text

if TYPE_CHECKING:
    from output_review.log.chain import LogEntry
    from output_review.models import RequestRow

DEADLINE: Final = "deadline"
PRESENTED: Final = "presentation"


def deadline_facts(camp: CampFile) -> dict[str, str]:
    """Return what the log's first entry says of the presentation; empty texts if there is none."""
    shown = camp.event.presentation
    if shown is None:
        return {DEADLINE: "", PRESENTED: ""}
    return {DEADLINE: moment_text(shown.deadline), PRESENTED: moment_text(shown.at)}


def held_back_until(zone: ControlZone, row: RequestRow) -> datetime | None:
    """Return when a request can be released at the earliest if it came too late, None if nothing holds it back.

    Raises:
        IntegrityError: camp.toml names another deadline or presentation than those of the opening.
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
    first = _first()
    facts = deadline_facts(zone.camp)
    # A log that is older than the deadline says nothing of it.
    if first is not None and DEADLINE in first.payload and any(first.payload.get(key) != facts[key] for key in facts):
        raise IntegrityError(
            "camp.toml names another deadline or presentation than when the camp was opened.",
            hint="Restore it. What came too late can leave by an exception: datakamp camp late.",
        )
    return zone.camp.event.presentation


def _first() -> LogEntry | None:
    from output_review.log.database import DatabaseLog

    return DatabaseLog().first()
