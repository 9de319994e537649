"""One dissent blocks; its author changes the vote, or a third reviewer resolves it with a reason."""

from __future__ import annotations

import pytest

from disclosure.errors import BadInputError, StateError
from output_review.domain.permissions import PermissionRefusedError
from output_review.domain.states import State
from output_review.domain.votes import Outcome, Reason, Vote, outcome, overruled
from output_review.services.releasing import release
from output_review.services.reviewing import outcomes, resolve, vote, votes_on
from output_review.services.signing_off import sign_offs
from output_review.signing.signoff import Decision
from output_review.verify import verifier
from tests.output_review.workflow_camp import APPROVE, CHANGE, REJECT, Workflow, submitted
from tests.output_review.zone_camp import EVERYONE, ZoneCamp


def in_dissent(made: ZoneCamp, *names: str) -> Workflow:
    """Vera approves everything; wim rejects the first output and approves the others."""
    flow = submitted(made, *(names or ("by-wijk",)))
    flow.vote("vera")
    first, *others = flow.names
    flow.vote("wim", REJECT, first)
    if others:
        flow.vote("wim", APPROVE, *others)
    return flow


def outcome_of(made: Workflow, name: str = "by-wijk") -> Outcome:
    return outcomes(made.zone, made.row)[name]


def verified(made: Workflow) -> list[str]:
    path = release(made.zone, made.row)
    roots = [root.fingerprint for root in made.zone.manifest.roots]
    report = verifier.verify_file(str(path), roots, demo=True)
    assert report.status is verifier.Status.VERIFIED
    return list(report.facts["reviewers"])


def test_the_author_of_a_dissent_changes_the_vote(zone_camp: ZoneCamp) -> None:
    made = in_dissent(zone_camp)
    made.sign("vera")
    assert outcome_of(made) is Outcome.DISSENT
    made.vote("wim")
    assert made.sign("wim") is State.APPROVED


def test_a_third_reviewer_resolves_it_and_the_release_is_signed_by_those_who_approve(zone_camp: ZoneCamp) -> None:
    made = in_dissent(zone_camp)
    made.sign("vera")
    made.sign("wim")
    assert made.state is State.IN_REVIEW
    resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, "The population is in the title.")
    assert outcome_of(made) is Outcome.APPROVED
    assert made.state is State.IN_REVIEW  # the resolver has not signed
    assert made.sign("yara") is State.APPROVED
    assert verified(made) == ["vera", "yara"]
    assert made.actions().count("resolve") == 1


def test_a_dissent_that_is_resolved_against_an_output_withholds_it(zone_camp: ZoneCamp) -> None:
    made = in_dissent(zone_camp, "by-wijk", "more")
    for reviewer in ("vera", "wim"):
        made.sign(reviewer)
    resolve(made.zone, made.row, "by-wijk", "yara", REJECT, "Of whom?", reason=Reason.CONTEXT_MISSING)
    made.vote("yara", APPROVE, "more")
    assert outcome_of(made) is Outcome.REJECTED
    assert made.sign("yara") is State.APPROVED
    assert verified(made) == ["wim", "yara"]


def test_whoever_was_overruled_may_change_the_vote_and_sign(zone_camp: ZoneCamp) -> None:
    made = in_dissent(zone_camp)
    resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, "It is clear.")
    with pytest.raises(StateError, match="resolved against your vote"):
        made.sign("wim")
    assert sign_offs(made.row) == ()
    made.sign("yara")
    assert made.state is State.IN_REVIEW
    made.vote("wim")
    assert made.sign("wim") is State.APPROVED


def test_who_resolves_had_not_voted_and_gives_a_reason(zone_camp: ZoneCamp) -> None:
    made = in_dissent(zone_camp)
    for reviewer in ("vera", "wim"):
        with pytest.raises(StateError, match="You have voted"):
            resolve(made.zone, made.row, "by-wijk", reviewer, APPROVE, "I insist.")
    with pytest.raises(StateError, match="takes an explanation"):
        resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, "  ")
    with pytest.raises(StateError, match="takes a reason"):
        resolve(made.zone, made.row, "by-wijk", "yara", REJECT, "No.")
    with pytest.raises(BadInputError, match="no output"):
        resolve(made.zone, made.row, "other", "yara", APPROVE, "Yes.")
    for name in ("anna", "xena", "nobody"):
        with pytest.raises(PermissionRefusedError):
            resolve(made.zone, made.row, "by-wijk", name, APPROVE, "Yes.")
    assert outcome_of(made) is Outcome.DISSENT


