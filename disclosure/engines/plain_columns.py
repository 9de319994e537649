"""Columns of any frame in the types that every engine knows: what they are called, and how their values are spelled.

A duration and a time of day become texts, a period and an interval too. A moment with a time zone is the time on the
clocks there: as a moment in Greenwich, the first of January would begin on the last of December.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import ColumnError
from disclosure.texts import text

_SECONDS: Final = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_DAY: Final = 86_400


def is_deferred(frame: Any) -> bool:
    """Tell whether a frame is a polars query that was not carried out yet."""
    return callable(getattr(frame, "collect", None)) and callable(getattr(frame, "collect_schema", None))


def pandas_columns(frame: pd.DataFrame) -> tuple[tuple[str, Callable[[], pd.Series[Any]]], ...]:
    """Return the columns of a pandas frame by name, and behind them the named levels of its index that are no columns.

    Raises:
        ColumnError: a name is neither a text nor a whole number.
    """
    if frame.columns.nlevels > 1:
        raise ColumnError(
            text("The columns of the frame have several header rows, so they have no single names."),
            hint=text("Join them: {example}.", example='frame.columns = ["_".join(map(str, one)) for one in frame]'),
        )
    columns = [(_name(name), _column(frame, place)) for place, name in enumerate(frame.columns)]
    known = {name for name, _ in columns}
    levels = [(_name(name), _level(frame, place)) for place, name in enumerate(frame.index.names) if name is not None]
    return (*columns, *(one for one in levels if one[0] not in known))


def _name(name: Any) -> str:
    if isinstance(name, str):
        return name
    if isinstance(name, int | np.integer) and not isinstance(name, bool):
        return str(int(name))
    raise ColumnError(
        text("A column name is neither a text nor a whole number."),
        hint=text("Rename the columns: {example}.", example="frame.columns = frame.columns.astype(str)"),
    )


def _column(frame: pd.DataFrame, place: int) -> Callable[[], pd.Series[Any]]:
    return lambda: frame.iloc[:, place]


def _level(frame: pd.DataFrame, place: int) -> Callable[[], pd.Series[Any]]:
    return lambda: pd.Series(frame.index.get_level_values(place))


def known_to_arrow(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a pandas column of which Arrow takes no such type: periods and intervals as texts, sparse ones in full."""
    kind = column.dtype
    if isinstance(kind, pd.SparseDtype):
        return pd.Series(np.asarray(column))
    if isinstance(kind, pd.CategoricalDtype) and isinstance(kind.categories.dtype, pd.IntervalDtype | pd.PeriodDtype):
        return column.cat.rename_categories(str)
    return column.astype("string") if isinstance(kind, pd.IntervalDtype | pd.PeriodDtype) else column


def _durations(column: pa.Array) -> pa.Array:
    """Return durations as texts, such as "3 days" and "0 days 02:30:00"."""
    encoded = column.dictionary_encode()
    unit = column.type.unit
    texts = [_duration(one, _SECONDS[unit]) for one in encoded.dictionary.cast(pa.int64()).to_pylist()]
    return pa.array(texts, pa.string()).take(encoded.indices)


def _duration(length: int, decimals: int) -> str:
    """Return a duration in units of 10 ** -decimals seconds as a text.

    >>> _duration(86_400, 0), _duration(-9_000_500, 3)
    ('1 day', '-0 days 02:30:00.5')
    """
    seconds, part = divmod(abs(length), 10**decimals)
    days, rest = divmod(seconds, _DAY)
    whole = f"{'-' if length < 0 else ''}{days} {'day' if days == 1 else 'days'}"
    if not rest and not part:
        return whole
    fraction = f".{part:0{decimals}d}".rstrip("0") if part else ""
    return f"{whole} {rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}{fraction}"


def plain(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return an Arrow column with its dictionary decoded, in a type that every engine knows.

    Raises:
        ColumnError: its time zone is not known here.
    """
    if pa.types.is_dictionary(column.type):
        kind = column.type.value_type
        kind = pa.string() if pa.types.is_string_view(kind) else kind  # of which Arrow can take no positions yet
        decoded = [chunk.dictionary.cast(kind).take(chunk.indices) for chunk in column.chunks]
        column = pa.chunked_array(decoded, type=kind)
    kind = column.type
    if pa.types.is_null(kind) or pa.types.is_time(kind):
        return column.cast(pa.string())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    if pa.types.is_duration(kind):
        return pa.chunked_array([_durations(chunk) for chunk in column.chunks], type=pa.string())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        try:
            return pc.local_timestamp(column)
        except pa.ArrowException:
            raise ColumnError(
                text("The time zone of the column '{name}' is not known here.", name=name),
                hint=text("Convert it to local time without a zone: {example}.", example=".dt.tz_localize(None)"),
            ) from None
    return column
