"""The cells of a model: what the rules look at, of the worst of them.

They are those of a model that is a table of means, in whole or in part, and groups of which the total follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.engines.observations import Observations
from disclosure.engines.part_rows import contribution_entries, wide
from disclosure.model.parts import MOST_CONTRIBUTORS

Whole = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

_SMALL_PART = 8
"""Rows that are less than one in so many are sorted for themselves."""


def cell_facts(
    cells: Whole, patterns: Whole, seen: Observations, contributors: int, groups: Iterable[Places] = ()
) -> dict[str, Any]:
    """Return the facts of `ModelFacts` that are about cells, by name.

    What a cell's units hold of it is looked at for the unit; how many there are, for further units as well.

    Args:
        cells: the patterns that are cells.
        patterns: a number per row.
        contributors: how many of the largest contributors dominance looks at.
        groups: the rows of each further group that is judged as a cell.
    """
    response, decimals = seen.response, seen.decimals
    values = np.unique(response, return_counts=True)[0]
    high, low = (int(values[-1]), int(values[0])) if len(values) == 2 else (None, None)
    judged, every = [], []
    orders = [_Order(kind) for kind in seen.kinds]
    for rows in chain(_rows_of(cells, patterns), groups):
        kinds = [
            _Cell(kind[own], response[own], contributors, high)
            for kind, own in ((kind, order.sorted(rows)) for kind, order in zip(seen.kinds, orders, strict=True))
        ]
        judged.append(kinds[0])
        every += kinds
    if not judged:
        return {"high": _value(high, decimals), "low": _value(low, decimals)}
    shares = [one.shares for one in every if one.shares is not None]
    return {
        "smallest_cell": min(one.units for one in every),
        "cell_nonzero": min(one.nonzero for one in every),
        "cell_constant": any(one.constant for one in judged),
        "cell_top": tuple(max(one.top[m] for one in judged) for m in range(contributors)),
        "cell_rest": _smallest(one.rest for one in judged),
        "high": _value(high, decimals),
        "low": _value(low, decimals),
        "cell_part": _smallest(part for one in shares for part in one if part > 0),
        "most_high": max((Fraction(one.shares[0], one.units) for one in judged if one.shares), default=None),
        "most_low": max((Fraction(one.shares[1], one.units) for one in judged if one.shares), default=None),
    }


class _Order:
    """The order of all rows by their units, so that a large part of them is not sorted over and over."""

    def __init__(self, units: Whole) -> None:
        self._units = units
        self._single = int(units.max(initial=-1)) + 1 == len(units)
        self._order = units if self._single else np.argsort(units, kind="stable")

    def sorted(self, rows: Places) -> Places:
        """Return rows, given in ascending order, with those of a unit next to each other."""
        if self._single:
            return rows
        if len(rows) * _SMALL_PART < len(self._units):
            return rows[np.argsort(self._units[rows], kind="stable")]
        there = np.zeros(len(self._units), dtype=np.bool_)
        there[rows] = True
        return self._order[there[self._order]]


class _Cell:
    """One cell: the totals of its units, as a table of means would be judged on them.

    Args:
        units: a number per row, the rows of a unit next to each other.
    """

    def __init__(self, units: Whole, response: Whole, contributors: int, high: int | None) -> None:
        starts = np.flatnonzero(np.diff(units, prepend=-1))
        totals = np.add.reduceat(wide(response, len(response)), starts)
        held = contribution_entries(abs(totals))
        sizes, whole = [held[f"largest_{place}"] for place in range(1, MOST_CONTRIBUTORS + 1)], held["absolute"]
        self.units = len(starts)
        self.nonzero = int((totals != 0).sum())
        self.constant = _constant(totals) or _constant(response)
        self.top = [Fraction(sum(sizes[: m + 1]), whole) if whole else Fraction(0) for m in range(contributors)]
        self.rest = Fraction(whole - sizes[0] - sizes[1], sizes[0]) if whole else None
        self.shares: tuple[int, int, int, int] | None = None
        if high is not None:
            highs = int(np.maximum.reduceat(response == high, starts).sum())
            lows = int(np.maximum.reduceat(response != high, starts).sum())
            self.shares = (highs, lows, self.units - highs, self.units - lows)


def _rows_of(cells: Whole, patterns: Whole) -> Iterable[Places]:
    order = np.argsort(patterns, kind="stable")
    ordered = patterns[order]
    starts = np.searchsorted(ordered, cells, side="left").tolist()
    ends = np.searchsorted(ordered, cells, side="right").tolist()
    return (order[start:end] for start, end in zip(starts, ends, strict=True))


def _constant(values: npt.NDArray[Any]) -> bool:
    return bool(values[0] != 0 and (values == values[0]).all())


def _smallest(values: Iterable[Any]) -> Any:
    return min((one for one in values if one is not None), default=None)


def _value(value: int | None, decimals: int) -> str | None:
    if value is None:
        return None
    digits = format(Decimal(value).scaleb(-decimals), "f")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) or "0"
