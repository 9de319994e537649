"""Which cells of a table overlap, and what the difference of two such cells would tell: exact, from the rows.

Nothing is looked at where every unit stands in one cell, which the counts say. Otherwise the units of each cell are
put beside each other: for every two cells with a common unit that are not plainly apart (`overlap_pairs`), and for
three of which two make up most of the other (`overlap_triples`), how many units stand in only one of them, and what
everybody has more in the one than in the other.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product
from typing import Final

import ibis.expr.types as ir
import numpy as np

from disclosure.engines.connection import engine_errors
from disclosure.engines.overlap_held import FITS, differing
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
from disclosure.engines.overlap_triples import apart_of, summed, triples_of
from disclosure.engines.unit_rows import UnitRows, Whole, unit_rows
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Amounts, Evidence
from disclosure.model.overlaps import Apart, Differing, Overlaps
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.texts import text

MOST_PAIRS: Final = 50_000
"""So many pairs of cells are looked at."""
MOST_HELD: Final = 200_000_000
"""So many contributors may the two cells of a pair have, all together."""
TOO_MANY = text(
    "whether cells give away units by their difference: units stand in several cells, and too many cells overlap to be "
    "compared; group so that each unit stands in one cell, or use fewer categories"
)
ONE_CURVE_EACH = text(
    "whether curves give away units by their difference: some units stand in several groups; group so that each unit "
    "stands in one, or make one curve of all"
)
SUMMED = text(
    "what a cell is that has the units of several others, as a city beside its districts: give labels of one level "
    "only, and let the margin stand for the whole"
)


def with_overlaps(base: ir.Table, evidence: Evidence, recipe: Recipe, plan: Plan) -> Evidence | Inconclusive:
    """Return the evidence with its overlapping cells; as it is where every unit stands in one cell.

    Args:
        base: what `prepared` returns.
    """
    if not evidence.units_overlap or (evidence.overlaps is not None and not recipe.holding):
        return evidence
    found = overlaps_of(unit_rows(base, evidence, recipe, plan), evidence, recipe, plan)
    return found if isinstance(found, Inconclusive) else replace(evidence, overlaps=found)


def curves_share_units(base: ir.Table, recipe: Recipe) -> bool:
    """Tell whether a unit stands in several groups of which each has a curve: what two curves differ by is its own."""
    if not recipe.statistic.specification.added or not recipe.dimensions:
        return False
    units = [name for name in base.columns if name[0] == "u"]
    groups = [name for name in base.columns if name[0] == "d"]
    with engine_errors():
        counts = [base.select(*names).distinct().count().to_pyarrow().as_py() for names in (units, [*units, *groups])]
    return bool(counts[0] != counts[1])


def overlaps_of(rows: UnitRows, evidence: Evidence, recipe: Recipe, plan: Plan) -> Overlaps | Inconclusive:
    """Return the cells that overlap and are not plainly apart, or that there are too many to be compared."""
    table = _Table(rows, evidence, plan)
    found: list[tuple[Whole, ...]] = []
    threes: list[tuple[tuple[Whole, ...], Apart, tuple[Apart, Apart] | None]] = []
    for number in range(len(table.patterns)):
        placed = table.at(number)
        if number == 0 and placed.members.pairings > MOST_PAIRINGS:  # in margins there are no more
            return Inconclusive((TOO_MANY,))
        found.append(_near(placed, placed.pairs, evidence))
        triples = triples_of(placed.pairs, evidence.n_units)
        if triples is None:
            return Inconclusive((TOO_MANY,))
        if summed(placed.pairs, evidence.n_units):
            return Inconclusive((SUMMED,))
        if len(triples[0]):
            apart = apart_of(placed.members, triples, len(evidence))
            sides = [apart_of(one, triples, len(evidence)) for one in placed.sides()]
            threes.append((triples, apart, (sides[0], sides[1]) if sides else None))
    for fine, coarse in table.nested():
        placed = table.at(fine, coarse)
        found.append(_near(placed, table.across(placed.pairs), evidence))
    if sum(len(one[0]) for one in found) > MOST_PAIRS:
        return Inconclusive((TOO_MANY,))
    keys, shared, high, low = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(keys, kind="stable")
    entries = (keys[order] // len(evidence), keys[order] % len(evidence))

    def apart_in(counts: Whole, both: Whole) -> Apart:
        return Apart(*(counts[one] - both[order] for one in entries))

    numerators = complements = None
    if evidence.shares is not None:
        numerators = apart_in(evidence.shares.numerator, high)
        complements = apart_in(evidence.shares.complement, low)
    triples_ = _triples(threes)
    held = sum(int(evidence.n_units[one].sum()) for one in (*entries, *(() if triples_ is None else triples_.cells)))
    if evidence.amounts is not None and held > MOST_HELD:
        return Inconclusive((TOO_MANY,))

    def amounts(cells: tuple[Whole, ...]) -> Differing | None:
        if evidence.amounts is None:
            return None
        return differing(rows, table.patterns, table.pattern_of, cells, recipe, plan)

    if triples_ is not None:
        triples_ = replace(triples_, amounts=amounts(triples_.cells))
    units = apart_in(evidence.n_units, shared)
    return Overlaps(*entries, units, numerators, complements, amounts(entries), triples=triples_)


def _triples(found: list[tuple[tuple[Whole, ...], Apart, tuple[Apart, Apart] | None]]) -> Overlaps | None:
    if not found:
        return None
    first, second, third = (np.concatenate(column) for column in zip(*(cells for cells, _, _ in found), strict=True))
    order = np.lexsort((third, second, first))

    def joined(parts: list[Apart]) -> Apart:
        return Apart(
            np.concatenate([one.first for one in parts])[order], np.concatenate([one.second for one in parts])[order]
        )

    sides = [both for _, _, both in found if both is not None]
    return Overlaps(
        first[order],
        second[order],
        joined([apart for _, apart, _ in found]),
        joined([one for one, _ in sides]) if sides else None,
        joined([other for _, other in sides]) if sides else None,
        third=third[order],
    )


@dataclass(frozen=True, eq=False)
class _Placed:
    """Rows in the cells of one pattern of totals, or of two.

    Attributes:
        values: at the plan's decimals.
        two: the higher and the lower value, where there are no others.
    """

    places: Whole
    units: Whole
    values: Whole
    two: tuple[int, int] | None
    members: Members
    cells: int

    @functools.cached_property
    def pairs(self) -> Pairs:
        return pairs_of(self.members, self.cells)

    def sides(self) -> tuple[Members, ...]:
        """Return who has the higher value, and who the lower."""
        those = [self.values == one for one in self.two or ()]
        return tuple(members_of(self.places[one], self.units[one], None, self.cells) for one in those)


class _Table:
    """The rows in the cells of every pattern of totals.

    Attributes:
        patterns: by number, the cell of each row in the table by some of the dimensions only; the full table first.
        pattern_of: the number of each cell's pattern; one more for the grand total.
    """

    def __init__(self, rows: UnitRows, evidence: Evidence, plan: Plan) -> None:
        self._rows, self._evidence = rows, evidence
        width = evidence.own_dimensions
        self._fixed = [fixed for size in range(width, 0, -1) for fixed in combinations(range(width), size)]
        self.patterns = {number: _places(rows, evidence, fixed) for number, fixed in enumerate(self._fixed)}
        totals = evidence.codes[:, :width] == MARGIN
        self.pattern_of = np.full(len(evidence), len(self._fixed), dtype=np.int64)
        for number, fixed in enumerate(self._fixed):
            own = (totals == [place not in fixed for place in range(width)]).all(axis=1)
            self.pattern_of[own] = number
        self._compared = _values(rows, evidence)
        shares = evidence.shares
        self._two = None if shares is None else (_whole(shares.high, plan), _whole(shares.low, plan))

    def at(self, *numbers: int) -> _Placed:
        """Return the rows in the cells of these patterns."""
        rows, count = self._rows, len(numbers)
        places = np.concatenate([self.patterns[one] for one in numbers])
        units, values = np.tile(rows.units, count), np.tile(rows.values, count)
        compared = None if self._compared is None else np.tile(self._compared, count)
        members = members_of(places, units, compared, len(self._evidence))
        return _Placed(places, units, values, self._two, members, len(self._evidence))

    def nested(self) -> list[tuple[int, int]]:
        """Return the pairs of patterns of which the second has some of the dimensions of the first."""
        every = product(enumerate(self._fixed), repeat=2)
        return [(one, other) for (one, fine), (other, coarse) in every if {*coarse} < {*fine}]

    def across(self, pairs: Pairs) -> Pairs:
        """Return those of a cell of each pattern, neither below the other."""
        cells, codes = len(self._evidence), self._evidence.codes
        first, second = pairs.keys // cells, pairs.keys % cells
        below = ((codes[first] == codes[second]) | (codes[first] == MARGIN) | (codes[second] == MARGIN)).all(axis=1)
        return pairs.chosen((self.pattern_of[first] != self.pattern_of[second]) & ~below)


def _whole(value: str, plan: Plan) -> int:
    return int(Decimal(value).scaleb(plan.decimals))


def _near(placed: _Placed, pairs: Pairs, evidence: Evidence) -> tuple[Whole, ...]:
    """Return those pairs that are not plainly apart: key, units in both, and those of the numerator and complement."""
    cells, counts, keys = len(evidence), evidence.n_units, pairs.keys
    first, second = keys // cells, keys % cells
    plainly = few_in_both(pairs.shared, counts[first], counts[second])
    of_value = [np.zeros_like(keys)] * 2
    if evidence.shares is not None:
        of_value = [_in_both(one, keys, cells) for one in placed.sides()]
        for counted, both in zip((evidence.shares.numerator, evidence.shares.complement), of_value, strict=True):
            plainly &= few_in_both(both, counted[first], counted[second])
    if evidence.amounts is not None:
        if placed.members.totals is None:
            plainly = np.zeros_like(plainly)
        else:
            plainly &= no_more_concentrated(pairs, _contributions(placed.members, evidence.amounts))
    return tuple(column[~plainly] for column in (keys, pairs.shared, *of_value))


def _values(rows: UnitRows, evidence: Evidence) -> Whole | None:
    """Return the values if contributors are units and contribute their values, so that cells can be plainly apart."""
    if evidence.amounts is None or rows.weights is not None or rows.holders is not rows.units:
        return None
    beyond = float(np.abs(rows.values.astype(np.float64)).sum()) * 4 > FITS
    return rows.values.astype(np.object_) if beyond else rows.values


def _contributions(members: Members, amounts: Amounts) -> Contributions:
    cells, totals = len(amounts.total), members.totals
    contributors = np.zeros(cells, dtype=np.int64)
    absolute = np.zeros(cells, dtype=np.int64 if totals is None else totals.dtype)
    if totals is not None:
        np.add.at(absolute, members.cell, np.abs(totals))
        np.add.at(contributors, members.cell, (totals != 0).astype(np.int64))
    return Contributions(absolute, contributors, amounts.largest)


def _places(rows: UnitRows, evidence: Evidence, fixed: tuple[int, ...]) -> Whole:
    """Return the cell of each row in the table by the fixed dimensions only."""
    codes = rows.codes.copy()
    codes[:, [place for place in range(codes.shape[1]) if place not in fixed]] = MARGIN
    return evidence.positions(codes)


def _in_both(members: Members, keys: Whole, cells: int) -> Whole:
    """Return how many of the members stand in both cells of each of these pairs."""
    found = pairs_of(members, cells)
    shared = np.zeros_like(keys)
    known = np.isin(found.keys, keys)
    shared[np.searchsorted(keys, found.keys[known])] = found.shared[known]
    return shared
