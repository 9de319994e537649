"""Which cells of a table overlap, and what the difference of two such cells would tell: exact, from the rows.

Nothing is looked at where every unit stands in one cell, which the counts say. Otherwise the units of each cell are
put beside each other: for every two cells with a common unit that are not plainly apart (`overlap_pairs`), and for
three of which two make up most of the other (`overlap_triples`), how many units stand in only one of them, and what
everybody has more in the one than in the other.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
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
    apart_by_contributors,
    few_in_both,
    members_of,
    pairs_across,
    pairs_of,
)
from disclosure.engines.overlap_triples import apart_of, summed, triples_of
from disclosure.engines.unit_rows import UnitRows, Whole, small_keys, unit_rows
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
        pairs, sides = pairs_of(placed.members, len(evidence)), placed.sides
        found.append(_near(pairs, [pairs_of(one, len(evidence)) for one in sides], (placed,), evidence))
        triples = triples_of(pairs, evidence.n_units)
        if triples is None:
            return Inconclusive((TOO_MANY,))
        if summed(pairs, evidence.n_units):
            return Inconclusive((SUMMED,))
        if len(triples[0]):
            apart = apart_of(placed.members, triples, len(evidence))
            of_sides = [apart_of(one, triples, len(evidence)) for one in sides]
            threes.append((triples, apart, (of_sides[0], of_sides[1]) if of_sides else None))
    for one, other in table.nested():
        fine, coarse, above = table.at(one), table.at(other), table.above[other]
        pairs, *of_value = (
            pairs_across(own, whole, above, len(evidence))
            for own, whole in zip((fine.members, *fine.sides), (coarse.members, *coarse.sides), strict=True)
        )
        found.append(_near(pairs, of_value, (fine, coarse), evidence))
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
    """Who is in the cells of one pattern of totals.

    Attributes:
        sides: who has the higher value, and who the lower; empty unless there are two values only.
    """

    members: Members
    sides: tuple[Members, ...]
    amounts: Amounts | None

    @functools.cached_property
    def contributions(self) -> Contributions | None:
        """What they contribute to these cells; None where that is not compared."""
        totals = self.members.totals
        return None if self.amounts is None or totals is None else _contributions(self.members, totals, self.amounts)


class _Table:
    """The rows in the cells of every pattern of totals.

    Attributes:
        above: by number, for each cell of the full table the one of the table by some of the dimensions only that it
            lies below; the full table itself first.
        patterns: by number, the cell of each row in that table.
        pattern_of: the number of each cell's pattern; one more for the grand total.
    """

    def __init__(self, rows: UnitRows, evidence: Evidence, plan: Plan) -> None:
        self._rows, self._evidence = rows, evidence
        width = evidence.own_dimensions
        self._fixed = [fixed for size in range(width, 0, -1) for fixed in combinations(range(width), size)]
        inner = _inner(rows, evidence)
        self.above = {number: _above(evidence, fixed) for number, fixed in enumerate(self._fixed)}
        self.patterns = {number: above[inner] for number, above in self.above.items()}
        totals = evidence.codes[:, :width] == MARGIN
        self.pattern_of = np.full(len(evidence), len(self._fixed), dtype=np.int64)
        for number, fixed in enumerate(self._fixed):
            own = (totals == [place not in fixed for place in range(width)]).all(axis=1)
            self.pattern_of[own] = number
        compared, shares, size = _values(rows, evidence), evidence.shares, len(evidence)
        those = [rows.values == _whole(one, plan) for one in (() if shares is None else (shares.high, shares.low))]
        self._inner = (
            members_of(inner, rows.units, compared, size),
            *(members_of(inner[one], rows.units[one], None, size) for one in those),
        )
        self._placed: dict[int, _Placed] = {}

    def at(self, number: int) -> _Placed:
        """Return who is in the cells of this pattern."""
        if number not in self._placed:
            above, size = self.above[number], len(self._evidence)
            members, *sides = (
                members_of(above[one.cell], one.who, one.totals, size) if number else one for one in self._inner
            )
            self._placed[number] = _Placed(members, tuple(sides), self._evidence.amounts)
        return self._placed[number]

    def nested(self) -> list[tuple[int, int]]:
        """Return the pairs of patterns of which the second has some of the dimensions of the first."""
        every = product(enumerate(self._fixed), repeat=2)
        return [(one, other) for (one, fine), (other, coarse) in every if {*coarse} < {*fine}]


def _whole(value: str, plan: Plan) -> int:
    return int(Decimal(value).scaleb(plan.decimals))


def _near(
    pairs: Pairs, of_value: Sequence[Pairs], placed: tuple[_Placed, ...], evidence: Evidence
) -> tuple[Whole, ...]:
    """Return those pairs that are not plainly apart: key, units in both, and those of the numerator and complement.

    Args:
        of_value: the pairs with units of the numerator in both, and those with units of the complement.
        placed: who is in these cells.
    """
    cells, counts, keys = len(evidence), evidence.n_units, pairs.keys
    first, second = keys // cells, keys % cells
    plainly = few_in_both(pairs.shared, counts[first], counts[second])
    in_both = [np.zeros_like(keys)] * 2
    if evidence.shares is not None:
        in_both = [_shared(one, keys) for one in of_value]
        for counted, both in zip((evidence.shares.numerator, evidence.shares.complement), in_both, strict=True):
            plainly &= few_in_both(both, counted[first], counted[second])
    if evidence.amounts is not None:
        own = [one.contributions for one in placed if one.contributions is not None]
        left = np.flatnonzero(plainly)
        plainly = np.zeros_like(plainly)
        if own:
            # Nobody contributes to the cells of another pattern than its own.
            absolute = np.sum([one.absolute for one in own], axis=0)
            contributors = np.sum([one.contributors for one in own], axis=0)
            together = Contributions(absolute, contributors, own[0].largest)
            plainly[left] = apart_by_contributors(pairs.chosen(left), together)
    return tuple(column[~plainly] for column in (keys, pairs.shared, *in_both))


def _values(rows: UnitRows, evidence: Evidence) -> Whole | None:
    """Return the values if contributors are units and contribute their values, so that cells can be plainly apart."""
    if evidence.amounts is None or rows.weights is not None or rows.holders is not rows.units:
        return None
    beyond = float(np.abs(rows.values.astype(np.float64)).sum()) * 4 > FITS
    return rows.values.astype(np.object_) if beyond else rows.values


def _contributions(members: Members, totals: Whole, amounts: Amounts) -> Contributions:
    cells = len(amounts.total)
    absolute = np.zeros(cells, dtype=totals.dtype)
    np.add.at(absolute, members.cell, np.abs(totals))
    contributors = np.bincount(members.cell[np.asarray(totals != 0, dtype=np.bool_)], minlength=cells)
    return Contributions(absolute, contributors.astype(np.int64), amounts.largest)


def _inner(rows: UnitRows, evidence: Evidence) -> Whole:
    """Return the cell of each row in the full table."""
    codes = evidence.codes[:, : evidence.own_dimensions]
    full = np.flatnonzero((codes != MARGIN).all(axis=1))
    own, keys = small_keys(codes[full], rows.codes)
    cells = np.full(max(int(own.max(initial=0)), int(keys.max(initial=0))) + 1, -1, dtype=np.int64)
    cells[own] = full
    return np.asarray(cells[keys], dtype=np.int64)


def _above(evidence: Evidence, fixed: tuple[int, ...]) -> Whole:
    """Return for each cell the one of the table by the fixed dimensions only that it lies below."""
    codes = evidence.codes.copy()
    codes[:, [place for place in range(codes.shape[1]) if place not in fixed]] = MARGIN
    return evidence.positions(codes)


def _shared(found: Pairs, keys: Whole) -> Whole:
    """Return how many stand in both cells of each of these pairs."""
    shared = np.zeros_like(keys)
    known = np.isin(found.keys, keys)
    shared[np.searchsorted(keys, found.keys[known])] = found.shared[known]
    return shared
