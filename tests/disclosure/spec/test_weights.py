"""Weights: a codebook's sampling weights, and columns that somebody uses as if they were."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import DataError
from disclosure.model.codebooks import Codebook
from disclosure.model.verdicts import RuleName, Status
from tests.disclosure.support import UNIT, codebook, counts, failures, heads, judge, policy, rules, shown, status, units

KNOWN = codebook(weights=("weight",))


def incomes(first: float) -> pd.DataFrame:
    """Return twenty units with incomes of about a thousand, and one of another."""
    return units({"a": [first, *(1000.0 + place for place in range(19))]}).rename(columns={"value": "weight"})


def test_a_weighted_count_adds_up_the_weights_of_units() -> None:
    frame = heads({"a": 20, "b": 30}).assign(weight=[1.25 + place for place in range(50)])
    out = sdc.table(frame, rows="group", unit=UNIT, weights="weight", policy="abs", codebook=KNOWN)
    assert shown(out) == {"group=a": "215", "group=b": "1072", "total": "1288"}  # halves go to the even number
    assert counts(out) == {"group=a": 20, "group=b": 30, "total": 50}


def test_a_count_weighted_by_income_is_judged_as_the_sum_of_incomes_that_it_shows() -> None:
    for first, unsafe in ((900_000.0, True), (1500.0, False)):
        frame = incomes(first)
        counted = sdc.table(frame, rows="group", unit=UNIT, weights="weight", policy="abs")
        summed = sdc.table(frame, rows="group", values="weight", statistic="sum", unit=UNIT, policy="abs")
        assert failures(counted, RuleName.DOMINANCE) == ({"group=a", "total"} if unsafe else set())
        assert counted.verdict == summed.verdict


@pytest.mark.parametrize(
    ("weights", "rule"),
    [
        ([5.0, *[0.0] * 19], RuleName.MINIMUM_NONZERO),
        ([7.0] * 20, RuleName.CONSTANT),
        ([900.0, *[1.0 + place for place in range(19)]], RuleName.DOMINANCE),
    ],
)
def test_an_own_weight_hides_nothing_in_a_count(weights: list[float], rule: RuleName) -> None:
    frame = heads({"a": 20}).assign(weight=weights)
    assert rule in rules(sdc.table(frame, rows="group", unit=UNIT, weights="weight", policy="abs"))
    known = sdc.table(frame, rows="group", unit=UNIT, weights="weight", policy="abs", codebook=KNOWN)
    # The office vouches for its sampling weights; but whoever weighs nothing stands behind no weighted figure.
    assert rules(known) == ({RuleName.MINIMUM_COUNT} if 0.0 in weights else set())


@pytest.mark.parametrize("statistic", ["poverty_rate", "poverty_gap"])
def test_a_share_weighted_by_income_is_not_judged_unless_the_codebook_vouches_for_the_weight(statistic: str) -> None:
    frame = incomes(1500.0)
    frame["owner"] = [1, 0] * 10
    asked: dict[str, Any] = {"values": "owner", "statistic": statistic, "unit": UNIT, "weights": "weight"}
    asked["options"] = {"line": "0.5"}
    own = sdc.table(frame, **asked, policy="abs")
    assert status(own) is Status.INCONCLUSIVE
    assert "pass codebook=" in str(own.verdict)
    assert status(sdc.table(frame, **asked, policy="abs", codebook=KNOWN)) is not Status.INCONCLUSIVE


@pytest.mark.parametrize("owner", [0, 1])
@pytest.mark.parametrize("statistic", ["rate", "mean"])
def test_on_neither_side_of_a_rate_may_one_unit_have_most_of_the_weight(statistic: str, owner: int) -> None:
    for first, unsafe in ((900_000.0, True), (1500.0, False)):
        frame = incomes(first).assign(owner=[owner, *[1 - owner] * 9, *[owner] * 9, owner])
        asked: dict[str, Any] = {"values": "owner", "statistic": statistic, "unit": UNIT, "weights": "weight"}
        by = policy(dominance=[[1, 50]])
        out = judge(frame, by, statistic=statistic, values="owner", weights="weight", rows=())
        assert (RuleName.DOMINANCE in rules(out)) is unsafe
        assert RuleName.DOMINANCE not in rules(sdc.table(frame, **asked, policy="abs", codebook=KNOWN))


def test_what_a_share_weighted_by_income_hides_is_judged_in_the_sum_of_weight_times_value() -> None:
    for first, unsafe in ((900_000.0, True), (1500.0, False)):
        frame = incomes(first).assign(three=[1, *[1, 0, 2] * 6, 1])
        out = sdc.table(frame, values="three", statistic="sum", unit=UNIT, weights="weight", policy="abs")
        assert (RuleName.DOMINANCE in rules(out)) is unsafe


@pytest.mark.parametrize(("weight", "unsafe"), [(99.0, False), (100.0, True)])
def test_a_unit_with_most_of_the_weight_behind_a_mean_fails_even_if_its_value_is_zero(
    weight: float, unsafe: bool
) -> None:
    frame = units({"a": [0, *range(1000, 1099)]}).assign(weight=[weight, *[1.0] * 99])
    out = judge(frame, policy(dominance=[[1, 50]]), statistic="mean", values="value", weights="weight")
    assert failures(out, RuleName.DOMINANCE) == ({"group=a", "total"} if unsafe else set())
    known = judge(
        frame, policy(dominance=[[1, 50]]), statistic="mean", values="value", weights="weight", codebook=KNOWN
    )
    # The office vouches for its weights.
    assert failures(known, RuleName.DOMINANCE) == set()


@pytest.mark.parametrize("book", [None, KNOWN])
@pytest.mark.parametrize(("rows", "unsafe"), [(99, False), (100, True)])
def test_a_unit_with_most_of_the_rows_behind_a_mean_fails_even_if_its_value_is_zero(
    rows: int, unsafe: bool, book: Codebook | None
) -> None:
    frame = units({"a": [0, *range(1000, 1099)]}).assign(weight=2.0)
    frame = pd.concat([frame, *[frame.head(1)] * (rows - 1)])
    for weights in (None, "weight"):
        out = judge(
            frame, policy(dominance=[[1, 50]]), statistic="mean", values="value", weights=weights, codebook=book
        )
        assert failures(out, RuleName.DOMINANCE) == ({"group=a", "total"} if unsafe else set())
    summed = judge(frame, policy(dominance=[[1, 50]]), statistic="sum", values="value")
    assert failures(summed, RuleName.DOMINANCE) == set()


@pytest.mark.parametrize(("share", "unsafe"), [(40, True), (50, False)])
def test_of_the_two_largest_only_the_first_is_known_so_the_second_counts_as_large(share: int, unsafe: bool) -> None:
    # Four rows of twenty are one unit's: two such units would hold 40%.
    frame = units({"a": range(1000, 1017)})
    frame = pd.concat([frame, *[frame.head(1)] * 3])
    out = judge(frame, policy(dominance=[[2, share - 1 if unsafe else share]]), statistic="mean", values="value")
    assert failures(out, RuleName.DOMINANCE) == ({"group=a", "total"} if unsafe else set())


@pytest.mark.parametrize(("p", "unsafe"), [(25, False), (26, True)])
def test_p_percent_is_put_to_the_rows_behind_a_mean_too(p: int, unsafe: bool) -> None:
    # Of nine rows four are one unit's; if another had as many, one would be left: 25% of the largest.
    frame = units({"a": range(1000, 1006)})
    frame = pd.concat([frame, *[frame.head(1)] * 3])
    out = judge(frame, policy(p_percent=p), statistic="mean", values="value")
    assert failures(out, RuleName.P_PERCENT) == ({"group=a", "total"} if unsafe else set())


def test_a_units_weight_counts_once_however_many_rows_it_has() -> None:
    frame = heads({"a": 20, "b": 20}).assign(weight=[1.0 + place for place in range(40)])
    twice = pd.concat([frame, frame])
    for book in (None, KNOWN):
        one = judge(frame, policy(), weights="weight", codebook=book)
        two = judge(twice, policy(), weights="weight", codebook=book)
        assert shown(one) == shown(two)


def test_a_weighted_mean_is_weight_times_value_over_weight() -> None:
    frame = units({"a": [10, 20, 40]}).assign(weight=[1.0, 2.0, 5.0])
    table = judge(frame, policy(), statistic="mean", values="value", weights="weight")
    assert shown(table) == {"group=a": "31.25", "total": "31.25"}


def test_a_weighted_rate_is_weights_of_numerator_units_over_weights_of_all() -> None:
    frame = units({"a": [1, 0] * 20}).assign(weight=[3.0, 1.0] * 20)
    table = judge(frame, policy(), statistic="rate", values="value", weights="weight", codebook=KNOWN)
    assert shown(table) == {"group=a": "0.75", "total": "0.75"}


def test_units_without_a_value_weigh_nothing_in_a_mean_or_rate() -> None:
    frame = units({"a": [1, 0, None] * 20}).assign(weight=[3.0, 1.0, 1000.0] * 20)
    for statistic in ("mean", "rate"):
        table = judge(frame, policy(), statistic=statistic, values="value", weights="weight", codebook=KNOWN)
        assert shown(table)["total"] == "0.75"


def test_where_all_weights_are_zero_there_is_nothing_to_tabulate() -> None:
    frame = units({"a": [1, 0] * 20}).assign(weight=0.0)
    for statistic in ("mean", "rate"):
        with pytest.raises(DataError, match="No row is left"):
            judge(frame, policy(), statistic=statistic, values="value", weights="weight", codebook=KNOWN)


def test_units_of_weight_zero_do_not_hide_the_one_that_weighs() -> None:
    frame = units({"a": [1000 + place for place in range(20)]}).assign(weight=[3.0, *[0.0] * 19])
    for statistic in ("sum", "mean"):
        out = sdc.table(
            frame, rows="group", values="value", statistic=statistic, unit=UNIT, weights="weight", codebook=KNOWN
        )
        assert RuleName.MINIMUM_COUNT in rules(out)


@pytest.mark.parametrize("decimals", [0, 2, 6, 9])
def test_weighted_sums_are_exact_at_any_number_of_decimals(decimals: int) -> None:
    from disclosure.model.codebooks import Column

    book = codebook(Column("value", decimals=decimals), weights=("weight",))
    frame = units({"a": [10, 20, 40]}).assign(weight=[1.5, 2.25, 0.000001])
    for known in (book, codebook(Column("value", decimals=decimals))):
        table = judge(frame, policy(), statistic="sum", values="value", weights="weight", rows=[], codebook=known)
        assert table.evidence is not None
        assert table.evidence.amounts is not None
        assert table.evidence.amounts.total.tolist() == [60_000_040 * 10**decimals]


def test_a_weight_does_not_stop_a_value_of_two_from_being_a_frequency() -> None:
    frame = units({"a": [1] * 3 + [0] * 397}).assign(weight=[1.0 + place for place in range(400)])
    out = sdc.table(frame, values="value", statistic="mean", unit=UNIT, weights="weight", codebook=KNOWN)
    assert RuleName.FREQUENCY_IN_DISGUISE in rules(out)
    assert status(out) is Status.UNSAFE
