"""Labels that stand for a stretch of a number line: read, and put in order by size.

Text order would put "[10, 20)" before "[5, 10)". Where every label of a dimension is an interval or a number, the
figure follows the number line instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from disclosure.model.cells import label_order

_MERGED = " + "
_NUMBER = r"[-−]?(?:[0-9]{1,15}(?:\.[0-9]{1,15})?|inf)"
_BRACKETED = re.compile(rf"([\[(])\s*({_NUMBER})\s*,\s*\+?({_NUMBER})\s*([\])])")
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|to|tot)\s*({_NUMBER})")
_BELOW = re.compile(rf"(?:<|≤|<=|under|below|onder)\s*({_NUMBER})")
_ABOVE = re.compile(rf"(?:>|≥|>=|over|above|boven)\s*({_NUMBER})|({_NUMBER})\s*(?:\+|and over|en meer|en ouder)")


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of the number line; both ends the same for a single number, None where it goes on for ever."""

    low: Decimal | None
    high: Decimal | None

    @property
    def bounded(self) -> bool:
        """Whether both ends are numbers."""
        return self.low is not None and self.high is not None

    @property
    def middle(self) -> Decimal:
        """The number halfway; of an open stretch its only end."""
        ends = [end for end in (self.low, self.high) if end is not None]
        return sum(ends, Decimal(0)) / len(ends)


def interval(label: str) -> Interval | None:
    """Return the interval that a label stands for, None if it stands for none.

    Known are pandas' and R's "[0, 10)" and "(0, 10]", ranges such as "0-10", "0–10" and "0 to 10", open ones such as
    "<10", "≥ 65" and "65+", plain numbers, and what a merge makes of them, "2017 + 2018".

    >>> interval("(5.0, 10.0]")
    Interval(low=Decimal('5.0'), high=Decimal('10.0'))
    >>> interval("65+").low, interval("elsewhere")
    (Decimal('65'), None)
    """
    text = label.strip().lower()
    if _MERGED in text:
        return _together([interval(part) for part in text.split(_MERGED)])
    if re.fullmatch(_NUMBER, text):
        return _made(text, text)
    if (found := _BRACKETED.fullmatch(text)) is not None:
        return _made(found[2], found[3])
    if (found := _RANGE.fullmatch(text)) is not None:
        return _made(found[1], found[2])
    if (found := _BELOW.fullmatch(text)) is not None:
        return _made("-inf", found[1])
    if (found := _ABOVE.fullmatch(text)) is not None:
        return _made(found[1] or found[2], "inf")
    return None


def ordered(labels: Iterable[str | None]) -> tuple[str | None, ...]:
    """Return labels in the order in which a figure draws them.

    Intervals and numbers follow the number line; if any label is neither, all follow the canonical order of labels.
    The missing category comes last either way.

    >>> ordered(["[10, 20)", None, "[5, 10)"])
    ('[5, 10)', '[10, 20)', None)
    """
    listed = list(labels)
    read = {label: interval(label) for label in listed if label is not None}
    if not all(one is not None for one in read.values()):
        return tuple(sorted(listed, key=label_order))

    def key(label: str | None) -> tuple[bool, Decimal, Decimal, tuple[int, float, str]]:
        one = read[label] if label is not None else None
        if one is None:
            return (True, Decimal(0), Decimal(0), label_order(label))
        low = one.low if one.low is not None else Decimal("-Infinity")
        high = one.high if one.high is not None else Decimal("Infinity")
        return (False, low, high, label_order(label))

    return tuple(sorted(listed, key=key))


def on_a_line(labels: Sequence[str | None]) -> tuple[Interval, ...] | None:
    """Return the intervals of labels that all have a place on the number line, None if one has none.

    A missing category has no place, and neither has an open interval: it has no middle.
    """
    read = [None if label is None else interval(label) for label in labels]
    known = tuple(one for one in read if one is not None and one.bounded)
    return known if known and len(known) == len(read) else None


def adjoining(intervals: Sequence[Interval]) -> bool:
    """Tell whether intervals are of one width and each begins where the one before ends."""
    widths = {one.high - one.low for one in intervals if one.high is not None and one.low is not None}
    return len(widths) == 1 and widths != {Decimal(0)} and all(one.high == two.low for one, two in pairwise(intervals))


def _together(parts: list[Interval | None]) -> Interval | None:
    """Return the stretch from the lowest to the highest of several, None if one of them is no interval."""
    known = [one for one in parts if one is not None]
    if len(known) != len(parts):
        return None
    lows, highs = [one.low for one in known], [one.high for one in known]
    low = None if None in lows else min(end for end in lows if end is not None)
    high = None if None in highs else max(end for end in highs if end is not None)
    return None if low is None and high is None else Interval(low, high)


def _made(low: str, high: str) -> Interval | None:
    ends = [None if "inf" in end else Decimal(end.replace("−", "-")) for end in (low, high)]
    if ends == [None, None] or (ends[0] is not None and ends[1] is not None and ends[0] > ends[1]):
        return None
    if (ends[0] is None and low == "inf") or (ends[1] is None and high != "inf"):
        return None
    return Interval(ends[0], ends[1])
