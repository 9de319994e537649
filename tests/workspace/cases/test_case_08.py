"""Case 8: the reach of the schemes among households with a low income is what the generator put in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.workspace.cases.conftest import City, Ran

HOME = "RINPERSOONHKW"
SCHEMES = {"pass": "01", "special": "02", "waiver": "03", "insurance": "04"}


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(8)


@pytest.fixture(scope="module")
def low(city: City) -> Any:
    """Households up to 130% of the policy minimum, and whether they use a scheme that counts; by pandas."""
    income, use = city.read("INHATAB", 2022), city.read("VOORZIENINGEN", 2022)
    households = income[income["INHARMSOC"] <= 130]
    return households.assign(used=households[HOME].isin(use[HOME][use["REGELING"] != "07"]))


def test_four_in_five_households_are_reached_as_the_generator_put_in(ran: Ran, city: City) -> None:
    found = ran.figure("reach")
    assert found == pytest.approx(0.80, rel=0.05)
    assert found == pytest.approx(city.truth["schemes"]["reach"]["at_least_one"], abs=1e-4)
    assert ran.figure("households") == city.truth["definitions"]["soc130"]


def test_the_reach_of_each_scheme_is_what_the_generator_put_in(ran: Ran, city: City) -> None:
    shown = {name: ran.figure(f"reach-by-scheme-rate-of-{name}") for name in SCHEMES}
    assert shown == pytest.approx(
        {name: city.truth["schemes"]["reach"][code] for name, code in SCHEMES.items()}, abs=1e-4
    )


def test_a_scheme_that_nearly_all_or_few_use_does_not_leave(ran: Ran) -> None:
    assert {one for one in ran.outputs if one.startswith("reach-by-scheme")} == {
        f"reach-by-scheme-rate-of-{name}" for name in SCHEMES
    }
    assert "frequency_in_disguise" in ran.printed


@pytest.mark.parametrize(("output", "column"), [("reach-by-source", "INHBBIHJ"), ("reach-by-kind", "INHSAMHH")])
def test_groups_are_counted_together_and_nothing_is_withheld(ran: Ran, low: Any, output: str, column: str) -> None:
    assert len(ran.published(output)) == len(ran.outputs[output])
    groups = [one["cell"][column] for one in ran.outputs[output] if one["cell"]]
    assert sorted(part for group in groups for part in group.split(" + ")) == sorted(low[column].unique())
    for group in groups:
        inside = low[low[column].isin(group.split(" + "))]
        assert ran.figure(output, **{column: group}) == pytest.approx(inside["used"].mean(), abs=1e-6)
        assert 10 <= inside["used"].sum() <= len(inside) - 10


def test_what_the_goal_takes_follows_from_what_is_published(ran: Ran, low: Any) -> None:
    more = round(len(low) * 0.85 - low["used"].sum())
    assert f"for 85% it takes {more} more" in ran.printed
    assert "Request 1" in ran.printed


def test_the_answer_gives_the_reach_among_those_for_whom_the_kit_is_meant(ran: Ran, city: City) -> None:
    [told] = [line for line in ran.printed.splitlines() if line.startswith("Kit, of families")]
    assert float(told.split()[-1]) == pytest.approx(city.truth["schemes"]["reach"]["06"], abs=1e-3)
