"""What a reviewer does with a request on its pages: votes, words, claims, returning, finishing."""

from __future__ import annotations

from typing import Any

import pytest

from disclosure.errors import StateError
from output_review.domain.states import State
from output_review.domain.threads import Audience
from output_review.domain.votes import Reason, Vote
from output_review.services.claiming import claim, claim_of
from output_review.services.commenting import comment
from output_review.services.releasing import release
from output_review.services.reviewing import resolve, vote
from output_review.services.signing_off import sign_off, statement
from output_review.signing.signoff import Decision
from tests.output_review.web.full_camp import handed_in, mixed, tables
from tests.output_review.web.revisions import revised
from tests.output_review.web.web_camp import WebCamp

DEEDS = ("claim", "hand-over", "return", "reject", "recall", "approve-opened", "comment",
         "outputs/persons-01/vote", "outputs/persons-01/comment", "outputs/persons-01/resolve")  # fmt: skip


def post(web: WebCamp, number: int, place: str, who: str = "vera", **form: Any) -> Any:
    given = {"revision": web.zone.request(number).revision, **form}
    return web.client(who).post(f"/requests/{number}/{place}", given, secure=True, headers={"accept-language": "en"})


def get(web: WebCamp, number: int, place: str, who: str = "vera") -> str:
    answer = web.client(who).get(f"/requests/{number}/{place}", secure=True, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return str(answer.text)


def votes(web: WebCamp, number: int) -> dict[str, dict[str, str]]:
    rows = web.zone.request(number).outputs.order_by("name")
    return {one.name: {vote.reviewer: vote.decision for vote in one.votes.all()} for one in rows}


# --------------------------------------------------------------------------------------------------------------- votes
def test_a_vote_leads_on_to_the_next_output_without_one_and_then_to_finishing(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 3))
    assert web.client("vera").get(f"/requests/{number}/", secure=True)["Location"].endswith("/outputs/persons-01/")
    for name, following in (("02", "outputs/persons-03/"), ("03", "outputs/persons-01/"), ("01", "finish")):
        answer = post(web, number, f"outputs/persons-{name}/vote", decision="approve")
        assert (answer.status_code, answer["Location"]) == (302, f"/requests/{number}/{following}")
    assert State(web.zone.request(number).state) is State.IN_REVIEW
    assert claim_of(web.zone, web.zone.request(number)).by == "vera"  # type: ignore[union-attr]
    assert "You have voted on every output." in get(web, number, "finish")


