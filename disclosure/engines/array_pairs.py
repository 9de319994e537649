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
_COLUMNS: Final = ("shared", "removed", "fewer", "larger", "high", "low")


class PairTally:
    """What the units in both cells have, for every pair of so many cells: first * cells + second.

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
        for left, right in members.beside():
            pairs = members.cell[left] * self.cells + members.cell[right]
            np.add.at(self.sums("shared"), pairs, np.ones(len(pairs), dtype=np.int64))
            if members.totals is not None:
                columns = compared(members.totals[left], members.totals[right])
                for name, column in zip(("removed", "fewer", "larger"), columns, strict=True):
                    if column.any():
                        np.add.at(self.sums(name), pairs, column)
            for name, some in (("high", groups.high), ("low", groups.low)):
                if some is not None:
                    np.add.at(self.sums(name), pairs, (some[left] & some[right]).astype(np.int64))

    def take(self, other: PairTally) -> None:
        """Take in another tally of the same pairs."""
        self.pairings += other.pairings
        for name in _COLUMNS:
            self.sums(name)[:] += other.sums(name)

    def sums(self, name: str) -> Whole:
        """Return the sums of that name, 0 where nothing was added."""
        if name not in self._sums:
            self._sums[name] = np.zeros(self.cells**2, dtype=np.int64)
        return self._sums[name]

    def apart(self, tally: Tally, absolute: Whole | None, *, two: bool) -> bool:
        """Tell whether all pairs of the cells of a tally are plainly apart.

        Args:
            absolute: the sum of the sizes in each cell; None where cells are compared by who is in them only.
            two: whether the values are two only, so that those with either are compared too.
        """
        keys = np.flatnonzero(self.sums("shared"))
        first, second = keys // self.cells, keys % self.cells

        def few(both: str, of: str) -> npt.NDArray[np.bool_]:
            return few_in_both(self.sums(both)[keys], tally.sums(of)[first], tally.sums(of)[second])

        fine = few("shared", "units")
        if two:
            fine &= few("high", "high") & few("low", "low")
        if absolute is not None and fine.all():
            pairs = Pairs(keys, *(self.sums(name)[keys] for name in ("shared", "removed", "fewer", "larger")))
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
