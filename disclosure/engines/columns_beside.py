"""Columns that two outputs read and that are the same but for few units.

A model, a test or a curve shows what follows from all columns that it reads: one made with a duration, a group or a
regressor that a single unit has otherwise tells of this unit by the difference. Which cells such a figure is of nobody
can say, so all units that both outputs have are asked at once. Of weights it is asked of tables, too. A poverty rate
reads an amount, and is of who is below the line: that column is put beside those of the other.

Coefficients are to each other as the columns are. So of a model whose income is divided by somebody's, beside one of
income itself, the same is asked as of totals: whether the one is the other times or plus a value that few have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import numpy as np
import pandas as pd

from disclosure.engines.anothers_value import anothers_values
from disclosure.engines.joined import Joined
from disclosure.engines.placed import Mask, Numbers, Placed
from disclosure.engines.unit_rows import Whole
from disclosure.engines.values_beside import INEXACT
from disclosure.model.recipes import Statistic

_MOST_CATEGORIES: Final = 200
_BELOW: Final = "who is below the line"
_UNIT, _ONE, _OTHER = "unit", "first value", "second value"


def few_columns_apart(rows: Joined, minimum: int) -> bool:
    """Tell whether a column of one output differs from a column of the other for few of the units that both have.

    Few are at least one, fewer than the minimum, and at most half. Columns of categories are also the same where each
    category of one goes with one of the other.
    """
    one, other = rows.one, rows.other
    pairs = tuple(_pairs(one, other))
    if not pairs:
        return False
    units = rows.units[0][rows.left]
    size = int(units.max(initial=-1)) + 1
    there = int(np.count_nonzero(np.bincount(units, minlength=size)))
    columns = _columns(one), _columns(other)
    for left, right in pairs:
        own, theirs = columns[0][left][rows.left], columns[1][right][rows.right]
        for apart in (own != theirs, *_off_the_rule(own, theirs)):
            few = int(np.count_nonzero(np.bincount(units[apart], minlength=size)))
            if 0 < few < minimum and 2 * few <= there:
                return True
    return False


def another_ones_value(rows: Joined, minimum: int) -> bool:
    """Tell whether a column of one output is one of the other times or plus a value that few of the units have."""
    one, other = _numbers(rows.one), _numbers(rows.other)
    if not (_is_design(rows.one) or _is_design(rows.other)) or not len(rows.left):
        return False
    units = rows.units[0][rows.left]
    for own, there in product(one.values(), other.values()):
        both = pd.DataFrame({_UNIT: units, _ONE: own[rows.left], _OTHER: there[rows.right]}).dropna()
        if both[_ONE].equals(both[_OTHER]):
            continue
        each = both if rows.once else both.groupby(_UNIT, sort=False).mean().reset_index()
        if anothers_values(each, (_UNIT,), (), (_ONE, _OTHER), minimum):
            return True
    return False


def _is_design(side: Placed) -> bool:
    return side.recipe.statistic.specification.is_design


def _numbers(side: Placed) -> Mapping[str, Numbers]:
    """Return what units have in the columns that tell of it: of a table in its value."""
    if _is_design(side):
        return side.numbers
    if side.values is None or side.recipe.value is None or side.recipe.statistic in INEXACT:
        return {}
    return {side.recipe.value: side.values}


def _off_the_rule(own: Whole, theirs: Whole) -> Iterator[Mask]:
    """Yield who has another category than nearly all others of the same category of the other column, either way."""
    if 2 * int(np.count_nonzero(own == theirs)) >= len(own):
        return  # the same column: who differs is known
    coded = [np.unique(column, return_inverse=True)[1] for column in (own, theirs)]
    if any(not 1 < int(codes.max(initial=0)) + 1 <= _MOST_CATEGORIES for codes in coded):
        return
    for codes, there in (coded, coded[::-1]):
        counts = np.zeros((int(codes.max()) + 1, int(there.max()) + 1), dtype=np.int64)
        np.add.at(counts, (codes, there), 1)
        yield np.asarray(counts.argmax(axis=1)[codes] != there, dtype=np.bool_)


def _columns(side: Placed) -> dict[str, Whole]:
    """Return what an output reads, by the names of the columns, and of a poverty rate who is below the line."""
    below = {_BELOW: side.ones.astype(np.int64)} if side.recipe.statistic is Statistic.POVERTY_RATE else {}
    return {**side.read, **below}


def _pairs(one: Placed, other: Placed) -> Iterator[tuple[str, str]]:
    """Yield the columns to be put beside each other: all of them of designs, of tables the weights."""
    recipes = one.recipe, other.recipe
    if any(recipe.statistic.specification.is_design or recipe.others for recipe in recipes):
        yield from ((left, right) for left in _columns(one) for right in _columns(other))
    elif recipes[0].weight is not None and recipes[1].weight is not None:
        yield recipes[0].weight, recipes[1].weight
