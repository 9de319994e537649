"""The figures of a model as a whole, shown as a small table of their own below those of its terms.

In what is released they stand in the same table, under a term of their own, so that a file is one plain rectangle. On
a screen that is three columns with one figure each, off to the right of everything.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.model_facts import WHOLE
from disclosure.model.recipes import Statistic
from disclosure.notebook.page import Sheet

_TERM, _FIGURE = "term", "figure"


def apart(sheet: Sheet) -> tuple[Sheet, Sheet | None]:
    """Return the figures of the terms of a model, and those of the model as a whole, in one line without a term.

    Any other sheet comes back as it is, with None.
    """
    if sheet.statistic is not Statistic.MODEL or WHOLE not in sheet.categories.get(_TERM, ()):
        return sheet, None
    whole = sheet.codes[_TERM] == sheet.categories[_TERM].index(WHOLE)
    if not whole.any() or whole.all():
        return sheet, None
    return _only(sheet, ~whole), replace(_only(sheet, whole), rows=(), columns=(_FIGURE,))


def _only(sheet: Sheet, kept: Mask) -> Sheet:
    return replace(
        sheet,
        codes={name: own[kept] for name, own in sheet.codes.items()},
        figures=[sheet.figures[place] for place in np.flatnonzero(kept).tolist()],
        shown=sheet.shown[kept],
        failing=sheet.failing[kept],
    )
