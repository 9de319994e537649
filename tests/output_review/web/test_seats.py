"""Every view is entered through a seat, and the table of rights says who may."""

from __future__ import annotations

from tests.output_review.web.web_camp import WebCamp


def test_who_has_not_logged_in_is_asked_to(web: WebCamp) -> None:
    answer = web.client().get("/queue", secure=True)
    assert answer.status_code == 302
    assert answer["Location"] == "/login?next=/queue"


def test_a_reviewer_sees_the_queue_and_a_researcher_does_not(web: WebCamp) -> None:
    assert web.client("vera").get("/queue", secure=True).status_code == 200
    assert web.client("anna").get("/queue", secure=True).status_code == 403


def test_the_first_page_leads_everyone_to_their_work(web: WebCamp) -> None:
    assert web.client("vera").get("/", secure=True)["Location"] == "/queue"
    assert web.client("anna").get("/", secure=True)["Location"] == "/own/requests"


def test_pages_are_in_the_readers_language(web: WebCamp) -> None:
    assert "To the content" in web.client("vera").get("/queue", secure=True, headers={"accept-language": "en"}).text
    assert "Naar de inhoud" in web.client("vera").get("/queue", secure=True, headers={"accept-language": "nl"}).text
