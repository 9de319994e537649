"""Suppression with all margins withheld: what can be done safely before a plan of secondary suppression is audited.

Failing cells are withheld, and with them every margin, so that no published relation is left from which a withheld
cell could be computed.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, Mask
from disclosure.protection.curves import shown_of_curves
from disclosure.protection.lines import shown_lines
from disclosure.statistics.base import Withholding


def shown_cells(evidence: Evidence, failing: Mask, withholding: Withholding, rows: int) -> Mask:
    """Return which cells may be shown: all if none fails, otherwise the inner cells that pass.

    Two things more are withheld. An empty cell in line with a withheld one: if all others in a group are seen to be
    empty, everybody in it is in the one that is not shown. And where a sum fails although every cell below it
    passes (values of opposite sign cancel within a unit), its smallest cell, since they would add up to it.

    Args:
        withholding: what is withheld with a failing cell.
        rows: how many of the dimensions are row variables.
    """
    if not failing.any():
        return np.ones(len(evidence), dtype=np.bool_)
    if withholding is Withholding.ALL:
        return np.zeros(len(evidence), dtype=np.bool_)
    if withholding is Withholding.CURVES:
        return shown_of_curves(evidence, failing)
    inner = evidence.inner
    shown: Mask = inner & ~failing
    if withholding in (Withholding.ROWS, Withholding.COLUMNS):
        own = slice(None, rows) if withholding is Withholding.ROWS else slice(rows, None)
        return shown_lines(evidence, failing, own)
    additive = withholding is Withholding.ADDITIVE
    for position in np.flatnonzero(failing & ~inner) if additive else ():
        fixed = evidence.codes[position] != MARGIN
        below = inner & (evidence.codes[:, fixed] == evidence.codes[position, fixed]).all(axis=1)
        _withhold_one(evidence, shown, below)
    return shown & ~_empty_in_line(evidence, inner & ~shown)


def _withhold_one(evidence: Evidence, shown: Mask, below: Mask) -> None:
    """Withhold the smallest cell with something in it, unless one of those below is withheld already."""
    amounts = evidence.amounts
    telling = below & (evidence.n_units > 0)
    if amounts is not None:
        telling &= np.asarray(amounts.absolute != 0, dtype=np.bool_)
    if shown[telling].all() and telling.any():
        places = np.flatnonzero(telling)
        shown[places[np.argmin(evidence.n_units[places])]] = False


def _empty_in_line(evidence: Evidence, withheld: Mask) -> Mask:
    """Return the empty cells that share all labels but one with a withheld cell."""
    empty: Mask = evidence.inner & (evidence.n_units == 0)
    found = np.zeros(len(evidence), dtype=np.bool_)
    for place in range(len(evidence.dimensions)):
        line = evidence.margin_over(place)
        found |= empty & np.isin(line, line[withheld & ~empty])
    return found
