"""Frames in files: what R reads is what was given, and nothing that is only nearly so."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.engines.sdcmicro.frames import INDEX, read_frame, write_frame
from disclosure.errors import ColumnError, DataError

TEXTS = ["", "NA", None, 'é;"\n', "N/A", "Zeeburg"]


def there_and_back(table: pa.Table, folder: Path) -> pa.Table:
    write_frame(table, folder / "frame")
    return read_frame(folder / "frame")


def test_texts_keep_what_csv_would_lose(tmp_path: Path) -> None:
    back = there_and_back(pa.table({"t": TEXTS}), tmp_path)
    assert back["t"].to_pylist() == TEXTS
    assert back.schema.field("t").type == pa.string()


def test_categories_keep_their_order_and_those_nobody_has(tmp_path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([1, None, 0], pa.int8()), pa.array(["low", "high", "none"]))
    back = there_and_back(pa.table({"c": column}), tmp_path)["c"]
    assert back.to_pylist() == ["high", None, "low"]
    assert back.combine_chunks().dictionary.to_pylist() == ["low", "high", "none"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, None, -(2**31) + 1, 2**31 - 1]),
        pa.array([1, None, 2**31, 2**53]),
        pa.array([None, None], pa.int16()),
        pa.array([0.1, None, 1e300, -0.0]),
        pa.array([True, None, False]),
    ],
    ids=["whole", "wide", "all missing", "numbers", "truth"],
)
def test_numbers_and_gaps_come_back_as_they_were(column: pa.Array, tmp_path: Path) -> None:
    back = there_and_back(pa.table({"x": column}), tmp_path)["x"]
    assert back.to_pylist() == column.to_pylist()


def test_the_number_that_r_keeps_for_a_gap_travels_as_a_double(tmp_path: Path) -> None:
    back = there_and_back(pa.table({"x": pa.array([-(2**31), 5])}), tmp_path)["x"]
    assert back.to_pylist() == [-(2.0**31), 5.0]


def test_what_is_no_number_is_missing(tmp_path: Path) -> None:
    back = there_and_back(pa.table({"x": pa.array([np.nan, 1.0])}), tmp_path)["x"]
    assert back.to_pylist() == [None, 1.0]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([2**53 + 1]), "cannot hold exactly"),
        (pa.array([np.inf]), "without end"),
        (pa.array([dt.date(2020, 1, 1)]), "does not take"),
        (pa.array([[1]]), "does not take"),
        (pa.array(["a\0b"]), "a sign that R cannot hold"),
        (pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", "a"])), "a category twice"),
        (pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", None])), "one that is missing"),
    ],
)
def test_what_r_cannot_hold_is_refused_without_its_values(column: pa.Array, said: str, tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=said) as caught:
        write_frame(pa.table({"x": column}), tmp_path / "frame")
    assert "a\0b" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_columns_without_a_name_of_their_own_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="named once each"):
        write_frame(pa.table([[1], [2]], names=["x", "x"]), tmp_path / "frame")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "0.bin").write_bytes(b"\0" * 4),
        lambda folder: (folder / "0.bin").unlink(),
        lambda folder: (folder / "0.json").write_text('["a"]'),
        lambda folder: (folder / "0.json").write_text('["a", 5]'),
        lambda folder: (folder / INDEX).write_text("{}"),
        lambda folder: (folder / INDEX).write_text("{"),
        lambda folder: (folder / INDEX).write_text(json.dumps({"rows": 2, "columns": [{"name": "t", "kind": "raw"}]})),
    ],
)
def test_half_a_frame_is_no_frame(spoil: object, tmp_path: Path) -> None:
    write_frame(pa.table({"t": ["a", "b"]}), tmp_path / "frame")
    spoil(tmp_path / "frame")  # type: ignore[operator]
    with pytest.raises(DataError, match="no whole frame"):
        read_frame(tmp_path / "frame")


letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)


@given(st.lists(st.tuples(st.none() | letters, st.none() | st.integers(-(2**53), 2**53)), max_size=20))
def test_every_text_and_every_whole_number_comes_back(rows: list[tuple[str | None, int | None]]) -> None:
    import tempfile

    table = pa.table({"t": pa.array([one for one, _ in rows], pa.string()),
                      "n": pa.array([one for _, one in rows], pa.int64())})  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        back = there_and_back(table, Path(folder))
    assert back["t"].to_pylist() == table["t"].to_pylist()
    assert back["n"].to_pylist() == table["n"].to_pylist()
