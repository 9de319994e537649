"""Rows as arrays, piece by piece: the codes of a cell, the words of a unit key, value and weight as whole numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.engines.array_columns import (
    Codes,
    Mask,
    NotAsArrays,
    Whole,
    Words,
    fixed_numbers,
    largest,
    scale_of,
    unit_words,
)
from disclosure.engines.array_kept import Kept, recoded_labels
from disclosure.engines.workers import in_threads
from disclosure.model.evidence import WEIGHT_DECIMALS
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan

PIECE = 1 << 17
"""Rows that are looked at together: few enough to stay in a processor's cache."""
_MANY_CELLS = 1 << 22
_FITS = 2.0**63 * (1 - 1e-6)
"""Above every sum that may be wrong: a sum of floats errs by less than a millionth for any number of rows here."""

R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class _Coded:
    """Some of the rows as they are read.

    Attributes:
        codes: one array per dimension.
        keys: the words of each unit column, see `unit_words`.
        there: rows that have a value; None if all have.
        size: what the sizes of the values (times the weights), and of the weights, add up to at most.
    """

    codes: tuple[npt.NDArray[Any], ...]
    keys: tuple[tuple[Words, ...], ...]
    value: Whole | None
    there: Mask | None
    weight: Whole | None
    size: tuple[float, float] = (0.0, 0.0)

    def __len__(self) -> int:
        return len(self.keys[0][0])


@dataclass(frozen=True, eq=False)
class Piece:
    """Some of the rows, each with its cell.

    Attributes:
        cells: which cell of `Rows.cells` each row stands in.
        words: the unit keys: two rows have the same words exactly if they are of the same unit.
        value, there, weight: the values, which rows have one (None: all), and the weights.
    """

    cells: npt.NDArray[np.int32]
    words: tuple[Words, ...]
    value: Whole | None
    there: Mask | None
    weight: Whole | None

    def __len__(self) -> int:
        return len(self.cells)

    def only(self, rows: npt.NDArray[Any] | slice) -> Piece:
        """Return the rows of a mask or slice, or at these places in this order."""
        value = None if self.value is None else self.value[rows]
        there = None if self.there is None else self.there[rows]
        weight = None if self.weight is None else self.weight[rows]
        return Piece(self.cells[rows], tuple(word[rows] for word in self.words), value, there, weight)

    def ordered(self, order: npt.NDArray[np.intp]) -> Piece:
        """Return all rows in an order; what `only` returns as well, a little faster."""

        def taken(column: npt.NDArray[Any] | None) -> Any:
            return None if column is None else np.take(column, order)

        words = tuple(np.take(word, order) for word in self.words)
        return Piece(taken(self.cells), words, taken(self.value), taken(self.there), taken(self.weight))

    @staticmethod
    def joined(pieces: Sequence[Piece]) -> Piece:
        """Return the rows of several pieces as one."""
        if len(pieces) == 1:
            return pieces[0]
        there = None
        if any(one.there is not None for one in pieces):
            there = np.concatenate([np.ones(len(one), bool) if one.there is None else one.there for one in pieces])
        return Piece(
            np.concatenate([one.cells for one in pieces]),
            tuple(np.concatenate(words) for words in zip(*(one.words for one in pieces), strict=True)),
            None if pieces[0].value is None else np.concatenate([one.value for one in pieces if one.value is not None]),
            there,
            None if pieces[0].weight is None else np.concatenate([o.weight for o in pieces if o.weight is not None]),
        )


@dataclass(frozen=True, eq=False)
class Rows:
    """All rows.

    Attributes:
        pieces: a list, because whoever rearranges the rows takes them out: they are not held twice.
        labels: per dimension the label of each code.
        cells: shape (cells, dimensions), the codes of each cell that a piece may name.
        value_scale, weight_scale: at how many decimals values and weights are.
    """

    pieces: list[Piece]
    labels: tuple[tuple[str | None, ...], ...]
    cells: npt.NDArray[np.int32]
    value_scale: int
    weight_scale: int


def pieces_of(table: pa.Table) -> Iterator[pa.Table]:
    """Yield a table in pieces."""
    return (table.slice(start, PIECE) for start in range(0, table.num_rows, PIECE))


def as_arrays(
    tables: Iterable[pa.Table], schema: pa.Schema, recipe: Recipe, plan: Plan, threads: int, kept: Kept | None
) -> Rows:
    """Return the rows of a recipe as arrays.

    Args:
        tables: the rows in pieces, with the columns that the recipe names.
        kept: what is known of these columns; None if they are read from somewhere, so that nothing may be held.

    Raises:
        NotAsArrays: they are for the general engine.
    """
    registers = [Codes(name, recipe.recodings) if kept is None else kept.register(name) for name in recipe.dimensions]
    kinds = {name: schema.field(name).type for name in recipe.narrow_columns}
    value_scale = 0 if recipe.value is None else scale_of(kinds[recipe.value], plan.decimals)
    weight_scale = 0 if recipe.weight is None else scale_of(kinds[recipe.weight], WEIGHT_DECIMALS)
    read = in_threads(lambda table: _piece(table, registers, recipe, plan, kept), tables, threads)
    pieces = [piece for piece in read if len(piece)]
    if kept is None:
        pa.default_memory_pool().release_unused()
    if not pieces or (recipe.value is not None and not any(_has_value(piece) for piece in pieces)):
        raise NotAsArrays
    for place in range(2):
        if not math.fsum(piece.size[place] for piece in pieces) < _FITS:
            raise NotAsArrays
    labels = tuple(one.labels for one in registers)
    cells, located = _located(pieces, labels)
    rows = Rows(located, labels, cells, value_scale, weight_scale)
    if kept is None or not recipe.recodings:
        return rows  # what passes was recoded as it was read
    rows = recoded_rows(rows, recipe)
    cells, of_rows = np.unique(rows.cells, axis=0, return_inverse=True)
    found = of_rows.reshape(-1).astype(np.int32)
    return replace(rows, cells=cells, pieces=[replace(one, cells=found[one.cells]) for one in rows.pieces])


