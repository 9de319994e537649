"""Remedies besides merging and withholding are tried: other options, merged categories of tests, several measures."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import RecipeError
from disclosure.model.cells import as_listed, label_order
from disclosure.model.codebooks import Codebook, codebook_from
from disclosure.model.recipes import FrameSource, PolicyReference, Recipe, Recoding, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Remedy, RemedyKind, Status
from disclosure.notebook import output
from disclosure.protection.catalogue import remedies_of
from disclosure.protection.option_changes import option_changes
from disclosure.texts import language

POLICY = PolicyReference("cbs", "sha256:" + "0" * 64)
ASKED: dict[str, Any] = {"unit": "person", "policy": "cbs"}


def homes(size: int) -> pd.DataFrame:
    """Return so many persons, the same ones whatever the size."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "person": range(2_000),
            "wijk": random.choice(["28", "29", "30"], 2_000),
            "rooms": random.integers(1, 6, 2_000),
            "income": random.lognormal(10.3, 0.5, 2_000).round(),
        }
    )
    return frame.head(size)


def kinds(out: sdc.Output) -> set[RemedyKind]:
    return {one.kind for one in out.remedies()}


def of_kind(out: sdc.Output, kind: RemedyKind) -> Remedy:
    return next(one for one in out.remedies() if one.kind is kind)


# ------------------------------------------------------------------------------------------------------ other options


@pytest.mark.parametrize(
    ("asked", "size", "words"),
    [
        ({"statistic": "lorenz"}, 90, "show the points 20, 40, 60, 80"),
        ({"statistic": "p95", "rows": "wijk"}, 400, "take the 90th percentile"),
        ({"statistic": "p5", "rows": "wijk"}, 400, "take the 10th percentile"),
        ({"statistic": "concentration_ratio", "options": {"largest": 3}}, 400, "take the 10 largest units"),
    ],
)
def test_the_least_change_of_an_option_that_does_is_offered_and_is_safe_once_applied(
    asked: dict[str, Any], size: int, words: str
) -> None:
    out = sdc.table(homes(size), values="income", **asked, **ASKED)
    assert out.verdict.status is Status.UNSAFE
    remedy = of_kind(out, RemedyKind.OPTION)
    with language("en"):
        assert str(remedy) == words
    assert remedy.loss < 1
    assert out.remedies()[0].kind is not RemedyKind.SUPPRESS
    assert out.apply(remedy).verdict.status is Status.SAFE


def test_where_no_option_does_by_itself_it_is_tried_with_a_dimension_left_out() -> None:
    out = sdc.table(homes(60), rows="wijk", values="income", statistic="p95", **ASKED)
    remedy = of_kind(out, RemedyKind.OPTION)
    assert remedy.leaves_out == "wijk"
    assert out.apply(remedy).verdict.status is Status.SAFE


def test_an_option_that_nothing_repairs_is_not_offered() -> None:
    out = sdc.table(homes(9), values="income", statistic="p95", **ASKED)
    assert out.verdict.status is Status.UNSAFE
    assert RemedyKind.OPTION not in kinds(out)


@pytest.mark.parametrize(
    ("statistic", "options"),
    [
        (Statistic.LORENZ, ()),
        (Statistic.CONCENTRATION_RATIO, (("largest", "3"),)),
        (Statistic.QUANTILE, (("probability", "0.99"),)),
        (Statistic.QUANTILE, (("probability", "0.01"),)),
        (Statistic.TRIMMED_MEAN, (("trim", "0.01"),)),
        (Statistic.POVERTY_RATE, ()),
        (Statistic.POVERTY_GAP, (("share_of_median", "0.5"),)),
    ],
)
def test_changes_of_options_come_with_the_least_first_and_never_are_the_recipe_itself(
    statistic: Statistic, options: tuple[tuple[str, str], ...]
) -> None:
    recipe = Recipe(FrameSource(("p", "v")), statistic, POLICY, value="v", unit=("p",), options=options)
    changes = option_changes(recipe, 10)
    assert len(changes) > 1
    assert all(one.loss <= other.loss for one, other in pairwise(changes))
    assert all(one.recipe != recipe and 0 < one.loss < 1 for one in changes)


