"""A column moved on by some rows has the values of the other but for few: their totals do not go together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
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


@pytest.mark.parametrize("size", [10, 15, 30])
@pytest.mark.parametrize("kind", ["whole numbers", "ages", "wages in hundreds"])
def test_columns_that_have_nothing_to_do_with_each_other_are_not_the_same_by_chance(kind: str, size: int) -> None:
    chance, cells = np.random.default_rng(size), np.repeat(np.arange(20), size)

    def drawn() -> npt.NDArray[np.float64]:
        if kind == "wages in hundreds":
            return np.round(chance.lognormal(7.5, 0.3, len(cells)), -2)
        return chance.integers(1, 26 if kind == "whole numbers" else 65, len(cells)).astype(np.float64)

    assert sum(few_moved(drawn(), drawn(), cells, 10) for _ in range(20)) <= 1


@pytest.mark.parametrize(("times", "gone", "few"), [(1, 6, True), (2, 6, False), (2, 3, True), (1, 11, False)])
def test_more_may_be_apart_where_hardly_two_units_have_the_same(times: int, gone: int, *, few: bool) -> None:
    """Of twenty amounts that nobody shares six are gone; of those that two have each it may be chance."""
    values = np.arange(20, dtype=np.float64) // times * 50 + 1000
    moved = np.append(np.zeros(gone), values[gone:])
    assert few_moved(values, moved, np.zeros(20, dtype=np.int64), 10) is few
