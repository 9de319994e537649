"""Sums and products of whole numbers are exact up to and beyond the bounds of 64 bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.engines.exact_sums import exact_dot, exact_sum, product

EDGES = [0, 1, -1, 2**31 - 1, 2**31, 2**32, -(2**32), 2**61, 2**62 - 1, 2**62, -(2**62), 2**63 - 1, -(2**63)]
WHOLE = st.one_of(st.sampled_from(EDGES), st.integers(-(2**63), 2**63 - 1))


@given(st.lists(st.tuples(WHOLE, WHOLE), max_size=12))
def test_python_agrees_on_whole_numbers_of_any_size(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in (0, 1))
    assert exact_sum(one) == sum(left for left, _ in pairs)
    assert exact_dot(one, other) == sum(left * right for left, right in pairs)
    assert product(one, other).tolist() == [left * right for left, right in pairs]


@pytest.mark.parametrize("edge", EDGES)
def test_many_numbers_at_the_bounds_add_up(edge: int) -> None:
    many = np.full(100_000, edge, dtype=np.int64)
    assert exact_sum(many) == 100_000 * edge
    assert exact_dot(many, many) == 100_000 * edge**2


def test_pythons_own_integers_are_taken_too() -> None:
    huge = np.array([2**100, -1], dtype=np.object_)
    assert (exact_sum(huge), exact_dot(huge, np.array([2, 3]))) == (2**100 - 1, 2**101 - 3)
    assert exact_sum(np.array([], dtype=np.object_)) == exact_dot(np.array([], dtype=np.int64), huge[:0]) == 0
