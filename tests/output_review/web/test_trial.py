"""The page's own trial: of thirty outputs six have what no rule finds, and these, no others, are pointed at."""

from __future__ import annotations

import re

from tests.output_review.web.full_camp import handed_in, tables
from tests.output_review.web.revisions import revised
from tests.output_review.web.web_camp import WebCamp

SEEDED = {
    "persons-03": {"population": "persons"},
    "persons-07": {"title": "Table 7"},
    "persons-12": {"title": "Persons by wijk, from jan@example.org"},
    "persons-18": {"population": "Those at 2512 AB 12, The Hague, in 2025"},
    "persons-24": {"title": "Persons in town", "population": "Persons living anywhere in town"},
}
CHANGED = "persons-29"


def test_the_eye_is_led_to_the_six_of_thirty_outputs_that_were_seeded_and_to_no_other(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 30), context=SEEDED)
    fewer = web.camp.recipe(sql="SELECT person, '29-' || wijk AS wijk FROM PERSONS WHERE wijk IN ('28', '29')")
    revised(web, number, {CHANGED: {"recipe": fewer.to_json(), "population": "Persons in wijken 28 and 29, 2025"}})
    page = web.client("vera").get(
        f"/requests/{number}/outputs/persons-01/", secure=True, headers={"accept-language": "en"}
    )
    listed = re.finditer(r'<li>\s*<a href="/requests/\d+/outputs/([^/"]+)/".*?</li>', page.text, re.DOTALL)
    entries = {match[1]: match[0] for match in listed}
    assert len(entries) == 30
    assert {name for name, entry in entries.items() if "look:" in entry} == {*SEEDED, CHANGED}
    assert {name for name, entry in entries.items() if "mark found" in entry} == {"persons-12", "persons-18"}
