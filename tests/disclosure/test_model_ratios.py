"""Odds, rate and hazard ratios: powers of e of what is released anyway, and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import RefusedError
from disclosure.model.model_facts import PART, Family
from disclosure.model.model_ratios import figures_of_terms, ratio_of
from disclosure.model.parts import Part
from disclosure.statistics.fitted_figures import model as figures_fit

NAMES = {"logit": "odds_ratio", "poisson": "rate_ratio", "cox": "hazard_ratio"}


@cache
def people() -> pd.DataFrame:
    chance = np.random.default_rng(3)
    frame = pd.DataFrame({"person": range(800), "age": chance.integers(20, 60, 800)})
    frame["sex"] = chance.choice(["m", "v"], 800)
    frame["months"] = chance.integers(1, 40, 800)
    return frame.assign(left=(chance.random(800) < 0.3 + frame.age / 200).astype(int))


@cache
def fitted(family: str) -> sdc.Output:
    formula = "left ~ age + C(sex)" if family in ("logit", "probit") else "months ~ age + C(sex)"
    more = {"event": "left"} if family == "cox" else {}
    return sdc.model(formula, people(), family=family, unit="person", **more)


@pytest.mark.parametrize("family", NAMES)
def test_each_term_has_its_ratio_and_the_bounds_of_it(family: str) -> None:
    out, name = fitted(family), NAMES[family]
    assert out.verdict.status is sdc.Status.SAFE
    terms = out.to_pandas().drop(index="(model)")
    for ratio, of in ((name, "coefficient"), (f"{name}_low", "confidence_low"), (f"{name}_high", "confidence_high")):
        assert terms[ratio].tolist() == pytest.approx(np.exp(terms[of]).tolist(), rel=1e-4)
    assert (terms[f"{name}_low"] < terms[name]).all()
    assert (terms[name] < terms[f"{name}_high"]).all()
    assert out.to_pandas()[name].isna().tolist() == [*[False] * len(terms), True]


@pytest.mark.parametrize("family", ["ols", "probit"])
def test_other_families_have_none(family: str) -> None:
    assert not any("ratio" in name for name in fitted(family).to_pandas().columns)
    assert figures_of_terms(Family(family)) == figures_of_terms(Family.OLS)


def test_a_ratio_has_five_digits_and_ends_where_numbers_do() -> None:
    assert (ratio_of(0.0), ratio_of(-1.0), ratio_of(10.0)) == (1.0, 0.36788, 22026.0)
    assert ratio_of(700.0) == pytest.approx(math.exp(700), rel=1e-4)
    assert all(math.isnan(ratio_of(one)) for one in (700.1, -700.1, math.inf, -math.inf, math.nan))


@pytest.mark.parametrize("family", NAMES)
def test_a_ratio_that_does_not_follow_from_its_coefficient_is_no_evidence(family: str) -> None:
    out = fitted(family)
    evidence = out.evidence
    assert figures_fit(out.recipe, evidence)
    place = list(evidence.categories[-1]).index(NAMES[family])
    part = evidence.part(PART)
    changed = part.columns["figure"].copy()
    changed[place] = 1.0437
    forged = Part(PART, MappingProxyType({**part.columns, "figure": changed}), part.facts)
    assert not figures_fit(out.recipe, replace(evidence, parts=MappingProxyType({PART: forged})))


def test_what_fails_shows_no_ratio_either() -> None:
    few = people().head(30).assign(sex=lambda frame: ["m"] * 3 + ["v"] * 27)
    out = sdc.model("left ~ age + C(sex)", few, family="logit", unit="person")
    assert out.verdict.status is sdc.Status.UNSAFE
    assert set(out.to_pandas()["odds_ratio"].dropna()) == {sdc.WITHHELD}


def test_heads_are_in_the_readers_language() -> None:
    with sdc.language("nl"):
        assert "kansverhouding" in fitted("logit")._repr_html_()
        assert "hazardverhouding" in fitted("cox")._repr_html_()


def test_principal_components_are_refused_by_name_with_what_to_ask_instead() -> None:
    from statsmodels.multivariate.factor import Factor
    from statsmodels.multivariate.pca import PCA

    numbers = people()[["age", "months", "left"]]
    for asked in (
        lambda: sdc.pca(numbers),
        lambda: sdc.model(PCA(numbers), numbers, unit="person"),
        lambda: sdc.model(Factor(numbers, 1), numbers, unit="person"),
    ):
        with pytest.raises(RefusedError, match="Principal components") as refused:
            asked()
        assert "sdc.correlation" in str(refused.value)
