"""Votes per output, and what follows from them. A vote is one reviewer's; nobody's counts twice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from disclosure.errors import StateError
from disclosure.model.verdicts import Level, Status
from output_review.signing.signoff import Decision


class Reason(StrEnum):
    """Coded reasons for a vote against the automatic verdict."""

    PUBLIC_KNOWLEDGE = "public_knowledge"
    NOT_SENSITIVE = "not_sensitive"
    STRUCTURAL = "structural"
    CONTEXT_MISSING = "context_missing"
    DIFFERENCING = "differencing"
    TEXT_DISCLOSES = "text_discloses"
    OTHER = "other"


@dataclass(frozen=True)
class Vote:
    """One reviewer's decision on one output."""

    reviewer: str
    decision: Decision
    reason: Reason | None = None
    explanation: str = ""


class Outcome(StrEnum):
    """What the votes on one output come to."""

    OPEN = "open"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    DISSENT = "dissent"


def check_vote(vote: Vote, status: Status, level: Level) -> None:
    """Refuse a vote against the automatic verdict without a coded reason and an explanation.

    Approving what is not safe, or what nobody here tabulated, is an exception; so is rejecting what is safe.
    """
    exception = status is not Status.SAFE or level is Level.UNVERIFIED
    against = exception if vote.decision is Decision.APPROVE else vote.decision is Decision.REJECT and not exception
    if against and (vote.reason is None or not vote.explanation.strip()):
        raise StateError(
            f"To {vote.decision.value} an output whose verdict is {status.value} ({level.value}) takes a reason.",
            hint=f"Give --reason (one of {', '.join(Reason)}) and --text.",
        )


def outcome(votes: Collection[Vote], quorum: int) -> Outcome:
    """Return what the votes on one output come to: nothing before a quorum has voted, and one dissent blocks."""
    decisions = {vote.decision for vote in votes}
    if len({vote.reviewer for vote in votes}) < quorum:
        return Outcome.OPEN
    if len(decisions) > 1:
        return Outcome.DISSENT
    return {
        Decision.APPROVE: Outcome.APPROVED,
        Decision.REJECT: Outcome.REJECTED,
        Decision.REQUEST_CHANGES: Outcome.CHANGES_REQUESTED,
    }[decisions.pop()]
