"""Pairs of cells in which the same units stand, tallied beside the cells: in most tables all are plainly apart.

What that means stands in `overlap_pairs`. If a pair is not, the rows are asked once more; this is how to tell quickly
that none needs to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Whole
from disclosure.engines.array_tally import Tally
from disclosure.engines.array_units import Groups
from disclosure.engines.overlap_pairs import (
    MOST_PAIRINGS,
    Contributions,
    Members,
    Pairs,
    compared,
    few_in_both,
    no_more_concentrated,
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
        for left, right in members.beside():
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

    def apart(self, places: npt.NDArray[np.intp], tally: Tally, absolute: Whole | None, *, two: bool) -> bool:
        """Tell whether all pairs of the cells of a table or margin are plainly apart, as far as the full table says.

        A unit in two cells of a margin is in two inner cells below them. What goes there is no more than what goes in
        all pairs below, as the smaller of two sums of amounts that are not negative is no more than the sum of all
        smaller ones.

        Args:
            places: the cell of the tally in which each inner cell lies.
            absolute: the sum of the sizes in each cell; None where cells are compared by who is in them only.
            two: whether the values are two only, so that those with either are compared too.
        """
        inner = np.flatnonzero(self.sums("shared"))
        ends = np.sort([places[inner // self.cells], places[inner % self.cells]], axis=0)
        own = ends[0] != ends[1]
        keys, back = np.unique(ends[0][own] * tally.cells + ends[1][own], return_inverse=True)
        first, second = keys // tally.cells, keys % tally.cells

        def both(name: str) -> Whole:
            found = np.zeros(len(keys), dtype=np.int64)
            np.add.at(found, back, self.sums(name)[inner][own])
            return found

        def few(name: str, of: str) -> npt.NDArray[np.bool_]:
            return few_in_both(both(name), tally.sums(of)[first], tally.sums(of)[second])

        fine = few("shared", "units")
        if two:
            fine &= few("high", "high") & few("low", "low")
        if absolute is not None and fine.all():
            exact = tally.cells == self.cells
            if tally.negative and not exact:
                return False
            fewer = both("shared") + both("fewer less shared") if exact else 2 * both("shared")
            pairs = Pairs(keys, both("shared"), both("removed"), fewer, both("larger"))
            contributors = tally.sums("units") - tally.sums("nothing")
            fine &= no_more_concentrated(pairs, Contributions(absolute, contributors, tally.largest))
        return bool(fine.all())


def merged_pairs(tallies: Sequence[PairTally | None]) -> PairTally | None:
    """Return one tally of the pairs of several; None if they are not tallied."""
    found = tallies[0]
    for one in tallies[1:]:
        if found is not None and one is not None:
            found.take(one)
    return found
