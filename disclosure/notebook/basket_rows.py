"""Two outputs of a basket that are the same but for few units, as their rows tell.

Each was judged for itself. Together they show their difference: of two value columns that few units have otherwise, of
two cells that few units are in only one of. Measures of one call are judged together when they are made. The control
zone asks the same of the same rows (`disclosure.engines.sealed_comparison`).
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from disclosure.engines.placed import Placed
from disclosure.engines.placing import placed, placed_lazy
from disclosure.engines.rows_beside import compared
from disclosure.engines.three_beside import Two, doubts_of_three
from disclosure.errors import DataError
from disclosure.model.beside import Beside, Doubt
from disclosure.model.recipes import LazySource
from disclosure.model.verdicts import Safe
from disclosure.notebook.camp import current_camp
from disclosure.notebook.output import Output
from disclosure.policy import Policy, policy_named
from disclosure.texts import text

_KEPT_ROWS: Final = 200_000
At = Callable[[Output], Placed | None]
"""Returns who stands where in an output, None if its rows are not at hand."""
By = Callable[[Output, tuple[str, ...]], Placed | None]
"""Returns the same by another key, named as it is known."""


class PlacedAtHand:
    """Who stands where in outputs, kept for as long as these are, where that takes little memory.

    Called with an output it returns who stands where; None if its rows are not at hand, or have no unit.
    """

    def __init__(self) -> None:
        self._kept: weakref.WeakKeyDictionary[Output, Placed] = weakref.WeakKeyDictionary()

    def __call__(self, out: Output) -> Placed | None:
        """Return who stands where in an output."""
        if out in self._kept:
            return self._kept[out]
        found = placed_at_hand(out)
        if found is not None and len(found) <= _KEPT_ROWS:
            self._kept[out] = found
        return found


def placed_at_hand(out: Output, by: tuple[str, ...] = ()) -> Placed | None:
    """Return who stands where in an output, read anew.

    None if it has no unit, or its rows are not at hand: those of a file outside a camp stayed where they are.

    Args:
        by: another key than the unit's, as it is known.
    """
    camp = current_camp()
    if not out.recipe.unit:
        return None
    if out.narrow is not None:
        return placed(out.recipe, out.narrow, by=by)
    return placed_lazy(out.recipe, camp.files, by=by) if camp and isinstance(out.recipe.source, LazySource) else None


def rows_beside(one: Output, other: Output, at: At = placed_at_hand, by: By = placed_at_hand) -> Beside | None:
    """Return what the rows of two outputs that may both be published tell together.

    They tell of few units if few units of a cell have another value in one than in the other, or if few units stand in
    only one of two cells that they show: `told` of what is returned says so for the tables of the two.

    None if one of them may not be published, or its rows are not at hand, as those of a file outside a camp.

    Args:
        at, by: return who stands where in an output; the same for the same output.

    Raises:
        DataError: they overlap in too many cells to be compared.
    """
    if not (isinstance(one.verdict, Safe) and isinstance(other.verdict, Safe)):
        return None
    first, last = at(one), at(other)
    if first is None or last is None:
        return None

    def again(out: Output, key: Collection[str]) -> Placed:
        found = by(out, tuple(sorted(key)))
        if found is None:
            raise DataError(text("The rows of an output are no longer at hand."), hint=text("Make it again."))
        return found

    sides = functools.partial(again, one), functools.partial(again, other)
    return compared(first, last, _stricter(one, other), sides)


def doubts_with(
    name: str, out: Output, others: Sequence[tuple[str, Output]], at: At
) -> Mapping[Two, tuple[Doubt, ...]]:
    """Return what an output tells with each two others, as doubts about two of the three; see `doubts_of_three`.

    Left out is what may not be published, and what has no rows at hand.

    Raises:
        DataError: they overlap in too many cells to be compared.
    """
    safe = [(one, each) for one, each in (*others, (name, out)) if isinstance(each.verdict, Safe)]
    if len(safe) < 3 or safe[-1][1] is not out:
        return {}
    sides = {one: side for one, each in safe if (side := at(each)) is not None}
    minimum = max(_policy(each.recipe.policy.name).minimum_units or 0 for _, each in safe)
    return doubts_of_three(sides, minimum, among=name) if minimum and name in sides else {}


def _stricter(one: Output, other: Output) -> Policy:
    """Return the policy of two outputs that asks for more units."""
    policies = [_policy(each.recipe.policy.name) for each in (one, other)]
    return max(policies, key=lambda policy: policy.minimum_units or 0)


@functools.lru_cache(maxsize=16)
def _policy(name: str) -> Policy:
    return policy_named(name)
