"""A quantile or mode that few units decide does not go beside an output of the same units but for few."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines import turns_beside as module
from disclosure.engines.joined import joined
from disclosure.engines.turns_beside import turns_beside
from disclosure.errors import DataError
from disclosure.model.verdicts import Status
from disclosure.notebook.basket_rows import placed_at_hand
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from tests.disclosure.beside import go_together
from tests.disclosure.support import UNIT

PEOPLE, WITHOUT = 1200, 839
"""Of so many so many have no benefit."""


def people() -> pd.DataFrame:
    frame = pd.DataFrame({UNIT: range(PEOPLE), "sex": np.where(np.arange(PEOPLE) % 2, "f", "m")})
    frame["benefit"] = (frame[UNIT] * 7 % PEOPLE >= WITHOUT).astype(int)
    frame["income"] = np.round(np.random.default_rng(3).lognormal(10, 0.4, PEOPLE))
    return frame


FRAME = people()
ONE = int(FRAME[UNIT][FRAME.benefit == 1].iloc[3])
LESS = FRAME[FRAME[UNIT] != ONE]
RATE: dict[str, Any] = {"values": "benefit", "statistic": "rate"}


def out_of(frame: pd.DataFrame = FRAME, **asked: Any) -> Output:
    out = sdc.table(frame, **{"unit": UNIT, "policy": "cbs", **asked})
    assert isinstance(out, Output)
    assert out.verdict.status is Status.SAFE
    return out


def quantile(frame: pd.DataFrame, place: float, values: str = "benefit", **asked: Any) -> Output:
    """Return the quantile at a place, counted from 0."""
    at = f"{place / (len(frame) - 1):.6f}"
    return out_of(frame, values=values, statistic="quantile", options={"probability": at}, **asked)


@pytest.mark.parametrize(("inside", "goes"), [(1, False), (9, False), (12, True), (100, True)])
def test_a_quantile_next_to_the_end_of_a_value_does_not_go_beside_a_count_of_one_unit_more(
    inside: int, *, goes: bool
) -> None:
    """With 839 zeros among all, and the 839th of all but one a 0 or a 1: which tells what the one has."""
    of_less = quantile(LESS, WITHOUT - inside)
    assert go_together(out_of(**RATE), of_less) is goes
    assert go_together(out_of(rows="benefit"), of_less) is goes


@pytest.mark.parametrize(("more", "goes"), [(1, False), (9, False), (10, True)])
def test_enough_units_between_two_outputs_tell_of_none(more: int, *, goes: bool) -> None:
    gone = FRAME[FRAME.benefit == 1][UNIT].iloc[:more]
    less = FRAME[~FRAME[UNIT].isin(gone)]
    assert go_together(out_of(**RATE), quantile(less, WITHOUT - 1)) is goes


def test_the_same_units_go_together_and_so_do_figures_that_count_nobody() -> None:
    near = quantile(FRAME, WITHOUT - 1)
    assert go_together(out_of(**RATE), near)
    assert go_together(out_of(LESS, values="income", statistic="mean"), near)
    assert go_together(out_of(LESS, values="income", statistic="median"), near)


def test_a_unit_without_a_value_is_one_less() -> None:
    lacks = FRAME.assign(benefit=FRAME.benefit.where(FRAME[UNIT] != ONE).astype("Float64"))
    of_less = out_of(
        lacks, values="benefit", statistic="quantile", options={"probability": f"{(WITHOUT - 1) / (PEOPLE - 2):.6f}"}
    )
    assert not go_together(out_of(**RATE), of_less)
    assert not go_together(out_of(rows="benefit"), of_less)


def test_a_unit_with_another_value_is_found_too() -> None:
    changed = FRAME.assign(benefit=FRAME.benefit.where(FRAME[UNIT] != ONE, 0))
    assert not go_together(out_of(**RATE), quantile(changed, WITHOUT - 1))


def test_two_quantiles_that_scan_the_end_of_a_value_in_nearly_the_same_units_do_not_go_together() -> None:
    assert not go_together(quantile(FRAME, WITHOUT - 1), quantile(LESS, WITHOUT - 1))
    assert go_together(quantile(FRAME, WITHOUT - 100), quantile(LESS, WITHOUT - 1))


def test_an_amount_that_lies_far_from_the_next_turns_beside_counts_of_one_unit_more() -> None:
    """Nobody has between 20,000 and 25,000: the median is on one side of it or on the other."""
    low = np.arange(PEOPLE) < PEOPLE // 2
    income = np.where(low, 15_000 + np.arange(PEOPLE) % 600 * 8, 25_000 + np.arange(PEOPLE) % 600 * 8)
    frame = FRAME.assign(income=income, low=low.astype(int))
    less = frame[frame[UNIT] != 5]
    of_less = quantile(less, PEOPLE // 2 - 1, "income")
    assert not go_together(out_of(frame, values="low", statistic="rate"), of_less)
    assert go_together(out_of(frame, values="low", statistic="rate"), quantile(less, PEOPLE // 3, "income"))


@pytest.mark.parametrize(("lead", "goes"), [(0, False), (9, False), (12, True)])
def test_a_mode_with_hardly_more_units_than_the_next_value_does_not_go_beside_counts_of_one_more(
    lead: int, *, goes: bool
) -> None:
    values = np.where(np.arange(PEOPLE) < (PEOPLE + lead) // 2, 1, 2)
    frame = FRAME.assign(kind=values)
    less = frame[frame[UNIT] != PEOPLE - 1]
    assert go_together(out_of(frame, rows="kind"), out_of(less, values="kind", statistic="mode")) is goes


def test_two_quantiles_do_not_tell_how_few_have_the_value_between_them() -> None:
    """Three have 1: the place of the last 0 and that of the first 2 are four apart."""
    frame = FRAME.assign(rooms=np.select([FRAME[UNIT] < 400, FRAME[UNIT] < 403], [0, 1], 2 + FRAME[UNIT] % 2))
    last = quantile(frame, 399, "rooms")
    assert not go_together(last, quantile(frame, 403, "rooms"))
    assert go_together(last, quantile(frame, 500, "rooms"))
    assert go_together(quantile(frame, 396, "rooms"), last)


@pytest.mark.parametrize(("asked", "status"), [("p33.6", "inconclusive"), ("p40", "safe"), ("p33", "safe")])
def test_two_percentiles_of_one_call_do_not_tell_how_few_have_the_value_between_them(asked: str, status: str) -> None:
    """The 399.3rd has 0 and the 402.9th 2: so four at most have 1."""
    frame = FRAME.assign(rooms=np.select([FRAME[UNIT] < 400, FRAME[UNIT] < 402], [0, 1], 2 + FRAME[UNIT] % 2))
    outs = sdc.table(frame, values="rooms", statistic=["p33.3", asked], unit=UNIT, policy="cbs")
    assert isinstance(outs, Outputs)
    assert [one.verdict.status.value for one in outs] == ["safe", status]


def test_quartiles_of_whole_numbers_by_group_go_together_and_beside_counts() -> None:
    frame = FRAME.assign(rooms=FRAME[UNIT] * 7 % 5)
    outs = [out_of(frame, rows="sex", values="rooms", statistic=each) for each in ("p25", "median", "p75")]
    assert go_together(outs[0], outs[1])
    assert go_together(outs[1], outs[2])
    assert go_together(outs[1], out_of(frame, rows="sex"))


def test_too_many_cells_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PAIRS", 0)
    sides = [placed_at_hand(out) for out in (out_of(**RATE), quantile(LESS, WITHOUT - 1))]
    assert sides[0] is not None
    assert sides[1] is not None
    with pytest.raises(DataError, match="too many"):
        turns_beside(joined(sides[0], sides[1]), 10)


def far_apart() -> pd.DataFrame:
    """Return persons by area, of whom nobody has between 20,000 and 25,000."""
    numbers = np.arange(PEOPLE)
    income = np.where(numbers % 2, 15_000, 25_000) + numbers // 2 * 8
    frame = FRAME.assign(area=numbers // 40 % 5, income=income, low=numbers % 2, car=numbers // 2 % 2)
    return frame.assign(classes=np.select([income < 17_000, income < 21_000, income < 27_000], [0, 1, 2], 3))


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ({"values": "low", "statistic": "rate"}, False),
        ({"rows": "low"}, False),
        ({"rows": "classes"}, False),
        ({"rows": ["area", "low"]}, False),
        ({"rows": "area"}, True),
        ({"rows": ["area", "car"]}, True),
        ({"values": "car", "statistic": "rate"}, True),
        ({"values": "car", "statistic": "rate", "rows": "area"}, True),
    ],
)
def test_far_amounts_turn_beside_what_parts_the_units_there_only(asked: dict[str, Any], *, goes: bool) -> None:
    """How many have less than 20,000 is told by classes of income, and not by neighbourhoods."""
    frame = far_apart()
    less = frame[frame[UNIT] != 5]
    of_less = out_of(less, values="income", statistic="median")
    assert go_together(out_of(frame, **asked), of_less) is goes


def test_medians_of_ordinary_incomes_go_beside_counts_of_a_few_more() -> None:
    frame = FRAME.assign(area=np.arange(PEOPLE) // 60)
    less = frame[frame[UNIT] % 60 > 1]
    assert go_together(out_of(frame, rows="area"), out_of(less, rows="area", values="income", statistic="median"))


def test_figures_are_looked_at_only_where_the_other_output_parts_the_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take longest: of ten thousand cells nobody waits for them."""
    frame = FRAME.assign(area=np.arange(PEOPLE) // 60)
    less = out_of(frame[frame[UNIT] % 60 > 1], rows="area", values="income", statistic="median")
    sides = [placed_at_hand(out) for out in (less, out_of(frame, rows="area"))]
    assert sides[0] is not None
    assert sides[1] is not None
    rows = joined(sides[0], sides[1])
    monkeypatch.delattr(module, "shared_figure")
    assert not len(turns_beside(rows, 10))
    monkeypatch.setattr(module, "MOST_PAIRS", 10)
    with pytest.raises(DataError, match="too many"):
        turns_beside(rows, 10)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 2), (0, 100), (0.5, 3.5)])
def test_a_mean_of_two_values_tells_how_many_have_each_whatever_they_are(low: float, high: float) -> None:
    frame = FRAME.assign(coded=np.where(FRAME.benefit == 1, high, low))
    mean = out_of(frame, values="coded", statistic="mean")
    assert not go_together(mean, quantile(LESS, WITHOUT - 1))
    assert go_together(mean, quantile(LESS, WITHOUT - 100))


def test_a_mean_of_three_values_does_not_tell_how_many_have_each() -> None:
    frame = FRAME.assign(coded=np.where(FRAME[UNIT] % 3 == 0, 3, 1 + FRAME.benefit))
    assert go_together(out_of(frame, values="coded", statistic="mean"), quantile(LESS, WITHOUT - 1))
