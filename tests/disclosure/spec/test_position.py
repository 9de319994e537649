"""Position: fewer units than the minimum strictly below or above a quantile; what is shown is nobody's own value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from disclosure.engines.position_part import shared_figure
from disclosure.errors import RecipeError
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import ABSENT, UNIT, codebook, failures, judge, policy, rules, shown, status, units

RULE = RuleName.POSITION


def median(cells: Mapping[str, Sequence[Any]], *, minimum: int = 3, **more: Any) -> JudgedTable:
    return judge(units(cells), policy(minimum_units=minimum), statistic="median", values="value", **more)


def quantile(cells: Mapping[str, Sequence[Any]], probability: str, *, minimum: int = 3, **more: Any) -> JudgedTable:
    asked = (("probability", probability),)
    by = policy(minimum_units=minimum)
    return judge(units(cells), by, statistic="quantile", values="value", options=asked, **more)


def part(out: JudgedTable, column: str) -> dict[str, int]:
    assert out.evidence is not None
    values = out.evidence.part("position").columns[column].tolist()
    return dict(zip(map(str, out.evidence.cells()), values, strict=True))


# --------------------------------------------------------------------------------------------------- below and above it
def test_as_many_units_as_the_minimum_on_either_side_pass_and_fewer_fail() -> None:
    """Seven ones around the median 5 share its figure, so that only the sides differ."""
    out = median({"at": [1, 1, 1, 5, 5, 5, 9, 9, 9], "low": [1, 1, 5, 5, 5, 9, 9, 9], "high": [1, 1, 1, 5, 5, 5, 9, 9]})
    assert failures(out, RULE) == {"group=low", "group=high"}


def test_strictly_below_and_above_counts_no_unit_at_the_quantile() -> None:
    out = median({"ties": [1, 1, 5, 5, 5, 5, 5, 9, 9], "enough": [1, 1, 1, 5, 5, 5, 9, 9, 9]})
    assert part(out, "below")["group=ties"] == part(out, "above")["group=ties"] == 2
    assert failures(out, RULE) == {"group=ties"}


def test_nobody_below_fails_too_for_the_quantile_is_then_the_minimum() -> None:
    assert failures(median({"zeros": [0] * 60 + [5] * 40}), RULE) == {"group=zeros", "total"}


def test_low_and_high_percentiles_need_units_beyond_them() -> None:
    values = {"a": [float(place // 4) for place in range(100)]}
    for probability, safe in [("0.05", True), ("0.02", False), ("0.95", True), ("0.98", False)]:
        assert (status(quantile(values, probability)) is Status.SAFE) is safe


def test_rows_of_one_unit_count_once() -> None:
    once = pd.DataFrame({UNIT: range(9), "group": "a", "value": [1, 1, 1, 5, 5, 5, 9, 9, 9]})
    thrice = once.assign(unit=[0, 0, 0, 1, 2, 3, 4, 5, 6])
    by = policy(minimum_units=3)
    assert status(judge(once, by, statistic="median", values="value")) is Status.SAFE
    assert failures(judge(thrice, by, statistic="median", values="value"), RULE) == {"group=a", "total"}


def test_households_are_counted_where_they_must_reach_the_minimum_too() -> None:
    frame = units({"a": [1, 1, 1, 5, 5, 5, 9, 9, 9]}).assign(home=[0, 0, 1, 2, 3, 4, 5, 6, 7])
    by = policy(minimum_units=3)
    assert status(judge(frame, by, statistic="median", values="value")) is Status.SAFE
    out = judge(frame, by, statistic="median", values="value", other_units=(("home",),))
    assert failures(out, RULE) == {"group=a", "total"}


@pytest.mark.parametrize("probability", ["0", "1", "0.0", "1.0"])
def test_minima_and_maxima_are_refused(probability: str) -> None:
    with pytest.raises(RecipeError, match="not released"):
        quantile({"a": [1, 2, 3]}, probability)


@pytest.mark.parametrize(
    "probability", ["", "half", "-0.5", "1e-1", "0.1234567", "1.5", "\u0660.\u0665", "nan", ".5", "0,5"]
)
def test_a_probability_is_plain_decimal_text(probability: str) -> None:
    with pytest.raises(RecipeError):
        quantile({"a": [1, 2, 3]}, probability)


# -------------------------------------------------------------------------------------------------- what is shown of it
def test_the_figure_is_rounded_until_enough_units_share_it() -> None:
    out = median({"a": [1180, 1190, 1234, 1290, 1300]}, minimum=2)
    assert part(out, "quantile")["group=a"] == 1234 * 10**12
    assert (shown(out)["group=a"], part(out, "alike")["group=a"]) == ("1200", 3)


def test_the_step_is_the_finest_at_which_as_many_units_as_the_minimum_round_to_the_figure() -> None:
    """At a step of 10, 97 and 103 round to 100 with 101, the median; a fourth unit is there at a step of 20."""
    values = np.array([5, 50, 97, 101, 103, 109, 200])
    for minimum, figure, alike in [(1, 101, 1), (2, 100, 3), (3, 100, 3), (4, 100, 4)]:
        assert shared_figure(Fraction(101), values, [np.arange(7)], minimum) == (figure, alike)


def test_a_value_that_enough_units_have_is_shown_as_it_is() -> None:
    out = median({"a": [1.0] * 5 + [1234.56] * 3 + [9000.0] * 5})
    assert shown(out)["group=a"] == "1234.56"
    assert status(out) is Status.SAFE


def test_a_value_that_too_few_have_is_shown_only_as_the_figure_of_enough() -> None:
    """1234.56 is one unit's; to a half it is 1234.5, and so are two others', one of them exactly."""
    out = median({"a": [1.0] * 5 + [1234.5, 1234.56, 1234.6] + [9000.0] * 5})
    assert (shown(out)["group=a"], part(out, "alike")["group=a"]) == ("1234.5", 3)
    out = median({"a": [1.0] * 5 + [1230.5, 1234.56, 1238.6] + [9000.0] * 5})
    assert (shown(out)["group=a"], part(out, "alike")["group=a"]) == ("1240", 3)


def test_rows_of_one_unit_do_not_share_a_figure_with_themselves() -> None:
    values, same = np.array([10, 50, 51, 52, 90]), np.array([0, 1, 1, 1, 2])
    assert shared_figure(Fraction(51), values, [np.arange(5)], 3)[0] == 50
    assert shared_figure(Fraction(51), values, [same], 3) == (0, 0)


def test_halves_round_to_the_even_multiple_in_figure_and_neighbours_alike() -> None:
    """At a step of 10, 15 and 25 both round to 20; 25 and 35 do not round to 30, of which the multiple is odd."""
    assert shared_figure(Fraction(20), np.array([14, 15, 25, 26]), [np.arange(4)], 2) == (20, 2)
    assert shared_figure(Fraction(31), np.array([-40, 25, 31, 35, 90]), [np.arange(5)], 2) == (40, 2)
    assert shared_figure(Fraction(31), np.array([-40, 26, 31, 35, 90]), [np.arange(5)], 2) == (30, 2)


def test_nothing_is_shown_where_rounding_would_leave_nothing_of_it() -> None:
    """Half of the units have nothing and half a thousand million: no step tells 500 million from zero."""
    out = median({"a": [0.0] * 5 + [1e9] * 5})
    assert failures(out, RULE) == {"group=a", "total"}
    assert part(out, "alike")["group=a"] == 0


def test_a_small_figure_among_large_ones_may_round_to_zero() -> None:
    values = {"a": [float(place) - 50.4 for place in range(101)]}
    assert shown(median(values))["group=a"] == "0"
    assert status(median(values)) is Status.SAFE


def test_equal_values_fail_as_constant() -> None:
    out = judge(units({"a": [7] * 30}), policy(constant="on"), statistic="median", values="value")
    assert {RuleName.CONSTANT, RULE} <= rules(out)


# ------------------------------------------------------------------------------------------------- who decides it alone
def test_a_unit_with_most_of_the_rows_fails_dominance() -> None:
    values = [*range(20), *[50] * 39, *range(80, 100)]
    for own, fails in [(40, False), (41, True)]:
        rows = [*range(100, 120), *[1] * own, *range(200, 220)]
        frame = pd.DataFrame({UNIT: rows, "group": "a", "value": [*values[:20], *[50] * own, *values[-20:]]})
        out = judge(frame, policy(dominance=[[1, 50]]), statistic="median", values="value")
        assert (RuleName.DOMINANCE in rules(out)) is fails


def test_a_unit_with_most_of_the_weight_fails_dominance() -> None:
    frame = units({"a": list(range(101))}).assign(w=1.0)
    book = codebook(weights=("w",))
    for weight, fails in [(100.0, False), (100.5, True)]:
        frame.loc[50, "w"] = weight
        out = judge(frame, policy(dominance=[[1, 50]]), statistic="median", values="value", weights="w", codebook=book)
        assert (RuleName.DOMINANCE in rules(out)) is fails


def test_a_weight_of_ones_own_is_judged_as_the_contribution_that_it_makes() -> None:
    frame = units({"a": list(range(1, 102))}).assign(w=[1.0] * 100 + [90.0])
    out = judge(frame, policy(dominance=[[1, 50]]), statistic="median", values="value", weights="w")
    assert failures(out, RuleName.DOMINANCE) == {"group=a", "total"}
    assert len(set(out.rules)) == len(out.rules)


def test_a_large_value_is_no_reason_to_fail_for_a_quantile_does_not_add_it_up() -> None:
    frame = units({"a": [*range(100), 1e9]})
    by = policy(minimum_units=10, dominance=[[1, 50]])
    assert status(judge(frame, by, statistic="median", values="value")) is Status.SAFE
    assert status(judge(frame, by, statistic="sum", values="value")) is Status.UNSAFE


# ---------------------------------------------------------------------------------------------------------- definitions
def test_with_weights_the_quantile_is_averaged_at_ties() -> None:
    frame = units({"a": [10, 20, 30]}).assign(w=[1.0, 1.0, 2.0])
    out = judge(frame, policy(), statistic="median", values="value", weights="w", codebook=codebook(weights=("w",)))
    assert part(out, "quantile")["group=a"] == 25 * 10**12


def test_a_cell_without_values_has_no_quantile_and_fails_nothing() -> None:
    frame = units({"a": [*range(100)], "b": [None] * 20})
    out = judge(frame, policy(minimum_units=10), statistic="median", values="value")
    assert (status(out), shown(out)["group=b"]) == (Status.SAFE, "no_value")


@pytest.mark.parametrize("key", ["minimum_units", "dominance", "p_percent", "constant"])
def test_a_policy_without_a_key_that_it_needs_leaves_it_inconclusive(key: str) -> None:
    out = judge(units({"a": range(9)}), policy(**{key: ABSENT}), statistic="median", values="value")
    assert status(out) is Status.INCONCLUSIVE
