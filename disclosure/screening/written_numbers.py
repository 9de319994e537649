"""Numbers that people write, compared with figures that were withheld.

A figure is found again however it is written: 1234567.8, 1,234,567.8, 1.234.567,8, 1 234 567,8 or 1.2345678e6, and also
rounded or cut to the digits that are shown. Only numbers of four and more digits, leading zeros aside, are compared:
shorter ones occur everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction

from disclosure.errors import BadInputError

SIGNIFICANT_DIGITS = 4
_CONTEXT = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN)
_MOST_DIGITS = 40
_ROUNDINGS = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN)
# Each way of writing is looked for by itself, since "1234,5678" is one number or two fields of a file.
_WHOLE = re.compile(r"(?<!\d)(?<!\d\.)\d+(?!\d|\.\d)(?:[eE][+-]?\d{1,2}(?!\d))?")
_POINT = re.compile(r"(?<!\d)\d*\.\d+(?!\d)(?:[eE][+-]?\d{1,2}(?!\d))?")
_COMMA = re.compile(r"(?<!\d)\d+,\d+(?!\d)")
_GROUPED = re.compile(r"(?<!\d)\d{1,3}(?:([ .,'’_])\d{3}(?!\d))(?:\1\d{3}(?!\d))*(?:[.,]\d+)?")
_MOST_GROUPS = 6


@dataclass(frozen=True)
class SuppressedFigures:
    """Figures that must not be found in a text, without sign.

    >>> SuppressedFigures.of(["1234.50", -7]).values
    (Decimal('1234.50'), Decimal('7'))
    """

    values: tuple[Decimal, ...] = ()

    @classmethod
    def of(cls, figures: Iterable[int | str | float | Decimal | Fraction]) -> SuppressedFigures:
        """Return the figures, each once.

        Raises:
            BadInputError: one of them is not a finite number.
        """
        return cls(tuple(dict.fromkeys(_decimal(figure) for figure in figures)))


def numbers_equal_to(text: str, figures: SuppressedFigures) -> Iterator[tuple[int, int]]:
    """Yield the spans of the numbers in a plain text that equal one of the figures at the precision that is written."""
    if not figures.values:
        return
    known: dict[int, frozenset[Decimal]] = {}
    for start, end, number in _written(text):
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int) or len(number.as_tuple().digits) < SIGNIFICANT_DIGITS:
            continue
        if exponent not in known:
            known[exponent] = _at(figures, exponent)
        if number in known[exponent]:
            yield start, end


def _at(figures: SuppressedFigures, exponent: int) -> frozenset[Decimal]:
    """Return the figures as they are written with digits down to 10 to the power `exponent`."""
    step = Decimal((0, (1,), exponent))
    found = set()
    for value in figures.values:
        for rounding in _ROUNDINGS:
            try:
                found.add(value.quantize(step, rounding=rounding, context=_CONTEXT))
            except InvalidOperation:
                break  # more than 60 digits: nobody wrote this figure so
    return frozenset(found)


def _written(text: str) -> Iterator[tuple[int, int, Decimal]]:
    for pattern in (_WHOLE, _POINT, _COMMA):
        for match in pattern.finditer(text):
            yield from _number(match.start(), match.group().replace(",", "."))
    for match in _GROUPED.finditer(text):
        yield from _groups(match)


def _groups(match: re.Match[str]) -> Iterator[tuple[int, int, Decimal]]:
    """Yield the numbers that a row of three-digit groups may be: a row of columns looks like one long number."""
    mark, parts = match.group(1), list(re.finditer(r"\d+", match.group()))
    decimals = ""
    if match.group()[parts[-1].start() - 1] != mark or len(parts[-1].group()) != 3:
        decimals = parts.pop().group()
    for first in range(len(parts)):
        for last in range(first + 1, min(first + _MOST_GROUPS, len(parts))):
            digits = "".join(part.group() for part in parts[first : last + 1])
            start = match.start() + parts[first].start()
            end = match.start() + parts[last].end()
            closing = decimals and last == len(parts) - 1
            if not closing or mark == ".":  # what follows a comma may be the next field of a file
                for _, _, number in _number(start, digits):
                    yield start, end, number
            if closing:
                for _, _, number in _number(start, f"{digits}.{decimals}"):
                    yield start, match.end(), number


def _number(start: int, digits: str) -> Iterator[tuple[int, int, Decimal]]:
    if len(digits) <= _MOST_DIGITS:
        # Decimal drops leading zeros and keeps trailing ones: exactly the digits that count.
        yield start, start + len(digits), Decimal(digits)


def _decimal(figure: int | str | float | Decimal | Fraction) -> Decimal:
    try:
        if isinstance(figure, Fraction):
            number = _CONTEXT.divide(Decimal(figure.numerator), Decimal(figure.denominator))
        else:
            number = Decimal(repr(figure) if isinstance(figure, float) else figure)
    except (InvalidOperation, ValueError, TypeError):
        raise BadInputError("A suppressed figure is not a number.") from None
    if not number.is_finite():
        raise BadInputError("A suppressed figure is not a finite number.")
    return abs(number)
