"""Models against references that none of us made: statsmodels' and lifelines' own formula interfaces on public data.

And against themselves: no order of rows, type, label of a unit, chunking or number of threads changes a rendered byte,
and the control zone judges what the notebook judges.
"""

from __future__ import annotations

import warnings
from typing import Any

import lifelines
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.datasets import load_rossi
from statsmodels.tools.sm_exceptions import SpecificationWarning

from disclosure.assess import assess
from disclosure.engines.cox import score_residuals
from disclosure.engines.isolation import patterns_of, resting_alone
from disclosure.engines.standard_columns import Basis, Columns
from disclosure.engines.within import absorbed_effects, within
from disclosure.knowledge import Knowledge
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_from_bytes, evidence_to_bytes
from disclosure.model.model_facts import FACT_NAMES, facts_from
from disclosure.model.parts import PART_SCHEMAS
from disclosure.model.recipes import recipe_from_json
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName
from disclosure.policy import Policy
from disclosure.render import to_csv, to_json
from tests.disclosure.model_inputs import counts, facts, figures, fitted, people
from tests.disclosure.public_data import public_data
from tests.disclosure.support import UNIT, codebook, policy, rules

QUIET = policy()
PUBLIC = {
    "wages": lambda: public_data("Wages1").query("7 < school < 15").assign(wage=lambda one: one.wage.round(6)),
    "mroz": lambda: public_data("Mroz").assign(part=lambda one: (one.work == "yes").astype(int)),
    "randhie": lambda: sm.datasets.randhie.load_pandas().data.round(6).iloc[::10],
    "vietnam": lambda: public_data("VietNamI").round(6).iloc[::10],
}


def public(name: str) -> pd.DataFrame:
    frame: pd.DataFrame = PUBLIC[name]().reset_index(drop=True)  # type: ignore[no-untyped-call]
    return frame.assign(**{UNIT: range(len(frame))})


def named(name: str) -> str:
    """Return our name of a term that patsy names."""
    if name == "Intercept":
        return "(constant)"
    parts = [
        part.replace("C(", "").replace(")[T.", "=").removesuffix("]").replace(")[", "=") for part in name.split(":")
    ]
    return ":".join(part if "=" in part else _number(part) for part in parts)


def _number(part: str) -> str:
    return part.replace("np.", "")


def close_to(table: JudgedTable, result: Any, *, errors: Any = None) -> None:
    """Compare coefficients and errors with those of a fitted object, term by term."""
    ours, our_errors = figures(table), figures(table, "standard_error")
    expected = {named(name): value for name, value in result.params.items()}
    assert set(ours) - {"(model)"} == set(expected)
    for name, value in expected.items():
        spread = float({named(one): value for one, value in (result.bse if errors is None else errors).items()}[name])
        assert our_errors[name] == pytest.approx(spread, rel=2e-4, abs=2e-6), name
        assert ours[name] == pytest.approx(float(value), rel=2e-4, abs=2e-4 * spread), name


def by_cluster(frame: pd.DataFrame, column: str = UNIT) -> dict[str, Any]:
    return {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(frame[column])[0]}}


