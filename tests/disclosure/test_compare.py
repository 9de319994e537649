"""A claim is compared with what was recomputed: same labels, states and numbers, or the cell is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from disclosure.assess import inconclusive
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive
from disclosure.notebook.table import table
from disclosure.render.compare import OTHER_TABLE, UNREADABLE, compare
from disclosure.render.json import to_json
from disclosure.texts import text


def frame(small: int = 20) -> pd.DataFrame:
    """Return 40 persons in wijk 28 and `small` in wijk 29, half of each without a sex."""
    size = 40 + small
    wijk = ["28"] * 40 + ["29"] * small
    incomes = [100.25 + place for place in range(size)]
    sex = ["m" if place % 2 == 0 else None for place in range(size)]
    return pd.DataFrame({"person": range(size), "wijk": wijk, "sex": sex, "income": incomes})


def judged(small: int = 20) -> JudgedTable:
    return table(frame(small), rows=["wijk"], columns=["sex"], values="income", statistic="sum", unit="person").table


def forged(change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(to_json(judged()))
    change(document)
    return json.dumps(document).encode()


def test_an_honest_claim_is_equal() -> None:
    assert compare(to_json(judged()), judged()) == ()


def test_an_honest_claim_with_withheld_cells_is_equal() -> None:
    withheld = judged(small=8)
    assert not withheld.complete
    assert compare(to_json(withheld), withheld) == ()


def test_another_spelling_of_the_same_number_is_equal() -> None:
    def longer(document: dict[str, Any]) -> None:
        for one in document["cells"]:
            one["value"] += "0" if "." in one["value"] else ".00"

    assert compare(forged(longer), judged()) == ()


def test_another_number_names_its_cell() -> None:
    def more(document: dict[str, Any]) -> None:
        document["cells"][0]["value"] += "1"

    assert compare(forged(more), judged()) == ("wijk=28, sex=m",)


def test_a_missing_category_is_a_label_like_any_other() -> None:
    def renamed(document: dict[str, Any]) -> None:
        (one,) = (one for one in document["cells"] if one["cell"] == {"wijk": "28", "sex": None})
        one["cell"]["sex"] = "(missing)"

    # Both read the same, and are not: the missing category is none that is called so.
    assert compare(forged(renamed), judged()) == ("wijk=28, sex=(missing)", "wijk=28, sex=(missing)")


def test_a_cell_left_out_and_a_cell_too_many_are_named() -> None:
    def moved(document: dict[str, Any]) -> None:
        document["cells"][-1]["cell"] = {"wijk": "30"}

    assert compare(forged(moved), judged()) == ("total", "wijk=30")


def test_a_withheld_cell_that_the_claim_shows_is_named() -> None:
    withheld = judged(small=8)
    document = json.loads(to_json(withheld))
    (one,) = (one for one in document["cells"] if one["cell"] == {})
    one["value"], one["status"] = "1", "published"
    assert compare(json.dumps(document).encode(), withheld) == ("total",)


def test_the_claims_of_an_inconclusive_table_all_differ() -> None:
    nothing = inconclusive(judged().recipe, Inconclusive((text("the unit"),)))
    assert len(compare(to_json(judged()), nothing)) == len(json.loads(to_json(judged()))["cells"])
    assert compare(to_json(nothing), nothing) == ()


def test_cells_come_in_another_order_and_are_equal() -> None:
    assert compare(forged(lambda document: document["cells"].reverse()), judged()) == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [("statistic", "mean"), ("value", "wealth"), ("weighted", True), ("rows", ["sex"]), ("schema", "datakamp-table/1")],
)
def test_a_claim_about_another_table_is_told(key: str, value: object) -> None:
    assert compare(forged(lambda document: document.update({key: value})), judged()) == (OTHER_TABLE,)


def test_a_claim_with_more_than_a_table_has_is_told() -> None:
    assert compare(forged(lambda document: document.update({"note": "x"})), judged()) == (OTHER_TABLE,)


def _first(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["cells"][0].update(changes)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("cells"),
        lambda document: document.update(cells={}),
        lambda document: document.update(cells=[1]),
        lambda document: document["cells"].append(document["cells"][0]),
        lambda document: document["cells"][0].pop("status"),
        _first(note="x"),
        _first(status="Published"),
        _first(status="withheld"),
        _first(value=None),
        _first(value=1.5),
        _first(value="1e5"),
        _first(value="1e999999999"),
        _first(value="NaN"),
        _first(value="٣"),
        _first(value="1" * 81),
        _first(value=""),
        _first(cell=[]),
        _first(cell={"wijk": 28}),
        _first(cell={"wijk": ["28"]}),
    ],
)
def test_a_malformed_claim_cannot_be_read(change: Callable[[dict[str, Any]], None]) -> None:
    assert compare(forged(change), judged()) == (UNREADABLE,)


@pytest.mark.parametrize("claim", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"cells":[],"cells":[]}'])
def test_what_is_no_claim_cannot_be_read(claim: bytes) -> None:
    assert compare(claim, judged()) == ("the claim cannot be read",)
