"""Released JSON: what the table is, and its cells."""

from __future__ import annotations

from disclosure.exchange.canonical import canonical_json
from disclosure.model.tables import JudgedTable


def to_json(table: JudgedTable) -> bytes:
    """Return a judged table as canonical JSON.

    A cell's total is the absence of the dimension, a missing category is null, and a figure is text, so that no
    reader rounds it.
    """
    recipe = table.recipe
    rows, columns = recipe.laid_out
    document = {
        "schema": "datakamp-table/1",
        "statistic": recipe.statistic.value,
        "value": recipe.value,
        "options": dict(recipe.options),
        "others": list(recipe.others),
        "weighted": recipe.weight is not None,
        "rounding": recipe.rounding,
        "rows": list(rows),
        "columns": list(columns),
        "cells": [
            {"cell": one.cell.as_dict(), "value": one.figure, "status": one.state.value} for one in table.published()
        ],
    }
    return canonical_json(document) + b"\n"
