"""Votes per output, and what follows from them. A vote is one reviewer's; nobody's counts twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from disclosure.errors import StateError
from disclosure.model.verdicts import Level, Status
from disclosure.texts import Text, text
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


_DECISIONS: Final[Mapping[Decision, Text]] = MappingProxyType(
    {
        Decision.APPROVE: text("approve"),
        Decision.REQUEST_CHANGES: text("request changes"),
        Decision.REJECT: text("reject"),
    }
)
_STATUSES: Final[Mapping[Status, Text]] = MappingProxyType(
    {Status.SAFE: text("safe"), Status.UNSAFE: text("unsafe"), Status.INCONCLUSIVE: text("inconclusive")}
)
_LEVELS: Final[Mapping[Level, Text]] = MappingProxyType(
    {
        Level.RECOMPUTED: text("recomputed"),
        Level.REPRODUCED: text("reproduced"),
        Level.UNVERIFIED: text("unverified"),
    }
)


@dataclass(frozen=True)
class Vote:
    """One reviewer's decision on one output; one that `resolves` settles a dissent between others."""

    reviewer: str
    decision: Decision
    reason: Reason | None = None
    explanation: str = ""
    resolves: bool = False


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
    if is_against(vote.decision, status, level) and (vote.reason is None or not vote.explanation.strip()):
        raise StateError(
            text(
                "To {decision} an output whose verdict is {status} ({level}) takes a reason.",
                decision=_DECISIONS[vote.decision],
                status=_STATUSES[status],
                level=_LEVELS[level],
            ),
            hint=text(
                "Choose a coded reason and say why in words; on the command line with --reason ({reasons}) and --text.",
                reasons=", ".join(Reason),
            ),
        )


def is_against(decision: Decision, status: Status, level: Level) -> bool:
    """Tell whether a vote goes against the automatic verdict."""
    exception = status is not Status.SAFE or level is Level.UNVERIFIED
    return exception if decision is Decision.APPROVE else decision is Decision.REJECT and not exception


def outcome(votes: Collection[Vote], quorum: int) -> Outcome:
    """Return what the votes on one output come to: nothing before a quorum has voted, and one dissent blocks.

    A dissent that was resolved comes to what its resolver decided. To approve, a quorum must be of that mind: whoever
    was overruled does not count for it.
    """
    decisions = {vote.decision for vote in votes}
    if len({vote.reviewer for vote in votes}) < quorum:
        return Outcome.OPEN
    resolved = {vote.decision for vote in votes if vote.resolves}
    if len(resolved or decisions) > 1:
        return Outcome.DISSENT
    decision = (resolved or decisions).pop()
    if decision is Decision.APPROVE and len({vote.reviewer for vote in votes if vote.decision is decision}) < quorum:
        return Outcome.OPEN
    return {
        Decision.APPROVE: Outcome.APPROVED,
        Decision.REJECT: Outcome.REJECTED,
        Decision.REQUEST_CHANGES: Outcome.CHANGES_REQUESTED,
    }[decision]


def overruled(votes: Collection[Vote]) -> frozenset[str]:
    """Return the reviewers against whose vote a dissent was resolved."""
    resolved = {vote.decision for vote in votes if vote.resolves}
    return frozenset(vote.reviewer for vote in votes if resolved and vote.decision not in resolved)
