"""Columns as sdcMicro takes them: categories as factors or codes, numbers as they are; and back again."""

from __future__ import annotations

import pyarrow as pa

from disclosure.errors import ColumnError, DataError
from disclosure.microdata.coding import MISSING, coded, numbers, require_columns
from disclosure.model.key_variables import KeyVariables
from disclosure.texts import text


def key_frame(frame: pa.Table, keys: KeyVariables, *, factors: bool = False) -> pa.Table:
    """Return the columns that are named: texts as categories, so that R has factors, and weights as numbers.

    Households are codes: sdcMicro takes a text for no number.

    Args:
        factors: numbers become categories too.
    """
    columns = {}
    for name in keys.columns:
        column = frame[name]
        if name == keys.weights:
            columns[name] = pa.chunked_array([pa.array(numbers(frame, name))])
        elif name == keys.household:
            columns[name] = coded_frame(frame, (name,))[name]
        elif name in keys.categorical and (factors or not _is_number(column.type)):
            columns[name] = _categories(column)
        else:
            columns[name] = column
    return pa.table(columns)


def coded_frame(frame: pa.Table, columns: tuple[str, ...], *, filled: tuple[str, ...] = ()) -> pa.Table:
    """Return columns as codes from 1, for what works on numbers only; missing stays missing.

    Args:
        filled: columns of which missing becomes the code 0.
    """
    found = {}
    for name in columns:
        codes = coded(frame, name).codes
        found[name] = pa.array(codes + 1, mask=None if name in filled else codes == MISSING)
    return pa.table(found)


def with_strata(given: pa.Table, frame: pa.Table, strata: tuple[str, ...]) -> pa.Table:
    """Return a frame with the strata of another beside its columns, as codes; missing is a category of theirs."""
    require_columns(frame, strata)
    made = coded_frame(frame, tuple(name for name in strata if name not in given.column_names), filled=strata)
    for name in made.column_names:
        given = given.append_column(name, made[name])
    return given


def number_frame(frame: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    """Return columns of numbers; none may be missing.

    Raises:
        ColumnError: a column is absent, holds no numbers, or lacks some.
    """
    if not columns:
        raise ColumnError(text("No columns are named."), hint=text("Name at least one column of numbers."))
    require_columns(frame, columns)
    found = {name: pa.array(numbers(frame, name), from_pandas=True) for name in columns}
    for name, values in found.items():
        if values.null_count:
            raise ColumnError(
                text("The column '{name}' has missing numbers.", name=name),
                hint=text("Leave those records out, or fill them first."),
            )
    return pa.table(found)


def as_before(before: pa.Table, after: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    """Return the frame from before with columns replaced by those that came back, in the types that they had.

    Raises:
        DataError: what came back has other rows, or values that are not of the type.
    """
    whole = before
    for name in columns:
        if name not in after.column_names or after.num_rows != before.num_rows:
            raise DataError(text("What came back from sdcMicro is no whole frame."))
        column, kind = after[name], before.schema.field(name).type
        try:
            if pa.types.is_dictionary(column.type):
                column = column.cast(pa.string())
            if pa.types.is_dictionary(kind):
                column = column.cast(kind.value_type).dictionary_encode().cast(kind)
            else:
                column = column.cast(kind)
        except (pa.ArrowException, ValueError):
            raise DataError(text("What came back from sdcMicro is of another type.")) from None
        whole = whole.set_column(whole.schema.get_field_index(name), before.schema.field(name), column)
    return whole


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _categories(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return column
    try:
        texts = column.cast(pa.string())
    except pa.ArrowException:
        raise ColumnError(text("A column has no categories."), hint=text("Name another column.")) from None
    return texts.dictionary_encode()
