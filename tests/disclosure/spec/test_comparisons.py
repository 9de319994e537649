"""Tests, ratios and correlations are judged as the tables that they follow from, and by their degrees of freedom."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import disclosure as sdc
from disclosure.assess import assess
from disclosure.errors import BadInputError, DataError, RecipeError
from disclosure.knowledge import Knowledge
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, RuleName, Status
from disclosure.render import to_csv, to_json
from tests.disclosure.support import UNIT, judge, policy, rules, shown, status

TEN = policy(minimum_units=10, minimum_df=10)


def compare(frame: pd.DataFrame, by: Any = TEN, **asked: Any) -> JudgedTable:
    return judge(frame, by, rows=(), **asked)


def two_groups(first: int, second: int, *, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = first + second
    group = ["a"] * first + ["b"] * second
    return pd.DataFrame({UNIT: range(n), "group": group, "value": rng.normal(100, 10, n).round(2)})


def figures(table: JudgedTable) -> dict[str, float]:
    return {cell.removeprefix("figure="): float(figure or "nan") for cell, figure in shown(table).items()}


def t_test(frame: pd.DataFrame, kind: str = "t", by: Any = TEN) -> JudgedTable:
    return compare(frame, by, statistic="test", values="value", others=("group",), options=(("kind", kind),))


# ----------------------------------------------------------------------------------------------------------- figures
def test_figures_are_those_of_scipy() -> None:
    frame = two_groups(40, 50)
    one, other = (frame.value[frame.group == name] for name in "ab")
    welch = stats.ttest_ind(one, other, equal_var=False)
    found = figures(t_test(frame))
    assert found["statistic"] == pytest.approx(welch.statistic, rel=1e-5)
    assert found["degrees_of_freedom"] == pytest.approx(welch.df, rel=1e-5)
    assert found["p_value"] == pytest.approx(welch.pvalue, rel=1e-4)
    assert found["n_units"] == 90
    assert figures(t_test(frame, "anova"))["statistic"] == pytest.approx(stats.f_oneway(one, other).statistic, rel=1e-5)
    ranked = stats.mannwhitneyu(one, other, method="asymptotic")
    assert figures(t_test(frame, "wilcoxon"))["statistic"] == pytest.approx(ranked.statistic, rel=1e-5)


def test_an_analysis_of_variance_has_two_degrees_of_freedom_and_a_rank_sum_test_none() -> None:
    """What a paper writes as F(1, 88) is there; the normal approximation of a rank sum has nothing of the kind."""
    found = figures(t_test(two_groups(40, 50), "anova"))
    assert list(found) == ["statistic", "degrees_of_freedom", "degrees_of_freedom_residual", "p_value", "n_units"]
    assert (found["degrees_of_freedom"], found["degrees_of_freedom_residual"]) == (1, 88)
    assert list(figures(t_test(two_groups(40, 50), "wilcoxon"))) == ["statistic", "p_value", "n_units"]


def test_a_chi_square_is_that_of_its_counts() -> None:
    counts = np.array([[20, 30, 25], [40, 15, 30]])
    frame = table_of(counts)
    found = figures(compare(frame, statistic="chi_square", others=("row", "column")))
    reference = stats.chi2_contingency(counts, correction=False)
    assert found["statistic"] == pytest.approx(reference.statistic, rel=1e-5)
    assert found["degrees_of_freedom"] == 2
    assert found["p_value"] == pytest.approx(reference.pvalue, rel=1e-3)


def table_of(counts: Any) -> pd.DataFrame:
    rows = [(place, column) for (place, column), n in np.ndenumerate(np.asarray(counts)) for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["row", "column"])
    return frame.assign(**{UNIT: range(len(frame))})


def ratio_frame(exposed: tuple[int, int], others: tuple[int, int]) -> pd.DataFrame:
    rows = [
        (smokes, ill)
        for smokes, (with_it, without) in ((1, exposed), (0, others))
        for ill, n in ((1, with_it), (0, without))
        for _ in range(n)
    ]
    frame = pd.DataFrame(rows, columns=["smokes", "ill"])
    return frame.assign(**{UNIT: range(len(frame))})


def ratio(frame: pd.DataFrame, statistic: str = "odds_ratio", by: Any = TEN) -> JudgedTable:
    return compare(frame, by, statistic=statistic, values="ill", others=("smokes",))


def test_ratios_follow_from_their_table() -> None:
    frame = ratio_frame((30, 70), (10, 90))
    odds = figures(ratio(frame))
    assert odds["estimate"] == pytest.approx(30 * 90 / (70 * 10), rel=1e-5)
    reference = stats.contingency.odds_ratio([[30, 70], [10, 90]], kind="sample")
    interval = reference.confidence_interval(0.95)
    assert [odds["low"], odds["high"]] == pytest.approx([interval.low, interval.high], rel=1e-4)
    assert [odds[name] for name in ("exposed_with", "exposed_without", "others_with", "others_without")] == [
        30,
        70,
        10,
        90,
    ]
    risk = figures(ratio(frame, "risk_ratio"))
    reference = stats.contingency.relative_risk(30, 100, 10, 100)
    assert risk["estimate"] == pytest.approx(3)
    interval = reference.confidence_interval(0.95)
    assert [risk["low"], risk["high"]] == pytest.approx([interval.low, interval.high], rel=1e-4)


@pytest.mark.parametrize(("method", "reference"), [("pearson", stats.pearsonr), ("spearman", stats.spearmanr)])
def test_a_correlation_is_that_of_scipy(method: str, reference: Any) -> None:
    frame = two_groups(60, 0).assign(other=lambda one: one.value * 0.3 + np.random.default_rng(2).normal(0, 5, 60))
    out = compare(frame, statistic="correlation", values="value", others=("other",), options=(("method", method),))
    assert figures(out)["correlation"] == pytest.approx(reference(frame.value, frame.other).statistic, rel=1e-5)


# ------------------------------------------------------------------------------------------------- underlying tables
@pytest.mark.parametrize(("small", "fails"), [(10, False), (9, True)])
@pytest.mark.parametrize("kind", ["t", "anova", "wilcoxon"])
def test_each_group_of_a_test_reaches_the_minimum(kind: str, small: int, fails: bool) -> None:
    out = t_test(two_groups(40, small), kind)
    assert (RuleName.UNDERLYING_TABLE in rules(out)) is fails
    assert status(out) is (Status.UNSAFE if fails else Status.SAFE)
    assert all((figure == "withheld") is fails for figure in shown(out).values())


@pytest.mark.parametrize(("small", "fails"), [(10, False), (9, True)])
def test_each_count_behind_a_chi_square_reaches_the_minimum(small: int, fails: bool) -> None:
    out = compare(table_of([[20, 30], [small, 40]]), statistic="chi_square", others=("row", "column"))
    assert (status(out) is Status.UNSAFE) is fails


@pytest.mark.parametrize("statistic", ["odds_ratio", "risk_ratio"])
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(("small", "fails"), [(10, False), (9, True)])
def test_each_count_behind_a_ratio_reaches_the_minimum(statistic: str, place: int, small: int, fails: bool) -> None:
    counts = [40, 50, 30, 60]
    counts[place] = small
    out = ratio(ratio_frame((counts[0], counts[1]), (counts[2], counts[3])), statistic)
    assert (status(out) is Status.UNSAFE) is fails


def test_a_dominated_group_makes_its_test_unsafe() -> None:
    frame = two_groups(30, 30)
    frame.loc[0, "value"] = 100_000.0
    dominance = policy(minimum_units=10, minimum_df=10, dominance=[[1, 50]])
    assert rules(t_test(frame, by=dominance)) == {RuleName.UNDERLYING_TABLE}
    assert status(t_test(two_groups(30, 30), by=dominance)) is Status.SAFE


# ------------------------------------------------------------------------------------------------ degrees of freedom
@pytest.mark.parametrize(("minimum", "fails"), [(58, False), (59, True)])
def test_degrees_of_freedom_are_units_less_groups(minimum: int, fails: bool) -> None:
    by = policy(minimum_units=2, minimum_df=minimum)
    assert (rules(t_test(two_groups(30, 30), by=by)) == {RuleName.DEGREES_OF_FREEDOM}) is fails
    frame = two_groups(60, 0).assign(other=lambda one: one.value * 0.3 + np.arange(60) % 7)
    out = compare(frame, by, statistic="correlation", values="value", others=("other",))
    assert (rules(out) == {RuleName.DEGREES_OF_FREEDOM}) is fails


# -------------------------------------------------------------------------------------------------------- correlation
@pytest.mark.parametrize(("few", "fails"), [(10, False), (9, True)])
@pytest.mark.parametrize("which", ["values", "others"])
def test_a_variable_that_is_the_same_for_all_but_a_few_tells_of_those(which: str, few: int, fails: bool) -> None:
    flag = np.arange(100) < few
    frame = two_groups(100, 0).assign(flag=flag.astype(int))
    asked = {"values": "value", "others": ("flag",)} if which == "others" else {"values": "flag", "others": ("value",)}
    out = compare(frame, statistic="correlation", **asked)
    assert (RuleName.SMALLEST_GROUP in rules(out)) is fails


@pytest.mark.parametrize("order", [("value", "other"), ("other", "value")])
def test_a_correlation_is_judged_alike_whichever_variable_is_named_first(order: tuple[str, str]) -> None:
    by = policy(minimum_units=10, minimum_df=10, dominance=[[1, 50]])
    frame = two_groups(60, 0).assign(other=lambda one: np.arange(60) % 13 + one.value / 7)
    asked: dict[str, Any] = {"statistic": "correlation", "values": order[0], "others": (order[1],)}
    assert status(compare(frame, by, **asked)) is Status.SAFE
    frame.loc[0, "other"] = 100_000.0
    assert status(compare(frame, by, **asked)) is Status.UNSAFE


def test_a_perfect_correlation_fails() -> None:
    frame = two_groups(50, 0).assign(other=lambda one: -3 * one.value + 5)
    out = compare(frame, statistic="correlation", values="value", others=("other",))
    assert rules(out) == {RuleName.SATURATED_MODEL}


# ------------------------------------------------------------------------------------------------- what is not judged
def test_several_rows_of_a_unit_are_inconclusive() -> None:
    frame = two_groups(30, 30)
    frame.loc[1, UNIT] = 0
    assert status(t_test(frame)) is Status.INCONCLUSIVE
    assert status(ratio(pd.concat([ratio_frame((30, 70), (10, 90))] * 2))) is Status.INCONCLUSIVE


def test_no_variation_is_inconclusive() -> None:
    frame = two_groups(30, 30).assign(value=5.0)
    assert status(t_test(frame)) is Status.INCONCLUSIVE
    for statistic in ("odds_ratio", "risk_ratio"):
        table = ratio(ratio_frame((30, 70), (0, 90)), statistic)
        assert isinstance(table.verdict, Inconclusive)
        assert "take more units or other bounds" in str(table.verdict.missing[0])


@pytest.mark.parametrize("kind", ["t", "wilcoxon"])
def test_two_groups_are_two(kind: str) -> None:
    frame = two_groups(30, 30).assign(group=["a", "b", "c"] * 20)
    with pytest.raises(DataError, match=r"two groups|one group"):
        t_test(frame, kind)
    assert status(t_test(frame, "anova")) is Status.SAFE
    with pytest.raises(DataError, match=r"two groups|one group"):
        t_test(frame.assign(group="a"), kind)


@pytest.mark.parametrize(
    "asked",
    [
        {"statistic": "test", "values": "value", "others": ("group",), "options": (("kind", "sign"),)},
        {"statistic": "test", "values": "value", "others": (), "options": (("kind", "t"),)},
        {"statistic": "test", "values": "value", "others": ("group", "w"), "options": (("kind", "t"),)},
        {"statistic": "chi_square", "others": ("group",)},
        {"statistic": "correlation", "values": "value", "others": ("w",), "options": (("method", "kendall"),)},
        {"statistic": "test", "values": "value", "others": ("group",), "options": (("kind", "t"),), "weights": "w"},
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        compare(two_groups(30, 30).assign(w=1.0), **asked)


def test_a_comparison_has_no_rows_and_columns() -> None:
    with pytest.raises(RecipeError, match="one for each"):
        judge(
            two_groups(30, 30).assign(w="x"), TEN, statistic="test", values="value", others=("group",), rows=("w",),
            options=(("kind", "t"),),
        )  # fmt: skip


def test_missing_values_and_groups_are_left_out() -> None:
    frame = two_groups(40, 40)
    holes = frame.copy()
    holes.loc[0, "value"], holes.loc[79, "group"] = np.nan, None
    expected = t_test(frame.drop([0, 79]))
    assert shown(t_test(holes)) == shown(expected)
    assert expected.evidence is not None
    assert expected.evidence.n_units.tolist() == [78] * 4


# ------------------------------------------------------------------------------------------------------ whatever way
@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["t", "anova", "wilcoxon", "correlation", "odds_ratio"]))
def test_no_order_of_rows_changes_a_byte(random: Any, what: str) -> None:
    frame = two_groups(25, 30, seed=random.randint(0, 99))
    frame = frame.assign(ill=(frame.value > 100).astype(int), smokes=frame.group, other=frame.value**2 + frame.index)

    def made(one: pd.DataFrame) -> JudgedTable:
        if what == "odds_ratio":
            return ratio(one, by=policy())
        if what == "correlation":
            return compare(one, statistic=what, values="value", others=("other",))
        return t_test(one, what)

    shuffled = frame.sample(frac=1, random_state=random.randint(0, 99))
    assert to_csv(made(frame)) == to_csv(made(shuffled))


def test_the_control_zone_judges_the_same_from_the_document() -> None:
    for table in (t_test(two_groups(40, 9)), ratio(ratio_frame((30, 70), (10, 90)))):
        assert table.evidence is not None
        again = evidence_from_bytes(evidence_to_bytes(table.evidence))
        other = assess(table.recipe, again, TEN, Knowledge())
        assert to_json(other) == to_json(table)
        assert other.verdict.status is table.verdict.status


# --------------------------------------------------------------------------------------------------- in the notebook
def test_what_a_researcher_types() -> None:
    frame = two_groups(40, 50).assign(ill=lambda one: (one.value > 100).astype(int), size=lambda one: one.index % 3)
    out = sdc.t_test(frame, value="value", group="group", unit=UNIT)
    assert status(out) is Status.SAFE
    assert out.to_pandas().columns.tolist() == ["statistic", "degrees_of_freedom", "p_value", "n_units"]
    assert status(sdc.anova(frame, value="value", group="size", unit=UNIT)) is Status.SAFE
    assert status(sdc.chi_square(frame, "group", "size", unit=UNIT)) is Status.SAFE
    assert status(sdc.correlation(frame, "value", "size", method="spearman", unit=UNIT)) is Status.SAFE
    odds, risk = (make(frame, outcome="ill", exposure="group", unit=UNIT) for make in (sdc.odds_ratio, sdc.risk_ratio))
    assert status(odds) is status(risk) is Status.SAFE
    assert "figure" in repr(odds) or "estimate" in repr(odds)
    assert status(sdc.wilcoxon(frame, value="value", group="group", unit=UNIT)) is Status.SAFE
    with pytest.raises(BadInputError, match="named by a text"):
        sdc.t_test(frame, value=["value"], group="group", unit=UNIT)  # type: ignore[arg-type]
    assert status(sdc.t_test(frame, value="value", group="group")) is Status.INCONCLUSIVE
