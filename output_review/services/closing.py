"""The control zone's part in closing a camp: whether anything is open, and an archive of database, log and ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from disclosure.errors import DataError, IntegrityError, StateError
from disclosure.exchange.camp import CampFile
from output_review.database import FILE, turn_to
from output_review.domain.states import State
from output_review.services.auditing import audit_zone
from output_review.services.backup import backup
from output_review.services.finishing import unfinished
from output_review.services.incidents import log_incidents
from output_review.services.zone import ControlZone

CLOSING = "camp_close"
OPEN = (State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.APPROVED)
"""States of a request in which something is still to be decided, answered or released."""


class EndOfReview:
    """The control zone of a camp, as closing that camp needs it."""

    def __init__(self, zone: ControlZone) -> None:
        self._zone = zone

    def check(self) -> None:
        """Raise an error if a review is open; see `check_closed`."""
        check_closed(self._zone)

    def archive(self, into: Path) -> dict[str, Any]:
        """Copy the control zone into a new folder of `into`; see `archive_review`."""
        return archive_review(self._zone, into)


def never_opened(camp: CampFile) -> bool:
    """Tell whether a camp has no review: nothing at all, or the empty database of an opening that did not succeed."""
    inside = {one.name for one in camp.review.iterdir()} if camp.review.is_dir() else set()
    if camp.database is None and not inside:
        return True
    if any(not name.startswith(FILE) for name in inside) or (camp.database is None and FILE not in inside):
        return False
    # Only looked at: to bring the tables of an opening that failed up to date would make some where there are none.
    turn_to(camp.review, camp.database)
    from django.db import DatabaseError, connection

    from output_review.models import CampRow, LogRow

    try:
        made = connection.introspection.installed_models(connection.introspection.table_names())
        return not any(table.objects.exists() for table in (CampRow, LogRow) if table in made)
    except DatabaseError:
        raise DataError(
            "The review database cannot be read, so nobody knows whether the camp was opened.",
            hint="Is the server running, and the file whole?",
        ) from None


def check_closed(zone: ControlZone) -> None:
    """Refuse to close a camp in which a review is open.

    Raises:
        StateError: requests are open, a submission was not taken in, or a package has not left.
        IntegrityError: log, ledger and packages do not fit together.
    """
    from output_review.models import RequestRow

    rows = RequestRow.objects.filter(state__in=[one.value for one in OPEN]).order_by("pk")
    numbers = [f"{row.pk} ({row.state})" for row in rows]
    if numbers:
        raise StateError(
            f"The review of {len(numbers)} requests is open: {', '.join(numbers[:20])}.",
            hint="Decide, release, reject or withdraw each; then close the camp.",
        )
    waiting = _not_taken_in(zone)
    if waiting:
        raise StateError(
            f"{len(waiting)} submissions were not taken in: {', '.join(waiting[:20])}.",
            hint="Run datakamp review ingest. What it leaves there is no submission: look where it came from.",
        )
    if unfinished():
        raise StateError("A package has not left yet.", hint="Run datakamp release of its request again.")
    if not audit_zone(zone, None)["holds"]:
        raise IntegrityError("Log, ledger and packages do not fit together.", hint="See datakamp audit.")


def archive_review(zone: ControlZone, into: Path) -> dict[str, Any]:
    """Write into the log that the camp closes, copy the control zone into a new folder, and return what was copied.

    Returns:
        for the certificate: the name of the folder, how far log and ledgers have come, and the packages that left.
    """
    from output_review.models import RequestRow

    with zone.lock():
        log_incidents(zone)
        audited = audit_zone(zone, None)
        zone.log("organiser", CLOSING, {"archive": into.name})
    done = backup(zone, into)
    released = RequestRow.objects.filter(state=State.RELEASED.value).order_by("pk")
    return {
        "review": done.folder.name,
        "log": {"entries": done.sequence, "hash": done.hash},
        "ledgers": {name: zone.ledger.audit(name).length for name in zone.data_sets},
        "ledger_head": zone.ledger.head(zone.data_sets),
        "packages": {row.package: row.package_digest for row in released},
        "audited": bool(audited["holds"]),
    }


def _not_taken_in(zone: ControlZone) -> list[str]:
    from output_review.models import HandedInRow

    taken = {(team, str(number)) for team, number in HandedInRow.objects.values_list("team", "number")}
    root = zone.camp.folder / "outbox"
    found = []
    # Every outbox there: that of a team which camp.toml does not name any more is wiped as well.
    for outbox in sorted(root.iterdir()) if root.is_dir() else ():
        names = (one.name for one in outbox.iterdir()) if outbox.is_dir() else ()
        left = (name for name in names if not name.startswith(".") and (outbox.name, name) not in taken)
        found += [f"{outbox.name} {name}" for name in sorted(left, key=lambda name: (len(name), name))]
    return found
