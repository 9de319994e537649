"""Told counts: a figure of a few amounts is a frequency table, if it tells how many units have each."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.model.verdicts import RuleName, Status
from disclosure.rules.told_counts import told
from tests.disclosure.support import UNIT, failures, judge, policy, rules, status, units

RULE = RuleName.FREQUENCY_IN_DISGUISE
BOTH = {"group=a", "total"}


def amounts(**counts: int) -> pd.DataFrame:
    """Return units of one group, so many with each amount: `amounts(_0=20, _1=12)`."""
    return units({"a": [float(name[1:]) for name, count in counts.items() for _ in range(count)]})


@pytest.mark.parametrize("statistic", ["std", "var", "skew", "kurt", "gini", "hhi"])
@pytest.mark.parametrize(("twos", "unsafe"), [(1, True), (3, True), (9, True), (10, False)])
def test_beside_number_and_total_one_more_figure_solves_for_three_amounts(
    statistic: str, twos: int, *, unsafe: bool
) -> None:
    table = judge(amounts(_0=60, _1=40, _2=twos), policy(minimum_units=10), statistic=statistic, values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize("statistic", ["sum", "mean", "share"])
@pytest.mark.parametrize("twos", [1, 3, 9, 10])
def test_number_and_total_do_not(statistic: str, twos: int) -> None:
    table = judge(amounts(_0=60, _1=40, _2=twos), policy(minimum_units=10), statistic=statistic, values="value")
    assert status(table) is Status.SAFE


@pytest.mark.parametrize("statistic", ["sum", "mean", "share"])
@pytest.mark.parametrize(
    ("counts", "unsafe"),
    [
        ({"_0": 300, "_1": 91, "_1000": 9}, True),
        ({"_0": 300, "_1": 91, "_1000": 3}, True),
        ({"_0": 300, "_1": 90, "_1000": 10}, False),
        ({"_0": 270, "_50": 130, "_1000": 9}, False),  # 16 of 1,000 and 3 of 50 cost as much with fewer zeros
        ({"_0": 20, "_50": 15, "_1000": 9}, True),
        ({"_0": 20, "_50": 20, "_1000": 9}, False),
        ({"_900": 8, "_1037.12": 30, "_1481.6": 12}, True),
        ({"_900": 10, "_1037.12": 30, "_1481.6": 12}, False),
    ],
)
def test_a_total_tells_counts_if_no_other_ones_make_it_up(
    statistic: str, counts: dict[str, int], *, unsafe: bool
) -> None:
    table = judge(amounts(**counts), policy(minimum_units=10), statistic=statistic, values="value")
    assert failures(table, RULE) == (BOTH if unsafe else set())


@pytest.mark.parametrize(("fives", "unsafe"), [(2, True), (3, False), (6, True), (7, False), (10, False)])
def test_of_four_amounts_a_deviation_leaves_what_another_solution_has(fives: int, *, unsafe: bool) -> None:
    # Three more of 5 take 15 more of 1, and 8 of 0 and 10 of 3 fewer; so 3 may be none, and 7 may be 10.
    table = judge(amounts(_0=20, _1=20, _3=12, _5=fives), policy(minimum_units=10), statistic="std", values="value")
    assert (RULE in rules(table)) is unsafe


@pytest.mark.parametrize(("third", "unsafe"), [(1, False), (2, False), (3, True)])
def test_an_amount_is_known_if_three_have_it(third: int, *, unsafe: bool) -> None:
    frame = amounts(_500=20, _700=20, _900=20).assign(group="b")
    own = units({"a": [100.0] * 15 + [300.0] * 12 + [3000.0] * third})
    own[UNIT] += len(frame)
    table = judge(pd.concat([own, frame]), policy(minimum_units=10), statistic="std", values="value")
    assert (failures(table, RULE) == {"group=a"}) is unsafe


def test_or_if_three_have_it_in_the_whole_table() -> None:
    frame = pd.concat([amounts(_100=20, _300=20, _3000=20).assign(group="b"), amounts(_100=15, _300=12, _3000=1)])
    frame[UNIT] = np.arange(len(frame))
    table = judge(frame, policy(minimum_units=10), statistic="std", values="value")
    assert failures(table, RULE) == {"group=a"}


def test_five_amounts_are_not_asked_about() -> None:
    frame = amounts(_0=60, _1=40, _2=30, _3=20, _4=3)
    assert status(judge(frame, policy(minimum_units=10), statistic="std", values="value")) is Status.SAFE


def test_the_reason_and_what_repairs_it() -> None:
    frame = pd.concat([amounts(_0=60, _1=40, _2=8), amounts(_0=40, _1=30, _2=12).assign(group="b")])
    frame[UNIT] = np.arange(len(frame))
    out = sdc.table(frame, rows="group", values="value", statistic="std", unit=UNIT, policy="cbs")
    assert {str(one.reason) for one in out.verdict.findings} == {
        "a few amounts are all that there are, and the figure tells how many have each: of one of them too few do"
    }
    assert all(out.apply(remedy).verdict.status is Status.SAFE for remedy in out.remedies()[:2])


@pytest.mark.parametrize("chosen", ["cbs", "abs", "essnet", "sacro"])
def test_children_hours_and_rooms_of_hundreds_stay_safe(chosen: str) -> None:
    chance = np.random.default_rng(11)
    size = 6_000
    frame = pd.DataFrame({UNIT: np.arange(size), "area": chance.integers(0, 20, size).astype(str)})
    frame["children"] = chance.choice(6, size, p=[0.45, 0.22, 0.23, 0.07, 0.02, 0.01])
    frame["hours"] = chance.choice([0, 8, 16, 20, 24, 32, 36, 40], size)
    frame["persons"] = 1 + chance.choice(5, size, p=[0.4, 0.33, 0.13, 0.1, 0.04])
    frame["part"] = chance.choice([0.5, 0.6, 0.8, 1.0], size, p=[0.02, 0.08, 0.3, 0.6])
    for value, asked in product(("children", "hours", "persons", "part"), ("sum", "mean", "std")):
        if value != "part" or asked != "std":
            out = sdc.table(frame, rows="area", values=value, statistic=asked, unit=UNIT, policy=chosen)
            assert RULE not in rules(out), (value, asked)
            assert value == "part" or status(out) is Status.SAFE, (value, asked, rules(out))


def solutions(given: tuple[int, ...], counts: tuple[int, ...], equations: int) -> list[tuple[int, ...]]:
    def sums(one: tuple[int, ...]) -> list[int]:
        return [
            sum(count * amount**power for amount, count in zip(given, one, strict=True)) for power in range(equations)
        ]

    every = product(range(sum(counts) + 1), repeat=len(counts) - 1)
    all_of_them = ((*some, sum(counts) - sum(some)) for some in every if sum(some) <= sum(counts))
    return [one for one in all_of_them if sums(one) == sums(counts)]


@given(
    st.lists(st.integers(-3, 30), min_size=2, max_size=4, unique=True).map(sorted),
    st.lists(st.integers(1, 7), min_size=4, max_size=4),
    st.sampled_from((3, 5)),
    st.sampled_from((2, 3, 4)),
)
def test_what_is_told_is_what_all_solutions_have_in_common(
    given_amounts: list[int], many: list[int], minimum: int, equations: int
) -> None:
    counts: Any = tuple(many[: len(given_amounts)])
    every = solutions(tuple(given_amounts), counts, equations)
    expected = False
    for group in product((0, 1), repeat=len(counts)):
        numbers = {sum(count * chosen for count, chosen in zip(one, group, strict=True)) for one in every}
        expected |= all(0 < number < minimum for number in numbers)
    assert told(given_amounts, counts, minimum, equations) is expected
