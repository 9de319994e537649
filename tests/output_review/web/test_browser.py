"""The reviewer's pages in a browser: keys, without JavaScript, barriers, hostile words, large tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from disclosure.exchange.submission import SubmittedFigure
from disclosure.model.figures import FigureKind, FigureRequest
from tests.output_review.web.accessible import barriers
from tests.output_review.web.browsing import Site, chromium
from tests.output_review.web.full_camp import handed_in, mixed, tables
from tests.output_review.web.web_camp import WebCamp

HOSTILE = "<script>document.title='x'</script>\"'&\u202e" + "w" * 150
SETTLED = 350
"""Milliseconds after which a key decides something on a new page."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def site(web: WebCamp) -> Iterator[Site]:
    with Site(web) as found:
        yield found


def press(page: Page, key: str) -> None:
    """Press a key as soon as the page takes it, and wait for what it leads to."""
    before = page.url
    page.wait_for_timeout(SETTLED)
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)


# ---------------------------------------------------------------------------------------------------------------- keys
@pytest.mark.parametrize("n", [1, 5, 20])
def test_clean_outputs_take_a_key_each_and_three_more_at_most(site: Site, browser: Browser, n: int) -> None:
    request = handed_in(site.web, tables(site.web.camp, n))
    pressed = 0
    with site.page(browser, "vera") as page:
        page.goto("/queue")
        for key in ["o", *["a"] * n]:
            press(page, key)
            pressed += 1
        assert page.url.endswith(f"/requests/{request}/finish")
        expect(page.locator("pre.command")).to_contain_text(f"datakamp sign {request} ")
    assert pressed <= n + 3
    row = site.web.zone.request(request)
    assert row.state == "in_review"
    votes = [(vote.reviewer, vote.decision) for one in row.outputs.all() for vote in one.votes.all()]
    assert votes == [("vera", "approve")] * n


def test_keys_lead_from_output_to_output_and_back_to_the_queue(site: Site, browser: Browser) -> None:
    request = handed_in(site.web, tables(site.web.camp, 3))
    with site.page(browser, "vera") as page:
        page.goto(f"/requests/{request}/")
        for key, place in (("j", 2), ("n", 3), ("k", 2), ("p", 1)):
            press(page, key)
            assert page.url.endswith(f"/outputs/persons-0{place}/")
        press(page, "s")
        assert page.url.endswith("/finish")
        press(page, "q")
        assert page.url.endswith("/queue")


def test_no_key_decides_while_somebody_types_or_before_the_page_was_there_to_be_seen(
    site: Site, browser: Browser
) -> None:
    request = handed_in(site.web, tables(site.web.camp, 2))
    with site.page(browser, "vera") as page:
        page.goto(f"/requests/{request}/")
        page.wait_for_timeout(SETTLED)
        page.keyboard.press("m")
        assert page.locator(".say").get_attribute("open") is not None
        page.locator(".say textarea").fill("")
        page.keyboard.type("a remark, approved? rather not")
        assert page.locator(".say textarea").input_value() == "a remark, approved? rather not"
        page.keyboard.press("Escape")
        assert page.locator(".say").get_attribute("open") is None
        page.wait_for_timeout(SETTLED)
        before = page.url
        page.evaluate("() => { for (const key of ['a', 'a']) "
                      "document.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true})) }")  # fmt: skip
        page.wait_for_url(lambda url: url != before)
    assert [one.votes.count() for one in site.web.zone.request(request).outputs.order_by("name")] == [1, 0]


def test_a_key_opens_the_form_where_words_are_needed_and_escape_closes_it(site: Site, browser: Browser) -> None:
    request = handed_in(site.web, mixed(site.web.camp))
    with site.page(browser, "vera") as page:
        page.goto(f"/requests/{request}/outputs/income-by-wijk/")
        for key, words in (("a", "exception"), ("c", "asked of the team"), ("r", "Reason")):
            page.wait_for_timeout(SETTLED)
            page.keyboard.press(key)
            form = page.locator(".choice[open] form")
            expect(form).to_contain_text(words)
            assert page.evaluate("() => document.activeElement.tagName") == "SELECT"
            page.keyboard.press("Escape")
            expect(page.locator(".choice[open]")).to_have_count(0)
    assert not site.web.zone.request(request).outputs.filter(votes__isnull=False).exists()


