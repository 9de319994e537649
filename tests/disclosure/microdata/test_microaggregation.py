"""Microaggregation: sdcMicro's groups, strata of their own, and what numbers are worth afterwards."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import BadInputError, ColumnError, DataError, RefusedError
from disclosure.microdata import eigenvalue_difference, il1, il1s, mdav
from tests.disclosure.microdata.figures import DATA, FIGURES, made, records

RUNS = FIGURES["microaggregation"]
_FOLLOWING = {"CASC_mdav_3", "CASC_mdav_5"}
"""Runs with columns that follow from each other."""


@pytest.mark.parametrize("run", list(RUNS))
def test_groups_are_those_of_sdcmicro(run: str) -> None:
    told = RUNS[run]
    frame, columns = records(run.split("_", maxsplit=1)[0]), tuple(told["vars"])
    found = mdav(frame, columns, k=told["aggr"])
    assert found.loss == pytest.approx(told["SSE_over_SST"], rel=1e-9)
    assert found.sizes == tuple((int(size), count) for size, count in told["n_groups_by_size"].items())
    assert il1(frame, found.frame, columns) == pytest.approx(told["IL1"], rel=1e-9)
    if "IL1s" in told:
        assert il1s(frame, found.frame, columns) == pytest.approx(told["IL1s"], rel=1e-9)
    if run in _FOLLOWING:
        with pytest.raises(ColumnError, match="follow from each other"):
            eigenvalue_difference(frame, found.frame, columns)
    else:
        assert eigenvalue_difference(frame, found.frame, columns) == pytest.approx(told["eigen"], rel=1e-7)
    if (DATA / "sdcmicro" / f"microagg_{run}.parquet").exists():
        ours = found.frame.select(list(columns)).to_pandas()
        np.testing.assert_allclose(ours, made(f"microagg_{run}"), rtol=1e-10)


def test_loss_of_the_census_file() -> None:
    found = mdav(records("CASC"), tuple(RUNS["CASC_mdav_3"]["vars"]), k=3)
    assert round(found.loss, 6) == 0.056922
    assert found.sizes == ((3, 360),)


_NUMBERS = st.lists(st.tuples(*[st.one_of(st.none(), st.integers(-50, 50))] * 2), min_size=2, max_size=40)


@settings(max_examples=60)
@given(rows=_NUMBERS, k=st.integers(2, 5))
def test_groups_have_k_to_2k_less_1_records_and_keep_means(rows: list[tuple[int | None, ...]], k: int) -> None:
    frame = pa.table({name: pa.array([row[place] for row in rows], pa.int64()) for place, name in enumerate("ab")})
    if any(frame[name].null_count == len(rows) for name in "ab"):
        return
    if len(rows) < k:
        with pytest.raises(RefusedError, match="fewer records"):
            mdav(frame, ("a", "b"), k=k)
        return
    found = mdav(frame, ("a", "b"), k=k)
    assert sum(size * count for size, count in found.sizes) == len(rows)
    assert all(k <= size < 2 * k for size, _ in found.sizes)
    for name in "ab":
        before, after = frame[name].to_pandas(), found.frame[name].to_pandas()
        assert (before.isna() == after.isna()).all()
        assert after.sum() == pytest.approx(before.sum(), abs=1e-9)
        for group in set(found.group.tolist()):
            assert after[found.group == group].dropna().nunique() <= 1


def test_groups_lie_within_strata() -> None:
    generator = np.random.default_rng(5)
    frame = pa.table(
        {"x": generator.normal(size=60), "s": pa.array(["a", "b", None] * 20), "y": generator.normal(size=60)}
    )
    found = mdav(frame, ("x", "y"), k=4, strata=("s",))
    strata = np.array(["-" if one is None else one for one in frame["s"].to_pylist()])
    for group in range(int(found.group.max()) + 1):
        assert len(set(strata[found.group == group])) == 1
    assert sum(count for _, count in found.sizes) == 15
    for name in "ab-":
        own = frame.filter(pa.array(strata == name))
        alone = mdav(own, ("x", "y"), k=4)
        assert found.frame.filter(pa.array(strata == name))["x"].to_pylist() == alone.frame["x"].to_pylist()


def test_other_columns_and_their_order_are_kept() -> None:
    frame = pa.table({"a": ["é", "日", "x"], "n": [1, 2, 6], "z": [True, None, False]})
    found = mdav(frame, ("n",), k=3)
    assert found.frame.schema.names == ["a", "n", "z"]
    assert found.frame.select(["a", "z"]) == frame.select(["a", "z"])
    assert (found.frame["n"].to_pylist(), found.loss) == ([3.0, 3.0, 3.0], 1.0)


def test_column_that_is_the_same_for_all_loses_nothing() -> None:
    assert mdav(pa.table({"n": [7, 7, 7, 7]}), ("n",), k=2).loss == 0


@pytest.mark.parametrize("k", [1, 0])
def test_k_under_2_is_refused(k: int) -> None:
    with pytest.raises(BadInputError, match="at least 2"):
        mdav(pa.table({"n": [1, 2]}), ("n",), k=k)


def test_stratum_with_fewer_than_k_is_refused() -> None:
    frame = pa.table({"n": [1, 2, 3, 4, 5], "s": ["a", "a", "a", "b", "b"]})
    with pytest.raises(RefusedError, match="fewer records than 3"):
        mdav(frame, ("n",), k=3, strata=("s",))


@pytest.mark.parametrize("columns", [(), ("n", "n"), ("absent",), ("text",), ("nothing",)])
def test_columns_are_numbers_named_once(columns: tuple[str, ...]) -> None:
    frame = pa.table({"n": [1, 2, 3], "text": ["1", "2", "3"], "nothing": pa.array([None] * 3, pa.int64())})
    with pytest.raises(ColumnError):
        mdav(frame, columns, k=3)


def test_empty_file_is_refused() -> None:
    with pytest.raises(DataError, match="no records"):
        mdav(pa.table({"n": pa.array([], pa.int64())}), ("n",))


def test_lost_information_leaves_missing_numbers_out() -> None:
    before = pa.table({"n": [1.0, 3.0, None, 0.0]})
    after = pa.table({"n": [2.0, None, 5.0, 4.0]})
    deviation = np.std([1, 3, 0], ddof=1)
    assert il1s(before, after, ("n",)) == pytest.approx((1 + 4) / deviation / np.sqrt(2))
    assert il1(before, after, ("n",)) == pytest.approx(100)


def test_eigenvalues_are_of_the_records_that_have_both_numbers() -> None:
    generator = np.random.default_rng(6)
    values = generator.normal(size=(40, 3))
    values[:, 1] += values[:, 0]
    frame = pa.table({name: values[:, place] for place, name in enumerate("abc")})
    holes = pa.table({**{name: frame[name] for name in "bc"}, "a": pa.array([None, *values[1:, 0]])})
    whole = eigenvalue_difference(frame, frame, ("a", "b", "c"))
    assert whole == 0
    assert 0 < eigenvalue_difference(frame, holes, ("a", "b", "c")) < 0.5


@pytest.mark.parametrize("measure", [il1s, eigenvalue_difference])
@pytest.mark.parametrize("numbers", [[1.0], [2.0, 2.0], [None, 1.0]])
def test_numbers_that_do_not_differ_have_no_measure(measure: object, numbers: list[float | None]) -> None:
    frame = pa.table({"n": numbers})
    with pytest.raises(ColumnError, match="same for all"):
        measure(frame, frame, ("n",))  # type: ignore[operator]


def test_columns_without_common_records_have_no_correlation() -> None:
    frame = pa.table({"a": [1.0, 2.0, None, None], "b": [None, None, 3.0, 5.0]})
    with pytest.raises(ColumnError, match="fewer than two records"):
        eigenvalue_difference(frame, frame, ("a", "b"))


@pytest.mark.parametrize("measure", [il1, il1s, eigenvalue_difference])
def test_files_of_other_lengths_are_not_compared(measure: object) -> None:
    with pytest.raises(DataError, match="equally many"):
        measure(pa.table({"n": [1, 2]}), pa.table({"n": [1, 2, 3]}), ("n",))  # type: ignore[operator]
