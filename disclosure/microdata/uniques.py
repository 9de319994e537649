"""Minimal sample uniques: the smallest sets of key variables that single out a record.

M. J. Elliot, A. M. Manning and R. W. Ford, "A computational algorithm for handling the special uniques problem"
(2002), doi:10.1142/S0218488502001600; A. M. Manning, D. J. Haglin and J. A. Keane, "A recursive search algorithm for
statistical disclosure assessment" (2008), doi:10.1007/s10618-007-0078-6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from disclosure.microdata.coding import MISSING, Coded, grouped
from disclosure.model.microdata import Places

Flags = npt.NDArray[np.bool_]
_Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Whole:
    """How often whole keys occur, missing being a category here.

    Attributes:
        uniques: places of the records whose key no other has.
        pairs: number of records that share their key with exactly one other.
        columns: the different keys.
        of_uniques: places of the keys of `uniques` among them.
        repeated: keys that several records have.
    """

    uniques: Places = field(repr=False)
    pairs: int
    columns: tuple[Coded, ...]
    of_uniques: Places = field(repr=False)
    repeated: Flags = field(repr=False)


def whole_keys(columns: tuple[Coded, ...]) -> Whole:
    """Return how often whole keys occur."""
    groups = grouped(columns)
    sizes = groups.sizes()
    first = np.empty(groups.count, dtype=np.int64)
    first[groups.number] = np.arange(len(groups.number))
    uniques = np.flatnonzero(sizes[groups.number] == 1)
    return Whole(
        uniques=uniques,
        pairs=2 * int((sizes == 2).sum()),
        columns=tuple(Coded(column.name, column.codes[first], column.size) for column in columns),
        of_uniques=groups.number[uniques],
        repeated=sizes > 1,
    )


def minimal_uniques(whole: Whole) -> Iterator[tuple[tuple[int, ...], Places]]:
    """Yield sets of variables, from small to large, and for which of `whole.uniques` each is minimal.

    A missing value is no category that singles out: a record is not unique by a variable that it misses, and counts
    for nothing there.
    """
    present = [column.codes[whole.of_uniques] != MISSING for column in whole.columns]
    smaller: dict[tuple[int, ...], _Bits] = {}
    count = len(whole.of_uniques)
    for size in range(1, len(whole.columns) + 1):
        level: dict[tuple[int, ...], _Bits] = {}
        for chosen in combinations(range(len(whole.columns)), size):
            # Who is unique by fewer variables is unique by more, as long as none of them is missing.
            already = np.zeros((count + 7) // 8, dtype=np.uint8)
            for left_out in range(size) if size > 1 else ():
                already |= smaller[chosen[:left_out] + chosen[left_out + 1 :]]
            there = present[chosen[0]]
            for one in chosen[1:]:
                there = there & present[one]
            inherited = np.unpackbits(already, count=count).astype(bool)
            possible = there & ~inherited
            found = possible
            if possible.any():
                found = possible & _alone(whole, chosen)
                places = np.flatnonzero(found)
                if len(places):
                    yield chosen, places
            level[chosen] = np.packbits(there & (found | inherited))
        smaller = level


def _alone(whole: Whole, chosen: tuple[int, ...]) -> Flags:
    """Tell which of the unique records no other record shares these variables with."""
    columns = tuple(whole.columns[one] for one in chosen)
    groups = grouped(columns)
    # Keys that several records have count twice, so that nobody is alone with them.
    times = np.bincount(groups.number, minlength=groups.count)
    times += np.bincount(groups.number[whole.repeated], minlength=groups.count)
    found: Flags = times[groups.number[whole.of_uniques]] == 1
    return found
