"""Short ways to put a table to the check: hand-made frames, policies with single parameters changed, what failed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from disclosure.check import check_frame
from disclosure.engines.door import narrow_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.knowledge import Knowledge, knowledge_of
from disclosure.model.codebooks import Codebook, Column
from disclosure.model.recipes import FrameSource, Recipe, Recoding, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import RuleName, Status
from disclosure.notebook.output import Output
from disclosure.policy import Policy, policy_from_bytes

DATA: Final = Path(__file__).resolve().parents[1] / "data"
UNIT: Final = "unit"

ABSENT: Final = object()
"""Says of a policy parameter that the policy does not set it."""

QUIET: Mapping[str, Any] = MappingProxyType(
    {
        "minimum_units": 2,
        "dominance": "off",
        "p_percent": "off",
        "group_disclosure": "off",
        "constant": "off",
        "zero_cells": "off",
        "minimum_df": 1,
        "pq": "off",
        "modal_share": "off",
        "minimum_at_risk": 2,
        "weights": "unweighted_contributors",
        "identifiers": [],
        "significant_digits": 12,
        "rounding": "off",
        "most_rows": "off",
    }
)
"""A policy in which every rule that can be switched off is off: a test switches on the one that it is about."""


def policy(**changes: object) -> Policy:
    """Return the quiet policy with these parameters changed; `ABSENT` leaves a parameter out."""
    return policy_from_bytes(policy_toml(**changes).encode(), "test")


def policy_toml(**changes: object) -> str:
    """Return the quiet policy's TOML with these parameters changed."""
    lines = ["schema = 1", 'name = "test"', 'version = "1"', "[parameters]"]
    for key, value in {**QUIET, **changes}.items():
        if value is not ABSENT:
            lines.append(f'{key} = {{value = {json.dumps(value)}, source = "the test"}}')
    return "\n".join(lines)


def units(cells: Mapping[str, Iterable[Any]], *, dimension: str = "group") -> pd.DataFrame:
    """Return a frame with one unit, and one row, for each value: {"a": [100, 60]} are two units in cell a."""
    number = itertools.count(1)
    rows = [(next(number), label, value) for label, values in cells.items() for value in values]
    return pd.DataFrame(rows, columns=[UNIT, dimension, "value"])


def heads(cells: Mapping[Any, int]) -> pd.DataFrame:
    """Return a frame with so many units per cell; a key is a label, or one label for each of d1, d2, ..."""
    number = itertools.count(1)
    rows = []
    for key, size in cells.items():
        labels = key if isinstance(key, tuple) else (key,)
        rows += [(next(number), *labels) for _ in range(size)]
    width = max(len(row) for row in rows) - 1
    names = ["group"] if width == 1 else [f"d{place}" for place in range(1, width + 1)]
    return pd.DataFrame(rows, columns=[UNIT, *names])


def judge(
    frame: Any,
    by: Policy,
    *,
    statistic: str = "count",
    values: str | None = None,
    rows: Sequence[str] = ("group",),
    columns: Sequence[str] = (),
    unit: Sequence[str] = (UNIT,),
    weights: str | None = None,
    dropna: bool = False,
    codebook: Codebook | None = None,
    recodings: tuple[Recoding, ...] = (),
    suppressed: bool = False,
    threads: int | None = None,
    **further: Any,
) -> JudgedTable:
    """Return the judged table of a frame under any policy; `further` are more attributes of the recipe."""
    knowledge = Knowledge() if codebook is None else knowledge_of(codebook)
    named = [*unit, *rows, *columns, *(name for name in (values, weights) if name is not None)]
    recipe = Recipe(
        source=FrameSource(tuple(dict.fromkeys(named))),
        statistic=Statistic(statistic),
        policy=by.reference,
        rows=tuple(rows),
        columns=tuple(columns),
        value=values,
        unit=tuple(unit),
        weight=weights,
        dropna=dropna,
        recodings=recodings,
        suppressed=suppressed,
        **further,
    )
    return check_frame(recipe, narrow_frame(frame, recipe.narrow_columns), by, knowledge, DuckDBTabulator(threads))


def codebook(
    *columns: Column, unit: tuple[str, ...] = (UNIT,), weights: tuple[str, ...] = (), identifiers: tuple[str, ...] = ()
) -> Codebook:
    """Return a codebook that says no more than these columns and weights."""
    return Codebook(
        name="test",
        unit=unit,
        weights=weights,
        identifiers=identifiers,
        columns=MappingProxyType({column.name: column for column in columns}),
    )


def coarse(*names: str) -> Codebook:
    """Return a codebook in which these dimensions are not sensitive, so that group disclosure leaves them alone."""
    return codebook(*(Column(name, sensitive=False) for name in names))


def failures(out: JudgedTable | Output, rule: RuleName | None = None) -> set[str]:
    """Return the cells, as texts, that fail a rule, or any rule."""
    return {str(finding.cell) for finding in out.verdict.findings if rule is None or finding.rule is rule}


def rules(out: JudgedTable | Output) -> set[RuleName]:
    """Return the rules that some cell fails."""
    return {finding.rule for finding in out.verdict.findings}


def status(out: JudgedTable | Output) -> Status:
    """Return the verdict's status."""
    return out.verdict.status


def counts(out: JudgedTable | Output) -> dict[str, int]:
    """Return the number of distinct units per cell."""
    evidence = out.evidence
    assert evidence is not None
    return dict(zip(map(str, evidence.cells()), evidence.n_units.tolist(), strict=True))


def shown(out: JudgedTable | Output) -> dict[str, str | None]:
    """Return every cell as it may be published: its figure, or its state where it has none."""
    table = out.table if isinstance(out, Output) else out
    return {str(one.cell): one.figure if one.figure is not None else one.state.value for one in table.published()}
