"""Shares of the value column's total (output class: linear aggregations).

The shares of a table add up to one, so a single one that is withheld follows from the others: where a cell fails,
everything is withheld. Values below zero are refused: with them a share may be negative or above one, and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from disclosure.errors import ColumnError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.statistics.base import OutputClass, Withholding
from disclosure.statistics.sums import TOTAL_RULES
from disclosure.texts import text

DECIMALS = 6


def figures(recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield the sum of the cell over that of the whole table, both weighted where the recipe names a weight.

    Raises:
        ColumnError: some contribution is negative.
    """
    amounts = evidence.amounts
    if amounts is None:
        return
    if amounts.negative:
        raise ColumnError(
            text("The column '{value}' has negative values, so shares of its total make no sense.", value=recipe.value),
            hint=text('Ask for statistic="sum", or take shares of a column that is never negative.'),
        )
    (whole,) = amounts.total[np.flatnonzero((evidence.codes == MARGIN).all(axis=1))]
    for total, units in zip(amounts.total.tolist(), evidence.n_units.tolist(), strict=True):
        yield Fraction(total, whole) if whole and units else None


SHARE = OutputClass(Statistic.SHARE, TOTAL_RULES, figures, lambda _: DECIMALS, Withholding.ALL)
