"""Exact sums and sums of products of many whole numbers, in 64 bits as far as they go.

Python's own integers are exact at any size, and fifty times as slow. Here a number is split into an upper and a lower
part, whose sums and products fit 64 bits, and only the few sums of parts are put together as Python's integers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]
"""Whole numbers: of 64 bits, or Python's own."""

_HALF = 31
_LIMIT = 2**62
_LOW = np.int64(2**32 - 1)


def fits(*columns: Numbers) -> bool:
    """Tell whether the product of the largest of each column, in size, stays clear of the bounds of 64 bits."""
    product = 1
    for column in columns:
        if column.dtype == np.object_:
            return False
        product *= max(-int(column.min()), int(column.max()), 1) if len(column) else 1
    return product < _LIMIT


def product(one: Numbers, other: Numbers) -> Numbers:
    """Return the exact products of two columns, of 64 bits if they all fit.

    >>> product(np.array([2**40, 3]), np.array([2**40, 3])).tolist()
    [1208925819614629174706176, 9]
    """
    if fits(one, other):
        return np.asarray(one * other)
    return np.asarray(one.astype(np.object_) * other)


def exact_sum(numbers: Numbers) -> int:
    """Return the exact sum of whole numbers.

    >>> exact_sum(np.array([2**62, 2**62, 2**62, -1]))
    13835058055282163711
    """
    if numbers.dtype == np.object_:
        return int(numbers.sum()) if len(numbers) else 0
    # The lower halves of up to 2**31 numbers add up to less than 2**63, and so do the upper ones.
    return (int((numbers >> 32).sum()) << 32) + int((numbers & _LOW).sum())


def exact_dot(one: Numbers, other: Numbers) -> int:
    """Return the exact sum of the products of two columns.

    >>> exact_dot(np.array([2**61, -1]), np.array([2**61, 5]))
    5316911983139663491615228241121378299
    """
    if fits(one, other):
        return exact_sum(one * other)
    if not (fits(one) and fits(other)):
        return exact_sum(one.astype(np.object_) * other)
    low = np.int64(2**_HALF - 1)
    total = 0
    for left, left_bits in ((one >> _HALF, _HALF), (one & low, 0)):
        for right, right_bits in ((other >> _HALF, _HALF), (other & low, 0)):
            total += exact_sum(left * right) << (left_bits + right_bits)
    return total
