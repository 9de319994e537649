"""What reviewers decide about outputs: their votes, what these come to, and how a dissent is resolved."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from disclosure.errors import BadInputError, StateError
from disclosure.model.verdicts import Level, Status
from disclosure.texts import Text, text
from output_review.domain.access import Permission, may
from output_review.domain.lanes import Lane
from output_review.domain.permissions import reviewer_of
from output_review.domain.states import LIVE, Actor, State, named_state
from output_review.domain.votes import Outcome, Reason, Vote, check_vote, outcome
from output_review.domain.words import words_or_none
from output_review.services.claiming import begin, take_over, touch
from output_review.services.desk_folders import clear, clear_all
from output_review.services.kept_words import note_of
from output_review.services.telling import tell
from output_review.services.zone import ControlZone
from output_review.signing.signoff import Decision

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow


def current_outputs(row: RequestRow) -> list[OutputRow]:
    """Return the outputs of the current revision in order of their names."""
    return list(row.outputs.filter(revision=row.revision).prefetch_related("votes").order_by("name"))


def vote(zone: ControlZone, row: RequestRow, names: tuple[str, ...], given: Vote) -> None:
    """Record a reviewer's vote on outputs of the current revision; a submitted request is claimed by it.

    Where a dissent was resolved, a new vote for something else opens it again.

    Raises:
        PermissionRefusedError: this person may not decide on this team's requests.
        StateError: the request is not in review, the reviewer has signed, or the vote lacks its reason.
        BadInputError: there is no such output, or the explanation is too long or hides something.
    """
    reviewer_of(zone.manifest, given.reviewer, row.team)
    given = replace(given, explanation=words_or_none(given.explanation))
    with zone.held(row):
        first = State(row.state) is State.SUBMITTED
        if first:
            begin(zone, row, given.reviewer)
        _may_vote(row, given.reviewer)
        for output in [_named(row, name) for name in names]:
            _check(output, given)
            _keep(zone, output, replace(given, resolves=_still_resolves(zone, output, given)))
            facts = {"request": str(row.pk), "output": output.name, "decision": given.decision.value}
            zone.log(given.reviewer, "vote", facts)
        touch(zone, row, given.reviewer)
    clear(zone, row.pk, given.reviewer)
    if first:
        tell(zone, row.team, row.number, State.IN_REVIEW, "")


def resolve(
    zone: ControlZone,
    row: RequestRow,
    name: str,
    reviewer: str,
    decision: Decision,
    explanation: str,
    *,
    reason: Reason | None = None,
) -> None:
    """Resolve a dissent on an output, as a reviewer who had not voted on it.

    Args:
        explanation: why; always needed.
        reason: needed as for a vote against the automatic verdict.

    Raises:
        PermissionRefusedError: this person may not decide on this team's requests.
        StateError: there is no dissent, this reviewer is one of those who voted, or the reason is missing.
        BadInputError: there is no such output, or the explanation is too long or hides something.
    """
    reviewer_of(zone.manifest, reviewer, row.team)
    given = Vote(reviewer, decision, reason, words_or_none(explanation), resolves=True)
    with zone.held(row):
        _may_vote(row, reviewer)
        output = _named(row, name)
        votes = votes_on(output)
        if outcome(votes, needed(zone, output)) is not Outcome.DISSENT:
            raise StateError(text("There is no dissent on '{name}'.", name=name), hint=text("Vote on it as usual."))
        if any(one.reviewer == reviewer for one in votes):
            raise StateError(
                text("You have voted on '{name}', so you cannot resolve the dissent.", name=name),
                hint=resolution(zone, output),
            )
        if not given.explanation:
            raise StateError(text("To resolve a dissent takes an explanation."), hint=text("Say why in words."))
        _check(output, given)
        _keep(zone, output, given)
        facts = {"request": str(row.pk), "output": name, "decision": decision.value}
        zone.log(reviewer, "resolve", facts)
        touch(zone, row, reviewer)
    clear(zone, row.pk, reviewer)


def may_resolve(zone: ControlZone, output: OutputRow) -> tuple[str, ...]:
    """Return who may resolve a dissent on an output: reviewers of this team's requests who have not voted on it."""
    voted = {one.reviewer for one in votes_on(output)}
    names = (one.name for one in zone.manifest.people if may(one, Permission.DECIDE, output.request.team))
    return tuple(name for name in names if name not in voted)


def resolution(zone: ControlZone, output: OutputRow) -> Text:
    """Return how a dissent on an output ends, and through whom."""
    names = may_resolve(zone, output)
    if not names:
        return text("Everyone who may decide has voted on it: one of you has to vote anew.")
    return text("One of you votes anew, or one who has not voted on it resolves it: {names}.", names=", ".join(names))


def outcomes(zone: ControlZone, row: RequestRow) -> dict[str, Outcome]:
    """Return what the votes on each output of the current revision come to."""
    return {output.name: outcome(votes_on(output), needed(zone, output)) for output in current_outputs(row)}


