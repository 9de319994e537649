"""The columns of a released csv by role: what they are headed, and in which words each is described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.tables import JudgedTable
from disclosure.texts import LANGUAGES


class ColumnRole(StrEnum):
    """What a column of a released table is for."""

    DIMENSION = "dimension"
    """Its code names the category that a cell belongs to; with the other dimensions it is the key of a line."""
    LABEL = "label"
    """What the codebook calls the code before it, in one language; never a key."""
    FIGURE = "figure"
    STATUS = "status"
    """Whether the figure is published, withheld, or has no value."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class ReleasedColumn:
    """One column of a released csv.

    Attributes:
        heading: its name in the first line, before it is made safe for spreadsheets; no two are equal.
        of: the dimension that it is of, empty for figure and status.
        language: of a label the language, empty for others.
        titles: what the codebook calls the dimension, by language.
    """

    heading: str
    role: ColumnRole
    of: str = ""
    language: str = ""
    titles: Mapping[str, str] = field(default_factory=_nothing)


def released_columns(table: JudgedTable) -> tuple[ReleasedColumn, ...]:
    """Return the columns of a judged table in their order: each dimension with its labels, then figure and status.

    The dimensions are those of the recipe and those that the statistic adds, such as the times of a curve. A label
    stands beside a code only in languages in which the codebook names a category that the table has.
    """
    dimensions = shown_categories(table)
    taken = set(dimensions)
    found: list[ReleasedColumn] = []
    for name, labels in dimensions.items():
        titles = table.labels.title_texts(name)
        found.append(ReleasedColumn(name, ColumnRole.DIMENSION, name, titles=titles))
        known = {code for label in labels for code in table.labels.category_texts(name, label)}
        for code in LANGUAGES:
            if code in known:
                heading = _free(f"{name}_{code}", taken)
                found.append(ReleasedColumn(heading, ColumnRole.LABEL, name, code, titles))
    value, status = _free("value", taken), _free("status", taken)
    return (*found, ReleasedColumn(value, ColumnRole.FIGURE), ReleasedColumn(status, ColumnRole.STATUS))


def shown_categories(table: JudgedTable) -> dict[str, tuple[str | None, ...]]:
    """Return each dimension of a table with the categories of which it has a cell, in their order."""
    evidence = table.evidence
    if evidence is None:
        return dict.fromkeys(table.recipe.dimensions, ())
    found = {}
    for place, name in enumerate(evidence.dimensions):
        used = np.unique(evidence.codes[:, place])
        found[name] = tuple(evidence.categories[place][code] for code in used[used != MARGIN].tolist())
    return found


def _free(name: str, taken: set[str]) -> str:
    """Return a heading that no other column has, and take it."""
    while name in taken:
        name += "*"
    taken.add(name)
    return name
