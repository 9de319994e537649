"""Figures in a few classes of colour, with bounds that are round numbers."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise
from typing import Final

from disclosure.render.figures.words import number
from disclosure.texts import text

MOST: Final = 5
_CROWDED: Final = 0.6
_FEW: Final = 10


@dataclass(frozen=True)
class Classes:
    """Classes by their bounds: each holds what is at least its lower bound and below its upper one; the last, both."""

    bounds: tuple[Decimal, ...]

    def __len__(self) -> int:
        return max(1, len(self.bounds) - 1)

    def of(self, figure: str) -> int:
        """Return the class that a figure is in."""
        return min(max(bisect_right(self.bounds, Decimal(figure)) - 1, 0), len(self) - 1)

    def texts(self) -> tuple[str, ...]:
        """Return the names of the classes in the reader's language."""
        written = [number(format(bound.normalize(), "f")) for bound in self.bounds]
        if len(written) == 1:
            return (written[0],)
        return tuple(str(text("{low} to {high}", low=low, high=high)) for low, high in pairwise(written))


def classes_of(figures: Sequence[str]) -> Classes:
    """Return at most five classes for published figures.

    They are equally wide; where one would hold most of the figures, they hold about equally many instead. Only
    published figures have a say in the bounds.
    """
    values = sorted(Decimal(figure) for figure in figures)
    low, high = values[0], values[-1]
    if low == high:
        return Classes((low,))
    equal = Classes(_equal(low, high))
    sizes = [0] * len(equal)
    for value in values:
        sizes[equal.of(str(value))] += 1
    if len(values) >= _FEW and max(sizes) > _CROWDED * len(values):
        return Classes(_crowded(values))
    return equal


def _equal(low: Decimal, high: Decimal) -> tuple[Decimal, ...]:
    magnitude = Decimal(1).scaleb(((high - low) / MOST).adjusted())
    for factor in ("1", "2", "2.5", "5", "10", "20"):
        step = magnitude * Decimal(factor)
        first, last = math.floor(low / step), math.ceil(high / step)
        if last - first <= MOST:
            return tuple(step * place for place in range(first, last + 1))
    return (low, high)


def _crowded(values: Sequence[Decimal]) -> tuple[Decimal, ...]:
    round_to = Context(prec=2, rounding=ROUND_HALF_EVEN)
    inner = {round_to.plus(values[len(values) * part // MOST]) for part in range(1, MOST)}
    bounds = sorted(bound for bound in inner if values[0] < bound < values[-1])
    return (_outward(values[0], up=False), *bounds, _outward(values[-1], up=True))


def _outward(value: Decimal, *, up: bool) -> Decimal:
    """Return the nearest number of two digits that is not inside the range."""
    unit = Decimal(1).scaleb(value.adjusted() - 1) if value else Decimal(1)
    return (math.ceil if up else math.floor)(value / unit) * unit
