"""Tables as pandas frames, as they may be published: one, several side by side, or computed from several.

They are laid out from codes and not cell by cell, so that a million cells take a second or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from disclosure.model.neutral_labels import released
from disclosure.model.recipes import Statistic
from disclosure.model.tables import WITHHELD, JudgedTable
from disclosure.notebook.page import Page, Sheet, page_of, sheet_of
from disclosure.render.frame import to_frame

Values = npt.NDArray[np.object_]


def frame_of(table: JudgedTable) -> pd.DataFrame:
    """Return a judged table as `disclosure.render.frame.to_frame` does."""
    table = released(table)
    sheet = sheet_of(table)
    return to_frame(table) if sheet is None else alone(sheet, table.recipe.statistic.value)


def alone(sheet: Sheet, name: str) -> pd.DataFrame:
    """Return one sheet; `name` stands for a side of the table that has no variables.

    Withheld figures are `disclosure.WITHHELD`; a frame without one is numeric. A combination without units is 0 in a
    count and missing otherwise.
    """
    page = _whole([sheet])
    values = _values(sheet)[page.positions]
    frame = pd.DataFrame(values, dtype=object)
    frame.index = _index(page.row_labels, page.row_names, name)
    frame.columns = _index([one.labels for one in page.columns], page.column_names, name)
    return frame if _withholds(values) else frame.infer_objects()


def side_by_side(sheets: Sequence[Sheet]) -> pd.DataFrame:
    """Return several sheets as one frame: the measure is the first level of the columns, or the row without rows."""
    page = _whole(sheets)
    values = [_values(sheet) for sheet in sheets]
    columns = [values[one.measure][page.positions[:, place]] for place, one in enumerate(page.columns)]
    if not page.row_names:
        return _down(page, [column[0] for column in columns])
    frame = pd.DataFrame({place: _column(column) for place, column in enumerate(columns)})
    frame.index = _index(page.row_labels, page.row_names, "")
    labels = [(sheets[one.measure].name, *one.labels) for one in page.columns]
    frame.columns = _index(labels, ("measure", *page.column_names), "")
    return frame


def _whole(sheets: Sequence[Sheet]) -> Page:
    return page_of(sheets, most_rows=None, most_columns=None, localized=False)


def _values(sheet: Sheet) -> Values:
    """Return what each cell shows, and behind the last one what a combination without units shows."""
    counted = sheet.statistic is Statistic.COUNT
    kind = int if counted else float
    values: Values = np.empty(len(sheet.figures) + 1, dtype=np.object_)
    values[:-1] = [float("nan") if figure is None else kind(figure) for figure in sheet.figures]
    values[:-1][~sheet.shown] = WITHHELD
    values[-1] = 0 if counted else float("nan")
    return values


def _withholds(values: Values) -> bool:
    return any(value is WITHHELD for value in values.ravel().tolist())


def _column(values: Values) -> pd.Series[Any]:
    made = pd.Series(values, dtype=object)
    return made if _withholds(values) else made.infer_objects()


def _index(labels: Sequence[tuple[str, ...]], names: tuple[str, ...], alone: str) -> pd.Index[Any]:
    if not names:
        return pd.Index([alone])
    if len(names) == 1:
        return pd.Index([label for (label,) in labels], name=names[0])
    return pd.MultiIndex.from_tuples(labels, names=names)


def _down(page: Page, values: list[Any]) -> pd.DataFrame:
    """Return a table without row variables: one row per measure, one column per label across."""
    measures = [sheet.name for sheet in page.sheets]
    labels = list(dict.fromkeys(one.labels for one in page.columns))
    known = {(one.measure, one.labels): value for one, value in zip(page.columns, values, strict=True)}
    empty = [_values(sheet)[-1] for sheet in page.sheets]
    rows = range(len(measures))
    columns = [np.array([known.get((row, label), empty[row]) for row in rows], dtype=np.object_) for label in labels]
    frame = pd.DataFrame({place: _column(column) for place, column in enumerate(columns)})
    frame.index = pd.Index(measures, name="measure")
    frame.columns = _index(labels, page.column_names, "value")
    return frame
