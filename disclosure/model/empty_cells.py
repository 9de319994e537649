"""Listing empty cells: where they disclose by policy or beside withheld ones, as in a frequency table in full."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import RefusedError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.evidence_columns import changed
from disclosure.texts import text

MAXIMUM_CELLS = 5_000_000


def with_empty_cells(evidence: Evidence) -> Evidence:
    """Return the evidence of a frequency table with every combination of categories, the empty ones with no unit.

    Raises:
        RefusedError: there are more combinations than can be listed.
    """
    sizes = [range(MARGIN, len(labels)) for labels in evidence.categories]
    combinations = 1
    for one in sizes:
        combinations *= len(one)
    if combinations > MAXIMUM_CELLS:
        raise RefusedError(
            text("The table has too many empty cells to be judged one by one."), hint=text("Use fewer categories.")
        )
    # Canonical order is that of an odometer in which each dimension's total comes after its last category.
    steps = np.unravel_index(np.arange(combinations), [len(one) for one in sizes]) if sizes else ()
    columns = [np.where(step == len(one) - 1, MARGIN, step) for step, one in zip(steps, sizes, strict=True)]
    return _listed(evidence, np.array(columns, dtype=np.int32).T.reshape(combinations, len(sizes)))


def with_empty_beside(evidence: Evidence, cells: Mask) -> Evidence:
    """Return evidence with the empty cells beside each of some cells that holds all of a margin over a dimension.

    In that line all others are empty; what a statistic adds to a table is no such dimension.
    """
    beside = [evidence.codes[:0]]
    for place in range(evidence.own_dimensions):
        margin = evidence.margin_over(place)
        alone = cells & (evidence.codes[:, place] != MARGIN) & (evidence.n_units > 0) & (margin >= 0)
        lines = evidence.codes[alone & (evidence.n_units >= evidence.n_units[margin])]
        found = np.repeat(lines, len(evidence.categories[place]), axis=0)
        found[:, place] = np.tile(np.arange(len(evidence.categories[place])), len(lines))
        beside.append(found[evidence.positions(found) < 0])
    more = np.unique(np.concatenate(beside), axis=0)
    if not len(more):
        return evidence
    codes = np.concatenate([evidence.codes, more])
    last = np.where(codes == MARGIN, np.iinfo(np.int32).max, codes)
    return _listed(evidence, codes[np.lexsort([last[:, place] for place in reversed(range(codes.shape[1]))])])


def _listed(evidence: Evidence, codes: npt.NDArray[np.int32]) -> Evidence:
    """Return the evidence of more cells, those that it lacks with no unit."""
    known = evidence.positions(codes)

    def spread(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        found = values[known]
        found[known < 0] = 0
        return found

    full = changed(evidence, codes, spread)
    if evidence.overlaps is None:
        return full
    places = np.full(len(evidence), -1, dtype=np.int64)
    places[known[known >= 0]] = np.flatnonzero(known >= 0)
    return replace(full, overlaps=evidence.overlaps.moved(places))
