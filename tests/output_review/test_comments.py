"""Comments: who may say what, and who reads what of it when."""

from __future__ import annotations

import pytest

from disclosure.errors import BadInputError, StateError
from disclosure.texts import language
from output_review.domain.permissions import PermissionRefusedError
from output_review.domain.phrases import Phrase, words
from output_review.domain.threads import Audience
from output_review.domain.words import LONGEST
from output_review.services.commenting import Comment, comment, comments, thread
from output_review.services.returning import return_request
from output_review.signing.manifest import Person, PersonRole
from tests.output_review.workflow_camp import CHANGE, Workflow, submitted, without_people
from tests.output_review.zone_camp import ZoneCamp

VERA, WIM, YARA, XENA = (
    Person(name, (PersonRole.REVIEWER,), teams)
    for name, teams in (("vera", ()), ("wim", ()), ("yara", ()), ("xena", ("team-1",)))
)
ANNA = Person("anna", (PersonRole.RESEARCHER,), ("team-1",))
BERT = Person("bert", (PersonRole.RESEARCHER,), ("team-2",))
AUDITOR = Person("otto", (PersonRole.AUDITOR,))
ORGANISER = Person("olga", (PersonRole.ORGANISER,))
NOTE = Audience.REVIEWERS


def seen(made: Workflow, reader: Person, output: str = "by-wijk") -> list[str]:
    return [one.body for one in thread(made.zone, made.row, reader, output)]


def said(made: Workflow) -> None:
    """A public comment and a note of vera's on by-wijk, and a note on the request."""
    made.vote("vera", CHANGE)
    comment(made.zone, made.row, "vera", output="by-wijk", body="Who is in it?")
    comment(made.zone, made.row, "vera", output="by-wijk", body="Between us.", audience=NOTE)
    comment(made.zone, made.row, "vera", body="In general.", audience=NOTE)


