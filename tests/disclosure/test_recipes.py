"""Recipes: what is written is read back to the byte, and nothing else is read at all."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

import disclosure as sdc
from disclosure.errors import DocumentError, RecipeError
from disclosure.exchange.canonical import digest, is_digest
from disclosure.model.recipes import (
    DataSetReference,
    FrameSource,
    LazySource,
    PolicyReference,
    Recipe,
    Recoding,
    Statistic,
    recipe_from_json,
)
from tests.disclosure.support import UNIT, heads

DIGEST = "sha256:" + "0" * 64
POLICY = PolicyReference("cbs", DIGEST)
LAZY = LazySource('SELECT * FROM "PERSONS"', (DataSetReference("PERSONS", DIGEST),))
FULL = Recipe(
    source=LAZY,
    statistic=Statistic.MEAN,
    policy=POLICY,
    rows=("wijk", 'label "quoted"; =1+1'),
    columns=("geslacht",),
    other_units=(("RINPERSOONHKW",),),
    holding=("BEID", "BEIDS"),
    rounding=5,
    value="inkomen",
    unit=("RINPERSOONS", "RINPERSOON"),
    weight="gewicht",
    dropna=True,
    recodings=(Recoding("wijk", (("28", "28 + 29"), ("29", "28 + 29"))), Recoding("wijk", (("28 + 29", "é\n"),))),
    suppressed=True,
)
PLAIN = Recipe(source=FrameSource(("u", "g")), statistic=Statistic.COUNT, policy=POLICY, rows=("g",), unit=("u",))


@pytest.mark.parametrize("recipe", [FULL, PLAIN])
def test_a_recipe_comes_back_from_its_json_the_same(recipe: Recipe) -> None:
    again = recipe_from_json(recipe.to_json().encode())
    assert again == recipe
    assert again.digest() == recipe.digest()
    assert is_digest(recipe.digest())
    assert recipe.digest() == digest(recipe.to_json().encode())


def test_the_digest_does_not_change_between_versions_of_the_product() -> None:
    assert PLAIN.to_json() == (
        '{"class":"table","columns":[],"dropna":false,"holding":[],"options":{},"other_units":[],"others":[],'
        '"policy":{"digest":"' + DIGEST + '","name":"cbs"},'
        '"recodings":[],"rounding":0,"rows":["g"],"source":{"columns":["u","g"],"kind":"frame"},"statistic":"count",'
        '"suppressed":false,"unit":["u"],"value":null,"version":2,"weight":null}'
    )


@pytest.mark.parametrize(
    "change",
    [
        {"rows": ("g2",)}, {"columns": ("h",)}, {"unit": ("other",)}, {"dropna": True}, {"suppressed": True},
        {"weight": "w"}, {"policy": PolicyReference("cbs", DIGEST.replace("0", "1"))},
        {"statistic": Statistic.SUM, "value": "v"}, {"source": FrameSource(("u",))}, {"source": LAZY},
        {"recodings": (Recoding("g", (("a", "b"),)),)}, {"other_units": (("h",),)}, {"holding": ("h",)},
        {"rounding": 5}, {"statistic": Statistic.LORENZ, "value": "v"},
        {"statistic": Statistic.LORENZ, "value": "v", "options": (("points", "5"),)},
        {"statistic": Statistic.SURVIVAL, "value": "v", "others": ("event",)},
    ],
)  # fmt: skip
def test_whatever_differs_gives_another_digest(change: dict[str, Any]) -> None:
    assert dataclasses.replace(PLAIN, **change).digest() != PLAIN.digest()


def test_an_output_carries_its_recipe_without_figures_or_keys() -> None:
    out = sdc.table(heads({"canary-label": 40, "b": 40}), rows="group", unit=UNIT)
    assert recipe_from_json(out.recipe.to_json().encode()) == out.recipe
    assert "canary" not in out.recipe.to_json()
    assert "40" not in json.dumps({**out.recipe.to_document(), "policy": None})


def document(**changes: Any) -> dict[str, Any]:
    return {**json.loads(FULL.to_json()), **changes}


@pytest.mark.parametrize(
    "changed",
    [
        document(extra=1),
        document(source={**FULL.to_document()["source"], "limit": 10}),
        document(policy={"name": "cbs", "digest": DIGEST, "minimum_units": 1}),
        document(recodings=[{"dimension": "wijk", "mapping": [["a", "b"]], "unless": 1}]),
        document(version=1),
        document(version=True),
        document(version="1"),
        document(**{"class": "regression"}),
        document(statistic="average"),
        document(options=None),
        document(options={"trim": "0.1"}),
        document(statistic="quantile"),
        document(statistic="quantile", options={"probability": 0.5}),
        document(statistic="quantile", options={"probability": "0.5", "trim": "0.1"}),
        document(others=["leeftijd"]),
        document(statistic="survival", others=["leeftijd", "leeftijd"]),
        document(statistic="survival", others=["RINPERSOON"]),
        document(statistic="survival", others=["inkomen"]),
        document(statistic="survival", rows=["time"], recodings=[]),
        document(other_units=[[]]),
        document(other_units=[["h"], ["h"]]),
        document(other_units=[["RINPERSOONS", "RINPERSOON"]]),
        document(other_units=["h"]),
        document(other_units=[["wijk"]]),
        document(holding=["h", "h"]),
        document(holding=["inkomen"]),
        document(holding=None),
        document(rounding=1),
        document(rounding=-5),
        document(rounding=True),
        document(rounding="5"),
        document(rounding=5.0),
        document(statistic="COUNT"),
        document(statistic=None),
        document(rows="wijk"),
        document(rows=[1]),
        document(rows=None),
        document(rows=["wijk", "wijk"]),
        document(unit=["a", "a"]),
        document(unit="RINPERSOON"),
        document(columns=["wijk"]),
        document(value=None),
        document(value=5),
        document(value="wijk"),
        document(value="RINPERSOON"),
        document(weight="RINPERSOON"),
        document(weight="wijk"),
        document(weight=1),
        document(dropna=1),
        document(dropna="true"),
        document(suppressed=None),
        document(suppressed="false"),
        document(policy="cbs"),
        document(policy={"name": "cbs", "digest": "sha256:0"}),
        document(policy={"name": "", "digest": DIGEST}),
        document(source={"kind": "lazy", "sql": " ", "data_sets": [{"name": "A", "digest": DIGEST}]}),
        document(source={"kind": "lazy", "sql": "SELECT 1", "data_sets": []}),
        document(source={"kind": "lazy", "sql": "SELECT 1", "data_sets": [{"name": "A", "digest": DIGEST}] * 2}),
        document(source={"kind": "lazy", "sql": "SELECT 1", "data_sets": [{"name": "A", "digest": "md5:0"}]}),
        document(source={"kind": "lazy", "sql": 1, "data_sets": [{"name": "A", "digest": DIGEST}]}),
        document(source={"kind": "frame", "columns": []}),
        document(source={"kind": "frame", "columns": ["a", "a"]}),
        document(source={"kind": "file", "columns": ["a"]}),
        document(source=None),
        document(recodings=None),
        document(recodings=[{"dimension": "wijk", "mapping": []}]),
        document(recodings=[{"dimension": "wijk", "mapping": [["a", "b"], ["a", "c"]]}]),
        document(recodings=[{"dimension": "wijk", "mapping": [["a", ""]]}]),
        document(recodings=[{"dimension": "wijk", "mapping": [["a"]]}]),
        document(recodings=[{"dimension": "wijk", "mapping": [["a", None]]}]),
        document(recodings=[{"dimension": "inkomen", "mapping": [["a", "b"]]}]),
        document(rows=["wijk", "WIJK"]),
        document(rows=["wijk", ""]),
        document(rows=["wijk", "a\0b"]),
        [],
        None,
        "recipe",
        5,
        {},
    ],
)
def test_what_no_recipe_says_is_refused(changed: Any) -> None:
    with pytest.raises(RecipeError):
        recipe_from_json(json.dumps(changed).encode())


@pytest.mark.parametrize("key", sorted(json.loads(FULL.to_json())))
def test_an_entry_that_is_absent_is_refused(key: str) -> None:
    changed = document()
    del changed[key]
    with pytest.raises(RecipeError):
        recipe_from_json(json.dumps(changed).encode())


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text[:-1],
        lambda text: text + "x",
        lambda text: text.replace('"dropna":true', '"dropna":true,"dropna":false'),
        lambda text: text.replace('"version":2', '"version":NaN'),
        lambda text: "",
        lambda text: "[" * 100_000,
    ],
)
def test_what_is_not_one_json_document_is_refused(spoilt: Callable[[str], str]) -> None:
    with pytest.raises(DocumentError):
        recipe_from_json(spoilt(FULL.to_json()).encode())
    with pytest.raises(DocumentError):
        recipe_from_json(b"\xff" + FULL.to_json().encode())


def test_spacing_and_order_of_a_document_do_not_matter() -> None:
    loose = json.dumps(dict(reversed(document().items())), indent=3)
    assert recipe_from_json(loose.encode()).digest() == FULL.digest()


def test_a_recipe_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PLAIN.suppressed = True  # type: ignore[misc]


def test_a_count_takes_no_value_and_other_statistics_need_one() -> None:
    with pytest.raises(RecipeError, match="takes no value"):
        dataclasses.replace(PLAIN, value="v")
    with pytest.raises(RecipeError, match="needs a value"):
        dataclasses.replace(PLAIN, statistic=Statistic.RATE)


def test_narrow_columns_are_unit_dimensions_value_and_weight_each_once() -> None:
    assert FULL.narrow_columns == (
        "RINPERSOONS", "RINPERSOON", "wijk", 'label "quoted"; =1+1', "geslacht", "inkomen", "gewicht",
        "RINPERSOONHKW", "BEID", "BEIDS",
    )  # fmt: skip
    assert dataclasses.replace(FULL, weight="inkomen").narrow_columns.count("inkomen") == 1
