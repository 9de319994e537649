"""What an output class is: the rules that judge it, and how its figure follows from evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.rules import Rule

# More digits than any sum of DECIMAL(38) needs, so that the one rounding is the last step.
_WIDE = Context(prec=120, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class OutputClass:
    """One kind of statistic.

    Attributes:
        rules: the rules that always apply.
        figure: returns the exact figure of the cell at a position, None if the cell has none.
        decimals: returns how many decimals the figure shows at most, given those of the value column.
    """

    statistic: Statistic
    rules: tuple[Rule, ...]
    figure: Callable[[Evidence, int], Fraction | None]
    decimals: Callable[[int], int]


def rounded(figure: Fraction, *, decimals: int, significant_digits: int) -> str:
    """Return a figure as canonical text: half-even, at most so many decimals and significant digits, no idle zeros.

    >>> rounded(Fraction(200, 3), decimals=6, significant_digits=12)
    '66.666667'
    >>> rounded(Fraction(-5, 2), decimals=0, significant_digits=12)
    '-2'
    """
    exact = _WIDE.divide(Decimal(figure.numerator), Decimal(figure.denominator))
    exact = exact.quantize(Decimal(1).scaleb(-decimals), context=_WIDE)
    short = Context(prec=significant_digits, rounding=ROUND_HALF_EVEN).plus(exact)
    text = format(short, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
