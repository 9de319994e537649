"""Two outputs of values that are the same, a multiple, or the same plus an amount, but for few units."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from disclosure.engines.anothers_value import anothers_values
from disclosure.engines.few_differ import few_differ
from disclosure.engines.joined import Joined
from disclosure.engines.placed import Numbers, Placed
from disclosure.model.recipes import Recipe, Statistic

INEXACT: Final = (
    Statistic.COUNT,
    Statistic.ROW_PERCENT,
    Statistic.COLUMN_PERCENT,
    Statistic.TOTAL_PERCENT,
    Statistic.MEDIAN,
    Statistic.QUANTILE,
    Statistic.MODE,
)
"""Figures that are of no column, or that a change of few values leaves as they are."""
_UNIT, _ONE, _OTHER = "unit", "first value", "second value"


def few_values_apart(rows: Joined, minimum: int) -> bool:
    """Tell whether few units of a cell have other values in one of two outputs than in the other.

    The cells are those of the dimensions that both have. Of figures that few values leave as they are it says no.
    """
    one, other, numbers = rows.one, rows.other, rows.units
    recipes = one.recipe, other.recipe
    columns = [_values(side, beside) for side, beside in ((one, other.recipe), (other, one.recipe))]
    if columns[0] is None or columns[1] is None or any(_is_design(each) for each in recipes):
        return False
    if Statistic.RATE in {each.statistic for each in recipes} and not rows.alike(minimum):
        return False  # how many of a household are poor, beside how many households are, tells of neither
    common = tuple(name for name in one.dimensions if name in other.dimensions)
    a, b = (
        pd.DataFrame({_UNIT: units, name: column})
        for column, units, name in zip(columns, numbers, (_ONE, _OTHER), strict=True)
    )
    if len(a) == len(b) and numbers[0] is numbers[1] and np.array_equal(a[_ONE], b[_OTHER], equal_nan=True):
        return False
    cells = tuple(f"d{place}" for place in range(len(common)))
    for cell, name in zip(cells, common, strict=True):
        a[cell], b[cell] = joint_codes(one, other, name)
    keys = [_UNIT, *cells]
    if len(a) == len(b) and a[keys].equals(b[keys]):
        both = a.assign(**{_OTHER: b[_OTHER].to_numpy()})
    else:
        sums = [
            each.groupby(keys, dropna=False, sort=False)[name].sum(min_count=1).reset_index()
            for each, name in ((a, _ONE), (b, _OTHER))
        ]
        both = sums[0].merge(sums[1], on=keys, how="outer")
    kinds = {each.statistic for each in recipes}
    if Statistic.COUNT not in kinds and kinds != {Statistic.SUM}:
        # A zero is no value where the other has none: but for sums, who has one counts.
        for name, there in ((_ONE, _OTHER), (_OTHER, _ONE)):
            both[name] = both[name].mask((both[name] == 0) & both[there].isna(), 1.0)
    names = (_ONE, _OTHER)
    if few_differ(both, (_UNIT,), cells, names, minimum, counted=False):
        return True
    return Statistic.COUNT not in kinds and bool(anothers_values(both, (_UNIT,), cells, names, minimum))


def _values(side: Placed, beside: Recipe) -> Numbers | None:
    """Return the values of a side; of a count ones, beside a figure that follows from what each unit has."""
    recipe = side.recipe
    if recipe.statistic is Statistic.COUNT and recipe.weight is None:
        valued = beside.value is not None and beside.statistic not in (*INEXACT, Statistic.RATE)
        return np.ones(len(side), dtype=np.float64) if valued and side.sizes is None else None
    return None if recipe.statistic in INEXACT and recipe.weight is None else side.values


def _is_design(recipe: Recipe) -> bool:
    return recipe.statistic.specification.is_design


def joint_codes(one: Placed, other: Placed, name: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return a number per row for the labels of a dimension of both, the same for the same label."""
    into: dict[str | None, int] = {}
    found = []
    for side in (one, other):
        place = side.dimensions.index(name)
        numbers = np.array([into.setdefault(label, len(into)) for label in side.labels[place]] or [0], dtype=np.int64)
        found.append(numbers[side.codes[:, place]])
    return found[0], found[1]
