"""What a reviewer sees without scrolling, and what is legible once a form is open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from disclosure.model.recipes import Recipe
from output_review.domain.votes import Reason, Vote
from output_review.services.reviewing import vote
from output_review.signing.signoff import Decision
from tests.output_review.web.browsing import Site, chromium
from tests.output_review.web.full_camp import handed_in, mixed
from tests.output_review.web.web_camp import WebCamp

LAPTOP = {"width": 1280, "height": 800}
TELEPHONE = {"width": 390, "height": 800}
ROOM = (
    "() => { const bar = document.querySelector('.decide').getBoundingClientRect();"
    "const row = document.querySelector('#grid tr').getBoundingClientRect();"
    "return [(bar.top - row.top) / row.height, bar.height] }"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def site(web: WebCamp) -> Iterator[Site]:
    with Site(web) as found:
        yield found


def outputs(web: WebCamp) -> dict[str, Recipe]:
    return {name: one for name, one in mixed(web.camp).items() if name != "by-household"}


def test_six_rows_stand_above_the_decisions_under_a_scan_and_a_point(site: Site, browser: Browser) -> None:
    said = {"income-by-wijk": {"population": "persons"}}
    request = handed_in(site.web, outputs(site.web), title="About jan@example.org", purpose="p " * 900, context=said)
    with site.page(browser, "vera", viewport=LAPTOP) as page:
        for name in ("persons-by-wijk", "income-by-wijk"):
            page.goto(f"/requests/{request}/outputs/{name}/")
            rows, height = page.evaluate(ROOM)
            assert rows >= 6, name
            assert height < 60, name
        expect(page.locator(".decide .steps a")).to_have_count(1)


def test_the_words_of_a_choice_are_seen_while_its_form_is_open(site: Site, browser: Browser) -> None:
    request = handed_in(site.web, outputs(site.web))
    row = site.web.zone.request(request)
    against = Vote("yara", Decision.REJECT, Reason.OTHER, "It says too much.")
    for given in (Vote("wim", Decision.APPROVE), against):
        vote(site.web.zone, row, ("persons-by-wijk",), given)
    with site.page(browser, "vera", viewport=LAPTOP) as page:
        page.goto(f"/requests/{request}/outputs/persons-by-wijk/")
        summary = page.locator("summary", has_text="Resolve the disagreement")
        summary.click()
        page.wait_for_timeout(300)  # colours change over a moment
        colours = summary.evaluate("(one) => { const s = getComputedStyle(one); return [s.color, s.backgroundColor] }")
        assert colours == ["rgb(11, 87, 164)", "rgb(227, 238, 250)"]


def test_to_return_comes_before_to_sign_and_digests_are_folded(site: Site, browser: Browser) -> None:
    request = handed_in(site.web, outputs(site.web))
    row = site.web.zone.request(request)
    vote(site.web.zone, row, ("persons-by-wijk",), Vote("vera", Decision.APPROVE))
    vote(site.web.zone, row, ("income-by-wijk",), Vote("vera", Decision.REQUEST_CHANGES))
    with site.page(browser, "vera", viewport=LAPTOP) as page:
        page.goto(f"/requests/{request}/finish")
        assert page.locator(".middle h2").all_inner_texts()[:3] == ["Your votes", "Return to the team", "Sign"]
        expect(page.locator("#sign .digest").first).to_be_hidden()
        page.get_by_text("What you sign").click()
        expect(page.locator("#sign .digest").first).to_be_visible()


def test_the_queue_is_cards_on_a_telephone(site: Site, browser: Browser) -> None:
    handed_in(site.web, outputs(site.web))
    with site.page(browser, "vera", viewport=TELEPHONE) as page:
        page.goto("/queue")
        assert (
            page.evaluate("() => { const t = document.querySelector('.scroll'); return t.scrollWidth - t.clientWidth }")
            == 0
        )
        expect(page.locator(".queue .chip")).to_be_in_viewport()


def test_who_may_operate_is_led_to_figures_and_jobs(site: Site, browser: Browser) -> None:
    with site.page(browser, "vera") as page:
        page.goto("/queue")
        page.get_by_role("link", name="Figures").click()
        expect(page.locator("dl.figures dt").nth(2)).to_have_text("Median of these waits")
        page.get_by_role("navigation").get_by_role("link", name="Worker and jobs").click()
        expect(page.locator("h1")).to_have_text("Worker and jobs")
    with site.page(browser, "anna") as page:
        page.goto("/")
        expect(page.get_by_role("link", name="Own requests")).to_have_count(1)
        expect(page.get_by_role("link", name="Worker and jobs")).to_have_count(0)
