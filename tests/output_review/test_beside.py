"""The control zone judges the outputs of one request beside each other, as the basket does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from disclosure.errors import ExecutionError, IntegrityError
from disclosure.exchange.comparison import ComparisonJob, ComparisonResult, comparison_job_from_bytes
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from output_review.services.ingest import ingest
from output_review.services.judging import confirmed
from output_review.services.tabulating import tabulate
from tests.output_review.zone_camp import EVERYONE, ZoneCamp, people

TOTAL: dict[str, Any] = {"sql": EVERYONE, "statistic": Statistic.SUM, "value": "income"}
PARITY = "SELECT person, wijk, income, CASE WHEN MOD(income, 2) = 0 THEN 'even' ELSE 'odd' END AS parity FROM PERSONS"


def verdicts(
    made: ZoneCamp, outputs: dict[str, Recipe], told: tuple[str, ...] = ("left out",), **changes: Any
) -> dict[str, str]:
    made.hand_in(outputs)
    zone = made.zone(**changes)
    (taken,) = ingest(zone)
    assert taken.refused == ""
    tabulate(zone, zone.request(taken.request))
    found = {one.name: one for one in zone.request(taken.request).outputs.all()}
    for one in found.values():
        # What was kept is what the evidence comes to again, for a vote and a release.
        assert confirmed(zone, one).verdict.status.value == one.verdict
        assert any(said in one.note for said in told) is (one.verdict == "inconclusive")
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


def cut(made: ZoneCamp, line: int, statistic: Statistic, *, lazy: bool) -> Recipe:
    """Return an output by on which side of an income persons stand."""
    sql = f"SELECT person, MOD(income, 7) AS pay, CASE WHEN income < {line} THEN 'a' ELSE 'b' END AS side FROM PERSONS"
    value = None if statistic is Statistic.COUNT else "pay"
    columns = ("person", "side", *(() if value is None else (value,)))
    changes: dict[str, Any] = {} if lazy else {"source": FrameSource(columns)}
    return made.recipe(sql=sql, statistic=statistic, value=value, rows=("side",), **changes)


def frame_of(line: int) -> pa.Table:
    """Return the rows of `cut` as code hands them over."""
    rows = people().to_pandas()
    side = rows.income.map(lambda income: "a" if income < line else "b")
    frame = rows.assign(pay=rows.income % 7, side=side)[["person", "side", "pay"]]
    return pa.Table.from_pandas(frame, preserve_index=False)


def between(line: int) -> int:
    incomes = people().column("income").to_pylist()
    return sum(1400 <= income < line for income in incomes)


FEW, ENOUGH = 1420, 1500


@pytest.mark.parametrize("statistics", [(Statistic.COUNT,) * 2, (Statistic.SUM,) * 2, (Statistic.COUNT, Statistic.SUM)])
@pytest.mark.parametrize("line", [FEW, ENOUGH])
@pytest.mark.parametrize("lazy", [(True, True), (True, False), (False, False)], ids=["lazy", "both", "frames"])
def test_two_cuts_of_one_value_are_told_apart_by_the_rows(
    zone_camp: ZoneCamp, statistics: tuple[Statistic, Statistic], line: int, lazy: tuple[bool, bool]
) -> None:
    assert 0 < between(FEW) < 10 <= between(ENOUGH)
    lines = {"a": 1400, "b": line}
    outputs = {
        name: cut(zone_camp, lines[name], statistic, lazy=is_lazy)
        for name, statistic, is_lazy in zip(lines, statistics, lazy, strict=True)
    }
    zone_camp.frames = {name: frame_of(lines[name]) for name, one in zip(lines, lazy, strict=True) if not one}
    for name, statistic in zip(lines, statistics, strict=True):
        if statistic is Statistic.COUNT and name in zone_camp.frames:
            zone_camp.frames[name] = zone_camp.frames[name].drop_columns("pay")
    second = "safe" if line == ENOUGH else "inconclusive"
    assert verdicts(zone_camp, outputs) == {"a": "safe", "b": second}


@pytest.mark.parametrize(("nested", "second"), [(True, "inconclusive"), (False, "safe")])
def test_that_one_dimension_is_a_coarser_form_of_another_is_known_from_two_frames(
    zone_camp: ZoneCamp, nested: bool, second: str
) -> None:
    rows = people().to_pandas()[["person", "wijk"]]
    # Without some of wijk 28, so that the totals of the two have nothing to do with each other.
    some = rows.drop(index=rows.index[rows.wijk == "28"][:40])
    place = some.wijk == "28" if nested else np.arange(len(some)) % 2 == 0
    zone_camp.frames = {
        "a": pa.Table.from_pandas(rows, preserve_index=False),
        "b": pa.Table.from_pandas(
            some[["person"]].assign(part=np.where(place, "north", "south")), preserve_index=False
        ),
    }
    outputs = {
        "a": zone_camp.recipe(lazy=False, suppressed=True),
        "b": zone_camp.recipe(source=FrameSource(("person", "part")), rows=("part",)),
    }
    assert verdicts(zone_camp, outputs) == {"a": "safe", "b": second}


def test_a_key_under_another_name_is_the_same_key(zone_camp: ZoneCamp) -> None:
    sql = "SELECT person AS somebody, CASE WHEN income < 1420 THEN 'a' ELSE 'b' END AS side FROM PERSONS"
    other = zone_camp.recipe(sql=sql, rows=("side",), unit=("somebody",))
    outputs = {"a": cut(zone_camp, 1400, Statistic.COUNT, lazy=True), "b": other}
    assert verdicts(zone_camp, outputs) == {"a": "safe", "b": "inconclusive"}


def test_outputs_that_were_not_compared_do_not_leave_beside_each_other(zone_camp: ZoneCamp) -> None:
    def dies(*_: object) -> Any:
        raise ExecutionError("It died or passed a limit.")

    outputs = {name: zone_camp.recipe(rows=(), statistic=one, value=value) for name, one, value in (
        ("a", Statistic.COUNT, None), ("b", Statistic.SUM, "income"),
    )}  # fmt: skip
    told = ("a comparison of its rows with those of 'a'",)
    assert verdicts(zone_camp, outputs, told, compare=dies) == {"a": "safe", "b": "inconclusive"}


def test_an_output_alone_needs_no_comparison(zone_camp: ZoneCamp) -> None:
    def never(*_: object) -> Any:
        raise AssertionError

    assert verdicts(zone_camp, {"a": zone_camp.recipe()}, compare=never) == {"a": "safe"}


def test_a_comparison_of_other_recipes_is_of_no_use(zone_camp: ZoneCamp) -> None:
    outputs = {"a": zone_camp.recipe(rows=()), "b": zone_camp.recipe(rows=(), statistic=Statistic.SUM, value="income")}
    assert set(verdicts(zone_camp, outputs).values()) == {"safe"}
    zone = zone_camp.zone()
    row = zone.request(1).outputs.get(name="b")
    job = comparison_job_from_bytes(zone.store.get(row.compared_job))
    forged = ComparisonJob({"b": job.outputs["b"], "other": job.outputs["a"]})
    row.compared_job = zone.store.put(forged.to_bytes())
    with pytest.raises(IntegrityError, match="compared as another"):
        confirmed(zone, row)
    row.compared = zone.store.put(ComparisonResult(forged.digest()).to_bytes())
    with pytest.raises(IntegrityError, match="not those that its evidence comes to"):
        confirmed(zone, row)
