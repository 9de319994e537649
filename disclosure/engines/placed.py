"""Who stands where in an output: the rows that it tabulates, coded by its labels, with the keys of their units.

What two outputs tell together is only seen where the units of both are known. Evidence has counts of units and no keys,
so this is read again from the rows, by whoever has them: the workspace, or a sealed worker of the control zone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.engines.unit_rows import Whole, unit_numbers
from disclosure.model.cells import MARGIN
from disclosure.model.recipes import Recipe, Statistic

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Made = TypeVar("Made")
Asked = ParamSpec("Asked")

CURVES: Final = (Statistic.SURVIVAL, Statistic.CUMULATIVE_INCIDENCE)
_COUNTED: Final = 1 << 22
_RENUMBERED: Final = 1 << 31


@dataclass(frozen=True, eq=False)
class Placed:
    """Units in the cells of an output, an entry for each unit in each cell, by unit.

    Attributes:
        unit: by what the key is known, which is the registered name where there is one.
        dimensions: the columns by which the output shows how many units there are.
        keys: the unit's key, a column for each name of `unit`.
        codes: shape (entries, dimensions), the place of each label in `labels`.
        labels: for each dimension its labels, None for missing.
        values: the sum of what the unit has of the value there, not a number where it is missing; None if there is no
            value, or it holds no numbers.
        weighted: the same, each value times its weight; the values themselves without a weight.
        weights: the sum of the unit's weights there, or of its rows without a weight; None if there is no value.
        zeros, ones, others: whether the unit has a value of zero there, one of one, and any other one; of a column with
            only two values, such as 1 and 2, the lower one is its zero and the other one its one; of a poverty rate or
            gap one that is not below the line, one that is, and no others; of a curve it is asked of the event, and so
            whether the unit is censored, leaves by the first cause, and by any other one.
        complete: whether it has there, in some row, everything that the statistic reads.
        read: for each column that the statistic reads a number that stands for what the unit has there, the least of
            several.
        numbers: for each of these that holds numbers the mean of what the unit has there, not a number where it is
            missing; of an output that brings dimensions of its own, such as a model.
        known: the columns of every key that the recipe names, by what they are known.
        sizes: how many of what the output counts an entry stands for, where `unit` is another key than that; None if
            it is one.
    """

    recipe: Recipe
    unit: tuple[str, ...]
    dimensions: tuple[str, ...]
    keys: tuple[pa.ChunkedArray, ...] = field(repr=False)
    codes: npt.NDArray[np.int32] = field(repr=False)
    labels: tuple[tuple[str | None, ...], ...] = field(repr=False)
    values: Numbers | None = field(repr=False)
    weighted: Numbers | None = field(repr=False)
    weights: Numbers | None = field(repr=False)
    zeros: Mask = field(repr=False)
    ones: Mask = field(repr=False)
    others: Mask = field(repr=False)
    complete: Mask = field(repr=False)
    read: Mapping[str, Whole] = field(repr=False)
    known: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Numbers] = field(default_factory=dict, repr=False)
    sizes: Whole | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.complete)

    @functools.cached_property
    def only_complete(self) -> Placed:
        """The entries with everything that the statistic reads."""
        return self if bool(self.complete.all()) else self.some(self.complete)

    @property
    def binary(self) -> bool:
        """Whether there are values, of zero and one only or of two other numbers."""
        return self.values is not None and not bool(self.others.any())

    def some(self, which: Mask) -> Placed:
        """Return some of the entries."""
        rows = np.flatnonzero(which)
        return replace(
            self,
            keys=tuple(key.take(pa.array(rows)) for key in self.keys),
            codes=self.codes[rows],
            values=None if self.values is None else self.values[rows],
            weighted=None if self.weighted is None else self.weighted[rows],
            weights=None if self.weights is None else self.weights[rows],
            zeros=self.zeros[rows],
            ones=self.ones[rows],
            others=self.others[rows],
            complete=self.complete[rows],
            read={name: column[rows] for name, column in self.read.items()},
            numbers={name: column[rows] for name, column in self.numbers.items()},
            sizes=None if self.sizes is None else self.sizes[rows],
        )

    def kept(self, make: Callable[Concatenate[Placed, Asked], Made], *asked: Asked.args, **more: Asked.kwargs) -> Made:
        """Return what a function makes of this, made once: it is asked again for each other output."""
        key = make, asked, tuple(sorted(more.items()))
        if key not in self._made:
            self._made[key] = make(self, *asked, **more)
        found: Made = self._made[key]
        return found

    @functools.cached_property
    def _made(self) -> dict[Any, Any]:
        return {}

    @functools.cached_property
    def units(self) -> Whole:
        """A number from 0 per unit, one for each entry."""
        return unit_numbers(list(self.keys))

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


def joint_units(one: Placed, other: Placed) -> tuple[Whole, Whole]:
    """Return numbers of the units of two outputs, the same for the same unit in both."""
    first, last = units_of_all([one, other])
    return first, last


def units_of_all(sides: Sequence[Placed]) -> list[Whole]:
    """Return numbers of the units of outputs over one kind of unit, the same for the same unit in all of them."""
    first = sides[0]
    if all(a.equals(b) for one in sides[1:] for a, b in zip(first.keys, one.keys, strict=True)):
        return [first.units] * len(sides)
    numbers = unit_numbers([_together(columns) for columns in zip(*(one.keys for one in sides), strict=True)])
    return np.split(numbers, np.cumsum([len(one) for one in sides])[:-1])


def distinct_keys(side: Placed) -> pa.Array:
    """Return the keys of the units, each once, as texts; those of several columns behind each other."""
    columns = [_as_text(key).combine_chunks() for key in side.keys]
    if len(columns) == 1:
        return pc.unique(columns[0])
    # The length goes before each part, so that no two keys are written alike.
    parts = [part for one in columns for part in (pc.cast(pc.utf8_length(one), pa.large_string()), one)]
    return pc.unique(pc.binary_join_element_wise(*parts, " "))


def _together(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return key columns behind each other; where their types differ, as the texts that stand for the keys."""
    if len({one.type for one in columns}) > 1:
        columns = [_as_text(one) for one in columns]
    return pa.chunked_array([chunk for one in columns for chunk in one.chunks], type=columns[0].type)


def _as_text(key: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = key.type
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        key = key.cast(pa.int64(), safe=False)  # `unit_key` leaves whole numbers only
    return pc.cast(key, pa.large_string())
