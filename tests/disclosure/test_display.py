"""The display: failing cells are flagged by sign, colour and reason, in the reader's language; no label is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure import texts
from disclosure.model.verdicts import Status
from disclosure.notebook import words
from disclosure.notebook.output import Output
from disclosure.notebook.page import page_of, sheet_of
from disclosure.protection.remedies import SUPPRESS
from disclosure.render import to_csv, to_html, to_json
from disclosure.texts import current_language
from tests.disclosure.support import UNIT, heads, status, units


class Cells(HTMLParser):
    """Collects the cells of the table: their class, title and text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.tags: set[str] = set()
        self._open: tuple[str, str] | None = None
        self._body = False
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._body |= tag == "tbody"
        if tag == "td" and self._body:
            given = {name: value or "" for name, value in attrs}
            self._open, self._text = (given.get("class", ""), given.get("title", "")), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._open is not None:
            self.found.append((*self._open, self._text))
            self._open = None


def cells(out: Output) -> Cells:
    reader = Cells()
    reader.feed(out._repr_html_())
    return reader


def unsafe(**asked: Any) -> Output:
    frame = heads({("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 3, ("b", "y"): 30})
    out: Output = sdc.table(frame, **{"rows": "d1", "columns": "d2", "unit": UNIT, "policy": "abs", **asked})
    return out


def test_a_failing_cell_has_a_sign_a_class_and_its_reason() -> None:
    flagged = [one for one in cells(unsafe()).found if one[0] == "f"]
    assert flagged == [("f", "fewer units than the policy's minimum stand behind this figure", "▲ 3")]


def test_what_goes_with_it_is_shown_in_brackets_and_says_why() -> None:
    withheld = [one for one in cells(unsafe()).found if one[0] == "w"]
    assert [text for _, _, text in withheld] == ["(70)", "(33)", "(43)", "(60)", "(103)"]
    assert {title for _, title, _ in withheld} == {"withheld with the failing cells"}


def test_passing_cells_are_plain() -> None:
    assert [text for kind, _, text in cells(unsafe()).found if kind == ""] == ["40", "30", "30"]


def test_all_reasons_of_a_cell_are_given() -> None:
    out = sdc.table(units({"a": [9, 1, 1]}), rows="group", values="value", statistic="sum", unit=UNIT, policy="abs")
    titles = {title for kind, title, _ in cells(out).found if kind == "f"}
    assert len(titles) == 1
    assert {"fewer units", "largest contributors"} <= {
        " ".join(part.split()[: 2 if part.startswith("fewer units") else 3]).removeprefix("the ")
        for part in titles.pop().split("; ")
    }


@pytest.mark.parametrize(
    ("frame", "unit", "headline"),
    [
        (heads({"a": 40, "b": 30}), UNIT, "✓ Safe"),
        (heads({"a": 40, "b": 3}), UNIT, "▲ Unsafe (failing cells: 1)"),
        (heads({"a": 40, "b": 30}), None, "? Inconclusive"),
    ],
)
def test_the_headline_has_the_verdict_in_sign_and_word(frame: pd.DataFrame, unit: str | None, headline: str) -> None:
    out = sdc.table(frame, rows="group", unit=unit, policy="abs")
    assert repr(out).splitlines()[0] == headline
    assert f"<b>{headline}</b>" in out._repr_html_()


def test_the_text_names_cell_reason_and_remedies_and_shows_what_may_be_published() -> None:
    text = repr(unsafe())
    assert "fewer units than the policy's minimum stand behind this figure: d1=b, d2=x" in text
    assert "remedy: withhold the failing cells, and all margins with them" in text
    for remedy in unsafe().remedies()[:6]:
        assert f"remedy: {remedy}; loses {remedy.loses}" in text
    assert "×" in text
    assert not re.search(r"\b(103|70|43)\b", text)


def test_a_safe_table_says_what_was_not_looked_at() -> None:
    assert "not compared with other tables" in repr(unsafe().apply(SUPPRESS))


def test_an_inconclusive_output_says_what_is_missing_and_shows_no_figure() -> None:
    out = sdc.table(heads({"a": 40}), rows="group")
    assert "missing: the statistical unit" in repr(out)
    assert "<td" not in out._repr_html_()


def test_the_call_that_a_remedy_line_gives_applies_that_remedy() -> None:
    out = unsafe()
    lines = [line for line in repr(out).splitlines() if "remedy: " in line]
    assert len(lines) == min(6, len(out.remedies()))
    for line in lines:
        what, _, call = line.partition("  out.apply(out.remedies()[")
        remedy = out.remedies()[int(call.rstrip(")]"))]
        assert f"remedy: {remedy}; loses {remedy.loses}" in what
        assert status(out.apply(remedy)) is Status.SAFE


def test_many_findings_are_counted_and_not_all_listed() -> None:
    out = sdc.table(heads({f"{place:03}": 1 for place in range(300)}), rows="group", unit=UNIT, policy="abs")
    assert "▲ Unsafe (failing cells: 300)" in repr(out)
    assert "and 294 more cells" in repr(out)
    assert "and 241 more rows" in out._repr_html_()
    assert len(repr(out).splitlines()) < 300


def test_labels_and_names_are_not_markup() -> None:
    nasty = '<img src=x onerror="alert(1)">'
    frame = pd.DataFrame({UNIT: range(43), nasty: ["a"] * 40 + [nasty] * 3, "d2": ["x"] * 43})
    out = sdc.table(frame, rows=nasty, columns="d2", unit=UNIT, policy="abs")
    assert "img" not in cells(out).tags
    assert "&lt;img" in out._repr_html_()


def test_a_label_with_braces_is_no_placeholder() -> None:
    out = sdc.table(heads({"{first}": 40, "{second}": 3}), rows="group", unit=UNIT, policy="abs")
    assert "group={second}" in repr(out)


def test_the_display_is_dutch_for_a_dutch_reader() -> None:
    out = unsafe()
    english = (repr(out), out._repr_html_())
    with sdc.language("nl"):
        dutch = (repr(out), out._repr_html_())
    assert (repr(out), out._repr_html_()) == english
    assert dutch[0] != english[0]
    assert dutch[1] != english[1]
    for sentence in (
        "fewer units than the policy's minimum",
        "Unsafe",
        "withheld with the failing cells",
        "remedy",
    ):
        assert sentence in english[0] + english[1]
        assert sentence not in dutch[0] + dutch[1]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "nl_NL.UTF-8"}, "nl"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "nl_NL"}, "nl"),
        ({"LANG": "nl_NL", "LANGUAGE": "en:nl"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_environments_unless_one_is_chosen(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANG")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert texts.current_language() == language
    with sdc.language("nl"):
        assert texts.current_language() == "nl"
        with sdc.language("en"):
            assert texts.current_language() == "en"
        assert texts.current_language() == "nl"
    assert texts.current_language() == language


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(ValueError, match="en"), sdc.language("de"):
        pass


def test_verdicts_are_the_same_in_every_language() -> None:
    english = unsafe()
    with sdc.language("nl"):
        dutch = unsafe()
    assert dutch.verdict == english.verdict
    assert dutch.recipe == english.recipe


def test_released_bytes_do_not_depend_on_the_language() -> None:
    out = unsafe().table
    english = (to_csv(out), to_json(out), to_html(out, title="t"))
    with sdc.language("nl"):
        assert (to_csv(out), to_json(out), to_html(out, title="t")) == english


def test_a_language_is_chosen_for_a_block_or_from_here_on() -> None:
    with sdc.language("en"):
        with sdc.language("nl"):
            assert current_language() == "nl"
        assert current_language() == "en"
        sdc.language("nl")
        assert current_language() == "nl"


# ------------------------------------------------------------------------------------------------------------- markup
def test_the_table_is_made_for_keyboard_and_screen_reader() -> None:
    page = unsafe()._repr_html_()
    for part in (
        '<div class="dk" lang="en">',
        'role="region" tabindex="0" aria-label="number of units (unit: unit), by d1, d2"',
        "<caption>number of units (unit: unit), by d1, d2</caption>",
        '<th scope="col" class="c">',
        '<th scope="row">',
        '<span role="img" aria-label="fails a rule: fewer units than the policy&#x27;s minimum stand behind',
    ):
        assert part in page
    assert page.count("<table") == page.count("</table>") == 1
    with sdc.language("nl"):
        assert '<div class="dk" lang="nl">' in unsafe()._repr_html_()


def test_colours_of_text_are_those_of_the_theme() -> None:
    style = unsafe()._repr_html_().partition("<style>")[2].partition("</style>")[0]
    assert "td.f" in style
    for rule in style.split("}"):
        selector, _, said = rule.partition("{")
        colours = re.findall(r"(?:^|;)color:([^;]*)", said)
        if "td.f" in selector:
            assert "background:" in said, "a fixed colour stands on a background of its own"
        else:
            assert all(colour.startswith("var(--jp-") for colour in colours), selector


def test_the_flag_can_be_told_apart_by_its_contrast() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    found = re.search(r"td\.f\{background:(#\w{6});color:(#\w{6})", unsafe()._repr_html_())
    assert found is not None
    bright, dark = light(found[1]), light(found[2])
    assert (bright + 0.05) / (dark + 0.05) > 7


LABELS = {
    "a quote": ("a'\"b", "a'\"b"),
    "a line break": ("x\ny", "x\\ny"),
    "an emoji": ("👩‍👩‍👧", "👩‍👩‍👧"),
    "Hebrew": ("עברית", "עברית"),
    "Arabic": ("حيّ", "حيّ"),
    "a sign that turns the text round": ("\u202e12", "\\u202e12"),
    "no width": ("a\u200bb", "a\\u200bb"),
    "nothing": ("", '""'),
    "blanks": ("  ", '"  "'),
    "the name of a total": ("Total", "Total"),
    "the name of a missing one": ("(missing)", "(missing)"),
    "a tag": ("<td>", "<td>"),
    "a brace": ("{n}", "{n}"),
    "a backslash": ("a\\b", "a\\b"),
    "very long": ("z" * 500, "z" * 60 + "…"),
    "a bell": ("a\ab", "a\\x07b"),
}


@pytest.mark.parametrize("case", LABELS)
def test_any_label_is_shown_in_one_line_and_released_as_it_is(case: str) -> None:
    label, shown = LABELS[case]
    out = sdc.table(heads({(label, "x"): 40, ("plain", "x"): 30}), rows="d1", columns="d2", unit=UNIT, policy="abs")
    lines = repr(out).splitlines()
    assert sum(line.startswith(shown) for line in lines) >= 1
    assert len(lines) == 9
    reader = cells(out)
    known = "div style p b table caption thead tbody tr th td bdi ul li code span"
    assert reader.tags <= set(known.split())
    assert out.to_pandas().loc[label, "x"] == 40


def test_a_category_called_total_does_not_hide_the_total() -> None:
    out = sdc.table(heads({"Total": 40, "Totaal": 30}), rows="group", unit=UNIT, policy="abs")
    assert list(out.to_pandas().index) == ["Totaal", "Total", "Total*"]
    assert "Total*" in repr(out)
    with sdc.language("nl"):
        assert "Totaal*" in repr(out)


def test_text_columns_stand_under_each_other_whatever_the_script() -> None:
    frame = heads({("日本", "x"): 40, ("é", "x"): 30, ("o\u0301", "x"): 25, ("plain", "x"): 30})
    out = sdc.table(frame, rows="d1", columns="d2", unit=UNIT, policy="abs")
    ends = {words.width(line) for line in repr(out).splitlines() if line.endswith(("40", "30", "25", "125", "Total"))}
    assert len(ends) == 1


# ------------------------------------------------------------------------------------------------------- large tables
def test_a_large_table_pages_with_a_note_and_shows_no_more() -> None:
    size = 100_000
    frame = pd.DataFrame(
        {UNIT: range(size), "d1": [n % 1000 for n in range(size)], "d2": [n % 99 for n in range(size)]}
    )
    out = sdc.table(frame, rows="d1", columns="d2", unit=UNIT, policy="abs")
    page, text = out._repr_html_(), repr(out)
    assert page.count("<tr>") <= 70
    assert len(cells(out).found) == 60 * 24
    for shown in (page, text):
        assert "and 941 more rows" in shown
        assert "and 76 more columns" in shown
        assert "to_pandas() has all of them" in shown
    assert len(page) < 1_000_000


def test_a_page_has_the_same_figures_in_the_same_order_as_the_whole() -> None:
    frame = heads({(f"{n % 90}", f"{n % 40}"): 12 + n % 5 for n in range(360)})
    out = sdc.table(frame, rows="d1", columns="d2", unit=UNIT, policy="abs")
    laid = page_of([sheet for sheet in [sheet_of(out.table)] if sheet is not None])
    whole = out.to_pandas()
    assert [labels[0] for labels in laid.row_labels] == list(whole.index[:60])
    assert [one.labels[0] for one in laid.columns] == list(whole.columns[:24])
    (sheet,) = laid.sheets
    for row, own in enumerate(laid.row_labels):
        for place, column in enumerate(laid.columns):
            position = laid.positions[row, place]
            figure = 0 if position < 0 else int(sheet.figures[position] or 0)
            assert figure == whole.loc[own[0], column.labels[0]]


def test_outputs_stand_side_by_side_under_their_names() -> None:
    frame = heads({("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 3, ("b", "y"): 30}).assign(value=5.0)
    outs = sdc.table(
        frame, rows="d1", columns="d2", values="value", statistic=["mean", "count"], unit=UNIT, policy="abs"
    )
    page, text = outs._repr_html_(), repr(outs)
    assert '<th scope="colgroup" colspan="3" class="g"><bdi dir="auto">mean of value</bdi></th>' in page
    assert text.splitlines()[0].startswith("▲ Unsafe (failing cells: ")
    assert "mean of value: " in text, "a reason of one measure bears its name"
    assert "\n  - fewer units than the policy's minimum stand behind this figure: d1=b, d2=x" in text


@pytest.mark.parametrize(("failing", "told"), [(6, False), (7, True)])
def test_reasons_of_every_cell_can_be_opened_where_the_list_does_not_name_all(failing: int, told: bool) -> None:
    sizes = {(f"small {n}", "x"): 2 for n in range(failing)} | {("large", "x"): 40}
    page = sdc.table(heads(sizes), rows="d1", unit=UNIT, policy="abs")._repr_html_()
    assert ("<details><summary>Reasons per cell</summary>" in page) is told
    opened = page.partition("<details>")[2].partition("</details>")[0]
    assert opened.count("<li>") == (failing if told else 0)
    assert all(f"d1=small {n}: fewer units" in opened for n in range(failing)) is told
