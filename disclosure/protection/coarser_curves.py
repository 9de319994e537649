"""What curves would be in longer intervals, or of all groups together: a guess by which remedies are looked for.

The life table of longer intervals is the one of shorter ones added up. Where the evidence has exact times, whoever is
censored between two of them counts as censored at the first, so the guess may be a little off; and units that stand in
several groups count several times in all of them. So what is found by it is tabulated before it is offered.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from disclosure.model.distribution_options import plain
from disclosure.model.evidence import Counts, Evidence

PART = "life_table"
_TIME = -2
_LEAVING = ("exits", "censored", "own_exits")


class Curves:
    """Curves in intervals of several lengths, each made from the longest that it is a multiple of."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._known: dict[Fraction, Evidence] = {}

    def every(self, period: Fraction) -> Evidence:
        """Return the evidence of the curves in intervals of a length, a multiple of their own if they have one."""
        if period not in self._known:
            parts = [one for one in self._known if (period / one).denominator == 1]
            base = self._known[max(parts)] if parts else self._evidence
            self._known[period] = in_intervals(base, period)
        return self._known[period]


def in_intervals(evidence: Evidence, period: Fraction) -> Evidence:
    """Return the evidence of the same curves in intervals of another length; see `Curves.every`."""
    times = [Fraction(label or "0") for label in evidence.categories[_TIME]]
    # An interval has its end, and the first one the time 0.
    place = np.array([max(0, -(-time // period) - 1) for time in times], dtype=np.int64)
    number = int(place.max(initial=0)) + 1
    labels = tuple(plain(period * (one + 1)) for one in range(number))
    codes = evidence.codes.astype(np.int64)
    codes[:, _TIME] = place[codes[:, _TIME]]
    return _put_together(evidence, codes, len(evidence.dimensions) + _TIME, labels, by_time=True)


def of_all_groups(evidence: Evidence, place: int) -> Evidence:
    """Return the evidence of the curves without one of the dimensions that they are by."""
    codes = np.delete(evidence.codes.astype(np.int64), place, axis=1)
    rest = [other for other in range(len(evidence.dimensions)) if other != place]
    less = replace(
        evidence,
        dimensions=tuple(evidence.dimensions[other] for other in rest),
        categories=tuple(evidence.categories[other] for other in rest),
        codes=np.delete(evidence.codes, place, axis=1),
    )
    return _put_together(less, codes, len(rest) + _TIME, less.categories[_TIME], by_time=False)


def _put_together(
    evidence: Evidence, codes: npt.NDArray[np.int64], time: int, labels: tuple[str | None, ...], *, by_time: bool
) -> Evidence:
    """Return the evidence with the cells of equal codes as one: who leaves adds up, who is at risk only over groups."""
    # As one number per cell, of which sorting is far quicker than of rows.
    keys = np.zeros(len(codes), dtype=np.int64)
    for column in codes.T:
        keys = keys * (int(column.max(initial=0)) + 2) + column + 1
    _, first, into = np.unique(keys, return_index=True, return_inverse=True)

    def added(column: Counts) -> Counts:
        total = np.zeros(len(first), dtype=np.int64)
        np.add.at(total, into, column)
        return total

    part = evidence.part(PART)
    at_risk = part.columns["at_risk"]
    # Cells stand in the order of time, so the first of an interval has those at risk at its beginning.
    staying = at_risk[first] if by_time else added(at_risk)
    columns = {name: added(part.columns[name]) for name in _LEAVING} | {"at_risk": staying}
    categories = tuple(labels if one == time else own for one, own in enumerate(evidence.categories))
    return replace(
        evidence,
        categories=categories,
        codes=codes[first].astype(evidence.codes.dtype),
        n_units=staying,
        n_rows=staying,
        parts={**evidence.parts, PART: replace(part, columns={name: columns[name] for name in part.columns})},
    )
