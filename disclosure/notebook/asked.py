"""What a researcher asks for, as a recipe has it: names, keys of units, options as texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from disclosure.errors import BadInputError, RecipeError
from disclosure.texts import text

Names = str | int | Sequence[str | int]
Options = Mapping[str, Any]
_OPTION_LIMIT = 10_000
_MOST_NAMES = 64
_NAME = text('Give the column\'s name, for example "wijk".')
_DECIMAL = re.compile(r"-?[0-9]{1,40}\.[0-9]{1,40}", re.ASCII)


def as_names(names: Any, what: str = "") -> tuple[str, ...]:
    """Return one name or several as a tuple of texts; a whole number, which may name a column too, as its text.

    Only such a name, or a list or tuple of them, are names: of anything else, such as a series, its content may be
    records.

    Args:
        what: the argument, for the message.
    """
    if _is_name(names):
        return (str(names),)
    kind, given = type(names).__name__, text("{what}= is", what=what) if what else text("this is")
    if not isinstance(names, list | tuple):
        raise BadInputError(
            text("Columns and statistics are named by texts, and {given} of type {kind}.", given=given, kind=kind),
            hint=_NAME,
        )
    strange = next((type(one).__name__ for one in names if not _is_name(one)), "")
    if strange:
        raise BadInputError(
            text(
                "Columns and statistics are named by texts, and {given} of type {kind} with a part of type {strange}.",
                given=given,
                kind=kind,
                strange=strange,
            ),
            hint=_NAME,
        )
    if len(names) > _MOST_NAMES:
        raise BadInputError(
            text(
                "Expected at most {most_names} names, and {given} a longer {kind}.",
                most_names=_MOST_NAMES,
                given=given,
                kind=kind,
            ),
            hint=_NAME,
        )
    return tuple(str(one) for one in names)


def _is_name(name: Any) -> bool:
    return isinstance(name, str | int | np.integer) and not isinstance(name, bool)


def one_name(name: Any, what: str, *, optional: bool = False) -> None:
    """Raise `BadInputError` unless this is one name; `what` says of which column."""
    if not (isinstance(name, str) or (optional and name is None)):
        raise BadInputError(
            text("The {what} column is named by a text, and this is a {kind}.", what=what, kind=type(name).__name__),
            hint=text('For example "{what}".', what=what),
        )


def unit_keys(units: Sequence[Names]) -> tuple[tuple[str, ...], ...]:
    """Return the keys of further units: each one name or several."""
    if isinstance(units, str):
        return (as_names(units),)
    if not isinstance(units, list | tuple):
        kind = type(units).__name__
        raise BadInputError(
            text("other_units= takes the keys of units as a list of names, not a {kind}.", kind=kind), hint=_NAME
        )
    return tuple(as_names(one, "other_units") for one in units)


def option_texts(options: Options | None) -> tuple[tuple[str, str], ...]:
    """Return options as a recipe has them: by name in alphabetical order, each as its text.

    A number is its shortest decimal text, so that 0.10, 0.1 and Decimal("0.1") are one option; several values are
    put together with commas.

    >>> option_texts({"trim": 0.10, "kind": "t"})
    (('kind', 't'), ('trim', '0.1'))
    """
    if options is None:
        return ()
    if not isinstance(options, Mapping) or not all(isinstance(name, str) for name in options):
        raise RecipeError(
            text("Options are given by name."), hint=text("For example {example}.", example='options={"trim": 0.1}')
        )
    return tuple(sorted((name, _option(name, value)) for name, value in options.items()))


def _option(name: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(_option(name, one) for one in value)
    if isinstance(value, str) and len(value) <= _OPTION_LIMIT:
        return _plain(Decimal(value)) if _DECIMAL.fullmatch(value) else value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    try:
        if isinstance(value, int | np.integer):
            return str(int(value))
        if isinstance(value, float | np.floating | Decimal):
            exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
            if exact.is_finite():
                return _plain(exact)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise RecipeError(
        text("The value of an option is neither a text nor a number."),
        hint=text("For example {example}.", example='{"trim": 0.1}'),
    )


def _plain(value: Decimal) -> str:
    digits = format(value, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
