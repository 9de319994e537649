"""What looks like records of persons where a text or a result is handed in: rows one by one, not figures of groups.

A file of records leaves by no other way than a microdata release that the camp names. So what is told here is refused,
and errs on that side: a table of figures is handed in as a table, where rules judge it, and not within a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from disclosure.exchange.written import ResultValues, SubmittedText, WrittenKind, values_from
from disclosure.exchange.written_records import records_from
from disclosure.screening.grids import Grid, grids_in_text, has_figures, is_row_listing, is_truncated
from disclosure.screening.listings import MANY_COLUMNS, MANY_ROWS, is_encoded, is_listing, is_packed
from disclosure.texts import Text, text

_MARKS: Final = (";", ",", "\t", "|")
_MOST_NUMBERED: Final = 130
"""More columns than there are ages, or months since a start, are those of units if they are only numbered."""

_TWO_DIGITS = re.compile(r"[0-9A-Fa-f]{2}(?:[\s:,]+[0-9A-Fa-f]{2})*")
_PARTS = re.compile(r"[\s:,]+")
_MANY_CODES: Final = 100
_FEWEST: Final = 0.1
_BETWEEN: Final = " | "
"""Stands between cells that are read as one text, so that no pattern of two digits goes from one into the next."""


def records_in(written: SubmittedText, identifiers: Iterable[str]) -> Grid | None:
    """Return the rows in something written that look like records, its column names first; None if there are none.

    Args:
        identifiers: names of columns that identify, as the policy and the codebooks have them.
    """
    named = tuple(identifiers)
    if written.kind is WrittenKind.RECORDS:
        return only_records(written)
    if written.kind.has_values:
        return records_in_values(values_from(written.body), named)
    return records_in_text(written.body, named)


def only_records(written: SubmittedText) -> Grid | None:
    """Return the rows of something written that holds records and nothing else; None if it does not.

    A text of records names its columns in its first line, and has as many fields in each, parted by one mark; a field
    is what stands between two marks, to the blank.
    """
    if written.kind.has_values:
        return _grid_of(values_from(written.body))
    if written.kind is WrittenKind.RECORDS:
        found = records_from(written.body)
        return Grid((found.columns, *found.rows), 1, 1)
    lines = written.body.split("\n")
    for mark in _MARKS:
        rows = tuple(tuple(line.split(mark)) for line in lines)
        width = len(rows[0])
        if len(rows) > 1 and width > 1 and len(set(rows[0])) == width and {len(row) for row in rows} == {width}:
            return Grid(rows, 1, 1)
    return None


def records_in_text(body: str, identifiers: tuple[str, ...]) -> Grid | None:
    """Return the rows in a text that look like records: a column that identifies, a running number, or many rows.

    >>> records_in_text("In wijk 28 the share fell by 3 points.", ()) is None
    True
    """
    for grid in grids_in_text(body):
        many = len(grid.rows) > MANY_ROWS and grid.width >= MANY_COLUMNS and has_figures(grid)
        if many or _pairs_of_units(grid) or is_row_listing(grid, identifiers):
            return grid
    if is_truncated(body) or is_listing(body):
        return Grid((("",),))
    return None


def records_in_values(values: ResultValues, identifiers: tuple[str, ...]) -> Grid | None:
    """Return the rows of a result if they look like records.

    Figures of groups have one row per group, so that their labels do not repeat. Many rows whose labels do, or that
    have no labels, are rows of something else; so are many columns that are only numbered, and cells that hold a code
    or several records each.
    """
    grid = _grid_of(values)
    labels = [row[: values.labels] for row in grid.rows[1:]]
    repeated = not values.labels or len(set(labels)) < len(labels)
    if (repeated and len(labels) > MANY_ROWS) or _identifies(grid, identifiers) or _is_on_its_side(values):
        return grid
    cells = [cell for row in grid.rows for cell in row]
    words = _BETWEEN.join(cell for cell in cells if _figure(cell) is None)
    if any(map(is_packed, cells)) or is_encoded(words) or _has_codes(grid):
        return grid
    return None


def _has_codes(grid: Grid) -> bool:
    """Tell whether columns or long rows hold hexadecimal by two digits: figures and what has letters stand mixed."""
    long_rows = (row for row in grid.rows[1:] if len(row) > MANY_ROWS)
    return any(sum(map(_codes, lines)) >= _MANY_CODES for lines in (zip(*grid.rows[1:], strict=True), long_rows))


def _codes(cells: tuple[str, ...]) -> int:
    """Return how many codes of two digits cells hold; none where they are all figures, or hardly any is one."""
    codes = [code for cell in cells if _TWO_DIGITS.fullmatch(cell) for code in _PARTS.split(cell)]
    mixed = _FEWEST * len(codes) <= sum(map(str.isdecimal, codes)) <= (1 - _FEWEST) * len(codes)
    return len(codes) if mixed else 0


def _is_on_its_side(values: ResultValues) -> bool:
    """Tell whether many columns of values are only numbered, as rows are that stand on their side.

    Beside labels, ages and months are columns too; of units there are more. Without labels nothing says what they are.
    """
    names = values.columns[values.labels :]
    stem = names[0].rstrip("0123456789")
    places = [name.removeprefix(stem) for name in names]
    if len(names) <= (_MOST_NUMBERED if values.labels else MANY_ROWS) or not all(map(str.isdecimal, places)):
        return False
    first = int(places[0])
    # A few dozen that begin elsewhere are years.
    begins = first in (0, 1) or len(names) > _MOST_NUMBERED
    return begins and [int(place) for place in places] == list(range(first, first + len(names)))


def _grid_of(values: ResultValues) -> Grid:
    rows = tuple(tuple("" if cell is None else cell for cell in row) for row in values.rows)
    return Grid((values.columns, *rows), max(values.labels, 1), 1)


def _pairs_of_units(grid: Grid) -> bool:
    """Tell whether many rows of two columns are those of units: groups and the points of a curve come once each.

    Figures as labels are in order then, or what they are put in order by is.
    """
    rows = [row for row in grid.rows[1:] if len(row) == grid.width]
    if grid.width != 2 or len(rows) <= MANY_ROWS or not any(row[0] for row in rows):
        return False
    if len({row[0] for row in rows}) < len(rows):
        return True
    return not any(map(_is_in_order, zip(*rows, strict=True)))


def _is_in_order(cells: tuple[str, ...]) -> bool:
    """Tell whether cells are no figures, or figures that rise or fall all the way."""
    figures = [figure for figure in map(_figure, cells) if figure is not None]
    return len(figures) < len(cells) or figures in (sorted(figures), sorted(figures, reverse=True))


def _figure(cell: str) -> float | None:
    """Return the figure that a cell is; None if it is none."""
    try:
        return float(cell.rstrip("%").replace(",", "."))
    except ValueError:
        return None


def _identifies(grid: Grid, identifiers: tuple[str, ...]) -> bool:
    """Tell whether a column identifies: a running number is also what groups without names have."""
    named = {name.lower() for name in identifiers}
    return any(head.lower() in named for head in grid.rows[0])


def refused_as_records() -> tuple[Text, Text]:
    """Return why records are refused, and what to do instead."""
    return (
        text("It looks like records of single units, which leave by no ordinary request."),
        text("Hand in figures of groups: sdc.table, sdc.summary or sdc.result. Leave rows and listings out of texts."),
    )
