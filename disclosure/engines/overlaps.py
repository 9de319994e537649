"""Which cells of a table overlap, and what the difference of two such cells would tell: exact, from the rows.

Nothing is looked at where every unit stands in one cell, which the counts say. Otherwise the units of each cell are
put beside each other: for every two cells with a common unit that are not plainly apart (`overlap_pairs`), how many
units stand in only one of them, and what everybody has more in the one than in the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import Any, Final

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from disclosure.engines.overlap_pairs import (
    MOST_PAIRINGS,
    Contributions,
    Members,
    Pairs,
    few_in_both,
    members_of,
    no_more_concentrated,
    pairs_of,
)
from disclosure.engines.unit_rows import UnitRows, Whole, unit_rows
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import WEIGHT_DECIMALS, Amounts, Evidence
from disclosure.model.overlaps import Apart, Differing, Overlaps
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.texts import text

MOST_PAIRS: Final = 50_000
"""So many pairs of cells are looked at."""
MOST_HELD: Final = 200_000_000
"""So many contributors may the two cells of a pair have, all together."""
_FITS: Final = 2.0**61
TOO_MANY = text(
    "whether cells give away units by their difference: units stand in several cells, and too many cells overlap to be "
    "compared; group so that each unit stands in one cell, or use fewer categories"
)
_Numbers = npt.NDArray[Any]
_Difference = tuple[_Numbers, _Numbers, Whole | None]
"""Totals, what contributors know of them, and copies: an entry for every contributor."""


def with_overlaps(base: ir.Table, evidence: Evidence, recipe: Recipe, plan: Plan) -> Evidence | Inconclusive:
    """Return the evidence with its overlapping cells; as it is where every unit stands in one cell.

    Args:
        base: what `prepared` returns.
    """
    if not evidence.units_overlap or (evidence.overlaps is not None and not recipe.holding):
        return evidence
    found = overlaps_of(unit_rows(base, evidence, recipe, plan), evidence, recipe, plan)
    return Inconclusive((TOO_MANY,)) if found is None else replace(evidence, overlaps=found)


def overlaps_of(rows: UnitRows, evidence: Evidence, recipe: Recipe, plan: Plan) -> Overlaps | None:
    """Return the pairs of overlapping cells that are not plainly apart, None if there are too many to be compared."""
    by_pattern = [
        _places(rows, evidence, fixed)
        for size in range(evidence.own_dimensions, 0, -1)
        for fixed in combinations(range(evidence.own_dimensions), size)
    ]
    found: list[tuple[Whole, ...]] = []
    for places in by_pattern:
        members = members_of(places, rows.units, _values(rows, evidence), len(evidence))
        if not found and members.pairings > MOST_PAIRINGS:  # in margins there are no more than in the full table
            return None
        found.append(_near(pairs_of(members, len(evidence)), members, rows, places, evidence, plan))
        if sum(len(one[0]) for one in found) > MOST_PAIRS:
            return None
    keys, shared, numerator, complement = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(keys, kind="stable")
    first, second = keys[order] // len(evidence), keys[order] % len(evidence)

    def apart(counts: Whole, both: Whole) -> Apart:
        return Apart(counts[first] - both[order], counts[second] - both[order])

    numerators = complements = amounts = None
    if evidence.shares is not None:
        numerators = apart(evidence.shares.numerator, numerator)
        complements = apart(evidence.shares.complement, complement)
    if evidence.amounts is not None:
        if int((evidence.n_units[first] + evidence.n_units[second]).sum()) > MOST_HELD:
            return None
        amounts = _differing(rows, by_pattern, first, second, recipe, plan)
    return Overlaps(first, second, apart(evidence.n_units, shared), numerators, complements, amounts)


def _values(rows: UnitRows, evidence: Evidence) -> Whole | None:
    """Return the values if contributors are units and contribute their values, so that cells can be plainly apart."""
    if evidence.amounts is None or rows.weights is not None or rows.holders is not rows.units:
        return None
    beyond = float(np.abs(rows.values.astype(np.float64)).sum()) * 4 > _FITS
    return rows.values.astype(np.object_) if beyond else rows.values


def _contributions(members: Members, amounts: Amounts) -> Contributions:
    cells, totals = len(amounts.total), members.totals
    contributors = np.zeros(cells, dtype=np.int64)
    absolute = np.zeros(cells, dtype=np.int64 if totals is None else totals.dtype)
    if totals is not None:
        np.add.at(absolute, members.cell, np.abs(totals))
        np.add.at(contributors, members.cell, (totals != 0).astype(np.int64))
    return Contributions(absolute, contributors, amounts.largest)


def _near(
    pairs: Pairs, members: Members, rows: UnitRows, places: Whole, evidence: Evidence, plan: Plan
) -> tuple[Whole, ...]:
    """Return those pairs that are not plainly apart: key, units in both, and those of the numerator and complement."""
    cells, counts, keys = len(evidence), evidence.n_units, pairs.keys
    first, second = keys // cells, keys % cells
    plainly = few_in_both(pairs.shared, counts[first], counts[second])
    of_value = [np.zeros_like(keys)] * 2
    if evidence.shares is not None:
        shares = evidence.shares
        of_value = [_in_both(rows, places, value, keys, cells, plan) for value in (shares.high, shares.low)]
        for counted, both in zip((shares.numerator, shares.complement), of_value, strict=True):
            plainly &= few_in_both(both, counted[first], counted[second])
    if evidence.amounts is not None:
        if members.totals is None:
            plainly = np.zeros_like(plainly)
        else:
            plainly &= no_more_concentrated(pairs, _contributions(members, evidence.amounts))
    return tuple(column[~plainly] for column in (keys, pairs.shared, *of_value))


def _places(rows: UnitRows, evidence: Evidence, fixed: tuple[int, ...]) -> Whole:
    """Return the cell of each row in the table by the fixed dimensions only."""
    codes = rows.codes.copy()
    codes[:, [place for place in range(codes.shape[1]) if place not in fixed]] = MARGIN
    return evidence.positions(codes)


def _in_both(rows: UnitRows, places: Whole, value: str, keys: Whole, cells: int, plan: Plan) -> Whole:
    """Return how many units with that value stand in both cells of each pair."""
    those = rows.values == int(Decimal(value).scaleb(plan.decimals))
    found = pairs_of(members_of(places[those], rows.units[those], None, cells), cells)
    shared = np.zeros_like(keys)
    shared[np.searchsorted(keys, found.keys)] = found.shared
    return shared


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

    def difference(self, first: int, second: int) -> _Difference:
        """Return total, own and copies of every contributor in one of two cells, the second taken off the first."""
        one, other = slice(*self.ends[first : first + 2]), slice(*self.ends[second : second + 2])
        who = np.concatenate([self.who[one], self.who[other]])
        order = np.argsort(who, kind="stable")
        who = who[order]
        starts = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))

        def taken_off(column: _Numbers) -> _Numbers:
            both = np.concatenate([column[one], -column[other]])[order]
            return np.asarray(np.add.reduceat(both, starts))

        total = taken_off(self.total)
        own = total if self.own is self.total else taken_off(self.own)
        copies = self.copies
        if copies is not None:
            copies = np.maximum.reduceat(np.concatenate([copies[one], copies[other]])[order], starts)
        return total, own, copies


def _held(rows: UnitRows, places: Whole, who: Whole, cells: int, recipe: Recipe, plan: Plan) -> _Held:
    keys = places * (int(who.max(initial=0)) + 1) + who
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    values, weights, copies = rows.values, rows.weights, None
    size = np.abs(values.astype(np.float64))
    if weights is not None:
        size = np.maximum(size, 1.0) * np.maximum(weights.astype(np.float64), 10.0**WEIGHT_DECIMALS)
    if float(size.sum()) * 2 > _FITS:
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


def _differing(
    rows: UnitRows, by_pattern: list[Whole], first: Whole, second: Whole, recipe: Recipe, plan: Plan
) -> Differing:
    cells = int(max(places.max(initial=0) for places in by_pattern)) + 1
    n_units = np.zeros(len(first), dtype=np.int64)
    absolute: _Numbers = np.zeros(len(first), dtype=np.object_)
    largest: _Numbers = np.zeros((len(first), plan.contributors), dtype=np.object_)
    for places in by_pattern:
        mine = np.flatnonzero(np.isin(first, places))
        if not len(mine):
            continue
        kinds = (rows.units,) if rows.holders is rows.units else (rows.units, rows.holders)
        held = [_held(rows, places, who, cells, recipe, plan) for who in kinds]
        for pair in mine.tolist():
            found = [one.difference(int(first[pair]), int(second[pair])) for one in held]
            n_units[pair] = np.count_nonzero(found[0][0])
            top = np.max([_largest(one, plan.contributors) for one in found], axis=0)
            # As in a cell: the larger contributors of units and holdings, beside the smaller of the two totals.
            largest[pair], absolute[pair] = (
                top,
                max(min(map(_size, found)), top[0]) if len(held) > 1 else _size(found[0]),
            )
    return Differing(n_units, absolute, largest)


def _size(difference: _Difference) -> int:
    total, own, copies = difference
    return int(np.abs(total).sum() if copies is None else (np.abs(own).astype(np.object_) * copies).sum())


def _largest(difference: _Difference, most: int) -> _Numbers:
    """Return the largest sizes in descending order, 0 where there is none."""
    _, own, copies = difference
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
