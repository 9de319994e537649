"""Counts of the same units that two outputs round otherwise, so that the two together tell more than each.

A count that is shown as 15 to base 5 and as 14 to base 7 is 13, 14, or 17: rounding protects as long as there is one.
That two recipes ask for one table is known from the recipes; that two tables have the same cells under other names,
or from other frames, only the rows tell.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from disclosure.engines.joined import COARSER, TOO_MANY, Cells, Joined, distinct, in_both
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs, Doubt
from disclosure.model.midpoints import midpoint_width
from disclosure.model.recipes import Recipe, Statistic
from disclosure.protection.undone_measures import PERCENTAGES
from disclosure.texts import text

_COUNTS: Final = frozenset({Statistic.COUNT, *PERCENTAGES})
_MOST_CELLS: Final = 200_000
_WHY: Final = text(
    "it shows counts of the same units rounded in another way, and two roundings tell more than one; hand in one of "
    "them"
)


def rounded_otherwise(rows: Joined) -> tuple[Doubt, ...]:
    """Return the cells and margins of two outputs that are the same units, if the two are rounded in different ways.

    The totals of both, which people know, are left out.

    Raises:
        DataError: there are too many.
    """
    one, other = rows.one, rows.other
    recipes = one.recipe, other.recipe
    if not {recipe.statistic for recipe in recipes} <= _COUNTS or _way(recipes[0]) == _way(recipes[1]):
        return ()
    if not rows.alike(1):
        return ()
    found = []
    for a in one.patterns()[:-1]:
        own = Cells(*one.cells(a))
        n = distinct(rows.units[0], own, once=rows.once)
        for b in other.patterns()[:-1]:
            there = Cells(*other.cells(b))
            m = distinct(rows.units[1], there, once=rows.once)
            keys, shared = in_both(rows, own, there)
            first, second = keys // max(1, len(there)), keys % max(1, len(there))
            same = np.flatnonzero((n[first] == shared) & (m[second] == shared))
            names = (one.dimensions, other.dimensions, one.labels, other.labels)
            cells = own.codes[first[same]], there.codes[second[same]]
            found.append(CellPairs(*names, *cells, np.arange(len(same))))
    if sum(map(len, found)) > _MOST_CELLS:
        raise DataError(TOO_MANY, hint=COARSER)
    return (Doubt(CellPairs.joined(found), _WHY),) if any(map(len, found)) else ()


def _way(recipe: Recipe) -> tuple[int, int]:
    return recipe.rounding, midpoint_width(recipe)
