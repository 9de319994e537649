"""The part of one table, or of several side by side, that fits on a page, found without making the rest.

A table of a million cells has a million labels to sort; only those that are shown become texts here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from disclosure.model.cells import MARGIN, free_name, label_order
from disclosure.model.evidence import Mask
from disclosure.model.labels import Labels
from disclosure.model.recipes import Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Finding
from disclosure.notebook.page_choice import chosen, moved
from disclosure.notebook.page_keys import CategoryLabels, Codes, cells_at, keys_of
from disclosure.notebook.spoken import spoken
from disclosure.notebook.words import head_of
from disclosure.render.digits import for_people, percentage
from disclosure.texts import translate

CellLabels = tuple[tuple[str, str | None], ...]

_FIGURE, _P_VALUE = "figure", "p_value"
PERCENTAGES = (Statistic.ROW_PERCENT, Statistic.COLUMN_PERCENT, Statistic.TOTAL_PERCENT)
MOST_ROWS, MOST_COLUMNS = 60, 24
"""What a display shows at most; `to_pandas` has everything."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """The cells of one measure, not laid out yet.

    Attributes:
        name: the measure's name; empty if it stands alone.
        statistic: what the figures are; None if they are computed from several.
        rows, columns: the dimensions down the side and across.
        figures: canonical decimal text per cell, those that are withheld too.
        shown: which of them may be published.
        failing: which of them fail a rule.
        findings: why cells fail.
        bracketed: what is withheld without failing is shown in brackets, for it is not withheld yet.
        empty: what a combination without units shows.
        labels: what the codebook calls dimensions and categories.
        said: what the measure is in the reader's language, where its name is in another.
    """

    name: str
    statistic: Statistic | None
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    categories: Mapping[str, CategoryLabels]
    added: tuple[str, ...]
    codes: Mapping[str, Codes]
    figures: Sequence[str | None]
    shown: Mask
    failing: Mask
    findings: Sequence[Finding]
    bracketed: bool
    empty: str
    labels: Labels = field(default_factory=Labels)
    said: str = ""

    def said_at(self, position: int) -> str:
        """Return the figure of a cell as people read it, a point where it has none."""
        figure = self.figures[position]
        if figure is None:
            return "."
        if self.statistic in PERCENTAGES:
            return percentage(figure)
        return for_people(figure, is_p_value=self._name_at(position) == _P_VALUE)

    def _name_at(self, position: int) -> str | None:
        """Return which of the figures of a statistic that gives several a cell holds."""
        if _FIGURE not in self.added:
            return None
        return self.categories[_FIGURE][int(self.codes[_FIGURE][position])]

    def reasons(self, positions: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return why the cells at these positions fail, in the reader's language, those that do not left out."""
        asked: dict[CellLabels, int] = {}
        for position in positions:
            if self.failing[position]:
                places = ((name, int(own[position])) for name, own in self.codes.items())
                asked[tuple((name, self.categories[name][code]) for name, code in places if code != MARGIN)] = position
        why: dict[int, dict[str, None]] = {}
        for finding in self.findings if asked else ():
            position = asked.get(finding.cell.labels, -1)
            if position >= 0:
                why.setdefault(position, {})[str(finding.reason)] = None
        return {position: tuple(said) for position, said in why.items()}


@dataclass(frozen=True)
class Column:
    """One column of a page: which measure, with which labels across, and what the codebook calls each of them."""

    measure: int
    labels: tuple[str, ...]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Page:
    """What is shown of one sheet or several.

    Attributes:
        row_names, column_names: the dimensions down the side and across.
        row_labels: the labels of each row that is shown.
        row_titles, column_titles, row_beside: what the codebook calls dimensions and categories, each in the order of
            the names or labels; empty texts where it says nothing.
        columns: the columns that are shown, measure by measure.
        positions: shape (rows, columns), the position of each cell in its own sheet, -1 where there is none.
        more_rows, more_columns: how many are not shown.
    """

    sheets: tuple[Sheet, ...]
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_labels: tuple[tuple[str, ...], ...]
    columns: tuple[Column, ...]
    positions: Codes
    more_rows: int
    more_columns: int
    row_titles: tuple[str, ...] = ()
    column_titles: tuple[str, ...] = ()
    row_beside: tuple[tuple[str, ...], ...] = ()

    def reasons(self) -> list[dict[int, tuple[str, ...]]]:
        """Return per sheet why each cell that is shown fails, by its position."""
        of = np.array([one.measure for one in self.columns], dtype=np.int64)
        found = []
        for measure, sheet in enumerate(self.sheets):
            shown = self.positions[:, of == measure]
            found.append(sheet.reasons(shown[shown >= 0].tolist()))
        return found


def sheet_of(table: JudgedTable, name: str = "") -> Sheet | None:
    """Return the cells of a judged table, None if nothing was tabulated."""
    evidence = table.evidence
    if evidence is None:
        return None
    rows, columns = table.recipe.laid_out
    categories, codes = {}, {}
    for place, one in enumerate(evidence.dimensions):
        # What a statistic adds, such as the terms of a model, keeps the order of the evidence.
        own = evidence.categories[place]
        categories[one] = own if one in evidence.added else table.labels.in_order(one, own)
        codes[one] = moved(evidence.codes[:, place].astype(np.int64), own, categories[one])
    return Sheet(
        name=name,
        statistic=table.recipe.statistic,
        rows=rows,
        columns=columns,
        categories=categories,
        added=evidence.added,
        codes=codes,
        figures=table.figures,
        shown=table.shown,
        failing=table.failing,
        findings=table.verdict.findings,
        bracketed=not table.recipe.suppressed,
        empty="0" if table.recipe.statistic is Statistic.COUNT else "",
        labels=table.labels,
        said=spoken(name, table.recipe),
    )


