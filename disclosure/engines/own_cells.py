"""The cells of a statistic with dimensions of its own: those of the rows first, then what the statistic adds."""

from __future__ import annotations

from itertools import combinations
from types import MappingProxyType

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.engines.connection import engine_errors
from disclosure.engines.unit_rows import coded
from disclosure.model.cells import MARGIN, label_order
from disclosure.model.evidence import Counts, Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe


def own_evidence(base: ir.Table, recipe: Recipe, *, totals: bool) -> Evidence:
    """Return the cells of the rows' own dimensions in canonical order, with nothing counted yet.

    Args:
        base: what `prepared` returns.
        totals: every margin is a cell too.
    """
    width = len(recipe.dimensions)
    rows = base.filter(base.v.notnull()) if recipe.value is not None else base
    labels = pa.table({})
    if width:
        with engine_errors():
            labels = rows.select(*[f"d{place}" for place in range(width)]).distinct().to_pyarrow()
    categories = tuple(
        tuple(sorted(labels.column(f"d{place}").unique().to_pylist(), key=label_order)) for place in range(width)
    )
    full = np.array([coded(labels.column(f"d{place}"), own) for place, own in enumerate(categories)], dtype=np.int32)
    full = full.T.reshape(labels.num_rows if width else 1, width)
    pieces = [full]
    for size in range(width) if totals else ():
        for fixed in combinations(range(width), size):
            margin = full.copy()
            margin[:, [place for place in range(width) if place not in fixed]] = MARGIN
            pieces.append(margin)
    codes = in_order(np.unique(np.concatenate(pieces), axis=0))
    nothing: Counts = np.zeros(len(codes), dtype=np.int64)
    return Evidence(recipe.dimensions, categories, codes, nothing, nothing)


def in_order(codes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return cells in canonical order: by the labels of the first dimension, then the next, totals last."""
    if not codes.shape[1]:
        return codes
    last = np.where(codes == MARGIN, np.iinfo(np.int32).max, codes)
    return codes[np.lexsort([last[:, place] for place in reversed(range(codes.shape[1]))])]


def extended(own: Evidence, added: dict[str, tuple[str, ...]], n_units: Counts, n_rows: Counts, part: Part) -> Evidence:
    """Return the evidence in which every own cell has every combination of the added categories, in their order.

    Args:
        n_units, n_rows: per cell of the result.
        part: what is judged and shown, with an entry per cell of the result.
    """
    sizes = [len(labels) for labels in added.values()]
    steps = np.array(np.unravel_index(np.arange(int(np.prod(sizes))), sizes), dtype=np.int32).T
    codes = np.concatenate(
        [np.repeat(own.codes, len(steps), axis=0), np.tile(steps, (len(own.codes), 1))], axis=1, dtype=np.int32
    )
    return Evidence(
        (*own.dimensions, *added),
        (*own.categories, *added.values()),
        codes,
        n_units,
        n_rows,
        added=tuple(added),
        parts=MappingProxyType({part.name: part}),
    )
