"""Case 7: which of the young who no longer go to school left it without a qualification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from tests.workspace.cases.conftest import City, Ran

KEY, HOME = "RINPERSOON", "RINPERSOONHKW"
LAST_DAY = pd.Timestamp("2022-12-31")
NAME = "unqualified-model"
TERMS = ("single_parent", "low_income", "woman")
FORMULA = "unqualified ~ single_parent + low_income + woman"


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(7)


@pytest.fixture(scope="module")
def young(city: City) -> Any:
    """All of 18 to 23 who live with their parents, with what the model has of them; by pandas."""
    spells, activity = city.read("GBAHUISHOUDENSBUS"), city.read("SECMBUS")
    homes = spells[spells["DATUMEINDEHH"] >= LAST_DAY][[KEY, "TYPHH", "PLHH"]]
    found = city.read("KOPPELPERSOONHUISHOUDEN", 2022)[[KEY, HOME]].merge(homes, on=KEY)
    found = found.merge(activity[activity["EINDSECM"] >= LAST_DAY][[KEY, "SECM"]], on=KEY)
    for name, year, key in (("GBAPERSOONTAB", None, KEY), ("HOOGSTEOPLTAB", 2022, KEY), ("INHATAB", 2022, HOME)):
        found = found.merge(city.read(name, year).drop(columns=["RINPERSOONS", "year"], errors="ignore"), on=key)
    parents = city.read("KINDOUDERTAB").set_index(KEY)[["RINPERSOONpa", "RINPERSOONma"]]
    defaults = parents.isin(set(city.read("WANBZVWTAB", 2022)[KEY])).any(axis=1)
    found = found[(found["PLHH"] == "1") & (2022 - found["GBAGEBOORTEJAAR"]).between(18, 23)]
    flags = pd.DataFrame({
        "unqualified": (found["OPLNIVEAU"] == "1") & (found["SECM"] != "26"),
        "single_parent": found["TYPHH"] == "6",
        "low_income": found["INHARMLAG"] < 100,
        "premium_default": found[KEY].map(defaults),
        "woman": found["GBAGESLACHT"] == "2",
        "studies": found["SECM"] == "26",
    })  # fmt: skip
    return flags.astype(float)


@pytest.fixture(scope="module")
def fitted(young: Any) -> Any:
    return smf.logit(FORMULA, young[young["studies"] == 0]).fit(disp=0, cov_type="HC1")


def test_the_model_is_that_of_statsmodels(ran: Ran, fitted: Any) -> None:
    assert ran.figure(NAME, term="(model)", figure="n_units") == fitted.nobs
    for term in TERMS:
        found = ran.figure(NAME, term=term, figure="coefficient")
        assert found == pytest.approx(fitted.params[term], rel=1e-4)
        assert ran.figure(NAME, term=term, figure="standard_error") == pytest.approx(fitted.bse[term], rel=0.01)
        assert ran.figure(NAME, term=term, figure="odds_ratio") == pytest.approx(np.exp(found), rel=1e-3)


def test_odds_are_those_that_the_generator_put_in(ran: Ran, city: City) -> None:
    put_in = city.truth["school_leavers"]["coefficients"]
    for term in TERMS:
        error = ran.figure(NAME, term=term, figure="standard_error")
        assert abs(ran.figure(NAME, term=term, figure="coefficient") - put_in[term]) < 2.5 * error, term


def test_to_leave_out_who_is_at_school_changes_the_constant_only(ran: Ran, city: City, young: Any) -> None:
    qualified = young[young["unqualified"] == 0]
    shift = -np.log(1 - qualified["studies"].mean())
    put_in, error = city.truth["school_leavers"]["coefficients"]["intercept"], 0.21
    assert abs(ran.figure(NAME, term="(constant)", figure="coefficient") - (put_in + shift)) < 2.5 * error
    everybody = smf.logit(FORMULA, young).fit(disp=0)
    for term in TERMS:
        assert abs(ran.figure(NAME, term=term, figure="coefficient") - everybody.params[term]) < everybody.bse[term]


@pytest.mark.parametrize(("output", "column"), [
    ("unqualified-by-family", "single_parent"), ("unqualified-by-income", "low_income"),
])  # fmt: skip
def test_shares_are_those_of_the_files(ran: Ran, young: Any, output: str, column: str) -> None:
    for value, share in young[young["studies"] == 0].groupby(column)["unqualified"].mean().items():
        assert ran.figure(output, **{column: str(int(value))}) == pytest.approx(share, abs=1e-6)


def test_a_term_with_too_few_is_dropped(ran: Ran, young: Any) -> None:
    few = young[(young["premium_default"] == 1) & (young["unqualified"] == 1)]
    assert 0 < len(few) < 10
    assert "full model: unsafe | saturated_model" in ran.printed
    assert "- drop_term | loses:" in ran.printed
    assert {one["cell"]["term"] for one in ran.outputs[NAME]} == {"(constant)", "(model)", *TERMS}


@pytest.mark.parametrize(("told", "rule"), [
    ("with pupils and students", "saturated_model"), ("saturated", "smallest_group"),
    ("with the wijk", "smallest_group"), ("clusters by stadsdeel", "degrees_of_freedom"),
])  # fmt: skip
def test_each_trap_is_refused_by_the_rule_that_it_is_about(ran: Ran, told: str, rule: str) -> None:
    [line] = [line for line in ran.printed.splitlines() if line.startswith(f"{told}: ")]
    assert line.startswith(f"{told}: unsafe | ")
    assert rule in line
    assert "Request 1" in ran.printed
    assert "Left out" not in ran.printed


def test_the_answer_finds_no_difference_between_women_and_men(ran: Ran) -> None:
    assert "product: safe" in ran.printed
    [line] = [line for line in ran.printed.splitlines() if line.startswith("interval of the product: ")]
    low, high = (float(one) for one in line.removeprefix("interval of the product: ").split(" to "))
    assert low < 0 < high
