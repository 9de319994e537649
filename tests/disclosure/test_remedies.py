"""Remedies: each finding has one that applies, suppression leaves nothing that fails, merging is judged anew."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import disclosure as sdc
from disclosure import texts
from disclosure.assess import assess
from disclosure.errors import RecipeError, RefusedError
from disclosure.knowledge import knowledge_of
from disclosure.model.cells import MARGIN
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.recipes import Recoding, recipe_from_json
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, RemedyKind, RuleName, Safe, Status
from disclosure.policy import load_policy
from disclosure.protection.remedies import SUPPRESS
from tests.disclosure.reference import Asked, Row
from tests.disclosure.support import (
    UNIT,
    coarse,
    codebook,
    counts,
    failures,
    heads,
    judge,
    policy,
    shown,
    status,
    units,
)
from tests.disclosure.test_reference import answerable, checked, tables

SMALL_CELL = {("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 3, ("b", "y"): 30}


def out_of(cells: dict[Any, int] | None = None, **asked: Any) -> sdc.Output:
    """Return an output with one small cell."""
    asked = {"rows": "d1", "columns": "d2", "unit": UNIT, "policy": "abs", **asked}
    return sdc.table(heads(cells or SMALL_CELL), **asked)


# -------------------------------------------------------------------------------------------------------- suppression


def test_suppression_withholds_what_fails_and_all_margins_and_is_safe() -> None:
    out = out_of()
    assert failures(out) == {"d1=b, d2=x"}
    repaired = out.apply(out.remedies()[0])
    assert status(repaired) is Status.SAFE
    assert shown(repaired) == {
        "d1=a, d2=x": "40", "d1=a, d2=y": "30", "d1=a": "withheld",
        "d1=b, d2=x": "withheld", "d1=b, d2=y": "30", "d1=b": "withheld",
        "d2=x": "withheld", "d2=y": "withheld", "total": "withheld",
    }  # fmt: skip


def test_the_repaired_verdict_says_what_was_done_and_what_was_not_looked_at() -> None:
    verdict = out_of().apply(SUPPRESS).verdict
    assert isinstance(verdict, Safe)
    assert [str(note) for note in verdict.notes] == [
        "not compared with other tables",
        "failing cells and all margins are withheld",
    ]


def test_what_an_unsafe_table_shows_is_already_what_suppression_would_publish() -> None:
    out = out_of()
    pd.testing.assert_frame_equal(out.to_pandas(), out.apply(SUPPRESS).to_pandas())
    assert status(out) is Status.UNSAFE


def test_a_withheld_figure_is_neither_zero_nor_missing_and_nothing_can_be_computed_with_it() -> None:
    frame = out_of().to_pandas()
    withheld: Any = frame.loc["b", "x"]
    assert (withheld is sdc.WITHHELD) is True
    assert str(withheld) == "×"
    assert not pd.isna(withheld)
    assert withheld != 0
    for compute in (lambda: withheld + 1, lambda: float(withheld), lambda: frame.sum().sum(), lambda: withheld < 5):
        with pytest.raises(TypeError):
            compute()


def test_a_safe_table_is_not_changed_by_suppression() -> None:
    out = out_of({("a", "x"): 40, ("a", "y"): 30, ("b", "x"): 30, ("b", "y"): 30})
    assert status(out) is Status.SAFE
    assert shown(out.apply(SUPPRESS)) == shown(out)
    assert "withheld" not in shown(out).values()


def test_a_failing_margin_over_passing_cells_takes_one_of_them_with_it() -> None:
    # Each unit has 100 in one row and -100 in the other, so in the margin nobody but three has anything.
    some = pd.DataFrame({UNIT: range(40), "d1": "a", "d2": "x", "value": range(100, 140)})
    opposite = some.assign(d2="y", value=-some["value"])
    opposite.loc[:2, "value"] += [1, 2, 3]
    frame = pd.concat([some, opposite])
    out = sdc.table(frame, rows="d1", columns="d2", values="value", statistic="sum", unit=UNIT, policy="abs")
    assert {"d1=a", "total"} <= failures(out, RuleName.MINIMUM_NONZERO)
    assert not failures(out) & {"d1=a, d2=x", "d1=a, d2=y"}
    assert "withheld" in {shown(out)["d1=a, d2=x"], shown(out)["d1=a, d2=y"]}


@given(tables())
def test_suppressing_any_table_publishes_no_failing_cell_and_no_relation_to_one(
    drawn: tuple[list[Row], Asked],
) -> None:
    rows, asked = drawn
    if not answerable(rows, asked):
        return
    table = checked(rows, asked)
    if table.evidence is None:
        return
    book = codebook(weights=("weight",)) if asked.known_weight else codebook()
    recipe = dataclasses.replace(table.recipe, suppressed=True)
    repaired = assess(recipe, table.evidence, load_policy(asked.policy), knowledge_of(book))
    assert repaired.evidence is not None
    assert repaired.verdict.status is Status.SAFE
    assert repaired.figures == table.figures
    assert not (repaired.shown & repaired.failing).any()
    if repaired.failing.any():
        assert not (repaired.shown & ~repaired.evidence.inner).any()
        for place in np.flatnonzero(repaired.failing):
            assert not repaired.shown[below(repaired, int(place))].all()
    else:
        assert repaired.shown.all()


def below(table: JudgedTable, place: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the inner cells that add up to a cell."""
    evidence = table.evidence
    assert evidence is not None
    fixed = evidence.codes[place] != MARGIN
    inner: np.ndarray[Any, np.dtype[np.bool_]] = evidence.inner & (
        evidence.codes[:, fixed] == evidence.codes[place, fixed]
    ).all(axis=1)
    return inner


