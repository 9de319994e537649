"""Units that stand in two cells, counted for every pair of cells: each at a place of its own where these are not many.

A place for each pair takes no sorting, so it is many times as fast as bringing together the entries of a pair. It is
exact either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Lot = tuple[Whole, Whole, Whole | None, Whole | None]
"""The cells of each pair, the lower one first, and what a unit has of the value in each of them."""
MOST_PLACES: Final = 1 << 23
"""Pairs that have a place of their own: 64 MiB for each of the four numbers that are counted."""
_AT_ONCE: Final = 1 << 18
"""Entries that are looked at together, about."""
_FEW: Final = 4
"""Counting all places anew pays only while there are fewer than so many times as many as are counted."""


def together(beside: Iterable[tuple[Whole, Whole]]) -> Iterator[tuple[Whole, Whole]]:
    """Yield entries that come in many small lots in a few large ones."""
    lefts: list[Whole] = []
    rights: list[Whole] = []
    size = 0
    for left, right in beside:
        lefts.append(left)
        rights.append(right)
        size += len(left)
        if size > _AT_ONCE:
            yield np.concatenate(lefts), np.concatenate(rights)
            lefts, rights, size = [], [], 0
    if lefts:
        yield np.concatenate(lefts), np.concatenate(rights)


def compared(one: Whole, other: Whole) -> tuple[Whole, Whole, Whole]:
    """Return of what units have in two cells: how much of it goes, by how many contributors, and where it grows."""
    first, second, between = np.abs(one), np.abs(other), np.abs(one - other)
    fewer = (one != 0).astype(np.int64) + (other != 0) - (one != other)
    return first + second - between, fewer, (between > np.maximum(first, second)).astype(np.int64)


def counted(lots: Iterable[Lot], used: Whole, cells: int, *, valued: bool, placed: bool) -> tuple[Whole, ...]:
    """Return a key for each pair, ascending, and how many units it has; with values the columns of `compared` too.

    Args:
        used: the cells that may be in a pair, ascending; a key is first * cells + second.
        valued: whether each lot has values.
        placed: whether sums fit in 64 bits, so that each pair may have a place of its own.
    """
    if not placed or len(used) ** 2 > MOST_PLACES:
        return _sorted(lots, cells, valued=valued)
    numbers, size = np.zeros(cells, dtype=np.int64), len(used)
    numbers[used] = np.arange(size)
    places = {name: np.zeros(0, dtype=np.int64) for name in ("shared", "removed", "fewer less shared", "larger")}

    def add(name: str, pairs: Whole, column: Whole) -> None:
        some = np.flatnonzero(column)
        if len(some) < len(column):
            pairs, column = pairs[some], column[some]
        if len(column):
            if not len(places[name]):
                places[name] = np.zeros(size**2, dtype=np.int64)
            np.add.at(places[name], pairs, column)

    shared = np.zeros(size**2, dtype=np.int64)
    for first, second, one, other in lots:
        pairs = np.take(numbers * size, first)
        pairs += np.take(numbers, second)
        if len(pairs) * _FEW > len(shared):
            shared += np.bincount(pairs, minlength=len(shared))
        else:
            np.add.at(shared, pairs, np.ones(len(pairs), dtype=np.int64))
        if one is not None and other is not None:
            removed, fewer, larger = compared(one, other)
            add("removed", pairs, removed)
            add("fewer less shared", pairs, fewer - 1)
            add("larger", pairs, larger)
    found = np.flatnonzero(shared)
    columns = [used[found // size] * cells + used[found % size], shared[found]]
    if valued:
        removed, less, larger = (
            places[name][found] if len(places[name]) else np.zeros(len(found), dtype=np.int64)
            for name in ("removed", "fewer less shared", "larger")
        )
        columns += [removed, less + columns[1], larger]
    return tuple(columns)


def _sorted(lots: Iterable[Lot], cells: int, *, valued: bool) -> tuple[Whole, ...]:
    found = [_brought_together(first * cells + second, one, other) for first, second, one, other in lots]
    if not found:
        return (np.zeros(0, dtype=np.int64),) * (5 if valued else 2)
    if len(found) == 1:
        return found[0]
    keys, back = np.unique(np.concatenate([one[0] for one in found]), return_inverse=True)
    columns = (np.concatenate(column) for column in list(zip(*found, strict=True))[1:])
    return (keys, *(_added(column, back, len(keys)) for column in columns))


def _brought_together(pairs: Whole, one: Whole | None, other: Whole | None) -> tuple[Whole, ...]:
    keys, back, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    if one is None or other is None:
        return keys, counts.astype(np.int64)
    columns = (_added(column, back, len(keys)) for column in compared(one, other))
    return (keys, counts.astype(np.int64), *columns)


def _added(column: Whole, places: npt.NDArray[np.intp], size: int) -> Whole:
    found = np.zeros(size, dtype=column.dtype)
    np.add.at(found, places, column)
    return found
