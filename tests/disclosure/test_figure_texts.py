"""Figures and cells by the million: the same texts and the same cells as one at a time."""

from __future__ import annotations

from decimal import InvalidOperation
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.model.cell_lists import cells_at
from disclosure.statistics import rounded
from disclosure.statistics.figure_texts import figure_texts

FIGURES = st.one_of(
    st.fractions(max_denominator=10**9),
    st.integers(-(10**40), 10**40).map(Fraction),
    st.builds(Fraction, st.integers(-(10**20), 10**20), st.integers(0, 18).map(lambda power: 10**power)),
    # Halves of the last decimal, where the even neighbour is taken.
    st.builds(lambda odd, power: Fraction(2 * odd + 1, 2 * 10**power), st.integers(-999, 999), st.integers(0, 8)),
)


@settings(max_examples=500, deadline=None)
@given(FIGURES, st.integers(0, 8), st.integers(1, 18))
@example(Fraction(-1, 1000), 2, 12)
@example(Fraction(-5, 2), 0, 12)
@example(Fraction(999_999_999_999), 0, 12)
@example(Fraction(10**12), 0, 12)
@example(Fraction(99_995, 10), 1, 4)
def test_a_figure_is_rounded_as_one_alone(figure: Fraction, decimals: int, digits: int) -> None:
    alone = rounded(figure, decimals=decimals, significant_digits=digits)
    assert figure_texts([figure], decimals=decimals, significant_digits=digits) == (alone,)


def test_a_figure_that_is_missing_stays_missing_and_the_order_is_kept() -> None:
    texts = figure_texts([Fraction(3, 2), None, Fraction(0)], decimals=2, significant_digits=12)
    assert texts == ("1.5", None, "0")


@pytest.mark.parametrize(("digits", "text"), [(12, "123456.79"), (8, "123456.79"), (7, "123456.8"), (3, "123000")])
def test_significant_digits_end_a_figure_where_decimals_do_not(digits: int, text: str) -> None:
    assert figure_texts([Fraction("123456.789")], decimals=2, significant_digits=digits) == (text,)


def test_a_figure_beyond_all_digits_is_no_figure_either_way() -> None:
    with pytest.raises(InvalidOperation):
        figure_texts([Fraction(10**130)], decimals=2, significant_digits=12)


def test_cells_in_a_list_are_the_cells_one_by_one() -> None:
    frame = pd.DataFrame({"a": ["x", "y", None, "x"] * 9, "b": [1, 2, 2] * 12, "person": range(36)})
    for rows in ([], ["a"], ["a", "b"]):
        evidence = sdc.table(frame, rows=rows, unit="person").evidence
        every = np.arange(len(evidence))
        assert list(cells_at(evidence, every)) == [evidence.cell(place) for place in every.tolist()]
        assert list(cells_at(evidence, every[::-2])) == [evidence.cell(place) for place in every[::-2].tolist()]
        assert list(cells_at(evidence, every[:0])) == []


def test_every_finding_has_its_cell_and_its_rule_in_the_order_of_the_cells() -> None:
    frame = pd.DataFrame({"a": ["x"] * 30 + ["y"] * 2, "value": [1.0] * 31 + [1e6], "person": range(32)})
    out = sdc.table(frame, rows=["a"], values="value", statistic="sum", unit="person")
    failing = [out.evidence.cell(place) for place in np.flatnonzero(out.table.failing).tolist()]
    assert list(dict.fromkeys(finding.cell for finding in out.verdict.findings)) == failing
    assert {finding.rule.value for finding in out.verdict.findings if str(finding.cell) == "a=y"} >= {
        "minimum_count",
        "dominance",
    }
