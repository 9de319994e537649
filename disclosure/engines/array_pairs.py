"""Pairs of cells in which the same units stand, tallied beside the cells: in most tables all are plainly apart.

What that means stands in `overlap_pairs`. If a pair is not, the rows are asked once more; this is how to tell quickly
that none needs to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Whole
from disclosure.engines.array_tally import Tally
from disclosure.engines.array_units import Groups
from disclosure.engines.overlap_counts import compared, together
from disclosure.engines.overlap_pairs import (
    MOST_PAIRINGS,
    Contributions,
    Members,
    Pairs,
    apart_by_contributors,
    few_in_both,
)

MOST_CELLS: Final = 1 << 10
"""Every pair has a place of its own, so many cells are a million pairs."""
_FEW: Final = 4
"""Counting all pairs anew pays only while there are fewer than so many times as many as are counted."""


class PairTally:
    """What units in both cells have, for every pair of so many cells of the full table: first * cells + second.

    Attributes:
        pairings: how many times a unit stands in both of two cells; beyond `MOST_PAIRINGS` nothing more is tallied.
    """

    def __init__(self, cells: int) -> None:
        self.cells = cells
        self.pairings = 0
        self._sums: dict[str, Whole] = {}

    def look(self, groups: Groups, *, valued: bool) -> None:
        """Take in units, of which the entries are by unit and then by cell.

        Args:
            valued: whether cells are compared by what units contribute, beside who they are.
        """
        if groups.units is None:
            return
        members = Members(groups.units, groups.places, groups.value if valued else None)
        self.pairings += members.pairings
        if self.pairings > MOST_PAIRINGS:
            return
        firsts = members.cell * self.cells
        for left, right in together(members.beside()):
            pairs = np.take(firsts, left)
            pairs += np.take(members.cell, right)
            self._count("shared", pairs)
            if members.totals is not None:
                self._compare(pairs, np.take(members.totals, left), np.take(members.totals, right))
            for name, some in (("high", groups.high), ("low", groups.low)):
                if some is not None:
                    self._count(name, pairs[some[left] & some[right]])

    def _compare(self, pairs: npt.NDArray[np.intp], one: Whole, other: Whole) -> None:
        smaller = np.minimum(one, other)
        if smaller.min() > 0 and not (one == other).any():
            # Nearly always: of two contributors one is left, and twice the smaller amount goes.
            smaller += smaller
            np.add.at(self.sums("removed"), pairs, smaller)
            return
        removed, fewer, larger = compared(one, other)
        for name, column in (("removed", removed), ("fewer less shared", fewer - 1), ("larger", larger)):
            np.add.at(self.sums(name), pairs, column)

    def _count(self, name: str, pairs: npt.NDArray[np.intp]) -> None:
        known = self.sums(name)
        if len(pairs) * _FEW > len(known):
            known += np.bincount(pairs, minlength=len(known))
        else:
            np.add.at(known, pairs, np.ones(len(pairs), dtype=np.int64))

    def take(self, other: PairTally) -> None:
        """Take in another tally of the same pairs."""
        self.pairings += other.pairings
        for name, numbers in other._sums.items():
            self.sums(name)[:] += numbers

    def sums(self, name: str) -> Whole:
        """Return the sums of that name, 0 where nothing was added."""
        if name not in self._sums:
            self._sums[name] = np.zeros(self.cells**2, dtype=np.int64)
        return self._sums[name]

    def apart(self, cells: Cells, *, two: bool) -> bool:
        """Tell whether all cells of the table and its margins are plainly apart, as far as the full table says.

        A unit in two cells of a margin is in two inner cells below them. What goes there is no more than what goes in
        all pairs below, as the smaller of two sums of amounts that are not negative is no more than the sum of all
        smaller ones. Where most of a cell stands in another, three cells may tell more: the rows are asked then.

        Args:
            two: whether the values are two only, so that those with either are compared too.
        """
        inner = np.flatnonzero(self.sums("shared"))
        one, other = inner // self.cells, inner % self.cells
        for fine, coarse in cells.patterns:
            first = np.concatenate([cells.places[fine][one], cells.places[fine][other]])
            second = np.concatenate([cells.places[coarse][other], cells.places[coarse][one]])
            if fine == coarse:
                first, second = first[: len(inner)], second[: len(inner)]
                own = first != second
            else:
                # A cell lies below one of the margin if that is where it is counted.
                own = second != np.concatenate([cells.places[coarse][one], cells.places[coarse][other]])
            low, high = np.minimum(first, second)[own], np.maximum(first, second)[own]
            keys, back = np.unique(low * len(cells.units) + high, return_inverse=True)
            if not self._plainly(
                cells, keys, back, np.tile(inner, 2)[: len(own)][own], two=two, exact=fine == coarse == 0
            ):
                return False
            if fine == coarse:
                shared = self._added("shared", back, np.tile(inner, 2)[: len(own)][own], len(keys))
                sizes = np.minimum(cells.units[keys // len(cells.units)], cells.units[keys % len(cells.units)])
                if (2 * shared > sizes).any():
                    return False
        return True

    def _added(self, name: str, back: npt.NDArray[np.intp], inner: npt.NDArray[np.intp], size: int) -> Whole:
        found = np.zeros(size, dtype=np.int64)
        np.add.at(found, back, self.sums(name)[inner])
        return found

    def _plainly(
        self,
        cells: Cells,
        keys: npt.NDArray[np.intp],
        back: npt.NDArray[np.intp],
        inner: npt.NDArray[np.intp],
        *,
        two: bool,
        exact: bool,
    ) -> bool:
        first, second = keys // len(cells.units), keys % len(cells.units)

        def both(name: str) -> Whole:
            return self._added(name, back, inner, len(keys))

        shared = both("shared")
        fine = few_in_both(shared, cells.units[first], cells.units[second])
        if two:
            fine &= few_in_both(both("high"), cells.high[first], cells.high[second])
            fine &= few_in_both(both("low"), cells.low[first], cells.low[second])
        if cells.contributions is not None and fine.all():
            if cells.negative and not exact:
                return False
            fewer = shared + both("fewer less shared") if exact else 2 * shared
            pairs = Pairs(keys, shared, both("removed"), fewer, both("larger"))
            return bool(apart_by_contributors(pairs, cells.contributions).all())
        return bool(fine.all())


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of the full table and of its margins but the grand total, one after the other.

    Attributes:
        places: for each of these tables the cell in which each inner cell lies.
        patterns: the tables whose cells are compared: each with itself and with those of some of its dimensions.
        high, low: units behind a two-valued column.
        contributions: what cells are compared by beside who is in them; None if by that only.
        negative: whether some of it is less than zero.
    """

    places: tuple[npt.NDArray[np.intp], ...]
    patterns: tuple[tuple[int, int], ...]
    units: Whole
    high: Whole
    low: Whole
    contributions: Contributions | None
    negative: bool


