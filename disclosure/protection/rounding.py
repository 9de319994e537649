"""Deterministic rounding of counts, half up, and what it hides.

Every count, margins too, is rounded by itself to the nearest multiple of the base; what stands half-way goes up.
Whoever sees a rounded count knows its *rounding interval*, and that cells add up to their margins. A cell that fails a
rule is protected if that leaves enough open: for a count below the minimum both nobody and the minimum itself; for one
that holds nearly everyone, a count that would pass; for an empty cell that discloses, a unit.

That so much is left open is proved by showing tables that look the same once rounded: the true one, with some units
moved between a cell and others in line with it, or added to it and its margins. Of such moves all with one partner per
dimension are tried. A protected cell is protected; a cell for which no move is found counts as not protected, also
where a cleverer search would find one. Units that stand in several cells cannot be moved so, and nothing is protected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from disclosure.errors import RefusedError
from disclosure.model.cells import MARGIN
from disclosure.model.empty_cells import with_empty_cells
from disclosure.model.evidence import Counts, Evidence, Mask
from disclosure.policy import Policy
from disclosure.rules.base import switched_on

_A_FEW = 6
_Cells = npt.NDArray[np.int64]
_Pairs = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def rounded_count(n: int, base: int) -> int:
    """Return a count at the nearest multiple of the base; half-way goes up.

    >>> [rounded_count(n, 5) for n in (0, 2, 3, 7, 8)], [rounded_count(n, 10) for n in (4, 5, 14, 15)]
    ([0, 0, 5, 5, 10], [0, 10, 10, 20])
    """
    return base * ((2 * n + base) // (2 * base))


def rounding_interval(shown: int, base: int) -> tuple[int, int]:
    """Return the smallest and the largest count that are shown as this multiple of the base.

    >>> rounding_interval(0, 25), rounding_interval(25, 25), rounding_interval(10, 10)
    ((0, 12), (13, 37), (5, 14))
    """
    return max(0, shown - base // 2), shown + (base + 1) // 2 - 1


def least_base(minimum: int, step: int) -> int:
    """Return the least multiple of `step` at which zero and every count up to the minimum are shown alike.

    >>> least_base(10, 5), least_base(10, 1)
    (25, 21)
    """
    return -(-(2 * minimum + 1) // step) * step


def adds_up(evidence: Evidence) -> bool:
    """Tell whether every unit stands in one cell, so that counts add up to their margins."""
    if evidence.added:
        return False
    inner = evidence.inner
    totals = np.flatnonzero((evidence.codes == MARGIN).all(axis=1))
    return len(totals) == 1 and int(evidence.n_units[inner].sum()) == int(evidence.n_units[totals[0]])


def hidden_by_rounding(evidence: Evidence, base: int, failing: Mask, policy: Policy) -> Mask:
    """Return which of the failing cells of a count are protected when all counts are rounded to the base."""
    nothing: Mask = np.zeros(len(evidence), dtype=np.bool_)
    if not failing.any() or not adds_up(evidence):
        return nothing
    try:
        full = with_empty_cells(evidence)
    except RefusedError:
        return nothing
    table = _Rounded.of(full, base)
    cells = np.flatnonzero(failing)
    codes = evidence.codes[cells].astype(np.int64)
    at: _Cells = np.where(codes == MARGIN, np.array(table.totals, dtype=np.int64), codes)
    n = evidence.n_units[cells]
    least = np.full(len(cells), policy.minimum_units or 0)
    few, none = (n > 0) & (n < least), n == 0
    found = np.zeros(len(cells), dtype=np.bool_)
    found[few] = table.may_change(at[few], -n[few]) & table.may_change(at[few], (least - n)[few])
    found[none] = table.may_change(at[none], np.ones(int(none.sum()), dtype=np.int64))
    share = switched_on(policy.group_disclosure, "group_disclosure")
    if share is not None:
        many = ~few & ~none
        most = np.array([table.least_margin(one) for one in at[many].tolist()], dtype=np.int64)
        passing = most * share.numerator // (100 * share.denominator)
        found[many] = (passing < n[many]) & table.may_change(at[many], passing - n[many], inside=True)
    hidden = nothing.copy()
    hidden[cells] = found
    return hidden


@dataclass(frozen=True)
class _Rounded:
    """All counts of a table, an axis per dimension with the total last, and how far each may be off."""

    counts: Counts
    down: Counts
    up: Counts

    @classmethod
    def of(cls, full: Evidence, base: int) -> _Rounded:
        """Return the counts of evidence that lists every combination, in canonical order."""
        counts = full.n_units.reshape([len(labels) + 1 for labels in full.categories])
        shown = base * ((2 * counts + base) // (2 * base))
        down = counts - np.maximum(0, shown - base // 2)
        return cls(counts, down, shown + (base + 1) // 2 - 1 - counts)

    @cached_property
    def totals(self) -> tuple[int, ...]:
        """The index of the total in each dimension."""
        return tuple(size - 1 for size in self.counts.shape)

    def least_margin(self, at: Sequence[int]) -> int:
        """Return the smallest margin over one dimension that a cell is below; its own count if it is below none."""
        margins = [
            int(self.counts[(*at[:place], total, *at[place + 1 :])])
            for place, total in enumerate(self.totals)
            if at[place] != total
        ]
        return min(margins, default=int(self.counts[tuple(at)]))

    def may_change(self, at: _Cells, by: Counts, *, inside: bool = False) -> Mask:
        """Tell of each cell whether it can change by so many units with every rounded count as it is.

        Args:
            at: shape (cells, dimensions).
            inside: the margins over the cell stay what they are, so that the units go to others in line with it.
        """
        found = np.zeros(len(at), dtype=np.bool_)
        # Most cells have a partner among a few, the total with them; the others are looked at one by one.
        for steps in product(range(_A_FEW + 1), repeat=at.shape[1]):
            found |= self._may_move(at, by, steps, inside=inside)
        for one in np.flatnonzero(~found):
            found[one] = self._moves(at[one].tolist(), int(by[one]), inside=inside)
        return found

    def _may_move(self, at: _Cells, by: Counts, steps: tuple[int, ...], *, inside: bool) -> Mask:
        """Tell of each cell whether the move works with the partner so many steps on; step 0 is the total."""
        totals, taken = np.array(self.totals, dtype=np.int64), np.array(steps, dtype=np.int64)
        ahead = np.where(taken == 0, totals, (at + taken) % np.maximum(totals, 1))
        at_total = at == totals
        first, second = (
            np.where(at_total, taken % np.maximum(totals, 1), at),
            np.where(at_total, totals, ahead),
        )
        to_total = second == totals
        possible: Mask = (first != second).all(axis=1)
        if inside:
            possible &= ~(to_total & ~at_total).any(axis=1)
        size = np.abs(by)
        for corner in product((0, 1), repeat=at.shape[1]):
            chosen = np.array(corner, dtype=np.bool_)
            index = tuple(np.where(chosen, second, first).T)
            against = (chosen & ~to_total).sum(axis=1) % 2 == 1
            possible &= np.where((by > 0) != against, self.up[index], self.down[index]) >= size
        return possible

    def _moves(self, at: Sequence[int], by: int, *, inside: bool) -> bool:
        """Tell whether some move works for one cell, all partners considered."""
        size, rises = abs(by), by > 0
        pairs = [self._pairs(at[place], place, inside=inside) for place in range(len(at))]
        if any(not len(first) for first, _ in pairs):
            return False
        room, other_room = (self.up, self.down) if rises else (self.down, self.up)
        possible: Mask = np.ones((1,) * len(at), dtype=np.bool_)
        for corner in product((0, 1), repeat=len(at)):
            index, sign = [], np.ones((1,) * len(at), dtype=np.int8)
            for place, (end, pair) in enumerate(zip(corner, pairs, strict=True)):
                shape = [1] * len(at)
                shape[place] = len(pair[0])
                index.append(pair[end].reshape(shape))
                if end:
                    sign = sign * np.where(pair[1] == self.totals[place], 1, -1).reshape(shape)
            possible = possible & (np.where(sign > 0, room[tuple(index)], other_room[tuple(index)]) >= size)
            if not possible.any():
                return False
        return True

    def _pairs(self, own: int, place: int, *, inside: bool) -> _Pairs:
        """Return pairs of places in a dimension that change together: with the total alike, with another oppositely."""
        total = self.totals[place]
        if own == total:
            inner = np.arange(total)
            return inner, np.full(total, total)
        others = np.delete(np.arange(total if inside else total + 1), own)
        return np.full(len(others), own), others
