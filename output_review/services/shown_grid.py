"""A judged table as a page shows it: its grid with counts and reasons, in both languages, without withheld figures.

What is withheld is a sign here, as in the files that would leave. Counts stand beside every cell: a reviewer judges by
them, and they leave with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from disclosure.model.recipes import Statistic
from disclosure.model.tables import CellState, JudgedTable
from disclosure.model.verdicts import said_of
from disclosure.render.about import in_every_language
from disclosure.render.grid import Grid, Key, grid
from disclosure.texts import Text

MOST_CELLS: Final = 500_000
"""A larger table is not laid out; its file has all of it."""
ROWS: Final = 200
"""So many rows are kept, read and sent at a time; the next ones are asked for."""
MOST_NAMED: Final = 40
"""So many cells of one reason are named; the others are counted."""
_PERCENTAGES: Final = (Statistic.ROW_PERCENT, Statistic.COLUMN_PERCENT, Statistic.TOTAL_PERCENT)
_FIGURE, _P_VALUE = "figure", "p_value"
_STATES: Final = {CellState.PUBLISHED: "shown", CellState.WITHHELD: "withheld", CellState.NO_VALUE: "none"}


def grid_document(table: JudgedTable) -> dict[str, Any] | None:
    """Return the grid of a table as a JSON object; None if nothing was tabulated, or more than can be laid out.

    Returns:
        `rows` and `columns` (per line a label per dimension: a code, null if missing, true at the total), `words` (what
        the codebook calls codes), and `cells`: per row and column null, or figure, state, units, rows and the places
        of its reasons among those of `findings_document`.
    """
    if table.evidence is None or len(table.evidence) > MOST_CELLS:
        return None
    laid = grid(table)
    units, rows = table.evidence.n_units.tolist(), table.evidence.n_rows.tolist()
    why = _reasons(table)
    place = {key: number for number, key in enumerate(laid.cells)}
    failing = table.failing.tolist()
    lines = []
    for row in laid.row_keys:
        line: list[Any] = []
        for column in laid.column_keys:
            cell = laid.cells.get((row, column))
            if cell is None:
                line.append(None)
                continue
            number = place[row, column]
            reasons = why.get(cell.cell.labels, []) if failing[number] else []
            line.append([cell.figure, _STATES[cell.state], units[number], rows[number], reasons, failing[number]])
        lines.append(line)
    return {
        "row_names": [_name(table, name) for name in laid.row_names],
        "column_names": [_name(table, name) for name in laid.column_names],
        "rows": [_parts(key) for key in laid.row_keys],
        "columns": [_parts(key) for key in laid.column_keys],
        "words": _words(table, laid),
        "cells": lines,
        "empty": laid.empty,
        "percent": table.recipe.statistic in _PERCENTAGES,
        "p_values": [any(part == (_FIGURE, _P_VALUE) for part in key) for key in laid.column_keys],
    }


def parts_of_grid(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a grid in parts of `ROWS`, each as a JSON object with its `rows` and `cells`."""
    rows, cells = document["rows"], document["cells"]
    return [
        {"rows": rows[start : start + ROWS], "cells": cells[start : start + ROWS]}
        for start in range(0, max(1, len(rows)), ROWS)
    ]


def findings_document(table: JudgedTable) -> list[dict[str, Any]]:
    """Return why a table fails, a JSON object per rule and reason: the cells, of which the first are named."""
    found: dict[tuple[str, Text], dict[str, Any]] = {}
    added = () if table.evidence is None else table.evidence.added
    for one in table.verdict.findings:
        entry = found.setdefault((one.rule.value, one.reason), {"rule": one.rule.value, "n": 0, "cells": []})
        entry["n"] += 1
        if len(entry["cells"]) < MOST_NAMED:
            entry["cells"].append(in_every_language(lambda cell=one.cell: said_of(cell, added)))  # type: ignore[misc]
    return [
        {**entry, "reason": in_every_language(lambda reason=reason: str(reason))}  # type: ignore[misc]
        for (_, reason), entry in found.items()
    ]


def _reasons(table: JudgedTable) -> Mapping[tuple[tuple[str, str | None], ...], list[int]]:
    places: dict[tuple[str, Text], int] = {}
    found: dict[tuple[tuple[str, str | None], ...], list[int]] = {}
    for one in table.verdict.findings:
        place = places.setdefault((one.rule.value, one.reason), len(places))
        found.setdefault(one.cell.labels, []).append(place)
    return found


def _name(table: JudgedTable, name: str) -> dict[str, Any]:
    return {"name": name, "title": in_every_language(lambda: table.labels.title(name))}


def _parts(key: Key) -> list[Any]:
    return [True if part is None else part[1] for part in key]


def _words(table: JudgedTable, laid: Grid) -> dict[str, dict[str, Any]]:
    words: dict[str, dict[str, Any]] = {}
    for key in (*laid.row_keys, *laid.column_keys):
        for part in key:
            if part is not None and part[1] is not None and part[1] not in words.setdefault(part[0], {}):
                name, code = part
                words[name][part[1]] = in_every_language(lambda name=name, code=code: table.labels.category(name, code))  # type: ignore[misc]
    return words
