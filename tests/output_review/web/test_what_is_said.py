"""What pages say of exceptions, dissents, foreign outputs and left-out ones; in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from disclosure.errors import StateError
from disclosure.texts import language
from output_review.domain.phrases import CHOSEN, Phrase
from output_review.domain.votes import Reason, Vote
from output_review.services.commenting import comment
from output_review.services.foreign import Intake, take_in_foreign
from output_review.services.ingest import ingest
from output_review.services.kept_words import keep_reason, note_of, reason_of, words_of
from output_review.services.releasing import release
from output_review.services.reviewing import may_resolve, resolve, vote
from output_review.services.tabulating import tabulate
from output_review.signing.signoff import Decision
from tests.output_review.test_foreign import CROSSTAB, _entry, acro_folder
from tests.output_review.web.full_camp import handed_in, mixed, tables
from tests.output_review.web.revisions import revised
from tests.output_review.web.web_camp import WebCamp

INTAKE = Intake("team-1", "anna", "Poverty by wijk", "A test.", "persons in The Hague, 2025")
WHY = (Reason.PUBLIC_KNOWLEDGE, "It was published.")
UNSAFE = "income-by-wijk"


def get(web: WebCamp, place: str, who: str = "vera", speaks: str = "en") -> str:
    answer = web.client(who).get(place, secure=True, headers={"accept-language": speaks})
    assert answer.status_code == 200
    return str(answer.text)


def in_dissent(web: WebCamp, *decisions: tuple[str, Decision]) -> int:
    """Hand in an unsafe output and have reviewers vote on it."""
    number = handed_in(web, mixed(web.camp))
    for who, decision in decisions:
        given = WHY if decision is Decision.APPROVE else (None, "")
        vote(web.zone, web.zone.request(number), (UNSAFE,), Vote(who, decision, *given))
    return number


def foreign(web: WebCamp, place: Path) -> int:
    results = {"t": _entry("t.csv", status="pass"), "p": _entry("p.png")}
    row = take_in_foreign(web.zone, acro_folder(place, results, {"t.csv": CROSSTAB, "p.png": b"x"}), INTAKE)
    tabulate(web.zone, row)
    return row.pk


# ------------------------------------------------------------------------------------------------- exceptions, dissents
def test_of_an_exception_it_is_said_what_would_leave(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    assert "what is withheld (×) stays withheld" in get(web, f"/requests/{number}/outputs/{UNSAFE}/")
    assert "approved as an exception" not in get(web, f"/requests/{number}/outputs/by-household/")


def test_a_dissent_on_an_exception_names_who_may_resolve_it(web: WebCamp) -> None:
    three = (("vera", Decision.APPROVE), ("wim", Decision.REJECT), ("yara", Decision.APPROVE))
    number = in_dissent(web, *three)
    (output,) = web.zone.request(number).outputs.filter(name=UNSAFE)
    assert may_resolve(web.zone, output) == ()  # xena is of the team
    assert "Everyone who may decide has voted on it" in get(web, f"/requests/{number}/outputs/{UNSAFE}/")
    with pytest.raises(StateError) as refused:
        resolve(web.zone, web.zone.request(number), UNSAFE, "wim", Decision.APPROVE, "Yes.", reason=WHY[0])
    assert "one of you has to vote anew" in refused.value.hint


def test_a_dissent_on_a_safe_output_names_those_who_have_not_voted(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    row = web.zone.request(number)
    vote(web.zone, row, ("persons-01",), Vote("vera", Decision.APPROVE))
    page = f"/requests/{number}/outputs/persons-01/"
    assert "resolves it" not in get(web, page)
    vote(web.zone, row, ("persons-01",), Vote("wim", Decision.REJECT, Reason.OTHER, "No."))
    assert "one who has not voted on it resolves it: yara." in get(web, page)
    with pytest.raises(StateError) as refused:
        resolve(web.zone, row, "persons-01", "vera", Decision.APPROVE, "Yes.")
    assert "yara" in refused.value.hint


def test_whoever_was_overruled_is_not_offered_to_sign(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    row = web.zone.request(number)
    vote(web.zone, row, ("persons-01",), Vote("vera", Decision.APPROVE))
    vote(web.zone, row, ("persons-01",), Vote("wim", Decision.REJECT, Reason.OTHER, "No."))
    assert 'id="sign"' in get(web, f"/requests/{number}/finish", "wim")
    resolve(web.zone, row, "persons-01", "yara", Decision.APPROVE, "It is fine.")
    wim = get(web, f"/requests/{number}/finish", "wim")
    assert 'id="sign"' not in wim
    assert "resolved against your vote on persons-01" in wim
    assert 'id="sign"' in get(web, f"/requests/{number}/finish", "vera")
    vote(web.zone, web.zone.request(number), ("persons-01",), Vote("wim", Decision.APPROVE))
    assert 'id="sign"' in get(web, f"/requests/{number}/finish", "wim")


# ------------------------------------------------------------------------------------------------------ foreign outputs
def test_what_another_program_says_is_pointed_at_as_saying_nothing(web: WebCamp, tmp_path: Path) -> None:
    number = foreign(web, tmp_path)
    text = get(web, f"/requests/{number}/outputs/foreign-t/")
    (look,) = re.findall(r'<section class="look".*?</section>', text, re.DOTALL)
    assert "Its own status and its checks say nothing here" in look
    assert "it leaves word for word" in text
    assert '<th scope="row">A</th>' in text  # labels are no figures


def test_no_heading_of_a_foreign_output_is_empty(web: WebCamp, tmp_path: Path) -> None:
    number = foreign(web, tmp_path)
    text = get(web, f"/requests/{number}/outputs/foreign-t/")
    (origin,) = re.findall(r'<section class="block" id="origin">.*?</section>', text, re.DOTALL)
    assert "Another program made it, outside of this camp" in origin
    assert "Earlier releases, perhaps over the same data" in text
    assert "Earlier releases over the same data" not in text


def test_what_is_said_at_the_intake_is_in_the_readers_language(web: WebCamp, tmp_path: Path) -> None:
    number = foreign(web, tmp_path)
    assert "wat niemand hier heeft nagegaan" in get(web, f"/requests/{number}/outputs/foreign-t/", speaks="nl")
    assert "Dit is bij het innemen weggelaten" in get(web, f"/requests/{number}/finish", speaks="nl")
    own = get(web, f"/own/requests/{number}", "anna")
    assert "900000001" not in own
    assert "Taken in from another program" in own
    assert "900000001" not in get(web, "/own/requests", "anna")
    assert "taken in from another program" in get(web, f"/requests/{number}/outputs/foreign-t/")


def test_nobody_says_by_hand_what_the_intake_says(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    assert Phrase.FOREIGN_SAYS not in CHOSEN
    with pytest.raises(Exception, match="no such phrase"):
        comment(web.zone, web.zone.request(number), "vera", output="persons-01", phrase="foreign_says")
    assert "foreign_says" not in get(web, f"/requests/{number}/outputs/persons-01/")


# -------------------------------------------------------------------------------------------------------------- numbers
def test_both_numbers_of_a_request_are_told_apart(web: WebCamp) -> None:
    handed_in(web, tables(web.camp, 1), number=1)
    number = handed_in(web, tables(web.camp, 1), number=7)
    assert number == 2
    assert "team-1, its no. 7" in get(web, f"/requests/{number}/finish")
    own = get(web, f"/own/requests/{number}", "anna")
    assert "<h1>Request 7:" in own
    assert "reviewers and messages call it request 2" in own
    assert "reviewers call it 2" in get(web, "/own/requests", "anna")
    assert "reviewers and messages" not in get(web, "/own/requests/1", "anna")


# ------------------------------------------------------------------------------------------------------- left out since
def test_what_was_said_of_an_output_that_is_left_out_stays(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 2))
    revised(web, number, {"persons-01": None})
    text = get(web, f"/requests/{number}/finish")
    (gone,) = re.findall(r'<section id="gone-persons-01">.*?</section>', text, re.DOTALL)
    assert "Say more." in gone
    assert "Done." in gone
    assert f'href="/requests/{number}/finish#gone-persons-01"' in get(web, f"/requests/{number}/outputs/persons-02/")
    assert "Say more." in get(web, f"/own/requests/{number}", "anna")


# ------------------------------------------------------------------------------------------------------------ languages
def test_what_a_service_refuses_is_in_the_readers_language(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    form: dict[str, Any] = {"revision": 1, "decision": "approve", "text": ""}
    answer = web.client("vera").post(
        f"/requests/{number}/outputs/{UNSAFE}/vote", form, secure=True, headers={"accept-language": "nl"}
    )
    assert answer.status_code == 409
    (alert,) = re.findall(r'<div class="problem".*?</div>', answer.text, re.DOTALL)
    assert "Uitvoer met het oordeel &#x27;onveilig&#x27; (herberekend) goedkeuren vraagt een reden." in alert
    assert "Kies een reden" in alert


def test_why_something_was_refused_at_the_gate_is_in_the_readers_language(web: WebCamp) -> None:
    folder = web.camp.hand_in(tables(web.camp, 1))
    (folder / "more.txt").write_text("x")
    (done,) = ingest(web.zone)
    row = web.zone.request(done.request)
    assert row.reason == "The submission holds something besides submission.json, code and claims."
    for place, who in ((f"/own/requests/{row.pk}", "anna"), (f"/requests/{row.pk}/finish", "vera")):
        assert "De inzending bevat nog iets naast submission.json" in get(web, place, who, speaks="nl")
        assert row.reason in get(web, place, who)
    finish = get(web, f"/requests/{row.pk}/finish")
    assert "DocumentError" not in get(web, f"/requests/{row.pk}/history")
    assert "Your votes" not in finish  # there is nothing to vote on
    assert "have signed" not in finish


def test_a_note_is_in_the_readers_language_and_english_for_the_command_line(web: WebCamp, tmp_path: Path) -> None:
    number = foreign(web, tmp_path)
    (output,) = web.zone.request(number).outputs.all()
    assert output.note.startswith("no rule can be applied to this")
    with language("nl"):
        assert note_of(output).startswith("hierop is geen regel toe te passen")
    output.note_words = {}
    with language("nl"):
        assert note_of(output) == output.note  # of one that was tabulated before


def test_a_persons_reason_is_read_as_it_was_written(web: WebCamp) -> None:
    row = web.zone.request(handed_in(web, tables(web.camp, 1)))
    keep_reason(row, words_of("refused"))
    row.reason = "Vraag het mij."
    with language("nl"):
        assert reason_of(row) == "Vraag het mij."


def test_a_caption_names_columns_in_the_readers_language(web: WebCamp) -> None:
    codebook = web.camp.folder / "microdata" / "PERSONS" / "codebook.toml"
    assert "title" not in codebook.read_text()
    number = handed_in(web, mixed(web.camp))
    assert "naar wijk, household" in get(web, f"/requests/{number}/outputs/by-household/", speaks="nl")
    assert "by wijk, household" in get(web, f"/requests/{number}/outputs/by-household/")


def test_a_release_that_was_sent_back_shows_no_code_of_ours(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    with pytest.raises(StateError):
        release(web.zone, web.zone.request(number))
    assert "Error" not in get(web, f"/requests/{number}/history")
