"""Units in arrays: whether each has one row, and otherwise its rows brought together, in every cell and margin.

Rows are dealt out by a hash of their unit's key, so that all rows of a unit are dealt to the same part and every part
is tallied on its own. A hash never decides which rows are of one unit: keys themselves are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Mask, Whole, Words
from disclosure.engines.array_order import in_order
from disclosure.engines.array_rows import Piece
from disclosure.engines.array_runs import Runs, changes_in
from disclosure.engines.workers import in_threads

_ODD, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)
_DEALT = 90_000
"""Rows of one part at most, about, and half of that at least: few enough to stay in a processor's cache."""
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
    """The rows in parts such that all rows of a unit are in one part. The list of pieces is emptied.

    Attributes:
        bits: so many first bits of the hash are the same in a part.
    """

    def __init__(self, pieces: list[Piece], threads: int) -> None:
        bits = min((sum(map(len, pieces)) // _DEALT).bit_length(), _MOST_BITS)

        def rearranged(piece: Piece) -> tuple[Piece, npt.NDArray[np.intp]]:
            if not bits:
                return piece, np.array([0, len(piece)])
            order, parts = in_order(hashes(piece.words) >> np.uint64(64 - bits), 1 << bits)
            # Of the same kind: numbers of two kinds would all be written anew to be compared.
            return piece.ordered(order), np.searchsorted(parts, np.arange((1 << bits) + 1, dtype=parts.dtype))

        def taken() -> Iterator[Piece]:
            while pieces:
                yield pieces.pop()

        self._pieces = tuple(in_threads(rearranged, taken(), threads))
        self._parts = 1 << bits
        self.bits = bits

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


def by_unit(piece: Piece, cells: int, dealt: int) -> tuple[Piece, Whole, bool]:
    """Return the rows in an order in which those of a unit are together, and a number for the unit of each, from 0.

    The third says whether the rows of a unit are in the order of their cells, of which there are so many. The unit
    keys themselves have served their purpose, and are left out.

    Args:
        piece: a part of `Dealt`, by so many bits.
    """
    bits, of_cells = (max(size - 1, 1).bit_length() for size in (len(piece), cells))
    # With few bits left for the hash, different keys would often begin alike.
    with_cells = 64 - bits - of_cells >= 2 * bits + _SPARE
    order, changes = _packed_order(piece, bits, of_cells if with_cells else 0, dealt)
    if order is None:
        with_cells, order = True, np.lexsort(list[Any]([piece.cells, *piece.words]))
        changes = changes_in([word[order] for word in piece.words])
    units: Whole = np.cumsum(changes, dtype=np.int64)
    units -= 1
    return replace(piece, words=()).ordered(order), units, with_cells


def _packed_order(piece: Piece, bits: int, of_cells: int, dealt: int) -> tuple[npt.NDArray[np.intp] | None, Mask]:
    """Return an order by the first bits of a hash, then by cell, and of which rows in it the unit is a new one.

    There is no order if those bits are the same for different keys.
    """
    # The first bits of the hash, by which parts are dealt out, tell nothing within a part.
    packed = hashes(piece.words)
    packed <<= np.uint64(dealt)
    packed >>= np.uint64(bits + of_cells)
    if of_cells:
        packed <<= np.uint64(of_cells)
        packed |= piece.cells.view(np.uint32)
    packed <<= np.uint64(bits)
    packed |= np.arange(len(packed), dtype=np.uint64)
    packed.sort()
    order = (packed & np.uint64((1 << bits) - 1)).view(np.int64)
    packed >>= np.uint64(bits + of_cells)
    same = packed[1:] == packed[:-1]
    changes = changes_in([np.take(word, order) for word in piece.words])
    return None if (same & changes[1:]).any() else order, changes


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

    def only(self, rows: Mask) -> Groups:
        """Return the entries of a mask."""

        def kept(column: npt.NDArray[np.generic] | None) -> npt.NDArray[np.generic] | None:
            return None if column is None else column[rows]

        return Groups(*(kept(getattr(self, name)) for name in _FIELDS))  # type: ignore[arg-type]

    def ordered(self, order: npt.NDArray[np.intp]) -> Groups:
        """Return the entries in an order."""

        def taken(column: npt.NDArray[np.generic] | None) -> npt.NDArray[np.generic] | None:
            return None if column is None else np.take(column, order)

        return Groups(*(taken(getattr(self, name)) for name in _FIELDS))  # type: ignore[arg-type]

    def collected(
        self, places: npt.NDArray[np.intp], cells: int, *, ascending: bool = False, last: bool = False
    ) -> Groups:
        """Return the same by other cells, of which there are so many: one entry for each unit in each of them.

        Args:
            places: the cell of each entry.
            ascending: whether cells ascend within each unit already.
            last: nothing more is collected of it, so that nobody asks which unit an entry is of.
        """
        if self.units is None:
            return self
        entries = replace(self, places=places)
        if not ascending:
            entries = entries.ordered(_by_unit_and_place(self.units, places, cells))
        if entries.units is None:
            return self
        runs = Runs(changes_in([entries.places, entries.units] if cells > 1 else [entries.units]))
        found = {}
        for name, by in _COLLECTED.items():
            column = getattr(entries, name)
            if column is not None:
                found[name] = runs.collected(column, by)
        if self.divisor is None and runs.several:
            found["divisor"] = runs.lengths()
        return Groups(None if last else runs.first(entries.units), runs.first(entries.places), **found)


def _by_unit_and_place(units: Whole, places: npt.NDArray[np.intp], cells: int) -> npt.NDArray[np.intp]:
    """Return an order by unit and then by place; units ascend already."""
    bits, of_cells = (max(size - 1, 1).bit_length() for size in (len(places), cells))
    if 2 * bits + of_cells > 63:
        return np.lexsort((places, units))
    packed = units << of_cells
    packed |= places
    packed <<= bits
    packed |= np.arange(len(places))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed.astype(np.intp, copy=False)


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
