"""What a column of a file becomes, given the kind that the codebook says: key, category, number or date."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import DataError
from workspace.reader_numbers import DecimalSign, is_text, numbers

_WHOLE = pa.int64()
_LARGEST_WHOLE = float(1 << 53)


def kind_type(kind: str, found: pa.DataType) -> pa.DataType:
    """Return the type in which a column of this kind is kept, for the type that the file has."""
    if kind in {"key", "category"}:
        return pa.string()
    if kind == "date":
        return pa.date32()
    is_number = pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found)
    return found if is_number else pa.float64()


def as_kind(
    values: pa.Array,
    kind: str,
    target: pa.DataType,
    *,
    name: str,
    digits: int | None = None,
    sign: DecimalSign = DecimalSign.POINT,
) -> pa.Array:
    """Return values as the type that `kind_type` gave.

    Args:
        name: of the column, for errors.
        digits: to how many digits the file writes the numbers of this column, leading zeros included; None if it does
            not say.
        sign: the decimal sign of numbers that are text.

    Raises:
        DataError: they are of another kind; the error names the column and no value.
    """
    try:
        if kind in {"key", "category"}:
            return _text(values, kind, name, digits)
        return _date(values) if kind == "date" else _number(values, target, sign)
    except (pa.ArrowException, ValueError, OverflowError):
        raise DataError(
            f"The column '{name}' holds something else than the codebook says: {kind}.",
            hint="Correct its type in the codebook, or the file.",
        ) from None


def _text(values: pa.Array, kind: str, name: str, digits: int | None) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return pc.cast(values, pa.string())
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        return pc.cast(values, pa.string())
    if kind == "key" and digits is None:
        raise DataError(
            f"The key '{name}' is stored as numbers, which have lost their leading zeros.",
            hint="Store it as text, in SPSS as A or N, and in csv as it is.",
        )
    texts = pc.cast(_whole(values), pa.string())
    return texts if digits is None else pc.utf8_lpad(texts, width=digits, padding="0")


def _whole(values: pa.Array) -> pa.Array:
    if pa.types.is_floating(values.type):
        largest = pc.max(pc.abs(values)).as_py()
        if largest is not None and largest > _LARGEST_WHOLE:
            raise ValueError
        return pc.cast(values, _WHOLE, safe=True)  # refuses fractions
    return values


def _number(values: pa.Array, target: pa.DataType, sign: DecimalSign) -> pa.Array:
    if is_text(values.type):
        return numbers(values, sign, target)
    if pa.types.is_boolean(values.type):
        raise ValueError
    return pc.cast(values, target)


def _date(values: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        trimmed = pc.utf8_trim_whitespace(values)
        plain = pc.replace_substring(pc.if_else(pc.equal(trimmed, ""), None, trimmed), "-", "")
        if pc.any(pc.invert(pc.match_substring_regex(plain, r"^\d{8}$"))).as_py():
            raise ValueError
        iso = pc.replace_substring_regex(plain, r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
        return pc.cast(iso, pa.date32())
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        return pc.cast(values, pa.date32(), safe=False)
    raise ValueError
