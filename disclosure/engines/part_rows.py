"""Parts of evidence from rows: one entry per cell, and what contributors hold of a figure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_order import in_order
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.model.parts import MOST_CONTRIBUTORS, PART_SCHEMAS, Kind, Part

Places = npt.NDArray[np.intp]
Numbers = npt.NDArray[Any]
"""Whole numbers: of 64 bits where they fit, Python's own where they do not."""

Keys = Whole | range
"""A number per row for its unit; a range where each has one row."""

SAFE: Final = 2**62
"""Below this 64 bits hold a number and its double."""
_DENSE: Final = 16
"""Up to so many possible keys per row, counting them all is faster than sorting the rows."""
_NO_FACTS: Mapping[str, str] = MappingProxyType({})
_DTYPES: Mapping[Kind, type] = MappingProxyType(
    {Kind.COUNT: np.int64, Kind.AMOUNT: np.object_, Kind.NUMBER: np.float64, Kind.MASK: np.bool_}
)


def part_of(name: str, entries: Iterable[Mapping[str, Any]], facts: Mapping[str, str] = _NO_FACTS) -> Part:
    """Return the part of that name from one mapping of its columns per cell, and its facts."""
    listed = list(entries)
    kinds = PART_SCHEMAS[name].columns.items()
    columns: dict[str, Numbers] = {
        column: np.array([one[column] for one in listed], dtype=_DTYPES[kind]) for column, kind in kinds
    }
    return Part(name, columns, facts)


def by_value(rows: UnitRows) -> UnitRows:
    """Return the rows in ascending order of value, in which the rows of every cell then stand too."""
    if rows.ascending:
        return rows
    order = _ascending(rows.values)
    weights = None if rows.weights is None else rows.weights[order]
    units = rows.units[order]
    return replace(
        rows,
        codes=rows.codes[order],
        units=units,
        holders=units if rows.holders is rows.units else rows.holders[order],
        further=tuple(one[order] for one in rows.further),
        values=rows.values[order],
        weights=weights,
        ascending=True,
    )


def _ascending(values: Whole) -> Places:
    """Return where values stand in ascending order, equal ones in the order they have."""
    lowest = int(values.min()) if len(values) else 0
    span = int(values.max()) - lowest if len(values) else 0
    if span >= SAFE:
        return np.argsort(values, kind="stable")
    return in_order(values - lowest, span + 1)[0]


def distinct(keys: Keys) -> int:
    """Return how many different keys there are; keys are not negative."""
    if isinstance(keys, range) or not len(keys):
        return len(keys)
    if int(keys.max()) < _DENSE * len(keys):
        return int(np.count_nonzero(np.bincount(keys)))
    ordered = np.sort(keys)
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def least(kinds: Sequence[Any], places: Places | slice) -> int:
    """Return how many units stand in these rows, of the kind of unit of which there are the fewest.

    Where persons and households must both reach the minimum, it is reached by fewer households.

    Args:
        kinds: `Keys`; of a range only a slice is asked.
    """
    return min(distinct(keys[places]) for keys in kinds)


def wide(numbers: Numbers, factor: int) -> Numbers:
    """Return whole numbers so that each times `factor` stays exact: as Python's own where 64 bits may not do."""
    largest = max(-int(numbers.min()), int(numbers.max())) if len(numbers) else 0
    return numbers.astype(np.object_) if largest * max(factor, 1) >= SAFE else numbers


def added(numbers: Numbers) -> int:
    """Return the exact sum of whole numbers."""
    if numbers.dtype == np.object_:
        return int(numbers.sum()) if len(numbers) else 0
    # In halves of 32 bits, of which 64 bits hold the sum of as many as memory does.
    return int((numbers >> 32).sum()) * 2**32 + int((numbers & 0xFFFFFFFF).sum())


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows brought together by holder: an order of the rows, and where in it each holder starts."""

    order: Places
    starts: Places

    def sums(self, amounts: Numbers) -> Numbers:
        """Return the exact sum of the amounts of each holder, in the order of their numbers."""
        if len(self.starts) == len(self.order):
            return amounts[self.order]
        return np.asarray(np.add.reduceat(wide(amounts, len(amounts))[self.order], self.starts))


def groups_of(holders: Whole) -> Groups:
    """Return rows brought together by holder."""
    order = np.argsort(holders, kind="stable")
    ordered = holders[order]
    return Groups(order, np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]))


def per_holder(holders: Whole, amounts: Numbers) -> Numbers:
    """Return the exact sum of the amounts of each holder, in the order of their numbers."""
    return groups_of(holders).sums(amounts)


def contribution_entries(sizes: Numbers) -> dict[str, int]:
    """Return the columns of a part that say what contributors of these sizes, one each and none negative, hold."""
    if len(sizes) > MOST_CONTRIBUTORS and sizes.dtype != np.object_:
        largest = sorted(np.partition(sizes, -MOST_CONTRIBUTORS)[-MOST_CONTRIBUTORS:].tolist(), reverse=True)
    else:
        largest = heapq.nlargest(MOST_CONTRIBUTORS, sizes.tolist())
    largest += [0] * (MOST_CONTRIBUTORS - len(largest))
    return {"absolute": added(sizes), **{f"largest_{place}": one for place, one in enumerate(largest, 1)}}


def ones_entries(number: int) -> dict[str, int]:
    """Return what `contribution_entries` returns of so many contributors of the size 1.

    >>> ones_entries(5) == contribution_entries(np.ones(5, dtype=np.int64))
    True
    """
    return {"absolute": number} | {
        f"largest_{place}": int(place <= number) for place in range(1, MOST_CONTRIBUTORS + 1)
    }
