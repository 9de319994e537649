"""Opening a narrow frame that code in a sealed kernel handed over: an Arrow file by an unknown hand.

It is read in a sealed worker only. Nothing in it is believed: its size, its columns, their types, and every offset
and character in them are checked before the engine sees a row. The names of columns that it should not have may be
values of records, so no error quotes them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from disclosure.engines.door import narrow_frame
from disclosure.errors import DataError, HandoverError
from disclosure.exchange.files import read_regular

MAXIMUM_FRAME_BYTES = 1 << 30
_UNPACKED = 4
"""How many times its own size a file may hold: repeated dictionaries, not a few bytes that unpack to gigabytes."""

_KINDS: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_decimal128,
    pa.types.is_float32,
    pa.types.is_float64,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_date,
    pa.types.is_timestamp,
    pa.types.is_null,
)


def handed_over_frame(path: Path, columns: tuple[str, ...], *, limit: int = MAXIMUM_FRAME_BYTES) -> pa.Table:
    """Return the narrow frame in an Arrow IPC file: `columns`, in that order, dictionaries decoded.

    Args:
        columns: the columns that it must have, each once, and no others.
        limit: the most bytes that the file may have.

    Raises:
        HandoverError: there is no such file, or it is not such a frame.
        DataError: it has no rows.
    """
    try:
        data = read_regular(path, limit=limit)
    except DataError as error:
        raise HandoverError(error.message, hint=error.hint) from None
    try:
        with pyarrow.ipc.open_file(pa.py_buffer(data)) as reader:
            _require_columns(reader.schema, columns)
            table = _read(reader, limit)
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError):
        raise HandoverError("The narrow frame is not a readable Arrow file.", hint="It may be cut off.") from None
    try:
        return narrow_frame(table, columns)
    except (pa.ArrowException, MemoryError):
        raise HandoverError("The narrow frame has categories that cannot be decoded.") from None


def _read(reader: pa.RecordBatchFileReader, limit: int) -> pa.Table:
    batches, size, rows = [], 0, 0
    for place in range(reader.num_record_batches):
        batch = reader.get_batch(place)
        size, rows = size + batch.nbytes, rows + batch.num_rows
        # A column without values takes no bytes, so rows have a limit of their own.
        if size > _UNPACKED * limit or rows > limit:
            raise HandoverError("The narrow frame unpacks to more than is allowed.")
        batch.validate(full=True)
        batches.append(batch)
    return pa.Table.from_batches(batches, reader.schema)


def _require_columns(schema: pa.Schema, columns: tuple[str, ...]) -> None:
    absent = sum(name not in schema.names for name in columns)
    if absent:
        raise HandoverError(f"The narrow frame lacks {absent} of the {len(columns)} columns of its recipe.")
    if len(schema.names) != len(columns):
        raise HandoverError("The narrow frame has other columns than those of its recipe, or one of them twice.")
    for name in columns:
        kind = schema.field(name).type
        if not _plain(kind.value_type if pa.types.is_dictionary(kind) else kind):
            raise HandoverError(f"The column '{name}' of the narrow frame is of a type that no recipe can use.")


def _plain(kind: pa.DataType) -> bool:
    """Tell whether such a column holds numbers, texts or dates. Extensions, for one, bring code of their own."""
    return any(is_kind(kind) for is_kind in _KINDS)
