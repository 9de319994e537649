"""Case 11: the definitions of CBS and of the municipality, and tables for two lines that do not go together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.workspace.cases.conftest import City, Ran

HOME = "RINPERSOONHKW"
LAST_DAY = pd.Timestamp("2022-12-31")


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(11)


@pytest.fixture(scope="module")
def low_incomes(city: City) -> Any:
    """Households up to 130% with the wijk that they live in and the band of their income; by pandas."""
    income, stays = city.read("INHATAB", 2022), city.read("GBAADRESOBJECTBUS")
    there = stays[(stays["GBADATUMAANVANGADRESHOUDING"] <= LAST_DAY) & (stays["GBADATUMEINDEADRESHOUDING"] >= LAST_DAY)]
    places = there.merge(city.read("VSLGWBTAB"), on="RINOBJECTNUMMER").set_index("RINPERSOON")["wc"]
    low = income[income["INHARMSOC"] <= 130]
    band = pd.cut(low["INHARMSOC"], [0, 110, 120, 130], labels=["0-110%", "110-120%", "120-130%"])
    return low.assign(band=band.astype(str), wc=low[HOME].map(places))


def test_the_lines_of_the_municipality_are_those_that_the_generator_counted(ran: Ran, city: City) -> None:
    told, bands = city.truth["definitions"], "households-by-band"
    up_to_110 = ran.figure(bands, band="0-110%")
    up_to_120 = up_to_110 + ran.figure(bands, band="110-120%")
    up_to_130 = up_to_120 + ran.figure(bands, band="120-130%")
    assert (up_to_110, up_to_120, up_to_130) == (told["soc110"], told["soc120"], told["soc130"])


def test_the_overlap_is_that_of_the_generator(ran: Ran, city: City) -> None:
    told = city.truth["definitions"]
    assert ran.figure("share-poor-by-cbs") == pytest.approx(told["both_soc110_lag100"] / told["soc110"], abs=1e-6)


def test_bands_by_wijk_are_those_of_the_files_and_small_ones_are_withheld(ran: Ran, low_incomes: Any) -> None:
    name = "low-incomes-by-wijk-and-band"
    counts = low_incomes.groupby(["wc", "band"]).size()
    shown = {(one["cell"]["wc"], one["cell"]["band"]): one["value"] for one in ran.published(name)}
    assert len(shown) > 40
    assert {place: float(value) for place, value in shown.items()} == {place: counts[place] for place in shown}
    assert min(counts[place] for place in shown) >= 10
    assert all(place in shown for place in counts.index[counts >= 10])


def test_the_definitions_crossed_are_refused_for_what_they_tell_of_a_group(ran: Ran) -> None:
    assert "crossed: unsafe" in ran.printed
    assert "- group_disclosure | cbs=1, municipality=1" in ran.printed
    assert "by make-up: unsafe" in ran.printed


def test_tables_for_two_lines_are_safe_alone_and_refused_beside_each_other(ran: Ran) -> None:
    assert "up to 110%: safe" in ran.printed
    assert "up to 120%: safe" in ran.printed
    assert "Refused: 'trial-120' and 'trial' are the same but for few units" in ran.printed
    assert set(ran.outputs) == {"households-by-band", "share-poor-by-cbs", "low-incomes-by-wijk-and-band"}


def test_the_answer_follows_the_case_and_stadsdelen_are_refused_beside_wijken(ran: Ran) -> None:
    assert "by stadsdeel: safe" in ran.printed
    assert "Refused: 'low-incomes-by-stadsdeel-and-band' and 'low-incomes-by-wijk-and-band'" in ran.printed
