"""Released JSON: what the table is, its cells, and a description of both for people and programs."""

from __future__ import annotations

from typing import Any

from disclosure.exchange.canonical import canonical_json
from disclosure.model.neutral_labels import released
from disclosure.model.tables import JudgedTable
from disclosure.render.about import about

SCHEMA = "datakamp-table/2"


def to_json(table: JudgedTable, *, title: str = "", population: str = "") -> bytes:
    """Return a judged table as canonical JSON.

    A cell's total is the absence of the dimension, a missing category is null, and a figure is text, so that no
    reader rounds it. `about` describes the table and is no part of what it is.

    Args:
        title, population: what the table shows, and whom it is about; left out where they are empty.
    """
    table = released(table)
    recipe = table.recipe
    rows, columns = recipe.laid_out
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "statistic": recipe.statistic.value,
        "value": recipe.value,
        "options": dict(recipe.options),
        "others": list(recipe.others),
        "weighted": recipe.weight is not None,
        "rounding": recipe.rounding,
        "rows": list(rows),
        "columns": list(columns),
        "about": about(table, title=title, population=population),
        "cells": [
            {"cell": one.cell.as_dict(), "value": one.figure, "status": one.state.value} for one in table.published()
        ],
    }
    return canonical_json(document) + b"\n"
