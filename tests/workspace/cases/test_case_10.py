"""Case 10: what the incomes of parents tell of those of their grown-up children."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.workspace.cases.conftest import City, Ran

KEY, HOME = "RINPERSOON", "RINPERSOONHKW"
LAST_DAY = pd.Timestamp("2022-12-31")


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(10)


@pytest.fixture(scope="module")
def pairs(city: City) -> Any:
    """Persons of 25 or older with a home of their own in 2022, and the household of the mother in 2018; by pandas."""
    spells, stays = city.read("GBAHUISHOUDENSBUS"), city.read("GBAADRESOBJECTBUS")
    born = city.read("GBAPERSOONTAB").set_index(KEY)["GBAGEBOORTEJAAR"]
    away = spells[KEY][(spells["DATUMAANVANGHH"] <= LAST_DAY) & (spells["DATUMEINDEHH"] >= LAST_DAY)
                       & (spells["PLHH"] != "1")]  # fmt: skip
    there = stays[(stays["GBADATUMAANVANGADRESHOUDING"] <= LAST_DAY) & (stays["GBADATUMEINDEADRESHOUDING"] >= LAST_DAY)]
    places = there.merge(city.read("VSLGWBTAB"), on="RINOBJECTNUMMER").set_index(KEY)["stadsdeel"]
    columns = ["INHGESTINKH", "INHARMLAG", "INHP100HGEST"]
    child, mother = (
        city.read("KOPPELPERSOONHUISHOUDEN", year)[[KEY, HOME]]
        .merge(city.read("INHATAB", year)[[HOME, *columns]], on=HOME)
        .set_index(KEY)[columns]
        for year in (2022, 2018)
    )
    found = city.read("KINDOUDERTAB")[[KEY, "RINPERSOONma"]]
    found = found[found[KEY].isin(away) & (found[KEY].map(born) <= 2022 - 25)]
    found = found.join(child, on=KEY, how="inner").join(mother.add_suffix("_ma"), on="RINPERSOONma", how="inner")
    return found.assign(
        child=np.ceil(found["INHP100HGEST"] / 20).astype(int).astype(str),
        parents=np.ceil(found["INHP100HGEST_ma"] / 20).astype(int).astype(str),
        poor=found["INHARMLAG"] < 100,
        parents_poor=found["INHARMLAG_ma"] < 100,
        stadsdeel=found[KEY].map(places),
    )


def test_the_rank_rank_slope_is_the_one_that_the_generator_put_in(ran: Ran, city: City) -> None:
    told = city.truth["mobility"]
    found = ran.figure("rank-rank-slope", figure="correlation")
    assert ran.figure("rank-rank-slope", figure="n_units") == told["pairs"]
    assert found == pytest.approx(told["rank_rank_slope"], abs=1e-3)
    assert found == pytest.approx(told["parameter"], abs=2 / told["pairs"] ** 0.5)


def test_the_slope_is_that_of_the_files(ran: Ran, pairs: Any) -> None:
    slope = np.polyfit(pairs["INHGESTINKH_ma"].rank(), pairs["INHGESTINKH"].rank(), 1)[0]
    found = ran.figure("rank-rank-slope", figure="correlation")
    # Of brothers and sisters the mother has one rank, so the ranks of parents have a little less spread.
    assert found == pytest.approx(slope, abs=1e-4)


def test_the_matrix_is_that_of_the_files_and_parents_matter_most_at_its_ends(ran: Ran, pairs: Any) -> None:
    shares: Any = 100 * pd.crosstab(pairs["parents"], pairs["child"], normalize="index")
    for parents in "12345":
        for child in "12345":
            found = ran.figure("mobility-matrix", parents=parents, child=child)
            assert found == pytest.approx(shares.loc[parents, child], abs=1e-3)
    assert shares.loc["1", "1"] > 1.5 * shares.loc["5", "1"]


def test_children_of_poor_parents_are_poor_as_often_as_in_the_files(ran: Ran, pairs: Any) -> None:
    rates = pairs.groupby("parents_poor")["poor"].mean()
    assert ran.figure("risk-of-poverty", figure="estimate") == pytest.approx(rates[True] / rates[False], abs=1e-3)
    exposed = pairs[pairs["parents_poor"]]
    assert ran.figure("risk-of-poverty", figure="exposed_with") == exposed["poor"].sum()


def test_stadsdelen_are_counted_together_by_children_and_mothers_and_nothing_is_withheld(ran: Ran, pairs: Any) -> None:
    name = "poor-children-of-poor-parents"
    assert len(ran.published(name)) == len(ran.outputs[name])
    of_poor = pairs[pairs["parents_poor"]]
    groups = [one["cell"]["stadsdeel"] for one in ran.outputs[name] if one["cell"]]
    assert sorted(part for group in groups for part in group.split(" + ")) == sorted(of_poor["stadsdeel"].unique())
    for group in groups:
        inside = of_poor[of_poor["stadsdeel"].isin(group.split(" + "))]
        assert ran.figure(name, stadsdeel=group) == pytest.approx(inside["poor"].mean(), abs=1e-6)
        assert inside.groupby("poor")["RINPERSOONma"].nunique().min() >= 10


def test_addresses_are_refused_and_buurten_are_too_small(ran: Ran) -> None:
    assert "Refused: 'RINOBJECTNUMMER' identifies units" in ran.printed
    assert "by buurt: unsafe" in ran.printed
    assert "- minimum_count | bc=" in ran.printed
    told = {line.split(": ")[0]: int(line.split()[-1]) for line in ran.printed.splitlines() if "stadsdeel" in line}
    assert told["by stadsdeel"] > told["by stadsdeel, children"] > 0


def test_the_answer_finds_about_the_same_slope_by_percentiles_of_the_city(ran: Ran) -> None:
    assert "fitted: safe" in ran.printed
    assert "by age: safe" in ran.printed
    [told] = [line for line in ran.printed.splitlines() if line.startswith("Slope of percentiles")]
    assert float(told.split()[-1]) == pytest.approx(ran.figure("rank-rank-slope", figure="correlation"), abs=0.02)
