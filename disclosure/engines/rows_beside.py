"""What the rows of two outputs tell that the outputs themselves do not: all that is asked of them, at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from disclosure.engines.bands_beside import bands_beside
from disclosure.engines.cells_beside import OF_VALUES, SHOW_UNITS, cells_beside
from disclosure.engines.cells_within import cells_within, nested
from disclosure.engines.columns_beside import another_ones_value, few_columns_apart
from disclosure.engines.joined import Joined, joined
from disclosure.engines.other_units import Again, by_like_keys, by_one_key, may_be_alike
from disclosure.engines.placed import Placed
from disclosure.engines.quantiles_beside import quantiles_of_one
from disclosure.engines.rounded_beside import rounded_otherwise
from disclosure.engines.several_rows import few_rows_apart
from disclosure.engines.totals_beside import same_value
from disclosure.engines.turns_beside import turns_beside
from disclosure.engines.values_beside import few_values_apart
from disclosure.model.beside import Beside, CellPairs, Within
from disclosure.policy import Policy
from disclosure.texts import text

_NO_MINIMUM: Final = text("the policy has no minimum of units, so that nobody can say how many are few")


def compared(one: Placed, other: Placed, policy: Policy, again: tuple[Again, Again] | None = None) -> Beside:
    """Return what the rows of two outputs tell together.

    Outputs of different units are compared by a key that the rows of both have. Where there is none, their figures
    tell which cells may be the same but for few: these do not leave together.

    Args:
        policy: that of the two which asks for more units.
        again: return who stands where in each of the two by another key; without them, only its own key is known.

    Raises:
        DataError: they overlap in too many cells to be compared.
    """
    minimum = policy.minimum_units
    if not minimum:
        return Beside(CellPairs.none(one.dimensions, other.dimensions), unknown=_NO_MINIMUM)
    if one.unit == other.unit:
        return _compared(joined(one, other), policy, minimum)
    sides = by_one_key(one, other, again)
    if sides is not None:
        return _compared(joined(*sides), policy, minimum)
    doubts, like = may_be_alike(one, other, minimum), by_like_keys(one, other)
    if like is None:
        return Beside(CellPairs.none(one.dimensions, other.dimensions), doubts=doubts)
    # Keys with the same numbers may be those of one unit, and may not be.
    found = _compared(joined(*like), policy, minimum)
    return replace(found, doubts=(*found.doubts, *doubts))


def _compared(rows: Joined, policy: Policy, minimum: int) -> Beside:
    asked = (few_values_apart, few_columns_apart, another_ones_value, few_rows_apart)
    apart = any(one(rows, minimum) for one in asked)
    statistics = {rows.one.recipe.statistic, rows.other.recipe.statistic}
    if statistics <= SHOW_UNITS:
        rows = rows.only_complete
    within = around = None
    if (statistics <= SHOW_UNITS and rows.alike(minimum)) or (statistics <= OF_VALUES and same_value(rows)):
        within, around = _within(rows), _within(rows.turned)
    pairs = CellPairs.joined([bands_beside(rows, policy), cells_beside(rows, policy), turns_beside(rows, minimum)])
    doubts = (*rounded_otherwise(rows), *quantiles_of_one(rows, minimum))
    return Beside(pairs, apart, nested(rows), within, around, doubts=doubts)


def _within(rows: Joined) -> Within | None:
    """Return which cells of the first lie within those of the other output, if some of them are withheld."""
    has_cells = not rows.one.recipe.statistic.specification.is_design
    return cells_within(rows) if rows.one.recipe.suppressed and has_cells else None
