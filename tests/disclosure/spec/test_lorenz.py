"""Lorenz curves: each point is a quantile, and what lies between two points is a total over its units."""

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
from disclosure.knowledge import knowledge_of
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.render import to_csv, to_json
from disclosure.statistics.base import rounded
from tests.disclosure.support import UNIT, codebook, failures, judge, policy, shown, status, units

TEN = policy(minimum_units=10)
BOOK = codebook(weights=("weight",))
EVEN = [float(1000 + place) for place in range(200)]


def lorenz(cells: Mapping[str, Sequence[float]], points: str | None = None, by: Any = TEN, **asked: Any) -> JudgedTable:
    options = () if points is None else (("points", points),)
    return judge(units(cells), by, statistic="lorenz", values="value", options=options, **asked)


def points(table: JudgedTable, rule: RuleName | None = None, group: str = "group=a") -> set[str]:
    """Return the percentiles of a group that fail."""
    return {cell.split("percentile=")[1].split(",")[0] for cell in failures(table, rule) if group in cell}


# -------------------------------------------------------------------------------------------------------------- figures


def test_the_deciles_of_each_group_and_of_all_are_shown_in_percent() -> None:
    found = shown(lorenz({"a": [*[1.0] * 50, *[3.0] * 50], "b": EVEN}, by=policy(minimum_units=2), suppressed=True))
    assert len(found) == 27
    table = lorenz({"a": [*[1.0] * 50, *[3.0] * 50]}, points="25,50,75", by=policy(), rows=[])
    assert table.figures == ("12.5", "25", "62.5")


def test_a_row_that_a_percentile_cuts_counts_with_its_part() -> None:
    table = lorenz({"a": [0.0, 10.0, 30.0]}, points="50,90", by=policy(), rows=[])
    assert table.figures == ("12.5", "77.5")  # half of 10 of 40; all but 0.3 of 30


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=25))
def test_cutting_row_by_row_agrees_on_random_values(rows: list[tuple[int, int]]) -> None:
    frame = units({"a": [value for value, _ in rows]}).assign(weight=[weight for _, weight in rows])
    table = judge(
        frame,
        policy(),
        statistic="lorenz",
        values="value",
        rows=[],
        weights="weight",
        codebook=BOOK,
        options=(("points", "7.5,50,99.9"),),
    )
    whole, held = sum(weight for _, weight in rows), sum(value * weight for value, weight in rows)
    for point, figure in zip(("7.5", "50", "99.9"), table.figures, strict=True):
        left, found = Fraction(point) / 100 * whole, Fraction(0)
        for value, weight in sorted(rows):
            part = min(left, Fraction(weight))
            found, left = found + part * value, left - part
        expected = rounded(100 * found / held, decimals=6, significant_digits=12) if held else None
        assert figure == expected


def test_zeros_only_have_no_curve() -> None:
    assert set(lorenz({"a": [0.0] * 30}, by=policy()).figures) == {None}


# ---------------------------------------------------------------------------------------------------------------- rules


def test_the_minimum_must_lie_below_the_first_and_above_the_last_point() -> None:
    assert status(lorenz({"a": EVEN}, points="6,94", rows=[])) is Status.SAFE
    for asked, expected in (("5.5,94", set()), ("5,94", {"5"}), ("6,95", set()), ("6,95.5", {"95.5"})):
        assert points(lorenz({"a": EVEN}, points=asked), RuleName.POSITION) == expected


def test_the_minimum_must_lie_strictly_between_two_points_that_follow_each_other() -> None:
    # The 80th stands at 40, the 91st at 45.5: between them are ten, and one less between 40 and 45.
    assert points(lorenz({"a": EVEN}, points="40,45.5"), RuleName.POSITION) == set()
    assert points(lorenz({"a": EVEN}, points="20,40,45,60"), RuleName.POSITION) == {"40", "45"}


@pytest.mark.parametrize("asked", ["0.2,0.4,0.6,0.8", "0.5", "0.25,0.5,1"])
def test_points_that_are_parts_of_one_are_not_taken_for_percentages(asked: str) -> None:
    with pytest.raises(RecipeError, match="a fifth of one percent"):
        lorenz({"a": EVEN}, points=asked)


@pytest.mark.parametrize("asked", ["1", "0.5,50", "1,2"])
def test_single_percents_are(asked: str) -> None:
    assert lorenz({"a": EVEN}, points=asked).figures


def test_equal_values_at_a_point_are_on_neither_side() -> None:
    tied = [*EVEN[:40], *[2000.0] * 120, *[3000.0 + place for place in range(40)]]
    assert points(lorenz({"a": tied}, points="15,85"), RuleName.POSITION) == set()
    assert points(lorenz({"a": tied}, points="40,60"), RuleName.POSITION) == {"40", "60"}


def test_failing_points_are_withheld_and_the_others_still_have_enough_between_them() -> None:
    table = lorenz({"a": EVEN}, points="20,40,45,60", rows=[], suppressed=True)
    found = {cell.split(",")[0]: figure for cell, figure in shown(table).items()}
    assert found["percentile=40"] == found["percentile=45"] == "withheld"
    assert status(lorenz({"a": EVEN}, points="20,60", rows=[])) is Status.SAFE
    assert found["percentile=20"] == shown(lorenz({"a": EVEN}, points="20,60", rows=[]))["percentile=20, figure=share"]


def test_rows_of_one_unit_are_one_unit() -> None:
    frame = units({"a": EVEN})
    frame[UNIT] = frame[UNIT] // 25
    table = judge(frame, TEN, statistic="lorenz", values="value", options=(("points", "50"),))
    assert points(table, RuleName.MINIMUM_COUNT) == points(table, RuleName.POSITION) == {"50"}


