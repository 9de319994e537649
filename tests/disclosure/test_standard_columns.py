"""Models fitted in blocks of rows: the same figures as a decomposition of the whole, and as statsmodels gives."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.engines.least_squares import clustered_products, least_squares
from disclosure.engines.maximum_likelihood import maximum_likelihood
from disclosure.engines.standard_columns import ROWS, Basis, Columns, standardised, triangle_of
from disclosure.errors import RecipeError
from disclosure.model.model_facts import Covariance, Family

Real = npt.NDArray[np.float64]
SIZES = (40, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS + 7)
COVARIANCES = tuple(Covariance)


def _design(rows: int, seed: int = 3) -> Real:
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 4, rows)
    dummies = [(labels == code).astype(np.float64) for code in (1, 2, 3)]
    return np.asfortranarray(np.column_stack([np.ones(rows), *dummies, chance.normal(1e6, 3, rows)]))


def _names(design: Real) -> tuple[str, ...]:
    return tuple(f"x{place}" for place in range(design.shape[1]))


def _robust(covariance: Covariance, clusters: Any) -> dict[str, Any]:
    if covariance is Covariance.CLUSTER:
        return {"cov_type": "cluster", "cov_kwds": {"groups": clusters}}
    return {"cov_type": covariance.value}


def _clusters(rows: int, kind: str) -> npt.NDArray[np.int64]:
    chance = np.random.default_rng(5)
    own = {"each": np.arange(rows), "pairs": np.arange(rows) // 2, "few": np.arange(rows) % 7}[kind]
    return chance.permutation(own).astype(np.int64)


@pytest.mark.parametrize("rows", SIZES)
def test_a_basis_is_orthonormal_and_gives_its_columns_back(rows: int) -> None:
    design = _design(rows)
    made = standardised(design, _names(design), constant=True, centred=True)
    basis = made.basis.of(slice(None))
    assert np.allclose(basis.T @ basis, np.eye(design.shape[1]), atol=1e-12)
    assert np.allclose(basis @ made.basis.triangle, made.columns.of(slice(None)), atol=1e-10)
    assert np.allclose(made.columns.of(slice(None)) @ np.linalg.inv(made.back), design, rtol=1e-12)
    assert np.allclose(made.basis.leverage, (basis**2).sum(axis=1))
    mask = np.arange(rows) % 3 == 0
    assert np.allclose(made.basis.sums(mask), basis[mask].sum(axis=0), atol=1e-9)
    codes = np.arange(rows) % 4
    by_code = [basis[codes == code].sum(axis=0) for code in range(4)]
    assert np.allclose(made.basis.sums_by(codes), by_code, atol=1e-9)


@pytest.mark.parametrize("apart", [1.0, 1e-2, 1e-4, 1e-6])
def test_a_triangle_is_that_of_the_whole_however_near_columns_are_to_each_other(apart: float) -> None:
    chance = np.random.default_rng(11)
    first = chance.normal(size=(2 * ROWS + 5, 2))
    matrix = np.column_stack([first, first.sum(axis=1) + apart * chance.normal(size=len(first))])
    expected = np.abs(np.linalg.qr(matrix, mode="r"))
    assert np.allclose(np.abs(triangle_of(Columns.unchanged(matrix))), expected, rtol=1e-7, atol=1e-9)
    basis = Basis.spanning(Columns.unchanged(matrix)).of(slice(None))
    assert np.allclose(basis.T @ basis, np.eye(3), atol=1e-8)


@pytest.mark.parametrize("apart", [0.0, 1e-9])
def test_a_column_that_follows_from_others_is_named(apart: float) -> None:
    chance = np.random.default_rng(2)
    first = chance.normal(size=(500, 2))
    matrix = np.column_stack([first, first.sum(axis=1) + apart * chance.normal(size=500)])
    with pytest.raises(RecipeError, match="'x2' follows"):
        standardised(matrix, _names(matrix), constant=False, centred=False)


def test_as_many_rows_as_columns_do_and_fewer_name_a_term() -> None:
    matrix = np.random.default_rng(4).normal(size=(6, 6))
    assert standardised(matrix, _names(matrix), constant=False, centred=False).basis.triangle.shape == (6, 6)
    with pytest.raises(RecipeError, match="'x5' follows"):
        standardised(matrix[:5], _names(matrix), constant=False, centred=False)


def test_more_columns_than_rows_are_refused_by_name_in_a_notebook() -> None:
    names = [f"x{place}" for place in range(8)]
    frame = pd.DataFrame(np.random.default_rng(0).integers(0, 50, size=(5, 8)), columns=names)
    frame["y"], frame["person"] = range(5), range(5)
    with pytest.raises(RecipeError, match="follows from the terms before it"):
        sdc.model(f"y ~ {' + '.join(names)}", frame, unit="person")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["each", "pairs", "few"])
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_least_squares_are_those_of_statsmodels(covariance: Covariance, kind: str, weighted: bool) -> None:
    rows = ROWS + 300
    design = standardised(_design(rows), _names(_design(2)), constant=True, centred=True).columns
    chance, clusters = np.random.default_rng(8), _clusters(rows, kind)
    matrix = design.of(slice(None))
    response = matrix @ np.arange(5.0) + chance.normal(size=rows) * (1 + np.abs(matrix[:, 4])) + clusters % 3
    weights = chance.uniform(0.1, 5, rows) if weighted else None
    found = least_squares(response, design, weights, covariance, clusters)
    model = sm.OLS(response, matrix) if weights is None else sm.WLS(response, matrix, weights=weights)
    expected = model.fit(method="pinv", use_t=True, **_robust(covariance, clusters))
    assert np.allclose(found.coefficients, expected.params, rtol=1e-10, atol=1e-10)
    assert np.allclose(found.covariance, expected.cov_params(), rtol=1e-8, atol=1e-12)
    assert found.log_likelihood == pytest.approx(expected.llf, rel=1e-12)
    assert found.squares == pytest.approx(expected.ssr, rel=1e-10)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("family", [Family.LOGIT, Family.PROBIT, Family.POISSON])
def test_maximum_likelihood_is_that_of_statsmodels(family: Family, covariance: Covariance) -> None:
    rows = ROWS + 300
    design = standardised(_design(rows), _names(_design(2)), constant=True, centred=True).columns
    chance, clusters, matrix = np.random.default_rng(9), _clusters(rows, "pairs"), design.of(slice(None))
    linear = matrix @ np.array([0.3, 0.2, -0.4, 0.1, 0.5])
    counts = chance.poisson(np.exp(linear)).astype(np.float64)
    response = counts if family is Family.POISSON else (linear + chance.logistic(size=rows) > 0).astype(np.float64)
    found = maximum_likelihood(family, response, design, covariance, clusters, most_steps=100)
    kind = {Family.LOGIT: sm.Logit, Family.PROBIT: sm.Probit, Family.POISSON: sm.Poisson}[family]
    expected = kind(response, matrix).fit(method="newton", maxiter=100, disp=0, **_robust(covariance, clusters))
    assert found.converged
    assert np.allclose(found.coefficients, expected.params, rtol=1e-9)
    assert np.allclose(found.covariance, expected.cov_params(), rtol=1e-8, atol=1e-14)
    assert found.log_likelihood == pytest.approx(expected.llf, rel=1e-12)
    assert np.allclose(found.predicted, expected.predict())


def test_steps_that_do_not_end_are_told() -> None:
    design = Columns.unchanged(np.random.default_rng(1).normal(size=(200, 2)))
    response = (np.arange(200) % 2).astype(np.float64)
    told = [
        maximum_likelihood(Family.LOGIT, response, design, Covariance.HC0, np.arange(200), most_steps=most).converged
        for most in (1, 100)
    ]
    assert told == [False, True]


def test_a_separated_group_has_no_coefficient() -> None:
    chance = np.random.default_rng(6)
    frame = pd.DataFrame({"x": chance.integers(0, 50, 400), "person": range(400)})
    frame["yes"] = (frame.x > 24).astype(int)
    out = sdc.model("yes ~ x", frame, family="logit", unit="person")
    assert out.verdict.status is sdc.Status.UNSAFE
    part = out.evidence.parts["model"]
    assert part.facts["perfect"] == "yes" or part.facts["converged"] != "yes"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=60), st.integers(0, 1000))
def test_products_of_clusters_are_those_of_their_sums(sizes: list[int], seed: int) -> None:
    clusters = np.unique(np.array(sizes), return_inverse=True)[1].astype(np.int64)
    chance = np.random.default_rng(seed)
    matrix, errors = chance.normal(size=(len(clusters), 3)), chance.normal(size=len(clusters))
    sums = np.zeros((int(clusters.max()) + 1, 3))
    np.add.at(sums, clusters, matrix * errors[:, None])
    assert np.allclose(clustered_products(Columns.unchanged(matrix), errors, clusters), sums.T @ sums)


def test_clusters_that_reach_across_blocks_are_added_up_whole() -> None:
    rows = 3 * ROWS + 11
    clusters = np.repeat([0, 1, 2], [ROWS // 2, 2 * ROWS, rows - ROWS // 2 - 2 * ROWS]).astype(np.int64)
    matrix = np.random.default_rng(7).normal(size=(rows, 2))
    sums = np.array([matrix[clusters == one].sum(axis=0) for one in range(3)])
    assert np.allclose(clustered_products(Columns.unchanged(matrix), np.ones(rows), clusters), sums.T @ sums)


def test_a_fit_needs_much_less_memory_than_its_design() -> None:
    design = _design(40 * ROWS)
    made = standardised(design, _names(design), constant=True, centred=True)
    response = np.random.default_rng(0).normal(size=len(design))
    tracemalloc.start()
    least_squares(response, made.columns, None, Covariance.HC0, np.arange(len(design)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.3 * design.nbytes  # residuals and the like are single columns; statsmodels takes several designs
