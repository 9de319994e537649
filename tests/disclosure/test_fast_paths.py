"""Evidence from arrays is the general engine's to the last digit, whatever the rows, their order and their pieces."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.engines import array_rows, array_tabulation, array_tally, array_units, duckdb_tabulator
from disclosure.engines.array_tabulation import tabulated_table
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.overlaps import SUMMED
from disclosure.errors import DatakampError
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_to_document
from disclosure.model.recipes import FrameSource, Recipe, Recoding, Statistic
from disclosure.model.verdicts import Inconclusive, RemedyKind, Status
from disclosure.policy import load_policy
from disclosure.ports import Plan

UNITS: dict[str, Callable[[int], Any]] = {
    "number": lambda n: n * 2_654_435_761 % 2**32,
    "negative": lambda n: -(n**3),
    "small": lambda n: n % 100,
    "text": lambda n: f"{n * 7919 % 10**9:09d}",
    "words": lambda n: "unit"[: n % 4 + 1] + "x" * (n % 21) + str(n),
    "padded": lambda n: " " * (n % 2) + f"{n}" + "\t" * (n % 3 == 0),
    "decimal": lambda n: Decimal(n * 10**17 + n).scaleb(-2),
    "whole float": lambda n: float(n - 3),
    "date": lambda n: datetime.date(1960, 1, 1) + datetime.timedelta(days=n),
    "time": lambda n: datetime.datetime(2020, 1, 1) + datetime.timedelta(microseconds=n),  # noqa: DTZ001
}
LABELS: dict[str, tuple[Any, ...]] = {
    "text": ("a", "b", "é", "10", "9", None),
    "codes": ("GM0518", "GM0599", "BU0001", "\0\0\0\0\0a"),
    "number": (10, 9, -1, 2**40, None),
    "truth": (True, False, None),
    "float": (1.0, 2.5, -0.0, 0.0, float("nan"), 1e300, None),
    "decimal": (Decimal("1.50"), Decimal("2.00"), None),
    "date": (datetime.date(2020, 2, 29), datetime.date(1999, 1, 1), None),
    "one": ("a",),
}
VALUES: dict[str, tuple[pa.DataType, Callable[[random.Random], Any]]] = {
    "float": (pa.float64(), lambda r: r.lognormvariate(8, 2)),
    "halves": (pa.float64(), lambda r: (r.randint(-50, 50) + 0.5) / 10 ** r.randint(0, 7)),
    "float32": (pa.float32(), lambda r: r.uniform(-9, 1000)),
    "signed": (pa.int64(), lambda r: r.choice((-1, 1)) * round(r.lognormvariate(3, 2))),
    "zeros": (pa.int16(), lambda r: r.choice((0, 0, 0, 5, 7))),
    "two": (pa.int8(), lambda r: r.randint(0, 1)),
    "other two": (pa.float64(), lambda r: r.choice((2.25, -3.0))),
    "truth": (pa.bool_(), lambda r: r.random() < 0.3),
    "one": (pa.uint8(), lambda r: 7),
    "nothing": (pa.int32(), lambda r: 0),
    "decimal": (pa.decimal128(9, 2), lambda r: Decimal(r.randint(-9999, 9999)).scaleb(-2)),
    "huge": (pa.int64(), lambda r: r.choice((-1, 1)) * 10**11 + r.randint(0, 9)),
    "too many decimals": (pa.decimal128(20, 9), lambda r: Decimal(r.randint(0, 10**12)).scaleb(-9)),
}
WEIGHTS: dict[str, tuple[pa.DataType, Callable[[random.Random], Any]]] = {
    "hundredths": (pa.float64(), lambda r: r.randint(0, 400) / 100),
    "whole": (pa.int32(), lambda r: r.randint(0, 3)),
    "one": (pa.int64(), lambda r: 1),
}


@st.composite
def questions(draw: st.DrawFn) -> tuple[pa.Table, Recipe, Plan]:
    """Draw the shape of a table, and let a seeded generator fill it."""
    filling = random.Random(draw(st.integers(0, 2**32)))
    statistic = Statistic(draw(st.sampled_from(("count", "sum", "mean", "rate"))))
    rows = draw(st.sampled_from((1, 2, 7, 40, 300)))
    units = max(1, rows // draw(st.sampled_from((1, 1, 3, 40))))
    several = draw(st.booleans())
    numbers = [filling.randrange(units) if several else row for row in range(rows)]
    if draw(st.booleans()):
        numbers.sort()
    else:
        filling.shuffle(numbers)
    columns: dict[str, pa.Array] = {}
    kinds = draw(st.lists(st.sampled_from(list(UNITS)), min_size=1, max_size=2, unique=True))
    for place, kind in enumerate(kinds):
        columns[f"unit{place}"] = pa.array([UNITS[kind](number // (1 + place)) for number in numbers])
    dimensions = draw(st.lists(st.sampled_from(list(LABELS)), max_size=3))
    for place, kind in enumerate(dimensions):
        some = filling.sample(LABELS[kind], filling.randint(1, len(LABELS[kind])))
        columns[f"d{place}"] = pa.array([filling.choice(some) for _ in range(rows)], _label_type(kind))
    value = None
    if statistic is not Statistic.COUNT:
        value = "value"
        kind = (
            draw(st.sampled_from(("two", "truth")))
            if statistic is Statistic.RATE
            else draw(st.sampled_from(list(VALUES)))
        )
        missing = draw(st.sampled_from((0.0, 0.0, 0.3)))
        columns["value"] = _filled(VALUES[kind], missing, filling, rows)
    weight, own = None, False
    if draw(st.integers(0, 2)) == 0:
        weight, own = "weight", draw(st.booleans())
        drawn = _filled(WEIGHTS[draw(st.sampled_from(list(WEIGHTS)))], 0.0, filling, rows)
        same = statistic in (Statistic.COUNT, Statistic.RATE) and filling.random() < 0.8
        columns["weight"] = drawn.take(pa.array([number % rows for number in numbers])) if same else drawn
    recodings: tuple[Recoding, ...] = ()
    if "text" in dimensions and draw(st.booleans()):
        name = f"d{dimensions.index('text')}"
        recodings = (Recoding(name, (("b", "a"),)), Recoding(name, (("a", "a + 9"), ("9", "a + 9"))))
    table = _in_chunks(pa.table(columns), filling)
    split = filling.randint(0, len(dimensions))
    names = [f"d{place}" for place in range(len(dimensions))]
    recipe = Recipe(
        source=FrameSource(tuple(table.column_names)),
        statistic=statistic,
        policy=load_policy("cbs").reference,
        rows=tuple(names[:split]),
        columns=tuple(names[split:]),
        value=value,
        unit=tuple(f"unit{place}" for place in range(len(kinds))),
        weight=weight,
        dropna=draw(st.booleans()),
        recodings=recodings,
    )
    decimals = 0 if value is None else draw(st.sampled_from((0, 2, 6)))
    return table, recipe, Plan(draw(st.integers(2, 3)), decimals, own, zero_cells=draw(st.booleans()))


def _label_type(kind: str) -> pa.DataType | None:
    texts = {"text": pa.large_string(), "codes": pa.large_string()}
    return {"decimal": pa.decimal128(10, 2), "number": pa.int64(), **texts}.get(kind)


def _filled(
    kind: tuple[pa.DataType, Callable[[random.Random], Any]], missing: float, filling: random.Random, rows: int
) -> pa.Array:
    drawn = [None if filling.random() < missing else kind[1](filling) for _ in range(rows)]
    return pa.array(drawn, kind[0])


def _in_chunks(table: pa.Table, filling: random.Random) -> pa.Table:
    """Return the same table with its columns cut in places of their own, and with offsets."""
    columns = []
    for column in table.itercolumns():
        longer = pa.concat_arrays([column.chunk(0).slice(0, 1), *column.chunks]).slice(1)
        at = filling.randint(0, len(longer))
        columns.append(pa.chunked_array([longer.slice(0, at), longer.slice(at)], type=longer.type))
    return pa.table(columns, names=table.column_names)


@pytest.fixture
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make tables of some hundred rows go through all that large ones go through."""
    monkeypatch.setattr(array_rows, "PIECE", 23)
    monkeypatch.setattr(array_units, "_DEALT", 11)
    monkeypatch.setattr(array_units, "_SORTED_AT_ONCE", 50)
    monkeypatch.setattr(array_units, "_SAMPLE", 4)
    monkeypatch.setattr(array_tally, "_FIRST", 1)
    monkeypatch.setattr(array_tabulation, "_FEW_ROWS", 30)


