"""Claims: who looks after a request in review. A claim on which nothing happens expires, and anybody may take it over.

A claim bars nobody from reading and voting, because a quorum needs several. It says who returns or rejects the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from disclosure.errors import StateError
from disclosure.texts import text
from output_review.domain.permissions import reviewer_of
from output_review.domain.states import Actor, State, named_state
from output_review.services.telling import tell
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import RequestRow


@dataclass(frozen=True)
class Claim:
    """Who has claimed a request.

    Attributes:
        by: the reviewer.
        since: when they last did something with it.
        until: when it expires if they do nothing more.
    """

    by: str
    since: datetime
    until: datetime


def claim_of(zone: ControlZone, row: RequestRow) -> Claim | None:
    """Return the claim on a request; None if there is none, or nothing has happened on it for too long."""
    if State(row.state) is not State.IN_REVIEW or not row.claimed_by or row.claimed_at is None:
        return None
    until = row.claimed_at + timedelta(minutes=zone.camp.review_rules.claim_minutes)
    return Claim(row.claimed_by, row.claimed_at, until) if zone.clock() < until else None


def claim(zone: ControlZone, row: RequestRow, reviewer: str) -> None:
    """Claim a request; a submitted one is taken into review by it.

    Raises:
        StateError: it is neither submitted nor in review, not all its outputs are tabulated, or somebody else has a
            claim that has not expired.
        PermissionRefusedError: this person may not decide on this team's requests.
    """
    reviewer_of(zone.manifest, reviewer, row.team)
    with zone.held(row):
        begin(zone, row, reviewer)
        take_over(zone, row, reviewer)
    tell(zone, row.team, row.number, State.IN_REVIEW, "")


def begin(zone: ControlZone, row: RequestRow, reviewer: str) -> None:
    """Take a submitted request into review and claim it; one in review stays as it is. The caller holds the row.

    Raises:
        StateError: it is neither, or not all its outputs are tabulated.
    """
    if row.outputs.filter(revision=row.revision, level="").exists():
        raise StateError(
            text("The request is not tabulated yet."),
            hint=text("A worker tabulates it as soon as it can; datakamp review ingest does it now."),
        )
    if State(row.state) is not State.IN_REVIEW:
        zone.move(row, State.IN_REVIEW, Actor.REVIEWER, reviewer)
        take_over(zone, row, reviewer)


def take_over(zone: ControlZone, row: RequestRow, reviewer: str) -> None:
    """Make the claim this reviewer's, if it is not theirs; the caller holds the row and has asked who they are.

    Raises:
        StateError: somebody else has a claim that has not expired.
    """
    found = claim_of(zone, row)
    if found is not None and found.by != reviewer:
        raise StateError(
            text("'{by}' has claimed the request, until {until} UTC.", by=found.by, until=f"{found.until:%H:%M}"),
            hint=text("Ask them to hand it over, or wait until the claim expires."),
        )
    if found is None:
        zone.log(reviewer, "claim", {"request": str(row.pk), "revision": row.revision})
    _keep(zone, row, reviewer)


def hand_over(zone: ControlZone, row: RequestRow, reviewer: str, to: str) -> None:
    """Hand a claim over to another reviewer.

    Raises:
        StateError: the request is not in review, somebody else has claimed it, or it would stay where it is.
        PermissionRefusedError: one of the two may not decide on this team's requests.
    """
    for name in (reviewer, to):
        reviewer_of(zone.manifest, name, row.team)
    with zone.held(row):
        if State(row.state) is not State.IN_REVIEW:
            raise StateError(text("The request is {state}, so nobody has claimed it.", state=named_state(row.state)))
        if reviewer == to:
            raise StateError(text("You have it already."), hint=text("Name another reviewer."))
        take_over(zone, row, reviewer)
        zone.log(reviewer, "hand_over", {"request": str(row.pk), "revision": row.revision, "to": to})
        _keep(zone, row, to)


def touch(zone: ControlZone, row: RequestRow, reviewer: str) -> None:
    """Renew a reviewer's own claim, because they did something with the request; nothing if it is not theirs."""
    if State(row.state) is State.IN_REVIEW and row.claimed_by == reviewer:
        _keep(zone, row, reviewer)


def _keep(zone: ControlZone, row: RequestRow, reviewer: str) -> None:
    row.claimed_by, row.claimed_at = reviewer, zone.clock()
    row.save(update_fields=["claimed_by", "claimed_at"])
