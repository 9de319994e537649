"""Values of which rounding to a fixed point leaves too little are refused; others are as they were."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import disclosure as sdc
from disclosure.engines.array_columns import NotAsArrays, fixed_numbers
from disclosure.engines.lost_digits import loses_digits
from disclosure.errors import ColumnError

CALLS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "sum": lambda frame: sdc.table(frame, rows="wijk", values="x", statistic="sum", unit="person"),
    "mean": lambda frame: sdc.table(frame, rows="wijk", values="x", statistic="mean", unit="person"),
    "median": lambda frame: sdc.table(frame, rows="wijk", values="x", statistic="median", unit="person"),
    "weights": lambda frame: sdc.table(frame, rows="wijk", unit="person", weights="x"),
    "regressor": lambda frame: sdc.model("hours ~ x", frame, unit="person"),
    "response": lambda frame: sdc.model("x ~ hours", frame, unit="person"),
    "correlation": lambda frame: sdc.correlation(frame, "hours", "x", unit="person"),
    "other way round": lambda frame: sdc.correlation(frame, "x", "hours", unit="person"),
    "test": lambda frame: sdc.t_test(frame, value="x", group="half", unit="person"),
}


def people(times: float) -> pd.DataFrame:
    chance = np.random.default_rng(1)
    frame = pd.DataFrame({"person": range(900), "wijk": chance.choice(list("abc"), 900)})
    frame["half"] = frame.person % 2
    frame["x"] = chance.uniform(20_000, 40_000, 900) * times
    return frame.assign(hours=chance.integers(1, 40, 900) + frame.x / times / 5_000)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("times", [1e-9, 3e-12])
def test_values_too_small_for_their_decimals_are_refused_with_a_remedy(call: str, times: float) -> None:
    with pytest.raises(ColumnError) as refused:
        CALLS[call](people(times))
    said = " ".join(str(refused.value).split())
    assert "'x' are too small for the 6 decimals" in said
    assert "Multiply it" in said


@pytest.mark.parametrize("call", [one for one in CALLS if one != "weights"])
def test_values_of_ordinary_size_are_judged(call: str) -> None:
    for times in (1.0, 1e-4):
        assert CALLS[call](people(times)).verdict.status is sdc.Status.SAFE


def test_regressors_of_any_size_that_is_taken_have_the_coefficients_of_the_same_line() -> None:
    euros, thousands = (CALLS["regressor"](people(times)).to_pandas().loc["x", "coefficient"] for times in (1.0, 1e-6))
    assert thousands == pytest.approx(euros * 1e6, rel=2e-4)


def test_a_regressor_that_differs_by_less_than_its_decimals_is_refused_however_large() -> None:
    frame = people(1.0)
    frame["x"] = 1 + frame.x * 1e-10
    with pytest.raises(ColumnError, match="'x' are too small"):
        sdc.model("hours ~ x", frame, unit="person")


def test_only_values_of_which_something_is_lost_count() -> None:
    small = people(1.0).assign(x=lambda frame: 0.000001 * (1 + frame.person % 5))
    assert sdc.table(small, rows="wijk", values="x", statistic="mean", unit="person").verdict.status is sdc.Status.SAFE
    wide = small.assign(x=pd.Series([Decimal("0.0000004")] * 900, dtype=object))
    with pytest.raises(ColumnError, match="too small"):
        sdc.table(wide, rows="wijk", values="x", statistic="mean", unit="person")


def test_the_bound_is_a_ten_thousandth_of_what_there_is() -> None:
    plain = np.array([10_000.0])
    assert not loses_digits(plain, plain - 1.0)
    assert loses_digits(plain, plain - 1.1)
    assert not loses_digits(np.zeros(3), np.zeros(3))
    assert not loses_digits(np.zeros(0), np.zeros(0))


def test_the_short_way_leaves_such_values_to_the_engine_that_has_words_for_it() -> None:
    with pytest.raises(NotAsArrays):
        fixed_numbers(pa.array([3.04e-5, 4.04e-5]), 6)
    assert fixed_numbers(pa.array([30.0, 0.0]), 6)[0].tolist() == [30_000_000, 0]
