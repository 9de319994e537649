"""Percentages by row, column and total: the frequency table that they are, and lines that add up to a hundred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import RecipeError
from disclosure.model.codebooks import Column
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.policy import Policy
from tests.disclosure.support import (
    ABSENT,
    UNIT,
    coarse,
    codebook,
    failures,
    heads,
    judge,
    policy,
    rules,
    shown,
    status,
)

ROWS, COLUMNS = ("d1",), ("d2",)
PERCENTAGES = ("row_percent", "column_percent", "total_percent")


def table(frame: pd.DataFrame, by: Policy, statistic: str = "row_percent", **more: Any) -> JudgedTable:
    return judge(frame, by, statistic=statistic, rows=ROWS, columns=COLUMNS, **more)


SQUARE: Mapping[tuple[str, ...], int] = {("a", "x"): 30, ("a", "y"): 10, ("b", "x"): 20, ("b", "y"): 40}


# -------------------------------------------------------------------------------------------------------- what is shown
@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("row_percent", {"d1=a, d2=x": "75", "d1=b, d2=y": "66.6667", "d1=a": "100", "d2=x": "50", "total": "100"}),
        ("column_percent", {"d1=a, d2=x": "60", "d1=b, d2=y": "80", "d1=a": "40", "d2=x": "100", "total": "100"}),
        ("total_percent", {"d1=a, d2=x": "30", "d1=b, d2=y": "40", "d1=a": "40", "d2=x": "50", "total": "100"}),
    ],
)
def test_a_cell_is_a_share_of_its_line(statistic: str, expected: dict[str, str]) -> None:
    cells = shown(table(heads(SQUARE), policy(), statistic))
    assert {cell: cells[cell] for cell in expected} == expected


def test_a_line_without_anybody_has_no_percentages() -> None:
    out = table(heads({("a", "x"): 5, ("b", "x"): 1, ("b", "y"): 1}), policy(zero_cells="disclosive"))
    assert shown(out)["d1=a, d2=y"] == "withheld"
    three = heads({("a", "x", "k"): 5, ("b", "y", "l"): 5})
    cells = judge(three, policy(), statistic="row_percent", rows=("d1", "d2"), columns=("d3",))
    assert "d1=a, d2=y, d3=k" not in shown(cells)


def test_units_in_several_cells_are_shares_of_distinct_units() -> None:
    frame = pd.DataFrame({UNIT: [*range(20), *range(10, 30)], "d1": "a", "d2": ["x"] * 20 + ["y"] * 20})
    cells = shown(table(frame, policy()))
    assert (cells["d1=a, d2=x"], cells["d1=a, d2=y"], cells["d1=a"]) == ("66.6667", "66.6667", "100")


def test_weighted_percentages_are_shares_of_weighted_units() -> None:
    frame = heads(SQUARE).assign(w=lambda one: one.d2.map({"x": 1.0, "y": 3.0}))
    out = table(frame, policy(), weights="w", codebook=codebook(weights=("w",)))
    assert (shown(out)["d1=a, d2=x"], shown(out)["d1=b, d2=y"]) == ("50", "85.7143")


def test_a_weight_of_ones_own_is_judged_as_the_sum_that_it_is() -> None:
    frame = heads(SQUARE).assign(w=[1.0] * 99 + [500.0])
    out = table(frame, policy(dominance=[[1, 50]]), weights="w")
    assert failures(out, RuleName.DOMINANCE) == {"d1=b, d2=y", "d1=b", "d2=y", "total"}


# ----------------------------------------------------------------------------------------------------- how it is judged
@pytest.mark.parametrize("statistic", PERCENTAGES)
def test_the_numerator_obeys_the_minimum(statistic: str) -> None:
    by, book = policy(minimum_units=10), coarse("d1", "d2")
    assert status(table(heads(SQUARE), by, statistic, codebook=book)) is Status.SAFE
    nine = heads({**SQUARE, ("a", "y"): 9})
    assert failures(table(nine, by, statistic, codebook=book), RuleName.MINIMUM_COUNT) == {"d1=a, d2=y"}


@pytest.mark.parametrize(("elsewhere", "fails"), [(10, False), (9, True), (1, True), (0, False)])
def test_the_complement_obeys_the_minimum_where_units_stand_in_several_cells(elsewhere: int, fails: bool) -> None:
    """x has 40 units and y has 20 of them and a few more: 40 of a little more than 40, so the rest is those few."""
    first, second = range(40), range(20, 40 + elsewhere)
    frame = pd.DataFrame(
        {
            UNIT: [*first, *second],
            "d1": "a",
            "d2": ["x"] * len(first) + ["y"] * len(second),
        }
    )
    out = table(frame, policy(minimum_units=10))
    assert ("d1=a, d2=x" in failures(out, RuleName.FREQUENCY_IN_DISGUISE)) is fails


def test_the_complement_may_hold_any_share() -> None:
    many = heads({("a", f"c{place}"): 10 for place in range(20)})
    out = table(many, policy(minimum_units=10, group_disclosure=90), codebook=coarse("d1"))
    assert status(out) is Status.SAFE


@pytest.mark.parametrize("statistic", PERCENTAGES)
@pytest.mark.parametrize(("large", "fails"), [(90, False), (91, True)])
def test_more_than_the_permitted_share_of_a_line_is_group_disclosure(statistic: str, large: int, fails: bool) -> None:
    frame = heads({("a", "x"): large, ("a", "y"): 100 - large, ("b", "x"): 50, ("b", "y"): 50})
    out = table(frame, policy(group_disclosure=90), statistic, codebook=coarse("d1"))
    assert failures(out, RuleName.GROUP_DISCLOSURE) == ({"d1=a, d2=x"} if fails else set())


def test_a_hundred_percent_is_group_disclosure_of_a_category_that_is_not_disclosive_too() -> None:
    book = codebook(Column("d1", sensitive=False), Column("d2", not_disclosive=("x",)))
    by = policy(group_disclosure=90)
    nearly = heads({("a", "x"): 96, ("a", "y"): 4, ("b", "x"): 50, ("b", "y"): 50})
    all_of_them = heads({("a", "x"): 100, ("b", "x"): 50, ("b", "y"): 50})
    assert failures(table(nearly, by, codebook=book), RuleName.GROUP_DISCLOSURE) == set()
    assert failures(table(all_of_them, by, codebook=book), RuleName.GROUP_DISCLOSURE) == {"d1=a, d2=x"}


def test_a_zero_fails_where_zeros_disclose() -> None:
    frame = heads({("a", "x"): 20, ("a", "y"): 20, ("b", "x"): 20})
    assert status(table(frame, policy())) is Status.SAFE
    assert failures(table(frame, policy(zero_cells="disclosive"))) == {"d1=b, d2=y"}


def test_a_margin_of_distinct_units_may_imply_a_small_count() -> None:
    frame = pd.DataFrame({UNIT: [*range(20), *range(17, 37)], "d1": "a", "d2": ["x"] * 20 + ["y"] * 20})
    assert RuleName.IMPLIED_COUNTS in rules(table(frame, policy(minimum_units=10)))


@pytest.mark.parametrize("key", ["minimum_units", "group_disclosure", "zero_cells", "significant_digits"])
def test_a_policy_without_a_key_that_they_need_leaves_them_inconclusive(key: str) -> None:
    assert status(table(heads(SQUARE), policy(**{key: ABSENT}))) is Status.INCONCLUSIVE


# ----------------------------------------------------------------------------------------------------- what is withheld
FAILING: Mapping[tuple[str, ...], int] = {
    ("a", "x"): 30,
    ("a", "y"): 3,
    ("b", "x"): 20,
    ("b", "y"): 40,
    ("c", "x"): 50,
    ("c", "y"): 20,
}


def withheld(statistic: str, cells: Mapping[tuple[str, ...], int] = FAILING) -> set[str]:
    out = table(heads(cells), policy(minimum_units=10), statistic, suppressed=True)
    assert status(out) is Status.SAFE
    return {cell for cell, figure in shown(out).items() if figure == "withheld"}


MARGINS = {"d1=a", "d1=b", "d1=c", "d2=x", "d2=y", "total"}


def test_a_row_with_a_failing_cell_is_withheld_as_a_whole_since_it_adds_up_to_a_hundred() -> None:
    assert withheld("row_percent") == {"d1=a, d2=x", "d1=a, d2=y"} | MARGINS


def test_so_is_a_column() -> None:
    assert withheld("column_percent") == {f"d1={row}, d2=y" for row in "abc"} | MARGINS


def test_percentages_of_the_total_are_one_line() -> None:
    assert withheld("total_percent") == {f"d1={row}, d2={column}" for row in "abc" for column in "xy"} | MARGINS


def test_a_row_that_is_too_small_as_a_whole_is_withheld() -> None:
    cells: dict[tuple[str, ...], int] = {
        ("a", "x"): 2,
        ("a", "y"): 3,
        **{key: size for key, size in FAILING.items() if key[0] != "a"},
    }
    assert withheld("row_percent", cells) == {"d1=a, d2=x", "d1=a, d2=y"} | MARGINS


def test_where_all_rows_but_withheld_ones_show_nobody_they_are_withheld_too() -> None:
    """Nobody of b or c is seen in z, so that everybody in z is in a: b and c would tell, d shows some and does not."""
    alone: dict[tuple[str, ...], int] = {**FAILING, ("a", "z"): 3}
    assert withheld("row_percent", alone) == {
        *(f"d1={row}, d2={column}" for row in "abc" for column in "xyz"),
        *MARGINS,
        "d2=z",
    }
    seen = withheld("row_percent", {**alone, ("d", "x"): 20, ("d", "y"): 20, ("d", "z"): 20})
    assert not any(cell.startswith(("d1=b, ", "d1=c, ", "d1=d, ")) for cell in seen)


def test_a_margin_that_fails_alone_withholds_margins_only() -> None:
    """Three of x stand in b only: that follows from the margin of x and the cell of a, and from no row by itself."""
    a, b = [*range(20), *range(100, 120)], [*range(10, 23), *range(200, 220)]
    frame = pd.DataFrame(
        {UNIT: a + b, "d1": ["a"] * 40 + ["b"] * 33, "d2": ["x"] * 20 + ["y"] * 20 + ["x"] * 13 + ["y"] * 20}
    )
    out = table(frame, policy(minimum_units=10))
    assert failures(out) == {"d2=x"}
    cells = shown(table(frame, policy(minimum_units=10), suppressed=True))
    assert {cell for cell, figure in cells.items() if figure == "withheld"} == {"d1=a", "d1=b", "d2=x", "d2=y", "total"}


@given(st.lists(st.tuples(*(st.integers(0, 3),) * 3, st.sampled_from((0, 1, 4, 30))), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_a_line_is_shown_as_a_whole_or_not_at_all(sizes: list[tuple[int, int, int, int]]) -> None:
    cells = {(f"a{one}", f"b{two}", f"c{three}"): size for one, two, three, size in sizes if size}
    if not cells:
        return
    by = policy(minimum_units=5, group_disclosure=90)
    out = judge(heads(cells), by, statistic="row_percent", rows=("d1", "d2"), columns=("d3",), suppressed=True)
    evidence, seen = out.evidence, out.shown
    assert evidence is not None
    if out.complete:
        return
    assert not (seen & out.failing).any()
    assert not (seen & ~evidence.inner).any()
    inner = pd.DataFrame(evidence.codes, columns=["a", "b", "c"]).assign(n=evidence.n_units, seen=seen)[evidence.inner]
    assert (inner.groupby(["a", "b"]).seen.nunique() == 1).all()
    for group in (["b", "c"], ["a", "c"]):
        for _, line in inner.groupby(group):
            hidden, open_ones = line[~line.seen], line[line.seen]
            assert not (len(open_ones) and hidden.n.any() and not open_ones.n.any())


def test_without_row_variables_all_columns_are_one_line() -> None:
    frame = heads({("x", "k"): 20, ("y", "k"): 3, ("z", "k"): 30})
    out = judge(frame, policy(minimum_units=10), statistic="row_percent", rows=(), columns=("d1",), suppressed=True)
    assert set(shown(out).values()) == {"withheld"}


# ---------------------------------------------------------------------------------------------------- what may be asked
@pytest.mark.parametrize(
    ("statistic", "rows", "columns"),
    [("row_percent", ROWS, ()), ("column_percent", (), COLUMNS), ("total_percent", (), ())],
)
def test_percentages_that_would_all_be_a_hundred_are_bad_input(
    statistic: str, rows: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    with pytest.raises(RecipeError, match=r"need a (row|column)"):
        judge(heads(SQUARE), policy(), statistic=statistic, rows=rows, columns=columns)
