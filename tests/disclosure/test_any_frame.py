"""Frames as people have them: columns in the index, columns named by numbers, queries, durations, time zones."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import disclosure as sdc
from disclosure.engines.door import narrow_frame
from disclosure.engines.plain_columns import _duration
from disclosure.errors import ColumnError, DataError
from disclosure.model.verdicts import Status
from disclosure.notebook.output import Output
from disclosure.render import to_csv
from tests.disclosure.support import UNIT

SIZE = 60


def frame(**columns: Any) -> pd.DataFrame:
    plain = pd.DataFrame({UNIT: range(SIZE), "group": ["a", "b", "c"] * 20, "value": np.arange(SIZE) * 1.5})
    return plain.assign(**columns)


def csv(data: Any, **asked: Any) -> bytes:
    made = sdc.table(data, **{"rows": "group", "unit": UNIT, **asked})
    assert made.verdict.status is Status.SAFE
    return to_csv(made.table)


# ------------------------------------------------------------------------------------------------------------ names
INDEXED: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "the unit": lambda one: one.set_index(UNIT),
    "the dimension": lambda one: one.set_index("group"),
    "several": lambda one: one.set_index([UNIT, "group"]),
    "the value": lambda one: one.set_index("value"),
}


@pytest.mark.parametrize("name", INDEXED)
def test_a_named_level_of_the_index_is_a_column(name: str) -> None:
    asked = {"values": "value", "statistic": "sum"}
    assert csv(INDEXED[name](frame()), **asked) == csv(frame(), **asked)


def test_a_column_goes_before_a_level_of_its_name() -> None:
    other = frame().set_index(pd.Index(["x", "y"] * 30, name="group"))
    assert csv(other) == csv(frame())


def test_an_index_without_a_name_is_no_column() -> None:
    with pytest.raises(ColumnError, match="no column of that name"):
        sdc.table(frame().set_index(pd.Index(["x", "y"] * 30)), rows="index", unit=UNIT)


@pytest.mark.parametrize("kind", [int, np.int64], ids=["whole numbers", "numbers of an array"])
def test_a_whole_number_names_a_column_by_its_text(kind: type) -> None:
    numbered = frame().set_axis([kind(0), kind(1), kind(2)], axis=1)
    made = sdc.table(numbered, rows=[1], values=2, statistic="sum", unit=0)
    assert isinstance(made, Output)
    assert made.recipe.narrow_columns == ("0", "1", "2")
    assert made.evidence.dimensions == ("1",)
    again = sdc.table(numbered, rows="1", values="2", statistic="sum", unit="0")
    assert isinstance(again, Output)
    assert made.recipe == again.recipe


def test_a_name_that_is_nearly_one_is_suggested() -> None:
    with pytest.raises(ColumnError) as refused:
        sdc.table(frame(), rows="grup", unit=UNIT)
    assert "Perhaps 'group'. Columns: " in str(refused.value)
    with pytest.raises(ColumnError) as refused:
        sdc.table(frame(), rows=["group", "CANARY-1"], unit=UNIT)
    assert "1 of the 2 names" in str(refused.value)
    assert "Perhaps" not in str(refused.value)
    assert "CANARY" not in str(refused.value)


# ---------------------------------------------------------------------------------------------------------- queries
def test_a_polars_query_is_carried_out_for_the_columns_that_are_asked_for() -> None:
    read: list[str] = []

    def watched(batch: pl.DataFrame) -> pl.DataFrame:
        read.extend(batch.columns)
        return batch

    query = pl.from_pandas(frame()).lazy().with_columns(more=pl.lit(1))
    watching = query.map_batches(watched, projection_pushdown=True)
    assert csv(query) == csv(frame())
    assert csv(watching) == csv(frame())
    assert set(read) == {UNIT, "group"}


# ------------------------------------------------------------------------------------------------------------ types
@pytest.mark.parametrize(
    ("column", "labels"),
    [
        (pd.to_timedelta([0, 36, -24] * 20, unit="h"), ("-1 day", "0 days", "1 day 12:00:00")),
        (pd.to_timedelta([9, 10, 1] * 20, unit="D"), ("1 day", "9 days", "10 days")),
        ([datetime.time(9, 5), datetime.time(10), None] * 20, ("09:05:00.000000", "10:00:00.000000", None)),
        (pd.arrays.SparseArray([0, 1, 0] * 20), ("0", "1")),
        (np.array([0.5, 1, 2] * 20, dtype=np.float16), ("0.5", "1", "2")),
    ],
    ids=["durations", "days", "times of day", "sparse", "half precision"],
)
def test_columns_of_rarer_types_become_labels(column: Any, labels: tuple[str | None, ...]) -> None:
    assert sdc.table(frame(group=column), rows="group", unit=UNIT).evidence.categories == (labels,)


@pytest.mark.parametrize(
    ("length", "decimals", "said"),
    [
        (0, 0, "0 days"),
        (86_400, 0, "1 day"),
        (172_800_000, 3, "2 days"),
        (-86_400, 0, "-1 day"),
        (9_000, 0, "0 days 02:30:00"),
        (1, 9, "0 days 00:00:00.000000001"),
        (86_399_900_000, 6, "0 days 23:59:59.9"),
    ],
)
def test_a_duration_is_said_in_days_and_time(length: int, decimals: int, said: str) -> None:
    assert _duration(length, decimals) == said


def test_a_duration_is_no_number_until_it_is_made_one() -> None:
    lasting = frame(value=pd.to_timedelta(range(SIZE), unit="D"))
    with pytest.raises(ColumnError) as refused:
        sdc.table(lasting, rows="group", values="value", statistic="mean", unit=UNIT)
    assert ".dt.days" in str(refused.value)
    lasting["value"] = lasting["value"].dt.days
    assert sdc.table(lasting, rows="group", values="value", statistic="mean", unit=UNIT).verdict.status is Status.SAFE


MIDNIGHTS = pd.Series(pd.to_datetime(["2024-01-01", "2024-07-01", "2024-12-31"] * 20))


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "UTC"])
@pytest.mark.parametrize("kind", ["pandas", "polars", "Arrow", "Parquet"])
def test_a_moment_with_a_time_zone_is_the_time_on_the_clocks_there(zone: str, kind: str, tmp_path: Path) -> None:
    table = pa.table({UNIT: range(SIZE), "group": pa.array(MIDNIGHTS.dt.tz_localize(zone))})
    made: dict[str, Callable[[], Any]] = {
        "pandas": table.to_pandas,
        "polars": lambda: pl.from_arrow(table),
        "Arrow": lambda: table,
        "Parquet": lambda: _written(table, tmp_path),
    }
    out = sdc.table(made[kind](), rows="group", unit=UNIT)
    assert out.evidence.categories == (("2024-01-01", "2024-07-01", "2024-12-31"),)


def test_a_zone_may_be_a_distance_from_greenwich() -> None:
    hours = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    out = sdc.table(frame(group=MIDNIGHTS.dt.tz_localize(hours)), rows="group", unit=UNIT)
    assert out.evidence.categories == (("2024-01-01", "2024-07-01", "2024-12-31"),)


def _written(table: pa.Table, folder: Path) -> Path:
    path = folder / "frame.parquet"
    table.to_pandas().to_parquet(path)
    return path


def test_a_time_zone_that_nobody_knows_is_refused() -> None:
    table = pa.table({UNIT: [1, 2], "group": pa.array([0, 1], pa.timestamp("s", "Nowhere/Land"))})
    with pytest.raises(ColumnError, match="time zone of the column 'group'"):
        narrow_frame(table, ("group",))


# ------------------------------------------------------------------------------------------------------------ files
def test_a_file_of_another_kind_is_refused_with_what_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "homes.csv"
    path.write_text("unit,group\n1,CANARY\n")
    with pytest.raises(DataError) as refused:
        sdc.table(path, rows="group", unit=UNIT)
    assert "is not a Parquet file" in str(refused.value)
    assert "to_parquet" in str(refused.value)
    assert "CANARY" not in str(refused.value)


def test_a_parquet_file_without_its_end_may_be_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "homes.parquet"
    frame().to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="cut off"):
        sdc.table(path, rows="group", unit=UNIT)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        sdc.table(tmp_path, rows="group", unit=UNIT)
