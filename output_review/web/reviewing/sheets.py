"""The rows of a table that one page shows, with figures and labels as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.utils.html import escape
from django.utils.safestring import SafeString

from disclosure.model.heads import head_of
from disclosure.notebook.words import legible
from disclosure.render.digits import for_people, percentage
from disclosure.texts import current_language, translate
from output_review.services.shown_grid import ROWS

_TOTAL: Final = ' class="total"'
_FOCUSABLE: Final = 25
"""More flagged cells on one page are reached by key and not by tabulator: the list of reasons names them."""


@dataclass(frozen=True)
class Head:
    """A label at the side or across, what the codebook calls it, and how many columns it stands over."""

    label: str
    word: str = ""
    span: int = 1
    total: bool = False


@dataclass(frozen=True)
class Field:
    """A cell: what it shows, its units, and why it is flagged; `kind` is what the style calls it."""

    figure: str
    kind: str = ""
    n: int | None = None
    rows: int | None = None
    why: tuple[str, ...] = ()
    flagged: bool = False
    stop: str = "-1"


@dataclass(frozen=True)
class Line:
    """A row of the table."""

    heads: tuple[Head, ...]
    fields: tuple[Field, ...]
    total: bool


@dataclass(frozen=True)
class Sheet:
    """What one page shows of a table.

    Attributes:
        across: lines of heads over the columns, each with the name of its dimension.
        names: the dimensions down the side.
        first, last, rows: which rows are shown, from 1, of how many.
        following: the number of the next part; 0 if this is the last.
        page, pages: which part of how many.
    """

    across: tuple[tuple[Head, tuple[Head, ...]], ...]
    names: tuple[Head, ...]
    lines: tuple[Line, ...]
    lead: int
    width: int
    first: int
    last: int
    rows: int
    page: int
    pages: int

    @property
    def following(self) -> int:
        """The number of the next part; 0 if this is the last."""
        return self.page + 1 if self.page < self.pages else 0

    @property
    def body(self) -> SafeString:
        """The rows as HTML, made here because a template takes several times as long."""
        return SafeString("".join(_row(line, self.lead) for line in self.lines))

    @property
    def previous(self) -> int:
        """The number of the part before; 0 if this is the first."""
        return self.page - 1


def said(words: Mapping[str, str]) -> str:
    """Return words that are kept in every language in the reader's."""
    return words.get(current_language()) or words.get("en", "")


def sheet_of(document: Mapping[str, Any], page: int = 1) -> Sheet | None:
    """Return a part of the table of a shown document, which holds that part or all; None if it has none.

    A part that there is not is the last.
    """
    grid = document["grid"]
    if grid is None:
        return None
    rows = grid["n"]
    pages = max(1, -(-rows // ROWS))
    page = min(max(1, page), pages)
    first = (page - 1) * ROWS
    last = min(rows, first + ROWS)
    here = slice(first - grid["first"], last - grid["first"])
    reasons = tuple(said(one["reason"]) for one in document["findings"])
    # A verdict that is not safe has findings; of a safe one the failing cells are those that the repair withholds.
    flagged = sum(bool(cell and cell[5]) for line in grid["cells"][here] for cell in line) if reasons else 0
    stop = "0" if flagged <= _FOCUSABLE else "-1"
    words, side = grid["words"], [one["name"] for one in grid["row_names"]]
    lines = tuple(
        Line(
            tuple(_head(words, name, label) for name, label in zip(side, labels, strict=True)),
            tuple(
                _field(grid, cell, reasons, p_value=p_value, stop=stop)
                for cell, p_value in zip(cells, grid["p_values"], strict=True)
            ),
            total=bool(labels) and all(label is True for label in labels),
        )
        for labels, cells in zip(grid["rows"][here], grid["cells"][here], strict=True)
    )
    names = tuple(_named(one) for one in grid["row_names"])
    return Sheet(
        _across(grid), names, lines, max(1, len(names)), len(grid["columns"]), first + 1, last, rows, page, pages
    )


def _across(grid: Mapping[str, Any]) -> tuple[tuple[Head, tuple[Head, ...]], ...]:
    found = []
    for level, one in enumerate(grid["column_names"]):
        heads = []
        # A label that several columns share stands once over all of them, within its outer labels.
        for _, alike in groupby(grid["columns"], key=lambda key, level=level: key[: level + 1]):  # type: ignore[misc]
            same = list(alike)
            head = _head(grid["words"], one["name"], same[0][level])
            heads.append(Head(head.label, head.word, len(same), head.total))
        found.append((_named(one), tuple(heads)))
    return tuple(found)


def _named(one: Mapping[str, Any]) -> Head:
    return Head(legible(head_of(one["name"])), legible(said(one["title"])) if said(one["title"]) else "")


def _head(words: Mapping[str, Any], name: str, label: object) -> Head:
    if label is True:
        return Head(translate("Total"), total=True)
    if label is None:
        return Head(translate("(missing)"))
    told = str(label)
    word = said(words.get(name, {}).get(told, {}))
    return Head(legible(head_of(told) if name == "figure" else told), legible(word) if word else "")


def _field(
    grid: Mapping[str, Any], cell: Sequence[Any] | None, reasons: Sequence[str], *, p_value: bool, stop: str
) -> Field:
    if cell is None:
        return Field(grid["empty"], "empty")
    figure, state, units, rows, why, failing = cell
    if figure is not None:
        told = percentage(figure) if grid["percent"] else for_people(figure, is_p_value=p_value)
    else:
        told = "×" if state == "withheld" else "."
    named = tuple(reasons[place] for place in why if place < len(reasons))
    flagged = bool(failing and reasons)
    kind = "flag" if flagged else "repaired" if failing else "withheld" if state == "withheld" else ""
    return Field(told, kind, units, rows, named, flagged, stop)


def _row(line: Line, lead: int) -> str:
    heads = (
        "".join(f'<th scope="row">{_label(one)}</th>' for one in line.heads)
        or f'<th scope="row" colspan="{lead}"></th>'
    )
    return f"<tr{_TOTAL if line.total else ''}>{heads}{''.join(map(_cell, line.fields))}</tr>"


def _label(head: Head) -> str:
    word = f' <span class="word">{escape(head.word)}</span>' if head.word else ""
    return f'<bdi dir="auto">{escape(head.label)}</bdi>{word}'


def _cell(field: Field) -> str:
    if field.n is None:
        return f'<td class="empty">{escape(field.figure)}</td>'
    counts = f"n = {field.n}" if field.rows == field.n else f"n = {field.n}, {translate('rows')} {field.rows}"
    counted = f'<span class="n">{escape(counts)}</span>'
    if field.flagged:
        why = escape("; ".join(field.why))
        heard = escape(translate("fails a rule"))
        return (
            f'<td class="flag" tabindex="{field.stop}" title="{why} ({escape(counts)})">'
            f'<span aria-hidden="true">▲</span><span class="heard">{heard}: {why}</span> '
            f"{escape(field.figure)}{counted}</td>"
        )
    if field.kind == "repaired":
        said = escape(translate("withheld by the repair"))
        return (
            f'<td class="repaired" title="{said} ({escape(counts)})"><span aria-hidden="true">⊘</span>'
            f'<span class="heard">{said}</span> {escape(field.figure)}{counted}</td>'
        )
    if field.kind == "withheld":
        said = escape(translate("withheld with the failing cells"))
        return f'<td class="withheld" title="{said} ({escape(counts)})">{escape(field.figure)}{counted}</td>'
    return f'<td title="{escape(counts)}">{escape(field.figure)}{counted}</td>'
