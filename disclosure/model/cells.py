"""Labels and cells: how a place in a table is named, whatever the type of the column was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MARGIN = -1
"""The code of a dimension that a cell leaves at its total."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?")


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A place in a table: the dimensions that are fixed, each with its label.

    A dimension that is not named is at its total, so ``Cell(())`` is the grand total. A label of None is the missing
    category, which is a category like any other.

    >>> str(Cell((("wijk", "28"), ("sex", None))))
    'wijk=28, sex=(missing)'
    """

    labels: tuple[tuple[str, str | None], ...]

    def as_dict(self) -> dict[str, str | None]:
        """Return ``{dimension: label}`` without the dimensions at their total."""
        return dict(self.labels)

    def __str__(self) -> str:
        if not self.labels:
            return "total"
        return ", ".join(f"{name}={'(missing)' if label is None else label}" for name, label in self.labels)


def label_order(label: str | None) -> tuple[int, float, str]:
    """Return the sort key of a label: numbers by size, then text by code point, then the missing category.

    The order depends on the labels alone. The same categories kept as text, integers or a categorical come out in the
    same order, so that the type of a column does not change a released byte.
    """
    if label is None:
        return (2, 0.0, "")
    if _NUMBER.fullmatch(label):
        return (0, float(label), label)
    return (1, 0.0, label)


def is_number(label: str) -> bool:
    """Tell whether a label is a plain decimal number, which a spreadsheet may show as it stands."""
    return _NUMBER.fullmatch(label) is not None


def free_name(wanted: str, taken: Iterable[str | None]) -> str:
    """Return `wanted`, with stars behind it if a category already has that name.

    >>> free_name("Total", ["Total", "A"])
    'Total*'
    """
    names = set(taken)
    while wanted in names:
        wanted += "*"
    return wanted