def cells_of(
    fixed: Sequence[tuple[int, ...]],
    places: Sequence[npt.NDArray[np.intp]],
    tallies: Sequence[Tally],
    absolute: Sequence[Whole] | None,
) -> Cells:
    """Return the cells of tables of which these dimensions are fixed.

    Args:
        places: for each table the cell in which each inner cell lies.
        absolute: for each table the sum of the sizes in each cell; None where cells are compared by who is in them.
    """
    starts = np.cumsum([0, *(one.cells for one in tallies)])
    whole = tuple(one + start for one, start in zip(places, starts[:-1], strict=True))
    numbers = range(len(fixed))
    patterns = tuple((one, other) for one in numbers for other in numbers if {*fixed[other]} <= {*fixed[one]})

    def joined(name: str) -> Whole:
        return np.concatenate([one.sums(name) for one in tallies])

    contributions = None
    if absolute is not None:
        largest = np.concatenate([one.largest for one in tallies])
        contributions = Contributions(np.concatenate(absolute), joined("units") - joined("nothing"), largest)
    negative = any(one.negative for one in tallies)
    return Cells(whole, patterns, joined("units"), joined("high"), joined("low"), contributions, negative)


def merged_pairs(tallies: Sequence[PairTally | None]) -> PairTally | None:
    """Return one tally of the pairs of several; None if they are not tallied."""
    found = tallies[0]
    for one in tallies[1:]:
        if found is not None and one is not None:
            found.take(one)
    return found
