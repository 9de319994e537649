"""The pictures of the documentation: taken of the pages as they are, with the same camp each time.

`DATAKAMP_PICTURES=docs/pictures` before pytest has them written there; without it they only must come out as large as
those that lie there.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from output_review.domain.votes import Vote
from output_review.services.commenting import comment
from output_review.services.reviewing import vote
from output_review.signing.signoff import Decision
from tests.output_review.web.browsing import Site, chromium
from tests.output_review.web.full_camp import handed_in, mixed, tables
from tests.output_review.web.revisions import revised
from tests.output_review.web.web_camp import WebCamp

PICTURES = Path(__file__).resolve().parents[3] / "docs" / "pictures"
WRITTEN = "DATAKAMP_PICTURES"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def picture(page: Page, name: str, *, height: int) -> None:
    """Take a picture of the upper part of a page; it must be as large as the one in the documentation."""
    page.set_viewport_size({"width": 1280, "height": height})
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)  # colours change over a moment
    taken = page.screenshot()
    if os.environ.get(WRITTEN):
        (Path(os.environ[WRITTEN]) / f"{name}.png").write_bytes(taken)
        return
    assert size(taken) == size((PICTURES / f"{name}.png").read_bytes()) == (1280, height)


def size(image: bytes) -> tuple[int, int]:
    """Return width and height of a PNG."""
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", image[16:24])


def revised_request(web: WebCamp) -> int:
    """Return a request that came back without one of its outputs, and with another derivation of the next."""
    outputs = tables(web.camp, 3)
    number = handed_in(web, outputs, number=2, title="Persons by wijk, for the neighbourhood profiles")
    fewer = web.camp.recipe(sql="SELECT person, '2-' || wijk AS wijk, income FROM PERSONS WHERE wijk IN ('28', '29')")
    said = "Persons in wijken 28 and 29 of The Hague, 1 January 2025"
    revised(web, number, {"persons-01": None, "persons-02": {"recipe": fewer.to_json(), "population": said}})
    return number


def test_the_pictures_of_the_documentation_are_of_the_pages_as_they_are(web: WebCamp, browser: Browser) -> None:
    first = handed_in(web, mixed(web.camp))
    second = revised_request(web)
    title = "Persons who moved within the city"
    handed_in(web, {"moved": web.camp.recipe()}, number=3, title=title)
    with Site(web) as site, site.page(browser, "vera", viewport={"width": 1280, "height": 800}) as page:
        page.goto(f"/requests/{first}/outputs/income-by-wijk/")
        expect(page.locator("td.flag").first).to_be_visible()
        picture(page, "review-output", height=800)
        page.goto(f"/requests/{second}/outputs/persons-02/")
        expect(page.locator("#changes")).to_contain_text("Since revision 1")
        picture(page, "review-changes", height=800)
        row = web.zone.request(first)
        vote(web.zone, row, ("by-household", "persons-by-wijk"), Vote("vera", Decision.APPROVE))
        vote(web.zone, row, ("income-by-wijk",), Vote("vera", Decision.REQUEST_CHANGES))
        comment(web.zone, row, "vera", output="income-by-wijk", phrase="merge_small_cells")
        page.goto("/queue")
        expect(page.locator(".queue tbody tr")).to_have_count(3)
        expect(page.get_by_text("UTC")).to_be_visible()
        picture(page, "review-queue", height=360)
        page.goto(f"/requests/{first}/finish")
        expect(page.get_by_role("heading", name="Return to the team")).to_be_visible()
        # Where a camp lies is another place each time.
        show = "(one, folder) => { one.textContent = one.textContent.replace(folder, 'camp') }"
        page.locator("pre.command code").evaluate(show, str(web.camp.folder))
        picture(page, "review-finish", height=800)
