"""Ratios, differences and index numbers: computed from published figures only, withheld where a parent withholds.

Two tables of the same rows are judged beside each other; of other rows nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import BadInputError, RecipeError, RefusedError
from disclosure.exchange.submission import Submission, submission_from_bytes
from disclosure.model.derived import DerivedRequest, Operation, together
from disclosure.model.verdicts import Inconclusive, Status
from disclosure.notebook.derived import Derived
from disclosure.protection.remedies import SUPPRESS
from tests.disclosure.support import UNIT, heads


def filled(cells: dict[tuple[str, str], int]) -> pd.DataFrame:
    frame = heads(cells)
    return frame.assign(value=[100.0 + place % 9 for place in range(len(frame))])


SAFE = {("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 25, ("b", "y"): 30}
FEW = {("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 3, ("b", "y"): 30}


def made(cells: dict[tuple[str, str], int], **asked: Any) -> sdc.Output:
    out: sdc.Output = sdc.table(
        filled(cells), **{"rows": "d1", "columns": "d2", "unit": UNIT, "policy": "abs", **asked}
    )
    return out


def total(cells: dict[tuple[str, str], int], **asked: Any) -> sdc.Output:
    return made(cells, values="value", statistic="sum", **asked)


def test_a_ratio_is_that_of_the_published_figures() -> None:
    one, other = total(SAFE), made(SAFE)
    derived = sdc.ratio(one, other)
    assert derived.verdict.status is Status.SAFE
    assert derived.parents == (one, other)
    expected = one.to_pandas() / other.to_pandas()
    pd.testing.assert_frame_equal(derived.to_pandas(), expected, rtol=1e-6)


def test_a_difference_is_that_of_the_published_figures() -> None:
    one, other = total(SAFE), made(SAFE)
    expected = (one.to_pandas() - other.to_pandas()).astype(float)
    pd.testing.assert_frame_equal(sdc.difference(one, other).to_pandas().astype(float), expected)


def test_it_goes_by_the_figures_as_they_are_released_and_not_by_those_behind_them() -> None:
    frame = filled(SAFE).assign(value=lambda one: one.index % 7 / 7)
    one = sdc.table(frame, rows="d1", values="value", statistic="mean", unit=UNIT, policy="abs")
    other = sdc.table(frame, rows="d1", unit=UNIT, policy="abs")
    shown = float(str(one.to_pandas().loc["a", "mean"]))
    assert sdc.difference(one, other).to_pandas().iloc[0, 0] == round(shown - 70, 6)


@pytest.mark.parametrize("base", ["a", {"d1": "a"}])
def test_an_index_is_100_in_the_base(base: Any) -> None:
    out = total(SAFE)
    plain, derived = out.to_pandas(), sdc.index(out, base=base).to_pandas()
    assert (derived.loc["a"] == 100).all()
    np.testing.assert_allclose(derived.to_numpy(float), plain.to_numpy(float) / plain.loc["a"].to_numpy(float) * 100)


def test_an_index_along_the_columns() -> None:
    derived = sdc.index(total(SAFE), base={"d2": "y"}).to_pandas()
    assert (derived["y"] == 100).all()
    assert derived.shape == (3, 3)


def test_what_one_withholds_is_withheld_and_what_fails_is_told() -> None:
    one, other = total(SAFE), made(FEW)
    for derived in (sdc.ratio(one, other), sdc.ratio(other, one), sdc.difference(other, one)):
        assert derived.verdict.status is Status.UNSAFE
        assert set(derived.findings) == set(other.verdict.findings)
        frame: Any = derived.to_pandas()
        assert frame.loc["b", "x"] is sdc.WITHHELD
        assert frame.loc["Total", "Total"] is sdc.WITHHELD
        assert frame.loc["a", "x"] is not sdc.WITHHELD


def test_all_units_minus_all_but_one_is_not_called_safe() -> None:
    frame = filled(SAFE)
    one, other = (sdc.table(rows, rows="d1", unit=UNIT, policy="abs") for rows in (frame, frame.iloc[1:]))
    assert one.verdict.status is other.verdict.status is Status.SAFE
    for derived in (sdc.difference(one, other), sdc.ratio(one, other)):
        assert isinstance(derived.verdict, Inconclusive)
        assert "two tables of the same rows" in str(derived.verdict.missing[0])
        assert "in one call over one frame" in str(derived.verdict.missing[0])
    assert sdc.index(one, base="a").verdict.status is Status.SAFE


def test_of_repaired_parents_it_withholds_what_they_withhold() -> None:
    one, other = total(SAFE), made(FEW).apply(SUPPRESS)
    derived = sdc.ratio(one, other)
    assert derived.verdict.status is Status.INCONCLUSIVE
    shown: Any = derived.to_pandas().loc["b", "x"]
    assert shown is sdc.WITHHELD
    assert "× withheld" in derived._repr_html_()


def test_where_the_base_of_an_index_is_withheld_all_that_is_divided_by_it_is() -> None:
    derived = sdc.index(made(FEW).apply(SUPPRESS), base={"d1": "b"}).to_pandas()
    assert (derived["x"] == sdc.WITHHELD).all()
    assert derived.loc["b", "y"] == 100


def test_a_division_by_nought_and_a_cell_that_one_lacks_have_no_figure() -> None:
    one = total(SAFE)
    other = total({key: n for key, n in SAFE.items() if key != ("b", "y")})
    assert sdc.ratio(one, other).to_pandas().isna().loc["b", "y"]
    zero = sdc.table(
        filled(SAFE).assign(value=0.0), rows="d1", columns="d2", unit=UNIT, values="value", statistic="sum",
        policy="abs",
    )  # fmt: skip
    assert zero.verdict.status is Status.SAFE
    assert sdc.ratio(one, zero).to_pandas().isna().all().all()


def test_of_an_inconclusive_parent_it_is_inconclusive_and_shows_nothing() -> None:
    unknown = sdc.table(filled(SAFE), rows="d1", columns="d2", policy="abs")
    for derived in (sdc.ratio(unknown, made(SAFE)), sdc.difference(made(SAFE), unknown), sdc.index(unknown, base="a")):
        assert isinstance(derived.verdict, Inconclusive)
        assert derived.to_pandas().empty
        assert "<td" not in derived._repr_html_()


def test_without_rows_or_columns_there_is_one_figure() -> None:
    one, other = (
        sdc.table(filled(SAFE), values="value", statistic=kind, unit=UNIT, policy="abs") for kind in ("sum", "mean")
    )
    assert sdc.ratio(one, other).to_pandas().shape == (1, 1)


@pytest.mark.parametrize("base", ["c", {"d1": "c"}, {"d3": "a"}, {"d1": "a", "d2": "x"}, {}])
def test_a_base_that_is_no_category_is_refused(base: Any) -> None:
    with pytest.raises(RecipeError, match=r'\{"year": "2019"\}'):
        sdc.index(made(SAFE), base=base)


def test_a_base_that_two_dimensions_have_must_name_its_own() -> None:
    out = made({("a", "a"): 40, ("a", "b"): 30, ("b", "a"): 25, ("b", "b"): 30})
    with pytest.raises(RecipeError, match="one dimension"):
        sdc.index(out, base="a")
    assert sdc.index(out, base={"d2": "a"}).verdict.status is Status.SAFE


def test_tables_of_other_dimensions_and_other_things_are_refused() -> None:
    with pytest.raises(RecipeError, match="same rows and columns"):
        sdc.ratio(made(SAFE), made(SAFE, rows="d2", columns="d1"))
    outs = made(SAFE, values="value", statistic=["sum", "mean"])
    for wrong in (5, filled(SAFE), outs, sdc.ratio(made(SAFE), made(SAFE))):
        with pytest.raises(BadInputError, match="Expected an output"):
            sdc.ratio(made(SAFE), wrong)  # type: ignore[arg-type]
        with pytest.raises(BadInputError, match="Expected an output"):
            sdc.index(wrong, base="a")  # type: ignore[arg-type]


def test_it_says_what_it_is_in_both_languages() -> None:
    derived = sdc.ratio(total(SAFE), made(SAFE))
    assert isinstance(derived, Derived)
    assert "sum of value divided by number of units, by d1, d2" in repr(derived)
    assert "it leaves with the tables that it is computed from" in repr(derived)
    with sdc.language("nl"):
        assert "gedeeld door" in repr(derived)
        assert "gedeeld door" in derived._repr_html_()


TWO = {"d1": ["a"] * 40 + ["b"] * 40}


def pair(first: list[Any], second: list[Any], statistic: str = "sum", **asked: Any) -> tuple[sdc.Output, sdc.Output]:
    """Return the tables of two value columns of one frame."""
    frame = pd.DataFrame({UNIT: range(80), **TWO, "one": first, "other": second})
    given: dict[str, Any] = {"rows": "d1", "unit": UNIT, "policy": "abs", "statistic": statistic, **asked}
    one, other = (sdc.table(frame, values=name, **given) for name in ("one", "other"))
    assert one.verdict.status is other.verdict.status is Status.SAFE
    return one, other


ONE = [100.0 + place % 9 for place in range(80)]
OTHER = [60.0 + place * 7 % 13 for place in range(80)]
APART = [value + 5 * (place == 3) for place, value in enumerate(ONE)]


def without(places: int) -> list[Any]:
    return [None if place < places else value for place, value in enumerate(OTHER)]


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_two_columns_of_one_frame_are_safe_where_their_difference_is(statistic: str) -> None:
    one, other = pair(ONE, OTHER, statistic)
    for derived in (sdc.ratio(one, other), sdc.difference(one, other), sdc.difference(other, one)):
        assert derived.verdict.status is Status.SAFE
        assert derived.joint is not None
    expected = one.to_pandas().to_numpy(float) / other.to_pandas().to_numpy(float)
    np.testing.assert_allclose(sdc.ratio(one, other).to_pandas().to_numpy(float), expected, rtol=1e-5)


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_one_unit_that_makes_the_difference_of_two_safe_columns_is_told(statistic: str) -> None:
    one, other = pair(ONE, APART, statistic)
    for derived in (sdc.ratio(one, other), sdc.difference(other, one)):
        assert derived.verdict.status is Status.UNSAFE
        assert all("tell their difference" in finding.message for finding in derived.findings)
        frame: Any = derived.to_pandas()
        assert frame.loc["a"].iloc[0] is sdc.WITHHELD
        assert frame.loc["b"].iloc[0] is not sdc.WITHHELD


@pytest.mark.parametrize(("lacking", "status"), [(0, "safe"), (1, "unsafe"), (9, "unsafe"), (10, "safe")])
def test_units_with_a_value_in_one_column_only_are_none_or_as_many_as_the_minimum(lacking: int, status: str) -> None:
    one, other = pair(ONE, without(lacking))
    for derived in (sdc.ratio(one, other), sdc.difference(other, one)):
        assert derived.verdict.status.value == status
        assert all("one of the two tables only" in finding.message for finding in derived.findings)


@pytest.mark.parametrize(("lacking", "status"), [(0, "safe"), (1, "unsafe"), (9, "unsafe"), (10, "safe")])
def test_so_are_those_that_are_counted_and_have_no_value(lacking: int, status: str) -> None:
    frame = pd.DataFrame({UNIT: range(80), **TWO, "other": without(lacking)})
    given: dict[str, Any] = {"rows": "d1", "unit": UNIT, "policy": "abs"}
    count = sdc.table(frame, **given)
    for statistic in ("sum", "mean"):
        valued = sdc.table(frame, values="other", statistic=statistic, **given)
        for derived in (sdc.ratio(valued, count), sdc.ratio(count, valued)):
            assert derived.verdict.status.value == status


def test_units_that_are_missing_from_either_side_do_not_make_up_for_each_other() -> None:
    first = [None if place == 0 else value for place, value in enumerate(ONE)]
    second = [None if place == 1 else value for place, value in enumerate(OTHER)]
    assert sdc.ratio(*pair(first, second)).verdict.status is Status.UNSAFE
    both = [None if place < 3 else value for place, value in enumerate(ONE)]
    assert sdc.ratio(*pair(both, without(3))).verdict.status is Status.SAFE


def test_two_figures_of_one_column_are_of_the_same_units() -> None:
    frame = pd.DataFrame({UNIT: range(800), "d1": ["a", "b"] * 400, "one": [float(n) for n in range(1000, 1800)]})
    given: dict[str, Any] = {"rows": "d1", "values": "one", "unit": UNIT, "policy": "abs"}
    for first, last in (("sum", "mean"), ("p75", "p25"), ("mean", "median")):
        one, other = (sdc.table(frame, statistic=name, **given) for name in (first, last))
        assert one.verdict.status is other.verdict.status is Status.SAFE
        assert sdc.ratio(one, other).verdict.status is Status.SAFE


def test_the_same_column_with_other_values_is_another_source() -> None:
    one, _ = pair(ONE, OTHER)
    other, _ = pair(OTHER, ONE)
    for derived in (sdc.ratio(one, other), sdc.difference(one, other)):
        assert isinstance(derived.verdict, Inconclusive)
        assert "same rows" in str(derived.verdict.missing[0])


@pytest.mark.parametrize(
    "changes", [{"weights": "weight"}, {"dropna": True}, {"unit": ["head", "second"]}, {"policy": "cbs"}]
)
def test_tables_that_differ_in_unit_weight_missing_rule_or_policy_are_not_compared(changes: dict[str, Any]) -> None:
    frame = pd.DataFrame(
        {"head": range(80), "second": range(80), **TWO, "weight": [1.0] * 80, "one": ONE, "other": OTHER}
    )
    given: dict[str, Any] = {"rows": "d1", "unit": "head", "policy": "abs", "statistic": "sum"}
    one = sdc.table(frame, values="one", **given)
    other = sdc.table(frame, values="other", **{**given, **changes})
    derived = sdc.ratio(one, other)
    assert isinstance(derived.verdict, Inconclusive)
    assert derived.joint is None


def test_rows_in_another_order_or_of_a_file_are_not_taken_for_the_same(tmp_path: Any) -> None:
    frame = pd.DataFrame({UNIT: range(80), **TWO, "one": ONE, "other": OTHER})
    given: dict[str, Any] = {"rows": "d1", "unit": UNIT, "policy": "abs", "statistic": "sum"}
    one = sdc.table(frame, values="one", **given)
    other = sdc.table(frame.iloc[::-1], values="other", **given)
    assert isinstance(sdc.ratio(one, other).verdict, Inconclusive)
    frame.to_parquet(tmp_path / "file.parquet")
    one, other = (sdc.table(tmp_path / "file.parquet", values=name, **given) for name in ("one", "other"))
    verdict = sdc.ratio(one, other).verdict
    assert isinstance(verdict, Inconclusive)
    assert "read it into a frame first" in str(verdict.missing[0])


@pytest.mark.parametrize(("statistic", "said"), [("median", "two sums or means"), ("rate", "two sums or means")])
def test_what_other_figures_of_two_columns_tell_together_is_not_looked_at(statistic: str, said: str) -> None:
    halves = [float(place % 2) for place in range(80)]
    values = (halves, halves[::-1]) if statistic == "rate" else (ONE, OTHER)
    verdict = sdc.ratio(*pair(*values, statistic)).verdict
    assert isinstance(verdict, Inconclusive)
    assert said in str(verdict.missing[0])


def test_what_is_handed_over_for_two_columns_is_their_difference_and_no_more() -> None:
    one, other = pair(ONE, OTHER)
    derived = sdc.ratio(one, other)
    assert derived.joint is not None
    assert derived.joint.recipe.value == "difference"
    assert derived.joint.narrow is not None
    assert derived.joint.narrow.column_names == [UNIT, "d1", "difference"]


def test_it_is_judged_by_what_both_show_alone() -> None:
    few = {"d1": ["a"] * 40 + ["b"] * 37 + ["c"] * 3}
    frame = pd.DataFrame({UNIT: range(80), **few, "one": ONE, "other": OTHER})
    one, other = (
        sdc.table(frame, rows="d1", values=name, statistic="sum", unit=UNIT, policy="abs").apply(SUPPRESS)
        for name in ("one", "other")
    )
    derived = sdc.ratio(one, other)
    assert derived.verdict.status is Status.SAFE
    shown: Any = derived.to_pandas()
    assert (shown.iloc[2:] == sdc.WITHHELD).all().all()
    # A label that few units bear is not published, in neither of the three.
    assert list(shown.index) == list(one.to_pandas().index) == ["a", "b", "withheld 1", "Total"]


def test_tables_that_hide_other_labels_each_are_not_compared() -> None:
    few = {"d1": ["a"] * 40 + ["b"] * 30 + ["c"] * 10}
    frame = pd.DataFrame({UNIT: range(80), **few, "one": ONE, "other": [*OTHER[:75], *[None] * 5]})
    one, other = (
        sdc.table(frame, rows="d1", values=name, statistic="sum", unit=UNIT, policy="abs").apply(SUPPRESS)
        for name in ("one", "other")
    )
    verdict = sdc.ratio(one, other).verdict
    assert isinstance(verdict, Inconclusive)
    assert "labels that enough units bear" in str(verdict.missing[0])


def jobs(*, without: int = 0) -> pd.DataFrame:
    """Return persons with jobs in several sectors; so many of those with one job, in sector 0, have no hours."""
    rows = [(person, (person + job) % 5) for person in range(300) for job in range(1 + person % 3)]
    frame = pd.DataFrame(rows, columns=[UNIT, "d1"])
    frame["wage"] = [20.0 + place * 7 % 31 for place in range(len(frame))]
    frame["hours"] = [20.0 + place * 11 % 29 for place in range(len(frame))]
    single = frame.index[(frame.d1 == 0) & (frame[UNIT] % 3 == 0)]
    frame.loc[single[:without], "hours"] = None
    return frame.astype({"d1": str})


@pytest.mark.parametrize(("lacking", "status"), [(0, "safe"), (1, "unsafe"), (9, "unsafe"), (10, "safe")])
def test_persons_with_several_jobs_in_several_sectors(lacking: int, status: str) -> None:
    given: dict[str, Any] = {"rows": "d1", "unit": UNIT, "policy": "abs", "statistic": "sum"}
    wage, hours = (sdc.table(jobs(without=lacking), values=name, **given) for name in ("wage", "hours"))
    assert wage.verdict.status is hours.verdict.status is Status.SAFE
    derived = sdc.ratio(wage, hours)
    assert derived.joint is not None
    assert derived.joint.verdict.status is Status.INCONCLUSIVE
    assert derived.verdict.status.value == status


def test_the_reasons_are_told_in_dutch() -> None:
    with sdc.language("nl"):
        assert "de twee tabellen" in repr(sdc.ratio(*pair(ONE, APART)))
        assert "minder eenheden dan het minimum" in repr(sdc.ratio(*pair(ONE, without(1))))


@pytest.fixture
def emptied() -> Iterator[sdc.Basket]:
    basket = sdc.basket()
    yield basket
    for group in {one.group for one in basket.entries}:
        basket.remove(group)


def said(name: str) -> dict[str, str]:
    return {"name": name, "title": f"Title {name}", "population": "everybody"}


def test_the_basket_takes_what_is_derived_with_its_tables(emptied: sdc.Basket) -> None:
    emptied.add(sdc.ratio(*pair(ONE, OTHER)), **said("ratio"))
    assert [one.name for one in emptied.outputs] == ["ratio-numerator", "ratio-denominator", "ratio"]
    derived = emptied.outputs[-1]
    assert derived.derived == DerivedRequest(Operation.RATIO, ("ratio-numerator", "ratio-denominator"))
    assert derived.recipe == together(tuple(one.recipe for one in emptied.outputs[:2]))
    assert derived.recipe.value == "difference"
    assert set(emptied.claims()) == {"ratio-numerator", "ratio-denominator"}
    assert "sum of one divided by sum of other" in emptied._repr_html_()
    submission = Submission("camp", "team", "anna", 1, "T", "P.", emptied.outputs, ("a.py",), {})
    assert submission_from_bytes(submission.to_bytes()) == submission
    assert submission.frames == ("ratio-numerator", "ratio-denominator", "ratio")


def test_tables_that_are_in_the_basket_are_named_and_not_added_again(emptied: sdc.Basket) -> None:
    one, other = pair(ONE, OTHER)
    emptied.add(other, **said("there"))
    emptied.add(sdc.difference(one, other), **said("difference"))
    emptied.add(sdc.index(other, base="a"), **said("index"))
    assert [entry.name for entry in emptied.entries] == ["there", "difference-minuend", "difference", "index"]
    named = {entry.name: entry.derived.tables for entry in emptied.entries if entry.derived is not None}
    assert named == {"difference": ("difference-minuend", "there"), "index": ("there",)}
    assert emptied.outputs[-1].derived == DerivedRequest(Operation.INDEX, ("there",), ("d1", "a"))
    assert not any("computed from" in what for what in emptied.lacks())
    emptied.add(one, **said("there"))
    assert sum("computed from" in what for what in emptied.lacks()) == 2
    assert any(what.startswith("index: the tables") for what in emptied.lacks())


def test_a_flagged_one_is_taken_and_an_inconclusive_one_is_not(emptied: sdc.Basket) -> None:
    emptied.add(sdc.ratio(*pair(ONE, APART)), **said("flagged"))
    assert any("flagged: a safe verdict" in what for what in emptied.lacks())
    one, _ = pair(ONE, OTHER)
    other, _ = pair(OTHER, ONE)
    with pytest.raises(RefusedError, match="inconclusive"):
        emptied.add(sdc.ratio(one, other), **said("unknown"))
    for name in ("flagged", "flagged-numerator"):
        with pytest.raises(RefusedError, match="would not change with it"):
            emptied.repairable(name)
    assert "flagged: ▲ Unsafe (failing cells: 2)" in repr(emptied)
