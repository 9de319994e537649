"""Position: fewer units than the minimum strictly below or above a quantile; what is shown is nobody's own value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from disclosure.assess import UNKNOWN_WEIGHT_OF_QUANTILE
from disclosure.engines import position_part
from disclosure.engines.position_part import shared_figure
from disclosure.errors import RecipeError
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, RuleName, Status
from disclosure.rules.position import of_too_few
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
    assert failures(median({"own": [*range(9)]}, minimum=5), RULE) == {"group=own", "total"}


@pytest.mark.parametrize(
    ("values", "share", "safe"),
    [
        ([0] * 60 + [5] * 40, 60, True),
        ([0] * 60 + [5] * 40, 59, False),  # nearly all of them
        ([0] * 60 + [5] * 40, "off", False),
        ([5] * 40 + [9] * 60, 60, True),  # the largest
        ([0] * 3 + [5] * 57 + [9] * 40, 60, True),
        ([0] * 2 + [5] * 58 + [9] * 40, 60, False),  # two lie below, whose number another percentile would tell
        ([0] * 40 + [5] * 58 + [9] * 2, 60, False),
        ([1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10], 60, True),
        ([5, 5, 6, 7], 60, False),  # too few have it
    ],
)
def test_a_value_that_enough_have_but_not_nearly_all_may_be_the_smallest_or_the_largest(
    values: list[int], share: int | str, *, safe: bool
) -> None:
    by = policy(minimum_units=3, modal_share=share)
    out = judge(units({"a": values}), by, statistic="median", values="value")
    assert (RULE not in rules(out)) is safe


def test_quartiles_of_rooms_of_which_hundreds_are_alike_are_shown() -> None:
    rooms = [1] * 140 + [2] * 60 + [3] * 100 + [4] * 60 + [6] * 140
    for probability, figure in (("0.25", "1"), ("0.5", "3"), ("0.75", "6")):
        asked = (("probability", probability),)
        by = policy(minimum_units=10, modal_share=90)
        out = judge(units({"a": rooms}), by, statistic="quantile", values="value", options=asked)
        assert (status(out), shown(out)["group=a"]) == (Status.SAFE, figure)


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
def test_the_figure_is_the_average_of_enough_units_near_the_quantile_rounded() -> None:
    """The three nearest are 1230, 1234 and 1237, 7 apart: of a step of 5 three are as long."""
    out = median({"a": [1000.0, 1001, 1002, 1230, 1234, 1237, 1300, 1301, 1302]})
    assert part(out, "quantile")["group=a"] == 1234 * 10**12
    assert (shown(out)["group=a"], part(out, "alike")["group=a"]) == ("1235", 3)
    assert (part(out, "step")["group=a"], part(out, "width")["group=a"]) == (5 * 10**6, 7 * 10**6)


def test_the_step_is_the_finest_of_which_as_many_as_the_minimum_are_as_long_as_the_values_lie_apart() -> None:
    for minimum, told in [(1, (101, 1, 0, 1)), (3, (100, 2, 6, 3)), (4, (100, 5, 12, 4))]:
        found = shared_figure(Fraction(101), np.array([5, 50, 97, 101, 103, 109, 200]), [np.arange(7)], minimum)
        assert (found.figure, found.step, found.width, found.alike) == told
    for width, step in [(29, 10), (30, 10), (31, 20)]:
        near = np.array([-500, 0, 10, width, 600])
        assert shared_figure(Fraction(10), near, [np.arange(5)], 3).step == step


def test_what_lies_as_far_below_as_above_is_averaged_too() -> None:
    found = shared_figure(Fraction(50), np.array([0, 40, 50, 60, 100]), [np.arange(5)], 2)
    assert (found.figure, found.step, found.width, found.alike) == (50, 10, 20, 3)


@pytest.mark.parametrize("persons", [20, 24, 100, 1000])
def test_a_median_stays_near_the_quantile_it_is_of(persons: int) -> None:
    incomes = np.round(np.random.default_rng(persons).lognormal(10.4, 0.4, persons))
    out = median({"a": incomes.tolist()}, minimum=10)
    assert status(out) is Status.SAFE
    assert abs(float(shown(out)["group=a"] or "nan") / float(np.median(incomes)) - 1) < 0.1


def test_what_all_but_one_know_leaves_the_last_one_anywhere_among_them() -> None:
    """The sum of the values is known no better than they lie apart, however they lie."""
    generator = np.random.default_rng(3)
    for _ in range(50):
        values = np.sort(generator.lognormal(10, 1, 60).astype(np.int64))
        found = shared_figure(Fraction(int(values[29] + values[30]), 2), values, [np.arange(60)], 10)
        assert found.step * found.alike >= found.width > 0


def test_the_figure_is_at_most_one_step_off_the_quantile() -> None:
    """Most of the nearest hundred lie to one side: a finer step would not say so."""
    values = np.sort(np.array([*range(-40_000, -37_000, 100), 0, 10, *[1_000] * 90, *range(3_000, 90_000, 3_000)]))
    found = shared_figure(Fraction(10), values, [np.arange(len(values))], 10)
    assert abs(found.figure - 10) <= found.step
    assert found.width <= 10 * found.step


def test_a_value_that_enough_units_have_is_shown_as_it_is() -> None:
    out = median({"a": [1.0] * 5 + [1234.56] * 3 + [9000.0] * 5})
    assert shown(out)["group=a"] == "1234.56"
    assert status(out) is Status.SAFE


def test_a_value_that_too_few_have_is_not_shown() -> None:
    """1234.56 is one unit's: it is averaged with the two next to it, and rounded."""
    out = median({"a": [1.0] * 5 + [1230.5, 1234.56, 1238.6] + [9000.0] * 5})
    assert (shown(out)["group=a"], part(out, "alike")["group=a"]) == ("1235", 3)