# ------------------------------------------------------------------------------------------------------ linear models
@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("wages", "wage ~ exper + school + C(sex)"),
        ("wages", "np.log(wage) ~ exper + I(exper ** 2) + school*C(sex)"),
        ("wages", "wage ~ C(school)*C(sex)"),
        ("wages", "wage ~ C(sex) - 1"),
        ("wages", "wage ~ exper:C(sex) + C(sex)"),
        ("mroz", "income ~ educw + educh + C(city) + C(child6) + unemprate"),
        ("mroz", "hearnw ~ C(city):C(work) + C(city) + C(work)"),
        ("randhie", "mdvis ~ lncoins + idp + lpi + fmde + physlm + disea + hlthg + hlthf + hlthp"),
        ("vietnam", "lnhhexp ~ age + C(educ) + C(sex)*C(married) + illdays"),
    ],
)
@pytest.mark.parametrize("covariance", ["nonrobust", "HC0", "HC1", "cluster"])
def test_least_squares_as_statsmodels_has_it(name: str, formula: str, covariance: str) -> None:
    frame = public(name)
    robust = by_cluster(frame) if covariance == "cluster" else {"cov_type": covariance}
    result = smf.ols(formula, frame).fit(use_t=True, **robust)
    table = fitted(frame, formula, QUIET, covariance=covariance)
    close_to(table, result)
    assert figures(table, "r_squared")["(model)"] == pytest.approx(result.rsquared, abs=6e-5)
    assert figures(table, "log_likelihood")["(model)"] == pytest.approx(result.llf, rel=1e-4)
    for name_of, p in result.pvalues.items():
        assert figures(table, "p_value")[named(str(name_of))] == pytest.approx(p, abs=1e-4)
    for name_of, (low, _) in result.conf_int().iterrows():
        spread = result.bse[name_of]
        assert figures(table, "confidence_low")[named(str(name_of))] == pytest.approx(low, rel=2e-4, abs=1e-3 * spread)


def test_clusters_of_several_units() -> None:
    frame = public("vietnam")
    table = fitted(frame, "lnhhexp ~ age + illdays", QUIET, cluster="commune")
    close_to(table, smf.ols("lnhhexp ~ age + illdays", frame).fit(use_t=True, **by_cluster(frame, "commune")))
    assert facts(table).clusters == frame.commune.nunique()


@pytest.mark.parametrize("covariance", ["nonrobust", "HC1", "cluster"])
def test_absorbed_effects_are_dummies_that_are_not_shown(covariance: str) -> None:
    frame = public("vietnam")
    frame = frame[frame.commune < 60]
    robust = by_cluster(frame, "commune") if covariance == "cluster" else {"cov_type": covariance}
    result = smf.ols("lnhhexp ~ age + illdays + C(commune)", frame).fit(use_t=True, **robust)
    asked: dict[str, Any] = {"cluster": "commune"} if covariance == "cluster" else {"covariance": covariance}
    table = fitted(frame, "lnhhexp ~ age + illdays", QUIET, absorb="commune", **asked)
    for name in ("age", "illdays"):
        assert figures(table)[name] == pytest.approx(result.params[name], rel=2e-4)
        assert figures(table, "standard_error")[name] == pytest.approx(result.bse[name], rel=2e-4)
        assert figures(table, "p_value")[name] == pytest.approx(result.pvalues[name], abs=1e-4)
    assert facts(table).absorbed == frame.commune.nunique()
    assert "commune" not in str(figures(table))


def test_two_kinds_of_absorbed_effects() -> None:
    frame = public("vietnam")
    frame = frame[frame.commune < 40]
    result = smf.ols("lnhhexp ~ illdays + C(commune) + C(educ)", frame).fit()
    table = fitted(frame, "lnhhexp ~ illdays", QUIET, absorb="commune + educ", covariance="nonrobust")
    assert figures(table)["illdays"] == pytest.approx(result.params["illdays"], rel=2e-4)
    assert figures(table, "standard_error")["illdays"] == pytest.approx(result.bse["illdays"], rel=2e-4)


def test_sampling_weights_as_statsmodels_has_them() -> None:
    frame = people(500)
    table = fitted(frame, "income ~ hours + C(area)", QUIET, weights="weight", codebook=codebook(weights=("weight",)))
    result = smf.wls("income ~ hours + C(area)", frame, weights=frame.weight).fit(use_t=True, **by_cluster(frame))
    close_to(table, result)


