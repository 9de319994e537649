"""One value column less another, over the same rows."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis.common.exceptions import IbisError


def with_difference(frame: Any, one: str, other: str, name: str) -> Any:
    """Return an Arrow or Ibis table with a further column `name`: `one` less `other`, missing counting as zero.

    Where both are missing, so is their difference. None if the two cannot be subtracted.
    """
    try:
        if isinstance(frame, ir.Table):
            less = _lazy(frame[one]) - _lazy(frame[other])
            return frame.mutate(**{name: (frame[one].isnull() & frame[other].isnull()).ifelse(ibis.null(), less)})
        return frame.append_column(name, difference(frame.column(one), frame.column(other)))
    except (pa.ArrowException, IbisError, TypeError):
        return None


def difference(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return one column of numbers less another, missing counting as zero, and missing where both are.

    Raises:
        pyarrow.ArrowException: the two cannot be subtracted.
    """
    less = pc.subtract(_numbers(one), _numbers(other))
    return pc.if_else(pc.and_(pc.is_null(one, nan_is_null=True), pc.is_null(other, nan_is_null=True)), None, less)


def _lazy(column: Any) -> Any:
    plain = column.cast("int8") if column.type().is_boolean() else column
    return plain.fill_null(0)


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = pc.cast(column, pa.int8()) if pa.types.is_boolean(column.type) else column
    # Small and unsigned whole numbers would not hold what is below zero.
    return pc.fill_null(pc.cast(plain, pa.int64()) if pa.types.is_integer(plain.type) else plain, 0)
