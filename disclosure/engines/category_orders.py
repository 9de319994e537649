"""The order that the categories of a column carry with them: of an ordered categorical, of bands, of a polars Enum.

The order decides where a category stands and which are its neighbours, and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from disclosure.engines.array_columns import NotAsArrays, label_texts
from disclosure.engines.door import arrow_columns
from disclosure.engines.plain_columns import pandas_columns, plain
from disclosure.errors import DatakampError
from disclosure.model.cells import label_order
from disclosure.model.recipe_parts import MOST_ORDERED, CategoryOrder


def category_orders(frame: Any, columns: tuple[str, ...]) -> tuple[CategoryOrder, ...]:
    """Return the orders that columns of a frame carry with them, as far as they differ from the order of labels.

    Categories that no row has are left out, of a file those that its first rows do not know. A column of which the
    categories cannot be read has no order here: whoever tabulates it has the message.
    """
    found = []
    for name in columns:
        try:
            labels = _labels(frame, name)
        except (DatakampError, NotAsArrays, pa.ArrowException, OSError, KeyError):
            continue
        if 1 < len(labels) <= MOST_ORDERED and labels != tuple(sorted(labels, key=label_order)):
            found.append(CategoryOrder(name, labels))
    return tuple(found)


def _labels(frame: Any, name: str) -> tuple[str, ...]:
    categories = _of_file(Path(frame), name) if isinstance(frame, str | Path) else _of_frame(frame, name)
    if categories is None:
        return ()
    texts = label_texts(plain(pa.chunked_array([categories]), name).combine_chunks(), name)
    return tuple(dict.fromkeys(one for one in texts if one is not None))


def _of_file(path: Path, name: str) -> pa.Array | None:
    """Return the categories of a column, in their order, as the first rows of a Parquet file have them."""
    with pq.ParquetFile(path) as file:
        if not _is_ordered(file.schema_arrow.field(name).type):
            return None
        first = next(file.iter_batches(1, columns=[name]), None)
    return None if first is None else first.column(0).dictionary


def _of_frame(frame: Any, name: str) -> pa.Array | None:
    """Return the categories of a column that some row has, in their order."""
    if isinstance(frame, pd.DataFrame):
        kind = dict(pandas_columns(frame))[name]().dtype
        if isinstance(kind, pd.ArrowDtype):
            ordered = _is_ordered(kind.pyarrow_dtype)
        else:
            ordered = isinstance(kind, pd.CategoricalDtype) and bool(kind.ordered)
    elif isinstance(frame, pa.Table | pa.RecordBatch):
        ordered = _is_ordered(frame.schema.field(name).type)
    else:
        # Of polars only an Enum has an order; what other frames say of theirs is not known here.
        ordered = hasattr(frame, "collect_schema") and type(frame.collect_schema()[name]).__name__ == "Enum"
    if not ordered:
        return None
    column = arrow_columns(frame, (name,)).column(0).combine_chunks()
    used = column.indices.unique().drop_null().sort()
    return (
        column.dictionary.cast(pa.string()).take(used)
        if pa.types.is_string_view(column.dictionary.type)
        else column.dictionary.take(used)
    )


def _is_ordered(kind: pa.DataType) -> bool:
    return pa.types.is_dictionary(kind) and bool(kind.ordered)