# --------------------------------------------------------------------------------------------------- other likelihoods
@pytest.mark.parametrize(
    ("family", "maker", "name", "formula"),
    [
        ("logit", smf.logit, "mroz", "part ~ educw + agew + C(city) + child6 + I(experience ** 2)"),
        ("probit", smf.probit, "mroz", "part ~ educw + agew + C(city)*child6"),
        ("logit", smf.logit, "vietnam", "insurance ~ lnhhexp + age + C(sex)"),
        ("poisson", smf.poisson, "randhie", "mdvis ~ lncoins + idp + physlm + disea + hlthp"),
        ("poisson", smf.poisson, "vietnam", "pharvis ~ lnhhexp + age + C(sex) + illness"),
    ],
)
@pytest.mark.parametrize("covariance", ["nonrobust", "HC0", "cluster"])
def test_nonlinear_models_as_statsmodels_has_them(
    family: str, maker: Any, name: str, formula: str, covariance: str
) -> None:
    frame = public(name)
    robust = by_cluster(frame) if covariance == "cluster" else {"cov_type": covariance}
    result = maker(formula, frame).fit(disp=0, maxiter=100, **robust)
    table = fitted(frame, formula, QUIET, family=family, covariance=covariance)
    close_to(table, result)
    assert figures(table, "r_squared")["(model)"] == pytest.approx(result.prsquared, abs=6e-5)
    assert figures(table, "log_likelihood")["(model)"] == pytest.approx(result.llf, rel=1e-4)


@pytest.mark.parametrize(("family", "kind"), [("logit", sm.families.Binomial), ("poisson", sm.families.Poisson)])
def test_weighted_nonlinear_models_are_those_of_so_many_copies(family: str, kind: Any) -> None:
    frame = people(400).assign(copies=lambda one: (one.weight * 2).astype(int))
    response = {"logit": "works", "poisson": "visits"}[family]
    formula = f"{response} ~ hours + C(sex)"
    table = fitted(
        frame, formula, QUIET, family=family, weights="weight", covariance="HC0", codebook=codebook(weights=("weight",))
    )
    copied = frame.loc[frame.index.repeat(frame.copies)]
    result = smf.glm(formula, copied, family=kind()).fit(tol=1e-12)
    for name, value in result.params.items():
        assert figures(table)[named(name)] == pytest.approx(value, rel=2e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpecificationWarning)
        robust = smf.glm(formula, frame, family=kind(), var_weights=frame.weight).fit(cov_type="HC0", tol=1e-12)
    close_to(table, robust)


# ------------------------------------------------------------------------------------------------------------------ Cox
def rossi(*, ties: bool = True) -> pd.DataFrame:
    frame: pd.DataFrame = load_rossi()
    frame = frame.assign(**{UNIT: range(len(frame))})
    return frame if ties else frame.assign(week=frame.week + np.arange(len(frame)) / 1000)


