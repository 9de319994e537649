"""Bands of plain numbers that end at round cut points, so that no number that somebody has is the end of a band.

Between two neighbouring bands lies a gap: above the largest number of the one, up to the smallest of the next. Of all
numbers in it the one with the fewest digits is the cut; the lowest band and the highest are open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from disclosure.model.cells import is_number
from disclosure.protection.bands import band_of

_MERGED = " + "


@dataclass(frozen=True)
class Stretch:
    """A label on the number line, None where it is open; `cut` tells that its ends are cut points already."""

    label: str
    low: Fraction | None
    high: Fraction | None
    cut: bool


class NumberLine:
    """The numbers, and bands such as "[10, 20)", among the labels of a dimension, in their order.

    A band says that whatever lies in it is counted there. So where another label has digits and no place on the line,
    as "65+" or "10:00" have, or where two labels overlap, nothing of the dimension is named by a band.
    """

    def __init__(self, labels: Iterable[str]) -> None:
        all_ = tuple(labels)
        found = [one for one in map(_stretch, all_) if one is not None]
        self._stretches = tuple(sorted(found, key=_begins))
        self._place = {one.label: place for place, one in enumerate(self._stretches)}
        self._decimals = max((_decimals(one.label) for one in self._stretches if not one.cut), default=0)
        rest = [label for label in all_ if label not in self._place]
        self._has_words = bool(rest)
        self._plain = not any(map(_has_digits, rest)) and all(_apart(*two) for two in pairwise(self._stretches))

    def holds(self, label: str) -> bool:
        """Tell whether a label has its place on the line."""
        return label in self._place

    def named(self, labels: Sequence[str]) -> str | None:
        """Return the band that holds these labels and no other of the line; None if there is none.

        All of a line beside words has none either: "(-inf, inf)" would tell nothing.

        >>> NumberLine(["10097", "16002", "16913", "24001"]).named(["16002", "16913"])
        '[13000, 20000)'
        >>> NumberLine(["9:00", "10", "11", "12"]).named(["10", "11"]) is None
        True
        """
        if not self._plain or (self._has_words and len(labels) == len(self._stretches)):
            return None
        places = sorted(self._place[label] for label in labels if label in self._place)
        if len(places) != len(labels) or not places or places[-1] - places[0] != len(places) - 1:
            return None
        low, high = self._end_before(places[0]), self._end_before(places[-1] + 1, above=True)
        return f"{'(-inf' if low is None else f'[{_text(low)}'}, {'inf' if high is None else _text(high)})"

    def _end_before(self, place: int, *, above: bool = False) -> Fraction | None:
        """Return where the label at a place begins, or with `above` where the one before it ends."""
        after = self._stretches[place] if place < len(self._stretches) else None
        before = self._stretches[place - 1] if place else None
        own, other = (before, after) if above else (after, before)
        if own is not None and own.cut:
            return own.high if above else own.low
        if other is None or own is None:
            return None
        if other.cut:
            return other.low if above else other.high
        if after is None or before is None or after.low is None or before.high is None:
            return None
        return cut_between(before.high, after.low, self._decimals)


def cut_between(low: Fraction, high: Fraction, decimals: int) -> Fraction:
    """Return the number with the fewest digits above `low` and below `high`, of these the nearest to their middle.

    Args:
        decimals: how many it may have; where no such number lies between the two it is `high`.

    >>> cut_between(Fraction(16002), Fraction(24001), 0), cut_between(Fraction(63), Fraction(64), 0)
    (Fraction(20000, 1), Fraction(64, 1))
    """
    scale = 10**decimals
    bottom, top = low * scale, high * scale
    for power in range(len(str(int(max(abs(bottom), abs(top))))), -1, -1):
        step = 10**power
        first, last = bottom // step + 1, -(-top // step) - 1
        if first <= last:
            middle = round((bottom + top) / (2 * step))
            return Fraction(min(max(middle, first), last) * step, scale)
    return high


def _apart(first: Stretch, second: Stretch) -> bool:
    """Tell whether a stretch ends where the next one has not begun; a band does not hold its upper end."""
    if first.high is None or second.low is None:
        return False
    return first.high < second.low or (first.cut and first.high == second.low)


def _has_digits(label: str) -> bool:
    return any(sign.isdigit() for sign in label)


def _stretch(label: str) -> Stretch | None:
    band = band_of(label)
    if band is None:
        numbers = label.split(_MERGED)
        if not all(map(is_number, numbers)):
            return None
        ends = [Fraction(one) for one in numbers]
        return Stretch(label, min(ends), max(ends), cut=False)
    if band.shape == "number":
        return Stretch(label, Fraction(band.low), Fraction(band.high), cut=False)
    low, high = _end(band.low), _end(band.high)
    halves = (band.opening == "[" or low is None) and (band.closing == ")" or high is None)
    return Stretch(label, low, high, cut=True) if band.shape == "brackets" and halves else None


def _end(bound: Decimal) -> Fraction | None:
    return Fraction(bound) if bound.is_finite() else None


def _begins(one: Stretch) -> tuple[bool, Fraction, str]:
    return (one.low is not None, one.low or Fraction(0), one.label)


def _decimals(label: str) -> int:
    return max(len(one.partition(".")[2].rstrip("0")) for one in label.split(_MERGED))


def _text(bound: Fraction) -> str:
    """Return a number with finitely many decimals as plain text."""
    decimals, scaled = 0, bound
    while scaled.denominator != 1:
        decimals, scaled = decimals + 1, scaled * 10
    digits = str(abs(scaled.numerator)).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{text}" if bound < 0 else text
