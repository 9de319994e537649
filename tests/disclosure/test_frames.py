"""Any frame: pandas, polars, Arrow, a Parquet path and an Ibis table give the same evidence to the last digit."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.errors import ColumnError
from disclosure.model.evidence_document import evidence_to_document
from disclosure.model.recipes import FrameSource
from disclosure.render import to_csv, to_json
from tests.disclosure.support import UNIT, counts, judge, policy


def plain() -> pd.DataFrame:
    filling = np.random.default_rng(11)
    size = 400
    frame = pd.DataFrame(
        {
            UNIT: filling.integers(0, 150, size),
            "group": filling.choice(["a", "b", "c"], size),
            "year": filling.integers(2019, 2022, size),
            "value": np.round(filling.normal(100, 80, size), 3),
            "flag": filling.random(size) < 0.4,
        }
    )
    frame.loc[::17, "value"] = np.nan
    frame.loc[::23, "group"] = None
    return frame


def through_parquet(frame: pd.DataFrame, folder: Path, **how: Any) -> Path:
    path = folder / "frame.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, **how)
    return path


KINDS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda frame, _: frame,
    "pandas with another index": lambda frame, _: frame.set_index(pd.Index(range(len(frame), 0, -1))),
    "pandas of nullable types": lambda frame, _: frame.convert_dtypes(),
    "pandas of Arrow types": lambda frame, _: frame.convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda frame, _: pl.from_pandas(frame, rechunk=False),
    "Arrow table": lambda frame, _: pa.Table.from_pandas(frame, preserve_index=False),
    "Arrow record batch": lambda frame, _: pa.RecordBatch.from_pandas(frame, preserve_index=False),
    "Parquet path": through_parquet,
    "Parquet path as text": lambda frame, folder: str(through_parquet(frame, folder)),
    "Parquet in many row groups": lambda frame, folder: through_parquet(frame, folder, row_group_size=13),
    "Parquet without dictionaries": lambda frame, folder: through_parquet(frame, folder, use_dictionary=False),
    "Ibis table": lambda frame, _: ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False)),
    "Ibis expression": lambda frame, _: (
        ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False)).mutate(extra=ibis._.value * 2).drop("extra")
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("statistic", ["count", "sum", "mean", "rate"])
def test_every_kind_of_frame_gives_the_same_evidence(kind: str, statistic: str, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"rows": ["group"], "columns": "year", "unit": UNIT, "policy": "abs"}
    if statistic != "count":
        asked |= {"values": "flag" if statistic == "rate" else "value", "statistic": statistic}
    expected = sdc.table(plain(), **asked)
    out = sdc.table(KINDS[kind](plain(), tmp_path), **asked)
    assert evidence_to_document(out.evidence) == evidence_to_document(expected.evidence)
    assert out.verdict == expected.verdict
    assert out.recipe == expected.recipe


def test_the_evidence_is_that_of_plain_pandas() -> None:
    frame = plain()
    out = sdc.table(frame, rows="group", unit=UNIT)
    expected = frame.groupby("group", dropna=False)[UNIT].nunique()
    for label, n in zip(expected.index.astype("object").tolist(), expected.tolist(), strict=True):
        assert counts(out)[f"group={label if isinstance(label, str) else '(missing)'}"] == n
    assert counts(out)["total"] == frame[UNIT].nunique()


def test_the_recipe_of_a_frame_names_its_narrow_columns_and_no_others() -> None:
    out = sdc.table(plain().assign(secret=1), rows="group", values="value", statistic="sum", unit=UNIT)
    assert out.recipe.source == FrameSource((UNIT, "group", "value"))
    assert out.narrow is not None
    assert out.narrow.column_names == [UNIT, "group", "value"]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([1, 2], ("1", "2")),
        ([1.0, 2.5], ("1", "2.5")),
        ([0.1, 1e15], ("0.1", "1000000000000000")),
        ([1e300, float("inf")], ("1e+300", "inf")),
        ([-0.0, -1.0], ("-1", "0")),
        ([1.0, float("nan")], ("1", None)),
        (np.array([0.1, 0.2], dtype="float32"), ("0.1", "0.2")),
        (np.array([1, 2**64 - 1], dtype="uint64"), ("1", str(2**64 - 1))),
        (pd.array([1, None], dtype="Int64"), ("1", None)),
        (pd.array([True, False], dtype="boolean"), ("false", "true")),
        ([True, False], ("false", "true")),
        ([Decimal("1.50"), Decimal(200)], ("1.5", "200")),
        ([Decimal("0.00"), Decimal("-3.10")], ("-3.1", "0")),
        (pd.Categorical(["b", "a"], categories=["b", "a", "unused"]), ("a", "b")),
        (pd.Categorical([2, 10], ordered=True), ("2", "10")),
        (pd.Categorical(["a", None]), ("a", None)),
        ([pd.Timestamp("2024-02-29"), pd.Timestamp("2024-02-29 12:30")], ("2024-02-29", "2024-02-29 12:30:00")),
        ([pd.Timestamp("2024-02-29"), pd.NaT], ("2024-02-29", None)),
        ([datetime.date(2024, 2, 29), None], ("2024-02-29", None)),
        (pd.PeriodIndex(["2024", "2023"], freq="Y"), ("2023", "2024")),
        (pd.PeriodIndex(["2024-01", None], freq="M"), ("2024-01", None)),
        (pd.cut([1, 15], [0, 10, 20]), ("(0, 10]", "(10, 20]")),
        (pd.Categorical(pd.PeriodIndex(["2024", "2023"], freq="Y")), ("2023", "2024")),
        (["a", None], ("a", None)),
        (["a", float("nan")], ("a", None)),
        (["nan", "None"], ("None", "nan")),
        (["1", "1.0"], ("1", "1.0")),
        ([None, None], (None,)),
    ],
)
def test_dimensions_of_any_type_become_labels(values: Any, labels: tuple[str | None, ...]) -> None:
    frame = pd.DataFrame({UNIT: [1, 2], "group": values})
    table = judge(frame, policy())
    assert table.evidence is not None
    assert table.evidence.categories == (labels,)


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ([1, 2, 3], "6"),
        ([1.5, 2.5, 3.25], "7.25"),
        (np.array([1, 2, 3], dtype="int8"), "6"),
        (np.array([1.5, 2, 3], dtype="float32"), "6.5"),
        (pd.array([1, None, 5], dtype="Int64"), "6"),
        (pd.array([1.5, None, 5], dtype="Float64"), "6.5"),
        ([Decimal("1.10"), Decimal("2.20"), Decimal(3)], "6.3"),
        (pd.Categorical([1, 2, 3]), "6"),
        ([1.0, float("nan"), 5.0], "6"),
    ],
)
def test_values_of_any_numeric_type_add_up_exactly(values: Any, total: str) -> None:
    frame = pd.DataFrame({UNIT: [1, 2, 3], "value": values})
    assert judge(frame, policy(), statistic="sum", values="value", rows=[]).figures == (total,)


@pytest.mark.parametrize("values", [[True, False] * 20, [1, 0] * 20, [1.0, 0.0] * 20, [Decimal(1), Decimal(0)] * 20])
def test_a_rate_takes_truth_values_and_zeros_and_ones(values: list[Any]) -> None:
    frame = pd.DataFrame({UNIT: range(40), "value": values})
    assert judge(frame, policy(), statistic="rate", values="value", rows=[]).figures == ("0.5",)


@pytest.mark.parametrize(
    ("unit", "n"),
    [
        (["a", "b", "a"], 2),
        ([1, 2, 1], 2),
        ([1.0, 2.0, 1.0], 2),
        (pd.array([2**62, 2**62 + 1, 2**62], dtype="Int64"), 2),
        (pd.Categorical(["a", "b", "a"]), 2),
        ([Decimal(1), Decimal(2), Decimal("1.0")], 2),
        ([datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), datetime.date(2024, 1, 1)], 2),
    ],
)
def test_unit_keys_of_any_type_are_counted(unit: Any, n: int) -> None:
    frame = pd.DataFrame({UNIT: unit, "group": "a"})
    assert counts(judge(frame, policy()))["total"] == n


def test_columns_with_awkward_names_are_found() -> None:
    for name in ('a "b"; DROP', "two\nlines", "d0", "u0", "v", "n_rows", "count", "é", "rows_of_the_recipe", "*"):
        frame = pd.DataFrame({UNIT: range(4), name: ["x", "y"] * 2})
        assert counts(judge(frame, policy(), rows=[name])) == {f"{name}=x": 2, f"{name}=y": 2, "total": 4}


def test_a_frame_is_not_changed_by_the_check() -> None:
    frame = plain()
    before = frame.copy()
    sdc.table(frame, rows="group", values="value", statistic="sum", unit=UNIT)
    pd.testing.assert_frame_equal(frame, before)


# ---------------------------------------------------------------------------------------- any label, any kind of frame
AWKWARD = (
    "a'b", 'a"b', "a\nb", "a\tb", "a,b;c", "🙂", "👩‍👩‍👧", "עברית", "\u202eabc", "", " ", "Total", "(missing)",
    "nan", "None", "=1+1", "<b>", "{n}", "%s", "\\", "z" * 300, "1", "1.0", "01", "-5", "é", "e\u0301", "NULL", "true",
)  # fmt: skip
labels = st.sampled_from(AWKWARD) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def columns_of(kind: str) -> st.SearchStrategy[list[Any]]:
    """Return columns of one type, each with missing entries now and then."""
    values: dict[str, st.SearchStrategy[Any]] = {
        "text": labels,
        "whole numbers": st.integers(-(2**53), 2**53),
        "numbers": st.floats(-1e6, 1e6, allow_nan=False, width=32).map(lambda one: round(one, 3) + 0.0),
        "truth values": st.booleans(),
        "dates": st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)),
        "decimals": st.decimals(-1000, 1000, places=2, allow_nan=False).map(lambda one: one + 0),
    }
    return st.lists(st.none() | values[kind], min_size=1, max_size=12).map(lambda one: (one * 40)[:200])


TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "whole numbers": pa.int64(),
    "numbers": pa.float64(),
    "truth values": pa.bool_(),
    "dates": pa.date32(),
    "decimals": pa.decimal128(10, 2),
}


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=8)
@given(data=st.data())
def test_any_dimension_gives_the_same_bytes_from_every_kind_of_frame(kind: str, data: st.DataObject) -> None:
    column = data.draw(columns_of(kind))
    arrow = pa.table({UNIT: pa.array(range(len(column))), "group": pa.array(column, TYPES[kind])})
    asked: dict[str, Any] = {"rows": "group", "unit": UNIT, "policy": "abs"}
    expected = sdc.table(arrow, **asked)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.parquet"
        pq.write_table(arrow, path, row_group_size=7)
        frames = {
            "pandas of Arrow types": arrow.to_pandas(types_mapper=pd.ArrowDtype),
            "pandas of objects": pd.DataFrame({UNIT: range(len(column)), "group": pd.Series(column, dtype=object)}),
            "polars": pl.from_arrow(arrow),
            "Arrow in dictionaries": arrow.set_column(1, "group", arrow.column(1).dictionary_encode()),
            "Parquet": path,
            "Ibis": ibis.memtable(arrow),
            "shuffled": arrow.take(np.random.default_rng(1).permutation(len(column))),
        }
        if kind in {"text", "whole numbers", "truth values"}:
            frames["a categorical"] = frames["pandas of Arrow types"].assign(
                group=pd.Categorical(pd.Series(column, dtype=object))
            )
        for name, frame in frames.items():
            out = sdc.table(frame, **asked)
            assert to_json(out.table) == to_json(expected.table), name
            assert to_csv(out.table) == to_csv(expected.table), name


def test_unused_and_ordered_categories_change_nothing() -> None:
    frame = pd.DataFrame({UNIT: range(80), "group": ["b", "a"] * 40})
    expected = to_json(sdc.table(frame, rows="group", unit=UNIT, policy="abs").table)
    for kind in (
        pd.CategoricalDtype(["a", "b", "never"]),
        pd.CategoricalDtype(["never", "b", "a"], ordered=True),
        "string",
        "string[pyarrow]",
        pd.ArrowDtype(pa.large_string()),
    ):
        made = frame.astype({"group": kind})
        assert to_json(sdc.table(made, rows="group", unit=UNIT, policy="abs").table) == expected


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([b"a", b"b"] * 40),
        pd.Series([1, "a"] * 40, dtype=object),
        pd.Series([1.5, "a"] * 40, dtype=object),
        pd.Series([[1], [2]] * 40),
        pd.Series([{"a": 1}] * 80),
        pd.Series([object()] * 80),
        pd.Series([1j, 2j] * 40),
    ],
    ids=["bytes", "mixed", "mixed numbers", "lists", "mappings", "objects", "complex"],
)
def test_a_column_that_no_table_can_be_by_is_refused_with_its_name(column: Any) -> None:
    frame = pd.DataFrame({UNIT: range(80), "group": column})
    with pytest.raises(ColumnError, match="'group'"):
        sdc.table(frame, rows="group", unit=UNIT)
