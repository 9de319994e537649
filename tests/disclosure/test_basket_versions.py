"""The basket and a submission take one version of a table, protected in one way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import disclosure as sdc
from disclosure.errors import DocumentError, RefusedError
from disclosure.exchange.submission import Submission, SubmittedOutput
from disclosure.model.other_versions import is_other_version, other_versions
from disclosure.model.recipes import DataSetReference, LazySource, Recipe, Recoding
from disclosure.model.verdicts import RemedyKind, Status
from disclosure.notebook.basket import Basket
from disclosure.notebook.output import Output
from tests.disclosure.support import UNIT, heads

SIZES = {
    ("a", "x"): 3, ("a", "y"): 37, ("a", "z"): 61, ("b", "x"): 41, ("b", "y"): 53, ("b", "z"): 67, ("c", "x"): 71,
    ("c", "y"): 83, ("c", "z"): 97,
}  # fmt: skip
TOLD: dict[str, str] = {"title": "Persons", "population": "everybody"}
DATA = DataSetReference("homes", "sha256:" + "1" * 64)
LAZY = LazySource("SELECT * FROM homes", (DATA,))


def table(frame: pd.DataFrame | None = None, rows: Any = ("d1",), columns: Any = ("d2",), **asked: Any) -> Output:
    asked = {"unit": UNIT, "policy": "cbs", **asked}
    out = sdc.table(heads(SIZES) if frame is None else frame, rows=list(rows), columns=list(columns), **asked)
    assert isinstance(out, Output)
    return out


def repaired(kind: RemedyKind, out: Output | None = None) -> Output:
    out = out or table()
    found = next(one for one in out.remedies() if one.kind is kind)
    made = out.apply(found)
    assert made.verdict.status is Status.SAFE
    return made


@pytest.mark.parametrize("kind", [RemedyKind.MERGE, RemedyKind.ROUND])
def test_two_remedies_of_one_table_do_not_go_into_one_basket(kind: RemedyKind) -> None:
    basket = Basket()
    basket.add(repaired(RemedyKind.SUPPRESS), name="one", **TOLD)
    with pytest.raises(RefusedError, match="two versions of one table") as refused:
        basket.add(repaired(kind), name="two", **TOLD)
    assert "remove('one')" in str(refused.value.hint)
    assert [one.name for one in basket.outputs] == ["one"]
    basket.remove("one")
    basket.add(repaired(kind), name="two", **TOLD)
    assert [one.name for one in basket.outputs] == ["two"]


def test_the_same_rows_in_another_order_are_the_same_table() -> None:
    basket = Basket()
    basket.add(repaired(RemedyKind.SUPPRESS), name="one", **TOLD)
    turned = table(heads(SIZES).sample(frac=1, random_state=5))
    with pytest.raises(RefusedError, match="two versions"):
        basket.add(repaired(RemedyKind.ROUND, turned), name="two", **TOLD)


def test_a_margin_does_not_go_with_a_table_that_withholds() -> None:
    basket = Basket()
    basket.add(repaired(RemedyKind.SUPPRESS), name="one", **TOLD)
    with pytest.raises(RefusedError, match="two versions"):
        basket.add(table(columns=()), name="margin", **TOLD)


def test_a_remedy_takes_the_place_of_the_output_of_its_name() -> None:
    basket = Basket()
    basket.add(repaired(RemedyKind.SUPPRESS), name="one", **TOLD)
    basket.add(repaired(RemedyKind.ROUND), name="one", **TOLD)
    assert len(basket) == 1


def test_ordinary_tables_go_together() -> None:
    frame = heads({**SIZES, ("a", "x"): 30}).assign(value=[float(place % 13) for place in range(540)])
    basket = Basket()
    basket.add(table(frame), name="both", **TOLD)
    basket.add(table(frame, columns=()), name="margin", **TOLD)
    basket.add(table(frame, values="value", statistic="mean"), name="mean", **TOLD)
    basket.add(repaired(RemedyKind.SUPPRESS), name="of-others", **TOLD)
    assert len(basket) == 4


def recipe(**changes: Any) -> Recipe:
    made = replace(table().recipe, source=LAZY)
    return replace(made, **changes)


MERGED = (Recoding("d1", (("a", "a + b"), ("b", "a + b"))),)
OTHER = (Recoding("d1", (("b", "b + c"), ("c", "b + c"))),)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ({"suppressed": True}, {"recodings": MERGED}, True),
        ({"suppressed": True}, {"rounding": 5}, True),
        ({"recodings": OTHER}, {"recodings": MERGED}, True),
        ({"suppressed": True}, {"columns": ()}, True),
        ({"columns": (), "suppressed": True}, {}, True),
        ({"columns": (), "recodings": OTHER}, {"recodings": MERGED}, True),
        ({"options": (("midpoint", "6"),)}, {"suppressed": True}, True),
        ({}, {"columns": ()}, False),
        ({"suppressed": True}, {"suppressed": True}, False),
        ({"suppressed": True}, {"suppressed": True, "rows": ("d2",), "columns": ("d1",)}, False),
        ({"suppressed": True}, {"columns": ("d3",)}, False),
        ({"suppressed": True}, {"source": LazySource("SELECT 1 FROM homes", (DATA,)), "rounding": 5}, False),
        ({"suppressed": True}, {"unit": ("household",), "rounding": 5}, False),
    ],
)
def test_recipes_are_versions_of_one_table_by_what_they_show(
    one: dict[str, Any], other: dict[str, Any], *, answer: bool
) -> None:
    assert is_other_version(recipe(**one), recipe(**other)) is answer
    assert is_other_version(recipe(**other), recipe(**one)) is answer


def submission(*recipes: Recipe) -> Submission:
    outputs = tuple(SubmittedOutput(f"o{n}", "Persons", "everybody", "", one) for n, one in enumerate(recipes))
    return Submission("c", "t", "team", 1, "Title", "purpose", outputs, ("a.ipynb",), {})


def test_a_submission_has_one_version_of_a_table() -> None:
    submission(recipe(), recipe(columns=()))
    with pytest.raises(DocumentError, match="'o0' and 'o1' are two versions") as refused:
        submission(recipe(suppressed=True), recipe(rounding=5))
    assert "one of them" in str(refused.value.hint)


def test_of_frames_only_the_basket_can_tell_whether_they_have_the_same_rows() -> None:
    frame = table().recipe
    assert is_other_version(replace(frame, suppressed=True), replace(frame, rounding=5))
    assert other_versions((("a", replace(frame, suppressed=True)), ("b", replace(frame, rounding=5)))) is None


def test_a_file_that_stayed_where_it_is_counts_as_the_same(tmp_path: Path) -> None:
    path = tmp_path / "homes.parquet"
    heads(SIZES).to_parquet(path)
    basket = Basket()
    basket.add(repaired(RemedyKind.SUPPRESS, table(path)), name="one", **TOLD)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="two versions"):
        basket.add(repaired(RemedyKind.ROUND, table(path)), name="two", **TOLD)  # type: ignore[arg-type]
