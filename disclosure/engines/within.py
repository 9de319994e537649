"""Absorbed effects: columns as deviations from the means of their groups, and how many effects were absorbed.

Source: Gaure, "OLS with multiple high dimensional category variables", *Computational Statistics & Data Analysis* 66
(2013): alternating projections. Rows whose effect is theirs alone are left out first, as Correia (2015) recommends.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

MOST_STEPS: Final = 2000
_TOLERANCE: Final = 1e-13


def shared_rows(groups: tuple[Whole, ...]) -> npt.NDArray[np.bool_]:
    """Return which rows share every effect with another row, once those that do not are left out."""
    keep = np.ones(len(groups[0]), dtype=np.bool_)
    while True:
        before = int(keep.sum())
        for group in groups:
            sizes = np.bincount(group[keep], minlength=int(group.max(initial=0)) + 1)
            keep &= sizes[group] > 1
        if int(keep.sum()) == before:
            return keep


def absorbed_effects(groups: tuple[Whole, ...]) -> int:
    """Return how many parameters the effects are: with two kinds exactly, with more at most.

    With two kinds each connected part of the graph of both has one effect too many.
    """
    sizes = [int(group.max(initial=-1)) + 1 for group in groups]
    if len(groups) != 2:
        return sum(sizes)
    links = (np.ones(len(groups[0])), (groups[0], groups[1] + sizes[0]))
    parts, _ = connected_components(coo_matrix(links, shape=(sum(sizes), sum(sizes))), directed=False)
    return sum(sizes) - int(parts)


def within(columns: Real, groups: tuple[Whole, ...], weights: Real | None) -> Real | None:
    """Return each column minus all group means; None if several kinds of groups come to no end.

    Args:
        columns: shape (rows, columns).
        weights: of the rows, for weighted means.
    """
    found = columns.astype(np.float64, copy=True)
    for place in range(found.shape[1]):
        column = found[:, place]
        scale = float(np.abs(column).max(initial=0.0)) or 1.0
        for _ in range(MOST_STEPS):
            moved = 0.0
            for group in groups:
                change = _means(column, group, weights)
                moved = max(moved, float(np.abs(change).max(initial=0.0)))
                column -= change[group]
            if len(groups) == 1 or moved <= _TOLERANCE * scale:
                break
        else:
            return None
        # A second pass takes away what rounding left of means that are large beside the deviations.
        for group in groups:
            column -= _means(column, group, weights)[group]
    return found


def _means(column: Real, group: Whole, weights: Real | None) -> Real:
    weighted = column if weights is None else column * weights
    sizes = np.bincount(group, weights=weights)
    means: Real = np.bincount(group, weights=weighted) / sizes
    return means
