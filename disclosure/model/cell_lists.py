"""The cells of evidence by the million: each label's pair is made once, not once per cell."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from disclosure.model.cells import Cell
from disclosure.model.evidence import Evidence

Positions = npt.NDArray[np.int64]


def cells_at(evidence: Evidence, positions: Positions) -> Iterator[Cell]:
    """Yield the cell at each of these positions, as `Evidence.cell` returns it."""
    columns = []
    for place, (name, labels) in enumerate(zip(evidence.dimensions, evidence.categories, strict=True)):
        # The margin's code is -1, so it finds the None behind the last label.
        pairs = [*((name, label) for label in labels), None]
        columns.append([pairs[code] for code in evidence.codes[positions, place].tolist()])
    if not columns:
        yield from (Cell(()) for _ in range(len(positions)))
        return
    for one in zip(*columns, strict=True):
        yield Cell(tuple(pair for pair in one if pair is not None))
