"""Diversity and closeness of sensitive columns."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import BadInputError, ColumnError
from disclosure.microdata import DistanceKind, KeyVariables, l_diversity, t_closeness
from tests.disclosure.microdata.figures import FIGURES, made, records

_MEASURES = ("distinct", "entropy", "recursive")


def _keys(run: str) -> KeyVariables:
    told = FIGURES["ldiversity"][run]
    sensitive = told["sensitive"]
    return KeyVariables(
        tuple(told["keyVars"]), sensitive=(sensitive,) if isinstance(sensitive, str) else tuple(sensitive)
    )


@pytest.mark.parametrize("run", ["testdata_savings", "testdata_incgrp", "testdata_2sens"])
def test_diversity_is_that_of_sdcmicro(run: str) -> None:
    found = l_diversity(records("testdata"), _keys(run))
    figures = made(f"ldiversity_{run}")
    for column, measure in product(found.columns, _MEASURES):
        expected = figures[f"{column.column}_{measure.capitalize()}_Ldiversity"]
        np.testing.assert_allclose(getattr(column, measure), expected, rtol=1e-10)


@pytest.mark.parametrize("run", list(FIGURES["ldiversity"]))
def test_diversity_of_a_file_is_that_of_sdcmicro(run: str) -> None:
    found = l_diversity(records("francdat" if run == "francdat" else "testdata"), _keys(run))
    told = FIGURES["ldiversity"][run]
    for column, measure in product(found.columns, _MEASURES):
        values = getattr(column, measure)
        for name, value in (("colMin", values.min()), ("colMean", values.mean()), ("colMax", values.max())):
            assert value == pytest.approx(told[name][f"{column.column}_{measure.capitalize()}_Ldiversity"], rel=1e-10)
    assert sum(column.below(2) for column in found.columns[:1]) == told["n_distinct_l_lt2"]
    assert (found.together is None) == (len(found.columns) == 1)


_PAIRS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("uvwxyz"), st.sampled_from("12")), min_size=1)


def _recursive(counts: list[int], c: float) -> int:
    """The largest l with r1 < c (rl + ... + rm), at least 1."""
    ordered = sorted(counts, reverse=True)
    return max([1, *(place for place in range(2, len(ordered) + 1) if ordered[0] < c * sum(ordered[place - 1 :]))])


@settings(max_examples=60)
@given(rows=_PAIRS, c=st.sampled_from([0.5, 1.0, 2.0, 3.0]))
def test_diversity_is_what_its_definition_says(rows: list[tuple[str, str, str]], c: float) -> None:
    frame = pa.table({"k": [a for a, _, _ in rows], "s": [b for _, b, _ in rows], "t": [d for _, _, d in rows]})
    found = l_diversity(frame, KeyVariables(("k",), sensitive=("s", "t")), c=c)
    together = found.together
    assert together is not None
    for place, (key, _, _) in enumerate(rows):
        counts = Counter(b for a, b, _ in rows if a == key)
        assert found.columns[0].distinct[place] == len(counts)
        assert found.columns[0].recursive[place] == _recursive(list(counts.values()), c)
        share = np.array(list(counts.values())) / counts.total()
        assert found.columns[0].entropy[place] == pytest.approx(np.exp(-(share * np.log(share)).sum()))
        finer = [Counter(b for a, b, d in rows if (a, d) == (key, t)) for t in {d for a, _, d in rows if a == key}]
        finer += [Counter(d for a, b, d in rows if (a, b) == (key, s)) for s in {b for a, b, _ in rows if a == key}]
        assert together.recursive[place] == min(_recursive(list(count.values()), c) for count in finer)


def test_missing_sensitive_values_count_as_one_value_that_recursion_leaves_out() -> None:
    frame = pa.table({"k": [1, 1, 1, 1], "s": ["x", "y", None, None]})
    found = l_diversity(frame, KeyVariables(("k",), sensitive=("s",))).columns[0]
    assert found.distinct.tolist() == [3.0] * 4
    assert found.recursive.tolist() == [2.0] * 4


@pytest.mark.parametrize("c", [0.0, -1.0, float("nan")])
def test_constant_of_recursion_is_over_0(c: float) -> None:
    with pytest.raises(BadInputError, match="constant"):
        l_diversity(pa.table({"k": [1], "s": [1]}), KeyVariables(("k",), sensitive=("s",)), c=c)


def test_diversity_needs_a_sensitive_column() -> None:
    with pytest.raises(ColumnError, match="sensitive"):
        l_diversity(pa.table({"k": [1]}), KeyVariables(("k",)))


# The example of Li, Li and Venkatasubramanian (2007), section 4.2: nine salaries of 3 to 11 thousand.
_SALARIES = [3, 4, 5, 6, 11, 8, 7, 9, 10]


@pytest.mark.parametrize(("members", "expected"), [((3, 4, 5), 0.375), ((6, 11, 8), 0.167)])
def test_ordered_distance_is_that_of_the_paper(members: tuple[int, ...], expected: float) -> None:
    frame = pa.table({"k": [salary in members for salary in _SALARIES], "salary": _SALARIES})
    found = t_closeness(frame, KeyVariables(("k",)), "salary", kind=DistanceKind.ORDERED)
    own = found.distance[[salary in members for salary in _SALARIES]]
    assert own == pytest.approx(np.full(len(members), expected), abs=5e-4)
    assert found.largest == found.distance.max()


def test_equal_distance_is_half_the_sum_of_differences() -> None:
    frame = pa.table({"k": [1, 1, 1, 1, 2, 2], "s": ["x", "x", "y", None, "y", "z"]})
    found = t_closeness(frame, KeyVariables(("k",)), "s")
    # Shares of x, y, z and missing: 2/6, 2/6, 1/6, 1/6 of all; 1/2, 1/4, 0, 1/4 and 0, 1/2, 1/2, 0 with a key.
    assert found.distance == pytest.approx([1 / 4] * 4 + [1 / 2] * 2)


def test_named_order_is_the_order_of_the_distance() -> None:
    frame = pa.table({"k": [1, 1, 2, 2], "s": ["low", "high", "middle", "middle"]})
    order = ("low", "middle", "high")
    found = t_closeness(frame, KeyVariables(("k",)), "s", kind=DistanceKind.ORDERED, order=order)
    assert found.distance == pytest.approx([0.25] * 4)
    named = t_closeness(frame, KeyVariables(("k",)), "s", kind=DistanceKind.ORDERED, order=("low", "high", "middle"))
    assert named.distance != pytest.approx(found.distance)


def test_distances_of_many_groups_are_found_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    frame = pa.table({"k": generator.integers(0, 30, 500), "s": generator.integers(0, 9, 500)})
    whole = t_closeness(frame, KeyVariables(("k",)), "s").distance
    monkeypatch.setattr("disclosure.microdata.closeness._CHUNK", 20)
    assert t_closeness(frame, KeyVariables(("k",)), "s").distance == pytest.approx(whole)


@pytest.mark.parametrize("order", [(), ("x",), ("x", "y", "y"), ("x", "z")])
def test_order_names_each_category_once(order: tuple[str, ...]) -> None:
    frame = pa.table({"k": [1, 1], "s": ["x", "y"]})
    with pytest.raises(ColumnError, match="'s'"):
        t_closeness(frame, KeyVariables(("k",)), "s", kind=DistanceKind.ORDERED, order=order)


def test_missing_values_have_no_place_in_an_order() -> None:
    frame = pa.table({"k": [1, 1], "s": [1, None]})
    with pytest.raises(ColumnError, match="no place in an order"):
        t_closeness(frame, KeyVariables(("k",)), "s", kind=DistanceKind.ORDERED)


def test_key_is_not_sensitive() -> None:
    with pytest.raises(ColumnError, match="is a key variable"):
        t_closeness(pa.table({"k": [1]}), KeyVariables(("k",)), "k")
