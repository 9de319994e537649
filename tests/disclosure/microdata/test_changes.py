"""Recoding, top and bottom coding, post-randomisation and noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from disclosure.errors import BadInputError, ColumnError, DataError
from disclosure.microdata import NoiseMethod, noise, pram, recode, top_bottom_code
from disclosure.microdata.randomising import invariant
from disclosure.model.codebooks import Hierarchy
from tests.disclosure.microdata.figures import FIGURES, records

AREAS = Hierarchy("gebied", ("buurt", "wijk", "stad"), {"11": "W1", "12": "W1", "21": "W2", "W1": "S", "W2": "S"})


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["11", "12", "21", None]),
        pa.array([11, 12, 21, None]),
        pa.array([11.0, 12.0, 21.0, None]),
        pa.array(["11", "12", "21", None]).dictionary_encode(),
    ],
)
def test_codes_are_recoded_to_those_above_them(column: pa.Array) -> None:
    frame = pa.table({"buurt": column, "n": [1, 2, 3, 4]})
    one = recode(frame, "buurt", AREAS)
    assert one.frame["buurt"].to_pylist() == ["W1", "W1", "W2", None]
    assert one.counts == (("buurt", 3),)
    assert one.frame["n"] == frame["n"]
    for levels in (2, 3):  # A code at the top stays.
        assert recode(frame, "buurt", AREAS, levels=levels).frame["buurt"].to_pylist() == ["S", "S", "S", None]


def test_code_at_the_top_does_not_count_as_changed() -> None:
    assert recode(pa.table({"a": ["S", "S", "11"]}), "a", AREAS).counts == (("a", 1),)


@pytest.mark.parametrize("value", ["99", "é", "1.5"])
def test_code_outside_the_hierarchy_is_refused_and_not_told(value: str) -> None:
    with pytest.raises(ColumnError, match="'gebied' does not have") as caught:
        recode(pa.table({"a": ["11", value]}), "a", AREAS)
    assert value not in str(caught.value)


@pytest.mark.parametrize("column", [pa.array([1.5]), pa.array([[1]])])
def test_measures_are_not_recoded(column: pa.Array) -> None:
    with pytest.raises(ColumnError, match="holds no codes"):
        recode(pa.table({"a": column}), "a", AREAS)


def test_recoding_goes_up() -> None:
    with pytest.raises(BadInputError, match="at least one level"):
        recode(pa.table({"a": ["11"]}), "a", AREAS, levels=0)


def test_numbers_beyond_the_bounds_are_replaced_and_those_on_them_are_not() -> None:
    frame = pa.table({"n": [9, 10, 50, 100, 101, None]})
    found = top_bottom_code(frame, "n", top=100, bottom=10)
    assert found.frame["n"].to_pylist() == [10, 10, 50, 100, 100, None]
    assert found.counts == (("n", 2),)
    found = top_bottom_code(frame, "n", top=100, bottom=10, replace_top=120, replace_bottom=5)
    assert found.frame["n"].to_pylist() == [5, 10, 50, 100, 120, None]
    assert top_bottom_code(frame, "n", top=49).frame["n"].to_pylist() == [9, 10, 49, 49, 49, None]
    assert top_bottom_code(frame, "n", bottom=51).frame["n"].to_pylist() == [51, 51, 51, 100, 101, None]


@pytest.mark.parametrize(
    "bounds",
    [
        {},
        {"top": 1, "bottom": 2},
        {"top": 5, "replace_top": 4},
        {"bottom": 5, "replace_bottom": 6},
        {"top": 5, "replace_bottom": 1},
        {"bottom": 5, "replace_top": 9},
    ],
)
def test_bounds_that_do_not_fit_are_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(BadInputError, match="do not fit"):
        top_bottom_code(pa.table({"n": [1, 2]}), "n", **bounds)


def test_texts_have_no_top() -> None:
    with pytest.raises(ColumnError, match="no numbers"):
        top_bottom_code(pa.table({"n": ["1"]}), "n", top=1)


@pytest.mark.parametrize("least", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_probabilities_keep_expected_frequencies(least: float, alpha: float) -> None:
    counts = np.array([1, 50, 0, 949, 7])
    found = invariant(counts, least, alpha, np.random.default_rng(7))
    assert found.sum(axis=1) == pytest.approx(np.ones(5))
    assert counts @ found == pytest.approx(counts)
    assert (found >= 0).all()
    assert (np.diag(found) == 1).all() == (alpha == 0)


def test_categories_change_about_as_often_as_in_sdcmicro() -> None:
    told = FIGURES["perturb"]["pram_testdata"]
    frame = records("testdata")
    counts = [
        pram(frame, ("roof",), seed=seed, least=told["pd"], alpha=told["alpha"]).counts[0][1] for seed in range(40)
    ]
    assert min(counts) < told["changed_roof"] < max(counts)


def test_frequencies_stay_on_average() -> None:
    frame = pa.table({"a": ["x"] * 20 + ["y"] * 60 + ["z"] * 120})
    drawn = [pram(frame, ("a",), seed=seed).frame["a"].to_pylist() for seed in range(300)]
    # The mean of 300 draws has a deviation of about 0.2.
    assert np.mean([one.count("x") for one in drawn]) == pytest.approx(20, abs=1)
    assert np.mean([one.count("z") for one in drawn]) == pytest.approx(120, abs=1.2)


def test_changes_are_drawn_from_the_seed() -> None:
    frame = pa.table({"a": ["x", "y", "é", None] * 100})
    one, again, other = (pram(frame, ("a",), seed=seed).frame for seed in (1, 1, 2))
    assert one == again != other
    assert one["a"].null_count == 100


def test_each_stratum_has_probabilities_of_its_own_and_categories_of_its_own() -> None:
    frame = pa.table({"a": [1, 2] * 100 + [3, 2] * 100, "s": ["p"] * 200 + [None] * 200, "b": ["u", "v"] * 200})
    found = pram(frame, ("a", "b"), seed=3, strata=("s",), least=0.5, alpha=1.0)
    assert {(one.column, one.stratum) for one in found.transitions} == {
        (name, (stratum,)) for name in "ab" for stratum in ("p", None)
    }
    values = found.frame["a"].to_pylist()
    assert (set(values[:200]), set(values[200:])) == ({1, 2}, {2, 3})
    assert found.transitions[0].categories == ("1", "2", "3")
    assert all(sum(row) == pytest.approx(1) for row in found.transitions[0].probabilities)
    assert dict(found.counts)["a"] == sum(old != new for old, new in zip(frame["a"].to_pylist(), values, strict=True))


def test_only_category_cannot_change() -> None:
    assert pram(pa.table({"a": ["x"] * 9}), ("a",), seed=1).counts == (("a", 0),)


@pytest.mark.parametrize("named", [{"least": 1.0}, {"least": -0.1}, {"alpha": 1.1}, {"alpha": float("nan")}])
def test_probabilities_are_from_0_to_1(named: dict[str, Any]) -> None:
    with pytest.raises(BadInputError, match="from 0 to 1"):
        pram(pa.table({"a": [1]}), ("a",), seed=1, **named)


@pytest.mark.parametrize(
    ("columns", "strata"), [((), ()), (("a", "a"), ()), (("a",), ("a",)), (("b",), ()), (("nothing",), ())]
)
def test_columns_of_categories_are_named_once(columns: tuple[str, ...], strata: tuple[str, ...]) -> None:
    with pytest.raises(ColumnError):
        pram(pa.table({"a": [1, 2], "nothing": pa.nulls(2, pa.string())}), columns, seed=1, strata=strata)


def test_lists_are_no_categories() -> None:
    with pytest.raises(ColumnError, match="no categories"):
        pram(pa.table({"a": [[1], [2]]}), ("a",), seed=1)


COLUMNS = ("a", "b")


def _numbers(count: int = 20_000) -> pa.Table:
    generator = np.random.default_rng(8)
    one = generator.normal(100, 20, count)
    return pa.table({"a": one, "b": one + generator.normal(0, 20, count)})


def _of(frame: pa.Table) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.stack([frame[name].to_numpy() for name in COLUMNS], axis=1)


def test_additive_noise_has_a_share_of_the_deviation_and_no_correlation() -> None:
    before = _numbers()
    added = _of(noise(before, COLUMNS, seed=1, amount=10).frame) - _of(before)
    assert added.std(axis=0) == pytest.approx(0.1 * _of(before).std(axis=0), rel=0.05)
    assert added.mean(axis=0) == pytest.approx([0, 0], abs=0.1)
    assert abs(np.corrcoef(added.T)[0, 1]) < 0.05


def test_additive_noise_is_as_strong_as_that_of_sdcmicro() -> None:
    # With 10 percent of a deviation, numbers correlate with those before by 1 / sqrt(1.01).
    told = FIGURES["perturb"]["addNoise_additive10"]["cor_with_orig"]
    before = _numbers()
    after = noise(before, COLUMNS, seed=2, amount=10).frame
    for name in COLUMNS:
        found = np.corrcoef(before[name].to_numpy(), after[name].to_numpy())[0, 1]
        assert found == pytest.approx(np.mean(told), abs=5e-4)


def test_correlated_noise_has_a_share_of_the_covariances() -> None:
    before = _numbers()
    added = _of(noise(before, COLUMNS, seed=1, method=NoiseMethod.CORRELATED, amount=25).frame) - _of(before)
    assert np.cov(added.T) == pytest.approx(0.25 * np.cov(_of(before).T), rel=0.05)


def test_preserving_noise_keeps_mean_and_variance_and_lowers_correlations_as_in_sdcmicro() -> None:
    before = _numbers()
    after = _of(noise(before, COLUMNS, seed=1, method=NoiseMethod.PRESERVING, amount=0.1).frame)
    assert after.mean(axis=0) == pytest.approx(_of(before).mean(axis=0), rel=0.005)
    assert after.std(axis=0) == pytest.approx(_of(before).std(axis=0), rel=0.01)
    told = FIGURES["perturb"]["addNoise_correlated2"]
    ratio = np.corrcoef(after.T)[0, 1] / np.corrcoef(_of(before).T)[0, 1]
    # Two strong correlations of sdcMicro's run; both lie near 1 - 0.1 squared.
    for one, other in ((1, 3), (1, 4)):
        assert ratio == pytest.approx(told["cor"][one][other] / told["cor_orig"][one][other], abs=0.005)


@pytest.mark.parametrize("method", list(NoiseMethod))
def test_noise_is_drawn_from_the_seed_and_leaves_missing_numbers(method: NoiseMethod) -> None:
    frame = pa.table({"a": [1, 2, None, 4, 9], "b": [3.0, 1.0, 5.0, None, 2.0], "c": ["é"] * 5})
    one, again, other = (noise(frame, COLUMNS, seed=seed, method=method, amount=0.5) for seed in (1, 1, 2))
    assert one.frame == again.frame != other.frame
    assert [one.frame[name].null_count for name in COLUMNS] == [1, 1]
    assert one.counts == (("a", 4), ("b", 4))
    assert one.frame["c"] == frame["c"]


@pytest.mark.parametrize(
    ("method", "amount"),
    [("additive", 0), ("additive", -1), ("correlated", float("nan")), ("preserving", 1), ("additive", float("inf"))],
)
def test_amount_of_noise_is_over_0(method: str, amount: float) -> None:
    with pytest.raises(BadInputError, match="amount of noise"):
        noise(_numbers(10), COLUMNS, seed=1, method=NoiseMethod(method), amount=amount)


def test_numbers_that_are_the_same_for_all_cannot_be_hidden_by_noise() -> None:
    with pytest.raises(ColumnError, match="same for all"):
        noise(pa.table({"a": [5, 5]}), ("a",), seed=1, amount=10)


@pytest.mark.parametrize("columns", [("a",), COLUMNS])
def test_correlated_noise_needs_two_columns_with_numbers_together(columns: tuple[str, ...]) -> None:
    frame = pa.table({"a": [1.0, 2.0, None, None], "b": [None, None, 1.0, 2.0]})
    with pytest.raises(ColumnError, match="two columns"):
        noise(frame, columns, seed=1, method=NoiseMethod.CORRELATED, amount=10)


def test_empty_file_is_refused() -> None:
    frame = pa.table({"a": pa.array([], pa.float64())})
    with pytest.raises(DataError, match="no records"):
        noise(frame, ("a",), seed=1, amount=10)
    with pytest.raises(DataError, match="no records"):
        pram(frame, ("a",), seed=1)
