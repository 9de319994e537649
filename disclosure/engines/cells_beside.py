"""Cells of two outputs that are the same but for few units, so that together they show what these few have.

Each output was judged for itself. Of "under 18" in one and "under 19" in the other, the second less the first is those
of 18: a cell that nobody asked for and that anybody can compute. Every cell and margin of one output is put beside
every one of the other that has units in common with it. Two of them tell of few units where

- at least one unit, and fewer than the minimum, stand in only one of them; if the two do not add up the same value,
  all of them on one side, since those on the other make up for them otherwise;
- several cells of one and several of the other are together the same but for so few: "0-17" and "18-34" beside "0-35";
- both add up the same value, and what they differ by fails a rule on contributors: fewer than the minimum have
  something in it, or dominance, p% or pq.

Whether both cells are shown is for whoever has the judged tables: a cell that is withheld tells nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from disclosure.engines.joined import COARSER, TOO_MANY, Cells, Joined, distinct, in_both, joined, units_of
from disclosure.engines.placed import Placed, renumbered
from disclosure.engines.same_but_few import few_apart, unions
from disclosure.engines.totals_beside import fail_in_difference, same_value
from disclosure.errors import DataError
from disclosure.model.beside import CellPairs
from disclosure.model.recipes import Recipe, Statistic
from disclosure.policy import Policy
from disclosure.protection.undone_measures import PERCENTAGES, RATIOS, SIZED

POSITION: Final = frozenset({Statistic.MEDIAN, Statistic.QUANTILE, Statistic.MODE})
"""Figures that few units more or fewer leave as they are."""
SHOW_UNITS: Final = frozenset({Statistic.COUNT, *PERCENTAGES, *RATIOS, *SIZED}) - {Statistic.MODEL}
"""Figures that show of how many units they are, those without a value left out; of a model a formula says which."""
_ADDED_UP: Final = frozenset({Statistic.SUM, Statistic.MEAN, Statistic.SHARE})
_SUMS: Final = frozenset({Statistic.SUM, Statistic.SHARE})
OF_VALUES: Final = _ADDED_UP | {Statistic.RATE}
"""Figures that follow from totals of a value."""
HALVED: Final = frozenset({Statistic.RATE, Statistic.POVERTY_RATE})
"""Shares of units: who is and who is not one of them is counted."""
MOST_PAIRS: Final = 20_000
"""Of so many pairs of cells the difference is looked at."""


def cells_beside(rows: Joined, policy: Policy) -> CellPairs:
    """Return the pairs of cells of two outputs over the same unit that tell of few units; see the module.

    Args:
        policy: that of the two which asks for more units.

    Raises:
        DataError: they overlap in too many cells to be compared.
    """
    one, other = rows.one, rows.other
    statistics = {one.recipe.statistic, other.recipe.statistic}
    minimum = policy.minimum_units or 0
    none = CellPairs.none(one.dimensions, other.dimensions)
    if statistics & POSITION or not minimum:
        return none
    found = [none]
    # Of figures that show neither how many units there are nor the same total, sums tell nothing.
    counts = statistics <= SHOW_UNITS
    if not _one_within_the_other(rows):
        found += _told(rows, minimum, policy, same=same_value(rows), counts=counts)
    if all(each.recipe.statistic in SHOW_UNITS or halved(each) for each in (one, other)) and (
        halved(one) or halved(other)
    ):
        for left in counts_behind(one):
            for right in counts_behind(other):
                found += _told(joined(left, right), minimum, policy, same=False, counts=True)
    if sum(map(len, found)) > MOST_PAIRS:
        raise DataError(TOO_MANY, hint=COARSER)
    return CellPairs.joined(found)


def halved(side: Placed) -> bool:
    """Tell whether two counts stand behind an output: of those who are and of those who are not.

    They do so behind every figure of a column of zeros and ones that few units more or fewer change.
    """
    statistic = side.recipe.statistic
    exact = statistic not in POSITION | SHOW_UNITS and not statistic.specification.is_design
    return statistic in HALVED or (exact and side.binary)


def counts_behind(side: Placed) -> tuple[Placed, ...]:
    """Return who is counted: behind a rate stand two counts, of those who are and of those who are not.

    Nobody is where a column that was of zeros and ones has other values for some.
    """
    if not halved(side):
        return (side.only_complete,)
    if not side.binary:
        return ()
    ones = side.some(side.ones)
    # A sum is the same whoever has a zero.
    return (ones,) if side.recipe.statistic in _SUMS else (ones, side.some(side.zeros))


def _told(rows: Joined, minimum: int, policy: Policy, *, same: bool, counts: bool) -> list[CellPairs]:
    """Return the pairs that tell of few units, of every pattern of totals of one beside every one of the other.

    Args:
        same: both add up the same.
        counts: both show how many units they are of.
    """
    patterns = rows.one.patterns(), rows.other.patterns()
    found = (_between(rows, a, b, minimum, policy, same=same, counts=counts) for a in patterns[0] for b in patterns[1])
    return [one for one in found if len(one)]


def _one_within_the_other(rows: Joined) -> bool:
    """Tell whether both have the same rows, and each cell of one is made up of cells of the other.

    What they tell follows from the finer one alone, which was judged.
    """
    one, other = rows.one, rows.other
    if not (rows.once and len(one) == len(other) == len(rows.left)):
        return False
    cells = one.cells(one.patterns()[0])[0][rows.left], other.cells(other.patterns()[0])[0][rows.right]
    pairs = int(renumbered(cells[0] * (int(cells[1].max(initial=0)) + 1) + cells[1]).max(initial=-1)) + 1
    return pairs in (int(cells[0].max(initial=-1)) + 1, int(cells[1].max(initial=-1)) + 1)


def adds_up(recipe: Recipe) -> bool:
    """Tell whether the figures are totals of a value, or of weights, or follow from one."""
    return recipe.statistic in _ADDED_UP or (recipe.value is None and recipe.weight is not None)


def _are_counts(one: Placed, other: Placed) -> bool:
    return {one.recipe.statistic, other.recipe.statistic} == {Statistic.COUNT}


def _between(
    rows: Joined, a: tuple[int, ...], b: tuple[int, ...], minimum: int, policy: Policy, *, same: bool, counts: bool
) -> CellPairs:
    """Return the cells at some of the dimensions of one output and at some of those of the other that tell of few."""
    one, other = rows.one, rows.other
    own, there = Cells(*one.cells(a)), Cells(*other.cells(b))
    n, m = (distinct(units, cells, once=rows.once) for units, cells in zip(rows.units, (own, there), strict=True))
    keys, shared = in_both(rows, own, there)
    first, second = keys // max(1, len(there)), keys % max(1, len(there))
    counted = _are_counts(one, other) and not (adds_up(one.recipe) and adds_up(other.recipe))
    one_sided, totals = counted or not same, same and adds_up(one.recipe) and adds_up(other.recipe)
    more = fewer = np.zeros(len(keys), dtype=np.int64)
    if rows.sized and not totals:
        more, fewer = (units_of(rows, own, there, keys, which) for which in (rows.more > 0, rows.more < 0))
    few = few_apart(n[first], m[second], shared, minimum, one_sided=one_sided, others=(more, fewer))
    if totals:
        apart = n[first] + m[second] - 2 * shared
        near = np.flatnonzero(~few & (apart > 0) & (2 * shared > np.maximum(n[first], m[second])))
        if len(near) > MOST_PAIRS:
            raise DataError(TOO_MANY, hint=COARSER)
        few[near] |= fail_in_difference(rows, own, there, (first[near], second[near]), policy)
    groups = np.arange(int(few.sum()))
    places = np.flatnonzero(few)
    if rows.once and ((counts and rows.alike(minimum)) or totals):
        together, of = unions(first, second, shared, (n, m), minimum, one_sided=one_sided)
        places, groups = np.concatenate([places, together]), np.concatenate([groups, of + len(groups)])
    return CellPairs(
        one.dimensions,
        other.dimensions,
        one.labels,
        other.labels,
        own.codes[first[places]],
        there.codes[second[places]],
        groups,
    )
