"""Where cells stand on a page: by whole numbers, so that none of their labels is made a text before it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]
Keys = npt.NDArray[Any]
CategoryLabels = tuple[str | None, ...]


def keys_of(codes: Mapping[str, Codes], dimensions: tuple[str, ...], labels: Mapping[str, CategoryLabels]) -> Keys:
    """Return one whole number per cell, in the order of the labels of these dimensions, totals last."""
    size = 1
    for name in dimensions:
        size *= len(labels[name]) + 1
    cells = len(next(iter(codes.values()))) if codes else 1
    # Beyond 63 bits Python's integers take over: slower, never wrong.
    keys: Keys = np.zeros(cells, dtype=np.int64 if size < 2**62 else np.object_)
    for name in dimensions:
        keys = keys * (len(labels[name]) + 1) + codes[name].astype(keys.dtype)
    return keys


def cells_at(rows: Keys, columns: Keys, row_keys: Keys, column_keys: Keys) -> Codes:
    """Return where the cell of each of these rows and columns stands, -1 for none."""
    placed = np.full((len(rows), len(columns)), -1, dtype=np.int64)
    if placed.size:
        near = np.flatnonzero((row_keys <= rows[-1]) & (column_keys <= columns[-1]))
        near = near[np.isin(row_keys[near], rows) & np.isin(column_keys[near], columns)]
        placed[np.searchsorted(rows, row_keys[near]), np.searchsorted(columns, column_keys[near])] = near
    return placed
