"""Case 3: in which branches people work after assistance, and what it pays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.workspace.cases.conftest import City, Ran

KEY = "RINPERSOON"
BRANCHES = {
    "52": "temporary work",
    "45": "cleaning and security",
    "17": "retail and crafts",
    "33": "hotels and restaurants",
    "35": "health and care",
    "03": "construction and transport",
    "32": "construction and transport",
}


@pytest.fixture(scope="module")
def ran(run_case: Callable[..., Ran]) -> Ran:
    return run_case(3)


@pytest.fixture(scope="module")
def found(city: City) -> Any:
    """Jobs in December 2022 of those who left assistance for work in the five years until then; by pandas."""
    spells, jobs = city.read("BIJSTANDUITKERINGTAB"), city.read("SPOLISBUS", 2022)
    left = spells[(spells["REDENEINDE"] == "1") & spells["EINDBIJSTAND"].dt.year.between(2018, 2022)]
    held = jobs[(jobs["SDATUMEINDEIKO"] == "2022-12-31") & jobs[KEY].isin(left[KEY])]
    return held.assign(branch=held["SSECT"].map(BRANCHES).fillna("services and government"))


def of_all(ran: Ran, output: str) -> dict[str, Any]:
    """Return the margin of an output, which has no labels."""
    [margin] = [one for one in ran.outputs[output] if not one["cell"]]
    return margin


def test_persons_by_branch_are_those_of_the_files(ran: Ran, found: Any) -> None:
    for branch, persons in found.groupby("branch")[KEY].nunique().items():
        assert ran.figure("persons-by-branch", branch=branch) == persons


def test_the_number_of_all_is_withheld_where_it_tells_how_few_have_jobs_in_two_branches(ran: Ran, found: Any) -> None:
    in_two = found.groupby(KEY)["branch"].nunique().gt(1).sum()
    assert 0 < in_two < 10
    assert of_all(ran, "persons-by-branch")["status"] != "published"


@pytest.mark.parametrize(("output", "column"), [
    ("mean-pay-by-branch", "SBASISLOON"), ("mean-hours-by-branch", "SBASISUREN"),
])  # fmt: skip
def test_means_are_those_of_the_files(ran: Ran, found: Any, output: str, column: str) -> None:
    for branch, mean in found.groupby("branch")[column].mean().items():
        assert ran.figure(output, branch=branch) == pytest.approx(float(mean), abs=0.005)
    assert float(of_all(ran, output)["value"]) == pytest.approx(float(found[column].mean()), abs=0.005)


@pytest.mark.parametrize(("statistic", "share"), [("p25", 0.25), ("median", 0.5), ("p75", 0.75)])
def test_quartiles_are_those_of_the_files_but_for_their_rounding(
    ran: Ran, found: Any, statistic: str, share: float
) -> None:
    # Rounded to steps of at most 200, and at most one step off.
    for branch, value in found.groupby("branch")["SBASISLOON"].quantile(share).items():
        assert ran.figure(f"{statistic}-pay-by-branch", branch=branch) == pytest.approx(value, abs=300)


def test_work_is_found_in_the_sectors_that_the_generator_put_it_in(ran: Ran, city: City, found: Any) -> None:
    # After assistance temporary work has most of the jobs, in the city as a whole a twelfth.
    persons = {one["cell"]["branch"]: float(one["value"]) for one in ran.published("persons-by-branch")}
    assert max(persons, key=persons.__getitem__) == "temporary work"
    jobs = city.read("SPOLISBUS", 2022)
    of_everybody = (jobs["SSECT"][jobs["SDATUMEINDEIKO"] == "2022-12-31"] == "52").mean()
    assert persons["temporary work"] / len(found) > 1.5 * of_everybody > 0


def test_pay_stays_about_what_the_generator_paid_in_the_first_month(ran: Ran, city: City) -> None:
    # Most have worked for some time in December, and who earned too little has gone back: pay is higher, not double.
    first = pd.Series(city.truth["pay_after_outflow"])
    mean = float(of_all(ran, "mean-pay-by-branch")["value"])
    assert first.min() < mean < 1.5 * first.min()


def test_a_total_of_one_employer_is_refused_as_the_trap_though_enough_people_stand_in_it(ran: Ran, found: Any) -> None:
    cell = found[(found["SSECT"] == "35") & (found["SCONTRACTSOORT"] == "O")]
    by_employer = cell.groupby("BEID")["SBASISLOON"].sum()
    assert cell[KEY].nunique() >= 10
    assert by_employer.max() > 0.5 * by_employer.sum()
    assert "- dominance | SSECT=35, SCONTRACTSOORT=O" in ran.printed


def test_small_sectors_and_extreme_percentiles_are_refused_and_their_remedies_are_safe(ran: Ran) -> None:
    for told in ("sectors: unsafe", "p5: unsafe", "p95: unsafe", "branches: safe", "p25: safe", "p75: safe"):
        assert told in ran.printed


def test_the_answer_follows_the_case_and_its_table_goes_with_the_others(ran: Ran) -> None:
    assert "hourly pay: safe" in ran.printed
    assert "It goes with the others." in ran.printed
