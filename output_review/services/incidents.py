"""Incidents in the log: that a camp was stopped, and that it went on, whoever may write the log at that moment.

An organiser stops a camp by a file (`disclosure.exchange.incidents`), at once and without the database. The control
zone finds it the next time that it opens, and writes it down once.
"""

from __future__ import annotations

import json

from disclosure.exchange.incidents import incidents_of
from output_review.log.chain import Payload
from output_review.log.stores import record
from output_review.services.zone import ControlZone

FROZEN, LIFTED = "camp_frozen", "camp_lifted"


def log_incidents(zone: ControlZone) -> int:
    """Write down what is not in the log yet, and return how much that was. The caller holds the lock."""
    incidents = incidents_of(zone.camp.folder)
    if not incidents:
        return 0
    from output_review.log.database import DatabaseLog

    known, written = _known(), 0
    for one in incidents:
        # What a person writes is not in the log; the file with the words stays in the camp.
        steps: list[tuple[str, Payload]] = [(FROZEN, {"incident": one.number, "at": one.at})]
        if one.lifted is not None:
            steps.append((LIFTED, {"incident": one.number, "at": one.lifted[0]}))
        for action, payload in steps:
            if (action, one.number) not in known:
                record(DatabaseLog(), time=zone.clock(), actor="organiser", action=action, payload=payload)
                written += 1
    return written


def _known() -> set[tuple[str, int]]:
    from output_review.models import LogRow

    found = set()
    for action in (FROZEN, LIFTED):
        # The log has canonical JSON: what contains this may be another entry, so it is read before it counts.
        for row in LogRow.objects.filter(document__contains=f'"{action}"'):
            entry = json.loads(row.document)
            if entry["action"] == action:
                found.add((action, int(entry["payload"]["incident"])))
    return found
