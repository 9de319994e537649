"""Inequality: Gini, Theil and S80/S20 are judged on their units, S80/S20 on the quantiles that it stands at as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.check import Tabulated, judged
from disclosure.errors import ColumnError
from disclosure.knowledge import Knowledge, knowledge_of
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.render import to_json
from disclosure.statistics.base import in_digits, rounded
from tests.disclosure.support import UNIT, codebook, failures, judge, policy, shown, status, units

INDICES = ("gini", "theil", "s80_s20")
TEN = policy(minimum_units=10)
BOOK = codebook(weights=("weight",))
EVEN = [float(1000 + 7 * place) for place in range(60)]


def index(cells: Mapping[str, Sequence[float]], statistic: str, by: Any = TEN, **asked: Any) -> JudgedTable:
    return judge(units(cells), by, statistic=statistic, values="value", **asked)


def inner(table: JudgedTable, rule: RuleName | None = None) -> set[str]:
    return {cell.removeprefix("group=") for cell in failures(table, rule) if cell != "total"}


def figures(table: JudgedTable) -> dict[str, str | None]:
    """Return every figure, whether it may be published or not."""
    assert table.evidence is not None
    return dict(zip(map(str, table.evidence.cells()), table.figures, strict=True))


# -------------------------------------------------------------------------------------------------------------- figures


def test_worked_examples() -> None:
    cells = {"equal": [5] * 10, "one": [0] * 9 + [1], "steps": range(1, 11)}
    gini, ratio, theil = (figures(index(cells, statistic, policy())) for statistic in ("gini", "s80_s20", "theil"))
    assert (gini["group=equal"], gini["group=one"], gini["group=steps"]) == ("0", "90", "30")
    # Quintiles average at ties: 9 and 10 are above the last, 1 and 2 up to the first.
    assert (ratio["group=steps"], ratio["group=one"]) == ("6.333333", None)
    assert float(theil["group=one"] or "nan") == pytest.approx(log(10), abs=1e-6)


def slow(values: list[int], weights: list[int]) -> tuple[Fraction | None, float | None, Fraction | None]:
    """Return the three indices by their definitions, pair by pair."""
    rows = sorted(zip(values, weights, strict=True))
    whole, held = sum(weights), sum(value * weight for value, weight in rows)
    if held == 0:
        return None, None, None
    apart = sum(a * b * abs(x - y) for x, a in rows for y, b in rows)
    mean = Fraction(held, whole)
    theil = sum(weight * float(value / mean) * log(value / mean) for value, weight in rows if value) / whole

    def quantile(probability: Fraction) -> Fraction:
        reached = 0
        for place, (value, weight) in enumerate(rows):
            reached += weight
            if reached == probability * whole and place + 1 < len(rows):
                return Fraction(value + rows[place + 1][0], 2)
            if reached >= probability * whole:
                return Fraction(value)
        raise AssertionError

    low, high = quantile(Fraction(1, 5)), quantile(Fraction(4, 5))
    bottom = sum(value * weight for value, weight in rows if value <= low)
    top = sum(value * weight for value, weight in rows if value > high)
    return 100 * Fraction(apart, 2 * whole * held), theil, Fraction(top, bottom) if bottom else None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=25), st.booleans())
def test_the_definitions_agree_on_random_values(rows: list[tuple[int, int]], weighted: bool) -> None:
    values, weights = [value for value, _ in rows], [weight if weighted else 1 for _, weight in rows]
    frame = units({"a": values}).assign(weight=weights)
    asked: dict[str, Any] = {"weights": "weight", "codebook": BOOK} if weighted else {}
    for statistic, expected in zip(INDICES, slow(values, weights), strict=True):
        (figure,) = set(judge(frame, policy(), statistic=statistic, values="value", **asked).figures)
        if expected is None:
            assert figure is None
        elif statistic == "theil":
            assert float(figure or "nan") == pytest.approx(expected, abs=1e-6)
        else:
            decimals = 7 if statistic == "gini" else 6
            assert figure == rounded(
                in_digits(Fraction(expected), 7) or Fraction(0), decimals=decimals, significant_digits=12
            )


def test_a_weight_stands_for_so_many_rows() -> None:
    frame = units({"a": EVEN}).assign(weight=[1 + place % 3 for place in range(60)])
    long = frame.loc[frame.index.repeat(frame.weight)]
    for statistic in INDICES:
        weighted = judge(frame, TEN, statistic=statistic, values="value", weights="weight", codebook=BOOK)
        assert shown(weighted) == shown(judge(long, TEN, statistic=statistic, values="value"))


def test_large_and_small_values_are_exact() -> None:
    tiny, huge = [0.000001 * place for place in range(1, 61)], [1e9 * place for place in range(1, 61)]
    for statistic in INDICES:
        assert shown(index({"a": tiny}, statistic)) == shown(index({"a": huge}, statistic))


# ---------------------------------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize("statistic", ["gini", "theil"])
def test_the_minimum_count_passes_and_one_unit_less_fails(statistic: str) -> None:
    table = index({"at": EVEN[:10], "under": EVEN[:9], "many": EVEN}, statistic)
    assert inner(table) == inner(table, RuleName.MINIMUM_COUNT) == {"under"}


def test_rows_of_one_unit_are_one_unit() -> None:
    rows = pd.DataFrame({UNIT: [1] * 40, "group": "a", "value": range(1, 41)})
    for statistic in INDICES:
        assert RuleName.MINIMUM_COUNT in {
            finding.rule for finding in judge(rows, TEN, statistic=statistic, values="value").verdict.findings
        }


@pytest.mark.parametrize("statistic", INDICES)
def test_few_units_with_anything_fail(statistic: str) -> None:
    cells = {"at": [*[0] * 50, *EVEN[:10]], "under": [*[0] * 50, *EVEN[:9]]}
    assert inner(index(cells, statistic), RuleName.MINIMUM_NONZERO) == {"under"}


@pytest.mark.parametrize("statistic", INDICES)
def test_equal_values_fail_because_an_index_of_zero_shows_that_they_are(statistic: str) -> None:
    table = index({"equal": [7] * 60, "other": EVEN}, statistic, policy(constant="on"))
    assert inner(table, RuleName.CONSTANT) == {"equal"}


@pytest.mark.parametrize("statistic", ["gini", "theil"])
def test_one_unit_holds_at_most_half_of_the_total_since_the_index_is_about_it_otherwise(statistic: str) -> None:
    by, total = policy(dominance=[[1, 50]]), sum(EVEN)
    assert not inner(index({"a": [*EVEN, total]}, statistic, by))
    assert inner(index({"a": [*EVEN, total + 0.01]}, statistic, by), RuleName.DOMINANCE) == {"a"}


@pytest.mark.parametrize("statistic", ["gini", "theil"])
@pytest.mark.parametrize(
    ("rule", "parameters"), [(RuleName.P_PERCENT, {"p_percent": 20}), (RuleName.PQ, {"pq": [10, 50]})]
)
def test_p_percent_and_pq_are_put_to_the_values(statistic: str, rule: RuleName, parameters: dict[str, Any]) -> None:
    """Beside 1000 and 500 a fifth of 1000 is left at the bound, among a hundred units."""
    for first, expected in ((101.0, set()), (100.99, {"a"})):
        values = [1000.0, 500.0, first, *[1.0] * 99]
        assert inner(index({"a": values}, statistic, policy(**parameters)), rule) == expected


@pytest.mark.parametrize("statistic", INDICES)
def test_one_unit_is_at_most_half_of_all_distances_where_the_others_have_nearly_the_same(statistic: str) -> None:
    """Those of the others from the second lowest come to 58 x 59 / 2 / 100, without the lowest one."""
    by, others = policy(dominance=[[1, 50]]), [1000 + place / 100 for place in range(60)]
    for farthest, expected in ((1017.12, set()), (1017.13, {"a"}), (6000.0, {"a"})):
        assert inner(index({"a": [*others, farthest]}, statistic, by), RuleName.DEVIATIONS) == expected


@pytest.mark.parametrize("statistic", INDICES)
def test_seven_digits_are_shown_and_no_more(statistic: str) -> None:
    for values in (EVEN, [one**2 for one in EVEN], [one**5 for one in range(1, 60)]):
        found = shown(index({"a": values}, statistic, policy()))["group=a"]
        assert found is not None
        assert len(found.replace(".", "").strip("0")) <= 7


@pytest.mark.parametrize("statistic", INDICES)
def test_a_unit_with_most_of_the_rows_or_of_the_weight_fails(statistic: str) -> None:
    by, frame = policy(dominance=[[1, 50]]), units({"a": [float(place) for place in range(1, 101)]})
    for heavy, expected in ((99.0, set()), (99.01, {"group=a", "total"})):
        weighted = frame.assign(weight=[*[1.0] * 49, heavy, *[1.0] * 50])
        table = judge(weighted, by, statistic=statistic, values="value", weights="weight", codebook=BOOK)
        assert failures(table, RuleName.DOMINANCE) == expected
    alone = pd.concat([frame, *[frame[frame[UNIT] == 50]] * 99])
    assert failures(judge(alone, by, statistic=statistic, values="value"), RuleName.DOMINANCE) == {"group=a", "total"}


def test_s80_s20_needs_the_minimum_strictly_below_its_first_and_above_its_last_quintile() -> None:
    # Of 51 the eleventh stands at the first quintile; of 49 the tenth does, and nine are below it.
    table = index({"at": EVEN[:51], "averaged": EVEN[:50], "under": EVEN[:49]}, "s80_s20")
    assert inner(table, RuleName.POSITION) == {"under"}
    for ties, expected in ((12, set()), (13, {"tied"})):
        tied = [*[1000.0] * ties, *EVEN[ties:]]
        assert inner(index({"tied": tied}, "s80_s20"), RuleName.POSITION) == expected


def test_s80_s20_fails_where_one_unit_has_more_than_half_of_the_top_or_of_the_bottom_fifth() -> None:
    by, middle = policy(dominance=[[1, 50]]), [100.0 + place / 10 for place in range(38)]
    low, high = [*[10.0] * 10, 11.0], [200.0 + place for place in range(11)]
    # Of 60 the last twelve are above the last quintile, and the first twelve up to the first one.
    assert not inner(index({"a": [*low, *middle, *high]}, "s80_s20", by))
    for largest, expected in ((sum(high), set()), (sum(high) + 0.01, {"a"})):
        cells = {"a": [9.0, *low, *middle[1:], *high, largest]}
        assert inner(index(cells, "s80_s20", by), RuleName.DOMINANCE) == expected
    for largest, expected in ((50.0, set()), (50.01, {"a"})):
        cells = {"a": [*[0.0] * 7, 20.0, 10.0, 10.0, 10.0, largest, *middle[2:], *high, 300.0]}
        assert inner(index(cells, "s80_s20", by), RuleName.DOMINANCE) == expected


@pytest.mark.parametrize("statistic", INDICES)
def test_two_values_are_a_frequency_in_disguise(statistic: str) -> None:
    table = index({"a": [1] * 9 + [0] * 100}, statistic)
    assert inner(table, RuleName.FREQUENCY_IN_DISGUISE) == {"a"}


@pytest.mark.parametrize("statistic", INDICES)
def test_a_weight_of_the_researchers_own_is_judged_as_a_magnitude(statistic: str) -> None:
    frame = units({"a": EVEN}).assign(weight=[1000.0, *[1.0] * 59])
    table = judge(frame, policy(dominance=[[1, 50]]), statistic=statistic, values="value", weights="weight")
    assert failures(table, RuleName.DOMINANCE) == {"group=a", "total"}


# --------------------------------------------------------------------------------------------------- negative, no value


def test_theil_refuses_negative_values_and_gini_takes_them_where_the_total_is_positive() -> None:
    cells = {"a": [-10.0, *EVEN], "b": [-100.0, 10.0]}
    with pytest.raises(ColumnError, match="negative"):
        index(cells, "theil")
    found = shown(index(cells, "gini", policy()))
    assert found["group=b"] == "no_value"
    assert float(found["group=a"] or "nan") > 0


def test_a_gini_of_so_many_negative_values_that_it_is_above_100_is_refused_with_a_remedy() -> None:
    """Of -1 and 3 it is exactly 100: half of the mean difference, 4 of 4 pairs, over the mean of 1."""
    assert figures(index({"a": [-1.0, 3.0], "b": EVEN}, "gini", policy()))["group=a"] == "100"
    with pytest.raises(ColumnError, match="above 100") as refused:
        index({"a": [-1.01, 3.0], "b": EVEN}, "gini", policy())
    assert "zero" in str(refused.value.hint)


def test_s80_s20_of_debts_is_refused_with_a_remedy_and_of_a_few_losses_is_not() -> None:
    few = [*np.linspace(-20, 40, 20), *np.linspace(50, 400, 80)]
    assert status(index({"a": list(map(float, few))}, "s80_s20", policy())) is not Status.INCONCLUSIVE
    with pytest.raises(ColumnError, match="less than nothing") as refused:
        index({"a": [-500.0] * 30 + [100.0] * 70, "b": EVEN}, "s80_s20", policy())
    assert "zero" in str(refused.value.hint)


def test_cells_without_values_have_no_index() -> None:
    for statistic in INDICES:
        assert figures(index({"a": [0.0] * 20, "b": EVEN}, statistic, policy()))["group=a"] is None


# ------------------------------------------------------------------------------------------------------- the same bytes


@pytest.mark.parametrize("statistic", INDICES)
def test_order_types_threads_and_documents_change_no_byte(statistic: str) -> None:
    generator = np.random.default_rng(5)
    frame = units({label: np.round(generator.lognormal(8, 1, 80), 2).tolist() for label in "abc"})
    frame["weight"] = np.round(generator.uniform(1, 9, len(frame)), 3)
    asked: dict[str, Any] = {"statistic": statistic, "values": "value", "weights": "weight", "codebook": BOOK}
    table = judge(frame, TEN, **asked)
    assert status(table) is Status.SAFE
    for other in (frame.sample(frac=1, random_state=1), frame.astype({UNIT: str, "group": "category"})):
        assert to_json(judge(other, TEN, threads=1, **asked)) == to_json(table)
    assert table.evidence is not None
    evidence = evidence_from_bytes(evidence_to_bytes(table.evidence))
    again = judged(table.recipe, Tabulated(evidence, knowledge_of(BOOK), (), None, across_rows=True), TEN)
    assert to_json(again) == to_json(table)
    assert knowledge_of(BOOK) != Knowledge()
