"""Whether two tables are the same but for few units, so that the difference of their figures is about these.

That is so of one figure with another option, as the shares of the ten and of the eleven largest are; and of one value
under two weights of the researcher's own. Only evidence is looked at: of cells that few units are in only one of, and
of two values that few units have otherwise, the rows tell (`disclosure.engines.rows_beside`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Amounts, Counts, Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Safe
from disclosure.protection.undone import Shown

_CUT: Final = ("largest", "trim", "points")
"""Options that say how many units a figure takes, so that two of them tell of the units in between."""
_LINES: Final = (Statistic.POVERTY_RATE, Statistic.POVERTY_GAP)
_TOTALS: Final = (Statistic.SUM, Statistic.MEAN)
ALIKE: Final = (
    *_LINES,
    *_TOTALS,
    Statistic.CONCENTRATION_RATIO,
    Statistic.TRIMMED_MEAN,
    Statistic.LORENZ,
    Statistic.SHARE,
    Statistic.RATE,
    Statistic.COUNT,
)
"""Statistics of which two tables can be found here to be the same but for few units."""
_ABSENT: Final = -2


def differ_in_few(one: Shown, other: Shown) -> bool:
    """Tell whether two tables that may both be published are the same but for few units; see the module."""
    first, last = one.table, other.table
    if not (isinstance(first.verdict, Safe) and isinstance(last.verdict, Safe)):
        return False
    a, b = first.evidence, last.evidence
    if a is None or b is None or set(first.recipe.unit) != set(last.recipe.unit):
        return False
    minimum = max(0 if each.trials is None else each.trials.minimum_units for each in (first, last))
    if abs(_units(a) - _units(b)) >= minimum:
        return False
    if not {first.recipe.statistic, last.recipe.statistic} <= set(ALIKE):
        return False
    return one.same_value(other) and (_other_option(first, last, minimum) or _other_weight(first, last))


def _units(evidence: Evidence) -> int:
    totals = np.flatnonzero((evidence.codes[:, : evidence.own_dimensions] == MARGIN).all(axis=1))
    return int(evidence.n_units[totals[0]]) if len(totals) else int(evidence.n_units.sum())


def _other_option(first: JudgedTable, last: JudgedTable, minimum: int) -> bool:
    one, other = first.recipe, last.recipe
    if one.statistic is other.statistic and any(one.option(name) != other.option(name) for name in _CUT):
        return True
    if not {one.statistic, other.statistic} <= set(_LINES):
        return False
    a, b = first.evidence, last.evidence
    if a is None or b is None:
        return True
    poor, there = (each.part("poverty").columns["poor"] for each in (a, b))
    own, other_places = _same_cells(a, b)
    apart = np.abs(poor[own] - there[other_places])
    return bool(((apart > 0) & (apart < minimum)).any())


def _other_weight(first: JudgedTable, last: JudgedTable) -> bool:
    one, other = first.recipe, last.recipe
    if one.weight == other.weight:
        return False
    return bool(one.weight and other.weight) or _own_weight(first) or _own_weight(last)


def _own_weight(table: JudgedTable) -> bool:
    """Tell whether a weight is the researcher's own: of those no codebook vouches for."""
    recipe: Recipe = table.recipe
    amounts: Amounts | None = None if table.evidence is None else table.evidence.amounts
    if recipe.weight is None or amounts is None:
        return False
    return len(amounts.ends) > 1 + bool(recipe.holding)


def _same_cells(a: Evidence, b: Evidence) -> tuple[Counts, Counts]:
    """Return where the cells stand that two tables have in common; of tables by other dimensions the totals."""
    if set(a.dimensions) != set(b.dimensions):
        return _total(a), _total(b)
    order = [b.dimensions.index(name) for name in a.dimensions]
    labels = tuple(b.categories[place] for place in order)
    codes = np.full_like(a.codes, MARGIN)
    known = np.ones(len(a), dtype=np.bool_)
    for place, there in enumerate(labels):
        into = {label: code for code, label in enumerate(there)}
        own = np.array([into.get(label, _ABSENT) for label in a.categories[place]] or [_ABSENT], dtype=a.codes.dtype)
        inner = a.codes[:, place] != MARGIN
        codes[inner, order[place]] = own[a.codes[inner, place]]
        known &= codes[:, order[place]] != _ABSENT
    codes[~known] = MARGIN
    places = b.positions(codes)
    found = np.flatnonzero(known & (places >= 0))
    return found, places[found]


def _total(evidence: Evidence) -> Counts:
    return np.flatnonzero((evidence.codes == MARGIN).all(axis=1))[:1].astype(np.int64)