def recoded_rows(rows: Rows, recipe: Recipe) -> Rows:
    """Return rows by the labels after the recodings of a recipe; several of their cells may be the same cell then."""
    found = [recoded_labels(*own, recipe.recodings) for own in zip(rows.labels, recipe.dimensions, strict=True)]
    cells = rows.cells
    if recipe.recodings:
        cells = np.array([places[cells[:, place]] for place, (_, places) in enumerate(found)], dtype=np.int32).T
    return replace(rows, labels=tuple(labels for labels, _ in found), cells=cells)


def _has_value(piece: _Coded) -> bool:
    return piece.there is None or bool(piece.there.any())


def _piece(table: pa.Table, registers: list[Codes], recipe: Recipe, plan: Plan, kept: Kept | None) -> _Coded:
    def read(what: Hashable, name: str, work: Callable[[pa.Array], R]) -> R:
        column = table.column(name)
        return work(_array(column)) if kept is None else kept.of(what, (column,), lambda: work(_array(column)))

    codes = tuple(read(("codes", name), name, one.of) for one, name in zip(registers, recipe.dimensions, strict=True))
    keys = tuple(read("keys", name, unit_words) for name in recipe.unit)
    if kept is None:
        keys = tuple(tuple(map(np.copy, words)) for words in keys)
    value, there, weight = None, None, None
    if recipe.value is not None:
        value, there = read(("numbers", plan.decimals), recipe.value, lambda one: fixed_numbers(one, plan.decimals))
    if recipe.weight is not None:
        weight, known = read(
            ("numbers", WEIGHT_DECIMALS), recipe.weight, lambda one: fixed_numbers(one, WEIGHT_DECIMALS)
        )
        if known is not None or weight.min(initial=0) < 0:
            raise NotAsArrays
    piece = _Coded(codes, keys, value, there, weight)
    keep = _kept(piece, registers, recipe)
    piece = piece if keep is None else _only(piece, keep)
    return replace(piece, size=_size(piece))


def _array(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _kept(piece: _Coded, registers: list[Codes], recipe: Recipe) -> Mask | None:
    keep = None
    if piece.weight is not None and not piece.weight.all():
        keep = np.asarray(piece.weight != 0, dtype=np.bool_)
    if recipe.dropna:
        for codes, register in zip(piece.codes, registers, strict=True):
            if None in register.labels:
                known = np.asarray(codes != register.labels.index(None), dtype=np.bool_)
                keep = known if keep is None else keep & known
    return keep


def _only(piece: _Coded, keep: Mask) -> _Coded:
    def kept(column: Any) -> Any:
        return None if column is None else column[keep]

    return _Coded(
        tuple(map(kept, piece.codes)),
        tuple(tuple(map(kept, words)) for words in piece.keys),
        kept(piece.value),
        kept(piece.there),
        kept(piece.weight),
    )


def _size(piece: _Coded) -> tuple[float, float]:
    values = weights = 0.0
    if piece.weight is not None:
        weights = float(piece.weight.sum(dtype=np.float64))
    if piece.value is not None:
        sizes = np.abs(piece.value, dtype=np.float64)
        if piece.weight is not None:
            if largest(piece.value) * largest(piece.weight) >= 2**63:
                raise NotAsArrays
            sizes *= np.maximum(piece.weight, 1)
        values = float(sizes.sum())
    return values, weights


def _located(
    pieces: list[_Coded], labels: tuple[tuple[str | None, ...], ...]
) -> tuple[npt.NDArray[np.int32], list[Piece]]:
    """Return the codes of each cell, and the rows with the cell of each."""
    sizes = [max(len(one), 1) for one in labels]
    every = math.prod(sizes)
    if every <= max(_MANY_CELLS, sum(map(len, pieces))) and every < 2**31:
        known: npt.NDArray[Any] = np.arange(every)
        numbers = None
    elif every < 2**62:
        known, numbers = np.unique(
            np.concatenate([_mixed(one, sizes, np.int64) for one in pieces]), return_inverse=True
        )
    else:
        raise NotAsArrays
    codes = np.array(np.unravel_index(known, sizes) if sizes else [], dtype=np.int32).reshape(len(sizes), len(known))
    width = [max(len(one.keys[place]) for one in pieces) for place in range(len(pieces[0].keys))]
    located, start = [], 0
    while pieces:
        one = pieces.pop(0)
        cells = _mixed(one, sizes, np.int32) if numbers is None else numbers[start : start + len(one)].astype(np.int32)
        start += len(one)
        nothing = np.zeros(len(one), dtype=np.uint64)
        words = tuple(
            word for size, key in zip(width, one.keys, strict=True) for word in (*key, *[nothing] * (size - len(key)))
        )
        located.append(Piece(cells, words, one.value, one.there, one.weight))
    return np.ascontiguousarray(codes.T), located


def _mixed(piece: _Coded, sizes: list[int], kind: Any) -> npt.NDArray[Any]:
    keys = np.zeros(len(piece), dtype=kind)
    for codes, size in zip(piece.codes, sizes, strict=True):
        keys *= size
        keys += codes
    return keys
