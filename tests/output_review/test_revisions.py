"""A submission that answers becomes the next revision of a returned request, whole and once, or changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from output_review.domain.states import State
from output_review.services.answering import answer
from output_review.services.claiming import claim
from output_review.services.ingest import ingest
from output_review.services.returning import withdraw
from output_review.services.revisions import code_of, made_with
from output_review.services.telling import tell_all
from output_review.services.zone import ControlZone
from tests.output_review.returned_camp import (
    BODY,
    FIRST,
    SECOND,
    again,
    asked_again,
    handed_in,
    returned,
    taken_in,
    told,
)
from tests.output_review.zone_camp import ZoneCamp


def refused(zone: ControlZone) -> str:
    (done,) = ingest(zone)
    assert done.refused
    return done.refused


def test_a_submission_that_answers_becomes_the_next_revision(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    again(zone_camp, {one: "Everyone.", other: "For the atlas.\nIts first page."})
    (done,) = ingest(zone)
    row.refresh_from_db()
    assert (done.request, done.refused) == (row.pk, "")
    assert (State(row.state), row.revision, row.number) == (State.SUBMITTED, 2, 1)
    assert [one.name for one in row.outputs.filter(revision=2)] == [FIRST]
    assert not row.outputs.get(revision=2).level
    assert (row.claimed_by, row.lane, row.reason) == ("", "", "")
    assert row.jobs.filter(revision=2).count() == 1
    claim(zone, taken_in_again(zone, row), "wim")
    assert State(row.state) is State.IN_REVIEW


def taken_in_again(zone: ControlZone, row: Any) -> Any:
    from output_review.services.tabulating import tabulate

    tabulate(zone, row)
    row.refresh_from_db()
    return row


def test_what_the_earlier_revision_was_stays_as_it_was(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    before = list(row.outputs.filter(revision=1).values())
    again(zone_camp, {one: "Everyone.", other: "For the atlas."})
    ingest(zone)
    row.refresh_from_db()
    assert list(row.outputs.filter(revision=1).values()) == before
    assert row.outputs.get(revision=1, name=FIRST).votes.count() == 1
    codes = [zone.store.get(code_of(row, revision)[0][1]) for revision in (1, 2)]
    assert codes == [b"print('hello')\n", b"print('hello again 2')\n"]
    assert row.code == code_of(row, 2)
    first, second = made_with(row, 1), made_with(row, 2)
    assert first is not None
    assert second is not None
    assert (first.number, second.number, second.submission) == (1, 2, row.submission)
    assert first.submission != second.submission


def test_answers_stand_beside_the_questions_under_the_teams_name(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    again(zone_camp, {one: "Everyone.", other: "For the atlas."})
    ingest(zone)
    found = {given.answers_id: given for given in row.comments.exclude(answers=None)}
    assert {key: (given.body, given.output, given.revision) for key, given in found.items()} == {
        one: ("Everyone.", FIRST, 1), other: ("For the atlas.", SECOND, 1),
    }  # fmt: skip
    assert {given.author for given in found.values()} == {"team-1"}


def test_what_was_answered_on_the_page_needs_no_second_answer(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    answer(zone, row, "anna", one, "Everyone.")
    again(zone_camp, {other: "For the atlas."})
    (done,) = ingest(zone)
    assert not done.refused
    row.refresh_from_db()
    assert row.revision == 2


def test_every_question_must_be_answered(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    again(zone_camp, {one: "Everyone."})
    assert f"not answered: {other}." in refused(zone)
    row.refresh_from_db()
    assert (State(row.state), row.revision) == (State.RETURNED, 1)
    assert not row.comments.exclude(answers=None).exists()


def test_a_refused_revision_is_kept_with_its_reason_and_comes_again_under_a_new_number(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    again(zone_camp, {one: "Everyone."})
    reason = refused(zone)
    assert (told(zone_camp, 2)["state"], told(zone_camp, 2)["reason"]) == ("refused", reason)
    assert told(zone_camp)["state"] == "returned"
    assert ingest(zone) == ()
    again(zone_camp, {one: "Everyone.", other: "For the atlas."}, number=3)
    (done,) = ingest(zone)
    assert (done.request, done.refused) == (row.pk, "")
    tell_all(zone)
    assert [told(zone_camp, number)["state"] for number in (1, 2, 3)] == ["submitted", "refused", "submitted"]
    assert [told(zone_camp, number)["revision"] for number in (1, 3)] == [2, 2]


def test_a_question_of_another_request_or_revision_is_not_answered(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    again(zone_camp, {one: "Everyone.", other: "For the atlas.", other + 1000: "And more."})
    assert "was not asked" in refused(zone)
    again(zone_camp, {one: "Everyone.", other: "For the atlas."}, number=3)
    ingest(zone)
    row.refresh_from_db()
    taken_in_again(zone, row)
    claim(zone, row, "vera")
    again(zone_camp, {one: "Everyone."}, number=4)
    assert "is in review" in refused(zone)


@pytest.mark.parametrize("state", ["submitted", "in_review", "withdrawn"])
def test_only_what_was_returned_is_revised(zone_camp: ZoneCamp, state: str) -> None:
    zone = zone_camp.zone()
    row = handed_in(zone_camp, zone)
    if state == "in_review":
        claim(zone, row, "vera")
    if state == "withdrawn":
        withdraw(zone, row, "anna", "A mistake.")
    again(zone_camp, {})
    assert f"Request 1 is {state.replace('_', ' ')}" in refused(zone)
    row.refresh_from_db()
    assert (row.state, row.revision) == (state, 1)


def test_a_request_that_was_never_handed_in_is_not_revised(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    again(zone_camp, {}, number=7, revises=3)
    assert "no request 3" in refused(zone)


def test_another_teams_request_is_not_revised(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    again(zone_camp, {one: "Everyone.", other: "For the atlas."})
    outbox = zone_camp.folder / "outbox"
    (outbox / "team-2").mkdir(exist_ok=True)
    document = json.loads((outbox / "team-1" / "2" / "submission.json").read_bytes()) | {"team": "team-2"}
    (outbox / "team-1" / "2" / "submission.json").write_text(json.dumps(document))
    (outbox / "team-1" / "2").rename(outbox / "team-2" / "2")
    assert "no request 1" in refused(zone)
    row.refresh_from_db()
    assert (State(row.state), row.revision) == (State.RETURNED, 1)


def test_a_third_revision_follows_the_second(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    folder = zone_camp.hand_in(
        {FIRST: zone_camp.recipe(), SECOND: zone_camp.recipe()}, number=2, revises=1, answers={one: "a", other: "b"}
    )
    assert folder.is_dir()
    row = taken_in(zone)
    one, other = asked_again(zone, row)
    again(zone_camp, {one: "Everyone.", other: "For the atlas."}, number=5)
    (done,) = ingest(zone)
    row.refresh_from_db()
    assert (done.request, done.refused, row.revision) == (row.pk, "", 3)
    assert [taken.number for taken in row.handed_in.order_by("revision")] == [1, 2, 5]


def test_too_many_outputs_are_refused_with_what_to_do(zone_camp: ZoneCamp) -> None:
    config = zone_camp.folder / "camp.toml"
    config.write_text(config.read_text() + "[review]\noutputs = 2\n")
    zone = zone_camp.zone()
    zone_camp.hand_in({f"t{number}": zone_camp.recipe() for number in range(3)})
    zone_camp.hand_in({f"t{number}": zone_camp.recipe() for number in range(2)}, number=2)
    many, few = ingest(zone)
    assert "Hand in fewer outputs" in many.refused
    assert not few.refused


def test_what_was_taken_in_before_keeps_what_it_was_made_with(zone_camp: ZoneCamp) -> None:
    from django.core.management import call_command

    zone = zone_camp.zone()
    row = handed_in(zone_camp, zone)
    call_command("migrate", "output_review", "0007", verbosity=0)
    call_command("migrate", "output_review", verbosity=0)
    found = made_with(row, 1)
    assert found is not None
    assert (found.submission, found.code, found.parameters) == (row.submission, row.code, row.parameters)
    assert row.code


# ------------------------------------------------------------------------------------------------------------ the inbox
def test_a_team_is_told_the_questions_of_its_returned_request_in_both_languages(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    row, (one, other) = returned(zone_camp, zone)
    document = told(zone_camp)
    assert {key: document[key] for key in ("version", "number", "state", "revision")} == {
        "version": 2, "number": 1, "state": "returned", "revision": 1,
    }  # fmt: skip
    first, second = document["questions"]
    assert first == {"id": one, "output": FIRST, "phrase": None, "body": BODY, "answered": False}
    assert (second["id"], second["output"], second["body"], second["answered"]) == (other, SECOND, "", False)
    assert second["phrase"]["en"] == "Explain what this output is for and how it is to be read."
    assert second["phrase"]["nl"] not in ("", second["phrase"]["en"])
    answer(zone, row, "anna", one, "Everyone.")
    assert [question["answered"] for question in told(zone_camp)["questions"]] == [True, False]


def test_what_reviewers_say_among_themselves_or_while_they_review_is_not_told(zone_camp: ZoneCamp) -> None:
    from output_review.domain.threads import Audience
    from output_review.services.commenting import comment

    zone = zone_camp.zone()
    row = handed_in(zone_camp, zone)
    claim(zone, row, "vera")
    comment(zone, row, "vera", output=FIRST, body="A private thought.", audience=Audience.REVIEWERS)
    comment(zone, row, "wim", output=FIRST, body="Who is counted here?")
    tell_all(zone)
    assert told(zone_camp)["questions"] == []
    (zone_camp.folder / "inbox" / "team-1" / "1.json").unlink()
    asked_again(zone, row)
    text = json.dumps(told(zone_camp))
    assert "Who is counted here?" in text
    assert "private" not in text


def test_a_later_submission_is_told_to_be_taken_in(zone_camp: ZoneCamp) -> None:
    zone = zone_camp.zone()
    _, (one, other) = returned(zone_camp, zone)
    again(zone_camp, {one: "Everyone.", other: "For the atlas."})
    ingest(zone)
    assert {key: told(zone_camp, 2)[key] for key in ("state", "revision")} == {"state": "submitted", "revision": 2}
    (zone_camp.folder / "inbox" / "team-1" / "2.json").unlink()
    tell_all(zone)
    assert told(zone_camp, 2)["revision"] == 2
