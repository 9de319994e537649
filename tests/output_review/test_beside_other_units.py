"""What counts persons and what counts their households, in one request: compared where the rows have a common key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from disclosure.model.recipes import FrameSource, Recipe, Statistic
from output_review.services.ingest import ingest
from output_review.services.judging import confirmed
from output_review.services.tabulating import tabulate
from tests.output_review import zone_camp as camps
from tests.output_review.zone_camp import ZoneCamp

BOOK = """
schema = 1
name = "PERSONS"
synthetic = true
unit = ["person"]
identifiers = ["person"]
[units]
household = ["home"]
[columns.wijk]
type = "category"
sensitive = false
[columns.income]
type = "number"
decimals = 0
"""
EVERYONE = "SELECT person, home, wijk, income FROM PERSONS"
BUT_ONE = f"{EVERYONE} WHERE income <> 17777"
SUM: dict[str, Any] = {"statistic": Statistic.SUM, "value": "income"}


def people() -> pa.Table:
    """Return 1,200 persons who live alone; one of them has 17,777."""
    place, chance = np.arange(1200), np.random.default_rng(4)
    income = np.round(chance.lognormal(10, 0.4, 1200))
    income[30] = 17_777
    return pa.table(
        {
            "person": [f"{one:06d}" for one in place],
            "home": [f"h{one:05d}" for one in place],
            "wijk": [f"{28 + one % 3}" for one in place],
            "income": income,
        }
    )


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ZoneCamp:
    monkeypatch.setattr(camps, "people", people)
    monkeypatch.setattr(camps, "CODEBOOK", BOOK)
    return ZoneCamp.made(tmp_path)


def outputs_of(made: ZoneCamp, recipes: dict[str, Recipe]) -> dict[str, tuple[str, str]]:
    made.hand_in(recipes)
    zone = made.zone()
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    found = {one.name: one for one in zone.request(taken.request).outputs.all()}
    assert all(confirmed(zone, one).verdict.status.value == one.verdict for one in found.values())
    return {name: (one.verdict, one.note) for name, one in found.items()}


@pytest.mark.parametrize("asked", [{}, SUM], ids=["counts", "sums"])
@pytest.mark.parametrize(("sql", "second"), [(EVERYONE, "safe"), (BUT_ONE, "inconclusive")])
def test_households_but_for_one_do_not_leave_beside_all_persons(
    made: ZoneCamp, asked: dict[str, Any], sql: str, second: str
) -> None:
    held: tuple[dict[str, Any], ...] = ({"holding": ("home",)}, {"holding": ("person",)}) if asked else ({}, {})
    recipes = {
        "a": made.recipe(sql=EVERYONE, other_units=(("home",),), **asked, **held[0]),
        "b": made.recipe(sql=sql, unit=("home",), other_units=(("person",),), **asked, **held[1]),
    }
    found = outputs_of(made, recipes)
    assert {name: verdict for name, (verdict, _) in found.items()} == {"a": "safe", "b": second}
    assert ("'a' to be left out" in found["b"][1]) is (second == "inconclusive")


@pytest.mark.parametrize(("gone", "second"), [(0, "safe"), (1, "inconclusive"), (300, "safe")])
def test_of_frames_one_has_the_key_of_the_other(made: ZoneCamp, gone: int, second: str) -> None:
    rows = people()
    made.frames = {"a": rows.select(["person", "wijk"]), "b": rows.select(["home", "wijk", "person"]).slice(gone)}
    recipes = {
        "a": made.recipe(source=FrameSource(("person", "wijk"))),
        "b": made.recipe(source=FrameSource(("home", "wijk", "person")), unit=("home",), other_units=(("person",),)),
    }
    found = outputs_of(made, recipes)
    assert found["a"][0] == "safe"
    assert found["b"][0] == second
    assert ("'a' to be left out" in found["b"][1]) is (second == "inconclusive")


def test_frames_of_the_same_rows_are_rounded_in_one_way(made: ZoneCamp) -> None:
    rows = people().select(["person", "wijk"])
    made.frames = {"a": rows, "b": rows.rename_columns(["person", "area"])}
    recipes = {
        "a": made.recipe(source=FrameSource(("person", "wijk")), rounding=5),
        "b": made.recipe(source=FrameSource(("person", "area")), rows=("area",), rounding=25),
    }
    found = outputs_of(made, recipes)
    assert [found[name][0] for name in "ab"] == ["safe", "inconclusive"]
    assert "two roundings tell more than one" in found["b"][1]
