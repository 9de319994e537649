"""Pictures of the guides, taken as those of the other pages are; which there were is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.output_review.web.test_pictures import picture

WIDTH, HEIGHT = 1280, 800


@dataclass
class Pictures:
    """Takes pictures; `taken` are the names of their files."""

    taken: set[str] = field(default_factory=set)

    def take(self, page: Page, name: str) -> None:
        """Take one of what is to be seen of a page."""
        picture(page, name, height=HEIGHT)
        self.taken.add(f"{name}.png")

    def of_file(self, browser: Browser, path: Path, name: str) -> None:
        """Take one of a page that lies in a file."""
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(path.absolute().as_uri())
        self.take(page, name)
