"""Which rows and columns of a large table a page shows, those with failing cells first, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.model.cells import MARGIN

Keys = npt.NDArray[Any]


def chosen(every: Keys, flagged: Keys, most: int | None) -> Keys:
    """Return the keys of the lines that are shown, in their own order.

    Args:
        every: the keys of all lines, ascending, each once.
        flagged: the keys of failing cells, in any order and as often as there are such cells.
        most: how many lines are shown at most; None for all.

    >>> chosen(np.arange(6), np.array([4, 4]), 3).tolist()
    [0, 1, 4]
    """
    if most is None or len(every) <= most:
        return every
    first = np.unique(flagged)[:most]
    others = every[~np.isin(every, first)][: most - len(first)]
    return np.sort(np.concatenate([first, others]))


def moved(
    codes: npt.NDArray[np.int64], own: Sequence[str | None], ordered: Sequence[str | None]
) -> npt.NDArray[np.int64]:
    """Return codes as places in the same labels in another order; a total stays one."""
    at = {label: place for place, label in enumerate(ordered)}
    return np.array([*(at[label] for label in own), MARGIN], dtype=np.int64)[codes]
