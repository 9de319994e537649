"""Suppression with all margins withheld: what can be done safely before a plan of secondary suppression is audited.

Failing cells are withheld, and with them every margin, so that no published relation is left from which a withheld
cell could be computed.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, Mask


def shown_cells(evidence: Evidence, failing: Mask) -> Mask:
    """Return which cells may be shown: all if none fails, otherwise the inner cells that pass.

    A margin can fail though every inner cell below it passes (values of opposite sign cancel within a unit). Its
    inner cells, all published, would add up to it; so the smallest of them is withheld as well.
    """
    if not failing.any():
        return np.ones(len(evidence), dtype=np.bool_)
    inner = evidence.inner
    shown: Mask = inner & ~failing
    for position in np.flatnonzero(failing & ~inner):
        fixed = evidence.codes[position] != MARGIN
        below = inner & (evidence.codes[:, fixed] == evidence.codes[position, fixed]).all(axis=1)
        if shown[below].all():
            places = np.flatnonzero(below)
            shown[places[np.argmin(evidence.n_units[places])]] = False
    return shown
