"""Short ways to put a model to the check: frames with nothing wrong with them, and what a judged model shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from disclosure.check import check_frame
from disclosure.engines.door import narrow_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.knowledge import Knowledge, knowledge_of
from disclosure.model.codebooks import Codebook
from disclosure.model.formula_reader import formula_from, names_from
from disclosure.model.model_facts import ModelFacts, model_facts
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.policy import Policy
from tests.disclosure.support import UNIT


def people(size: int = 400, *, seed: int = 1) -> pd.DataFrame:
    """Return one row per person: numbers, a category of three, a category of two, a 0/1 and a count."""
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            UNIT: [f"p{place:05d}" for place in range(size)],
            "home": np.arange(size) // 2,
            "age": chance.integers(18, 80, size),
            "hours": chance.normal(30, 6, size).round(2),
            "area": np.array(["north", "south", "west"])[np.arange(size) % 3],
            "sex": chance.integers(1, 3, size),
            "weight": chance.integers(1, 5, size) * 0.5,
        }
    )
    noise = chance.normal(0, 1, size)
    frame["income"] = (1000 + 12.5 * frame.hours + 90 * (frame.area == "south") + 80 * noise).round(2)
    frame["works"] = (0.05 * (frame.hours - 30) + 0.4 * (frame.sex == 1) + noise > 0).astype(int)
    frame["visits"] = chance.poisson(np.exp(0.02 * frame.age - 0.5))
    frame["months"] = np.ceil(chance.exponential(np.exp(3 - 0.03 * frame.hours)) * 10)
    frame["left"] = (chance.random(size) < 0.7).astype(int)
    return frame


def model_recipe_of(
    formula: str,
    by: Policy,
    *,
    family: str = "ols",
    absorb: str | None = None,
    cluster: str | None = None,
    event: str | None = None,
    covariance: str | None = None,
    weights: str | None = None,
    unit: tuple[str, ...] = (UNIT,),
    other_units: tuple[tuple[str, ...], ...] = (),
) -> Recipe:
    """Return the recipe of a model over a narrow frame."""
    read = formula_from(formula)
    given = {
        "formula": str(read), "family": family, "absorb": absorb, "cluster": cluster, "event": event,
        "covariance": covariance,
    }  # fmt: skip
    roles = [name for text in (absorb, cluster, event) if text is not None for name in names_from(text)]
    keys = {*unit, *(name for group in other_units for name in group)}
    recipe = Recipe(
        source=FrameSource(("anything",)),
        statistic=Statistic.MODEL,
        policy=by.reference,
        value=read.response.column,
        unit=unit,
        weight=weights,
        options=tuple(sorted((name, one) for name, one in given.items() if one is not None)),
        others=tuple(name for name in dict.fromkeys((*read.columns, *roles)) if name not in keys),
        other_units=other_units,
    )
    return Recipe(**{**recipe.__dict__, "source": FrameSource(recipe.narrow_columns)})


def fitted(
    frame: Any,
    formula: str,
    by: Policy,
    *,
    codebook: Codebook | None = None,
    threads: int | None = None,
    **asked: Any,
) -> JudgedTable:
    """Return the judged model of a frame under any policy."""
    recipe = model_recipe_of(formula, by, **asked)
    knowledge = Knowledge() if codebook is None else knowledge_of(codebook)
    return check_frame(recipe, narrow_frame(frame, recipe.narrow_columns), by, knowledge, DuckDBTabulator(threads))


def facts(table: JudgedTable) -> ModelFacts:
    """Return the facts of a judged model."""
    assert table.evidence is not None
    return model_facts(table.evidence)


def figures(table: JudgedTable, figure: str = "coefficient") -> dict[str, float]:
    """Return term to figure, withheld ones included; a term without one is not a number."""
    assert table.evidence is not None
    found = {}
    for cell, text in zip(table.evidence.cells(), table.figures, strict=True):
        labels = cell.as_dict()
        if labels["figure"] == figure:
            found[str(labels["term"])] = float("nan") if text is None else float(text)
    return found


def counts(table: JudgedTable, column: str) -> dict[str, int]:
    """Return term to a count of the evidence: nonzero, zero, differing or alone."""
    assert table.evidence is not None
    values = table.evidence.part("model").columns[column].tolist()
    return {str(cell.as_dict()["term"]): int(one) for cell, one in zip(table.evidence.cells(), values, strict=True)}


def failing_terms(table: JudgedTable, rule: Any = None) -> set[str]:
    """Return the terms that fail a rule, or any rule."""
    found = (one for one in table.verdict.findings if rule is None or one.rule is rule)
    return {str(one.cell.as_dict()["term"]) for one in found}
