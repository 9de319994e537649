"""The parameters that an R notebook declares: one assignment a line, of values that are written out.

    year <- 2022L
    area <- "wc"             # one of: wc, bc, stadsdeel
    wijken <- character()    # or c("28", "29")
    threshold <- 100         # any number; 100L would be a whole one

R is not parsed here: a line that is neither a comment nor an assignment is refused, and a value that is not written out
has no type, so that nothing can be put in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from disclosure.errors import BadInputError
from workspace.isolation.parameters import Declared, in_comment, parameters_cell, with_codelists

_TEXT: Final = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_LINE: Final = re.compile(rf"\s*(?P<code>(?:[^\"'#]|{_TEXT})*?)\s*(?P<comment>#.*)?")
_ASSIGNMENT: Final = re.compile(r"(?P<name>[A-Za-z.][A-Za-z0-9._]*)\s*(?:<-|=)\s*(?P<value>\S.*)", re.DOTALL)
_KINDS: Final = {
    "str": re.compile(_TEXT),
    "bool": re.compile(r"TRUE|FALSE"),
    "int": re.compile(r"[-+]?\d+L"),
    "float": re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"),
}
_EMPTY: Final = {"character": "str", "logical": "bool", "integer": "int", "numeric": "float"}
_NONE_YET: Final = re.compile(r"(character|logical|integer|numeric)\(\s*0?L?\s*\)")
_VECTOR: Final = re.compile(rf"c\(((?:[^\"'()]|{_TEXT})*)\)")
_ENTRY: Final = re.compile(rf"\s*((?:[^\"',]|{_TEXT})*?)\s*(?:,|$)")
_LARGEST: Final = 2**31 - 1


def declarations_r(notebook: Any, *, what: str) -> dict[str, Declared]:
    """Return the parameters that an R notebook declares, by name; none if no cell is tagged "parameters".

    Raises:
        BadInputError: the cell is too long, a line of it is neither a comment nor an assignment, or the metadata are
            malformed. `what` names the notebook.
    """
    found = []
    for line in parameters_cell(notebook, what=what).splitlines():
        split = _LINE.fullmatch(line)
        assignment = None if split is None else _ASSIGNMENT.fullmatch(split["code"])
        if split is not None and not split["code"]:
            continue
        if split is None or assignment is None:
            raise BadInputError(
                f"The parameters cell of {what} is not plain R.",
                hint="Keep only assignments in it, one a line: year <- 2022L",
            )
        kind, items = _kind(assignment["value"])
        found.append((Declared(assignment["name"], kind, items), in_comment(split["comment"] or "", items or kind)))
    return with_codelists(found, notebook.metadata, what=what)


def r_source(values: Mapping[str, object], declared: Mapping[str, Declared]) -> str:
    """Return R code that sets parameters; each fits its declaration.

    Raises:
        BadInputError: R has no such value: a whole number beyond 2147483647, or a text with a zero byte.
    """
    lines = [f"{name} <- {_written(name, value, declared[name])}" for name, value in values.items()]
    return "\n".join(["# Parameters", *lines, ""])


def _kind(value: str) -> tuple[str | None, str | None]:
    """Return the kind of a value that is written out, and of its entries if it is a vector; none if it is not."""
    none_yet = _NONE_YET.fullmatch(value)
    if none_yet is not None:
        return "list", _EMPTY[none_yet[1]]
    vector = _VECTOR.fullmatch(value)
    if vector is not None:
        kinds = {_single(entry[1]) for entry in _ENTRY.finditer(vector[1]) if entry[0]}
        return ("list", kinds.pop()) if len(kinds) == 1 and None not in kinds else (None, None)
    return _single(value), None


def _single(value: str) -> str | None:
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(value)), None)


def _written(name: str, value: object, declared: Declared) -> str:
    if isinstance(value, list):
        if not value:
            return next(f"{function}()" for function, kind in _EMPTY.items() if kind == declared.items)
        return f"c({', '.join(_one(name, one, declared.items) for one in value)})"
    return _one(name, value, declared.kind)


def _one(name: str, value: object, kind: str | None) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        if "\0" in value:
            raise BadInputError(f"The parameter '{name}' has a zero byte, which no text of R can have.")
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and kind == "int":
        if abs(value) > _LARGEST:
            raise BadInputError(
                f"The parameter '{name}' is larger than a whole number of R can be.",
                hint="Declare it without the L, as a number.",
            )
        return f"{value}L"
    return repr(value)
