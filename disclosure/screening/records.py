"""What looks like records of persons where a text or a result is handed in: rows one by one, not figures of groups.

A file of records leaves by no other way than a microdata release that the camp names. So what is told here is refused,
and errs on that side: a table of figures is handed in as a table, where rules judge it, and not within a text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from disclosure.exchange.written import ResultValues, SubmittedText, values_from
from disclosure.screening.grids import Grid, grids_in_text, has_figures, is_row_listing, is_truncated
from disclosure.texts import Text, text

MANY_ROWS: Final = 20
"""More rows than so many are no example in a text, and no table by groups if their labels repeat."""
MANY_COLUMNS: Final = 3


def records_in(written: SubmittedText, identifiers: Iterable[str]) -> Grid | None:
    """Return the rows in something written that look like records, its column names first; None if there are none.

    Args:
        identifiers: names of columns that identify, as the policy and the codebooks have them.
    """
    named = tuple(identifiers)
    if written.kind.has_values:
        return records_in_values(values_from(written.body), named)
    return records_in_text(written.body, named)


def records_in_text(body: str, identifiers: tuple[str, ...]) -> Grid | None:
    """Return the rows in a text that look like records: a column that identifies, a running number, or many rows.

    >>> records_in_text("In wijk 28 the share fell by 3 points.", ()) is None
    True
    """
    for grid in grids_in_text(body):
        many = len(grid.rows) > MANY_ROWS and grid.width >= MANY_COLUMNS and has_figures(grid)
        if many or is_row_listing(grid, identifiers):
            return grid
    if is_truncated(body):
        return Grid((("",),))
    return None


def records_in_values(values: ResultValues, identifiers: tuple[str, ...]) -> Grid | None:
    """Return the rows of a result if they look like records.

    Figures of groups have one row per group, so that their labels do not repeat. Many rows whose labels do, or that
    have no labels and several columns, are rows of something else.
    """
    rows = tuple(tuple("" if cell is None else cell for cell in row) for row in values.rows)
    grid = Grid((values.columns, *rows), max(values.labels, 1), 1)
    labels = [row[: values.labels] for row in rows]
    repeated = len(set(labels)) < len(labels) if values.labels else len(values.columns) > 1
    if (repeated and len(rows) > MANY_ROWS) or _identifies(grid, identifiers):
        return grid
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
