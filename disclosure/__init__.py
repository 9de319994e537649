"""The disclosure check. ``import disclosure as sdc`` is all that a researcher needs.

>>> import disclosure as sdc
>>> out = sdc.table(frame, rows=["wijk"], values="inkomen", statistic="sum", unit="RINPERSOON")  # doctest: +SKIP
>>> out.verdict.status, out.remedies(), out.to_pandas()  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from disclosure import errors
from disclosure.texts import language

if TYPE_CHECKING:
    from disclosure.model.tables import WITHHELD
    from disclosure.model.verdicts import Level, Status
    from disclosure.notebook.basket import basket, submit
    from disclosure.notebook.camp import data
    from disclosure.notebook.output import Output
    from disclosure.notebook.table import table

__all__ = ["WITHHELD", "Level", "Output", "Status", "basket", "data", "errors", "language", "submit", "table"]

# Where the other public names live. They bring pandas, Ibis and DuckDB along, which takes about a second; a command
# that only verifies a package, or shows its help, is spared that.
_HOMES = {
    "WITHHELD": "disclosure.model.tables",
    "Level": "disclosure.model.verdicts",
    "Status": "disclosure.model.verdicts",
    "basket": "disclosure.notebook.basket",
    "submit": "disclosure.notebook.basket",
    "data": "disclosure.notebook.camp",
    "Output": "disclosure.notebook.output",
    "table": "disclosure.notebook.table",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'disclosure' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