def test_an_option_at_its_end_or_a_line_in_money_has_no_change() -> None:
    def changes(statistic: Statistic, **options: str) -> int:
        given = tuple(sorted(options.items()))
        recipe = Recipe(FrameSource(("p", "v")), statistic, POLICY, value="v", unit=("p",), options=given)
        return len(option_changes(recipe, 10))

    assert changes(Statistic.QUANTILE, probability="0.5") == 0
    assert changes(Statistic.LORENZ, points="50") == 0
    assert changes(Statistic.CONCENTRATION_RATIO, largest="1000") == 0
    assert changes(Statistic.POVERTY_RATE, line="12000") == 0
    assert changes(Statistic.MEAN) == 0


# ---------------------------------------------------------------------------------------------- what a test compares


def test_categories_that_a_chi_square_test_compares_are_merged_until_its_table_is_safe() -> None:
    out = sdc.chi_square(homes(60), "wijk", "rooms", **ASKED)
    assert out.verdict.status is Status.UNSAFE
    remedy = out.remedies()[0]
    assert remedy.kind is RemedyKind.MERGE
    assert remedy.loss < 1
    repaired = out.apply(remedy)
    assert repaired.verdict.status is Status.SAFE
    below = repaired.evidence.underlying
    assert below is not None
    assert all(len(labels) > 1 for labels in below.categories)
    with language("en"):
        assert "counted together" in repr(repaired)
        assert "counted together" not in repr(out)


def test_groups_of_an_analysis_of_variance_are_merged() -> None:
    out = sdc.anova(homes(60), value="income", group="rooms", **ASKED)
    assert out.apply(of_kind(out, RemedyKind.MERGE)).verdict.status is Status.SAFE


def test_a_test_of_two_groups_is_not_merged_into_one() -> None:
    frame = homes(60).assign(few=lambda one: one["person"] < 4)
    out = sdc.t_test(frame, value="income", group="few", **ASKED)
    assert out.verdict.status is Status.UNSAFE
    assert kinds(out) == {RemedyKind.SUPPRESS}


def test_what_a_correlation_reads_further_is_no_category_to_recode() -> None:
    recoding = Recoding("w", (("a", "b"),))
    asked: dict[str, Any] = {"unit": ("p",), "others": ("w",)}
    with pytest.raises(RecipeError, match="not a dimension"):
        Recipe(FrameSource(("p", "v", "w")), Statistic.CORRELATION, POLICY, value="v", recodings=(recoding,), **asked)
    test = Recipe(
        FrameSource(("p", "v", "w")),
        Statistic.TEST,
        POLICY,
        value="v",
        options=(("kind", "anova"),),
        recodings=(recoding,),
        **asked,
    )
    assert test.recodings == (recoding,)


# --------------------------------------------------------------------------------------------------- several measures


def test_a_remedy_of_several_measures_says_what_still_fails_in_all_of_them() -> None:
    outs = sdc.summary(homes(120), values="income", by=["wijk", "rooms"], **ASKED)
    offered = outs.remedies()
    assert offered
    before = sum(int(one.failing.sum()) for _, one in outs.tables)
    for remedy in offered:
        after = outs.apply(remedy)
        left = sum(int(one.failing.sum()) for _, one in after.tables if one.verdict.status is Status.UNSAFE)
        assert left == remedy.failing < before
        assert (after.verdict.status is Status.SAFE) is (remedy.failing == 0)
    assert not offered[0].failing


def test_the_loss_of_several_measures_is_lost_of_all_their_figures() -> None:
    outs = sdc.table(homes(120), rows="wijk", columns="rooms", values="income", statistic=["mean", "gini"], **ASKED)
    merge = next(one for one in outs.remedies() if one.leaves_out is not None)
    with language("en"):
        assert "figures of all measures" in merge.loses
    assert 0 < merge.loss < 1


# ------------------------------------------------------------------------------------------------ rounding, findings


