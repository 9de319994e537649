"""Two outputs of a basket that are the same but for few units, as their rows tell.

Each was judged for itself. Together they show their difference: of two value columns that few units have otherwise, of
two counts over rows that few units are in or out of. Measures of one call are judged together when they are made.
"""

from __future__ import annotations

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

_ONE, _OTHER = "first value", "second value"


def few_units_apart(one: Output, other: Output) -> bool:
    """Tell whether two outputs that may both be published are the same, or a multiple, but for few units of a cell.

    The cells are those of the dimensions that both have. Of outputs without rows at hand, as of a file outside a camp,
    it tells nothing.
    """
    first, last = one.recipe, other.recipe
    if not (isinstance(one.verdict, Safe) and isinstance(other.verdict, Safe)) or not first.unit:
        return False
    if set(first.unit) != set(last.unit) or not _compared(first, last):
        return False
    left, right = _rows(one), _rows(other)
    if left is None or right is None:
        return False
    common = tuple(name for name in first.dimensions if name in last.dimensions)
    keys = [*first.unit, *common]
    a, b = _valued(left, first, _ONE), _valued(right, last, _OTHER)
    if len(a) == len(b) and a[keys].equals(b[keys]):
        both = a[[*keys, _ONE]].assign(**{_OTHER: b[_OTHER].to_numpy()})
    else:
        sums = [
            each.groupby(keys, dropna=False, sort=False)[name].sum().reset_index()
            for each, name in ((a, _ONE), (b, _OTHER))
        ]
        both = sums[0].merge(sums[1], on=keys, how="outer")
    if first.value is None:
        # A unit counts once however many rows it has.
        both = both.assign(**{name: (both[name] > 0).astype(np.float64) for name in (_ONE, _OTHER)})
    minimum = max(0 if each.table.trials is None else each.table.trials.minimum_units for each in (one, other))
    return bool(few_differ(both, first.unit, common, (_ONE, _OTHER), minimum, counted=False))


def _compared(one: Recipe, other: Recipe) -> bool:
    if one.statistic is other.statistic is Statistic.COUNT:
        return True
    pair = (one, other)
    return all(each.value is not None and each.statistic not in INEXACT and not _design(each) for each in pair)


def _design(recipe: Recipe) -> bool:
    return recipe.statistic.specification.is_design


def _rows(out: Output) -> pa.Table | None:
    if out.narrow is not None:
        return out.narrow
    camp = current_camp()
    if camp is None or not isinstance(out.recipe.source, LazySource):
        return None
    return rows_of(out.recipe, camp.files)


def _valued(rows: pa.Table, recipe: Recipe, name: str) -> pd.DataFrame:
    """Return rows with the unit, the dimensions and one column of numbers."""
    frame = recoded_rows(rows.to_pandas(), recipe)
    if recipe.dropna and recipe.dimensions:
        frame = frame.dropna(subset=list(recipe.dimensions))
    values = 1.0 if recipe.value is None else pd.to_numeric(frame[recipe.value], errors="coerce").astype(np.float64)
    kept: pd.DataFrame = frame[[*recipe.unit, *recipe.dimensions]].reset_index(drop=True)
    return kept.assign(**{name: values if isinstance(values, float) else values.fillna(0.0).to_numpy()})
