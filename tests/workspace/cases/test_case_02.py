"""Case 2: children in poverty, by area and by whether a parent works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.workspace.cases.conftest import City, Ran

KEY, HOME = "RINPERSOON", "RINPERSOONHKW"
LAST_DAY = pd.Timestamp("2022-12-31")


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(2)


@pytest.fixture(scope="module")
def children(city: City) -> Any:
    """Children under 18 with the place and the income of their household, and whether a parent works; by pandas."""
    spells, stays = city.read("GBAHUISHOUDENSBUS"), city.read("GBAADRESOBJECTBUS")
    there = stays[(stays["GBADATUMAANVANGADRESHOUDING"] <= LAST_DAY) & (stays["GBADATUMEINDEADRESHOUDING"] >= LAST_DAY)]
    places = there.merge(city.read("VSLGWBTAB"), on="RINOBJECTNUMMER").set_index(KEY)[["wc", "stadsdeel"]]
    kind = spells[spells["DATUMEINDEHH"] >= LAST_DAY].set_index(KEY)["TYPHH"]
    jobs = city.read("SPOLISBUS", 2022)
    december = set(jobs[KEY][jobs["SDATUMEINDEIKO"] == "2022-12-31"])
    born = city.read("GBAPERSOONTAB").set_index(KEY)["GBAGEBOORTEJAAR"]
    parents = city.read("KINDOUDERTAB").set_index(KEY)[["RINPERSOONpa", "RINPERSOONma"]]
    found = city.read("KOPPELPERSOONHUISHOUDEN", 2022)[[KEY, HOME]].merge(city.read("INHATAB", 2022), on=HOME)
    found = found[found[KEY].map(born) > 2022 - 18].join(places, on=KEY).join(parents, on=KEY)
    working = found["RINPERSOONpa"].isin(december) | found["RINPERSOONma"].isin(december) | (found["INHBBIHJ"] == "13")
    return found.assign(
        poor=found["INHARMLAG"] < 100,
        single_parent=(found[KEY].map(kind) == "6").map({True: "yes", False: "no"}),
        working_parent=working.map({True: "yes", False: "no"}),
    )


def test_all_children_by_stadsdeel_are_those_of_the_files(ran: Ran, children: Any) -> None:
    for (place, single), count in children.groupby(["stadsdeel", "single_parent"]).size().items():
        assert ran.figure("children-by-stadsdeel", stadsdeel=place, single_parent=single) == count


def test_poor_children_by_working_parent_are_those_of_the_files(ran: Ran, children: Any) -> None:
    poor = children[children["poor"]]
    for (working, single), count in poor.groupby(["working_parent", "single_parent"]).size().items():
        found = ran.figure("poor-children-by-working-parent", working_parent=working, single_parent=single)
        assert found == count


def test_poor_children_by_wijk_are_those_of_the_files_and_small_cells_are_withheld(ran: Ran, children: Any) -> None:
    counts = children[children["poor"]].groupby(["wc", "single_parent"]).size()
    shown = {(one["cell"]["wc"], one["cell"]["single_parent"]): one["value"]
             for one in ran.published("poor-children-by-wijk")}  # fmt: skip
    assert len(shown) > 10
    assert {place: float(value) for place, value in shown.items()} == {place: counts[place] for place in shown}
    assert min(counts[place] for place in shown) >= 10


def test_the_answer_finds_the_half_that_is_safe_and_its_shares_are_those_of_the_files(ran: Ran, children: Any) -> None:
    assert "share by both: unsafe" in ran.printed
    assert "- group_disclosure | working_parent=yes, single_parent=no" in ran.printed
    assert "share by family: safe" in ran.printed
    shares = children.groupby("single_parent")["poor"].mean()
    assert shares["yes"] > 1.5 * shares["no"]
    for name in ("no", "yes"):
        assert f"single parent {name}: {shares[name]:.3f}" in ran.printed


def test_small_cells_are_the_trap_and_an_employer_is_refused(ran: Ran) -> None:
    assert "- minimum_count | wc=" in ran.printed
    assert "- suppress | loses:" in ran.printed
    assert "Refused: 'BEID'" in ran.printed
