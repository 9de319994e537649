"""What an output class is: the rules that judge it, and how its figure follows from evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from fractions import Fraction

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import Rule

# More digits than any sum of DECIMAL(38) needs, so that the one rounding is the last step.
_WIDE = Context(prec=120, rounding=ROUND_HALF_EVEN)


Figures = Callable[[Recipe, Evidence], Iterable[Fraction | None]]
"""Returns the exact figure of every cell in the order of the evidence, None where a cell has none."""


class Withholding(StrEnum):
    """What else is withheld where a cell is, so that no published relation gives it away."""

    CELLS = "cells"
    """All margins. The figures do not add up, as distinct units and medians do not."""
    ADDITIVE = "additive"
    """All margins; and where a margin fails although its cells pass, its smallest cell: they would add up to it."""
    ROWS = "rows"
    """All cells with the same labels in the rows: their figures add up to a known total, such as 100%."""
    COLUMNS = "columns"
    """All cells with the same labels in the columns."""
    CURVES = "curves"
    """What follows the first failing time of its curve."""
    ALL = "all"
    """Everything: the figures belong together, as those of a model do."""


def no_options(_recipe: Recipe) -> None:
    """Accept the options of a statistic that has none."""


@dataclass(frozen=True)
class OutputClass:
    """One kind of statistic.

    Attributes:
        rules: the rules that always apply.
        figures: returns the exact figures.
        decimals: returns how many decimals the figure shows at most, given those of the value column.
        withholding: what is withheld with a failing cell.
        amounts: it is judged on amounts, so the evidence has them.
        part: the part of the evidence that it needs besides, if any.
        check_options: raises `RecipeError` unless the options, and the number of further columns, make sense.
        further_units: whether further units, such as households, are judged besides.
        holdings: whether contributions can be added up by holding.
        underlying: returns the recipe of the plain table that its figures follow from, and that is judged with them.
    """

    statistic: Statistic
    rules: tuple[Rule, ...]
    figures: Figures
    decimals: Callable[[int], int]
    withholding: Withholding = Withholding.CELLS
    amounts: bool = True
    part: str | None = None
    check_options: Callable[[Recipe], None] = no_options
    further_units: bool = True
    holdings: bool = True
    underlying: Callable[[Recipe], Recipe] | None = None


def per_cell(figure: Callable[[Evidence, int], Fraction | None]) -> Figures:
    """Return the figures of a statistic of which each cell's follows from its own evidence."""
    return lambda _recipe, evidence: (figure(evidence, position) for position in range(len(evidence)))


def in_digits(figure: Fraction | None, significant_digits: int) -> Fraction | None:
    """Return a figure with at most so many significant digits, half-even; None of None.

    >>> in_digits(Fraction(200, 3), 4)
    Fraction(6667, 100)
    """
    if figure is None:
        return None
    short = Context(prec=significant_digits, rounding=ROUND_HALF_EVEN)
    # Whole numbers of any length are divided exactly enough first, so that nothing is rounded twice at a half.
    return Fraction(short.plus(_WIDE.divide(Decimal(figure.numerator), Decimal(figure.denominator))))


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
