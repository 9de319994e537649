"""Case 4: four in five who leave assistance for work or school are not back within twelve months."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.workspace.cases.conftest import City, Ran

KEY = "RINPERSOON"


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(4)


@pytest.fixture(scope="module")
def first_exits(city: City) -> Any:
    """The first exit for work or school of each person, and the months until the next spell; by pandas."""
    spells = city.read("BIJSTANDUITKERINGTAB").sort_values([KEY, "AANVBIJSTAND"])
    spells["next"] = spells.groupby(KEY)["AANVBIJSTAND"].shift(-1)
    left = spells[spells["REDENEINDE"].isin(["1", "2"]) & (spells["EINDBIJSTAND"] < "2022-01-01")]
    left = left.drop_duplicates(KEY).merge(city.read("GBAPERSOONTAB"), on=KEY)
    back = left["next"] <= left["EINDBIJSTAND"] + pd.DateOffset(months=12)
    age = pd.cut(2021 - left["GBAGEBOORTEJAAR"], [0, 26, 44, 99], labels=["under 27", "27 to 44", "45 and older"])
    return left.assign(stays=~back, age=age.astype(str))


def test_four_in_five_stay_away_as_the_generator_put_in(ran: Ran, city: City) -> None:
    found = ran.figure("not-back-in-assistance", time="12", figure="survival")
    exits = city.truth["durable_outflow"]["exits"]
    chance = 2 * (0.8 * 0.2 / exits) ** 0.5
    assert found == pytest.approx(0.80, abs=chance)
    assert found == pytest.approx(city.truth["durable_outflow"]["not_back_within_12_months"], abs=chance)
    assert f"Not back within twelve months: {found:.3f}" in ran.printed


def test_the_curve_is_that_of_the_files(ran: Ran, first_exits: Any) -> None:
    name = "not-back-in-assistance"
    assert ran.figure(name, time="3", figure="at_risk") == len(first_exits)
    assert ran.figure(name, time="12", figure="survival") == pytest.approx(first_exits["stays"].mean(), abs=1e-6)


@pytest.mark.parametrize(("output", "column"), [
    ("not-back-in-assistance-by-age", "age"), ("not-back-in-assistance-by-sex", "GBAGESLACHT"),
])  # fmt: skip
def test_the_groups_are_those_of_the_files_and_nothing_is_withheld(
    ran: Ran, first_exits: Any, output: str, column: str
) -> None:
    assert len(ran.published(output)) == len(ran.outputs[output])
    for group, stays in first_exits.groupby(column)["stays"].mean().items():
        found = ran.figure(output, time="12", figure="survival", **{column: str(group)})
        assert found == pytest.approx(stays, abs=1e-6)


def test_single_returns_are_shown_as_the_trap_and_longer_periods_as_the_remedy(ran: Ran) -> None:
    assert "single_exit" in ran.printed
    assert "- longer_period | loses:" in ran.printed
    assert "Request 1" in ran.printed


def test_the_answer_follows_the_case_and_most_returns_come_in_the_first_year(ran: Ran) -> None:
    [told] = [line for line in ran.printed.splitlines() if line.startswith("Not back within 24 months")]
    after_a_year = ran.figure("not-back-in-assistance", time="12", figure="survival")
    assert after_a_year - 0.05 < float(told.split()[-1]) < after_a_year
