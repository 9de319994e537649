"""Units with several rows: what a figure of rows tells of them, alone and beside a figure of units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import Inconclusive, RuleName, Status
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from tests.disclosure.beside import go_together
from tests.disclosure.support import UNIT

PEOPLE = 1200
ONE = 17
"""One who has no benefit and is not poor."""


def people(often: int = 0, persons: int = 1, one: int = ONE) -> pd.DataFrame:
    """Return persons of whom so many, from one on, have so many rows more."""
    numbers = np.arange(PEOPLE)
    frame = pd.DataFrame({UNIT: numbers, "benefit": (numbers * 7919 % 1000 < 400).astype(int)})
    frame["income"] = np.round(np.random.default_rng(4).lognormal(10.3, 0.5, PEOPLE))
    frame["age"] = 20 + numbers * 31 % 60
    frame["poor"] = (frame.income < 20_000).astype(int)
    return pd.concat([frame, *[frame[frame[UNIT].between(one, one + persons - 1)]] * often])


RATE: dict[str, Any] = {"values": "benefit", "statistic": "rate"}
MEAN: dict[str, Any] = {"values": "benefit", "statistic": "mean"}
POVERTY: dict[str, Any] = {"values": "income", "statistic": "poverty_rate", "options": {"line": 20_000}}


def out_of(frame: pd.DataFrame, **asked: Any) -> Output:
    out = sdc.table(frame, **{"unit": UNIT, "policy": "cbs", **asked})
    assert isinstance(out, Output)
    return out


@pytest.mark.parametrize(("often", "persons", "goes"), [(0, 1, True), (50, 1, False), (1, 9, False), (1, 400, True)])
def test_a_figure_of_rows_does_not_go_beside_one_of_units_where_few_have_several(
    often: int, persons: int, *, goes: bool
) -> None:
    """481 of 1,200 persons, and 481 of 1,250 rows: who has fifty rows more is not one of them."""
    frame = people(often, persons)
    one, other = out_of(frame, **RATE), out_of(frame, **MEAN)
    assert {one.verdict.status, other.verdict.status} == {Status.SAFE}
    assert go_together(one, other) is goes


@pytest.mark.parametrize(
    ("of_units", "of_rows"),
    [
        ({"rows": "benefit"}, MEAN),
        ({"rows": "benefit", "statistic": "total_percent"}, MEAN),
        ({"values": "poor", "statistic": "rate"}, POVERTY),
        ({"rows": "poor"}, POVERTY),
    ],
)
def test_so_it_is_of_counts_percentages_and_poverty_rates(of_units: dict[str, Any], of_rows: dict[str, Any]) -> None:
    frame = people(50)
    assert not go_together(out_of(frame, **of_units), out_of(frame, **of_rows))


def test_a_count_that_tells_of_something_else_goes_beside_a_figure_of_rows() -> None:
    frame = people(50).assign(half=lambda rows: rows[UNIT] % 2)
    assert go_together(out_of(frame, rows="half"), out_of(frame, **MEAN))


@pytest.mark.parametrize(("often", "persons", "status"), [(0, 1, "safe"), (50, 1, "inconclusive"), (1, 400, "safe")])
def test_in_one_call_the_figure_of_rows_is_inconclusive(often: int, persons: int, status: str) -> None:
    outs = sdc.table(people(often, persons), values="benefit", statistic=["rate", "mean"], unit=UNIT, policy="cbs")
    assert isinstance(outs, Outputs)
    assert outs["mean of benefit"].verdict.status.value == status
    assert outs["rate of benefit"].verdict.status is Status.SAFE
    if status == "inconclusive":
        verdict = outs["mean of benefit"].verdict
        assert isinstance(verdict, Inconclusive)
        assert "one row per unit" in str(verdict.missing[0])


@pytest.mark.parametrize("asked", [MEAN, POVERTY], ids=["mean", "poverty rate"])
@pytest.mark.parametrize(("often", "safe"), [(0, True), (100, True), (1000, False)])
def test_nobody_has_most_of_the_rows_on_one_side(asked: dict[str, Any], often: int, *, safe: bool) -> None:
    """A thousand of 2,200 rows are not most of them; but of the rows of those who have it not they are."""
    out = out_of(people(often), **asked)
    assert (out.verdict.status is Status.SAFE) is safe
    assert safe or {one.rule for one in out.verdict.findings} == {RuleName.DOMINANCE}


@pytest.mark.parametrize(("often", "persons", "goes"), [(50, 1, False), (2, 9, False), (2, 10, True)])
def test_two_models_do_not_tell_of_few_units_that_stand_in_one_of_them_several_times(
    often: int, persons: int, *, goes: bool
) -> None:
    first, then = (
        sdc.model("income ~ age", frame, unit=UNIT, policy="cbs") for frame in (people(), people(often, persons))
    )
    assert go_together(first, then) is goes


@pytest.mark.parametrize(("first", "then"), [("mean", "mean"), ("sum", "gini"), ("sum", "sum")])
def test_who_has_nothing_is_not_told_by_rows_that_are_many(first: str, then: str) -> None:
    """Fifty rows more of who earns nothing leave the total as it is, and bring down the mean."""
    frames = (frame.assign(income=frame.income.where(frame[UNIT] != ONE, 0)) for frame in (people(), people(50)))
    outs = [out_of(each, values="income", statistic=kind) for each, kind in zip(frames, (first, then), strict=True)]
    assert go_together(*outs) is (then == "sum")


def test_units_whose_rows_stand_in_several_cells_are_added_up() -> None:
    """Five persons have a row in either half: by half and in all they stand twice."""
    frame = pd.concat([people().assign(half="a"), people()[:5].assign(half="b"), people()[600:].assign(half="b")])
    frame = frame.drop_duplicates([UNIT, "half"])
    model = sdc.model("income ~ age", frame, unit=UNIT, policy="cbs")
    assert go_together(out_of(frame, rows="half", values="income", statistic="mean"), model)


@pytest.mark.parametrize(("often", "goes"), [(0, True), (5, False)])
@pytest.mark.parametrize("both", [True, False], ids=["by half", "one by half"])
def test_few_of_a_cell_are_found_where_many_of_another_have_several_rows(often: int, *, both: bool, goes: bool) -> None:
    """Of one half 400 stand twice, of the other one: of that half 242 by the rate, and 247 of 605 rows by the mean."""
    frame = people().assign(half=lambda rows: np.where(rows[UNIT] < PEOPLE // 2, "a", "b"))
    one = frame[frame[UNIT] == 617]
    frame = pd.concat([frame, frame[:400], *[one] * often])
    mean = out_of(frame, rows="half", **MEAN)
    assert go_together(out_of(frame, rows="half" if both else (), **RATE), mean) is (goes or not both)


def test_a_figure_of_another_value_goes_beside_a_model_of_few_units_less_often() -> None:
    """Seven persons lack a wage in one of their rows: a mean of their hours says nothing of the wages."""
    frame = pd.concat([people(), people()[:300].assign(age=33)]).reset_index(drop=True)
    frame["hours"] = 8 + frame[UNIT] * 13 % 30
    frame["wage"] = frame.income.where(frame.index < len(frame) - 7)
    model = sdc.model("wage ~ age", frame, unit=UNIT, policy="cbs")
    mean: dict[str, Any] = {"values": "wage", "statistic": "mean"}
    assert go_together(out_of(frame, values="hours", statistic="mean"), model)
    assert go_together(out_of(frame, **mean), model)
    assert not go_together(
        out_of(people(50), values="income", statistic="mean"),
        sdc.model("income ~ age", people(), unit=UNIT, policy="cbs"),
    )


@pytest.mark.parametrize(("column", "goes"), [("benefit", False), ("without", False), ("car", True), ("rare", True)])
def test_only_of_one_group_a_rate_does_not_go_beside_a_mean(column: str, *, goes: bool) -> None:
    frame = people(50).assign(without=lambda rows: 1 - rows.benefit, car=lambda rows: rows[UNIT] * 31 % 7 // 4)
    frame["rare"] = (frame[UNIT] * 17 % 50 < 3).astype(int)
    assert go_together(out_of(frame, values=column, statistic="rate"), out_of(frame, **MEAN)) is goes


@pytest.mark.parametrize("coded", [(0, 5), (0, 100)])
def test_two_other_values_tell_the_same_as_zeros_and_ones(coded: tuple[int, int]) -> None:
    frame = people(50).assign(coded=lambda rows: np.where(rows.benefit == 1, coded[1], coded[0]))
    assert not go_together(out_of(frame, **RATE), out_of(frame, values="coded", statistic="mean"))