def evidence_of(tabulate: Callable[[], Any]) -> Any:
    """Return evidence as a document, or what else came of it."""
    try:
        found = tabulate()
    except DatakampError as error:
        return type(error)
    return evidence_to_document(found) if isinstance(found, Evidence) else found


def assert_same(drawn: tuple[pa.Table, Recipe, Plan], threads: int) -> None:
    table, recipe, plan = drawn
    expected = evidence_of(lambda: DuckDBTabulator(1).by_engine(recipe, table, plan))
    found = evidence_of(lambda: tabulated_table(table, recipe, plan, threads))
    event("by arrays" if isinstance(found, dict) else "left to the engine")
    cells = expected
    if isinstance(expected, dict) and isinstance(found, dict) and found["overlaps"] is None:
        # Cells that are not plainly apart are compared where rows are at hand, by either way.
        event("overlaps left to the engine")
        cells = {**expected, "overlaps": None}
    if isinstance(expected, Inconclusive) and expected.missing == (SUMMED,) and isinstance(found, dict):
        event("a label that is the sum of others")
        assert found["overlaps"] is None
        cells = found
    assert found is None or found == cells
    assert evidence_of(lambda: DuckDBTabulator(threads).frame(recipe, table, plan)) == expected


@given(questions())
def test_evidence_from_arrays_is_that_of_the_engine(drawn: tuple[pa.Table, Recipe, Plan]) -> None:
    assert_same(drawn, threads=1)


