"""Parts of evidence: what one output class needs beyond units, rows and amounts, with its schema.

A part is columnar like the evidence that it belongs to, one entry per cell in the same order. Its schema names every
column and fact with its kind, so that a document of it is read as strictly as the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.errors import RecipeError

Column = npt.NDArray[Any]
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]{2,3})?", re.ASCII)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,150})", re.ASCII)
_FACT_LIMIT = 10_000


class Kind(StrEnum):
    """What a column of a part holds."""

    COUNT = "count"
    """Whole numbers of units, rows or parameters, never negative."""
    AMOUNT = "amount"
    """Whole numbers of any size and sign, exact; at how many decimals is a fact of the part or of the amounts."""
    NUMBER = "number"
    """Floating-point figures; not a number where a cell has none."""
    MASK = "mask"
    """True or false."""


@dataclass(frozen=True)
class PartSchema:
    """The columns of a part with their kinds, and the names of its facts."""

    columns: Mapping[str, Kind]
    facts: tuple[str, ...] = ()


MOST_CONTRIBUTORS: Final = 10
"""So many of the largest contributors a part tells; a policy's dominance rule names no more."""

CONTRIBUTIONS: Final[Mapping[str, Kind]] = MappingProxyType(
    {"absolute": Kind.AMOUNT, **{f"largest_{place}": Kind.AMOUNT for place in range(1, MOST_CONTRIBUTORS + 1)}}
)
"""The columns of a part that say what contributors hold of a figure: the sum of their sizes, and the largest."""

MODEL_FACTS: Final = (
    *(
        "units",
        "rows",
        "clusters",
        "further_units",
        "missing_rows",
        "lone_rows",
        "parameters",
        "absorbed",
        "patterns",
        "cells",
    ),
    *("perfect", "converged", "outcome_units", "smallest_cell", "cell_nonzero", "cell_constant", "cell_top"),
    *("cell_rest", "high", "low", "cell_part", "most_high", "most_low", "references"),
)
"""The facts of a model, in the order of `disclosure.model.model_facts.ModelFacts`."""

PART_SCHEMAS: Final[Mapping[str, PartSchema]] = MappingProxyType(
    {
        "position": PartSchema(
            {
                "quantile": Kind.AMOUNT,
                "figure": Kind.AMOUNT,
                "below": Kind.COUNT,
                "above": Kind.COUNT,
                "alike": Kind.COUNT,
                **CONTRIBUTIONS,
            }
        ),
        "shape": PartSchema(
            {
                "rows": Kind.COUNT,
                "second": Kind.AMOUNT,
                "third": Kind.AMOUNT,
                "fourth": Kind.AMOUNT,
                **CONTRIBUTIONS,
            }
        ),
        "trimmed": PartSchema(
            {
                "rows": Kind.COUNT,
                "units": Kind.COUNT,
                "nonzero": Kind.COUNT,
                "trimmed_off": Kind.COUNT,
                "off_nonzero": Kind.COUNT,
                "off": Kind.AMOUNT,
                "off_1": Kind.AMOUNT,
                "off_2": Kind.AMOUNT,
                "total": Kind.AMOUNT,
                "constant": Kind.MASK,
                **CONTRIBUTIONS,
            }
        ),
        "mode": PartSchema({"value": Kind.AMOUNT, "holders": Kind.COUNT}),
        "concentration": PartSchema(
            {
                "total": Kind.AMOUNT,
                "squares": Kind.AMOUNT,
                "top": Kind.AMOUNT,
                "n_top": Kind.COUNT,
                "top_1": Kind.AMOUNT,
                "top_2": Kind.AMOUNT,
                "rest": Kind.AMOUNT,
                "rest_1": Kind.AMOUNT,
                "rest_2": Kind.AMOUNT,
            }
        ),
        "gini": PartSchema({"numerator": Kind.AMOUNT, "denominator": Kind.AMOUNT, **CONTRIBUTIONS}),
        "theil": PartSchema({"theil": Kind.NUMBER, **CONTRIBUTIONS}),
        "quintile_shares": PartSchema(
            {
                "bottom": Kind.AMOUNT,
                "bottom_1": Kind.AMOUNT,
                "bottom_2": Kind.AMOUNT,
                "n_below": Kind.COUNT,
                "top": Kind.AMOUNT,
                "top_1": Kind.AMOUNT,
                "top_2": Kind.AMOUNT,
                "n_above": Kind.COUNT,
                **CONTRIBUTIONS,
            }
        ),
        "poverty": PartSchema(
            {
                "poor": Kind.COUNT,
                "not_poor": Kind.COUNT,
                "fewest_poor": Kind.COUNT,
                "fewest_not_poor": Kind.COUNT,
                "poor_weight": Kind.AMOUNT,
                "weight": Kind.AMOUNT,
                "twice_median": Kind.AMOUNT,
                "shown_median": Kind.AMOUNT,
                "n_below": Kind.COUNT,
                "n_above": Kind.COUNT,
                "n_alike": Kind.COUNT,
                "line_numerator": Kind.AMOUNT,
                "line_denominator": Kind.AMOUNT,
                **CONTRIBUTIONS,
            }
        ),
        "lorenz": PartSchema(
            {
                "cumulated": Kind.AMOUNT,
                "total": Kind.AMOUNT,
                "below": Kind.AMOUNT,
                "below_1": Kind.AMOUNT,
                "below_2": Kind.AMOUNT,
                "n_below": Kind.COUNT,
                "above": Kind.AMOUNT,
                "above_1": Kind.AMOUNT,
                "above_2": Kind.AMOUNT,
                "n_above": Kind.COUNT,
                **CONTRIBUTIONS,
            }
        ),
        "model": PartSchema(
            {
                "figure": Kind.NUMBER,
                "nonzero": Kind.COUNT,
                "zero": Kind.COUNT,
                "differing": Kind.COUNT,
                "alone": Kind.COUNT,
                "indicator": Kind.MASK,
            },
            MODEL_FACTS,
        ),
        "comparison": PartSchema(
            {
                "figure": Kind.NUMBER,
                "degrees": Kind.COUNT,
                "fewest": Kind.COUNT,
                "perfect": Kind.MASK,
                **CONTRIBUTIONS,
            }
        ),
        "life_table": PartSchema(
            {
                "at_risk": Kind.COUNT,
                "exits": Kind.COUNT,
                "censored": Kind.COUNT,
                "own_exits": Kind.COUNT,
            }
        ),
    }
)
"""Every part that there is, by name."""


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
    if type(document) is not dict or set(document) != {"columns", "facts"}:
        raise TypeError
    columns = {}
    if set(document["columns"]) != set(schema.columns):
        raise ValueError
    for column, kind in schema.columns.items():
        entries = document["columns"][column]
        if type(entries) is not list or len(entries) != size:
            raise ValueError
        columns[column] = np.array([_READERS[kind](one) for one in entries], dtype=_DTYPES[kind])
    facts = document["facts"]
    if not all(type(one) is str and len(one) <= _FACT_LIMIT for one in facts.values()):
        raise TypeError
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


def _read_truth(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError
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
    {Kind.COUNT: _read_count, Kind.AMOUNT: _read_whole, Kind.NUMBER: _read_number, Kind.MASK: _read_truth}
)
