"""A recipe for every statistic over one small frame, whose evidence tests take, forge and judge."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from disclosure.check import Tabulated, judged, tabulated_frame
from disclosure.engines.door import narrow_frame
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.knowledge import Knowledge, knowledge_of
from disclosure.model.codebooks import codebook_from
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import FrameSource, Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.policy import Policy
from tests.disclosure.support import policy

_INCOME: Final[Mapping[str, Any]] = MappingProxyType({"value": "income"})
_WHOLE: Final[Mapping[str, Any]] = MappingProxyType({"value": "income", "rows": ()})
ASKED: Final[Mapping[Statistic, Mapping[str, Any]]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *(Statistic.SUM, Statistic.MEAN, Statistic.SHARE, Statistic.MEDIAN),
                *(Statistic.STANDARD_DEVIATION, Statistic.VARIANCE, Statistic.SKEWNESS, Statistic.KURTOSIS),
                *(Statistic.HHI, Statistic.GINI, Statistic.THEIL, Statistic.S80_S20),
            ),
            _INCOME,
        ),
        Statistic.COUNT: {},
        Statistic.ROW_PERCENT: {"columns": ("works",)},
        Statistic.COLUMN_PERCENT: {"columns": ("works",)},
        Statistic.TOTAL_PERCENT: {"columns": ("works",)},
        Statistic.RATE: {"value": "ill"},
        Statistic.TRIMMED_MEAN: {**_INCOME, "options": (("trim", "0.1"),)},
        Statistic.QUANTILE: {**_INCOME, "options": (("probability", "0.25"),)},
        Statistic.MODE: {"value": "months"},
        Statistic.CONCENTRATION_RATIO: {**_INCOME, "options": (("largest", "10"),)},
        Statistic.POVERTY_RATE: {**_INCOME, "options": (("line", "1300"),)},
        Statistic.POVERTY_GAP: {**_INCOME, "options": (("line", "1300"),)},
        Statistic.LORENZ: {**_INCOME, "options": (("points", "25,50,75"),)},
        Statistic.SURVIVAL: {"value": "months", "others": ("ended",), "options": (("period", "3"),)},
        Statistic.CUMULATIVE_INCIDENCE: {"value": "months", "others": ("cause",), "options": (("period", "3"),)},
        Statistic.CORRELATION: {**_WHOLE, "others": ("hours",)},
        Statistic.TEST: {**_WHOLE, "others": ("works",), "options": (("kind", "t"),)},
        Statistic.CHI_SQUARE: {"rows": (), "others": ("wijk", "works")},
        Statistic.ODDS_RATIO: {"value": "ill", "rows": (), "others": ("works",)},
        Statistic.RISK_RATIO: {"value": "ill", "rows": (), "others": ("works",)},
        Statistic.MODEL: {
            **_WHOLE,
            "others": ("hours", "works"),
            "options": (("family", "ols"), ("formula", "income ~ hours + C(works)")),
        },
    }
)
"""Per statistic what its recipe has beside the rows by wijk."""

WEIGHTED: Final = (
    *(Statistic.COUNT, Statistic.RATE, Statistic.SUM, Statistic.MEAN, Statistic.MEDIAN, Statistic.GINI),
    *(Statistic.S80_S20, Statistic.POVERTY_GAP, Statistic.LORENZ),
)
_BOOK: Final = """
schema = 1
name = "People"
unit = ["person"]
weights = ["weight"]

[columns.income]
type = "number"
decimals = 2
"""
POLICY: Final = policy(minimum_units=3, dominance=[[1, 80]], p_percent=10)


def people() -> pd.DataFrame:
    """Return 180 persons in 90 households and three wijken."""
    place, random = np.arange(180), np.random.default_rng(3)
    return pd.DataFrame(
        {
            "person": place,
            "household": place // 2,
            "wijk": (28 + place % 3).astype(str),
            "works": np.where(place % 2 == 0, "yes", "no"),
            "income": random.integers(90_000, 200_000, len(place)) / 100,
            "hours": random.integers(0, 400, len(place)) / 10,
            "months": random.integers(0, 9, len(place)),
            "ended": random.integers(0, 2, len(place)),
            "cause": random.integers(0, 3, len(place)),
            "ill": random.integers(0, 2, len(place)),
            "weight": random.integers(1, 9, len(place)) / 4,
        }
    )


def several() -> pd.DataFrame:
    """Return the same persons, every third of whom has a second row in another wijk, with less than nothing."""
    frame = people()
    more = frame[::3].assign(wijk="30", income=lambda rows: -rows.income / 8)
    return pd.concat([frame, more], ignore_index=True)


def knowledge(recipe: Recipe) -> Knowledge:
    """Return what is known of these columns: for a weighted recipe what the codebook says, otherwise nothing."""
    return Knowledge() if recipe.weight is None else knowledge_of(codebook_from(tomllib.loads(_BOOK)))


def recipe_of(statistic: Statistic, by: Policy = POLICY, **further: Any) -> Recipe:
    """Return the recipe of a statistic."""
    asked = {"rows": ("wijk",), "unit": ("person",), **ASKED[statistic], **further}
    return Recipe(FrameSource(tuple(people().columns)), statistic, by.reference, **asked)


def tabulated(recipe: Recipe, frame: pd.DataFrame | None = None) -> Evidence:
    """Return the evidence of a recipe over these persons."""
    rows = narrow_frame(people() if frame is None else frame, recipe.narrow_columns)
    found = tabulated_frame(recipe, rows, POLICY, knowledge(recipe), DuckDBTabulator(2)).evidence
    if not isinstance(found, Evidence):
        raise TypeError("These rows give no evidence.")
    return found


def judge(recipe: Recipe, evidence: Evidence) -> JudgedTable:
    """Judge evidence as the control zone does."""
    return judged(recipe, Tabulated(evidence, knowledge(recipe), (), None, across_rows=True), POLICY)
