"""An output in the middle of its request: what is shown, what leads the eye, and what is served of its files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from disclosure.exchange.submission import SubmittedFigure
from disclosure.exchange.written import SubmittedText, WrittenKind
from disclosure.exchange.written_records import rows_in_order
from disclosure.model.figures import FigureKind, FigureRequest
from disclosure.texts import language
from output_review.services import showing
from output_review.services.reviewing import current_outputs
from output_review.services.showing import make_shown, shown
from output_review.services.shown_context import is_vague
from output_review.services.shown_grid import ROWS
from output_review.web.reviewing.colours import LONGEST, coloured
from output_review.web.reviewing.sheets import sheet_of
from tests.output_review.web.full_camp import handed_in, mixed, tables, taken_in
from tests.output_review.web.web_camp import WebCamp
from tests.output_review.zone_camp import ZoneCamp

HOSTILE = "<script>alert(1)</script>\"' & \u202e \u200b"


def outputs(web: WebCamp, number: int) -> dict[str, Any]:
    return {one.name: one for one in current_outputs(web.zone.request(number))}


def page(web: WebCamp, number: int, name: str, *, query: str = "", who: str = "vera", spoken: str = "en") -> str:
    answer = web.client(who).get(
        f"/requests/{number}/outputs/{name}/{query}", secure=True, headers={"accept-language": spoken}
    )
    assert answer.status_code == 200, answer.status_code
    return answer.text


# ------------------------------------------------------------------------------------------------- what is kept of one
def test_what_is_shown_is_made_at_tabulation_and_holds_no_withheld_figure(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    output = outputs(web, number)["income-by-wijk"]
    assert output.shown
    assert output.cells == 5
    document = shown(web.zone, output)
    cells = dict(zip([row[0] for row in document["grid"]["rows"]], document["grid"]["cells"], strict=True))
    assert cells["28"] == [["113191", "shown", 79, 79, [], False]]
    assert cells["31"] == [[None, "withheld", 5, 5, [0, 1], True]]
    assert cells[True] == [[None, "withheld", 240, 240, [], False]]
    assert (document["failing"], document["withheld"]) == (1, 2)
    total = sum(1000 + (person * 37) % 900 for person in range(235, 240))
    assert str(total) not in json.dumps(document)


def test_a_cell_that_the_repair_withholds_fails_nothing_and_says_so(web: WebCamp) -> None:
    recipe = web.camp.recipe(sql="SELECT person, wijk, income FROM PERSONS", suppressed=True)
    text = page(web, handed_in(web, {"repaired": recipe}), "repaired")
    assert 'class="repaired" title="withheld by the repair' in text
    assert "withheld (×): 2" in text
    assert "fails a rule" not in text
    assert "failing: " not in text
    number = handed_in(web, {"asked": replace(recipe, suppressed=False)}, number=2)
    text = page(web, number, "asked")
    assert "fails a rule: fewer units" in text
    assert "failing: 1" in text
    assert "withheld by the repair" not in text


def test_it_is_the_same_for_rows_from_before_there_were_pages_and_is_made_once(web: WebCamp) -> None:
    from output_review.models import OutputRow

    number = handed_in(web, mixed(web.camp))
    kept = {name: shown(web.zone, one) for name, one in outputs(web, number).items()}
    digests = {name: one.shown for name, one in outputs(web, number).items()}
    OutputRow.objects.update(shown="", cells=0)
    assert {name: shown(web.zone, one) for name, one in outputs(web, number).items()} == kept
    make_shown(web.zone, web.zone.request(number))
    assert {name: one.shown for name, one in outputs(web, number).items()} == digests


def test_words_stand_in_both_languages(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    assert "Why it is not safe" in page(web, number, "income-by-wijk")
    dutch = page(web, number, "income-by-wijk", spoken="nl")
    assert "te lage celvulling" in dutch
    assert "aantal eenheden, naar wijk" in page(web, number, "persons-by-wijk", spoken="nl")


# ------------------------------------------------------------------------------------------------------ what is flagged
def test_a_flagged_cell_has_a_sign_its_count_and_its_reason_in_words_and_on_pointing(web: WebCamp) -> None:
    text = page(web, handed_in(web, mixed(web.camp)), "income-by-wijk")
    (cell,) = re.findall(r'<td class="flag".*?</td>', text)
    assert "▲" in cell
    assert "×" in cell
    assert "n = 5" in cell
    assert cell.count("fewer units than the policy&#x27;s minimum stand behind this figure") == 2
    assert "wijk=31" in text


def test_every_cell_tells_how_many_units_it_has(web: WebCamp) -> None:
    text = page(web, handed_in(web, mixed(web.camp)), "by-household")
    assert text.count('<span class="n">n = ') == 16


def test_level_lineage_derivation_recipe_and_files_are_there(web: WebCamp) -> None:
    text = page(web, handed_in(web, mixed(web.camp)), "by-household")
    for part in (
        "Trusted code made it from the registered microdata, by the recipe alone.", "persons.income",
        "computed by the code", "registered", '<span class="k">SELECT</span>', "number of units",
        'href="/requests/1/outputs/by-household/files/by-household.csv"',
    ):  # fmt: skip
        assert part in text


# ------------------------------------------------------------------------------------------------------ where to look
@pytest.mark.parametrize(
    ("said", "vague"),
    [("", True), ("persons", True), ("all data", True), ("Persons in The Hague?", True), ("n.v.t.", True),
     ("Persons in The Hague", False), ("Households with children, 2025", False)],
)  # fmt: skip
def test_a_population_is_vague_if_it_does_not_say_whom_where_and_when(said: str, vague: bool) -> None:
    assert is_vague(said) is vague


@pytest.mark.parametrize(
    ("context", "point"),
    [
        ({"population": "persons"}, "The population says little"),
        ({"population": "Persons by wijk, persons-by-wijk"}, "The population repeats the title."),
        ({"title": "Table 1"}, "The title does not say what the output shows."),
        ({"title": "Persons of jan@example.org by wijk"}, "an e-mail address"),
        ({"population": "Persons at 2512 AB 12 in the year 2025"}, "a postcode with a house number"),
        ({"title": "Persons in town", "population": "Persons living anywhere in town"}, "do not mention it: wijk"),
    ],
)
def test_what_no_rule_can_judge_leads_the_list_of_things_to_look_at(
    web: WebCamp, context: dict[str, str], point: str
) -> None:
    number = handed_in(web, mixed(web.camp), context={"persons-by-wijk": context})
    text = page(web, number, "persons-by-wijk")
    (look,) = re.findall(r'<section class="look".*?</section>', text, re.DOTALL)
    assert point in look
    assert "look: 1" in text


def test_a_clean_output_has_nothing_to_look_at(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 2))
    text = page(web, number, "persons-01")
    assert 'class="look"' not in text
    assert "look:" not in text


def test_an_exception_says_so_and_takes_a_form(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp))
    assert "To approve this is an exception" in page(web, number, "income-by-wijk")
    assert "Approve as an exception" not in page(web, number, "persons-by-wijk")


def test_what_the_scan_finds_in_the_request_or_its_code_stands_above_everything(web: WebCamp) -> None:
    folder = web.camp.hand_in(tables(web.camp, 1))
    (folder / "code" / "case.py").write_text("mail = 'jan@example.org'\n")
    text = page(web, taken_in(web), "persons-01")
    assert text.index("Found by the scan in the request or its code: 1") < text.index('class="tabs"')
    assert "case.py, script 1, line 1: an e-mail address" in text


def test_what_the_researcher_saw_otherwise_is_told(web: WebCamp) -> None:
    number = handed_in(web, mixed(web.camp), claims={"persons-by-wijk": b"{}"})
    text = page(web, number, "persons-by-wijk")
    assert "Not as the researcher saw it" in text


# --------------------------------------------------------------------------------------------------- words that attack
def test_whatever_people_write_is_text(web: WebCamp) -> None:
    from output_review.models import OutputRow, RequestRow

    number = handed_in(web, mixed(web.camp))
    RequestRow.objects.update(
        title=HOSTILE, purpose=HOSTILE, author=HOSTILE, parameters={HOSTILE: HOSTILE}, reason=HOSTILE
    )
    OutputRow.objects.update(title=HOSTILE, population=HOSTILE, differs=HOSTILE, note=HOSTILE, differences=[HOSTILE])
    vera = web.client("vera")
    for place in (
        "/queue",
        *(f"/requests/{number}/{one}" for one in ("outputs/by-household/", "code", "history", "finish")),
    ):
        text = vera.get(place, secure=True).text
        assert "<script>alert" not in text, place
        assert "&lt;script&gt;alert" in text, place


def test_labels_of_data_are_text_without_signs_that_hide_or_reorder(web: WebCamp) -> None:
    sql = "SELECT person, '<img src=x onerror=y>\u202e' || wijk AS wijk FROM PERSONS WHERE wijk <> '31'"
    text = page(web, handed_in(web, {"labels": web.camp.recipe(sql=sql)}), "labels")
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=y&gt;\\u202e28" in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("source", "spoken", "expected"),
    [
        ("x = '<b>'", "python", 'x = <span class="s">&#x27;&lt;b&gt;&#x27;</span>'),
        ("SELECT 1", "sql", '<span class="k">SELECT</span> <span class="m">1</span>'),
        ("a\u202eb\x1b", "", "a\\u202eb\\x1b"),
        ("\tx", "", "    x"),
    ],
)
def test_source_is_coloured_and_nothing_in_it_is_markup(source: str, spoken: str, expected: str) -> None:
    assert coloured(source, spoken) == (expected,)


def test_a_long_source_is_shown_in_full_without_colours() -> None:
    lines = coloured("def f():\n" * (LONGEST // 9 + 1), "python")
    assert len(lines) == LONGEST // 9 + 2
    assert lines[0] == "def f():"


# ---------------------------------------------------------------------------------------------------------------- files
def test_a_picture_is_shown_and_a_table_is_saved_and_neither_can_do_anything(web: WebCamp) -> None:
    figure = {"persons-by-wijk": SubmittedFigure(FigureRequest(FigureKind.BAR, x="wijk"))}
    number = handed_in(web, mixed(web.camp), figures=figure)
    vera = web.client("vera")
    saved = ("application/octet-stream", "attachment")
    kinds = {"svg": ("image/svg+xml", "inline"), "png": ("image/png", "inline"), "html": saved, "csv": saved}
    for ending, (kind, disposition) in kinds.items():
        answer = vera.get(f"/requests/{number}/outputs/persons-by-wijk/files/persons-by-wijk.{ending}", secure=True)
        assert answer.status_code == 200
        assert answer["Content-Type"] == kind
        assert answer["Content-Disposition"].startswith(disposition)
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
    stored = outputs(web, number)["persons-by-wijk"].files
    svg = vera.get(f"/requests/{number}/outputs/persons-by-wijk/files/persons-by-wijk.svg", secure=True).content
    assert svg == web.zone.store.get(stored["persons-by-wijk.svg"])
    text = page(web, number, "persons-by-wijk")
    assert f'<img src="/requests/{number}/outputs/persons-by-wijk/files/persons-by-wijk.svg" alt="' in text
    assert "<svg" not in text


@pytest.mark.parametrize("file", ["other.csv", "by-household.txt", "..%2Fsession.key", "%2e%2e"])
def test_no_other_file_is_served(web: WebCamp, file: str) -> None:
    number = handed_in(web, mixed(web.camp))
    answer = web.client("vera").get(f"/requests/{number}/outputs/by-household/files/{file}", secure=True)
    assert answer.status_code == 404


@pytest.mark.parametrize("who", ["anna", "xena", ""])
@pytest.mark.parametrize("place", ["", "rows", "files/persons-01.csv"])
def test_nobody_else_sees_an_output(web: WebCamp, who: str, place: str) -> None:
    number = handed_in(web, tables(web.camp, 1))
    answer = web.client(who).get(f"/requests/{number}/outputs/persons-01/{place}", secure=True)
    assert answer.status_code == {"anna": 403, "xena": 404, "": 302}[who]


def test_a_text_is_shown_as_text_and_leaves_as_an_exception_only(web: WebCamp) -> None:
    words = SubmittedText(
        "remark", "A remark about wijken", "Persons in The Hague 2025", "", WrittenKind.TEXT, "It <b>rose</b>."
    )
    number = handed_in(web, mixed(web.camp), texts=(words,))
    text = page(web, number, "remark")
    assert "It &lt;b&gt;rose&lt;/b&gt;." in text
    assert "Nobody here could make it again." in text
    assert "Approve as an exception" in text


def test_a_file_of_records_is_shown_by_its_first_with_its_risk_and_can_be_opened_whole(zone_camp: ZoneCamp) -> None:
    file = zone_camp.folder / "camp.toml"
    entry = '\n[review.microdata_release]\nkind = "training"\nkeys = ["sexe"]\nothers = ["age"]\nk = 20\nrisk = 0.05\n'
    file.write_text(file.read_text() + entry)
    web = WebCamp(zone_camp)
    body = rows_in_order(("sexe", "age"), [("vm"[n % 2], f"age {n:03d}") for n in range(100)]).to_body()
    records = SubmittedText("rows", "Persons", "Persons in The Hague 2025", "", WrittenKind.RECORDS, body)
    number = handed_in(web, mixed(web.camp), texts=(records,))
    text = page(web, number, "rows")
    assert "Risk of the records" in text
    assert "the whole file leaves" in text
    assert "Shown here are the first 40" in text
    assert "age 079" in text
    assert "age 081" not in text
    answer = web.client("vera").get(f"/requests/{number}/outputs/rows/files/rows.csv", secure=True)
    assert len(answer.content.decode().split("\r\n")) == 102


# --------------------------------------------------------------------------------------------------------- large tables
def grid(rows: int) -> dict[str, Any]:
    cells = [[["5", "shown", 12, 12, [], False], [None, "withheld", 3, 3, [0], True]] for _ in range(rows)]
    return {
        "findings": [{"reason": {"en": "too few", "nl": "te weinig"}}],
        "grid": {
            "row_names": [{"name": "area", "title": {"en": "Area"}}], "column_names": [{"name": "sex", "title": {}}],
            "rows": [[str(place)] for place in range(rows)], "columns": [["1"], [True]],
            "words": {"area": {"0": {"en": "Centre"}}, "sex": {"1": {"en": "men"}}}, "cells": cells, "empty": "0",
            "percent": False, "p_values": [False, False], "n": rows, "first": 0,
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "first", "last"), [(1, 1, ROWS), (2, ROWS + 1, 2 * ROWS), (3, 401, 401), (9, 401, 401), (0, 1, ROWS)]
)
def test_a_part_of_a_table_has_two_hundred_rows_and_leads_on(asked: int, first: int, last: int) -> None:
    with language("en"):
        sheet = sheet_of(grid(2 * ROWS + 1), asked)
    assert sheet is not None
    assert (sheet.first, sheet.last, sheet.rows, sheet.pages) == (first, last, 401, 3)
    assert sheet.body.count("<tr") == last - first + 1
    assert sheet.following == (0 if last == 401 else sheet.page + 1)


@pytest.mark.parametrize(
    ("asked", "first", "rows"), [(None, 0, 401), (1, 0, 200), (2, 200, 200), (3, 400, 1), (9, 400, 1)]
)
def test_rows_are_kept_in_parts_and_read_one_by_one(
    web: WebCamp, monkeypatch: pytest.MonkeyPatch, asked: int | None, first: int, rows: int
) -> None:
    whole = {name: one for name, one in grid(2 * ROWS + 1)["grid"].items() if name not in ("n", "first")}
    monkeypatch.setattr(showing, "grid_document", lambda _: whole)
    number = handed_in(web, tables(web.camp, 1))
    found = shown(web.zone, outputs(web, number)["persons-01"], asked)["grid"]
    assert (found["n"], found["first"], len(found["rows"]), len(found["cells"])) == (401, first, rows, rows)
    assert found["rows"][0] == [str(first)]


def test_many_flagged_cells_do_not_stop_the_tabulator_key() -> None:
    few, many = sheet_of(grid(25)), sheet_of(grid(26))
    assert few is not None
    assert many is not None
    assert 'tabindex="0"' in few.body
    assert 'tabindex="0"' not in many.body


def test_labels_have_the_words_of_the_codebook_beside_them() -> None:
    with language("en"):
        sheet = sheet_of(grid(2))
        assert sheet is not None
        assert '<bdi dir="auto">0</bdi> <span class="word">Centre</span>' in sheet.body
    ((name, heads),) = sheet.across
    assert (name.label, (heads[0].label, heads[0].word, heads[0].total)) == ("sex", ("1", "men", False))
    assert heads[1].total


def test_rows_are_asked_for_alone(web: WebCamp) -> None:
    number = handed_in(web, tables(web.camp, 1))
    text = web.client("vera").get(f"/requests/{number}/outputs/persons-01/rows?rows=1", secure=True).text
    assert text.startswith("<tr>")
    assert 'hx-swap-oob="true"' in text
    assert "<html" not in text
