"""Columns that are kept by code: the same columns, sums and products as if each were written out."""

from __future__ import annotations

import tracemalloc

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.engines import design_matrix
from disclosure.engines.isolation import patterns_of
from disclosure.engines.matrix import NO_COLUMN, Coded, Matrix, narrow
from disclosure.engines.standard_columns import Basis, Columns, standardised
from disclosure.errors import RecipeError

Real = npt.NDArray[np.float64]
SMALL = settings(max_examples=30, deadline=None)


def matrix_of(rows: int, widths: list[int], seed: int, *, first_constant: bool = True) -> Matrix:
    """A constant, a number far from 0, a category per width, and its product with the number."""
    chance = np.random.default_rng(seed)
    number = chance.normal(1e4, 30, rows)
    terms = [Coded(None, None, 1)] if first_constant else []
    terms.append(Coded(None, number, 1))
    for width in widths:
        codes = narrow(chance.integers(NO_COLUMN, width, rows), width)
        terms += [Coded(codes, None, width), Coded(codes, number - 1e4, width)]
    return Matrix(rows, tuple(terms))


def written_out(matrix: Matrix) -> Real:
    return np.column_stack([matrix.column(place) for place in range(matrix.shape[1])])


@SMALL
@given(st.integers(1, 80), st.lists(st.integers(1, 5), max_size=3), st.integers(0, 1000))
def test_rows_and_columns_are_of_one_matrix(rows: int, widths: list[int], seed: int) -> None:
    matrix = matrix_of(rows, widths, seed)
    full = written_out(matrix)
    assert matrix.shape == full.shape
    half = np.arange(rows) % 2 == 0
    for which in (slice(None), slice(3, 9), half, np.flatnonzero(half)[::-1]):
        assert np.array_equal(matrix.of(which), full[which])
    with pytest.raises(IndexError):
        matrix.column(full.shape[1])


@SMALL
@given(st.integers(2, 80), st.lists(st.integers(1, 5), max_size=3), st.integers(0, 1000))
def test_equal_rows_have_equal_patterns(rows: int, widths: list[int], seed: int) -> None:
    matrix = matrix_of(rows, widths, seed)
    twice = Matrix(2 * rows, tuple(doubled(one) for one in matrix.terms if isinstance(one, Coded)))
    found = patterns_of(twice)
    assert np.array_equal(found[:rows], found[rows:])
    assert len(np.unique(found)) == len(np.unique(written_out(matrix), axis=0))


def doubled(one: Coded) -> Coded:
    codes, values = (None if part is None else np.concatenate([part, part]) for part in (one.codes, one.values))
    return Coded(codes, values, one.width)


@SMALL
@given(st.integers(30, 120), st.lists(st.integers(1, 4), min_size=1, max_size=2), st.integers(0, 1000), st.booleans())
def test_sums_and_products_are_those_of_the_columns(rows: int, widths: list[int], seed: int, centred: bool) -> None:
    matrix, chance = matrix_of(rows, widths, seed), np.random.default_rng(seed)
    full = written_out(matrix)
    means = full.mean(axis=0) * centred
    means[0] = 0
    columns = Columns(matrix, means, np.where(full.std(axis=0) > 0, full.std(axis=0), 1.0))
    assert columns.coded is not None
    plain = (full - means) / columns.scales
    factors = chance.uniform(0.1, 2, rows)
    coefficients = chance.normal(size=(full.shape[1], 1))[:, 0]
    size = np.abs(plain).max() ** 2 * rows
    assert np.allclose(columns.times(coefficients), plain @ coefficients, atol=1e-11 * size)
    assert np.allclose(columns.sums(factors), factors @ plain, atol=1e-11 * size)
    assert np.allclose(columns.products(factors), (plain * factors[:, None]).T @ plain, atol=1e-10 * size)
    codes = chance.integers(0, 3, rows)
    by_code = np.array([plain[codes == one].sum(axis=0) for one in range(3)])
    assert np.allclose(columns.coded.sums_by(codes, 3), by_code, atol=1e-10 * size)


