"""Recall: reviewers take a release back. What has left cannot be fetched: whoever has it must be told.

The ledger keeps the cells, because they were seen; the package stays what it is, and verifies as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from disclosure.errors import StateError
from disclosure.exchange.incidents import is_closed
from disclosure.texts import text
from output_review.domain.access import Permission, may
from output_review.domain.permissions import reviewer_of
from output_review.domain.states import Actor, State, transition
from output_review.domain.words import legible_words
from output_review.services.telling import tell
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import RecallRow, RequestRow


def recall(zone: ControlZone, row: RequestRow, reviewer: str, reason: str) -> State:
    """Say that a release is to be recalled; it is once the ordinary quorum has said so, of those who may decide by now.

    Returns:
        the state of the request afterwards.

    Raises:
        PermissionRefusedError: this person may not decide on this team's requests.
        StateError: the camp is closed, it is not released, its package has not left yet, or this reviewer has said so
            before.
        BadInputError: there is no reason.
    """
    from output_review.models import RecallRow

    if is_closed(zone.camp.folder):
        raise StateError(text("The camp is closed now."), hint=text("Whoever has the package is told by the office."))
    reviewer_of(zone.manifest, reviewer, row.team)
    said = legible_words(reason)
    with zone.held(row):
        transition(State(row.state), State.RECALLED, Actor.REVIEWER)
        if not row.moved_out:
            raise StateError(
                text("Its release is not finished."), hint=text("Its package must leave first: datakamp release.")
            )
        if not row.recalls.filter(reviewer=reviewer).exists():
            RecallRow.objects.create(request=row, reviewer=reviewer, reason=said, given=zone.clock())
            zone.log(reviewer, "recall", {"request": str(row.pk), "package": row.package})
        elif recalls_missing(zone, row):
            raise StateError(text("You have said so already."), hint=text("Another reviewer must say so too."))
        # Else enough have said so by now, since somebody whose word counts again came back to the camp.
        reasons = [one.reason for one in _counting(zone, row)]
        if len(reasons) >= zone.manifest.quorum.ordinary:
            row.reason = "\n".join(reasons)
            row.save(update_fields=["reason"])
            zone.move(row, State.RECALLED, Actor.REVIEWER, reviewer, words=row.reason, package=row.package)
    if State(row.state) is State.RECALLED:
        tell(zone, row.team, row.number, State.RECALLED, row.reason)
    return State(row.state)


def recalls_missing(zone: ControlZone, row: RequestRow) -> int:
    """Return how many more reviewers must say so."""
    return max(0, zone.manifest.quorum.ordinary - len(_counting(zone, row)))


def _counting(zone: ControlZone, row: RequestRow) -> list[RecallRow]:
    """Return what was said by reviewers who may decide by now; who was taken out of the manifest counts no more."""
    said = row.recalls.order_by("given", "pk")
    return [one for one in said if may(zone.manifest.person(one.reviewer), Permission.DECIDE, row.team)]
