"""The submission's document: read back as it was written, and nothing in it that no submission has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from disclosure.errors import DatakampError, DocumentError
from disclosure.exchange.canonical import canonical_json, parse_json
from disclosure.exchange.submission import (
    VERSION,
    Submission,
    SubmittedFigure,
    SubmittedOutput,
    submission_from_bytes,
)
from disclosure.exchange.submission_answers import LONGEST_ANSWER, MOST_ANSWERS
from disclosure.exchange.written import SubmittedText, WrittenKind
from disclosure.model.figures import QUANTILES, FigureKind, FigureRequest, GeographyReference
from disclosure.model.recipes import FrameSource, PolicyReference, Recipe, Statistic

RECIPE = Recipe(
    FrameSource(("person", "wijk")),
    Statistic.COUNT,
    PolicyReference("abs", "sha256:" + "0" * 64),
    rows=("wijk",),
    unit=("person",),
)
NAMES = tuple(f"box-{name}" for name in QUANTILES)
BOX = SubmittedFigure(FigureRequest(FigureKind.BOX), NAMES)
MAP = FigureRequest(FigureKind.CHOROPLETH, geography=GeographyReference("sha256:" + "1" * 64, "code"))
TEXT = SubmittedText("note", "A note", "persons", "", WrittenKind.TEXT, "Line one.\n\nLine two.")


def output(name: str, figure: SubmittedFigure | None = None) -> SubmittedOutput:
    return SubmittedOutput(name, "Title", "persons", "", RECIPE, figure)


def whole() -> Submission:
    outputs = (
        *(output(name, BOX if name == "box-median" else None) for name in NAMES),
        output("map", SubmittedFigure(MAP)),
        output("plain"),
    )
    return Submission("camp", "team", "anna", 1, "Title", "Purpose.", outputs, ("a.py",), {"year": 2024}, (TEXT,))


def test_a_submission_is_read_back_as_it_was_written() -> None:
    data = whole().to_bytes()
    assert submission_from_bytes(data) == whole()
    assert submission_from_bytes(data).to_bytes() == data
    assert parse_json(data, what="it")["version"] == VERSION == 4


def changed(change: Callable[[dict[str, Any]], Any]) -> bytes:
    document = parse_json(whole().to_bytes(), what="it")
    change(document)
    return canonical_json(document)


FORGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "figures of a table in a request": lambda one: one["outputs"][5]["figure"]["request"].update(values=[7, 5]),
    "a picture beside a request": lambda one: one["outputs"][5]["figure"].update(svg="<svg/>"),
    "areas in a request": lambda one: one["outputs"][5]["figure"]["request"]["geography"].update(areas=[1]),
    "a kind that is not drawn": lambda one: one["outputs"][5]["figure"]["request"].update(kind="pie"),
    "tables of a map": lambda one: one["outputs"][5]["figure"].update(tables=list(NAMES)),
    "a box plot of four tables": lambda one: one["outputs"][2]["figure"].update(tables=list(NAMES[:4])),
    "a box plot of one table five times": lambda one: one["outputs"][2]["figure"].update(tables=["plain"] * 5),
    "a box plot of no such table": lambda one: one["outputs"][2]["figure"].update(tables=[*NAMES[:4], "other"]),
    "a box plot of a text": lambda one: one["outputs"][2]["figure"].update(tables=[*NAMES[:4], "note"]),
    "a box plot whose median is another": lambda one: one["outputs"][2]["figure"].update(tables=[*NAMES[1:], NAMES[0]]),
    "tables that are no list": lambda one: one["outputs"][2]["figure"].update(tables="box"),
    "a figure that is a text": lambda one: one["outputs"][6].update(figure="bar"),
    "no figure entry": lambda one: one["outputs"][6].pop("figure"),
    "no texts entry": lambda one: one.pop("texts"),
    "an entry too many in a text": lambda one: one["texts"][0].update(level="recomputed"),
    "a text with the name of a table": lambda one: one["texts"][0].update(name="plain"),
    "a text with a title of two lines": lambda one: one["texts"][0].update(title="a\nb"),
    "a text of no kind": lambda one: one["texts"][0].update(kind="html"),
    "a text that says that it is a result": lambda one: one["texts"][0].update(kind="result", support="plain"),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_no_submission_has_is_refused(name: str) -> None:
    with pytest.raises(DocumentError):
        submission_from_bytes(changed(FORGED[name]))


@pytest.mark.parametrize("version", [0, 1, 2, 5, "4", None, 3.5, True])
def test_another_version_is_refused_with_what_to_do(version: object) -> None:
    with pytest.raises(DocumentError, match=f"version {VERSION} is read") as caught:
        submission_from_bytes(changed(lambda one: one.update(version=version)))
    assert caught.value.hint
    assert ("Submit again" in caught.value.hint) is (version in (1, 2) and version is not True)


@pytest.mark.parametrize("tables", [(), NAMES[:4], (*NAMES, "more"), ("a",) * 5])
def test_a_box_plot_names_five_tables(tables: tuple[str, ...]) -> None:
    assert replace(BOX).tables == NAMES
    with pytest.raises(DatakampError, match="five outputs"):
        replace(BOX, tables=tables)


# ------------------------------------------------------------------------------------------------ revisions and answers
def revised(number: int = 5, revises: int | None = 3, answers: Any = None) -> Submission:
    return replace(whole(), number=number, revises=revises, answers={12: "Both."} if answers is None else answers)


def test_a_revision_names_the_first_submission_and_answers_questions() -> None:
    one = revised(answers={12: "Both years.\nSee the title.", 7: "x" * LONGEST_ANSWER})
    data = one.to_bytes()
    assert submission_from_bytes(data) == one
    assert submission_from_bytes(data).to_bytes() == data
    document = parse_json(data, what="it")
    assert (document["revises"], set(document["answers"])) == (3, {"7", "12"})


def test_a_submission_from_before_there_were_revisions_is_read_and_written_as_it_was() -> None:
    document = parse_json(whole().to_bytes(), what="it") | {"version": 3}
    del document["revises"], document["answers"]
    old = submission_from_bytes(canonical_json(document))
    assert (old.revises, old.answers, old.version) == (None, {}, 3)
    assert replace(old, version=VERSION) == whole()
    assert old.to_bytes() == canonical_json(document)
    with pytest.raises(DocumentError):
        submission_from_bytes(canonical_json(document | {"revises": None, "answers": {}}))
    with pytest.raises(DocumentError):
        replace(old, revises=1, number=2)


@pytest.mark.parametrize(("number", "revises"), [(5, 5), (5, 6), (5, 0), (5, -1), (5, "3"), (5, True), (1, 1)])
def test_only_an_earlier_submission_is_revised(number: int, revises: Any) -> None:
    with pytest.raises(DocumentError, match="handed in before"):
        revised(number, revises)
    assert revised(2, 1).revises == 1


def test_who_revises_nothing_answers_nothing() -> None:
    with pytest.raises(DocumentError, match="revises an earlier one"):
        revised(revises=None)
    assert revised(revises=None, answers={}).answers == {}


@pytest.mark.parametrize(
    "answer", ["", " ", "x" * (LONGEST_ANSWER + 1), "a\u200bb", "a\u202eb", "a\tb", "\x1b[2K", " a", "a\n", 3, None]
)
def test_an_answer_is_a_visible_text_of_its_length(answer: Any) -> None:
    with pytest.raises(DocumentError):
        revised(answers={12: answer})


@pytest.mark.parametrize("question", [0, -1, "12", True, 1.0, None])
def test_an_answer_names_its_question_by_a_number(question: Any) -> None:
    with pytest.raises(DocumentError):
        revised(answers={question: "Both."})


ANSWERS: dict[str, Any] = {
    "a list": ["Both."], "a text": "Both.", "nothing": None, "a number with a nought": {"012": "Both."},
    "a negative number": {"-1": "Both."}, "a word": {"x": "Both."}, "digits of another script": {"\u0661": "Both."},
    "no text": {"12": 5}, "a number beyond all": {"9" * 40: "Both."},
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_that_no_submission_has_are_refused(name: str) -> None:
    document = parse_json(revised().to_bytes(), what="it") | {"answers": ANSWERS[name]}
    with pytest.raises(DocumentError) as caught:
        submission_from_bytes(canonical_json(document))
    assert "Both" not in str(caught.value)


def test_there_are_only_so_many_answers() -> None:
    assert len(revised(answers=dict.fromkeys(range(1, MOST_ANSWERS + 1), "a")).answers) == MOST_ANSWERS
    with pytest.raises(DocumentError, match="name the questions"):
        revised(answers=dict.fromkeys(range(1, MOST_ANSWERS + 2), "a"))