def test_an_exception_without_a_reason_is_refused_on_the_page_with_the_words_that_were_filled_in(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    answer = post(web, number, "outputs/income-by-wijk/vote", decision="approve", text="It is <old>.")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "takes a reason" in answer.text
    assert "It is &lt;old&gt;." in answer.text
    assert not votes(web, number)["income-by-wijk"]
    answer = post(
        web, number, "outputs/income-by-wijk/vote", decision="approve", reason="public_knowledge", text="It is old."
    )
    assert answer.status_code == 302
    assert votes(web, number)["income-by-wijk"] == {"vera": "approve"}
    assert "0/3" in get(web, number, "finish", "wim")
    assert "1/3" in get(web, number, "finish", "vera")


def test_changes_are_requested_with_words_or_not_at_all(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    answer = post(web, number, "outputs/by-household/vote", decision="request_changes")
    assert answer.status_code == 409
    assert "Nothing is said to the team" in answer.text
    assert not votes(web, number)["by-household"]
    assert State(web.zone.request(number).state) is State.SUBMITTED
    answer = post(web, number, "outputs/by-household/vote", decision="request_changes", phrase="leave_out", body="Now.")
    assert answer.status_code == 302
    (said,) = web.zone.request(number).comments.all()
    assert (said.output, said.phrase, said.body, said.audience) == ("by-household", "leave_out", "Now.", "everyone")
    assert post(web, number, "outputs/by-household/vote", decision="request_changes").status_code == 302


@pytest.mark.parametrize(
    ("form", "status"),
    [({}, 400), ({"decision": "release"}, 400), ({"decision": "reject", "reason": "none"}, 400),
     ({"decision": "approve", "revision": "2"}, 409), ({"decision": "approve", "revision": ""}, 409)],
)  # fmt: skip
def test_a_form_that_the_page_does_not_have_changes_nothing(web: WebCamp, form: dict[str, str], status: int) -> None:
    number = handed_in(web, tables(web.camp, 1))
    answer = post(web, number, "outputs/persons-01/vote", **form)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert not votes(web, number)["persons-01"]


def test_a_page_of_an_older_revision_decides_nothing(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    revised(web, number, {})
    answer = post(web, number, "outputs/persons-01/vote", decision="approve", revision=1)
    assert answer.status_code == 409
    assert "another revision" in answer.text


def test_how_others_voted_is_hidden_until_the_quorum_has(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    given = Vote("wim", Decision.REQUEST_CHANGES, None, "a secret opinion")
    vote(web.zone, web.zone.request(number), ("by-household",), given)
    before = get(web, number, "outputs/by-household/")
    assert "1 of 2 have voted" in before
    assert "a secret opinion" not in before
    assert "changes requested" not in before
    assert post(web, number, "outputs/by-household/vote", decision="approve").status_code == 302
    after = get(web, number, "outputs/by-household/")
    assert "a secret opinion" in after
    assert "reviewers disagree" in after


def test_a_third_reviewer_resolves_a_disagreement_and_the_two_do_not(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    vote(web.zone, web.zone.request(number), ("by-household",), Vote("wim", Decision.REQUEST_CHANGES))
    vote(web.zone, web.zone.request(number), ("by-household",), Vote("vera", Decision.APPROVE))
    assert "Resolve the disagreement" in get(web, number, "outputs/by-household/", "yara")
    assert "Resolve the disagreement" not in get(web, number, "outputs/by-household/", "vera")
    refused = post(web, number, "outputs/by-household/resolve", "vera", decision="approve", text="It is fine.")
    assert refused.status_code == 409
    done = post(web, number, "outputs/by-household/resolve", "yara", decision="approve", text="It is fine.")
    assert done.status_code == 302
    assert "resolved the disagreement" in get(web, number, "outputs/by-household/", "wim")


# -------------------------------------------------------------------------------------------------------- all at once
def test_only_what_was_opened_and_is_safe_is_approved_at_once(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    refused = post(web, number, "approve-opened")
    assert refused.status_code == 409
    assert "There is nothing to approve at once." in refused.text
    for name in ("by-household", "income-by-wijk"):
        get(web, number, f"outputs/{name}/")
    get(web, number, "outputs/persons-by-wijk/", "wim")
    assert "Approve what you have opened and is safe: 1" in get(web, number, "finish")
    assert post(web, number, "approve-opened").status_code == 302
    assert votes(web, number) == {"by-household": {"vera": "approve"}, "income-by-wijk": {}, "persons-by-wijk": {}}


def test_what_was_opened_at_an_earlier_revision_was_not_opened(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    get(web, number, "outputs/persons-01/")
    revised(web, number, {})
    assert post(web, number, "approve-opened").status_code == 409


# --------------------------------------------------------------------------------------------------------------- words
def test_a_comment_and_a_private_note_are_shown_to_reviewers(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    assert post(web, number, "outputs/persons-01/comment", body="What is <this>?").status_code == 302
    assert post(web, number, "outputs/persons-01/comment", body="I doubt it.", private="1").status_code == 302
    assert post(web, number, "comment", phrase="fewer_outputs").status_code == 302
    kinds = [(one.output, one.audience) for one in web.zone.request(number).comments.order_by("pk")]
    assert kinds == [("persons-01", Audience.EVERYONE), ("persons-01", Audience.REVIEWERS), ("", Audience.EVERYONE)]
    text = get(web, number, "outputs/persons-01/")
    assert "What is &lt;this&gt;?" in text
    assert "private note" in text
    assert "Hand in fewer outputs: those that the publication needs." in get(web, number, "finish")


@pytest.mark.parametrize("body", ["", "   ", "x" * 4001, "a\u202eb"])
def test_a_comment_that_says_nothing_or_hides_something_is_refused(web: WebCamp, body: str) -> None:
    number = handed_in(web, tables(web.camp, 1))
    assert post(web, number, "outputs/persons-01/comment", body=body).status_code == 400
    assert not web.zone.request(number).comments.exists()


def test_what_others_say_is_hidden_while_their_votes_are(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    comment(web.zone, web.zone.request(number), "wim", output="persons-01", body="Not to be seen yet.")
    assert "Not to be seen yet." not in get(web, number, "outputs/persons-01/")
    assert "Not to be seen yet." in get(web, number, "outputs/persons-01/", "wim")


# -------------------------------------------------------------------------------------------------- claims and endings
def test_a_claim_is_taken_handed_over_and_not_taken_from_somebody(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    assert post(web, number, "claim", output="persons-01")["Location"].endswith("/outputs/persons-01/")
    assert "claimed by you until" in get(web, number, "finish")
    assert "claimed by vera until" in get(web, number, "finish", "wim")
    assert post(web, number, "claim", "wim").status_code == 409
    assert post(web, number, "hand-over", to="wim").status_code == 302
    assert claim_of(web.zone, web.zone.request(number)).by == "wim"  # type: ignore[union-attr]
    assert post(web, number, "hand-over", "wim", to="xena").status_code == 409
    assert "xena" not in get(web, number, "finish")


def test_a_request_is_returned_with_what_is_asked(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 2))
    assert post(web, number, "return").status_code == 409
    post(web, number, "outputs/persons-01/vote", decision="request_changes", body="Whom do you count?")
    assert 'action="/requests/1/return"' in get(web, number, "finish")
    assert post(web, number, "return", text="Nearly there.").status_code == 302
    assert State(web.zone.request(number).state) is State.RETURNED
    text = get(web, number, "finish")
    assert "With the team" in text
    assert "Nearly there." in text
    assert "Nearly there." in get(web, number, "history")


def test_a_request_is_rejected_once_every_output_is(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    assert post(web, number, "reject", text="No.").status_code == 409
    for who in ("vera", "wim"):
        post(web, number, "outputs/persons-01/vote", who, decision="reject", reason="other", text="No.")
    assert post(web, number, "reject", text="No.").status_code == 302
    assert State(web.zone.request(number).state) is State.REJECTED


def test_after_the_votes_the_page_says_how_to_sign_and_hides_who_did_until_the_quorum(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    assert "datakamp sign" not in get(web, number, "finish")
    for name in ("by-household", "persons-by-wijk"):
        for who in ("vera", "wim"):
            post(web, number, f"outputs/{name}/vote", who, decision="approve")
    for who in ("vera", "wim"):
        post(web, number, "outputs/income-by-wijk/vote", who, decision="reject")
    text = get(web, number, "finish")
    assert f"datakamp sign {number} --camp {web.zone.camp.folder} --reviewer vera --key vera.key" in text
    row = web.zone.request(number)
    (stored,) = [one.files["by-household.csv"] for one in row.outputs.filter(name="by-household")]
    assert stored in text
    sign_off(web.zone, row, statement(web.zone, row, "wim"), web.camp.key("wim"))
    hidden = get(web, number, "finish")
    assert "1 of 2 reviewers have signed" in hidden
    assert "reviewers have signed: wim" not in hidden
    sign_off(web.zone, row, statement(web.zone, row, "vera"), web.camp.key("vera"))
    assert "2 of 2 reviewers have signed: vera, wim" in get(web, number, "finish")


# ------------------------------------------------------------------------------------------------------------ who may
@pytest.mark.parametrize("place", DEEDS)
def test_nothing_is_done_by_who_may_not_nor_by_looking(web: WebCamp, place: str) -> None:
    number = handed_in(web, tables(web.camp, 1))
    form = {"decision": "approve", "body": "x", "text": "x", "to": "wim", "reason": "other"}
    assert post(web, number, place, "anna", **form).status_code == 403
    assert post(web, number, place, "xena", **form).status_code == 404
    assert post(web, number, place, "", **form).status_code == 302
    assert web.client("vera").get(f"/requests/{number}/{place}", secure=True).status_code == 405
    guarded = web.client("vera", csrf=True).post(f"/requests/{number}/{place}", {"revision": 1, **form}, secure=True)
    assert guarded.status_code == 403
    row = web.zone.request(number)
    assert (row.state, row.claimed_by, row.comments.count()) == ("submitted", "", 0)
    assert votes(web, number) == {"persons-01": {}}


def test_whoever_has_claimed_it_others_vote_too(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    claim(web.zone, web.zone.request(number), "wim")
    assert post(web, number, "outputs/persons-01/vote", decision="approve").status_code == 302


def test_earlier_releases_over_the_same_data_stand_beside(web: WebCamp) -> None:
    from output_review.models import RequestRow

    number = handed_in(web, tables(web.camp, 1))
    assert "Nothing was released before." in get(web, number, "outputs/persons-01/")
    other = handed_in(web, mixed(web.camp), number=2, title="What was released in May")
    for who in ("vera", "wim"):
        vote(web.zone, web.zone.request(other), ("by-household",), Vote(who, Decision.APPROVE))
    vote(web.zone, web.zone.request(other), ("persons-by-wijk",), Vote("vera", Decision.APPROVE))
    RequestRow.objects.filter(pk=other).update(state="released", package="camp-2")
    text = get(web, number, "outputs/persons-01/")
    assert "What was released in May" in text
    assert "camp-2" in text
    assert "by-household" in text
    assert "persons-by-wijk" not in text


def test_what_left_after_a_dissent_that_was_resolved_stands_beside(web: WebCamp) -> None:
    from output_review.models import RequestRow

    number = handed_in(web, tables(web.camp, 1))
    other = handed_in(web, mixed(web.camp), number=2)
    row = web.zone.request(other)
    vote(web.zone, row, ("by-household",), Vote("vera", Decision.APPROVE))
    vote(web.zone, row, ("by-household",), Vote("wim", Decision.REJECT, Reason.OTHER, "No."))
    resolve(web.zone, row, "by-household", "yara", Decision.APPROVE, "It is fine.")
    RequestRow.objects.filter(pk=other).update(state="released", package="camp-2")
    assert "by-household" in get(web, number, "outputs/persons-01/")


def test_an_exception_takes_as_many_signatures_as_the_page_says(web: WebCamp) -> None:
    number = handed_in(web, {"income": web.camp.recipe(sql="SELECT person, wijk, income FROM PERSONS")})
    row = web.zone.request(number)
    for who in ("vera", "wim"):
        vote(web.zone, row, ("income",), Vote(who, Decision.APPROVE, Reason.OTHER, "It is public."))
        sign_off(web.zone, web.zone.request(number), statement(web.zone, row, who), web.camp.key(who))
    assert web.zone.request(number).state == State.IN_REVIEW.value
    # To whoever has not voted it says the same, however the others voted.
    for who in ("vera", "yara"):
        assert "2 of 3 reviewers have signed" in get(web, number, "finish", who)
    with pytest.raises(StateError, match="2 of 3 reviewers have signed"):
        release(web.zone, web.zone.request(number))
