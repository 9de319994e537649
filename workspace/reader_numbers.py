"""Numbers that a file holds as text: which sign is the decimal one, and what they are then.

`1.234` is a thousand in one office and little more than one in another. A column is read with the one sign that makes
numbers of all its values; where both do, and differ, whoever registers the file has to say which.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from disclosure.errors import DataError


class DecimalSign(StrEnum):
    """What stands before the decimals; the other of the two may stand between groups of three digits."""

    COMMA = "comma"
    POINT = "point"


_READINGS: Final = {
    DecimalSign.COMMA: r"^[+-]?(?:(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d*)?|,\d+)(?:[eE][+-]?\d{1,3})?$",
    DecimalSign.POINT: r"^[+-]?(?:(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$",
}
_DECLARE: Final = "Say which with --decimal comma or --decimal point."


def is_text(kind: pa.DataType) -> bool:
    """Return whether a column of a file is text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def decimal_signs(
    batches: Iterable[pa.RecordBatch], names: Iterable[str], declared: DecimalSign | None
) -> dict[str, DecimalSign]:
    """Return the decimal sign of each column, found in all its values.

    Args:
        batches: the rows.
        names: the columns; they hold text.
        declared: by whoever registers the file; None to find it.

    Raises:
        DataError: no sign makes numbers of all values, or both do and differ. It names the column and no value.
    """
    possible = {name: list(DecimalSign) if declared is None else [declared] for name in names}
    signs = dict.fromkeys(possible, False)
    for batch in batches:
        for name, readings in possible.items():
            values = _trimmed(batch.column(name))
            readings[:] = [one for one in readings if _all(values, _READINGS[one])]
            if not readings:
                raise DataError(
                    f"The column '{name}' holds something else than the codebook says: number.",
                    hint="Words are no numbers, and a column has one decimal sign. " + _DECLARE,
                ) from None
            signs[name] = signs[name] or bool(pc.any(pc.match_substring_regex(values, "[.,]")).as_py())
    for name, readings in possible.items():
        if len(readings) > 1 and signs[name]:
            raise DataError(
                f"The decimal sign of the column '{name}' cannot be told: it may separate thousands.", hint=_DECLARE
            )
    return {name: readings[0] for name, readings in possible.items()}


def numbers(values: pa.Array, sign: DecimalSign, target: pa.DataType) -> pa.Array:
    """Return texts as numbers; blank is missing.

    Raises:
        ValueError: one is no number with this sign.
    """
    trimmed = _trimmed(values)
    if not _all(trimmed, _READINGS[sign]):
        raise ValueError
    decimal, thousands = (",", ".") if sign is DecimalSign.COMMA else (".", ",")
    plain = pc.replace_substring(pc.replace_substring(trimmed, thousands, ""), decimal, ".")
    return pc.cast(plain, target)


def _trimmed(values: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def _all(values: pa.Array, reading: str) -> bool:
    # Of no values at all arrow says null.
    return pc.all(pc.match_substring_regex(values, reading)).as_py() is not False
