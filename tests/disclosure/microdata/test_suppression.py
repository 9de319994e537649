"""Local suppression: the same values as sdcMicro makes missing, and k-anonymity whatever comes in."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import BadInputError, ColumnError, RefusedError
from disclosure.microdata import KeyVariables, frequencies, k_anonymity, local_suppression
from disclosure.microdata.coding import Coded
from disclosure.microdata.counting import counted
from disclosure.microdata.goals import goals_of
from tests.disclosure.microdata.figures import DATA, FIGURES, made, records

RUNS = FIGURES["localSuppression"]


def _file(run: str) -> pa.Table:
    return records(run.split("_k", maxsplit=1)[0])


@pytest.mark.parametrize("run", list(RUNS))
def test_values_made_missing_are_those_of_sdcmicro(run: str) -> None:
    told = RUNS[run]
    keys = KeyVariables(tuple(told["keyVars"]))
    found = local_suppression(
        _file(run), keys, k=told["k"], importance=tuple(told["importance"] or ()), alpha=told["alpha"]
    )
    assert dict(found.counts) == told["suppressions"]
    assert found.total == told["total"]
    assert k_anonymity(frequencies(found.frame, keys, alpha=told["alpha"]), (told["k"],)).of(told["k"]) == 0
    if (DATA / "sdcmicro" / f"kanon_{run}.parquet").exists():
        figures = made(f"kanon_{run}")
        ours = found.frame.select(told["keyVars"]).to_pandas()
        for name in told["keyVars"]:
            assert (ours[name].isna() == figures[name].isna()).all()
            assert (ours[name].dropna() == figures[name].dropna()).all()


@pytest.mark.parametrize(("k", "total"), [(2, 157), (3, 293), (5, 500)])
def test_totals_of_testdata(k: int, total: int) -> None:
    keys = KeyVariables(("urbrur", "roof", "walls", "water", "electcon", "relat", "sex"))
    assert local_suppression(records("testdata"), keys, k=k).total == total


def test_sets_of_key_variables_with_a_k_of_their_own_are_those_of_sdcmicro() -> None:
    keys = KeyVariables(("urbrur", "roof", "walls", "water", "electcon"))
    found = local_suppression(records("testdata"), keys, combs=((3, 5), (4, 3)))
    assert dict(found.counts) == {"urbrur": 0, "roof": 8, "walls": 0, "water": 27, "electcon": 4}
    assert found.k == 3
    for size, k in ((3, 5), (4, 3)):
        for names in combinations(keys.categorical, size):
            assert (frequencies(found.frame, KeyVariables(names)).fk >= k).all()


def test_values_that_are_missing_before_are_a_category_where_alike_records_are_left_out() -> None:
    # sdcMicro 5.8.1 makes nothing more missing here: the records without a first value match the others.
    frame = pa.table({"a": ["x", None, None, None, "y", "y"], "b": ["p", None, "p", "p", "p", "p"]})
    assert local_suppression(frame, KeyVariables(("a", "b")), k=2).total == 0


def test_keys_are_shared_within_strata() -> None:
    generator = np.random.default_rng(3)
    frame = pa.table({name: generator.integers(0, 4, 300) for name in "abc"})
    frame = frame.append_column("s", pa.array([("p", "q", None)[n % 3] for n in range(300)]))
    keys = KeyVariables(("a", "b", "c"))
    found = local_suppression(frame, keys, k=3, strata=("s",)).frame
    for one in ("p", "q", None):
        own = found.filter(pc.is_null(found["s"]) if one is None else pc.equal(found["s"], one))
        assert own.num_rows == 100
        assert (frequencies(own, keys).fk >= 3).all()
    with pytest.raises(RefusedError, match="fewer records than 101"):
        local_suppression(frame, keys, k=101, strata=("s",))
    with pytest.raises(ColumnError, match="'t'"):
        local_suppression(frame, keys, strata=("t",))


@pytest.mark.parametrize(
    ("count", "k", "combs", "said"),
    [
        (2, 3, ((1, 3),), "k of its own"),
        (2, None, ((1, 1),), "at least 2"),
        (2, None, ((3, 3),), "1 to 2"),
        (2, None, ((0, 3),), "1 to 2"),
        (24, None, ((3, 3),), "too many"),
    ],
)
def test_sets_that_do_not_fit_the_key_are_refused(
    count: int, k: int | None, combs: tuple[tuple[int, int], ...], said: str
) -> None:
    with pytest.raises(BadInputError, match=said):
        goals_of(count, k, combs)


_VALUES = st.sampled_from(["a", "b", "c", "d", None])
_ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[_VALUES] * width), min_size=2, max_size=30))


@settings(max_examples=80)
@given(rows=_ROWS, k=st.integers(2, 4), alpha=st.sampled_from([0.0, 0.5, 1.0]))
def test_every_key_is_shared_by_k_or_the_file_is_refused(rows: list[tuple[Any, ...]], k: int, alpha: float) -> None:
    names = tuple(f"k{place}" for place in range(len(rows[0])))
    columns = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
    if any(column.null_count == len(rows) for column in columns.values()):
        return
    frame = pa.table({**columns, "number": range(len(rows))})
    if len(rows) < k:
        with pytest.raises(RefusedError, match="fewer records"):
            local_suppression(frame, KeyVariables(names), k=k, alpha=alpha)
        return
    found = local_suppression(frame, KeyVariables(names), k=k, alpha=alpha)
    assert found.frame["number"].to_pylist() == list(range(len(rows)))
    for name, count in found.counts:
        before, after = frame[name].to_pylist(), found.frame[name].to_pylist()
        different = [old for old, new in zip(before, after, strict=True) if old != new]
        assert None not in different
        assert [new for old, new in zip(before, after, strict=True) if old != new] == [None] * count
    if all(found.frame[name].null_count < len(rows) for name in names):
        assert (frequencies(found.frame, KeyVariables(names), alpha=alpha).fk >= k).all()


def _one_by_one(rows: list[list[Any]], k: int) -> list[list[Any]]:
    """Go through records and their neighbours one by one."""

    def apart(one: list[Any], other: list[Any]) -> list[int]:
        both = enumerate(zip(one, other, strict=True))
        return [place for place, (a, b) in both if a is not None and b is not None and a != b]

    sizes = [len({row[place] for row in rows} - {None}) for place in range(len(rows[0]))]
    order = sorted(range(len(sizes)), key=lambda place: sizes[place])[::-1]
    keys = [tuple(row) for row in rows]
    for part in ([n for n, key in enumerate(keys) if keys[:n].count(key) < k], list(range(len(rows)))):
        while True:
            columns = [pa.array([rows[n][place] for n in part], pa.string()) for place in range(len(sizes))]
            coded = tuple(Coded("", *_codes(column)) for column in columns)
            fk, _ = counted(coded, None, 1.0)
            risky = sorted((n for n in range(len(part)) if fk[n] < k), key=lambda n: fk[n])
            if not risky:
                break
            changed = False
            for own in (rows[part[n]] for n in risky):
                neighbours = [apart(own, rows[n]) for n in part]
                nearest = min((len(one) for one in neighbours if one), default=0)
                found = [place for place in order if any(place in one for one in neighbours if len(one) == nearest)]
                if found:
                    own[found[0]], changed = None, True
            for own in () if changed else (rows[part[n]] for n in risky):
                own[next(place for place in order if own[place] is not None)] = None
    return rows


def _codes(column: pa.Array) -> tuple[Any, int]:
    encoded = column.dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy().astype(np.int32), len(encoded.dictionary)


@settings(max_examples=80)
@given(rows=_ROWS, k=st.integers(2, 4))
def test_neighbours_are_found_as_one_by_one(rows: list[tuple[Any, ...]], k: int) -> None:
    names = tuple(f"k{place}" for place in range(len(rows[0])))
    columns = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
    if len(rows) < k or any(column.null_count == len(rows) for column in columns.values()):
        return
    expected = _one_by_one([list(row) for row in rows], k)
    found = local_suppression(pa.table(columns), KeyVariables(names), k=k).frame
    assert [list(row.values()) for row in found.to_pylist()] == expected


def test_record_that_differs_from_nobody_loses_values_of_its_own() -> None:
    # The first record loses its only value, so that it may be anybody; but it does not count for whole keys.
    frame = pa.table({"a": ["x", "y"], "b": [None, "z"]})
    found = local_suppression(frame, KeyVariables(("a", "b")), k=2)
    assert found.counts == (("a", 2), ("b", 0))
    assert found.frame["b"].to_pylist() == [None, "z"]


def test_file_that_is_k_anonymous_is_left_alone() -> None:
    frame = pa.table({"a": [1, 1, 2, 2], "b": ["één", "één", "日", "日"]})
    found = local_suppression(frame, KeyVariables(("a", "b")), k=2)
    assert (found.total, found.frame) == (0, frame)


def test_most_important_variable_is_kept() -> None:
    generator = np.random.default_rng(4)
    frame = pa.table({name: generator.integers(0, 6, 200) for name in "abc"})
    keys = KeyVariables(("a", "b", "c"))
    for kept in range(3):
        ranks = [2, 2, 2]
        ranks[kept] = 1
        found = local_suppression(frame, keys, k=3, importance=tuple(ranks))
        counts = [count for _, count in found.counts]
        assert counts[kept] == min(counts) < max(counts)


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.string(), pa.float64(), pa.dictionary(pa.int32(), pa.string()), pa.large_string()]
)
def test_types_of_columns_are_kept(kind: pa.DataType) -> None:
    whole = kind.value_type if pa.types.is_dictionary(kind) else kind
    column = pa.array([1, 1, 1, 2], pa.int64()).cast(pa.string()).cast(whole)
    column = column.dictionary_encode() if pa.types.is_dictionary(kind) else column
    frame = pa.table({"a": column, "b": [1, 1, 1, 1]})
    found = local_suppression(frame, KeyVariables(("a", "b")), k=2)
    assert found.frame.schema.field("a").type == kind
    assert found.frame["a"].null_count == found.total == 1


def test_many_categories_are_told_apart() -> None:
    values = [*range(300), *range(300), 300]
    frame = pa.table({"a": [*values, *values[:-1]], "b": [1] * 1201})
    found = local_suppression(frame, KeyVariables(("a", "b")), k=2)
    assert (found.frame["a"].null_count, found.total) == (1, 1)


@pytest.mark.parametrize("k", [1, 0, -1])
def test_k_under_2_is_refused(k: int) -> None:
    with pytest.raises(BadInputError, match="at least 2"):
        local_suppression(pa.table({"a": [1, 1]}), KeyVariables(("a",)), k=k)


@pytest.mark.parametrize("alpha", [-0.5, 1.5])
def test_alpha_is_from_0_to_1(alpha: float) -> None:
    with pytest.raises(BadInputError, match="alpha"):
        local_suppression(pa.table({"a": [1, 1]}), KeyVariables(("a",)), alpha=alpha)


@pytest.mark.parametrize("importance", [(1,), (0, 1), (1, 3), (1, 2, 3)])
def test_importance_is_a_rank_for_each_key(importance: tuple[int, ...]) -> None:
    with pytest.raises(BadInputError, match="rank from 1"):
        local_suppression(pa.table({"a": [1, 1], "b": [1, 1]}), KeyVariables(("a", "b")), importance=importance)


def test_one_record_cannot_be_shared() -> None:
    with pytest.raises(RefusedError, match="fewer records than 2"):
        local_suppression(pa.table({"a": ["x"]}), KeyVariables(("a",)))


def test_absent_key_is_refused() -> None:
    with pytest.raises(ColumnError, match="'b'"):
        local_suppression(pa.table({"a": ["x", "x"]}), KeyVariables(("b",)))
