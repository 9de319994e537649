"""A request goes back to its team, is answered and comes again; or its team withdraws it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from disclosure.errors import BadInputError, DocumentError, StateError
from output_review.domain.permissions import PermissionRefusedError
from output_review.domain.states import State
from output_review.domain.threads import Audience
from output_review.domain.votes import Reason, Vote
from output_review.services.answering import answer, hand_in_again, open_questions
from output_review.services.commenting import comment
from output_review.services.releasing import release
from output_review.services.returning import return_request, withdraw
from output_review.services.reviewing import reject, resolve, vote
from output_review.services.tabulating import tabulate
from tests.output_review.workflow_camp import APPROVE, CHANGE, REJECT, Workflow, submitted
from tests.output_review.zone_camp import ZoneCamp


def told(made: Workflow) -> dict[str, object]:
    document = json.loads((made.camp.folder / "inbox" / "team-1" / "1.json").read_bytes())
    assert isinstance(document, dict)
    return document


def test_a_return_takes_a_public_comment_on_each_output_with_changes_requested(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, "by-wijk", "more")
    made.vote("vera", CHANGE)
    comment(made.zone, made.row, "vera", output="by-wijk", body="Who?")
    comment(made.zone, made.row, "vera", output="more", body="Between us.", audience=Audience.REVIEWERS)
    comment(made.zone, made.row, "vera", body="In general: who?")
    with pytest.raises(StateError, match="Nothing is said to the team about more"):
        return_request(made.zone, made.row, "vera")
    assert made.state is State.IN_REVIEW
    comment(made.zone, made.row, "wim", output="more", phrase="population_unclear")  # anybody's will do
    return_request(made.zone, made.row, "vera", " Please explain. ")
    assert (made.state, made.row.reason) == (State.RETURNED, "Please explain.")
    assert (told(made)["state"], told(made)["reason"]) == ("returned", "Please explain.")
    assert [one["output"] for one in told(made)["questions"]] == ["by-wijk", "", "more"]  # type: ignore[attr-defined]


def test_a_request_without_changes_requested_is_not_returned(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("vera", APPROVE)
    comment(made.zone, made.row, "vera", output="by-wijk", body="Who?")
    with pytest.raises(StateError, match="request no changes"):
        return_request(made.zone, made.row, "vera")


def test_a_return_tells_nothing_of_votes_that_are_blind(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, "by-wijk", "more")
    made.vote("vera", CHANGE, "by-wijk")
    made.vote("wim", CHANGE, "more")
    comment(made.zone, made.row, "vera", output="by-wijk", body="Who?")
    return_request(made.zone, made.row, "vera")
    assert made.state is State.RETURNED


def test_what_a_quorum_wants_changed_needs_its_comment_whoever_returns(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("vera", CHANGE)
    made.vote("wim", CHANGE)
    made.clock.on(minutes=30)
    with pytest.raises(StateError, match="Nothing is said to the team about by-wijk"):
        return_request(made.zone, made.row, "yara")


@pytest.mark.parametrize("name", ["anna", "xena", "nobody"])
def test_only_a_reviewer_of_another_team_returns(zone_camp: ZoneCamp, name: str) -> None:
    made = submitted(zone_camp)
    made.vote("vera", CHANGE)
    with pytest.raises(PermissionRefusedError):
        return_request(made.zone, made.row, name)


def test_whoever_has_the_claim_returns_and_another_once_it_has_expired(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("vera", CHANGE)
    made.vote("wim", CHANGE)
    comment(made.zone, made.row, "wim", output="by-wijk", body="Who?")
    with pytest.raises(StateError, match="'vera' has claimed"):
        return_request(made.zone, made.row, "wim")
    assert made.row.state == "in_review"
    made.clock.on(minutes=30)
    return_request(made.zone, made.row, "wim")
    assert made.state is State.RETURNED


def test_nothing_is_deleted_by_a_return(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, "by-wijk", "more")
    made.vote("wim")
    made.sign("wim")
    made.clock.on(minutes=30)
    made.returned()
    row = made.row
    assert row.sign_offs.filter(revision=1).count() == 1
    assert sum(one.votes.count() for one in row.outputs.all()) == 4


def test_only_the_team_answers_and_only_what_was_asked(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("vera", CHANGE)
    question = comment(made.zone, made.row, "vera", output="by-wijk", body="Who?")
    note = comment(made.zone, made.row, "vera", output="by-wijk", body="Hm.", audience=Audience.REVIEWERS)
    with pytest.raises(StateError, match="in review"):
        answer(made.zone, made.row, "anna", question.pk, "Everybody.")
    return_request(made.zone, made.row, "vera")
    for name in ("vera", "xena", "nobody"):
        with pytest.raises(PermissionRefusedError):
            answer(made.zone, made.row, name, question.pk, "Everybody.")
    for number in (note.pk, 99):
        with pytest.raises(BadInputError, match="no such question"):
            answer(made.zone, made.row, "anna", number, "Everybody.")
    for body in ("", "x" * 2001, "a\u202eb"):
        with pytest.raises(DocumentError):
            answer(made.zone, made.row, "anna", question.pk, body)
    assert [one.pk for one in open_questions(made.row)] == [question.pk]
    answer(made.zone, made.row, "anna", question.pk, "Everybody.\r\nReally.")
    assert open_questions(made.row) == ()
    assert told(made)["questions"][0]["answered"] is True  # type: ignore[index]


def test_it_is_handed_in_again_once_everything_is_answered(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, "by-wijk", "more")
    made.returned()
    first = open_questions(made.row)[0]
    answer(made.zone, made.row, "anna", first.pk, "Everybody.")
    with pytest.raises(StateError, match="1 of the questions"):
        hand_in_again(made.zone, made.row, "anna", ("by-wijk",))
    assert (made.state, made.row.revision) == (State.RETURNED, 1)
    made.answered()
    for keep in ((), ("other",), ("by-wijk", "other")):
        with pytest.raises(BadInputError):
            hand_in_again(made.zone, made.row, "anna", keep)
    with pytest.raises(PermissionRefusedError):
        hand_in_again(made.zone, made.row, "vera", ("by-wijk",))
    assert hand_in_again(made.zone, made.row, "anna", ("by-wijk",)) == 2
    row = made.row
    assert (made.state, row.revision, row.lane, row.claimed_by, row.reason) == (State.SUBMITTED, 2, "", "", "")
    (output,) = row.outputs.filter(revision=2)
    assert (output.name, output.level, output.files, output.votes.count()) == ("by-wijk", "", {}, 0)
    assert row.outputs.filter(revision=1).count() == 2
    assert row.jobs.get(revision=2).state == "queued"
    assert told(made)["state"] == "submitted"
    assert told(made)["revision"] == 2
    assert told(made)["questions"] == []


def test_the_next_revision_is_tabulated_voted_on_and_released_anew(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.returned()
    made.answered()
    hand_in_again(made.zone, made.row, "anna", made.names)
    with pytest.raises(StateError, match="not tabulated"):
        made.vote("vera")
    tabulate(made.zone, made.row)
    made.approved()
    assert made.state is State.APPROVED
    assert release(made.zone, made.row).name == "camp-team-1-0001-r2.zip"


def test_no_vote_and_no_sign_off_of_an_earlier_revision_counts_for_the_next(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("wim")
    made.sign("wim")
    made.clock.on(minutes=30)
    made.returned()
    made.answered()
    hand_in_again(made.zone, made.row, "anna", made.names)
    tabulate(made.zone, made.row)
    made.vote("vera")
    made.sign("vera")
    assert made.state is State.IN_REVIEW
    made.vote("yara")
    assert made.sign("yara") is State.APPROVED


def test_answering_needs_no_session(zone_camp: ZoneCamp) -> None:
    with (zone_camp.folder / "camp.toml").open("a") as file:
        file.write("[[sessions]]\nfrom = 2020-01-01T09:00:00+01:00\nuntil = 2020-01-01T17:00:00+01:00\n")
    made = submitted(zone_camp)
    made.returned()
    made.answered()
    assert hand_in_again(made.zone, made.row, "anna", made.names) == 2


@pytest.mark.parametrize("before", [State.SUBMITTED, State.IN_REVIEW, State.RETURNED])
def test_its_team_withdraws_what_is_not_decided(zone_camp: ZoneCamp, before: State) -> None:
    made = submitted(zone_camp)
    if before is State.IN_REVIEW:
        made.vote("vera")
    if before is State.RETURNED:
        made.returned()
    assert made.state is before
    for name in ("vera", "xena", "nobody"):
        with pytest.raises(PermissionRefusedError):
            withdraw(made.zone, made.row, name, "no")
    withdraw(made.zone, made.row, "anna", "We found a mistake.")
    assert (made.state, made.row.reason) == (State.WITHDRAWN, "We found a mistake.")
    assert told(made)["state"] == "withdrawn"


def test_what_is_approved_rejected_or_released_is_not_withdrawn(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.approved()
    with pytest.raises(StateError, match="cannot become withdrawn"):
        withdraw(made.zone, made.row, "anna")
    release(made.zone, made.row)
    with pytest.raises(StateError, match="cannot become withdrawn"):
        withdraw(made.zone, made.row, "anna")
    assert made.row.reason == ""


@pytest.mark.parametrize("words", ["x" * 4001, "a\x1b[2Kb", "a\u202eb"])
def test_no_reason_is_longer_than_people_read_or_hides_something(zone_camp: ZoneCamp, words: str) -> None:
    made = submitted(zone_camp)
    vera = Vote("vera", REJECT, Reason.OTHER, words)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: vote(made.zone, made.row, made.names, vera),
        lambda: resolve(made.zone, made.row, "by-wijk", "yara", APPROVE, words),
        lambda: reject(made.zone, made.row, "vera", words),
        lambda: return_request(made.zone, made.row, "vera", words),
        lambda: withdraw(made.zone, made.row, "anna", words),
    )
    for refused in attempts:
        with pytest.raises(BadInputError, match="characters"):
            refused()
    assert made.state is State.SUBMITTED


def test_nobody_goes_on_with_what_is_withdrawn(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.vote("vera")
    withdraw(made.zone, made.row, "anna")
    with pytest.raises(StateError):
        made.vote("wim", REJECT)
    with pytest.raises(StateError):
        made.sign("vera")
    with pytest.raises(StateError):
        hand_in_again(made.zone, made.row, "anna", made.names)
