"""Case 9: shares of persons and of households with debts, and which of the young are in sight."""

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
    return run_case(9)


@pytest.fixture(scope="module")
def people(city: City) -> Any:
    """All inhabitants, with their age, home, stadsdeel, debts and what their household uses; by pandas."""
    spells, stays = city.read("GBAHUISHOUDENSBUS"), city.read("GBAADRESOBJECTBUS")
    use, law = city.read("VOORZIENINGEN", 2022), city.read("WSNPPERSBUS")
    links = city.read("KOPPELPERSOONHUISHOUDEN", 2022)
    found = links.merge(city.read("GBAPERSOONTAB"), on=KEY).merge(city.read("SCHULDENTAB", 2022), on=HOME)
    found = found.merge(spells[spells["DATUMEINDEHH"] >= LAST_DAY][[KEY, "PLHH", "REFPERSOONHH"]], on=KEY)
    there = stays[stays["GBADATUMEINDEADRESHOUDING"] >= LAST_DAY].merge(city.read("VSLGWBTAB"), on="RINOBJECTNUMMER")
    running = law[(law["AANVWSNP"] <= LAST_DAY) & (law["EINDWSNP"] >= "2022-01-01")]
    seen = set(use[HOME][use["REGELING"] != "07"]) | set(links[HOME][links[KEY].isin(running[KEY])])
    age = pd.cut(2022 - found["GBAGEBOORTEJAAR"], [-1, 17, 26, 44, 64, 150])
    return found.assign(
        age=age.cat.rename_categories(["0-17", "18-26", "27-44", "45-64", "65+"]).astype(str),
        home=found["PLHH"].map(lambda place: "with parents" if place == "1" else "own home"),
        debts=found["PROBSCHULD"] == "1",
        in_sight=found[HOME].isin(seen),
        stadsdeel=found[KEY].map(there.set_index(KEY)["stadsdeel"]),
    )


def of_all(ran: Ran, output: str) -> float:
    """Return the figure of an output's margin, which has no labels."""
    [found] = [one["value"] for one in ran.published(output) if not one["cell"]]
    return float(found)


def test_thirteen_per_cent_of_the_inhabitants_have_debts_as_the_generator_put_in(ran: Ran, city: City) -> None:
    found = of_all(ran, "persons-with-debts-by-age")
    assert found == pytest.approx(city.truth["debts"]["inhabitants"], abs=1e-4)
    assert found == pytest.approx(0.13, rel=0.05)


def test_households_with_debts_are_those_of_the_generator_and_more_often_those_of_the_young(
    ran: Ran, city: City
) -> None:
    name, told = "households-with-debts-by-age", city.truth["debts"]
    assert of_all(ran, name) == pytest.approx(told["households"], abs=1e-4)
    assert ran.figure(name, age="18-26") == pytest.approx(told["by_age_of_head"]["18-26"], abs=1e-4)
    assert ran.figure(name, age="18-26") > ran.figure(name, age="27-44") + 0.02


@pytest.mark.parametrize("age", ["0-17", "18-26", "27-44", "45-64", "65+"])
def test_shares_by_age_are_those_of_the_files(ran: Ran, people: Any, age: str) -> None:
    group = people[people["age"] == age]
    assert ran.figure("persons-with-debts-by-age", age=age) == pytest.approx(group["debts"].mean(), abs=1e-6)
    if age != "0-17":
        seen = group[group["debts"]]["in_sight"].mean()
        assert ran.figure("in-sight-by-age", age=age) == pytest.approx(seen, abs=1e-6)


def test_the_young_with_debts_are_in_sight_less_often_than_others(ran: Ran) -> None:
    shares = {age: ran.figure("in-sight-by-age", age=age) for age in ("18-26", "27-44", "45-64", "65+")}
    assert min(shares, key=shares.__getitem__) == "18-26"


def test_the_young_by_area_are_those_of_the_files_and_few_are_withheld(ran: Ran, people: Any) -> None:
    name = "young-with-debts-by-stadsdeel"
    young = people[people["debts"] & (people["age"] == "18-26")]
    counts = young.groupby(["stadsdeel", "home"])[KEY].nunique()
    homes = young.groupby(["stadsdeel", "home"])[HOME].nunique()
    shown = [one for one in ran.published(name) if len(one["cell"]) == 2]
    assert len(shown) >= 8
    for one in shown:
        place = (one["cell"]["stadsdeel"], one["cell"]["home"])
        assert float(one["value"]) == counts[place]
        assert homes[place] >= 10, place
    assert {place for place in counts.index if homes[place] >= 10} == {
        (one["cell"]["stadsdeel"], one["cell"]["home"]) for one in shown
    }


def test_wijken_and_debt_help_are_refused_as_the_traps_and_their_remedies_are_safe(ran: Ran) -> None:
    told = {line.split(":")[0]: int(line.split()[-1]) for line in ran.printed.splitlines() if "wijk" in line}
    assert told["by wijk"] > told["by wijk, persons"] > 0
    assert "debt help: unsafe" in ran.printed
    assert "- frequency_in_disguise | age=18-26" in ran.printed
    assert "by area: safe" in ran.printed
    assert "Left out" not in ran.printed
    assert "in sight: safe" in ran.printed


def test_the_answer_follows_the_case_and_its_table_goes_with_the_others(ran: Ran) -> None:
    assert "in sight by home: safe" in ran.printed
    assert "It goes with the others." in ran.printed
