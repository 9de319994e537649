"""A column moved on by some rows has the values of the other but for few: their totals do not go together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.engines.moved_values import few_moved
from disclosure.model.verdicts import Status
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from tests.disclosure.beside import go_together
from tests.disclosure.support import UNIT


def people() -> pd.DataFrame:
    chance = np.random.default_rng(6)
    frame = pd.DataFrame({UNIT: range(600), "area": chance.choice(["a", "b", "c"], 600)})
    frame["income"] = np.round(chance.lognormal(10.3, 0.5, 600), 2)
    frame["next"] = frame["income"].shift(-1)
    frame["within"] = frame.groupby("area")["income"].shift(1).fillna(0)
    frame["turned"] = np.roll(frame["income"], 1)
    frame["far"] = frame["income"].shift(10)
    frame["other"] = np.round(chance.lognormal(10.3, 0.5, 600), 2)
    return frame


FRAME = people()


def total(values: str, rows: tuple[str, ...] = ()) -> Output:
    out = sdc.table(FRAME, rows=rows, values=values, statistic="sum", unit=UNIT, policy="cbs")
    assert isinstance(out, Output)
    return out


@pytest.mark.parametrize(
    ("column", "goes"), [("next", False), ("within", False), ("far", True), ("turned", True), ("other", True)]
)
def test_a_total_does_not_go_beside_that_of_the_same_values_but_for_few(column: str, *, goes: bool) -> None:
    """The total of the incomes less that of the next ones is the income of the first."""
    assert go_together(total("income"), total(column)) is goes
    outs = sdc.table(FRAME, values=["income", column], statistic="sum", unit=UNIT, policy="cbs")
    assert isinstance(outs, Outputs)
    assert (outs.verdict.status is Status.SAFE) is goes


def test_of_cells_it_is_asked_too() -> None:
    assert not go_together(total("income", rows=("area",)), total("within", rows=("area",)))
    assert go_together(total("income", rows=("area",)), total("turned", rows=("area",)))


@pytest.mark.parametrize(("gone", "few"), [(0, False), (1, True), (9, True), (10, False)])
def test_few_are_at_least_one_and_fewer_than_the_minimum(gone: int, *, few: bool) -> None:
    values = np.arange(1000, 1100, dtype=np.float64)
    moved = np.roll(values, 1).copy()
    moved[:gone] = 0
    assert few_moved(values, moved, np.zeros(100, dtype=np.int64), 10) is few


def test_few_values_that_as_many_units_have_are_chance() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0] * 20, dtype=np.float64)
    assert not few_moved(values, np.where(np.arange(100) == 7, 1.0, values), np.zeros(100, dtype=np.int64), 10)
    assert not few_moved(np.zeros(100), values, np.zeros(100, dtype=np.int64), 10)
