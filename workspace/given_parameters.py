"""The parameters of a notebook as they are given on the command line."""

from __future__ import annotations

import json
from typing import Any

from disclosure.errors import BadInputError


def given_parameters(entries: tuple[str, ...]) -> dict[str, Any]:
    """Return name to value of entries of the form NAME=VALUE; `BadInputError` if one has another, or comes twice."""
    values: dict[str, Any] = {}
    for entry in entries:
        name, sign, text = entry.partition("=")
        if not sign or not name.isidentifier():
            raise BadInputError("A parameter is written NAME=VALUE.", hint="For example -p threshold=100.")
        if name in values:
            raise BadInputError(f"The parameter '{name}' is given twice.", hint="Give it one value.")
        values[name] = _value(text)
    return values


def _value(text: str) -> Any:
    """Return the JSON number, text, truth value or list that `text` is, otherwise `text` itself.

    >>> _value("100"), _value("true"), _value("wc"), _value("NaN"), _value('"100"'), _value('["28", "29"]')
    (100, True, 'wc', 'NaN', '100', ['28', '29'])
    """

    def refuse(_: str) -> Any:
        raise ValueError

    try:
        value = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str | int | float | bool | list) else text
