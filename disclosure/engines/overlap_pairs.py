"""Which cells of one kind have units in common, and how much of the two these are: counted over all pairs at once.

Two cells are *plainly apart* where their difference tells no more than the two cells themselves do. They are if

- at most half of the units of the larger one stand in both, so that at least as many units stand in only one of the
  two as the smaller has;
- the same is true of the units in the numerator and of those in the complement of a rate;
- of what they have of a value, the difference has as many contributors as the smaller cell, none with more than it has
  in one of the two cells, and, by what the largest contributors could be at most, it is no more concentrated than the
  more concentrated of the two: each number of largest contributors has no larger share of the whole, and what is left
  beside the two largest is no smaller a part of the largest.

A difference of cells that are plainly apart fails no rule on contributors, whatever its parameters, unless one of the
two cells fails it, and that one is withheld.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.overlap_counts import Lot, counted, together

Whole = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
MOST_PAIRINGS: Final = 1_000_000_000
"""So many times may a unit stand in both of two inner cells, all together."""
_SPARSE: Final = 8
"""Fewer entries than one in so many are looked up one by one."""
_CLEAR: Final = 1e11


@dataclass(frozen=True, eq=False)
class Members:
    """Who stands in which cell, an entry for each unit in each cell, by unit and then by cell.

    Attributes:
        totals: what the unit has of the value in that cell; None where there is no value to be compared.
    """

    who: Whole
    cell: Whole
    totals: Whole | None

    def beside(self) -> Iterator[tuple[Whole, Whole]]:
        """Yield entries of the same unit in two cells, the lower cell first: where each of them stands."""
        who, step = self.who, 1
        left = np.flatnonzero(who[1:] == who[:-1])
        # Each entry is put beside the next one of its unit, then beside the one after that, and so on.
        while len(left):
            yield left, left + step
            step += 1
            if len(left) * _SPARSE > len(who):
                left = np.flatnonzero(who[step:] == who[:-step])
            else:
                left = left[left + step < len(who)]
                left = left[who[left + step] == who[left]]

    @property
    def pairings(self) -> int:
        """How many times a unit stands in both of two cells."""
        times = np.bincount(self.who) if len(self.who) else np.zeros(0, dtype=np.int64)
        return sum(int(count) * (times_ * (times_ - 1) // 2) for times_, count in enumerate(np.bincount(times)))


def members_of(places: Whole, units: Whole, values: Whole | None, cells: int) -> Members:
    """Return who stands in which of so many cells; `values` are added up over the rows of a unit in a cell."""
    keys = units * cells + places
    if (keys[1:] < keys[:-1]).any():
        if values is None:
            keys = np.sort(keys)
        else:
            # Whole numbers are added up the same in every order, so rows of one key may come in any.
            order = np.argsort(keys)
            keys, values = keys[order], values[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.intp)
    if values is not None and len(starts) < len(keys):
        values = np.asarray(np.add.reduceat(values, starts))
    keys = keys[starts]
    who = keys // cells
    return Members(who, keys - who * cells, values)


@dataclass(frozen=True, eq=False)
class Contributions:
    """What the units of each cell contribute: the sum of the sizes, how many are not zero, and the largest sizes.

    Attributes:
        largest: shape (cells, m), in descending order.
    """

    absolute: npt.NDArray[Any]
    contributors: Whole
    largest: npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of cells with a unit in both, an entry for each pair, ascending.

    Attributes:
        keys: first * cells + second.
        shared: how many units stand in both.
        removed: how much smaller the difference is than the two cells together, in size; None without a value.
        fewer: how many contributors fewer it has than the two together.
        larger: for how many units the difference is larger in size than what they have in either cell.
    """

    keys: Whole
    shared: Whole
    removed: Whole | None = None
    fewer: Whole | None = None
    larger: Whole | None = None

    def chosen(self, which: Mask | npt.NDArray[np.intp]) -> Pairs:
        """Return some of the pairs."""
        columns = (self.removed, self.fewer, self.larger)
        return Pairs(self.keys[which], self.shared[which], *(None if one is None else one[which] for one in columns))


def pairs_of(members: Members, cells: int) -> Pairs:
    """Return the pairs of so many cells that have members in common."""
    totals = members.totals
    lots = (
        (
            members.cell[left],
            members.cell[right],
            None if totals is None else totals[left],
            None if totals is None else totals[right],
        )
        for left, right in together(members.beside())
    )
    return _pairs(lots, (members,), cells)


def pairs_across(fine: Members, coarse: Members, above: Whole, cells: int) -> Pairs:
    """Return the pairs of a cell of each of two tables that have members in common, neither below the other.

    Args:
        fine: who stands in the cells of the one table.
        coarse: the same people in the cells of another, by some of the dimensions of the first.
        above: for each cell of the first table the cell of the other that it lies below.
    """
    return _pairs(_across(fine, coarse, above), (fine, coarse), cells)


