"""Two outputs of a basket that are the same but for few units, as their rows tell.

Each was judged for itself. Together they show their difference: of two value columns that few units have otherwise, of
two outputs over rows that few units are in or out of. Measures of one call are judged together when they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from disclosure.engines.few_differ import few_differ
from disclosure.engines.rows_of import rows_of
from disclosure.model.recipes import LazySource, Recipe, Statistic
from disclosure.model.verdicts import Safe
from disclosure.notebook.camp import current_camp
from disclosure.notebook.one_call import INEXACT
from disclosure.notebook.output import Output
from disclosure.notebook.several_measures import recoded_rows
from disclosure.protection.undone_measures import PERCENTAGES, RATIOS, SIZED

Rows = Callable[[Output], pa.Table | None]
"""Returns the rows of an output, None if they are not at hand."""

_ONE, _OTHER = "first value", "second value"
_IN_BOTH: Final = "both"
_POSITION: Final = (Statistic.MEDIAN, Statistic.QUANTILE, Statistic.MODE)
"""Figures that few units more or fewer leave as they are."""
_SHOW_UNITS: Final = frozenset({Statistic.COUNT, *PERCENTAGES, *RATIOS, *SIZED}) - {Statistic.MODEL}
"""Figures that show of how many units they are, those without a value left out; of a model a formula says which."""


def rows_at_hand(out: Output) -> pa.Table | None:
    """Return the narrow frame of an output, read again if it is lazy; None outside a camp if it stayed where it is."""
    if out.narrow is not None:
        return out.narrow
    camp = current_camp()
    if camp is None or not isinstance(out.recipe.source, LazySource):
        return None
    return rows_of(out.recipe, camp.files)


def few_units_apart(one: Output, other: Output, rows: Rows = rows_at_hand) -> bool:
    """Tell whether two outputs that may both be published are the same, or a multiple, but for few units of a cell.

    Whatever they show, they are that if few units are in the rows of one and not in those of the other. The cells are
    those of the dimensions that both have. Of outputs without rows at hand, as of a file outside a camp, it tells
    nothing.

    Args:
        rows: returns the rows of an output; the same for the same output.
    """
    first, last = one.recipe, other.recipe
    if not (isinstance(one.verdict, Safe) and isinstance(other.verdict, Safe)) or not first.unit:
        return False
    if set(first.unit) != set(last.unit):
        return False
    found = rows(one), rows(other)
    if found[0] is None or found[1] is None:
        return False
    left, right = _frame(found[0], first), _frame(found[1], last)
    minimum = max(0 if each.table.trials is None else each.table.trials.minimum_units for each in (one, other))
    return _few_rows(left, right, first, last, minimum) or _few_values(left, right, first, last, minimum)


def _few_rows(left: pd.DataFrame, right: pd.DataFrame, one: Recipe, other: Recipe, minimum: int) -> bool:
    """Tell whether at least one unit of a cell, and fewer than the minimum, are in the rows of only one output."""
    statistics = (one.statistic, other.statistic)
    if set(statistics) & set(_POSITION):
        return False
    common = tuple(name for name in _shown(one) if name in _shown(other))
    keys = [*one.unit, *common]
    if set(statistics) <= _SHOW_UNITS:
        left, right = _with_values(left, one), _with_values(right, other)
    if len(left) == len(right) and left[keys].equals(right[keys]):
        return False
    a, b = (each[keys].drop_duplicates() for each in _joinable(left, right, keys))
    both = a.merge(b, on=keys, how="outer", indicator=_IN_BOTH)
    sides = both[_IN_BOTH].to_numpy()
    cell = both.groupby(list(common), dropna=False).ngroup().to_numpy() if common else np.zeros(len(both), np.int64)
    size = int(cell.max(initial=0)) + 1
    units = np.bincount(cell, minlength=size)
    less, more = (np.bincount(cell[sides == side], minlength=size) for side in ("left_only", "right_only"))
    apart = less + more
    few = (apart > 0) & (apart < minimum) & (units >= minimum) & (2 * apart <= units)
    if set(statistics) == {Statistic.COUNT}:
        # Of two counts, units that are only in one make up for those that are only in the other.
        few &= (less == 0) | (more == 0)
    return bool(few.any())


def _few_values(left: pd.DataFrame, right: pd.DataFrame, one: Recipe, other: Recipe, minimum: int) -> bool:
    """Tell whether few units of a cell have other values in one output than in the other."""
    if any(each.value is None or each.statistic in INEXACT or _design(each) for each in (one, other)):
        return False
    common = tuple(name for name in one.dimensions if name in other.dimensions)
    keys = [*one.unit, *common]
    a, b = _joinable(_valued(left, one, _ONE), _valued(right, other, _OTHER), keys)
    if len(a) == len(b) and a[keys].equals(b[keys]):
        both = a[[*keys, _ONE]].assign(**{_OTHER: b[_OTHER].to_numpy()})
    else:
        sums = [
            each.groupby(keys, dropna=False, sort=False)[name].sum(min_count=1).reset_index()
            for each, name in ((a, _ONE), (b, _OTHER))
        ]
        both = sums[0].merge(sums[1], on=keys, how="outer")
    if {one.statistic, other.statistic} != {Statistic.SUM}:
        # A zero is no value where the other has none: but for sums, who has one counts.
        for name, there in ((_ONE, _OTHER), (_OTHER, _ONE)):
            both[name] = both[name].mask((both[name] == 0) & both[there].isna(), 1.0)
    return bool(few_differ(both, one.unit, common, (_ONE, _OTHER), minimum, counted=False))


def _shown(recipe: Recipe) -> tuple[str, ...]:
    """Return the columns by which an output shows how many units there are."""
    if recipe.statistic not in RATIOS or recipe.value is None:
        return recipe.dimensions
    return tuple(dict.fromkeys((*recipe.dimensions, recipe.value, *recipe.others)))


def _design(recipe: Recipe) -> bool:
    return recipe.statistic.specification.is_design


def _frame(rows: pa.Table, recipe: Recipe) -> pd.DataFrame:
    """Return the rows as a recipe tabulates them."""
    frame = recoded_rows(rows.to_pandas(), recipe)
    kept = frame.dropna(subset=list(recipe.dimensions)) if recipe.dropna and recipe.dimensions else frame
    return kept.reset_index(drop=True)


def _with_values(frame: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Return the rows in which no column that the statistic reads is missing."""
    read = [name for name in (recipe.value, *recipe.others) if name is not None]
    return frame.dropna(subset=read).reset_index(drop=True) if read else frame


def _joinable(one: pd.DataFrame, other: pd.DataFrame, keys: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return two frames of which each key is of numbers in both, or of one type: that of texts where they differ."""

    def differ(name: str) -> bool:
        numbers = (pd.api.types.is_numeric_dtype(each[name]) for each in (one, other))
        return one[name].dtype != other[name].dtype and not all(numbers)

    names = [name for name in keys if differ(name)]
    if not names:
        return one, other
    first, last = (each.assign(**{name: each[name].astype("string") for name in names}) for each in (one, other))
    return first, last


def _valued(frame: pd.DataFrame, recipe: Recipe, name: str) -> pd.DataFrame:
    """Return rows with the unit, the dimensions and one column of numbers."""
    values = pd.to_numeric(frame[recipe.value], errors="coerce").astype(np.float64)
    return frame[[*recipe.unit, *recipe.dimensions]].assign(**{name: values.to_numpy()})
