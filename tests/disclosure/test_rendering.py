"""Rendering: the same values give the same bytes, whatever the frame was, and no label is taken for anything else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from disclosure.exchange.canonical import canonical_json
from disclosure.model.tables import JudgedTable
from disclosure.render import to_csv, to_html, to_json
from disclosure.render.csv import formula_safe
from disclosure.render.frame import to_frame
from tests.disclosure.support import UNIT, coarse, judge, policy

NASTY = [
    'a "quoted" label', "semi;colon", "comma,", "two\nlines", "carriage\rreturn", "tab\tbed", "=1+1", "+31 6", "-5+2",
    "@SUM(A1)", "-5", "<script>alert(1)</script>", "&amp;", "'s-Gravenhage", "", " x ", "é", "Total", "(missing)",
    "null", "NaN", "0", "\u202egnp.exe",
]  # fmt: skip


def base(rows: int = 600) -> pd.DataFrame:
    """Return several rows per unit, values that do not add up exactly as floats, and labels that are numbers."""
    filling = np.random.default_rng(7)
    return pd.DataFrame(
        {
            UNIT: filling.integers(0, rows // 3, rows),
            "size": filling.integers(1, 13, rows),
            "group": filling.choice(["north", "south", "2", "10"], rows),
            "value": np.round(filling.lognormal(6, 2, rows), 2),
            "weight": np.round(filling.uniform(0.1, 9, rows), 3),
        }
    )


def rendered(frame: Any, *, threads: int | None = None, **asked: Any) -> tuple[bytes, bytes, bytes]:
    table = judge(
        frame,
        policy(minimum_units=3, dominance=[[1, 80]]),
        **{"rows": ("size",), "columns": ("group",), "statistic": "sum", "values": "value", **asked},
        threads=threads,
    )
    return to_csv(table), to_json(table), to_html(table, title="A table")


def decimals(numbers: pd.Series[Any]) -> Any:
    """Return numbers as decimals of two places."""
    return [Decimal(f"{one:.2f}") for one in numbers]


FRAMES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "shuffled": lambda frame: frame.sample(frac=1, random_state=3),
    "reversed": lambda frame: frame.iloc[::-1],
    "labels as floats": lambda frame: frame.astype({"size": "float64"}),
    "labels as text": lambda frame: frame.astype({"size": "str"}),
    "labels as objects": lambda frame: frame.astype({"size": "object", "group": "object"}),
    "labels as nullable integers": lambda frame: frame.astype({"size": "Int8"}),
    "labels as categories": lambda frame: frame.astype({"size": "category", "group": "category"}),
    "labels as decimals": lambda frame: frame.assign(size=decimals(frame["size"])),
    "labels as small floats": lambda frame: frame.astype({"size": "float32"}),
    "values as decimals": lambda frame: frame.assign(value=decimals(frame["value"])),
    "values as nullable floats": lambda frame: frame.astype({"value": "Float64"}),
    "units as text": lambda frame: frame.astype({UNIT: "str"}),
    "an Arrow table": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "an Arrow table in many chunks": lambda frame: pa.concat_tables(
        [pa.Table.from_pandas(frame.iloc[start : start + 7], preserve_index=False) for start in range(0, len(frame), 7)]
    ),
    "an Arrow table with dictionaries of their own": lambda frame: pa.concat_tables(
        [
            pa.table({name: column.dictionary_encode() if name == "group" else column for name, column in part.items()})
            for start in range(0, len(frame), 50)
            for part in [dict(zip(frame, pa.Table.from_pandas(frame.iloc[start : start + 50]).columns, strict=False))]
        ],
        promote_options="default",
    ),
    "a polars frame": pl.from_pandas,
    "a polars frame with categories": lambda frame: (
        pl.from_pandas(frame).with_columns(pl.col("group").cast(pl.Categorical))
    ),
    "columns in another order": lambda frame: frame[frame.columns[::-1]],
    "columns that nobody asked for": lambda frame: frame.assign(other="secret", more=1.5),
}  # fmt: skip


@pytest.mark.parametrize("changed", FRAMES.values(), ids=FRAMES.keys())
def test_the_same_values_give_the_same_bytes(changed: Callable[[pd.DataFrame], Any]) -> None:
    assert rendered(changed(base())) == rendered(base())


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_changes_no_byte(threads: int) -> None:
    frame = pd.concat([base(20_000)] * 4, ignore_index=True)
    frame["value"] = frame["value"] / 3
    for asked in ({}, {"statistic": "mean"}, {"weights": "weight"}, {"statistic": "count", "values": None}):
        assert rendered(frame, threads=threads, **asked) == rendered(frame.iloc[::-1], threads=3, **asked)


def test_another_value_gives_other_bytes() -> None:
    frame = base()
    frame.loc[frame["group"] == "north", "value"] += 0.01
    assert all(one != other for one, other in zip(rendered(frame), rendered(base()), strict=True))


def labelled(labels: Sequence[str | None], **asked: Any) -> JudgedTable:
    frame = pd.DataFrame({UNIT: range(3 * len(labels)), "group": [*labels] * 3, "value": range(3 * len(labels))})
    return judge(frame, policy(), codebook=coarse("group"), **asked)


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


def test_csv_keeps_every_label_in_one_field() -> None:
    lines = read_csv(to_csv(labelled([*NASTY, None])))
    assert lines[0] == ["group", "value", "status"]
    assert all(len(line) == 3 for line in lines)
    names = [line[0].removeprefix("'") for line in lines[1:]]
    assert set(NASTY) - {"'s-Gravenhage"} <= set(names)
    assert len(names) == len(set(names)) == len(NASTY) + 2


def test_csv_ends_its_lines_as_the_standard_says_and_is_utf_8() -> None:
    data = to_csv(labelled(["a", "é"]))
    assert data == "group,value,status\r\na,3,published\r\né,3,published\r\nTotal,6,published\r\n".encode()


@pytest.mark.parametrize(
    ("label", "safe"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("@SUM", "'@SUM"), ("-1+2", "'-1+2"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"), ("-", "'-"), ("-0x1", "'-0x1"), ("-1e5", "'-1e5"), ("--1", "'--1"), ("-٣", "'-٣"),
        ("-5", "-5"), ("-5.25", "-5.25"), ("5", "5"), ("a=1", "a=1"), ("", ""), ("'s", "'s"), ("01-02", "01-02"),
    ],
)  # fmt: skip
def test_no_label_is_taken_for_a_formula(label: str, safe: str) -> None:
    assert formula_safe(label) == safe


def test_column_names_are_no_formulas_either_and_keep_apart_from_the_csvs_own() -> None:
    frame = pd.DataFrame({UNIT: range(20), "=cmd": ["a", "b"] * 10, "value": ["x", "y"] * 10, "status": "s"})
    lines = read_csv(to_csv(judge(frame, policy(), rows=("=cmd", "value", "status"))))
    assert lines[0] == ["'=cmd", "value", "status", "value*", "status*"]


def test_totals_and_missing_categories_never_share_a_name_with_a_category() -> None:
    table = labelled(["Total", "Total*", "(missing)", None])
    assert [line[0] for line in read_csv(to_csv(table))[1:]] == [
        "(missing)",
        "Total",
        "Total*",
        "(missing)*",
        "Total**",
    ]
    assert list(to_frame(table).index) == ["(missing)", "Total", "Total*", "(missing)*", "Total**"]
    html = to_html(table, title="t").decode()
    assert all(html.count(f">{name}</th>") == 1 for name in ("Total", "Total*", "Total**", "(missing)", "(missing)*"))


def test_a_name_taken_in_one_dimension_is_taken_in_all() -> None:
    frame = pd.DataFrame({UNIT: range(40), "d1": ["Total", "b"] * 20, "d2": ["x", "x", "y", "y"] * 10})
    lines = read_csv(to_csv(judge(frame, policy(), rows=["d1"], columns=["d2"])))
    assert ["Total", "Total*", "20", "published"] in lines
    assert ["Total*", "x", "20", "published"] in lines


def test_json_says_total_by_absence_and_missing_by_null() -> None:
    document = json.loads(to_json(labelled(["Total", None])))
    assert [one["cell"] for one in document["cells"]] == [{"group": "Total"}, {"group": None}, {}]
    assert document["schema"] == "datakamp-table/2"
    assert all(isinstance(one["value"], str) for one in document["cells"])


def test_json_is_canonical_and_keeps_every_label() -> None:
    data = to_json(labelled(NASTY))
    document = json.loads(data)
    assert canonical_json(document) + b"\n" == data
    assert {one["cell"].get("group") for one in document["cells"]} == {*NASTY, None}


class Reader(HTMLParser):
    """Collects the tags and the texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(table: JudgedTable, title: str = "A table") -> Reader:
    reader = Reader()
    reader.feed(to_html(table, title=title).decode("utf-8"))
    return reader


