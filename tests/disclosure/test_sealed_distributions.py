"""Distributions and curves through the sealed worker: the control zone judges what the notebook judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from disclosure.check import check_lazy, judged, received
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.exchange.tabulation import Outcome
from disclosure.model.evidence_document import evidence_to_bytes
from disclosure.model.recipes import LazySource, Recipe, Statistic
from disclosure.ports import RegisteredFile
from disclosure.render import to_json
from tests.disclosure.tabulation_inputs import PERSONS, Inputs, inputs

ROWS = "SELECT pid, wijk, benefit, income, weight, CAST(weight * 4 AS INTEGER) AS months FROM Persons"

ASKED: dict[str, dict[str, Any]] = {
    "gini": {"value": "income", "weight": "weight"},
    "theil": {"value": "income"},
    "s80_s20": {"value": "income", "weight": "weight"},
    "poverty_rate": {"value": "income", "options": (("share_of_median", "0.95"),)},
    "poverty_gap": {"value": "income", "weight": "weight", "options": (("line", "21000"),)},
    "hhi": {"value": "income"},
    "concentration_ratio": {"value": "income", "options": (("largest", "12"),)},
    "lorenz": {"value": "income", "weight": "weight", "options": (("points", "25,50,75"),)},
    "survival": {"value": "months", "others": ("benefit",)},
    "cumulative_incidence": {"value": "months", "others": ("benefit",), "options": (("period", "6"),)},
}


@pytest.fixture
def made(tmp_path: Path) -> Inputs:
    return inputs(tmp_path)


@pytest.mark.parametrize("statistic", ASKED)
@pytest.mark.parametrize("suppressed", [False, True])
def test_the_control_zone_judges_what_the_notebook_judges(made: Inputs, statistic: str, suppressed: bool) -> None:
    recipe = Recipe(
        LazySource(ROWS, (made.reference(PERSONS),)),
        Statistic(statistic),
        made.policy.reference,
        rows=("wijk",),
        unit=("pid",),
        suppressed=suppressed,
        **ASKED[statistic],
    )
    job = made.job(recipe)
    result = made.run(job)
    assert result.outcome is Outcome.EVIDENCE, result.refusal or result.missing
    there = judged(job.recipe, received(job, result), made.policy)
    files = {PERSONS: RegisteredFile(made.data_path(), made.reference().digest)}
    here = check_lazy(job.recipe, files, job.codebooks(), made.policy, DuckDBTabulator()).table
    assert result.evidence is not None
    assert there.evidence is None or set(there.evidence.parts) == set(result.evidence.parts)
    assert evidence_to_bytes(result.evidence)
    assert there.verdict == here.verdict
    assert to_json(there) == to_json(here)
    assert there.rules == here.rules
