"""Case 6: transitions between bands of income, and the forecast that is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.workspace.cases.conftest import City, Ran

KEY, HOME = "RINPERSOON", "RINPERSOONHKW"
BANDS = ("0-100%", "100-130%", "130-150%")
STARTS = (2018, 2019, 2020, 2021)


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(6)


@pytest.fixture(scope="module")
def ratio(city: City) -> Any:
    """Income against the minimum of each household by year, missing where it did not live in the city; by pandas."""
    return pd.DataFrame({year: city.read("INHATAB", year).set_index(HOME)["INHARMSOC"] for year in range(2018, 2023)})


@pytest.fixture(scope="module")
def counts(ratio: Any) -> dict[int, Any]:
    """Households by band of a year and of the next, those above 150% or elsewhere as the fourth; by pandas."""
    place = ratio.apply(lambda column: np.where(column.isna(), 3, np.digitize(column, (100, 130, 150), right=True)))
    return {year: pd.crosstab(place[year], place[year + 1]).to_numpy(dtype=float) for year in STARTS}


def told(ran: Ran, begin: str) -> str:
    """Return what stands behind the beginning of the one line that begins so."""
    [line] = [line for line in ran.printed.splitlines() if line.startswith(begin)]
    return line.removeprefix(begin)


def handed_in(ran: Ran, year: int) -> Any:
    """Return the transitions of two years that were handed in, bands by bands, those who are out as the fourth."""
    name, labels = f"low-incomes-{year}-{year + 1}", (*BANDS, "out")
    assert len(ran.published(name)) == len(ran.outputs[name])
    return np.array([
        [0.0 if now == then == "out" else ran.figure(name, now=now, next=then) for then in labels] for now in labels
    ])  # fmt: skip


@pytest.mark.parametrize("year", STARTS)
def test_transitions_are_those_of_the_files_but_for_who_is_out_in_both_years(
    ran: Ran, counts: dict[int, Any], year: int
) -> None:
    expected = counts[year].copy()
    expected[3, 3] = 0
    assert handed_in(ran, year).tolist() == expected.tolist()


def test_transitions_of_all_years_are_those_that_the_generator_tells(ran: Ran, city: City) -> None:
    # The generator tells of households that live in the city in both years: so among the low incomes it is the same.
    pooled = sum(handed_in(ran, year) for year in STARTS)[:3, :3]
    matrix = np.array(city.truth["transitions"]["matrix"])[:3, :3]
    expected = matrix / matrix.sum(axis=1, keepdims=True)
    assert pooled / pooled.sum(axis=1, keepdims=True) == pytest.approx(expected, abs=1e-3)


def test_the_forecasts_are_those_of_the_transitions_of_the_files(ran: Ran, counts: dict[int, Any]) -> None:
    pooled = sum(counts.values())
    stay, enter = pooled[:3, :3] / pooled[:3].sum(axis=1, keepdims=True), pooled[3, :3] / len(STARTS)
    for name, chances, entrants in (
        ("unchanged: ", stay, enter), ("prevention: ", stay, 0.9 * enter), ("a way out: ", 0.9 * stay, enter),
    ):  # fmt: skip
        number, expected = counts[2021][:, :3].sum(axis=0), []
        for _ in range(6):
            expected.append(number[:2].sum())
            number = chances.T @ number + entrants
        assert [float(one) for one in told(ran, name).split(", ")] == pytest.approx(expected, abs=0.51)
    # Households and years: what it comes to in the end is where it would stay.
    assert float(told(ran, "In the end, up to 130%: ")) == pytest.approx(
        np.linalg.solve(np.eye(3) - stay.T, enter)[:2].sum(), abs=0.51
    )


def test_the_forecast_lies_between_its_bounds_and_both_policies_lower_it(ran: Ran) -> None:
    last = {name: float(told(ran, f"{name}: ").split(", ")[-1]) for name in ("unchanged", "prevention", "a way out")}
    lowest, highest = (float(one) for one in told(ran, "unchanged, in 2027: ").split(" to "))
    assert lowest < last["unchanged"] < highest < 1.2 * lowest
    assert max(last["prevention"], last["a way out"]) < lowest


def test_the_model_gives_back_the_last_year(ran: Ran, ratio: Any) -> None:
    counted, modelled = (float(one.split()[0]) for one in told(ran, "Up to 130% in 2022: ").split(", "))
    assert counted == (ratio[2022] <= 130).sum()
    assert modelled == pytest.approx(counted, rel=0.05)


def test_nearly_everybody_who_stays_is_shown_as_the_trap_and_fewer_rows_as_the_remedy(ran: Ran) -> None:
    assert "- group_disclosure | now=above 150%, next=above 150%" in ran.printed
    assert "bands up to (100, 130, 150) fail in no year" in ran.printed
    assert "Left out" not in ran.printed
    assert "Request 1" in ran.printed


def test_the_answer_finds_that_more_stay_than_the_model_says(ran: Ran, ratio: Any) -> None:
    begun = ratio[ratio[2018] <= 150]
    counted = float(told(ran, "Counted: "))
    assert counted == pytest.approx((begun <= 150).all(axis=1).mean(), abs=1e-3)
    assert counted > float(told(ran, "By the model, always among the low incomes: ")) + 0.03
