"""Evidence: what trusted code counted and added up per cell, and all that a rule may look at.

Evidence is columnar: one array entry per cell, so that a rule is one comparison of arrays and a million cells are
judged in one go. Amounts are whole numbers at a fixed number of decimals, kept as Python integers in object arrays:
they are exact and cannot overflow, and a comparison at the very bound of a rule comes out right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from disclosure.errors import RecipeError
from disclosure.model.cells import MARGIN, Cell
from disclosure.model.ends import Ends
from disclosure.model.overlaps import Overlaps
from disclosure.model.parts import Part

Counts = npt.NDArray[np.int64]
Amount = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]

SCHEMA = "table/2"
WEIGHT_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Amounts:
    """Sums per cell, for statistics of a value. All amounts have `decimals` decimals.

    Attributes:
        total: the published sum, weighted where the recipe names a weight.
        absolute: X, the sum of the absolute totals of the contributors.
        largest: shape (cells, m), the largest absolute contributor totals in descending order, 0 where there is none.
        n_nonzero: contributors whose total is not zero.
        constant: all contributor totals are equal and not zero.
        rows_constant: all single values are equal and not zero.
        divisor: what the total is divided by for a mean, with `WEIGHT_DECIMALS` decimals.
        negative: some contributor's total is negative, so that absolute totals differ from totals.
        divisor_largest: the largest part of `divisor` that is one unit's.
        ends: the ends of what units contribute, of which the sum is not `total` where a codebook's weight expands it;
            after them, under a weight of the researcher's own, those of the value without the weight; and then, where
            a recipe names a holding, the same of what holdings contribute.
    """

    decimals: int
    total: Amount
    absolute: Amount
    largest: Amount
    n_nonzero: Counts
    constant: Mask
    rows_constant: Mask
    divisor: Amount
    negative: bool
    divisor_largest: Amount
    ends: tuple[Ends, ...]


@dataclass(frozen=True, eq=False)
class Shares:
    """Counts behind a two-valued column: distinct units with any `high` value and with any `low` value."""

    high: str
    low: str
    numerator: Counts
    complement: Counts


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weighted numbers of units, with `WEIGHT_DECIMALS` decimals: all, and those of a rate's numerator."""

    units: Amount
    numerator: Amount | None


@dataclass(frozen=True, eq=False)
class OtherUnits:
    """Distinct further units per cell, such as the households of the persons in it.

    Attributes:
        key: their key columns.
        numerator, complement: those with any higher and with any lower value, behind a two-valued column.
    """

    key: tuple[str, ...]
    n_units: Counts
    numerator: Counts | None = None
    complement: Counts | None = None

    def __post_init__(self) -> None:
        if not self.key:
            raise RecipeError("A further unit is named by its key columns.")


