"""Models: degrees of freedom, the smallest group, and models that are tables of means.

Every bound is strict: at equality a model passes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from disclosure.assess import tabulation_plan
from disclosure.engines.door import narrow_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.errors import ColumnError, DataError, IdentifierRefusedError, RecipeError
from disclosure.knowledge import Knowledge
from disclosure.model.codebooks import Column
from disclosure.model.evidence import Evidence
from disclosure.model.model_facts import model_facts
from disclosure.model.verdicts import RuleName, Status
from disclosure.policy import load_policy
from disclosure.rules import OTHER_UNITS, SMALLEST_GROUP
from disclosure.rules.base import Judged
from tests.disclosure.model_inputs import counts, facts, failing_terms, figures, fitted, model_recipe_of, people
from tests.disclosure.support import ABSENT, UNIT, codebook, policy, rules, shown, status

DF, GROUP, SATURATED = RuleName.DEGREES_OF_FREEDOM, RuleName.SMALLEST_GROUP, RuleName.SATURATED_MODEL
QUIET = policy()
TEN = policy(minimum_units=10)


def line(size: int, *, rows: int = 1, seed: int = 3) -> pd.DataFrame:
    """Return units with a number each that nothing is wrong with, and a response."""
    chance = np.random.default_rng(seed)
    unit = np.repeat(np.arange(size), rows)
    x = chance.normal(size=size * rows).round(3)
    return pd.DataFrame({UNIT: unit, "x": x, "y": (x + chance.normal(size=size * rows)).round(3)})


# ------------------------------------------------------------------------------------------------- degrees of freedom
@pytest.mark.parametrize(("size", "passes"), [(12, True), (11, False)])
def test_units_less_parameters_reach_the_minimum(size: int, passes: bool) -> None:
    table = fitted(line(size), "y ~ x", policy(minimum_df=10))
    assert facts(table).degrees_of_freedom == size - 2
    assert (DF not in rules(table)) is passes


def test_rows_are_not_units() -> None:
    table = fitted(line(11, rows=30), "y ~ x", policy(minimum_df=10))
    assert facts(table).rows == 330
    assert DF in rules(table)


def test_rows_that_stand_twice_help_nobody() -> None:
    frame = line(11)
    doubled = pd.concat([frame] * 9)
    table = fitted(doubled, "y ~ x", policy(minimum_df=10))
    assert facts(table).units == 11
    assert DF in rules(table)
    assert figures(table) == figures(fitted(frame, "y ~ x", policy(minimum_df=10)))


@pytest.mark.parametrize(("groups", "passes"), [(29, True), (30, False)])
def test_absorbed_effects_are_parameters(groups: int, passes: bool) -> None:
    frame = line(40).assign(job=[place % groups for place in range(40)])
    twice = pd.concat([frame, frame.assign(x=frame.x + 1, y=frame.y * 2)])  # no effect is one unit's row alone
    table = fitted(twice, "y ~ x", policy(minimum_df=10), absorb="job")
    assert facts(table).absorbed == groups
    assert (DF not in rules(table)) is passes


def test_effects_of_the_unit_itself_leave_no_degrees_of_freedom() -> None:
    table = fitted(line(300, rows=4), "y ~ x", policy(minimum_df=10), absorb=UNIT)
    assert facts(table).degrees_of_freedom == -1
    assert rules(table) == {DF}


@pytest.mark.parametrize(("clusters", "passes"), [(12, True), (11, False)])
def test_fewer_clusters_than_units_count_in_their_place(clusters: int, passes: bool) -> None:
    frame = line(200).assign(area=[place % clusters for place in range(200)])
    table = fitted(frame, "y ~ x", policy(minimum_df=10), cluster="area")
    assert facts(table).clusters == clusters
    assert (DF not in rules(table)) is passes


def test_the_unit_can_be_the_cluster_and_is_so_by_default() -> None:
    frame = line(60, rows=3)
    assert figures(fitted(frame, "y ~ x", QUIET, cluster=UNIT), "standard_error") == figures(
        fitted(frame, "y ~ x", QUIET), "standard_error"
    )
    assert facts(fitted(frame, "y ~ x", QUIET)).clusters == 60


# ----------------------------------------------------------------------------------------------------- smallest group
def with_dummy(ones: int, size: int = 100) -> pd.DataFrame:
    return line(size).assign(d=[int(place < ones) for place in range(size)])


@pytest.mark.parametrize(("ones", "passes"), [(10, True), (9, False), (1, False), (90, True), (91, False)])
def test_a_dummy_and_its_complement_have_the_minimum_of_units(ones: int, passes: bool) -> None:
    table = fitted(with_dummy(ones), "y ~ x + d", TEN)
    assert (GROUP not in rules(table)) is passes
    assert passes or "d" in failing_terms(table, GROUP)
    assert (counts(table, "nonzero")["d"], counts(table, "zero")["d"]) == (ones, 100 - ones)


def test_units_count_in_a_dummy_and_rows_do_not() -> None:
    frame = pd.concat([with_dummy(9)] * 5)
    assert "d" in failing_terms(fitted(frame, "y ~ x + d", TEN), GROUP)


def test_a_dummy_that_changes_over_time_counts_every_unit_that_had_it() -> None:
    frame = line(40, rows=2)
    frame["later"] = [place % 2 for place in range(80)]
    table = fitted(frame, "y ~ x + later", TEN)
    assert (counts(table, "nonzero")["later"], counts(table, "zero")["later"]) == (40, 40)
    assert status(table) is Status.SAFE


@pytest.mark.parametrize(("size", "passes"), [(10, True), (9, False)])
@pytest.mark.parametrize("reference", ["a", "b"])
def test_a_category_has_the_minimum_of_units_the_reference_too(size: int, reference: str, passes: bool) -> None:
    frame = line(60).assign(z=["a"] * size + ["b"] * (60 - size))
    table = fitted(frame, f'y ~ x + C(z, "{reference}")', TEN)
    assert (GROUP not in rules(table)) is passes


@pytest.mark.parametrize(("both", "passes"), [(10, True), (9, False)])
def test_a_product_of_categories_has_the_minimum_of_units(both: int, passes: bool) -> None:
    cells = [("1", "1")] * both + [("1", "2")] * 20 + [("2", "1")] * 20 + [("2", "2")] * 20
    frame = line(len(cells)).assign(a=[a for a, _ in cells], b=[b for _, b in cells])
    table = fitted(frame, 'y ~ x + C(a, "2")*C(b, "2")', TEN)
    assert (GROUP not in rules(table)) is passes
    assert counts(table, "nonzero")["a=1:b=1"] == both


@pytest.mark.parametrize(("nonzero", "passes"), [(10, True), (9, False)])
@pytest.mark.parametrize("form", ["v", "log1p(v)", "sqrt(v)", "I(v ** 2)"])
def test_a_number_that_is_zero_for_nearly_all_is_a_dummy_in_disguise(nonzero: int, passes: bool, form: str) -> None:
    frame = line(80).assign(v=[place + 1 if place < nonzero else 0 for place in range(80)])
    assert (GROUP not in rules(fitted(frame, f"y ~ x + {form}", TEN))) is passes


@pytest.mark.parametrize(("differing", "passes"), [(10, True), (9, False)])
def test_a_number_that_is_the_same_for_nearly_all_isolates_the_others(differing: int, passes: bool) -> None:
    frame = line(80).assign(v=[1000 + place if place < differing else 37 for place in range(80)])
    table = fitted(frame, "y ~ x + v", TEN)
    assert counts(table, "differing")["v"] == differing
    assert (GROUP not in rules(table)) is passes


@pytest.mark.parametrize(("few", "passes"), [(10, True), (9, False), (3, False), (1, False)])
def test_two_terms_that_differ_for_few_units_isolate_them(few: int, passes: bool) -> None:
    frame = line(80)
    frame["other"] = frame.x + [1.0 if place < few else 0.0 for place in range(80)]
    table = fitted(frame, "y ~ x + other", TEN)
    assert counts(table, "alone")["other"] == few
    assert (GROUP not in rules(table)) is passes
    assert passes or {"x", "other"} <= failing_terms(table, GROUP)


@pytest.mark.parametrize(("outlier", "passes"), [(20, True), (600, False)])
def test_a_unit_that_holds_nearly_all_of_a_term_is_isolated_by_it(outlier: int, passes: bool) -> None:
    frame = line(100).assign(v=lambda one: one.x * one.y)
    frame.loc[7, "v"] = outlier
    table = fitted(frame, "y ~ x + v", policy(minimum_units=2))
    assert (GROUP not in rules(table)) is passes
    assert (counts(table, "alone")["v"] == 1) is not passes


@pytest.mark.parametrize(("share", "passes"), [(0.495, True), (0.505, False), (0.985, False)])
def test_one_unit_holds_at_most_half_of_what_a_term_varies(share: float, passes: bool) -> None:
    """An outlier at a distance D from n others with the sum of squares S holds D²n/(n + 1) of its sum with S."""
    others = np.random.default_rng(9).normal(size=400).round(6)
    squares = float(((others - others.mean()) ** 2).sum())
    # With the constant the outlier's leverage is 1/n more: the direction is chosen in the space of both.
    far = others.mean() + np.sqrt((share - 1 / 401) / (1 - share) * squares * 401 / 400)
    frame = line(401).assign(v=np.round([*others, far], 6))
    table = fitted(frame, "y ~ v", policy(minimum_units=2))
    assert (GROUP not in rules(table)) is passes
    assert passes or failing_terms(table, GROUP) >= {"v"}


@pytest.mark.parametrize(("units", "share", "passes"), [(9, 0.94, True), (9, 0.988, False), (10, 0.988, True)])
def test_fewer_units_than_the_minimum_hold_at_most_nineteen_twentieths(units: int, share: float, passes: bool) -> None:
    values = np.random.default_rng(9).normal(size=400).round(6)
    values[units:] -= values[units:].mean()
    rest = float((values[units:] ** 2).sum())
    values[:units] = np.sqrt(share / (1 - share) * rest / units) * (-1) ** np.arange(units)
    table = fitted(line(400).assign(v=values.round(6)), "y ~ v", TEN)
    assert (GROUP not in rules(table)) is passes


@pytest.mark.parametrize(
    ("units", "far", "passes"),
    [(2, 20.0, True), (2, 23.0, False), (3, 25.0, True), (3, 28.0, False), (4, 32.0, True), (4, 35.0, False)],
)
def test_each_further_unit_may_hold_half_of_what_the_others_leave(units: int, far: float, passes: bool) -> None:
    """Two at 20 hold 73% of what the column varies, three at 25 hold 86%, and four at 32 hold 93%."""
    values = np.random.default_rng(9).normal(size=300).round(6)
    values[:units] += [far, -far, far, -far][:units]
    table = fitted(line(300).assign(v=values), "y ~ v", TEN)
    assert (GROUP not in rules(table)) is passes


def test_powers_that_tell_a_rare_value_apart_isolate_it() -> None:
    frame = line(80).assign(v=[3 if place < 4 else 1 + place % 2 for place in range(80)])
    assert GROUP not in rules(fitted(frame, "y ~ x + v", TEN))
    assert GROUP in rules(fitted(frame, "y ~ x + v + I(v ** 2)", TEN))


def test_with_absorbed_effects_only_groups_with_a_difference_count() -> None:
    frame = line(200).assign(job=[place % 20 for place in range(200)])
    frame["d"] = [int(place % 20 < 10) for place in range(200)]
    frame.loc[[0], "d"] = 0  # nine colleagues have it: of all others it is their job's effect
    table = fitted(frame, "y ~ x + d", policy(minimum_units=11), absorb="job")
    assert (counts(table, "nonzero")["d"], counts(table, "zero")["d"]) == (9, 1)
    assert "d" in failing_terms(table, GROUP)


@pytest.mark.parametrize(("few", "passes"), [(10, True), (9, False)])
def test_a_response_that_is_the_same_for_nearly_all_fails_every_term(few: int, passes: bool) -> None:
    frame = line(80).assign(fine=[100 + place if place < few else 0 for place in range(80)])
    table = fitted(frame, "fine ~ x", TEN)
    assert (GROUP not in rules(table)) is passes
    assert passes or failing_terms(table, GROUP) == {"(constant)", "x", "(model)"}


@pytest.mark.parametrize(("few", "passes"), [(10, True), (9, False)])
def test_an_event_of_few_units_fails_a_cox_model(few: int, passes: bool) -> None:
    frame = people(120).assign(left=[int(place < few) for place in range(120)])
    table = fitted(frame, "months ~ hours", TEN, family="cox", event="left")
    assert facts(table).outcome_units == few
    assert (GROUP not in rules(table)) is passes


# --------------------------------------------------------------------------------------------------- saturated models
def groups(**values: list[float]) -> pd.DataFrame:
    rows = [(name, value) for name, own in values.items() for value in own]
    frame = pd.DataFrame(rows, columns=["z", "y"])
    return frame.assign(**{UNIT: range(len(frame))})


def spread(size: int) -> list[float]:
    return [100.0 + place for place in range(size)]


@pytest.mark.parametrize(("size", "passes"), [(10, True), (9, False)])
def test_a_saturated_model_is_a_table_of_means(size: int, passes: bool) -> None:
    table = fitted(groups(a=spread(30), b=spread(size)), "y ~ C(z)", TEN)
    assert facts(table).saturated
    assert facts(table).smallest_cell == size
    assert (SATURATED not in rules(table)) is passes


def test_the_constant_alone_is_the_overall_mean() -> None:
    assert status(fitted(line(12), "y ~ 1", TEN)) is Status.SAFE
    assert SATURATED in rules(fitted(line(9), "y ~ 1", TEN))


@pytest.mark.parametrize(("largest", "passes"), [(900, True), (901, False)])
def test_no_unit_holds_more_than_half_of_a_cell(largest: int, passes: bool) -> None:
    by = policy(dominance=[[1, 50]])
    table = fitted(groups(a=spread(30), b=[100.0] * 9 + [largest]), "y ~ C(z)", by)
    assert (SATURATED not in rules(table)) is passes


def test_dominance_looks_at_the_total_of_a_unit() -> None:
    frame = groups(a=spread(30), b=[100.0] * 11 + [600, 600])
    frame.loc[frame.index[-1], UNIT] = frame.loc[frame.index[-2], UNIT]
    assert SATURATED in rules(fitted(frame, "y ~ C(z)", policy(dominance=[[1, 50]])))


def centred(size: int, *, seed: int = 4) -> list[float]:
    """Return numbers that nothing is wrong with and that add up to zero over every four."""
    drawn = np.random.default_rng(seed).normal(size=size // 4).round(3)
    return [sign * one for one in drawn for sign in (1.0, 1.0, -1.0, -1.0)]


@pytest.mark.parametrize(("more", "passes"), [(0, True), (1, False)])
def test_no_unit_holds_more_than_half_of_the_total_of_a_model_that_is_no_table(more: int, passes: bool) -> None:
    """With a centred regressor the constant is the mean of all: so no rule of totals is left out for a slope."""
    frame = groups(a=[*spread(39), sum(spread(39)) + more]).assign(x=centred(40))
    table = fitted(frame, "y ~ x", policy(dominance=[[1, 50]]))
    assert not facts(table).saturated
    assert (SATURATED not in rules(table)) is passes


@pytest.mark.parametrize(("largest", "passes"), [(1900, True), (1901, False)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "formula", ["y ~ C(z) + x", 'y ~ C(z, "b") + x', "y ~ C(z) + x - 1", "y ~ d + x", "y ~ other + x"]
)
def test_each_group_of_a_dummy_obeys_dominance_beside_a_regressor_too(
    formula: str, weighted: bool, largest: int, passes: bool
) -> None:
    frame = groups(a=spread(40), b=[100.0] * 19 + [largest]).assign(x=centred(60), w=[1.0, 2.0] * 30)
    frame = frame.assign(d=(frame.z == "b").astype(int), other=[7 if one == "a" else 9 for one in frame.z])
    asked: dict[str, Any] = {"weights": "w", "codebook": codebook(weights=("w",))} if weighted else {}
    table = fitted(frame, formula, policy(dominance=[[1, 50]]), **asked)
    assert (SATURATED not in rules(table)) is passes


def test_what_a_dummy_and_an_added_regressor_give_away_is_the_total_of_the_group() -> None:
    frame = groups(a=spread(40), b=[*spread(19), 9.0]).assign(x=centred(60))
    found = {term: float(one) for term, one in figures(fitted(frame, "y ~ C(z) + x", QUIET)).items()}
    assert 20 * (found["(constant)"] + found["z=b"]) == pytest.approx(sum(spread(19)) + 9, rel=1e-4)


@pytest.mark.parametrize(("reference", "passes"), [(10, True), (9, False)])
def test_what_dummies_leave_over_is_a_group_as_well(reference: int, passes: bool) -> None:
    """Whether made by hand or by C(): the others' totals and that of all leave the reference's."""
    frame = groups(a=[0.0] * 20 + spread(reference), b=spread(40), c=spread(40))
    frame = frame.assign(
        x=np.random.default_rng(5).normal(size=len(frame)).round(3),
        sex=[0, 1] * (len(frame) // 2) + [1] * (len(frame) % 2),
    )
    frame = frame.assign(b=(frame.z == "b").astype(int), c=(frame.z == "c").astype(int))
    for formula in ("y ~ C(z) + x", "y ~ b + c + x", "y ~ sex + b + c + x"):
        assert (SATURATED not in rules(fitted(frame, formula, TEN))) is passes


@pytest.mark.parametrize(("nonzero", "passes"), [(10, True), (9, False)])
def test_labels_of_a_product_and_values_that_powers_tell_apart_are_groups(nonzero: int, passes: bool) -> None:
    sizes = {("0", "0"): 40, ("0", "1"): 40, ("1", "0"): 40}
    cells = [one for one, size in sizes.items() for _ in range(size)] + [("1", "1")] * 30
    frame = line(150).assign(a=[a for a, _ in cells], b=[b for _, b in cells])
    frame["y"] = [100.0 + place if place < 120 + nonzero else 0.0 for place in range(150)]
    assert (SATURATED not in rules(fitted(frame, "y ~ C(a)*C(b) + x", TEN))) is passes
    frame["v"] = [{"00": 0, "01": 0, "10": 2, "11": 1}[a + b] for a, b in cells]
    assert (SATURATED not in rules(fitted(frame, "y ~ v + I(v ** 2) + x", TEN))) is passes
    assert SATURATED not in rules(fitted(frame, "y ~ v + x", TEN))


@pytest.mark.parametrize(("events", "passes"), [(10, True), (9, False), (20, True), (21, False)])
@pytest.mark.parametrize("family", ["ols", "logit", "probit", "poisson"])
def test_events_and_their_complement_in_a_group_beside_a_regressor_are_counts(
    family: str, events: int, passes: bool
) -> None:
    frame = groups(a=[0.0, 1.0] * 20, b=[1.0] * events + [0.0] * (30 - events))
    frame = frame.assign(x=np.random.default_rng(7).normal(size=70).round(3), d=(frame.z == "b").astype(int))
    for formula in ("y ~ C(z) + x", "y ~ d + x"):
        table = fitted(frame, formula, TEN, family=family)
        assert facts(table).converged
        assert (SATURATED not in rules(table)) is passes


@pytest.mark.parametrize(("rest", "passes"), [(100, True), (99, False)])
def test_p_percent_and_pq_hold_in_a_group_beside_a_regressor(rest: int, passes: bool) -> None:
    frame = groups(a=spread(40), b=[1000, 500, rest, 0, 0, 0, 0, 0]).assign(x=centred(48))
    for by in (policy(p_percent=10), policy(pq=[10, 100])):
        assert (SATURATED not in rules(fitted(frame, "y ~ C(z) + x", by))) is passes


def test_equal_responses_of_a_group_beside_a_regressor_fail_where_the_policy_says_so() -> None:
    frame = groups(a=spread(40), b=[7.5] * 20).assign(x=centred(60))
    assert SATURATED in rules(fitted(frame, "y ~ C(z) + x", policy(constant="on")))
    assert SATURATED not in rules(fitted(frame, "y ~ C(z) + x", QUIET))


def test_a_cox_model_gives_no_total_away() -> None:
    frame = people(300)
    frame.loc[0, "months"] = 10 * frame.months.sum()
    table = fitted(frame, "months ~ hours + C(area)", policy(dominance=[[1, 50]]), family="cox", event="left")
    assert SATURATED not in rules(table)


@pytest.mark.parametrize(("rest", "passes"), [(100, True), (99, False)])
def test_p_percent_and_pq_hold_in_a_cell(rest: int, passes: bool) -> None:
    frame = groups(a=spread(30), b=[1000, 500, rest])
    for by in (policy(p_percent=10), policy(pq=[10, 100]), policy(pq=[5, 50])):
        assert (SATURATED not in rules(fitted(frame, "y ~ C(z)", by))) is passes


def test_equal_responses_in_a_cell_fail_where_the_policy_says_so() -> None:
    frame = groups(a=spread(30), b=[7.5] * 20)
    assert SATURATED in rules(fitted(frame, "y ~ C(z)", policy(constant="on")))
    assert SATURATED not in rules(fitted(frame, "y ~ C(z)", QUIET))


@pytest.mark.parametrize(("nonzero", "passes"), [(10, True), (9, False)])
def test_a_cell_has_the_minimum_of_nonzero_responses(nonzero: int, passes: bool) -> None:
    frame = groups(a=spread(30), b=[0.0] * 12 + spread(nonzero))
    assert (SATURATED not in rules(fitted(frame, "y ~ C(z)", TEN))) is passes


@pytest.mark.parametrize(("ones", "passes"), [(10, True), (9, False), (30, True), (31, False)])
@pytest.mark.parametrize("family", ["ols", "logit", "probit"])
def test_a_two_valued_response_on_dummies_is_a_table_of_rates(ones: int, passes: bool, family: str) -> None:
    frame = groups(a=[0.0] * 20 + [1.0] * 20, b=[1.0] * ones + [0.0] * (40 - ones))
    assert (SATURATED not in rules(fitted(frame, "y ~ C(z)", TEN, family=family))) is passes


@pytest.mark.parametrize(("ones", "passes"), [(36, True), (37, False)])
def test_rates_obey_group_disclosure(ones: int, passes: bool) -> None:
    frame = groups(a=[0.0] * 20 + [1.0] * 20, b=[1.0] * ones + [0.0] * (40 - ones))
    by = policy(group_disclosure=90)
    assert (SATURATED not in rules(fitted(frame, "y ~ C(z)", by))) is passes
    harmless = codebook(Column("y", not_disclosive=("1",)))
    assert SATURATED not in rules(fitted(frame, "y ~ C(z)", by, codebook=harmless))


def test_one_pattern_that_the_terms_tell_apart_is_a_cell_of_a_model_that_is_not_saturated() -> None:
    frame = line(60).assign(d=[int(place < 9) for place in range(60)])
    frame.loc[frame.d == 1, "x"] = 2.0  # with a dummy of their own, their common number says nothing of others
    table = fitted(frame, "y ~ x + d", policy(minimum_units=10))
    assert facts(table).cells == 1
    assert not facts(table).saturated
    assert SATURATED in rules(table)


def test_a_perfect_fit_fails() -> None:
    frame = line(60)
    frame["y"] = 3 * frame.x + 2
    table = fitted(frame, "y ~ x", QUIET)
    assert facts(table).perfect
    assert SATURATED in rules(table)
    assert all(np.isnan(one) for term, one in figures(table).items() if term != "(model)")


def test_a_response_that_never_changes_fails() -> None:
    assert SATURATED in rules(fitted(line(60).assign(y=5), "y ~ x", QUIET))


def test_as_many_terms_as_rows_fail() -> None:
    frame = line(12).assign(z=[f"{place % 11}" for place in range(12)])
    table = fitted(frame, "y ~ x + C(z)", QUIET)
    assert facts(table).perfect
    assert {SATURATED, DF} <= rules(table)


@pytest.mark.parametrize("family", ["logit", "probit"])
def test_prediction_without_error_fails(family: str) -> None:
    frame = line(60)
    frame["y"] = (frame.x > 0).astype(int)
    table = fitted(frame, "y ~ x", QUIET, family=family)
    assert not facts(table).converged
    assert SATURATED in rules(table)


@pytest.mark.parametrize("family", ["logit", "probit", "poisson"])
def test_a_group_in_which_the_outcome_never_happens_fails(family: str) -> None:
    frame = people(200)
    frame.loc[frame.area == "west", "works"] = 0
    table = fitted(frame, "works ~ hours + C(area)", QUIET, family=family)
    assert not facts(table).converged
    assert SATURATED in rules(table)


def test_a_group_without_events_fails_in_a_cox_model() -> None:
    frame = people(200)
    frame.loc[frame.area == "west", "left"] = 0
    assert SATURATED in rules(fitted(frame, "months ~ C(area)", QUIET, family="cox", event="left"))


# ------------------------------------------------------------------------------------------ what is shown, what is not
def test_where_one_term_fails_nothing_is_shown() -> None:
    table = fitted(with_dummy(9), "y ~ x + d", TEN)
    assert status(table) is Status.UNSAFE
    assert set(shown(table).values()) == {"withheld"}


def test_a_safe_model_shows_every_figure_in_few_digits() -> None:
    table = fitted(people(), "income ~ hours + C(area)", TEN)
    found = shown(table)
    assert status(table) is Status.SAFE
    assert all(len(text.lstrip("-0.").replace(".", "").replace("-", "")) <= 6 for text in found.values() if text)
    assert found["term=(model), figure=n_units"] == "400"


@pytest.mark.parametrize("name", ["minimum_units", "minimum_df", "dominance", "pq", "group_disclosure"])
def test_a_policy_that_lacks_a_key_makes_a_model_inconclusive(name: str) -> None:
    assert status(fitted(line(60), "y ~ x", policy(**{name: ABSENT}))) is Status.INCONCLUSIVE


def test_rows_with_a_missing_value_are_left_out_and_counted() -> None:
    frame = people(300)
    frame.loc[:49, "hours"] = None
    frame.loc[40:59, "income"] = np.nan
    table = fitted(frame, "income ~ hours", QUIET)
    assert (facts(table).rows, facts(table).missing_rows) == (240, 60)
    assert figures(table) == figures(fitted(frame.dropna(), "income ~ hours", QUIET))


def test_an_absorbed_effect_of_a_row_alone_is_left_out() -> None:
    frame = people(200).assign(job=[place if place < 20 else 100 + place % 5 for place in range(200)])
    table = fitted(frame, "income ~ hours", QUIET, absorb="job")
    assert (facts(table).lone_rows, facts(table).units, facts(table).absorbed) == (20, 180, 5)
    assert figures(table) == figures(fitted(frame[20:], "income ~ hours", QUIET, absorb="job"))


def test_nothing_is_left_if_every_row_has_an_effect_of_its_own() -> None:
    with pytest.raises(DataError):
        fitted(people(30), "income ~ hours", QUIET, absorb=UNIT)


def test_each_kind_of_unit_counts_behind_each_term() -> None:
    recipe = model_recipe_of("income ~ hours + rare", QUIET, cluster="home", other_units=(("home",),))
    frame = people(100).assign(rare=[int(place < 12) for place in range(100)])
    plan = tabulation_plan(recipe, QUIET, Knowledge())
    evidence = DuckDBTabulator().frame(recipe, narrow_frame(frame, recipe.narrow_columns), plan)
    assert isinstance(evidence, Evidence)
    found = model_facts(evidence)
    assert (found.units, found.clusters, found.further_units, found.degrees_of_freedom) == (100, 50, 50, 47)
    homes = dict(zip(map(str, evidence.cells()), evidence.other_units[0].n_units.tolist(), strict=True))
    assert homes["term=rare, figure=coefficient"] == 6
    assert homes["term=(model), figure=n_units"] == 50
    for size, fails in ((6, False), (7, True)):
        by = policy(minimum_units=size)
        judged = Judged(evidence, by, {}, recipe)
        assert (OTHER_UNITS.failing(judged) & SMALLEST_GROUP.failing(judged)).any() == fails


@pytest.mark.parametrize("name", ["cbs", "sacro", "abs"])
def test_every_built_in_policy_judges_models(name: str) -> None:
    assert status(fitted(people(), "income ~ hours + C(area)", load_policy(name))) is Status.SAFE
    assert status(fitted(with_dummy(9), "y ~ x + d", load_policy(name))) is Status.UNSAFE


# ------------------------------------------------------------------------------------------------------------ refusals
def test_an_identifier_is_no_term() -> None:
    with pytest.raises(RecipeError):
        fitted(people(60).assign(other=1), f"income ~ {UNIT}", QUIET)
    book = codebook(identifiers=("home",))
    for formula, absorb in (("income ~ home", None), ("income ~ C(home)", None), ("income ~ hours", "home")):
        with pytest.raises(IdentifierRefusedError):
            fitted(people(60), formula, QUIET, codebook=book, absorb=absorb)


def test_terms_that_follow_from_each_other_are_refused_by_name() -> None:
    frame = people(60).assign(twice=lambda one: one.hours * 2, always=1)
    with pytest.raises(RecipeError, match="'twice'"):
        fitted(frame, "income ~ hours + twice", QUIET)
    with pytest.raises(RecipeError, match="'always'"):
        fitted(frame, "income ~ hours + always", QUIET)


def test_a_term_that_does_not_vary_within_absorbed_effects_is_refused() -> None:
    with pytest.raises(RecipeError, match="'area=south'"):
        fitted(people(90), "income ~ hours + C(area)", QUIET, absorb="area")


@pytest.mark.parametrize(
    ("formula", "family", "column"),
    [
        ("income ~ hours", "logit", "income"),
        ("income ~ hours", "probit", "income"),
        ("hours ~ age", "poisson", "hours"),
        ("income ~ area", "ols", "area"),
        ("area ~ hours", "ols", "area"),
        ("income ~ log(zero)", "ols", "zero"),
        ("income ~ sqrt(below)", "ols", "below"),
        ("log(zero) ~ age", "ols", "zero"),
    ],
)
def test_a_column_that_its_place_cannot_take_is_refused_without_a_value(formula: str, family: str, column: str) -> None:
    frame = people(60).assign(zero=lambda one: one.age - one.age.min(), below=lambda one: one.age - 60.25)
    with pytest.raises(ColumnError) as caught:
        fitted(frame, formula, QUIET, family=family)
    assert not any(str(value) in str(caught.value) for value in ("60.25", frame.income[0]))


def test_times_and_events_of_a_cox_model_make_sense() -> None:
    frame = people(60)
    with pytest.raises(ColumnError):
        fitted(frame.assign(months=frame.months - 5), "months ~ hours", QUIET, family="cox", event="left")
    with pytest.raises(ColumnError):
        fitted(frame.assign(left=frame.left * 2), "months ~ hours", QUIET, family="cox", event="left")


def test_a_category_of_one_label_and_an_unknown_reference_are_refused() -> None:
    with pytest.raises(RecipeError):
        fitted(people(60).assign(area="north"), "income ~ C(area)", QUIET)
    with pytest.raises(RecipeError):
        fitted(people(60), 'income ~ C(area, "east")', QUIET)


def test_a_model_of_too_many_columns_is_refused() -> None:
    with pytest.raises(RecipeError):
        fitted(people(600), "income ~ C(home) + C(age)*C(home)", QUIET)


def test_weights_are_the_codebooks_or_none() -> None:
    frame = people(100)
    with pytest.raises(RecipeError, match="sampling weights"):
        fitted(frame, "income ~ hours", QUIET, weights="weight")
    table = fitted(frame, "income ~ hours", QUIET, weights="weight", codebook=codebook(weights=("weight",)))
    assert status(table) is Status.SAFE


def test_a_row_of_weight_zero_is_no_row_of_the_model() -> None:
    frame = people(100)
    book = codebook(weights=("weight",))
    frame.loc[:9, "weight"] = 0
    table = fitted(frame, "income ~ hours", QUIET, weights="weight", codebook=book)
    assert facts(table).units == 90


@pytest.mark.parametrize(
    ("formula", "asked"),
    [
        ("income ~ hours", {"family": "gamma"}),
        ("income ~ hours", {"covariance": "HC9"}),
        ("income ~ hours", {"event": "left"}),
        ("months ~ hours", {"family": "cox"}),
        ("months ~ hours - 1", {"family": "cox", "event": "left"}),
        ("months ~ 1", {"family": "cox", "event": "left"}),
        ("months ~ hours", {"family": "cox", "event": "left", "covariance": "HC1"}),
        ("log(months) ~ hours", {"family": "cox", "event": "left"}),
        ("works ~ hours", {"family": "logit", "absorb": "area"}),
        ("income ~ hours", {"absorb": "area + sex + age"}),
        ("income ~ 1", {"absorb": "area"}),
        ("income ~ hours - 1", {"absorb": "area"}),
        ("income ~ hours", {"cluster": "area", "covariance": "HC1"}),
        ("income ~ hours", {"cluster": "area + sex"}),
        ("income ~ hours", {"weights": "weight", "covariance": "nonrobust"}),
        ("income ~ hours + weight", {"weights": "weight"}),
    ],
)
def test_options_that_make_no_sense_are_bad_input(formula: str, asked: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        fitted(people(60), formula, QUIET, **asked)
