"""How many share a key: as sdcMicro counts, with missing values as wildcards, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import BadInputError, ColumnError, DataError
from disclosure.microdata import KeyVariables, frequencies, k_anonymity
from disclosure.model.key_variables import MAXIMUM_KEYS
from tests.disclosure.microdata.figures import FIGURES, RUNS, keys, made, records


@pytest.mark.parametrize("alpha", ["1", "0.5", "0"])
@pytest.mark.parametrize("run", RUNS)
def test_frequencies_are_those_of_sdcmicro(run: str, alpha: str) -> None:
    figures = made(f"risk_{run}")
    if f"fk_alpha{alpha}" not in figures:
        alpha = "1"  # Where no value is missing, alpha makes no difference.
    found = frequencies(records(run), keys(run), alpha=float(alpha))
    np.testing.assert_array_equal(found.fk, figures[f"fk_alpha{alpha}"])
    np.testing.assert_allclose(found.Fk, figures[f"Fk_alpha{alpha}"], rtol=1e-12)
    assert found.weighted
    assert len(found) == FIGURES["risk"][run]["n"]


@pytest.mark.parametrize("run", RUNS)
def test_violations_of_k_anonymity_are_those_of_sdcmicro(run: str) -> None:
    found = k_anonymity(frequencies(records(run), keys(run)))
    told = FIGURES["risk"][run]
    assert found.violations == ((2, told["viol_k2"]), (3, told["viol_k3"]), (5, told["viol_k5"]))
    assert found.records == told["n"]
    assert found.reached == 1


def test_k_anonymity_is_reached_by_exactly_k() -> None:
    found = k_anonymity(frequencies(pa.table({"a": [1, 1, 1, 2, 2, 2]}), KeyVariables(("a",))), (2, 3, 4))
    assert found.violations == ((2, 0), (3, 0), (4, 6))
    assert found.reached == 3
    with pytest.raises(KeyError):
        found.of(5)


@pytest.mark.parametrize("ks", [(), (1,), (2, 0)])
def test_k_under_2_is_refused(ks: tuple[int, ...]) -> None:
    with pytest.raises(BadInputError):
        k_anonymity(frequencies(pa.table({"a": [1]}), KeyVariables(("a",))), ks)


def _by_definition(rows: list[tuple[Any, ...]], weight: list[float], alpha: float) -> list[tuple[float, float]]:
    """Go through all pairs of records."""
    found = []
    single = len(rows[0]) == 1
    for one in rows:
        fk = population = 0.0
        nothing = all(value is None for value in one)
        for other, amount in zip(rows, weight, strict=True):
            if not all(a is None or b is None or a == b for a, b in zip(one, other, strict=True)):
                continue
            missing = any(value is None for value in other)
            if one == other or nothing or not missing:
                times = 1.0
            elif not any(v is None for v in one) and all(v is None for v in other) and not single:
                times = 0.0
            else:
                times = alpha
            fk += times
            population += times * amount
        found.append((fk, population))
    return found


_VALUES = st.sampled_from(["a", "b", "c", None])
_ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[_VALUES] * width), min_size=1, max_size=25))


@settings(max_examples=60)
@given(rows=_ROWS, alpha=st.sampled_from([0.0, 0.5, 1.0]))
def test_missing_values_match_everything(rows: list[tuple[Any, ...]], alpha: float) -> None:
    names = [f"k{place}" for place in range(len(rows[0]))]
    columns = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
    if any(column.null_count == len(rows) for column in columns.values()):
        return
    weight = [float(place % 7 + 1) for place in range(len(rows))]
    frame = pa.table({**columns, "w": weight})
    found = frequencies(frame, KeyVariables(tuple(names), weights="w"), alpha=alpha)
    expected = _by_definition(rows, weight, alpha)
    np.testing.assert_allclose(np.stack([found.fk, found.Fk], axis=1), expected, rtol=1e-12)


def test_key_of_one_variable_counts_the_missing_for_everybody() -> None:
    found = frequencies(pa.table({"a": ["x", "x", "y", None]}), KeyVariables(("a",)), alpha=0.5)
    assert found.fk.tolist() == [2.5, 2.5, 1.5, 4.0]
    assert found.Fk.tolist() == found.fk.tolist()


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["één", "één", "日本", None]),
        pa.array(["één", "één", "日本", None]).dictionary_encode(),
        pa.array([1.0, 1.0, 2.0, float("nan")]),
        pa.array([True, True, False, None]),
        pd.Series(["één", "één", "日本", None], dtype="category"),
    ],
)
def test_categories_of_every_kind_are_told_apart(column: Any) -> None:
    frame = pa.table({"a": column, "b": [1, 1, 1, 1]})
    found = frequencies(frame, KeyVariables(("a", "b")))
    assert found.fk.tolist() == [3.0, 3.0, 2.0, 4.0]


def test_dictionary_that_spells_a_category_twice_is_one_category() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", "a"]))
    assert frequencies(pa.table({"a": column}), KeyVariables(("a",))).fk.tolist() == [2.0, 2.0]


def test_many_wide_keys_are_counted() -> None:
    generator = np.random.default_rng(1)
    columns = {f"k{place}": generator.integers(0, 50, 300) for place in range(MAXIMUM_KEYS)}
    frame = pa.table({name: np.concatenate([values, values]) for name, values in columns.items()})
    assert (frequencies(frame, KeyVariables(tuple(columns))).fk == 2).all()


def test_one_record_is_unique() -> None:
    found = frequencies(pa.table({"a": ["x"], "w": [7]}), KeyVariables(("a",), weights="w"))
    assert (found.fk.tolist(), found.Fk.tolist()) == ([1.0], [7.0])


def test_what_is_printed_of_frequencies_tells_of_no_record() -> None:
    found = frequencies(pa.table({"a": [1, 1, 2], "w": [123456, 2, 3]}), KeyVariables(("a",), weights="w"))
    assert repr(found) == "Frequencies(alpha=1.0, weighted=True)"


def test_no_records_are_refused() -> None:
    with pytest.raises(DataError, match="no records"):
        frequencies(pa.table({"a": pa.array([], pa.string())}), KeyVariables(("a",)))


@pytest.mark.parametrize("name", ["A", "c"])
def test_absent_keys_are_refused_by_name(name: str) -> None:
    with pytest.raises(ColumnError, match=f"no one column '{name}'"):
        frequencies(pa.table({"a": [1], "b": [1]}), KeyVariables(("b", name)))


@pytest.mark.parametrize("column", [pa.array([None, None], pa.string()), pa.nulls(2), pa.array([float("nan")] * 2)])
def test_keys_without_values_are_refused(column: pa.Array) -> None:
    with pytest.raises(ColumnError, match="'a' has no values"):
        frequencies(pa.table({"a": column}), KeyVariables(("a",)))


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1.5, 2.0] * 50),  # a measure
        pa.array(list(range(1001)) * 5),  # a number with more values than categories have
        pa.array([f"person {place % 51}" for place in range(100)]),  # nearly everybody has one
        pa.array([f"person {place % 51}" for place in range(100)]).dictionary_encode(),
        pa.array(range(60)),
    ],
)
def test_measures_and_identifiers_are_no_keys(column: pa.Array) -> None:
    with pytest.raises(ColumnError, match="a measure or an identifier"):
        frequencies(pa.table({"a": column}), KeyVariables(("a",)))


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1.0, 2.0, None] * 50),
        pa.array(list(range(1000)) * 5),
        pa.array([f"municipality {place % 50}" for place in range(100)]),
        pa.array(range(40)),  # a short file of rare categories
    ],
)
def test_rare_categories_are_keys(column: pa.Array) -> None:
    assert len(frequencies(pa.table({"a": column}), KeyVariables(("a",)))) == len(column)


def test_lists_are_no_keys() -> None:
    with pytest.raises(ColumnError, match="no categories"):
        frequencies(pa.table({"a": [[1], [2]]}), KeyVariables(("a",)))


@pytest.mark.parametrize("weight", [[1.0, None], [1.0, 0.0], [1.0, -2.0], [1.0, float("nan")]])
def test_weights_are_all_there_and_over_0(weight: list[Any]) -> None:
    with pytest.raises(ColumnError, match="weights 'w'"):
        frequencies(pa.table({"a": [1, 1], "w": weight}), KeyVariables(("a",), weights="w"))


@pytest.mark.parametrize("weight", [["a", "b"], [1.0, float("inf")]])
def test_weights_are_numbers(weight: list[Any]) -> None:
    with pytest.raises(ColumnError, match="column 'w' holds"):
        frequencies(pa.table({"a": [1, 1], "w": weight}), KeyVariables(("a",), weights="w"))


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_alpha_is_from_0_to_1(alpha: float) -> None:
    with pytest.raises(BadInputError, match="alpha"):
        frequencies(pa.table({"a": [1]}), KeyVariables(("a",)), alpha=alpha)


def test_values_missing_in_too_many_ways_are_refused() -> None:
    generator = np.random.default_rng(2)
    columns = {
        f"k{place}": pa.array(np.ones(3000, dtype=int), mask=generator.random(3000) < 0.5) for place in range(30)
    }
    with pytest.raises(DataError, match="too many combinations"):
        frequencies(pa.table(columns), KeyVariables(tuple(columns)))


def test_most_key_variables_are_50() -> None:
    names = [f"k{place}" for place in range(MAXIMUM_KEYS + 1)]
    assert len(KeyVariables(tuple(names[:-1])).categorical) == MAXIMUM_KEYS
    for count in (MAXIMUM_KEYS + 1, 200):
        with pytest.raises(ColumnError, match=f"There are {count} key variables"):
            KeyVariables(tuple(f"k{place}" for place in range(count)))


@pytest.mark.parametrize(
    "named",
    [
        {"categorical": ()},
        {"categorical": ("a", "a")},
        {"categorical": ("a",), "weights": "a"},
        {"categorical": ("a",), "household": "a"},
        {"categorical": ("a",), "sensitive": ("b", "b")},
    ],
)
def test_each_column_has_one_place(named: dict[str, Any]) -> None:
    with pytest.raises(ColumnError):
        KeyVariables(**named)
