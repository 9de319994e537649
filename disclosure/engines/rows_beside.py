"""What the rows of two outputs tell that the outputs themselves do not: all that is asked of them, at once."""

from __future__ import annotations

from disclosure.engines.cells_beside import OF_VALUES, SHOW_UNITS, cells_beside, same_value
from disclosure.engines.cells_within import cells_within, nested
from disclosure.engines.columns_beside import few_columns_apart
from disclosure.engines.joined import joined
from disclosure.engines.placed import Placed
from disclosure.engines.values_beside import few_values_apart
from disclosure.model.beside import Beside, CellPairs, Within
from disclosure.policy import Policy


def compared(one: Placed, other: Placed, policy: Policy) -> Beside:
    """Return what the rows of two outputs tell together; nothing where they are of different units.

    Args:
        policy: that of the two which asks for more units.

    Raises:
        DataError: they overlap in too many cells to be compared.
    """
    if one.unit != other.unit:
        return Beside(CellPairs.none(one.dimensions, other.dimensions))
    minimum = policy.minimum_units or 0
    apart = few_values_apart(one, other, minimum) or few_columns_apart(one, other, minimum)
    statistics = {one.recipe.statistic, other.recipe.statistic}
    if statistics <= SHOW_UNITS:
        one, other = one.only_complete, other.only_complete
    within = around = None
    if statistics <= SHOW_UNITS or (statistics <= OF_VALUES and same_value(joined(one, other))):
        within, around = _within(one, other), _within(other, one)
    return Beside(cells_beside(one, other, policy), apart, nested(one, other), within, around)


def _within(fine: Placed, coarse: Placed) -> Within | None:
    """Return which cells lie within those of the other output, if some of them are withheld."""
    has_cells = not fine.recipe.statistic.specification.is_design
    return cells_within(fine, coarse) if fine.recipe.suppressed and has_cells else None
