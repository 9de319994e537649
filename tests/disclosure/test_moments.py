"""Power sums about the mean, and what contributors hold of the highest, are those of the plain definition exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.engines.moments import moments
from disclosure.model.parts import MOST_CONTRIBUTORS

SCALES = st.sampled_from((1, 1_000, 10**6, 10**12, 4 * 10**17, 2**62))


def plain(values: list[int], holders: list[int], power: int) -> dict[str, int]:
    rows, total = len(values), sum(values)
    distances = [rows * value - total for value in values]
    sums = [sum(one**exponent for one in distances) if exponent <= power else 0 for exponent in (2, 3, 4)]
    held: dict[int, int] = {}
    for holder, one in zip(holders, distances, strict=True):
        held[holder] = held.get(holder, 0) + abs(one**power)
    largest = sorted([*held.values(), *[0] * MOST_CONTRIBUTORS], reverse=True)[:MOST_CONTRIBUTORS]
    return {
        "rows": rows,
        **dict(zip(("second", "third", "fourth"), sums, strict=True)),
        "absolute": sum(held.values()),
        **{f"largest_{place}": one for place, one in enumerate(largest, 1)},
    }


@pytest.mark.parametrize("power", [2, 3, 4])
@given(data=st.data(), scale=SCALES)
def test_moments_are_those_of_the_definition(power: int, data: st.DataObject, scale: int) -> None:
    values = data.draw(st.lists(st.integers(-scale, scale), min_size=1, max_size=12))
    holders = [data.draw(st.integers(0, 9)) for _ in values]
    assert moments(np.array(values), np.array(holders), power) == plain(values, holders, power)


@pytest.mark.parametrize("apart", [1, 2])
def test_contributors_that_are_nearly_equal_are_told_apart_exactly(apart: int) -> None:
    """Their squares agree in more digits than a float has."""
    values = [sign * (10**17 + apart * place) for place in range(8) for sign in (1, -1)]
    holders = [row % 11 for row in range(len(values))]
    assert moments(np.array(values), np.array(holders), 2) == plain(values, holders, 2)


def test_a_cell_without_rows_has_nothing() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert set(moments(nothing, nothing, 2).values()) == {0}


def test_values_that_are_all_the_same_hold_nothing() -> None:
    found = moments(np.full(40, 10**15 + 1), np.arange(40), 2)
    assert (found.pop("rows"), set(found.values())) == (40, {0})
