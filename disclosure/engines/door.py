"""The door: any frame becomes an Arrow table of the columns that a recipe names.

Library errors quote the value they stumbled over, so none is passed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.errors import ColumnError, DataError
from disclosure.texts import text

_KNOWN = "a pandas, polars or Arrow frame, a Parquet path, or an Ibis table"


def column_names(frame: Any) -> tuple[str, ...]:
    """Return the column names of a frame, checked: texts, each once.

    Raises:
        DataError: it is no frame, or a file that is not readable Parquet.
        ColumnError: two columns share a name, or a name is not text.
    """
    if isinstance(frame, str | Path):
        names = list(_schema(Path(frame)).names)
    elif isinstance(frame, pd.DataFrame):
        names = list(frame.columns)
    elif isinstance(frame, pa.Table | pa.RecordBatch):
        names = list(frame.schema.names)
    elif (hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "to_pyarrow")) and hasattr(frame, "columns"):
        names = list(frame.columns)
    else:
        raise DataError(
            text("A table is made from {known}.", known=_KNOWN),
            hint=text("This is a {kind}.", kind=type(frame).__name__),
        )
    for name in names:
        if not isinstance(name, str):
            raise ColumnError(
                text("A column name is not text."), hint=text("Rename the columns; several header rows do not work.")
            )
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        named = ", ".join(doubled)
        raise ColumnError(
            text("The frame has more than one column named {named}.", named=named),
            hint=text("Rename or drop one of them."),
        )
    return tuple(names)


def require_columns(names: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    """Raise `ColumnError` if some of `wanted` are not among `names`.

    What is no name of a column may be a value of a record, so the message has the frame's own names only.
    """
    absent = sum(name not in names for name in wanted)
    if absent:
        raise ColumnError(
            text("There is no column for {n} of the {all} names asked for.", n=str(absent), all=str(len(wanted))),
            hint=text("Columns: {names}.", names=", ".join(names)),
        )


def narrow_frame(frame: Any, columns: tuple[str, ...]) -> pa.Table:
    """Return an Arrow table of `columns`, in that order, with dictionaries decoded and NaN as missing.

    Raises:
        DataError: the frame cannot be read, or has no rows.
        ColumnError: a column is missing, or mixes types.
    """
    names = column_names(frame)
    require_columns(names, columns)
    table = _arrow(frame, columns)
    if table.num_rows == 0:
        raise DataError(
            text("The frame has no rows, so there is nothing to tabulate."), hint=text("Check the filters.")
        )
    return pa.table([_plain(table.column(name)) for name in columns], names=list(columns))


@contextmanager
def parquet_pieces(
    path: Path, columns: tuple[str, ...], rows: int, *, encoded: tuple[str, ...] = ()
) -> Iterator[tuple[pa.Schema, Iterator[pa.Table]]]:
    """Yield the schema of a Parquet file, and `columns` of it in pieces of at most so many rows.

    Args:
        encoded: columns of which texts come as dictionaries.

    Raises:
        DataError: the file cannot be read, also while it is read.
        ColumnError: a column is missing.
    """
    require_columns(column_names(path), columns)
    kinds = _schema(path)
    texts = [name for name in encoded if pa.types.is_string(kinds.field(name).type)]
    with _readable(path), pq.ParquetFile(path, read_dictionary=texts, buffer_size=1 << 20, pre_buffer=False) as file:
        found = file.iter_batches(rows, columns=list(columns))
        yield file.schema_arrow, (pa.table(batch) for batch in found)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError):
        raise DataError(
            text("'{name}' cannot be read as Parquet.", name=path.name), hint=text("It may be cut off.")
        ) from None


def _arrow(frame: Any, columns: tuple[str, ...]) -> pa.Table:
    if isinstance(frame, str | Path):
        with _readable(Path(frame)):
            return pq.read_table(Path(frame), columns=list(columns), partitioning=None)
    if isinstance(frame, pd.DataFrame):
        arrays = []
        for name in columns:
            try:
                arrays.append(pa.array(_known_to_arrow(frame[name]), from_pandas=True))
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                raise ColumnError(
                    text("The column '{name}' mixes types, or holds what a table cannot.", name=name),
                    hint=text("Convert it to one type first."),
                ) from None
        return pa.table(arrays, names=list(columns))
    if isinstance(frame, pa.Table | pa.RecordBatch):
        return pa.table(frame.select(list(columns)))
    try:
        if hasattr(frame, "to_pyarrow"):
            return frame.select(*columns).to_pyarrow()
        return pa.table(frame.select(list(columns)))
    except Exception:  # noqa: BLE001
        # Whatever backend the table has, its error may quote values.
        raise DataError(text("The frame cannot be read."), hint=text("Look at it on its own first.")) from None


def _schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except FileNotFoundError:
        raise DataError(text("There is no file '{name}'.", name=path.name)) from None
    except (pa.ArrowException, OSError):
        raise DataError(
            text("'{name}' is not a readable Parquet file.", name=path.name), hint=text("It may be cut off.")
        ) from None


def _known_to_arrow(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a pandas column with periods and intervals, which no engine knows, as their texts."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype) and isinstance(kind.categories.dtype, pd.IntervalDtype | pd.PeriodDtype):
        return column.cat.rename_categories(str)
    return column.astype("string") if isinstance(kind, pd.IntervalDtype | pd.PeriodDtype) else column


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        kind = column.type.value_type
        kind = pa.string() if pa.types.is_string_view(kind) else kind  # of which Arrow can take no positions yet
        plain = [chunk.dictionary.cast(kind).take(chunk.indices) for chunk in column.chunks]
        column = pa.chunked_array(plain, type=kind)
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    return column
