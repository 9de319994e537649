"""Remedies are true, are tried, and leave something: rows without a category, curves, models, several measures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.model.codebooks import codebook_from
from disclosure.model.evidence import Evidence
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.notebook.outputs import Outputs
from disclosure.protection.missing_rows import filled_only
from disclosure.protection.recode import can_merge
from disclosure.texts import language
from tests.disclosure.support import UNIT, heads

ASKED: dict[str, Any] = {"unit": UNIT, "policy": "cbs"}


def people(n: int = 1200, missing: int = 4) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            UNIT: range(n),
            "sex": draw.choice(["m", "v"], n),
            "class": draw.choice(["1", "2", "3"], n),
            "income": draw.lognormal(10, 0.4, n).round(),
        }
    )
    frame.loc[: missing - 1, "sex"] = None
    return frame


def holds(out: sdc.Output | Outputs) -> None:
    """Check that every remedy does what it says."""
    assert out.remedies()
    for remedy in out.remedies():
        after = out.apply(remedy)
        assert (after.verdict.status is Status.SAFE) is (remedy.failing == 0), str(remedy)


def said(out: sdc.Output | Outputs) -> list[str]:
    with language("en"):
        return [str(one) for one in out.remedies()]


# --------------------------------------------------------------------------------------------- rows without a category


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"values": "income", "statistic": "mean"},
        {"values": "income", "statistic": "median"},
        {"statistic": "row_percent"},
    ],
)
def test_rows_without_a_category_are_left_out_where_that_is_what_fails(asked: dict[str, Any]) -> None:
    out = sdc.table(people(), rows="sex", columns="class", **asked, **ASKED)
    assert said(out)[0] == "leave out the rows without sex"
    holds(out)
    first = out.remedies()[0]
    assert first.kind is RemedyKind.MISSING_ROWS
    done = out.apply(first)
    assert done.recipe.dropna
    assert None not in done.evidence.categories[0]


@pytest.mark.parametrize(("missing", "dropna"), [(0, False), (40, False), (4, True)])
def test_where_no_category_is_missing_or_rows_are_left_out_already_that_is_no_remedy(
    missing: int, dropna: bool
) -> None:
    frame = people(missing=missing)
    frame.loc[100:102, "class"] = "4"
    out = sdc.table(frame, rows="sex", columns="class", dropna=dropna, **ASKED)
    assert out.verdict.status is Status.UNSAFE
    # Forty who lack it are enough to be shown, so merging the others does by itself, and loses less.
    assert out.remedies()[0].kind is RemedyKind.MERGE
    assert not any(one.dropna and not one.recodings for one in out.remedies())


@pytest.mark.parametrize("asked", [{}, {"values": "income", "statistic": "median"}])
def test_where_more_fails_the_rest_is_merged_as_well(asked: dict[str, Any]) -> None:
    frame = people()
    frame.loc[100:102, "class"] = "4"
    out = sdc.table(frame, rows="sex", columns="class", **asked, **ASKED)
    first = out.remedies()[0]
    assert first.dropna
    assert first.recodings
    assert said(out)[0].startswith("leave out the rows without sex, and merge")
    holds(out)


def test_evidence_without_missing_categories_is_that_of_tabulating_again() -> None:
    frame = people(missing=30)
    frame.loc[20:60, "class"] = None
    frame.loc[5:6, "class"] = "only with a missing sex"
    before = sdc.table(frame, rows="sex", columns="class", **ASKED).evidence
    again = sdc.table(frame, rows="sex", columns="class", dropna=True, **ASKED).evidence
    assert can_merge(before)
    ours = filled_only(before)
    assert ours is not None
    assert ours.categories == again.categories
    assert described(ours) == described(again)


def test_where_every_row_lacks_a_category_nothing_is_left() -> None:
    frame = pd.DataFrame({UNIT: range(8), "sex": pd.Series([None] * 8, dtype="object")})
    assert filled_only(sdc.table(frame, rows="sex", **ASKED).evidence) is None


def described(evidence: Evidence) -> list[tuple[str, int, int]]:
    found = zip(evidence.cells(), evidence.n_units.tolist(), evidence.n_rows.tolist(), strict=True)
    return [(str(cell), units, rows) for cell, units, rows in found if units]


# ------------------------------------------------------------------------------------------------ what leaves nothing


def test_withholding_everything_is_the_last_word_and_no_repair_beside_others() -> None:
    out = sdc.table(heads({"a": 5, "b": 6, "c": 7}), rows="group", **ASKED)
    assert [one for one in out.remedies() if one.kind is not RemedyKind.SUPPRESS]
    assert not [one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS]
    some = sdc.table(heads({"a": 5, "b": 60, "c": 70}), rows="group", **ASKED)
    assert [one for one in some.remedies() if one.kind is RemedyKind.SUPPRESS]


def test_where_nothing_else_is_found_that_is_said_with_what_a_person_can_do() -> None:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({UNIT: range(60), "y": draw.normal(size=60) + 20, "few": [True] * 4 + [False] * 56})
    for test in (sdc.t_test, sdc.wilcoxon):
        out = test(frame, value="y", group="few", **ASKED)
        (last,) = said(out)
        assert last.startswith("nothing of this may leave")
        assert "a longer period or a larger population" in last
        assert [one.loss for one in out.remedies()] == [1.0]
        assert all(str(one) for finding in out.verdict.findings for one in finding.remedies)


# ---------------------------------------------------------------------------------------------------- tests and models


def crossed(n: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(3)
    return pd.DataFrame(
        {
            UNIT: range(n),
            "y": draw.normal(size=n) + 20,
            "x": draw.normal(size=n),
            "area": draw.choice(list("klmnopqrst"), n, p=[0.5, 0.3, 0.1] + [0.1 / 7] * 7),
            "kind": draw.choice(list("uvw"), n, p=[0.6, 0.35, 0.05]),
        }
    )


def test_a_chi_square_test_of_many_small_categories_is_merged() -> None:
    out = sdc.chi_square(crossed(), "area", "kind", **ASKED)
    assert out.remedies()[0].kind is RemedyKind.MERGE
    holds(out)


def test_all_small_categories_of_a_model_are_merged_round_by_round() -> None:
    out = sdc.model("y ~ x + C(area)", crossed(), family="ols", unit=UNIT)
    assert {one.kind for one in out.remedies()} == {RemedyKind.MERGE, RemedyKind.DROP_TERM}
    holds(out)
    finding = out.verdict.findings[0]
    assert finding.remedies == out.remedies()


def test_terms_that_are_left_out_are_called_as_in_the_formula_each_once() -> None:
    out = sdc.model("y ~ x + C(area)", crossed(), family="ols", unit=UNIT)
    assert said(out).count("leave C(area) out of the model") == 1
    assert not any("area=" in one and "leave" in one for one in said(out))
    both = sdc.model(
        "y ~ x + C(kind) * C(few)", crossed().assign(few=lambda one: one["x"] > 1), unit=UNIT, family="ols"
    )
    assert any(one.endswith("C(kind):C(few) out of the model") for one in said(both))
    holds(both)


@pytest.mark.parametrize("listed", [True, False])
def test_codes_that_the_codebook_lists_are_not_put_into_bands(listed: bool) -> None:
    texts = {code: {"en": f"kind {code}"} for code in "1234567"}
    columns = {"group": {"categories": texts}} if listed else {}
    book = codebook_from({"schema": 1, "name": "b", "unit": [UNIT], "columns": columns})
    out = sdc.table(heads(dict.fromkeys("1234567", 6)), rows="group", codebook=book, **ASKED)
    kinds = {one.kind for one in out.remedies()}
    assert (RemedyKind.COARSER in kinds) is not listed
    assert RemedyKind.MERGE in kinds or not listed


# ------------------------------------------------------------------------------------------------------------- curves


def spells(n: int, by: int = 2) -> pd.DataFrame:
    draw = np.random.default_rng(2)
    return pd.DataFrame(
        {
            UNIT: range(n),
            "months": np.ceil(draw.exponential(15, n)).clip(1, 60),
            "event": draw.choice([0, 1], n, p=[0.4, 0.6]),
            "sex": draw.choice(["m", "v"][:by], n),
        }
    )


@pytest.mark.parametrize("n", [60, 120])
def test_every_remedy_of_a_curve_is_tried_and_one_at_least_does(n: int) -> None:
    out = sdc.survival(spells(n), duration="months", event="event", by="sex", unit=UNIT)
    assert out.verdict.status is Status.UNSAFE
    assert any(not one.failing for one in out.remedies())
    holds(out)
    assert all(finding.remedies for finding in out.verdict.findings)
    periods = [dict(one.options or ()).get("period") for one in out.remedies()]
    assert "1" not in periods, "whole months are in intervals of 1 already"


def test_a_longer_period_goes_with_withholding_or_without_a_dimension() -> None:
    out = sdc.survival(spells(120), duration="months", event="event", by="sex", unit=UNIT)
    withheld = [one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS]
    assert withheld
    assert all(one.options for one in withheld)
    assert 0 < withheld[0].loss < 1
    short = spells(120).assign(months=lambda frame: frame["months"].clip(upper=24))
    remedies = sdc.survival(short, duration="months", event="event", by="sex", unit=UNIT).remedies()
    assert any(one.leaves_out == "sex" for one in remedies)


@pytest.mark.parametrize("longest", [23, 24, 60])
def test_no_period_is_longer_than_the_longest_duration(longest: int) -> None:
    """One interval that ends after the last time that anybody was seen is a curve that nobody asks for."""
    short = spells(120).assign(months=lambda frame: frame["months"].clip(upper=longest))
    out = sdc.survival(short, duration="months", event="event", by="sex", unit=UNIT)
    periods = [int(dict(one.options or ())["period"]) for one in out.remedies() if one.options]
    assert periods
    assert max(periods) <= longest


# --------------------------------------------------------------------------------------------------- several measures


def several(frame: pd.DataFrame, **asked: Any) -> Outputs:
    outs = sdc.table(frame, **{**ASKED, **asked})
    assert isinstance(outs, Outputs)
    return outs


def half_known(unsafe: bool) -> pd.DataFrame:
    draw = np.random.default_rng(4)
    chance = [0.4, 0.3, 0.29, 0.01] if unsafe else [0.4, 0.3, 0.3, 0.0]
    frame = pd.DataFrame({UNIT: range(600), "area": draw.choice(list("abcd"), 600, p=chance)})
    frame["income"] = draw.lognormal(10, 0.4, 600).round()
    frame.loc[[frame.index[frame["area"] == one][0] for one in "abc"], "income"] = np.nan
    return frame


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_count_that_tells_who_has_no_value_is_left_out_or_counts_who_has_one(unsafe: bool) -> None:
    outs = several(half_known(unsafe), rows="area", values="income", statistic=["mean", "sum", "count"])
    assert outs["count"].verdict.status is Status.INCONCLUSIVE
    assert outs.verdict.status is (Status.UNSAFE if unsafe else Status.INCONCLUSIVE)
    assert "out.remedies() looks for what repairs it" in repr(outs)
    holds(outs)
    fewer = [one for one in outs.remedies() if one.measures == ("count",)]
    filled = [one for one in outs.remedies() if one.filled == ("income",)]
    assert fewer
    assert filled
    assert "count" not in outs.apply(fewer[0]).names
    done = outs.apply(filled[0])
    assert "count" in done.names
    assert all(not bool((one.evidence.n_units > 597).any()) for one in done)
    assert filled[0].loss < fewer[0].loss


def test_a_summary_with_missing_values_has_remedies_that_do() -> None:
    outs = sdc.summary(half_known(unsafe=True), values="income", by="area", **ASKED)
    assert outs.verdict.status is Status.UNSAFE
    holds(outs)
    assert not outs.remedies()[0].failing
    assert all(one.remedies == outs.remedies() for one in outs.findings)


def test_measures_are_judged_beside_each_other_again_once_they_are_repaired() -> None:
    draw = np.random.default_rng(5)
    frame = pd.DataFrame({UNIT: range(213), "area": ["a"] * 100 + ["b"] * 100 + ["c"] * 7 + ["d"] * 6})
    frame["age"] = draw.integers(20, 60, 213)
    outs = several(frame, rows="area", values="age", statistic=["mean", "var", "skew", "gini", "theil"], policy="abs")
    merge = next(one for one in outs["mean of age"].remedies() if one.recodings and not one.failing)
    # Thirteen units are enough for each figure, and too few for five of them.
    after = outs.apply(merge)
    assert sum(one.verdict.status is Status.INCONCLUSIVE for one in after) >= 1


def test_a_percentile_is_not_shown_under_the_name_of_another() -> None:
    outs = several(people(400, 0), rows="sex", values="income", statistic=["p5", "p95", "mean"])
    for remedy in outs.remedies():
        done = outs.apply(remedy)
        for name, out in done.items():
            probability = out.recipe.option("probability")
            assert probability is None or name == f"p{float(probability) * 100:g} of income"


def test_a_remedy_that_leaves_out_every_measure_is_refused() -> None:
    outs = several(half_known(unsafe=True), rows="area", values="income", statistic=["mean", "median"])
    every = outs.remedies()[0].__class__(
        RemedyKind.FEWER_MEASURES, outs.remedies()[0].text, outs.remedies()[0].loses_text, measures=outs.names
    )
    with pytest.raises(sdc.errors.RefusedError, match="No measure here"):
        outs.apply(every)
