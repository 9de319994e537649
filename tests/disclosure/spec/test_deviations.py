"""Deviations: measured from the lowest and from the highest contribution, minimum nonzero and dominance apply anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.knowledge import Knowledge
from disclosure.model.codebooks import Column
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.verdicts import RuleName, Status
from disclosure.protection.failing import failed_rules
from tests.disclosure.support import UNIT, codebook, failures, judge, policy, rules, status, units

RULE = RuleName.DEVIATIONS
BOTH = {"group=a", "total"}


@pytest.mark.parametrize("statistic", ["sum", "mean", "share"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("others", "unsafe"), [(0, False), (1, True), (9, True), (10, False), (31, False), (40, False)]
)
def test_as_many_units_as_the_minimum_must_differ_from_the_lowest_and_from_the_highest(
    statistic: str, sign: int, others: int, unsafe: bool
) -> None:
    values = [100] * (40 - others) + [100 + sign * (5 + place % 7) for place in range(others)]
    table = judge(units({"a": values}), policy(minimum_units=10), statistic=statistic, values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize(
    ("values", "unsafe"),
    [
        (list(range(10)), False),
        ([0, 0, *range(1, 10)], False),
        ([*[3] * 10, *range(4, 13)], True),
        ([*[3] * 9, *range(4, 13)], False),
        ([*[3] * 10, *range(4, 14)], False),
        ([*range(1, 10), *[20] * 10], True),
        ([*range(10), *[20] * 10], False),
    ],
)
def test_only_a_few_beside_many_at_one_end_stand_out(values: list[int], unsafe: bool) -> None:
    table = judge(units({"a": values}), policy(minimum_units=10), statistic="sum", values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize("statistic", ["sum", "mean"])
@pytest.mark.parametrize("shift", [1000, -1000, 10**7])
@pytest.mark.parametrize(("first", "unsafe"), [(10, False), (11, True)])
def test_one_deviation_above_the_share_of_their_sum_fails_whatever_was_added_to_all(
    statistic: str, shift: int, first: int, unsafe: bool
) -> None:
    above = [first, 4, 3, 3, 0, 0, 0, 0]  # 10 of 20 is half of it, 11 of 21 is more
    for sign in (1, -1):
        frame = units({"a": [shift + sign * one for one in above]})
        table = judge(frame, policy(dominance=[[1, 50]]), statistic=statistic, values="value")
        assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize(("first", "unsafe"), [(20, False), (21, True)])
def test_p_percent_is_put_to_deviations_with_only_the_largest_known(first: int, unsafe: bool) -> None:
    frame = units({"a": [500 + one for one in (first, 1, 1, 0)]})  # the others come to 2
    table = judge(frame, policy(p_percent=10), statistic="sum", values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


def test_a_pair_of_the_policy_that_is_of_several_contributors_holds_for_one() -> None:
    frame = units({"a": [500 + one for one in (10, 4, 2, 0, 0, 0, 0)]})  # 10 of 16 are 62.5%
    for share, unsafe in ((62, True), (63, False)):
        table = judge(frame, policy(dominance=[[2, share]]), statistic="sum", values="value")
        assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize(("lowest", "unsafe"), [(10, False), (11, True), (12, True)])
def test_what_was_not_shifted_is_judged_as_it_is(lowest: int, unsafe: bool) -> None:
    # 11 of 21 above the lowest: asked only where the lowest is at least the range away from zero.
    frame = units({"a": [lowest + one for one in (11, 4, 3, 3, 0, 0, 0, 0)]})
    table = judge(frame, policy(dominance=[[1, 50]]), statistic="sum", values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


def test_equal_contributions_are_the_business_of_another_rule() -> None:
    table = judge(
        units({"a": [7] * 20}), policy(minimum_units=10, dominance=[[1, 50]]), statistic="sum", values="value"
    )
    assert failures(table, RULE) == set()


def test_an_income_is_not_hidden_by_a_constant_that_is_added_to_all() -> None:
    frame = pd.DataFrame({UNIT: range(101)})
    frame["value"] = 10_000_000 + frame[UNIT] % 7 + np.where(frame[UNIT] == 50, 43_210, 0)
    for chosen in ("cbs", "abs", "essnet", "sacro"):
        for statistic in ("sum", "mean"):
            out = sdc.table(frame, values="value", statistic=statistic, unit=UNIT, policy=chosen)
            assert RULE in rules(out)


def shifted(shift: int = 10_000_000, **made_up: int) -> pd.DataFrame:
    """Return 101 contributions of about `shift`, one with 43,210 more, and some that were made up for the purpose."""
    frame = pd.DataFrame({UNIT: range(101)})
    frame["value"] = shift + frame[UNIT] % 7 + np.where(frame[UNIT] == 50, 43_210, 0)
    for place, value in enumerate(made_up.values()):
        frame.loc[place, "value"] = value
    return frame


@pytest.mark.parametrize(
    "made_up",
    [
        {"low": 0},
        {"below_zero": -10_000_000},
        {"far_below": -(10**9)},
        {"high": 20_000_000},
        {"low": 0, "high": 20_000_000},
        {"low": 0, "low_again": 0},
        {"low": 0, "other": 1_000},
    ],
)
@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_a_value_made_up_for_the_purpose_does_not_hide_a_shift(statistic: str, made_up: dict[str, int]) -> None:
    for sign in (1, -1):
        frame = shifted(**made_up)
        out = sdc.table(frame.assign(value=sign * frame["value"]), values="value", statistic=statistic, unit=UNIT)
        assert RULE in rules(out), made_up


def test_a_small_shift_of_many_is_seen_though_the_one_is_far_above_it() -> None:
    frame = pd.DataFrame({UNIT: range(1000)})
    frame["value"] = 100 + frame[UNIT] % 7 + np.where(frame[UNIT] == 50, 43_210, 0)
    assert RULE in rules(sdc.table(frame, values="value", statistic="sum", unit=UNIT))


@pytest.mark.parametrize(("more", "unsafe"), [(0, True), (1, False)])
def test_distances_but_the_two_largest_are_set_against_a_twentieth_of_what_is_taken_off(
    more: int, *, unsafe: bool
) -> None:
    # 100 is taken off ten times, a twentieth of which is 50: as much as 25, 25 and nothing more, beside 900 and 25.
    frame = units({"a": [1000, 125, 125, 125, 100 + more, *[100] * 5]})
    table = judge(frame, policy(dominance=[[1, 80]]), statistic="sum", values="value")
    assert (failures(table, RULE) == BOTH) is unsafe


@pytest.mark.parametrize(
    ("values", "unsafe"),
    [
        ([1, *[2] * 395, 3, 3, 3, 4], True),
        ([0, *[2] * 391, *[3] * 7, 5], True),
        ([0, *[2] * 390, *[3] * 8, 5], False),
        ([0, *range(10, 30), *[50] * 19, 51], False),
    ],
)
def test_few_that_lie_elsewhere_are_seen_wherever_the_others_are(values: list[int], *, unsafe: bool) -> None:
    table = judge(units({"a": values}), policy(minimum_units=10), statistic="mean", values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize("statistic", ["sum", "mean", "share"])
@pytest.mark.parametrize(("low", "high"), [(0, 50_000), (20_000, 60_000), (1, 3), (5, 50)])
@pytest.mark.parametrize("known", [19_503, 26_617, 43_210, 70_000])
def test_made_up_values_at_two_amounts_do_not_leave_the_total_of_one(
    statistic: str, low: int, high: int, known: int
) -> None:
    frame = units({"a": [low] * 30 + [high] * 30 + [known]})
    table = judge(frame, policy(minimum_units=10, dominance=[[1, 50]]), statistic=statistic, values="value")
    assert status(table) is Status.UNSAFE


@pytest.mark.parametrize("statistic", ["sum", "mean"])
@pytest.mark.parametrize(
    ("at", "elsewhere", "unsafe"),
    [
        ((-20, 20), 1, True),
        ((-20, 20), 9, True),
        ((-20, 20), 10, False),
        ((20, 60), 9, True),
        ((20, 60), 10, False),
        ((-20, 0, 60), 9, True),
        ((-20, 0, 60), 10, False),
        ((-90, -20, 60, 90), 1, True),
        ((0, 10), 9, False),  # small whole numbers, which a few may well have
        ((0, 11), 9, True),
        ((-1, 9), 9, True),
        ((0.5, 9), 9, True),
    ],
)
def test_few_at_none_of_several_amounts_that_many_share_stand_out(
    statistic: str, at: tuple[float, ...], elsewhere: int, *, unsafe: bool
) -> None:
    between = [1 + place % 8 for place in range(elsewhere)]
    values = [amount for amount in at for _ in range(20)] + between
    table = judge(units({"a": values}), policy(minimum_units=10), statistic=statistic, values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize(("third", "unsafe"), [(1, True), (2, True), (3, False), (9, False)])
def test_one_more_amount_that_three_share_cannot_be_solved_for(third: int, unsafe: bool) -> None:
    values = [0] * 25 + [1_250] * 18 + [1_750] * third
    table = judge(units({"a": values}), policy(minimum_units=10), statistic="sum", values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize("third", [3, 9])
def test_of_one_amount_only_that_all_but_a_few_share_those_few_are_what_is_left(third: int) -> None:
    table = judge(
        units({"a": [1_250] * 40 + [1_750] * third}), policy(minimum_units=10), statistic="sum", values="value"
    )
    assert failures(table, RULE) == BOTH


@pytest.mark.parametrize(
    "asked",
    [
        {"statistic": "std"},
        {"statistic": "var"},
        {"statistic": "skew"},
        {"statistic": "gini"},
        {"statistic": "theil"},
        {"statistic": "s80_s20"},
        {"statistic": "hhi"},
        {"statistic": "concentration_ratio", "options": (("largest", "12"),)},
        {"statistic": "trimmed_mean", "options": (("trim", "0.2"),)},
    ],
    ids=lambda asked: asked["statistic"],
)
@pytest.mark.parametrize(("elsewhere", "unsafe"), [(1, True), (9, True), (10, False)])
def test_every_exact_figure_tells_of_the_few_that_have_another_amount(
    asked: dict[str, Any], elsewhere: int, unsafe: bool
) -> None:
    values = [1_250] * 25 + [1_750] * 25 + [1_412 + place for place in range(elsewhere)]
    table = judge(units({"a": values}), policy(minimum_units=10), values="value", **asked)
    assert (RULE in rules(table)) is unsafe


def test_the_reason_names_what_a_researcher_can_see() -> None:
    table = judge(units({"a": [1_250] * 40 + [1_412]}), policy(minimum_units=10), statistic="sum", values="value")
    found = [one for one in table.verdict.findings if one.rule is RULE]
    assert "as of a benefit" in str(found[0].message)


@pytest.mark.parametrize("statistic", ["sum", "mean"])
@pytest.mark.parametrize(
    ("few", "unsafe"),
    [
        ([20.017316], True),
        ([20.01 + place for place in range(9)], True),
        ([20.01 + place for place in range(10)], False),
        ([20.5 + place for place in range(9)], False),  # one digit is no sign
        ([20.5 + place for place in range(5)] + [20.25 + place for place in range(4)], True),
        ([20.5 + place for place in range(5)] + [20.25 + place for place in range(5)], False),
        ([-20.017316], True),
    ],
)
def test_last_digits_are_not_those_of_a_few(statistic: str, few: list[float], *, unsafe: bool) -> None:
    values = [*range(30, 70), *few]
    table = judge(units({"a": values}), policy(minimum_units=10), statistic=statistic, values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize(("rounded", "unsafe"), [(10, True), (9, False)])
def test_they_stand_out_beside_as_many_as_the_minimum(rounded: int, unsafe: bool) -> None:
    values = [1_017, 3_333, 7_919, *[4_000 + 100 * place for place in range(rounded)]]
    table = judge(units({"a": values}), policy(minimum_units=10), statistic="sum", values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


def test_incomes_with_and_without_cents_stay_safe() -> None:
    income = np.random.default_rng(3).lognormal(10, 0.5, 400).round(2)
    for part in (2, 7):
        frame = units({"a": list(np.where(np.arange(400) % part == 0, income, income.round()))})
        for statistic in ("sum", "mean"):
            table = judge(frame, policy(minimum_units=10), statistic=statistic, values="value")
            assert status(table) is Status.SAFE


@pytest.mark.parametrize("chosen", ["cbs", "abs", "essnet", "sacro"])
def test_ages_children_and_benefits_of_which_many_are_the_same_stay_safe(chosen: str) -> None:
    random = np.random.default_rng(7)
    size = 6_000
    frame = pd.DataFrame({UNIT: np.arange(size), "area": random.integers(0, 20, size).astype(str)})
    frame["age"] = random.integers(18, 65, size)
    frame["contract"] = random.choice([8, 16, 20, 24, 32, 36, 40], size)
    frame["children"] = random.choice(7, size, p=[0.42, 0.25, 0.22, 0.07, 0.02, 0.01, 0.01])
    frame["persons"] = 1 + random.choice(4, size, p=[0.4, 0.35, 0.23, 0.02])
    amounts = np.array([0, 612.5, 875, 1_210])
    frame["benefit"] = np.where(random.random(size) < 0.2, random.uniform(50, 1_210, size).round(2), amounts[size % 4])
    frame["benefit"] = np.where(random.random(size) < 0.5, random.choice(amounts, size), frame["benefit"])
    for value in ("age", "contract", "children", "persons", "benefit"):
        for statistic in ("sum", "mean", "share"):
            out = sdc.table(frame, rows="area", values=value, statistic=statistic, unit=UNIT, policy=chosen)
            assert status(out) is Status.SAFE, (value, statistic, rules(out))


def test_a_shift_of_rows_is_seen_by_a_holding_that_is_finer_than_the_unit() -> None:
    frame = shifted()
    frame = frame.loc[frame.index.repeat(1 + frame[UNIT] % 3)].reset_index(drop=True)
    frame["job"] = np.arange(len(frame))
    frame["value"] = 10_000_000 + frame["job"] % 7 + np.where(frame["job"] == 77, 43_210, 0)
    assert RULE in rules(sdc.table(frame, values="value", statistic="sum", unit=UNIT, holding=["job"]))
    jobs = frame.assign(value=1000 + frame["job"] % 97 * 13)
    assert RULE not in rules(sdc.table(jobs, values="value", statistic="sum", unit=UNIT, holding=["job"]))


def test_what_a_holding_has_in_all_is_measured_too() -> None:
    frame = shifted()
    frame["house"] = frame[UNIT] // 8
    frame["value"] = 10_000_000 + frame[UNIT] % 7 + np.where(frame["house"] == 5, 5_400, 0)
    frame = frame[frame["house"] < 12]
    assert RULE in rules(sdc.table(frame, values="value", statistic="sum", unit=UNIT, holding=["house"]))


@pytest.mark.parametrize(("twos", "unsafe"), [(8, True), (9, False)])
@pytest.mark.parametrize("statistic", ["mean", "sum"])
def test_under_a_weight_of_ones_own_the_value_is_looked_at_without_it(
    statistic: str, twos: int, *, unsafe: bool
) -> None:
    frame = pd.DataFrame({UNIT: range(400)})
    frame["value"] = [*[2] * twos, 3, *[1] * (399 - twos)]
    frame["weight"] = 1.0 + frame[UNIT] % 5
    out = sdc.table(frame, values="value", statistic=statistic, unit=UNIT, weights="weight")
    assert (RULE in rules(out)) is unsafe


def test_a_third_value_does_not_hide_a_column_of_two() -> None:
    frame = units({"a": [1] * 199 + [2], "b": [1] * 170 + [2] * 29 + [3]})
    out = sdc.table(frame, rows="group", values="value", statistic="mean", unit=UNIT)
    assert "group=a" in failures(out, RULE)
    assert "group=b" not in failures(out, RULE)


def test_a_weight_of_ones_own_is_judged_by_its_deviations_too() -> None:
    frame = pd.DataFrame({UNIT: range(101)})
    frame["weight"] = 1_000_000.0 + frame[UNIT] % 7 + np.where(frame[UNIT] == 50, 43_210, 0)
    assert RULE in rules(sdc.table(frame, unit=UNIT, weights="weight"))
    frame["value"] = 2 + frame[UNIT] % 3
    assert RULE not in rules(sdc.table(frame.assign(weight=1.0), values="value", statistic="sum", unit=UNIT))


def test_under_a_weight_of_the_codebook_the_contributions_are_those_without_it() -> None:
    known = codebook(weights=("weight",))
    for first, unsafe in ((10, False), (11, True)):
        frame = units({"a": [1000 + one for one in (first, 4, 3, 3, 0, 0, 0, 0)]})
        frame["weight"] = [3.5, *[1.0 + place for place in range(7)]]
        table = judge(
            frame, policy(dominance=[[1, 50]]), statistic="sum", values="value", weights="weight", codebook=known
        )
        assert failures(table, RULE) == (BOTH if unsafe else set())


def test_what_counts_is_the_units_total_not_its_rows() -> None:
    half = units({"a": [50 + place for place in range(20)]})
    other = half.assign(value=50 - half["value"])
    table = judge(pd.concat([half, other]), policy(minimum_units=10), statistic="sum", values="value")
    assert table.evidence is not None
    assert table.evidence.amounts is not None
    scale = 10**table.evidence.amounts.decimals
    ends = table.evidence.amounts.ends[0]
    assert set(ends.lowest.tolist()) == set(ends.highest.tolist()) == {50 * scale}
    assert set(ends.n_lowest.tolist()) == {20}


@pytest.mark.parametrize("chosen", ["cbs", "abs", "essnet", "sacro"])
def test_incomes_wages_hours_and_jobs_of_hundreds_stay_safe(chosen: str) -> None:
    random = np.random.default_rng(4)
    size = 6_000
    frame = pd.DataFrame({UNIT: np.arange(size), "area": random.integers(0, 20, size).astype(str)})
    frame["income"] = random.lognormal(10, 0.8, size).round(2)
    frame["wage"] = random.lognormal(3, 0.4, size).round(2)
    frame["hours"] = np.clip(random.normal(34, 9, size).round(), 0, 40)
    frame["benefit"] = np.where(random.random(size) < 0.6, 0, frame["income"])
    frame["jobs"] = 1 + random.poisson(0.3, size)
    frame["result"] = random.normal(1000, 20_000, size).round()
    for value in ("income", "wage", "hours", "benefit", "jobs", "result"):
        for statistic in ("sum", "mean"):
            out = sdc.table(frame, rows="area", values=value, statistic=statistic, unit=UNIT, policy=chosen)
            assert status(out) is Status.SAFE, (value, statistic, rules(out))


def test_the_rule_reads_the_same_from_a_document() -> None:
    by = policy(dominance=[[1, 50]], minimum_units=10)
    table = judge(units({"a": [100, *[90] * 30], "b": range(40)}), by, statistic="sum", values="value")
    assert failures(table, RULE) == {"group=a"}
    assert table.evidence is not None
    read = evidence_from_bytes(evidence_to_bytes(table.evidence))
    again = {rule.name: mask.tolist() for rule, mask in failed_rules(table.recipe, read, by, Knowledge())}
    assert again[RULE] == [True, False, False]


CENTS = codebook(Column("value", decimals=2), Column("group", sensitive=False))


def with_cents(few: list[float], *, low: int = 30, high: int = 70, step: int = 1) -> pd.DataFrame:
    return units({"a": [*range(low, high, step), *few]})


@pytest.mark.parametrize("statistic", ["sum", "mean"])
@pytest.mark.parametrize(
    ("frame", "unsafe"),
    [
        (with_cents([40.01]), False),
        (with_cents([40.01, 50.5, 60.25]), False),
        (with_cents([40.01], low=30, high=50), True),  # fewer than twenty amounts are left open
        (with_cents([40.01], low=30, high=51), False),
        (with_cents([40.01], low=0, high=400, step=10), True),  # the others have three digits less
        (units({"a": [*range(3_000, 9_000, 100), 4_001]}), True),  # no decimals
    ],
)
def test_cents_of_a_column_that_a_codebook_describes_are_let_through_where_they_leave_the_amount_open(
    statistic: str, frame: pd.DataFrame, *, unsafe: bool
) -> None:
    asked: dict[str, Any] = {"statistic": statistic, "values": "value"}
    described = judge(frame, policy(minimum_units=10), codebook=CENTS, **asked)
    assert failures(described, RULE) == (BOTH if unsafe else set())
    assert failures(judge(frame, policy(minimum_units=10), **asked), RULE) == BOTH


def test_finer_digits_than_cents_are_asked_about_whatever_the_codebook_says() -> None:
    book = codebook(Column("value", decimals=4))
    for few, unsafe in (([40.0017], True), ([40.01], False)):
        table = judge(with_cents(few), policy(minimum_units=10), codebook=book, statistic="sum", values="value")
        assert failures(table, RULE) == (BOTH if unsafe else set())


def test_under_a_weight_digits_are_not_the_columns_own() -> None:
    frame = with_cents([40.01]).assign(weight=1)
    out = sdc.table(frame, values="value", statistic="sum", unit=UNIT, weights="weight", codebook=CENTS, policy="cbs")
    assert RULE in rules(out)


def test_ordinary_incomes_of_which_few_have_cents_are_safe_if_a_codebook_says_so() -> None:
    chance = np.random.default_rng(4)
    income = chance.lognormal(10, 0.5, 2000)
    value = np.where(chance.random(2000) < 0.01, income.round(2), income.round())
    frame = pd.DataFrame({UNIT: range(2000), "group": chance.integers(0, 10, 2000), "value": value})
    for statistic in ("sum", "mean"):
        for chosen in ("cbs", "sacro", "essnet"):
            asked: dict[str, Any] = {"rows": "group", "values": "value", "statistic": statistic, "unit": UNIT}
            assert status(sdc.table(frame, **asked, codebook=CENTS, policy=chosen)) is Status.SAFE
            assert RULE in rules(sdc.table(frame, **asked, policy=chosen))
