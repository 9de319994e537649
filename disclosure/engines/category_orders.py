"""The order that the categories of a column carry with them: of an ordered categorical, of bands, of a polars Enum.

In a table the order decides where a category stands and which are its neighbours. In a model the first category is the
one that the others are compared with, as in other libraries; there any categorical has an order.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from disclosure.engines.array_columns import NotAsArrays, label_texts
from disclosure.engines.door import arrow_columns, narrow_frame
from disclosure.engines.plain_columns import pandas_columns, plain
from disclosure.errors import DatakampError
from disclosure.model.cells import label_order
from disclosure.model.recipe_parts import MOST_ORDERED, CategoryOrder

_UNREADABLE: Final = (DatakampError, NotAsArrays, pa.ArrowException, OSError, KeyError)


def category_orders(frame: Any, columns: tuple[str, ...]) -> tuple[CategoryOrder, ...]:
    """Return the orders that columns of a frame carry with them, as far as they differ from the order of labels.

    Categories that no row has are left out, of a file those that its first rows do not know. A column of which the
    categories cannot be read has no order here: whoever tabulates it has the message.
    """
    found = []
    for name in columns:
        try:
            labels = _labels(frame, name)
        except _UNREADABLE:
            continue
        if 1 < len(labels) <= MOST_ORDERED and labels != tuple(sorted(labels, key=label_order)):
            found.append(CategoryOrder(name, labels))
    return tuple(found)


def first_labels(frame: Any, columns: tuple[str, ...], read: tuple[str, ...], *, texts: bool = False) -> dict[str, str]:
    """Return the labels that a model compares others with, of columns of which that is not the first in label order.

    Categories without a complete row are passed over. What cannot be read has no first label here, as in
    `category_orders`.

    Args:
        columns: the categories of the model.
        read: all columns that the model reads, of which a row is complete if it has a value in each.
        texts: take texts in the order of their code points, as the libraries do that fit models.
    """
    orders: dict[str, tuple[str, ...] | None] = {}
    for name in columns:
        try:
            orders[name] = _labels(frame, name, any_categories=True) or None
        except _UNREADABLE:
            continue
    orders = {name: own for name, own in orders.items() if own is not None or texts}
    if not orders:
        return {}
    try:
        rows = narrow_frame(frame, tuple(dict.fromkeys((*orders, *read))))
        complete = reduce(pc.and_, (column.is_valid() for column in rows.columns))
        used = {
            name: _used(rows.column(name), complete, name)
            for name, own in orders.items()
            if own or _is_text(rows, name)
        }
    except _UNREADABLE:
        return {}
    found: dict[str, str] = {}
    for name, labels in used.items():
        first = next((one for one in orders[name] or sorted(labels) if one in labels), None)
        if first is not None and first != min(labels, key=label_order):
            found[name] = first
    return found


def _used(column: pa.ChunkedArray, complete: pa.ChunkedArray, name: str) -> frozenset[str]:
    """Return the labels of the rows that are complete."""
    column = column.cast(pa.string()) if pa.types.is_string_view(column.type) else column
    return frozenset(one for one in label_texts(pc.unique(column.filter(complete)), name) if one is not None)


def _is_text(rows: pa.Table, name: str) -> bool:
    kind = rows.schema.field(name).type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _labels(frame: Any, name: str, *, any_categories: bool = False) -> tuple[str, ...]:
    of_file = isinstance(frame, str | Path)
    categories = _of_file(Path(frame), name) if of_file else _of_frame(frame, name, any_categories=any_categories)
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


def _of_frame(frame: Any, name: str, *, any_categories: bool) -> pa.Array | None:
    """Return the categories of a column that some row has, in their order.

    Args:
        any_categories: of a pandas categorical that is not said to be ordered too.
    """
    if isinstance(frame, pd.DataFrame):
        kind = dict(pandas_columns(frame))[name]().dtype
        if isinstance(kind, pd.ArrowDtype):
            ordered = _is_ordered(kind.pyarrow_dtype)
        else:
            ordered = isinstance(kind, pd.CategoricalDtype) and (any_categories or bool(kind.ordered))
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
