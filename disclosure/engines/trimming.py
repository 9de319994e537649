"""What a trimmed mean keeps of a cell, and what it cuts off.

Where the cut goes through rows of one value, which of them are kept is nobody's choice, so each is kept in part: a
unit's contribution does not depend on the order of rows. Numbers of units are taken at their least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.engines.part_rows import added, by_value, contribution_entries, groups_of, part_of, per_holder, wide
from disclosure.engines.sorted_cells import two_largest
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan
from disclosure.statistics.trimmed_mean import trim


def trimmed_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, _plan: Plan) -> Part:
    """Return the part "trimmed": rows, units, total and largest contributors of what is kept, and of what is cut off.

    Sizes of contributors are multiplied by the sizes of the ties that the cuts go through, and so is their sum `off`,
    which adds up what is cut off without sign.
    """
    ordered, share = by_value(rows), trim(recipe)

    def entry(places: npt.NDArray[np.intp]) -> dict[str, Any]:
        kinds = [keys[places] for keys in (ordered.units, *ordered.further)]
        return trimmed(ordered.values[places], kinds, ordered.holders[places], share)

    return part_of("trimmed", (entry(places) for places in ordered.of_cells(evidence)))


@dataclass(frozen=True, eq=False)
class _Cut:
    """One end: the rows of the value that the cut goes through, and how many of them are kept."""

    tied: Mask
    kept: int

    @property
    def size(self) -> int:
        return int(self.tied.sum())


@dataclass(frozen=True, eq=False)
class _Units:
    """The unit of each row, numbered from 0 within the cell."""

    numbers: Whole

    def at_least(self, surely: Mask, partly: list[tuple[Mask, int]]) -> int:
        """Return how many units there are at the least: those of some rows, and a number among others."""
        known = self._in(surely)
        found = int(known.sum())
        for rows, number in partly:
            more = self._in(rows) & ~known
            found += min(number, int(more.sum()))
            known |= more
        return found

    def _in(self, rows: Mask) -> Mask:
        flags = np.zeros(int(self.numbers.max()) + 1, dtype=np.bool_)
        flags[self.numbers[rows]] = True
        return flags


def trimmed(values: Whole, kinds: Sequence[Whole], holders: Whole, share: Fraction) -> dict[str, Any]:
    """Return what is left of ascending values when the whole part of share x n is cut off at each end."""
    n = len(values)
    cut = share.numerator * n // share.denominator
    if not n:
        nothing = {"rows": 0, "units": 0, "nonzero": 0, "trimmed_off": 0, "total": 0, "constant": False}
        none_off = {"off_nonzero": 0, "off": 0, "off_1": 0, "off_2": 0}
        return {**nothing, **none_off, **contribution_entries(np.zeros(0, dtype=np.int64))}
    low, high = values[cut], values[n - cut - 1]
    inside, outside = (values > low) & (values < high), (values < low) | (values > high)
    if low == high:
        cuts = [_Cut(values == low, n - 2 * cut)]
    else:
        below, above = int((values <= low).sum()) - cut, int((values >= high).sum()) - cut
        cuts = [_Cut(values == low, below), _Cut(values == high, above)]
    amounts, kept = (_kept(one, inside, cuts) for one in (values, np.ones(n, dtype=np.int64)))
    groups = groups_of(holders)
    sizes = abs(groups.sums(amounts))
    cut_off = abs(groups.sums(wide(values, _scale(cuts)) * _scale(cuts) - amounts))
    contributing = sizes[groups.sums(kept) > 0]
    with_total = int((per_holder(kinds[0], amounts) != 0).sum())
    units = [_Units(np.unique(keys, return_inverse=True)[1]) for keys in kinds]
    keeps = [(one.tied, one.kept) for one in cuts]
    nonzero = [(one.tied, one.kept) for one in cuts if values[one.tied][0] != 0]
    loses = [(one.tied, one.size - one.kept) for one in cuts]
    loses_nonzero = [(one.tied, one.size - one.kept) for one in cuts if values[one.tied][0] != 0]
    return {
        "rows": n - 2 * cut,
        "units": min(one.at_least(inside, keeps) for one in units),
        "nonzero": min(with_total, units[0].at_least(inside & (values != 0), nonzero)),
        "trimmed_off": min(one.at_least(outside, loses) for one in units),
        "off_nonzero": units[0].at_least(outside & (values != 0), loses_nonzero),
        "off": added(cut_off),
        **two_largest("off", cut_off),
        "total": added(values[cut : n - cut]),
        "constant": bool(low == high != 0) or bool((contributing == contributing[0]).all() and contributing[0] != 0),
        **contribution_entries(sizes),
    }


def _scale(cuts: list[_Cut]) -> int:
    return prod(one.size for one in cuts)


def _kept(values: Whole, inside: Mask, cuts: list[_Cut]) -> npt.NDArray[Any]:
    """Return what is kept of each row, all multiplied by the sizes of the ties, so that a part of a row is whole."""
    scale = _scale(cuts)
    factors: npt.NDArray[Any] = np.where(inside, scale, 0)
    for one in cuts:
        factors[one.tied] = scale // one.size * one.kept
    return np.asarray(wide(values, scale) * factors)