def test_rounding_that_leaves_most_cells_at_zero_is_not_offered() -> None:
    few = pd.DataFrame({"person": range(39), "group": [*"abcdef" * 6, *"abc"]})
    assert RemedyKind.ROUND not in kinds(sdc.table(few, rows="group", **ASKED))
    many = pd.DataFrame({"person": range(303), "group": [*"abcde" * 60, *"fff"]})
    offered = sdc.table(many, rows="group", **ASKED)
    assert RemedyKind.ROUND in kinds(offered)


def test_findings_have_every_remedy_which_is_looked_for_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    out = sdc.table(homes(60), rows="wijk", columns="rooms", **ASKED)
    looked: list[JudgedTable] = []

    def seen(table: JudgedTable, judge: Any) -> tuple[Remedy, ...]:
        looked.append(table)
        return remedies_of(table, judge)

    monkeypatch.setattr(output, "remedies_of", seen)
    findings = out.verdict.findings
    assert set(findings) == set(out.table.verdict.findings)
    assert not looked
    assert findings[0].remedies[0].kind is not RemedyKind.SUPPRESS
    offered = out.remedies()
    assert len(looked) == 1
    assert len(offered) > 1
    assert all(one.remedies == offered for one in out.verdict.findings)


# -------------------------------------------------------------------------------------------------- order of labels


@pytest.mark.parametrize(
    "ordered",
    [
        ("(0, 5]", "(5, 10]", "(10, 15]"),
        ("0-5", "5-10", "10-15", "15-20", "100+"),
        ("<10", "10-20", "20+", "onbekend", None),
        ("1", "2 + 3", "4"),
        ("wijk 1", "wijk 9", "wijk 10"),
        ("01.1", "01.11", "01.2"),
        ("2023-12-31", "2024-01-31", "2024-02-01", "2024-10-01"),
        ("wijk 01", "wijk 2", "wijk 010"),
        ("-10", "-1", "0", "5"),
        ("A", "a", "ab"),
    ],
)
def test_labels_with_numbers_stand_in_the_order_of_the_numbers(ordered: tuple[str | None, ...]) -> None:
    backwards = ordered[::-1]
    assert tuple(sorted(backwards, key=label_order)) == ordered
    assert all(label_order(one) < label_order(other) for one, other in pairwise(ordered))


def test_no_two_labels_have_the_same_place() -> None:
    labels = ["5", "5+", "5-", "05", "5.0", "5.00", "[5, 6)", "(5, 6]", "5 - 6", "5-6", "w5", "w05", "w 5", "", None]
    assert len({label_order(one) for one in labels}) == len(labels)


def test_listed_codes_come_first_and_the_missing_one_last() -> None:
    assert as_listed(("b", "c", "x", None), ("c", "b")) == ("c", "b", "x", None)
    assert as_listed(("b", "c", None), ()) == ("b", "c", None)
    assert as_listed(("b + c", "a"), ("c", "a"), {"b + c": "c"}) == ("b + c", "a")


def book() -> Codebook:
    texts = {name: {"en": name.upper()} for name in ("low", "middle", "high")}
    return codebook_from({"schema": 1, "name": "b", "unit": ["person"], "columns": {"class": {"categories": texts}}})


def test_tables_show_categories_and_merge_neighbours_as_the_codebook_lists_them() -> None:
    frame = pd.DataFrame({"person": range(103), "class": ["high"] * 30 + ["low"] * 3 + ["middle"] * 70})
    out = sdc.table(frame, rows="class", codebook=book(), **ASKED)
    assert list(out.to_pandas().index)[:3] == ["low", "middle", "high"]
    merges = [str(one) for one in out.remedies() if one.kind is RemedyKind.MERGE]
    assert merges == ["merge low with middle in class"]
    repaired = out.apply(of_kind(out, RemedyKind.MERGE))
    assert list(repaired.to_pandas().index)[:2] == ["low + middle", "high"]
    assert out.evidence.categories == (
        ("high", "low", "middle"),
    )  # the canonical order, of which a codebook is no part
