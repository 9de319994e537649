"""Pairs of cells are counted the same at a place of their own and by sorting, and across two tables one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from disclosure.engines import overlap_counts
from disclosure.engines.overlap_pairs import Members, Pairs, members_of, pairs_across, pairs_of

CELLS = 9
"""Six of a table of three by two, and three of its margin."""
ABOVE = np.array([6, 6, 7, 7, 8, 8, 6, 7, 8])


def members(seed: int, *, valued: bool) -> tuple[Members, Members]:
    source = np.random.default_rng(seed)
    values = source.integers(-3, 4, 60) if valued else None
    fine = members_of(source.integers(0, 6, 60), source.integers(0, 20, 60), values, CELLS)
    return fine, members_of(ABOVE[fine.cell], fine.who, fine.totals, CELLS)


def rows_of(pairs: Pairs) -> dict[int, tuple[int, ...]]:
    columns = (pairs.keys, pairs.shared, pairs.removed, pairs.fewer, pairs.larger)
    return {row[0]: row[1:] for row in zip(*(one.tolist() for one in columns if one is not None), strict=True)}


def one_by_one(fine: Members, coarse: Members) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(lambda: [0] * (1 if fine.totals is None else 4))
    for left, who in enumerate(fine.who.tolist()):
        for right in np.flatnonzero(coarse.who == who).tolist():
            one, other = int(fine.cell[left]), int(coarse.cell[right])
            if ABOVE[one] == other or (coarse is fine and one >= other):
                continue
            row = found[min(one, other) * CELLS + max(one, other)]
            row[0] += 1
            if fine.totals is not None and coarse.totals is not None:
                a, b = int(fine.totals[left]), int(coarse.totals[right])
                row[1] += abs(a) + abs(b) - abs(a - b)
                row[2] += (a != 0) + (b != 0) - (a != b)
                row[3] += abs(a - b) > max(abs(a), abs(b))
    return {key: tuple(row) for key, row in found.items()}


@pytest.mark.parametrize("valued", [False, True])
@pytest.mark.parametrize("places", [0, overlap_counts.MOST_PLACES])
@pytest.mark.parametrize("at_once", [1, 1 << 18])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pairs_are_those_found_one_by_one(
    valued: bool, places: int, at_once: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlap_counts, "MOST_PLACES", places)
    monkeypatch.setattr(overlap_counts, "_AT_ONCE", at_once)
    fine, coarse = members(seed, valued=valued)
    within, across = rows_of(pairs_of(fine, CELLS)), rows_of(pairs_across(fine, coarse, ABOVE, CELLS))
    assert within
    assert across
    assert within == one_by_one(fine, fine)
    assert across == one_by_one(fine, coarse)
    assert list(across) == sorted(across)


def test_sums_beyond_64_bits_are_exact() -> None:
    huge: Any = np.array([2**70, 2**70 + 1, -1, 2**71], dtype=np.object_)
    found = pairs_of(members_of(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), huge, 2), 2)
    assert rows_of(found) == {1: (2, 2 * 2**70, 2, 1)}


def test_nobody_in_two_cells_makes_no_pair() -> None:
    for values in (None, np.array([5, 6])):
        found = pairs_of(members_of(np.array([0, 1]), np.array([0, 1]), values, 2), 2)
        assert rows_of(found) == {}
