"""A browser for the tests of the Lab: Chromium of the system, without a window."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.workspace.lab.session import Lab

SECONDS = 60_000
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The browser of the system; a test fails without one, since what is not tried in a browser is not tested."""
    found = next((path for path in map(shutil.which, _NAMES) if path is not None), None)
    if found is None:
        pytest.fail("Chromium is missing. On Debian or Ubuntu: apt-get install chromium", pytrace=False)
    return found


@contextmanager
def started() -> Iterator[Browser]:
    """A browser that ends with the block."""
    path = chromium()
    # Chromium builds no sandbox of its own for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, lab: Lab, notebook: str, *, locale: str = "en-GB") -> Iterator[Page]:
    """A page of the Lab with a notebook and the panel open, as somebody sees it whose browser is in that language."""
    with browser.new_context(locale=locale, viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(SECONDS)
        # A workspace of its own: Lab restores the layout that the last page left in one.
        page.goto(f"{lab.address}/lab/workspaces/{uuid.uuid4().hex}/tree/{notebook}?token={lab.token}")
        page.locator(".jp-Notebook .cm-content").first.wait_for()
        page.locator("li.lm-TabBar-tab[data-id=datakamp-panel]").click()
        # The kernel has started when it has told what data there are.
        page.locator(".datakamp-card").first.wait_for()
        yield page
