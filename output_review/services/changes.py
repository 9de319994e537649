"""What changed since the revision before: cell by cell, and line by line in what people wrote.

Whether an output changed at all is told from its rows, for the lists; what exactly, from what was shown of both.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from disclosure.texts import Text, text
from output_review.services.revisions import code_of
from output_review.services.showing import shown
from output_review.services.shown_code import source_cells
from output_review.services.zone import ControlZone

if TYPE_CHECKING:
    from output_review.models import OutputRow, RequestRow

MOST_CELLS: Final = 500
"""So many changed cells are listed; the others are counted."""
MOST_LINES: Final = 5_000
"""Longer texts are not compared line by line, but shown as one that went and one that came."""
FIELDS: Final = ("title", "population", "differs", "verdict", "level", "job", "recipe", "figure", "derived", "written")


class Mark(StrEnum):
    """How an output, a cell or a line stands beside the revision before."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class CellChange:
    """A cell that changed: what it showed and how many units it had, before and now; None where it was not there."""

    mark: Mark
    cell: str
    before: str | None
    now: str | None
    n_before: int | None
    n_now: int | None


@dataclass(frozen=True)
class Lines:
    """A text line by line. `marks` has one mark per line: same, added or removed."""

    name: Text
    marks: tuple[tuple[Mark, str], ...]

    @property
    def changed(self) -> bool:
        """Whether a line was added or removed."""
        return any(mark is not Mark.SAME for mark, _ in self.marks)


@dataclass(frozen=True)
class Changes:
    """What changed of one output.

    Attributes:
        mark: the same, added, or changed.
        cells: the changed cells, at most `MOST_CELLS`; `more` counts the others.
        lines: each text that changed.
    """

    mark: Mark
    cells: tuple[CellChange, ...] = ()
    more: int = 0
    lines: tuple[Lines, ...] = ()
    dropped: tuple[str, ...] = ()


def marks(outputs: Iterable[OutputRow], before: Iterable[OutputRow]) -> dict[str, Mark]:
    """Return for each output, and each that is gone, how it stands beside the revision before.

    Args:
        before: the outputs of that revision; none if this is the first one, and then nothing is marked.
    """
    earlier = {one.name: one for one in before}
    if not earlier:
        return {}
    found = {}
    for one in outputs:
        other = earlier.pop(one.name, None)
        found[one.name] = Mark.ADDED if other is None else Mark.SAME if _alike(one, other) else Mark.CHANGED
    return found | dict.fromkeys(earlier, Mark.REMOVED)


def changes_of(zone: ControlZone, output: OutputRow) -> Changes | None:
    """Return what changed of an output since the revision before; None in a first revision.

    Raises:
        IntegrityError: what is kept of one of the two is missing or changed.
    """
    if output.revision < 2:
        return None
    other = output.request.outputs.filter(revision=output.revision - 1, name=output.name).first()
    if other is None:
        return Changes(Mark.ADDED)
    now, then = shown(zone, output), shown(zone, other)
    cells = tuple(_cells(then["grid"], now["grid"]))
    lines = tuple(one for one in _texts(output, other, now, then) if one.changed)
    if not cells and not lines and _alike(output, other):
        return Changes(Mark.SAME)
    return Changes(Mark.CHANGED, cells[:MOST_CELLS], max(0, len(cells) - MOST_CELLS), lines)


def code_changes(zone: ControlZone, row: RequestRow) -> tuple[Lines, ...]:
    """Return the code of the newest revision beside that of the one before, file by file; none in a first revision.

    Raises:
        IntegrityError: code is missing or changed in the content store.
    """
    if row.revision < 2:
        return ()
    now: dict[str, str] = {name: stored for name, stored in row.code}  # noqa: C416 - pairs are lists in JSON
    then: dict[str, str] = {name: stored for name, stored in code_of(row, row.revision - 1)}  # noqa: C416
    return tuple(
        compared(Text(name), _source(zone, name, then.get(name)), _source(zone, name, now.get(name)))
        for name in dict.fromkeys((*now, *then))
    )


