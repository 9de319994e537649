"""Case 5: how many people on assistance came and left, from and for where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.workspace.cases.conftest import City, Ran

KEY = "RINPERSOON"
BEGIN, END = "GBADATUMAANVANGADRESHOUDING", "GBADATUMEINDEADRESHOUDING"


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(5)


@pytest.fixture(scope="module")
def moves(city: City) -> Any:
    """Moves over the border of the city of persons on assistance, with the place on either side; by pandas."""
    stays = city.read("GBAADRESOBJECTBUS").merge(city.read("VSLGWBTAB"), on="RINOBJECTNUMMER").sort_values([KEY, BEGIN])
    before = stays.groupby(KEY)[[END, "gem", "wc", "stadsdeel"]].shift(1).add_prefix("from_")
    moved = stays.join(before)
    moved = moved[moved[f"from_{END}"] + pd.Timedelta(days=1) == moved[BEGIN]]
    comes, leaves = moved["gem"] == "0518", moved["from_gem"] == "0518"
    moved = moved.assign(direction=comes.map({True: "in", False: "out"}))[comes != leaves]
    comes = moved["direction"] == "in"
    moved["day"] = moved[BEGIN].where(comes, moved[f"from_{END}"])
    moved["elsewhere"] = moved["from_gem"].where(comes, moved["gem"])
    for area in ("wc", "stadsdeel"):
        moved[area] = moved[area].where(comes, moved[f"from_{area}"])
    spells = city.read("BIJSTANDUITKERINGTAB")
    found = moved[[KEY, "direction", "day", "elsewhere", "wc", "stadsdeel"]].merge(spells, on=KEY)
    return found[(found["AANVBIJSTAND"] <= found["day"]) & (found["EINDBIJSTAND"] >= found["day"])]


def test_as_many_come_and_leave_each_year_as_the_generator_tells(ran: Ran, city: City) -> None:
    for year, told in city.truth["moves"].items():
        for direction, number in told.items():
            assert ran.figure("moves-by-year", year=year, direction=direction) == number


def test_municipalities_elsewhere_are_those_of_the_files_and_nothing_is_withheld(ran: Ran, moves: Any) -> None:
    name = "moves-by-municipality"
    assert len(ran.published(name)) == len(ran.outputs[name])
    for (place, direction), persons in moves.groupby(["elsewhere", "direction"])[KEY].nunique().items():
        assert ran.figure(name, gem=place, direction=direction) == persons


def test_small_parts_of_the_city_are_counted_together_and_nothing_is_withheld(ran: Ran, moves: Any) -> None:
    name = "moves-by-stadsdeel"
    assert len(ran.published(name)) == len(ran.outputs[name])
    labels = {one["cell"]["stadsdeel"] for one in ran.outputs[name] if "stadsdeel" in one["cell"]}
    groups = {part: label for label in labels for part in label.split(" + ")}
    assert len(labels) < len(groups) == moves["stadsdeel"].nunique()
    together = moves["stadsdeel"].map(groups)
    for (group, direction), persons in moves.groupby([together, "direction"])[KEY].nunique().items():
        assert ran.figure(name, stadsdeel=group, direction=direction) == persons


def test_the_matrix_is_shown_as_the_trap_and_withholding_is_refused_beside_its_edge(ran: Ran, moves: Any) -> None:
    cells = moves.groupby(["direction", "elsewhere", "wc"])[KEY].nunique()
    [told] = [line.split() for line in ran.printed.splitlines() if line.startswith("matrix:")]
    assert told[1] == "unsafe"
    assert int(told[2]) >= (cells < 10).sum() > len(cells) / 2
    assert "Refused: 'trial-area' and 'trial' are of the same figures" in ran.printed
    assert "Left out" not in ran.printed
    assert "Request 1" in ran.printed


def test_the_answer_finds_fewer_dwellings_than_persons_and_a_cell_that_has_too_few(ran: Ran) -> None:
    assert "persons, with dwellings: unsafe" in ran.printed
    assert "- other_units | gem=" in ran.printed