def lifelines_fit(frame: pd.DataFrame, formula: str, **asked: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = lifelines.CoxPHFitter()
        return fitter.fit(frame, "week", "arrest", formula=formula, **asked)


def test_cox_as_lifelines_has_it() -> None:
    frame, formula = rossi(), "fin + age + race + wexp + mar + paro + prio"
    theirs = lifelines_fit(frame, formula)
    table = fitted(frame, f"week ~ {formula}", QUIET, family="cox", event="arrest", covariance="nonrobust")
    for name, value in theirs.params_.items():
        assert figures(table)[name] == pytest.approx(value, rel=2e-4, abs=1e-5)
        assert figures(table, "standard_error")[name] == pytest.approx(theirs.standard_errors_[name], rel=2e-4)
        assert figures(table, "p_value")[name] == pytest.approx(theirs.summary.p[name], abs=1e-4)
    assert figures(table, "log_likelihood")["(model)"] == pytest.approx(theirs.log_likelihood_, rel=1e-4)
    assert "(constant)" not in figures(table)
    assert facts(table).outcome_units == 114


def test_robust_errors_of_a_cox_model_without_ties_as_lifelines_has_them() -> None:
    frame, formula = rossi(ties=False), "fin + age + prio"
    theirs = lifelines_fit(frame, formula, robust=True)
    table = fitted(frame, f"week ~ {formula}", QUIET, family="cox", event="arrest")
    for name in theirs.params_.index:
        assert figures(table, "standard_error")[name] == pytest.approx(theirs.standard_errors_[name], rel=2e-4)


def test_score_residuals_add_up_to_the_score_with_any_ties() -> None:
    frame = rossi()
    matrix = frame[["fin", "age", "prio"]].to_numpy(dtype=np.float64)
    times, event = frame.week.to_numpy(dtype=np.float64), frame.arrest.to_numpy(dtype=np.int64)
    from statsmodels.duration.hazard_regression import PHReg

    model = PHReg(times, matrix, status=event.astype(float), ties="efron")
    for coefficients in (np.zeros(3), np.array([-0.3, -0.05, 0.1])):
        ours = score_residuals(times, event, matrix, coefficients).sum(axis=0)
        assert ours == pytest.approx(model.score(coefficients), rel=1e-9)


# --------------------------------------------------------------------------------------------- slow, obvious references
def slow_within(column: np.ndarray, groups: list[np.ndarray]) -> np.ndarray:
    dummies = np.column_stack([(group[:, None] == np.unique(group)[None, :]).astype(float) for group in groups])
    left: np.ndarray = column - dummies @ np.linalg.lstsq(dummies, column, rcond=None)[0]
    return left


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 2))
def test_absorbing_is_a_regression_on_dummies(seed: int, kinds: int) -> None:
    chance = np.random.default_rng(seed)
    groups = [np.unique(chance.integers(0, 5, 30), return_inverse=True)[1].astype(np.int64) for _ in range(kinds)]
    column = chance.normal(size=30)
    found = within(column[:, None], tuple(groups), None)
    assert found is not None
    assert found[:, 0] == pytest.approx(slow_within(column, groups), abs=1e-8)
    dummies = np.column_stack([(group[:, None] == np.unique(group)[None, :]).astype(float) for group in groups])
    assert absorbed_effects(tuple(groups)) == np.linalg.matrix_rank(dummies)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 12)), min_size=12, max_size=60),
    st.integers(2, 6),
)
def test_groups_and_cells_against_a_plain_count(rows: list[tuple[str, str, int]], minimum: int) -> None:
    frame = pd.DataFrame(rows, columns=["z", "w", UNIT]).assign(
        y=np.random.default_rng(len(rows)).normal(size=len(rows))
    )
    frame["y"] = frame.y.round(4) + frame[UNIT]
    if frame.z.nunique() < 2:
        return
    by = policy(minimum_units=minimum)
    table = fitted(frame, "y ~ C(z)", by)
    units = frame.groupby("z")[UNIT].nunique()
    expected = any(0 < int(one) < minimum for one in units)
    assert facts(table).cells == facts(table).patterns == len(units)
    assert facts(table).smallest_cell == int(units.min())
    assert (RuleName.SATURATED_MODEL in rules(table)) >= expected
    for label in sorted(units.index)[1:]:
        assert counts(table, "nonzero")[f"z={label}"] == int(units[label])
        assert counts(table, "zero")[f"z={label}"] == frame[frame.z != label][UNIT].nunique()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_an_isolated_set_is_found_whatever_hides_it(seed: int, size: int) -> None:
    chance = np.random.default_rng(seed)
    inside = np.zeros(150)
    inside[chance.choice(150, size, replace=False)] = 1.0
    smooth = np.column_stack([np.ones(150), chance.normal(size=(150, 3))])
    mixed = np.column_stack([smooth, inside + smooth @ chance.normal(size=4)])
    found = resting_alone(Basis.spanning(Columns.unchanged(mixed)), np.arange(150))
    # Of a set of two, one of them has half of it, and the half is more with what else there is.
    assert size in {one.units for one in found}
    assert size == 2 or min(one.units for one in found) == size
    assert all(one.columns[4] for one in found if one.units <= size)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, -1.0, 2.5, 1e9, 1e-6])] * 3), min_size=1, max_size=30))