# ------------------------------------------------------------------------------------------------------------- merging


def test_a_failing_category_is_merged_with_the_smaller_of_its_neighbours() -> None:
    out = sdc.table(heads({"1": 40, "2": 3, "3": 30, "4": 50}), rows="group", unit=UNIT, policy="abs")
    merges = [remedy for remedy in out.remedies() if remedy.kind is RemedyKind.MERGE]
    assert [str(remedy) for remedy in merges] == ["merge 2 with 3 in group"]
    assert merges[0].loses == "the difference between 2 and 3"
    merged = out.apply(merges[0])
    assert status(merged) is Status.SAFE
    assert shown(merged) == {"group=1": "40", "group=4": "50", "group=2 + 3": "33", "total": "123"}


def test_merging_counts_units_of_both_categories_once() -> None:
    frame = pd.concat([heads({"a": 5}), heads({"b": 30}), heads({"c": 50})])  # unit 1 to 5 are in all of them
    out = sdc.table(frame, rows="group", unit=UNIT, policy="abs")
    merged = out.apply(next(one for one in out.remedies() if one.kind is RemedyKind.MERGE))
    assert counts(merged) == {"group=a + b": 30, "group=c": 50, "total": 50}


def test_a_merge_that_does_not_do_is_judged_unsafe_and_may_be_merged_again() -> None:
    out = sdc.table(heads({"1": 2, "2": 3, "3": 4, "4": 50}), rows="group", unit=UNIT, policy="abs")
    steps = 0
    while status(out) is Status.UNSAFE:
        out = out.apply(next(one for one in out.remedies() if one.kind is RemedyKind.MERGE))
        steps += 1
    assert steps > 1
    assert counts(out)["total"] == 59
    assert len(out.recipe.recodings) == steps
    assert recipe_from_json(out.recipe.to_json().encode()) == out.recipe


def test_the_missing_category_is_never_merged() -> None:
    frame = pd.DataFrame({UNIT: range(46), "group": ["a"] * 40 + [None] * 6})
    out = sdc.table(frame, rows="group", unit=UNIT, policy="abs")
    assert failures(out) == {"group=(missing)"}
    assert out.remedies() == (SUPPRESS,)


def test_merging_into_a_label_that_exists_merges_with_it_and_is_judged_so() -> None:
    out = sdc.table(heads({"a": 5, "b": 30, "a + b": 40}), rows="group", unit=UNIT, policy="abs")
    into = Remedy(RemedyKind.MERGE, Recoding("group", (("a", "a + b"),)), texts.text("x"), texts.text("y"))
    assert counts(out.apply(into)) == {"group=a + b": 45, "group=b": 30, "total": 75}