@pytest.mark.parametrize("rare", [200, 3, 1])
def test_leverage_is_that_of_the_columns_however_rare_a_label(rare: int) -> None:
    chance = np.random.default_rng(1)
    codes = chance.integers(0, 4, 1000)
    codes[:rare] = 4
    matrix = Matrix(
        1000,
        (Coded(None, None, 1), Coded(None, chance.normal(1e4, 30, 1000), 1), Coded(narrow(codes - 1, 4), None, 4)),
    )
    full = written_out(matrix)
    made = standardised(matrix, tuple("abcdef"), constant=True, centred=True)
    expected = (np.linalg.qr(full)[0] ** 2).sum(axis=1)
    assert np.allclose(made.basis.leverage, expected, atol=1e-9)


def test_leverage_of_columns_that_nearly_follow_from_each_other_is_as_exact() -> None:
    chance = np.random.default_rng(2)
    one = chance.normal(size=500)
    matrix = Matrix(500, (Coded(None, one, 1), Coded(None, one + 1e-6 * chance.normal(size=500), 1)))
    basis = Basis.spanning(Columns.unchanged(matrix))
    expected = (np.linalg.qr(written_out(matrix))[0] ** 2).sum(axis=1)
    assert np.allclose(basis.leverage, expected, atol=1e-7)


def people(rows: int, labels: int) -> pd.DataFrame:
    chance = np.random.default_rng(4)
    frame = pd.DataFrame({"person": np.arange(rows), "months": chance.integers(1, 13, rows)})
    frame["wijk"] = np.char.add("w", chance.integers(0, labels, rows).astype(str))
    frame["income"] = chance.lognormal(10, 0.5, rows).round(2) + frame.months * 10
    return frame


def test_a_category_of_many_labels_takes_a_part_of_the_memory_of_its_dummies() -> None:
    frame = people(60_000, 250)
    tracemalloc.start()
    out = sdc.model("income ~ months + C(wijk)", frame, unit="person")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert out.verdict.status is sdc.Status.SAFE
    assert peak < 0.7 * len(frame) * 250 * 8


def test_a_category_of_many_labels_has_the_coefficients_of_statsmodels() -> None:
    frame = people(4000, 60)
    shown = sdc.model("income ~ months + C(wijk)", frame, unit="person").to_pandas()["coefficient"]
    found = {str(term): float(figure) for term, figure in shown.dropna().items()}
    expected = smf.ols("income ~ months + C(wijk)", frame).fit().params
    labels = sorted(frame.wijk.unique(), key=lambda label: int(label[1:]))
    for label in labels[1:]:
        ours = found[f"wijk={label}"] - found[f"wijk={labels[1]}"]
        theirs = [0.0 if one == "w0" else expected[f"C(wijk)[T.{one}]"] for one in (label, labels[1])]
        assert ours == pytest.approx(theirs[0] - theirs[1], rel=1e-3, abs=0.2)
    assert found["months"] == pytest.approx(expected["months"], rel=1e-4)


@pytest.mark.parametrize(
    ("bound", "said", "how"),
    [
        ("MOST_PARAMETERS", "more than 20 columns", {}),
        ("MOST_WORK", "square of the columns of a model are at most 20;", {}),
        ("MOST_ENTRIES", "effects, of a Cox model or of a weighted one that is not ols are at most 20;", {"cox": True}),
    ],
)
def test_too_large_a_model_is_refused_with_the_bound(
    monkeypatch: pytest.MonkeyPatch, bound: str, said: str, how: dict[str, bool]
) -> None:
    monkeypatch.setattr(design_matrix, bound, 20)
    frame = people(400, 30).assign(event=1)
    named = {"family": "cox", "event": "event"} if how else {}
    formula = "months ~ income + C(wijk)" if how else "income ~ months + C(wijk)"
    with pytest.raises(RecipeError) as refused:
        sdc.model(formula, frame, unit="person", **named)
    assert said in " ".join(str(refused.value).split())


def test_rows_times_columns_at_once_are_no_bound_of_a_model_that_is_fitted_in_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(design_matrix, "MOST_ENTRIES", 20)
    assert sdc.model("income ~ months + C(wijk)", people(900, 5), unit="person").verdict.status is sdc.Status.SAFE
