"""A judged table as a pandas frame, laid out as `pivot_table` would, as it may be published."""

from __future__ import annotations

from typing import Any

import pandas as pd

from disclosure.model.neutral_labels import released
from disclosure.model.recipes import Statistic
from disclosure.model.tables import WITHHELD, CellState, JudgedTable, PublishedCell
from disclosure.render.grid import grid


def to_frame(table: JudgedTable) -> pd.DataFrame:
    """Return the table as it may be published.

    Withheld figures are `disclosure.WITHHELD`, with which nothing can be computed; a frame without one is numeric.
    A combination without units is 0 in a count and missing otherwise. Without column variables there is one column,
    named after the statistic.
    """
    table = released(table)
    laid = grid(table)
    statistic = table.recipe.statistic
    values = [
        [_value(laid.cells.get((row, column)), statistic) for column in laid.column_keys] for row in laid.row_keys
    ]
    index = _index([laid.labels(key) for key in laid.row_keys], laid.row_names)
    columns = _index([laid.labels(key) for key in laid.column_keys], laid.column_names)
    if not laid.column_names:
        columns = pd.Index([statistic.value] if laid.column_keys else [])
    if not laid.row_names:
        index = pd.Index([statistic.value] if laid.row_keys else [])
    frame = pd.DataFrame(values, index=index, columns=columns, dtype=object)
    return frame if _withheld(frame) else frame.infer_objects()


def _withheld(frame: pd.DataFrame) -> bool:
    return any(value is WITHHELD for value in frame.to_numpy().ravel())


def _index(labels: list[tuple[str, ...]], names: tuple[str, ...]) -> pd.Index:
    if len(names) == 1:
        return pd.Index([label for (label,) in labels], name=names[0])
    return pd.MultiIndex.from_tuples(labels, names=names) if names and labels else pd.Index([])


def _value(cell: PublishedCell | None, statistic: Statistic) -> Any:
    if cell is None:
        return 0 if statistic is Statistic.COUNT else float("nan")
    if cell.state is CellState.WITHHELD:
        return WITHHELD
    if cell.figure is None:
        return float("nan")
    return int(cell.figure) if statistic is Statistic.COUNT else float(cell.figure)
