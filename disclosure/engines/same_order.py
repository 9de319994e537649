"""Columns that put the rows in one order, so that a quantile of one is that of the other in another form.

A quantile is shown on a grid. Of a column, and of the same column with an amount added, the grid lies elsewhere in the
values, so that enough such columns tell the quantile itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

_SAME: Final = 0.9999
"""A correlation, of values or of ranks and of either sign, from which two columns are one in another form."""


def same_order(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return each two columns that are one in another form; what cannot be read as numbers is left out.

    >>> rows = pd.DataFrame({"income": [3.0, 9.0, 4.0, 7.0], "age": [30, 20, 50, 40]})
    >>> same_order(rows.assign(more=rows.income + 20), ["income", "age", "more"])
    (('income', 'more'),)
    """
    read = {name: pd.to_numeric(frame[name], errors="coerce").astype(np.float64) for name in columns}
    numbers = pd.DataFrame(read).replace([np.inf, -np.inf], np.nan)
    near = [each.corr().abs().to_numpy() >= _SAME for each in (numbers, numbers.rank())]
    pairs = combinations(range(len(columns)), 2)
    return tuple((columns[a], columns[b]) for a, b in pairs if any(each[a, b] for each in near))
