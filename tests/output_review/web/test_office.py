"""What the organiser and the auditor see, and what they do not."""

from __future__ import annotations

import pytest

from tests.output_review.web.test_rights import browser_of, web
from tests.output_review.web.web_camp import WebCamp

__all__ = ["web"]


def test_the_organiser_sees_counts_and_people_and_neither_titles_nor_decisions(web: WebCamp) -> None:
    page = browser_of(web, "olga").get("/organiser", secure=True, headers={"accept-language": "en"}).content.decode()
    assert "team-1" in page
    assert "not invited" in page
    for hidden in ("Persons", "by-wijk", "safe", "/requests/1/", "approve"):
        assert hidden not in page


def test_the_auditor_finds_every_request_its_log_and_who_read_it(web: WebCamp) -> None:
    browser_of(web, "vera").get("/requests/1/code", secure=True)
    browser = browser_of(web, "udo")

    def page(address: str) -> str:
        answer = browser.get(address, secure=True, headers={"accept-language": "en"})
        assert answer.status_code == 200
        return answer.content.decode()

    assert "Persons" in page("/audit")
    assert "There is nothing." in page("/audit?request=2")
    assert "camp_open" in page("/audit/log")
    assert "camp_open" not in page("/audit/log?request=1")
    assert "There is nothing." in page("/audit/log?person=zeno")
    assert "<code>code</code>" in page("/audit/reads?person=vera&request=1")
    assert "<code>code</code>" not in page("/audit/reads?person=wim")
    assert "nothing was changed" in page("/audit/proof")
    assert "0 entries, unbroken" in page("/audit/proof")
    assert "<td>submitted</td>" in page("/audit")


def test_the_auditor_reads_it_in_dutch(web: WebCamp) -> None:
    browser = browser_of(web, "udo")

    def page(address: str) -> str:
        return browser.get(address, secure=True, headers={"accept-language": "nl"}).content.decode()

    assert "<td>ingediend</td>" in page("/audit")
    assert "0 regels, ononderbroken" in page("/audit/proof")


@pytest.mark.parametrize("query", ["person=%22%3E%3Cscript%3E", "request=1e9", "page=-1", "page=99999999999", "page=0"])
def test_a_question_that_makes_no_sense_is_left_out(web: WebCamp, query: str) -> None:
    browser = browser_of(web, "udo")
    for address in ("/audit", "/audit/log", "/audit/reads"):
        answer = browser.get(f"{address}?{query}", secure=True)
        assert answer.status_code == 200
        assert "<script>" not in answer.content.decode()


def test_a_log_that_was_changed_is_told_and_not_shown_as_whole(web: WebCamp) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER output_review_logrow_no_update")
        cursor.execute("UPDATE output_review_logrow SET document = '{}' WHERE sequence = 2")
    answer = browser_of(web, "udo").get("/audit/log", secure=True, headers={"accept-language": "en"})
    assert "cannot be read as such: 1" in answer.content.decode()