def test_rows_of_one_unit_do_not_share_a_figure_with_themselves() -> None:
    values, same = np.array([-900, 44, 45, 50, 51, 52, 58, 990]), np.array([0, 1, 4, 2, 2, 2, 3, 5])
    alone = shared_figure(Fraction(51), values, [np.arange(8)], 3)
    assert (alone.figure, alone.step, alone.width, alone.alike) == (51, 1, 2, 3)
    together = shared_figure(Fraction(51), values, [same], 3)
    assert (together.figure, together.step, together.width, together.alike) == (50, 10, 14, 4)
    assert shared_figure(Fraction(51), values, [np.array([0, 1, 1, 1, 1, 1, 1, 1])], 3).step == 0


def test_a_unit_with_many_rows_does_not_make_its_own_value_the_median() -> None:
    """Of 2,200 rows a unit has 1,000: less than half, and the median is its income all the same."""
    incomes = np.sort(np.round(np.random.default_rng(5).lognormal(10.3, 0.5, 1200), 2))
    persons, values = [*range(1200), *[900] * 1000], [*incomes, *[incomes[900]] * 1000]
    frame = pd.DataFrame({UNIT: persons, "group": "a", "value": values})
    out = judge(frame, policy(minimum_units=10), statistic="median", values="value")
    width = float(incomes[-1] - incomes[0])
    assert part(out, "quantile")["group=a"] == round(incomes[900] * 10**12)
    assert part(out, "step")["group=a"] == 0 or 2 * part(out, "step")["group=a"] > 0.2 * width * 10**6


def with_several_rows(low: int, high: int, rows: int, own: int) -> pd.DataFrame:
    """Return so many persons with 0 and with 5, one row each, and one with several rows of a value."""
    values = [*[0] * low, *[5] * high, *[own] * rows]
    return pd.DataFrame({UNIT: [*range(low + high), *[99_999] * rows], "group": "a", "value": values})


@pytest.mark.parametrize("own", [0, 5])
@pytest.mark.parametrize(
    ("ahead", "safe"), [(-13, True), (-11, False), (-1, False), (1, False), (11, False), (13, True)]
)
def test_a_unit_with_many_rows_does_not_decide_which_of_two_is_the_median_wherever_it_stands(
    ahead: int, own: int, *, safe: bool
) -> None:
    """Of the others so many more have 0 than 5: below its twelve rows, these make the difference."""
    frame = with_several_rows(400 + ahead, 400, 12, own)
    by = policy(minimum_units=10, modal_share=90)
    assert (status(judge(frame, by, statistic="median", values="value")) is Status.SAFE) is safe


@pytest.mark.parametrize(("rows", "usual", "safe"), [(3, 1, True), (4, 1, False), (36, 12, True), (37, 12, False)])
def test_a_unit_with_a_few_rows_more_than_usual_counts_for_hardly_more_than_another(
    rows: int, usual: int, *, safe: bool
) -> None:
    once = with_several_rows(400, 400, 0, 0)
    frame = pd.concat([*[once] * usual, with_several_rows(0, 0, rows, 0)])
    by = policy(minimum_units=10, modal_share=90)
    assert (status(judge(frame, by, statistic="median", values="value")) is Status.SAFE) is safe


def test_rows_of_a_holding_are_not_those_of_a_unit() -> None:
    """Persons with a row each, of whom two hundred have one employer."""
    frame = with_several_rows(401, 400, 0, 0).assign(employer=lambda rows: rows[UNIT].where(rows[UNIT] % 4 > 0, 0))
    by = policy(minimum_units=10, modal_share=90)
    asked: dict[str, Any] = {"statistic": "median", "values": "value"}
    alone, held = judge(frame, by, **asked), judge(frame, by, **asked, holding=("employer",))
    assert part(alone, "step") == part(held, "step")
    assert set(part(held, "step").values()) == {1}


