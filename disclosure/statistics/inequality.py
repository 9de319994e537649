"""Inequality: the Gini coefficient, Theil's T and S80/S20 (output class: inequality).

They show no total, but where one unit has most of it Gini and Theil are about that unit: whoever knows what the others
have computes its value from the index. So they are judged as totals are: few units, few that have anything, one with
most of the total, of the rows or of the weight, and equal values, which an index of zero shows to be equal. Where all
but one have nearly the same, they are about that one as a total is. S80/S20 is two points of a Lorenz curve and is
judged as such, with its two groups as the totals that they are.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isnan

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.rules import CONSTANT, MINIMUM_COUNT, MINIMUM_NONZERO, ONE_FAR, Rule
from disclosure.rules.curve_points import curve_points
from disclosure.rules.groups import group_of, group_rules
from disclosure.statistics.base import OutputClass, in_digits, per_cell
from disclosure.statistics.contributions import CONCENTRATION_RULES, put_to, put_to_both
from disclosure.texts import text

DECIMALS, DIGITS = 6, 7  # a percentage, with as many digits as Eurostat and laeken print
_QUINTILES = "quintile_shares"
_MASS = text("few units have most of the rows or of the weight behind this figure")
_HELD = text("few units have most of the total, of the rows or of the weight behind this figure")


def _rules(part: str, *, of_total: bool) -> tuple[Rule, ...]:
    if of_total:
        held = tuple(put_to_both(rule, part, _HELD) for rule in CONCENTRATION_RULES)
    else:
        held = tuple(put_to(rule, part, _MASS) for rule in CONCENTRATION_RULES)
    return (MINIMUM_COUNT, MINIMUM_NONZERO, *held, CONSTANT, ONE_FAR)


def gini(evidence: Evidence, position: int) -> Fraction | None:
    """Return the Gini coefficient in percent, as Eurostat does; None where the total is not positive."""
    columns = evidence.part("gini").columns
    scale = columns["denominator"][position]
    return in_digits(Fraction(100 * columns["numerator"][position], scale), DIGITS) if scale else None


def theil(evidence: Evidence, position: int) -> Fraction | None:
    """Return Theil's T, None where all values are zero."""
    found = float(evidence.part("theil").columns["theil"][position])
    # The last digits of a logarithm depend on the machine, and are not shown.
    return None if isnan(found) else Fraction(Decimal(f"{found:.{DIGITS}g}"))


def s80_s20(evidence: Evidence, position: int) -> Fraction | None:
    """Return the total of the top fifth over that of the bottom fifth; None where the bottom has no positive total."""
    columns = evidence.part(_QUINTILES).columns
    bottom = columns["bottom"][position]
    return in_digits(Fraction(columns["top"][position], bottom), DIGITS) if bottom > 0 else None


GINI = OutputClass(Statistic.GINI, _rules("gini", of_total=True), per_cell(gini), lambda _: DIGITS, part="gini")
THEIL = OutputClass(Statistic.THEIL, _rules("theil", of_total=True), per_cell(theil), lambda _: DECIMALS, part="theil")
S80_S20 = OutputClass(
    Statistic.S80_S20,
    (
        *_rules(_QUINTILES, of_total=False),
        curve_points(_QUINTILES),
        *group_rules(_QUINTILES, (group_of("bottom"), group_of("top"))),
    ),
    per_cell(s80_s20),
    lambda _: DECIMALS,
    part=_QUINTILES,
)