def _across(fine: Members, coarse: Members, above: Whole) -> Iterator[Lot]:
    times = np.bincount(coarse.who)
    starts = np.cumsum(times) - times
    most, start, over = times[fine.who], starts[fine.who], above[fine.cell]

    def beside() -> Iterator[tuple[Whole, Whole]]:
        left, step = np.arange(len(most)), 0
        # Each entry is put beside the first entry of its unit in the other table, then beside the next, and so on.
        while len(left := left[most[left] > step]):
            right = start[left] + step
            apart = over[left] != coarse.cell[right]
            yield left[apart], right[apart]
            step += 1

    for left, right in together(beside()):
        one, other = fine.cell[left], coarse.cell[right]
        first, second = np.minimum(one, other), np.maximum(one, other)
        if fine.totals is None or coarse.totals is None:
            yield first, second, None, None
        else:
            yield first, second, fine.totals[left], coarse.totals[right]


def _pairs(lots: Iterator[Lot], who: tuple[Members, ...], cells: int) -> Pairs:
    used = np.flatnonzero(sum(np.bincount(one.cell, minlength=cells) for one in who))
    totals = who[0].totals
    exact = totals is None or totals.dtype == np.int64
    return Pairs(*counted(lots, used, cells, valued=totals is not None, placed=exact))


def few_in_both(shared: Whole, one: Whole, other: Whole) -> Mask:
    """Tell of which pairs at most half of the larger of two counts stand in both, or nobody does."""
    return np.asarray((shared == 0) | (2 * shared <= np.maximum(one, other)), dtype=np.bool_)


def no_more_concentrated(pairs: Pairs, own: Contributions) -> Mask:
    """Tell of which pairs the difference has no more concentrated contributors than the two cells."""
    if pairs.removed is None or pairs.fewer is None or pairs.larger is None:
        return np.zeros(len(pairs.keys), dtype=np.bool_)
    largest, cells = own.largest, len(own.absolute)
    first, second = pairs.keys // cells, pairs.keys % cells
    both = own.contributors[first] + own.contributors[second] - pairs.fewer
    fine = (pairs.larger == 0) & (both >= np.minimum(own.contributors[first], own.contributors[second]))
    # Products of sums leave 64 bits: Python's integers do not.
    ends = own.absolute.astype(np.object_)
    whole = ends[first] + ends[second] - pairs.removed
    most = np.sort(np.concatenate([largest[first], largest[second]], axis=1), axis=1)[:, ::-1]
    tops, top = (one.astype(np.object_).cumsum(axis=1) for one in (largest, most))
    two = min(2, largest.shape[1]) - 1
    beside = {place: np.zeros(len(fine), dtype=np.bool_) for place in range(largest.shape[1] + 1)}
    for cell in (first, second):
        for number in range(largest.shape[1]):
            beside[number] |= (top[:, number] * ends[cell] <= tops[cell, number] * whole).astype(np.bool_)
        left = (ends[cell] - tops[cell, two]) * top[:, 0] <= (whole - top[:, two]) * tops[cell, 0]
        beside[largest.shape[1]] |= left.astype(np.bool_)
    return np.asarray(np.logical_and.reduce([fine, *beside.values()]), dtype=np.bool_)


def clearly_no_more_concentrated(pairs: Pairs, own: Contributions) -> Mask:
    """Tell of which pairs `no_more_concentrated` is true whatever rounding does: floats are many times as fast.

    A product of two sums errs by far less than one part in `_CLEAR`, and so does a difference by that of its parts.
    """
    if pairs.removed is None or pairs.fewer is None or pairs.larger is None:
        return np.zeros(len(pairs.keys), dtype=np.bool_)
    cells = len(own.absolute)
    first, second = pairs.keys // cells, pairs.keys % cells
    fewest = np.minimum(own.contributors[first], own.contributors[second])
    fine = (pairs.larger == 0) & (own.contributors[first] + own.contributors[second] - pairs.fewer >= fewest)
    ends, largest = own.absolute.astype(np.float64), own.largest.astype(np.float64)
    both, size = ends[first] + ends[second], largest.shape[1]
    whole = both - pairs.removed.astype(np.float64) - both / _CLEAR
    most = np.sort(np.concatenate([largest[first], largest[second]], axis=1), axis=1)[:, ::-1]
    tops, top = largest.cumsum(axis=1), most.cumsum(axis=1) * (1 + 1 / _CLEAR)
    two = min(2, size) - 1
    sure = [np.zeros(len(fine), dtype=np.bool_) for _ in range(size + 1)]
    for cell in (first, second):
        for number in range(size):
            sure[number] |= top[:, number] * ends[cell] <= tops[cell, number] * whole / (1 + 1 / _CLEAR)
        rest = ends[cell] * (1 + 1 / _CLEAR) - tops[cell, two]
        sure[size] |= rest * top[:, 0] <= (whole - top[:, two]) * tops[cell, 0] / (1 + 1 / _CLEAR)
    return np.asarray(np.logical_and.reduce([fine, whole > 0, *sure]), dtype=np.bool_)


def apart_by_contributors(pairs: Pairs, own: Contributions) -> Mask:
    """Return what `no_more_concentrated` does, for most pairs many times as fast."""
    apart = clearly_no_more_concentrated(pairs, own)
    left = np.flatnonzero(~apart)
    apart[left] = no_more_concentrated(pairs.chosen(left), own)
    return apart