@pytest.mark.usefixtures("_small_pieces")
@settings(max_examples=100)
@given(questions(), st.integers(1, 3))
def test_pieces_parts_and_threads_do_not_change_a_digit(drawn: tuple[pa.Table, Recipe, Plan], threads: int) -> None:
    assert_same(drawn, threads)


# --------------------------------------------------------------------------------------------------- when it is taken


class EngineAskedError(Exception):
    """The general engine was asked for cells."""


@pytest.fixture
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise EngineAskedError

    monkeypatch.setattr(duckdb_tabulator, "_cells_by_engine", refuse)


def homes() -> pd.DataFrame:
    filling = np.random.default_rng(5)
    size = 3000
    return pd.DataFrame(
        {
            "person": [f"{n:09d}" for n in filling.integers(0, 1500, size)],
            "kind": "R",
            "wijk": filling.choice(["28", "29", "30"], size),
            "year": filling.integers(2019, 2022, size),
            "income": filling.lognormal(10, 1, size),
            "poor": filling.random(size) < 0.3,
            "weight": filling.integers(50, 200, size) / 100,
        }
    )


BASICS: tuple[dict[str, Any], ...] = (
    {},
    {"values": "income", "statistic": "sum"},
    {"values": "income", "statistic": "mean", "dropna": True},
    {"values": "poor", "statistic": "rate"},
    {"values": "poor", "statistic": "sum", "weights": "weight"},
)


@pytest.mark.usefixtures("_no_engine")
@pytest.mark.parametrize("asked", BASICS)
@pytest.mark.parametrize("policy", ["cbs", "abs"])
@pytest.mark.parametrize("unit", ["person", ["kind", "person"]])
def test_basic_tables_of_frames_and_files_never_reach_the_engine(
    asked: dict[str, Any], policy: str, unit: Any, tmp_path: Path
) -> None:
    path = tmp_path / "homes.parquet"
    homes().to_parquet(path)
    asked = {"rows": "wijk", "columns": "year", "unit": unit, "policy": policy, **asked}
    of_frame, of_file = sdc.table(homes(), **asked), sdc.table(path, **asked)
    assert evidence_to_document(of_frame.evidence) == evidence_to_document(of_file.evidence)
    assert of_file.narrow is None


@pytest.mark.usefixtures("_no_engine")
def test_counts_shown_as_midpoints_never_reach_the_engine() -> None:
    asked: dict[str, Any] = {"rows": "wijk", "columns": "year", "unit": "person", "policy": "opensafely"}
    shown = sdc.table(homes(), options={"midpoint": 6}, **asked)
    assert evidence_to_document(shown.evidence) == evidence_to_document(sdc.table(homes(), **asked).evidence)


