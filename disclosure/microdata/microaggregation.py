"""Microaggregation (MDAV): numbers replaced by the mean of a group of at least k records that lie near each other.

J. Domingo-Ferrer and V. Torra, "Ordinal, continuous and heterogeneous k-anonymity through microaggregation" (2005),
doi:10.1007/s10618-005-0007-5, with two groups in each round: one around the record farthest from the mean, one around
the record farthest from that. Distances are those of variables divided by their standard deviation, added up in
single precision as in sdcMicro, so that near ties fall alike; of equally near records the later one goes first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.errors import BadInputError, ColumnError, RefusedError
from disclosure.microdata.coding import Groups, coded, grouped, members_of, require_columns
from disclosure.microdata.spread import replaced, side_by_side
from disclosure.model.microdata import Microaggregated, Numbers, Places
from disclosure.texts import text

_Near = npt.NDArray[np.float32]


def mdav(frame: pa.Table, columns: tuple[str, ...], *, k: int = 3, strata: tuple[str, ...] = ()) -> Microaggregated:
    """Return the frame with columns of numbers averaged in groups of at least k records.

    A missing number stays missing. Where one of two records misses a number, they lie as far apart in it as any two.

    Args:
        columns: the columns of numbers, averaged in the same groups.
        strata: columns of categories; groups lie within records that agree on them, missing being a category.

    Raises:
        BadInputError: k is under 2.
        ColumnError: no column is named, or one is not there, holds no numbers, or is all missing.
        RefusedError: there are fewer records than k, in the file or in a stratum.

    >>> frame = pa.table({"inkomen": [1, 2, 3, 100, 101, 102]})
    >>> found = mdav(frame, ("inkomen",), k=3)
    >>> found.frame["inkomen"].to_pylist(), found.sizes
    ([2.0, 2.0, 2.0, 101.0, 101.0, 101.0], ((3, 2),))
    """
    if k < 2:
        raise BadInputError(text("k is a whole number of at least 2."), hint=text("Ask for 3, for example."))
    require_columns(frame, strata)
    values = side_by_side(frame, columns)
    for place, name in enumerate(columns):
        if np.isnan(values[:, place]).all():
            raise ColumnError(text("The column '{name}' has no values.", name=name), hint=text("Leave it out."))
    within = grouped([coded(frame, name) for name in strata]) if strata else _one(frame.num_rows)
    if within.sizes().min() < k:
        raise RefusedError(
            text("There are fewer records than {k} to average.", k=k),
            hint=text("Ask for a smaller k, or for coarser strata."),
        )
    group = np.empty(frame.num_rows, dtype=np.int64)
    next_group = 0
    for members in members_of(within):
        own = _groups(values[members], k)
        group[members] = own + next_group
        next_group += int(own.max()) + 1
    means = _means(values, group, next_group)
    return Microaggregated(
        frame=replaced(frame, columns, means), columns=columns, group=group, k=k, loss=_loss(values, means)
    )


def _one(records: int) -> Groups:
    return Groups(np.zeros(records, dtype=np.int64), 1)


def _groups(values: Numbers, k: int) -> Places:
    """Return the number of each record's group."""
    group = np.empty(len(values), dtype=np.int64)
    distance = _Distance(values)
    left = np.arange(len(values))
    rest = values
    number = 0
    while len(left) >= 2 * k:
        far = rest[int(np.argmax(distance.of(rest, distance.mean(rest))))]
        for _ in range(2 if len(left) >= 3 * k else 1):
            near = distance.of(rest, far)
            far = rest[int(np.argmax(near))]
            chosen = _nearest(near, k)
            group[left[chosen]] = number
            number += 1
            kept = np.ones(len(left), dtype=bool)
            kept[chosen] = False
            left, rest = left[kept], rest[kept]
    group[left] = number
    return group


def _nearest(near: _Near, k: int) -> Places:
    """Return the places of the k nearest, of equally near ones the later."""
    limit = np.partition(near, k - 1)[k - 1]
    within = np.flatnonzero(near <= limit)
    return within[np.lexsort((-within, near[within]))][:k]


class _Distance:
    """Squared distances of records, each variable divided by its variance."""

    def __init__(self, values: Numbers) -> None:
        variance = np.nanvar(values, axis=0)
        self._weight = 1 / np.where(variance > 0, variance, 1.0)
        span = np.nanmax(values, axis=0) - np.nanmin(values, axis=0)
        self._unknown = (span**2 * self._weight).astype(np.float32)
        self._some_missing = bool(np.isnan(values).any())

    def of(self, values: Numbers, point: Numbers) -> _Near:
        """Return how far records lie from a point."""
        total = np.zeros(len(values), dtype=np.float32)
        for place, weight in enumerate(self._weight):
            column = values[:, place]
            part = ((column - point[place]) ** 2 * weight).astype(np.float32)
            if self._some_missing:
                here, there = np.isnan(column), bool(np.isnan(point[place]))
                part[here == there] = np.nan_to_num(part[here == there])
                part[here != there] = self._unknown[place]
            total += part
        return total

    def mean(self, values: Numbers) -> Numbers:
        """Return the mean of records; NaN where all of them miss a number."""
        if not self._some_missing:
            return np.asarray(values.mean(axis=0))
        known = ~np.isnan(values)
        total = np.where(known, values, 0.0).sum(axis=0)
        count = known.sum(axis=0)
        return np.asarray(np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0))


def _means(values: Numbers, group: Places, count: int) -> Numbers:
    """Return for each record the means of its group; NaN where its own number is missing."""
    found = np.full_like(values, np.nan)
    for place in range(values.shape[1]):
        known = ~np.isnan(values[:, place])
        total = np.bincount(group[known], weights=values[known, place], minlength=count)
        own = group[known]
        found[known, place] = (total / np.maximum(1, np.bincount(own, minlength=count)))[own]
    return found


def _loss(values: Numbers, means: Numbers) -> float:
    """Return the sum of squares within groups over that of all, each variable divided by its variance."""
    variance = np.nanvar(values, axis=0)
    weight = np.where(variance > 0, 1 / np.where(variance > 0, variance, 1.0), 0.0)
    total = float((np.nan_to_num(values - np.nanmean(values, axis=0)) ** 2 * weight).sum())
    return float((np.nan_to_num(values - means) ** 2 * weight).sum()) / total if total else 0.0
