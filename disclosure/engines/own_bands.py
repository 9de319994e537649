"""Cells that an option of the statistic makes: the bands into which it cuts each cell, one above the other.

A curve cuts a group by its times, a Lorenz curve by its points, a trimmed mean at both ends, S80/S20 at the quintiles,
a concentration ratio below the largest. Figures are shown of the bands, or follow for all up to one of them, or from
one of them on, so that each of these is a cell as good as one that somebody asked for.

Units stand in the bands by what they have in a cell all together. Of equal values at a cut, which are above it is
decided by the order of the units, as it would be in another output over the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.placed import CURVES, Numbers, Placed, renumbered
from disclosure.engines.unit_rows import Whole
from disclosure.model.distribution_options import largest, lorenz_points, times
from disclosure.model.recipes import Recipe, Statistic
from disclosure.statistics.trimmed_mean import trim

Cut = Callable[[Numbers, Numbers], Whole]
"""Returns the band of each of some ascending values, given with what they weigh."""
NOWHERE: Final = -1
CUT_BY_VALUE: Final = (Statistic.CONCENTRATION_RATIO, Statistic.TRIMMED_MEAN, Statistic.S80_S20, Statistic.LORENZ)
"""Statistics of a part of the units, as their values have it."""
_NEARLY: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Bands:
    """The cells of an output at some of its dimensions, each cut into bands.

    Attributes:
        codes: shape (cells, dimensions), `MARGIN` for a total.
        cell: of each entry the number of its cell.
        band: of each entry the band of its cell, from 0, or `NOWHERE`.
        size: how many bands a cell has.
        way: which units they are of: 0 for all, of a curve 1 for the censored and a number for each way to leave.
    """

    codes: npt.NDArray[np.int32]
    cell: Whole
    band: Whole
    size: int
    way: int = 0

    def __len__(self) -> int:
        return len(self.codes)


def plain_bands(side: Placed) -> tuple[Bands, ...]:
    """Return the cells and margins of an output as they are: of one band each."""
    found = []
    for pattern in side.patterns():
        cell, codes = side.cells(pattern)
        found.append(Bands(codes, cell, np.zeros(len(side), dtype=np.int64), 1))
    return tuple(found)


def own_bands(side: Placed) -> tuple[Bands, ...]:
    """Return the cells and margins of an output cut as its statistic cuts them; nothing where it cuts none.

    Of units that are placed by another key than that by which they are counted nobody can say in which band they are.
    """
    if side.values is None or side.weights is None or side.sizes is not None:
        return ()
    if side.recipe.statistic in CURVES:
        return tuple(_of_curve(side))
    if side.recipe.statistic not in CUT_BY_VALUE:
        return ()
    cut = _CUTS[side.recipe.statistic](side.recipe)
    return tuple(_of_values(side, pattern, cut) for pattern in side.patterns())


def _of_curve(side: Placed) -> Iterator[Bands]:
    """Yield the units of each group by when they leave: all of them, and those who leave in the same way."""
    steps = _steps(side)
    known = steps != NOWHERE
    if not known.any():
        return
    size = int(steps.max()) + 1
    ways = (known, known & side.zeros, known & side.ones, known & side.others)
    for pattern in side.patterns():
        cell, codes = side.cells(pattern)
        for way, of_way in enumerate(ways):
            if of_way.any():
                yield Bands(codes, cell, np.where(of_way, steps, NOWHERE), size, way)


def _steps(side: Placed) -> Whole:
    """Return the step of a curve at which each unit leaves, the last one for those who stay to the end."""
    durations = side.values if side.values is not None else np.zeros(0)
    asked, known = times(side.recipe), ~np.isnan(durations)
    until = np.inf if asked.until is None else float(asked.until)
    if asked.period is not None:
        # An interval includes its end, and the first one its beginning too.
        steps = np.maximum(np.ceil(np.round(durations / float(asked.period), 9)), 1.0)
    else:
        happened = np.unique(durations[known & ~side.zeros & (durations <= until)])
        steps = np.searchsorted(happened, durations, side="right").astype(np.float64)
    steps = np.where(durations > until, np.inf, steps)
    found = np.full(len(side), NOWHERE, dtype=np.int64)
    if known.any():
        found[known] = np.unique(steps[known], return_inverse=True)[1]
    return found


def _of_values(side: Placed, pattern: tuple[int, ...], cut: Cut) -> Bands:
    """Return the units of each cell by their values."""
    cell, codes = side.cells(pattern)
    known = np.flatnonzero(~np.isnan(side.values)) if side.values is not None else np.zeros(0, dtype=np.int64)
    band = np.full(len(side), NOWHERE, dtype=np.int64)
    if side.values is None or side.weights is None or not len(known):
        return Bands(codes, cell, band, 1)
    of = renumbered(cell[known] * (int(side.units.max()) + 1) + side.units[known])
    size = int(of.max()) + 1
    values: Numbers = np.bincount(of, weights=side.values[known], minlength=size).astype(np.float64)
    weights: Numbers = np.bincount(of, weights=side.weights[known], minlength=size).astype(np.float64)
    own = np.zeros(size, dtype=np.int64)
    own[of] = cell[known]
    order = np.lexsort((values, own))
    bands = np.zeros(size, dtype=np.int64)
    ends = np.cumsum(np.bincount(own, minlength=len(codes)))
    for start, end in zip(np.append(0, ends[:-1]).tolist(), ends.tolist(), strict=True):
        places = order[start:end]
        if len(places):
            bands[places] = cut(values[places], weights[places])
    band[known] = bands[of]
    return Bands(codes, cell, band, int(bands.max()) + 1)


def _by_largest(recipe: Recipe) -> Cut:
    number = largest(recipe)
    return lambda values, _: (np.arange(len(values)) >= len(values) - number).astype(np.int64)


def _by_trimming(recipe: Recipe) -> Cut:
    share = trim(recipe)

    def cut(values: Numbers, _: Numbers) -> Whole:
        n, place = len(values), np.arange(len(values))
        off = share.numerator * n // share.denominator
        return np.asarray((place >= off).astype(np.int64) + (place >= n - off))

    return cut


def _by_quintiles(_: Recipe) -> Cut:
    def cut(values: Numbers, weights: Numbers) -> Whole:
        low, high = (_quantile(values, weights, share) for share in (Fraction(1, 5), Fraction(4, 5)))
        return np.asarray((values > low).astype(np.int64) + (values > high))

    return cut


def _by_points(recipe: Recipe) -> Cut:
    points = np.array([float(point) / 100 for point in lorenz_points(recipe)])

    def cut(_: Numbers, weights: Numbers) -> Whole:
        up_to = np.cumsum(weights)
        found = np.searchsorted(points, up_to / max(up_to[-1], _NEARLY) - _NEARLY, side="left")
        return np.asarray(found, dtype=np.int64)

    return cut


def _quantile(values: Numbers, weights: Numbers, share: Fraction) -> float:
    """Return the weighted quantile of ascending values, averaged at ties, as S80/S20 takes it."""
    up_to = np.cumsum(weights)
    needed = float(share) * float(up_to[-1])
    near = _NEARLY * max(float(up_to[-1]), 1.0)
    low, high = (min(int(np.searchsorted(up_to, needed + by)), len(values) - 1) for by in (-near, near))
    return (float(values[low]) + float(values[high])) / 2


_CUTS: Final[Mapping[Statistic, Callable[[Recipe], Cut]]] = {
    Statistic.CONCENTRATION_RATIO: _by_largest,
    Statistic.TRIMMED_MEAN: _by_trimming,
    Statistic.S80_S20: _by_quintiles,
    Statistic.LORENZ: _by_points,
}
