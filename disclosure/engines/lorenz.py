"""Evidence for Lorenz curves: cumulated values up to each percentile, and the units between one point and the next.

The curve is the piecewise linear one through all rows in ascending order of value, weights included (Gastwirth 1972),
so a row that a percentile cuts in two counts with its part below it. Rows of equal value may stand in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import ibis.expr.types as ir
import numpy as np

from disclosure.engines.exact_sums import Numbers, exact_sum, product
from disclosure.engines.own_cells import extended, own_evidence
from disclosure.engines.part_rows import part_of, per_holder
from disclosure.engines.quantiles import cumulative
from disclosure.engines.sorted_cells import SortedCell, refuse_negative, sorted_cells, two_largest
from disclosure.engines.unit_rows import unit_rows
from disclosure.errors import RecipeError
from disclosure.model.distribution_options import lorenz_points, plain
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.rules.deviations import TIGHT
from disclosure.texts import text

FIGURE = "share"
_SCALE = 10**8
"""A percentage with six decimals of a whole number is whole at this scale."""


@dataclass(frozen=True)
class _Point:
    """A percentile: the value that stands at it, and the weight x value of what is below it, at `_SCALE`."""

    value: int
    cumulated: int


def lorenz(_rows: ir.Table, base: ir.Table, recipe: Recipe, plan: Plan) -> Evidence | Inconclusive:
    """Return the evidence of Lorenz curves, one for each cell of the rows and columns, margins included.

    Raises:
        ColumnError: a value is negative.
        RecipeError: the weight is not one of the codebook.
    """
    if plan.weighted_contributions:
        raise RecipeError(
            text("A Lorenz curve takes only weights that the codebook names as such."),
            hint=text("Leave weights= out, or give the codebook that names the sampling weight."),
        )
    points, own = lorenz_points(recipe), own_evidence(base, recipe, totals=True)
    rows = unit_rows(base, own, recipe, plan)
    refuse_negative(rows, recipe)
    cells = list(sorted_cells(rows, own))
    part = part_of("lorenz", [entry for cell in cells for entry in _entries(cell, points)])
    n_units, n_rows = (
        np.repeat(np.array(counts, dtype=np.int64), len(points))
        for counts in ([cell.n_units() for cell in cells], [len(cell) for cell in cells])
    )
    labels = tuple(plain(point) for point in points)
    return extended(own, {"percentile": labels, "figure": (FIGURE,)}, n_units, n_rows, part)


def _entries(cell: SortedCell, points: tuple[Fraction, ...]) -> list[dict[str, int]]:
    products, cumulated = cell.products(), cell.cumulated()
    total, sums = exact_sum(products) * _SCALE, cumulative(products)
    found = [_point(cell, cumulated, sums, asked) for asked in points]
    bands = [_Band(below, above) for below, above in zip((None, *found), (*found, None), strict=True)]
    mass = cell.mass()
    return [
        {
            "cumulated": point.cumulated,
            "total": total,
            **before.entries("below", cell, total),
            **after.entries("above", cell, total),
            **before.distances("under", cell),
            **after.distances("over", cell),
            **mass,
        }
        for point, before, after in zip(found, bands, bands[1:], strict=False)
    ]


def _point(cell: SortedCell, cumulated: Numbers, sums: Numbers, asked: Fraction) -> _Point:
    """Return the point below which the lowest `asked` percent of the weight lie."""
    needed = int(asked * 10**6) * int(cumulated[-1])
    place = int(np.searchsorted(cumulated, -(-needed // _SCALE), side="left"))
    before, held = (int(cumulated[place - 1]), int(sums[place - 1])) if place else (0, 0)
    value = int(cell.values[place])
    return _Point(value, held * _SCALE + (needed - before * _SCALE) * value)


@dataclass(frozen=True)
class _Band:
    """What lies between two points that follow each other; None for the bottom and for the top."""

    low: _Point | None
    high: _Point | None

    def entries(self, name: str, cell: SortedCell, total: int) -> dict[str, int]:
        """Return the band's total, its two largest contributions and the units strictly inside, as columns.

        A row that a point cuts counts in full as a contribution to both sides: which of several equal rows is cut
        would be chance.
        """
        everything = np.ones(len(cell), dtype=np.bool_)
        from_low = everything if self.low is None else cell.values >= self.low.value
        above_low = everything if self.low is None else cell.values > self.low.value
        to_high = everything if self.high is None else cell.values <= self.high.value
        below_high = everything if self.high is None else cell.values < self.high.value
        touched = cell.where(from_low & to_high)
        largest = two_largest(name, per_holder(touched.holders, touched.products()))
        held = (total if self.high is None else self.high.cumulated) - (0 if self.low is None else self.low.cumulated)
        return {
            name: held,
            **{column: size * _SCALE for column, size in largest.items()},
            f"n_{name}": cell.where(above_low & below_high).fewest(),
        }

    def distances(self, name: str, cell: SortedCell) -> dict[str, int]:
        """Return how far the contributions of the bottom or the top lie from its point, and the two farthest.

        They are 0 for what lies between two points, and where all but two come to more than a small part of what
        everybody there has: then nobody knows what the others have, whoever lies far out.
        """
        if (self.low is None) is (self.high is None):
            return dict.fromkeys((name, f"{name}_1", f"{name}_2"), 0)
        point = self.low or self.high
        value = 0 if point is None else point.value
        outer = cell.where(cell.values >= value if self.high is None else cell.values <= value)
        sizes = per_holder(outer.holders, product(outer.weights, np.abs(outer.values - value)))
        whole, farthest = exact_sum(sizes), two_largest(name, sizes)
        if (whole - sum(farthest.values())) * TIGHT > value * outer.total_weight():
            return dict.fromkeys((name, *farthest), 0)
        return {name: whole, **farthest}
