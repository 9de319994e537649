"""Power sums about the mean, exactly, and how much of the highest each contributor holds.

Everything is multiplied by the number of rows n, so that a distance from the mean, ``n x value - total``, is whole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from disclosure.engines.part_rows import added, contribution_entries, part_of, per_holder, wide
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan
from disclosure.statistics.shape import POWERS

_NAMES = {2: "second", 3: "third", 4: "fourth"}


def shape_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, _plan: Plan) -> Part:
    """Return the part "shape": power sums up to the one that the statistic is about, and the largest contributors.

    A unit, or holding, contributes the sum over its rows of the distance from the mean to that power, without sign.
    """
    power = POWERS[recipe.statistic]

    def entry(places: npt.NDArray[np.intp]) -> dict[str, int]:
        return moments(rows.values[places], rows.holders[places], power)

    return part_of("shape", (entry(places) for places in rows.of_cells(evidence)))


def moments(values: Whole, holders: Whole, power: int) -> dict[str, int]:
    """Return the power sums about the mean of whole numbers, from the second to `power`, the others 0.

    >>> moments(np.array([1, 2, 6]), np.array([0, 1, 2]), 2)["second"]  # 9 x (4 + 1 + 9)
    126
    """
    sums = dict.fromkeys(_NAMES.values(), 0)
    distances = wide(values, 2 * len(values)) * len(values) - added(values)
    sizes = raised = distances
    for exponent in range(2, power + 1):
        raised = _product(raised, distances)
        sums[_NAMES[exponent]] = added(raised)
    sizes = abs(raised)
    return {"rows": len(values), **sums, **contribution_entries(per_holder(holders, sizes))}


def _product(numbers: npt.NDArray[np.object_], others: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    largest = max((abs(int(one)) for one in (others.min(), others.max())), default=0) if len(others) else 0
    return np.asarray(wide(numbers, largest) * others)