def test_counts_and_reasons_of_cells_are_reached_by_key(site: Site, browser: Browser) -> None:
    request = handed_in(site.web, mixed(site.web.camp))
    with site.page(browser, "vera") as page:
        page.goto(f"/requests/{request}/outputs/income-by-wijk/")
        expect(page.locator("td.flag .n")).to_be_visible()
        counts = page.locator("#grid td:not(.flag) .n").first
        expect(counts).to_be_hidden()
        page.keyboard.press("e")
        expect(counts).to_be_visible()
        page.keyboard.press("f")
        expect(page.locator("#cell-note")).to_contain_text("fewer units than the policy's minimum")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        page.reload()
        expect(counts).to_be_visible()


# ---------------------------------------------------------------------------------------------------- without a script
def test_all_of_it_works_without_javascript_by_tab_and_enter(site: Site, browser: Browser) -> None:
    request = handed_in(site.web, mixed(site.web.camp))
    with site.page(browser, "vera", java_script_enabled=False) as page:
        page.goto("/queue")
        page.locator("a.ask").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/outputs/by-household/")
        page.get_by_role("button", name="Approve", exact=False).last.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/outputs/income-by-wijk/")
        page.locator("summary", has_text="Request changes").focus()
        page.keyboard.press("Enter")
        page.locator(".choice[open] select").select_option("merge_small_cells")
        page.locator(".choice[open] button").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/outputs/persons-by-wijk/")
        page.locator(".decide form button[value=approve]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/finish")
        page.get_by_role("button", name="Return").focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        expect(page.locator(".chip").first).to_contain_text("With the team")
    assert site.web.zone.request(request).state == "returned"


# ------------------------------------------------------------------------------------------------------------ barriers
@pytest.mark.parametrize(("scheme", "locale"), [("light", "nl-NL"), ("dark", "en-GB")])
def test_no_page_has_a_barrier(site: Site, browser: Browser, scheme: str, locale: str) -> None:
    figure = {"persons-by-wijk": SubmittedFigure(FigureRequest(FigureKind.BAR, x="wijk"))}
    request = handed_in(site.web, mixed(site.web.camp), figures=figure, title="About jan@example.org")
    places = (
        "outputs/income-by-wijk/",
        "outputs/by-household/",
        "outputs/persons-by-wijk/",
        "code",
        "history",
        "finish",
    )
    with site.page(browser, "vera", color_scheme=scheme, locale=locale) as page:
        for place in ("/queue", *(f"/requests/{request}/{one}" for one in places)):
            page.goto(place)
            assert not barriers(page), place
        page.goto(f"/requests/{request}/outputs/income-by-wijk/")
        page.wait_for_timeout(SETTLED)
        for key in ("a", "c", "r"):
            page.keyboard.press(key)
            assert not barriers(page), key
            page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert not barriers(page)


@pytest.mark.parametrize("width", [360, 800, 1440])
def test_hostile_words_are_words_and_the_layout_holds(site: Site, browser: Browser, width: int) -> None:
    from output_review.models import OutputRow, RequestRow

    request = handed_in(site.web, mixed(site.web.camp))
    RequestRow.objects.update(title=HOSTILE, purpose="p" * 2000, author=HOSTILE[:190])
    OutputRow.objects.update(title=HOSTILE, population="x" * 500, differs="y" * 1000)
    with site.page(browser, "vera", viewport={"width": width, "height": 900}) as page:
        for place in ("/queue", f"/requests/{request}/outputs/by-household/", f"/requests/{request}/finish"):
            page.goto(place)
            assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
            assert "Datakamp" in page.title()
            assert page.locator("main script").count() == 0


def test_a_figure_is_a_picture_with_an_alternative(site: Site, browser: Browser) -> None:
    figure = {"persons-by-wijk": SubmittedFigure(FigureRequest(FigureKind.BAR, x="wijk"))}
    request = handed_in(site.web, mixed(site.web.camp), figures=figure)
    with site.page(browser, "vera") as page:
        page.goto(f"/requests/{request}/outputs/persons-by-wijk/")
        picture = page.locator("figure img")
        assert picture.get_attribute("alt")
        assert picture.evaluate("(image) => image.complete && image.naturalWidth > 100")
