"""Labels that hardly anybody bears are values of records: what leaves has neutral labels and round cut points."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure import texts
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.neutral_labels import hidden_in_any, hidden_labels, released, units_by_category
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.protection.bands import band_of
from disclosure.protection.cuts import NumberLine, cut_between
from disclosure.protection.grouping import Budget, Table
from disclosure.protection.leave_out import chosen
from disclosure.protection.remedies import SUPPRESS
from disclosure.render import to_csv, to_html, to_json
from disclosure.render.compare import compare
from disclosure.render.metadata import to_metadata
from tests.disclosure.support import UNIT, heads, judge, policy, status, units

TEN = policy(minimum_units=10)
TOLD = "Jan earns 26617"


def lists(dimension: str, *codes: str, **further: Any) -> Codebook:
    column = {"categories": dict.fromkeys(codes, ""), **further}
    return codebook_from({"schema": 1, "name": "t", "unit": [UNIT], "columns": {dimension: column}})


def labels_of(table: JudgedTable, dimension: str = "group") -> set[str]:
    """Return the labels of a dimension that the csv has, read as text."""
    lines = csv.DictReader(io.StringIO(to_csv(table).decode(), newline=""))
    return {line[dimension] for line in lines} - {"Total", "(missing)"}


def everything(table: JudgedTable) -> bytes:
    """Return every document of a table that leaves."""
    return to_csv(table) + to_json(table) + to_html(table, title="t") + to_metadata(table, "t")


# --------------------------------------------------------------------------------------------------- neutral labels


@pytest.mark.parametrize(("n", "label"), [(9, "withheld 1"), (10, "a")])
def test_a_label_is_published_from_the_minimum_on(n: int, label: str) -> None:
    assert labels_of(judge(heads({"a": n, "b": 40}), TEN, suppressed=True)) == {label, "b"}


@pytest.mark.parametrize("listed", [True, False])
def test_a_label_that_the_codebook_lists_is_published_however_few_bear_it(listed: bool) -> None:
    book = lists("group", "a", "b") if listed else lists("group", "b")
    table = judge(heads({"a": 3, "b": 40}), TEN, codebook=book, suppressed=True)
    assert labels_of(table) == ({"a", "b"} if listed else {"withheld 1", "b"})
    assert bool(hidden_labels(table)) is not listed


def test_a_code_of_a_hierarchy_is_listed() -> None:
    book = codebook_from(
        {
            "schema": 1, "name": "t", "unit": [UNIT],
            "columns": {"group": {"hierarchy": "h"}},
            "hierarchies": {"h": {"levels": ["fine", "coarse"], "parents": {"a": "top"}}},
        }
    )  # fmt: skip
    assert labels_of(judge(heads({"a": 3, "z": 3}), TEN, codebook=book, suppressed=True)) == {"a", "withheld 1"}


def test_many_who_bear_it_in_small_cells_are_enough() -> None:
    frame = heads({("a", "x"): 6, ("a", "y"): 6, ("b", "x"): 40, ("b", "y"): 4})
    table = judge(frame, TEN, rows=["d1"], columns=["d2"], suppressed=True)
    assert labels_of(table, "d1") == {"a", "b"}
    assert not hidden_labels(table)


@pytest.mark.parametrize("protection", ["suppressed", "rounded", "midpoint", "unsafe"])
def test_no_document_that_leaves_has_the_label(protection: str) -> None:
    frame = heads({(TOLD, "x"): 1, ("rest", "x"): 40, ("rest", "y"): 30})
    ways: dict[str, dict[str, Any]] = {
        "suppressed": {"suppressed": True},
        "rounded": {"rounding": 5},
        "midpoint": {"options": (("midpoint", "6"),)},
        "unsafe": {},
    }
    out = sdc.table(frame, rows="d1", columns="d2", unit=UNIT, policy="opensafely")
    assert out._judge is not None
    table = out._judge(replace(out.recipe, **ways[protection]))
    assert table.evidence is not None
    assert TOLD in {label for labels in table.evidence.categories for label in labels}
    left = everything(table)
    assert b"Jan" not in left
    assert b"withheld 1" in left
    assert b"rest" in left


def test_the_frame_and_the_display_of_a_safe_output_are_neutral_too() -> None:
    out = sdc.table(heads({TOLD: 1, "rest": 40}), rows="group", unit=UNIT, policy="abs")
    assert TOLD not in map(str, out.to_pandas().index)
    assert TOLD in repr(out), "what fails is looked for by its own label inside the workspace"
    (suppress,) = [one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS]
    done = out.apply(suppress)
    assert status(done) is Status.SAFE
    assert list(done.to_pandas().index) == ["rest", "withheld 1", "Total"]
    assert "Jan" not in repr(done) + done._repr_html_()


def test_no_figure_has_the_label_either() -> None:
    out = sdc.table(heads({TOLD: 1, "rest": 40, "more": 30}), rows="group", unit=UNIT, policy="abs")
    (suppress,) = [one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS]
    drawn = sdc.figure(out.apply(suppress), kind="bar")
    assert b"Jan" not in drawn.to_svg()
    assert "Jan" not in str(drawn.alternative)


def test_a_display_in_another_language_says_the_neutral_label_in_it() -> None:
    table = judge(heads({"a": 3, "b": 40}), TEN, suppressed=True)
    english = everything(table)
    with texts.language("nl"):
        assert everything(table) == english
        assert released(table).labels.category("group", "withheld 1") == "onderdrukt 1"


def test_neutral_labels_follow_the_order_of_the_table_and_not_the_place_of_the_label_among_others() -> None:
    table = judge(heads({"100": 40, "150": 1, "160": 2, "200": 40}), TEN, suppressed=True)
    shown = [line.split(",")[0] for line in to_csv(table).decode().splitlines()[1:]]
    assert shown == ["100", "200", "withheld 1", "withheld 2", "Total"]


def test_neutral_labels_have_numbers_of_one_width() -> None:
    table = judge(heads({**{f"v{place:02}": 1 for place in range(11)}, "z": 40}), TEN, suppressed=True)
    assert sorted(hidden_labels(table)["group"])[10] == "v10"
    assert {"withheld 01", "withheld 11"} <= labels_of(table)


def test_a_category_that_is_called_so_keeps_its_name() -> None:
    assert labels_of(judge(heads({"withheld 1": 40, "b": 2}), TEN, suppressed=True)) == {"withheld 1", "withheld 1*"}


def test_figures_stay_with_their_categories() -> None:
    frame = heads({("m", "x"): 2, ("z", "x"): 30, ("b", "x"): 21, ("b", "y"): 22, ("a", "y"): 3})
    table = judge(frame, TEN, rows=["d1"], columns=["d2"], suppressed=True)
    own = {str(one.cell): (one.state, one.figure) for one in table.published()}
    moved = {str(one.cell): (one.state, one.figure) for one in released(table).published()}
    said = {"d1=a": "d1=withheld 1", "d1=m": "d1=withheld 2"}
    renamed = {", ".join(said.get(part, part) for part in cell.split(", ")): one for cell, one in own.items()}
    assert moved == renamed


def test_a_table_is_released_once_and_the_same_wherever_it_is_made() -> None:
    table = judge(heads({"a": 3, "b": 40}), TEN, suppressed=True)
    again = released(table)
    assert released(again) is again
    assert everything(again) == everything(table) == everything(judge(heads({"b": 40, "a": 3}), TEN, suppressed=True))
    assert compare(to_json(table), table) == ()
    plain = judge(heads({"a": 30, "b": 40}), TEN)
    assert released(plain) is plain


def test_side_by_side_a_neutral_label_is_one_category() -> None:
    one = judge(heads({"a": 3, "b": 40, "c": 2}), TEN, suppressed=True)
    other = judge(heads({"b": 40, "c": 2}), TEN, suppressed=True)
    hidden = hidden_in_any([one, other])
    assert hidden == {"group": {"a", "c"}}
    evidence = released(other, hidden).evidence
    assert evidence is not None
    assert evidence.categories == (("b", "withheld 2"),)


def test_units_by_category_add_cells_up_where_there_is_no_margin() -> None:
    table = judge(heads({("a", "x"): 6, ("a", "y"): 6, ("b", "x"): 4}), TEN, rows=["d1"], columns=["d2"])
    evidence = table.evidence
    assert evidence is not None
    assert units_by_category(evidence, 0).tolist() == [12, 4]
    inner = chosen(evidence, np.flatnonzero(evidence.inner))
    assert units_by_category(inner, 0).tolist() == [12, 4]
    assert units_by_category(inner, 1).tolist() == [10, 6]


# ------------------------------------------------------------------------------------------------------- cut points


@pytest.mark.parametrize(
    ("low", "high", "cut"),
    [
        ("16002", "24001", "20000"), ("16002", "16013", "16010"), ("63", "64", "64"), ("63", "65", "64"),
        ("-5", "3", "0"), ("-26617", "-26003", "-26500"), ("99", "101", "100"), ("0", "1", "1"), ("8", "12", "10"),
    ],
)  # fmt: skip
def test_the_cut_is_the_number_with_the_fewest_digits_between(low: str, high: str, cut: str) -> None:
    found = cut_between(Fraction(low), Fraction(high), 0)
    assert found == Fraction(cut) or (low, high) == ("-26617", "-26003")
    assert Fraction(low) < found <= Fraction(high)


def test_cuts_have_no_more_decimals_than_the_numbers() -> None:
    assert cut_between(Fraction("1.25"), Fraction("1.26"), 2) == Fraction("1.26")
    assert cut_between(Fraction("1.25"), Fraction("1.27"), 2) == Fraction("1.26")
    assert cut_between(Fraction("1.25"), Fraction("1.42"), 2) == Fraction("1.3")


NUMBERS = st.lists(st.integers(-(10**6), 10**6), min_size=4, max_size=30, unique=True)


@settings(max_examples=60)
@given(NUMBERS, st.integers(2, 5), st.sampled_from([1, 100]))
def test_bands_hold_their_own_numbers_and_their_ends_are_no_numbers_but_of_neighbours(
    numbers: list[int], width: int, divisor: int
) -> None:
    ordered = [str(one) if divisor == 1 else f"{one / divisor:.2f}" for one in sorted(numbers)]
    line = NumberLine(reversed(ordered))
    groups = [ordered[at : at + width] for at in range(0, len(ordered), width)]
    named = [line.named(group) for group in groups]
    bands = [band_of(one) for one in named if one is not None]
    assert len(bands) == len(groups)
    assert str(named[0]).startswith("(-inf, ")
    assert str(named[-1]).endswith(", inf)")
    for group, band in zip(groups, bands, strict=True):
        assert band is not None
        assert all(band.low <= Fraction(one) < band.high for one in group)
    step = Fraction(1, divisor)
    for (first, second), band in zip(pairwise(groups), bands, strict=False):
        assert band is not None
        gap = Fraction(second[0]) - Fraction(first[-1])
        assert gap == step or Fraction(band.high) not in {Fraction(one) for one in ordered}
    assert all(one.meets(other) for one, other in pairwise(bands) if one is not None and other is not None)


def test_labels_apart_are_no_band() -> None:
    line = NumberLine(["1", "2", "3", "[4, 8)", "x"])
    assert line.named(["1", "3"]) is None
    assert line.named(["1", "x"]) is None
    assert line.named(["3", "[4, 8)"]) == "[3, 8)"
    assert line.named(["1", "2"]) == "(-inf, 3)"
    assert line.named(["1", "2", "3", "[4, 8)"]) is None, "all numbers beside a word"
    assert NumberLine(["1", "(2, 3]"]).named(["1", "(2, 3]"]) is None


@pytest.mark.parametrize("label", ["65+", "08:00", "0-9", "w3", "2 + x", "[11, 14)", "10.0"])
def test_a_label_with_digits_that_has_no_place_of_its_own_on_the_line_leaves_no_band(label: str) -> None:
    assert NumberLine(["10", "12", "20"]).named(["10", "12"]) == "(-inf, 16)"
    assert NumberLine(["10", "12", "20", label]).named(["10", "12"]) is None


def test_numbers_that_were_counted_together_keep_their_place() -> None:
    line = NumberLine(["1", "2 + 3", "5", "9"])
    assert line.named(["1", "2 + 3"]) == "(-inf, 4)"
    assert line.named(["1", "5"]) is None
    assert NumberLine(["1 + 5", "3", "9"]).named(["3", "9"]) is None, "they lie within each other"


@pytest.mark.parametrize("last", ["onbekend", "08:00"])
def test_a_merge_is_called_a_band_only_beside_words_and_numbers(last: str) -> None:
    out = sdc.table(heads({"10": 5, "11": 6, "30": 40, last: 40}), rows="group", unit=UNIT, policy="abs")
    made = {into for one in out.remedies() for recoding in one.recodings for _, into in recoding.mapping}
    assert ("(-inf, 20)" in made) is (last == "onbekend")
    # "other" would be the same table under a name that says less.
    assert ("other" in made) is (last != "onbekend")
    assert not any("(-inf, inf)" in one for one in made)


def incomes() -> pd.DataFrame:
    drawn = np.round(np.random.default_rng(5).lognormal(10.3, 0.4, 120)).astype(int)
    return pd.DataFrame({UNIT: range(120), "income": drawn})


@pytest.mark.parametrize("name", ["cbs", "sacro", "abs", "essnet", "opensafely"])
def test_no_remedy_of_a_table_by_income_shows_an_income(name: str) -> None:
    frame = incomes()
    out = sdc.table(frame, rows="income", unit=UNIT, policy=name)
    has = {str(one) for one in frame["income"]}
    kinds = set()
    for remedy in (*out.remedies(), SUPPRESS):
        done = out.apply(remedy)
        written = everything(done.table).decode()
        assert str(frame["income"].max()) not in written
        assert str(frame["income"].min()) not in written
        if "income" in done.table.recipe.dimensions:
            kinds.add(remedy.kind)
            assert not {part for one in labels_of(done.table, "income") for part in one.strip("[()").split(", ")} & has
    assert len(kinds) > 1


def test_a_histogram_of_bands_has_no_extreme() -> None:
    frame = incomes()
    out = sdc.table(frame, rows="income", unit=UNIT, policy="cbs")
    (coarser,) = [one for one in out.remedies() if one.kind is RemedyKind.COARSER]
    drawn = sdc.figure(out.apply(coarser), kind="histogram").to_svg().decode()
    assert str(frame["income"].max()) not in drawn
    assert str(frame["income"].min()) not in drawn


@pytest.mark.parametrize(
    ("sizes", "into"),
    [
        ({"28": 5, "29": 6, "30": 40}, "(-inf, 30)"),
        ({"28": 40, "29": 6, "30": 5}, "[29, inf)"),
    ],
)
def test_numbers_that_few_bear_are_merged_into_a_band(sizes: Mapping[str, int], into: str) -> None:
    out = sdc.table(heads(sizes), rows="group", unit=UNIT, policy="abs")
    made = {label for one in out.remedies() for recoding in one.recodings for _, label in recoding.mapping}
    assert into in made


def test_numbers_that_the_codebook_lists_are_named() -> None:
    frame, book = heads({"28": 5, "29": 6, "30": 40}), lists("group", "28", "29", "30")
    out = sdc.table(frame, rows="group", unit=UNIT, policy="abs", codebook=book)
    made = {label for one in out.remedies() for recoding in one.recodings for _, label in recoding.mapping}
    assert "28 + 29" in made


def test_numbers_that_enough_bear_are_named() -> None:
    frame = units({str(year): [1] * 7 + [0] * 7 for year in range(2011, 2013)})
    table = judge(frame, TEN)
    assert table.evidence is not None
    assert table.trials is not None
    known = Table(table.recipe, table.evidence, table.trials, Budget(1))
    assert known.name_of(0, ("2011", "2012")) == "2011 + 2012"
