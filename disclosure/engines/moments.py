"""Power sums about the mean, exactly, and how much of the highest each contributor holds.

Everything is multiplied by the number of rows n, so that a distance from the mean, ``n x value - total``, is whole.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from disclosure.engines.exact_sums import exact_dot, fits
from disclosure.engines.part_rows import added, contribution_entries, groups_of, part_of, per_holder, wide
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.model.evidence import Evidence
from disclosure.model.parts import MOST_CONTRIBUTORS, Part
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan
from disclosure.statistics.shape import POWERS

_NAMES = {2: "second", 3: "third", 4: "fourth"}
_SQUARES: Final = 2
_OPEN: Final = 1e-6


def shape_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, _plan: Plan) -> Part:
    """Return the part "shape": power sums up to the one that the statistic is about, and the largest contributors.

    A unit, or holding, contributes the sum over its rows of the distance from the mean to that power, without sign.
    """
    power = POWERS[recipe.statistic]

    def entry(places: npt.NDArray[np.intp]) -> dict[str, int]:
        return moments(rows.values[places], rows.holders_in(places), power)

    return part_of("shape", (entry(places) for places in rows.of_cells(evidence)))


def moments(values: Whole, holders: Whole, power: int) -> dict[str, int]:
    """Return the power sums about the mean of whole numbers, from the second to `power`, the others 0.

    >>> moments(np.array([1, 2, 6]), np.array([0, 1, 2]), 2)["second"]  # 9 x (4 + 1 + 9)
    126
    """
    sums = dict.fromkeys(_NAMES.values(), 0)
    if power == _SQUARES and len(values) and fits(values):
        return {"rows": len(values), **sums, **_squares(values, holders)}
    distances = wide(values, 2 * len(values)) * len(values) - added(values)
    sizes = raised = distances
    for exponent in range(2, power + 1):
        raised = _product(raised, distances)
        sums[_NAMES[exponent]] = added(raised)
    sizes = abs(raised)
    return {"rows": len(values), **sums, **contribution_entries(per_holder(holders, sizes))}


def _squares(values: Whole, holders: Whole) -> dict[str, int]:
    """Return the sum of the squares, and what contributors hold of it: exactly for those who may be the largest.

    With the mean as a whole number m and a rest r / n, a distance is ``n x (value - m) - r``, and ``value - m`` small.
    As floats, a distance from the mean errs by less than a part of n / 2**52 of it, and a sum of squares hardly more.
    """
    rows = len(values)
    mean, rest = divmod(added(values), rows)
    near = values - mean
    second = rows * rows * exact_dot(near, near) - rows * rest * rest
    groups = groups_of(holders)
    ends = np.append(groups.starts[1:], rows)
    about = np.add.reduceat((near[groups.order] - rest / rows) ** 2, groups.starts)
    sure = np.partition(about, -MOST_CONTRIBUTORS)[-MOST_CONTRIBUTORS] if len(about) > MOST_CONTRIBUTORS else 0.0
    largest = [
        sum((rows * one - rest) ** 2 for one in near[groups.order[groups.starts[place] : ends[place]]].tolist())
        for place in np.flatnonzero(about >= sure * (1 - _OPEN)).tolist()
    ]
    held = contribution_entries(np.array(largest, dtype=np.object_))
    return {_NAMES[_SQUARES]: second, **held, "absolute": second}


def _product(numbers: npt.NDArray[np.object_], others: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    largest = max((abs(int(one)) for one in (others.min(), others.max())), default=0) if len(others) else 0
    return np.asarray(wide(numbers, largest) * others)
