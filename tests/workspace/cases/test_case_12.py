"""Case 12: who comes in when the line of the pass is moved, and why two tables before and after do not go together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.workspace.cases.conftest import PERSONS, City, Ran

KEY, HOME = "RINPERSOON", "RINPERSOONHKW"
CITY = 526_000
SOURCES = {"11": "work", "13": "work", "25": "pension"}


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(12)


@pytest.fixture(scope="module")
def added(city: City) -> Any:
    """Members of the households above 130% and up to 150%; by pandas."""
    income = city.read("INHATAB", 2022)
    between = income[(income["INHARMSOC"] > 130) & (income["INHARMSOC"] <= 150)]
    members = between.merge(city.read("KOPPELPERSOONHUISHOUDEN", 2022), on=HOME)
    born = members[KEY].map(city.read("GBAPERSOONTAB").set_index(KEY)["GBAGEBOORTEJAAR"])
    return members.assign(minor=born > 2022 - 18)


def of_all(ran: Ran, output: str) -> float:
    """Return the figure of an output's margin, which has no labels."""
    [found] = [one["value"] for one in ran.published(output) if not one["cell"]]
    return float(found)


def test_as_many_households_come_in_as_the_generator_was_calibrated_to(ran: Ran) -> None:
    # 8,000 households in the city, 5,000 of them with children.
    name = "households-added-by-children"
    assert of_all(ran, name) == pytest.approx(8_000 * PERSONS / CITY, rel=0.05)
    assert ran.figure(name, children="yes") == pytest.approx(5_000 * PERSONS / CITY, rel=0.05)


def test_households_and_their_members_are_those_of_the_files(ran: Ran, added: Any) -> None:
    minors = added.groupby(HOME)["minor"].any()
    assert ran.figure("households-added-by-children", children="yes") == minors.sum()
    assert ran.figure("households-added-by-children", children="no") == (~minors).sum()
    assert ran.figure("persons-added-by-age", age="under 18") == added["minor"].sum()
    assert ran.figure("persons-added-by-age", age="18 or older") == (~added["minor"]).sum()


@pytest.mark.parametrize("source", ["work", "pension", "benefit or other"])
def test_households_by_source_are_those_of_the_files(ran: Ran, added: Any, source: str) -> None:
    homes = added.drop_duplicates(HOME)["INHBBIHJ"].map(SOURCES).fillna("benefit or other")
    assert ran.figure("households-added-by-source", source=source) == (homes == source).sum()


def test_before_and_after_are_safe_alone_and_refused_beside_each_other(ran: Ran) -> None:
    assert "before: safe" in ran.printed
    assert "after: safe" in ran.printed
    assert "Refused: 'after' and 'before' are the same but for few units" in ran.printed
    assert "before" not in ran.outputs


def test_small_sources_are_refused_and_coarser_ones_withhold_nothing(ran: Ran) -> None:
    assert "added by source: unsafe" in ran.printed
    assert "by source: safe" in ran.printed.splitlines()
    assert all(len(ran.published(name)) == len(cells) for name, cells in ran.outputs.items())


def test_the_answer_follows_the_case_and_make_up_is_refused_beside_children(ran: Ran) -> None:
    assert "by make-up: safe" in ran.printed
    assert "Refused: 'households-added-by-make-up' and 'households-added-by-children'" in ran.printed
