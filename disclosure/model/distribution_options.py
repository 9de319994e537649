"""The options of statistics of a whole distribution, read once for their check and for their evidence.

Options are texts. A number among them is plain decimal text, so that one number has few spellings and none of them is
rounded by being read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from disclosure.errors import RecipeError
from disclosure.model.recipes import Recipe
from disclosure.texts import text

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?", re.ASCII)
_DECILES = tuple(Fraction(10 * place) for place in range(1, 10))
_MOST_POINTS = 99
_MOST_LARGEST = 1000
DEFAULT_SHARE = Fraction(6, 10)


@dataclass(frozen=True)
class PovertyLine:
    """Below what a value is poor: a fixed `amount`, or a `share` of the median of all rows with a value."""

    amount: Fraction | None
    share: Fraction | None


@dataclass(frozen=True)
class Times:
    """How a survival curve lists time: in intervals of `period` (exact times without one), as far as `until`."""

    period: Fraction | None
    until: Fraction | None


def poverty_line(recipe: Recipe) -> PovertyLine:
    """Return the line that a recipe asks for; without options 60% of the median.

    Raises:
        RecipeError: both a line and a share, or one that makes no sense.
    """
    line, share = recipe.option("line"), recipe.option("share_of_median")
    if line is not None and share is not None:
        raise RecipeError(
            text("A poverty line is an amount or a share of the median, not both."), hint=text("Give one of them.")
        )
    if line is not None:
        return PovertyLine(_positive(line, "line"), None)
    found = DEFAULT_SHARE if share is None else _positive(share, "share_of_median")
    if found > 1:
        raise RecipeError(
            text("A poverty line lies at or below the median."),
            hint=text("For example {example}.", example='{"share_of_median": 0.6}'),
        )
    return PovertyLine(None, found)


def lorenz_points(recipe: Recipe) -> tuple[Fraction, ...]:
    """Return the percentages of the population at which a Lorenz curve is shown; without an option the deciles.

    Raises:
        RecipeError: they do not ascend, do not lie between 0 and 100, or are all within the first percent, as parts of
            one would be.
    """
    asked = recipe.option("points")
    points = _DECILES if asked is None else tuple(_positive(one, "points") for one in asked.split(","))
    if len(points) > _MOST_POINTS or points[-1] >= 100 or not all(one < other for one, other in pairwise(points)):
        raise RecipeError(
            text("The points of a Lorenz curve are percentages between 0 and 100 in ascending order."),
            hint=text("For example {example}.", example='{"points": "20,40,60,80"}'),
        )
    if points[0] < 1 and points[-1] <= 1:
        raise RecipeError(
            text("The points of a Lorenz curve are percentages: 0.2 is a fifth of one percent."),
            hint=text("For example {example}.", example='{"points": "20,40,60,80"}'),
        )
    return points


def largest(recipe: Recipe) -> int:
    """Return how many of the largest units a concentration ratio adds up.

    Raises:
        RecipeError: it is not a whole number from 1 to 1,000.
    """
    asked = recipe.option("largest") or ""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", asked, re.ASCII) or int(asked) > _MOST_LARGEST:
        raise RecipeError(
            text("The number of largest units is a whole number from 1 to {most_largest}.", most_largest=_MOST_LARGEST),
            hint=text('For example "10".'),
        )
    return int(asked)


def times(recipe: Recipe) -> Times:
    """Return how a survival curve lists time.

    Raises:
        RecipeError: a period or an end that is not a positive number, or a period beyond the end.
    """
    period, until = recipe.option("period"), recipe.option("until")
    found = Times(
        None if period is None else _positive(period, "period"), None if until is None else _positive(until, "until")
    )
    if found.period is not None and found.until is not None and found.period > found.until:
        raise RecipeError(
            text("The period is longer than the curve."), hint=text("Give a shorter period= or a later until=.")
        )
    return found


def plain(value: Fraction) -> str:
    """Return a number with at most six decimals as plain decimal text.

    >>> plain(Fraction(5, 2))
    '2.5'
    """
    whole, rest = divmod(round(value * 10**6), 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _positive(asked: str, name: str) -> Fraction:
    if not _DECIMAL.fullmatch(asked) or Fraction(asked) == 0:
        raise RecipeError(
            text("The option '{name}' is a positive number with at most six decimals.", name=name),
            hint=text("For example {example}.", example=f'{{"{name}": 12}}'),
        )
    return Fraction(asked)
