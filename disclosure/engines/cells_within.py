"""Cells of one output that lie within cells of another one.

Who shows all but one of the cells that make up a cell of another output shows that one as well. Which cells are shown
the rows do not tell: it takes both judged tables.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from disclosure.engines.joined import COARSER, TOO_MANY, Cells, Joined, distinct, in_both
from disclosure.engines.placed import renumbered
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs, Within

MOST_WITHIN: Final = 200_000
"""So many cells may lie within others, counted once for each."""


def cells_within(rows: Joined) -> Within:
    """Return the inner cells of the first output all units of which stand in one cell or margin of the other.

    Raises:
        DataError: there are too many.
    """
    one, other = rows.one, rows.other
    own = Cells(*one.cells(one.patterns()[0]))
    units = distinct(rows.units[0], own, once=rows.once)
    found = [CellPairs.none(one.dimensions, other.dimensions)]
    counts = [(np.zeros(0, dtype=np.int64),) * 2]
    for pattern in other.patterns():
        there = Cells(*other.cells(pattern))
        keys, shared = in_both(rows, own, there)
        first, second = keys // max(1, len(there)), keys % max(1, len(there))
        inside = shared == units[first]
        first, second = first[inside], second[inside]
        names = (one.dimensions, other.dimensions, one.labels, other.labels)
        found.append(CellPairs(*names, own.codes[first], there.codes[second], np.arange(len(first))))
        counts.append((units[first], distinct(rows.units[1], there, once=rows.once)[second]))
    if sum(map(len, found)) > MOST_WITHIN:
        raise DataError(TOO_MANY, hint=COARSER)
    inner, whole = (np.concatenate(column) for column in zip(*counts, strict=True))
    return Within(CellPairs.joined(found), inner, whole)


def nested(rows: Joined) -> bool:
    """Tell whether each category of a dimension of one lies within a category of another dimension of the other."""
    return any(
        _is_coarser(rows, a, b)
        for a, name in enumerate(rows.one.dimensions)
        for b, there in enumerate(rows.other.dimensions)
        if name != there
    )


def _is_coarser(rows: Joined, a: int, b: int) -> bool:
    own, there = rows.one.cells((a,))[0][rows.left], rows.other.cells((b,))[0][rows.right]
    sizes = [int(renumbered(each).max(initial=-1)) + 1 for each in (own, there)]
    pairs = int(renumbered(own * (int(there.max(initial=0)) + 1) + there).max(initial=-1)) + 1
    return min(sizes) > 1 and pairs in sizes
