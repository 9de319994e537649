"""Frequency in disguise: a rate, mean or sum of a two-valued column is judged as the frequency table that it is."""

from __future__ import annotations

import pytest

import disclosure as sdc
from disclosure.model.codebooks import Column
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import UNIT, coarse, codebook, failures, judge, policy, rules, status, units

RULE = RuleName.FREQUENCY_IN_DISGUISE
TEN = policy(minimum_units=10)
AT_90 = policy(group_disclosure=90)


def mixed(ones: int, zeros: int) -> list[int]:
    return [1] * ones + [0] * zeros


@pytest.mark.parametrize("statistic", ["rate", "mean", "sum"])
@pytest.mark.parametrize(
    ("ones", "zeros", "unsafe"),
    [(9, 30, True), (10, 30, False), (30, 9, True), (30, 10, False), (0, 30, False), (30, 0, False)],
)
def test_numerator_and_complement_each_obey_the_minimum_count(
    statistic: str, ones: int, zeros: int, unsafe: bool
) -> None:
    frame = units({"a": mixed(ones, zeros), "b": mixed(30, 30)})
    table = judge(frame, TEN, statistic=statistic, values="value")
    assert failures(table, RULE) == ({"group=a"} if unsafe else set())


def test_three_ones_among_400_fail() -> None:
    for statistic in ("rate", "mean", "sum"):
        out = sdc.table(
            units({"a": mixed(3, 397), "b": mixed(200, 200)}),
            rows="group",
            values="value",
            statistic=statistic,
            unit=UNIT,
        )
        assert "group=a" in failures(out, RULE)


def test_the_denominator_is_judged_by_the_minimum_count() -> None:
    table = judge(units({"a": mixed(9, 0), "b": mixed(30, 30)}), TEN, statistic="rate", values="value")
    assert failures(table, RuleName.MINIMUM_COUNT) == {"group=a"}


@pytest.mark.parametrize("statistic", ["rate", "mean", "sum"])
@pytest.mark.parametrize(
    ("ones", "zeros", "unsafe"), [(90, 10, False), (91, 9, True), (10, 90, False), (9, 91, True), (100, 0, True)]
)
def test_numerator_and_complement_each_obey_group_disclosure(
    statistic: str, ones: int, zeros: int, unsafe: bool
) -> None:
    frame = units({"a": mixed(ones, zeros), "b": mixed(100, 100)})
    table = judge(frame, AT_90, statistic=statistic, values="value", codebook=coarse("group"))
    assert failures(table, RULE) == ({"group=a"} if unsafe else set())


@pytest.mark.parametrize("share", [0, 100])
@pytest.mark.parametrize("others", [True, False])
def test_rates_of_0_and_100_percent_fail_under_a_policy_that_sets_group_disclosure(share: int, others: bool) -> None:
    cells = {"a": mixed(share, 100 - share)} | ({"b": mixed(50, 50)} if others else {})
    out = sdc.table(units(cells), rows="group", values="value", statistic="rate", unit=UNIT, policy="cbs")
    assert "group=a" in failures(out, RULE)
    off = sdc.table(units(cells), rows="group", values="value", statistic="rate", unit=UNIT, policy="abs")
    assert status(off) is Status.SAFE


def test_a_value_marked_not_disclosive_fails_only_when_everyone_has_it() -> None:
    book = codebook(Column("group", sensitive=False), Column("value", not_disclosive=("0",)))
    cells = {"a": mixed(4, 96), "all": mixed(0, 100), "ones": mixed(96, 4), "b": mixed(100, 100)}
    table = judge(units(cells), AT_90, statistic="rate", values="value", codebook=book)
    assert failures(table, RULE) == {"group=all", "group=ones"}


def test_a_column_that_is_not_sensitive_obeys_only_the_minimum_count() -> None:
    by = policy(minimum_units=10, group_disclosure=90)
    cells = {"a": mixed(4, 96), "b": mixed(96, 4), "c": mixed(0, 100), "d": mixed(100, 100)}
    table = judge(units(cells), by, statistic="rate", values="value", codebook=coarse("group", "value"))
    assert failures(table, RULE) == {"group=a", "group=b"}


@pytest.mark.parametrize("values", [(1, 2), (0, 1000), (-1, 1), (99.5, 100.25), (True, False)])
@pytest.mark.parametrize("statistic", ["mean", "sum"])
def test_any_two_values_make_a_frequency_table(values: tuple[float, float], statistic: str) -> None:
    one, other = values
    frame = units({"a": [one] * 9 + [other] * 30, "b": [one, other] * 30})
    assert failures(judge(frame, TEN, statistic=statistic, values="value"), RULE) == {"group=a"}


