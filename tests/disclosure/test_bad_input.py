"""Bad input: a clear refusal of the right kind each time, and never the value of a record in it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import disclosure as sdc
from disclosure.errors import (
    BadInputError,
    ColumnError,
    DataError,
    DatakampError,
    IdentifierRefusedError,
    OverflowRefusedError,
    PolicyError,
    RecipeError,
    RefusedError,
)
from disclosure.model.verdicts import Status
from tests.disclosure.support import UNIT, heads, status

CANARY = "CANARY-900011223"
NUMBER = 900011223


def frame(**columns: Any) -> pd.DataFrame:
    """Return forty units in two groups, with values; a column given replaces or adds one."""
    plain = pd.DataFrame({UNIT: range(40), "group": ["a", "b"] * 20, "value": [float(place) for place in range(40)]})
    return plain.assign(**columns)


ASKED: dict[str, Any] = {"rows": "group", "unit": UNIT}
SUM: dict[str, Any] = {**ASKED, "values": "value", "statistic": "sum"}
FEW = [CANARY] * 39


def told(error: BaseException) -> str:
    """Return all that a traceback would show."""
    return "".join(traceback.format_exception(error)) + repr(error)


CASES: dict[str, tuple[Any, dict[str, Any], type[DatakampError], str]] = {
    "a row variable that is absent": (frame(), {**ASKED, "rows": "wijk"}, ColumnError, "no column of that name"),
    "column variables that are absent": (frame(), {**ASKED, "columns": ["x", "y"]}, ColumnError, "for 2 of the 3"),
    "a value column that is absent": (frame(), {**SUM, "values": "loon"}, ColumnError, "no column for 1 of the 2"),
    "a weight column that is absent": (frame(), {**ASKED, "weights": "w"}, ColumnError, "no column for 1 of the 2"),
    "a name in another case": (frame(), {**ASKED, "rows": "Group"}, ColumnError, "Perhaps 'group'"),
    "an unknown statistic": (frame(), {**SUM, "statistic": "middle"}, RecipeError, "Known: count, "),
    "a statistic in capitals": (frame(), {**SUM, "statistic": "SUM"}, RecipeError, "Known: count, "),
    "a minimum": (frame(), {**SUM, "statistic": "min"}, RecipeError, 'statistic="p5"'),
    "a maximum among others": (frame(), {**SUM, "statistic": ["mean", "max"]}, RecipeError, 'statistic="p95"'),
    "a range": (frame(), {**SUM, "statistic": "range"}, RecipeError, '["p25", "p75"]'),
    "a first record": (frame(), {**SUM, "statistic": "first"}, RecipeError, "a quantile or a mean"),
    "a description": (frame(), {**SUM, "statistic": "describe"}, RecipeError, "sdc.summary"),
    "a statistic that is a function": (frame(), {**SUM, "statistic": np.sum}, BadInputError, "Known: count, "),
    "a statistic that is a lambda": (frame(), {**SUM, "statistic": lambda x: x}, BadInputError, "Known: count, "),
    "a statistic that is a class": (frame(), {**SUM, "statistic": str}, BadInputError, "Known: count, "),
    "a function among others": (frame(), {**SUM, "statistic": ["mean", np.max]}, BadInputError, "Known: count, "),
    "a statistic that is a number": (frame(), {**SUM, "statistic": 5}, BadInputError, "Known: count, "),
    "a statistic that is None in a list": (frame(), {**SUM, "statistic": [None]}, BadInputError, "Known: count, "),
    "no statistic": (frame(), {**SUM, "statistic": []}, BadInputError, "one entry in statistic"),
    "a statistic twice": (frame(), {**SUM, "statistic": ["mean", "mean"]}, RecipeError, "named twice"),
    "a statistic twice under two names": (frame(), {**SUM, "statistic": ["sd", "std"]}, RecipeError, "asked for twice"),
    "a quartile that may be a percentile": (frame(), {**SUM, "statistic": "q1"}, RecipeError, '"p25" or "p01"'),
    "the smallest value as a quantile": (frame(), {**SUM, "statistic": "p0"}, RecipeError, "shows one unit"),
    "the largest value as a quantile": (frame(), {**SUM, "statistic": "p100"}, RecipeError, "Known: count, "),
    "a model as a statistic": (frame(), {**SUM, "statistic": "model"}, RecipeError, "sdc.model"),
    "a number of distinct values": (frame(), {**SUM, "statistic": "nunique"}, RecipeError, "Distinct values"),
    "an unknown option": (frame(), {**SUM, "options": {"trim": 0.1}}, RecipeError, "no statistic here has: 1"),
    "an option without a name": (frame(), {**SUM, "options": {1: 0.1}}, RecipeError, "by name"),
    "options that are none": (frame(), {**SUM, "options": 0.1}, RecipeError, "by name"),
    "an option that is a function": (frame(), {**SUM, "options": {"trim": len}}, RecipeError, "a number"),
    "an option that is not a number": (frame(), {**SUM, "options": {"trim": float("nan")}}, RecipeError, "a number"),
    "statistics for other values": (
        frame(), {**ASKED, "values": "x", "statistic": {"value": "mean"}}, RecipeError, "other columns",
    ),
    "no values": (frame(), {**SUM, "values": []}, BadInputError, "one entry in values"),
    "a value twice": (frame(), {**SUM, "values": ["value", "value"]}, RecipeError, "named twice"),
    "dropna that is a text": (frame(), {**ASKED, "dropna": "yes"}, BadInputError, "True or False"),
    "values without a statistic": (frame(), {**ASKED, "values": "value"}, RecipeError, "Which statistic"),
    "a statistic without values": (frame(), {**ASKED, "statistic": "mean"}, RecipeError, "needs a value"),
    "a count of values": (frame(), {**SUM, "statistic": "count"}, RecipeError, "takes no value"),
    "a dimension among the values": (frame(), {**SUM, "values": ["value", "group"]}, RecipeError, "also a dimension"),
    "text among the values": (frame(note=CANARY), {**SUM, "values": ["value", "note"]}, ColumnError, "a number"),
    "mixed types among the values": (frame(note=[*FEW, 1]), {**SUM, "values": ["value", "note"]}, ColumnError, "mixes"),
    "an absent column among the values": (frame(), {**SUM, "values": ["value", "loon"]}, ColumnError, "no column"),
    "an unknown policy": (frame(), {**ASKED, "policy": "lenient"}, PolicyError, "cbs, sacro, abs"),
    "a policy's path": (frame(), {**ASKED, "policy": "./cbs.toml"}, PolicyError, "cbs, sacro, abs"),
    "rows that are numbers": (frame(), {**ASKED, "rows": [0]}, ColumnError, "no column of that name"),
    "rows that are fractions": (frame(), {**ASKED, "rows": [0.5]}, BadInputError, "a part of type float"),
    "rows that are truth values": (frame(), {**ASKED, "rows": [True]}, BadInputError, "a part of type bool"),
    "rows that are nothing": (frame(), {**ASKED, "rows": None}, BadInputError, "named by texts"),
    "rows that are a number": (frame(), {**ASKED, "rows": 5}, ColumnError, "no column of that name"),
    "rows that are a fraction": (frame(), {**ASKED, "rows": 0.5}, BadInputError, "is of type float"),
    "weights that are a list": (frame(), {**ASKED, "weights": ["value"]}, BadInputError, "named by a text"),
    "a dimension twice": (frame(), {**ASKED, "columns": "group"}, RecipeError, "named twice"),
    "a unit column twice": (frame(), {**ASKED, "unit": [UNIT, UNIT]}, RecipeError, "named twice"),
    "a value that is a dimension": (frame(), {**SUM, "values": "group"}, RecipeError, "also a dimension"),
    "names that differ by case only": (frame(GROUP="x"), {**ASKED, "columns": "GROUP"}, RecipeError, "upper and lower"),
    "an empty frame": (frame().iloc[:0], ASKED, DataError, "no rows"),
    "no row after dropping missing": (frame(group=None), {**ASKED, "dropna": True}, DataError, "No row is left"),
    "values all missing": (frame(value=np.nan), SUM, DataError, "every one is missing"),
    "nullable values all missing": (frame(value=pd.array([None] * 40, dtype="Int64")), SUM, DataError, "every one"),
    "value objects all missing": (frame(value=None), SUM, ColumnError, "a number is needed"),
    "value text": (frame(value=CANARY), SUM, ColumnError, "a number is needed"),
    "value text that is a number": (frame(value=str(NUMBER)), SUM, ColumnError, "a number is needed"),
    "value of mixed types": (frame(value=[*FEW, 1]), SUM, ColumnError, "mixes types"),
    "value lists": (frame(value=[[NUMBER]] * 40), SUM, ColumnError, "a number is needed"),
    "value dates": (frame(value=pd.Timestamp("2024-01-01")), SUM, ColumnError, "a number is needed"),
    "value complex": (frame(value=complex(NUMBER, 1)), SUM, ColumnError, "'value'"),
    "value bytes": (frame(value=CANARY.encode()), SUM, ColumnError, "a number is needed"),
    "value infinite": (frame(value=[np.inf] + [1.0] * 39), SUM, OverflowRefusedError, "infinite"),
    "value too large for a float of six decimals": (frame(value=NUMBER * 1e6), SUM, OverflowRefusedError, "18 digits"),
    "value an integer too large": (frame(value=NUMBER * 10**9), SUM, OverflowRefusedError, "18 digits"),
    "value an integer beyond all": (frame(value=[NUMBER * 10**30] * 40), SUM, ColumnError, "'value'"),
    "value a decimal too large": (frame(value=Decimal(NUMBER * 10**9)), SUM, OverflowRefusedError, "18 digits"),
    "a rate of other values": (frame(value=NUMBER), {**SUM, "statistic": "rate"}, ColumnError, "0 and 1"),
    "a rate of halves": (frame(value=[0.5, 1.0] * 20), {**SUM, "statistic": "rate"}, ColumnError, "0 and 1"),
    "a rate of text": (frame(value=["yes", "no"] * 20), {**SUM, "statistic": "rate"}, ColumnError, "number is needed"),
    "a weight missing": (frame(w=[None] + [1.0] * 39), {**SUM, "weights": "w"}, ColumnError, "missing or negative"),
    "a weight negative": (frame(w=[-NUMBER] + [1.0] * 39), {**SUM, "weights": "w"}, ColumnError, "missing or negative"),
    "a weight infinite": (frame(w=np.inf), {**SUM, "weights": "w"}, OverflowRefusedError, "infinite"),
    "a weight too large": (frame(w=NUMBER * 1e6), {**SUM, "weights": "w"}, OverflowRefusedError, "18 digits"),
    "a weight of text": (frame(w=CANARY), {**SUM, "weights": "w"}, ColumnError, "a number is needed"),
    "a dimension of lists": (frame(group=[[NUMBER]] * 40), ASKED, ColumnError, "cannot be a dimension"),
    "a dimension of bytes": (frame(group=CANARY.encode()), ASKED, ColumnError, "cannot be a dimension"),
    "a dimension of mixed types": (frame(group=[*FEW, 1]), ASKED, ColumnError, "mixes types"),
    "values that are durations": (frame(value=pd.Timedelta(1, "D")), SUM, ColumnError, "a number is needed"),
    "a dimension of structs": (frame(group=[{"a": CANARY}] * 40), ASKED, ColumnError, "cannot be a dimension"),
    "a unit of mixed types": (frame(unit=[*FEW, 1]), ASKED, ColumnError, "mixes types"),
    "a dimension that is the unit": (frame(), {**ASKED, "rows": UNIT}, IdentifierRefusedError, "identifies units"),
    "columns doubled": (pd.concat([frame(), frame()], axis=1), ASKED, ColumnError, "more than one column"),
    "a column name that is a fraction": (frame().rename(columns={"group": 1.5}), ASKED, ColumnError, "neither a text"),
    "a column name that is a truth value": (frame().rename(columns={"group": True}), ASKED, ColumnError, "neither a"),
    "column names that are the same as texts": (
        frame().rename(columns={"group": 1, "value": "1"}), {**ASKED, "rows": "1"}, ColumnError, "more than one column",
    ),
    "several header rows": (
        frame().set_axis(pd.MultiIndex.from_product([[UNIT, "group", "value"], ["x"]]), axis=1), ASKED, ColumnError,
        "several header rows",
    ),
    "an Arrow table with doubled columns": (
        pa.table([pa.array([1]), pa.array([2])], names=["group", "group"]), ASKED, ColumnError, "more than one column",
    ),
    "a column without a name": (frame().rename(columns={"group": ""}), {**ASKED, "rows": ""}, RecipeError, "no name"),
    "a column with a zero in its name": (
        frame().rename(columns={"group": "a\0b"}), {**ASKED, "rows": "a\0b"}, RecipeError, "no name",
    ),
    "a series": (frame()["group"], ASKED, DataError, "This is a Series"),
    "a dictionary": ({"group": ["a"]}, ASKED, DataError, "This is a dict"),
    "a list": ([("a", 1)], ASKED, DataError, "This is a list"),
    "nothing": (None, ASKED, DataError, "This is a NoneType"),
    "a number": (5, ASKED, DataError, "This is a int"),
    "a stream of record batches": (pa.Table.from_pandas(frame()).to_reader(), ASKED, DataError, "RecordBatchReader"),
    "a polars query that fails": (
        pl.from_pandas(frame(text=CANARY)).lazy().with_columns(group=pl.col("text").cast(pl.Int64)), ASKED, DataError,
        "cannot be read",
    ),
    "a polars query over an absent column": (
        pl.from_pandas(frame()).lazy().select(pl.col(CANARY)), ASKED, DataError, "cannot be read",
    ),
    "a polars frame without rows": (pl.from_pandas(frame()).head(0), ASKED, DataError, "no rows"),
    "a polars frame with text values": (pl.from_pandas(frame(value=CANARY)), SUM, ColumnError, "a number is needed"),
    "an Ibis table that cannot be computed": (
        ibis.memtable(pa.table({UNIT: [1], "text": [CANARY]})).mutate(group=ibis._.text.cast("int64")),
        ASKED, DataError, "cannot be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "asked", "kind", "said"), CASES.values(), ids=CASES.keys())
def test_bad_input_is_refused_in_words_that_hold_no_value(
    given: Any, asked: dict[str, Any], kind: type[DatakampError], said: str
) -> None:
    with pytest.raises(kind) as caught:
        sdc.table(given, **asked)
    error = caught.value
    assert said in str(error)
    assert error.exit_status == (1 if isinstance(error, RefusedError) else 2)
    shown = told(error)
    assert CANARY not in shown
    assert str(NUMBER) not in shown


def test_the_good_frame_of_these_tests_is_good() -> None:
    assert status(sdc.table(frame(), **ASKED)) is Status.SAFE
    assert status(sdc.table(frame(), **SUM, policy="abs")) is Status.SAFE


@pytest.mark.parametrize("value", ["999999999999.999999", "-999999999999.999999", "0.000001"])
def test_the_largest_and_smallest_values_that_fit_are_summed_exactly(value: str) -> None:
    values = [Decimal(value), *[Decimal(place) for place in range(39)]]
    amounts = sdc.table(frame(value=values), **SUM, policy="abs").evidence.amounts
    assert amounts is not None
    assert amounts.total[-1] == (Decimal(value) + sum(range(39))) * 10**amounts.decimals


def test_columns_that_nobody_asked_for_may_be_anything() -> None:
    odd = frame(other=[*FEW, 1], more=[[1]] * 40)
    assert status(sdc.table(odd, **ASKED)) is Status.SAFE


# --------------------------------------------------------------------------------------------------------------- files


def written(folder: Path) -> Path:
    path = folder / "frame.parquet"
    frame(note=CANARY).to_parquet(path)
    return path


def overwritten(start: int, size: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:start] + b"\xff" * size + data[start + size :]


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut in half": lambda data: data[: len(data) // 2],
    "without its last byte": lambda data: data[:-1],
    "without its head": lambda data: data[8:],
    "not Parquet": lambda data: f"unit,group\n{CANARY},a\n".encode(),
    "only the marks": lambda data: b"PAR1PAR1",
    "a footer of garbage": lambda data: data[:-200] + b"\x00" * 192 + data[-8:],
    "a footer as long as the world": lambda data: data[:-8] + b"\xff\xff\xff\x7fPAR1",
    "pages of garbage": overwritten(30, 400),
    "twice": lambda data: data + data[:50],
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_parquet_file_is_refused_by_its_name(spoil: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DataError) as caught:
        sdc.table(path, **ASKED)
    assert "frame.parquet" in str(caught.value)
    assert CANARY not in told(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_file_that_is_absent_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file 'none\.parquet'"):
        sdc.table(tmp_path / "none.parquet", **ASKED)
    (tmp_path / "folder.parquet").mkdir()
    with pytest.raises(DataError, match=r"folder\.parquet"):
        sdc.table(tmp_path / "folder.parquet", **ASKED)


def test_a_folder_name_with_an_equals_sign_brings_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "group=secret"
    folder.mkdir()
    frame().drop(columns="group").to_parquet(folder / "frame.parquet")
    with pytest.raises(ColumnError, match="no column of that name"):
        sdc.table(folder / "frame.parquet", **ASKED)


def test_a_parquet_file_with_names_that_differ_by_case_is_read_by_the_exact_name(tmp_path: Path) -> None:
    path = tmp_path / "frame.parquet"
    frame(GROUP="x").to_parquet(path)
    assert sdc.table(path, **ASKED).evidence.categories == (("a", "b"),)


# ---------------------------------------------------------------------------------------------- inconclusive, not wrong


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (frame(), {"rows": "group"}),
        (frame(), {"rows": "group", "unit": "RINPERSOON"}),
        (frame(unit=None), ASKED),
        (frame(unit=np.nan), ASKED),
        (frame(w=1.0), {**ASKED, "weights": "w", "policy": "sacro"}),
    ],
    ids=["no unit", "unit absent", "unit None", "unit nan", "weights without a rule"],
)
def test_what_is_missing_for_a_judgement_makes_it_inconclusive(given: Any, asked: dict[str, Any]) -> None:
    out = sdc.table(given, **asked)
    assert status(out) is Status.INCONCLUSIVE
    assert out.to_pandas().empty


def test_weights_that_differ_within_a_unit_make_a_weighted_count_inconclusive() -> None:
    twice = pd.concat([heads({"a": 40, "b": 40}).assign(w=1.0), heads({"a": 40, "b": 40}).assign(w=2.0)])
    out = sdc.table(twice, rows="group", unit=UNIT, weights="w", policy="abs")
    assert status(out) is Status.INCONCLUSIVE
    assert "one weight per unit" in str(getattr(out.verdict, "missing", ("",))[0])


def test_no_message_of_a_verdict_holds_a_value_of_a_record() -> None:
    dominated = frame(value=[float(NUMBER)] + [1.0] * 39)
    out = sdc.table(dominated, **SUM)
    assert status(out) is Status.UNSAFE
    assert not any("900011223" in finding.message for finding in out.verdict.findings)
    assert not any("900011223" in str(remedy) for remedy in out.remedies())
