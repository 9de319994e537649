"""What is kept of columns changes no digit, is never taken for other rows, and is held within its bound."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import disclosure as sdc
from disclosure.engines import array_columns, array_rows, array_tabulation, duckdb_tabulator
from disclosure.engines.array_kept import Kept, recoded_labels, size_of
from disclosure.engines.array_parts import tabulated_rows
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.part_rows import by_value
from disclosure.engines.unit_rows import UnitRows
from disclosure.errors import DatakampError
from disclosure.model.evidence import Evidence
from disclosure.model.evidence_document import evidence_to_document
from disclosure.model.recipes import FrameSource, Recipe, Recoding, Statistic
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.policy import load_policy
from disclosure.ports import Plan

OPTIONS: dict[Statistic, tuple[tuple[str, str], ...]] = {
    Statistic.QUANTILE: (("probability", "0.25"),),
    Statistic.TRIMMED_MEAN: (("trim", "0.1"),),
    Statistic.CONCENTRATION_RATIO: (("largest", "2"),),
}
STATISTICS = (
    *(Statistic.COUNT, Statistic.SUM, Statistic.MEAN, Statistic.MEDIAN, Statistic.QUANTILE, Statistic.TRIMMED_MEAN),
    *(Statistic.STANDARD_DEVIATION, Statistic.VARIANCE, Statistic.SKEWNESS, Statistic.KURTOSIS, Statistic.MODE),
    *(Statistic.HHI, Statistic.CONCENTRATION_RATIO, Statistic.GINI, Statistic.THEIL, Statistic.S80_S20),
)
WEIGHTED = (Statistic.COUNT, Statistic.SUM, Statistic.MEAN, Statistic.MEDIAN, Statistic.QUANTILE, Statistic.GINI)
KEYS: tuple[Callable[[int], Any], ...] = (
    lambda n: n * 77,
    lambda n: f" unit-{n * 7919:012d}",
    lambda n: "x" * (n % 13 + 1) + str(n),
)
VALUES: tuple[Callable[[random.Random], Any], ...] = (
    lambda r: round(r.lognormvariate(8, 1), 2),
    lambda r: r.randint(-5, 50),
    lambda r: r.randint(0, 1),
)
RECODINGS = (
    (),
    (Recoding("area", (("b", "a"),)),),
    (Recoding("area", (("a", "a + c"), ("c", "a + c"))),),
    (Recoding("area", (("b", "a"),)), Recoding("kind", (("1", "2"),))),
)


def rows_of(filling: random.Random, several: int) -> pa.Table:
    """Return some rows; of `several` 1 each unit has one."""
    n = filling.choice((5, 40, 150))
    units = list(range(n)) if several == 1 else [filling.randrange(max(1, n // several)) for _ in range(n)]
    filling.shuffle(units)
    key, value, missing = filling.choice(KEYS), filling.choice(VALUES), filling.choice((0.0, 0.0, 0.3))
    return pa.table(
        {
            "unit": pa.array([key(one) for one in units]),
            "area": pa.array([filling.choice(("a", "b", "c", "10", None)) for _ in range(n)], pa.large_string()),
            "kind": pa.array([filling.choice((1, 2, 3)) for _ in range(n)]),
            "value": pa.array([None if filling.random() < missing else value(filling) for _ in range(n)]),
            "weight": pa.array([filling.randint(0, 400) / 100 for _ in range(n)]),
        }
    )


def recipe_of(statistic: Statistic, dimensions: tuple[str, ...] = ("area",), **further: Any) -> Recipe:
    """Return a recipe over `rows_of`."""
    recodings = tuple(one for one in further.pop("recodings", ()) if one.dimension in dimensions)
    return Recipe(
        source=FrameSource(("unit", "area", "kind", "value", "weight")),
        statistic=statistic,
        policy=load_policy("cbs").reference,
        rows=dimensions,
        value=None if statistic is Statistic.COUNT else "value",
        unit=("unit",),
        options=OPTIONS.get(statistic, ()),
        recodings=recodings,
        **further,
    )


def told(tabulate: Callable[[], Any]) -> Any:
    """Return evidence as a document, or what else came of it."""
    try:
        found = tabulate()
    except DatakampError as error:
        return type(error)
    return evidence_to_document(found) if isinstance(found, Evidence) else found


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.sampled_from((1, 1, 2, 10)), st.booleans(), st.data())
def test_every_statistic_rests_on_what_is_kept_as_on_rows_read_anew(
    seed: int, several: int, weighted: bool, data: st.DataObject
) -> None:
    filling, kept = random.Random(seed), Kept()
    table = rows_of(filling, several)
    dimensions = data.draw(st.sampled_from((("area",), ("area", "kind"), ())))
    further: dict[str, Any] = {"weight": "weight" if weighted else None, "dropna": data.draw(st.booleans())}
    plan = Plan(2, filling.choice((2, 6)), minimum_units=3)
    for _ in range(4):
        statistic = filling.choice(WEIGHTED if weighted else STATISTICS)
        recipe = recipe_of(statistic, dimensions, recodings=filling.choice(RECODINGS), **further)
        found = told(partial(tabulated_rows, table, recipe, plan, 1, kept))
        expected = told(partial(DuckDBTabulator(1).by_engine, recipe, table, plan))
        assert found is None or found == expected


def test_one_row_each_and_several_both_go_without_the_engine() -> None:
    for several in (1, 3):
        table, kept = rows_of(random.Random(1), several), Kept()
        positive = pa.array(np.arange(1, table.num_rows + 1))
        table = table.set_column(table.column_names.index("value"), "value", positive)
        for statistic in STATISTICS:
            assert tabulated_rows(table, recipe_of(statistic), Plan(2, 2, minimum_units=3), 1, kept) is not None


def test_pieces_and_threads_do_not_change_what_is_made_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_rows, "PIECE", 23)
    monkeypatch.setattr(array_tabulation, "_FEW_ROWS", 30)
    plan = Plan(2, 2, minimum_units=3)
    for seed, several in ((3, 1), (5, 3)):
        table, kept = rows_of(random.Random(seed), several), Kept()
        for statistic in (Statistic.SUM, Statistic.MEDIAN):
            for recodings in RECODINGS:
                recipe = recipe_of(statistic, ("area", "kind"), recodings=recodings)
                expected = told(partial(DuckDBTabulator(1).by_engine, recipe, table, plan))
                assert told(partial(tabulated_rows, table, recipe, plan, 2, kept)) == expected


def test_a_column_of_the_same_name_with_other_rows_is_read_for_itself() -> None:
    kept, plan = Kept(), Plan(2, 2, minimum_units=3)
    whole = rows_of(random.Random(2), 1)
    for table in (whole, whole.slice(1), whole.filter(pa.compute.is_valid(whole.column("area"))), whole):
        for statistic in (Statistic.COUNT, Statistic.MEDIAN):
            recipe = recipe_of(statistic)
            found = told(partial(tabulated_rows, table, recipe, plan, 1, kept))
            assert found == told(partial(DuckDBTabulator(1).by_engine, recipe, table, plan))


def test_what_is_kept_is_made_once_and_by_its_column() -> None:
    kept, made = Kept(), []

    def make() -> str:
        made.append(1)
        return "made"

    column = pa.chunked_array([[1, 2, 3]])
    assert [kept.of("what", (column,), make) for _ in range(2)] == ["made", "made"]
    assert len(made) == 1
    kept.of("what else", (column,), make)
    kept.of("what", (column.slice(1),), make)
    kept.of("what", (pa.chunked_array([[1, 2, 3]]),), make)
    assert len(made) == 4


def test_an_error_is_not_kept() -> None:
    kept, column = Kept(), pa.chunked_array([[1]])

    def fail() -> str:
        raise array_columns.NotAsArrays

    with pytest.raises(array_columns.NotAsArrays):
        kept.of("what", (column,), fail)
    assert kept.of("what", (column,), lambda: "made") == "made"


@pytest.mark.parametrize(("most", "times"), [(0, 4), (799, 4), (800, 3), (1600, 2), (None, 2)])
def test_the_oldest_is_let_go_beyond_the_bound(most: int | None, times: int) -> None:
    kept, columns, made = Kept(most), [pa.chunked_array([[one]]) for one in range(2)], []

    def make() -> Any:
        made.append(1)
        return np.zeros(100)

    for place in (0, 0, 1, 0) if most == 800 else (0, 1, 0, 1):
        kept.of("what", (columns[place],), make)
    assert len(made) == times


def test_after_a_call_less_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("disclosure.engines.array_kept._MOST_AFTER", 800)
    kept, columns, made = Kept(), [pa.chunked_array([[one]]) for one in range(2)], []

    def make(place: int) -> Any:
        made.append(place)
        return np.zeros(100)

    for place in (0, 1):
        kept.of("what", (columns[place],), partial(make, place))
    kept.settle()
    for place in (1, 0):
        kept.of("what", (columns[place],), partial(make, place))
    assert made == [0, 1, 0]


def test_sizes_are_those_of_arrays_wherever_they_are() -> None:
    one, other, values = (np.zeros(2, np.int64) for _ in range(3))
    rows = UnitRows(np.zeros((2, 1), np.int32), one, other, (), values, None)
    assert size_of(rows) == 2 * 4 + 3 * 2 * 8
    assert size_of({"one": [np.array([1, 2], dtype=np.object_)]}) == 80
    assert size_of("text") == 0


def test_labels_that_a_recoding_makes_one_share_a_place() -> None:
    merge = (Recoding("d", (("a", "a + c"), ("c", "a + c"))), Recoding("d", (("b", "rest"), ("a + c", "rest"))))
    labels, places = recoded_labels(("a", "b", None, "c", "e"), "d", merge)
    assert [labels[place] for place in places] == ["rest", "rest", None, "rest", "e"]
    assert len(labels) == 3
    labels, places = recoded_labels(("a", "b", None), "other", merge)
    assert (labels, places.tolist()) == (("a", "b", None), [0, 1, 2])


@pytest.mark.parametrize("values", [[3, 1, 2, 1, 3], [2**62, -(2**62), 0, 5, 5], [], [7]])
def test_rows_by_value_keep_their_order_where_values_are_equal(values: list[int]) -> None:
    numbers = np.array(values, dtype=np.int64)
    units = np.arange(len(numbers))
    found = by_value(UnitRows(np.zeros((len(numbers), 0), np.int32), units, units, (), numbers, None))
    assert found.units.tolist() == sorted(range(len(values)), key=lambda place: values[place])
    assert found.holders is found.units
    assert by_value(found) is found


def homes(n: int) -> pd.DataFrame:
    """Return persons in wijken of which some are small."""
    draw = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "person": np.arange(n),
            "wijk": np.minimum(draw.geometric(0.2, n), 20).astype(str),
            "income": draw.integers(10_000, 90_000, n),
        }
    )


def test_a_summary_and_its_remedies_open_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(duckdb_tabulator, "closed_connection", refuse)
    outs = sdc.summary(homes(600), values="income", by="wijk", unit="person")
    assert outs.verdict.status is Status.UNSAFE
    whole = [one for one in outs.remedies() if not one.failing and one.kind is not RemedyKind.SUPPRESS]
    assert outs.apply(whole[0]).verdict.status is Status.SAFE