def _no_parts() -> Mapping[str, Part]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Evidence:
    """The evidence of one table.

    Attributes:
        dimensions: names, in the recipe's order.
        categories: per dimension its labels in canonical order.
        codes: shape (cells, dimensions), the position of each cell's label in `categories`, `MARGIN` at the total.
        n_units: distinct units per cell; for a statistic of a value those that have one.
        n_rows: rows per cell, only ever shown as evidence.
        added: the last dimensions, which the statistic itself adds: the terms of a model, the times of a curve. They
            have no total, and their categories stand in an order of their own.
        other_units: the further units that the recipe names, in its order.
        parts: what else the output class needs, by name.
        underlying: the evidence of the plain table that the figures follow from, such as the counts behind an odds
            ratio; it is judged as that table.
        overlaps: the cells that have units in common; None where every unit stands in one cell.
    """

    dimensions: tuple[str, ...]
    categories: tuple[tuple[str | None, ...], ...]
    codes: npt.NDArray[np.int32]
    n_units: Counts
    n_rows: Counts
    amounts: Amounts | None = None
    shares: Shares | None = None
    weighted: Weighted | None = None
    schema: str = field(default=SCHEMA)
    added: tuple[str, ...] = ()
    other_units: tuple[OtherUnits, ...] = ()
    parts: Mapping[str, Part] = field(default_factory=_no_parts)
    underlying: Evidence | None = None
    overlaps: Overlaps | None = None

    def __post_init__(self) -> None:
        if self.codes.shape != (len(self.n_units), len(self.dimensions)) or len(self.n_rows) != len(self.n_units):
            raise RecipeError("The evidence has arrays of different lengths.")
        if len(self.categories) != len(self.dimensions):
            raise RecipeError("The evidence has categories for other dimensions than its own.")
        if self.dimensions[len(self.dimensions) - len(self.added) :] != self.added:
            raise RecipeError("The dimensions that a statistic adds come last.")
        if any(len(one) != len(self) for one in self.parts.values()):
            raise RecipeError("A part of the evidence is about other cells.")
        counts = [one for other in self.other_units for one in (other.n_units, other.numerator, other.complement)]
        if any(one is not None and len(one) != len(self) for one in counts):
            raise RecipeError("The further units of the evidence are those of other cells.")

    def __len__(self) -> int:
        return len(self.n_units)

    @property
    def own_dimensions(self) -> int:
        """How many dimensions are those of the rows, and have a total."""
        return len(self.dimensions) - len(self.added)

    @property
    def units_overlap(self) -> bool:
        """Whether some unit stands in several inner cells, so that these have more units than the grand total.

        What a statistic adds to the table, such as the times of a curve, is no cell of units.
        """
        totals = np.flatnonzero((self.codes == MARGIN).all(axis=1))
        if self.added or not len(totals):
            return False
        return int(sum(self.n_units[self.inner].tolist())) > int(self.n_units[totals[0]])

    def part(self, name: str) -> Part:
        """Return a part, or raise `RecipeError` if the evidence lacks it."""
        if name not in self.parts:
            raise RecipeError(f"The evidence lacks the part '{name}'.")
        return self.parts[name]

    @property
    def inner(self) -> Mask:
        """Cells with no dimension at its total."""
        return np.asarray((self.codes != MARGIN).all(axis=1), dtype=np.bool_)

    def cell(self, position: int) -> Cell:
        """Return the cell at a position."""
        pairs = zip(self.dimensions, self.categories, self.codes[position].tolist(), strict=True)
        return Cell(tuple((name, labels[code]) for name, labels, code in pairs if code != MARGIN))

    def cells(self) -> Iterator[Cell]:
        """Yield every cell in canonical order."""
        return self.cells_at(np.arange(len(self)))

    def cells_at(self, positions: npt.NDArray[np.int64]) -> Iterator[Cell]:
        """Yield the cell at each of these positions: each label's pair is made once, not once per cell."""
        columns = []
        for place, (name, labels) in enumerate(zip(self.dimensions, self.categories, strict=True)):
            # The margin's code is -1, so it finds the None behind the last label.
            pairs = [*((name, label) for label in labels), None]
            columns.append([pairs[code] for code in self.codes[positions, place].tolist()])
        if not columns:
            return (Cell(()) for _ in range(len(positions)))
        return (Cell(tuple(filter(None, one))) for one in zip(*columns, strict=True))

    def margin_over(self, dimension: int) -> npt.NDArray[np.int64]:
        """Return for each cell the position of the cell that has `dimension` at its total and all else the same.

        A cell that is itself at that total gets its own position. A position that evidence lacks is -1.
        """
        at_total = self.codes.copy()
        at_total[:, dimension] = MARGIN
        return self.positions(at_total)

    def positions(self, codes: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """Return where the cells with these codes stand, -1 for those that evidence lacks."""
        own, asked = self._keys(self.codes), self._keys(codes)
        order = np.argsort(own, kind="stable")
        if not len(own):
            return np.full(len(asked), -1, dtype=np.int64)
        found = np.minimum(np.searchsorted(own[order], asked), len(own) - 1)
        place = order[found]
        return np.asarray(np.where(own[place] == asked, place, -1), dtype=np.int64)

    def _keys(self, codes: npt.NDArray[np.int32]) -> npt.NDArray[Any]:
        """Return one whole number per cell, distinct for distinct cells."""
        size = 1
        for labels in self.categories:
            size *= len(labels) + 1
        # Beyond 63 bits Python's integers take over: slower, never wrong.
        keys: npt.NDArray[Any] = np.zeros(len(codes), dtype=np.int64 if size < 2**62 else np.object_)
        for place, labels in enumerate(self.categories):
            keys = keys * (len(labels) + 1) + (codes[:, place].astype(keys.dtype) + 1)
        return keys

    def to_pandas(self) -> pd.DataFrame:
        """Return the evidence as a frame with one row per cell, for looking at inside a sealed workspace."""
        frame = pd.DataFrame({"cell": [str(cell) for cell in self.cells()]})
        frame["n_units"], frame["n_rows"] = self.n_units, self.n_rows
        if self.amounts is not None:
            amounts = self.amounts
            frame["total"] = unscaled(amounts.total, amounts.decimals)
            frame["absolute_total"] = unscaled(amounts.absolute, amounts.decimals)
            for place in range(amounts.largest.shape[1]):
                frame[f"x{place + 1}"] = unscaled(amounts.largest[:, place], amounts.decimals)
            frame["n_nonzero"] = amounts.n_nonzero
        if self.shares is not None:
            frame["numerator"], frame["complement"] = self.shares.numerator, self.shares.complement
        for other in self.other_units:
            frame[f"n_units of {', '.join(other.key)}"] = other.n_units
        for part in self.parts.values():
            for name, column in part.columns.items():
                frame[f"{part.name}: {name}"] = column
        return frame


def unscaled(values: Amount, decimals: int) -> list[str]:
    """Return whole numbers at `decimals` decimals as plain decimal text.

    >>> unscaled(np.array([12345, -5], dtype=object), 2)
    ['123.45', '-0.05']
    """
    texts = []
    for value in values.tolist():
        digits = str(abs(value)).rjust(decimals + 1, "0")
        text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
        texts.append(f"-{text}" if value < 0 else text)
    return texts
