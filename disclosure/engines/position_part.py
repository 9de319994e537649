"""What the position rule looks at: the quantile, who lies below and above it, and the figure that is shown of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.part_rows import (
    Keys,
    added,
    by_value,
    contribution_entries,
    least,
    ones_entries,
    part_of,
    per_holder,
)
from disclosure.engines.quantiles import quantile, weighted_quantile
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan
from disclosure.statistics.options import MOST_DECIMALS
from disclosure.statistics.position import probability

_LOW, _HIGH = -(2**63), 2**63 - 1
_UNUSUAL: Final = 3
"""A unit with more than so many times the rows that units usually have may decide a figure alone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a quantile: a multiple of a step, of the average of the values that lie nearest to it.

    Attributes:
        figure: what is shown, at the decimals of the values.
        step: what it is a multiple of; 0 where nothing is shown.
        width: how far apart the smallest and the largest of these values are.
        alike: how many units have one of them.
    """

    figure: int
    step: int
    width: int
    alike: int

    def entries(self) -> dict[str, int]:
        """Return these as columns of the part "position"."""
        return {"figure": self.figure, "step": self.step, "width": self.width, "alike": self.alike}


NOTHING = Shown(0, 0, 0, 0)


def position_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, plan: Plan) -> Part:
    """Return the part "position".

    Its `quantile` is exact, at `MOST_DECIMALS` decimals more than the values; its `figure` is what is shown, `step`
    what it is a multiple of, and `width` how far the values that it is averaged over lie apart, at the decimals of the
    values; `below`, `above` and `alike` count distinct units, or further units where they are fewer.
    """
    ordered, asked = by_value(rows), probability(recipe)

    def entry(places: npt.NDArray[np.intp]) -> dict[str, int]:
        values = ordered.values[places]
        weights = None if ordered.weights is None else ordered.weights[places]
        # Of units with one row each, how many there are is no matter of counting.
        each = ordered.alone and weights is None
        kinds: list[Keys] = [range(len(values)) if each else ordered.units_in(places)]
        kinds += [keys[places] for keys in ordered.further]
        if weights is not None:
            sizes = contribution_entries(per_holder(ordered.holders_in(places), weights))
        else:
            sizes = (
                ones_entries(len(values)) if each else contribution_entries(rows_per_holder(ordered.holders_in(places)))
            )
        if not len(values):
            return {"quantile": 0, "below": 0, "above": 0, **NOTHING.entries(), **sizes}
        exact = (
            quantile(values, asked, is_sorted=True)
            if weights is None
            else weighted_quantile(values, weights, asked, is_sorted=True)
        )
        shared, who = values, kinds
        if weights is not None:
            shared, who = values[weights > 0], [np.asarray(one)[weights > 0] for one in kinds]
        shown = shared_figure(exact, shared, who, plan.minimum_units)
        if weights is None and not shown.width and _turned_by_one(values, shown.figure, asked, kinds[0]):
            shown = NOTHING
        return {
            # Exact: a probability of so many decimals moves the point between two neighbours by no more.
            "quantile": int(exact * 10**MOST_DECIMALS),
            "below": least(kinds, slice(np.searchsorted(values, ceil(exact), side="left"))),
            "above": least(kinds, slice(np.searchsorted(values, floor(exact), side="right"), None)),
            **shown.entries(),
            **sizes,
        }

    return part_of("position", (entry(places) for places in ordered.of_cells(evidence)))


def _turned_by_one(values: Whole, figure: int, asked: Fraction, units: Keys) -> bool:
    """Tell whether a unit with unusually many rows alone decides that a value which many have is the quantile.

    Where more of its rows are not above than lie between the quantile and the next higher value, it tells of them that
    they are not above; and so below.

    Args:
        values: ascending.
        units: the unit of each value.
    """
    if isinstance(units, range) or not len(values):
        return False
    usual = usual_rows(units)
    place, last = asked * (len(values) - 1), len(values) - 1
    first, end = (int(np.searchsorted(values, figure, side=side)) for side in ("left", "right"))
    for there, distance, near in (
        (first > 0, place - first, slice(first, None)),
        (end <= last, end - 1 - place, slice(end)),
    ):
        most = _most_of_one(units, near) if there else 0
        if most > distance and is_unusual(most, usual):
            return True
    return False


def usual_rows(units: Whole) -> int:
    """Return how many rows at most half of the units have fewer than."""
    sizes = np.sort(rows_per_holder(units))
    return int(sizes[(len(sizes) - 1) // 2])


def is_unusual(rows: int, usual: int) -> bool:
    """Tell whether one unit has so many rows that a figure may be about it.

    Where everybody has some, as persons have jobs or months, one person counts for hardly more than another one.

    >>> is_unusual(3, 1), is_unusual(4, 1), is_unusual(12, 12)
    (False, True, False)
    """
    return rows > _UNUSUAL * usual


def rows_per_holder(holders: Whole) -> Whole:
    """Return how many rows each holder has: of numbers alone, which takes a fifth of adding up amounts in order."""
    ordered = np.sort(holders)
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return np.diff(starts, append=len(ordered))


def shared_figure(exact: Fraction, values: Whole, kinds: Sequence[Keys], minimum: int) -> Shown:
    """Return what may be shown of a quantile: the average of the values nearest to it, rounded.

    Taken are all values as far from the quantile, below and above, as the nearest of `minimum` units are, and further
    ones as long as one of them is more than three times as far as the others together, or one unit has most of the
    rows. Their average is rounded to the finest step of 1, 2, 5, 10, 20, 50, ... of the last decimal of which `minimum`
    are as long as these values lie apart; of which fewer are, where a unit has more of the rows than one in so many. So
    whoever knows all of them but one learns no more of that one than that it lies among them: the sum of so many values
    is known no better than that. The figure is also at most one step off the quantile itself, which a coarser step sees
    to where values are uneven around it. Halves go to the even multiple.

    With fewer units than the minimum nothing is shown, and nothing either at a step that is more than a quarter of the
    range of the values: so little of the quantile is left then that the figure would mislead.

    Args:
        values: ascending whole numbers.
        kinds: the unit of each value, and its further units, such as households.

    >>> shared_figure(Fraction(1234), np.array([1000, 1180, 1234, 1290, 1400]), [np.arange(5)], 3)
    Shown(figure=1250, step=50, width=110, alike=3)
    """
    minimum = max(minimum, 1)
    if not len(values) or least(kinds, slice(None)) < minimum:
        return NOTHING
    near = _nearest(exact, values, kinds, minimum)
    taken = values[near]
    most = _most_of_one(kinds[0], near)
    if _of_one(exact, taken) or _are_most(most, near):
        return NOTHING
    parts = minimum if most == 1 else min(minimum, len(taken) // most)
    lowest, highest = int(taken[0]), int(taken[-1])
    average, width = Fraction(added(taken), len(taken)), highest - lowest
    spread = int(values[-1]) - int(values[0])
    for step in _steps(8 * max(abs(lowest), abs(highest), abs(ceil(exact)), 1)):
        if step * parts < width:
            continue
        figure = round(average / step) * step
        if abs(figure - exact) > step:
            continue
        if 4 * step > spread and (width or figure != exact):
            break
        return Shown(figure, step, width, least(kinds, near))
    return NOTHING


def _nearest(exact: Fraction, values: Whole, kinds: Sequence[Keys], minimum: int) -> slice:
    """Return the places of the values that are as near to the quantile as the nearest of so many units are.

    More are taken where the average would be about one value: where the others are made equal, it would tell that one.
    """
    too_few, count = 0, minimum
    while least(kinds, found := _as_near(exact, values, count)) < minimum:
        too_few, count = count, min(2 * count, len(values))
    # Where units have several rows, more than `minimum` rows are looked at.
    while count - too_few > 1:
        middle = (too_few + count) // 2
        tried = _as_near(exact, values, middle)
        if least(kinds, tried) < minimum:
            too_few = middle
        else:
            count, found = middle, tried
    # Each turn more than trebles the sum of the distances, or takes twice as many rows, so that there are few.
    while (size := found.stop - found.start) < len(values):
        most = _most_of_one(kinds[0], found)
        if _are_most(most, found):
            found = _as_near(exact, values, min(2 * size, len(values)))
        elif _of_one(exact, values[found]):
            found = _as_near(exact, values, size + 1)
        else:
            break
    return found


def _most_of_one(keys: Keys, places: slice) -> int:
    """Return the most of these rows that one unit has."""
    if isinstance(keys, range):
        return 1
    return int(rows_per_holder(keys[places]).max(initial=1))


def _are_most(most: int, places: slice) -> bool:
    """Tell whether so many rows of one unit are more than half of these."""
    return most > 1 and 2 * most > places.stop - places.start


def _of_one(exact: Fraction, taken: Whole) -> bool:
    """Tell whether one value is more than three times as far from the quantile as all others of these together."""
    distances = np.abs(taken - float(exact))
    return bool(4 * distances.max() > 3 * distances.sum())


def _as_near(exact: Fraction, values: Whole, count: int) -> slice:
    """Return the places of all values that are at most as far from a quantile as its `count` nearest values."""
    middle = int(np.searchsorted(values, _whole(floor(exact)), side="right"))
    # In whole numbers of one part of the quantile's denominator, many times as fast as fractions and as exact.
    point, parts = exact.as_integer_ratio()

    def below(place: int) -> int:
        return point - parts * int(values[middle - 1 - place])

    def above(place: int) -> int:
        return parts * int(values[middle + place]) - point

    # How many of the nearest lie below, by halving: there the next one below is no nearer than the last one above.
    low, high = max(0, count - (len(values) - middle)), min(count, middle)
    while low < high:
        half = (low + high) // 2
        if below(half) < above(count - half - 1):
            low = half + 1
        else:
            high = half
    reach = max(below(low - 1) if low else 0, above(count - low - 1) if count > low else 0)
    lowest, highest = -((reach - point) // parts), (point + reach) // parts
    first = np.searchsorted(values, _whole(lowest), side="left")
    return slice(int(first), int(np.searchsorted(values, _whole(highest), side="right")))


def _whole(number: int) -> int:
    return min(max(number, _LOW), _HIGH)


def _steps(largest: int) -> Iterator[int]:
    power = 1
    while power <= largest:
        yield from (power, 2 * power, 5 * power)
        power *= 10
