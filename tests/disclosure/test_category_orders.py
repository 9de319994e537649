"""The order of categories: carried from a frame into the recipe, and from there into displays, figures and merges."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import disclosure as sdc
from disclosure.check import check_frame
from disclosure.engines.category_orders import category_orders
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.errors import RecipeError
from disclosure.knowledge import Knowledge
from disclosure.model.codebooks import Column
from disclosure.model.figures import FigureFormat
from disclosure.model.recipe_parts import MOST_ORDERED
from disclosure.model.recipes import CategoryOrder, Recipe, Recoding, recipe_from_json
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.notebook.output import Output
from disclosure.notebook.outputs import Outputs
from disclosure.policy import policy_named
from disclosure.protection.bands import joined
from disclosure.render import to_csv, to_html, to_json
from disclosure.render.figures import drawing_of, drawn
from tests.disclosure.support import UNIT, codebook

LEVELS = ["low", "middle", "high"]
SIZES = {"low": 4, "middle": 60, "high": 70}
MANY = {"low": 40, "middle": 60, "high": 70}
ORDER = (CategoryOrder("level", ("low", "middle", "high")),)


def frame(levels: Any = LEVELS, sizes: dict[str, int] | None = None) -> pd.DataFrame:
    texts = [level for level, n in (SIZES if sizes is None else sizes).items() for _ in range(n)]
    return pd.DataFrame({UNIT: range(len(texts)), "level": pd.Categorical(texts, levels, ordered=True)})


def table(data: Any, **asked: Any) -> Output:
    out = sdc.table(data, **{"rows": "level", "unit": UNIT, "policy": "cbs", **asked})
    assert isinstance(out, Output)
    return out


def parquet(data: pd.DataFrame, folder: Path) -> Path:
    path = folder / "frame.parquet"
    data.to_parquet(path)
    return path


def enum(data: pd.DataFrame) -> pl.DataFrame:
    kind = pl.Enum(list(data["level"].cat.categories))
    return pl.DataFrame({UNIT: data[UNIT].to_numpy(), "level": pl.Series(list(data["level"]), dtype=kind)})


KINDS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda data, _: data,
    "pandas of Arrow types": lambda data, _: pa.Table.from_pandas(data).to_pandas(types_mapper=pd.ArrowDtype),
    "Arrow": lambda data, _: pa.Table.from_pandas(data),
    "polars": lambda data, _: enum(data),
    "a polars query": lambda data, _: enum(data).lazy(),
    "Parquet": parquet,
    "the index": lambda data, _: data.set_index("level"),
}


# ----------------------------------------------------------------------------------------------- from frame to recipe
@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_a_frame_comes_into_the_recipe(kind: str, tmp_path: Path) -> None:
    assert table(KINDS[kind](frame(), tmp_path)).recipe.orders == ORDER


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"Parquet"}))
def test_a_category_that_no_row_has_is_left_out(kind: str, tmp_path: Path) -> None:
    unused = frame(["low", "CANARY", "middle", "high"])
    assert table(KINDS[kind](unused, tmp_path)).recipe.orders == ORDER


UNORDERED: dict[str, Any] = {
    "texts": frame().astype({"level": str}),
    "a categorical without an order": frame().assign(level=lambda one: one["level"].cat.as_unordered()),
    "the order of labels": frame(["high", "low", "middle"]),
    "one category": frame(["low"], {"low": 60}),
    "a polars categorical": pl.from_pandas(frame().astype({"level": str})).with_columns(
        pl.col("level").cast(pl.Categorical)
    ),
    "bands": frame(sizes={"low": 50}).assign(level=pd.cut(pd.Series([2, 7, 12, 99, 5] * 10), [0, 5, 10, 15, 100])),
    "more categories than an order has": pd.DataFrame(
        {UNIT: range(MOST_ORDERED + 1), "level": pd.Categorical(
            range(MOST_ORDERED + 1), list(range(MOST_ORDERED, -1, -1)), ordered=True
        )}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNORDERED)
def test_a_recipe_names_no_order_where_there_is_none_or_labels_have_it_themselves(name: str) -> None:
    assert category_orders(UNORDERED[name], ("level",)) == ()


def test_categories_of_any_type_are_ordered_by_their_labels() -> None:
    numbers = frame().assign(level=pd.Categorical([3, 1] * 67, [3, 2, 1], ordered=True))
    assert category_orders(numbers, ("level",)) == (CategoryOrder("level", ("3", "1")),)
    backwards = pd.cut(frame()[UNIT], [-1, 50, 200]).cat.reorder_categories(
        [pd.Interval(50, 200), pd.Interval(-1, 50)], ordered=True
    )
    found = category_orders(frame().assign(level=backwards), ("level",))
    assert found == (CategoryOrder("level", ("(50, 200]", "(-1, 50]")),)


def test_several_statistics_of_one_call_have_the_order() -> None:
    outs = sdc.table(
        frame(sizes=MANY).assign(value=range(170)), rows="level", unit=UNIT, values="value", statistic=["sum", "mean"]
    )
    assert isinstance(outs, Outputs)
    assert {outs[name].recipe.orders for name in outs.names} == {ORDER}
    assert list(outs.to_pandas().index)[:3] == LEVELS


# ----------------------------------------------------------------------------------------------------- the recipe
def test_a_recipe_with_an_order_comes_back_from_its_json() -> None:
    recipe = table(frame()).recipe
    assert recipe_from_json(recipe.to_json().encode()) == recipe
    assert '"orders":[{"dimension":"level","labels":["low","middle","high"]}]' in recipe.to_json()
    assert "orders" not in dataclasses.replace(recipe, orders=()).to_json()


def document(orders: Any) -> bytes:
    return json.dumps({**table(frame()).recipe.to_document(), "orders": orders}).encode()


@pytest.mark.parametrize(
    "orders",
    [
        [], None, {}, "level", [{}], [{"dimension": "level"}], [{"dimension": "level", "labels": "low"}],
        [{"dimension": "level", "labels": ["low"]}], [{"dimension": "level", "labels": ["low", "low"]}],
        [{"dimension": "level", "labels": ["low", 1]}], [{"dimension": "level", "labels": ["low", None]}],
        [{"dimension": "other", "labels": ["low", "high"]}], [{"dimension": UNIT, "labels": ["1", "2"]}],
        [{"dimension": "level", "labels": ["low", "high"], "more": 1}],
        [{"dimension": "level", "labels": ["low", "high"]}] * 2,
        [{"dimension": "level", "labels": [str(one) for one in range(MOST_ORDERED + 1)]}],
    ],
)  # fmt: skip
def test_an_order_is_read_strictly(orders: Any) -> None:
    with pytest.raises(RecipeError):
        recipe_from_json(document(orders))


def test_an_order_has_two_categories_or_more_up_to_a_bound() -> None:
    most = tuple(str(one) for one in range(MOST_ORDERED))
    assert CategoryOrder("level", most).labels == most
    assert CategoryOrder("level", ("a", "b")).labels == ("a", "b")
    for labels in ((), ("a",), ("a", "a"), (*most, "more")):
        with pytest.raises(RecipeError):
            CategoryOrder("level", labels)


def recoded(*recodings: Recoding) -> Recipe:
    return dataclasses.replace(table(frame()).recipe, recodings=recodings)


def test_categories_that_are_counted_together_stand_where_the_first_of_them_does() -> None:
    both = Recoding("level", (("middle", "rest"), ("high", "rest")))
    assert recoded(both).order_of("level") == ("low", "rest")
    assert recoded(both, Recoding("level", (("rest", "all"), ("low", "all")))).order_of("level") == ("all",)
    assert recoded().order_of("level") == ("low", "middle", "high")
    assert recoded().order_of("other") == ()


def test_a_dimension_that_is_left_out_takes_its_order_along() -> None:
    two = table(frame().assign(sex=["m", "f"] * 67), columns="sex").recipe
    assert two.without("level").orders == ()
    assert two.without("sex").orders == ORDER


# --------------------------------------------------------------------------------------------------- what it changes
def test_displays_follow_the_order_and_files_that_are_read_by_machines_do_not() -> None:
    out = table(frame(sizes=MANY))
    plain = table(frame(sizes=MANY).astype({"level": str}))
    assert list(out.to_pandas().index) == [*LEVELS, "Total"]
    page = to_html(out.table, title="Levels").decode()
    assert page.index(">low<") < page.index(">middle<") < page.index(">high<") < page.index(">Total<")
    assert [row["x"] for row in sdc.figure(out)._drawing.document["data"]["values"]] == ["0", "1", "2"]
    drawn_in = sdc.figure(out).to_svg().decode()
    assert drawn_in.index(">low<") < drawn_in.index(">middle<") < drawn_in.index(">high<")
    assert out.evidence.categories == plain.evidence.categories == (("high", "low", "middle"),)
    assert to_csv(out.table) == to_csv(plain.table)
    assert to_json(out.table) == to_json(plain.table)


def test_neighbours_are_those_of_the_order() -> None:
    out = table(frame())
    assert out.verdict.status is Status.UNSAFE
    merge = next(one for one in out.remedies() if one.kind is RemedyKind.MERGE)
    repaired = out.apply(merge)
    assert [[code for code, _ in one.mapping] for one in repaired.recipe.recodings] == [["low", "middle"]]
    assert list(repaired.to_pandas().index)[1:] == ["high", "Total"]


def test_several_are_named_together_in_their_order() -> None:
    assert joined(["middle", "low"], LEVELS) == "low + middle"
    assert joined(["middle", "low"]) == "low + middle"
    assert joined(["high", "low"], LEVELS) == "low + high"
    many = ["e", "d", "c", "b", "a"]
    assert joined(sorted(many), many) == "e … a (5)"


def test_the_order_of_the_recipe_goes_before_that_of_the_codebook() -> None:
    said = MappingProxyType({name: {"en": name.upper()} for name in ("high", "middle", "low")})
    book = codebook(Column("level", categories=said))
    plain = frame(sizes=MANY).astype({"level": str})
    assert list(table(plain, codebook=book).to_pandas().index) == ["high", "middle", "low", "Total"]
    assert list(table(frame(sizes=MANY), codebook=book).to_pandas().index) == [*LEVELS, "Total"]


def test_the_control_zone_makes_the_same_bytes_from_recipe_and_narrow_frame() -> None:
    out = table(frame(sizes=MANY))
    assert out.narrow is not None
    assert not any(pa.types.is_dictionary(kind) for kind in out.narrow.schema.types)
    recipe = recipe_from_json(out.recipe.to_json().encode())
    again = check_frame(recipe, out.narrow, policy_named("cbs"), Knowledge(), DuckDBTabulator())
    figure = sdc.figure(out)
    assert to_html(again, title="Levels") == to_html(out.table, title="Levels")
    assert drawn(drawing_of(again, figure.request), FigureFormat.SVG) == figure.to_svg()


def test_an_order_shows_no_category_that_the_table_does_not_have() -> None:
    out = table(frame(sizes=MANY))
    assert out.narrow is not None
    forged = dataclasses.replace(out.recipe, orders=(CategoryOrder("level", ("CANARY", "high", "CANARY-2", "low")),))
    made = check_frame(forged, out.narrow, policy_named("cbs"), Knowledge(), DuckDBTabulator())
    page = to_html(made, title="Levels")
    assert b"CANARY" not in page
    assert page.index(b">high<") < page.index(b">low<") < page.index(b">middle<")
    assert b"CANARY" not in drawn(drawing_of(made, sdc.figure(out).request), FigureFormat.SVG)
