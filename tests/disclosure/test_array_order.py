"""Orders are those of a stable sort; what passes the bound of its place is what a comparison one by one finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from disclosure.engines.array_order import in_order, passing

ROWS = [0, 1, 2, 300, 70_000]


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("below", [1, 7, 2**16, 2**31, 2**46, 2**62])
def test_an_order_is_that_of_a_stable_sort(rows: int, below: int) -> None:
    numbers = np.random.default_rng(rows).integers(max(0, below - 40), below, rows)
    order, ordered = in_order(numbers, below)
    assert np.array_equal(order, np.argsort(numbers, kind="stable"))
    assert np.array_equal(ordered.astype(np.int64), np.sort(numbers))


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.uint64])
def test_numbers_of_any_width_are_put_in_order(kind: type) -> None:
    numbers: npt.NDArray[Any] = np.array([5, 0, 5, 2], dtype=kind)
    order, ordered = in_order(numbers, 6)
    assert order.tolist() == [1, 3, 0, 2]
    assert ordered.tolist() == [0, 2, 5, 5]


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("passes", [np.greater, np.greater_equal, np.less, np.less_equal])
@pytest.mark.parametrize("bound", [0, 3, 500, 990, 1000])
def test_what_passes_is_what_is_beyond_its_own_bound(rows: int, passes: np.ufunc, bound: int) -> None:
    """Bounds that few, some, and nearly all numbers pass."""
    source = np.random.default_rng(rows)
    numbers, places = source.integers(0, 1_000, rows), source.integers(0, 9, rows)
    bounds = np.clip(source.integers(bound - 5, bound + 5, 9), 0, 1_000)
    found = passing(numbers, places, bounds, passes)
    assert found.tolist() == [row for row in range(rows) if passes(numbers[row], bounds[places[row]])]


def test_a_place_where_nothing_is_kept_yet_lets_everything_pass() -> None:
    numbers, places = np.arange(5_000), np.arange(5_000) % 3
    bounds = np.array([4_990, np.iinfo(np.int64).min, 4_990])
    found = passing(numbers, places, bounds, np.greater)
    assert set(found.tolist()) == {row for row in range(5_000) if row % 3 == 1 or row > 4_990}
