"""Controlled rounding: neighbouring multiples of the base that add up, as near as can be, and checked."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.engines.controlled_rounding import controlled_rounding
from disclosure.errors import BadInputError, IntegrityError, RefusedError
from disclosure.protection.audit import Relation
from disclosure.protection.controlled_rounding import checked_rounding, interval, neighbours


def with_margins(inner: npt.NDArray[np.int64]) -> tuple[list[int], list[Relation]]:
    """Return all values of a table with its margins, and what adds up to what."""
    full = inner
    for axis in range(inner.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    places, sums = np.arange(full.size).reshape(full.shape), []
    for axis in range(inner.ndim):
        for line in np.moveaxis(places, axis, -1).reshape(-1, full.shape[axis]).tolist():
            sums.append(Relation(line[-1], tuple(line[:-1])))
    return full.ravel().tolist(), sums


@pytest.mark.parametrize(("n", "pair"), [(0, (0, 0)), (1, (0, 5)), (4, (0, 5)), (5, (5, 5)), (6, (5, 10))])
def test_a_figure_goes_to_a_multiple_beside_it_and_a_multiple_stays(n: int, pair: tuple[int, int]) -> None:
    assert neighbours(n, 5) == pair


def test_a_base_below_two_is_refused() -> None:
    with pytest.raises(BadInputError, match="at least 2"):
        neighbours(3, 1)


@pytest.mark.parametrize(("shown", "low", "high"), [(0, 0, 4), (5, 1, 9), (10, 6, 14)])
def test_a_rounded_figure_tells_that_the_true_one_is_less_than_a_base_away(shown: int, low: int, high: int) -> None:
    assert interval(shown, 5) == (low, high)
    assert [n for n in range(40) if shown in neighbours(n, 5)] == list(range(low, high + 1))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=6, max_size=12), st.integers(2, 9))
def test_a_table_of_two_dimensions_is_always_rounded_and_adds_up(sizes: list[int], base: int) -> None:
    values, sums = with_margins(np.array(sizes[: len(sizes) // 2 * 2]).reshape(2, -1))
    rounded = controlled_rounding(values, sums, base)
    for n, shown in zip(values, rounded, strict=True):
        assert shown % base == 0
        assert abs(shown - n) < base
        assert shown == n if n % base == 0 else True
    for one in sums:
        assert rounded[one.total] == sum(rounded[cell] for cell in one.parts)
    assert controlled_rounding(values, sums, base) == rounded


def test_no_table_that_adds_up_is_nearer() -> None:
    values, sums = with_margins(np.array([[1, 4, 2], [3, 3, 1]]))
    rounded = controlled_rounding(values, sums, 3)
    found = sum(abs(shown - n) for n, shown in zip(values, rounded, strict=True))
    inner = [place for place in range(len(values)) if place not in {one.total for one in sums}]
    best = None
    for choice in itertools.product(*(sorted(set(neighbours(values[place], 3))) for place in inner)):
        other, _ = with_margins(np.array(choice).reshape(2, 3))
        if all(shown in neighbours(n, 3) for n, shown in zip(values, other, strict=True)):
            off = sum(abs(shown - n) for n, shown in zip(values, other, strict=True))
            best = off if best is None else min(best, off)
    assert found == best


def test_each_figure_rounded_by_itself_would_not_add_up_here_and_the_controlled_one_does() -> None:
    values, sums = with_margins(np.array([2, 2, 2]))
    assert controlled_rounding(values, sums, 5) in {(5, 0, 0, 5), (0, 5, 0, 5), (0, 0, 5, 5)}


def test_multiples_of_the_base_stay_without_a_program() -> None:
    values, sums = with_margins(np.array([[5, 10], [0, 15]]))
    assert controlled_rounding(values, sums, 5) == tuple(values)


def test_where_there_is_no_such_table_the_answer_is_no() -> None:
    # Three sums of pairs, each 1 + 1: to base 2 all are multiples, and no pair may be two halves.
    sums = [Relation(3, (0, 1)), Relation(4, (1, 2)), Relation(5, (0, 2))]
    with pytest.raises(RefusedError, match="No table was found"):
        controlled_rounding([1, 1, 1, 2, 2, 2], sums, 2)


def test_values_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(BadInputError, match="do not add up"):
        controlled_rounding([1, 2, 4], [Relation(2, (0, 1))], 5)


@pytest.mark.parametrize(
    ("rounded", "reason"),
    [
        ([5, 5, 5], "add up"),
        ([0, 0, 5], "add up"),
        ([10, 0, 10], "beside it"),
        ([4, 0, 4], "beside it"),
        ([0], "beside"),
    ],
)
def test_an_answer_that_is_no_controlled_rounding_is_refused(rounded: list[int], reason: str) -> None:
    with pytest.raises(IntegrityError, match=reason):
        checked_rounding([3, 4, 7], rounded, [Relation(2, (0, 1))], 5)


def test_an_answer_that_is_a_controlled_rounding_is_taken() -> None:
    assert checked_rounding([3, 4, 7], [5, 5, 10], [Relation(2, (0, 1))], 5) == (5, 5, 10)
