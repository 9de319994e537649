"""What organisers did, in the log: that a camp was stopped, that it went on, that something late may leave in time.

An organiser does so by a file (`disclosure.exchange.incidents`, `disclosure.exchange.camp_late`), at once and without
the database. The control zone finds it the next time that it opens, and writes it down once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from disclosure.exchange.camp_late import late_exceptions
from disclosure.exchange.incidents import incidents_of
from output_review.log.chain import Payload
from output_review.log.stores import record
from output_review.services.zone import ControlZone
from output_review.signing.commitments import commit

FROZEN, LIFTED, LATE = "camp_frozen", "camp_lifted", "late_exception"
_NUMBERED_BY = {FROZEN: "incident", LIFTED: "incident", LATE: "request"}


def log_incidents(zone: ControlZone) -> int:
    """Write down what is not in the log yet, and return how much that was. The caller holds the lock."""
    steps = tuple(_steps(zone))
    if not steps:
        return 0
    from output_review.log.database import DatabaseLog

    known, written = _known(), 0
    for action, number, payload in steps:
        if (action, number) not in known:
            record(DatabaseLog(), time=zone.clock(), actor="organiser", action=action, payload=payload)
            written += 1
    return written


def _steps(zone: ControlZone) -> Iterator[tuple[str, int, Payload]]:
    # What a person writes is not in the log; the file with the words stays in the camp.
    for one in incidents_of(zone.camp.folder):
        yield FROZEN, one.number, {"incident": one.number, "at": one.at}
        if one.lifted is not None:
            yield LIFTED, one.number, {"incident": one.number, "at": one.lifted[0]}
    for late in late_exceptions(zone.camp.folder):
        words = commit(zone.salt, f"late/{late.request}", late.digest)
        yield LATE, late.request, {"request": str(late.request), "at": late.at, "reason": words}


def _known() -> set[tuple[str, int]]:
    from output_review.models import LogRow

    found = set()
    for action, number in _NUMBERED_BY.items():
        # The log has canonical JSON: what contains this may be another entry, so it is read before it counts.
        for row in LogRow.objects.filter(document__contains=f'"{action}"'):
            entry = json.loads(row.document)
            if entry["action"] == action:
                found.add((action, int(entry["payload"][number])))
    return found
