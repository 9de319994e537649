"""Every output of a notebook is classified, what is hidden is looked at too, and nothing passes for being unknown."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.errors import PolicyError
from disclosure.model.verdicts import Status
from disclosure.policy import load_policy, policy_from_bytes
from disclosure.screening.cleaned import cleaned_notebook, to_bytes
from disclosure.screening.findings import Finding, FindingClass, Part
from disclosure.screening.grids import count_in
from disclosure.screening.html_reading import read_html
from disclosure.screening.notebook_cells import rules_of, screen_notebook
from disclosure.screening.notebook_file import MOST_BYTES, MOST_DEPTH, NotebookError, notebook_from_bytes
from disclosure.screening.report import as_document, as_text
from disclosure.screening.text_scan import MOST_CHARACTERS
from disclosure.texts import language
from tests.disclosure.notebooks import (
    BSN,
    PIXELS,
    RULES,
    check_format,
    classes,
    code,
    display,
    error,
    markdown,
    notebook,
    output_classes,
    result,
    screened,
    shown,
    stream,
)

HOMES = pd.DataFrame({"wijk": ["28"] * 12 + ["29"] * 9 + ["30"] * 30, "inkomen": [1.5] * 51})
COUNTS = HOMES["wijk"].value_counts()
LARGE = HOMES[HOMES["wijk"] != "29"]["wijk"].value_counts()


# --------------------------------------------------------------------------------------------------- tables of counts
def table_of(counts: dict[str, int]) -> dict[str, Any]:
    """The same counts in every form that a notebook shows tables in."""
    series = pd.Series(counts, name="n").rename_axis("wijk")
    frame = series.to_frame()
    rows = [f"{label} & {count} \\\\" for label, count in counts.items()]
    lines = "".join(f"| {label} | {count} |\n" for label, count in counts.items())
    return {
        "series": result(repr(series)),
        "frame": result(repr(frame)),
        "html": shown(text_html=frame.to_html()),
        "wide html": shown(text_html=frame.T.to_html()),
        "csv": stream(series.to_csv()),
        "tsv": stream(series.to_csv(sep="\t")),
        "semicolons": stream(series.to_csv(sep=";")),
        "csv type": shown(text_csv=series.to_csv()),
        "latex": shown(text_latex="\n".join(rows)),
        "markdown": shown(text_markdown=f"| wijk | n |\n|---|---|\n{lines}"),
        "polars": result(repr(pl.DataFrame({"wijk": list(counts), "n": list(counts.values())}))),
        "array": result(repr(np.array([[count, 40] for count in counts.values()]))),
        "printed array": stream(str(np.array([[count, 40] for count in counts.values()]))),
        "mapping": result(repr(counts)),
        "list": result(repr(list(counts.values()))),
        "list of numpy": result(repr(list(series))),
        "array in a line": result(repr(np.array(list(counts.values()), dtype="int32"))),
        "printed array in a line": stream(str(np.array(list(counts.values())))),
        "printed array of floats": stream(str(np.array(list(counts.values()), dtype=float))),
        "most common": result(repr(list(counts.items()))),
        "vector of R": stream("[1] " + " ".join(map(str, counts.values())) + "\n"),
        "table of R": stream("\n" + " ".join(counts) + " \n" + " ".join(map(str, counts.values())) + " \n"),
        "named vector of R": result(
            "wijk\n" + " ".join(f"w{one}" for one in counts) + "\n" + " ".join(map(str, counts.values()))
        ),
        "words": stream("\n".join(f"Den Haag {label}   {count}" for label, count in counts.items())),
        "coloured": stream("\n".join(f"{label}  \x1b[31m{count}\x1b[0m" for label, count in counts.items())),
        "reset index": result(series.reset_index().to_string()),
        "floats": result(repr(series.astype(float))),
        "printed html": stream(frame.to_html()),
        "cells": shown(text_html="<table>" + "".join(f"<tr><td>{k}<td><b>{v}</b>" for k, v in counts.items())),
        "preformatted": shown(text_html=f"<pre>{series.to_string()}</pre>"),
    }


@pytest.mark.parametrize("form", table_of({"28": 12, "29": 9}))
def test_counts_under_the_minimum_are_seen_in_every_form(form: str) -> None:
    assert "small_counts" in output_classes(table_of({"28": 12, "29": 9, "30": 11})[form])
    large = output_classes(table_of({"28": 12, "29": 10, "30": 11})[form])
    assert "small_counts" not in large
    assert large, "a table that nobody judged needs a person too"


SAFE_COUNTS = pd.DataFrame(
    {
        "person": range(9_050),
        "wijk": ["28 Centrum"] * 3_040 + ["29 Schildersbuurt"] * 6_010,
        "sex": ["1"] * 1_038 + ["2"] * 2_002 + ["1"] * 2_001 + ["2"] * 4_009,
        "income": [float(place % 97) / 2 for place in range(9_050)],
    }
)


@pytest.mark.parametrize("code", ["en", "nl"])
@pytest.mark.parametrize("values", [None, "income"])
def test_a_safe_table_of_ours_has_no_small_counts_whatever_its_thousands_marks(code: str, values: str | None) -> None:
    statistic = None if values is None else "mean"
    out = sdc.table(SAFE_COUNTS, rows="wijk", columns="sex", unit="person", values=values, statistic=statistic)
    assert out.verdict.status is Status.SAFE
    with language(code):
        page, html = repr(out), out._repr_html_()
    assert "small_counts" not in output_classes(shown(text_html=html))
    assert output_classes(result(page)) == {"table"}
    assert output_classes(stream(page)) == {"table"}


def test_headings_are_no_counts_where_figures_stand_under_them() -> None:
    heads, large = "<tr><th>sex</th><th>1</th></tr>", "<tr><th>a</th><td>1,998</td></tr>"
    assert "small_counts" not in output_classes(shown(text_html=f"<table>{heads}{large}</table>"))
    assert "small_counts" in output_classes(shown(text_html=f"<table>{heads}</table>"))
    assert "small_counts" in output_classes(shown(text_html=f"<table>{large}{heads}</table>"))


@pytest.mark.parametrize("mark", [",", ".", "\u00a0", "\u202f", "\u2009"])
def test_thousands_in_aligned_columns_are_one_number(mark: str) -> None:
    large = f"a    1{mark}003      2{mark}045\nb    2{mark}001  4{mark}002{mark}003"
    assert output_classes(result(large)) == {"table"}
    assert "small_counts" in output_classes(result(f"{large}\nc        9      3{mark}000"))


@pytest.mark.parametrize(
    "listed",
    ["a,5,123\nb,12,100", "a, 5,123\nb, 12,100", "a,  5,123\nb,  12,100", "[[  5 123]\n [ 12 100]]",
     "[[5, 123],\n [12, 100]]", "a   5 123\nb  12 100", "a;  5,123;4\nb;  12,100;8", "a  5,123,4\nb  12,100,8"],
)  # fmt: skip
def test_counts_side_by_side_are_not_taken_for_thousands(listed: str) -> None:
    assert "small_counts" in output_classes(result(listed))


def test_a_decimal_comma_parts_no_counts() -> None:
    assert output_classes(result("a    12,5  0,203311\nb  33\u00a0425,6    0,1875")) == {"table"}
    assert "small_counts" in output_classes(result("a    12,0\nb    9,0"))


@pytest.mark.parametrize(("count", "small"), [(0, False), (1, True), (9, True), (10, False)])
def test_the_policys_minimum_is_the_bound(count: int, small: bool) -> None:
    assert ("small_counts" in output_classes(result(f"a    40\nb    {count}"))) is small
    assert ("small_counts" in output_classes(result(str(count)))) is small


def test_another_policy_has_another_minimum() -> None:
    eleven = load_policy("insee_households")
    document = notebook(code(result("a    40\nb    10")))
    found = screen_notebook(document, rules_of(eleven)).findings
    assert [one.what for one in found] == [FindingClass.SMALL_COUNTS]


def test_a_policy_that_says_nothing_cannot_screen() -> None:
    empty = policy_from_bytes(b'schema = 1\nname = "x"\nversion = "1"\n', "x.toml")
    with pytest.raises(PolicyError, match="minimum_units"):
        rules_of(empty)


def test_figures_that_are_no_counts_are_a_table_and_no_small_counts() -> None:
    assert output_classes(result("a    1.25\nb    2.50")) == {"table"}


def test_a_running_number_is_no_count() -> None:
    assert "small_counts" not in output_classes(result(LARGE.reset_index().to_string()))


@pytest.mark.parametrize(
    ("cell", "count"),
    [("9", 9), ("9.0", 9), ("1,234", 1234), ("1.234", 1234), ("1 234", 1234), ("9.5", None), ("0.123", None),
     ("x", None), ("-9", None), ("", None)],
)  # fmt: skip
def test_a_count_is_read_as_it_is_written(cell: str, count: int | None) -> None:
    assert count_in(cell) == count


# ------------------------------------------------------------------------------------------------------ row listings
@pytest.mark.parametrize(
    "output",
    [
        result(repr(pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"], "c": [1, 2]}).head())),
        shown(text_html=pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"], "c": [1, 2]}).to_html()),
        result(repr(HOMES.assign(x=1, y=2))),
        result(repr(pd.concat([HOMES] * 3))),
        shown(text_html=pd.concat([HOMES] * 3).to_html(max_rows=10, show_dimensions=True)),
        result(repr(pd.concat([HOMES["inkomen"]] * 3))),
        stream(HOMES.to_csv()),
        stream("RINPERSOON;inkomen\nabc;1.5\nabd;2.5\n"),
        shown(text_html="<table><tr><th>naam<th>inkomen<tr><td>Jansen 1<td>2.5</table>"),
        display({"application/vnd.dataresource+json": {"data": [{"a": 1}]}}),
    ],
)
def test_rows_of_records_are_a_listing(output: dict[str, Any]) -> None:
    assert "row_listing" in output_classes(output)


def test_few_rows_with_a_running_number_may_be_a_table() -> None:
    few = pd.DataFrame({"wijk": ["a"] * 19, "n": [40] * 19})
    many = pd.DataFrame({"wijk": ["a"] * 21, "n": [40] * 21})
    assert output_classes(result(few.to_string())) == {"table"}
    assert output_classes(result(many.to_string())) == {"row_listing"}


def test_a_description_shows_extremes() -> None:
    assert "extremes" in output_classes(result(repr(HOMES.describe())))
    assert "extremes" in output_classes(shown(text_html=HOMES.describe().T.to_html()))
    assert "extremes" not in output_classes(result(repr(HOMES.describe().drop(index="min"))))


# --------------------------------------------------------------------------------------------------- other outputs
@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (display({"image/png": PIXELS, "text/plain": "<Figure size 640x480 with 1 Axes>"}), {"image"}),
        (display({"image/jpeg": [PIXELS, "\n"]}), {"image"}),
        (display({"image/svg+xml": "<svg><text>wijk</text></svg>"}), {"image"}),
        (display({"image/png": {"a": 1}}), {"unreadable"}),
        (display({"application/pdf": PIXELS}), {"image"}),
        (display({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}), {"widget"}),
        (display({"application/vnd.plotly.v1+json": {"data": [{"x": [1, 2]}]}}), {"interactive"}),
        (display({"application/vnd.vegalite.v5+json": {"data": {"values": []}}}), {"interactive"}),
        (display({"application/vnd.bokehjs_exec.v0+json": ""}), {"interactive"}),
        (display({"application/javascript": "alert(1)"}), {"interactive"}),
        (display({"application/json": {"a": 1}}), {"embedded_data"}),
        (display({"application/x-own": "abc"}), {"unknown_type"}),
        (display({"text/plain; charset=utf-8": "abc"}), {"unknown_type"}),
        (display({"Text/Plain": "abc"}), {"unknown_type"}),
        (display({"text/plain": {"a": "b"}}), {"unknown_type"}),
        (shown(text_html="<p>Zo is het.</p>"), {"html"}),
        (shown(text_html="<script>var data = [1]</script>"), {"interactive"}),
        (shown(text_html="<p onclick='x()'>a</p>"), {"interactive"}),
        (shown(text_html='<iframe srcdoc="x"></iframe>'), {"interactive", "hidden_content"}),
        (shown(text_html="<p>a<!-- b --></p>"), {"hidden_content"}),
        (shown(text_html='<p data-x="y">a</p>'), {"hidden_content"}),
        (shown(text_html='<p style="display: none">a</p>'), {"hidden_content"}),
        (shown(text_html=f'<img src="data:image/png;base64,{PIXELS}">'), {"image", "embedded_data"}),
        (shown(text_html="<svg></svg>"), {"image"}),
        (stream("De helft."), {"text"}),
        (stream("R2: 0.43", name="stderr"), {"text"}),
        (stream(f"{'Ab1' * 200}"), {"embedded_data", "text"}),
        (stream("Traceback (most recent call last):\n  x"), {"traceback"}),
        (error("KeyError", "'Jansen'"), {"traceback_with_data"}),
        (error("ValueError", "no 28"), {"traceback_with_data"}),
        (error("MemoryError", ""), {"traceback"}),
        (error("MemoryError", {"a": 1}), {"traceback_with_data"}),
        (stream("x", name="other"), {"unreadable", "text"}),
        (stream(12), {"unreadable"}),
        (stream(["a", 1]), {"unreadable"}),
        ({"output_type": "pyout", "text": "x"}, {"unreadable"}),
        ({"output_type": ["stream"]}, {"unreadable"}),
        ({"text": "x"}, {"unreadable"}),
        ("x", {"unreadable"}),
        (None, {"unreadable"}),
        (display("x"), {"unreadable"}),
        (stream("done") | {"more": "x"}, {"unknown_part"}),
        (display({}, {"image/png": {"own": "x"}}), {"metadata"}),
        (display({}, "x"), {"metadata"}),
        (result("x") | {"execution_count": "x"}, {"unreadable", "text"}),
    ],
)
def test_each_output_has_its_class(output: Any, expected: set[str]) -> None:
    assert output_classes(output) == expected


@pytest.mark.parametrize(
    "output",
    [
        stream(""),
        stream("\n \n"),
        stream("Done.\n"),
        stream(["Loading data...\n", "klaar\n"]),
        result("<Figure size 640x480 with 1 Axes>"),
        result("<Axes: >"),
        stream("[removed: small_counts, image]\n"),
        display({}),
        display(
            {"text/plain": "alt.Chart(...)"}, {"image/png": {"width": 640, "height": 480}, "needs_background": "light"}
        ),
        shown(text_html=" \n"),
    ],
)
def test_what_can_hold_nothing_of_a_record_needs_nobody(output: dict[str, Any]) -> None:
    screening = screened(notebook(code(output)))
    assert screening.findings == ()
    assert screening.status is Status.SAFE


@pytest.mark.parametrize(
    "text", ["Done 3", "[removed: jansen]", "[removed: image] 12", "<Axes: xlabel='x'>", "yes", "done " * 3 + "Jansen",
             "done\n" * 51, "<Figure size 111222333x1 with 1 Axes>"]
)  # fmt: skip
def test_what_only_resembles_it_needs_a_person(text: str) -> None:
    assert output_classes(stream(text))


def test_a_claim_to_be_ours_proves_nothing_and_hides_nothing() -> None:
    ours = sdc.table(HOMES.assign(unit=range(len(HOMES))), rows=["wijk"], unit="unit", policy="cbs")
    bundle = {"text/html": ours._repr_html_(), "text/plain": repr(ours)}
    assert {"claimed_output", "small_counts"} <= output_classes(display(bundle))
    marked = {"application/vnd.datakamp.output+json": {"recipe": "x"}, "text/plain": "a    40\nb    3"}
    assert output_classes(display(marked)) == {"claimed_output", "small_counts"}
    assert output_classes(display({"application/vnd.datakamp.output+json": BSN})) == {"claimed_output", "identifier"}


# ---------------------------------------------------------------------------------------- where identifiers can hide
HIDDEN_KEYS = {
    "source": code(source=f"x = {BSN}"),
    "source in lines": code(source=["x = 111222", "333"]),
    "comment": code(source=f"# persoon {BSN}"),
    "markdown": markdown(f"Persoon {BSN}"),
    "markdown comment": markdown(f"<!-- {BSN} -->"),
    "markdown entity": markdown("jan&#64;example.org"),
    "raw cell": {"cell_type": "raw", "metadata": {}, "source": BSN},
    "cell metadata": code(metadata={"note": BSN}),
    "cell metadata key": code(metadata={BSN: 1}),
    "nested metadata": code(metadata={"jupyter": {"a": [{"b": int(BSN)}]}}),
    "tags": code(metadata={"tags": [BSN]}),
    "identity": code(id=f"a-{BSN}"),
    "unknown key": code(other=BSN),
    "outputs of markdown": markdown("x", outputs=[stream(BSN)]),
    "unknown cell": {"cell_type": "heading", "source": BSN},
    "cell that is none": BSN,
    "attachment": markdown("x", attachments={"a.txt": {"text/plain": BSN}}),
    "attachment name": markdown("x", attachments={f"{BSN}.png": {"image/png": PIXELS}}),
    "execution count": code(execution_count=int(BSN)),
    "source that is none": code(source={"a": BSN}),
    "outputs that are none": code() | {"outputs": {"a": BSN}},
    "stream": code(stream(BSN)),
    "stream in pieces": code(stream(["111", "222\x1b[1m333"])),
    "stream name": code(stream("x", name=BSN)),
    "result": code(result(BSN)),
    "page": code(shown(text_html="<p>111<b>222</b>333")),
    "page comment": code(shown(text_html=f"<!-- {BSN}")),
    "page script": code(shown(text_html=f"<script>x={BSN}")),
    "page attribute": code(shown(text_html=f"<p data-x='{BSN}'>")),
    "page attribute name": code(shown(text_html=f"<p x{BSN}>")),
    "page style": code(shown(text_html=f"<style>.a{{content:'{BSN}'}}</style>")),
    "page entity": code(shown(text_html="<p>jan&#64;example&#46;org</p>")),
    "page tag that never ends": code(shown(text_html=f"<p x={BSN}")),
    "svg": code(display({"image/svg+xml": f"<svg><text>{BSN}</text></svg>"})),
    "png that is none": code(display({"image/png": f"persoon: {BSN}"})),
    "plotly": code(display({"application/vnd.plotly.v1+json": {"data": [{"x": [int(BSN)]}]}})),
    "type name": code(display({f"application/x-{BSN}": ""})),
    "unknown type": code(display({"application/x-own": {"a": [BSN]}})),
    "output metadata": code(display({}, {"a": BSN})),
    "output key": code(stream("done") | {BSN: ""}),
    "error name": code(error(f"E{BSN}", "")),
    "error value": code(error("KeyError", BSN)),
    "traceback": code(error("KeyError", "", f"\x1b[31m{BSN[:4]}\x1b[0m{BSN[4:]}")),
}


@pytest.mark.parametrize("place", HIDDEN_KEYS)
def test_an_identifier_is_found_wherever_it_is(place: str) -> None:
    screening = screened(notebook(HIDDEN_KEYS[place]))
    assert FindingClass.IDENTIFIER in {finding.what for finding in screening.findings}
    assert screening.status is Status.UNSAFE
    assert all(finding.cell == 1 for finding in screening.findings)


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {"papermill": {"parameters": {"person": BSN}}}},
        {"metadata": {"kernelspec": {"name": "python3", "display_name": BSN}}},
        {"metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": {"value": BSN}}}}}},
        {"metadata": {BSN: 1}},
        {"other": BSN},
        {"nbformat_minor": int(BSN)},
    ],
)
def test_an_identifier_is_found_in_the_notebook_itself(more: dict[str, Any]) -> None:
    assert "identifier" in classes(**more)


@pytest.mark.parametrize("place", HIDDEN_KEYS)
def test_a_cleaned_copy_keeps_an_identifier_only_where_it_is_written(place: str) -> None:
    document = notebook(HIDDEN_KEYS[place])
    cleaned = cleaned_notebook(document, screened(document))
    kept = {"source", "source in lines", "comment", "markdown", "markdown comment", "raw cell"}
    assert (BSN in to_bytes(cleaned).decode()) is (place in kept)
    check_format(cleaned)


# ------------------------------------------------------------------------------------------------ cells and metadata
@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (markdown("# Kop\n\nTekst met een [link](https://example.org) en <https://example.org>.\n\n- 1\n- 2"), set()),
        (markdown("| set | inhoud |\n|---|---|\n| A | inkomen |\n| B | wijk |"), set()),
        (markdown("| wijk | n |\n|---|---|\n| 28 | 12 |\n| 29 | 9 |"), {"small_counts"}),
        (markdown("| wijk | n |\n|---|---|\n| 28 | 12 |\n| 29 | 10 |"), {"table"}),
        (markdown("<table><tr><td>28<td>9</table>"), {"small_counts"}),
        (markdown("```\nwijk\n28    12\n29     9\n```"), {"small_counts"}),
        (markdown("a<!-- b -->"), {"hidden_content"}),
        (markdown(f"![x](data:image/png;base64,{PIXELS})"), {"embedded_data"}),
        (markdown("x", attachments={"a.png": {"image/png": PIXELS}}), {"attachment"}),
        (markdown("x", attachments={}), set()),
        (markdown("x", attachments="y"), {"attachment"}),
        (code(source='data = """wijk,n\n28,12\n29,9\n"""'), {"small_counts"}),
        (code(source="# wijk\n# 28    12\n# 29     9\nx = 1"), {"small_counts"}),
        (code(source="x = [1, 2, 3]\ny = {'a': 1, 'b': 2}\nz = 9"), set()),
        (code(source='"""A docstring."""\n# A comment\n# of two lines'), set()),
        (code(source=f"x = '{'Ab1' * 200}'"), {"embedded_data"}),
        (code(metadata={"tags": ["parameters"], "collapsed": True, "jupyter": {"source_hidden": True}}), set()),
        (code(metadata={"execution": {"iopub.status.busy": "2022-01-01T00:00:00Z"}}), {"metadata"}),
        (code(metadata={"papermill": {"duration": 0.1}}), {"metadata"}),
        (code(metadata={"tags": ["own"]}), {"metadata"}),
        (code(metadata={"collapsed": "x"}), {"metadata"}),
        (code(metadata=[]), {"metadata"}),
        (code(id="abcd-1234"), set()),
        (code(id="two words"), {"unreadable"}),
        (code(execution_count=None), set()),
        (code(execution_count=999_999), set()),
        (code(execution_count=1_000_000), {"unreadable"}),
        (code(execution_count=True), {"unreadable"}),
        ({"cell_type": "code", "source": ""}, {"unreadable"}),
        ({"cell_type": ["code"], "source": ""}, {"unreadable"}),
        ({"cell_type": "markdown"}, {"unreadable"}),
    ],
)  # fmt: skip
def test_what_is_written_in_cells(cell: Any, expected: set[str]) -> None:
    assert classes(cell) == expected


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, set()),
        ({"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}, set()),
        ({"kernelspec": {"name": "python3", "display_name": "Python 3 (/home/jan/env)"}}, {"metadata"}),
        ({"kernelspec": {"name": "python3", "path": "/home/jan"}}, {"metadata"}),
        ({"language_info": {"name": "python", "version": "3.11.7", "file_extension": ".py"}}, set()),
        ({"language_info": {"name": "python", "codemirror_mode": {"name": "ipython", "version": 3}}}, set()),
        ({"language_info": {"name": "python", "codemirror_mode": {"name": "ipython", "x": 3}}}, {"metadata"}),
        ({"language_info": {"name": "R", "codemirror_mode": "r"}}, set()),
        ({"language_info": {"name": "python", "version": "3.11.7 jan"}}, {"metadata"}),
        ({"language_info": {"name": "python", "version": "432.110.7.99"}}, {"metadata"}),
        ({"language_info": {"name": "python", "version": "3.110.7"}}, {"metadata"}),
        ({"language_info": {"name": "python", "codemirror_mode": {"name": "ipython", "version": 43}}}, {"metadata"}),
        ({"papermill": {"parameters": {}}}, {"metadata"}),
        ({"widgets": {}}, {"widget"}),
        ({"widgets": {}, "title": "x"}, {"widget", "metadata"}),
        (7, {"metadata"}),
        (None, {"metadata"}),
    ],
)  # fmt: skip
def test_metadata_of_the_notebook(metadata: Any, expected: set[str]) -> None:
    assert classes(metadata=metadata) == expected


def test_parts_that_the_format_does_not_know() -> None:
    assert classes(worksheets=[]) == {"unknown_part"}
    assert classes(nbformat_minor="5") == {"unreadable"}
    assert classes(markdown("x", outputs=[])) == {"unknown_part"}


def test_withheld_figures_are_looked_for_if_they_are_known() -> None:
    from disclosure.screening.written_numbers import SuppressedFigures

    document = notebook(markdown("Het totaal is 12.345 euro."))
    rules = rules_of(load_policy("cbs"), SuppressedFigures.of([12345]))
    (finding,) = screen_notebook(document, rules).findings
    assert (finding.mark, finding.line, finding.column) == ("suppressed_value", 1, 15)
    assert screen_notebook(document, RULES).findings == ()


def test_a_finding_names_cell_output_and_place() -> None:
    screening = screened(notebook(markdown("a"), code(stream("done"), stream(f"a\nbc {BSN} {BSN}"))))
    (finding,) = [one for one in screening.findings if one.what is FindingClass.IDENTIFIER]
    assert finding == Finding(FindingClass.IDENTIFIER, Part.STREAM, 2, 2, finding.mark, 2, 4, 2)
    with language("en"):
        assert finding.message.startswith("cell 2, output 2 (stream, line 2, column 4), 2×: a citizen service number")


# ------------------------------------------------------------------------------------------------------ bad notebooks
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a notebook"),
        (b"# a script", "not a notebook"),
        (b"[]", "names no notebook format"),
        (b"{}", "names no notebook format"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": "4", "cells": []}', "not a number"),
        (b'{"nbformat": true, "cells": []}', "not a number"),
        (b'{"nbformat": 4.0, "cells": []}', "not a number"),
        (b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "older format than 4"),
        (b'{"nbformat": 5, "cells": []}', "newer format than 4"),
        (b'{"nbformat": 4, "nbformat": 4, "cells": []}', "each key once"),
        (b'{"nbformat": 4, "cells": [], "metadata": {"a": NaN}}', "no NaN"),
        (b'{"nbformat": 4, "cells": []} x', "not a notebook"),
        (b'\xef\xbb\xbf{"nbformat": 4, "cells": []}', "UTF-8"),
        (b'{"nbformat": 4, "cells": ["\xff\xfe"]}', "UTF-8"),
        ('{"nbformat": 4, "cells": []}'.encode("utf-16"), "UTF-8"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "not a notebook"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 200 + b"]" * 200 + b"}", "nested deeper"),
        (b'{"nbformat": 4, "cells": [' + b"[]," * 500_001 + b"1]}", "more parts"),
        (b'{"nbformat": 4, "cells": [], "a": ' + b"1" * 10_000 + b"}", "not a notebook"),
    ],
)
def test_what_is_no_notebook_is_bad_input(data: bytes, said: str) -> None:
    with pytest.raises(NotebookError, match=said):
        notebook_from_bytes(data)


def test_both_sides_of_the_depth() -> None:
    def nested(levels: int) -> bytes:
        return (
            json.dumps({"nbformat": 4, "cells": []}).encode()[:-1] + b', "a": ' + b"[" * levels + b"]" * levels + b"}"
        )

    assert notebook_from_bytes(nested(MOST_DEPTH - 1))
    with pytest.raises(NotebookError, match="nested deeper"):
        notebook_from_bytes(nested(MOST_DEPTH))


@pytest.mark.timeout(120)
def test_a_huge_output_is_told_and_not_looked_at() -> None:
    assert MOST_CHARACTERS < MOST_BYTES
    assert "too_large" in output_classes(stream("28,3\n" * (MOST_CHARACTERS // 5 + 1)))
    assert "too_large" in output_classes(shown(text_html="<a " * (MOST_CHARACTERS // 3 + 1)))
    assert "too_large" in classes(markdown("<a " * (MOST_CHARACTERS // 3 + 1)))
    many = display({"application/x-own": ["1", {}] + ["111"] * (MOST_CHARACTERS // 4 + 1)})
    assert "too_large" in output_classes(many)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece", ["<", "<a ", '<a "', "<a x", "<!--", "<table><tr><td>1", "| 1 ", "1 \n", "a: 1, ", "&#6", "'''"]
)
def test_time_grows_with_the_length_of_the_text_only(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    output_classes(shown(text_html=text, text_markdown=text, text_plain=text))
    classes(code(source=text))


@given(st.text(alphabet="<>/!-\"'= abtdr&;1", max_size=60))
def test_any_markup_is_read_to_its_end(source: str) -> None:
    reading = read_html(f"{source}>'\">--></script>{BSN}")
    assert BSN in "".join([reading.text, *reading.aside, *reading.scripts])


# ---------------------------------------------------------------------------------------------------------- the copy
def test_a_cleaned_copy_keeps_source_and_needs_nobody() -> None:
    document = notebook(
        markdown(["# Kop\n", "tekst"], attachments={"a.png": {"image/png": PIXELS}}, id="x"),
        code(stream("done\n"), result("a    3\nb    4"), error(), source=["a = 1\n", "b"], metadata={"own": 1}),
        {"cell_type": "raw", "source": "raw", "metadata": {}},
        {"cell_type": "heading", "source": "x"},
        metadata={"papermill": {}, "kernelspec": {"name": "python3", "display_name": "/home"}, "language_info": {}},
        other=1,
        nbformat_minor=2,
    )
    before = json.dumps(document)
    cleaned = cleaned_notebook(document, screened(document))
    assert json.dumps(document) == before
    check_format(cleaned)
    assert [cell["source"] for cell in cleaned["cells"]] == ["# Kop\ntekst", "a = 1\nb", "raw", "[removed: unreadable]"]
    assert [output["text"] for output in cleaned["cells"][1]["outputs"]] == [
        "[nothing found]\n[removed: small_counts, traceback_with_data]\n",
    ]
    assert cleaned["metadata"] == {}
    assert screened(cleaned).findings == ()


@pytest.mark.parametrize("code_of", ["en", "nl"])
def test_a_cleaned_copy_is_the_same_when_cleaned_again(code_of: str) -> None:
    document = notebook(code(result("a    3\nb    4")), code(display({"image/png": PIXELS})), "x")
    with language(code_of):
        once = cleaned_notebook(document, screened(document))
        assert cleaned_notebook(once, screened(once)) == once


@pytest.mark.parametrize(
    "harmless",
    [
        [stream("<Figure size 4321x1079 with 7 Axes>\n" * 5)],
        [stream("ok\ndone\nok\nok\n")],
        [stream("ok"), stream("done"), stream("ok")],
        [result("alt.FourThreeTwoOneOneChart(...)")],
        [stream("[nothing found]\n"), stream("done")],
    ],
)
def test_what_clears_outputs_is_no_place_to_write_a_number(harmless: list[Any]) -> None:
    document = notebook(code(*harmless))
    assert screened(document).findings == ()
    cleaned = cleaned_notebook(document, screened(document))
    assert [one["text"] for one in cleaned["cells"][0]["outputs"]] == ["[nothing found]\n"]
    assert cleaned_notebook(cleaned, screened(cleaned)) == cleaned


def test_notes_in_any_order_become_one() -> None:
    document = notebook(code(stream("[removed: table, image]\n[removed: image]\n"), stream("[removed: html]")))
    cleaned = cleaned_notebook(document, screened(document))
    assert [one["text"] for one in cleaned["cells"][0]["outputs"]] == ["[removed: html, image, table]\n"]
    assert cleaned_notebook(cleaned, screened(cleaned)) == cleaned


def test_encoded_data_go_from_prose_and_stay_in_code() -> None:
    address = f"data:image/png;base64,{PIXELS}"
    document = notebook(markdown(f"![x]({address}) tekst"), code(source=f"x = '{address}'"))
    cleaned = cleaned_notebook(document, screened(document))
    assert cleaned["cells"][0]["source"] == "![x](removed) tekst"
    assert address in cleaned["cells"][1]["source"]
    assert {(one.what, one.cell) for one in screened(cleaned).findings} == {(FindingClass.EMBEDDED, 2)}


def test_half_a_character_can_be_written() -> None:
    document = notebook(markdown("\ud800"))
    assert b'"?"' in to_bytes(cleaned_notebook(document, screened(document)))


# ----------------------------------------------------------------------------------------------------------- reports
SECRETS = st.one_of(
    st.integers(10**8, 10**9 - 1).map(str),
    st.from_regex(r"[a-z]{6,10}@[a-z]{6,9}\.nl", fullmatch=True),
    st.from_regex(r"Qx[A-Z][a-z]{8,12}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{3}[A-Z]{2} 7[0-9]{3}", fullmatch=True),
)


def put(secret: str, part: Any) -> Any:
    """The same piece of JSON with a secret in the place of the key."""
    if isinstance(part, dict):
        return {put(secret, key): put(secret, value) for key, value in part.items()}
    if isinstance(part, list):
        return [put(secret, one) for one in part]
    if isinstance(part, int):
        return int(secret) if part == int(BSN) and secret.isdecimal() else part
    return part.replace(BSN, secret) if isinstance(part, str) else part


@settings(max_examples=40, deadline=None)
@given(SECRETS, st.sampled_from(list(HIDDEN_KEYS)), st.sampled_from(["en", "nl"]))
def test_no_value_of_a_scanned_text_is_in_the_report(secret: str, place: str, code_of: str) -> None:
    cell = put(secret, HIDDEN_KEYS[place])
    screening = screened(notebook(cell, metadata={secret: secret}))
    copy = screened(cleaned_notebook(notebook(cell), screened(notebook(cell))))
    with language(code_of):
        told = as_text(screening, copy) + json.dumps(as_document(screening, "cbs", copy)) + repr(screening)
    assert screening.findings
    assert secret not in told
    assert secret[:6] not in told


@pytest.mark.parametrize("what", list(FindingClass))
def test_every_class_has_a_reason_and_a_remedy_in_both_languages(what: FindingClass) -> None:
    with language("en"):
        english = (str(what.reason), str(what.remedy))
    with language("nl"):
        dutch = (str(what.reason), str(what.remedy))
    assert all(english)
    assert not set(english) & set(dutch)
    assert what.status in (Status.UNSAFE, Status.INCONCLUSIVE)


def test_a_report_groups_what_is_alike_and_does_not_grow_without_end() -> None:
    screening = screened(notebook(*[code(stream("a b c")) for _ in range(40)]))
    with language("en"):
        text = as_text(screening)
    assert text.count("free text") == 1
    assert "cell 12, output 1" in text
    assert "and 28 more places" in text
    assert len(as_document(screening, "cbs")["findings"]) == 40


def test_only_an_identifier_has_a_mark() -> None:
    with pytest.raises(ValueError, match="mark"):
        Finding(FindingClass.IDENTIFIER, Part.STREAM)
