"""Other versions of one table: the same figures of the same rows, protected in another way.

A cell that one version withholds, another shows under a coarser label, rounded, or as a margin, so that the two
together give it away. Which versions were shown before, only a ledger could tell; within one basket and one submission
there is at most one.
"""

from __future__ import annotations

from collections.abc import Iterable

from disclosure.model.midpoints import MIDPOINT, midpoint_width
from disclosure.model.recipes import FrameSource, Recipe, Recoding


def is_other_version(one: Recipe, other: Recipe) -> bool:
    """Tell whether two recipes ask for the same figures and differ in how these are protected.

    They take the same statistic of the same value, units and rows, the dimensions of one are among those of the other,
    and they recode a common dimension in other ways, or withhold or round one of the two. A table and its margin are
    no other versions where nothing is withheld, rounded or recoded. Of frames the columns only are known here.
    """
    if _asked(one) != _asked(other) or not (_within(one, other) or _within(other, one)):
        return False
    if _protection(one) == _protection(other) and set(one.dimensions) == set(other.dimensions):
        return False
    common = set(one.dimensions) & set(other.dimensions)
    return _hides(one) or _hides(other) or _recoded(one, common) != _recoded(other, common)


def other_versions(named: Iterable[tuple[str, Recipe]]) -> tuple[str, str] | None:
    """Return the names of two recipes over registered data sets that are versions of one table; None if there are none.

    Recipes of frames are left out: that two have the same columns does not tell that they have the same rows.
    """
    seen: list[tuple[str, Recipe]] = []
    for name, recipe in named:
        if isinstance(recipe.source, FrameSource):
            continue
        for earlier, other in seen:
            if is_other_version(recipe, other):
                return earlier, name
        seen.append((name, recipe))
    return None


def _asked(recipe: Recipe) -> tuple[object, ...]:
    # Which dimensions a frame has is compared with the dimensions.
    source = FrameSource(("frame",)) if isinstance(recipe.source, FrameSource) else recipe.source
    options = tuple(pair for pair in recipe.options if pair[0] != MIDPOINT)
    unit, others = frozenset(recipe.unit), recipe.others
    return source, recipe.statistic, recipe.value, unit, recipe.weight, options, others


def _within(one: Recipe, other: Recipe) -> bool:
    return set(one.dimensions) <= set(other.dimensions)


def _hides(recipe: Recipe) -> bool:
    return recipe.suppressed or bool(recipe.rounding) or bool(midpoint_width(recipe))


def _protection(recipe: Recipe) -> tuple[object, ...]:
    return recipe.suppressed, recipe.rounding, midpoint_width(recipe), _recoded(recipe, set(recipe.dimensions))


def _recoded(recipe: Recipe, dimensions: set[str]) -> tuple[Recoding, ...]:
    return tuple(one for one in recipe.recodings if one.dimension in dimensions)
