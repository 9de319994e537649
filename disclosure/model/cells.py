"""Labels and cells: how a place in a table is named, whatever the type of the column was."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

_Label = TypeVar("_Label", str, str | None)

MARGIN = -1
"""The code of a dimension that a cell leaves at its total."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?")
# Codes such as 0344 stand where their number does; a spreadsheet would drop the zero, so `is_number` says no.
_PLACED = re.compile(r"-?[0-9]{1,18}(\.[0-9]+)?", re.ASCII)
_END = r"[-−]?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_BAND = re.compile(
    rf"[\[(] *(?P<low>{_END}|-inf) *, *(?:{_END}|\+?inf) *[\])]"
    rf"|(?P<first>{_END}) ?(?:-|–|to|tot) ?{_END}"
    rf"|(?:>=?|≥|over|above|boven) ?(?P<over>{_END})"
    rf"|(?P<open>{_END}) ?(?:\+|and over|en meer|en ouder)"
    rf"|(?P<below><=?|≤|under|below|onder) ?{_END}",
    re.ASCII,
)
_MERGED = " + "
_DIGITS = re.compile(r"(?<![0-9.])0*([0-9]+)", re.ASCII)
_WIDTH = 18


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
    """Return the sort key of a label: numbers and intervals by where they begin, then text, then the missing category.

    Whole numbers within a text count as numbers, so that "wijk 9" comes before "wijk 10"; otherwise text is in the
    order of its code points. The order depends on the labels alone: evidence, csv and JSON are in it, whatever the type
    of a column. Displays, figures and neighbours follow an order that a recipe or codebook gives.

    >>> sorted(["100+", "onbekend", "10-15", "5-10", "<5"], key=label_order)
    ['<5', '5-10', '10-15', '100+', 'onbekend']
    >>> sorted(["2024-10", "2024-09"], key=label_order)
    ['2024-09', '2024-10']
    >>> sorted(["1680", "0344"], key=label_order)
    ['0344', '1680']
    """
    if label is None:
        return (2, 0.0, "")
    if _PLACED.fullmatch(label):
        return (0, float(label), label)
    # Behind what is sorted by stands the label itself: no two labels have the same key.
    padded = f"{_DIGITS.sub(lambda digits: digits[1].zfill(_WIDTH), label)}\0{label}"
    begins = _begins(label)
    return (1, 0.0, padded) if begins is None else (0, begins, f"~{padded}")


def _begins(label: str) -> float | None:
    """Return where an interval begins, or the first of several that are counted together; None if it is none."""
    parts = label.split(_MERGED)
    if len(parts) > 1:
        found = [float(one) if _PLACED.fullmatch(one) else _begins(one) for one in parts]
        known = [one for one in found if one is not None]
        return min(known) if len(known) == len(found) else None
    band = _BAND.fullmatch(label.lower())
    if band is None:
        return None
    if band["below"] is not None:
        return -math.inf
    low = band["low"] or band["first"] or band["over"] or band["open"]
    return float(low.replace("−", "-"))


def as_listed(
    labels: Sequence[_Label], listed: Sequence[str], members: Mapping[str, str] | None = None
) -> tuple[_Label, ...]:
    """Return labels in the order in which a codebook lists them, and behind them those that it does not, as they were.

    Args:
        labels: in canonical order.
        listed: the codes of the codebook in its order; nothing keeps the order of `labels`.
        members: label to the first code that is counted under it, of labels that a recoding gave.

    >>> as_listed(["high", "low", "middle", None], ["low", "middle", "high"])
    ('low', 'middle', 'high', None)
    """
    place = {code: at for at, code in enumerate(listed)}
    place |= {label: place[code] for label, code in (members or {}).items() if code in place}
    return tuple(sorted(labels, key=lambda label: len(place) if label is None else place.get(label, len(place))))


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
