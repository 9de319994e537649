"""The parameters that a notebook declares, and whether values fit them, known before anything runs.

A declaration is an assignment in the cell tagged "parameters". Its type is the annotation or, without one, that of the
value it is given there; a codelist stands in `Literal[...]`, in a comment behind it, or in the notebook's metadata:

    year: int = 2022
    area: str = "wc"            # one of: wc, bc, stadsdeel
    wijken: list[str] = []
"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from disclosure.errors import BadInputError

TAG: Final = "parameters"

_LONGEST: Final = 16_384
_CODELIST: Final = re.compile(r"#\s*one of:\s*(.+)", re.IGNORECASE)
_NAMES: Final = {
    "str": "a text", "int": "a whole number", "float": "a number", "bool": "a truth value (true or false)",
    "list": "a list",
}  # fmt: skip
_OWN: Final = "datakamp"


@dataclass(frozen=True)
class Declared:
    """One parameter as a notebook declares it.

    Attributes:
        kind: "str", "int", "float", "bool" or "list"; None if it cannot be told, and then no value fits.
        items: of a list, the kind of what is in it; None for any.
        optional: whether None fits too.
        codelist: the only values that fit, or that the entries of a list may have; empty for any.
    """

    name: str
    kind: str | None
    items: str | None = None
    optional: bool = False
    codelist: tuple[str | int | float | bool, ...] = ()

    def refusal(self, value: object) -> tuple[str, str] | None:
        """Return why a value does not fit, and the remedy; None if it does. Neither quotes the value."""
        if self.kind is None:
            return (
                f"The type of the parameter '{self.name}' cannot be told.",
                f"Declare it in the notebook, for example `{self.name}: int = 0`; known: {', '.join(_NAMES)}.",
            )
        if value is None and self.optional:
            return None
        if not _is(value, self.kind) or (self.kind == "list" and not self._fits_items(value)):
            of = f" of which each entry is {_NAMES[self.items]}" if self.items else ""
            hint = f"On the command line a text that looks like a number is written -p {self.name}='\"28\"'."
            return f"The parameter '{self.name}' is {_NAMES[self.kind]}{of}.", hint if self.kind == "str" else ""
        entries = value if isinstance(value, list) else [value]
        if self.codelist and any(not _among(one, self.codelist) for one in entries):
            return (
                f"The parameter '{self.name}' has a list of values that it may be.",
                f"One of: {', '.join(map(str, self.codelist))}.",
            )
        return None

    def _fits_items(self, value: object) -> bool:
        kinds = (self.items,) if self.items else ("str", "float", "bool")
        return isinstance(value, list) and all(any(_is(one, kind) for kind in kinds) for one in value)


def parameters_cell(notebook: Any, *, what: str) -> str:
    """Return the source of the cell tagged "parameters"; nothing if there is none.

    Raises:
        BadInputError: it is too long.
    """
    source = str(next((cell.source for cell in notebook.cells if TAG in cell.metadata.get("tags", [])), ""))
    if len(source) > _LONGEST:
        raise BadInputError(
            f"The parameters cell of {what} is too long to be read.", hint="Keep only parameters in it."
        )
    return source


def declarations(notebook: Any, *, what: str) -> dict[str, Declared]:
    """Return the parameters that a Python notebook declares, by name; none if no cell is tagged "parameters".

    Raises:
        BadInputError: the cell is too long or is not plain Python, or the metadata are malformed. `what` names it.
    """
    source = parameters_cell(notebook, what=what)
    try:
        tree = ast.parse(source)
        comments = _comments(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        raise BadInputError(
            f"The parameters cell of {what} is not plain Python.", hint="Keep only assignments in it."
        ) from None
    declared = []
    for statement in tree.body:
        comment = comments.get(statement.end_lineno or 0, "")
        declared += [(one, in_comment(comment, one.items or one.kind)) for one in _declared(statement)]
    return with_codelists(declared, notebook.metadata, what=what)


def with_codelists(
    declared: Iterable[tuple[Declared, tuple[Any, ...]]], metadata: Mapping[str, Any], *, what: str
) -> dict[str, Declared]:
    """Return parameters by name, each with its codelist: of its type, else of the metadata, else of its comment.

    Raises:
        BadInputError: the metadata are malformed.
    """
    further = _codelists(metadata, what)
    found = {}
    for one, told in declared:
        codelist = one.codelist or further.get(one.name, ()) or told
        found[one.name] = Declared(one.name, one.kind, one.items, one.optional, codelist)
    return found


def in_comment(comment: str, kind: str | None) -> tuple[str | int | float | bool, ...]:
    """Return the codelist in a comment, its entries of the kind that is declared where they can be."""
    listed = _CODELIST.search(comment)
    return () if listed is None else tuple(_value(part, kind) for part in listed[1].split(","))


def check_parameters(declared: Mapping[str, Declared], parameters: Mapping[str, object], *, what: str) -> None:
    """Refuse parameters that a notebook does not declare, or that are not what it declares.

    Raises:
        BadInputError: the first that does not fit; no value is quoted.
    """
    unknown = sorted(set(parameters) - set(declared))
    if unknown:
        raise BadInputError(
            f"{what} declares no parameter {', '.join(repr(name) for name in unknown)}.",
            hint=f"It declares: {', '.join(sorted(declared)) or 'none (no cell is tagged parameters)'}.",
        )
    for name, value in parameters.items():
        refusal = declared[name].refusal(value)
        if refusal is not None:
            raise BadInputError(refusal[0], hint=refusal[1])


def _declared(statement: ast.stmt) -> list[Declared]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [_annotated(statement.target.id, statement.annotation)]
    if isinstance(statement, ast.Assign):
        names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        return [Declared(name, _kind_of(statement.value)) for name in names]
    return []


def _annotated(name: str, annotation: ast.expr) -> Declared:
    optional = False
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = [annotation.left, annotation.right]
        rest = [side for side in sides if not (isinstance(side, ast.Constant) and side.value is None)]
        optional = len(rest) == 1
        annotation = rest[0] if optional else annotation
    if isinstance(annotation, ast.Name):
        kind = annotation.id if annotation.id in _NAMES else None
        return Declared(name, kind, optional=optional)
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name | ast.Attribute):
        outer = annotation.value.id if isinstance(annotation.value, ast.Name) else annotation.value.attr
        inner = annotation.slice
        if outer == "list" and isinstance(inner, ast.Name) and inner.id in set(_NAMES) - {"list"}:
            return Declared(name, "list", inner.id, optional)
        if outer == "Literal":
            return _literal(name, inner, optional=optional)
    return Declared(name, None)


def _literal(name: str, inner: ast.expr, *, optional: bool) -> Declared:
    entries = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    values = [one.value for one in entries if isinstance(one, ast.Constant)]
    known = tuple(value for value in values if isinstance(value, str | int | bool))
    kinds = {type(value).__name__ for value in known}
    if len(known) != len(entries) or len(kinds) != 1:
        return Declared(name, None)
    return Declared(name, kinds.pop(), None, optional, known)


def _kind_of(value: ast.expr) -> str | None:
    """Return the kind of a value that is written out; a whole number stands for any number."""
    try:
        found = type(ast.literal_eval(value)).__name__
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return {"int": "float"}.get(found, found if found in _NAMES else None)


def _is(value: object, kind: str) -> bool:
    if kind == "float":
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    kinds: dict[str, type] = {"str": str, "bool": bool, "list": list}
    return isinstance(value, kinds[kind])


def _among(value: object, codelist: tuple[object, ...]) -> bool:
    # True is 1 to Python, and not to whoever wrote the list.
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in codelist)


def _value(part: str, kind: str | None) -> str | int | float | bool:
    text = part.strip()
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    if kind == "str" and not isinstance(value, str):
        return text
    return value if isinstance(value, str | int | float | bool) else text


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def _codelists(metadata: Mapping[str, Any], what: str) -> dict[str, tuple[Any, ...]]:
    """Return the codelists in a notebook's metadata: datakamp.parameters.NAME.one_of."""
    try:
        entries = metadata.get(_OWN, {}).get(TAG, {})
        found = {str(name): tuple(entry["one_of"]) for name, entry in entries.items()}
        if not all(isinstance(one, str | int | float | bool) for own in found.values() for one in own):
            raise TypeError
    except (AttributeError, TypeError, KeyError):
        raise BadInputError(
            f"The metadata of {what} do not say how parameters are declared.",
            hint='Expected {"datakamp": {"parameters": {"area": {"one_of": ["wc", "bc"]}}}}.',
        ) from None
    return found