def page_of(
    sheets: Sequence[Sheet],
    *,
    most_rows: int | None = MOST_ROWS,
    most_columns: int | None = MOST_COLUMNS,
    localized: bool = True,
) -> Page:
    """Return rows and columns of sheets with the same dimensions, those with failing cells before any others.

    None for a limit means all.
    """
    first = sheets[0]
    labels = {name: _union(name, sheets) for name in (*first.rows, *first.columns)}
    codes = [_recoded(one, labels) for one in sheets]
    names = _Names(labels, first.added, localized, first.labels)
    row_keys = [keys_of(one, first.rows, labels) for one in codes]
    every_row = np.unique(np.concatenate(row_keys))
    flagged = [keys[one.failing] for keys, one in zip(row_keys, sheets, strict=True)]
    rows = chosen(every_row, np.concatenate(flagged), most_rows)
    columns: list[Column] = []
    parts: list[Codes] = []
    width = 0
    for measure, (one, keys) in enumerate(zip(codes, row_keys, strict=True)):
        own = keys_of(one, first.columns, labels)
        every = np.unique(own)
        width += len(every)
        room = len(every) if most_columns is None else max(0, most_columns - len(columns))
        failing = np.flatnonzero(sheets[measure].failing)
        shown = chosen(every, own[failing[np.isin(keys[failing], rows)]], room)
        for key in shown.tolist():
            columns.append(Column(measure, names.of(first.columns, key), names.beside(first.columns, key)))
        parts.append(cells_at(rows, shown, keys, own))
    return Page(
        sheets=tuple(sheets),
        row_names=names.heads(first.rows),
        column_names=names.heads(first.columns),
        row_labels=tuple(names.of(first.rows, key) for key in rows.tolist()),
        columns=tuple(columns),
        positions=np.concatenate(parts, axis=1),
        more_rows=len(every_row) - len(rows),
        more_columns=width - len(columns),
        row_titles=names.titles(first.rows),
        column_titles=names.titles(first.columns),
        row_beside=tuple(names.beside(first.rows, key) for key in rows.tolist()) if localized else (),
    )


class _Names:
    """The text of each label, with names for totals and missing categories that no category has."""

    def __init__(
        self, labels: Mapping[str, CategoryLabels], added: tuple[str, ...], localized: bool, said: Labels
    ) -> None:
        self._labels = labels
        self._said = said if localized else Labels()
        self._added = frozenset(added) if localized else frozenset()
        taken = {label for known in labels.values() for label in known}
        total, missing = (translate("Total"), translate("(missing)")) if localized else ("Total", "(missing)")
        self._total, self._missing = free_name(total, taken), free_name(missing, taken)

    def of(self, dimensions: tuple[str, ...], key: int) -> tuple[str, ...]:
        """Return the labels behind a key that `_keys` made for these dimensions."""
        found = []
        for name, code in self._codes(dimensions, key):
            labels = self._labels[name]
            label = labels[code] if code < len(labels) else self._total
            told = self._missing if label is None else label
            found.append(head_of(told) if name in self._added and name == _FIGURE else told)
        return tuple(reversed(found))

    def beside(self, dimensions: tuple[str, ...], key: int) -> tuple[str, ...]:
        """Return what the codebook calls the labels behind a key, empty texts where it says nothing."""
        if not self._said.columns and not self._said.neutral:
            return ()
        found = []
        for name, code in self._codes(dimensions, key):
            labels = self._labels[name]
            found.append(self._said.category(name, labels[code]) if code < len(labels) else "")
        return tuple(reversed(found))

    def titles(self, dimensions: tuple[str, ...]) -> tuple[str, ...]:
        """Return what the codebook calls dimensions, empty texts where it says nothing."""
        return tuple(self._said.title(name) for name in dimensions)

    def _codes(self, dimensions: tuple[str, ...], key: int) -> Iterator[tuple[str, int]]:
        """Yield each dimension with its code in a key, the last one first."""
        for name in reversed(dimensions):
            key, code = divmod(key, len(self._labels[name]) + 1)
            yield name, code

    def heads(self, dimensions: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of dimensions, those that a statistic adds in the reader's language."""
        return tuple(head_of(name) if name in self._added else name for name in dimensions)


def _union(name: str, sheets: Sequence[Sheet]) -> CategoryLabels:
    own = [one.categories[name] for one in sheets]
    if all(one == own[0] for one in own):
        return own[0]
    merged = dict.fromkeys(label for labels in own for label in labels)
    added = any(name in one.added for one in sheets)
    return tuple(merged) if added else sheets[0].labels.in_order(name, sorted(merged, key=label_order))


def _recoded(sheet: Sheet, labels: Mapping[str, CategoryLabels]) -> dict[str, Codes]:
    """Return the sheet's codes as places in the common labels; a total comes after the last of them."""
    found = {}
    for name, common in labels.items():
        own, codes = sheet.categories[name], sheet.codes[name]
        place = np.arange(len(own) + 1)
        if own != common:
            at = {label: position for position, label in enumerate(common)}
            place = np.array([*(at[label] for label in own), 0], dtype=np.int64)
        found[name] = np.where(codes == MARGIN, len(common), place[codes])
    return found
