"""The door: any frame becomes an Arrow table of the columns that a recipe names.

What columns are called and how their types are spelled is settled in `disclosure.engines.plain_columns`. Library errors
quote the value they stumbled over, so none is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.engines.plain_columns import is_deferred, known_to_arrow, pandas_columns, plain
from disclosure.errors import ColumnError, DataError
from disclosure.texts import text

T = TypeVar("T")

_PARQUET: Final = b"PAR1"
_KNOWN = text("a pandas, polars or Arrow frame, a Parquet path, or an Ibis table")


def column_names(frame: Any) -> tuple[str, ...]:
    """Return the column names of a frame, checked: texts, each once.

    A whole number that names a column is its text. Of a pandas frame the named levels of its index are columns too.

    Raises:
        DataError: it is no frame, or a file that is not readable Parquet.
        ColumnError: two columns share a name, or a name is neither a text nor a whole number.
    """
    if isinstance(frame, str | Path):
        names = list(_schema(Path(frame)).names)
    elif isinstance(frame, pd.DataFrame):
        names = [name for name, _ in pandas_columns(frame)]
    elif is_deferred(frame):
        names = _collected(lambda: list(frame.collect_schema().names()))
    elif isinstance(frame, pa.Table | pa.RecordBatch):
        names = list(frame.schema.names)
    elif (hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "to_pyarrow")) and hasattr(frame, "columns"):
        names = list(frame.columns)
    else:
        raise DataError(
            text("A table is made from {known}.", known=_KNOWN),
            hint=text("This is a {kind}.", kind=type(frame).__name__),
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
    absent = [name for name in wanted if name not in names]
    if not absent:
        return
    known, alike = ", ".join(names), _alike(absent, names)
    raise ColumnError(
        text("There is no column of that name.")
        if len(wanted) == 1
        else text("There is no column for {n} of the {all} names asked for.", n=len(absent), all=len(wanted)),
        hint=text("Perhaps {alike}. Columns: {names}.", alike=alike, names=known)
        if alike
        else text("Columns: {names}.", names=known),
    )


def _alike(absent: list[str], names: tuple[str, ...]) -> str:
    """Return the frame's own names that look like those that it does not have."""
    lower = {name.lower(): name for name in names}
    found = (match for name in absent for match in get_close_matches(name.lower(), lower, n=1, cutoff=0.7))
    return ", ".join(dict.fromkeys(f"'{lower[one]}'" for one in found))


def narrow_frame(frame: Any, columns: tuple[str, ...]) -> pa.Table:
    """Return an Arrow table of `columns`, in that order, with dictionaries decoded and NaN as missing.

    Raises:
        DataError: the frame cannot be read, or has no rows.
        ColumnError: a column is missing, or mixes types.
    """
    names = column_names(frame)
    require_columns(names, columns)
    table = arrow_columns(frame, columns)
    if table.num_rows == 0:
        raise DataError(
            text("The frame has no rows, so there is nothing to tabulate."), hint=text("Check the filters.")
        )
    return pa.table([plain(table.column(name), name) for name in columns], names=list(columns))


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
        raise _unreadable(path) from None


def arrow_columns(frame: Any, columns: tuple[str, ...]) -> pa.Table:
    """Return columns that a frame has as an Arrow table, in the types that they come in."""
    if isinstance(frame, str | Path):
        with _readable(Path(frame)):
            return pq.read_table(Path(frame), columns=list(columns), partitioning=None)
    if isinstance(frame, pd.DataFrame):
        arrays, found = [], dict(pandas_columns(frame))
        for name in columns:
            try:
                arrays.append(pa.array(known_to_arrow(found[name]()), from_pandas=True))
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                raise ColumnError(
                    text("The column '{name}' mixes types, or holds what a table cannot.", name=name),
                    hint=text("Convert it to one type first."),
                ) from None
        return pa.table(arrays, names=list(columns))
    if isinstance(frame, pa.Table | pa.RecordBatch):
        return pa.table(frame.select(list(columns)))
    return _collected(lambda: _other(frame, columns))


def _other(frame: Any, columns: tuple[str, ...]) -> pa.Table:
    if hasattr(frame, "to_pyarrow"):
        return frame.select(*columns).to_pyarrow()
    narrow = frame.select(list(columns))
    return pa.table(narrow.collect() if is_deferred(narrow) else narrow)


def _collected(work: Callable[[], T]) -> T:
    try:
        return work()
    except Exception:  # noqa: BLE001
        # Whatever backend the table has, its error may quote values.
        raise DataError(text("The frame cannot be read."), hint=text("Look at it on its own first.")) from None


def _schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except FileNotFoundError:
        raise DataError(text("There is no file '{name}'.", name=path.name)) from None
    except (pa.ArrowException, OSError):
        raise _unreadable(path) from None


def _unreadable(path: Path) -> DataError:
    try:
        with path.open("rb") as stream:
            begins = stream.read(len(_PARQUET))
    except OSError:
        return DataError(text("'{name}' cannot be read.", name=path.name), hint=text("Expected a Parquet file."))
    if begins != _PARQUET:
        return DataError(
            text("'{name}' is not a Parquet file.", name=path.name),
            hint=text("Write it as one first: {example}.", example='pandas.read_csv(...).to_parquet("NAME.parquet")'),
        )
    return DataError(text("'{name}' cannot be read as Parquet.", name=path.name), hint=text("It may be cut off."))
