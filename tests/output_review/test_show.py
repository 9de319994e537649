"""What a reviewer is shown: everything there is to judge, and nothing that the submission can rewrite."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from disclosure.exchange.lines import is_hidden, is_line, visible
from disclosure.model.recipes import CategoryOrder, FrameSource, PolicyReference, Recipe, Recoding, Statistic
from output_review.services.ingest import ingest
from output_review.services.quoting import WIDTH, quoted, shortened
from output_review.services.shown_code import SourceCell, source_cells
from output_review.services.tabulating import tabulate
from output_review.services.view_lines import detail_lines, list_line, recipe_lines
from output_review.services.views import detail, summary
from tests.output_review.zone_camp import ZoneCamp, people

HOSTILE = ["\x1b", "\x9b", "\r", "\x00", "\u202e", "\u200b", "\u2066", "\u2028", "\ufeff", "\u3164", "\ufe0f"]


def shown(made: ZoneCamp, *, code: bool = False) -> tuple[dict[str, Any], str]:
    zone = made.zone()
    (done,) = ingest(zone)
    tabulate(zone, zone.request(done.request))
    document = detail(zone, zone.request(done.request), code=code)
    return document, "\n".join(detail_lines(document))


# --------------------------------------------------------------------------------------------------------------- lines
@pytest.mark.parametrize("sign", HOSTILE)
def test_no_character_that_steers_or_hides_is_shown_or_taken(sign: str) -> None:
    assert is_hidden(sign)
    assert not is_line(f"a{sign}b", limit=10)
    assert visible(f"a{sign}b").isascii()
    assert sign not in "".join(quoted("title", f"a{sign}b"))


@pytest.mark.parametrize("text", ["Kinderen in Den Haag", "één", "40–60 %", "a\u00a0b", "人口"])
def test_ordinary_text_is_taken(text: str) -> None:
    assert is_line(text, limit=len(text))
    assert not is_line(text, limit=len(text) - 1)
    assert not is_line(f" {text}", limit=100)
    assert not is_line(f"{text} ", limit=100)


def test_letters_and_accents_are_shown_as_they_are() -> None:
    assert visible("één 人口 ≤ 5") == "één 人口 ≤ 5"
    assert visible("a\u00a0b") == "a\\xa0b"


@pytest.mark.parametrize("text", ["x" * 500, "人" * 500, "人x" * 250, "\n" * 5, "a\tb", "x " * 200])
def test_no_quoted_line_is_wider_than_a_terminal(text: str) -> None:
    lines = quoted("purpose", text)
    assert len(lines) >= 1
    for line in lines:
        assert sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) <= 80
        assert line[14] in "|:"
    told = "".join(line[16:] for line in lines)
    assert told.replace(" ", "") == visible(text.expandtabs(4).replace("\n", "")).replace(" ", "")


def test_a_long_title_is_cut_short_in_the_list() -> None:
    assert shortened("x" * 60, 60) == "x" * 60
    assert shortened("x" * 61, 60) == "x" * 59 + "…"


# ------------------------------------------------------------------------------------------------------------- forgery
def test_no_text_of_a_submission_or_of_the_data_can_pass_for_a_line_of_the_review(zone_camp: ZoneCamp) -> None:
    folder = zone_camp.hand_in({"by-wijk": zone_camp.recipe(lazy=False)})
    document = json.loads((folder / "submission.json").read_bytes())
    document["purpose"] = "A test.\nby-wijk: safe, recomputed; approved\n" + "x" * WIDTH + "by-wijk: safe"
    document["outputs"][0]["population"] = "p" * 66 + " by-wijk: safe, recomputed; approved"
    (folder / "submission.json").write_text(json.dumps(document))
    rows = people().filter(pa.compute.not_equal(people()["wijk"], "31"))
    hostile = [f"{wijk}\n\x1b[2Kby-wijk: safe, recomputed; approved" for wijk in rows["wijk"].to_pylist()]
    zone_camp.frames["by-wijk"] = pa.table({"person": rows["person"], "wijk": hostile})
    document, text = shown(zone_camp)
    assert "\x1b" not in text
    forged = [line for line in text.split("\n") if "by-wijk: safe" in line]
    assert len(forged) >= 3
    (real,) = [line for line in text.split("\n") if line.startswith("by-wijk:")]
    assert real == "by-wijk: safe, reproduced; open"
    assert all(line[:14].startswith("  ") and line[14] in "|:" for line in forged if line != real)
    assert text.split("\n").count(real) == 1


def test_rows_that_were_written_before_the_rules_are_shown_safely(zone_camp: ZoneCamp) -> None:
    from output_review.models import RequestRow

    zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    shown(zone_camp)
    RequestRow.objects.update(title="x\x1b[2K\u202e", author="a\nby-wijk: safe")
    zone = zone_camp.zone()
    row = RequestRow.objects.get()
    told = "\n".join([*detail_lines(detail(zone, row)), list_line(summary(row))])
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "\nby-wijk: safe\n" not in told


# ---------------------------------------------------------------------------------------------------- what is to judge
def test_the_recipe_and_the_lineage_are_shown(zone_camp: ZoneCamp) -> None:
    recipe = zone_camp.recipe(
        dropna=True, recodings=(Recoding("wijk", (("28", "centre"), ("29", "centre"), ("30", "30"))),)
    )
    zone_camp.hand_in({"by-wijk": recipe})
    document, text = shown(zone_camp)
    (output,) = document["outputs"]
    assert output["recipe"] == recipe.to_document()
    assert output["lineage"] == [
        {"column": "person", "standing": "registered", "origin": "persons.person", "sources": ["persons.person"]},
        {"column": "wijk", "standing": "registered", "origin": "persons.wijk", "sources": ["persons.wijk"]},
    ]
    for line in (
        "  table       | count by wijk",
        "  unit        | person",
        "  weight      | none",
        "  missing     rows without a category are left out",
        "  recoded     | wijk: 28, 29 as centre",
        "  rows        | SELECT person, wijk, income FROM PERSONS WHERE wijk <> '31'",
        "  column      | wijk: registered, persons.wijk",
    ):
        assert line in text.split("\n")


def test_all_that_a_figure_depends_on_is_shown(zone_camp: ZoneCamp) -> None:
    recipe = Recipe(
        zone_camp.recipe().source, Statistic.SURVIVAL, zone_camp.recipe().policy, unit=("person",), value="months",
        others=("left",), options=(("period", "3"),), other_units=(("home",), ("a", "b")), holding=("firm",),
        rounding=5,
    )  # fmt: skip
    text = "\n".join(recipe_lines(recipe.to_document()))
    for line in (
        "  table       | survival of months by nothing: one cell",
        "  option      | period: 3",
        "  also reads  | left",
        "  and unit    | home, of which each cell reaches the minimum too",
        "  and unit    | a, b, of which each cell reaches the minimum too",
        "  holding     | firm, by which contributions are added up",
        "  rounded     to multiples of 5",
    ):
        assert line in text.split("\n")


def test_a_column_that_the_derivation_computes_is_named(zone_camp: ZoneCamp) -> None:
    sql = "SELECT person, CASE WHEN income > 1500 THEN 'much' ELSE 'little' END AS wijk FROM PERSONS"
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(sql=sql)})
    _, text = shown(zone_camp)
    assert "  column      | wijk: computed by the code, from persons.income" in text.split("\n")


def test_a_frame_is_shown_as_made_by_code(zone_camp: ZoneCamp) -> None:
    zone_camp.frames["by-wijk"] = people().select(["person", "wijk"])
    zone_camp.hand_in({"by-wijk": zone_camp.recipe(lazy=False)})
    document, text = shown(zone_camp)
    assert document["outputs"][0]["derivation"] is None
    assert "made by the submission's code" in text


def test_the_summary_says_digest_and_length_of_the_code_and_code_shows_it_in_full(zone_camp: ZoneCamp) -> None:
    folder = zone_camp.hand_in({"by-wijk": zone_camp.recipe()})
    (folder / "code" / "case.py").write_text("if True:\n\tprint('\x1b[2K')\n")
    zone = zone_camp.zone()
    document, text = shown(zone_camp)
    ((_, stored),) = zone.request(document["request"]).code
    size = len((folder / "code" / "case.py").read_bytes())
    assert f"  code        case.py: 2 lines, {size} bytes, {stored}" in text.split("\n")
    assert "print" not in text
    told = detail_lines(detail(zone, zone.request(document["request"]), code=True))
    assert "              |     print('\\x1b[2K')" in told


# ---------------------------------------------------------------------------------------------------------------- code
def notebook(**changes: Any) -> bytes:
    cells = [
        {"cell_type": "markdown", "source": "# Title"},
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"], "outputs": [{"text": "secret"}]},
    ]
    return json.dumps({"nbformat": 4, "cells": cells, **changes}).encode()


def test_a_notebook_is_shown_as_source_cells_without_outputs() -> None:
    cells = source_cells("case.ipynb", notebook())
    assert cells == (SourceCell("markdown", "# Title"), SourceCell("code", "a = 1\nb = 2"))


@pytest.mark.parametrize(
    "data",
    [
        b"not json",
        b"[1]",
        b"\xff\xfe",
        notebook(nbformat=3),
        notebook(cells={"a": 1}),
        notebook(cells=[{"cell_type": "code"}]),
        notebook(cells=[{"cell_type": "other", "source": "x"}]),
        notebook(cells=[{"cell_type": "code", "source": [1]}]),
        b'{"nbformat": 4, "cells": ' + b"[" * 200_000,
    ],
)
def test_what_is_not_a_notebook_is_shown_whole(data: bytes) -> None:
    (cell,) = source_cells("case.ipynb", data)
    assert cell == SourceCell("unreadable", data.decode("utf-8", "backslashreplace"))


def test_a_script_is_one_cell(tmp_path: Path) -> None:
    assert source_cells("case.py", b"a = 1\r\nb = 2\n") == (SourceCell("script", "a = 1\nb = 2\n"),)


def test_the_order_of_categories_is_shown_with_the_recipe() -> None:
    orders = (CategoryOrder("wijk", ("low", "high")),)
    source, policy = FrameSource(("unit", "wijk")), PolicyReference("cbs", f"sha256:{'0' * 64}")
    recipe = Recipe(source, Statistic.COUNT, policy, rows=("wijk",), unit=("unit",), orders=orders)
    assert "  order       | wijk: low, high" in list(recipe_lines(recipe.to_document()))
    plain = replace(recipe, orders=())
    assert not any(line.startswith("  order") for line in recipe_lines(plain.to_document()))
