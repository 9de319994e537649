"""Columns as arrays of whole numbers: labels become small codes, unit keys words of 64 bits, values fixed-point.

Nothing is rounded but a floating value to its fixed point, once, as the general engine does. Whatever does not fit,
or that somebody must be told about, is left to that engine (`NotAsArrays`).
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.engines.array_labels import Lookup, learned, short_texts
from disclosure.engines.labels import PRECISION, label
from disclosure.engines.lost_digits import loses_digits
from disclosure.model.recipes import Recoding

Whole = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

_BLANKS = " \t\n\r\v\f"
_LONGEST_KEY = 64
_WORD = 8


class NotAsArrays(Exception):  # noqa: N818 - it is no error: the general engine takes over
    """These rows are for the general engine, which knows every type and has a message for every fault."""


class Codes:
    """The codes of one dimension: a number from 0 for each label that has been seen, in no particular order."""

    def __init__(self, dimension: str, recodings: tuple[Recoding, ...]) -> None:
        self._dimension = dimension
        self._recodings = tuple(dict(one.mapping) for one in recodings if one.dimension == dimension)
        self._known: dict[str | None, int] = {}
        self._lookups: dict[int, Lookup] = {}
        self._lock = threading.Lock()

    @property
    def labels(self) -> tuple[str | None, ...]:
        """The label of each code."""
        return tuple(self._known)

    def of(self, column: pa.Array) -> npt.NDArray[Any]:
        """Return the code of each row."""
        column = column.cast(pa.large_string()) if pa.types.is_string_view(column.type) else column
        if not _can_be_dimension(column.type.value_type if pa.types.is_dictionary(column.type) else column.type):
            raise NotAsArrays
        texts = None if any(one.full for one in self._lookups.values()) else short_texts(column)
        if texts is not None and texts.size in self._lookups:
            seen = self._lookups[texts.size].codes(texts.words)
            if seen is not None:
                return seen
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        indices = encoded.indices
        labels = label_texts(encoded.dictionary, self._dimension)
        if indices.null_count:
            indices, labels = pc.fill_null(indices, len(labels)), [*labels, None]
        own = self._numbered(labels)
        if texts is not None and (distinct := short_texts(encoded.dictionary)) is not None:
            # No lock: if two pieces are read at a time, what one of them has learned may be learned again.
            self._lookups = learned(self._lookups, distinct, own)
        codes: npt.NDArray[Any] = np.take(own, indices.to_numpy(zero_copy_only=False))
        return codes

    def _numbered(self, labels: list[str | None]) -> npt.NDArray[Any]:
        for mapping in self._recodings:
            labels = [one if one is None else mapping.get(one, one) for one in labels]
        with self._lock:
            numbers = [self._known.setdefault(one, len(self._known)) for one in labels]
        return np.array(numbers, dtype=np.uint16 if max(numbers, default=0) < 2**16 else np.int32)


def _can_be_dimension(kind: pa.DataType) -> bool:
    return any(
        is_kind(kind)
        for is_kind in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_integer,
            pa.types.is_boolean,
            pa.types.is_float32,
            pa.types.is_float64,
            pa.types.is_decimal128,
            pa.types.is_date32,
            _is_local_time,
        )
    )


def _is_local_time(kind: pa.DataType) -> bool:
    return pa.types.is_timestamp(kind) and kind.tz is None


def label_texts(values: pa.Array, name: str) -> list[str | None]:
    """Return the label of each value, as the general engine would write it."""
    kind = values.type
    try:
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return list(values.to_pylist())
        if pa.types.is_integer(kind):
            return [None if one is None else str(one) for one in values.to_pylist()]
    except UnicodeDecodeError:
        raise NotAsArrays from None
    if pa.types.is_boolean(kind):
        return [None if one is None else str(one).lower() for one in values.to_pylist()]
    return _labels_by_engine(values, name)


def _labels_by_engine(values: pa.Array, name: str) -> list[str | None]:
    # Imported here because that module's other half needs no arrays, and this one no connection in most cases.
    from disclosure.engines.connection import closed_connection, engine_errors

    with closed_connection(1) as connection, engine_errors():
        connection.con.register("values_of_a_column", pa.table({"place": np.arange(len(values)), "one": values}))
        table = connection.table("values_of_a_column")
        found = table.select(place=table.place, text=label(table.one, name)).order_by("place").to_pyarrow()
    texts: list[str | None] = found.column("text").to_pylist()
    if not pa.types.is_string(found.column("text").type) or len(texts) != len(values):
        raise NotAsArrays
    return texts


def scale_of(kind: pa.DataType, decimals: int) -> int:
    """Return at how many decimals `fixed_numbers` gives a column of that type: its own where that is exact."""
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return 0
    if pa.types.is_decimal128(kind) and 0 <= kind.scale <= decimals:
        return int(kind.scale)
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return decimals
    raise NotAsArrays


def fixed_numbers(column: pa.Array, decimals: int) -> tuple[Whole, Mask | None]:
    """Return a column as whole numbers at `scale_of` decimals, 0 where missing, and where it has a value.

    The mask is None if no value is missing.

    Raises:
        NotAsArrays: a value does not fit `PRECISION` digits at `decimals` decimals.
    """
    kind, scale = column.type, scale_of(column.type, decimals)
    there = np.asarray(column.is_valid().to_numpy(zero_copy_only=False)) if column.null_count else None
    if pa.types.is_floating(kind):
        plain = (column.fill_null(0.0) if there is not None else column).to_numpy(zero_copy_only=False)
        unknown = np.isnan(plain)
        if unknown.any():
            there = ~unknown if there is None else there & ~unknown
            plain = np.where(unknown, 0.0, plain)
        return _rounded(plain.astype(np.float64, copy=False), scale), there
    if pa.types.is_decimal128(kind):
        numbers = _decimal_numbers(column, there)
    else:
        filled = column.fill_null(False if pa.types.is_boolean(kind) else 0) if there is not None else column
        plain = filled.to_numpy(zero_copy_only=False)
        if plain.dtype == np.uint64 and plain.max(initial=0) >= 2**63:
            raise NotAsArrays
        numbers = plain.astype(np.int64, copy=False)
    if largest(numbers) >= 10 ** (PRECISION - decimals + scale):
        raise NotAsArrays
    return numbers, there


def _rounded(plain: npt.NDArray[np.float64], scale: int) -> Whole:
    """Return floats at a fixed point: multiplied as floats, then rounded to the nearest, halves away from zero.

    Raises:
        NotAsArrays: a value does not fit, or rounding takes away digits that somebody sees.
    """
    with np.errstate(over="ignore"):
        large = plain * float(10**scale)
    if len(large) and not max(-float(large.min()), float(large.max())) < 10.0**PRECISION:
        raise NotAsArrays
    whole = np.trunc(large)
    whole += np.copysign(np.abs(large - whole) >= 0.5, large)
    if loses_digits(large, whole):
        raise NotAsArrays
    return whole.astype(np.int64)


def _decimal_numbers(column: pa.Array, there: Mask | None) -> Whole:
    halves = np.frombuffer(column.buffers()[1], dtype="<i8")[2 * column.offset : 2 * (column.offset + len(column))]
    low, high = halves[0::2], halves[1::2]
    if there is not None:
        low, high = np.where(there, low, 0), np.where(there, high, 0)
    if (high != low >> 63).any():
        raise NotAsArrays
    return np.ascontiguousarray(low)


def largest(numbers: Whole) -> int:
    """Return the largest size of any of the numbers, 0 if there are none."""
    return max(-int(numbers.min()), int(numbers.max())) if len(numbers) else 0


def unit_words(column: pa.Array) -> tuple[Words, ...]:
    """Return a unit key column as words of 64 bits: two rows have the same words exactly if they have the same key.

    A shorter text has fewer words; those that it lacks are zero, which no byte of a key is.

    Raises:
        NotAsArrays: a key is missing, blank or no whole number, which the general engine has words for.
    """
    kind = column.type
    if column.null_count:
        raise NotAsArrays
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _text_words(column)
    if pa.types.is_decimal128(kind):
        halves = np.frombuffer(column.buffers()[1], dtype="<u8")[2 * column.offset : 2 * (column.offset + len(column))]
        return np.ascontiguousarray(halves[0::2]), np.ascontiguousarray(halves[1::2])
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        plain = column.to_numpy(zero_copy_only=False).astype(np.float64)
        if not (np.abs(plain) < 2.0**63).all() or (plain != np.trunc(plain)).any():
            raise NotAsArrays
        return (plain.astype(np.int64).view(np.uint64),)
    if pa.types.is_date32(kind):
        column = column.view(pa.int32())
    elif pa.types.is_timestamp(kind):
        column = column.view(pa.int64())
    elif not pa.types.is_integer(kind):
        raise NotAsArrays
    plain = column.to_numpy(zero_copy_only=False)
    whole = plain if plain.dtype == np.uint64 else plain.astype(np.int64, copy=False).view(np.uint64)
    return (whole,)


def _text_words(column: pa.Array) -> tuple[Words, ...]:
    column = column if pa.types.is_large_string(column.type) else column.cast(pa.large_string())
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    if len(column) == 0:
        return (np.zeros(0, dtype=np.uint64),)
    if not len(text := _bytes_of(column, offsets)) or (text == 0).any():
        raise NotAsArrays
    lengths = np.diff(offsets)
    if not lengths.all():
        raise NotAsArrays
    first, last = text[offsets[:-1] - offsets[0]], text[offsets[1:] - 1 - offsets[0]]
    blank = np.frombuffer(_BLANKS.encode(), dtype=np.uint8)
    if np.isin(first, blank).any() or np.isin(last, blank).any():
        # Blanks around a text are padding, not part of the key.
        return _text_words(pc.utf8_trim(column, characters=_BLANKS))
    longest = int(lengths.max())
    if longest > _LONGEST_KEY:
        raise NotAsArrays
    words = -(-longest // _WORD)
    padded = np.zeros((len(column), words * _WORD), dtype=np.uint8)
    if (lengths == longest).all():
        padded[:, :longest] = text.reshape(len(column), longest)
    else:
        for place in range(longest):
            rows = np.flatnonzero(lengths > place)
            padded[rows, place] = text[offsets[:-1][rows] + place - offsets[0]]
    found = padded.view("<u8")
    return tuple(np.ascontiguousarray(found[:, word]) for word in range(words))


def _bytes_of(column: pa.Array, offsets: Whole) -> npt.NDArray[np.uint8]:
    data = column.buffers()[2]
    if data is None:
        return np.zeros(0, dtype=np.uint8)
    return np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]
