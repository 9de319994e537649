"""Degrees of freedom: distinct units - estimated parameters < minimum_df is unsafe."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from disclosure.model.verdicts import RuleName
from disclosure.rules.degrees_of_freedom import short_of_degrees
from tests.disclosure.support import UNIT, failures, judge, policy, units

RULE = RuleName.DEGREES_OF_FREEDOM


@pytest.mark.parametrize(("statistic", "parameters"), [("std", 1), ("var", 1), ("skew", 2), ("kurt", 3)])
def test_a_moment_costs_one_degree_for_each_moment_below_it(statistic: str, parameters: int) -> None:
    cells = {"short": range(10 + parameters - 1), "enough": range(10 + parameters)}
    out = judge(units(cells), policy(minimum_df=10), statistic=statistic, values="value")
    assert failures(out, RULE) == {"group=short"}


def test_rows_are_not_units() -> None:
    frame = pd.DataFrame({UNIT: [place % 10 for place in range(300)], "group": "a", "value": range(300)})
    out = judge(frame, policy(minimum_df=10), statistic="std", values="value")
    assert failures(out, RULE) == {"group=a", "total"}


def test_households_are_counted_where_they_must_reach_the_minimum_too() -> None:
    frame = units({"a": range(30)}).assign(home=[place // 3 for place in range(30)])
    by = policy(minimum_df=10)
    assert failures(judge(frame, by, statistic="std", values="value"), RULE) == set()
    out = judge(frame, by, statistic="std", values="value", other_units=(("home",),))
    assert failures(out, RULE) == {"group=a", "total"}


def test_units_without_a_value_are_no_degree() -> None:
    out = judge(units({"a": [*range(10), *[None] * 20]}), policy(minimum_df=10), statistic="std", values="value")
    assert failures(out, RULE) == {"group=a", "total"}


def test_where_there_is_no_unit_there_is_no_figure_to_judge() -> None:
    assert short_of_degrees(np.array([0, 1, 11, 12]), 2, 10).tolist() == [False, True, True, False]
