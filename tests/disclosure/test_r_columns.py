"""Columns go to R and back as the numbers that they are, and a frame that is not whole is refused."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.errors import BadInputError
from disclosure.notebook.r.columns import MISSING, read_columns, written_columns


def there_and_back(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    path = folder / "columns"
    path.unlink(missing_ok=True)
    return read_columns(written_columns(frame, path), path)


@given(st.lists(st.floats(allow_nan=False), max_size=20))
def test_doubles_arrive_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    frame = pd.DataFrame({"x": np.array(values, dtype="float64")})
    back = there_and_back(frame, tmp_path_factory.mktemp("r"))
    assert back["x"].to_numpy().tobytes() == frame["x"].to_numpy().tobytes()


@given(st.lists(st.none() | st.text(max_size=5), max_size=20))
def test_texts_arrive_as_they_are(tmp_path_factory: pytest.TempPathFactory, values: list[str | None]) -> None:
    back = there_and_back(pd.DataFrame({"x": pd.Series(values, dtype=object)}), tmp_path_factory.mktemp("r"))
    assert [one if isinstance(one, str) else None for one in back["x"]] == values


COLUMNS: dict[str, tuple[pd.Series[Any], str]] = {
    "logical": (pd.Series([True, None, False], dtype="boolean"), "logical"),
    "bits": (pd.Series([True, False, True]), "logical"),
    "whole": (pd.Series([1, -(2**31) + 1, 2**31 - 1]), "integer"),
    "smallest": (pd.Series([1, 2, -(2**31)]), "double"),
    "large": (pd.Series([1, 2**53, 3]), "double"),
    "holes": (pd.Series([1, None, 3], dtype="Int64"), "integer"),
    "factor": (pd.Series(pd.Categorical(["b", None, "a"], ["b", "a", "c"], ordered=True)), "factor"),
    "moment": (pd.Series(np.array(["2023-01-01T12:00:00.5", "NaT", "1969-12-31"], "datetime64[ns]")), "time"),
    "zone": (
        pd.Series(np.array(["2023-07-01", "NaT", "2023-01-01"], "datetime64[ns]")).dt.tz_localize("Europe/Amsterdam"),
        "time",
    ),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_each_type_comes_back_as_what_it_was(tmp_path: Path, name: str) -> None:
    column, kind = COLUMNS[name]
    path = tmp_path / "columns"
    described = written_columns(pd.DataFrame({"x": column}), path)
    assert described[0]["kind"] == kind
    back = read_columns(described, path)["x"]
    assert back.isna().tolist() == column.isna().tolist()
    assert back.dropna().tolist() == column.dropna().tolist()


def test_an_ordered_factor_keeps_its_order_and_a_category_that_nobody_has(tmp_path: Path) -> None:
    back = there_and_back(pd.DataFrame({"x": COLUMNS["factor"][0]}), tmp_path)["x"]
    assert back.cat.ordered
    assert back.cat.categories.tolist() == ["b", "a", "c"]


def test_dates_and_decimals_are_numbers_of_r(tmp_path: Path) -> None:
    days = [datetime.date(1970, 1, 2), None, datetime.date(1969, 12, 31)]
    frame = pd.DataFrame({"day": days, "amount": [Decimal("1.5"), None, Decimal(2)]})
    path = tmp_path / "columns"
    assert [one["kind"] for one in written_columns(frame, path)] == ["date", "double"]
    numbers = np.frombuffer(path.read_bytes(), "<f8")
    assert numbers[[0, 2, 3, 5]].tolist() == [1.0, -1.0, 1.5, 2.0]
    assert np.isnan(numbers[[1, 4]]).all()


@pytest.mark.parametrize(
    "column", [pd.Series([2**53 + 1]), pd.Series([[1, 2]]), pd.Series([1j]), pd.Series(pd.to_timedelta([1]))]
)
def test_what_r_cannot_hold_is_refused_by_the_name_of_its_column(tmp_path: Path, column: pd.Series[Any]) -> None:
    with pytest.raises(BadInputError, match="'amount'"):
        written_columns(pd.DataFrame({"amount": column}), tmp_path / "columns")


WHOLE = {"name": "x", "kind": "double", "length": 2}


@pytest.mark.parametrize(
    ("described", "size"),
    [
        ([WHOLE], 15),
        ([WHOLE], 17),
        ([WHOLE | {"kind": "complex"}], 16),
        ([WHOLE | {"length": "two"}], 16),
        ([WHOLE | {"length": -2}], 0),
        ([{"name": "x"}], 16),
        ([WHOLE | {"length": 1}, WHOLE | {"length": 1}], 16),
        (["x"], 16),
    ],
)
def test_a_frame_that_is_not_whole_is_refused(tmp_path: Path, described: list[Any], size: int) -> None:
    path = tmp_path / "columns"
    path.write_bytes(bytes(size))
    with pytest.raises(BadInputError, match="did not arrive whole"):
        read_columns(described, path)


@pytest.mark.parametrize("place", [0, 3, MISSING + 1])
def test_a_level_that_there_is_not_is_refused(tmp_path: Path, place: int) -> None:
    path = tmp_path / "columns"
    path.write_bytes(np.array([1, place], "<i4").tobytes())
    with pytest.raises(BadInputError, match="did not arrive whole"):
        read_columns([{"name": "x", "kind": "text", "length": 2, "levels": ["a", "b"]}], path)
