"""Votes: who may, what a quorum comes to, and what a vote against the automatic verdict takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from disclosure.errors import StateError
from disclosure.model.verdicts import Level, Status
from output_review.domain.permissions import PermissionRefusedError, reviewer_of
from output_review.domain.votes import Outcome, Reason, Vote, check_vote, outcome
from output_review.signing.manifest import Person, PersonRole
from output_review.signing.signoff import Decision
from tests.output_review.trust_camp import TrustCamp

APPROVE = Vote("vera", Decision.APPROVE)


def by(*decisions: Decision) -> list[Vote]:
    return [Vote(f"reviewer-{place}", decision) for place, decision in enumerate(decisions)]


def test_nothing_is_decided_before_the_quorum_has_voted() -> None:
    assert outcome(by(Decision.APPROVE), 2) is Outcome.OPEN
    assert outcome([], 2) is Outcome.OPEN


def test_two_votes_of_one_reviewer_are_one() -> None:
    assert outcome([APPROVE, APPROVE], 2) is Outcome.OPEN


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Decision.APPROVE, Outcome.APPROVED),
        (Decision.REJECT, Outcome.REJECTED),
        (Decision.REQUEST_CHANGES, Outcome.CHANGES_REQUESTED),
    ],
)
def test_a_quorum_of_one_mind_decides(decision: Decision, expected: Outcome) -> None:
    assert outcome(by(decision, decision), 2) is expected


@pytest.mark.parametrize("other", [Decision.REJECT, Decision.REQUEST_CHANGES])
def test_one_dissent_blocks_however_many_approve(other: Decision) -> None:
    assert outcome(by(Decision.APPROVE, Decision.APPROVE, Decision.APPROVE, other), 2) is Outcome.DISSENT


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (Status.UNSAFE, Level.RECOMPUTED),
        (Status.INCONCLUSIVE, Level.RECOMPUTED),
        (Status.SAFE, Level.UNVERIFIED),
    ],
)
def test_approving_what_is_not_safe_and_verified_takes_a_reason_and_words(status: Status, level: Level) -> None:
    for vote in (APPROVE, replace(APPROVE, reason=Reason.OTHER), replace(APPROVE, explanation="words")):
        with pytest.raises(StateError, match="takes a reason"):
            check_vote(vote, status, level)
    check_vote(replace(APPROVE, reason=Reason.PUBLIC_KNOWLEDGE, explanation="on StatLine"), status, level)
    check_vote(Vote("vera", Decision.REJECT), status, level)


def test_rejecting_a_safe_output_takes_a_reason_and_approving_it_does_not() -> None:
    check_vote(APPROVE, Status.SAFE, Level.REPRODUCED)
    with pytest.raises(StateError, match="takes a reason"):
        check_vote(Vote("vera", Decision.REJECT), Status.SAFE, Level.RECOMPUTED)


def test_a_reviewer_of_another_team_may_decide() -> None:
    assert reviewer_of(TrustCamp().manifest, "vera", "team-1").name == "vera"


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_who_is_no_reviewer_may_not_decide(name: str) -> None:
    with pytest.raises(PermissionRefusedError, match="not a reviewer"):
        reviewer_of(TrustCamp().manifest, name, "team-1")


def test_a_reviewer_does_not_decide_on_the_own_team() -> None:
    manifest = TrustCamp().manifest
    own = Person("vera", (PersonRole.REVIEWER,), ("team-2",))
    manifest = replace(manifest, people=(own, *(one for one in manifest.people if one.name != "vera")))
    assert reviewer_of(manifest, "vera", "team-1") == own
    with pytest.raises(PermissionRefusedError, match="belongs to team"):
        reviewer_of(manifest, "vera", "team-2")
