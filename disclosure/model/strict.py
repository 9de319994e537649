"""Parsed JSON, taken strictly: a value is of the type that was expected, or the document does not follow its schema.

What these raise is for the reader of a whole document, who turns it into one error that quotes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def text(value: Any) -> str:
    """Return a text; `TypeError` if it is none."""
    if type(value) is not str:
        raise TypeError
    return value


def texts(value: Any) -> tuple[str, ...]:
    """Return a list of texts; `TypeError` if it is none."""
    return tuple(text(one) for one in listed(value))


def listed(value: Any) -> list[Any]:
    """Return a list; `TypeError` if it is none: a text and a mapping can be gone through as well."""
    if type(value) is not list:
        raise TypeError
    return value


def pair(value: Any) -> tuple[str, str]:
    """Return a list of two texts; `TypeError` or `ValueError` if it is none."""
    first, second = listed(value)
    return text(first), text(second)


def truth(value: Any) -> bool:
    """Return true or false; `TypeError` for everything else, also 0 and 1."""
    if type(value) is not bool:
        raise TypeError
    return value


def whole(value: Any) -> int:
    """Return a whole number; `TypeError` for everything else, also true and 1.0."""
    if type(value) is not int:
        raise TypeError
    return value


def table(value: Any, keys: Collection[str]) -> dict[str, Any]:
    """Return an object with exactly these keys; `TypeError` if it is none."""
    if type(value) is not dict or set(value) != set(keys):
        raise TypeError
    return value
