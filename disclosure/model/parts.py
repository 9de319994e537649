"""Parts of evidence: what one output class needs beyond units, rows and amounts, and how a document of it is read.

A part is columnar like the evidence that it belongs to, one entry per cell in the same order. Its schema names every
column and fact with its kind, so that a document of it is read as strictly as the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import RecipeError
from disclosure.model import strict
from disclosure.model.part_schemas import MOST_CONTRIBUTORS, PART_SCHEMAS, Kind

__all__ = [
    "MOST_CONTRIBUTORS",
    "PART_SCHEMAS",
    "Column",
    "Kind",
    "Part",
    "part_from_document",
]

Column = npt.NDArray[Any]
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]{2,3})?", re.ASCII)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,150})", re.ASCII)
_FACT_LIMIT = 10_000


def _no_facts() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Part:
    """One part of the evidence of a table.

    Attributes:
        name: which one, from `PART_SCHEMAS`.
        columns: one array per column of the schema, each with an entry per cell.
        facts: what holds of the table as a whole, each as text.
    """

    name: str
    columns: Mapping[str, Column]
    facts: Mapping[str, str] = field(default_factory=_no_facts)

    def __post_init__(self) -> None:
        schema = PART_SCHEMAS.get(self.name)
        if schema is None or set(self.columns) != set(schema.columns) or set(self.facts) != set(schema.facts):
            raise RecipeError("A part of the evidence does not have what its schema names.")
        if any(self.columns[name].dtype != _DTYPES[kind] for name, kind in schema.columns.items()):
            raise RecipeError("A part of the evidence has a column of another kind than its schema says.")
        if len({len(column) for column in self.columns.values()}) > 1:
            raise RecipeError("A part of the evidence has columns of different lengths.")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def mapped(self, change: Callable[[Column], Column]) -> Part:
        """Return the part with every column changed in the same way: other cells, or another order."""
        return Part(self.name, {name: change(column) for name, column in self.columns.items()}, self.facts)

    def to_document(self) -> dict[str, Any]:
        """Return the part as a JSON document; numbers are texts that give back the same number."""
        schema = PART_SCHEMAS[self.name]
        written = {
            name: [_WRITERS[kind](value) for value in self.columns[name].tolist()]
            for name, kind in schema.columns.items()
        }
        return {"columns": written, "facts": dict(self.facts)}


def part_from_document(name: str, document: Any, size: int) -> Part:
    """Return the part in a parsed JSON document.

    Raises:
        RecipeError, KeyError, TypeError, ValueError: it is anything else than what `to_document` writes for so many
            cells.
    """
    schema = PART_SCHEMAS[name]
    strict.table(document, ("columns", "facts"))
    given, columns = strict.table(document["columns"], schema.columns), {}
    for column, kind in schema.columns.items():
        entries = strict.listed(given[column])
        if len(entries) != size:
            raise ValueError
        columns[column] = np.array([_READERS[kind](one) for one in entries], dtype=_DTYPES[kind])
    facts = strict.table(document["facts"], schema.facts)
    if not all(len(strict.text(one)) <= _FACT_LIMIT for one in facts.values()):
        raise ValueError
    return Part(name, MappingProxyType(columns), MappingProxyType(dict(facts)))


def _written_number(value: float) -> str | None:
    if math.isinf(value):
        raise RecipeError("A figure of the evidence is infinite.")
    return None if math.isnan(value) else repr(value)


def _read_number(value: Any) -> float:
    if value is None:
        return math.nan
    if type(value) is not str or not _NUMBER.fullmatch(value) or repr(float(value)) != value:
        raise ValueError
    return float(value)


def _read_whole(value: Any) -> int:
    if type(value) is not str or not _WHOLE.fullmatch(value) or str(int(value)) != value:
        raise ValueError
    return int(value)


def _read_count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError
    return value


_DTYPES: Mapping[Kind, np.dtype[Any]] = MappingProxyType(
    {
        Kind.COUNT: np.dtype(np.int64),
        Kind.AMOUNT: np.dtype(np.object_),
        Kind.NUMBER: np.dtype(np.float64),
        Kind.MASK: np.dtype(np.bool_),
    }
)
_WRITERS: Mapping[Kind, Callable[[Any], Any]] = MappingProxyType(
    {Kind.COUNT: int, Kind.AMOUNT: str, Kind.NUMBER: _written_number, Kind.MASK: bool}
)
_READERS: Mapping[Kind, Callable[[Any], Any]] = MappingProxyType(
    {Kind.COUNT: _read_count, Kind.AMOUNT: _read_whole, Kind.NUMBER: _read_number, Kind.MASK: strict.truth}
)