def test_the_whole_column_is_looked_at_after_filters_and_not_one_cell() -> None:
    frame = units({"a": mixed(9, 30), "b": [0, 1, 2] * 30})
    assert RULE not in rules(judge(frame, TEN, statistic="mean", values="value"))
    assert failures(judge(frame[frame["group"] == "a"], TEN, statistic="mean", values="value"), RULE) == {
        "group=a",
        "total",
    }


def test_rows_with_a_missing_category_are_filtered_before_the_column_is_looked_at() -> None:
    frame = units({"a": mixed(9, 30), "b": mixed(30, 30)})
    frame.loc[len(frame)] = [999, None, 5]
    assert RULE not in rules(judge(frame, TEN, statistic="mean", values="value"))
    assert failures(judge(frame, TEN, statistic="mean", values="value", dropna=True), RULE) == {"group=a"}


def test_missing_values_are_neither_numerator_nor_complement() -> None:
    frame = units({"a": [*mixed(30, 10), *[None] * 50], "b": [*mixed(30, 9), *[None] * 50]})
    assert failures(judge(frame, TEN, statistic="rate", values="value"), RULE) == {"group=b"}


def test_a_column_of_one_value_has_an_empty_complement() -> None:
    for value in (0, 1, 7):
        table = judge(units({"a": [value] * 30}), AT_90, statistic="mean", values="value")
        assert failures(table, RULE) == {"group=a", "total"}


def test_a_unit_with_both_values_counts_in_numerator_and_complement() -> None:
    frame = units({"a": mixed(12, 12)})
    frame[UNIT] = list(range(12)) * 2
    table = judge(frame, TEN, statistic="rate", values="value")
    assert table.evidence is not None
    assert table.evidence.shares is not None
    assert table.evidence.shares.numerator.tolist() == [12, 12]
    assert table.evidence.shares.complement.tolist() == [12, 12]
    assert table.evidence.n_units.tolist() == [12, 12]


def test_a_sum_of_many_values_is_no_frequency_table() -> None:
    assert RULE not in rules(judge(units({"a": [1, 2, 3] * 4}), TEN, statistic="sum", values="value"))


@pytest.mark.parametrize("statistic", ["sum", "mean", "share"])
@pytest.mark.parametrize(
    ("ones", "zeros", "twos", "unsafe"),
    [
        (90, 10, 0, False),
        (91, 9, 0, True),
        (10, 90, 0, False),
        (9, 91, 0, True),
        (0, 100, 0, True),
        (100, 0, 0, True),
        (182, 9, 9, True),  # all but nine have one of two amounts
        (182, 10, 10, False),  # as many as the minimum have neither of the two
        (180, 11, 9, False),  # nine tenths and no more
    ],
)
def test_a_third_value_does_not_take_group_disclosure_away(
    statistic: str, ones: int, zeros: int, twos: int, *, unsafe: bool
) -> None:
    frame = units({"a": mixed(ones, zeros) + [2] * twos, "b": [0, 1, 2] * 50})
    by = policy(minimum_units=10, group_disclosure=90)
    table = judge(frame, by, statistic=statistic, values="value", codebook=coarse("group"))
    assert failures(table, RULE) == ({"group=a"} if unsafe else set())
    off = judge(frame, TEN, statistic=statistic, values="value", codebook=coarse("group"))
    assert failures(off, RULE) == set()


def test_in_a_cell_of_two_amounts_the_codebook_is_heard_as_ever() -> None:
    cells = {"a": mixed(4, 96), "all": mixed(0, 100), "ones": mixed(96, 4), "b": [0, 1, 2] * 50}
    book = codebook(Column("group", sensitive=False), Column("value", not_disclosive=("0",)))
    assert failures(judge(units(cells), AT_90, statistic="sum", values="value", codebook=book), RULE) == {
        "group=all",
        "group=ones",
    }
    open_ = coarse("group", "value")
    assert failures(judge(units(cells), AT_90, statistic="sum", values="value", codebook=open_), RULE) == set()


@pytest.mark.parametrize("statistic", ["sum", "mean", "share"])
@pytest.mark.parametrize(("zeros", "ones", "unsafe"), [(30, 0, True), (29, 1, False), (0, 30, False)])
def test_a_total_of_zeros_only_is_a_zero_cell(statistic: str, zeros: int, ones: int, *, unsafe: bool) -> None:
    frame = units({"a": mixed(ones, zeros), "b": [0, 1, 2] * 50})
    for switch in (True, False):
        table = judge(frame, policy(zero_cells="disclosive" if switch else "off"), statistic=statistic, values="value")
        assert failures(table, RuleName.ZERO_CELLS) == ({"group=a"} if unsafe and switch else set())
