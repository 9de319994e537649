"""Further units and holdings in a camp: only a registered key counts, whatever it is called and whoever computed it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from disclosure.check import judged, received
from disclosure.exchange.tabulation import TabulationJob
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive, RuleName, Status
from tests.disclosure.support import failures, status
from tests.disclosure.tabulation_inputs import PERSONS, PERSONS_BOOK, SIZE, Inputs, inputs, persons

REQUIRED = 'reach_minimum = ["household"]\n' + PERSONS_BOOK.lstrip()
HOLDING = 'holding = "household"\n' + PERSONS_BOOK.lstrip()
LAZY = f"SELECT pid, hid AS home, wijk, income FROM {PERSONS}"


@pytest.fixture
def made(tmp_path: Path) -> Inputs:
    return inputs(tmp_path)


def result_of(made: Inputs, job: TabulationJob) -> JudgedTable:
    return judged(job.recipe, received(job, made.run(job)), made.policy)


def under(job: TabulationJob, book: str) -> TabulationJob:
    return replace(job, codebook_texts={**job.codebook_texts, PERSONS: book})


def lazy(made: Inputs, sql: str, **changes: Any) -> TabulationJob:
    job = made.lazy(sql)
    return replace(job, recipe=replace(job.recipe, **changes))


def missing_of(table: JudgedTable) -> str:
    assert isinstance(table.verdict, Inconclusive)
    return "; ".join(str(one) for one in table.verdict.missing)


def test_a_lazy_recipe_counts_a_key_under_any_name(made: Inputs) -> None:
    table = result_of(made, lazy(made, LAZY, other_units=(("home",),)))
    assert table.evidence is not None
    # Persons of one household stand in neighbouring wijken, so each wijk has as many households as persons.
    assert table.evidence.other_units[0].n_units.tolist() == [60, 60, 60, 60, SIZE // 2]
    assert RuleName.OTHER_UNITS in table.rules


@pytest.mark.parametrize("made_up", ["pid || hid", "income", "wijk || 'x'"])
def test_a_computed_key_is_none(made: Inputs, made_up: str) -> None:
    sql = f"SELECT pid, wijk, {made_up} AS home FROM {PERSONS}"
    assert "home" in missing_of(result_of(made, lazy(made, sql, other_units=(("home",),))))
    asked: dict[str, Any] = {"statistic": Statistic.SUM, "value": "income", "holding": ("home",)}
    sql = f"SELECT pid, wijk, income, {made_up} AS home FROM {PERSONS}"
    assert "home" in missing_of(result_of(made, lazy(made, sql, **asked)))


def test_what_the_codebook_requires_is_required_of_every_recipe(made: Inputs) -> None:
    assert "hid" in missing_of(result_of(made, under(lazy(made, LAZY), REQUIRED)))
    assert status(result_of(made, under(lazy(made, LAZY, other_units=(("home",),)), REQUIRED))) is Status.SAFE
    wages: dict[str, Any] = {"statistic": Statistic.SUM, "value": "income"}
    assert "hid" in missing_of(result_of(made, under(lazy(made, LAZY, **wages), HOLDING)))
    assert status(result_of(made, under(lazy(made, LAZY, **wages, holding=("home",)), HOLDING))) is Status.SAFE


def frame_job(made: Inputs, **changes: Any) -> TabulationJob:
    recipe = Recipe(
        FrameSource(("pid", "wijk", "hid")), Statistic.COUNT, made.policy.reference, rows=("wijk",), unit=("pid",),
        other_units=(("hid",),),
    )  # fmt: skip
    return made.job(replace(recipe, **changes))


def test_the_households_of_a_frame_are_looked_up(made: Inputs) -> None:
    made.hand_over(persons().select(["pid", "wijk", "hid"]))
    table = result_of(made, frame_job(made))
    assert status(table) is Status.SAFE
    assert failures(table) == set()


def test_households_that_code_made_up_are_none(made: Inputs) -> None:
    forged = [f"h{place}" for place in range(SIZE)]
    columns = ["pid", "wijk", "hid"]
    made.hand_over(persons().set_column(1, "hid", pa.array(forged)).select(columns))
    assert "hid" in missing_of(result_of(made, frame_job(made)))


def test_a_frame_of_these_units_names_what_their_codebook_requires(made: Inputs) -> None:
    made.hand_over(persons().select(["pid", "wijk"]))
    job = under(frame_job(made, source=FrameSource(("pid", "wijk")), other_units=()), REQUIRED)
    assert "hid" in missing_of(result_of(made, job))
    made.hand_over(persons().select(["pid", "wijk", "hid"]))
    assert status(result_of(made, under(frame_job(made), REQUIRED))) is Status.SAFE