def test_html_shows_labels_and_titles_and_runs_none_of_them() -> None:
    read = page(labelled(NASTY), title='</title><script>alert("x")</script>')
    assert set(read.tags) <= {
        "html", "head", "meta", "title", "style", "body", "table", "caption", "thead", "tbody", "tr", "th", "td", "p",
    }  # fmt: skip
    assert set(read.attributes) <= {"lang", "charset", "scope"}
    assert "<script>alert(1)</script>" in read.texts
    assert "&amp;" in read.texts


def test_html_escapes_the_names_of_columns() -> None:
    frame = pd.DataFrame({UNIT: range(20), "<b>": ["a", "b"] * 10, "<i>": ["x"] * 20})
    read = page(judge(frame, policy(), rows=["<b>"], columns=["<i>"]))
    assert {"b", "i"}.isdisjoint(read.tags)
    assert {"<b>", "<i>"} <= set(read.texts)


def test_what_is_withheld_is_in_no_format() -> None:
    frame = pd.DataFrame({UNIT: range(63), "group": ["a"] * 30 + ["b"] * 30 + ["c"] * 3})
    frame["value"] = [1000.0 + place for place in range(60)] + [777_123.25] * 3
    table = judge(frame, policy(minimum_units=10), statistic="sum", values="value")
    for data in (to_csv(table), to_json(table), to_html(table, title="t"), to_frame(table).to_csv().encode()):
        assert b"2331369" not in data
        assert b"777123" not in data
        assert b"2393139" not in data
    assert b"withheld 1,,withheld" in to_csv(table)
    assert [one["value"] for one in json.loads(to_json(table))["cells"]].count(None) == 2
    assert "×" in to_html(table, title="t").decode()


