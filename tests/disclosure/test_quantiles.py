"""Quantiles of whole numbers: the definitions of NumPy and of laeken, exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.engines.part_rows import added
from disclosure.engines.quantiles import cumulative, quantile, weighted_quantile
from disclosure.errors import DataError
from tests.disclosure.support import DATA

VALUES = st.lists(st.integers(-1000, 1000), min_size=1, max_size=40)
PROBABILITIES = st.integers(0, 1000).map(lambda thousandths: Fraction(thousandths, 1000))


@given(VALUES, PROBABILITIES)
def test_without_weights_it_is_the_quantile_of_numpy(values: list[int], probability: Fraction) -> None:
    expected = np.quantile(np.array(values), float(probability))
    assert float(quantile(np.array(values), probability)) == pytest.approx(expected, abs=1e-9)


def expanded(values: list[int], weights: list[int], probability: Fraction) -> Fraction:
    """Return the quantile, averaged at ties, of each value as often as its weight says."""
    long = sorted(value for value, weight in zip(values, weights, strict=True) for _ in range(weight))
    place = probability * len(long)
    if place == int(place) and 0 < place < len(long):
        return Fraction(long[int(place) - 1] + long[int(place)], 2)
    return Fraction(long[min(int(place), len(long) - 1)])


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 6)), min_size=1, max_size=20), PROBABILITIES)
def test_with_weights_it_is_the_quantile_of_the_values_repeated(
    pairs: list[tuple[int, int]], probability: Fraction
) -> None:
    values, weights = [value for value, _ in pairs], [weight for _, weight in pairs]
    if not any(weights):
        with pytest.raises(DataError):
            weighted_quantile(np.array(values), np.array(weights), probability)
    else:
        found = weighted_quantile(np.array(values), np.array(weights), probability)
        assert found == expanded(values, weights, probability)


def test_the_published_weighted_median_of_eu_silc() -> None:
    """laeken's vignette gives 18,098.73 for the equivalised income of all persons, weighted by rb050."""
    frame = pd.read_parquet(DATA / "eusilc.parquet", columns=["eqIncome", "rb050"])
    values, weights = (np.array((frame[name] * 10**6).round(), dtype=np.int64) for name in ("eqIncome", "rb050"))
    assert round(float(weighted_quantile(values, weights, Fraction(1, 2))) / 10**6, 2) == 18098.73


def test_weights_beyond_64_bits_are_added_up_exactly() -> None:
    weights = np.full(8, 2**62, dtype=np.int64)
    assert cumulative(weights)[-1] == 2**65
    assert weighted_quantile(np.arange(8), weights, Fraction(1, 2)) == Fraction(7, 2)
    assert weighted_quantile(np.arange(8), weights + np.array([1, 0, 0, 0, 0, 0, 0, 0]), Fraction(1, 2)) == 3


def test_sums_beyond_64_bits_are_exact() -> None:
    for numbers in ([2**62] * 5, [-(2**62)] * 5, [2**63 - 1, -(2**63), 3, -1], []):
        assert added(np.array(numbers, dtype=np.int64)) == sum(numbers)
        assert added(np.array(numbers, dtype=np.object_)) == sum(numbers)


@pytest.mark.parametrize(
    ("values", "weights"),
    [([], []), ([1], [0]), ([1, 2], [1]), ([1, 2], [1, -1])],
    ids=["none", "zero", "short", "low"],
)
def test_without_weighed_values_there_is_none(values: list[int], weights: list[int]) -> None:
    with pytest.raises(DataError):
        weighted_quantile(np.array(values, dtype=np.int64), np.array(weights, dtype=np.int64), Fraction(1, 2))


def test_without_values_there_is_none() -> None:
    with pytest.raises(DataError):
        quantile(np.zeros(0, dtype=np.int64), Fraction(1, 2))


@pytest.mark.parametrize("probability", [Fraction(-1, 10), Fraction(11, 10)])
def test_a_probability_lies_between_0_and_1(probability: Fraction) -> None:
    with pytest.raises(DataError):
        quantile(np.array([1, 2]), probability)
