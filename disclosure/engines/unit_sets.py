"""Sets of units, such as the cells of many outputs, and which of them is two others together but for few units.

Units that stand in the same sets are of one kind and counted together. Which sets may lie within another one is seen
from a few witnesses of each: where fewer than the minimum are outside, most witnesses are inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from disclosure.engines.placed import Mask
from disclosure.engines.unit_rows import Whole

_SEED: Final = 20
_MARKS: Final = 1 << 63


@dataclass(frozen=True, eq=False)
class Kinds:
    """Units that stand in the same cells everywhere, as one kind.

    Attributes:
        kind: the kind of each unit.
        weights: how many units there are of each kind.
        first: of each unit whether it stands for its kind.
    """

    kind: Whole
    weights: Whole
    first: Mask
    _marks: npt.NDArray[np.uint64] = field(repr=False)

    def mark(self, members: Whole) -> int:
        """Return a number that stands for a set of kinds: the same for the same set, another one for another."""
        return int(self._marks[members].sum())


def kinds_of(units: Sequence[Whole], cells: Sequence[Whole]) -> Kinds:
    """Return the kinds of units, given the entries of each output: their units and cells, numbers from 0."""
    size = max(int(numbers.max(initial=-1)) for numbers in units) + 1
    random = np.random.default_rng(_SEED)
    marks = np.zeros(size, dtype=np.uint64)
    for numbers, cell in zip(units, cells, strict=True):
        width = int(cell.max(initial=-1)) + 1
        if int(np.bincount(numbers).max(initial=0)) > 1:
            own = np.unique(numbers * width + cell)
            numbers, cell = own // width, own % width
        np.add.at(marks, numbers, random.integers(0, _MARKS, width, dtype=np.uint64)[cell])
    _, place, kind, weights = np.unique(marks, return_index=True, return_inverse=True, return_counts=True)
    first = np.zeros(size, dtype=np.bool_)
    first[place] = True
    own_marks = random.integers(0, _MARKS, len(weights), dtype=np.uint64)
    return Kinds(kind.astype(np.int64), weights.astype(np.int64), first, own_marks)


@dataclass(frozen=True, eq=False)
class UnitSets:
    """Sets of units, each of the minimum at least.

    Attributes:
        members: the kinds of units in each set, in ascending order.
        weights: how many units there are of each kind.
        minimum: fewer units are few.
    """

    members: tuple[Whole, ...]
    weights: Whole
    minimum: int
    _known: dict[tuple[int, int], int] = field(default_factory=dict, repr=False)

    def nearly_made_up(self) -> Iterator[tuple[int, int, int]]:
        """Yield sets with each two that may lie within it, but for few, and are together nearly as large."""
        sizes = np.array([int(self.weights[one].sum()) for one in self.members], dtype=np.int64)
        for whole, within in enumerate(self._within()):
            size = int(sizes[whole])
            inner = within[sizes[within] < size]
            inner = inner[np.argsort(sizes[inner], kind="stable")]
            left = size - sizes[inner]
            low = np.searchsorted(sizes[inner], left - self.minimum, side="right")
            # A unit that two sets have, and the whole has not, makes them larger by two.
            high = np.searchsorted(sizes[inner], left + 2 * self.minimum - 1, side="left")
            for place, (start, end) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
                for other in range(max(start, place + 1), end):
                    yield whole, int(inner[place]), int(inner[other])

    def few_apart(self, whole: int, part: int, other: int, *, one_sided: bool) -> bool:
        """Tell whether two sets are together another one but for few units, who are at most half of it.

        Args:
            one_sided: units that the two have too many, and others that they lack, tell nothing.
        """
        own = self._outside(part, whole)
        theirs = self._outside(other, whole)
        if max(own, theirs) >= self.minimum:
            return False
        both = np.intersect1d(self.members[part], self.members[other], assume_unique=True)
        twice = int(self.weights[both].sum())
        if twice >= self.minimum:
            return False
        inside = int(self.weights[np.intersect1d(both, self.members[whole], assume_unique=True)].sum())
        size, first, last = (int(self.weights[self.members[one]].sum()) for one in (whole, part, other))
        # Those who are in both and not in the whole are among `own` and among `theirs`.
        more = own + theirs - (twice - inside) + inside
        fewer = size - (first - own) - (last - theirs) + inside
        either = fewer + more
        return 0 < either < self.minimum and 2 * either <= size and not (one_sided and fewer and more)

    def _outside(self, one: int, whole: int) -> int:
        """Return how many units of a set are not in another one."""
        if (one, whole) not in self._known:
            own, there = self.members[one], self.members[whole]
            place = np.minimum(np.searchsorted(there, own), len(there) - 1)
            self._known[one, whole] = int(self.weights[own[there[place] != own]].sum())
        return self._known[one, whole]

    def _within(self) -> Iterator[Whole]:
        """Yield for each set the others of which fewer than the minimum may be outside."""
        if not self.members:
            return
        counts = np.array([len(one) for one in self.members], dtype=np.int64)
        inside = _matrix(self.members, len(self.weights))
        # Were the minimum of the witnesses outside, as many units would be.
        most = 2 * self.minimum
        some = [one[:: max(1, -(-len(one) // most))] if len(one) > most else one for one in self.members]
        asked = np.array([len(one) for one in some], dtype=np.int64)
        found = csr_array(inside @ _matrix(some, len(self.weights)).T)
        for whole in range(len(counts)):
            start, end = found.indptr[whole], found.indptr[whole + 1]
            others = found.indices[start:end].astype(np.int64)
            near = (asked[others] - found.data[start:end] < self.minimum) & (others != whole)
            yield others[near]


def _matrix(members: Sequence[Whole], width: int) -> csr_array:
    ends = np.cumsum([0, *(len(one) for one in members)])
    column = np.concatenate(list(members))
    return csr_array((np.ones(len(column), dtype=np.int32), column, ends), shape=(len(members), width))
