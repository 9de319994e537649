"""Who stands where in an output: the rows that it tabulates, coded by its labels, with the keys of their units.

What two outputs tell together is only seen where the units of both are known. Evidence has counts of units and no keys,
so this is read again from the rows, by whoever has them: the workspace, or a sealed worker of the control zone.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Final

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.engines.connection import close, closed_connection, engine_errors
from disclosure.engines.labels import label, missing_to_null, recoded, unit_key
from disclosure.engines.unit_rows import Whole, unit_numbers
from disclosure.errors import RecipeError
from disclosure.model.cells import MARGIN
from disclosure.model.lineage import Derivation
from disclosure.model.recipes import Recipe, Statistic
from disclosure.texts import text

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_ROWS: Final = "rows_of_an_output"
_COUNTED: Final = 1 << 22
_RENUMBERED: Final = 1 << 31
_COUNTED_BY_VALUE: Final = (Statistic.ODDS_RATIO, Statistic.RISK_RATIO)
"""Figures with their table: they show the units by their value and other columns too."""


@dataclass(frozen=True, eq=False)
class Placed:
    """The rows that an output tabulates, one entry each, in any order.

    Attributes:
        dimensions: the columns by which the output shows how many units there are.
        unit: by what the key is known, which is the registered name where there is one.
        keys: the unit's key, a column for each name of `unit`.
        codes: shape (rows, dimensions), the place of each row's label in `labels`.
        labels: for each dimension its labels, None for missing.
        values: the value, not a number where it is missing; None if there is none, or it holds no numbers.
        weights: the recipe's weight; None without one.
        complete: whether a row has everything that the statistic reads.
    """

    recipe: Recipe
    unit: tuple[str, ...]
    dimensions: tuple[str, ...]
    keys: tuple[pa.ChunkedArray, ...] = field(repr=False)
    codes: npt.NDArray[np.int32] = field(repr=False)
    labels: tuple[tuple[str | None, ...], ...] = field(repr=False)
    values: Numbers | None = field(repr=False)
    weights: Numbers | None = field(repr=False)
    complete: Mask = field(repr=False)

    def __len__(self) -> int:
        return len(self.complete)

    @functools.cached_property
    def only_complete(self) -> Placed:
        """Return the rows with everything that the statistic reads."""
        if bool(self.complete.all()):
            return self
        return self.some(self.complete)

    @property
    def added_up(self) -> Numbers | None:
        """What a total adds up: the values, times their weights if there are any."""
        return self.values if self.values is None or self.weights is None else self.values * self.weights

    def some(self, which: Mask) -> Placed:
        """Return some of the rows."""
        rows = np.flatnonzero(which)
        return replace(
            self,
            keys=tuple(key.take(pa.array(rows)) for key in self.keys),
            codes=self.codes[rows],
            values=None if self.values is None else self.values[rows],
            weights=None if self.weights is None else self.weights[rows],
            complete=self.complete[rows],
        )

    @functools.cached_property
    def units(self) -> Whole:
        """Return a number from 0 per unit, one for each row."""
        return unit_numbers(list(self.keys))

    @functools.cached_property
    def of_units(self) -> Placed:
        """Return one entry for each unit in each cell, with the sums of what it has there, weights taken into them."""
        cells, codes = self.cells(self.patterns()[0])
        numbers = self.units * max(1, len(codes)) + cells
        if len(numbers) == 0 or (self.weights is None and _strictly_ascend(numbers)):
            return self
        found, first, entry = np.unique(numbers, return_index=True, return_inverse=True)
        if len(found) == len(numbers) and self.weights is None:
            return self
        totals, added = self.added_up, None
        if totals is not None:
            known = ~np.isnan(totals)
            there = np.bincount(entry[known], minlength=len(found)) > 0
            sums = np.bincount(entry[known], weights=totals[known], minlength=len(found))
            added = np.where(there, sums, np.nan)
        return replace(
            self,
            keys=tuple(key.take(pa.array(first)) for key in self.keys),
            codes=self.codes[first],
            values=added,
            weights=None,
            complete=self.complete[first],
        )

    def patterns(self) -> tuple[tuple[int, ...], ...]:
        """Return the places of the dimensions of every margin, the cells themselves first and the whole last."""
        width = len(self.dimensions)
        return tuple(fixed for size in range(width, -1, -1) for fixed in combinations(range(width), size))

    def cells(self, fixed: tuple[int, ...]) -> tuple[Whole, npt.NDArray[np.int32]]:
        """Return the cell of each row by some of the dimensions, and the codes of those cells.

        Returns:
            a number from 0 per row; and codes of shape (cells, dimensions), those of the other dimensions `MARGIN`.
        """
        if fixed not in self._known:
            self._known[fixed] = self._cells(fixed)
        return self._known[fixed]

    @functools.cached_property
    def _known(self) -> dict[tuple[int, ...], tuple[Whole, npt.NDArray[np.int32]]]:
        return {}

    def _cells(self, fixed: tuple[int, ...]) -> tuple[Whole, npt.NDArray[np.int32]]:
        numbers: Whole = np.zeros(len(self), dtype=np.int64)
        for place in fixed:
            numbers = numbers * max(1, len(self.labels[place])) + self.codes[:, place]
            if int(numbers.max(initial=0)) > _RENUMBERED:
                numbers = renumbered(numbers)  # so that no product leaves 64 bits
        cell = renumbered(numbers)
        size = int(cell.max(initial=-1)) + 1
        first = np.zeros(size, dtype=np.int64)
        first[cell[::-1]] = np.arange(len(cell))[::-1]
        codes = np.full((size, len(self.dimensions)), MARGIN, dtype=np.int32)
        codes[:, list(fixed)] = self.codes[first][:, list(fixed)]
        return cell, codes


def renumbered(numbers: Whole) -> Whole:
    """Return whole numbers as those from 0 without gaps, in the same order."""
    if int(numbers.max(initial=0)) < _COUNTED:
        # Few numbers are counted, many times faster than they are sorted.
        there = np.bincount(numbers) > 0
        return np.asarray((np.cumsum(there) - 1)[numbers], dtype=np.int64)
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _strictly_ascend(numbers: Whole) -> bool:
    return bool((numbers[1:] > numbers[:-1]).all())


def dimensions_shown(recipe: Recipe) -> tuple[str, ...]:
    """Return the columns by which an output shows how many units there are."""
    if recipe.statistic not in _COUNTED_BY_VALUE or recipe.value is None:
        return recipe.dimensions
    return tuple(dict.fromkeys((*recipe.dimensions, recipe.value, *recipe.others)))


def placed(recipe: Recipe, rows: pa.Table, derivation: Derivation | None = None) -> Placed:
    """Return who stands where in the output of a recipe.

    Args:
        rows: a narrow frame with the recipe's columns.
        derivation: that of a lazy recipe, by which a key is known under another name too.

    Raises:
        RecipeError: the recipe names no unit, or the rows lack one of its columns.
        ColumnError: a column cannot be what the recipe takes it for.
        DataError: the engine could not read the rows.
    """
    missing = [name for name in recipe.narrow_columns if name not in rows.column_names]
    if missing or not recipe.unit:
        raise RecipeError(text("The rows lack a column that the recipe names."))
    dimensions, columns = dimensions_shown(recipe), _unit(recipe, derivation)
    read = tuple(name for name in (recipe.value, *recipe.others) if name is not None)
    with closed_connection() as connection:
        with engine_errors():
            connection.con.register(_ROWS, rows.select(list(dict.fromkeys(recipe.narrow_columns))))
        close(connection)
        with engine_errors():
            base = connection.table(_ROWS)
            asked: dict[str, Any] = {
                f"d{place}": recoded(label(base[name], name), recipe.recodings, name)
                for place, name in enumerate(dimensions)
            }
            asked |= {f"u{place}": unit_key(base[name], name) for place, name in enumerate(columns.values())}
            known = [missing_to_null(base[name]).notnull() for name in read]
            asked["complete"] = ibis.and_(*known) if known else ibis.literal(True)
            asked |= {
                short: missing_to_null(base[name]).cast("float64")
                for short, name in (("v", recipe.value), ("w", recipe.weight))
                if name is not None and (short == "w" or _is_number(base[name]))
            }
            kept = base.select(**asked)
            if recipe.dropna and recipe.dimensions:
                kept = kept.filter([kept[f"d{place}"].notnull() for place in range(len(recipe.dimensions))])
            if recipe.weight is not None:
                kept = kept.filter(kept.w.isnull() | (kept.w != 0))
            found = kept.to_pyarrow()
    coded = [_coded(found.column(f"d{place}")) for place in range(len(dimensions))]
    return Placed(
        recipe=recipe,
        unit=tuple(columns),
        dimensions=dimensions,
        keys=tuple(found.column(f"u{place}") for place in range(len(columns))),
        codes=np.array([one for one, _ in coded], dtype=np.int32).reshape(len(coded), found.num_rows).T,
        labels=tuple(labels for _, labels in coded),
        values=_numbers(found, "v"),
        weights=_numbers(found, "w"),
        complete=np.asarray(found.column("complete").to_numpy(), dtype=np.bool_),
    )


def _unit(recipe: Recipe, derivation: Derivation | None) -> dict[str, str]:
    """Return by what the unit's key is known, in small letters and in order, to the column that has it."""
    found = {}
    for name in recipe.unit:
        lineage = None if derivation is None else derivation.columns.get(name.lower())
        origin = None if lineage is None else lineage.origin
        found[name.lower() if origin is None else origin[1].lower()] = name
    return dict(sorted(found.items()))