@pytest.mark.usefixtures("_no_engine")
def test_what_arrays_do_not_know_reaches_the_engine() -> None:
    frame = homes().assign(person="x" * 80 + homes()["person"])
    with pytest.raises(EngineAskedError):
        sdc.table(frame, rows="wijk", unit="person")


@pytest.mark.parametrize("largest", [0.999, 1.001])
def test_sums_beyond_64_bits_are_left_to_the_engine(largest: float) -> None:
    # Sums of sizes stay below 2**63 at six decimals, or do not.
    values = [0.4e12 * largest, 0.4e12 * largest, -0.1223372e12 * largest] * 10
    table = pa.table({"unit": list(range(30)), "value": values})
    recipe = Recipe(
        source=FrameSource(("unit", "value")),
        statistic=Statistic.SUM,
        policy=load_policy("cbs").reference,
        value="value",
        unit=("unit",),
    )
    found = tabulated_table(table, recipe, Plan(2, 6))
    assert (found is not None) is (largest < 1)
    expected = evidence_of(lambda: DuckDBTabulator().by_engine(recipe, table, Plan(2, 6)))
    assert evidence_of(lambda: DuckDBTabulator().frame(recipe, table, Plan(2, 6))) == expected


def test_keys_whose_hashes_begin_alike_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a hash that says next to nothing the keys themselves must."""
    monkeypatch.setattr(array_units, "hashes", lambda words: words[0] & np.uint64(1))
    filling = np.random.default_rng(3)
    table = pa.table({"unit": filling.integers(0, 400, 2000), "d": filling.choice(["a", "b"], 2000)})
    recipe = Recipe(
        source=FrameSource(("unit", "d")),
        statistic=Statistic.COUNT,
        policy=load_policy("cbs").reference,
        rows=("d",),
        unit=("unit",),
    )
    expected = evidence_of(lambda: DuckDBTabulator().by_engine(recipe, table, Plan(2, 0)))
    assert evidence_of(lambda: tabulated_table(table, recipe, Plan(2, 0))) == {**expected, "overlaps": None}
    assert evidence_of(lambda: DuckDBTabulator().frame(recipe, table, Plan(2, 0))) == expected


@pytest.mark.parametrize("rows_per_unit", [1, 2])
def test_margins_with_as_many_cells_as_the_table_keep_their_labels(
    monkeypatch: pytest.MonkeyPatch, rows_per_unit: int
) -> None:
    """With very many possible cells only those with rows are numbered, by first label: in a margin by the second."""
    monkeypatch.setattr(array_rows, "_MANY_CELLS", 3)
    size = 6
    backwards = pa.DictionaryArray.from_arrays(pa.array(list(reversed(range(size))), pa.int8()), list("abcdef"))
    once = pa.table(
        {"unit": range(size), "d0": list("uvwxyz"), "d1": backwards, "value": [float(10**n) for n in range(size)]}
    )
    table = pa.concat_tables([once] * rows_per_unit)
    recipe = Recipe(
        source=FrameSource(tuple(table.column_names)),
        statistic=Statistic.SUM,
        policy=load_policy("cbs").reference,
        rows=("d0",),
        columns=("d1",),
        value="value",
        unit=("unit",),
    )
    found = evidence_of(lambda: tabulated_table(table, recipe, Plan(2, 2)))
    assert found == evidence_of(lambda: DuckDBTabulator(1).by_engine(recipe, table, Plan(2, 2)))


def test_withholding_rests_on_the_evidence_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = homes().head(90)
    out = sdc.table(frame, rows="wijk", columns="year", values="income", statistic="sum", unit="person")
    assert out.verdict.status is Status.UNSAFE
    suppress = next(one for one in out.remedies() if one.kind is RemedyKind.SUPPRESS)
    again = sdc.table(frame, rows="wijk", columns="year", values="income", statistic="sum", unit="person")
    expected = again.apply(suppress)
    monkeypatch.setattr(DuckDBTabulator, "frame", None)
    repaired = out.apply(suppress)
    assert repaired.evidence is out.evidence
    assert repaired.table.figures == expected.table.figures
    assert repaired.to_pandas().equals(expected.to_pandas())
