"""Two columns of which one is a multiple of the other in a cell, by a number that is the same for every unit.

The ratio of their totals is that number, and says nothing of the cell. Whoever divides everybody's income by the
highest of the neighbourhood makes two columns that are safe one by one, and whose ratio is the highest income.

It is seen from the ends of what units contribute: those, the totals, and those of the difference of the two columns
are all in one proportion then. Two different amounts besides zero must be at least, since one alone always is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from disclosure.model.ends import Ends
from disclosure.model.evidence import Counts, Mask

_DECIMALS: Final = 6
"""What somebody computed is taken at so many decimals; a codebook's column has no more than it says."""
_ENDS: Final = ("lowest", "next_lowest", "next_highest", "highest")


@dataclass(frozen=True, eq=False)
class Contributed:
    """What units contribute to the cells of a table, as whole numbers at so many decimals."""

    ends: Ends
    decimals: int


def one_factor(first: Contributed, last: Contributed, less: Contributed | None, units: Counts, rows: Counts) -> Mask:
    """Return the cells in which one column is the other times a number other than one.

    Args:
        first, last: the two columns, an entry for each cell.
        less: the first less the last; None if that is not known.
        units, rows: how many there are in each cell.
    """
    mask = _several(first.ends) & _several(last.ends) & _proportional(first, last, units, rows)
    if less is not None:
        return mask & _proportional(less, last, units, rows)
    same = first.ends.total * 10**last.decimals == last.ends.total * 10**first.decimals
    return np.asarray(mask & ~same.astype(np.bool_), dtype=np.bool_)


def _several(ends: Ends) -> Mask:
    """Return where there are two amounts besides zero."""
    low = np.where(ends.lowest == 0, ends.next_lowest, ends.lowest)
    high = np.where(ends.highest == 0, ends.next_highest, ends.highest)
    return np.asarray((low != high) & (low != 0) & (high != 0), dtype=np.bool_)


def _proportional(one: Contributed, other: Contributed, units: Counts, rows: Counts) -> Mask:
    """Return where the ends of two columns are to each other as their totals, but for the rounding of single values."""
    own, theirs = one.ends.total.astype(np.object_), other.ends.total.astype(np.object_)
    opposite = np.asarray((own < 0) != (theirs < 0), dtype=np.bool_)
    mask = np.asarray((own != 0) & (theirs != 0), dtype=np.bool_)
    most, every = (rows - units + 1).astype(np.object_), rows.astype(np.object_)  # rows of one unit, and of all
    for name, mirrored in zip(_ENDS, reversed(_ENDS), strict=True):
        a = getattr(one.ends, name).astype(np.object_)
        b = np.where(opposite, getattr(other.ends, mirrored), getattr(other.ends, name)).astype(np.object_)
        # Each value is off by half a unit of the last decimal at most, here written without fractions.
        of_ends = most * (abs(theirs) * 10**one.decimals + abs(own) * 10**other.decimals)
        of_totals = every * (abs(a) * 10**other.decimals + abs(b) * 10**one.decimals)
        off = abs(a * theirs - b * own) * 2 * 10**_DECIMALS
        mask &= np.asarray(off <= of_ends + of_totals, dtype=np.bool_)
    return mask
