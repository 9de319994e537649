"""Ibis expressions that turn any column into labels, and any number into the fixed-point type of exact sums."""

from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from disclosure.errors import ColumnError
from disclosure.model.recipes import Recoding
from disclosure.texts import text

PRECISION = 18
_MADE_A_NUMBER = text(
    "numbers that are written as text by .astype(float), a duration by .dt.days, answers by a condition, as "
    '(frame["q"] == "yes")'
)


def missing_to_null(column: ir.Value) -> ir.Value:
    """Return the column with NaN as null: a missing number is missing, however it was written."""
    if isinstance(column, ir.FloatingColumn):
        return ibis.ifelse(column.isnan(), ibis.null(column.type()), column)
    return column


def label(column: ir.Value, name: str) -> ir.StringValue:
    """Return a column's values as canonical text, null where missing.

    The same value gives the same label whatever the type: 1, 1.0 and Decimal("1.00") are all "1".
    """
    kind = column.type()
    if kind.is_string():
        return column
    if kind.is_integer() or kind.is_boolean() or kind.is_date():
        return column.cast("string")
    if kind.is_floating():
        known = missing_to_null(column)
        whole = (known % 1 == 0) & (known.abs() <= 2**53)
        # Tried only: the engine casts every row, also those too large, of which it then takes the other text.
        return ibis.ifelse(whole, known.try_cast("int64").cast("string"), known.cast("string"))
    if kind.is_decimal():
        # Where all digits stand behind the point, the engine writes none before it.
        digits = column.cast("string").re_replace(r"^(-?)\.", r"\10.")
        return ibis.ifelse(digits.contains("."), digits.re_replace(r"\.?0+$", ""), digits)
    if kind.is_timestamp():
        return column.cast("string").re_replace(r" 00:00:00$", "")
    raise ColumnError(
        text("The column '{name}' is of type {kind} and cannot be a dimension.", name=name, kind=kind),
        hint=text("Convert it to text."),
    )


def recoded(labels: ir.StringValue, recodings: tuple[Recoding, ...], dimension: str) -> ir.StringValue:
    """Return labels after the recodings of this dimension, in their order."""
    for recoding in recodings:
        if recoding.dimension == dimension:
            branches = [(labels == code, ibis.literal(into)) for code, into in recoding.mapping]
            labels = ibis.cases(*branches, else_=labels)
    return labels


def fixed_point(column: ir.Value, name: str, decimals: int) -> ir.DecimalValue:
    """Return a numeric column as DECIMAL(18, decimals), null where missing; an overflow is an error of the engine."""
    kind = column.type()
    if kind.is_boolean():
        column = column.cast("int8")
    elif not kind.is_numeric():
        raise ColumnError(
            text("The column '{name}' is of type {kind}, and a number is needed.", name=name, kind=kind),
            hint=text("Make it one first: {example}.", example=_MADE_A_NUMBER),
        )
    return missing_to_null(column).cast(dt.Decimal(PRECISION, decimals))


def unit_key(column: ir.Value, name: str) -> ir.Value:
    """Return a unit's key column, null where it is missing, blank, or a number with a fraction.

    Blanks around a text are padding, not part of the key.
    """
    kind = column.type()
    if kind.is_string():
        return column.strip().nullif("")
    if kind.is_integer() or kind.is_decimal() or kind.is_date() or kind.is_timestamp():
        return column
    if kind.is_floating():
        # A whole number that met missing values on its way is a float; what has a fraction was computed.
        return ibis.ifelse(column % 1 == 0, column, ibis.null(kind))
    raise ColumnError(
        text("The column '{name}' is of type {kind} and cannot identify units.", name=name, kind=kind),
        hint=text("Name the column with the units' key, a whole number or a text; one of another kind as a text."),
    )