def test_without_a_dissent_there_is_nothing_to_resolve(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("vera")
    with pytest.raises(StateError, match="no dissent"):
        resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, "Yes.")
    made.vote("wim")
    with pytest.raises(StateError, match="no dissent"):
        resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, "Yes.")


def test_a_new_vote_for_something_else_opens_the_dissent_again(zone_camp: ZoneCamp) -> None:
    made = in_dissent(zone_camp)
    resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, "It is clear.")
    made.vote("wim", REJECT)  # to say the same again opens nothing
    assert outcome_of(made) is Outcome.APPROVED
    made.vote("wim", CHANGE)
    assert outcome_of(made) is Outcome.DISSENT
    assert made.actions()[-2:] == ["dissent_opened", "vote"]


def test_the_resolver_votes_the_same_again_and_still_resolves_or_else_opens_it(zone_camp: ZoneCamp) -> None:
    made = in_dissent(zone_camp)
    resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, "It is clear.")
    made.vote("yara")
    assert outcome_of(made) is Outcome.APPROVED
    made.vote("yara", REJECT)
    assert outcome_of(made) is Outcome.DISSENT


def test_nobody_votes_themselves_into_resolving(zone_camp: ZoneCamp) -> None:
    made = in_dissent(zone_camp)
    vote(made.zone, made.row, ("by-wijk",), Vote("yara", APPROVE, explanation="I decide.", resolves=True))
    assert not any(one.resolves for one in votes_on(made.row.outputs.get()))
    assert outcome_of(made) is Outcome.DISSENT


def test_an_unsafe_output_is_not_approved_by_a_resolver_and_one_more(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, sql=EVERYONE)
    because = {"reason": Reason.PUBLIC_KNOWLEDGE, "explanation": "published on StatLine"}
    vote(made.zone, made.row, ("by-wijk",), Vote("vera", APPROVE, **because))  # type: ignore[arg-type]
    vote(made.zone, made.row, ("by-wijk",), Vote("wim", REJECT))
    with pytest.raises(StateError, match="no dissent"):  # an exception takes three votes before it is decided at all
        resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, "Yes.", reason=Reason.PUBLIC_KNOWLEDGE)
    assert outcome_of(made) is Outcome.OPEN


def voted(*decisions: Decision, resolver: Decision) -> list[Vote]:
    votes = [Vote(f"reviewer-{place}", decision) for place, decision in enumerate(decisions)]
    return [*votes, Vote("resolver", resolver, explanation="words", resolves=True)]


def test_a_resolution_decides_and_names_whom_it_overrules() -> None:
    votes = voted(APPROVE, REJECT, resolver=APPROVE)
    assert outcome(votes, 2) is Outcome.APPROVED
    assert overruled(votes) == {"reviewer-1"}
    assert outcome(voted(APPROVE, REJECT, resolver=REJECT), 2) is Outcome.REJECTED
    assert outcome(voted(APPROVE, REJECT, resolver=CHANGE), 2) is Outcome.CHANGES_REQUESTED
    assert overruled([Vote("vera", APPROVE), Vote("wim", REJECT)]) == frozenset()


def test_to_approve_a_quorum_must_be_of_the_resolvers_mind() -> None:
    assert outcome(voted(APPROVE, REJECT, REJECT, resolver=APPROVE), 3) is Outcome.OPEN
    assert outcome(voted(APPROVE, APPROVE, REJECT, resolver=APPROVE), 3) is Outcome.APPROVED
    assert outcome(voted(REJECT, APPROVE, APPROVE, resolver=REJECT), 3) is Outcome.REJECTED


def test_two_who_resolve_differently_are_a_dissent() -> None:
    votes = [*voted(APPROVE, REJECT, resolver=APPROVE), Vote("another", REJECT, explanation="words", resolves=True)]
    assert outcome(votes, 2) is Outcome.DISSENT