def compared(name: Text, before: str, now: str) -> Lines:
    """Return two texts line by line.

    >>> [(mark.value, line) for mark, line in compared(Text("a"), "x\\ny", "x\\nz").marks]
    [('same', 'x'), ('removed', 'y'), ('added', 'z')]
    """
    old, new = before.splitlines(), now.splitlines()
    if len(old) + len(new) > MOST_LINES:
        gone = () if old == new else tuple((Mark.REMOVED, line) for line in old)
        return Lines(name, (*gone, *((Mark.SAME if old == new else Mark.ADDED, line) for line in new)))
    found: list[tuple[Mark, str]] = []
    for kind, start, end, first, last in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            found += [(Mark.SAME, line) for line in new[first:last]]
        else:
            found += [(Mark.REMOVED, line) for line in old[start:end]]
            found += [(Mark.ADDED, line) for line in new[first:last]]
    return Lines(name, tuple(found))


def _alike(one: OutputRow, other: OutputRow) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in FIELDS) and one.files == other.files


def _source(zone: ControlZone, name: str, stored: str | None) -> str:
    if stored is None:
        return ""
    return "\n".join(cell.source for cell in source_cells(name, zone.store.get(stored)))


def _texts(output: OutputRow, other: OutputRow, now: Mapping[str, Any], then: Mapping[str, Any]) -> Iterator[Lines]:
    yield compared(text("Title"), other.title, output.title)
    yield compared(text("Population"), other.population, output.population)
    yield compared(text("How it differs"), other.differs, output.differs)
    yield compared(text("Verdict"), f"{other.verdict}\n{other.level}", f"{output.verdict}\n{output.level}")
    yield compared(text("Recipe"), _recipe(then), _recipe(now))
    yield compared(text("Derivation"), then["derivation"] or "", now["derivation"] or "")
    yield compared(text("Text"), _written(then), _written(now))


def _recipe(document: Mapping[str, Any]) -> str:
    return "\n".join(f"{one['head']['en']}: {one['body'].get('en', '')}" for one in document["recipe"])


def _written(document: Mapping[str, Any]) -> str:
    written = document["written"]
    if written is None:
        return ""
    rows = "\n".join(" | ".join("." if entry is None else str(entry) for entry in row) for row in written["rows"])
    return f"{written['body']}{rows}"


Place = tuple[tuple[Any, ...], tuple[Any, ...]]


def _cells(then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[CellChange]:
    before, after = _places(then), _places(now)
    for place in dict.fromkeys((*after, *before)):
        old, new = before.get(place), after.get(place)
        if old is not None and new is not None and old[:3] == new[:3] and old[5] == new[5]:
            continue
        mark = Mark.CHANGED if old is not None and new is not None else Mark.ADDED if old is None else Mark.REMOVED
        yield CellChange(
            mark,
            _said(place),
            _figure(old),
            _figure(new),
            None if old is None else old[2],
            None if new is None else new[2],
        )


def _places(grid: Mapping[str, Any] | None) -> dict[Place, list[Any]]:
    """Return the cells of a grid by their names and labels, so that another order of rows is no change."""
    if grid is None:
        return {}
    down, across = ([one["name"] for one in grid[key]] for key in ("row_names", "column_names"))
    rows = [tuple(zip(down, row, strict=True)) for row in grid["rows"]]
    columns = [tuple(zip(across, column, strict=True)) for column in grid["columns"]]
    return {
        (row, column): cell
        for row, line in zip(rows, grid["cells"], strict=True)
        for column, cell in zip(columns, line, strict=True)
        if cell is not None
    }


def _figure(cell: list[Any] | None) -> str | None:
    if cell is None:
        return None
    return "×" if cell[1] == "withheld" else cell[0] or "."


def _said(place: Place) -> str:
    missing, total = str(text("(missing)")), str(text("Total"))
    parts = [(name, label) for part in place for name, label in part]
    if all(label is True for _, label in parts):
        return total
    return ", ".join(
        f"{name}={missing if label is None else total if label is True else label}" for name, label in parts
    )
