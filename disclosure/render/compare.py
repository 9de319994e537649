"""What a researcher claims against what was recomputed. The claim is compared and never used."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from disclosure.errors import DocumentError
from disclosure.exchange.canonical import parse_json
from disclosure.model.cells import Cell
from disclosure.model.tables import CellState, JudgedTable
from disclosure.render.json import to_json

UNREADABLE = "the claim cannot be read"
OTHER_TABLE = "the claim is about another table"
_FIGURE = re.compile(r"-?[0-9]{1,80}(\.[0-9]{1,80})?", re.ASCII)

Shown = tuple[CellState, Decimal | None]


def compare(claim: bytes, table: JudgedTable) -> tuple[str, ...]:
    """Return the cells, as text, in which a claim differs from a judged table; empty if it says the same.

    Labels and states must be equal, and figures equal as numbers, at the precision at which they are released. A cell
    that only one of the two has differs. Cells come in the order of the table, then those that only the claim has.

    Args:
        claim: what `to_json` gave the researcher; untrusted.

    Returns:
        cells such as "wijk=28"; only `UNREADABLE` for a claim that is no such document, and only `OTHER_TABLE` for one
        of another table.
    """
    dimensions = tuple(name for names in table.recipe.laid_out for name in names)
    try:
        document = parse_json(claim, what="The claim")
        claimed = _cells(document["cells"], dimensions)
    except (DocumentError, KeyError, TypeError, ValueError, AttributeError):
        return (UNREADABLE,)
    own = parse_json(to_json(table), what="The table")
    recomputed = _cells(own["cells"], dimensions)
    # How a table is described may differ by where it was made: whose words a codebook has changes no figure.
    if {**document, "cells": None, "about": None} != {**own, "cells": None, "about": None}:
        return (OTHER_TABLE,)
    differing = [cell for cell, shown in recomputed.items() if claimed.get(cell) != shown]
    return tuple(str(cell) for cell in (*differing, *(cell for cell in claimed if cell not in recomputed)))


def _cells(entries: Any, dimensions: tuple[str, ...]) -> dict[Cell, Shown]:
    cells: dict[Cell, Shown] = {}
    if type(entries) is not list:
        raise TypeError
    for one in entries:
        if set(one) != {"cell", "value", "status"}:
            raise ValueError
        cell = _cell(one["cell"], dimensions)
        state, value = CellState(one["status"]), one["value"]
        if cell in cells or (value is not None) is not (state is CellState.PUBLISHED):
            raise ValueError
        cells[cell] = (state, None if value is None else _figure(value))
    return cells


def _cell(labels: Any, dimensions: tuple[str, ...]) -> Cell:
    if not all(label is None or type(label) is str for label in labels.values()):
        raise TypeError
    # A cell names its labels in the order of the table's dimensions; those it does not have are kept, and differ.
    known = [name for name in dimensions if name in labels]
    others = sorted(name for name in labels if name not in dimensions)
    return Cell(tuple((name, labels[name]) for name in (*known, *others)))


def _figure(value: Any) -> Decimal:
    if type(value) is not str or not _FIGURE.fullmatch(value):
        raise ValueError
    return Decimal(value)
