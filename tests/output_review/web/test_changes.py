"""What changed since the revision before: marks, cells, words and code."""

from __future__ import annotations

import time

import pytest

from disclosure.texts import text
from output_review.services.changes import MOST_LINES, Mark, changes_of, code_changes, compared, marks
from output_review.services.reviewing import current_outputs
from tests.output_review.web.full_camp import HOUSEHOLDS, handed_in, tables
from tests.output_review.web.revisions import revised
from tests.output_review.web.web_camp import WebCamp

NAME = text("title")


@pytest.fixture
def request_number(web: WebCamp) -> int:
    return handed_in(web, tables(web.camp, 3))


def test_a_first_revision_has_no_changes(web: WebCamp, request_number: int) -> None:
    row = web.zone.request(request_number)
    assert [changes_of(web.zone, one) for one in current_outputs(row)] == [None] * 3
    assert code_changes(web.zone, row) == ()
    assert marks(current_outputs(row), []) == {}


def test_each_output_is_marked_and_what_changed_is_told_cell_by_cell_and_line_by_line(
    web: WebCamp, request_number: int
) -> None:
    fewer = web.camp.recipe(sql="SELECT person, '2-' || wijk AS wijk FROM PERSONS WHERE wijk IN ('28', '29')")
    new = web.camp.recipe(sql=HOUSEHOLDS, rows=("household",))
    revised(
        web, request_number,
        {"persons-02": {"recipe": fewer.to_json(), "population": "Persons in wijken 28 and 29"}, "persons-03": None,
         "by-household": {"recipe": new.to_json()}},
    )  # fmt: skip
    row = web.zone.request(request_number)
    outputs = {one.name: one for one in current_outputs(row)}
    assert marks(outputs.values(), row.outputs.filter(revision=1)) == {
        "by-household": Mark.ADDED, "persons-01": Mark.SAME, "persons-02": Mark.CHANGED, "persons-03": Mark.REMOVED,
    }  # fmt: skip
    assert changes_of(web.zone, outputs["by-household"]).mark is Mark.ADDED  # type: ignore[union-attr]
    same = changes_of(web.zone, outputs["persons-01"])
    assert same is not None
    assert (same.mark, same.cells, same.lines) == (Mark.SAME, (), ())
    found = changes_of(web.zone, outputs["persons-02"])
    assert found is not None
    cells = {one.cell: (one.mark, one.before, one.now, one.n_before, one.n_now) for one in found.cells}
    assert cells == {
        "wijk=2-30": (Mark.REMOVED, "78", None, 78, None),
        "Total": (Mark.CHANGED, "235", "157", 235, 157),
    }
    lines = {one.name.english: one.marks for one in found.lines}
    assert set(lines) == {"Population", "Derivation"}
    assert lines["Population"][1] == (Mark.ADDED, "Persons in wijken 28 and 29")


def test_code_is_compared_line_by_line_with_that_of_the_revision_before(web: WebCamp, request_number: int) -> None:
    revised(web, request_number, {}, code=b"print('hello')\nprint('again')\n")
    (found,) = code_changes(web.zone, web.zone.request(request_number))
    assert found.marks == ((Mark.SAME, "print('hello')"), (Mark.ADDED, "print('again')"))
    page = web.client("vera").get(f"/requests/{request_number}/code", secure=True).text
    assert "<ins>print(&#x27;again&#x27;)</ins>" in page


def test_unchanged_code_is_said_to_be(web: WebCamp, request_number: int) -> None:
    revised(web, request_number, {})
    assert not any(one.changed for one in code_changes(web.zone, web.zone.request(request_number)))
    assert "The code is unchanged." in web.client("vera").get(f"/requests/{request_number}/code", secure=True).text


def test_pages_mark_what_changed_and_say_what_did_not(web: WebCamp, request_number: int) -> None:
    revised(web, request_number, {"persons-02": {"differs": "Made anew for this year"}, "persons-03": None})
    vera = web.client("vera")
    page = vera.get(f"/requests/{request_number}/outputs/persons-02/", secure=True).text
    assert "It changed since the revision before. Changed cells: 0." in page
    assert "<ins>Made anew for this year</ins>" in page
    assert "persons-03" in page
    assert "Nothing changed: the same recipe" in vera.get(
        f"/requests/{request_number}/outputs/persons-01/", secure=True
    ).text  # fmt: skip
    queue = vera.get("/queue", secure=True).text
    assert "revision 2" in queue
    assert "1 changed" in queue
    assert "1 gone" in queue


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("a\nb", "a\nb", [("same", "a"), ("same", "b")]),
        ("", "a", [("added", "a")]),
        ("a", "", [("removed", "a")]),
        ("a\nb", "a\nc", [("same", "a"), ("removed", "b"), ("added", "c")]),
    ],
)
def test_lines_are_the_same_added_or_removed(before: str, now: str, expected: list[tuple[str, str]]) -> None:
    assert [(mark.value, line) for mark, line in compared(NAME, before, now).marks] == expected
    assert compared(NAME, before, now).changed is (before != now)


@pytest.mark.parametrize("lines", [MOST_LINES // 2, MOST_LINES // 2 + 1])
def test_long_texts_take_no_longer_than_a_page_may(lines: int) -> None:
    before, now = "\n".join(["a", "b"] * (lines // 2)), "\n".join(["b", "a"] * (lines // 2))
    start = time.process_time()
    assert compared(NAME, before, now).changed
    assert time.process_time() - start < 5