def test_a_curve_of_which_one_unit_holds_most_between_two_points_fails_as_a_whole() -> None:
    by = policy(dominance=[[1, 50]])
    assert status(lorenz({"a": EVEN}, by=by)) is Status.SAFE
    table = lorenz({"a": [*EVEN[:-1], 10**6], "b": EVEN}, by=by)
    assert points(table, RuleName.DOMINANCE) == {str(10 * place) for place in range(1, 10)}
    assert points(table, RuleName.DOMINANCE, "group=b") == set()


def test_dominance_above_the_last_point_passes_at_its_bound() -> None:
    # Ten of 100 are above the last point; the one at it counts as theirs besides, as a contribution of its own.
    values = [*[100.0 + place for place in range(90)], *[300.0] * 9]
    for largest, expected in ((2700.0, set()), (2700.01, {"90"})):
        table = lorenz({"a": [*values, largest]}, points="90", by=policy(dominance=[[1, 50]]))
        assert points(table, RuleName.DOMINANCE) == expected


def test_a_unit_with_most_of_the_weight_fails() -> None:
    frame = units({"a": EVEN})
    for heavy, expected in ((199.0, set()), (199.01, {"50"})):
        table = judge(
            frame.assign(weight=[*[1.0] * 50, heavy, *[1.0] * 149]),
            policy(dominance=[[2, 50.5], [1, 50]]),
            statistic="lorenz",
            values="value",
            weights="weight",
            codebook=BOOK,
            options=(("points", "50"),),
        )
        assert (points(table, RuleName.DOMINANCE) >= expected) is True


# -------------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("asked", ["0", "100", "20,10", "20,20", "", "x", "10,,20", ",".join(["1"] * 120)])
def test_points_are_percentages_in_ascending_order(asked: str) -> None:
    with pytest.raises(RecipeError):
        lorenz({"a": EVEN}, points=asked)


def test_negative_values_and_weights_of_the_researchers_own_are_refused() -> None:
    with pytest.raises(ColumnError, match="negative"):
        lorenz({"a": [-1.0, *EVEN]})
    with pytest.raises(RecipeError, match="codebook"):
        judge(units({"a": EVEN}).assign(weight=2.0), TEN, statistic="lorenz", values="value", weights="weight")


def test_a_dimension_called_as_one_of_the_curve_is_refused() -> None:
    with pytest.raises(RecipeError):
        judge(units({"a": EVEN}, dimension="percentile"), TEN, statistic="lorenz", values="value", rows=["percentile"])


# ------------------------------------------------------------------------------------------------------- the same bytes


def test_order_types_threads_and_documents_change_no_byte() -> None:
    generator = np.random.default_rng(5)
    frame = units({label: np.round(generator.lognormal(8, 0.5, 200), 0).tolist() for label in "abc"})
    frame["weight"] = np.round(generator.uniform(1, 9, len(frame)), 3)
    asked: dict[str, Any] = {"statistic": "lorenz", "values": "value", "weights": "weight", "codebook": BOOK}
    asked["options"] = (("points", "20,50,80"),)
    table = judge(frame, TEN, **asked)
    assert status(table) is Status.SAFE
    for other in (frame.sample(frac=1, random_state=1), frame.astype({UNIT: str, "group": "category"})):
        again = judge(other, TEN, threads=1, **asked)
        assert (to_json(again), to_csv(again)) == (to_json(table), to_csv(table))
    assert table.evidence is not None
    evidence = evidence_from_bytes(evidence_to_bytes(table.evidence))
    assert evidence_to_bytes(evidence) == evidence_to_bytes(table.evidence)
    received = judged(table.recipe, Tabulated(evidence, knowledge_of(BOOK), (), None, across_rows=True), TEN)
    assert to_json(received) == to_json(table)


def test_curves_of_groups_that_share_units_are_not_compared() -> None:
    frame = pd.DataFrame({UNIT: range(400), "group": "a", "value": [float(1000 + place) for place in range(400)]})
    shared = pd.concat([frame, frame.head(399).assign(group="b")])
    apart = pd.concat([frame, frame.assign(group="b", **{UNIT: frame[UNIT] + 400})])
    for rows, expected in ((shared, "inconclusive"), (apart, "safe")):
        out = judge(rows, policy(minimum_units=10), statistic="lorenz", values="value", rows=("group",))
        assert status(out) == expected


@pytest.mark.parametrize(("farthest", "expected"), [(0.45, set()), (0.46, {"50"}), (5000.0, {"50"})])
@pytest.mark.parametrize("side", [1, -1])
def test_one_unit_is_at_most_half_of_the_distances_from_a_point_where_all_have_nearly_the_same(
    farthest: float, expected: set[str], side: int
) -> None:
    """The 11th of 21 stands at the point; the others beyond it are 0.01 to 0.09 from it, which is 0.45 in all."""
    cell = [8000 + side * apart for apart in (*(place / 100 for place in range(-10, 10)), farthest)]
    assert points(lorenz({"a": cell}, points="50", by=policy(dominance=[[1, 50]])), RuleName.DOMINANCE) == expected


def test_where_values_lie_apart_one_unit_may_be_farther_from_the_point_than_all_others() -> None:
    by = policy(dominance=[[1, 50]])
    for spread, expected in ((0.4, {"50"}), (40.0, set())):
        cell = [1000 + spread * place for place in range(-10, 11)] + [1000 + 100 * spread, 1000 - 100 * spread / 8]
        assert (
            points(lorenz({"a": [one for one in cell if one > 0]}, points="50", by=by), RuleName.DOMINANCE) == expected
        )
