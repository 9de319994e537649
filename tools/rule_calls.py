"""How each output class is asked for in a notebook, and the public functions that have no rules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from disclosure.model.statistic import Statistic

CALLS: Final[Mapping[Statistic, str]] = MappingProxyType(
    {
        Statistic.SURVIVAL: "sdc.survival",
        Statistic.CUMULATIVE_INCIDENCE: "sdc.survival",
        Statistic.CORRELATION: "sdc.correlation",
        Statistic.MODEL: "sdc.model",
        Statistic.TEST: "sdc.t_test, sdc.anova, sdc.wilcoxon",
        Statistic.CHI_SQUARE: "sdc.chi_square",
        Statistic.ODDS_RATIO: "sdc.odds_ratio",
        Statistic.RISK_RATIO: "sdc.risk_ratio",
    }
)
"""The functions of those that are not a `statistic=` of `sdc.table`."""

WITHOUT_RULES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "summary": ("its measures, each as its own class", "tests/disclosure/test_notebook_api.py"),
        "crosstab": ("the table that it asks for", "tests/disclosure/test_notebook_pandas.py"),
        "pivot_table": ("the table that it asks for", "tests/disclosure/test_notebook_pandas.py"),
        "model_table": ("its models, each by itself", "tests/disclosure/test_model_notebook.py"),
        "figure": ("the table that it is drawn from", "tests/disclosure/test_figures.py"),
        "ratio": ("its two tables, and what they tell together", "tests/output_review/test_derived_tables.py"),
        "difference": ("its two tables, and what they tell together", "tests/output_review/test_derived_tables.py"),
        "index": ("its table", "tests/output_review/test_derived_tables.py"),
        "pca": ("nothing: it is refused, with what to ask for instead", "tests/disclosure/test_model_ratios.py"),
        "result": ("a count of the units behind it, and a person", "tests/disclosure/test_notebook_own_results.py"),
        "text": ("a scan for identifiers, and a person", "tests/disclosure/test_notebook_own_results.py"),
        "file": ("a scan for identifiers, and a person", "tests/disclosure/test_notebook_own_results.py"),
        "records": ("the camp's release, its k and risk, and a person", "tests/output_review/test_records_gate.py"),
    }
)
"""Public functions that judge by way of something else: what that is, and the test."""


def call_of(statistic: Statistic) -> str:
    """Return how a statistic is asked for.

    >>> call_of(Statistic.SUM), call_of(Statistic.MODEL)
    ('sdc.table', 'sdc.model')
    """
    return CALLS.get(statistic, "sdc.table")
