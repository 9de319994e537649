"""Whether one table gives away what another one withholds, both of the same figures of the same people.

A table that withholds cells withholds its margins too, or the rest would give the cells away. Any other table that
shows such a margin undoes that, whatever it is broken down by: its grand total less the cells that the first one shows
is what the first one hides. How the rows were asked for, and what the columns are called, tells nothing: the same rows
can be asked for in other words and a column copied. So the figures are compared, not the recipes.

What two tables over other rows, or of other figures, tell together is not looked at here; nor is a relation of
dimensions that no codebook, lineage or row shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence, Mask
from disclosure.model.lineage import Derivation, Origin, is_all_rows, matched_column
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Safe

_NEAR: Final = 5
"""What is hidden besides a cell leaves a doubt of at least one part in so many about its largest contribution."""
_TOTALS: Final = (Statistic.SUM, Statistic.MEAN, Statistic.SHARE)


@dataclass(frozen=True, eq=False)
class Shown:
    """A judged table, and where its columns come from as far as that is known.

    Attributes:
        sources: dimension or value to the registered columns that it, and not every column of the table, is computed
            from.
    """

    table: JudgedTable
    sources: Mapping[str, frozenset[Origin]] = field(default_factory=dict)

    @property
    def hides(self) -> bool:
        """Whether it may be published, and withholds something."""
        return isinstance(self.table.verdict, Safe) and not self.table.complete

    def same_value(self, other: Shown) -> bool:
        """Tell whether two tables have a value column of the same name, or that is computed from the same columns."""
        one, there = self.table.recipe.value, other.table.recipe.value
        if one is None or there is None:
            return one is there
        own = self.sources.get(one, frozenset())
        return one.lower() == there.lower() or bool(own and own == other.sources.get(there))


@dataclass(frozen=True, eq=False)
class _Measure:
    """What is added up, per cell: of units themselves, or of a value of theirs.

    Attributes:
        absolute: the same without signs.
        largest: shape (cells, m), the largest contributions in descending order; m may be 0.
    """

    of_units: bool
    total: tuple[Fraction, ...]
    absolute: tuple[Fraction, ...]
    largest: tuple[tuple[Fraction, ...], ...]


def sources_of(recipe: Recipe, derivation: Derivation | None) -> Mapping[str, frozenset[Origin]]:
    """Return the registered columns that dimensions and value of a lazy recipe are computed from; nothing of a frame.

    What decides which rows there are is behind every column, and so tells nothing about one of them.
    """
    if derivation is None or not derivation.columns:
        return {}
    plain = {
        name: frozenset(one for one in lineage.sources if not is_all_rows(one) and matched_column(one) is None)
        for name, lineage in derivation.columns.items()
        if name in {one.lower() for one in recipe.narrow_columns}
    }
    whole = frozenset.intersection(*plain.values()) if len(plain) > 1 else frozenset()
    found = {}
    for name in (*recipe.dimensions, *(() if recipe.value is None else (recipe.value,))):
        lineage = derivation.columns.get(name.lower())
        if lineage is not None:
            own = frozenset() if lineage.origin is None else frozenset((lineage.origin,))
            found[name] = (plain[name.lower()] - whole) | own
    return found


def undone(one: Shown, other: Shown, *, nested: bool = False) -> bool:
    """Tell whether one of two tables gives away what the other one withholds; True also where that is not certain.

    Args:
        nested: rows are known by which the categories of a dimension of one lie within those of the other.
    """
    first, last = _measure(one.table), _measure(other.table)
    if first is None or last is None or not (one.hides or other.hides):
        return False
    if not (isinstance(one.table.verdict, Safe) and isinstance(other.table.verdict, Safe)):
        return False
    minimum = max(0 if each.table.trials is None else each.table.trials.minimum_units for each in (one, other))
    if not _alike(one.table, first, other.table, last, minimum):
        return False
    if set(one.table.recipe.dimensions) != set(other.table.recipe.dimensions) and (
        nested or _nested(one, other) or _nested(other, one)
    ):
        return True
    if one.hides and _given_away(one.table, first, other.table, minimum):
        return True
    if other.hides and _given_away(other.table, last, one.table, minimum):
        return True
    return one.hides and other.hides and _nearly_the_same_hidden(one.table, first, other.table, minimum)


def _measure(table: JudgedTable) -> _Measure | None:
    evidence, statistic = table.evidence, table.recipe.statistic
    if evidence is None or not len(evidence):
        return None
    amounts, scale = evidence.amounts, 10**WEIGHT_DECIMALS
    if statistic is Statistic.COUNT:
        units = evidence.n_units if evidence.weighted is None else evidence.weighted.units
        return _plain(units, 1 if evidence.weighted is None else scale, of_units=True)
    if statistic is Statistic.RATE and evidence.shares is not None:
        weighted = None if evidence.weighted is None else evidence.weighted.numerator
        return _plain(evidence.shares.numerator if weighted is None else weighted, 1 if weighted is None else scale)
    if statistic is Statistic.POVERTY_RATE and "poverty" in evidence.parts:
        return _plain(evidence.part("poverty").columns["poor"], 1)
    if statistic not in _TOTALS or amounts is None:
        return None
    unit = 10**amounts.decimals
    largest = tuple(tuple(Fraction(int(x), unit) for x in row) for row in amounts.largest.tolist())
    return _Measure(False, _fractions(amounts.total, unit), _fractions(amounts.absolute, unit), largest)


def _plain(numbers: Any, unit: int, *, of_units: bool = False) -> _Measure:
    total = _fractions(numbers, unit)
    return _Measure(of_units, total, total, tuple(() for _ in total))


def _fractions(numbers: Any, unit: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(int(one), unit) for one in numbers.tolist())


def _grand(evidence: Evidence) -> int:
    found = np.flatnonzero((evidence.codes == MARGIN).all(axis=1))
    return int(found[0]) if len(found) else -1


def _alike(one: JudgedTable, first: _Measure, other: JudgedTable, last: _Measure, minimum: int) -> bool:
    """Tell whether two tables add up the same figures of the same people, or nearly so, or cannot be told apart.

    The same are those of which the totals lie closer together than what is hidden; those of which one is a multiple of
    the other, with or without an amount for each unit; and those over rows of a few units more or less.
    """
    a, b = one.evidence, other.evidence
    if a is None or b is None or first.of_units is not last.of_units:
        return False
    i, j = _grand(a), _grand(b)
    if i < 0 or j < 0:
        return True
    same_units = set(one.recipe.unit) == set(other.recipe.unit)
    apart, near = abs(first.total[i] - last.total[j]), abs(int(a.n_units[i]) - int(b.n_units[j])) < minimum
    if first.of_units:
        return same_units and near
    hidden = max(_hidden(one, first), _hidden(other, last))
    if apart <= hidden or _multiple(first, i, int(a.n_units[i]), last, j, int(b.n_units[j])):
        return True
    common = set(first.largest[i]) & set(last.largest[j]) - {Fraction(0)}
    most = max((*first.largest[i], *last.largest[j]), default=Fraction(0))
    return same_units and near and bool(common) and apart <= minimum * most


def _hidden(table: JudgedTable, measure: _Measure) -> Fraction:
    places = np.flatnonzero(_hidden_cells(table))
    return sum((measure.absolute[place] for place in places.tolist()), Fraction(0))


def _hidden_cells(table: JudgedTable) -> Mask:
    if table.evidence is None:
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(table.evidence.inner & ~table.shown & (table.evidence.n_units > 0), dtype=np.bool_)


def _multiple(first: _Measure, i: int, n: int, last: _Measure, j: int, m: int) -> bool:
    """Tell whether the total and the largest contributions of one are those of the other, times one and plus another.

    Everybody who knows the number of units can take such a figure back to the other.
    """
    own, there = first.largest[i], last.largest[j]
    if len(own) < 2 or len(there) < 2 or not own[1] or not there[1] or n != m:
        return False
    if own[0] == own[1] or there[0] == there[1]:
        # All the same at the top: a multiple, if anything.
        slope, more = there[0] / own[0], Fraction(0)
    else:
        slope = (there[0] - there[1]) / (own[0] - own[1])
        more = there[0] - slope * own[0]
    expected = slope * first.total[i] + more * n
    return abs(expected - last.total[j]) * 1000 <= abs(last.total[j])


def _nested(fine: Shown, coarse: Shown) -> bool:
    """Tell whether a dimension may be a coarser form of one of the other table, as a codebook or lineage says."""
    a, b = fine.table.evidence, coarse.table.evidence
    if a is None or b is None:
        return False
    levels = {} if fine.table.trials is None else fine.table.trials.hierarchies
    for name in a.dimensions:
        above = set(levels[name].parents.values()) if name in levels else set()
        for there, other in enumerate(b.dimensions):
            if name == other:
                continue
            if above & {label for label in b.categories[there] if label is not None}:
                return True
            if fine.sources.get(name, frozenset()) & coarse.sources.get(other, frozenset()):
                return True
    return False


def _given_away(table: JudgedTable, measure: _Measure, by: JudgedTable, minimum: int) -> bool:
    """Tell whether another table shows a margin of one that withholds it, and with it too much of what is below it."""
    own, there = table.evidence, by.evidence
    if own is None or there is None:
        return True
    named = {name: place for place, name in enumerate(own.dimensions)}
    common = [(named[name], place) for place, name in enumerate(there.dimensions) if name in named]
    if any(not set(there.categories[b]) <= set(own.categories[a]) for a, b in common):
        # Categories put together in another way: one less another gives a withheld one away.
        return True
    withheld = np.flatnonzero(_hidden_cells(table))
    margins = _margins_shown(own, by, common, table)
    if own.units_overlap and len(withheld) and margins:
        # Units that stand in several cells may be one another's company.
        return True
    for asked in margins:
        fixed = [place for place, code in enumerate(asked) if code != MARGIN]
        below = [n for n in withheld.tolist() if all(own.codes[n, place] == asked[place] for place in fixed)]
        if not _in_company(own, measure, below, minimum):
            return True
    return False


def _margins_shown(
    own: Evidence, by: JudgedTable, common: list[tuple[int, int]], table: JudgedTable
) -> tuple[tuple[int, ...], ...]:
    """Return the codes of the cells that a table withholds and another one shows."""
    there = by.evidence
    if there is None:
        return ()
    foreign = [place for place in range(len(there.dimensions)) if place not in {b for _, b in common}]
    seen = by.shown & (there.codes[:, foreign] == MARGIN).all(axis=1)
    asked = np.full((int(seen.sum()), len(own.dimensions)), MARGIN, dtype=own.codes.dtype)
    for a, b in common:
        codes = {label: code for code, label in enumerate(own.categories[a])}
        into = np.array([codes[label] for label in there.categories[b]] or [MARGIN], dtype=own.codes.dtype)
        here = there.codes[seen, b]
        asked[:, a] = np.where(here == MARGIN, MARGIN, into[np.maximum(here, 0)])
    places = own.positions(asked)
    known = places >= 0
    kept = asked[known][~table.shown[places[known]]]
    return tuple(tuple(row) for row in kept.tolist())


def _in_company(own: Evidence, measure: _Measure, below: list[int], minimum: int) -> bool:
    """Tell whether the sum of some hidden cells tells little of each of them."""
    units, whole = int(own.n_units[below].sum()), sum((measure.absolute[n] for n in below), Fraction(0))
    for n in below:
        others = [measure.largest[one][0] for one in below if one != n and measure.largest[one]]
        largest = measure.largest[n][0] if measure.largest[n] else Fraction(0)
        doubt = whole - measure.absolute[n] - max(others, default=Fraction(0))
        if units - int(own.n_units[n]) < minimum or doubt * _NEAR < largest:
            return False
    return True


def _nearly_the_same_hidden(one: JudgedTable, measure: _Measure, other: JudgedTable, minimum: int) -> bool:
    """Tell whether two tables that hide different cells of one value may hide nearly the same people.

    What each shows adds up to one total less what it hides, so that the two tell how much the hidden ones differ by.
    """
    a, b = one.evidence, other.evidence
    if a is None or b is None or measure.of_units or set(a.dimensions) == set(b.dimensions):
        return False
    hidden, there = (int(each.n_units[_hidden_cells(t)].sum()) for each, t in ((a, one), (b, other)))
    return abs(hidden - there) < minimum