def test_patterns_are_distinct_rows(rows: list[tuple[float, float, float]]) -> None:
    numbers = patterns_of(np.array(rows))
    assert len(set(numbers.tolist())) == len(set(rows))
    assert all(
        (one == other) == (a == b)
        for one, a in zip(rows, numbers, strict=True)
        for other, b in zip(rows, numbers, strict=True)
    )


# ----------------------------------------------------------------------------------------------- the same in every form
MODELS: list[tuple[str, dict[str, Any]]] = [
    ("income ~ hours*C(area) + I(age ** 2) + C(sex)", {}),
    ("income ~ hours + age", {"absorb": "home"}),
    ("works ~ hours + C(area)", {"family": "logit"}),
    ("works ~ hours + C(area)", {"family": "probit", "covariance": "HC1"}),
    ("visits ~ age + C(sex)", {"family": "poisson", "cluster": "area"}),
    ("months ~ hours + C(area)", {"family": "cox", "event": "left"}),
]


def rendered(table: JudgedTable) -> tuple[bytes, bytes]:
    return to_json(table), to_csv(table)


@pytest.mark.parametrize(("formula", "asked"), MODELS)
def test_no_form_of_the_rows_changes_a_byte(formula: str, asked: dict[str, Any]) -> None:
    frame = people(300)
    expected = rendered(fitted(frame, formula, QUIET, **asked))
    shuffled = frame.sample(frac=1, random_state=7)
    typed = frame.astype({"sex": "float64", "age": "float64", "area": "category", "left": "bool", "visits": "Int64"})
    renamed = frame.assign(**{UNIT: [f"q{place * 7919 % 300:04d}" for place in range(300)]})
    whole = pa.Table.from_pandas(frame, preserve_index=False)
    chunked = pa.concat_tables([whole.slice(0, 11), whole.slice(11, 200), whole.slice(211)])
    for other in (shuffled, typed, renamed, chunked):
        assert rendered(fitted(other, formula, QUIET, **asked)) == expected
    for threads in (1, 3):
        assert rendered(fitted(shuffled, formula, QUIET, threads=threads, **asked)) == expected


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_no_order_of_rows_changes_a_digit_of_badly_scaled_columns(seed: int) -> None:
    chance = np.random.default_rng(seed)
    frame = people(80, seed=seed).assign(
        money=chance.integers(10**8, 10**9, 80), tiny=(chance.random(80) / 1000).round(6)
    )
    formula = "income ~ money + I(money ** 2) + tiny + C(area)"
    shuffled = frame.sample(frac=1, random_state=seed)
    assert rendered(fitted(frame, formula, QUIET)) == rendered(fitted(shuffled, formula, QUIET))


@pytest.mark.parametrize(("formula", "asked"), MODELS)
def test_the_control_zone_judges_what_the_notebook_judges(formula: str, asked: dict[str, Any]) -> None:
    for by in (QUIET, policy(minimum_units=120)):
        here = fitted(people(300), formula, by, **asked)
        assert here.evidence is not None
        there = _judged_again(here, by)
        assert there.verdict == here.verdict
        assert rendered(there) == rendered(here)


def _judged_again(table: JudgedTable, by: Policy) -> JudgedTable:
    assert isinstance(table.evidence, Evidence)
    document = evidence_to_bytes(table.evidence)
    assert evidence_to_bytes(evidence_from_bytes(document)) == document
    return assess(recipe_from_json(table.recipe.to_json().encode()), evidence_from_bytes(document), by, Knowledge())


def test_the_facts_of_a_model_have_one_spelling() -> None:
    assert PART_SCHEMAS["model"].facts == FACT_NAMES
    own = facts(fitted(people(60), "works ~ C(area)", QUIET)).to_facts()
    assert facts_from(own).to_facts() == own
    from disclosure.errors import RecipeError

    for name, text in [("units", "-1"), ("units", "060"), ("perfect", "maybe"), ("cell_rest", "1/0"), ("cells", "")]:
        with pytest.raises(RecipeError):
            facts_from(own | {name: text})
    with pytest.raises(RecipeError):
        facts_from({name: text for name, text in own.items() if name != "units"})
