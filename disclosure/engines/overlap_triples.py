"""Three cells of which two make up most of the third, and cells that are the sum of others without saying so."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np

from disclosure.engines.overlap_pairs import Members, Pairs, Whole
from disclosure.model.overlaps import Apart

MOST_TRIPLES: Final = 20_000
"""So many times three cells are looked at."""
_PARTS: Final = 3
_NEARLY: Final = 10
"""All but one in so many."""


def inside(pairs: Pairs, n_units: Whole) -> dict[int, dict[int, int]]:
    """Return for each cell those of which more than half lies inside it, and how many units do."""
    cells = len(n_units)
    first, second = pairs.keys // cells, pairs.keys % cells
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for whole, part in ((first, second), (second, first)):
        mostly = (2 * pairs.shared > n_units[part]) & (n_units[part] <= n_units[whole])
        for one, other, shared in zip(
            whole[mostly].tolist(), part[mostly].tolist(), pairs.shared[mostly].tolist(), strict=True
        ):
            found[one][other] = shared
    return found


def triples_of(pairs: Pairs, n_units: Whole) -> tuple[Whole, Whole, Whole] | None:
    """Return cells, and two others each that make up most of it; None if there are too many.

    The second of the two takes off at least half of what the first one leaves, and few units are in both.
    """
    cells, sizes = len(n_units), n_units.tolist()
    found: list[tuple[int, int, int]] = []
    lying = inside(pairs, n_units)
    some = np.zeros(cells, dtype=np.bool_)
    some[[part for parts in lying.values() for part in parts]] = True
    asked = some[pairs.keys // cells] & some[pairs.keys % cells]
    shared = dict(zip(pairs.keys[asked].tolist(), pairs.shared[asked].tolist(), strict=True))
    for whole, parts in lying.items():
        largest_first = sorted(parts, key=lambda part: (-parts[part], part))
        for place, one in enumerate(largest_first):
            for other in largest_first[place + 1 :]:
                if 2 * parts[other] < sizes[whole] - parts[one]:
                    break  # and all that come after take off less
                low, high = min(one, other), max(one, other)
                if 2 * shared.get(low * cells + high, 0) <= min(sizes[one], sizes[other]):
                    found.append((whole, low, high))
        if len(found) > MOST_TRIPLES:
            return None
    columns = np.array(sorted(found), dtype=np.int64).reshape(-1, 3).T
    return columns[0], columns[1], columns[2]


def summed(pairs: Pairs, n_units: Whole) -> bool:
    """Tell whether some cell is all but the sum of three others or more that lie wholly inside it."""
    sizes = n_units.tolist()
    for whole, parts in inside(pairs, n_units).items():
        contained = [part for part, both in parts.items() if both == sizes[part]]
        size, together = sizes[whole], sum(sizes[part] for part in contained)
        if len(contained) >= _PARTS and abs(size - together) * _NEARLY <= size:
            of_both = np.isin(pairs.keys // len(sizes), contained) & np.isin(pairs.keys % len(sizes), contained)
            if int(pairs.shared[of_both].sum()) * _NEARLY <= size:
                return True
    return False


def apart_of(members: Members, triples: tuple[Whole, Whole, Whole], cells: int) -> Apart:
    """Return how many members are in the first of three cells alone, and how many are taken off without being there."""
    order = np.argsort(members.cell, kind="stable")
    who, ends = members.who[order], np.searchsorted(members.cell[order], np.arange(cells + 1))
    first, second = np.zeros((2, len(triples[0])), dtype=np.int64)
    for place, (whole, one, other) in enumerate(zip(*(column.tolist() for column in triples), strict=True)):
        own, mine, theirs = (who[ends[cell] : ends[cell + 1]] for cell in (whole, one, other))
        either, both = np.union1d(mine, theirs), np.intersect1d(mine, theirs, assume_unique=True)
        taken = len(np.intersect1d(own, either, assume_unique=True))
        first[place] = len(own) - taken
        # Who is in both parts is taken off twice, and so is not evened out by being in the whole.
        second[place] = len(either) - taken + len(np.intersect1d(own, both, assume_unique=True))
    return Apart(first, second)
