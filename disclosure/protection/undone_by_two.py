"""Whether two tables tell together what a third withholds, as none of them does with one other alone.

Of two values that add up to a third, or that are a third apart, any two totals tell the third. A sum and a mean of one
value tell the number of units. The figures are compared, whatever the columns are called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import Safe
from disclosure.protection.undone import Shown
from disclosure.protection.undone_margins import amount_hidden, given_away, margins_shown
from disclosure.protection.undone_measures import Measure, measures

_PER_UNIT: Final = (Statistic.MEAN, Statistic.RATE)
_EXACT: Final = 1000
"""A sum or difference of totals is taken for another where it is no farther off than such a part of what is hidden."""

_Told = tuple[Shown, tuple[Measure, ...]]


def undone_by_two(added: Shown, there: Sequence[Shown]) -> tuple[int, int] | None:
    """Return the places of two tables that, beside an added one, show what one of the three withholds; None if none do.

    Args:
        there: the tables beside which the added one is to stand.
    """
    told = [(each, measures(each.table)) if isinstance(each.table.verdict, Safe) else None for each in (added, *there)]
    own = told[0]
    if own is None or not any(each is not None and each[0].hides for each in told):
        return None
    known = [(place, each) for place, each in enumerate(told[1:]) if each is not None and each[1]]
    for (i, first), (j, last) in combinations(known, 2):
        trio = (own, first, last)
        if any(_tell(trio[n], trio[n - 1], trio[n - 2]) for n in range(3) if trio[n][0].hides):
            return i, j
    return None


def _tell(withholds: _Told, first: _Told, last: _Told) -> bool:
    trio = (withholds, first, last)
    if len({frozenset(each.table.recipe.unit) for each, _ in trio}) > 1:
        return False
    minimum = max(0 if each.table.trials is None else each.table.trials.minimum_units for each, _ in trio)
    per_unit = [each.table.recipe.statistic in _PER_UNIT for each, _ in (first, last)]
    for measure, one, other in _measured(withholds, first, last):
        i, j, k = measure.grand, one.grand, other.grand
        if measure.of_units:
            sizes = [int(each.evidence.n_units[n]) for each, n in ((measure, i), (one, j), (other, k))]
            same = one.total[j] == other.total[k] and max(sizes) - min(sizes) < minimum
            found = same and per_unit[0] is not per_unit[1]
        else:
            x, y, whole = one.total[j], other.total[k], measure.total[i]
            apart = min(abs(x + y - whole), abs(x - y - whole), abs(y - x - whole))
            found = bool(x and y) and apart * _EXACT <= amount_hidden(measure)
        if found and _shown_by_both(measure, one, other, minimum):
            return True
    return False


def _measured(withholds: _Told, first: _Told, last: _Told) -> Iterator[tuple[Measure, Measure, Measure]]:
    for measure in withholds[1]:
        for one in first[1]:
            for other in last[1]:
                if not (one.of_units or other.of_units) and min(measure.grand, one.grand, other.grand) >= 0:
                    yield measure, one, other


def _shown_by_both(measure: Measure, one: Measure, other: Measure, minimum: int) -> bool:
    both: Mask = np.ones(len(measure.evidence), dtype=np.bool_)
    for by in (one, other):
        own, there = measure.evidence, by.evidence
        common = [(a, b) for a, n in enumerate(own.dimensions) for b, m in enumerate(there.dimensions) if n == m]
        if any(not set(there.categories[b]) <= set(own.categories[a]) for a, b in common):
            return True
        asked = margins_shown(measure, by, common)
        seen = np.zeros(len(own), dtype=np.bool_)
        if asked:
            seen[own.positions(np.array(asked, dtype=own.codes.dtype).reshape(len(asked), -1))] = True
        both &= seen
    return given_away(measure, replace(measure, shown=both), minimum)
