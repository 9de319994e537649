"""The fields that signed documents are made of: checked when a value is built and again when a document is read.

Each function returns the value it was given, or raises `DocumentError` naming the field. No message holds the value:
a document may come from outside, and its text must not reach a terminal or a log through an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import is_digest
from disclosure.exchange.lines import is_line

LARGEST_INTEGER = 2**53 - 1  # beyond this a JSON number is no longer exact everywhere
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
_LINE_LIMIT = 300

Member = TypeVar("Member", bound=StrEnum)
Item = TypeVar("Item")


def exactly(document: Any, names: Collection[str], what: str) -> dict[str, Any]:
    """Return `document` if it is an object with exactly the fields `names`."""
    if not isinstance(document, dict):
        raise DocumentError(f"{what}: expected an object.")
    if set(document) != set(names):
        missing = sorted(set(names) - set(document))
        text = f"missing: {', '.join(missing)}" if missing else "it has fields that this version does not know"
        raise DocumentError(f"{what}: {text}.", hint=f"Expected exactly: {', '.join(sorted(names))}.")
    return document


def schema(document: dict[str, Any], expected: str, what: str) -> None:
    """Refuse a document of another schema or version."""
    if document.get("schema") != expected:
        raise DocumentError(f"{what}: unknown schema.", hint=f"This version reads '{expected}'.")


def identifier(value: Any, what: str) -> str:
    """Return a name of a camp, team, person, request or rule, for example ``team-3``."""
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        raise DocumentError(
            f"{what}: expected a short name.",
            hint="Letters, digits, '.', '_', '@' and '-', at most 100, for example 'team-3'.",
        )
    return value


def file_name(value: Any, what: str) -> str:
    """Return a file name that every system can write and none can misread: no path, no leading dot, no device."""
    if not isinstance(value, str) or not _FILE_NAME.fullmatch(value) or value.endswith("."):
        raise DocumentError(
            f"{what}: expected a plain file name.", hint="Letters, digits, '.', '_' and '-', for example 'income.csv'."
        )
    if value.split(".")[0].lower() in _DEVICES:
        raise DocumentError(f"{what}: the name of a device is no file name.")
    return value


def line(value: Any, what: str) -> str:
    """Return one line of visible text; ingest holds titles to the same rule, so that what is taken in can be signed."""
    if not isinstance(value, str) or not is_line(value, limit=_LINE_LIMIT):
        raise DocumentError(f"{what}: expected one line of 1 to {_LINE_LIMIT} visible characters.")
    return value


def moment(value: Any, what: str) -> str:
    """Return a time in UTC to the second, ``2025-03-01T12:00:00Z``."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return value
    raise DocumentError(f"{what}: expected a time in UTC, for example '2025-03-01T12:00:00Z'.")


def moment_text(time: datetime) -> str:
    """Return an aware `time` in the form that `moment` accepts."""
    if time.tzinfo is None:
        raise DocumentError("A time without a time zone cannot be signed.")
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def count(value: Any, what: str, *, least: int = 0) -> int:
    """Return a whole number from `least` to 2**53 - 1; True is not a number."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LARGEST_INTEGER:
        raise DocumentError(f"{what}: expected a whole number of at least {least}.")
    return value


def digest_text(value: Any, what: str) -> str:
    """Return a digest, ``sha256:`` and 64 hexadecimal digits."""
    if not is_digest(value):
        raise DocumentError(f"{what}: expected a digest, 'sha256:' and 64 hexadecimal digits.")
    return str(value)


def member(kind: type[Member], value: Any, what: str) -> Member:
    """Return the member of the closed enum `kind` that `value` spells."""
    try:
        return kind(value)
    except ValueError:
        expected = ", ".join(repr(known.value) for known in kind)
        raise DocumentError(f"{what}: unknown.", hint=f"Expected one of: {expected}.") from None


def of_kind(value: object, kind: type, what: str) -> None:
    """Refuse a value that is not of `kind`: annotations alone do not hold at run time."""
    if not isinstance(value, kind):
        raise DocumentError(f"{what}: expected a {kind.__name__}.")


def each(values: Any, what: str, read: Callable[[Any], Item]) -> tuple[Item, ...]:
    """Return the members of a JSON list, each through `read`."""
    if not isinstance(values, list):
        raise DocumentError(f"{what}: expected a list.")
    return tuple(read(value) for value in values)


def distinct(values: Collection[str], what: str) -> None:
    """Refuse a list that names something twice; upper and lower case count as the same."""
    if len({value.casefold() for value in values}) != len(values):
        raise DocumentError(f"{what}: something is named twice.")
