"""Coming in, in a browser: from the code to the queue, by keyboard, without scripts, and without barriers."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from output_review.services.accounts import invite
from output_review.services.ingest import ingest
from tests.output_review.web.accessible import barriers
from tests.output_review.web.browsing import Site, chromium
from tests.output_review.web.coming_in import NEW, digits_of
from tests.output_review.web.test_rights import PeopledCamp
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp

OFFICE = {
    "olga": ("/organiser", "/account", "/account/password"),
    "udo": ("/audit", "/audit/log", "/audit/reads", "/audit/proof", "/operation", "/figures", "/nothing-here"),
}


@pytest.fixture
def web(zone_camp: ZoneCamp) -> WebCamp:
    camp = PeopledCamp(zone_camp)
    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    ingest(camp.zone)
    return camp


@pytest.fixture
def code(web: WebCamp) -> str:
    """Vera's code."""
    return invite(web.zone, "vera").code


@pytest.fixture
def sessions(web: WebCamp) -> dict[str, str]:
    """Where people of the office have logged in. It is done before the browser starts, whose loop has its own view of
    the database.
    """
    return {name: web.client(name).cookies["__Host-session"].value for name in OFFICE}


@pytest.fixture
def browser(web: WebCamp) -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_code_to_the_first_page_by_keyboard(web: WebCamp, code: str, browser: Browser, scripts: bool) -> None:
    with Site(web) as site, browser.new_context(java_script_enabled=scripts, locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{site.address}/login")
        page.get_by_role("link", name=re.compile("first time")).press("Enter")
        page.get_by_label("Account name").fill("vera")
        page.get_by_label("Code").fill(code)
        page.get_by_label("New password").fill(NEW)
        page.get_by_label("The same password again").fill(NEW)
        page.keyboard.press("Enter")
        key = base64.b32decode(page.locator("p > code").inner_text().replace(" ", ""))
        image = page.get_by_role("img")
        assert image.evaluate("one => one.complete && one.naturalWidth > 100") if scripts else image.is_visible()
        page.get_by_label(re.compile("six digits")).fill(digits_of(key))
        page.keyboard.press("Enter")
        page.get_by_role("main").get_by_role("link", name="Log in").press("Enter")
        page.get_by_label("Account name").fill("vera")
        page.get_by_label("Password").fill(NEW)
        page.get_by_label(re.compile("Six digits")).fill(digits_of(key, steps=1))
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.address}/queue")
        page.get_by_role("button", name="Nederlands").press("Enter")
        page.locator("html[lang=nl]").wait_for()
        page.get_by_role("button", name="Uitloggen").press("Enter")
        page.wait_for_url(f"{site.address}/login")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_pages_of_accounts_have_no_barriers(web: WebCamp, code: str, browser: Browser, colours: str) -> None:
    found = {}
    with (
        Site(web) as site,
        browser.new_context(color_scheme="dark" if colours == "dark" else "light", locale="nl-NL") as context,
    ):
        page = context.new_page()
        for address in ("/login", "/login?failed", "/join"):
            page.goto(site.address + address)
            found[address] = barriers(page)
        page.get_by_label("Accountnaam").fill("vera")
        page.get_by_label("Code").fill(code)
        page.get_by_label("Nieuw wachtwoord").fill(NEW)
        page.get_by_label("hetzelfde wachtwoord").fill(NEW)
        page.keyboard.press("Enter")
        page.wait_for_url("**/second-factor")
        found["second factor"] = barriers(page)
    assert found == {address: [] for address in found}


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_pages_of_the_office_have_no_barriers_and_fit_a_narrow_window(
    web: WebCamp, sessions: dict[str, str], browser: Browser, colours: str
) -> None:
    found = {}
    with Site(web) as site:
        for name, addresses in OFFICE.items():
            with browser.new_context(
                color_scheme="dark" if colours == "dark" else "light",
                viewport={"width": 400, "height": 800},
                extra_http_headers={"X-Test-Session": sessions[name]},
            ) as context:
                page = context.new_page()
                for address in addresses:
                    page.goto(site.address + address)
                    assert page.url == site.address + address
                    found[address] = barriers(page)
                    assert page.evaluate("document.documentElement.scrollWidth") <= 400, address
    assert found == {address: [] for address in found}
