"""What was shown is written down however it was asked for; an output was opened only by who asked for its page."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from output_review.services.ingest import ingest
from output_review.services.reads import opened_by
from output_review.services.tabulating import tabulate
from tests.output_review.web.test_rights import PeopledCamp, accesses, browser_of
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp

OUTPUT = "/requests/1/outputs/by-wijk/"


@pytest.fixture
def web(zone_camp: ZoneCamp) -> WebCamp:
    camp = PeopledCamp(zone_camp)
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    ingest(camp.zone)
    tabulate(camp.zone, camp.zone.request(1))
    return camp


def test_the_page_that_comes_back_with_a_form_is_written_down_and_opens_nothing(web: WebCamp) -> None:
    browser = browser_of(web, "vera")
    stale = browser.post(f"{OUTPUT}comment", {"revision": "7", "body": "x", "audience": "everyone"}, secure=True)
    assert stale.status_code == 409
    assert b"by-wijk" in stale.content
    assert accesses() == [("vera", "comment-409", 1, "by-wijk", False)]
    assert opened_by(web.zone.request(1), "vera") == set()


def test_an_answer_that_was_not_accepted_is_written_down(web: WebCamp) -> None:
    answer = browser_of(web, "anna").post("/own/requests/1/answer", {"revision": "7"}, secure=True)
    assert answer.status_code == 409
    assert accesses() == [("anna", "own-answer-409", 1, "", False)]


def test_what_leads_on_shows_nothing(web: WebCamp) -> None:
    assert browser_of(web, "vera").post("/requests/1/claim", {"revision": "1"}, secure=True).status_code == 302
    assert accesses() == []


def test_only_who_asked_for_the_page_of_an_output_has_opened_it(web: WebCamp) -> None:
    browser, row = browser_of(web, "vera"), web.zone.request(1)
    assert browser.head(OUTPUT, secure=True).status_code == 200
    assert accesses() == []
    assert browser.post(OUTPUT, {}, secure=True).status_code == 200
    assert accesses() == [("vera", "output-200", 1, "by-wijk", False)]
    assert opened_by(row, "vera") == set()
    assert browser.get(OUTPUT, secure=True).status_code == 200
    assert opened_by(row, "vera") == {"by-wijk"}


def test_a_page_that_cannot_be_written_down_is_not_shown_and_says_to_come_back(
    web: WebCamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(web, "vera")
    browser.raise_request_exception = False
    for error, status in ((OperationalError("database is locked"), 503), (KeyError("by-wijk"), 500)):

        def refuse(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("output_review.web.seat.record_read", refuse)
            answer = browser.get(OUTPUT, secure=True)
        assert answer.status_code == status
        assert ("Retry-After" in answer) is (status == 503)
        assert b'id="grid"' not in answer.content
    assert opened_by(web.zone.request(1), "vera") == set()
