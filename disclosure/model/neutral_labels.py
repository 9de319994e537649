"""Neutral labels: a category that few units bear, and no codebook lists, is published without its own label.

A label of a free text, or of a number that hardly anybody shares, is itself a value of a record. Withholding or
rounding its figure does not help: the label is read beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.model.cells import MARGIN, free_name, label_order
from disclosure.model.evidence import Counts, Evidence
from disclosure.model.evidence_columns import changed
from disclosure.model.tables import JudgedTable, Trials

Hidden = Mapping[str, frozenset[str]]
"""Dimension to the categories that are published under a neutral label."""


def units_by_category(evidence: Evidence, place: int) -> Counts:
    """Return how many units each category of an own dimension has: its one-way margin.

    Where the evidence has no such margin, the cells of the category are added up. What a statistic adds to a table,
    such as the times of a curve, counts once, at its largest.
    """
    own = evidence.codes[:, : evidence.own_dimensions]
    others = [other for other in range(evidence.own_dimensions) if other != place]
    found: Counts = np.full(len(evidence.categories[place]), -1, dtype=np.int64)
    at_category = own[:, place] != MARGIN
    margin = at_category & (own[:, others] == MARGIN).all(axis=1)
    np.maximum.at(found, own[margin, place], evidence.n_units[margin])
    inner = np.flatnonzero((own != MARGIN).all(axis=1))
    inner = inner[found[own[inner, place]] < 0]
    if len(inner):
        cells, which = np.unique(own[inner], axis=0, return_inverse=True)
        largest: Counts = np.zeros(len(cells), dtype=np.int64)
        np.maximum.at(largest, which.reshape(-1), evidence.n_units[inner])
        np.maximum.at(found, cells[:, place], 0)
        np.add.at(found, cells[:, place], largest)
    return found


def nameable(evidence: Evidence, place: int, trials: Trials) -> frozenset[str]:
    """Return the categories of an own dimension that may be published by their label.

    These are those that the codebook lists, and those that as many units bear as the policy asks of a cell.
    """
    listed = trials.listed(evidence.dimensions[place])
    enough = (units_by_category(evidence, place) >= trials.minimum_units).tolist()
    labels = zip(evidence.categories[place], enough, strict=True)
    return frozenset(label for label, borne in labels if label is not None and (borne or label in listed))


def hidden_labels(table: JudgedTable) -> Hidden:
    """Return the categories that a judged table is published without the labels of; dimensions without any left out."""
    evidence, trials = table.evidence, table.trials
    if evidence is None or trials is None or table.labels.neutral:
        return {}
    found = _hidden(evidence, trials)
    if evidence.underlying is not None:
        found = {**_hidden(evidence.underlying, trials), **found}
    return found


def hidden_in_any(tables: Iterable[JudgedTable]) -> Hidden:
    """Return what any of several tables hides, so that side by side a neutral label is one category in all of them."""
    found: dict[str, frozenset[str]] = {}
    for table in tables:
        for name, labels in hidden_labels(table).items():
            found[name] = found.get(name, frozenset()) | labels
    return found


def released(table: JudgedTable, hidden: Hidden | None = None) -> JudgedTable:
    """Return a judged table as it leaves: with neutral labels, and its cells in the order of the labels it then has.

    Neutral labels are numbered in the order of the table, so that they are the same wherever it is made. A table that
    has them already, or needs none, comes back as it is.

    Args:
        hidden: what is hidden; of several tables side by side what any of them hides.
    """
    asked = hidden_labels(table) if hidden is None else hidden
    evidence = table.evidence
    if evidence is None or not asked or table.labels.neutral:
        return table
    names = {name: _neutral(labels, _known(evidence, name)) for name, labels in asked.items()}
    renamed = _renamed(evidence, names)
    underlying = evidence.underlying
    if underlying is not None:
        # Which of two groups is compared with which stays as it was.
        renamed = replace(renamed, underlying=replace(underlying, categories=_categories(underlying, names)))
    codes, order = _in_order(renamed)
    moved = changed(replace(renamed, categories=_sorted(renamed)), codes[order], lambda column: column[order])
    said = {(name, label): number for name, own in names.items() for label, number in own.values()}
    return replace(
        table,
        evidence=moved,
        failing=table.failing[order],
        shown=table.shown[order],
        figures=tuple(table.figures[place] for place in order.tolist()),
        labels=replace(table.labels, neutral=MappingProxyType(said)),
    )


def _hidden(evidence: Evidence, trials: Trials) -> dict[str, frozenset[str]]:
    found = {}
    for place in range(evidence.own_dimensions):
        own = frozenset(label for label in evidence.categories[place] if label is not None)
        left = own - nameable(evidence, place, trials)
        if left:
            found[evidence.dimensions[place]] = left
    return found


def _known(evidence: Evidence, name: str) -> frozenset[str | None]:
    parts = (evidence,) if evidence.underlying is None else (evidence, evidence.underlying)
    return frozenset(
        label
        for part in parts
        for dimension, labels in zip(part.dimensions, part.categories, strict=True)
        if dimension == name
        for label in labels
    )


def _neutral(labels: frozenset[str], known: Iterable[str | None]) -> dict[str, tuple[str, str]]:
    """Return label to neutral label and its number, all of one width so that text order is their order."""
    width, taken = len(str(len(labels))), set(known) - labels
    numbered = ((label, str(at).rjust(width, "0")) for at, label in enumerate(sorted(labels, key=label_order), 1))
    return {label: (free_name(f"withheld {number}", taken), number) for label, number in numbered}


def _categories(
    evidence: Evidence, names: Mapping[str, Mapping[str, tuple[str, str]]]
) -> tuple[tuple[str | None, ...], ...]:
    found: list[tuple[str | None, ...]] = []
    for place, (name, labels) in enumerate(zip(evidence.dimensions, evidence.categories, strict=True)):
        own = names.get(name, {}) if place < evidence.own_dimensions else {}
        found.append(tuple(own[label][0] if label is not None and label in own else label for label in labels))
    return tuple(found)


def _renamed(evidence: Evidence, names: Mapping[str, Mapping[str, tuple[str, str]]]) -> Evidence:
    return replace(evidence, categories=_categories(evidence, names))


def _sorted(evidence: Evidence) -> tuple[tuple[str | None, ...], ...]:
    own = evidence.own_dimensions
    return tuple(
        tuple(sorted(labels, key=label_order)) if place < own else labels
        for place, labels in enumerate(evidence.categories)
    )


def _in_order(evidence: Evidence) -> tuple[npt.NDArray[np.int32], npt.NDArray[Any]]:
    """Return the codes of the cells once categories are in order, and the order of the cells by them, totals last."""
    codes = evidence.codes.copy()
    for place, labels in enumerate(_sorted(evidence)):
        at = {label: code for code, label in enumerate(labels)}
        codes[:, place] = np.array([*(at[label] for label in evidence.categories[place]), MARGIN], dtype=np.int32)[
            codes[:, place]
        ]
    last = np.where(codes == MARGIN, np.iinfo(np.int32).max, codes)
    columns = [last[:, place] for place in reversed(range(codes.shape[1]))]
    return codes, np.lexsort(columns) if columns else np.arange(len(codes))