def test_one_unit_in_every_second_row_takes_few_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has just over half of the rows however far one looks is looked at in twice as many each time."""
    size, turns = 4096, []
    counted = position_part._most_of_one

    def most_of_one(keys: Any, places: slice) -> int:
        turns.append(places.stop - places.start)
        return counted(keys, places)

    monkeypatch.setattr(position_part, "_most_of_one", most_of_one)
    rank = np.argsort(np.argsort(np.abs(np.arange(size) - size // 2 + 0.25)))
    keys = np.where((rank == 0) | (rank % 2 == 1), 0, 1 + rank)
    shared_figure(Fraction(size // 2) - Fraction(1, 4), np.arange(size), [keys], 10)
    assert 2 < len(turns) < 20


def test_a_value_beside_others_that_were_made_equal_is_not_averaged_with_these_alone() -> None:
    """Nine are made 0 and the rest far away: the average of ten would be a tenth of what the tenth one has."""
    far = [1_000_000 + 1_000 * place for place in range(15)]
    for income in (20_000, 40_000):
        values = np.array([*(-value for value in reversed(far)), *[0] * 9, income, *far])
        found = shared_figure(Fraction(0), values, [np.arange(len(values))], 10)
        assert (found.figure, found.width > 1_000_000) == (0, True)


@pytest.mark.parametrize(("furthest", "alike"), [(30, 3), (31, 4)])
def test_a_value_three_times_as_far_as_the_others_together_is_taken_and_one_further_not_alone(
    furthest: int, alike: int
) -> None:
    values = np.array([-400, 90, 100, 100 + furthest, 150, 400])
    found = shared_figure(Fraction(100), values, [np.arange(6)], 3)
    assert found.alike == alike


def test_with_further_units_the_fewest_of_them_are_enough() -> None:
    values = np.array([10, 50, 51, 52, 53, 90])
    persons, homes = np.arange(6), np.array([0, 1, 1, 1, 2, 3])
    assert shared_figure(Fraction(51), values, [persons], 2).width == 2
    assert shared_figure(Fraction(51), values, [persons, homes], 2).width == 3


def test_evidence_whose_step_is_too_fine_for_its_values_fails() -> None:
    """What the evidence says is judged, not how it was made: below the width over the minimum no step passes."""
    step, alike = np.array([10, 10, 0]), np.array([3, 3, 3])
    assert of_too_few(step, np.array([30, 31, 0]), alike, 3).tolist() == [False, True, True]
    assert of_too_few(step, np.array([0, 0, 0]), np.array([3, 2, 3]), 3).tolist() == [False, True, True]


def test_fewer_units_than_the_minimum_have_no_figure_and_not_zero() -> None:
    out = median({"few": [10.0, 20.0], "many": [*range(30, 60)]})
    assert shown(out)["group=few"] != "0"
    assert out.figures[[str(cell) for cell in out.evidence.cells()].index("group=few")] is None  # type: ignore[union-attr]


def test_halves_round_to_the_even_multiple() -> None:
    assert shared_figure(Fraction(15), np.array([-90, 5, 25, 190]), [np.arange(4)], 2).figure == 20
    assert shared_figure(Fraction(25), np.array([-90, 15, 35, 190]), [np.arange(4)], 2).figure == 20


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


@pytest.mark.parametrize(
    "asked", [{"statistic": "median"}, {"statistic": "quantile", "options": (("probability", "0.3"),)}]
)
@pytest.mark.parametrize("weight", [40.0, 90.0])
def test_a_weight_of_ones_own_may_put_a_quantile_on_one_unit_and_is_not_judged(
    asked: dict[str, Any], weight: float
) -> None:
    """At 40 of 140 the unit passes dominance, and is most quantiles from the 36th to the 64th percent all the same."""
    frame = units({"a": list(range(1, 102))}).assign(w=[1.0] * 50 + [weight] + [1.0] * 50)
    by = policy(dominance=[[1, 50]])
    out = judge(frame, by, values="value", weights="w", **asked)
    assert isinstance(out.verdict, Inconclusive)
    assert UNKNOWN_WEIGHT_OF_QUANTILE in out.verdict.missing
    assert not list(out.published())
    known = judge(frame, by, values="value", weights="w", codebook=codebook(weights=("w",)), **asked)
    assert status(known) is Status.SAFE
    assert status(judge(frame, by, values="value", **asked)) is Status.SAFE


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
