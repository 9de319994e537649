"""Three outputs of values of which one is the sum of the others but for few units, so that their totals tell of these.

Income beside wages and benefits is what few have besides. In one call of three columns this is asked when it is made;
here of totals and means that were made by themselves, by the dimensions that all three have. Only three columns are
looked at of which one is the sum of the others for half of the units at least: few are not found where it is one in a
single category only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from disclosure.engines.few_differ import SIGNS, few_differ
from disclosure.engines.placed import Numbers, Placed, units_of_all
from disclosure.engines.unit_rows import Whole
from disclosure.model.recipes import Statistic

_ADDED_UP: Final = (Statistic.SUM, Statistic.MEAN, Statistic.SHARE)
_UNIT: Final = "unit"
_NEARLY: Final = 1e-9


def three_values(sides: Mapping[str, Placed], minimum: int, *, among: str | None = None) -> Iterator[tuple[str, ...]]:
    """Yield the names of each three outputs of which a value is the sum of the two others but for few units.

    Args:
        sides: name to who stands where in the output.
        minimum: the fewest units that are not few.
        among: the name of an output that is one of the three; all are asked about if there is none.
    """
    known = {name: one for name, one in sides.items() if one.recipe.statistic in _ADDED_UP and one.sizes is None}
    for unit, weight in dict.fromkeys((one.unit, one.recipe.weight) for one in known.values()):
        own = {name: one for name, one in known.items() if (one.unit, one.recipe.weight) == (unit, weight)}
        if len(own) < 3 or not (among is None or among in own):
            continue
        numbers = dict(zip(own, units_of_all(list(own.values())), strict=True))
        size = max(int(each.max(initial=-1)) for each in numbers.values()) + 1
        totals = {name: _totals(one, numbers[name], size) for name, one in own.items()}
        for names in combinations(own, 3):
            if among is not None and among not in names:
                continue
            if _mostly_add_up([totals[name] for name in names]) and _few(
                [own[name] for name in names], [numbers[name] for name in names], minimum
            ):
                yield names


def _totals(side: Placed, numbers: Whole, size: int) -> Numbers:
    """Return what each unit has in all."""
    return np.asarray(np.bincount(numbers, weights=_values(side), minlength=size), dtype=np.float64)


def _values(side: Placed) -> Numbers:
    values = side.values if side.weighted is None else side.weighted
    return np.zeros(len(side)) if values is None else np.nan_to_num(values)


def _mostly_add_up(columns: list[Numbers]) -> bool:
    """Tell whether one column is the sum of the others for at least half of those who have something in two."""
    sizes = [np.abs(column) for column in columns]
    there = np.sum([size > 0 for size in sizes], axis=0) >= 2
    scale = np.sum(sizes, axis=0)[there]
    if not len(scale):
        return False
    apart = (abs(sum(sign * one[there] for sign, one in zip(signs, columns, strict=True))) for signs in SIGNS)
    return any(2 * int(np.count_nonzero(one <= _NEARLY * scale)) >= len(scale) for one in apart)


def _few(sides: list[Placed], numbers: list[Whole], minimum: int) -> bool:
    """Tell whether it is so but for few units of some cell by the dimensions that all have."""
    dimensions = [name for name in sides[0].dimensions if all(name in one.dimensions for one in sides)]
    codes: dict[str, dict[str | None, int]] = {name: {} for name in dimensions}
    keys, values = [_UNIT, *(f"d{place}" for place in range(len(dimensions)))], ("0", "1", "2")
    frames = []
    for value, one, units in zip(values, sides, numbers, strict=True):
        columns = {_UNIT: units, value: _values(one)}
        for place, name in enumerate(dimensions):
            own = one.dimensions.index(name)
            into = codes[name]
            labels = np.array([into.setdefault(label, len(into)) for label in one.labels[own]] or [0], dtype=np.int64)
            columns[f"d{place}"] = labels[one.codes[:, own]]
        frames.append(pd.DataFrame(columns).groupby(keys, sort=False)[value].sum().reset_index())
    joint = reduce(lambda left, right: left.merge(right, on=keys, how="outer"), frames)
    return any(len(found) == 3 for found in few_differ(joint, (_UNIT,), keys[1:], values, minimum, counted=False))
