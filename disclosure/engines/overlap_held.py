"""What contributors have in cells, and what the difference of some of these cells tells, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_ends import zeros_of
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.model.ends import NAMES, Ends, no_ends
from disclosure.model.evidence import WEIGHT_DECIMALS
from disclosure.model.overlaps import Differing
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan

FITS: Final = 2.0**61
_Numbers = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class _Difference:
    """What cells have less than another, an entry for every contributor of any of them.

    Attributes:
        total: what enters the published sums; `own`: what contributors themselves know of it; `copies`: see `_Held`.
        concerned: who stands in more or fewer of the cells than are taken off, or has another total in them.
    """

    total: _Numbers
    own: _Numbers
    copies: Whole | None
    concerned: npt.NDArray[np.bool_]


def differing(
    rows: UnitRows,
    placed: Mapping[int, Whole],
    pattern_of: Whole,
    entries: tuple[Whole, ...],
    recipe: Recipe,
    plan: Plan,
) -> Differing:
    """Return what contributes to the difference of cells, an entry for each difference.

    Args:
        placed: for each pattern of totals the cell in which each row lies.
        pattern_of: the pattern of each cell.
        entries: the cells of each difference; all but the first are taken off it.
    """
    size = len(entries[0])
    n_units = np.zeros(size, dtype=np.int64)
    absolute: _Numbers = np.zeros(size, dtype=np.object_)
    largest: _Numbers = np.zeros((size, plan.contributors), dtype=np.object_)
    if not size:
        return Differing(n_units, absolute, largest, (no_ends(0),))
    kinds = (rows.units,) if rows.holders is rows.units else (rows.units, rows.holders)
    needed = np.unique(np.concatenate([pattern_of[one] for one in entries])).tolist()
    ends: list[Ends] = []
    held = [{one: _held(rows, placed[one], who, len(pattern_of), recipe, plan) for one in needed} for who in kinds]
    for place in range(size):
        cells = [int(one[place]) for one in entries]
        found = [_difference([(kind[int(pattern_of[cell])], cell) for cell in cells]) for kind in held]
        n_units[place] = np.count_nonzero(found[0].total)
        if not place:
            ends = [no_ends(size) for _ in range(2 * len(found))]
        for number, one in enumerate(found):
            # Of a contributor everybody knows in which of the cells it stands, so sizes tell as much as sums do.
            own = one.own[one.concerned]
            zeros = _least_round(own)
            _set_ends(ends[2 * number], place, own, zeros)
            _set_ends(ends[2 * number + 1], place, np.abs(own), zeros)
        top = np.max([_largest(one, plan.contributors) for one in found], axis=0)
        # As in a cell: the larger contributors of units and holdings, beside the smaller of the two totals.
        largest[place] = top
        absolute[place] = max(min(map(_size, found)), top[0]) if len(held) > 1 else _size(found[0])
    return Differing(n_units, absolute, largest, tuple(ends))


def _least_round(numbers: _Numbers) -> list[int]:
    """Return the fewest zeros that these numbers end in and how many do, and the next fewest: alike for their sizes."""
    counts = np.bincount(zeros_of(numbers[np.asarray(numbers != 0, dtype=np.bool_)]))
    return [one for zeros in np.flatnonzero(counts)[:2].tolist() for one in (zeros, int(counts[zeros]))]


def _set_ends(ends: Ends, place: int, numbers: _Numbers, zeros: list[int]) -> None:
    """Set one entry of the ends to those of these numbers.

    Args:
        zeros: what `_least_round` returns.
    """
    if not len(numbers):
        return
    lowest, highest = numbers.min(), numbers.max()
    at_low, at_high = numbers == lowest, numbers == highest
    found = [len(numbers), numbers.sum(), lowest, at_low.sum(), 0, 0, 0, 0, highest, at_high.sum()]
    found += [0] * 4
    if lowest != highest:
        low, high = numbers[~at_low].min(), numbers[~at_high].max()
        found[4:8] = [low, (numbers == low).sum(), high, (numbers == high).sum()]
    found[10 : 10 + len(zeros)] = zeros
    for name, number in zip(NAMES, found, strict=True):
        getattr(ends, name)[place] = int(number)


@dataclass(frozen=True, eq=False)
class _Held:
    """What contributors have in cells: an entry for each of them in each cell, by cell and then by contributor.

    Attributes:
        total: what enters the published sum; `own`: what the contributor itself knows of it.
        copies: for how many contributors of its size it stands; None if for itself only.
    """

    who: Whole
    ends: Whole
    total: _Numbers
    own: _Numbers
    copies: Whole | None


def _difference(cells: list[tuple[_Held, int]]) -> _Difference:
    """Return what contributors have in the first of some cells less what they have in the others."""
    slices = [slice(*held.ends[cell : cell + 2]) for held, cell in cells]
    who = np.concatenate([held.who[own] for (held, _), own in zip(cells, slices, strict=True)])
    order = np.argsort(who, kind="stable")
    who = who[order]
    starts = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))

    def taken_off(name: str) -> _Numbers:
        parts = [getattr(held, name)[own] for (held, _), own in zip(cells, slices, strict=True)]
        return np.asarray(np.add.reduceat(np.concatenate([parts[0], *(-one for one in parts[1:])])[order], starts))

    total = taken_off("total")
    own = total if cells[0][0].own is cells[0][0].total else taken_off("own")
    copies = None
    if cells[0][0].copies is not None:
        every = [held.copies[part] for (held, _), part in zip(cells, slices, strict=True) if held.copies is not None]
        copies = np.maximum.reduceat(np.concatenate(every)[order], starts)
    sides = np.repeat([1, *[-1] * (len(slices) - 1)], [one.stop - one.start for one in slices])
    concerned = (np.add.reduceat(sides[order], starts) != 0) | (own != 0)
    return _Difference(total, own, copies, np.asarray(concerned, dtype=np.bool_))


def _held(rows: UnitRows, places: Whole, who: Whole, cells: int, recipe: Recipe, plan: Plan) -> _Held:
    keys = places * (int(who.max(initial=0)) + 1) + who
    # What a contributor has in a cell is added up or the largest, the same whatever the order of its rows.
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    values, weights, copies = rows.values, rows.weights, None
    size = np.abs(values.astype(np.float64))
    if weights is not None:
        size = np.maximum(size, 1.0) * np.maximum(weights.astype(np.float64), 10.0**WEIGHT_DECIMALS)
    if float(size.sum()) * 2 > FITS:
        # Beyond 63 bits Python's integers take over: slower, never wrong.
        values, weights = values.astype(np.object_), None if weights is None else weights.astype(np.object_)

    def added(column: _Numbers) -> _Numbers:
        return np.asarray(np.add.reduceat(column[order], starts))

    if weights is None:
        total = own = added(values)
    elif recipe.value is None:
        # A count by a weight of the researcher's own: what a unit contributes is its weight.
        total = own = np.asarray(np.maximum.reduceat(weights[order], starts))
    else:
        total = added(values * weights)
        own = total if plan.weighted_contributions else added(values) * 10**WEIGHT_DECIMALS
        if plan.expanded:
            heaviest = np.asarray(np.maximum.reduceat(weights[order], starts), dtype=np.int64)
            copies = (2 * heaviest + 10**WEIGHT_DECIMALS) // (2 * 10**WEIGHT_DECIMALS)
    ends = np.searchsorted(places[order][starts], np.arange(cells + 1)).astype(np.int64)
    return _Held(who[order][starts], ends, total, own, copies)


def _size(difference: _Difference) -> int:
    total, own, copies = difference.total, difference.own, difference.copies
    return int(np.abs(total).sum() if copies is None else (np.abs(own).astype(np.object_) * copies).sum())


def _largest(difference: _Difference, most: int) -> _Numbers:
    """Return the largest sizes in descending order, 0 where there is none."""
    own, copies = difference.own, difference.copies
    sizes = np.abs(own)
    if copies is not None:
        sizes, copies = sizes[copies > 0], copies[copies > 0]
    order = np.argsort(sizes, kind="stable") if len(sizes) <= 4 * most else np.argpartition(sizes, len(sizes) - most)
    order = order[len(order) - min(most, len(order)) :]
    top = sizes[order] if copies is None else np.repeat(sizes[order], np.minimum(copies[order], most))
    found: _Numbers = np.zeros(most, dtype=np.object_)
    for place, size in enumerate(sorted(map(int, top.tolist()), reverse=True)[:most]):
        found[place] = size
    return found
