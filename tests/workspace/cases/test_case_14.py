"""Case 14: low incomes that last, and what the use of a scheme does to debts, by groups of like households."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.workspace.cases.conftest import City, Ran

KEY, HOME = "RINPERSOON", "RINPERSOONHKW"
YEARS = (2019, 2020, 2021, 2022)


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(14)


@pytest.fixture(scope="module")
def minima(city: City) -> Any:
    """Households that were in the city at four year ends and had a low income at the last; from the four files."""
    ratio = pd.concat([city.read("INHATAB", year).set_index(HOME)["INHARMSOC"].rename(year) for year in YEARS], axis=1)
    stayed = ratio.dropna()
    low = stayed[stayed[2022] <= 130]
    features = city.read("INHATAB", 2022).set_index(HOME)[["INHBBIHJ", "INHSAMHH"]]
    return low.join(features).assign(lasting=(low <= 130).all(axis=1))


@pytest.fixture(scope="module")
def followed(city: City, minima: Any) -> Any:
    """Low incomes of three years of households that stayed, whether they used a scheme, and debts a year later."""
    stayed = set.intersection(*(set(city.read("INHATAB", year)[HOME]) for year in YEARS))
    return pd.concat([_followed(city, year, stayed) for year in YEARS[:-1]])


def _followed(city: City, year: int, stayed: set[str]) -> Any:
    first, last = pd.Timestamp(f"{year}-01-01"), pd.Timestamp(f"{year}-12-31")
    income, use, spells = (
        city.read("INHATAB", year),
        city.read("VOORZIENINGEN", year),
        city.read("BIJSTANDUITKERINGTAB"),
    )
    links = city.read("KOPPELPERSOONHUISHOUDEN", year).set_index(KEY)[HOME]
    assisted = spells[KEY][(spells["AANVBIJSTAND"] <= last) & (spells["EINDBIJSTAND"] >= first)].map(links)
    born = city.read("GBAPERSOONTAB").set_index(KEY)["GBAGEBOORTEJAAR"]
    before, after = (city.read("SCHULDENTAB", of).set_index(HOME)["PROBSCHULD"] == "1" for of in (year, year + 1))
    home = income[HOME][(income["INHARMSOC"] <= 130) & income[HOME].isin(stayed)]
    return pd.DataFrame(
        {
            "used": home.isin(use[HOME][use["REGELING"] != "07"]).astype(int),
            "debts": home.map(after).astype(int),
            "before": home.map(before),
            "matched": np.select([year - home.map(born) < 27, home.isin(assisted)], ["young", "assistance"], ""),
        }
    )


def slope(rows: Any) -> float:
    """Return the difference in debts by use, within groups: of rows as deviations from the mean of their group."""
    used = rows["used"] - rows.groupby(["before", "matched"])["used"].transform("mean")
    return float((used * rows["debts"]).sum() / (used**2).sum())


def coefficient(ran: Ran, output: str, figure: str = "coefficient") -> float:
    return ran.figure(output, term="used", figure=figure)


def test_low_incomes_that_have_lasted_are_as_many_as_the_generator_counted(ran: Ran, city: City, minima: Any) -> None:
    name = "low-incomes-by-duration"
    assert ran.figure(name, duration="four years") == city.truth["long_term"]["below_limit_four_years"]
    assert ran.figure(name, duration="shorter") == (~minima["lasting"]).sum()


@pytest.mark.parametrize(
    ("output", "column"), [("long-term-by-source", "INHBBIHJ"), ("long-term-by-make-up", "INHSAMHH")]
)
def test_shares_that_last_are_those_of_the_four_files_and_nothing_is_withheld(
    ran: Ran, minima: Any, output: str, column: str
) -> None:
    assert len(ran.published(output)) == len(ran.outputs[output])
    groups = [one["cell"][column] for one in ran.outputs[output] if one["cell"]]
    assert sorted(part for group in groups for part in group.split(" + ")) == sorted(minima[column].unique())
    for group in groups:
        inside = minima[minima[column].isin(group.split(" + "))]
        assert ran.figure(output, **{column: group}) == pytest.approx(inside["lasting"].mean(), abs=1e-6)


def test_the_matched_difference_is_what_the_generator_put_in_and_the_raw_one_is_not(ran: Ran, city: City) -> None:
    effect = city.truth["schemes"]["effect"]["risk_difference"]
    low, high = (coefficient(ran, "debts-by-use-matched", figure) for figure in ("confidence_low", "confidence_high"))
    assert low < effect < high < 0
    assert coefficient(ran, "debts-by-use", "confidence_low") > effect


def test_both_differences_are_those_of_the_files(ran: Ran, followed: Any) -> None:
    raw = followed.groupby("used")["debts"].mean()
    assert coefficient(ran, "debts-by-use") == pytest.approx(raw[1] - raw[0], abs=1e-5)
    assert coefficient(ran, "debts-by-use-matched") == pytest.approx(slope(followed), abs=1e-5)


def test_a_twin_for_everybody_is_refused_and_coarser_groups_are_safe(ran: Ran) -> None:
    assert "twins: unsafe" in ran.printed
    assert "- saturated_model" in ran.printed
    assert "groups: safe" in ran.printed
    assert "Left out" not in ran.printed


def test_the_answer_keeps_the_difference_when_single_parents_come_back(ran: Ran) -> None:
    assert "with single parents: safe" in ran.printed
    [told] = [line for line in ran.printed.splitlines() if line.startswith("Difference with single parents")]
    assert float(told.split()[-1]) == pytest.approx(coefficient(ran, "debts-by-use-matched"), abs=0.005)
