"""Weights: a codebook's sampling weights, and columns that somebody uses as if they were."""

from __future__ import annotations

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import DataError
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


def test_a_rate_weighted_by_income_is_judged_as_the_sum_of_incomes_above_its_line() -> None:
    frame = incomes(900_000.0)
    frame["owner"] = [1, 0] * 10
    asked = {"rows": "group", "values": "owner", "statistic": "rate", "unit": UNIT, "weights": "weight"}
    assert RuleName.DOMINANCE in rules(sdc.table(frame, **asked, policy="abs"))  # type: ignore[call-overload]
    assert rules(sdc.table(frame, **asked, policy="abs", codebook=KNOWN)) == set()  # type: ignore[call-overload]


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
