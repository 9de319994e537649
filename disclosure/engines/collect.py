"""From the engine's Arrow tables to evidence: exact whole numbers, canonical order, empty cells where asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.engines.tabulate import ends_of
from disclosure.errors import RecipeError
from disclosure.model.cells import MARGIN, label_order
from disclosure.model.empty_cells import with_empty_cells
from disclosure.model.ends import Ends
from disclosure.model.evidence import WEIGHT_DECIMALS, Amount, Amounts, Counts, Evidence, Mask, Shares, Weighted
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan

Piece = tuple[tuple[int, ...], pa.Table]


def collect(pieces: tuple[Piece, ...], recipe: Recipe, plan: Plan, two_values: tuple[str, str] | None) -> Evidence:
    """Return the evidence in the engine's tables, one for the full table and one for each margin.

    Cells come in canonical order: by the labels of the first dimension, then the next, totals last.
    """
    width = len(recipe.dimensions)
    full = pieces[0][1]
    categories = tuple(_categories(full.column(f"d{place}")) for place in range(width))
    codes = np.concatenate([_codes(fixed, table, categories) for fixed, table in pieces])
    last = np.where(codes == MARGIN, np.iinfo(np.int32).max, codes)
    order = np.lexsort([last[:, place] for place in reversed(range(width))]) if width else np.arange(len(codes))

    def column(name: str) -> pa.ChunkedArray:
        return pa.chunked_array([chunk for _, table in pieces for chunk in table.column(name).chunks])

    def counts(name: str) -> Counts:
        return np.asarray(pc.fill_null(column(name).cast(pa.int64()), 0).to_numpy()[order], dtype=np.int64)

    decimals = plan.decimals + (WEIGHT_DECIMALS if recipe.weight is not None else 0)

    def amount(name: str, scale: int) -> Amount:
        return whole_numbers(column(name), scale)[order]

    def mask(name: str) -> Mask:
        return np.asarray(pc.fill_null(column(name), False).to_numpy(zero_copy_only=False)[order], dtype=np.bool_)

    def finest(one: str) -> dict[str, Any]:
        """Return the zeros that contributions end in: those that they have at fewer decimals, and those besides."""
        more = decimals - _scale(column(f"{one}added").type)
        ends = {name: (counts(f"{one}{name}"), counts(f"{one}n_{name}")) for name in ("finest", "next_finest")}
        found: dict[str, Any] = {f"n_{name}": there for name, (_, there) in ends.items()}
        return found | {
            name: np.where(there > 0, zeros + more, 0).astype(np.object_) for name, (zeros, there) in ends.items()
        }

    amounts, shares, weighted = None, None, None
    if recipe.value is not None or plan.weighted_contributions:
        amounts = Amounts(
            decimals=decimals,
            total=amount("total", decimals),
            absolute=amount("absolute", decimals),
            largest=_largest(column, plan, decimals)[order],
            n_nonzero=counts("n_nonzero"),
            constant=mask("constant"),
            rows_constant=mask("rows_constant"),
            divisor=amount("divisor", WEIGHT_DECIMALS),
            negative=bool(counts("negative").any()),
            divisor_largest=amount("divisor_largest", WEIGHT_DECIMALS),
            ends=tuple(
                Ends(
                    numbers=counts(f"{one}numbers"),
                    total=amount(f"{one}added", decimals),
                    lowest=amount(f"{one}lowest", decimals),
                    n_lowest=counts(f"{one}n_lowest"),
                    next_lowest=amount(f"{one}next_lowest", decimals),
                    n_next_lowest=counts(f"{one}n_next_lowest"),
                    next_highest=amount(f"{one}next_highest", decimals),
                    n_next_highest=counts(f"{one}n_next_highest"),
                    highest=amount(f"{one}highest", decimals),
                    n_highest=counts(f"{one}n_highest"),
                    **finest(one),
                )
                for one in ends_of(recipe, plan)
            ),
        )
    if two_values is not None:
        shares = Shares(two_values[0], two_values[1], counts("numerator"), counts("complement"))
    if recipe.weight is not None:
        numerator = amount("w_numerator", WEIGHT_DECIMALS) if two_values is not None else None
        weighted = Weighted(amount("w_units", WEIGHT_DECIMALS), numerator)
    evidence = Evidence(
        recipe.dimensions, categories, codes[order], counts("n_units"), counts("n_rows"), amounts, shares, weighted
    )
    counted = recipe.value is None or shares is not None
    return with_empty_cells(evidence) if plan.zero_cells and counted else evidence


def unequal_weights(pieces: tuple[Piece, ...]) -> bool:
    """Tell whether some unit has rows of different weights, so that its own weight is unknown."""
    return any(pc.sum(table.column("w_unequal")).as_py() for _, table in pieces)


def whole_numbers(column: pa.ChunkedArray, decimals: int) -> Amount:
    """Return a numeric column as whole numbers at `decimals` decimals, null as 0, exactly.

    An Arrow decimal *is* such a number, in two 64-bit halves; Python's own decimals would round at 28 digits.
    """
    if pa.types.is_integer(column.type):
        plain = np.asarray(pc.fill_null(column, 0).to_numpy(), dtype=np.object_)
        counted: Amount = np.array([int(value) for value in plain], dtype=np.object_) * 10**decimals
        return counted
    parts = []
    for chunk in column.chunks:
        zero = pa.scalar(0).cast(pa.decimal128(38, 0)).cast(chunk.type)
        filled = chunk.fill_null(zero) if chunk.null_count else chunk
        halves = np.frombuffer(filled.buffers()[1], dtype="<u8")[2 * filled.offset : 2 * (filled.offset + len(filled))]
        low, high = halves[0::2].astype(np.object_), halves[1::2].view(np.int64).astype(np.object_)
        parts.append(high * 2**64 + low)
    numbers = np.concatenate([np.zeros(0, dtype=np.object_), *parts])
    if column.type.scale > decimals:
        raise RecipeError("The evidence has more decimals than its schema.")
    scaled: Amount = numbers * 10 ** (decimals - column.type.scale)
    return scaled


def _scale(kind: pa.DataType) -> int:
    return int(kind.scale) if pa.types.is_decimal(kind) else 0


def _largest(column: Any, plan: Plan, decimals: int) -> Amount:
    lists = column("largest")
    flat = whole_numbers(pa.chunked_array([chunk.flatten() for chunk in lists.chunks], lists.type.value_type), decimals)
    sizes = np.asarray(pc.fill_null(pc.list_value_length(lists), 0).to_numpy(), dtype=np.int64)
    copies = None
    if plan.expanded:
        stands_for = column("copies")
        copies = np.concatenate([np.asarray(chunk.flatten().to_numpy(), dtype=np.int64) for chunk in stands_for.chunks])
    table: Amount = np.zeros((len(sizes), plan.contributors), dtype=np.object_)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for row, size in enumerate(sizes):
        top = flat[starts[row] : starts[row] + size]
        if copies is not None:
            top = np.repeat(top, copies[starts[row] : starts[row] + size])[: plan.contributors]
        table[row, : len(top)] = top
    return table


def _categories(column: pa.ChunkedArray) -> tuple[str | None, ...]:
    return tuple(sorted(pc.unique(column).to_pylist(), key=label_order))


def _codes(
    fixed: tuple[int, ...], table: pa.Table, categories: tuple[tuple[str | None, ...], ...]
) -> npt.NDArray[np.int32]:
    codes = np.full((table.num_rows, len(categories)), MARGIN, dtype=np.int32)
    for place in fixed:
        encoded = table.column(f"d{place}").combine_chunks().dictionary_encode(null_encoding="encode")
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        position = {label: code for code, label in enumerate(categories[place])}
        own = np.array([position[label] for label in encoded.dictionary.to_pylist()], dtype=np.int32)
        codes[:, place] = own[encoded.indices.to_numpy(zero_copy_only=False)] if len(own) else codes[:, place]
    return codes
