"""Released JSON: what the table is, its cells, and a description of both for people and programs."""

from __future__ import annotations

import json
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import canonical_json
from disclosure.model.neutral_labels import released
from disclosure.model.tables import CellState, JudgedTable
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
    }
    parts = {name: canonical_json(one) for name, one in document.items()} | {"cells": _cells(table)}
    # The names are plain, so that they stand in the same order in whatever way texts are compared.
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), parts[name]) for name in sorted(parts)) + b"}\n"


def _cells(table: JudgedTable) -> bytes:
    """Return the list of cells as canonical JSON, each label written once and not once per cell."""
    evidence = table.evidence
    if evidence is None:
        return b"[]"
    columns = []
    for place in sorted(range(len(evidence.dimensions)), key=lambda place: _order(evidence.dimensions[place])):
        name = _written(evidence.dimensions[place])
        # The margin's code is -1, so it finds the empty text behind the last label.
        labels = [*(f"{name}:{_written(label)}" for label in evidence.categories[place]), ""]
        columns.append([labels[code] for code in evidence.codes[:, place].tolist()])
    named = (",".join(filter(None, one)) for one in zip(*columns, strict=True)) if columns else [""] * len(evidence)
    states = {state: _written(state.value) for state in CellState}
    cells = [
        f'{{"cell":{{{cell}}},"status":{states[state]},"value":{_written(figure)}}}'
        for cell, (state, figure) in zip(named, table.published_figures(), strict=True)
    ]
    try:
        return f"[{','.join(cells)}]".encode()
    except UnicodeEncodeError:
        # Not chained: it quotes the label.
        raise DocumentError("The document holds a value that canonical JSON cannot carry.") from None


def _written(text: str | None) -> str:
    """Return a text as canonical JSON has it (RFC 8785, section 3.2.2.2)."""
    return json.dumps(text, ensure_ascii=False)


def _order(name: str) -> bytes:
    """Return the sort key of a name in canonical JSON: its UTF-16 code units (RFC 8785, section 3.2.3)."""
    return name.encode("utf-16-be", "surrogatepass")
