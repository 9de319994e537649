"""A request's whole way, each person in a browser: handed in, returned, answered, approved, released, recalled.

What no page does, signing and releasing, is done as the command line does it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from output_review.services.auditing import audit_zone
from output_review.services.releasing import release
from output_review.services.signing_off import sign_off, statement
from output_review.services.tabulating import tabulate
from output_review.verify import verifier
from tests.output_review.web.browsing import Site, chromium
from tests.output_review.web.full_camp import handed_in, tables
from tests.output_review.web.test_rights import PeopledCamp
from tests.output_review.zone_camp import ZoneCamp

PEOPLE = ("vera", "wim", "anna", "olga", "udo")
FIRST, SECOND = "persons-01", "persons-02"


@pytest.fixture
def web(zone_camp: ZoneCamp) -> PeopledCamp:
    return PeopledCamp(zone_camp)


@pytest.fixture
def contexts(web: PeopledCamp) -> Iterator[dict[str, BrowserContext]]:
    """A browser for each person, logged in before Playwright's loop has its own view of the database."""
    sessions = {name: web.client(name).cookies["__Host-session"].value for name in PEOPLE}
    with Site(web) as site, chromium() as browser:
        web.camp.zone()  # Playwright's loop may still have the database of another test's camp
        options = {"base_url": site.address, "locale": "en-GB", "viewport": {"width": 1440, "height": 1000}}
        yield {
            name: browser.new_context(**options, extra_http_headers={"X-Test-Session": session})  # type: ignore[arg-type]
            for name, session in sessions.items()
        }


def vote(page: Page, request: int, output: str, decision: str) -> None:
    """Open an output and decide by its button."""
    page.goto(f"/requests/{request}/outputs/{output}/")
    page.locator("#votes").get_by_role("button", name=decision, exact=False).first.click()
    page.wait_for_load_state()


def sign(web: PeopledCamp, request: int, reviewer: str) -> None:
    """Sign as the reviewer's own command does."""
    zone = web.camp.zone()
    row = zone.request(request)
    sign_off(zone, row, statement(zone, row, reviewer), web.camp.key(reviewer))


def test_from_the_first_look_to_the_recall(web: PeopledCamp, contexts: dict[str, BrowserContext]) -> None:
    request = handed_in(web, tables(web.camp, 2))
    vera, wim, anna = (contexts[name].new_page() for name in ("vera", "wim", "anna"))

    # Vera approves one table, asks about the other, and returns the request.
    vote(vera, request, FIRST, "Approve")
    vera.goto(f"/requests/{request}/outputs/{SECOND}/")
    vera.locator("summary", has_text="Request changes").click()
    form = vera.locator(".choice[open] form")
    form.locator("select[name=phrase]").select_option(index=1)
    form.locator("textarea[name=body]").fill("Which date is meant?")
    form.get_by_role("button", name="Request changes").click()
    vera.goto(f"/requests/{request}/finish")
    vera.get_by_role("button", name="Return").click()
    expect(vera.get_by_role("main")).to_contain_text("With the team")

    # Anna reads the question, sees no verdict, answers, and hands in again.
    anna.goto(f"/own/requests/{request}")
    expect(anna.get_by_role("main")).to_contain_text("Which date is meant?")
    expect(anna.get_by_role("main")).not_to_contain_text("Safe")
    anna.get_by_label("Answer to question").fill("1 January 2025.")
    anna.get_by_role("button", name="Send and hand in again").click()
    expect(anna.get_by_role("main")).to_contain_text("revision 2")
    tabulate(web.zone, web.zone.request(request))

    # Both reviewers approve what came again; each signs with the own key, elsewhere.
    vera.goto(f"/requests/{request}/outputs/{SECOND}/")
    expect(vera.get_by_role("main")).to_contain_text("1 January 2025.")
    for page in (vera, wim):
        for output in (FIRST, SECOND):
            vote(page, request, output, "Approve")
        page.goto(f"/requests/{request}/finish")
        expect(page.locator("pre.command")).to_contain_text(f"datakamp sign {request} ")
    for reviewer in ("vera", "wim"):
        sign(web, request, reviewer)
    vera.goto(f"/requests/{request}/finish")
    expect(vera.get_by_role("main")).to_contain_text("2 of 2 reviewers have signed")

    package = release(web.camp.zone(), web.zone.request(request))
    report = verifier.verify(package.read_bytes(), list(web.zone.site.roots), demo=True)
    assert report.status is verifier.Status.VERIFIED

    # Everyone sees it, each as far as they may.
    anna.goto("/own/requests")
    expect(anna.get_by_role("main")).to_contain_text("Released")
    contexts["udo"].new_page().goto(f"/requests/{request}/")
    log = contexts["udo"].new_page()
    log.goto("/audit/log")
    expect(log.get_by_role("main")).to_contain_text("released")
    organiser = contexts["olga"].new_page()
    organiser.goto("/organiser")
    expect(organiser.get_by_role("main")).not_to_contain_text("Persons by wijk")
    answer = organiser.goto(f"/requests/{request}/")
    assert answer is not None
    assert answer.status in (403, 404)

    # One reviewer's word recalls nothing; the quorum's does.
    for page, state in ((vera, "released"), (wim, "recalled")):
        page.goto(f"/requests/{request}/finish")
        form = page.locator("form", has=page.get_by_role("button", name="Recall"))
        form.locator("textarea").fill("The register was wrong.")
        form.get_by_role("button", name="Recall").click()
        page.wait_for_load_state()
        assert web.zone.request(request).state == state
    assert audit_zone(web.camp.zone(), None)["holds"]