def test_a_comment_says_what_was_written_and_by_whom(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    row = comment(made.zone, made.row, "vera", output="by-wijk", body=" A\r\nB ", phrase="context_missing")
    (one,) = thread(made.zone, made.row, VERA, "by-wijk")
    assert one == Comment(
        number=row.pk, revision=1, output="by-wijk", author="vera", audience=Audience.EVERYONE,
        phrase=Phrase.CONTEXT_MISSING, body="A\nB", answers=None, is_question=True, answered=False, written=row.written,
    )  # fmt: skip


def test_the_log_commits_to_what_was_said_without_its_words(zone_camp: ZoneCamp) -> None:
    from output_review.log.database import DatabaseLog

    made = submitted(zone_camp)
    comment(made.zone, made.row, "vera", output="by-wijk", body="Mrs Jansen?")
    last = DatabaseLog().last()
    assert last is not None
    assert last.action == "comment"
    assert str(last.payload["said"]).startswith("hmac-sha256:")
    assert "Jansen" not in str(last.to_document())


@pytest.mark.parametrize("body", ["", "  \n ", "x" * (LONGEST + 1), "a\x1b[2Kb", "a\u202eb"])
def test_a_comment_that_says_nothing_too_much_or_hides_something_is_refused(zone_camp: ZoneCamp, body: str) -> None:
    made = submitted(zone_camp)
    with pytest.raises(BadInputError):
        comment(made.zone, made.row, "vera", body=body)
    assert made.row.comments.count() == 0


def test_the_longest_comment_and_a_phrase_alone_are_taken(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    comment(made.zone, made.row, "vera", body="x" * LONGEST)
    assert comment(made.zone, made.row, "vera", phrase="leave_out").body == ""


def test_an_unknown_phrase_output_or_comment_is_refused(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    with pytest.raises(BadInputError, match="no such phrase"):
        comment(made.zone, made.row, "vera", phrase="be_nice")
    with pytest.raises(BadInputError, match="no output"):
        comment(made.zone, made.row, "vera", output="other", body="What?")
    with pytest.raises(BadInputError, match="no such comment"):
        comment(made.zone, made.row, "vera", output="by-wijk", body="What?", answers=99)


@pytest.mark.parametrize("name", ["anna", "xena", "nobody"])
def test_only_a_reviewer_of_another_team_comments(zone_camp: ZoneCamp, name: str) -> None:
    made = submitted(zone_camp)
    with pytest.raises(PermissionRefusedError):
        comment(made.zone, made.row, name, body="Let it pass.")


def test_nothing_is_asked_of_a_team_once_the_request_has_left_review_but_notes_are_kept(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    made.returned()
    with pytest.raises(StateError, match="nothing is asked"):
        comment(made.zone, made.row, "vera", output="by-wijk", body="One more thing.")
    assert comment(made.zone, made.row, "vera", body="For later.", audience=NOTE).pk


def test_reviewers_see_each_others_words_only_once_the_quorum_has_voted(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp, "by-wijk", "more")
    said(made)
    assert seen(made, VERA) == ["Who is in it?", "Between us."]
    for other in (WIM, YARA):
        assert seen(made, other) == seen(made, other, "") == []
    made.vote("wim", CHANGE, "by-wijk")
    for other in (WIM, YARA):
        assert seen(made, other) == ["Who is in it?", "Between us."]
        assert seen(made, other, "") == []  # on the other output the quorum has not voted
    made.vote("wim", CHANGE, "more")
    assert seen(made, YARA, "") == ["In general."]


def test_who_wrote_a_comment_is_told_by_what_it_is_also_when_people_have_gone(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    said(made)
    without = without_people(made.zone, "vera", "anna")
    assert comments(without, made.row, YARA) == ()  # what is blind is not shown because its writer has gone
    return_request(made.zone, made.row, "vera")
    made.answered()
    for zone in (made.zone, without):
        found = thread(zone, made.row, ANNA, "by-wijk")
        assert [(one.is_question, one.by_team) for one in found] == [(True, False), (False, True)]


def test_a_camp_that_reviews_together_hides_nothing_between_reviewers(zone_camp: ZoneCamp) -> None:
    with (zone_camp.folder / "camp.toml").open("a") as file:
        file.write("[review]\nshared = true\n")
    made = submitted(zone_camp)
    said(made)
    assert seen(made, WIM) == ["Who is in it?", "Between us."]
    assert seen(made, ANNA) == []


def test_the_team_sees_what_is_asked_once_it_is_returned_and_never_a_note(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    said(made)
    assert seen(made, ANNA) == []
    return_request(made.zone, made.row, "vera")
    assert seen(made, ANNA) == seen(made, XENA) == ["Who is in it?"]
    assert seen(made, ANNA, "") == []
    made.answered()
    (question, answered) = thread(made.zone, made.row, ANNA, "by-wijk")
    assert (question.is_question, question.answered, answered.is_question) == (True, True, False)
    assert answered.answers == question.number


def test_an_auditor_sees_everything_and_an_organiser_or_another_team_nothing(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    said(made)
    assert len(comments(made.zone, made.row, AUDITOR)) == 3
    return_request(made.zone, made.row, "vera")
    for outsider in (ORGANISER, BERT):
        assert comments(made.zone, made.row, outsider) == ()


def test_a_question_is_answered_by_the_team_and_by_nobody_else(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    question = comment(made.zone, made.row, "vera", output="by-wijk", body="Who?")
    for reviewer in ("vera", "wim"):
        made.vote(reviewer)
    for audience in Audience:
        with pytest.raises(BadInputError, match="for the team"):
            comment(made.zone, made.row, "wim", output="by-wijk", body="All.", answers=question.pk, audience=audience)
    assert [one.answered for one in comments(made.zone, made.row, AUDITOR)] == [False]


def test_a_reply_to_a_note_is_no_question(zone_camp: ZoneCamp) -> None:
    made = submitted(zone_camp)
    note = comment(made.zone, made.row, "vera", body="Who?", audience=NOTE)
    for reviewer in ("vera", "wim"):
        made.vote(reviewer)
    comment(made.zone, made.row, "wim", body="It says so in the title.", answers=note.pk)
    assert [one.is_question for one in comments(made.zone, made.row, AUDITOR)] == [False, False]


@pytest.mark.parametrize("audience", Audience)
def test_what_a_reviewer_is_not_shown_yet_is_no_comment_to_reply_to(zone_camp: ZoneCamp, audience: Audience) -> None:
    made = submitted(zone_camp)
    hidden = comment(made.zone, made.row, "vera", output="by-wijk", body="Who?", audience=audience)
    refused = []
    for number in (hidden.pk, hidden.pk + 1):
        with pytest.raises(BadInputError) as error:
            comment(made.zone, made.row, "wim", output="by-wijk", body="All.", answers=number, audience=NOTE)
        refused.append(str(error.value))
    assert refused[0] == refused[1]
    assert made.row.comments.count() == 1


@pytest.mark.parametrize("phrase", Phrase)
def test_every_phrase_exists_in_both_languages(phrase: Phrase) -> None:
    with language("nl"):
        dutch = str(words(phrase))
    with language("en"):
        assert str(words(phrase)) == words(phrase).english != dutch
