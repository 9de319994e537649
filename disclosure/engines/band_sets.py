"""Sets of units that bands make: each band, all up to one, and all from one on, beside such sets of another output.

What tells of few units is what tells of two cells (`disclosure.engines.cells_beside`). Bands that are made up of whole
bands of the other output, which shows all of them, tell nothing that these do not.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.cells_beside import HALVED, SHOW_UNITS
from disclosure.engines.joined import COARSER, TOO_MANY, Cells, Joined, distinct, in_both, joined
from disclosure.engines.own_bands import NOWHERE, Bands
from disclosure.engines.placed import Mask, Numbers
from disclosure.engines.same_but_few import few_apart, unions
from disclosure.engines.totals_beside import aligned, fail_in_difference
from disclosure.engines.unit_rows import Whole
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs
from disclosure.policy import Policy

_MOST: Final = 1 << 24
"""So many pairs of bands may there be, of cells that share units."""
_AT_ONCE: Final = 1 << 21
_MOST_DIFFERENCES: Final = 500
Asked = tuple[Whole, Whole, Whole]
"""Pairs of cells, a set of bands of the first, and one of the second."""


@dataclass(frozen=True, eq=False)
class _Covered:
    """Units in whole bands of the other output that lie within a band, before one, and from one on; per cell."""

    alone: Whole
    up_to: Whole
    from_on: Whole


@dataclass(frozen=True, eq=False)
class _Side:
    """Sets of bands of one output: each band, all before one, and all from one on.

    Attributes:
        low, high: the first band of each set, and the one behind its last.
        n: shape (pairs of cells, sets), how many units stand in each.
        new: of the same shape, whether they are more than whole bands of the other output.
    """

    low: Whole
    high: Whole
    n: Whole
    new: Mask

    @classmethod
    def of(cls, bands: Bands, n: Whole, covered: _Covered, cells: Whole) -> _Side:
        """Return the sets of the cells of some pairs."""
        alone, inner = np.arange(bands.size), np.arange(1, bands.size)
        up_to, from_on = inner[inner > 1], inner[inner < bands.size - 1]
        low = np.concatenate([alone, np.zeros_like(up_to), from_on]).astype(np.int64)
        high = np.concatenate([alone + 1, up_to, np.full_like(from_on, bands.size)]).astype(np.int64)
        sums = _summed(n, len(bands), bands.size)[cells]
        sizes = sums[:, high] - sums[:, low]
        parts = covered.alone[:, alone], covered.up_to[:, up_to], covered.from_on[:, from_on]
        return cls(low, high, sizes, sizes != np.concatenate(parts, axis=1)[cells])

    def __len__(self) -> int:
        return len(self.low)

    def cells(self, bands: Bands, place: int) -> Cells:
        """Return the bands of a set of each cell as that cell, and last the entries in none of them."""
        inside = (bands.band >= self.low[place]) & (bands.band < self.high[place])
        rows = np.where(inside, bands.cell, len(bands))
        return Cells(rows.astype(np.int64), np.zeros((len(bands) + 1, 0), dtype=np.int32))


@dataclass(frozen=True, eq=False)
class _Sets:
    """Sets of bands of two outputs, of pairs of cells.

    Attributes:
        both: per pair of cells the units in both, before each band of the first and before each of the second.
    """

    both: Whole
    mine: _Side
    theirs: _Side

    def sizes(self, asked: Asked) -> tuple[Whole, Whole, Whole]:
        """Return how many units are in the first, in the second, and in both sets."""
        pair, a, b = asked
        first, last, low, high = self.mine.low[a], self.mine.high[a], self.theirs.low[b], self.theirs.high[b]
        upper = self.both[pair, last, high] - self.both[pair, last, low]
        lower = self.both[pair, first, high] - self.both[pair, first, low]
        return self.mine.n[pair, a], self.theirs.n[pair, b], upper - lower

    def new(self, asked: Asked) -> Mask:
        """Return where neither set is made up of whole bands of the other output."""
        pair, a, b = asked
        return np.asarray(self.mine.new[pair, a] & self.theirs.new[pair, b], dtype=np.bool_)

    def like(self, minimum: int) -> Iterator[Asked]:
        """Yield the sets that are so much of one size that few units may stand in only one of them."""
        for pair in range(len(self.both)):
            places = [np.flatnonzero(one.new[pair] & (2 * one.n[pair] >= minimum)) for one in (self.mine, self.theirs)]
            sizes = self.mine.n[pair, places[0]], self.theirs.n[pair, places[1]]
            order = np.argsort(sizes[1], kind="stable")
            starts, ends = (
                np.searchsorted(sizes[1][order], sizes[0] + by, side="left") for by in (1 - minimum, minimum)
            )
            for start in range(0, len(starts), step := max(1, _AT_ONCE // max(1, len(order)))):
                times = (ends - starts)[start : start + step]
                rows = np.repeat(np.arange(len(times)), times)
                within = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
                second = order[np.repeat(starts[start : start + step], times) + within]
                first = places[0][start + rows]
                yield np.full(len(rows), pair, dtype=np.int64), first, places[1][second]


class BandSets:
    """Bands of one output beside bands of another, of which a cell may be the only one.

    Args:
        totals: whether all sets are totals of the same value; None if they are counts.
    """

    def __init__(self, rows: Joined, own: Bands, there: Bands, policy: Policy, totals: bool | None) -> None:
        self.rows, self.own, self.there, self.policy, self.totals = rows, own, there, policy, totals
        self.minimum = policy.minimum_units or 0
        self.one_sided = totals is None
        cells = _alone(own), _alone(there)
        self.n, self.m = (
            distinct(units, each, once=rows.once)[:-1] for units, each in zip(rows.units, cells, strict=True)
        )
        keys, shared = in_both(rows, *cells)
        first, second = keys // len(cells[1]), keys % len(cells[1])
        inside = (first < len(self.n)) & (second < len(self.m))
        self.first, self.second, self.shared = first[inside], second[inside], shared[inside]

    def told(self) -> list[CellPairs]:
        """Return the pairs of cells that tell of few units, those of single sets and those of several together."""
        covered = self._covered(turned=False), self._covered(turned=True)
        if any((n == each.alone.ravel()).all() for n, each in zip((self.n, self.m), covered, strict=True)):
            return []  # one is made up of the other, and tells no more than that alone
        return [one for one in (self._sets(covered), self._together(covered)) if len(one)]

    def _covered(self, *, turned: bool) -> _Covered:
        """Return what the first output, or turned the second one, has of whole bands of the other, which shows all."""
        here, there = (self.second, self.first) if turned else (self.first, self.second)
        bands, theirs = (self.there, self.n) if turned else (self.own, self.m)
        side = self.rows.one if turned else self.rows.other
        held = np.bincount(there, weights=self.shared, minlength=len(theirs))
        lowest, highest = np.full(len(theirs), len(bands) * bands.size), np.full(len(theirs), -1)
        np.minimum.at(lowest, there, here)
        np.maximum.at(highest, there, here)
        whole = (theirs > 0) & (held == theirs) & (lowest // bands.size == highest // bands.size)
        whole &= not side.recipe.suppressed
        alone, up_to, from_on = (np.zeros((len(bands), bands.size + more), dtype=np.int64) for more in (0, 1, 0))
        one = whole & (lowest == highest)
        np.add.at(alone, divmod(lowest[one], bands.size), theirs[one])
        np.add.at(up_to, (highest[whole] // bands.size, highest[whole] % bands.size + 1), theirs[whole])
        np.add.at(from_on, divmod(lowest[whole], bands.size), theirs[whole])
        return _Covered(alone, up_to.cumsum(axis=1), from_on[:, ::-1].cumsum(axis=1)[:, ::-1])

    def _sets(self, covered: tuple[_Covered, _Covered]) -> CellPairs:
        own, there = self.own, self.there
        cells, pair = np.unique(
            self.first // own.size * max(1, len(there)) + self.second // there.size, return_inverse=True
        )
        if len(cells) * own.size * there.size > _MOST:
            raise DataError(TOO_MANY, hint=COARSER)
        both = np.zeros((len(cells), own.size + 1, there.size + 1), dtype=np.int64)
        both[pair, self.first % own.size + 1, self.second % there.size + 1] = self.shared
        left, right = cells // max(1, len(there)), cells % max(1, len(there))
        sets = _Sets(
            both.cumsum(axis=1).cumsum(axis=2),
            _Side.of(own, self.n, covered[0], left),
            _Side.of(there, self.m, covered[1], right),
        )
        found = [np.zeros(0, dtype=np.int64)]
        for asked in sets.like(self.minimum):
            few = few_apart(*sets.sizes(asked), self.minimum, one_sided=self.one_sided)
            found.append(asked[0][few])
        if self.totals:
            found += self._totals(sets, left, right)
        told = np.unique(np.concatenate(found))
        return self._pairs(left[told], right[told], np.arange(len(told)))

    def _totals(self, sets: _Sets, left: Whole, right: Whole) -> Iterator[Whole]:
        """Yield the pairs of cells of which the totals of two sets that are mostly the same differ by too few."""
        if len(left) * len(sets.mine) * len(sets.theirs) > _MOST:
            raise DataError(TOO_MANY, hint=COARSER)
        asked = tuple(each.ravel() for each in np.indices((len(left), len(sets.mine), len(sets.theirs))))
        n, m, shared = sets.sizes((asked[0], asked[1], asked[2]))
        near = sets.new((asked[0], asked[1], asked[2])) & (n + m > 2 * shared) & (2 * shared > np.maximum(n, m))
        near &= ~few_apart(n, m, shared, self.minimum, one_sided=self.one_sided)
        cells, a, b = (each[near] for each in asked)
        places, of = np.unique(a * len(sets.theirs) + b, return_inverse=True)
        if len(places) > _MOST_DIFFERENCES:
            raise DataError(TOO_MANY, hint=COARSER)
        for number, place in enumerate(places.tolist()):
            which = cells[of == number]
            ranges = divmod(place, len(sets.theirs))
            sides = sets.mine.cells(self.own, ranges[0]), sets.theirs.cells(self.there, ranges[1])
            rows, (own, there) = self._without_shared(sides, left[which], right[which])
            yield which[fail_in_difference(rows, own, there, (left[which], right[which]), self.policy)]

    def _without_shared(
        self, sides: tuple[Cells, Cells], left: Whole, right: Whole
    ) -> tuple[Joined, tuple[Cells, Cells]]:
        """Return the rows without those that stand in both cells of some pair, and so in no difference of these.

        Of cells that share most of their units each is in one pair.
        """
        rows, (own, there) = self.rows, sides
        if not rows.once or rows.sized:
            return rows, sides
        partner = np.full(len(own), -1, dtype=np.int64)
        partner[left] = right
        both = partner[own.rows[rows.left]] == there.rows[rows.right]
        kept = np.ones(len(rows.one), dtype=np.bool_), np.ones(len(rows.other), dtype=np.bool_)
        kept[0][rows.left[both]] = kept[1][rows.right[both]] = False
        one = replace(rows.one, weighted=self._aligned).some(kept[0])
        cells = tuple(Cells(side.rows[some], side.codes) for side, some in zip(sides, kept, strict=True))
        return joined(one, rows.other.some(kept[1])), (cells[0], cells[1])

    @functools.cached_property
    def _aligned(self) -> Numbers:
        return aligned(self.rows)

    def _together(self, covered: tuple[_Covered, _Covered]) -> CellPairs:
        """Return the pairs of cells of which several bands are together the same but for few units.

        Of bands beside bands their margins, and all bands up to one, tell as much.
        """
        rows, none = self.rows, np.zeros(0, dtype=np.int64)
        if not rows.once or not self._counted() or min(self.own.size, self.there.size) > 1:
            return self._pairs(none, none, none)
        # A curve shows a band of few units, and a table does not show such a cell.
        sides = (self.own, self.n), (self.there, self.m)
        small = np.concatenate([(n < self.minimum) & (bands.size > 1) for bands, n in sides])
        counts, one_sided = (self.n, self.m), self.one_sided
        places, groups = unions(
            self.first, self.second, self.shared, counts, self.minimum, one_sided=one_sided, small=small
        )
        first, second = self.first[places], self.second[places]
        own, theirs = (n != each.alone.ravel() for n, each in zip((self.n, self.m), covered, strict=True))
        new = np.bincount(groups, weights=own[first]) * np.bincount(groups, weights=theirs[second]) > 0
        told = np.unique(np.array([groups, first // self.own.size, second // self.there.size])[:, new[groups]], axis=1)
        return self._pairs(told[1], told[2], told[0])

    def _counted(self) -> bool:
        """Tell whether several sets can be added up: totals of one value, or counts that both outputs show."""
        statistics = {self.rows.one.recipe.statistic, self.rows.other.recipe.statistic}
        return statistics <= SHOW_UNITS | HALVED if self.totals is None else self.totals

    def _pairs(self, left: Whole, right: Whole, groups: Whole) -> CellPairs:
        one, other = self.rows.one, self.rows.other
        names = one.dimensions, other.dimensions, one.labels, other.labels
        return CellPairs(*names, self.own.codes[left], self.there.codes[right], groups)


def _alone(bands: Bands) -> Cells:
    """Return each band as a cell, and last the entries in no band."""
    size = len(bands) * bands.size
    rows = np.where(bands.band == NOWHERE, size, bands.cell * bands.size + bands.band)
    return Cells(rows.astype(np.int64), np.zeros((size + 1, 0), dtype=np.int32))


def _summed(numbers: npt.NDArray[np.generic], cells: int, size: int) -> Whole:
    """Return per cell what the bands before each, and before the end, hold."""
    found = np.zeros((cells, size + 1), dtype=np.int64)
    found[:, 1:] = numbers.reshape(cells, size)
    return np.asarray(found.cumsum(axis=1), dtype=np.int64)
