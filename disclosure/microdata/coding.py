"""Columns as numbers: codes of categories, weights, and which records belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import ColumnError, DataError
from disclosure.model.key_variables import KeyVariables
from disclosure.model.microdata import Numbers, Places
from disclosure.texts import text

Codes = npt.NDArray[np.int32]
MISSING = -1
_FEW = 40
FEW_TEXTS = 10
"""So many texts may be classes, however few records there are."""
_MOST_NUMBERS = 1000
_WIDEST = 1 << 62


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of categories.

    Attributes:
        name: of the column.
        codes: from 0, in order of first appearance; `MISSING` where there is none.
        size: the number of categories.
    """

    name: str
    codes: Codes = field(repr=False)
    size: int


@dataclass(frozen=True, eq=False)
class Groups:
    """Which records belong together: a number from 0 to `count` - 1 for each."""

    number: Places = field(repr=False)
    count: int

    def sizes(self) -> Places:
        """Return how many records each group has."""
        return np.bincount(self.number, minlength=self.count).astype(np.int64)

    def sums(self, amounts: Numbers) -> Numbers:
        """Return what the amounts of each group come to."""
        return np.asarray(np.bincount(self.number, weights=amounts, minlength=self.count), dtype=np.float64)


def require_columns(frame: pa.Table, columns: Sequence[str]) -> None:
    """Refuse a frame without rows, and one that does not have each of these columns once."""
    if frame.num_rows == 0:
        raise DataError(text("The file has no records."), hint=text("Check the filters."))
    for name in columns:
        if frame.schema.names.count(name) != 1:
            raise ColumnError(
                text("There is no one column '{name}' in the file.", name=name),
                hint=text("Check the spelling; names are told apart by case."),
            )


def coded(frame: pa.Table, name: str) -> Coded:
    """Return a column as codes of its categories; no number counts as missing.

    Raises:
        ColumnError: it is of a kind that has no categories, such as lists.
    """
    column = frame.column(name)
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_nested(kind):
        raise ColumnError(text("The column '{name}' has no categories.", name=name), hint=text("Name another column."))
    if pa.types.is_null(kind):
        return Coded(name, np.full(len(column), MISSING, dtype=np.int32), 0)
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(found, pa.ChunkedArray):
        found = pa.concat_arrays(found.chunks)
    encoded = found.dictionary_encode()
    codes = encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Coded(name, codes, len(encoded.dictionary))


def coded_keys(frame: pa.Table, keys: KeyVariables) -> tuple[Coded, ...]:
    """Return the key variables as codes.

    Raises:
        DataError: there are no records.
        ColumnError: a column is not there; a key variable has no values, or values that are no categories.
    """
    require_columns(frame, keys.columns)
    found = tuple(coded(frame, name) for name in keys.categorical)
    for one in found:
        if one.size == 0:
            raise ColumnError(
                text("The key variable '{name}' has no values.", name=one.name), hint=text("Leave it out of the keys.")
            )
        _refuse_measures(frame, one)
    return found


def _refuse_measures(frame: pa.Table, column: Coded) -> None:
    """Refuse a key variable that measures or identifies: risk by frequencies says nothing of it."""
    kind = frame.schema.field(column.name).type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    fractions = pa.types.is_floating(kind) and _has_fractions(frame.column(column.name))
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    many = numeric and column.size > _MOST_NUMBERS
    if fractions or many or is_own(column):
        raise ColumnError(
            text("The key variable '{name}' is a measure or an identifier, not a category.", name=column.name),
            hint=text("Recode it into classes first, or leave it out of the keys."),
        )


def is_own(column: Coded, *, few: int = _FEW) -> bool:
    """Tell whether most records have a category of their own, so that it says whose they are; `few` never do."""
    return column.size > few and 2 * column.size > int((column.codes != MISSING).sum())


def is_text(frame: pa.Table, name: str) -> bool:
    """Tell whether a column holds texts, or bytes, which may be texts."""
    kind = frame.schema.field(name).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    sizes = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return bool(texts or any(one(kind) for one in sizes))


def _has_fractions(column: pa.ChunkedArray) -> bool:
    values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    known = values[np.isfinite(values)]
    return bool((known != np.floor(known)).any())


def numbers(frame: pa.Table, name: str) -> Numbers:
    """Return a column of numbers as floats; NaN where missing.

    Raises:
        ColumnError: it holds no numbers, or infinite ones.
    """
    column = frame.column(name)
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise ColumnError(text("The column '{name}' holds no numbers.", name=name), hint=text("Name another column."))
    values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    if np.isinf(values).any():
        raise ColumnError(
            text("The column '{name}' holds infinite numbers.", name=name), hint=text("Make them missing first.")
        )
    return values


def weights(frame: pa.Table, name: str) -> Numbers:
    """Return the sampling weights.

    Raises:
        ColumnError: one is missing, or is not over 0.
    """
    found = numbers(frame, name)
    if not (found > 0).all():
        raise ColumnError(
            text("The weights '{name}' are not all there and over 0.", name=name),
            hint=text("Every record of a sample stands for at least itself: repair the weights."),
        )
    return found


def members_of(groups: Groups) -> Sequence[Places]:
    """Return the places of the records of each group, in the order of the file."""
    order = np.argsort(groups.number, kind="stable")
    return np.split(order, np.cumsum(groups.sizes())[:-1])


def grouped(columns: Sequence[Coded]) -> Groups:
    """Return which records have the same codes, missing being a code too.

    Args:
        columns: at least one, of the same length.

    >>> two = Coded("a", np.array([0, 0, 1]), 2), Coded("b", np.array([0, 0, -1]), 1)
    >>> grouped(two).number.tolist()
    [0, 0, 1]
    """
    number = columns[0].codes.astype(np.int64) + 1
    width = columns[0].size + 1
    for column in columns[1:]:
        if width * (column.size + 1) >= _WIDEST:
            number, width = _numbered(number, width)
        number = number * (column.size + 1) + (column.codes + 1)
        width *= column.size + 1
    return Groups(*_numbered(number, width))


def _numbered(number: Places, width: int) -> tuple[Places, int]:
    """Return numbers without gaps, and how many there are."""
    if width <= 4 * len(number) + 1024:
        present = np.bincount(number, minlength=width) > 0
        places = np.cumsum(present) - 1
        return places[number].astype(np.int64, copy=False), int(present.sum())
    encoded = pa.array(number).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)
