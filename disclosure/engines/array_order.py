"""Whole numbers in ascending order, and those beyond the bound of their place, with as few passes as it takes.

An order is found by sorting each number together with where it stands: faster than comparing by places.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]
Places = npt.NDArray[np.intp]

_SAMPLED = 256
_WORD = 8
_SPARSE = 32
_FEW = 4
"""If more than one number in so many passes the easiest bound, each is compared with its own at once."""


def in_order(numbers: Numbers, below: int) -> tuple[Places, Numbers]:
    """Return where the numbers stand in ascending order, equal ones in the order they have, and them in that order.

    Args:
        numbers: whole numbers from 0.
        below: all numbers are smaller than that.
    """
    bits, of_numbers = max(len(numbers) - 1, 1).bit_length(), below.bit_length()
    if bits + of_numbers > 64:
        order = np.argsort(numbers, kind="stable")
        return order, numbers[order]
    # Half as wide is sorted more than twice as fast.
    kind: Any = np.uint32 if bits + of_numbers <= 32 else np.uint64
    packed = numbers.astype(kind)
    packed <<= kind(bits)
    packed |= np.arange(len(numbers), dtype=kind)
    packed.sort()
    order = (packed & kind((1 << bits) - 1)).astype(np.intp)
    packed >>= kind(bits)
    return order, packed


def passing(numbers: Numbers, places: Places, bounds: Numbers, passes: np.ufunc) -> Places:
    """Return which numbers pass the bound of their place, ascending.

    Args:
        numbers: one at each place.
        bounds: by place.
        passes: `np.greater` or `np.greater_equal`, `np.less` or `np.less_equal`: of a number and its bound.
    """
    easiest = bounds.min() if passes in (np.greater, np.greater_equal) else bounds.max()
    if len(numbers) > _SAMPLED:
        sample = numbers[:: len(numbers) // _SAMPLED]
        if _FEW * np.count_nonzero(passes(sample, easiest)) < len(sample):
            some = _where(passes(numbers, easiest))
            own: Places = some[passes(numbers[some], bounds[places[some]])]
            return own
    return _where(passes(numbers, np.take(bounds, places)))


def _where(mask: npt.NDArray[np.bool_]) -> Places:
    """Return where a mask holds, eight at a time: where it hardly ever does that is many times as fast."""
    whole = len(mask) // _WORD * _WORD
    words = np.flatnonzero(mask[:whole].view(np.uint64))
    if _SPARSE * len(words) > len(mask):
        return np.flatnonzero(mask)
    near = np.append((words[:, None] * _WORD + np.arange(_WORD)).ravel(), np.arange(whole, len(mask)))
    return near[mask[near]]
