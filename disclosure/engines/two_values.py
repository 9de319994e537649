"""Columns of two values: which of them there are."""

from __future__ import annotations

from decimal import Decimal

import ibis
import ibis.expr.types as ir

from disclosure.engines.connection import engine_errors
from disclosure.errors import ColumnError
from disclosure.model.recipes import Recipe, Statistic
from disclosure.texts import text


def two_values(base: ir.Table, recipe: Recipe, low: Decimal, high: Decimal) -> tuple[str | None, str | None]:
    """Return the higher and the lower value of a column of two as text, None for both if it has others.

    Raises:
        ColumnError: a rate of a column with other values than 0 and 1.
    """
    if recipe.statistic is Statistic.RATE:
        low, high = Decimal(0), Decimal(1)
    with engine_errors():
        others = base.aggregate(n=((base.v != literal(low, base)) & (base.v != literal(high, base))).sum())
        more = others.to_pyarrow().to_pylist()[0]["n"]
    if more and recipe.statistic is Statistic.RATE:
        raise ColumnError(
            text(
                "A rate needs a column of 0 and 1 (or true and false), and '{value}' has other values.",
                value=recipe.value,
            ),
            hint=text("Derive one first, for example income < threshold."),
        )
    if more:
        return None, None
    if low == high:
        # One value only: a table by this column has one category, and its complement is empty.
        low, high = (low, Decimal(1)) if low == 0 else (Decimal(0), high)
    return plain_number(high), plain_number(low)


def literal(value: Decimal, base: ir.Table) -> ir.Value:
    """Return a number in the type of the value column."""
    return ibis.literal(value, type=base.v.type())


def plain_number(value: Decimal) -> str:
    """Return a number as plain decimal text without idle zeros."""
    digits = format(value, "f")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) or "0"
