"""Protection levels: of a sum 100/k * (x1 + ... + xm) - X, p/100 * x1 - (X - x1 - x2) and p/q * x1 - (X - x1 - x2).

They are the least by which the cell's total would have to be larger for the rule to hold. Counts have intervals: from
max(0, n - minimum) to the minimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.errors import PolicyError
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName
from disclosure.policy import Policy
from disclosure.protection.levels import Interval, ambiguity_levels, dominance_levels, protection_levels
from tests.disclosure.support import ABSENT, DATA, codebook, heads, judge, policy, rules, units


def summed(values: Sequence[float], by: Policy) -> JudgedTable:
    return judge(units({"a": values}), by, statistic="sum", values="value", rows=[])


def interval(values: Sequence[float], by: Policy) -> Interval | None:
    table = summed(values, by)
    assert table.evidence is not None
    (found,) = protection_levels(table.evidence, by, table.failing)
    return found


def around(total: float, level: Fraction) -> Interval:
    return Interval(Fraction(total) - level, Fraction(total) + level)


@pytest.mark.parametrize(
    ("change", "values", "level"),
    [
        ({"dominance": [[1, 85]]}, [300, 20, 10], Fraction(100 * 300, 85) - 330),
        ({"dominance": [[2, 60]]}, [50, 30, 20], Fraction(100 * 80, 60) - 100),
        ({"dominance": [[1, 50], [2, 67]]}, [60, 30, 10], Fraction(100 * 90, 67) - 100),
        ({"dominance": [[1, 50], [2, 67]]}, [70, 1, 29], Fraction(100 * 99, 67) - 100),
        ({"p_percent": 10}, [50_000, 49_000, 1000], Fraction(4000)),
        ({"pq": [10, 50]}, [100, 50, 5], Fraction(15)),
        ({"pq": [10, 50], "p_percent": 25}, [100, 50, 5], Fraction(20)),
        ({"dominance": [[1, 50]], "p_percent": 10}, [100, 3, 2], Fraction(95)),
    ],
)
def test_the_level_is_the_largest_of_those_of_the_rules_on_contributors(
    change: dict[str, object], values: list[float], level: Fraction
) -> None:
    assert interval(values, policy(**change)) == around(sum(values), level)


def test_the_published_total_at_which_dominance_would_hold_is_the_end_of_the_interval() -> None:
    found = interval([300, 20, 10], policy(dominance=[[1, 85]]))
    assert found is not None
    assert float(found.highest) == pytest.approx(352.941176)


def test_a_cell_that_passes_has_no_level() -> None:
    assert interval([10, 11, 12, 13, 14, 15], policy(dominance=[[1, 50]])) is None


def test_negative_values_count_by_their_size() -> None:
    assert interval([-100, 50, -5], policy(p_percent=10)) == around(155, Fraction(5))


def test_a_sum_over_too_few_units_is_protected_when_nothing_is_known_of_it() -> None:
    assert interval([10, 11, 12], policy(minimum_units=4)) == Interval(Fraction(0), Fraction(66))
    by = policy(constant="on")
    table = judge(units({"a": [10, 10, 10], "b": [1, 2, 3]}), by, statistic="sum", values="value")
    assert table.evidence is not None
    found = protection_levels(table.evidence, by, table.failing)
    assert found == (Interval(Fraction(0), Fraction(60)), None, None)


@pytest.mark.parametrize("key", ["dominance", "p_percent", "pq"])
def test_a_policy_that_does_not_set_a_rule_gives_no_level(key: str) -> None:
    table = summed([300, 20, 10], policy(dominance=[[1, 85]]))
    assert table.evidence is not None
    with pytest.raises(PolicyError, match=key):
        protection_levels(table.evidence, policy(**{key: ABSENT}), table.failing)


@given(st.lists(st.integers(200, 500), min_size=3, max_size=6, unique=True), st.integers(1, 3), st.integers(20, 95))
def test_with_the_level_added_by_others_a_cell_just_passes_dominance(values: list[int], m: int, k: int) -> None:
    by = policy(dominance=[[m, k]])
    found = interval(values, by)
    if found is None or RuleName.DOMINANCE not in rules(summed(values, by)):
        return
    more = found.highest - sum(values)
    assert more == Fraction(100, k) * sum(sorted(values)[-m:]) - sum(values)
    # From many small ones, so that the largest stay the largest; a little less than the level, and a little more.
    for part, unsafe in ((0.999, True), (1.001, False)):
        others = [float(more) * part / 100] * 100
        assert (RuleName.DOMINANCE in rules(summed([*values, *others], by))) is unsafe


def test_levels_of_two_thousand_enterprises_are_those_of_an_independent_audit() -> None:
    frame = pd.read_csv(DATA / "enterprises.csv")
    frame["unit"] = range(len(frame))
    by = policy(p_percent=10)
    table = judge(frame, by, statistic="sum", values="turnover", rows=["region", "sector", "size"])
    expected = pd.read_csv(DATA / "enterprises_expected.csv", dtype=str).dropna(subset=["p_10_level"])
    evidence, compared = table.evidence, 0
    assert evidence is not None
    assert evidence.amounts is not None
    found = dict(zip(map(str, evidence.cells()), protection_levels(evidence, by, table.failing), strict=True))
    for _, row in expected.iterrows():
        cell = ", ".join(f"{name}={row[name]}" for name in ("region", "sector", "size") if row[name] != "Total")
        one = found[cell]
        assert one is not None
        assert one.highest - one.lowest == 2 * Fraction(row["p_10_level"]).limit_denominator(1000)
        assert (one.highest + one.lowest) / 2 == int(row["turnover"])
        compared += 1
    assert compared == 38
    assert sum(one is not None for one in found.values()) == int(table.failing.sum())


# --------------------------------------------------------------------------------------------------------------- counts


@pytest.mark.parametrize(
    ("n", "lowest", "highest"), [(1, 0, 10), (9, 0, 10)]
)  # every count below the minimum may be anything up to it
def test_a_small_count_may_be_anything_from_zero_to_the_minimum(n: int, lowest: int, highest: int) -> None:
    by = policy(minimum_units=10)
    table = judge(heads({"a": n, "b": 40}), by)
    assert table.evidence is not None
    found = dict(
        zip(map(str, table.evidence.cells()), protection_levels(table.evidence, by, table.failing), strict=True)
    )
    assert found == {"group=a": Interval(Fraction(lowest), Fraction(highest)), "group=b": None, "total": None}


def test_a_count_that_holds_nearly_everyone_may_be_one_that_passes() -> None:
    by = policy(minimum_units=2, group_disclosure=90)
    table = judge(heads({"a": 95, "b": 5}), by)
    assert table.evidence is not None
    found = protection_levels(table.evidence, by, table.failing)
    assert found[0] == Interval(Fraction(90), Fraction(95))


def test_an_empty_cell_may_hold_somebody() -> None:
    by = policy(zero_cells="disclosive")
    frame = heads({("a", "x"): 20, ("a", "y"): 20, ("b", "x"): 20})
    table = judge(frame, by, rows=["d1"], columns=["d2"])
    assert table.evidence is not None
    levels = protection_levels(table.evidence, by, table.failing)
    assert [levels[place] for place in np.flatnonzero(table.failing)] == [Interval(Fraction(0), Fraction(1))]


def test_the_count_behind_a_rate_is_that_of_its_numerator() -> None:
    by = policy(minimum_units=10)
    table = judge(units({"a": [1] * 3 + [0] * 60}), by, statistic="rate", values="value", rows=[])
    assert table.evidence is not None
    assert protection_levels(table.evidence, by, table.failing) == (Interval(Fraction(0), Fraction(10)),)


# -------------------------------------------------------------------------------------------------------------- weights


def weighted(pairs: Sequence[tuple[float, float]], by: Policy) -> JudgedTable:
    frame = pd.DataFrame(pairs, columns=["value", "weight"]).assign(unit=range(len(pairs)))
    book = codebook(weights=("weight",))
    return judge(frame, by, statistic="sum", values="value", weights="weight", rows=[], codebook=book)


def test_expanded_weights_100_by_4_and_10_by_7_give_470_and_the_top_two_are_100_and_100() -> None:
    by = policy(weights="expanded", dominance=[[2, 42]])
    table = weighted([(100, 4), (10, 7)], by)
    assert table.evidence is not None
    amounts = table.evidence.amounts
    assert amounts is not None
    scale = 10**amounts.decimals
    assert (amounts.absolute[0], *amounts.largest[0]) == (470 * scale, 100 * scale, 100 * scale)
    assert dominance_levels(amounts, by, 0) == ((Fraction(20_000, 42) - 470) * scale,)
    assert table.failing.all()


def test_unweighted_contributors_stand_beside_the_weighted_total() -> None:
    by = policy(dominance=[[2, 20]], p_percent=10)
    table = weighted([(100, 4), (10, 7)], by)
    assert table.evidence is not None
    amounts = table.evidence.amounts
    assert amounts is not None
    scale = 10**amounts.decimals
    assert (amounts.absolute[0], *amounts.largest[0]) == (470 * scale, 100 * scale, 10 * scale)
    assert dominance_levels(amounts, by, 0) == ((Fraction(11_000, 20) - 470) * scale,)
    assert ambiguity_levels(amounts, by, 0) == ((10 - 360) * scale,)


@pytest.mark.parametrize(("weight", "copies"), [(0.4, 0), (0.5, 1), (1.5, 2), (2.49, 2), (2.5, 3)])
def test_expanded_contributors_stand_for_their_weight_rounded_half_up(weight: float, copies: int) -> None:
    by = policy(weights="expanded", dominance=[[3, 100]])
    table = weighted([(100, weight), (1, 10)], by)
    assert table.evidence is not None
    amounts = table.evidence.amounts
    assert amounts is not None
    scale = 10**amounts.decimals
    assert [one // scale for one in amounts.largest[0]] == ([100] * copies + [1, 1, 1])[:3]
    assert amounts.absolute[0] == (100 * copies + 10) * scale