def votes_on(output: OutputRow) -> list[Vote]:
    """Return the votes on an output."""
    return [
        Vote(
            one.reviewer,
            Decision(one.decision),
            Reason(one.reason) if one.reason else None,
            one.explanation,
            resolves=one.resolves,
        )
        for one in sorted(output.votes.all(), key=attrgetter("reviewer"))  # of what was fetched, no query each
    ]


def needed(zone: ControlZone, output: OutputRow) -> int:
    """Return how many reviewers decide on an output.

    One more where approving it is an exception; as many as the camp says for one of a light request.
    """
    quorum = zone.manifest.quorum
    approving = any(one.decision == Decision.APPROVE.value for one in output.votes.all())
    if is_exception(output):
        return quorum.exception if approving else quorum.ordinary
    light = output.request.lane == Lane.LIGHT.value and output.request.revision == output.revision
    return quorum.light if light and quorum.light is not None else quorum.ordinary


def is_exception(output: OutputRow) -> bool:
    """Tell whether approving an output goes against its verdict, or rests on no tabulation of ours."""
    return output.verdict != Status.SAFE.value or output.level == Level.UNVERIFIED.value


def shown_from(zone: ControlZone, output: OutputRow) -> int:
    """Return how many votes there must be before reviewers see them: the largest quorum that could decide.

    `needed` depends on how the votes went, so it would tell that before.
    """
    return zone.manifest.quorum.exception if is_exception(output) else needed(zone, output)


def is_blind(zone: ControlZone, output: OutputRow) -> bool:
    """Tell whether reviewers do not see yet what others think of an output: not enough of them have voted on it.

    Never so where the camp reviews in shared mode, or once its revision is no longer in review.
    """
    row = output.request
    live = output.revision == row.revision and State(row.state) in LIVE
    return live and not zone.camp.review_rules.shared and len(output.votes.all()) < shown_from(zone, output)


def reject(zone: ControlZone, row: RequestRow, reviewer: str, reason: str) -> None:
    """Reject a request as a whole, once the votes reject every output.

    Raises:
        StateError: not every output is rejected, no reason is given, or somebody else has claimed the request.
        BadInputError: the reason is too long, or hides something.
    """
    reviewer_of(zone.manifest, reviewer, row.team)
    said = words_or_none(reason)
    if not said:
        raise StateError(text("To reject a request takes a reason."), hint=text("Say why in words."))
    with zone.held(row):
        if set(outcomes(zone, row).values()) != {Outcome.REJECTED}:
            raise StateError(
                text("Not every output is rejected by the quorum."), hint=text("Vote on the outputs first.")
            )
        if State(row.state) is State.IN_REVIEW:
            take_over(zone, row, reviewer)
        row.reason = said
        row.save(update_fields=["reason"])
        zone.move(row, State.REJECTED, Actor.REVIEWER, reviewer, words=said)
    clear_all(zone, row.pk)
    tell(zone, row.team, row.number, State.REJECTED, said)


def _may_vote(row: RequestRow, reviewer: str) -> None:
    if State(row.state) is not State.IN_REVIEW:
        raise StateError(text("The request is {state}, so nobody votes on it.", state=named_state(row.state)))
    if row.sign_offs.filter(revision=row.revision, reviewer=reviewer).exists():
        raise StateError(text("You have signed this revision, so your votes stand."))


def _named(row: RequestRow, name: str) -> OutputRow:
    outputs = {output.name: output for output in current_outputs(row)}
    if name not in outputs:
        raise BadInputError(
            text("The request has no output '{name}'.", name=name),
            hint=text("Outputs: {names}.", names=", ".join(outputs)),
        )
    return outputs[name]


def _check(output: OutputRow, given: Vote) -> None:
    check_vote(given, Status(output.verdict), Level(output.level))
    if given.decision is Decision.APPROVE and not output.files:
        note = note_of(output)
        raise StateError(
            text("There is nothing to release of '{name}': {why}.", name=output.name, why=note)
            if note
            else text("There is nothing to release of '{name}'.", name=output.name)
        )


def _still_resolves(zone: ControlZone, output: OutputRow, given: Vote) -> bool:
    """Lift a resolution that a new vote contradicts, and tell whether this vote is one that resolves.

    To say again what one had voted is no new vote.
    """
    own = output.votes.filter(reviewer=given.reviewer).first()
    if own is not None and own.decision == given.decision.value:
        return own.resolves
    if output.votes.filter(resolves=True).exclude(decision=given.decision.value).update(resolves=False):
        zone.log(given.reviewer, "dissent_opened", {"request": str(output.request_id), "output": output.name})
    return False


def _keep(zone: ControlZone, output: OutputRow, given: Vote) -> None:
    from output_review.models import VoteRow

    VoteRow.objects.update_or_create(
        output=output,
        reviewer=given.reviewer,
        defaults={
            "decision": given.decision.value,
            "reason": given.reason.value if given.reason is not None else "",
            "explanation": given.explanation,
            "resolves": given.resolves,
            "given": zone.clock(),
        },
    )
