"""Entries of camp.toml, each checked by its kind; every error is a `DocumentError` that names the entry."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from disclosure.errors import DocumentError
from disclosure.model.toml import named

FILE = "camp.toml"

PROGRAMS = frozenset({"broker", "gate", "intake", "organiser", "release", "system", "tabulation"})
"""Names under which programs write into the log and take steps; "organiser" is that of a command."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_STATEMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(?:txt|md)")


def check_known(entry: Any, keys: set[str], what: str) -> None:
    """Refuse what is no table, or a table with other entries than these."""
    if not isinstance(entry, dict):
        raise DocumentError(f"{FILE}: {what} must be a table.")
    for key in entry:
        if key not in keys:
            raise DocumentError(f"{FILE}: '{named(key)}' is not an entry of {what}.", hint=f"Known: {sorted(keys)}.")


def tables_of(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the tables under a key, none if it is absent."""
    entries = document.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DocumentError(f"{FILE}: expected [[{key}]] tables.")
    return entries


def some_of(names: Any, known: set[str]) -> bool:
    """Tell whether this is a list of some of the names that are known."""
    return isinstance(names, list) and all(isinstance(name, str) and name in known for name in names)


def check_once(names: list[str], what: str) -> None:
    """Refuse names of which one comes twice."""
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DocumentError(f"{FILE}: {what} names {doubled} more than once.")


def name_of(value: Any, what: str) -> str:
    """Return the name of a camp, team or person."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise DocumentError(f"{FILE}: {what} has up to 31 small letters, digits and hyphens.")
    return value


def person_of(value: Any) -> str:
    """Return the name of a person: none under which a program writes into the log.

    >>> person_of("vera")
    'vera'
    """
    name = name_of(value, "people.name")
    if name in PROGRAMS:
        raise DocumentError(
            f"{FILE}: '{name}' is no name of a person: a program writes into the log under it.",
            hint="Nobody could tell the two apart. Choose another account name.",
        )
    return name


def text_of(document: Mapping[str, Any], key: str) -> str:
    """Return a text that must be there."""
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise DocumentError(f"{FILE}: expected {key}, a text.")
    return value


def file_of(value: Any) -> str:
    """Return the name of the statement's file, empty if there is none."""
    if not isinstance(value, str) or (value and not _STATEMENT.fullmatch(value)):
        raise DocumentError(f"{FILE}: statement is the name of a file beside it that ends in .txt or .md.")
    return value


def count_of(entry: Mapping[str, Any], key: str, usual: int, low: int = 1) -> int:
    """Return a whole number from `low` to a million."""
    value = entry.get(key, usual)
    if type(value) is not int or not low <= value <= 1_000_000:
        raise DocumentError(f"{FILE}: {key} is a whole number, {low} or more.")
    return value


def check_roles(name: str, roles: Collection[str]) -> None:
    """Refuse roles that one person does not have together in a camp."""
    if "reviewer" in roles and "organiser" in roles:
        raise DocumentError(f"{FILE}: {name} is an organiser, who is never a reviewer in the same camp.")
    other = next((role for role in ("reviewer", "researcher") if role in roles), None)
    if "auditor" in roles and other is not None:
        raise DocumentError(
            f"{FILE}: {name} is an auditor, who is never a {other} in the same camp.",
            hint="An auditor reads every vote and note at once; who votes, or is voted on, must not.",
        )
