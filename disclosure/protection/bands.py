"""Labels that are intervals or numbers: their order, and what several of them are called together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from disclosure.model.cells import as_listed, is_number, label_order

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_BRACKETS = re.compile(rf"([\[(]) *({_NUMBER}|-inf) *, *({_NUMBER}|inf) *([\])])", re.ASCII)
_FROM_TO = re.compile(rf"({_NUMBER}) ?[-–] ?({_NUMBER})", re.ASCII)
_OPEN = re.compile(rf"({_NUMBER}) ?\+", re.ASCII)
_SEPARATOR = " + "
_MOST_NAMED = 4


@dataclass(frozen=True)
class Band:
    """A label that is an interval; a number is an interval of one value. `shape` says how it is written."""

    low: Decimal
    high: Decimal
    opening: str
    closing: str
    shape: str

    def meets(self, other: Band) -> bool:
        """Tell whether nothing lies between this band and the other, which comes after it."""
        if self.shape == "brackets" == other.shape:
            return self.high == other.low and (self.closing == "]") != (other.opening == "[")
        # Whole numbers, as ages are: 0-9 and 10-19.
        return self.shape != "brackets" != other.shape and other.low - self.high in (0, 1)


def band_of(label: str) -> Band | None:
    """Return the interval that a label is, None if it is none.

    >>> band_of("[0, 10)").high, band_of("65+").low, band_of("north")
    (Decimal('10'), Decimal('65'), None)
    """
    if found := _BRACKETS.fullmatch(label):
        opening, low, high, closing = found.groups()
        return Band(Decimal(low), Decimal(high), opening, closing, "brackets")
    if found := _FROM_TO.fullmatch(label):
        return Band(Decimal(found[1]), Decimal(found[2]), "", "", "from-to")
    if found := _OPEN.fullmatch(label):
        return Band(Decimal(found[1]), Decimal("Infinity"), "", "", "from-to")
    if is_number(label):
        return Band(Decimal(label), Decimal(label), "", "", "number")
    return None


def in_order(labels: Sequence[str]) -> tuple[str, ...]:
    """Return labels as neighbours stand: intervals and numbers by where they begin, others in canonical order."""
    bands = {label: band_of(label) for label in labels}
    if all(one is not None for one in bands.values()):
        return tuple(sorted(labels, key=lambda label: _begins(bands[label])))
    return tuple(sorted(labels, key=label_order))


def are_bands(labels: Sequence[str]) -> bool:
    """Tell whether all labels are intervals or numbers."""
    return bool(labels) and all(band_of(label) is not None for label in labels)


def joined(labels: Sequence[str], order: Sequence[str] = ()) -> str:
    """Return what several categories are called together.

    Intervals that follow each other are one interval; of many categories only the first and the last are named.

    Args:
        order: the order of the categories, where they have one of their own.

    >>> joined(["[0, 10)", "[10, 20)"]), joined(["60-64", "65+"]), joined(["a", "b"])
    ('[0, 20)', '60+', 'a + b')
    """
    ordered = as_listed(in_order(labels), order)
    bands = [one for one in (band_of(label) for label in ordered) if one is not None]
    first, last = bands[0] if bands else None, bands[-1] if bands else None
    intervals = len(bands) == len(ordered) and any(one.shape != "number" for one in bands)
    if first and last and intervals and all(one.meets(other) for one, other in pairwise(bands)):
        if first.shape == "brackets":
            return f"{first.opening}{_written(first.low)}, {_written(last.high)}{last.closing}"
        return f"{first.low}+" if last.high == Decimal("Infinity") else f"{first.low}-{last.high}"
    if len(ordered) <= _MOST_NAMED:
        return _SEPARATOR.join(ordered)
    if len(bands) == len(ordered):
        return f"{ordered[0]} - {ordered[-1]}"
    return f"{ordered[0]} … {ordered[-1]} ({len(ordered)})"


def _begins(band: Band | None) -> tuple[Decimal, Decimal]:
    return (band.low, band.high) if band is not None else (Decimal(0), Decimal(0))


def _written(bound: Decimal) -> str:
    return {Decimal("Infinity"): "inf", Decimal("-Infinity"): "-inf"}.get(bound, str(bound))
