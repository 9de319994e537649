"""What repairs a ratio, difference or index: done to every table that it is computed from, and safe when it is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import DatakampError, RecipeError, RefusedError
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.notebook.derived import Derived
from disclosure.protection.remedies import SUPPRESS
from disclosure.protection.several import fewer, only_filled
from disclosure.texts import text
from tests.disclosure.support import UNIT

SIZES = {"a": 60, "b": 50, "c": 40, "d": 4}


def people(sizes: dict[str, int], lacking: int = 0) -> pd.DataFrame:
    """Return people by area with two amounts, the second of which the first people of area a lack."""
    areas = [area for area, n in sizes.items() for _ in range(n)]
    frame = pd.DataFrame({UNIT: range(len(areas)), "area": areas})
    frame["one"] = [100.0 + place % 9 for place in range(len(frame))]
    frame["other"] = [60.0 + place * 7 % 13 for place in range(len(frame))]
    frame.loc[frame.index < lacking, "other"] = None
    return frame


def derived(frame: pd.DataFrame, first: str | None = "one", last: str | None = "other", **asked: Any) -> Derived:
    given: dict[str, Any] = {"rows": "area", "unit": UNIT, "policy": "abs", **asked}
    asks = ({**given} if name is None else {**given, "values": name, "statistic": "sum"} for name in (first, last))
    one, other = (sdc.table(frame, **own) for own in asks)
    return sdc.ratio(one, other)


def repaired(out: Derived) -> tuple[Remedy, ...]:
    """Return the remedies of an unsafe table, each of which is safe when applied, the one that loses least first."""
    assert out.verdict.status is Status.UNSAFE
    remedies = out.remedies()
    for one in remedies:
        after = out.apply(one)
        assert after.verdict.status is Status.SAFE
        assert after.table.shown.any()
        assert all(parent.verdict.status is Status.SAFE for parent in after.parents)
    assert [one.loss for one in remedies] == sorted(one.loss for one in remedies)
    return remedies


def test_a_merge_is_done_to_both_tables_and_withholding_too() -> None:
    out = derived(people(SIZES))
    remedies = repaired(out)
    assert {one.kind for one in remedies} >= {RemedyKind.MERGE, RemedyKind.SUPPRESS}
    after = out.apply(next(one for one in remedies if one.kind is RemedyKind.MERGE))
    # The name of d is borne by too few to be shown.
    assert list(after.to_pandas().index) == ["a", "b", "c + other", "Total"]
    assert [list(parent.to_pandas().index) for parent in after.parents] == [["a", "b", "c + other", "Total"]] * 2


@pytest.mark.parametrize(("first", "last"), [("one", "other"), ("other", "one"), (None, "other"), ("other", None)])
def test_where_few_lack_a_value_the_rows_that_have_both_are_taken(first: str | None, last: str | None) -> None:
    frame = people({"a": 60, "b": 50}, lacking=3)
    out = derived(frame, first, last)
    (filled, *_) = repaired(out)
    assert filled.filled == tuple(name for name in (first, last) if name is not None)
    assert filled.loss == 0
    assert filled.loses == f"the rows without {', '.join(filled.filled)}"
    expected = derived(frame.dropna(), first, last).to_pandas()
    pd.testing.assert_frame_equal(out.apply(filled).to_pandas(), expected)


def test_the_rows_that_have_both_values_are_repaired_besides_where_that_alone_does_not_do() -> None:
    out = derived(people(SIZES, lacking=3))
    remedies = repaired(out)
    both = [one for one in remedies if one.filled and one.recodings]
    assert both
    assert str(both[0]).startswith("leave out the rows without one, other, and merge area: c + other")
    assert "the rows without one, other, and " in both[0].loses


def test_its_findings_have_the_cheapest_and_it_says_how_to_ask() -> None:
    out = derived(people(SIZES))
    assert [finding.remedies[0] for finding in out.findings] == [out.remedies()[0]] * len(out.findings)
    assert out.remedies() is out.remedies()
    assert "out.remedies() looks for what repairs it" in repr(out)
    assert "out.remedies() looks for what repairs it" in out._repr_html_()
    assert "out.apply(out.remedies()[0])" in repr(out.remedies())


def test_an_index_has_the_remedies_of_its_table_that_leave_its_base() -> None:
    out = sdc.table(people(SIZES), rows="area", values="one", statistic="sum", unit=UNIT, policy="abs")
    index = sdc.index(out, base={"area": "a"})
    assert any(one.recodings for one in repaired(index))
    last = sdc.index(out, base={"area": "d"})
    assert not [one for one in repaired(last) if "d" in {label for each in one.recodings for label, _ in each.mapping}]
    merge = next(one for one in out.remedies() if one.kind is RemedyKind.MERGE)
    with pytest.raises(RecipeError, match="not a category"):
        last.apply(merge)


def test_what_is_safe_or_cannot_be_judged_has_no_remedy() -> None:
    assert derived(people({"a": 60, "b": 50})).remedies() == ()
    one, other = (
        sdc.table(rows, rows="area", unit=UNIT, policy="abs") for rows in (people(SIZES), people({"a": 9, "b": 50}))
    )
    assert sdc.ratio(one, other).remedies() == ()


def test_what_is_no_remedy_of_its_tables_is_refused() -> None:
    out = derived(people(SIZES))
    with pytest.raises(RecipeError, match="as it was offered"):
        out.apply("merge")  # type: ignore[arg-type]
    for wrong in (fewer(("one",), text("one")), only_filled(("area",))):
        with pytest.raises(RefusedError):
            out.apply(wrong)
    with pytest.raises(DatakampError):
        sdc.ratio(*(sdc.table(people(SIZES), rows="area", policy="abs"),) * 2).apply(SUPPRESS)
