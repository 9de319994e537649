"""Options of a statistic that are numbers: read from their text, within bounds, exactly."""

from __future__ import annotations

import re
from fractions import Fraction

from disclosure.errors import RecipeError
from disclosure.model.recipes import Recipe
from disclosure.texts import text

MOST_DECIMALS = 6
_DECIMAL = re.compile(rf"(0|[1-9][0-9]{{0,8}})(\.[0-9]{{1,{MOST_DECIMALS}}})?", re.ASCII)


def decimal_option(recipe: Recipe, name: str) -> Fraction:
    """Return an option that is plain decimal text, such as "0.25".

    Raises:
        RecipeError: it is not there, or is anything else than a number that is not negative, in up to
            `MOST_DECIMALS` decimals.
    """
    written = recipe.option(name)
    if written is None or not _DECIMAL.fullmatch(written):
        raise RecipeError(
            text(
                "The option {name} is a number as plain decimal text, with at most {most_decimals} decimals.",
                name=name,
                most_decimals=MOST_DECIMALS,
            ),
            hint=text('For example {name}="0.25".', name=name),
        )
    return Fraction(written)


def refuse_weights(recipe: Recipe) -> None:
    """Raise `RecipeError` if the recipe names a weight: the statistic has more than one weighted definition."""
    if recipe.weight is not None:
        raise RecipeError(
            text(
                "The statistic '{statistic}' is not weighted here: its weighted definitions differ.",
                statistic=recipe.statistic,
            ),
            hint=text("Leave weights= out, or ask for a weighted mean or quantile."),
        )