def test_no_count_of_units_is_published_beside_a_sum() -> None:
    frame = pd.DataFrame({UNIT: range(47), "group": ["a"] * 47, "value": range(1000, 1047)})
    table = judge(frame, policy(), statistic="sum", values="value")
    for data in (to_csv(table), to_json(table), to_html(table, title="t")):
        assert b"47" not in data.replace(str(sum(range(1000, 1047))).encode(), b"")


def test_categories_are_ordered_by_number_then_text_then_missing() -> None:
    table = labelled(["b", "10", None, "9", "C", "-1", "1.5", "09", "a"])
    assert [line[0] for line in read_csv(to_csv(table))[1:]] == [
        "-1", "1.5", "09", "9", "10", "C", "a", "b", "(missing)", "Total",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "statistic", "shown"),
    [
        ([0.1, 0.2, 0.3], "sum", "0.6"),
        ([1, 2, 5], "mean", "2.666667"),
        ([-1, -2, -5], "sum", "-8"),
        ([-0.5, 0.25, 0.25], "sum", "0"),
        ([100, 200, 300.50], "sum", "600.5"),
        ([1e11, 2e11, 0.000001], "sum", "300000000000"),  # twelve significant digits
        ([0.0000004, 1, 2], "sum", "3"),  # six decimals
    ],
)
def test_a_figure_has_one_spelling(values: list[float], statistic: str, shown: str) -> None:
    frame = pd.DataFrame({UNIT: range(3), "value": values})
    table = judge(frame, policy(), statistic=statistic, values="value", rows=[])
    assert table.figures == (shown,)


def test_the_pandas_frame_is_numeric_if_nothing_is_withheld_and_laid_out_as_a_pivot_table() -> None:
    frame = base(3000).drop_duplicates(UNIT)
    table = judge(frame, policy(), rows=["size"], columns=["group"], codebook=coarse("size", "group"))
    plain = frame.groupby(["size", "group"])[UNIT].nunique().unstack(fill_value=0)
    shown = to_frame(table)
    assert all(kind == np.dtype("int64") for kind in shown.dtypes)
    assert shown.index.name == "size"
    assert shown.columns.name == "group"
    inner = shown.iloc[:-1, :-1]
    assert inner.to_numpy().tolist() == plain[["2", "10", "north", "south"]].to_numpy().tolist()


@pytest.mark.parametrize(
    ("rows", "columns"),
    [([], []), (["d1"], []), ([], ["d1"]), (["d1", "d2"], []), ([], ["d1", "d2"]), (["d1"], ["d2"])],
)
def test_any_layout_renders(rows: list[str], columns: list[str]) -> None:
    frame = pd.DataFrame({UNIT: range(40), "d1": ["a", "b"] * 20, "d2": ["x", "x", "y", "y"] * 10})
    table = judge(frame, policy(), rows=rows, columns=columns)
    assert to_frame(table).to_numpy().max() == 40
    assert read_csv(to_csv(table))[-1][-2:] == ["40", "published"]
    assert ">40<" in to_html(table, title="t").decode()


@pytest.mark.parametrize(
    ("decimals", "total", "mean"), [(0, "129", "4.96"), (1, "119.6", "4.6"), (2, "119.6", "4.6"), (9, "119.6", "4.6")]
)
def test_values_are_taken_at_the_decimals_of_their_codebook(decimals: int, total: str, mean: str) -> None:
    from disclosure.model.codebooks import Column
    from tests.disclosure.support import codebook

    frame = pd.DataFrame({UNIT: range(26), "value": [0.6, 8.6] * 13})
    frame.loc[0, "value"], frame.loc[1, "value"] = 1.2, 8.0
    book = codebook(Column("value", decimals=decimals))
    by = policy()
    assert judge(frame, by, statistic="sum", values="value", rows=[], codebook=book).figures == (total,)
    assert judge(frame, by, statistic="mean", values="value", rows=[], codebook=book).figures == (mean,)
