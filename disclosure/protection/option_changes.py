"""The same statistic with other options that show less of single units, from the least change to the greatest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

from disclosure.errors import RecipeError
from disclosure.model.distribution_options import largest, lorenz_points, plain, poverty_line
from disclosure.model.recipes import Recipe, Statistic
from disclosure.statistics.position import probability
from disclosure.texts import Text, text

_POINTS = tuple(tuple(map(Fraction, points)) for points in ((20, 40, 60, 80), (25, 50, 75), (50,)))
_EXTREMES = tuple(Fraction(one, 100) for one in (1, 5, 10, 20, 25, 30, 40, 50))
_TRIMS = tuple(Fraction(one, 100) for one in (1, 5, 10, 15, 20, 25))
_SHARES = tuple(Fraction(one, 10) for one in (6, 7, 8, 9, 10))
_TIMES_AS_MANY = (Fraction(3, 2), Fraction(2), Fraction(3), Fraction(5))


@dataclass(frozen=True)
class Change:
    """A recipe with other options: what is done, what is lost by it, and how much of it as a share."""

    recipe: Recipe
    words: Text
    loses: Text
    loss: float


def option_changes(recipe: Recipe, minimum_units: int) -> tuple[Change, ...]:
    """Return what other options may repair, the least change first; nothing where no option does.

    Args:
        minimum_units: how many units the policy asks for, below which no group is worth trying.
    """
    changes = _CHANGES.get(recipe.statistic)
    try:
        return () if changes is None else tuple(changes(recipe, minimum_units))
    except RecipeError:
        return ()


def _with(recipe: Recipe, **options: str) -> Recipe:
    return replace(recipe, options=tuple(sorted({**dict(recipe.options), **options}.items())))


def _points(recipe: Recipe, _minimum: int) -> Iterator[Change]:
    own = lorenz_points(recipe)
    tried = {own[1::2], own[1:-1], *(points for points in _POINTS if len(points) < len(own))}
    for points in sorted((points for points in tried if points), key=lambda one: (-len(one), one)):
        listed = [plain(one) for one in points]
        fewer = len(own) - len(points)
        yield Change(
            _with(recipe, points=",".join(listed)),
            text("show the points {points}", points=", ".join(listed)),
            text("{n} of {all} points", n=str(fewer), all=str(len(own))),
            fewer / len(own),
        )


def _largest(recipe: Recipe, minimum: int) -> Iterator[Change]:
    own = largest(recipe)
    least = max(own + 1, minimum)
    for number in dict.fromkeys((least, *(int(least * times) for times in _TIMES_AS_MANY))):
        if number <= 1000:
            yield Change(
                _with(recipe, largest=str(number)),
                text("take the {n} largest units", n=str(number)),
                text("the share of the {n} largest", n=str(own)),
                1 - own / number,
            )


def _probability(recipe: Recipe, _minimum: int) -> Iterator[Change]:
    own = probability(recipe)
    low = own < Fraction(1, 2)
    far = own if low else 1 - own
    for one in _EXTREMES:
        if one > far:
            less = one if low else 1 - one
            yield Change(
                _with(recipe, probability=plain(less)),
                text("take the {p}th percentile", p=plain(100 * less)),
                text("the {p}th percentile", p=plain(100 * own)),
                float(abs(less - own)),
            )


def _trim(recipe: Recipe, _minimum: int) -> Iterator[Change]:
    own = Fraction(recipe.option("trim") or "0")
    for one in _TRIMS:
        if one > own:
            yield Change(
                _with(recipe, trim=plain(one)),
                text("leave {share}% out at either end", share=plain(100 * one)),
                text("the mean without {share}% at either end", share=plain(100 * own)),
                float(2 * (one - own)),
            )


def _line(recipe: Recipe, _minimum: int) -> Iterator[Change]:
    line = poverty_line(recipe)
    if line.share is None:
        return
    for one in _SHARES:
        if one > line.share:
            yield Change(
                _with(recipe, share_of_median=plain(one)),
                text("draw the line at {share}% of the median", share=plain(100 * one)),
                text("the line at {share}% of the median", share=plain(100 * line.share)),
                float(one - line.share),
            )


def _cluster(recipe: Recipe, _minimum: int) -> Iterator[Change]:
    cluster = recipe.option("cluster")
    if cluster is not None:
        yield Change(
            replace(recipe, options=tuple(one for one in recipe.options if one[0] != "cluster")),
            text("let each unit be a cluster of its own"),
            text("standard errors clustered by {name}", name=cluster),
            0.5,
        )


_CHANGES: Mapping[Statistic, Callable[[Recipe, int], Iterator[Change]]] = MappingProxyType(
    {
        Statistic.LORENZ: _points,
        Statistic.CONCENTRATION_RATIO: _largest,
        Statistic.QUANTILE: _probability,
        Statistic.TRIMMED_MEAN: _trim,
        Statistic.POVERTY_RATE: _line,
        Statistic.POVERTY_GAP: _line,
        Statistic.MODEL: _cluster,
    }
)
