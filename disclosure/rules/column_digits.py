"""Digits of a column's own: those behind whole numbers that a codebook says the column has.

Where a few incomes have cents and the others have none, the cents of a total are those of the few. Of a column that
somebody made up they may be a message. Of one that a codebook describes they are what they are, and leave open which of
many amounts it is: the more, the farther the amounts of the cell lie apart.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from disclosure.model.codebooks import DEFAULT_DECIMALS
from disclosure.model.ends import Ends
from disclosure.model.evidence import Amount, Mask
from disclosure.rules.base import Judged

DIGITS = 2
"""So many digits the few may have more than the others; beyond that they are asked about all the same."""
_LEFT_OPEN = 20
"""So many steps of the others' amounts lie between the lowest and the highest one."""


def are_the_columns_own(judged: Judged, ends: Ends) -> Mask:
    """Return where the finest digits are two decimals of a described column, and leave open what the amount is.

    That the others have just two digits less is seen of the lowest and highest amounts.
    """
    mask = np.zeros(len(ends.numbers), dtype=np.bool_)
    column = judged.columns.get(judged.value or "")
    if column is None or column.decimals == DEFAULT_DECIMALS or judged.recipe.weight is not None:
        return mask
    # Decimals only: of tens among thousands it is not the column that says how fine they are.
    step = np.array([10 ** (int(zeros) + DIGITS) for zeros in ends.finest.tolist()], dtype=np.object_)
    decimals = np.asarray(step <= 10**judged.amounts.decimals, dtype=np.bool_)
    at_ends = (
        (ends.lowest, ends.n_lowest),
        (ends.next_lowest, ends.n_next_lowest),
        (ends.next_highest, ends.n_next_highest),
        (ends.highest, ends.n_highest),
    )
    fine = reduce(np.logical_or, [_just(amount, step) & (count > 0) for amount, count in at_ends], mask)
    wide = np.asarray(ends.highest - ends.lowest >= step * _LEFT_OPEN, dtype=np.bool_)
    return np.asarray(decimals & fine & wide, dtype=np.bool_)


def _just(amount: Amount, step: Amount) -> Mask:
    """Return where an amount is a multiple of a step and not of ten of them."""
    return np.asarray((amount % step == 0) & (amount % (step * 10) != 0), dtype=np.bool_)
