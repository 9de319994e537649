"""A table laid out: row variables down the side, column variables across, totals last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from disclosure.model.cells import Cell, free_name
from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.model.tables import CellState, JudgedTable, PublishedCell
from disclosure.texts import translate

Key = tuple[tuple[str, str | None] | None, ...]
"""One entry per variable: its name and label, None where the cell leaves it at the total."""


@dataclass(frozen=True)
class Grid:
    """Row keys, column keys, and what stands where. `empty` is what a combination without units shows."""

    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_keys: tuple[Key, ...]
    column_keys: tuple[Key, ...]
    cells: Mapping[tuple[Key, Key], PublishedCell]
    empty: str
    names: LabelNames

    def labels(self, key: Key) -> tuple[str, ...]:
        """Return a key as texts."""
        return tuple(self.names.shown(part) for part in key)


@dataclass(frozen=True)
class LabelNames:
    """How totals and missing categories are called, so that no category has the same name."""

    total: str
    missing: str

    def shown(self, part: tuple[str, str | None] | None) -> str:
        """Return the text of one label."""
        if part is None:
            return self.total
        return self.missing if part[1] is None else part[1]


def label_names(table: JudgedTable, *, localized: bool = False) -> LabelNames:
    """Return names for totals and missing categories that no category of this table has."""
    taken = [label for labels in (table.evidence.categories if table.evidence else ()) for label in labels]
    total, missing = (translate("Total"), translate("(missing)")) if localized else ("Total", "(missing)")
    return LabelNames(free_name(total, taken), free_name(missing, taken))


def grid(table: JudgedTable, *, localized: bool = False) -> Grid:
    """Lay a judged table out."""
    rows, columns = table.recipe.laid_out
    places = {} if table.evidence is None else _places(table, table.evidence)
    cells = {(_key(one.cell, rows), _key(one.cell, columns)): one for one in table.published()}
    return Grid(
        rows,
        columns,
        _sorted({row for row, _ in cells}, places),
        _sorted({column for _, column in cells}, places),
        cells,
        "0" if table.recipe.statistic is Statistic.COUNT and table.evidence is not None else "",
        label_names(table, localized=localized),
    )


def shown_figure(cell: PublishedCell | None, empty: str) -> str:
    """Return what a cell shows: its figure, the sign of a withheld one, or what an empty one shows."""
    if cell is None:
        return empty
    if cell.state is CellState.WITHHELD:
        return "×"
    return cell.figure if cell.figure is not None else "."


def _key(cell: Cell, names: tuple[str, ...]) -> Key:
    labels = cell.as_dict()
    return tuple((name, labels[name]) if name in labels else None for name in names)


def _places(table: JudgedTable, evidence: Evidence) -> dict[tuple[str, str | None], int]:
    """Return where categories stand; what a statistic adds, such as the terms of a model, as in the evidence."""
    places: dict[tuple[str, str | None], int] = {}
    for name, own in zip(evidence.dimensions, evidence.categories, strict=True):
        ordered = own if name in evidence.added else table.labels.in_order(name, own)
        places |= {(name, label): place for place, label in enumerate(ordered)}
    return places


def _sorted(keys: set[Key], places: Mapping[tuple[str, str | None], int]) -> tuple[Key, ...]:
    def order(part: tuple[str, str | None] | None) -> tuple[bool, int]:
        return part is None, 0 if part is None else places[part]

    return tuple(sorted(keys, key=lambda key: [order(part) for part in key]))
