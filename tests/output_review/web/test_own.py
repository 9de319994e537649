"""A team's own requests: where each stands, what is asked, and what the team does about it; nothing of other teams."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from output_review.domain.states import State
from output_review.domain.threads import Audience
from output_review.services.changing import change_manifest
from output_review.services.claiming import claim
from output_review.services.commenting import comment
from tests.output_review.returned_camp import BODY, FIRST, SECOND, asked_again, handed_in, returned
from tests.output_review.test_changing import edit, take_out
from tests.output_review.web.web_camp import WebCamp

if TYPE_CHECKING:
    from django.test import Client

    from output_review.models import RequestRow

ENGLISH = {"accept-language": "en"}
DUTCH = {"accept-language": "nl"}


def page(browser: Client, row: RequestRow, *, headers: dict[str, str] | None = None) -> str:
    answer = browser.get(f"/own/requests/{row.pk}", secure=True, headers=headers or ENGLISH)
    assert answer.status_code == 200
    return answer.text


def send(browser: Client, row: RequestRow, **fields: Any) -> Any:
    form = {"revision": row.revision, **{name.replace("_", "-"): value for name, value in fields.items()}}
    return browser.post(f"/own/requests/{row.pk}/answer", form, secure=True, headers=ENGLISH)


def alert(answer: Any) -> str:
    found = re.search(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
    assert found, answer.text
    return re.sub(r"<[^>]*>", "", found[1])


def writers(shown: str) -> list[str]:
    return re.findall(r'<p class="by">(?:no\. \d+ · )?(.*?) on revision', shown)


# -------------------------------------------------------------------------------------------------------- what is shown
def test_the_list_says_in_words_where_each_request_stands_and_what_is_asked(web: WebCamp) -> None:
    returned(web.camp, web.zone)
    web.camp.hand_in({FIRST: web.camp.recipe()}, number=2)
    from output_review.services.ingest import ingest

    ingest(web.zone)
    shown = web.client("anna").get("/own/requests", secure=True, headers=ENGLISH).text
    first, second = re.findall(r"<tr>\s*<th scope=\"row\".*?</tr>", shown, re.DOTALL)
    assert "Returned: your answer is waited for" in first
    assert "2 questions" in first
    assert "Handed in, waits for reviewers" in second
    dutch = web.client("anna").get("/own/requests", secure=True, headers=DUTCH).text
    assert "Teruggegeven: op uw antwoord wordt gewacht" in dutch
    assert "2 vragen" in dutch


def test_a_team_without_requests_is_told_how_to_hand_in(web: WebCamp) -> None:
    assert "sdc.submit" in web.client("anna").get("/own/requests", secure=True, headers=ENGLISH).text


def test_a_long_list_has_pages(web: WebCamp) -> None:
    from output_review.models import RequestRow

    for number in range(1, 53):
        RequestRow.objects.create(
            team="team-1", number=number, author="anna", title=f"Title {number}", purpose="x",
            state=State.REFUSED.value, received=web.zone.clock(), submission="",
        )  # fmt: skip
    browser = web.client("anna")
    assert browser.get("/own/requests", secure=True).text.count('scope="row"') == 50
    last = browser.get("/own/requests?page=2", secure=True).text
    assert last.count('scope="row"') == 2
    assert "Title 1<" in last
    assert browser.get("/own/requests?page=-7&page=x", secure=True).status_code == 200


def test_a_question_is_answered_also_when_its_reviewer_has_gone_and_an_answer_stays_its_writers(web: WebCamp) -> None:
    row, questions = returned(web.camp, web.zone)
    take_out(web.camp, "vera")
    change_manifest(web.camp.zone())
    shown = page(web.client("anna"), row)
    assert all(f'name="answer-{number}"' in shown for number in questions)
    assert "vera" not in shown
    filled = {f"answer_{number}": f"Answer {number}." for number in questions}
    assert send(web.client("anna"), row, **filled, again="1", keep=[FIRST, SECOND]).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.revision) == ("submitted", 2)
    edit(
        web.camp.folder / "camp.toml",
        'name = "anna"\nroles = ["researcher"]',
        'name = "berta"\nroles = ["researcher"]',
    )
    change_manifest(web.camp.zone())
    assert writers(page(web.client("berta"), row)) == ["a reviewer", "anna", "a reviewer", "anna"]


def test_a_request_shows_its_outputs_with_the_questions_about_each(web: WebCamp) -> None:
    row, (one, other) = returned(web.camp, web.zone)
    shown = page(web.client("anna"), row)
    for expected in (BODY, "Explain what this output is for", f'name="answer-{one}"', f'name="answer-{other}"', FIRST):
        assert expected in shown
    assert "Leg uit" in page(web.client("anna"), row, headers=DUTCH)


def test_reviewers_are_not_named_and_their_notes_votes_verdicts_and_files_are_not_shown(web: WebCamp) -> None:
    row, _ = returned(web.camp, web.zone)
    comment(web.zone, row, "wim", output=FIRST, body="A thought among us.", audience=Audience.REVIEWERS)
    shown = page(web.client("anna"), row)
    output = row.outputs.get(name=FIRST)
    for hidden in (
        "vera",
        "wim",
        "among us",
        "The population is not clear.",
        "recomputed",
        output.verdict,
        *output.files,
    ):
        assert hidden not in shown


def test_while_reviewers_are_at_it_the_team_sees_nothing_of_what_they_say(web: WebCamp) -> None:
    row = handed_in(web.camp, web.zone)
    claim(web.zone, row, "vera")
    comment(web.zone, row, "vera", output=FIRST, body=BODY)
    row.refresh_from_db()
    shown = page(web.client("anna"), row)
    assert BODY not in shown
    assert "In review" in shown
    assert "<textarea" not in shown


def test_what_is_said_is_escaped(web: WebCamp) -> None:
    row = handed_in(web.camp, web.zone)
    row.title, row.purpose = '<script>alert("1")</script>', "<b>\nbold"
    row.save()
    claim(web.zone, row, "vera")
    for name in (FIRST, SECOND):
        row.outputs.filter(name=name).update(title='"><img src=x>', population="<i>", differs="<u>")
    comment(web.zone, row, "vera", output=FIRST, body="</div><script>2</script>")
    asked_again(web.zone, row)
    shown = page(web.client("anna"), row)
    assert not re.search(r"<(?:script>|b>|img|i>|u>)", shown)
    assert "&lt;script&gt;2" in shown
    assert not re.search(r"<script(?! src=)|\son\w+=|\sstyle=|<style", shown)


@pytest.mark.parametrize("name", ["nobody", "bob", "vera", "yara"])
def test_a_request_of_another_team_looks_like_none(web: WebCamp, name: str) -> None:
    add_person(web, "bob", "team-2")
    row, _ = returned(web.camp, web.zone)
    browser = web.client("" if name == "nobody" else name)
    expected = {"nobody": 302, "bob": 404}.get(name, 403)
    for place in ("", "/withdraw"):
        assert browser.get(f"/own/requests/{row.pk}{place}", secure=True).status_code == expected
    for place in ("/answer", "/withdraw"):
        assert browser.post(f"/own/requests/{row.pk}{place}", {"revision": 1}, secure=True).status_code == expected
    row.refresh_from_db()
    assert State(row.state) is State.RETURNED
    assert browser.get("/own/requests/99999", secure=True).status_code == expected


def add_person(web: WebCamp, name: str, team: str) -> None:
    """Let a person into the manifest that the pages see."""
    from dataclasses import replace

    from output_review.signing.manifest import Person, PersonRole

    def opened() -> Any:
        zone = web.camp.zone()
        people = (*zone.manifest.people, Person(name, (PersonRole.RESEARCHER,), (team,)))
        return replace(zone, manifest=replace(zone.manifest, people=people))

    web.house._opened, web.house._kept = opened, None


def test_an_own_list_has_no_request_of_another_team(web: WebCamp) -> None:
    add_person(web, "bob", "team-2")
    returned(web.camp, web.zone)
    others = web.client("bob").get("/own/requests", secure=True)
    assert others.status_code == 200
    assert "Persons" not in others.text
    assert "Persons" in web.client("anna").get("/own/requests", secure=True).text


# ------------------------------------------------------------------------------------------------------------ answering
def test_answers_are_kept_one_by_one_and_the_request_goes_in_again_with_what_was_chosen(web: WebCamp) -> None:
    row, (one, other) = returned(web.camp, web.zone)
    browser = web.client("anna")
    answer = send(browser, row, **{f"answer-{one}": " Everyone.\r\nAlso children. ", f"answer-{other}": " "}, send="")
    assert (answer.status_code, answer["Location"]) == (302, f"/own/requests/{row.pk}")
    shown = page(browser, row)
    assert "Everyone.<br>Also children." in shown
    assert f'name="answer-{one}"' not in shown
    answer = send(browser, row, **{f"answer-{other}": "For the atlas."}, again="yes", keep=[SECOND])
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (State(row.state), row.revision) == (State.SUBMITTED, 2)
    assert [output.name for output in row.outputs.filter(revision=2)] == [SECOND]
    assert {given.author for given in row.comments.exclude(answers=None)} == {"anna"}
    assert "revision 2" in page(browser, row)


def test_it_does_not_go_in_again_before_every_question_is_answered(web: WebCamp) -> None:
    row, (one, other) = returned(web.camp, web.zone)
    answer = send(web.client("anna"), row, **{f"answer-{one}": "Everyone."}, again="yes", keep=[FIRST, SECOND])
    assert answer.status_code == 409
    assert "Questions that are not answered yet: 1." in alert(answer)
    row.refresh_from_db()
    assert (State(row.state), row.revision) == (State.RETURNED, 1)
    assert [given.answers_id for given in row.comments.exclude(answers=None)] == [one]
    assert f'name="answer-{other}"' in answer.text


@pytest.mark.parametrize("body", ["x" * 2001, "hid\u202eden", "bell\x07"])
def test_an_answer_that_cannot_be_kept_stays_in_its_field_and_no_other_is_kept(web: WebCamp, body: str) -> None:
    row, (one, other) = returned(web.camp, web.zone)
    answer = send(web.client("anna"), row, **{f"answer-{one}": "Everyone.", f"answer-{other}": body})
    assert answer.status_code == 400
    assert "An answer has" in alert(answer)
    assert not row.comments.exclude(answers=None).exists()
    assert ">Everyone.</textarea>" in answer.text


def test_the_longest_answer_is_kept(web: WebCamp) -> None:
    row, (one, _) = returned(web.camp, web.zone)
    assert send(web.client("anna"), row, **{f"answer-{one}": "x" * 2000}).status_code == 302
    assert row.comments.get(answers=one).body == "x" * 2000


def test_outputs_are_chosen_and_must_be_of_the_request(web: WebCamp) -> None:
    row, (one, other) = returned(web.camp, web.zone)
    browser = web.client("anna")
    both = {f"answer-{one}": "a", f"answer-{other}": "b"}
    answer = send(browser, row, **both, again="yes")
    assert (answer.status_code, "Choose the outputs" in alert(answer)) == (400, True)
    assert "checked" not in answer.text
    assert send(browser, row, again="yes", keep=["../etc"]).status_code == 400
    row.refresh_from_db()
    assert row.revision == 1


def test_a_form_of_an_earlier_revision_changes_nothing(web: WebCamp) -> None:
    row, (one, other) = returned(web.camp, web.zone)
    browser = web.client("anna")
    filled = {f"answer-{one}": "a", f"answer-{other}": "b"}
    assert send(browser, row, **filled, again="yes", keep=[FIRST, SECOND]).status_code == 302
    answer = send(browser, row, **filled, again="yes", keep=[FIRST])
    assert answer.status_code == 409
    assert "in the meantime" in alert(answer)
    row.refresh_from_db()
    assert row.revision == 2


def test_a_question_of_another_request_is_not_answered_here(web: WebCamp) -> None:
    row, (_, other) = returned(web.camp, web.zone)
    assert send(web.client("anna"), row, **{f"answer-{other + 1000}": "a"}).status_code == 400
    assert (
        send(web.client("anna"), row, **{"answer-x": "a", "answer-": "b", "answer-" + "9" * 40: "c"}).status_code == 302
    )
    assert not row.comments.exclude(answers=None).exists()


def test_forms_need_their_token_and_are_not_sent_by_looking(web: WebCamp) -> None:
    row, _ = returned(web.camp, web.zone)
    browser = web.client("anna", csrf=True)
    assert send(browser, row, again="yes").status_code == 403
    assert web.client("anna").get(f"/own/requests/{row.pk}/answer", secure=True).status_code == 405
    assert "csrfmiddlewaretoken" in page(browser, row)


# ------------------------------------------------------------------------------------------------------------ the path
def test_a_request_is_returned_answered_by_page_and_by_submission_and_reviewed_again(web: WebCamp) -> None:
    from output_review.services.ingest import ingest
    from output_review.services.tabulating import tabulate

    row, (one, other) = returned(web.camp, web.zone)
    browser = web.client("anna")
    assert send(browser, row, **{f"answer-{one}": "Everyone."}).status_code == 302
    web.camp.hand_in({FIRST: web.camp.recipe()}, number=2, revises=1, answers={other: "For the atlas."})
    (done,) = ingest(web.zone)
    assert (done.request, done.refused) == (row.pk, "")
    row.refresh_from_db()
    assert "Handed in, waits for reviewers" in page(browser, row)
    tabulate(web.zone, row)
    claim(web.zone, row, "wim")
    row.refresh_from_db()
    assert (State(row.state), row.revision) == (State.IN_REVIEW, 2)
    shown = page(browser, row)
    for expected in ("In review", "Everyone.", "For the atlas.", "revision 2"):
        assert expected in shown
