"""Percentages of a frequency table by row, by column and of the total (output class: frequencies).

They are judged as the counts that they are shares of. A line of percentages adds up to 100, so a line in which a cell
fails is withheld as a whole. Where units stand in several cells of a line, the percentages add up to more than 100:
each is a share of distinct units. The percentage of a line's own total is 100, and is shown as such; that of the
other margin is the distribution of the whole table.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from disclosure.errors import RecipeError
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import GROUP_DISCLOSURE, IMPLIED_COUNTS, MINIMUM_COUNT, PERCENTAGE, ZERO_CELLS
from disclosure.rules.percentage import lines
from disclosure.statistics.base import OutputClass, Withholding
from disclosure.texts import text

DECIMALS = 4
"""As many as a rate shows: six decimals of one are four of a hundred."""


def figures(recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield 100 x units of the cell / units of its line, weighted where the recipe names a weight."""
    counts = evidence.n_units if evidence.weighted is None else evidence.weighted.units
    for count, line in zip(counts.tolist(), lines(recipe, evidence).tolist(), strict=True):
        whole = int(counts[line]) if line >= 0 else 0
        yield Fraction(100 * count, whole) if whole else None


def check_options(recipe: Recipe) -> None:
    """Raise `RecipeError` if every percentage would be 100."""
    if recipe.statistic is Statistic.ROW_PERCENT and not recipe.columns:
        raise RecipeError(
            text("Row percentages need a column variable."), hint=text('Give columns=, or ask for "total_percent".')
        )
    if recipe.statistic is Statistic.COLUMN_PERCENT and not recipe.rows:
        raise RecipeError(
            text("Column percentages need a row variable."), hint=text('Give rows=, or ask for "total_percent".')
        )
    if not recipe.dimensions:
        raise RecipeError(text("Percentages need a row or column variable."), hint=text("Give rows= or columns=."))


def _percent(statistic: Statistic, withholding: Withholding) -> OutputClass:
    return OutputClass(
        statistic,
        (MINIMUM_COUNT, PERCENTAGE, GROUP_DISCLOSURE, ZERO_CELLS, IMPLIED_COUNTS),
        figures,
        decimals=lambda _: DECIMALS,
        withholding=withholding,
        amounts=False,
        check_options=check_options,
    )


ROW_PERCENT = _percent(Statistic.ROW_PERCENT, Withholding.ROWS)
COLUMN_PERCENT = _percent(Statistic.COLUMN_PERCENT, Withholding.COLUMNS)
TOTAL_PERCENT = _percent(Statistic.TOTAL_PERCENT, Withholding.ALL)
