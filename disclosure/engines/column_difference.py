"""One value column less another, over the same rows."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis.common.exceptions import IbisError


def with_difference(frame: Any, one: str, other: str, name: str) -> Any:
    """Return an Arrow or Ibis table with a further column `name`: `one` less `other`, missing counting as zero.

    None if the two cannot be subtracted.
    """
    try:
        if isinstance(frame, ir.Table):
            return frame.mutate(**{name: _lazy(frame[one]) - _lazy(frame[other])})
        return frame.append_column(name, pc.subtract(_numbers(frame.column(one)), _numbers(frame.column(other))))
    except (pa.ArrowException, IbisError, TypeError):
        return None


def _lazy(column: Any) -> Any:
    plain = column.cast("int8") if column.type().is_boolean() else column
    return plain.fill_null(0)


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = pc.cast(column, pa.int8()) if pa.types.is_boolean(column.type) else column
    # Small and unsigned whole numbers would not hold what is below zero.
    return pc.fill_null(pc.cast(plain, pa.int64()) if pa.types.is_integer(plain.type) else plain, 0)
