"""A request leaves review undecided: a reviewer returns it with questions, or its team withdraws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disclosure.errors import StateError
from disclosure.texts import text
from output_review.domain.permissions import researcher_of, reviewer_of
from output_review.domain.states import Actor, State, transition
from output_review.domain.votes import Outcome
from output_review.domain.words import words_or_none
from output_review.services.claiming import take_over
from output_review.services.desk_folders import clear_all
from output_review.services.reviewing import outcomes, reject
from output_review.services.telling import asked, tell
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision

if TYPE_CHECKING:
    from output_review.models import RequestRow

__all__ = ["reject", "return_request", "withdraw"]


def return_request(zone: ControlZone, row: RequestRow, reviewer: str, reason: str = "") -> None:
    """Return a request to its team, with a question about each output of which changes are requested.

    One reviewer may: nothing is decided or deleted, and the next revision is reviewed anew.

    Args:
        reason: about the request as a whole; may be empty.

    Raises:
        PermissionRefusedError: this person may not decide on this team's requests.
        StateError: the request is not in review, somebody else has claimed it, no changes are requested, or an output
            of which they are has no public comment in this revision.
        BadInputError: the reason is too long, or hides something.
    """
    reviewer_of(zone.manifest, reviewer, row.team)
    said = words_or_none(reason)
    with zone.held(row):
        transition(State(row.state), State.RETURNED, Actor.REVIEWER)
        take_over(zone, row, reviewer)
        _require_comments(zone, row, reviewer)
        row.reason = said
        row.save(update_fields=["reason"])
        zone.move(row, State.RETURNED, Actor.REVIEWER, reviewer, words=row.reason)
    clear_all(zone, row.pk)
    tell(zone, row.team, row.number, State.RETURNED, row.reason)


def withdraw(zone: ControlZone, row: RequestRow, person: str, reason: str = "") -> None:
    """Withdraw a request that is not decided yet, as a researcher of its team; ledger and log keep what was seen.

    Raises:
        PermissionRefusedError: this person is not a researcher of the team.
        StateError: it is approved, released or otherwise decided already.
        BadInputError: the reason is too long, or hides something.
    """
    researcher_of(zone.manifest, person, row.team)
    said = words_or_none(reason)
    with zone.held(row):
        row.reason = said
        zone.move(row, State.WITHDRAWN, Actor.RESEARCHER, person, words=row.reason)
        row.save(update_fields=["reason"])
    clear_all(zone, row.pk)
    tell(zone, row.team, row.number, State.WITHDRAWN, row.reason)


def _require_comments(zone: ControlZone, row: RequestRow, reviewer: str) -> None:
    """Refuse a return without words. Only votes count that this reviewer knows: the own, and what a quorum decided."""
    decided = outcomes(zone, row)
    own = row.outputs.filter(
        revision=row.revision, votes__reviewer=reviewer, votes__decision=Decision.REQUEST_CHANGES.value
    ).values_list("name", flat=True)
    wanted = {*own, *(name for name, one in decided.items() if one is Outcome.CHANGES_REQUESTED)}
    if not wanted:
        raise StateError(
            text("You request no changes of any output."),
            hint=text("Request changes of what is to be changed, and say why."),
        )
    silent = sorted(wanted - {one.output for one in asked(row)})
    if silent:
        raise StateError(
            text("Nothing is said to the team about {names}.", names=", ".join(silent)),
            hint=text("Add a public comment to each output of which changes are requested."),
        )
