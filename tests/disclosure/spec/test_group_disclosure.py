"""Group disclosure: in a frequency table a category of a sensitive dimension holds too large a share of a margin.

Each dimension that is not at its total is judged with all others fixed, margins over the others included.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.codebooks import Column
from disclosure.model.verdicts import RemedyKind, RuleName, Status
from tests.disclosure.support import UNIT, coarse, codebook, failures, heads, judge, policy, rules, status, units

RULE = RuleName.GROUP_DISCLOSURE
AT_90 = policy(group_disclosure=90)


def poor(**entries: object) -> Column:
    """Return the codebook entry of the dimension, with `not_poor` marked as not disclosive."""
    return Column("group", not_disclosive=("not_poor",), **entries)  # type: ignore[arg-type]


def test_90_of_100_in_one_category_passes_and_91_fails() -> None:
    assert status(judge(heads({"poor": 90, "other": 10}), AT_90)) is Status.SAFE
    assert failures(judge(heads({"poor": 91, "other": 9}), AT_90), RULE) == {"group=poor"}


def test_the_bound_need_not_be_whole() -> None:
    by = policy(group_disclosure=66.6)
    assert failures(judge(heads({"a": 666, "b": 334}), by), RULE) == set()
    assert failures(judge(heads({"a": 667, "b": 333}), by), RULE) == {"group=a"}


def test_everyone_in_one_category_fails_under_every_policy_that_sets_it() -> None:
    frame = heads({"poor": 100})
    assert failures(sdc.table(frame, rows="group", unit=UNIT, policy="cbs"), RULE) == {"group=poor"}
    for other in ("sacro", "abs"):
        assert RULE not in rules(sdc.table(frame, rows="group", unit=UNIT, policy=other))


def test_at_100_percent_everyone_in_one_category_passes_only_if_the_policy_says_100() -> None:
    assert status(judge(heads({"poor": 100}), policy(group_disclosure=100))) is Status.SAFE
    assert failures(judge(heads({"poor": 100}), policy(group_disclosure=99.9)), RULE) == {"group=poor"}


def test_a_category_marked_not_disclosive_may_hold_96_of_100_but_not_all() -> None:
    book = codebook(poor())
    assert status(judge(heads({"not_poor": 96, "poor": 4}), AT_90, codebook=book)) is Status.SAFE
    assert failures(judge(heads({"not_poor": 100}), AT_90, codebook=book), RULE) == {"group=not_poor"}


def test_the_mark_holds_for_its_category_alone() -> None:
    book = codebook(poor())
    assert failures(judge(heads({"not_poor": 4, "poor": 96}), AT_90, codebook=book), RULE) == {"group=poor"}


def test_a_dimension_that_the_codebook_does_not_describe_is_sensitive() -> None:
    frame = heads({"a": 96, "b": 4})
    assert failures(judge(frame, AT_90, codebook=codebook()), RULE) == {"group=a"}
    assert failures(judge(frame, AT_90, codebook=codebook(Column("other", sensitive=False))), RULE) == {"group=a"}
    assert failures(judge(frame, AT_90, codebook=coarse("group")), RULE) == set()


def test_a_dimension_is_skipped_only_if_its_codebook_has_one_category() -> None:
    one = Column("group", categories=MappingProxyType({"nl": {}}))
    two = Column("group", categories=MappingProxyType({"nl": {}, "be": {}}))
    frame = heads({"nl": 50})
    assert status(judge(frame, AT_90, codebook=codebook(one))) is Status.SAFE
    # A filter left one category of two: that everyone is in it is a disclosure all the same.
    assert failures(judge(frame, AT_90, codebook=codebook(two)), RULE) == {"group=nl"}


def test_each_dimension_is_judged_with_the_others_fixed() -> None:
    frame = heads({("north", "poor"): 95, ("north", "rich"): 5, ("south", "poor"): 50, ("south", "rich"): 50})
    table = judge(frame, AT_90, rows=["d1"], columns=["d2"])
    # In the north 95 of 100 are poor; of the rich, 50 of 55 live in the south.
    assert failures(table, RULE) == {"d1=north, d2=poor", "d1=south, d2=rich"}


def test_only_the_sensitive_dimension_is_judged() -> None:
    frame = heads({("north", "poor"): 95, ("north", "rich"): 5, ("south", "poor"): 50, ("south", "rich"): 50})
    table = judge(frame, AT_90, rows=["d1"], columns=["d2"], codebook=coarse("d1"))
    assert failures(table, RULE) == {"d1=north, d2=poor"}


def test_margins_over_the_other_dimensions_are_judged_too() -> None:
    frame = heads({("a", "poor"): 19, ("a", "rich"): 1, ("b", "poor"): 18, ("b", "rich"): 2})
    table = judge(frame, AT_90, rows=["d1"], columns=["d2"], codebook=coarse("d1"))
    # 19 of 20 fails, 18 of 20 is at the bound, and the margin's 37 of 40 fails.
    assert failures(table, RULE) == {"d1=a, d2=poor", "d2=poor"}


def test_three_dimensions_are_judged_in_every_margin() -> None:
    cells = {(one, two, "x"): 10 for one in "ab" for two in "cd"} | {("a", "c", "y"): 10}
    table = judge(heads(cells), AT_90, rows=["d1", "d2"], columns=["d3"], codebook=coarse("d1", "d2"))
    assert failures(table, RULE) == {
        "d1=a, d2=d, d3=x", "d1=b, d2=c, d3=x", "d1=b, d2=d, d3=x", "d1=b, d3=x", "d2=d, d3=x",
    }  # fmt: skip


def test_the_missing_category_is_a_category() -> None:
    frame = heads({"a": 5}).reindex(range(100))
    frame[UNIT] = range(100)
    table = judge(frame, AT_90)
    assert failures(table, RULE) == {"group=(missing)"}


def test_the_grand_total_is_in_no_category() -> None:
    assert status(judge(heads({"a": 50}), AT_90, rows=[])) is Status.SAFE


def test_sums_and_means_are_not_judged_by_it() -> None:
    frame = units({"a": range(1, 97), "b": range(1, 5)})
    assert RULE not in rules(judge(frame, AT_90, statistic="sum", values="value"))
    assert RULE not in rules(judge(frame, AT_90, statistic="mean", values="value"))


def test_rates_are_judged_by_it_in_their_dimensions() -> None:
    frame = units({"a": [0, 1] * 48, "b": [0, 1] * 2})
    assert failures(judge(frame, AT_90, statistic="rate", values="value"), RULE) == {"group=a"}


@pytest.mark.parametrize("rows_per_unit", [1, 7])
def test_shares_are_shares_of_units_and_not_of_rows(rows_per_unit: int) -> None:
    frame = heads({"a": 90, "b": 10})
    repeated = frame.loc[frame.index.repeat([rows_per_unit if label == "a" else 1 for label in frame["group"]])]
    assert status(judge(repeated, AT_90)) is Status.SAFE


def test_a_policy_may_switch_it_off() -> None:
    assert status(judge(heads({"a": 100}), policy(group_disclosure="off"))) is Status.SAFE


# ------------------------------------------------------------------------------- figures of a value, and empty cells
STATISTICS = ("sum", "mean", "share", "median", "std", "gini", "hhi")


def valued(cells: dict[tuple[str, str], int]) -> pd.DataFrame:
    """Return so many units in each cell, with ordinary values."""
    frame = heads(cells)
    return frame.assign(value=1000 + frame[UNIT] * 7919 % 997)


def lines(there: int) -> pd.DataFrame:
    """Return three wijken of 40, of the first of which all but some are poor."""
    half = {(wijk, one): 20 for wijk in ("29", "30") for one in ("poor", "rich")}
    return valued({("28", "poor"): 40 - there, ("28", "rich"): there, **half})


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize(("there", "found"), [(0, {"d1=28, d2=poor"}), (1, set())])
def test_where_all_others_in_a_line_are_empty_a_figure_tells_where_everyone_is(
    statistic: str, there: int, found: set[str]
) -> None:
    table = judge(lines(there), AT_90, rows=["d1"], columns=["d2"], statistic=statistic, values="value")
    assert failures(table, RULE) == found


def test_so_it_is_of_a_category_that_is_not_disclosive_and_not_of_dimensions_that_are_not_sensitive() -> None:
    asked: dict[str, Any] = {"rows": ["d1"], "columns": ["d2"], "statistic": "mean", "values": "value"}
    harmless = codebook(Column("d2", not_disclosive=("poor",)))
    assert failures(judge(lines(0), AT_90, codebook=harmless, **asked), RULE) == {"d1=28, d2=poor"}
    assert failures(judge(lines(0), AT_90, codebook=coarse("d2"), **asked), RULE) == set()
    assert failures(judge(lines(0), policy(group_disclosure="off"), **asked), RULE) == set()
    assert failures(judge(lines(0), policy(group_disclosure=100), **asked), RULE) == {"d1=28, d2=poor"}


def test_a_dimension_that_follows_from_the_other_in_every_line_tells_nothing_new() -> None:
    nested = valued({("28", "2801"): 20, ("28", "2802"): 20, ("29", "2901"): 20, ("29", "2902"): 20})
    table = judge(nested, AT_90, rows=["d1"], columns=["d2"], statistic="sum", values="value")
    assert failures(table, RULE) == set()


def test_a_dimension_of_one_category_says_which_rows_figures_are_of() -> None:
    one = valued({("28", "poor"): 20, ("29", "poor"): 20})
    table = judge(one, AT_90, rows=["d1"], columns=["d2"], statistic="mean", values="value")
    assert failures(table, RULE) == set()


def test_a_unit_without_a_value_is_in_no_line() -> None:
    frame = lines(1)
    frame.loc[(frame.d1 == "28") & (frame.d2 == "rich"), "value"] = float("nan")
    table = judge(frame, AT_90, rows=["d1"], columns=["d2"], statistic="mean", values="value")
    assert failures(table, RULE) == {"d1=28, d2=poor"}


@pytest.mark.parametrize("statistic", [one for one in STATISTICS if one != "share"])
def test_withheld_the_empty_cells_beside_it_are_withheld_too(statistic: str) -> None:
    out = sdc.table(lines(0), rows="d1", columns="d2", values="value", statistic=statistic, unit=UNIT)
    assert status(out) is Status.UNSAFE
    (withheld,) = (one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS)
    repaired = out.apply(withheld)
    assert status(repaired) is Status.SAFE
    left = repaired.to_pandas()
    assert list(left.loc["28"].astype(str)) == ["×"] * 3
    assert "×" not in list(left.loc["29"].astype(str))[:2]
    cells = {str(cell) for cell in repaired.evidence.cells()}
    assert {"d1=28, d2=rich", "d1=28, d2=poor"} <= cells


def test_a_small_group_that_is_withheld_does_not_show_in_which_category_it_is() -> None:
    frame = valued({("28", "poor"): 3, ("29", "poor"): 20, ("29", "rich"): 20, ("30", "poor"): 30, ("30", "rich"): 10})
    out = sdc.table(frame, rows="d1", columns="d2", values="value", statistic="mean", unit=UNIT)
    assert "minimum_count" in {one.rule.value for one in out.verdict.findings}
    withheld = out.apply(next(one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS))
    (small,) = [row.astype(str) for name, row in withheld.to_pandas().iterrows() if "withheld" in str(name)]
    assert list(small) == ["×"] * 3


def test_empty_cells_beside_others_stay_unlisted() -> None:
    cells = {("28", "a"): 20, ("28", "b"): 3, ("29", "a"): 20, ("29", "b"): 20, ("29", "c"): 20, ("30", "c"): 20}
    out = sdc.table(valued(cells), rows="d1", columns="d2", values="value", statistic="sum", unit=UNIT)
    assert status(out) is Status.UNSAFE
    assert "d1=28, d2=c" not in {str(cell) for cell in out.evidence.cells()}


def test_of_three_dimensions_margins_beside_it_are_withheld_too() -> None:
    frame = pd.concat([lines(0).assign(d3="m"), lines(0).assign(d3="f")], ignore_index=True)
    frame[UNIT] = range(len(frame))
    out = sdc.table(frame, rows=["d1", "d3"], columns="d2", values="value", statistic="mean", unit=UNIT)
    repaired = out.apply(next(one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS))
    shown = dict(zip(map(str, repaired.evidence.cells()), repaired.table.shown.tolist(), strict=True))
    for beside in ("d1=28, d3=m, d2=rich", "d1=28, d3=f, d2=rich", "d1=28, d2=rich"):
        assert shown[beside] is False
    assert shown["d1=29, d3=m, d2=rich"] is True
