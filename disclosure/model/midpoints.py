"""What a recipe says of midpoint rounding: an option of counts, the width of the classes that they are shown in."""

from __future__ import annotations

import re
from typing import Final

from disclosure.errors import RecipeError
from disclosure.model.policy_values import MAXIMUM_ROUNDING as _MOST
from disclosure.model.recipes import Recipe
from disclosure.texts import text

MIDPOINT: Final = "midpoint"
_WHOLE = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)


def midpoint_width(recipe: Recipe) -> int:
    """Return the width of the classes whose midpoints a recipe's counts are shown as; 0 if they are not.

    Raises:
        RecipeError: the option is no such width, or the figures are weighted or rounded otherwise.
    """
    written = recipe.option(MIDPOINT)
    if written is None:
        return 0
    if not _WHOLE.fullmatch(written) or not 2 <= int(written) <= _MOST:
        raise RecipeError(
            text("The option midpoint is the width of a class, a whole number from 2 to {most}.", most=str(_MOST)),
            hint=text("For example {example}.", example='options={"midpoint": 6}'),
        )
    if recipe.weight is not None or recipe.rounding:
        raise RecipeError(
            text("Counts that are weighted, or rounded to a base, are not shown as midpoints as well."),
            hint=text("Leave weights=, or one of the two, out."),
        )
    return int(written)
