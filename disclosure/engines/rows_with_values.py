"""The rows of a table that have a value in some columns."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis.common.exceptions import IbisError


def rows_with_values(frame: Any, columns: tuple[str, ...]) -> Any:
    """Return an Arrow or Ibis table with only the rows in which none of these columns is missing.

    None if they cannot be told apart.
    """
    try:
        if isinstance(frame, ir.Table):
            return frame.filter([frame[name].notnull() for name in columns])
        for name in columns:
            frame = frame.filter(pc.invert(pc.is_null(frame.column(name), nan_is_null=True)))
    except (pa.ArrowException, IbisError, TypeError):
        return None
    return frame
