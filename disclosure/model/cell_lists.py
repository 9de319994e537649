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
    return evidence.cells_at(positions)
