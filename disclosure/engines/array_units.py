"""Units in arrays: whether each has one row, and otherwise its rows brought together, in every cell and margin.

Rows are dealt out by a hash of their unit's key, so that all rows of a unit are dealt to the same part and every part
is tallied on its own. A hash never decides which rows are of one unit: keys themselves are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Mask, Whole, Words
from disclosure.engines.array_rows import Piece, in_threads

_ODD, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)
_DEALT = 1 << 16
"""Rows of one part, about: as with pieces, few enough to stay in a processor's cache."""
_MOST_BITS = 16
_SPARE = 5
"""Of so many parts, less than one has two keys of which the hashes begin alike: 2 to this power, about."""
_SORTED_AT_ONCE = 1 << 24
_SAMPLE = 256


def hashes(words: Sequence[Words]) -> Words:
    """Return a hash of each key. Keys of one word have the same hash only if they are the same."""
    found = words[0] * _ODD
    found ^= found >> _HALF
    found *= _OTHER
    for word in words[1:]:
        found ^= word
        found *= _ODD
        found ^= found >> _HALF
        found *= _OTHER
    return found


def one_row_each(pieces: Sequence[Piece], threads: int) -> bool:
    """Tell whether it is proven that no unit has a second row.

    Distinct hashes prove distinct keys. Equal ones prove nothing, and then the units' rows are looked for.
    """
    if _ascending(pieces):
        return True
    rows = sum(map(len, pieces))
    if rows > _DEALT and not _distinct(pieces, _SAMPLE, 0):
        return False
    # Picking out the keys of a part takes longer than sorting them: parts are for tables that would not fit twice.
    parts = 1 << (rows // _SORTED_AT_ONCE).bit_length()
    return all(in_threads(lambda part: _distinct(pieces, parts, part), range(parts), threads))


def _ascending(pieces: Sequence[Piece]) -> bool:
    last = None
    for piece in pieces:
        keys = piece.words[0]
        if len(piece.words) > 1 or (last is not None and not keys[0] > last) or not (keys[1:] > keys[:-1]).all():
            return False
        last = keys[-1]
    return True


def _distinct(pieces: Sequence[Piece], parts: int, part: int) -> bool:
    """Tell whether those hashes are distinct that leave the remainder `part` when divided by `parts`, a power of 2."""
    found = []
    for piece in pieces:
        # Keys of one word are told apart as they are.
        own = piece.words[0] if len(piece.words) == 1 else hashes(piece.words)
        found.append(own[own & np.uint64(parts - 1) == part] if parts > 1 else own)
    every = np.concatenate(found)
    every.sort()
    return not bool((every[1:] == every[:-1]).any())


class Dealt:
    """The rows in parts such that all rows of a unit are in one part. The list of pieces is emptied."""

    def __init__(self, pieces: list[Piece], threads: int) -> None:
        bits = min((sum(map(len, pieces)) // _DEALT).bit_length(), _MOST_BITS)

        def rearranged(piece: Piece) -> tuple[Piece, npt.NDArray[np.intp]]:
            if not bits:
                return piece, np.array([0, len(piece)])
            parts = (hashes(piece.words) >> np.uint64(64 - bits)).astype(np.uint8 if bits <= 8 else np.uint16)
            ends = np.cumsum(np.bincount(parts, minlength=1 << bits))
            return piece.only(np.argsort(parts, kind="stable")), np.concatenate([[0], ends])

        def taken() -> Iterator[Piece]:
            while pieces:
                yield pieces.pop()

        self._pieces = tuple(in_threads(rearranged, taken(), threads))
        self._parts = 1 << bits

    def __len__(self) -> int:
        return self._parts

    def part(self, number: int) -> Piece | None:
        """Return the rows of a part, None if it has none."""
        some = [
            piece.only(slice(ends[number], ends[number + 1]))
            for piece, ends in self._pieces
            if ends[number] < ends[number + 1]
        ]
        return Piece.joined(some) if some else None


def by_unit(piece: Piece, cells: int) -> tuple[Piece, Whole, bool]:
    """Return the rows in an order in which those of a unit are together, and a number for the unit of each, from 0.

    The third says whether the rows of a unit are in the order of their cells, of which there are so many.
    """
    bits, of_cells = (max(size - 1, 1).bit_length() for size in (len(piece), cells))
    # With few bits left for the hash, different keys would often begin alike.
    with_cells = 64 - bits - of_cells >= 2 * bits + _SPARE
    order = _packed_order(piece, bits, of_cells if with_cells else 0)
    if order is None:
        with_cells, order = True, np.lexsort(list[Any]([piece.cells, *piece.words]))
    piece = piece.only(order)
    return piece, np.cumsum(_changes(piece.words)) - 1, with_cells


def _packed_order(piece: Piece, bits: int, of_cells: int) -> npt.NDArray[np.intp] | None:
    """Return an order by the first bits of a hash, then by cell; None if those bits are the same for different keys."""
    # Parts are dealt out by the first bits of the hash, which tell nothing within a part: other ones come first.
    packed = hashes(piece.words) * _ODD
    packed >>= np.uint64(bits + of_cells)
    if of_cells:
        packed <<= np.uint64(of_cells)
        packed |= piece.cells.view(np.uint32)
    packed <<= np.uint64(bits)
    packed |= np.arange(len(packed), dtype=np.uint64)
    packed.sort()
    order = (packed & np.uint64((1 << bits) - 1)).astype(np.intp)
    packed >>= np.uint64(bits + of_cells)
    same = packed[1:] == packed[:-1]
    changes = _changes([word[order] for word in piece.words])
    return None if (same & changes[1:]).any() else order


def _changes(words: Sequence[Words]) -> Mask:
    """Tell of each row whether its key is another one than that of the row before."""
    changes = np.ones(len(words[0]), dtype=np.bool_)
    np.not_equal(words[0][1:], words[0][:-1], out=changes[1:])
    for word in words[1:]:
        changes[1:] |= word[1:] != word[:-1]
    return changes


@dataclass(frozen=True, eq=False)
class Groups:
    """What units have in cells: an entry for each unit in each cell, or for each row, which is then a unit's only one.

    Attributes:
        units: the unit of each entry, ascending; None if each has a unit of its own.
        places: the cell of each.
        value: the sum of the values; `weighted`: that of value times weight.
        there: whether there is a value; None if there always is.
        high, low: whether any value is the higher, or the lower, of a two-valued column.
        lightest, heaviest: the smallest and the biggest weight.
        divisor: what a mean is divided by: the weights of the rows with a value, without weights the number of rows;
            None if each entry has one row.
    """

    units: Whole | None
    places: npt.NDArray[np.intp]
    value: Whole | None = None
    weighted: Whole | None = None
    there: Mask | None = None
    high: Mask | None = None
    low: Mask | None = None
    lightest: Whole | None = None
    heaviest: Whole | None = None
    divisor: Whole | None = None

    def only(self, rows: npt.NDArray[np.intp] | Mask) -> Groups:
        """Return the entries of a mask, or at these places in this order."""

        def kept(column: npt.NDArray[np.generic] | None) -> npt.NDArray[np.generic] | None:
            return None if column is None else column[rows]

        return Groups(*(kept(getattr(self, name)) for name in _FIELDS))  # type: ignore[arg-type]

    def collected(self, places: npt.NDArray[np.intp], cells: int, *, ascending: bool = False) -> Groups:
        """Return the same by other cells, of which there are so many: one entry for each unit in each of them.

        Args:
            places: the cell of each entry.
            ascending: whether cells ascend within each unit already.
        """
        if self.units is None:
            return self
        order = None
        bits, of_cells = (max(size - 1, 1).bit_length() for size in (len(places), cells))
        if 2 * bits + of_cells > 63:
            order = np.lexsort((places, self.units))
            pairs = (self.units[order] << of_cells) | places[order]
        else:
            pairs = (self.units << of_cells) | places
            if not ascending:
                pairs <<= bits
                pairs |= np.arange(len(places))
                pairs.sort()
                order = pairs & ((1 << bits) - 1)
                pairs >>= bits
        changes = np.ones(len(pairs), dtype=np.bool_)
        np.not_equal(pairs[1:], pairs[:-1], out=changes[1:])
        starts = None if changes.all() else np.flatnonzero(changes)
        pairs = pairs if starts is None else pairs[starts]
        found = {}
        for name, by in _COLLECTED.items():
            column = getattr(self, name)
            if column is not None:
                column = column if order is None else column[order]
                found[name] = column if starts is None else _collected(column, starts, by)
        if self.divisor is None and starts is not None:
            found["divisor"] = np.diff(starts, append=len(places))
        return Groups(pairs >> of_cells, (pairs & ((1 << of_cells) - 1)).astype(np.intp, copy=False), **found)


def _collected(column: npt.NDArray[Any], starts: npt.NDArray[np.intp], by: np.ufunc) -> npt.NDArray[Any]:
    """Return one entry for each run of rows that begins at a start."""
    if by is not np.add:
        found: npt.NDArray[Any] = by.reduceat(column, starts)
        return found
    # Faster than `reduceat`, and as exact: a running sum that leaves 64 bits comes back when it is taken off.
    running = np.cumsum(column)
    sums: npt.NDArray[Any] = running[np.append(starts[1:], len(column)) - 1]
    sums[1:] -= sums[:-1].copy()
    return sums


_COLLECTED = {
    "value": np.add,
    "weighted": np.add,
    "there": np.logical_or,
    "high": np.logical_or,
    "low": np.logical_or,
    "lightest": np.minimum,
    "heaviest": np.maximum,
    "divisor": np.add,
}
_FIELDS = ("units", "places", *_COLLECTED)
