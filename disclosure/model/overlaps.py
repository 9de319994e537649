"""Cells that overlap: what follows from two cells of one table in which the same units stand.

Where every unit stands in one cell, the difference of two cells is nobody's business. Where units stand in several, one
cell minus another is what the units in only one of them have, and what units in both have more in the one than in the
other: a cell that nobody asked for and that anybody can compute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import RecipeError
from disclosure.model.cells import MARGIN

_Counts = npt.NDArray[np.int64]
_Amount = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Apart:
    """How many units of a pair stand in the first cell and not in the second, and the other way round."""

    first: _Counts
    second: _Counts

    def __post_init__(self) -> None:
        if len(self.first) != len(self.second):
            raise RecipeError("The units of overlapping cells have different lengths.")

    @property
    def most(self) -> _Counts:
        """The larger of the two: somebody who subtracts the cells cannot see less than that."""
        return np.maximum(self.first, self.second)

    @property
    def same(self) -> npt.NDArray[np.bool_]:
        """Whether the same units stand in both cells."""
        return np.asarray(self.most == 0, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Differing:
    """What contributes to the difference of the sums of a pair, at the decimals of the amounts.

    Attributes:
        n_units: units that have another total in the one cell than in the other.
        absolute: the sum of the sizes of those differences, per contributor.
        largest: shape (pairs, m), the largest of them in descending order, 0 where there is none.
    """

    n_units: _Counts
    absolute: _Amount
    largest: _Amount


@dataclass(frozen=True, eq=False)
class Overlaps:
    """The pairs of cells, both at their totals in the same dimensions, in which some unit stands in both.

    Pairs that are plainly apart are left out: their difference tells no more than the two cells do
    (`disclosure.engines.overlap_pairs`). There may be no others.

    Attributes:
        first, second: the positions of the two cells in the evidence, in its order.
        units: the units in only one of the two.
        numerators, complements: behind a two-valued column the same of the units with its higher and its lower value.
        amounts: for statistics of a value, what contributes to the difference.
    """

    first: _Counts
    second: _Counts
    units: Apart
    numerators: Apart | None = None
    complements: Apart | None = None
    amounts: Differing | None = None

    def __post_init__(self) -> None:
        sized: list[Any] = [self.second, self.units.first]
        sized += [one.first for one in (self.numerators, self.complements) if one is not None]
        if self.amounts is not None:
            sized += [self.amounts.n_units, self.amounts.absolute, self.amounts.largest]
        if any(len(one) != len(self.first) for one in sized):
            raise RecipeError("What is known of overlapping cells has arrays of different lengths.")

    def __len__(self) -> int:
        return len(self.first)

    def moved(self, places: _Counts) -> Overlaps:
        """Return the same of cells that stand elsewhere, without the pairs of which a cell is gone.

        Args:
            places: the new position of each cell, in the same order; -1 for one that is gone.
        """
        first, second = places[self.first], places[self.second]
        kept = (first >= 0) & (second >= 0)

        def apart(one: Apart | None) -> Apart | None:
            return None if one is None else Apart(one.first[kept], one.second[kept])

        amounts = self.amounts
        if amounts is not None:
            amounts = Differing(amounts.n_units[kept], amounts.absolute[kept], amounts.largest[kept])
        return replace(
            self,
            first=first[kept],
            second=second[kept],
            units=Apart(self.units.first[kept], self.units.second[kept]),
            numerators=apart(self.numerators),
            complements=apart(self.complements),
            amounts=amounts,
        )


def no_overlaps(contributors: int | None, *, two: bool) -> Overlaps:
    """Return that all overlapping cells are plainly apart.

    Args:
        contributors: how many of the largest contributors evidence has of each cell; None for a table of counts.
        two: whether it has those behind a two-valued column.
    """
    none: _Counts = np.zeros(0, dtype=np.int64)
    amounts = None
    if contributors is not None:
        nothing: _Amount = np.zeros(0, dtype=np.object_)
        amounts = Differing(none, nothing, np.zeros((0, contributors), dtype=np.object_))
    apart = Apart(none, none)
    return Overlaps(none, none, apart, apart if two else None, apart if two else None, amounts)


def coherent(overlaps: Overlaps, codes: npt.NDArray[np.int32], n_units: _Counts) -> bool:
    """Tell whether cells with these codes and numbers of units may overlap so: every pair in order, and none too few.

    Units that stand in several cells are counted once in the total, so the pairs must share as many at least as the
    cells have more than the total. Of a pair that is not listed, fewer than half of the smaller cell stand in both.
    """
    first, second = overlaps.first, overlaps.second
    if (first < 0).any() or (second >= len(codes)).any() or not (first < second).all():
        return False
    keys = first * len(codes) + second
    totals = codes == MARGIN
    if not (keys[1:] > keys[:-1]).all() or (totals[first] != totals[second]).any():
        return False
    shared = _shared(overlaps.units, n_units, overlaps)
    if shared is None or not (shared > 0).all():
        return False
    whole = np.flatnonzero(totals.all(axis=1))
    for pattern in np.unique(totals, axis=0):
        mine = (totals == pattern).all(axis=1)
        listed = mine[first]
        if not pattern.all() and len(whole):
            more = int(n_units[mine].sum() - n_units[whole[0]])
            apart = _most_apart(n_units[mine]) - int(_most_in_both(n_units, first[listed], second[listed]).sum())
            if more > int(shared[listed].sum()) + apart:
                return False
    amounts = overlaps.amounts
    if amounts is None:
        return True
    some = overlaps.units.first + overlaps.units.second + shared
    return bool((amounts.n_units <= some).all() and (amounts.largest[:, :-1] >= amounts.largest[:, 1:]).all())


def coherent_shares(overlaps: Overlaps, numerator: _Counts, complement: _Counts) -> bool:
    """Tell whether cells with these counts behind a two-valued column may overlap so."""
    for apart, counts in ((overlaps.numerators, numerator), (overlaps.complements, complement)):
        if apart is None or _shared(apart, counts, overlaps) is None:
            return False
    return True


def _shared(apart: Apart, counts: _Counts, overlaps: Overlaps) -> _Counts | None:
    """Return how many stand in both cells of each pair; None if the two cells do not agree on it."""
    shared: _Counts = counts[overlaps.first] - apart.first
    agree = (shared == counts[overlaps.second] - apart.second) & (shared >= 0)
    return shared if agree.all() else None


def _most_in_both(n_units: _Counts, first: _Counts, second: _Counts) -> _Counts:
    """Return how many units may stand in both cells of pairs that are not listed."""
    return np.asarray(np.maximum(np.minimum(n_units[first], n_units[second]) - 1, 0) // 2, dtype=np.int64)


def _most_apart(n_units: _Counts) -> int:
    """Return that of all pairs of these cells together: each is the smaller one beside all that come after it."""
    most = np.maximum(np.sort(n_units) - 1, 0) // 2
    return sum(map(mul, most.tolist(), range(len(most) - 1, -1, -1)))
