"""Residuals: what a fit leaves is not the doing of few units.

Every bound is strict: at equality a figure passes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from disclosure.engines.residuals import DIGITS, Residuals, residuals
from disclosure.engines.standard_columns import Columns
from disclosure.model.verdicts import RuleName
from tests.disclosure.model_inputs import facts, fitted
from tests.disclosure.support import UNIT, codebook, judge, policy, rules

NONZERO, DOMINANCE = RuleName.MINIMUM_NONZERO, RuleName.DOMINANCE
TEN, HALF = policy(minimum_units=10), policy(dominance=[[1, 50]])


def altered(few: int, size: int = 60) -> Any:
    """Return persons with an income, and the same again but for a few."""
    income = np.random.default_rng(5).lognormal(10, 0.5, size).round()
    chosen = np.argsort(income)[size // 2 : size // 2 + few]
    again = income.copy()
    again[chosen] = 0.0
    return pd.DataFrame({UNIT: range(size), "income": income, "again": again})


def left(y: Any, x: Any, contributors: int = 3, kinds: tuple[Any, ...] | None = None) -> Residuals:
    columns = np.column_stack([np.ones(len(x)), x])
    errors = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    units = (np.arange(len(x)),) if kinds is None else kinds
    return residuals(errors, Columns.unchanged(columns), np.ones(len(x)), units, contributors)


def correlated(frame: pd.DataFrame, by: Any, **asked: Any) -> Any:
    return judge(frame, by, statistic="correlation", values="income", others=("again",), rows=(), **asked)


# ------------------------------------------------------------------------------------------------------ minimum nonzero
@pytest.mark.parametrize(("few", "passes"), [(10, True), (9, False), (1, False)])
@pytest.mark.parametrize("formula", ["again ~ income", "income ~ again"])
def test_a_line_that_all_but_few_lie_on_tells_of_those(formula: str, few: int, passes: bool) -> None:
    table = fitted(altered(few), formula, TEN)
    assert facts(table).residual_units == few
    assert (NONZERO not in rules(table)) is passes


@pytest.mark.parametrize(("few", "passes"), [(10, True), (9, False), (1, False)])
def test_so_does_a_correlation(few: int, passes: bool) -> None:
    assert (NONZERO not in rules(correlated(altered(few), TEN))) is passes


def test_so_does_a_correlation_of_ranks() -> None:
    table = correlated(altered(1, 400), TEN, options=(("method", "spearman"),))
    assert NONZERO in rules(table)


def test_a_weight_does_not_hide_it() -> None:
    frame = altered(3).assign(w=[1.0, 2.0, 5.0] * 20)
    table = fitted(frame, "again ~ income", TEN, weights="w", codebook=codebook(weights=("w",)))
    assert facts(table).residual_units == 3


def test_nor_does_another_regressor_or_noise() -> None:
    frame = altered(4).assign(other=np.random.default_rng(8).normal(size=60).round(3))
    frame["again"] += np.random.default_rng(9).normal(size=60).round(2)
    assert facts(fitted(frame, "again ~ income + other", TEN)).residual_units == 4


def test_nor_does_a_poisson_model() -> None:
    frame = altered(2).assign(number=lambda one: (one.income // 500).astype(int) + 1)
    frame["known"] = frame.number
    frame.loc[[3, 5], "number"] = [1, 400]
    assert facts(fitted(frame, "number ~ log(known)", TEN, family="poisson")).residual_units == 2


def test_units_are_counted_and_not_rows() -> None:
    x = np.arange(120.0) % 37
    y, unit = x.copy(), np.repeat(np.arange(40), 3)
    y[[6, 7, 8, 60]] += [50, -70, 30, 40]
    assert left(y, x).units == 4
    assert left(y, x, kinds=(unit,)).units == 2
    assert left(y, x, kinds=(np.arange(120), unit)).units == 2


def test_ordinary_figures_have_no_such_few() -> None:
    chance = np.random.default_rng(2)
    for size in (20, 60, 600):
        x = chance.normal(size=size)
        assert left(x + chance.normal(size=size), x).units == 0


# ------------------------------------------------------------------------------------------------------------ dominance
@pytest.mark.parametrize(("far", "passes"), [(6.0, True), (30.0, False)])
def test_no_unit_makes_up_more_than_half_of_what_is_left(far: float, passes: bool) -> None:
    chance = np.random.default_rng(4)
    frame: Any = pd.DataFrame({UNIT: range(200), "income": chance.normal(size=200).round(3)})
    frame["again"] = (frame.income + chance.normal(size=200)).round(3)
    frame.loc[7, "again"] += far
    assert (DOMINANCE not in rules(correlated(frame + 100, HALF))) is passes
    assert (DOMINANCE not in rules(fitted(frame, "again ~ income", HALF))) is passes


@pytest.mark.parametrize(("percent", "passes"), [(50, True), (49, False)])
def test_at_the_bound_it_passes(percent: int, passes: bool) -> None:
    """Two units are as far off, at the same distance from the middle, and nobody else is."""
    x = np.concatenate([[-1.0, 1.0, -1.0, 1.0], np.tile([-1.0, 1.0], 20)])
    y = np.concatenate([[3.0, 3.0, -3.0, -3.0], np.zeros(40)])
    assert left(y, x).tops == (250_000, 500_000, 750_000)
    frame = pd.DataFrame({UNIT: range(44), "x": x, "y": y + 5})
    table = fitted(frame, "y ~ x", policy(dominance=[[2, percent]]))
    assert (DOMINANCE not in rules(table)) is passes


def test_a_perfect_fit_leaves_nothing_to_hold() -> None:
    found = residuals(np.zeros(9), Columns.unchanged(np.ones((9, 1))), np.ones(9), (np.arange(9),), 2)
    assert (found.units, found.tops) == (0, (0, 0))
    assert left(np.array([1.0, 5.0, 2.0, 4.0]), np.arange(4.0), 10).tops[-1] == 10**DIGITS
