"""Rows in the hands of NumPy: cells, units, values and weights as whole numbers, for what SQL cannot add up.

Everything is exact and free of the order of rows once it is sorted: a value is a whole number at the plan's decimals,
a unit a number that stands for its key, and a cell its position in the evidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.engines.connection import engine_errors
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan

Whole = npt.NDArray[np.int64]
_MANY_KEYS = 1 << 24


@dataclass(frozen=True, eq=False)
class UnitRows:
    """The rows that have a value, one entry each.

    Attributes:
        codes: shape (rows, dimensions), the category of each row in the evidence.
        units: a number per unit, from 0.
        holders: a number per contributor: the holding where the recipe names one, otherwise the unit.
        further: for each further unit of the recipe a number per row, as for units.
        values: at the plan's decimals.
        weights: at `WEIGHT_DECIMALS` decimals; None without a weight.
        alone: it is known that each unit has one row, and that units are the contributors.
        ascending: it is known that values ascend.
    """

    codes: npt.NDArray[np.int32]
    units: Whole
    holders: Whole
    further: tuple[Whole, ...]
    values: Whole
    weights: Whole | None
    alone: bool = False
    ascending: bool = False

    def holders_in(self, places: npt.NDArray[np.intp]) -> Whole:
        """Return a number per contributor for some of the rows: the same for two of them if it is the same one."""
        return np.arange(len(places)) if self.alone else self.holders[places]

    def units_in(self, places: npt.NDArray[np.intp]) -> Whole:
        """Return the same as `holders_in` of the units."""
        return np.arange(len(places)) if self.alone else self.units[places]

    def of_cells(self, evidence: Evidence) -> Iterator[npt.NDArray[np.intp]]:
        """Yield for every cell of the evidence, in its order, where its rows stand."""
        codes = evidence.codes[:, : evidence.own_dimensions]
        fixed = codes != MARGIN
        found: dict[int, npt.NDArray[np.intp]] = {}
        nothing: npt.NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        for pattern in np.unique(fixed, axis=0):
            cells = np.flatnonzero((fixed == pattern).all(axis=1))
            own, keys = small_keys(codes[cells][:, pattern], self.codes[:, pattern])
            order = np.argsort(keys, kind="stable")
            ends = np.cumsum(np.bincount(keys, minlength=int(own.max(initial=0)) + 1))
            for cell, key in zip(cells.tolist(), own.tolist(), strict=True):
                found[cell] = order[0 if key == 0 else ends[key - 1] : ends[key]]
        return (found.get(cell, nothing) for cell in range(len(evidence)))


def small_keys(own: npt.NDArray[np.int32], rows: npt.NDArray[np.int32]) -> tuple[Whole, npt.NDArray[Any]]:
    """Return numbers for cells and for rows that are the same where their codes are, as small as they come."""
    sizes = [
        max(int(one.max(initial=0)), int(other.max(initial=0))) + 1 for one, other in zip(own.T, rows.T, strict=True)
    ]
    if math.prod(sizes) > _MANY_KEYS:
        numbers = _numbered(np.concatenate([own, rows]))
        return numbers[: len(own)], numbers[len(own) :]
    # Few numbers are sorted by counting, many times faster than by comparing.
    keys, cells = np.zeros(len(rows), dtype=np.int64), np.zeros(len(own), dtype=np.int64)
    for place, size in enumerate(sizes):
        keys = keys * size + rows[:, place]
        cells = cells * size + own[:, place]
    return cells, keys.astype(np.uint16) if math.prod(sizes) <= 1 << 16 else keys


def unit_rows(base: ir.Table, evidence: Evidence, recipe: Recipe, plan: Plan) -> UnitRows:
    """Return the rows with a value from the prepared table, coded as the evidence is.

    Args:
        base: what `prepared` returns: labels d0.., unit keys u0.., value v and weight w.
    """
    rows = base if recipe.value is None else base.filter(base.v.notnull())
    asked: dict[str, Any] = {name: rows[name] for name in rows.columns if name[0] in "duho"}
    if recipe.value is not None:
        asked["v"] = _whole(rows.v, plan.decimals)
    if recipe.weight is not None:
        asked["w"] = _whole(rows.w, WEIGHT_DECIMALS)
    with engine_errors():
        table = rows.select(**asked).to_pyarrow()
    codes = [coded(table.column(f"d{place}"), labels) for place, labels in enumerate(evidence.categories)][
        : len(recipe.dimensions)
    ]
    units = unit_numbers([table.column(f"u{place}") for place in range(len(recipe.unit))])
    holdings = _keys(table, "h0", recipe.holding)
    return UnitRows(
        codes=np.array(codes, dtype=np.int32).reshape(len(codes), table.num_rows).T,
        units=units,
        holders=unit_numbers(holdings) if holdings else units,
        further=tuple(unit_numbers(_keys(table, f"o{place}", key)) for place, key in enumerate(recipe.other_units)),
        values=_numbers(table, "v", recipe.value is not None),
        weights=_numbers(table, "w", True) if recipe.weight is not None else None,
    )


def _keys(table: pa.Table, name: str, key: tuple[str, ...]) -> list[pa.ChunkedArray]:
    return [table.column(f"{name}_{number}") for number in range(len(key))]


def unit_numbers(keys: list[pa.ChunkedArray]) -> Whole:
    """Return a number from 0 for each distinct combination of keys, one per row."""
    parts = [np.asarray(_indices(key), dtype=np.int64) for key in keys]
    if len(parts) == 1:
        return parts[0]
    return _numbered(np.array(parts, dtype=np.int64).T)


def _numbered(parts: npt.NDArray[Any]) -> Whole:
    """Return one whole number per row of small ones: the same for equal rows, different for different ones."""
    if parts.shape[1] == 0:
        return np.zeros(len(parts), dtype=np.int64)
    numbers: Whole = np.unique(parts[:, 0], return_inverse=True)[1].astype(np.int64)
    for place in range(1, parts.shape[1]):
        one = np.unique(parts[:, place], return_inverse=True)[1].astype(np.int64)
        # Renumbered at each step, so that the product stays below the square of the number of rows.
        numbers = np.unique(numbers * (int(one.max(initial=0)) + 1) + one, return_inverse=True)[1].astype(np.int64)
    return numbers


def _indices(key: pa.ChunkedArray) -> npt.NDArray[Any]:
    encoded = key.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False))


def coded(column: pa.ChunkedArray, labels: tuple[str | None, ...]) -> npt.NDArray[np.int32]:
    """Return the position of each label of a column among the categories."""
    known = pa.array(list(labels), type=column.type)
    places = pc.index_in(column, value_set=known, skip_nulls=False)
    return np.asarray(places.to_numpy(), dtype=np.int32)


def _whole(column: ir.Value, decimals: int) -> ir.Value:
    return (column.cast(dt.Decimal(38, decimals)) * 10**decimals).cast("int64")


def _numbers(table: pa.Table, name: str, there: bool) -> Whole:
    return np.asarray(table.column(name).to_numpy() if there else np.zeros(table.num_rows), dtype=np.int64)
