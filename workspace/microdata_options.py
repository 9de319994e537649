"""What a step of a plan may say: what is done, with which options, each of its kind."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from disclosure.errors import BadInputError
from disclosure.model.toml import named
from disclosure.texts import Text, text


class Do(StrEnum):
    """What a step does."""

    DROP = "drop"
    PSEUDONYM = "pseudonym"
    RECODE = "recode"
    CLASSES = "classes"
    TOP_CODE = "top_code"
    BOTTOM_CODE = "bottom_code"
    SUPPRESS = "suppress"
    MDAV = "mdav"
    PRAM = "pram"
    NOISE = "noise"


_COUNT: Final = "a whole number above 0"
_SHARE: Final = "a number from 0 to 1"
_NUMBER: Final = "a number"
_RISING: Final = "a list of rising numbers"
_PLACES: Final = "a list of places from 1"
_NAMES: Final = "a list of names of columns"
_PAIRS: Final = "a list of pairs of whole numbers above 0"
A_NAME: Final = "a name"
OPTIONS: Final[Mapping[Do, Mapping[str, str]]] = MappingProxyType(
    {
        Do.DROP: {},
        Do.PSEUDONYM: {"domain": A_NAME},
        Do.RECODE: {"hierarchy": A_NAME, "levels": _COUNT},
        Do.CLASSES: {"breaks": _RISING},
        Do.TOP_CODE: {"at": _NUMBER},
        Do.BOTTOM_CODE: {"at": _NUMBER},
        Do.SUPPRESS: {"k": _COUNT, "combs": _PAIRS, "importance": _PLACES, "strata": _NAMES},
        Do.MDAV: {"k": _COUNT, "strata": _NAMES},
        Do.PRAM: {"least": _SHARE, "alpha": _SHARE, "strata": _NAMES},
        Do.NOISE: {"amount": _NUMBER, "method": A_NAME},
    }
)
"""What each step may say besides `do` and its columns, and of which kind that is."""
NEEDED: Final = {
    Do.RECODE: {"hierarchy"},
    Do.CLASSES: {"breaks"},
    Do.TOP_CODE: {"at"},
    Do.BOTTOM_CODE: {"at"},
    Do.MDAV: {"k"},
    Do.NOISE: {"amount"},
}
ONE_OF: Final = {Do.SUPPRESS: {"k", "combs"}}
"""Of these a step says one."""
DRAWS: Final = frozenset({Do.PRAM, Do.NOISE})
OF_ONE: Final = frozenset({Do.RECODE, Do.CLASSES, Do.TOP_CODE, Do.BOTTOM_CODE})


class PlanError(BadInputError):
    """A plan is malformed, or asks for something outside the closed list of steps."""


def option_of(kind: str, value: Any, where: str) -> Any:
    """Return an option of a kind; sequences become tuples. `PlanError` if it is of another."""
    if kind == _NAMES:
        return names_of(value, where)
    if kind in (_RISING, _PLACES):
        if isinstance(value, list) and value and all(map(_is_number, value)):
            rising = kind == _RISING and value == sorted(set(value))
            if rising or (kind == _PLACES and all(type(one) is int for one in value)):
                return tuple(value)
    elif kind == _PAIRS:
        if isinstance(value, list) and value and all(map(_is_pair, value)):
            return tuple(map(tuple, value))
    elif kind == A_NAME:
        if isinstance(value, str) and value:
            return value
    elif _is_number(value):
        whole = kind == _COUNT and type(value) is int and value > 0
        if whole or (kind == _SHARE and 0 <= value <= 1) or kind == _NUMBER:
            return value
    raise PlanError(wrong_entry(where, kind))


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(one) is int and one > 0 for one in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def names_of(value: Any, where: str) -> tuple[str, ...]:
    """Return a list of names, each there once. `PlanError` if it is anything else."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise PlanError(wrong_entry(where, _NAMES))
    if len(set(value)) < len(value):
        raise PlanError(wrong_entry(where, "no name twice"))
    return tuple(value)


def check_known(entry: Any, keys: set[str] | frozenset[str], what: str) -> None:
    """Raise `PlanError` for what is no table, or a table with other entries than these."""
    if not isinstance(entry, dict):
        raise PlanError(text("{what} must be a table.", what=what))
    for key in entry:
        if key not in keys:
            raise PlanError(
                text("'{key}' is not an entry of {what}.", key=named(key), what=what),
                hint=text("Known: {known}.", known=", ".join(sorted(keys))),
            )


def wrong_entry(where: str, expected: str) -> Text:
    """Return the sentence that says what was expected of an entry."""
    return text("The plan's {where}: expected {expected}.", where=where, expected=expected)
