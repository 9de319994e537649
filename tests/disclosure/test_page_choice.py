"""What a page of a large table shows: the cells that fail, wherever in the table they stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.notebook.page import MOST_COLUMNS, MOST_ROWS, Page, page_of, sheet_of
from disclosure.notebook.page_choice import chosen

NOTE = "rows and columns with failing cells come first"


def _table(rows: int, columns: int, small: tuple[tuple[int, int], ...] = ()) -> sdc.Output:
    """Return a table of cells of 12 units, or of 3 in the cells that are named."""
    places = [(f"{row:03}", f"{column:03}") for row in range(rows) for column in range(columns)]
    sizes = [3 if (int(row), int(column)) in small else 12 for row, column in places]
    labels = np.repeat(np.array(places), sizes, axis=0)
    frame = pd.DataFrame({"d1": labels[:, 0], "d2": labels[:, 1], "person": range(len(labels))})
    out = sdc.table(frame, rows="d1", columns="d2", unit="person", policy="abs")
    if not isinstance(out, sdc.Output):
        raise TypeError("one measure is one output")
    return out


def _page(out: sdc.Output) -> Page:
    sheet = sheet_of(out.table)
    if sheet is None:
        raise TypeError("something was tabulated")
    return page_of([sheet])


@pytest.mark.parametrize(("row", "column"), [(0, 0), (58, 22), (59, 23), (60, 24), (99, 29)])
def test_a_failing_cell_is_on_the_page_wherever_it_stands(row: int, column: int) -> None:
    out = _table(100, 30, ((row, column),))
    page = _page(out)
    assert (len(page.row_labels), len(page.columns)) == (MOST_ROWS, MOST_COLUMNS)
    assert (page.more_rows, page.more_columns) == (101 - MOST_ROWS, 31 - MOST_COLUMNS)
    assert (f"{row:03}",) in page.row_labels
    assert (f"{column:03}",) in [one.labels for one in page.columns]
    shown = out._repr_html_()
    assert shown.count('<td class="f"') == 1
    assert NOTE in shown
    assert NOTE in repr(out)


def test_rows_and_columns_keep_their_order_and_their_figures() -> None:
    out = _table(100, 30, ((99, 29), (3, 28), (70, 2)))
    page, whole = _page(out), out.to_pandas()
    labels, heads = [one for (one,) in page.row_labels], [one.labels[0] for one in page.columns]
    assert labels == sorted(labels)
    assert heads == sorted(heads)
    (sheet,) = page.sheets
    for row, own in enumerate(labels):
        for column, head in enumerate(heads):
            position = int(page.positions[row, column])
            figure: object = whole.loc[own, head]
            assert (figure is sdc.WITHHELD) is not bool(sheet.shown[position])
            assert figure is sdc.WITHHELD or str(figure) == sheet.figures[position]


def test_a_table_that_fits_or_does_not_fail_says_nothing_of_an_order() -> None:
    fits = _table(MOST_ROWS - 1, 2, ((5, 1),))
    assert NOTE not in fits._repr_html_()
    assert _page(fits).more_rows == 0
    beyond = _table(MOST_ROWS, 2, ((5, 1),))
    assert NOTE in beyond._repr_html_()
    safe = _table(100, 2)
    assert NOTE not in safe._repr_html_()
    assert [one for (one,) in _page(safe).row_labels] == [f"{row:03}" for row in range(MOST_ROWS)]


@pytest.mark.parametrize(
    ("flagged", "most", "expected"),
    [
        ([], 3, [0, 1, 2]),
        ([9], 3, [0, 1, 9]),
        ([9, 9, 8, 7, 6], 3, [6, 7, 8]),
        ([0, 1], 1, [0]),
        ([9], 0, []),
        ([9], 10, list(range(10))),
        ([9], None, list(range(10))),
    ],
)
def test_lines_with_failing_cells_are_chosen_before_others(
    flagged: list[int], most: int | None, expected: list[int]
) -> None:
    assert chosen(np.arange(10), np.array(flagged, dtype=np.int64), most).tolist() == expected
