"""Listing empty cells: a frequency table in full, where they disclose by policy or beside withheld ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.errors import RefusedError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence
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
    codes = np.array(columns, dtype=np.int32).T.reshape(combinations, len(sizes))
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
