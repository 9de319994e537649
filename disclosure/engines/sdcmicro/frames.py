r"""Frames as files that both sides read exactly: a folder per frame, one file of bytes per column.

Text would be read twice by two parsers: csv parts neither a missing text from an empty one nor the text NA from none,
and rounds the last digit of some numbers. So numbers travel as the eight or four bytes that they are, and categories
and texts as whole numbers into a list of levels in JSON. Missing is missing: R's NA on one side, null on the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import ColumnError, DataError
from disclosure.texts import text

INDEX: Final = "frame.json"
_SMALLEST: Final = -(2**31)
"""How R writes a missing whole number; so it is no number itself."""
_EXACT: Final = 2**53
MOST_COLUMNS: Final = 5_000


class ColumnKind(StrEnum):
    """What a column is in R."""

    INTEGER = "integer"
    DOUBLE = "double"
    LOGICAL = "logical"
    FACTOR = "factor"
    CHARACTER = "character"


@dataclass(frozen=True)
class _Stored:
    kind: ColumnKind
    values: npt.NDArray[Any]
    levels: tuple[str, ...] | None = None


def write_frame(table: pa.Table, folder: Path) -> None:
    """Write a frame into a new folder.

    Args:
        table: columns of whole numbers, numbers, truth values, texts or categories (dictionaries of texts).

    Raises:
        ColumnError: a column is of another type, has a number that R cannot hold, or has no name.
    """
    names = table.column_names
    if not names or len(set(names)) != len(names) or len(names) > MOST_COLUMNS or not all(names):
        raise ColumnError(text("The columns of a frame are named once each."))
    folder.mkdir(parents=True)
    entries = []
    for place, name in enumerate(names):
        stored = _stored(name, table.column(name))
        stored.values.tofile(folder / f"{place}.bin")
        if stored.levels is not None:
            data = json.dumps(stored.levels, ensure_ascii=False)
            (folder / f"{place}.json").write_text(data, encoding="utf-8")
        entries.append({"name": name, "kind": stored.kind.value})
    index = {"rows": table.num_rows, "columns": entries}
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


def read_frame(folder: Path) -> pa.Table:
    """Return the frame in a folder; whole numbers are 64 bits wide, categories a dictionary of texts.

    Raises:
        DataError: the folder holds no such frame, or half of one.
    """
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        rows, entries = index["rows"], index["columns"]
        columns = [_read(folder, place, ColumnKind(one["kind"]), rows) for place, one in enumerate(entries)]
        return pa.table(columns, names=[str(one["name"]) for one in entries])
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        raise DataError(text("What came back from sdcMicro is no whole frame.")) from None


def _stored(name: str, column: pa.ChunkedArray) -> _Stored:
    kind = column.type
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _coded(name, column)
    if pa.types.is_boolean(kind):
        return _Stored(ColumnKind.LOGICAL, _filled(column.cast(pa.int32())))
    if pa.types.is_integer(kind):
        return _whole(name, column)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _Stored(ColumnKind.DOUBLE, _finite(name, column))
    if pa.types.is_null(kind):
        return _Stored(ColumnKind.LOGICAL, np.full(len(column), _SMALLEST, dtype=np.int32))
    raise ColumnError(
        text("The column '{name}' is of a type that sdcMicro does not take.", name=name),
        hint=text("Make it a number or a text; recode a date to a year or an age."),
    )


def _whole(name: str, column: pa.ChunkedArray) -> _Stored:
    if len(column) == column.null_count:
        return _Stored(ColumnKind.INTEGER, np.full(len(column), _SMALLEST, dtype=np.int32))
    bounds = pc.min_max(column).as_py()
    if bounds["min"] > _SMALLEST and bounds["max"] < -_SMALLEST:
        return _Stored(ColumnKind.INTEGER, _filled(column.cast(pa.int32())))
    if max(abs(bounds["min"]), abs(bounds["max"])) > _EXACT:
        raise ColumnError(
            text("The column '{name}' has whole numbers that R cannot hold exactly.", name=name),
            hint=text("Is it a key? Leave it out, or make it a text."),
        )
    return _Stored(ColumnKind.DOUBLE, _finite(name, column.cast(pa.float64())))


def _finite(name: str, column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    values = np.asarray(column.cast(pa.float64()).fill_null(float("nan")).to_numpy(), dtype="<f8")
    if np.isinf(values).any():
        raise ColumnError(text("The column '{name}' has numbers without end.", name=name))
    return values


def _filled(column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    return np.asarray(column.fill_null(_SMALLEST).to_numpy(), dtype="<i4")


def _coded(name: str, column: pa.ChunkedArray) -> _Stored:
    """Return categories in the order that they have, texts in that of their letters; codes begin at 1, as R's do."""
    if pa.types.is_dictionary(column.type):
        whole = column.unify_dictionaries().combine_chunks()
        whole = whole if isinstance(whole, pa.DictionaryArray) else pa.concat_arrays(whole.chunks)
        labels, kind = whole.dictionary, ColumnKind.FACTOR
        if not (pa.types.is_string(labels.type) or pa.types.is_large_string(labels.type)):
            labels = labels.cast(pa.string())
        codes = whole.indices.cast(pa.int32())
        levels = labels.to_pylist()
        if None in levels or len(set(levels)) != len(levels):
            raise ColumnError(text("The column '{name}' has a category twice, or one that is missing.", name=name))
    else:
        encoded = column.cast(pa.large_string()).combine_chunks().dictionary_encode()
        encoded = encoded if isinstance(encoded, pa.DictionaryArray) else pa.concat_arrays(encoded.chunks)
        order = pc.sort_indices(encoded.dictionary).to_numpy()
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        levels = encoded.dictionary.take(pa.array(order)).to_pylist()
        given = encoded.indices.fill_null(0).to_numpy()
        missing = pc.is_null(encoded.indices)
        codes = pa.array(rank[given] if len(rank) else given.astype(np.int32), mask=np.asarray(missing))
        kind = ColumnKind.CHARACTER
    if any("\0" in one for one in levels):
        raise ColumnError(text("The column '{name}' has texts with a sign that R cannot hold.", name=name))
    shifted = pc.add(codes, pa.scalar(1, pa.int32())).fill_null(_SMALLEST)
    return _Stored(kind, np.asarray(shifted.to_numpy(zero_copy_only=False), dtype="<i4"), tuple(levels))


def _read(folder: Path, place: int, kind: ColumnKind, rows: int) -> pa.Array:
    file = folder / f"{place}.bin"
    if kind is ColumnKind.DOUBLE:
        numbers = np.fromfile(file, dtype="<f8")
        _check_rows(numbers, rows)
        return pa.array(numbers, mask=np.isnan(numbers))
    codes = np.fromfile(file, dtype="<i4")
    _check_rows(codes, rows)
    missing = codes == _SMALLEST
    if kind is ColumnKind.INTEGER:
        return pa.array(codes.astype(np.int64), mask=missing)
    if kind is ColumnKind.LOGICAL:
        return pa.array(codes != 0, mask=missing)
    levels: list[Any] = json.loads((folder / f"{place}.json").read_text(encoding="utf-8"))
    if not all(isinstance(one, str) for one in levels) or (~missing & ((codes < 1) | (codes > len(levels)))).any():
        raise ValueError
    indices = pa.array(codes - 1, mask=missing)
    found = pa.DictionaryArray.from_arrays(indices, pa.array(levels, pa.string()))
    return found if kind is ColumnKind.FACTOR else found.cast(pa.string())


def _check_rows(values: npt.NDArray[Any], rows: int) -> None:
    if type(rows) is not int or len(values) != rows:
        raise ValueError
