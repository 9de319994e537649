"""Columns of evidence in a JSON document: whole numbers exactly, each in one spelling, and nothing that is no number.

A whole number beyond 2**53 is decimal text, since not every reader of JSON keeps it. What these raise is for the reader
of the whole document, as of `disclosure.model.strict`.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from disclosure.model import strict
from disclosure.model.evidence import Amount, Counts, Mask

_EXACT = 2**53 - 1  # the largest whole number that every JSON reader keeps
_LONG = re.compile(r"-?[1-9][0-9]{15,59}", re.ASCII)
_COUNT_LIMIT = 2**40  # more rows than any table has; sums and percentages of counts stay within 64 bits
_CONTRIBUTORS_LIMIT = 16
_TEXT_LIMIT = 10_000


def written(values: Counts | Amount) -> list[int | str]:
    """Return a column as a list of JSON."""
    return [value if -_EXACT <= value <= _EXACT else str(value) for value in values.tolist()]


def counts(values: Any, *, low: int = 0, size: int | None = None) -> Counts:
    """Return a column of so many counts, none below `low`."""
    numbers = _whole(values, size, low)
    require(not numbers or max(numbers) <= _COUNT_LIMIT)
    return np.array(numbers, dtype=np.int64)


def amount(values: Any, size: int, *, low: int | None = None) -> Amount:
    """Return a column of so many whole numbers of any size, none below `low`."""
    return np.array(_whole(values, size, low), dtype=np.object_)


def largest(document: Any, size: int) -> Amount:
    """Return the columns of the largest contributors, shape (size, contributors)."""
    columns = [amount(column, size, low=0) for column in strict.listed(document)]
    require(0 < len(columns) <= _CONTRIBUTORS_LIMIT)
    found = np.empty((size, len(columns)), dtype=np.object_)
    for place, column in enumerate(columns):
        found[:, place] = column
    return found


def mask(values: Any, size: int) -> Mask:
    """Return a column of so many truths."""
    truths = [strict.truth(value) for value in strict.listed(values)]
    require(len(truths) == size)
    return np.array(truths, dtype=np.bool_)


def label(value: Any) -> str | None:
    """Return the label of a category; None is the missing one."""
    return None if value is None else name(value)


def name(value: Any) -> str:
    """Return a text that is whole and no longer than a name or label is."""
    found = strict.text(value)
    require(len(found) <= _TEXT_LIMIT)
    found.encode()  # a half of a character is none
    return found


def require(holds: bool) -> None:
    """Raise `ValueError` unless something holds."""
    if not holds:
        raise ValueError


def _whole(values: Any, size: int | None, low: int | None) -> list[int]:
    numbers = [_number(value) for value in strict.listed(values)]
    require(size is None or len(numbers) == size)
    require(low is None or not numbers or min(numbers) >= low)
    return numbers


def _number(value: Any) -> int:
    # One spelling per number: text only where a JSON number would not be exact.
    if type(value) is int:
        require(-_EXACT <= value <= _EXACT)
        return value
    require(type(value) is str and _LONG.fullmatch(value) is not None)
    number = int(value)
    require(abs(number) > _EXACT)
    return number
