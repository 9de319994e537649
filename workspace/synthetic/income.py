"""What a household has to spend, against two lines: the thresholds, and the ratio to the policy minimum, calibrated.

First the ratio to the policy minimum is settled for each household and year, then what everybody earns or receives is
derived from it. Who is on assistance for a whole year has an income around the minimum; who is for part of it, partly;
all others are ranked by their standing, and the rank is turned into a ratio such that in the reference year as many
households lie below the limits as the targets say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workspace.synthetic.base import Base
from workspace.synthetic.households import Flags, Floats, Ints
from workspace.synthetic.standing import WEALTHY
from workspace.synthetic.window import YEARS

# Equivalence factors by adults (rows, from one) and children (columns, from none).
FACTORS = np.array(
    (
        (1.00, 1.33, 1.51, 1.76, 1.95),
        (1.37, 1.67, 1.88, 2.06, 2.28),
        (1.73, 1.95, 2.14, 2.32, 2.49),
    )
)
_ADULT_MORE = 0.25
_CHILD_MORE = 0.17
# The low-income threshold of one person a year in euros in 2022: 1,100 a month in 2020, with two years of prices.
THRESHOLD = 14_700.0
# The policy minimum is set for couples, single parents and people alone, and hardly rises with children.
_MINIMUM_ALONE = 13_700.0
_MINIMUM_COUPLE = 19_400.0
_MINIMUM_PER_CHILD = 1_900.0
_PRICES = {2018: 0.861, 2019: 0.884, 2020: 0.898, 2021: 0.922, 2022: 1.0}
_YEARLY = 1.022
# Bounds of the income on assistance, in percent of the policy minimum.
_ON_ASSISTANCE = (93.0, 107.0)
_LEAST = 30.0
_LOW_SHAPE = 0.25
_SPREAD, _TAIL = 0.56, 0.78
_PENSION = 100.6


@dataclass(frozen=True, slots=True)
class Ratios:
    """Per household and year: income in percent of the policy minimum, and the euros that are 100% of either line.

    `minimum` is the policy minimum of the household; `line` the low-income threshold times its equivalence factor;
    `factor` that factor; `low_families` how many families lie below the limit in the reference year.
    """

    of_minimum: Floats
    minimum: Floats
    line: Floats
    factor: Floats
    low_families: int


def equivalence(adults: Ints, children: Ints) -> Floats:
    """Return the equivalence factors of households of one adult or more.

    >>> equivalence(np.array([1, 2]), np.array([2, 2])).tolist()
    [1.51, 1.88]
    """
    rows, columns = FACTORS.shape
    row, column = np.clip(adults, 1, rows) - 1, np.minimum(children, columns - 1)
    more = _ADULT_MORE * np.maximum(adults - rows, 0) + _CHILD_MORE * np.maximum(children - columns + 1, 0)
    return np.asarray(FACTORS[row, column] + more, dtype=np.float64)


def prices(year: int) -> float:
    """Return the level of both lines in a year against 2022; before 2018 and after 2022 by a steady rate.

    >>> prices(2022)
    1.0
    """
    if year in _PRICES:
        return _PRICES[year]
    near = 2018 if year < 2018 else 2022
    return float(_PRICES[near] * _YEARLY ** (year - near))


def draw_ratios(rng: np.random.Generator, base: Base, assisted: Ints) -> Ratios:
    """Return the ratios of all households; `assisted` are months on assistance per household and year."""
    standing, window, counted = base.standing, base.window, base.counted
    level = np.array([prices(year) for year in window.years])
    adults, minors = np.maximum(standing.adults, 1), standing.minors
    factor = equivalence(adults, minors)
    minimum = np.where(adults > 1, _MINIMUM_COUPLE, _MINIMUM_ALONE) + _MINIMUM_PER_CHILD * minors
    minimum, line = minimum * level, THRESHOLD * level * factor

    ratio = _on_assistance(rng, assisted)
    free = assisted == 0
    last = YEARS - 1
    families = standing.families
    low = round(base.scaled(base.targets.low_households))
    low_families = _low_families(base, ratio[:, last], free[:, last], minimum[:, last] / line[:, last])
    band_families = round(base.scaled(base.targets.band_families))
    band_others = round(base.scaled(base.targets.band_households)) - band_families
    for group, wanted, band in ((families, low_families, band_families), (~families, low - low_families, band_others)):
        chosen = group[:, last] & counted
        curve = _curve(base, ratio[:, last], free[:, last], chosen, wanted, band)
        rows = free & group
        ratio[rows] = curve.of(standing.level[rows])
    poor_pensioner = free & standing.pensioner & (ratio < _PENSION)
    ratio[poor_pensioner] = _PENSION + 8 * rng.random(int(poor_pensioner.sum()))
    _enrich(rng, base, free, ratio)
    return Ratios(ratio, minimum, line, factor, low_families)


@dataclass(frozen=True, slots=True)
class _Curve:
    """From standing to ratio: through the ranks of those counted, with fixed shares below the limit and in the band."""

    standing: Floats
    low: float
    band: float
    low_limit: float
    band_limit: float

    def of(self, level: Floats) -> Floats:
        rank = (np.searchsorted(self.standing, level) + 0.5) / max(len(self.standing), 1)
        rank = np.minimum(rank, 1 - 0.5 / max(len(self.standing), 1))
        below = self.low_limit * (rank / max(self.low, 1e-9)) ** _LOW_SHAPE
        between = self.low_limit + (self.band_limit - self.low_limit) * (rank - self.low) / max(self.band, 1e-9)
        top = self.low + self.band
        above = self.band_limit * np.exp(
            _SPREAD * (-np.log(np.clip(1 - (rank - top) / max(1 - top, 1e-9), 1e-9, 1))) ** _TAIL
        )
        found = np.select([rank < self.low, rank < top], [below, between], above)
        return np.asarray(np.maximum(found, _LEAST), dtype=np.float64)


def _curve(base: Base, ratio: Floats, free: Flags, chosen: Flags, low: int, band: int) -> _Curve:
    """Return the curve with which `low` of those chosen lie at or below the limit and `band` in the band above it."""
    targets, touched = base.targets, ratio[chosen & ~free]
    ranked = np.sort(base.standing.level[chosen & free, -1])
    below = (touched <= targets.low_limit).sum()
    between = (touched <= targets.band_limit).sum() - below
    size = max(len(ranked), 1)
    return _Curve(
        ranked,
        float(np.clip((low - below) / size, 0, 0.9)),
        float(np.clip((band - between) / size, 0, 0.09)),
        targets.low_limit,
        targets.band_limit,
    )


def _low_families(base: Base, ratio: Floats, free: Flags, share: Floats) -> int:
    """Return how many families must lie below the limit for the target of poor children, by halving.

    `ratio` and `free` are of the last year; `share` is the policy minimum against the low-income threshold.
    """
    chosen = base.standing.families[:, -1] & base.counted
    level, minors = base.standing.level[chosen, -1], base.standing.minors[chosen, -1]
    wanted, band = base.scaled(base.targets.poor_children), round(base.scaled(base.targets.band_families))
    lowest, highest = 0, int(min(chosen.sum(), base.scaled(base.targets.low_households)))
    while highest - lowest > 1:
        middle = (lowest + highest) // 2
        curve = _curve(base, ratio, free, chosen, middle, band)
        drawn = np.where(free[chosen], curve.of(level), ratio[chosen])
        poor = minors[drawn * share[chosen] < 100].sum()
        lowest, highest = (middle, highest) if poor < wanted else (lowest, middle)
    return highest


def _on_assistance(rng: np.random.Generator, assisted: Ints) -> Floats:
    """Return the ratio of those on assistance, for the months of the year that they are; 0 for those who are not."""
    count = len(assisted)
    low, high = _ON_ASSISTANCE
    own = low + (high - low) * rng.random(count)[:, None] + rng.uniform(-1.0, 1.0, assisted.shape)
    working = np.clip(rng.lognormal(np.log(126), 0.20, count), 88, 240)[:, None]
    part = assisted / 12
    return np.where(assisted > 0, part * own + (1 - part) * working, 0.0)


def _enrich(rng: np.random.Generator, base: Base, free: Flags, ratio: Floats) -> None:
    """Give a few households in prosperous wijken a very large income, and one in each wijk of villas the largest."""
    households, standing, targets, count = base.households, base.standing, base.targets, len(ratio)
    rich = (standing.livelihood == WEALTHY) & (rng.random(count) < np.where(households.poverty < 0.1, 0.35, 0.03))
    amount = 900.0 * (1 + rng.pareto(1.3, count))
    codes = np.array([wijk.code for wijk in households.places])[households.wijk]
    for code in targets.municipality.villas:
        first = np.flatnonzero((codes == code) & free.all(axis=1) & ~standing.families.any(axis=1))[:1]
        rich[first] = True
        amount[first] = 40_000.0 * (1 + rng.random(len(first)))
    above = free & rich[:, None] & (ratio > targets.band_limit)
    ratio[above] = np.broadcast_to(np.minimum(amount, 90_000.0)[:, None], ratio.shape)[above]
