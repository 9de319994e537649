"""A team withdraws a request of its own, after a page that asks; what is decided stays."""

from __future__ import annotations

import pytest

from output_review.domain.states import State
from output_review.services.returning import withdraw
from tests.output_review.returned_camp import handed_in
from tests.output_review.web.test_own import ENGLISH, page
from tests.output_review.web.web_camp import WebCamp


def test_a_request_is_withdrawn_after_a_page_that_asks(web: WebCamp) -> None:
    row = handed_in(web.camp, web.zone)
    browser = web.client("anna")
    place = f"/own/requests/{row.pk}/withdraw"
    assert place in page(browser, row)
    assert "This cannot be undone" in browser.get(place, secure=True, headers=ENGLISH).text
    row.refresh_from_db()
    assert State(row.state) is State.SUBMITTED
    form = {"revision": 1, "reason": "A wrong year."}
    assert browser.post(place, form, secure=True).status_code == 302
    row.refresh_from_db()
    assert (State(row.state), row.reason) == (State.WITHDRAWN, "A wrong year.")
    shown = page(browser, row)
    assert "A wrong year." in shown
    assert place not in shown


@pytest.mark.parametrize(("reason", "status"), [("x" * 1000, 302), ("x" * 1001, 400), ("a\u202eb", 400), ("", 302)])
def test_the_reason_for_withdrawing_may_be_left_out_and_hides_nothing(web: WebCamp, reason: str, status: int) -> None:
    row = handed_in(web.camp, web.zone)
    form = {"revision": 1, "reason": reason}
    assert web.client("anna").post(f"/own/requests/{row.pk}/withdraw", form, secure=True).status_code == status
    row.refresh_from_db()
    assert (State(row.state) is State.WITHDRAWN) is (status == 302)


def test_what_is_decided_is_not_withdrawn(web: WebCamp) -> None:
    row = handed_in(web.camp, web.zone)
    withdraw(web.zone, row, "anna", "First.")
    browser = web.client("anna")
    assert "<textarea" not in browser.get(f"/own/requests/{row.pk}/withdraw", secure=True).text
    answer = browser.post(f"/own/requests/{row.pk}/withdraw", {"revision": 1, "reason": "Second."}, secure=True)
    assert answer.status_code == 409
    row.refresh_from_db()
    assert row.reason == "First."