def _is_number(column: Any) -> bool:
    return bool(column.type().is_numeric() or column.type().is_boolean())


def _numbers(found: pa.Table, name: str) -> Numbers | None:
    if name not in found.column_names:
        return None
    return np.asarray(found.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)


def _coded(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], tuple[str | None, ...]]:
    """Return the place of each label among the distinct ones, and these."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int32)
    return codes, tuple(encoded.dictionary.to_pylist())


def joint_units(one: Placed, other: Placed) -> tuple[Whole, Whole]:
    """Return numbers of the units of two outputs, the same for the same unit in both."""
    if all(left.equals(right) for left, right in zip(one.keys, other.keys, strict=True)):
        return one.units, one.units
    joint = [_together(left, right) for left, right in zip(one.keys, other.keys, strict=True)]
    numbers = unit_numbers(joint)
    return numbers[: len(one)], numbers[len(one) :]


def _together(left: pa.ChunkedArray, right: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return two key columns behind each other; where their types differ, as the texts that stand for the keys."""
    if left.type != right.type:
        left, right = (_as_text(one) for one in (left, right))
    return pa.chunked_array([*left.chunks, *right.chunks], type=left.type)


def _as_text(key: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = key.type
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        key = key.cast(pa.int64(), safe=False)  # `unit_key` leaves whole numbers only
    return pc.cast(key, pa.large_string())
