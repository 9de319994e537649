"""What is said of a call whose arguments do not fit: which are not known, which are missing, and which there are.

Python says this in English and in terms of its own. Whoever works in another language names arguments in it, as `rijen`
for `rows`, and needs the names that there are.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from disclosure.errors import BadInputError
from disclosure.texts import Text, text

_Function = TypeVar("_Function", bound=Callable[..., Any])
_LONGEST_NAME = 30
_MOST_NAMES = 5


class ArgumentsError(BadInputError, TypeError):
    """A call has an argument that there is not, or lacks one; a `TypeError` too, as of any function."""


def says_arguments(function: _Function) -> _Function:
    """Return a function that raises `ArgumentsError` in the reader's language where its arguments do not fit.

    >>> from disclosure.texts import language
    >>> with language("en"):
    ...     says_arguments(lambda frame, *, rows=(): None)(1, rijen=2)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    disclosure.notebook.arguments.ArgumentsError: This call has no argument rijen. Known: frame, rows.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def said(*given: Any, **named: Any) -> Any:
        try:
            signature.bind(*given, **named)
        except TypeError:
            message, hint = _sentences(signature, given, named)
            raise ArgumentsError(message, hint=hint) from None
        return function(*given, **named)

    return said  # type: ignore[return-value] # the same call, with another error


def argument_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the arguments of a function, in their order, any number of further ones left out."""
    return _names(inspect.signature(function))


def _names(signature: inspect.Signature) -> tuple[str, ...]:
    return tuple(one.name for one in signature.parameters.values() if one.kind not in _OPEN)


def _sentences(signature: inspect.Signature, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Text, Text]:
    """Return what is wrong with the arguments of a call, and which there are."""
    parameters = [one for one in signature.parameters.values() if one.kind not in _OPEN]
    hint = text("Known: {names}.", names=", ".join(_names(signature)))
    known = set(_names(signature))
    unknown = [name for name in named if name not in known]
    if unknown and not any(one.kind is one.VAR_KEYWORD for one in signature.parameters.values()):
        shown = [name for name in unknown if name.isidentifier() and len(name) <= _LONGEST_NAME][:_MOST_NAMES]
        if shown:
            return text("This call has no argument {names}.", names=", ".join(shown)), hint
        return text("This call has no argument of that name."), hint
    in_place = [one.name for one in parameters if one.kind in _IN_PLACE]
    if len(given) > len(in_place):
        if len(in_place) == 1:
            return text("Only the first argument is given without a name."), hint
        return text("Only the first {n} arguments are given without a name.", n=len(in_place)), hint
    missing = [
        one.name
        for one in parameters
        if one.default is one.empty and one.name not in named and one.name not in in_place[: len(given)]
    ]
    if missing:
        return text("This call needs the argument {names}.", names=", ".join(missing)), hint
    return text("An argument is given twice, by its place and by its name."), hint


_OPEN = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_IN_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
