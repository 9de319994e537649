"""The figures of a whole table as canonical text: whole numbers where decimals would take five times as long."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from disclosure.statistics.base import rounded


def figure_texts(
    figures: Iterable[Fraction | None], *, decimals: int, significant_digits: int
) -> tuple[str | None, ...]:
    """Return each figure as `rounded` gives it, None for None.

    >>> figure_texts([Fraction(200, 3), None, Fraction(-5, 2)], decimals=1, significant_digits=12)
    ('66.7', None, '-2.5')
    """
    scale, beyond = 10**decimals, 10**significant_digits
    texts: list[str | None] = []
    for figure in figures:
        if figure is None:
            texts.append(None)
            continue
        numerator, denominator = figure.as_integer_ratio()
        steps, left = divmod(numerator * scale, denominator)
        steps += 2 * left > denominator or (2 * left == denominator and steps % 2 == 1)
        if not -beyond < steps < beyond:
            # Here the significant digits are what ends it, not the decimals.
            texts.append(rounded(figure, decimals=decimals, significant_digits=significant_digits))
        else:
            texts.append(_text(steps, scale, decimals))
    return tuple(texts)


def _text(steps: int, scale: int, decimals: int) -> str:
    whole, part = divmod(abs(steps), scale)
    sign = "-" if steps < 0 else ""
    return f"{sign}{whole}.{part:0{decimals}d}".rstrip("0") if part else f"{sign}{whole}"
