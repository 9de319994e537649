"""What reviewers do with a request: claim it, vote on its outputs, reject it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disclosure.errors import BadInputError, StateError
from disclosure.model.verdicts import Level, Status
from output_review.domain.permissions import reviewer_of
from output_review.domain.states import Actor, State
from output_review.domain.votes import Outcome, Reason, Vote, check_vote, outcome
from output_review.services.ingest import tell
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow


def current_outputs(row: RequestRow) -> list[OutputRow]:
    """Return the outputs of the current revision in order of their names."""
    return list(row.outputs.filter(revision=row.revision).order_by("name"))


def claim(zone: ControlZone, row: RequestRow, reviewer: str) -> None:
    """Take a submitted request into review.

    Raises:
        StateError: it is not submitted, or not all its outputs are tabulated.
        PermissionRefusedError: this person may not decide on this team's requests.
    """
    from django.db import transaction

    reviewer_of(zone.manifest, reviewer, row.team)
    if any(not output.level for output in current_outputs(row)):
        raise StateError("The request is not tabulated yet.", hint="Run: datakamp review ingest")
    with transaction.atomic():
        row.refresh_from_db()
        zone.move(row, State.IN_REVIEW, Actor.REVIEWER, reviewer)
        row.claimed_by = reviewer
        row.save(update_fields=["claimed_by"])
    tell(zone, row.team, row.number, State.IN_REVIEW, "")


def vote(zone: ControlZone, row: RequestRow, names: tuple[str, ...], given: Vote) -> None:
    """Record a reviewer's vote on outputs of the current revision; a submitted request is claimed by it.

    Raises:
        PermissionRefusedError: this person may not decide on this team's requests.
        StateError: the request is not in review, the reviewer has signed, or the vote lacks its reason.
        BadInputError: there is no such output.
    """
    from django.db import transaction

    from output_review.models import VoteRow

    reviewer_of(zone.manifest, given.reviewer, row.team)
    if State(row.state) is State.SUBMITTED:
        claim(zone, row, given.reviewer)
    with transaction.atomic():
        row.refresh_from_db()
        if State(row.state) is not State.IN_REVIEW:
            raise StateError(f"The request is {row.state}, so nobody votes on it.")
        if row.sign_offs.filter(revision=row.revision, reviewer=given.reviewer).exists():
            raise StateError("You have signed this revision, so your votes stand.")
        outputs = {output.name: output for output in current_outputs(row)}
        for name in names:
            if name not in outputs:
                raise BadInputError(f"The request has no output '{name}'.", hint=f"Outputs: {', '.join(outputs)}.")
            output = outputs[name]
            check_vote(given, Status(output.verdict), Level(output.level))
            if given.decision is Decision.APPROVE and not output.files:
                raise StateError(f"There is nothing to release of '{name}': {output.note or 'it was not tabulated'}.")
            VoteRow.objects.update_or_create(
                output=output,
                reviewer=given.reviewer,
                defaults={
                    "decision": given.decision.value,
                    "reason": given.reason.value if given.reason is not None else "",
                    "explanation": given.explanation,
                },
            )
            facts = {"request": str(row.pk), "output": name, "decision": given.decision.value}
            zone.log(given.reviewer, "vote", facts)


def outcomes(zone: ControlZone, row: RequestRow) -> dict[str, Outcome]:
    """Return what the votes on each output of the current revision come to."""
    return {output.name: outcome(votes_on(output), needed(zone, output)) for output in current_outputs(row)}


def votes_on(output: OutputRow) -> list[Vote]:
    """Return the votes on an output."""
    return [
        Vote(one.reviewer, Decision(one.decision), Reason(one.reason) if one.reason else None, one.explanation)
        for one in output.votes.order_by("reviewer")
    ]


def needed(zone: ControlZone, output: OutputRow) -> int:
    """Return how many reviewers decide on an output: one more where approving it is an exception."""
    exception = output.verdict != Status.SAFE.value or output.level == Level.UNVERIFIED.value
    approving = any(one.decision == Decision.APPROVE.value for one in output.votes.all())
    return zone.manifest.quorum.exception if exception and approving else zone.manifest.quorum.ordinary


def reject(zone: ControlZone, row: RequestRow, reviewer: str, reason: str) -> None:
    """Reject a request as a whole, once the votes reject every output.

    Raises:
        StateError: not every output is rejected, or no reason is given.
    """
    from django.db import transaction

    reviewer_of(zone.manifest, reviewer, row.team)
    if not reason.strip():
        raise StateError("To reject a request takes a reason.", hint="Give --text.")
    if set(outcomes(zone, row).values()) != {Outcome.REJECTED}:
        raise StateError("Not every output is rejected by the quorum.", hint="Vote on the outputs first.")
    with transaction.atomic():
        row.refresh_from_db()
        row.reason = reason
        row.save(update_fields=["reason"])
        zone.move(row, State.REJECTED, Actor.REVIEWER, reviewer)
    tell(zone, row.team, row.number, State.REJECTED, reason)
