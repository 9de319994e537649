"""Case 13: inequality and the share at risk of poverty, of the city and of its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.workspace.cases.conftest import City, Ran

KEY, HOME = "RINPERSOON", "RINPERSOONHKW"


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(13)


@pytest.fixture(scope="module")
def people(city: City) -> Any:
    """Persons with the income of the household and the place of the dwelling; by pandas."""
    stays = city.read("GBAADRESOBJECTBUS")
    begin, end = stays["GBADATUMAANVANGADRESHOUDING"], stays["GBADATUMEINDEADRESHOUDING"]
    stays = stays[(begin <= "2022-12-31") & (end >= "2022-12-31")].merge(city.read("VSLGWBTAB"), on="RINOBJECTNUMMER")
    persons = city.read("KOPPELPERSOONHUISHOUDEN", 2022)[[KEY, HOME]].merge(city.read("INHATAB", 2022), on=HOME)
    persons["tenth"] = ((persons["INHP100HGEST"] - 1) // 10 + 1).astype(int).map("{:02}".format)
    return persons.merge(stays[[KEY, "wc", "stadsdeel"]], on=KEY, validate="1:1")


def test_the_figures_of_the_city_are_those_that_the_generator_tells(ran: Ran, city: City) -> None:
    told = city.truth["inequality"]["2022"]
    assert ran.figure("income-city-gini-of-inhgestinkh") == pytest.approx(100 * told["gini"], abs=0.02)
    assert ran.figure("income-city-median-of-inhgestinkh") == pytest.approx(told["median"], rel=1e-3)
    assert ran.figure("at-risk-city") == pytest.approx(100 * told["arop_rate"], abs=0.02)


def test_the_highest_fifth_has_as_much_more_as_in_the_files(ran: Ran, people: Any) -> None:
    income = np.sort(people["INHGESTINKH"].to_numpy(dtype=float))
    fifth = len(income) // 5
    assert ran.figure("income-city-s80-s20-of-inhgestinkh") == pytest.approx(
        income[-fifth:].sum() / income[:fifth].sum(), rel=1e-3
    )


def test_persons_by_stadsdeel_and_tenth_are_those_of_the_files(ran: Ran, people: Any) -> None:
    for (place, tenth), count in people.groupby(["stadsdeel", "tenth"]).size().items():
        assert ran.figure("tenths-by-stadsdeel", stadsdeel=place, tenth=tenth) == count


def test_gini_by_stadsdeel_is_that_of_the_files(ran: Ran, people: Any) -> None:
    for place, group in people.groupby("stadsdeel"):
        income = np.sort(group["INHGESTINKH"].to_numpy(dtype=float))
        size = len(income)
        gini = 200 * (np.arange(1, size + 1) * income).sum() / (size * income.sum()) - 100 * (size + 1) / size
        assert ran.figure("gini-by-stadsdeel", stadsdeel=place) == pytest.approx(gini, abs=0.05)


@pytest.mark.parametrize(("output", "column"), [("median-by-wijk", "wc"), ("at-risk-by-stadsdeel", "stadsdeel")])
def test_areas_are_counted_together_and_nothing_is_withheld(ran: Ran, people: Any, output: str, column: str) -> None:
    assert len(ran.published(output)) == len(ran.outputs[output])
    line = 0.6 * people["INHGESTINKH"].median()
    groups = {one["cell"][column] for one in ran.outputs[output] if one["cell"]} - {"other"}
    named = {part: group for group in groups for part in group.split(" + ")}
    assert set(named) <= set(people[column])
    together = people[column].map(named).fillna("other")  # the smallest, under no name of their own
    assert together.nunique() < people[column].nunique()
    for group, income in people.groupby(together)["INHGESTINKH"]:
        if output == "median-by-wijk":
            assert ran.figure(output, wc=group) == pytest.approx(income.median(), rel=0.1)
        else:
            assert ran.figure(output, stadsdeel=group) == pytest.approx(100 * (income < line).mean(), abs=0.1)


def test_extremes_and_shares_of_nearly_everybody_are_shown_as_the_trap(ran: Ran) -> None:
    assert "- position | wc=" in ran.printed
    assert "Refused: The statistic 'max' is not released" in ran.printed
    assert "- frequency_in_disguise | stadsdeel=" in ran.printed
    assert "Left out" not in ran.printed
    assert "Request 1" in ran.printed


def test_the_answer_finds_that_smaller_areas_allow_less_of_the_tail(ran: Ran) -> None:
    assert "city p95 safe" in ran.printed
    assert "wc p99 unsafe" in ran.printed
