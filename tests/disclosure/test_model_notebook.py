"""`sdc.model` and `sdc.model_table`: formulas, fitted objects that are fitted again, and what is refused."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import lifelines
import numpy as np
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import disclosure as sdc
from disclosure.check import check_lazy, judged, received
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.errors import BadInputError, IdentifierRefusedError, RecipeError, RefusedError
from disclosure.exchange.tabulation import Outcome
from disclosure.model.evidence_document import evidence_to_bytes
from disclosure.model.model_recipe import model_recipe, neighbour_merges, term_of, with_merged, without_term
from disclosure.model.recipes import LazySource, Recipe, Statistic, recipe_from_json
from disclosure.model.verdicts import RuleName, Status
from disclosure.ports import RegisteredFile
from disclosure.render import to_json
from disclosure.texts import language
from tests.disclosure.model_inputs import facts, failing_terms, figures, fitted, model_recipe_of, people
from tests.disclosure.support import UNIT, codebook, policy, rules
from tests.disclosure.tabulation_inputs import PERSONS, inputs


def test_a_model_of_a_frame_is_judged() -> None:
    out = sdc.model("income ~ hours + C(area)", people(), unit=UNIT)
    assert out.verdict.status is Status.SAFE
    shown = out.to_pandas()
    assert list(shown.index) == ["(constant)", "hours", "area=south", "area=west", "(model)"]
    assert shown.loc["hours", "coefficient"] == pytest.approx(12.5, abs=3)
    assert shown.loc["(model)", "n_units"] == 400
    assert out.recipe.option("formula") == "income ~ hours + C(area)"
    assert recipe_from_json(out.recipe.to_json().encode()) == out.recipe


def test_a_display_shows_the_figures_of_the_whole_model_in_a_table_of_their_own() -> None:
    out = sdc.model("income ~ hours + C(area)", people(), unit=UNIT)
    lines = repr(out).splitlines()
    place = lines.index("the model as a whole")
    assert lines[place + 1].split("  ") == ["figure", "n units", "r squared", "log likelihood"]
    assert lines[place + 2].split()[0] == "400"
    assert "n units" not in "".join(lines[:place])
    assert "(model)" not in repr(out)
    page = out._repr_html_()
    assert page.count("<table") == 2
    assert "<caption>the model as a whole</caption>" in page
    with language("nl"):
        assert "het model als geheel" in repr(out)
    assert list(out.to_pandas().index)[-1] == "(model)"


def test_a_table_of_models_names_the_whole_model_as_the_display_does() -> None:
    table = sdc.model_table(sdc.model("income ~ hours", people(), unit=UNIT))
    assert "the model as a whole" in repr(table)
    assert "(model)" not in repr(table) + table._repr_html_()


def test_what_fails_of_the_whole_model_is_withheld_there_too() -> None:
    frame = people()
    frame.loc[:5, "area"] = "harbour"
    out = sdc.model("income ~ hours + C(area)", frame, unit=UNIT)
    lines = repr(out).splitlines()
    assert set(lines[lines.index("the model as a whole") + 2].split()) == {"×"}
    below = out._repr_html_().split("the model as a whole</caption>")[1]
    assert below.split("</table>")[0].count('class="f"') == 3


def test_rare_categories_make_a_model_unsafe_and_nothing_is_shown() -> None:
    frame = people()
    frame.loc[:5, "area"] = "harbour"
    out = sdc.model("income ~ hours + C(area)", frame, unit=UNIT)
    assert out.verdict.status is Status.UNSAFE
    assert RuleName.SMALLEST_GROUP in rules(out)
    assert set(map(str, out.to_pandas().to_numpy().ravel())) <= {"×", "nan"}
    assert "▲" in repr(out)


def test_without_a_unit_a_model_is_inconclusive() -> None:
    assert sdc.model("income ~ hours", people()).verdict.status is Status.INCONCLUSIVE
    assert sdc.model("income ~ hours", people(), unit="nobody").verdict.status is Status.INCONCLUSIVE


def test_the_name_is_a_function_and_a_package_whichever_came_first() -> None:
    program = (
        "import disclosure as sdc, {first}\n"
        "import pandas as pd\n"
        "frame = pd.DataFrame({{'p': range(60), 'y': [i % 7 for i in range(60)], 'x': range(60)}})\n"
        "out = sdc.model('y ~ x', frame, unit='p')\n"
        "import disclosure.model.recipes\n"
        "assert out.verdict.status == 'safe' and sdc.model.recipes.Recipe is type(out.recipe)\n"
    )
    for first in ("disclosure.model.recipes", "disclosure.notebook.model", "sys"):
        ended = subprocess.run(
            [sys.executable, "-c", program.format(first=first)], capture_output=True, check=False, timeout=120
        )
        assert (ended.returncode, ended.stderr) == (0, b"")
    assert callable(sdc.model)
    assert importlib.import_module("disclosure.model").model_recipe is importlib.import_module(
        "disclosure.model.model_recipe"
    )


@pytest.mark.parametrize(
    "named",
    [
        {"family": "gamma"},
        {"covariance": "HC3"},
        {"cluster": ["area", "sex"]},
        {"weights": ["weight"]},
        {"event": "left"},
        {"absorb": "nothing"},
        {"cluster": "nothing"},
        {"policy": "nobody's"},
    ],
)
def test_arguments_that_make_no_sense_are_bad_input(named: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        sdc.model("income ~ hours", people(60), unit=UNIT, **named)


def test_a_formula_outside_the_grammar_and_a_column_that_is_not_there_are_bad_input() -> None:
    for formula in ("income ~ exp(hours)", "income ~ nothing", "nothing ~ hours", "income"):
        with pytest.raises(BadInputError):
            sdc.model(formula, people(60), unit=UNIT)
    with pytest.raises(BadInputError):
        sdc.model("income ~ hours", unit=UNIT)


def test_identifiers_are_no_regressors_and_may_group_without_being_shown() -> None:
    book = codebook(identifiers=("home",))
    for formula in ("income ~ home", "income ~ hours + C(home)", f"income ~ C({UNIT})"):
        with pytest.raises((IdentifierRefusedError, RecipeError)):
            sdc.model(formula, people(), unit=UNIT, codebook=book)
    out = sdc.model("income ~ hours", people(), unit=UNIT, codebook=book, cluster="home")
    assert out.recipe.other_units == (("home",),)
    assert "home" not in out.recipe.others
    absorbed = sdc.model("income ~ hours", people(), unit=UNIT, codebook=book, absorb="home")
    assert absorbed.recipe.other_units == (("home",),)


def test_the_unit_as_cluster_says_nothing_new() -> None:
    frame = people(100)
    plain, clustered = (sdc.model("income ~ hours", frame, unit=UNIT, cluster=one) for one in (None, UNIT))
    assert plain.recipe == clustered.recipe


# ------------------------------------------------------------------------------------------------------ fitted objects
FITTED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "ols": ("ols", "income ~ hours + C(area)", {}, {}),
    "ols HC1": ("ols", "np.log(income) ~ hours*C(sex) + I(age ** 2)", {}, {"cov_type": "HC1", "use_t": True}),
    "logit": ("logit", "works ~ hours + C(area, Treatment('west'))", {}, {"disp": 0}),
    "probit": ("probit", "works ~ hours - 1", {}, {"disp": 0}),
    "poisson": ("poisson", "visits ~ age", {}, {"disp": 0, "cov_type": "HC0"}),
    "glm logit": ("glm", "works ~ hours", {"family": sm.families.Binomial()}, {}),
    "glm poisson": ("glm", "visits ~ age + C(sex)", {"family": sm.families.Poisson()}, {}),
    "glm gaussian": ("glm", "income ~ age", {"family": sm.families.Gaussian()}, {}),
}


@pytest.mark.parametrize("name", FITTED)
def test_what_statsmodels_fitted_is_fitted_again(name: str) -> None:
    kind, formula, made, asked = FITTED[name]
    frame = people()
    result = getattr(smf, kind)(formula, frame, **made).fit(**asked)
    out = sdc.model(result, frame, unit=UNIT)
    assert out.verdict.status is Status.SAFE
    ours, errors = figures(out.table), figures(out.table, "standard_error")
    assert len(ours) == len(result.params)
    for value, spread in zip(sorted(result.params), sorted(result.bse), strict=True):
        assert min(abs(value - one) for one in ours.values() if np.isfinite(one)) <= 3e-4 * max(abs(value), spread)
        assert min(abs(spread - one) for one in errors.values() if np.isfinite(one)) <= 3e-3 * spread


def test_the_rows_that_count_are_those_of_the_frame_given() -> None:
    frame = people(100)
    result = smf.ols("income ~ hours", frame.assign(income=0.0)).fit()
    assert facts(sdc.model(result, frame, unit=UNIT).table) == facts(
        sdc.model("income ~ hours", frame, unit=UNIT).table
    )


@pytest.mark.parametrize("size", [99, 101])
def test_a_model_of_another_number_of_rows_than_the_frame_given_is_refused(size: int) -> None:
    result = smf.ols("income ~ hours", people(size)).fit()
    with pytest.raises(RefusedError, match="another number of rows"):
        sdc.model(result, people(100), unit=UNIT)


def test_hazards_that_statsmodels_fitted_need_their_event_named() -> None:
    frame = people()
    result = smf.phreg("months ~ hours", frame, status=frame.left).fit(disp=0)
    with pytest.raises(RecipeError):
        sdc.model(result, frame, unit=UNIT)
    assert sdc.model(result, frame, unit=UNIT, event="left").verdict.status is Status.SAFE


@pytest.mark.parametrize("formula", ["hours + C(area)", None])
def test_what_lifelines_fitted_is_fitted_again(formula: str | None) -> None:
    frame = people()[[UNIT, "months", "left", "hours", "age", "area"]]
    given = frame if formula is not None else frame[["months", "left", "hours", "age"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = lifelines.CoxPHFitter().fit(given, "months", "left", formula=formula)
    out = sdc.model(fitter, frame, unit=UNIT)
    assert out.verdict.status is Status.SAFE
    assert figures(out.table)["hours"] == pytest.approx(fitter.params_["hours"], rel=2e-4)
    assert figures(out.table, "standard_error")["hours"] == pytest.approx(fitter.standard_errors_["hours"], rel=2e-4)


def refused(thing: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        sdc.model(thing, people(60), unit=UNIT)
    return str(caught.value)


def test_what_shows_single_units_is_refused_with_what_is_safe() -> None:
    result = smf.ols("income ~ hours", people(60)).fit()
    influence = result.get_influence()
    for thing in (result.resid, result.fittedvalues, result.predict(), list(result.resid), influence.hat_matrix_diag):
        words = refused(thing)
        assert "coefficients" in words
        assert "binned scatter" in words
        assert str(round(float(np.asarray(thing)[0]), 3)) not in words


def test_a_fitted_object_of_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    frame = people(60)
    kaplan = lifelines.KaplanMeierFitter().fit(frame.months, frame.left)
    quantile = smf.quantreg("income ~ hours", frame).fit()
    gamma = smf.glm("income ~ hours", frame, family=sm.families.Gamma(sm.families.links.Log())).fit()
    regularized = smf.ols("income ~ hours", frame).fit_regularized()
    influence = smf.ols("income ~ hours", frame).fit().get_influence()
    for thing in (kaplan, quantile, gamma, regularized, influence, object(), 7, None, lambda: None):
        assert "Known" in refused(thing)


def test_a_fitted_object_that_a_refit_cannot_follow_is_bad_input() -> None:
    frame = people(60)
    plain = sm.OLS(frame.income, sm.add_constant(frame.hours)).fit()
    weighted = smf.wls("income ~ hours", frame, weights=frame.weight).fit()
    exposed = smf.poisson("visits ~ hours", frame, exposure=frame.age).fit(disp=0)
    odd = smf.ols("income ~ np.exp(hours / 100)", frame).fit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        columns = frame[["months", "left", "hours", "sex"]]
        penalized = lifelines.CoxPHFitter(penalizer=0.1).fit(columns, "months", "left")
        stratified = lifelines.CoxPHFitter().fit(columns, "months", "left", strata=["sex"])
    for thing in (plain, weighted, exposed, odd, penalized, stratified, lifelines.CoxPHFitter()):
        with pytest.raises(BadInputError):
            sdc.model(thing, frame, unit=UNIT)
    with pytest.raises(BadInputError, match="family"):
        sdc.model(smf.ols("income ~ hours", frame).fit(), frame, unit=UNIT, family="logit")
    book = codebook(weights=("weight",))
    out = sdc.model(weighted, frame, unit=UNIT, weights="weight", codebook=book, covariance="HC1")
    assert figures(out.table)["hours"] == pytest.approx(weighted.params["hours"], rel=2e-4)


# ------------------------------------------------------------------------------------------------------ several models
def test_models_side_by_side_are_their_outputs() -> None:
    frame = people()
    first = sdc.model("income ~ hours", frame, unit=UNIT)
    second = sdc.model("income ~ hours + C(area)", frame, unit=UNIT)
    both = sdc.model_table(first, second)
    assert (len(both), list(both), both.outputs) == (2, [first, second], (first, second))
    shown = both.to_pandas()
    assert list(shown.columns) == ["(1) income", "(2) income"]
    column = shown["(1) income"].to_dict()
    assert column["hours", "coefficient"] == first.to_pandas().to_dict()["coefficient"]["hours"]
    assert np.isnan(column["area=south", "coefficient"])
    assert shown.index[-1][0] == "(model)"
    assert "(1) ✓ Safe; (2) ✓ Safe" in repr(both)
    assert "<table" in both._repr_html_()
    # Each column has its name above it.
    assert "<th></th>" not in both._repr_html_()
    assert "<th>term</th>" in both._repr_html_()


def test_a_model_that_fails_stays_withheld_beside_one_that_passes() -> None:
    frame = people().assign(rare=[int(place < 3) for place in range(400)])
    both = sdc.model_table(
        sdc.model("income ~ hours", frame, unit=UNIT), sdc.model("income ~ hours + rare", frame, unit=UNIT)
    )
    assert set(both.to_pandas()["(2) income"]) == {sdc.WITHHELD}
    assert "(2) ▲ Unsafe" in repr(both)


@pytest.mark.parametrize(("less", "refused"), [(0, False), (1, True), (9, True), (10, False)])
def test_two_models_of_one_formula_differ_by_no_unit_or_by_enough(less: int, refused: bool) -> None:
    frame = people()
    first = sdc.model("income ~ hours", frame, unit=UNIT)
    second = sdc.model("income ~ hours", frame.iloc[less:], unit=UNIT)
    if not refused:
        assert len(sdc.model_table(first, second)) == 2
        return
    with pytest.raises(RefusedError, match="fewer units than the policy's minimum") as told:
        sdc.model_table(first, second)
    assert "same units" in str(told.value.hint)


def test_only_models_stand_side_by_side() -> None:
    table = sdc.table(people(), rows="area", unit=UNIT)
    for wrong in ((), (table,), ("income ~ hours",)):
        with pytest.raises(BadInputError):
            sdc.model_table(*wrong)


# ------------------------------------------------------------------------------------------------------------- remedies
def test_a_model_without_the_term_that_failed_is_another_recipe() -> None:
    by = policy(minimum_units=10)
    frame = people().assign(rare=[int(place < 3) for place in range(400)])
    table = fitted(frame, "income ~ hours + rare + hours:rare + C(area)", by)
    smaller = without_term(table.recipe, "rare")
    assert smaller.option("formula") == "income ~ hours + C(area)"
    assert smaller.narrow_columns == table.recipe.narrow_columns
    assert without_term(table.recipe, "hours:rare").option("formula") == "income ~ hours + rare + C(area)"
    assert without_term(table.recipe, "area=west").option("formula") == "income ~ hours + rare + hours:rare"
    for label in ("nothing", "(constant)", "(model)", "area"):
        with pytest.raises(RecipeError):
            without_term(table.recipe, label)


def test_merged_categories_are_one_dummy() -> None:
    by = policy(minimum_units=10)
    frame = people()
    frame.loc[:5, "area"] = "harbour"
    recipe = model_recipe_of('income ~ hours*C(area, "west")', by)
    merged = with_merged(recipe, "area", ("harbour", "north"))
    assert merged.option("formula") == (
        'income ~ hours + C(area, "west", merge("harbour", "north")) + hours:C(area, "west", merge("harbour", "north"))'
    )
    again = with_merged(merged, "area", ("harbour + north", "south"))
    assert 'merge("harbour", "north", "south")' in str(again.option("formula"))
    table = fitted(
        frame,
        str(with_merged(model_recipe_of("income ~ C(area)", by), "area", ("harbour", "north")).option("formula")),
        by,
    )
    assert "area=south" in figures(table)
    assert "area=harbour + north" not in figures(table)  # the first label, and so the reference
    replaced = frame.assign(area=frame.area.replace({"harbour": "harbour + north", "north": "harbour + north"}))
    assert figures(table) == figures(fitted(replaced, "income ~ C(area)", by))
    with pytest.raises(RecipeError):
        with_merged(recipe, "sex", ("1", "2"))


def test_neighbours_of_a_failing_category_are_merged_with_the_reference_too() -> None:
    by = policy(minimum_units=10)
    frame = people()
    frame.loc[:5, "area"] = "harbour"
    table = fitted(frame, "income ~ hours*C(area)", by)
    assert table.evidence is not None
    failing = failing_terms(table)
    found = neighbour_merges(table.recipe, table.evidence, failing)
    assert found[0][:2] == ("area", ("harbour", "north"))
    repaired = fitted(frame, str(found[0][2].option("formula")), by)
    assert repaired.verdict.status is Status.SAFE
    assert facts(repaired).references == (("area", "harbour + north"),)
    assert neighbour_merges(table.recipe, table.evidence, ()) == ()


def test_a_term_is_found_by_its_label_whatever_the_label_holds() -> None:
    formula = model_recipe(model_recipe_of("y ~ x*C(z) + C(z):C(w) + C(w) + log(v):C(w) + log(v)", policy())).formula
    for label, term in [
        ("x", "x"), ("z=a", "C(z)"), ("z=a:b", "C(z)"), ("x:z=a:b", "x:C(z)"), ("z=a:w=c", "C(z):C(w)"),
        ("log(v)", "log(v)"), ("log(v):w=a=b", "log(v):C(w)"),
    ]:  # fmt: skip
        assert str(term_of(formula, label)) == term


# ------------------------------------------------------------------------------------------------------ in the camp
def test_a_lazy_model_comes_out_of_the_sealed_worker_as_in_the_notebook(tmp_path: Path) -> None:
    made = inputs(tmp_path)
    source = LazySource(
        "SELECT pid, wijk, income, benefit, CAST(moved AS VARCHAR) AS day FROM Persons", (made.reference(),)
    )
    asked = [
        ({"family": "ols", "formula": "income ~ C(wijk)"}, "income", ("wijk",)),
        ({"absorb": "wijk", "family": "ols", "formula": "income ~ C(day)"}, "income", ("day", "wijk")),
        ({"family": "logit", "formula": "benefit ~ C(wijk)"}, "benefit", ("wijk",)),
    ]
    for options, value, others in asked:
        recipe = Recipe(
            source, Statistic.MODEL, made.policy.reference, value=value, unit=("pid",),
            options=tuple(sorted(options.items())), others=others,
        )  # fmt: skip
        job = made.job(recipe)
        result = made.run(job)
        assert result.outcome is Outcome.EVIDENCE, result.refusal
        there = judged(recipe, received(job, result), made.policy)
        files = {PERSONS: RegisteredFile(made.data_path(), made.reference().digest)}
        here = check_lazy(recipe, files, job.codebooks(), made.policy, DuckDBTabulator()).table
        assert there.evidence is not None
        assert here.evidence is not None
        assert evidence_to_bytes(there.evidence) == evidence_to_bytes(here.evidence)
        assert there.verdict == here.verdict
        assert to_json(there) == to_json(here)


def test_a_sealed_worker_refuses_an_identifier_as_a_term(tmp_path: Path) -> None:
    made = inputs(tmp_path)
    source = LazySource("SELECT pid, hid, income FROM Persons", (made.reference(),))
    recipe = Recipe(
        source, Statistic.MODEL, made.policy.reference, value="income", unit=("pid",),
        options=(("family", "ols"), ("formula", "income ~ C(hid)")), others=("hid",),
    )  # fmt: skip
    result = made.run(made.job(recipe))
    assert result.outcome is Outcome.REFUSED
    assert b"h007" not in made.result_path.read_bytes()
