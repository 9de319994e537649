"""Columns of numbers beside each other, and how far they spread."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure.errors import ColumnError
from disclosure.microdata.coding import numbers, require_columns
from disclosure.model.microdata import Numbers
from disclosure.texts import text


def side_by_side(frame: pa.Table, columns: tuple[str, ...]) -> Numbers:
    """Return columns of numbers, shape (records, columns); NaN where missing.

    Raises:
        DataError: there are no records.
        ColumnError: no column is named, or one twice; one is not there or holds no numbers.
    """
    require_columns(frame, columns)
    if not columns or len(set(columns)) < len(columns):
        raise ColumnError(text("Name columns of numbers, each once."), hint=text("At least one is needed."))
    return np.stack([numbers(frame, name) for name in columns], axis=1)


def deviations(values: Numbers, columns: tuple[str, ...]) -> Numbers:
    """Return the standard deviation of each column.

    Raises:
        ColumnError: the numbers of a column are the same for all, or there are fewer than two.
    """
    found = []
    for name, column in zip(columns, values.T, strict=True):
        known = column[~np.isnan(column)]
        deviation = float(known.std(ddof=1)) if len(known) > 1 and known.min() < known.max() else 0.0
        if not deviation > 0:
            raise ColumnError(
                text("The numbers of '{name}' are the same for all, or missing.", name=name), hint=text("Leave it out.")
            )
        found.append(deviation)
    return np.array(found)


def replaced(frame: pa.Table, columns: tuple[str, ...], values: Numbers) -> pa.Table:
    """Return the frame with other numbers in these columns, missing where they are NaN."""
    for place, name in enumerate(columns):
        column = pa.array(values[:, place], pa.float64(), from_pandas=True)
        frame = frame.set_column(frame.schema.get_field_index(name), name, column)
    return frame


def changed(before: Numbers, after: Numbers, columns: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return how many numbers of each column changed."""
    different = (before != after) & ~(np.isnan(before) & np.isnan(after))
    return tuple(zip(columns, different.sum(axis=0).tolist(), strict=True))