BENEFITS: dict[str, Any] = {
    "not_disclosive": ["none", "never"],
    "categories": {"none": "", "never": "", "benefit": "", "other": ""},
}


def benefits(frame: pd.DataFrame, *pairs: tuple[str, str], listed: bool = True) -> JudgedTable:
    """Return the table after these recodings, with or without a codebook that lists the categories."""
    column = BENEFITS if listed else {"not_disclosive": ["none", "never"]}
    book = codebook_from({"schema": 1, "name": "t", "unit": [UNIT], "columns": {"group": column}})
    recodings = (Recoding("group", pairs),) if pairs else ()
    return judge(frame, policy(group_disclosure=90), codebook=book, recodings=recodings)


def test_a_merged_category_is_exempt_only_if_all_that_is_in_it_is() -> None:
    frame = heads({"none": 95, "never": 3, "benefit": 2, "other": 2})
    assert status(benefits(frame)) is Status.SAFE
    assert status(benefits(frame, ("none", "no"), ("never", "no"))) is Status.SAFE
    assert failures(benefits(frame, ("benefit", "none"))) == {"group=none"}
    assert failures(benefits(frame, ("none", "other"))) == {"group=other"}


@pytest.mark.parametrize("listed", [True, False])
def test_an_exempt_category_lends_its_exemption_to_none_that_it_is_merged_into(listed: bool) -> None:
    frame = heads({"none": 2, "benefit": 98})
    assert failures(benefits(frame, listed=listed)) == {"group=benefit"}
    assert failures(benefits(frame, ("none", "benefit"), listed=listed)) == {"group=benefit"}
    twice = (("none", "x"), ("benefit", "y")), (("x", "y"),)
    book = codebook_from({"schema": 1, "name": "t", "unit": [UNIT], "columns": {"group": BENEFITS}})
    steps = tuple(Recoding("group", pairs) for pairs in twice)
    assert failures(judge(frame, policy(group_disclosure=90), codebook=book, recodings=steps)) == {"group=y"}


def test_a_new_label_is_taken_for_one_that_the_rows_may_have_unless_the_codebook_lists_them() -> None:
    frame = heads({"none": 95, "never": 3, "no": 2})
    assert failures(benefits(frame, ("none", "no"), ("never", "no"), listed=False)) == {"group=no"}


def test_labels_that_change_places_take_their_exemption_with_them() -> None:
    swap = (("none", "benefit"), ("benefit", "none"))
    assert status(benefits(heads({"none": 95, "benefit": 5}), *swap)) is Status.SAFE
    assert failures(benefits(heads({"none": 5, "benefit": 95}), *swap)) == {"group=none"}


PLACES: dict[str, Any] = {
    "schema": 1,
    "name": "places",
    "unit": [UNIT],
    "columns": {"group": {"sensitive": False, "hierarchy": "place"}},
    "hierarchies": {
        "place": {
            "levels": ["buurt", "wijk", "gemeente"],
            "parents": {"11": "1", "12": "1", "21": "2", "22": "2", "1": "all", "2": "all"},
        }
    },
}


def places() -> Codebook:
    return codebook_from(PLACES)


def test_a_dimension_with_a_hierarchy_is_merged_one_level_up() -> None:
    frame = heads({"11": 5, "12": 20, "21": 20, "22": 20})
    out = sdc.table(frame, rows="group", unit=UNIT, codebook=places())
    along = out.remedies()[1]
    assert str(along) == "merge group one level up its hierarchy"
    assert along.loses == "the detail of group below that level"
    up = out.apply(along)
    assert shown(up) == {"group=1": "25", "group=2": "40", "total": "65"}
    assert status(up) is Status.SAFE


def test_a_hierarchy_is_offered_once_since_recoded_levels_may_mix() -> None:
    frame = heads({"11": 1, "12": 2, "21": 20, "22": 20})
    out = sdc.table(frame, rows="group", unit=UNIT, codebook=places())
    once = out.apply(out.remedies()[1])
    assert status(once) is Status.UNSAFE
    assert not any("hierarchy" in str(remedy) for remedy in once.remedies())


