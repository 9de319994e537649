"""A researcher's pages in a browser: answered by keyboard alone, without JavaScript, and without a barrier for axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from output_review.domain.states import State
from tests.output_review.returned_camp import FIRST, SECOND, returned
from tests.output_review.web.accessible import barriers
from tests.output_review.web.browsing import Site, chromium
from tests.output_review.web.web_camp import WebCamp


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_questions_are_answered_and_the_request_handed_in_again_without_javascript(
    web: WebCamp, browser: Browser
) -> None:
    row, (one, other) = returned(web.camp, web.zone)
    with Site(web) as site, site.page(browser, "anna", java_script_enabled=False) as page:
        page.goto("/own/requests")
        page.get_by_role("link", name="Persons").click()
        page.get_by_label(f"Answer to question {one}").focus()
        page.keyboard.type("Everyone.")
        page.keyboard.press("Tab")
        expect(page.get_by_label(f"Answer to question {other}")).to_be_focused()
        page.keyboard.type("For the atlas.")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")  # the second output stays behind
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Send and hand in again")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Handed in, waits for reviewers").first).to_be_visible()
    row.refresh_from_db()
    assert (State(row.state), row.revision) == (State.SUBMITTED, 2)
    assert [output.name for output in row.outputs.filter(revision=2)] == [FIRST]
    assert SECOND not in {output.name for output in row.outputs.filter(revision=2)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
def test_nothing_on_a_researchers_pages_is_a_barrier(web: WebCamp, browser: Browser, scheme: str, locale: str) -> None:
    row, _ = returned(web.camp, web.zone)
    with Site(web) as site, site.page(browser, "anna", color_scheme=scheme, locale=locale) as page:
        for place in ("/own/requests", f"/own/requests/{row.pk}", f"/own/requests/{row.pk}/withdraw"):
            page.goto(place)
            expect(page.locator("html")).to_have_attribute("lang", locale[:2])
            assert barriers(page) == []
        page.goto(f"/own/requests/{row.pk}")
        page.locator("button[name=again]").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_narrow_screen_needs_no_scrolling_sideways(web: WebCamp, browser: Browser) -> None:
    row, _ = returned(web.camp, web.zone)
    row.title = "x" * 200
    row.save()
    row.outputs.update(title="y" * 200, population="z" * 500)
    with Site(web) as site, site.page(browser, "anna", viewport={"width": 320, "height": 800}) as page:
        for place in ("/own/requests", f"/own/requests/{row.pk}"):
            page.goto(place)
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), place
