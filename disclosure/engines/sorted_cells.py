"""The rows of each cell in ascending order of their value, for statistics that look at the whole distribution.

Sums are exact: values and weights are whole numbers, and where 64 bits might not do, Python's integers take over.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.engines.exact_sums import Numbers, exact_dot, exact_sum, product
from disclosure.engines.part_rows import by_value, contribution_entries, distinct, per_holder
from disclosure.engines.quantiles import cumulative, weighted_quantile
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.errors import ColumnError
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.recipes import Recipe
from disclosure.texts import text


@dataclass(frozen=True, eq=False)
class SortedCell:
    """The rows of one cell, one entry each, values ascending; without a weight every row weighs 1.

    Attributes:
        holders: a number per contributor.
        units: a number per unit.
        further: for each further unit of the recipe a number per row, as for units.
    """

    values: Whole
    weights: Whole
    holders: Whole
    units: Whole
    further: tuple[Whole, ...]

    def __len__(self) -> int:
        return len(self.values)

    def where(self, mask: Mask) -> SortedCell:
        """Return the rows that a mask names."""
        further = tuple(one[mask] for one in self.further)
        return SortedCell(self.values[mask], self.weights[mask], self.holders[mask], self.units[mask], further)

    def below(self, bound: Fraction) -> Mask:
        """Return which values are strictly below a bound."""
        # Values are whole numbers, so the bound is made one: nothing is compared as a floating-point number.
        end = np.searchsorted(self.values, _within(-(-bound.numerator // bound.denominator)), side="left")
        return np.arange(len(self)) < end

    def up_to(self, bound: Fraction) -> Mask:
        """Return which values are at most a bound."""
        end = np.searchsorted(self.values, _within(bound.numerator // bound.denominator), side="right")
        return np.arange(len(self)) < end

    def quantile(self, probability: Fraction) -> Fraction:
        """Return the weighted quantile, averaged at ties as laeken does, with equal weights too; 0 without rows."""
        if not len(self):
            return Fraction(0)
        return weighted_quantile(self.values, self.weights, probability, is_sorted=True)

    def cumulated(self) -> npt.NDArray[Any]:
        """Return the running sum of the weights."""
        return cumulative(self.weights)

    def total_weight(self) -> int:
        """Return the sum of the weights."""
        return exact_sum(self.weights)

    def products(self) -> Numbers:
        """Return weight x value per row."""
        return product(self.weights, self.values)

    def total(self) -> int:
        """Return the sum of weight x value."""
        return exact_dot(self.weights, self.values)

    def n_units(self) -> int:
        """Return the number of distinct units."""
        return distinct(self.units)

    def fewest(self) -> int:
        """Return the number of distinct units or further units, of whichever there are fewer."""
        return min(distinct(one) for one in (self.units, *self.further))

    def mass(self) -> dict[str, int]:
        """Return what contributors hold of the weight, or without one of the rows, as the columns of a part."""
        return contribution_entries(per_holder(self.holders, self.weights))

    def group_entries(self, name: str) -> dict[str, int]:
        """Return the total of these rows and the two largest contributions to it, as the columns of a part."""
        products = self.products()
        return {name: exact_sum(products), **two_largest(name, np.abs(per_holder(self.holders, products)))}


def sorted_cells(rows: UnitRows, evidence: Evidence) -> Iterator[SortedCell]:
    """Yield the rows of every cell of the evidence, in its order."""
    ordered = by_value(rows)
    # Within a cell `of_cells` keeps the order of the rows.
    return (_cell(ordered, places) for places in ordered.of_cells(evidence))


def whole_cell(rows: UnitRows) -> SortedCell:
    """Return all rows as one cell."""
    ordered = by_value(rows)
    return _cell(ordered, np.arange(len(ordered.values)))


def _cell(rows: UnitRows, places: npt.NDArray[np.intp]) -> SortedCell:
    weights = np.ones(len(places), dtype=np.int64) if rows.weights is None else rows.weights[places]
    further = tuple(one[places] for one in rows.further)
    return SortedCell(rows.values[places], weights, rows.holders[places], rows.units[places], further)


def two_largest(name: str, sizes: npt.NDArray[Any]) -> dict[str, int]:
    """Return the two largest of some sizes as the columns ``name_1`` and ``name_2``, 0 where there is none."""
    kept = np.partition(sizes, len(sizes) - 2)[-2:] if len(sizes) > 2 and sizes.dtype != np.object_ else sizes
    first, second = (*heapq.nlargest(2, kept.tolist()), 0, 0)[:2]
    return {f"{name}_1": int(first), f"{name}_2": int(second)}


def refuse_negative(rows: UnitRows, recipe: Recipe) -> None:
    """Raise `ColumnError` if some value is negative, for statistics that mean nothing then."""
    if (rows.values < 0).any():
        raise ColumnError(
            text(
                "The column '{value}' has negative values, for which '{statistic}' is not defined.",
                value=recipe.value,
                statistic=recipe.statistic,
            ),
            hint=text("Leave them out, or set them to zero, and say so in the output's title."),
        )


def _within(bound: int) -> np.int64:
    """Return a bound as a 64-bit number; one beyond all values stays beyond them."""
    return np.int64(max(-(2**63), min(bound, 2**63 - 1)))
