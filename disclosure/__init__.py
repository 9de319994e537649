"""The disclosure check. ``import disclosure as sdc`` is all that a researcher needs.

>>> import disclosure as sdc
>>> out = sdc.table(frame, rows=["wijk"], values="inkomen", statistic="sum", unit="RINPERSOON")  # doctest: +SKIP
>>> out.verdict.status, out.remedies(), out.to_pandas()  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from types import FunctionType
from typing import TYPE_CHECKING, Any

from disclosure import errors
from disclosure.notebook import accessor, model_name
from disclosure.notebook.arguments import says_arguments
from disclosure.texts import language

if TYPE_CHECKING:
    from disclosure.model.tables import WITHHELD
    from disclosure.model.verdicts import Level, Status
    from disclosure.notebook.basket import basket
    from disclosure.notebook.camp import data
    from disclosure.notebook.comparisons import (
        anova,
        chi_square,
        correlation,
        odds_ratio,
        risk_ratio,
        t_test,
        wilcoxon,
    )
    from disclosure.notebook.components import pca
    from disclosure.notebook.derived import difference, index, ratio
    from disclosure.notebook.figure import figure
    from disclosure.notebook.model import model
    from disclosure.notebook.model_table import model_table
    from disclosure.notebook.output import Output
    from disclosure.notebook.outputs import Outputs
    from disclosure.notebook.own_records import records
    from disclosure.notebook.own_results import file, result, text
    from disclosure.notebook.pandas_names import crosstab, pivot_table
    from disclosure.notebook.submission import submit
    from disclosure.notebook.survival import survival
    from disclosure.notebook.table import summary, table

__all__ = [
    "WITHHELD",
    "Level",
    "Output",
    "Outputs",
    "Status",
    "anova",
    "basket",
    "chi_square",
    "correlation",
    "crosstab",
    "data",
    "difference",
    "errors",
    "figure",
    "file",
    "index",
    "language",
    "model",
    "model_table",
    "odds_ratio",
    "pca",
    "pivot_table",
    "ratio",
    "records",
    "result",
    "risk_ratio",
    "submit",
    "summary",
    "survival",
    "t_test",
    "table",
    "text",
    "wilcoxon",
]

# Where the other public names live. They bring pandas, Ibis and DuckDB along, which takes about a second; a command
# that only verifies a package, or shows its help, is spared that.
_HOMES = {
    "WITHHELD": "disclosure.model.tables",
    "Level": "disclosure.model.verdicts",
    "Status": "disclosure.model.verdicts",
    "basket": "disclosure.notebook.basket",
    "submit": "disclosure.notebook.submission",
    "data": "disclosure.notebook.camp",
    **dict.fromkeys(
        ("chi_square", "correlation", "odds_ratio", "risk_ratio", "t_test", "anova", "wilcoxon"),
        "disclosure.notebook.comparisons",
    ),
    "model_table": "disclosure.notebook.model_table",
    "pca": "disclosure.notebook.components",
    "figure": "disclosure.notebook.figure",
    "Output": "disclosure.notebook.output",
    "Outputs": "disclosure.notebook.outputs",
    "survival": "disclosure.notebook.survival",
    "table": "disclosure.notebook.table",
    "summary": "disclosure.notebook.table",
    "crosstab": "disclosure.notebook.pandas_names",
    "pivot_table": "disclosure.notebook.pandas_names",
    "ratio": "disclosure.notebook.derived",
    "difference": "disclosure.notebook.derived",
    "index": "disclosure.notebook.derived",
    "records": "disclosure.notebook.own_records",
    "result": "disclosure.notebook.own_results",
    "text": "disclosure.notebook.own_results",
    "file": "disclosure.notebook.own_results",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'disclosure' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    if isinstance(value, FunctionType):
        value = says_arguments(value)
    accessor.register()
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


# `sdc.model` is not among the homes above: it is the package of that name, which can be called.
model_name.register()

# With pandas or polars imported already, `frame.sdc` is there from here on; see `disclosure.notebook.accessor`.
accessor.register()