def test_a_hierarchy_that_lacks_a_parent_is_not_offered() -> None:
    out = sdc.table(heads({"11": 5, "99": 20}), rows="group", unit=UNIT, codebook=places())
    assert not any("hierarchy" in str(remedy) for remedy in out.remedies())


def test_a_hierarchy_does_not_bring_an_exemption_from_its_parent() -> None:
    document = {**PLACES, "columns": {"group": {"hierarchy": "place", "not_disclosive": ["1", "11"]}}}
    frame = heads({"11": 2, "12": 94, "21": 2, "22": 2})
    by = policy(group_disclosure=90)
    book = codebook_from(document)
    up = (Recoding("group", (("11", "1"), ("12", "1"), ("21", "2"), ("22", "2"))),)
    assert failures(judge(frame, by, codebook=book)) == {"group=12"}
    assert failures(judge(frame, by, codebook=book, recodings=up)) == {"group=1"}


# ---------------------------------------------------------------------------------------------------------- in general


@pytest.mark.parametrize("statistic", ["count", "sum", "mean", "rate"])
@pytest.mark.parametrize("name", ["cbs", "sacro", "abs"])
def test_every_finding_has_remedies_and_each_of_them_applies(statistic: str, name: str) -> None:
    frame = units({"a": [1, 0] * 40, "b": [0, 1] * 3, "c": [0] * 40})
    if statistic in ("sum", "mean"):
        frame["value"] = frame["value"] * (frame[UNIT] % 7)
    values = None if statistic == "count" else "value"
    out = sdc.table(frame, rows="group", values=values, statistic=statistic, unit=UNIT, policy=name)
    assert status(out) is Status.UNSAFE
    for finding in out.verdict.findings:
        assert finding.remedies[0] == SUPPRESS
    assert {remedy for finding in out.verdict.findings for remedy in finding.remedies} == set(out.remedies())
    for remedy in out.remedies():
        repaired = out.apply(remedy)
        assert repaired.evidence is not None
        assert repaired.recipe != out.recipe
        assert (status(repaired) is Status.SAFE) or remedy.kind is RemedyKind.MERGE


def test_remedies_are_ordered_suppression_first_then_by_how_many_findings_they_would_repair() -> None:
    cells = {(one, two): 40 for one in "abc" for two in "xyz"}
    cells |= {("b", "x"): 2, ("b", "y"): 3, ("b", "z"): 4}
    remedies = out_of(cells).remedies()
    assert remedies[0] == SUPPRESS
    assert str(remedies[1]) == "merge a with b in d1"


def test_an_output_does_not_change_when_a_remedy_is_applied() -> None:
    out = out_of()
    before = (out.recipe, status(out), shown(out))
    out.apply(SUPPRESS)
    assert (out.recipe, status(out), shown(out)) == before


def test_an_inconclusive_output_cannot_be_repaired() -> None:
    out = sdc.table(heads({"a": 40}), rows="group")
    with pytest.raises(RefusedError, match="nothing to repair"):
        out.apply(SUPPRESS)
    with pytest.raises(RefusedError, match="Nothing was tabulated"):
        _ = out.evidence
    assert out.remedies() == ()


def test_a_remedy_for_another_table_is_refused() -> None:
    wrong = dataclasses.replace(SUPPRESS, kind=RemedyKind.MERGE, recoding=Recoding("elsewhere", (("a", "b"),)))
    with pytest.raises(RecipeError, match="not a dimension"):
        out_of().apply(wrong)


def test_a_recoding_touches_its_own_dimension_only() -> None:
    frame = heads({("a", "a"): 30, ("b", "a"): 30, ("a", "b"): 30, ("b", "b"): 30})
    table = judge(
        frame,
        policy(),
        rows=["d1"],
        columns=["d2"],
        codebook=coarse("d1", "d2"),
        recodings=(Recoding("d1", (("a", "z"),)),),
    )
    assert set(counts(table)) >= {"d1=z, d2=a", "d1=b, d2=a"}
    assert "d1=a, d2=a" not in counts(table)
