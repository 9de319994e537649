"""Which value of a record to make missing: one in which it differs from the records that it lies nearest to.

Two keys differ in a variable that neither misses and that they do not agree on. Nearly every record has a neighbour
that differs in one variable; whether whole keys are among those is found for all records at once, by counting who
agrees on the other variables. Only what that leaves open is looked at record by record.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from disclosure.microdata.alike import Alike, Column
from disclosure.microdata.coding import MISSING, Coded, grouped
from disclosure.model.microdata import Places

Flags = npt.NDArray[np.bool_]


class Neighbours:
    """The keys of a file while values of some of them are made missing, in one pass over the risky records.

    Args:
        columns: the key variables; changed by `suppress`.
        order: the variables, first the one to give up first.
        risky: places of the records that the pass goes over; only these may be changed.
    """

    def __init__(self, columns: Sequence[Column], order: Sequence[int], risky: Places) -> None:
        self._columns = columns
        self._order = tuple(order)
        fixed = np.ones(len(columns[0]), dtype=bool)
        fixed[risky] = False
        whole = np.all([column != MISSING for column in columns], axis=0)
        self._fixed = _different([column[fixed & whole] for column in columns])
        moving = np.flatnonzero(~(fixed & whole))
        self._moving = [column[moving] for column in columns]
        self._at = np.full(len(columns[0]), -1, dtype=np.int64)
        self._at[moving] = np.arange(len(moving))
        self._alike: dict[int, Alike] = {}
        self._beside = self._one_apart(risky)
        self._row = np.full(len(columns[0]), -1, dtype=np.int64)
        self._row[risky] = np.arange(len(risky))

    def choice(self, record: int) -> int | None:
        """Return the first variable, in the order, in which a record differs from those nearest to it.

        None if it differs from nobody.
        """
        beside = self._beside[self._row[record]]
        for variable in self._order:
            if beside[variable] or self._moved_apart(variable, record):
                return variable
        return self._farther([int(column[record]) for column in self._columns])

    def _moved_apart(self, variable: int, record: int) -> bool:
        """Tell whether a key that may have changed, or misses something, differs in this variable alone."""
        if variable not in self._alike:
            self._alike[variable] = Alike(self._moving, variable)
        return self._alike[variable].differs(int(self._at[record]))

    def _farther(self, key: list[int]) -> int | None:
        """Return the variable for a record from which everybody differs in none or at least two."""
        sets = [_apart(self._fixed, key), _apart(self._moving, key)]
        nearest = min((int(count[count > 0].min()) for count, _ in sets if (count > 0).any()), default=0)
        if not nearest:
            return None
        return next(
            variable
            for variable in self._order
            if any((differs[variable] & (count == nearest)).any() for count, differs in sets)
        )

    def suppress(self, record: int, variable: int) -> None:
        """Make one value of a risky record missing."""
        for alike in self._alike.values():
            alike.suppress(int(self._at[record]), variable)
        self._columns[variable][record] = MISSING
        self._moving[variable][self._at[record]] = MISSING

    def _one_apart(self, risky: Places) -> Flags:
        """Tell for each risky record and variable whether some fixed whole key differs in that variable alone."""
        found = np.zeros((len(risky), len(self._columns)), dtype=bool)
        keys = [column[risky] for column in self._columns]
        there = np.stack([key != MISSING for key in keys], axis=1)
        for pattern in np.unique(there, axis=0):
            members = np.flatnonzero((there == pattern).all(axis=1))
            known = np.flatnonzero(pattern)
            both = {one: np.concatenate([self._fixed[one], keys[one][members]]) for one in known}
            same = self._agreeing([both[one] for one in known], len(members))
            for one in known:
                others = self._agreeing([both[other] for other in known if other != one], len(members))
                found[members, one] = others > same
        return found

    def _agreeing(self, columns: list[Column], members: int) -> Places:
        """Return how many of the fixed keys, which come first, agree with each of the members."""
        count = len(self._fixed[0])
        if not columns:
            return np.full(members, count, dtype=np.int64)
        groups = grouped([Coded("", column.astype(np.int32), int(column.max()) + 1) for column in columns])
        return np.bincount(groups.number[:count], minlength=groups.count)[groups.number[count:]]


def _different(columns: list[Column]) -> list[Column]:
    """Return each key once."""
    if not len(columns[0]):
        return columns
    groups = grouped([Coded("", column.astype(np.int32), int(column.max()) + 1) for column in columns])
    first = np.empty(groups.count, dtype=np.int64)
    first[groups.number] = np.arange(len(groups.number))
    return [column[first] for column in columns]


def _apart(columns: Sequence[Column], key: list[int]) -> tuple[npt.NDArray[np.uint8], list[Flags]]:
    """Return in how many variables keys differ from one, and in which."""
    count = np.zeros(len(columns[0]), dtype=np.uint8)
    differs: list[Flags] = []
    for column, value in zip(columns, key, strict=True):
        if value == MISSING:
            differs.append(np.zeros(len(column), dtype=bool))
            continue
        apart: Flags = (column != value) & (column != MISSING)
        differs.append(apart)
        count += apart
    return count, differs
