"""Concentration: minimum count and dominance; a top share is a total over its units, and so is the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.check import Tabulated, judged
from disclosure.errors import ColumnError, RecipeError
from disclosure.knowledge import Knowledge
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.policy import load_policy
from disclosure.render import to_json
from disclosure.statistics.base import rounded
from tests.disclosure.support import UNIT, codebook, failures, judge, policy, shown, status, units

TEN = policy(minimum_units=10)
EVEN = [float(place) for place in range(100, 140)]


def hhi(cells: Mapping[str, Sequence[float]], by: Any = TEN, **asked: Any) -> JudgedTable:
    return judge(units(cells), by, statistic="hhi", values="value", **asked)


def top(cells: Mapping[str, Sequence[float]], m: int, by: Any = TEN, **asked: Any) -> JudgedTable:
    options = (("largest", str(m)),)
    return judge(units(cells), by, statistic="concentration_ratio", values="value", options=options, **asked)


def inner(table: JudgedTable, rule: RuleName | None = None) -> set[str]:
    return {cell.removeprefix("group=") for cell in failures(table, rule) if cell != "total"}


# -------------------------------------------------------------------------------------------------------------- figures


def test_an_index_is_the_sum_of_squared_shares_and_a_ratio_the_share_of_the_largest() -> None:
    cells = {"a": [50, 30, 20], "b": [1, 1, 1, 1]}
    assert shown(hhi(cells, policy())) == {"group=a": "0.38", "group=b": "0.25", "total": "0.351701"}
    assert top(cells, 2, policy()).figures == ("0.8", "0.5", "0.769231")
    assert top(cells, 9, policy()).figures == ("1", "1", "1")


def test_a_unit_counts_with_its_total_over_all_its_rows() -> None:
    rows = pd.DataFrame({UNIT: [1, 1, 2, 3], "group": "a", "value": [25, 25, 30, 20]})
    assert shown(judge(rows, policy(), statistic="hhi", values="value", rows=[])) == {"total": "0.38"}


def test_zeros_only_have_no_concentration() -> None:
    assert shown(hhi({"a": [0, 0, 0], "b": [1, 2, 3]}, policy()))["group=a"] == "no_value"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.integers(1, 12))
def test_slow_formulas_agree_on_random_values(values: list[int], m: int) -> None:
    whole, squares = sum(values), sum(value**2 for value in values)
    expected = (
        (None, None)
        if whole == 0
        else (Fraction(squares, whole**2), Fraction(sum(sorted(values, reverse=True)[:m]), whole))
    )
    for table, figure in zip((hhi({"a": values}, policy()), top({"a": values}, m, policy())), expected, strict=True):
        text = None if figure is None else rounded(figure, decimals=6, significant_digits=12)
        assert set(table.figures) == {text}


# ---------------------------------------------------------------------------------------------------------------- rules


def test_the_minimum_count_passes_and_one_unit_less_fails() -> None:
    assert inner(hhi({"at": EVEN[:10], "under": EVEN[:9], "many": EVEN})) == {"under"}


def test_few_units_with_anything_fail() -> None:
    cells = {"at": [*EVEN[:10], 0, 0], "under": [*EVEN[:9], 0, 0]}
    assert inner(hhi(cells), RuleName.MINIMUM_NONZERO) == {"under"}


def test_dominance_is_that_of_a_total_and_passes_at_its_bound() -> None:
    # Of two equal values each has half of the total and of its squares, and neither is at a distance from the mean.
    by = policy(dominance=[[1, 50]])
    assert inner(hhi({"at": [50, 50], "over": [51, 49]}, by), RuleName.DOMINANCE) == {"over"}
    # Of 50, 49 and 1 nothing but 1 is left beside the two largest; of 50, 30, 20, 50 and 10 it is 60.
    both = {"fine": [50, 30, 20, 50, 10], "estimated": [50, 49, 1]}
    assert inner(hhi(both, policy(p_percent=10))) == {"estimated"}


def test_of_the_squares_one_unit_may_hold_exactly_k_percent_and_no_more() -> None:
    """60 is half of 120, and 3600 three quarters of the squares; of the squared distances it holds 74.3 percent."""
    cells = {"a": [60, 20, 20, 20, *[0] * 100]}
    assert inner(hhi(cells, policy(dominance=[[1, 75]])), RuleName.DOMINANCE) == set()
    assert inner(hhi(cells, policy(dominance=[[1, 74.99]])), RuleName.DOMINANCE) == {"a"}


def test_of_the_squared_distances_one_unit_may_hold_exactly_k_percent_and_no_more() -> None:
    """40 and nine times 20 are 18 and nine times 2 from their mean 22: 324 of 360, and of the squares 1600 of 5200."""
    cells = {"a": [40, *[20] * 9]}
    assert inner(hhi(cells, policy(dominance=[[1, 90]])), RuleName.DOMINANCE) == set()
    assert inner(hhi(cells, policy(dominance=[[1, 89.99]])), RuleName.DOMINANCE) == {"a"}


def test_half_of_a_total_may_be_nearly_all_of_its_squares() -> None:
    cells = {"a": [400_000.0, *(float(3000 + 60 * place) for place in range(99))]}
    for name in ("cbs", "sacro", "abs", "essnet"):
        assert status(hhi(cells, load_policy(name))) is Status.UNSAFE
    for parameters, rule in (({"p_percent": 10}, RuleName.P_PERCENT), ({"pq": [5, 50]}, RuleName.PQ)):
        table = hhi(cells, policy(**parameters))
        assert failures(table, rule) == {"group=a", "total"}
        plain = judge(units(cells), policy(**parameters), statistic="sum", values="value")
        assert not failures(plain, rule)


def test_squared_distances_are_those_of_the_standard_deviation() -> None:
    """With the number of units and the sum, an index is a variance, so what is refused as one is refused as the other.

    Several shapes: the far unit is the largest or the smallest, alone or one of two, of few or many units.
    """
    shapes = (
        [100.0] * 99 + [200.0],
        [100.0] * 99 + [1.0],
        [float(90 + place % 20) for place in range(99)] + [160.0],
        [float(90 + place % 20) for place in range(99)] + [3.0, 4.0],
        [float(90 + place % 20) for place in range(99)],
        [5.0, 1.0, 1.0, 1.0],
        [1.0, 2.0, 4.0, 8.0, 16.0],
    )
    refused: set[float] = set()
    for values in shapes:
        for parameters in ({"dominance": [[1, 50], [2, 67]]}, {"dominance": [[3, 80]]}, {"p_percent": 20}):
            by = policy(**parameters)
            deviation = judge(units({"a": values}), by, statistic="std", values="value")
            index = hhi({"a": values}, by)
            refused |= {values[-1]} if failures(deviation) else set()
            assert failures(index) >= failures(deviation), (values, parameters)
    assert len(refused) >= 5


def test_an_index_of_ordinary_incomes_is_safe_under_every_policy() -> None:
    incomes = np.round(np.random.default_rng(3).lognormal(10, 0.5, 600), 2)
    cells = {label: incomes[place::3].tolist() for place, label in enumerate("abc")}
    for name in ("cbs", "sacro", "abs", "essnet"):
        assert status(hhi(cells, load_policy(name))) is Status.SAFE


def test_equal_shares_fail_as_constant() -> None:
    assert inner(hhi({"a": [7] * 20, "b": EVEN}, policy(constant="on"))) == {"a"}


@pytest.mark.parametrize("name", ["cbs", "sacro", "abs"])
def test_the_share_of_the_largest_unit_alone_fails_everywhere(name: str) -> None:
    table = top({"a": EVEN}, 1, load_policy(name))
    assert failures(table, RuleName.MINIMUM_COUNT) == {"group=a", "total"}
    assert status(top({"a": EVEN}, 10, load_policy(name))) is Status.SAFE


def test_the_largest_are_a_group_of_units_and_so_are_the_others() -> None:
    assert inner(top({"a": EVEN}, 10)) == set()
    assert inner(top({"a": EVEN}, 9)) == {"a"}
    assert inner(top({"at": EVEN[:30], "under": EVEN[:29], "all": EVEN[:20]}, 20)) == {"under"}


def test_dominance_holds_within_the_largest_and_within_the_others() -> None:
    by = policy(dominance=[[1, 50]])
    flat = [10.0] * 50

    def dominated(cells: dict[str, list[float]]) -> set[str]:
        found = failures(top(cells, 10, by), RuleName.DOMINANCE) - {"total"}
        return {one.removeprefix("group=") for one in found}

    # 100 of 199, and 100 of 200, among the ten largest; far from half of everything.
    assert dominated({"over": [100, *[11.0] * 9, *flat]}) == {"over"}
    assert dominated({"at": [99, *[11.0] * 9, *flat]}) == set()
    assert dominated({"over": [*[100.0] * 10, 10, *[1.0] * 9]}) == {"over"}
    assert dominated({"at": [*[100.0] * 10, 9, *[1.0] * 9]}) == set()


def test_p_percent_and_pq_hold_within_the_largest() -> None:
    # 40 + 40 of the ten largest and 8 x 0.5 left: 4 is 10 percent of 40.
    flat = [0.4] * 200
    for by in (policy(p_percent=10), policy(pq=[5, 50])):
        assert inner(top({"at": [40, 40, *[0.5] * 8, *flat], "over": [41, 40, *[0.5] * 8, *flat]}, 10, by)) == {"over"}


# -------------------------------------------------------------------------------------------------------------- refused


def test_negative_values_and_weights_are_refused() -> None:
    with pytest.raises(ColumnError, match="negative"):
        hhi({"a": [*EVEN, -1]})
    frame = units({"a": EVEN}).assign(weight=1.0)
    with pytest.raises(RecipeError, match="weights"):
        judge(frame, TEN, statistic="hhi", values="value", weights="weight", codebook=codebook(weights=("weight",)))


@pytest.mark.parametrize("largest", ["0", "-1", "1001", "2.5", "x", "01", ""])
def test_the_number_of_largest_units_is_a_whole_number(largest: str) -> None:
    with pytest.raises(RecipeError):
        judge(units({"a": EVEN}), TEN, statistic="concentration_ratio", values="value", options=(("largest", largest),))


# ------------------------------------------------------------------------------------------------------- the same bytes


def test_order_types_and_documents_change_no_byte() -> None:
    generator = np.random.default_rng(5)
    cells = {label: np.round(generator.lognormal(8, 1, 60), 2).tolist() for label in "abc"}
    frame = units(cells)
    for statistic, options in (("hhi", ()), ("concentration_ratio", (("largest", "15"),))):
        table = judge(frame, TEN, statistic=statistic, values="value", options=options)
        other = judge(
            frame.sample(frac=1, random_state=1).astype({UNIT: str, "group": "category"}),
            TEN,
            statistic=statistic,
            values="value",
            options=options,
        )
        assert to_json(other) == to_json(table)
        assert table.evidence is not None
        again = Tabulated(
            evidence_from_bytes(evidence_to_bytes(table.evidence)), Knowledge(), (), None, across_rows=True
        )
        assert to_json(judged(table.recipe, again, TEN)) == to_json(table)


@pytest.mark.parametrize(("farthest", "expected"), [(1017.12, set()), (1017.13, {"a"}), (6000.0, {"a"})])
def test_one_unit_is_at_most_half_of_all_distances_where_the_others_have_nearly_the_same(
    farthest: float, expected: set[str]
) -> None:
    """As of a total; whoever knows what the others have computes the last one from the share of the largest."""
    values = [*(1000 + place / 100 for place in range(60)), farthest]
    assert inner(top({"a": values}, 10, policy(dominance=[[1, 50]])), RuleName.DEVIATIONS) == expected
