"""The corners that the rule book names, each once, under the policies that it names."""

from __future__ import annotations

import pandas as pd

import disclosure as sdc
from disclosure.model.codebooks import Column
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import UNIT, coarse, codebook, failures, judge, policy, status, units


def test_three_ones_among_400_fail_by_their_numerator() -> None:
    frame = units({"a": [1] * 3 + [0] * 397})
    out = sdc.table(frame, values="value", statistic="rate", unit=UNIT, policy="abs")  # no group disclosure there
    assert failures(out, RuleName.FREQUENCY_IN_DISGUISE) == {"total"}


def test_0_and_100_percent_fail_under_every_policy_that_sets_group_disclosure() -> None:
    for value in (0, 1):
        frame = units({"a": [value] * 400})
        for share in (50, 90, 99.9):
            table = judge(frame, policy(group_disclosure=share), statistic="rate", values="value", rows=[])
            assert failures(table) == {"total"}
        assert status(judge(frame, policy(), statistic="rate", values="value", rows=[])) is Status.SAFE


def test_50000_49000_1000_passes_1_90_and_fails_p_10() -> None:
    frame = units({"a": [50_000, 49_000, 1000]})
    assert status(judge(frame, policy(dominance=[[1, 90]]), statistic="sum", values="value", rows=[])) is Status.SAFE
    assert failures(judge(frame, policy(p_percent=10), statistic="sum", values="value", rows=[])) == {"total"}


def test_300_20_10_fails_1_85_and_would_pass_at_a_total_of_352_95() -> None:
    by = policy(dominance=[[1, 85]])
    # What is added to reach the bound is of three units: the cents of one alone would be his.
    for last, expected in ((0.0, Status.UNSAFE), (7.64, Status.UNSAFE), (7.65, Status.SAFE)):
        frame = units({"a": [300, 20, 10, 7.65, 7.65, last]})
        assert status(judge(frame, by, statistic="sum", values="value", rows=[])) is expected


def test_96_of_100_in_a_category_marked_not_disclosive_are_safe_and_100_of_100_are_not() -> None:
    book = codebook(Column("value", not_disclosive=("no benefit",)))
    for holders, expected in ((96, Status.SAFE), (100, Status.UNSAFE)):
        frame = units({"a": ["no benefit"] * holders + ["benefit"] * (100 - holders)})
        table = judge(frame, policy(group_disclosure=90), rows=["value"], codebook=book)
        assert status(table) is expected


def test_ten_units_of_which_eight_are_zero_fail_minimum_nonzero() -> None:
    by, frame = policy(minimum_units=10), units({"a": [3, 4, *[0] * 8]})
    assert failures(judge(frame, by, statistic="sum", values="value"), RuleName.MINIMUM_NONZERO) == {
        "group=a",
        "total",
    }
    assert failures(judge(frame, by, statistic="sum", values="value"), RuleName.MINIMUM_COUNT) == set()


def test_negative_values_enter_by_their_absolute_value_and_the_finding_says_so() -> None:
    frame = units({"a": [-100, 40, 40]})
    out = sdc.table(frame, rows="group", values="value", statistic="sum", unit=UNIT, policy="abs")
    dominance = [finding for finding in out.verdict.findings if finding.rule is RuleName.DOMINANCE]
    assert dominance
    assert "negative values count by their size" in dominance[0].message


def test_the_largest_contributors_expanded_by_their_rounded_weights() -> None:
    frame = pd.DataFrame({UNIT: [1, 2], "value": [100, 10], "weight": [4.0, 7.0]})
    by = policy(weights="expanded", dominance=[[2, 50]])
    book = codebook(weights=("weight",))
    table = judge(frame, by, statistic="sum", values="value", weights="weight", rows=[], codebook=book)
    assert table.evidence is not None
    amounts = table.evidence.amounts
    assert amounts is not None
    assert amounts.absolute.tolist() == [470 * 10**amounts.decimals]
    assert amounts.largest.tolist() == [[100 * 10**amounts.decimals] * 2]
    assert not failures(table, RuleName.DOMINANCE)  # 200 of 470 is under 50 percent; unexpanded it is 110 of 110
    plain = judge(frame, policy(dominance=[[2, 50]]), statistic="sum", values="value", rows=[])
    assert failures(plain, RuleName.DOMINANCE) == {"total"}


def test_a_count_never_becomes_safe_because_a_unit_was_added_to_another_cell() -> None:
    frame = units({"a": range(9), "b": range(50)})
    also = pd.concat([frame, frame.head(9).assign(group="b")])
    for one in (frame, also):
        table = judge(one, policy(minimum_units=10), codebook=coarse("group"))
        assert "group=a" in failures(table)


def test_30_rows_of_one_person_do_not_pass_a_threshold_of_10() -> None:
    frame = pd.DataFrame({UNIT: [1] * 30, "group": "a", "value": range(30)})
    for name in ("cbs", "sacro", "abs"):
        out = sdc.table(frame, rows="group", values="value", statistic="sum", unit=UNIT, policy=name)
        assert failures(out, RuleName.MINIMUM_COUNT) == {"group=a", "total"}
