"""Shape: standard deviation, variance, skewness and kurtosis obey minimum, degrees of freedom and dominance.

Dominance is put to the values, and to what a unit adds to the figure: its distance from the mean, to its power.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from disclosure.errors import RecipeError
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.statistics.base import in_digits
from tests.disclosure.support import ABSENT, UNIT, failures, judge, policy, rules, shown, status, units

SHAPES = ("std", "var", "skew", "kurt")
ONE_HALF = [[1, 50]]


def shape(cells: Mapping[str, Sequence[Any]], statistic: str = "std", **parameters: Any) -> JudgedTable:
    return judge(units(cells), policy(**parameters), statistic=statistic, values="value")


def failing(cells: Mapping[str, Sequence[Any]], statistic: str = "std", **parameters: Any) -> set[str]:
    out = shape(cells, statistic, **parameters)
    return {cell.removeprefix("group=") for cell in failures(out, RuleName.DOMINANCE) if cell != "total"}


# ------------------------------------------------------------------------------------------------------------ dominance
def test_the_squared_distance_of_one_unit_may_hold_exactly_k_percent_and_no_more() -> None:
    """1, 1, 1 and 5 are 1, 1, 1 and 3 from their mean 2: 9 of 12, three quarters of the sum of squares."""
    cells = {"a": [1, 1, 1, 5]}
    assert failing(cells, "var", dominance=[[1, 75]]) == set()
    assert failing(cells, "var", dominance=[[1, 74.99]]) == {"a"}
    assert failing(cells, "std", dominance=[[1, 74.99]]) == {"a"}


def test_the_power_is_that_of_the_moment() -> None:
    """The third powers are 1, 1, 1 and 27, the fourth 1, 1, 1 and 81."""
    cells = {"a": [1, 1, 1, 5]}
    assert failing(cells, "skew", dominance=[[1, 90]]) == set()
    assert failing(cells, "skew", dominance=[[1, 89.99]]) == {"a"}
    share = 81 / 84 * 100
    assert failing(cells, "kurt", dominance=[[1, round(share + 0.01, 2)]]) == set()
    assert failing(cells, "kurt", dominance=[[1, round(share - 0.01, 2)]]) == {"a"}


@pytest.mark.parametrize("statistic", SHAPES)
def test_the_deviation_of_a_dominated_cell_fails(statistic: str) -> None:
    assert failing({"a": [*range(10, 30), 100_000]}, statistic, dominance=ONE_HALF) == {"a"}


@pytest.mark.parametrize("statistic", SHAPES)
def test_a_constant_added_to_every_value_hides_nothing(statistic: str) -> None:
    shifted = {"a": [value + 1e7 for value in (*range(10, 30), 100_000)]}
    assert judge(units(shifted), policy(dominance=ONE_HALF), statistic="sum", values="value").verdict.status == "unsafe"
    assert failing(shifted, statistic, dominance=ONE_HALF) == {"a"}


def test_a_dominated_total_fails_although_its_deviations_do_not() -> None:
    """Of 60, 0, 0 the largest holds everything; of its squared distances 40, 20, 20 it holds two thirds."""
    assert failing({"a": [60, 0, 0]}, "var", dominance=[[1, 70]]) == {"a"}


def test_the_rows_of_a_unit_are_added_up() -> None:
    """Four rows at a distance of 3 hold 36 of 72 as four units, and as one unit half of it all."""
    values = [0, 0, 6, 6, 0, 0, 6, 6, 3]
    apart = pd.DataFrame({UNIT: range(9), "group": "a", "value": values})
    together = apart.assign(unit=[0, 0, 0, 0, 4, 5, 6, 7, 8])
    for frame, k, fails in [(apart, 49, False), (together, 50, False), (together, 49, True)]:
        out = judge(frame, policy(dominance=[[1, k]]), statistic="var", values="value")
        assert (RuleName.DOMINANCE in rules(out)) is fails


def test_members_of_a_holding_are_added_up() -> None:
    frame = units({"a": [0, 0, 6, 6, 0, 0, 6, 6]}).assign(firm=[0, 0, 0, 0, 4, 5, 6, 7])
    by = policy(dominance=[[1, 55]])
    assert RuleName.DOMINANCE not in rules(judge(frame, by, statistic="var", values="value"))
    skewed = frame.assign(value=[0, 0, 9, 9, 3, 6, 3, 6])
    assert RuleName.DOMINANCE not in rules(judge(skewed, by, statistic="var", values="value"))
    assert RuleName.DOMINANCE in rules(judge(skewed, by, statistic="var", values="value", holding=("firm",)))


@pytest.mark.parametrize(
    ("rule", "parameters"), [(RuleName.P_PERCENT, {"p_percent": 20}), (RuleName.PQ, {"pq": [10, 50]})]
)
def test_p_percent_and_pq_are_put_to_distances_too(rule: RuleName, parameters: dict[str, Any]) -> None:
    """Beside squares of 100 and 100 a fifth of 100 is left at the bound: 9 + 9 + 1 + 1; without the ones it is less.

    The shift keeps the values themselves from failing.
    """
    for distances, fails in [((10, -10, 3, -3, 1, -1), False), ((10, -10, 3, -3, 0, 0), True)]:
        out = shape({"a": [1000 + one for one in distances]}, "var", **parameters)
        assert (rule in rules(out)) is fails


# ------------------------------------------------------------------------------------------- minimum, nonzero, constant
@pytest.mark.parametrize("statistic", SHAPES)
def test_units_and_units_with_something_reach_the_minimum(statistic: str) -> None:
    cells = {"nine": list(range(1, 10)), "ten": list(range(1, 11)), "zeros": [0, *range(1, 10)]}
    out = shape(cells, statistic, minimum_units=10)
    assert failures(out, RuleName.MINIMUM_COUNT) == {"group=nine"}
    assert failures(out, RuleName.MINIMUM_NONZERO) == {"group=nine", "group=zeros"}


@pytest.mark.parametrize("statistic", SHAPES)
def test_equal_values_fail_as_constant(statistic: str) -> None:
    out = shape({"a": [7] * 30, "b": [7, 8, *[7] * 28]}, statistic, constant="on")
    assert failures(out, RuleName.CONSTANT) == {"group=a"}


def test_the_deviation_of_two_values_is_a_frequency() -> None:
    assert RuleName.FREQUENCY_IN_DISGUISE in rules(shape({"a": [0] * 50 + [1] * 9}, "std", minimum_units=10))
    assert status(shape({"a": [0] * 50 + [1] * 10}, "std", minimum_units=10)) is Status.SAFE


# ----------------------------------------------------------------------------------------------------------- the figure
def test_known_figures() -> None:
    cells = {"a": [2, 4, 4, 4, 5, 5, 7, 9]}
    assert shown(shape(cells, "var"))["group=a"] == "4.57143"
    assert shown(shape(cells, "std"))["group=a"] == "2.13809"
    assert shown(shape(cells, "skew"))["group=a"] == "0.818488"
    assert shown(shape(cells, "kurt"))["group=a"] == "0.940625"


@pytest.mark.parametrize(("statistic", "fewest"), [("var", 2), ("std", 2), ("skew", 3), ("kurt", 4)])
def test_too_few_rows_have_no_figure(statistic: str, fewest: int) -> None:
    values = [1.0, 2.0, 4.0, 8.0]
    one_unit = pd.DataFrame({UNIT: 0, "group": ["a"] * (fewest - 1) + ["b"] * fewest, "value": 0.0})
    one_unit["value"] = [*values[: fewest - 1], *values[:fewest]]
    out = judge(one_unit, policy(), statistic=statistic, values="value")
    assert out.figures[0] is None
    assert out.figures[1] is not None
    assert status(out) is Status.UNSAFE


def test_values_that_do_not_vary_have_no_skewness() -> None:
    for statistic in ("skew", "kurt"):
        assert set(shown(shape({"a": [0] * 9}, statistic)).values()) == {"no_value"}


@pytest.mark.parametrize("statistic", SHAPES)
def test_six_digits_are_shown_and_no_more(statistic: str) -> None:
    values = {"a": [one**3 + one / 7 for one in range(3, 60)]}
    found = shown(shape(values, statistic))["group=a"]
    assert found is not None
    assert len(found.replace(".", "").strip("-0")) <= 6
    if statistic == "var":
        assert Fraction(found) % 1000 == 0  # a variance in the billions


def test_the_last_digit_is_rounded_to_the_even_one_at_a_half() -> None:
    """Of -x and x the variance is 2x²; 1 and 1 + 2d vary by 2d²."""
    for apart, figure in ((1.0, "0.5"), (2001.0, "2002000"), (1999.0, "1998000")):
        assert set(shape({"a": [0, apart]}, "var").figures) == {figure}
    assert in_digits(Fraction(2000005, 2), 6) == Fraction(1000000)
    assert in_digits(Fraction(10000050), 7) == Fraction(10000050)
    assert [in_digits(Fraction(one), 6) for one in (10000005, 10000015, 1)] == [10000000, 10000000, 1]
    assert [in_digits(Fraction(one), 6) for one in (1000005, 1000015)] == [1000000, 1000020]
    assert in_digits(None, 6) is None


def test_large_values_lose_no_digit() -> None:
    near = [999_999_999_000 + place for place in range(5)]
    assert shown(shape({"a": near}, "var"))["group=a"] == "2.5"


@pytest.mark.parametrize("statistic", SHAPES)
def test_weights_are_refused(statistic: str) -> None:
    with pytest.raises(RecipeError, match="not weighted"):
        judge(units({"a": range(9)}).assign(w=1.0), policy(), statistic=statistic, values="value", weights="w")


@pytest.mark.parametrize("key", ["minimum_units", "minimum_df", "dominance", "p_percent", "constant"])
def test_a_policy_without_a_key_that_they_need_leaves_them_inconclusive(key: str) -> None:
    assert status(shape({"a": range(9)}, "std", **{key: ABSENT})) is Status.INCONCLUSIVE
