"""Rows of a registered data set that R asks for: those whose columns have one of some values.

R has no lazy table, so what it reads it reads whole. Named values select before anything is read; a condition that is
code would have to be taken apart and checked, and is for Python's lazy tables.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from disclosure.errors import BadInputError
from disclosure.texts import text

_EXAMPLE: Final = 'sdc.data("INHATAB", where = list(GEMEENTE = c("0518", "0599")))'
_LARGEST_WHOLE: Final = 2**53


def selected(table: Any, where: Any) -> Any:
    """Return the rows of a lazy table in which each column of `where` has one of its values.

    Args:
        table: an Ibis table.
        where: columns and their values, one or a list; texts for columns of text, ISO dates for dates.

    Raises:
        BadInputError: there is no such column, it holds fractions or moments, or a value is not of its type.
    """
    if not isinstance(where, Mapping) or not where:
        raise BadInputError(
            text("The rows to take are told by columns and their values."),
            hint=text("For example {example}.", example=_EXAMPLE),
        )
    conditions = []
    for column, told in where.items():
        if column not in table.columns:
            raise BadInputError(
                text("The data set has no such column."), hint=text("Here: {names}.", names=", ".join(table.columns))
            )
        values = told if isinstance(told, list) else [told]
        kind = table[column].type()
        if not values or not all(_fits(value, kind) for value in values):
            raise _refused(str(column), kind)
        conditions.append(table[column].isin([_plain(value, kind) for value in values]))
    return table.filter(*conditions)


def _fits(value: Any, kind: Any) -> bool:
    if kind.is_boolean():
        return isinstance(value, bool)
    if kind.is_integer():
        # R holds most whole numbers as doubles.
        whole = type(value) is int or (type(value) is float and value.is_integer())
        return whole and abs(value) <= _LARGEST_WHOLE
    if kind.is_date():
        return isinstance(value, str) and _is_date(value)
    return bool(kind.is_string()) and isinstance(value, str)


def _plain(value: Any, kind: Any) -> Any:
    if kind.is_date():
        return datetime.date.fromisoformat(value)
    return int(value) if kind.is_integer() else value


def _is_date(value: str) -> bool:
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _refused(column: str, kind: Any) -> BadInputError:
    if kind.is_string():
        return BadInputError(text("'{column}' holds texts: write its values between quotes.", column=column))
    if kind.is_integer():
        return BadInputError(text("'{column}' holds whole numbers: write its values without quotes.", column=column))
    if kind.is_boolean():
        return BadInputError(text("'{column}' is true or false: write TRUE or FALSE.", column=column))
    if kind.is_date():
        return BadInputError(text("'{column}' holds dates: write its values as 2023-12-31.", column=column))
    return BadInputError(
        text("'{column}' holds neither texts nor whole numbers, dates or truth values.", column=column),
        hint=text("Rows are taken by what is the same; read the column, and select in R."),
    )
