"""Case 1: households that have a low income although somebody works, by kind and by area."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.workspace.cases.conftest import City, Ran

KEY, HOME = "RINPERSOON", "RINPERSOONHKW"
BY_WORK, BY_AREA = "low-income-households-by-work", "working-low-income-households-by-stadsdeel"


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(1)


@pytest.fixture(scope="module")
def poor(city: City) -> Any:
    """The households with a low income, with their kind, whether they work and their stadsdeel; by pandas."""
    members = city.read("KOPPELPERSOONHUISHOUDEN", 2022)[[KEY, HOME]]
    spells = city.read("GBAHUISHOUDENSBUS")
    spells = spells[(spells["DATUMAANVANGHH"] <= "2022-12-31") & (spells["DATUMEINDEHH"] >= "2022-12-31")]
    stays = city.read("GBAADRESOBJECTBUS")
    begin, end = stays["GBADATUMAANVANGADRESHOUDING"], stays["GBADATUMEINDEADRESHOUDING"]
    stays = stays[(begin <= "2022-12-31") & (end >= "2022-12-31")].merge(city.read("VSLGWBTAB"), on="RINOBJECTNUMMER")
    rows = members.merge(spells[[KEY, "TYPHH", "PLHH", "REFPERSOONHH"]], on=KEY, validate="1:1")
    rows["works"] = rows[KEY].isin(city.read("SPOLISBUS", 2022)[KEY]) & (rows["PLHH"] != "1")
    works = rows.groupby(HOME)["works"].any()
    heads = rows[rows["REFPERSOONHH"] == "1"].merge(stays[[KEY, "stadsdeel"]], on=KEY)
    heads["works"] = heads[HOME].map(works).map({True: "yes", False: "no"})
    heads["kind"] = heads["TYPHH"].map({"4": "couple with children", "5": "couple with children", "6": "single parent"})
    heads["kind"] = heads["kind"].fillna("no children")
    income = city.read("INHATAB", 2022)
    return heads[heads[HOME].isin(income[HOME][income["INHARMLAG"] < 100])]


def test_working_households_with_a_low_income_are_as_many_as_the_generator_made(ran: Ran, city: City) -> None:
    assert ran.figure(BY_WORK) == city.truth["definitions"]["lag100"]
    assert ran.figure(BY_WORK, works="yes") == pytest.approx(city.truth["definitions"]["working_lag100"], rel=0.03)


def test_households_by_kind_and_work_are_those_of_the_files(ran: Ran, poor: Any) -> None:
    for (kind, works), count in poor.groupby(["kind", "works"]).size().items():
        assert ran.figure(BY_WORK, kind=kind, works=works) == count


def test_areas_are_counted_together_and_nothing_is_withheld(ran: Ran, poor: Any) -> None:
    cells = [one for one in ran.outputs[BY_AREA] if set(one["cell"]) == {"stadsdeel", "kind"}]
    assert len(ran.published(BY_AREA)) == len(ran.outputs[BY_AREA])
    assert all(float(one["value"]) >= 10 for one in cells)
    working = poor[poor["works"] == "yes"]
    areas = {one["cell"]["stadsdeel"] for one in cells}
    assert {part for area in areas for part in area.split(" + ")} == set(working["stadsdeel"])
    assert len(areas) < working["stadsdeel"].nunique()
    for one in cells:
        inside = working["stadsdeel"].isin(one["cell"]["stadsdeel"].split(" + "))
        assert float(one["value"]) == (inside & (working["kind"] == one["cell"]["kind"])).sum()


def test_small_cells_by_wijk_are_shown_as_the_trap(ran: Ran) -> None:
    assert "- minimum_count | wc=" in ran.printed
    assert "- merge | loses:" in ran.printed
    assert "Request 1" in ran.printed


def test_the_answer_shows_that_two_safe_tables_may_not_leave_together(ran: Ran) -> None:
    assert "With the self-employed: safe" in ran.printed
    assert "Together: refused" in ran.printed
