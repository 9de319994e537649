"""Implied counts: what a margin of distinct units and the cells below it tell together obeys the minimum count."""

from __future__ import annotations

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.verdicts import RuleName
from disclosure.protection.remedies import SUPPRESS
from tests.disclosure.support import UNIT, coarse, failures


def memberships(only_a: int, only_b: int, both: int) -> pd.DataFrame:
    """Return units that stand in cell a, in cell b, or in both."""
    a = list(range(only_a + both))
    b = list(range(only_a, only_a + both + only_b))
    return pd.DataFrame({UNIT: a + b, "group": ["a"] * len(a) + ["b"] * len(b)})


@pytest.mark.parametrize(
    ("only_a", "only_b", "both", "unsafe"),
    [
        (1, 70, 30, True),  # total minus b: one unit stands in a only
        (9, 70, 30, True),
        (10, 70, 30, False),
        (40, 40, 1, True),  # the cells minus the total: one unit stands in both
        (40, 40, 9, True),
        (40, 40, 10, False),
        (0, 70, 30, False),  # nobody is in a alone: an empty cell, not a small one
        (40, 40, 0, False),  # nobody is in both, so cells add up and nothing new follows
    ],
)
def test_margin_minus_cell_and_cells_minus_margin_obey_the_minimum(
    only_a: int, only_b: int, both: int, unsafe: bool
) -> None:
    out = sdc.table(memberships(only_a, only_b, both), rows="group", unit=UNIT, policy="abs")
    assert failures(out, RuleName.IMPLIED_COUNTS) == ({"total"} if unsafe else set())


def test_suppressing_withholds_the_margin_and_keeps_the_cells() -> None:
    out = sdc.table(memberships(1, 70, 30), rows="group", unit=UNIT, policy="abs")
    repaired = out.apply(SUPPRESS)
    assert repaired.verdict.status == "safe"
    assert [str(value) for value in repaired.to_pandas()["count"]] == ["31", "100", "×"]


def test_the_counts_behind_a_rate_are_known_and_judged_the_same_way() -> None:
    frame = memberships(1, 70, 30).assign(owner=lambda rows: rows[UNIT] % 2)
    out = sdc.table(frame, rows="group", values="owner", statistic="rate", unit=UNIT, policy="abs")
    assert "total" in failures(out, RuleName.IMPLIED_COUNTS)


def test_an_empty_cell_beside_a_withheld_one_is_withheld_too() -> None:
    frame = pd.DataFrame({UNIT: range(60), "wijk": ["1"] * 20 + ["2"] * 40, "arm": ["1"] * 20 + ["0", "1"] * 20})
    out = sdc.table(frame, rows="wijk", columns="arm", unit=UNIT, codebook=coarse("wijk"))
    shown = out.apply(SUPPRESS).to_pandas()
    assert [str(value) for value in shown.loc["1"]] == ["×", "×", "×"]
    assert [str(value) for value in shown.loc["2"]] == ["20", "20", "×"]


@pytest.mark.parametrize(("groups", "sign", "status"), [(3, -1, "inconclusive"), (2, -1, "unsafe")])
def test_values_that_may_cancel_between_cells_are_not_called_safe(groups: int, sign: int, status: str) -> None:
    # One unit stands in a and b; of everybody else a and b together hold nothing.
    rows = [(unit, "a", 100.0 + unit) for unit in range(20)] + [
        (unit, "b", sign * (100.0 + unit)) for unit in range(20)
    ]
    rows[20] = (0, "b", sign * 50.0)
    rows += [(unit, "c", 1000.0 + 7 * unit) for unit in range(100, 140)] if groups == 3 else []
    frame = pd.DataFrame(rows, columns=[UNIT, "group", "value"])
    out = sdc.table(frame, rows="group", values="value", statistic="sum", unit=UNIT)
    assert out.verdict.status == status


def test_a_failing_margin_takes_a_cell_with_something_in_it_along_not_an_empty_one() -> None:
    # One unit has 150 in a and -100 in b; all others cancel, so that a and b add up to that unit's 50.
    a = [(unit, "a", 100.0 + unit) for unit in range(1, 31)] + [(0, "a", 150.0)]
    b = [(unit, "b", -100.0 - unit) for unit in range(1, 31)] + [(0, "b", -100.0)]
    z = [(unit, "z", float("nan")) for unit in range(40, 43)]
    frame = pd.DataFrame(a + b + z, columns=[UNIT, "group", "value"])
    out = sdc.table(frame, rows="group", values="value", statistic="sum", unit=UNIT, policy="abs")
    assert "total" in failures(out)
    shown = {label: str(value) for label, value in out.to_pandas()["sum"].items()}
    assert shown["Total"] == "×"
    assert "×" in {shown["a"], shown["b"]}  # or a + b would be the withheld total


def test_both_sides_of_a_rate_are_judged_where_units_have_rows_of_both_kinds() -> None:
    # 38 of 40 have a one and 38 have a zero, so two never have a one: with n and the rate that follows.
    ones = [(unit, 1) for unit in range(38)]
    zeros = [(unit, 0) for unit in range(2, 40)]
    frame = pd.DataFrame(ones + zeros, columns=[UNIT, "owner"])
    out = sdc.table(frame, values="owner", statistic="rate", unit=UNIT, policy="abs")
    assert failures(out, RuleName.FREQUENCY_IN_DISGUISE) == {"total"}
