"""Poverty: the rate is judged as the frequency that it is, the gap as the quantile that it is as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from disclosure.check import Tabulated, judged
from disclosure.errors import RecipeError
from disclosure.knowledge import knowledge_of
from disclosure.model.codebooks import Column
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.policy import load_policy
from disclosure.render import to_json
from disclosure.statistics.base import rounded
from tests.disclosure.support import UNIT, coarse, codebook, failures, judge, policy, rules, shown, status, units

DISGUISE, POSITION = RuleName.FREQUENCY_IN_DISGUISE, RuleName.POSITION
TEN = policy(minimum_units=10)
LINE = "100"
BOOK = codebook(weights=("weight",))


def people(poor: int, others: int) -> list[float]:
    """Return so many values below and so many at or above 100, all different but those at the line."""
    return [*[50 + place / 8 for place in range(poor)], *[100 + place // 2 for place in range(others)]]


def poverty(
    cells: Mapping[str, Sequence[float]], by: Any = TEN, statistic: str = "poverty_rate", **asked: Any
) -> JudgedTable:
    options = asked.pop("options", {"line": LINE})
    return judge(units(cells), by, statistic=statistic, values="value", options=tuple(sorted(options.items())), **asked)


def inner(table: JudgedTable, rule: RuleName | None = None) -> set[str]:
    return {cell.removeprefix("group=") for cell in failures(table, rule) if cell != "total"}


def figures(table: JudgedTable) -> dict[str, str | None]:
    """Return every figure, whether it may be published or not."""
    assert table.evidence is not None
    return dict(zip(map(str, table.evidence.cells()), table.figures, strict=True))


# ------------------------------------------------------------------------------------------------------------- the line


def test_who_is_at_the_line_is_not_poor() -> None:
    table = poverty({"a": [99.999999, 100, 100.000001, 200]}, policy())
    assert figures(table)["total"] == "25"


def test_without_options_the_line_is_60_percent_of_the_median_of_all_rows() -> None:
    cells = {"low": [10, 20, 30, 40], "high": [100, 200, 300, 400, 500]}
    assert figures(poverty(cells, policy(), options={})) == {
        "group=low": "100",
        "group=high": "0",
        "total": "44.444444",
    }
    at_half = poverty(cells, policy(), options={"share_of_median": "0.4"})
    assert figures(at_half)["group=low"] == "75"


def test_a_row_without_a_value_or_left_out_does_not_move_the_line() -> None:
    frame = units({"a": [10, 20, 30, None], None: [1000, 2000]})  # type: ignore[dict-item]
    for dropna, line in ((False, 18), (True, 12)):
        table = judge(frame, policy(), statistic="poverty_rate", values="value", dropna=dropna)
        assert table.evidence is not None
        columns = table.evidence.part("poverty").columns
        assert {
            Fraction(*pair) for pair in zip(columns["line_numerator"], columns["line_denominator"], strict=True)
        } == {Fraction(line)}


@pytest.mark.parametrize(
    "options",
    [
        {"line": "0"},
        {"line": "-5"},
        {"line": "1e3"},
        {"line": "100", "share_of_median": "0.6"},
        {"share_of_median": "1.1"},
        {"share_of_median": "x"},
        {"share_of_median": "0.1234567"},
        {"threshold": "100"},
    ],
)
def test_lines_without_sense_are_refused(options: dict[str, str]) -> None:
    for statistic in ("poverty_rate", "poverty_gap"):
        with pytest.raises(RecipeError):
            poverty({"a": people(20, 20)}, statistic=statistic, options=options)


# ------------------------------------------------------------------------------------------------------------- the rate


def test_numerator_and_complement_each_pass_at_the_minimum_and_fail_below_it() -> None:
    cells = {"at": people(10, 10), "few poor": people(9, 30), "few others": people(30, 9)}
    assert inner(poverty(cells), DISGUISE) == {"few poor", "few others"}


def test_the_denominator_obeys_the_minimum_count() -> None:
    assert inner(poverty({"a": people(0, 9), "b": people(20, 20)}), RuleName.MINIMUM_COUNT) == {"a"}


def test_distinct_units_count_and_not_rows() -> None:
    rows = pd.DataFrame({UNIT: [*[1] * 30, *range(2, 40)], "group": "a", "value": [*[50] * 30, *[150] * 38]})
    table = judge(rows, TEN, statistic="poverty_rate", values="value", options=(("line", LINE),))
    assert failures(table, DISGUISE) == {"group=a", "total"}


def test_group_disclosure_holds_for_the_poor_and_for_the_others() -> None:
    by = policy(group_disclosure=90)
    cells = {"at": people(10, 90), "over": people(9, 91), "poor": people(91, 9)}
    assert inner(poverty(cells, by, codebook=coarse("group")), DISGUISE) == {"over", "poor"}
    book = codebook(Column("group", sensitive=False), Column("value", not_disclosive=("not poor",)))
    assert inner(poverty(cells, by, codebook=book), DISGUISE) == {"poor"}


def test_0_and_100_percent_fail_under_every_policy_that_sets_group_disclosure() -> None:
    book = codebook(Column("group", sensitive=False), Column("value", not_disclosive=("not poor", "poor")))
    cells = {"none": people(0, 30), "all": people(30, 0), "some": people(15, 15)}
    assert inner(poverty(cells, policy(group_disclosure=99.9), codebook=book), DISGUISE) == {"none", "all"}


def test_where_zeros_disclose_nobody_poor_fails() -> None:
    table = poverty({"none": people(0, 30), "some": people(15, 15)}, policy(zero_cells="disclosive"))
    assert inner(table, RuleName.ZERO_CELLS) == {"none"}


def test_a_margin_of_units_in_several_cells_implies_counts() -> None:
    frame = units({"a": people(20, 20), "b": people(20, 20)})
    several = pd.concat([frame, frame.head(3).assign(group="b")])
    table = judge(several, TEN, statistic="poverty_rate", values="value", options=(("line", LINE),))
    assert failures(table) == failures(table, RuleName.IMPLIED_COUNTS) == {"total"}


def test_the_poor_and_the_others_must_be_enough_households_too() -> None:
    for members, expected in ((2, set()), (3, {"group=a", "total"})):
        frame = units({"a": people(20, 60)})
        frame["household"] = frame[UNIT] // members
        table = judge(
            frame,
            TEN,
            statistic="poverty_rate",
            values="value",
            options=(("line", LINE),),
            other_units=(("household",),),
        )
        assert failures(table, RuleName.OTHER_UNITS) == expected


def test_a_unit_with_most_of_the_weight_fails() -> None:
    frame, by = units({"a": people(20, 80)}), policy(dominance=[[1, 50]])
    for heavy, expected in ((99.0, set()), (99.01, {"group=a", "total"})):
        weighted = frame.assign(weight=[heavy, *[1.0] * 99])
        asked: dict[str, Any] = {"values": "value", "options": (("line", LINE),), "weights": "weight", "codebook": BOOK}
        assert failures(judge(weighted, by, statistic="poverty_rate", **asked), RuleName.DOMINANCE) == expected


@pytest.mark.parametrize("name", ["cbs", "abs"])
def test_every_built_in_policy_judges_it(name: str) -> None:
    for poor, expected in ((10, Status.SAFE), (9, Status.UNSAFE)):
        assert status(poverty({"a": people(poor, 40)}, load_policy(name), rows=[])) is expected


# -------------------------------------------------------------------------------------------------------------- the gap


def test_the_gap_is_the_distance_of_the_median_of_the_poor_to_the_line() -> None:
    cells = {"a": [*[40] * 20, *[70] * 30, *[80] * 20, *people(0, 50)]}
    assert figures(poverty(cells, statistic="poverty_gap"))["total"] == "30"
    nobody = poverty({"a": people(0, 20), "b": people(10, 10)}, policy(), statistic="poverty_gap")
    assert figures(nobody)["group=a"] is None


def test_the_rules_of_the_rate_hold_for_the_gap() -> None:
    cells = {"at": people(40, 10), "few poor": people(9, 30), "few others": people(40, 9)}
    table = poverty(cells, statistic="poverty_gap")
    assert inner(table, DISGUISE) == {"few poor", "few others"}


def test_the_minimum_must_be_poorer_and_less_poor_than_the_median_of_the_poor() -> None:
    cells = {"at": people(21, 60), "under": people(19, 60), "tied": [*[70.0] * 30, *people(0, 60)]}
    assert inner(poverty(cells, statistic="poverty_gap"), POSITION) == {"under", "tied"}


def test_with_a_known_line_no_ones_value_follows_from_the_gap() -> None:
    generator = np.random.default_rng(2)
    values = np.round(generator.uniform(20, 99, 201), 2).tolist()
    table = poverty({"a": [*values, *people(0, 60)]}, statistic="poverty_gap")
    assert not failures(table)
    median = Fraction(100) - Fraction(figures(table)["total"] or "nan")
    exact = sorted(Fraction(str(value)) for value in values)[100]
    step = median - exact
    assert step != 0
    assert sum(abs(Fraction(str(value)) - median) <= abs(step) + 1 for value in values) >= 10


def test_with_a_known_line_too_few_close_to_the_median_of_the_poor_fail() -> None:
    values, by = [1.0, 2.0, 3.0, 50.0, 97.0, 98.0, 99.0, *[200.0] * 30], policy(minimum_units=3)
    for options in ({"line": "100"}, {"share_of_median": "0.5"}):
        assert POSITION in rules(poverty({"a": values}, by, statistic="poverty_gap", options=options))
    close = [1.0, 2.0, 49.0, 50.0, 51.0, 98.0, 99.0, *[200.0] * 30]
    for options in ({"line": "100"}, {"share_of_median": "0.5"}):
        assert POSITION not in rules(poverty({"a": close}, by, statistic="poverty_gap", options=options))


@pytest.mark.parametrize("options", [{"line": "100"}, {"share_of_median": "0.5"}])
def test_the_gap_that_is_released_is_that_of_the_rounded_median_whatever_the_line(options: dict[str, str]) -> None:
    poor = [41.0, 42.0, 43.0, 44.0, 57.3, 58.0, 59.0, 60.0, 61.0]
    table = poverty({"a": [*poor, *[200.0] * 30]}, policy(minimum_units=4), statistic="poverty_gap", options=options)
    assert not failures(table)
    assert table.evidence is not None
    columns = table.evidence.part("poverty").columns
    scale = 10 ** (table.evidence.amounts.decimals if table.evidence.amounts is not None else 0)
    assert set(columns["twice_median"]) == {int(2 * Fraction("57.3") * scale)}
    # The average of 57.3, 58, 59 and 60 is 58.575: to a step of 1 that is 59, more than 1 off the median; to 2, 58.
    assert set(columns["shown_median"]) == {58 * scale}
    assert shown(table)["total"] == "42"


# ---------------------------------------------------------------------------------------------------------- a reference


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 9), st.sampled_from("ab"), st.integers(1, 12)),
        min_size=1,
        max_size=40,
    ),
    share=st.sampled_from(["0.4", "0.6", "1"]),
)
def test_slow_rates_and_rules_agree_on_random_rows(rows: list[tuple[int, int, str, int]], share: str) -> None:
    assume(len({row[0] for row in rows}) > 2)  # a column of two values is a frequency in disguise itself
    frame = pd.DataFrame(rows, columns=["value", "weight", "group", UNIT])
    by = policy(minimum_units=3)
    table = judge(
        frame,
        by,
        statistic="poverty_rate",
        values="value",
        weights="weight",
        codebook=BOOK,
        options=(("share_of_median", share),),
    )
    ordered = sorted((value, weight) for value, weight, _, _ in rows)
    whole, reached, median = sum(weight for _, weight in ordered), 0, Fraction(0)
    for place, (value, weight) in enumerate(ordered):
        reached += weight
        if 2 * reached >= whole:
            following = ordered[place + 1][0] if 2 * reached == whole and place + 1 < len(ordered) else value
            median = Fraction(value + following, 2)
            break
    line = Fraction(share) * median
    found, failing = figures(table), failures(table, DISGUISE) | failures(table, RuleName.MINIMUM_COUNT)
    for cell, figure in found.items():
        own = [row for row in rows if cell == "total" or cell == f"group={row[2]}"]
        poor = [row for row in own if row[0] < line]
        rate = Fraction(100 * sum(row[1] for row in poor), sum(row[1] for row in own))
        assert figure == rounded(rate, decimals=6, significant_digits=12)
        numerator, complement = ({row[3] for row in one} for one in (poor, [row for row in own if row not in poor]))
        n = len(numerator | complement)
        parts = (n, len(numerator), len(complement), n - len(numerator), n - len(complement))
        assert (cell in failing) is any(0 < part < 3 for part in parts)


@pytest.mark.parametrize("statistic", ["poverty_rate", "poverty_gap"])
@pytest.mark.parametrize("options", [{}, {"line": "3000"}])
def test_order_types_threads_and_documents_change_no_byte(statistic: str, options: dict[str, str]) -> None:
    generator = np.random.default_rng(5)
    frame = units({label: np.round(generator.lognormal(8, 1, 120), 2).tolist() for label in "abc"})
    frame["weight"] = np.round(generator.uniform(1, 9, len(frame)), 3)
    asked: dict[str, Any] = {
        "statistic": statistic,
        "values": "value",
        "weights": "weight",
        "codebook": BOOK,
        "options": tuple(options.items()),
    }
    table = judge(frame, TEN, **asked)
    assert status(table) is Status.SAFE
    assert None not in shown(table).values()
    for other in (frame.sample(frac=1, random_state=1), frame.astype({UNIT: str, "group": "category"})):
        assert to_json(judge(other, TEN, threads=1, **asked)) == to_json(table)
    assert table.evidence is not None
    evidence = evidence_from_bytes(evidence_to_bytes(table.evidence))
    again = judged(table.recipe, Tabulated(evidence, knowledge_of(BOOK), (), None, across_rows=True), TEN)
    assert to_json(again) == to_json(table)
