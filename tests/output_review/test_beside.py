"""The control zone judges the outputs of one request beside each other, as the basket does."""

from __future__ import annotations

from typing import Any

import pytest

from disclosure.model.recipes import Recipe, Statistic
from output_review.services.ingest import ingest
from output_review.services.judging import confirmed
from output_review.services.tabulating import tabulate
from tests.output_review.zone_camp import EVERYONE, ZoneCamp

TOTAL: dict[str, Any] = {"sql": EVERYONE, "statistic": Statistic.SUM, "value": "income"}
PARITY = "SELECT person, wijk, income, CASE WHEN MOD(income, 2) = 0 THEN 'even' ELSE 'odd' END AS parity FROM PERSONS"


def verdicts(made: ZoneCamp, outputs: dict[str, Recipe]) -> dict[str, str]:
    made.hand_in(outputs)
    zone = made.zone()
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    found = {one.name: one for one in zone.request(taken.request).outputs.all()}
    for one in found.values():
        # What was kept is what the evidence comes to again, for a vote and a release.
        assert confirmed(zone, one).verdict.status.value == one.verdict
        assert ("left out" in one.note) is (one.verdict == "inconclusive")
    return {name: found[name].verdict for name in outputs}


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": (), "sql": f"{EVERYONE} WHERE 1 = 1"},
        {"rows": ("parity",), "sql": PARITY},
        {"rows": (), "value": "pay", "sql": "SELECT person, wijk, income AS pay FROM PERSONS"},
    ],
    ids=["in other words", "another breakdown", "another name"],
)
@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_of_two_tables_that_undo_a_suppression_the_first_stays(
    zone_camp: ZoneCamp, changes: dict[str, Any], names: tuple[str, str]
) -> None:
    hidden, other = names
    recipes = {hidden: zone_camp.recipe(**TOTAL, suppressed=True), other: zone_camp.recipe(**{**TOTAL, **changes})}
    assert verdicts(zone_camp, recipes) == {"a": "safe", "b": "inconclusive"}


def test_of_three_tables_that_tell_together_what_one_withholds_the_last_is_left_out(zone_camp: ZoneCamp) -> None:
    extra = "200 + MOD(income * 37, 1009)"
    of: dict[str, Any] = {"statistic": Statistic.SUM, "value": "pay", "rows": ()}
    recipes = {
        "a": zone_camp.recipe(**TOTAL, suppressed=True),
        "b": zone_camp.recipe(sql=f"SELECT person, income + {extra} AS pay FROM PERSONS", **of),
        "c": zone_camp.recipe(sql=f"SELECT person, {extra} AS pay FROM PERSONS", **of),
    }
    assert verdicts(zone_camp, recipes) == {"a": "safe", "b": "safe", "c": "inconclusive"}


def test_other_figures_stay_safe_beside_a_suppressed_table(zone_camp: ZoneCamp) -> None:
    recipes = {
        "hidden": zone_camp.recipe(**TOTAL, suppressed=True),
        "count": zone_camp.recipe(sql=PARITY, rows=("parity",)),
        "without": zone_camp.recipe(sql="SELECT person, income FROM PERSONS WHERE wijk = '28'", rows=()),
    }
    assert set(verdicts(zone_camp, recipes).values()) == {"safe"}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (
            {"statistic": Statistic.CONCENTRATION_RATIO, "options": (("largest", "10"),)},
            {"statistic": Statistic.CONCENTRATION_RATIO, "options": (("largest", "11"),)},
        ),
        (
            {"statistic": Statistic.SUM},
            {
                "statistic": Statistic.SUM,
                "value": "pay",
                "sql": "SELECT person, wijk, CASE WHEN income = 1000 THEN 0 ELSE income END AS pay FROM PERSONS "
                "WHERE wijk <> '31'",
            },
        ),
    ],
    ids=["an option", "a value of one person"],
)
def test_of_two_tables_that_differ_for_few_units_the_first_stays(
    zone_camp: ZoneCamp, first: dict[str, Any], then: dict[str, Any]
) -> None:
    recipes = {
        "a": zone_camp.recipe(**{"value": "income", **first}),
        "b": zone_camp.recipe(**{"value": "income", **then}),
    }
    assert verdicts(zone_camp, recipes) == {"a": "safe", "b": "inconclusive"}
