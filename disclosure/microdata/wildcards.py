"""Keys with missing values: a missing value matches every category.

A record whose age is missing may be of any age, so it counts, times `alpha`, among those of every age that agree on
the rest; and those with a known key count in full among those that it may be. A record of which every key variable is
missing may be anybody: it is given everybody. It counts among keys that miss something, and not among whole ones
unless there is one key variable only. So it is defined in sdcMicro, which these figures are compared with.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from disclosure.errors import DataError
from disclosure.microdata.coding import MISSING, Coded, Codes, grouped
from disclosure.model.microdata import Numbers, Places
from disclosure.texts import text

_MOST_PATTERNS = 2000


def matched(keys: Codes, amounts: Numbers, alpha: float) -> Numbers:
    """Return for each key what the keys that match it come to, itself included.

    Args:
        keys: different keys, shape (keys, variables), `MISSING` where a value is missing.
        amounts: what counts of each, shape (keys, measures).
        alpha: how much a match with a key that has missing values counts.

    Returns:
        Shape (keys, measures).

    Raises:
        DataError: values are missing in so many ways that they cannot be compared.
    """
    missing = keys == MISSING
    members, masks = _patterns(missing)
    found = amounts.copy()
    single = keys.shape[1] == 1
    for one, mask in enumerate(masks):
        for other in range(one + 1, len(masks)):
            shared = np.flatnonzero(~(mask | masks[other]))
            ours, theirs = members[one], members[other]
            to_ours, to_theirs = _across(keys, amounts, shared, ours, theirs)
            # Only the first pattern can be that of whole keys: patterns are sorted.
            whole, nothing_known = not mask.any(), bool(masks[other].all())
            found[ours] += to_ours * (0.0 if whole and nothing_known and not single else alpha)
            found[theirs] += to_theirs * (1.0 if whole else alpha)
    found[missing.all(axis=1)] = amounts.sum(axis=0)
    return found


def _patterns(missing: np.ndarray) -> tuple[list[Places], list[np.ndarray]]:
    """Return the places of the keys with each pattern of missing values, and the patterns, whole keys first."""
    bits = missing @ (np.int64(1) << np.arange(missing.shape[1], dtype=np.int64))
    order = np.argsort(bits, kind="stable")
    starts = np.flatnonzero(np.diff(bits[order], prepend=-1))
    if len(starts) > _MOST_PATTERNS:
        raise DataError(
            text("The key variables are missing in too many combinations to be compared."),
            hint=text("Name fewer key variables."),
        )
    members = np.split(order, starts[1:])
    return members, [missing[places[0]] for places in members]


def _across(
    keys: Codes, amounts: Numbers, shared: Sequence[int] | Places, ours: Places, theirs: Places
) -> tuple[Numbers, Numbers]:
    """Return for the keys of either pattern what those of the other come to that agree on the shared variables."""
    if len(shared) == 0:
        return (
            np.broadcast_to(amounts[theirs].sum(axis=0), (len(ours), amounts.shape[1])),
            np.broadcast_to(amounts[ours].sum(axis=0), (len(theirs), amounts.shape[1])),
        )
    both = np.concatenate([ours, theirs])
    columns = [Coded("", keys[both, one], int(keys[both, one].max()) + 1) for one in shared]
    groups = grouped(columns)
    left, right = groups.number[: len(ours)], groups.number[len(ours) :]
    return _sums(amounts[theirs], right, groups.count)[left], _sums(amounts[ours], left, groups.count)[right]


def _sums(amounts: Numbers, number: Places, count: int) -> Numbers:
    return np.stack(
        [np.bincount(number, weights=amounts[:, one], minlength=count) for one in range(amounts.shape[1])], axis=1
    )
