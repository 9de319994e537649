"""Keys that agree on every variable but one, kept up while values are made missing.

Keys that miss nothing are found by the rest of their key at once. Those that miss something of it match several, and
are compared one by one: there are few of them for the variable that is given up first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from disclosure.microdata.coding import MISSING, Coded, grouped
from disclosure.model.microdata import Places

Column = npt.NDArray[np.signedinteger[npt.NBitBase]]
_APART = -1


class Alike:
    """The values of one variable among keys that agree on all others.

    Args:
        columns: the keys, which change together with what is told here.
        variable: the one that they may differ in.
    """

    def __init__(self, columns: Sequence[Column], variable: int) -> None:
        self._columns = columns
        self._variable = variable
        self._others = [one for one in range(len(columns)) if one != variable]
        rest = [columns[one] for one in self._others]
        count = len(columns[variable])
        self._rest = np.zeros(count, dtype=np.int64)
        if rest and count:
            self._rest = grouped([Coded("", one.astype(np.int32), int(one.max()) + 1) for one in rest]).number.copy()
        self._holed = np.zeros(count, dtype=bool)
        for one in rest:
            self._holed |= one == MISSING
        self._rest[self._holed] = _APART
        self._values: dict[int, Counter[int]] = {}
        for group, value in zip(self._rest.tolist(), columns[variable].tolist(), strict=True):
            if group != _APART and value != MISSING:
                self._values.setdefault(group, Counter())[value] += 1
        places = np.flatnonzero(self._holed)
        self._room = np.empty(count, dtype=np.int64)
        self._room[: len(places)] = places
        self._filled = len(places)

    def differs(self, place: int) -> bool:
        """Tell whether another key differs from this one in the variable and agrees on all others, as far as known."""
        own = int(self._columns[self._variable][place])
        if own == MISSING:
            return False
        group = int(self._rest[place])
        if group == _APART:
            return self._among(slice(None), place, own)
        # The own value is one of them.
        if len(self._values[group]) > 1:
            return True
        return self._filled > 0 and self._among(self._room[: self._filled], place, own)

    def _among(self, places: Places | slice, place: int, own: int) -> bool:
        column = self._columns[self._variable][places]
        found = (column != own) & (column != MISSING)
        for one in self._others:
            key = self._columns[one][place]
            if key != MISSING:
                other = self._columns[one][places]
                found &= (other == key) | (other == MISSING)
        return bool(found.any())

    def suppress(self, place: int, variable: int) -> None:
        """Take note that a value is about to be made missing."""
        group = int(self._rest[place])
        if group == _APART:
            return
        own = int(self._columns[self._variable][place])
        if own != MISSING:
            left = self._values[group]
            left[own] -= 1
            if not left[own]:
                del left[own]
        if variable != self._variable:
            self._rest[place] = _APART
            self._room[self._filled] = place
            self._filled += 1
