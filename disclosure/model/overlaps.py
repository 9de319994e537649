"""Cells that overlap: what follows from two cells of one table in which the same units stand.

Where every unit stands in one cell, the difference of two cells is nobody's business. Where units stand in several, one
cell minus another is what the units in only one of them have, and what units in both have more in the one than in the
other: a cell that nobody asked for and that anybody can compute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import RecipeError
from disclosure.model.cells import MARGIN
from disclosure.model.ends import Ends, no_ends

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
    def either(self) -> _Counts:
        """How many the difference of the cells is about."""
        return self.first + self.second

    @property
    def same(self) -> npt.NDArray[np.bool_]:
        """Whether the same units stand in both cells."""
        return np.asarray(self.either == 0, dtype=np.bool_)

    def kept(self, which: npt.NDArray[np.bool_]) -> Apart:
        """Return some of the entries."""
        return Apart(self.first[which], self.second[which])


@dataclass(frozen=True, eq=False)
class Differing:
    """What contributes to the difference of the sums of a pair, at the decimals of the amounts.

    Attributes:
        n_units: units that have another total in the one cell than in the other.
        absolute: the sum of the sizes of those differences, per contributor.
        largest: shape (pairs, m), the largest of them in descending order, 0 where there is none.
        ends: of whoever stands in one of the cells only, or has another total there: the ends of those differences, and
            of their sizes; and then, where a recipe names a holding, the same of holdings.
    """

    n_units: _Counts
    absolute: _Amount
    largest: _Amount
    ends: tuple[Ends, ...]

    def __len__(self) -> int:
        return len(self.n_units)

    def kept(self, which: npt.NDArray[np.bool_]) -> Differing:
        """Return some of the entries."""
        ends = tuple(one.mapped(lambda column: column[which]) for one in self.ends)
        return Differing(self.n_units[which], self.absolute[which], self.largest[which], ends)


@dataclass(frozen=True, eq=False)
class Overlaps:
    """The pairs of cells in which some unit stands in both: at their totals in the same dimensions, or one at more.

    Pairs that are plainly apart are left out: their difference tells no more than the two cells do
    (`disclosure.engines.overlap_pairs`). There may be no others. A cell of a margin and one below it are no pair: what
    they tell follows from the table itself.

    Attributes:
        first, second: the positions of the two cells in the evidence, in its order.
        units: the units in only one of the two; of three cells those that are in the first alone, and the others.
        numerators, complements: behind a two-valued column the same of the units with its higher and its lower value.
        amounts: for statistics of a value, what contributes to the difference.
        third: where three cells are compared, the one that is taken off the first as well; None for pairs.
        triples: three cells of which the second and the third together make up most of the first; None if none do.
    """

    first: _Counts
    second: _Counts
    units: Apart
    numerators: Apart | None = None
    complements: Apart | None = None
    amounts: Differing | None = None
    third: _Counts | None = None
    triples: Overlaps | None = None

    def __post_init__(self) -> None:
        sized: list[Any] = [self.second, self.units.first]
        sized += [one.first for one in (self.numerators, self.complements) if one is not None]
        sized += [] if self.third is None else [self.third]
        if self.amounts is not None:
            sized += [self.amounts.n_units, self.amounts.absolute, self.amounts.largest]
            sized += [one.numbers for one in self.amounts.ends]
        if any(len(one) != len(self.first) for one in sized):
            raise RecipeError("What is known of overlapping cells has arrays of different lengths.")
        if self.triples is not None and (self.third is not None or self.triples.third is None):
            raise RecipeError("Three cells are compared beside pairs.")

    def __len__(self) -> int:
        return len(self.first)

    @property
    def cells(self) -> tuple[_Counts, ...]:
        """The cells of each entry."""
        return (self.first, self.second) if self.third is None else (self.first, self.second, self.third)

    def chosen(self, which: npt.NDArray[np.int64]) -> Overlaps:
        """Return the pairs at some places: who is in them, without what contributes to their differences."""
        kept = np.zeros(len(self), dtype=np.bool_)
        kept[which] = True
        return Overlaps(self.first[kept], self.second[kept], self.units.kept(kept))

    def moved(self, places: _Counts) -> Overlaps:
        """Return the same of cells that stand elsewhere, without the entries of which a cell is gone.

        Args:
            places: the new position of each cell, in the same order; -1 for one that is gone.
        """
        kept = np.logical_and.reduce([places[one] >= 0 for one in self.cells])
        triples = None if self.triples is None else self.triples.moved(places)
        return replace(
            self,
            first=places[self.first][kept],
            second=places[self.second][kept],
            units=self.units.kept(kept),
            numerators=None if self.numerators is None else self.numerators.kept(kept),
            complements=None if self.complements is None else self.complements.kept(kept),
            amounts=None if self.amounts is None else self.amounts.kept(kept),
            third=None if self.third is None else places[self.third][kept],
            triples=triples if triples is not None and len(triples) else None,
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
        amounts = Differing(none, nothing, np.zeros((0, contributors), dtype=np.object_), (no_ends(0),))
    apart = Apart(none, none)
    return Overlaps(none, none, apart, apart if two else None, apart if two else None, amounts)


def coherent(overlaps: Overlaps, codes: npt.NDArray[np.int32], n_units: _Counts, n_rows: _Counts) -> bool:
    """Tell whether cells with these codes and numbers of units may overlap so: every pair in order, and none too few.

    Units that stand in several cells are counted once in the total, so the pairs must share as many at least as the
    cells have more than the total. Of a pair that is not listed, at most half of the larger cell stand in both.
    """
    first, second = overlaps.first, overlaps.second
    if not _in_order(overlaps, len(codes)):
        return False
    totals = codes == MARGIN
    if not _comparable(codes, totals, first, second).all():
        return False
    shared = _shared(overlaps.units, n_units, overlaps)
    if shared is None or not (shared > 0).all():
        return False
    whole = np.flatnonzero(totals.all(axis=1))
    same = (totals[first] == totals[second]).all(axis=1)
    for pattern in np.unique(totals, axis=0):
        mine = (totals == pattern).all(axis=1)
        listed = mine[first] & same
        if not pattern.all() and len(whole):
            more = int(n_units[mine].sum() - n_units[whole[0]])
            apart = _most_apart(n_units[mine]) - int(
                _most_in_both(n_units[first[listed]], n_units[second[listed]]).sum()
            )
            if more > int(shared[listed].sum()) + apart:
                return False
    amounts = overlaps.amounts
    rows = n_rows[first] + n_rows[second]
    if amounts is not None and not _coherent_amounts(amounts, overlaps.units.either + shared, rows):
        return False
    return overlaps.triples is None or _coherent_triples(overlaps.triples, totals, n_units, n_rows)


def _in_order(overlaps: Overlaps, cells: int) -> bool:
    entries = overlaps.cells
    if any((one < 0).any() or (one >= cells).any() for one in entries):
        return False
    keys = np.lexsort(entries[::-1])
    columns = np.array(entries)
    distinct = (columns[:, 1:] != columns[:, :-1]).any(axis=0).all()
    ordered = (overlaps.first < overlaps.second).all() if overlaps.third is None else True
    return bool((keys == np.arange(len(overlaps))).all() and distinct and ordered)


def _comparable(
    codes: npt.NDArray[np.int32], totals: npt.NDArray[np.bool_], first: _Counts, second: _Counts
) -> npt.NDArray[np.bool_]:
    """Tell of which pairs both are at the same totals, or one is at more and the other does not lie below it."""
    one, other = totals[first], totals[second]
    more = (one >= other).all(axis=1) | (one <= other).all(axis=1)
    below = ((codes[first] == codes[second]) | one | other).all(axis=1)
    same = (one == other).all(axis=1)
    return np.asarray(same | (more & ~below & ~one.all(axis=1) & ~other.all(axis=1)), dtype=np.bool_)


def _coherent_triples(triples: Overlaps, totals: npt.NDArray[np.bool_], n_units: _Counts, n_rows: _Counts) -> bool:
    cells = triples.cells
    if len(cells) != 3 or not len(triples) or not _in_order(triples, len(totals)):
        return False
    first, second, third = cells
    fits = [
        second < third,
        first != second,
        first != third,
        (totals[first] == totals[second]).all(axis=1) & (totals[first] == totals[third]).all(axis=1),
        triples.units.first <= n_units[first],
        triples.units.second <= n_units[second] + n_units[third],
    ]
    amounts = triples.amounts
    if amounts is not None:
        most, rows = (sum(counts[cell] for cell in cells) for counts in (n_units, n_rows))
        fits += [np.array(_coherent_amounts(amounts, np.asarray(most), np.asarray(rows)))]
    return all(bool(np.asarray(one).all()) for one in fits)


def _coherent_amounts(amounts: Differing, most: _Counts, rows: _Counts) -> bool:
    """Tell whether differences of at most so many units may be these, and of holdings as many as there are rows."""
    ends, sized = amounts.ends, amounts.largest
    return (
        bool((amounts.n_units <= most).all() and (sized[:, :-1] >= sized[:, 1:]).all())
        and (len(ends) in (2, 4) if len(amounts) else len(ends) <= 4)
        and all(one.coherent() and bool((one.numbers <= (most, rows)[n // 2]).all()) for n, one in enumerate(ends))
        and all(bool((one.lowest >= 0).all()) for one in ends[1::2])
    )


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


def _most_in_both(one: _Counts, other: _Counts) -> _Counts:
    """Return how many units may stand in both cells of pairs that are not listed."""
    most: _Counts = np.minimum(np.minimum(one, other), np.maximum(one, other) // 2)
    return most


def _most_apart(n_units: _Counts) -> int:
    """Return that of all pairs of these cells together."""
    counts = np.sort(n_units)
    sums = np.concatenate([[0], np.cumsum(counts)])
    half, before = counts // 2, np.arange(len(counts))
    # Beside each cell stand those before it: the ones up to half of it with all they have, the others with half of it.
    small = np.minimum(np.searchsorted(counts, half, side="right"), before)
    return int(sum((sums[small] + half * (before - small)).tolist()))
