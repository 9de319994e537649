"""Inequality: the Gini coefficient, Theil's T and S80/S20 (output class: inequality).

They show no total, so that one unit has most of it does not make them unsafe. Few units do; few that have anything,
since the index is then theirs; one with most of the rows or of the weight; and equal values, which an index of zero
shows to be equal. S80/S20 is two points of a Lorenz
curve and is judged as such, with its two groups as the totals that they are.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isnan

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.rules import CONSTANT, MINIMUM_COUNT, MINIMUM_NONZERO, Rule
from disclosure.rules.curve_points import curve_points
from disclosure.rules.groups import group_of, group_rules
from disclosure.statistics.base import OutputClass, per_cell
from disclosure.statistics.contributions import CONCENTRATION_RULES, put_to
from disclosure.texts import text

DECIMALS, GINI_DECIMALS = 6, 7  # a percentage, with as many digits as Eurostat and laeken print
_DIGITS = 8
_QUINTILES = "quintile_shares"
_MASS = text("few units have most of the rows or of the weight behind this figure")


def _rules(part: str) -> tuple[Rule, ...]:
    mass = (put_to(rule, part, _MASS) for rule in CONCENTRATION_RULES)
    return (MINIMUM_COUNT, MINIMUM_NONZERO, *mass, CONSTANT)


def gini(evidence: Evidence, position: int) -> Fraction | None:
    """Return the Gini coefficient in percent, as Eurostat does; None where the total is not positive."""
    columns = evidence.part("gini").columns
    scale = columns["denominator"][position]
    return Fraction(100 * columns["numerator"][position], scale) if scale else None


def theil(evidence: Evidence, position: int) -> Fraction | None:
    """Return Theil's T, None where all values are zero."""
    found = float(evidence.part("theil").columns["theil"][position])
    # The last digits of a logarithm depend on the machine, and are not shown.
    return None if isnan(found) else Fraction(Decimal(f"{found:.{_DIGITS}g}"))


def s80_s20(evidence: Evidence, position: int) -> Fraction | None:
    """Return the total of the top fifth over that of the bottom fifth; None where the bottom has no positive total."""
    columns = evidence.part(_QUINTILES).columns
    bottom = columns["bottom"][position]
    return Fraction(columns["top"][position], bottom) if bottom > 0 else None


GINI = OutputClass(Statistic.GINI, _rules("gini"), per_cell(gini), lambda _: GINI_DECIMALS, part="gini")
THEIL = OutputClass(Statistic.THEIL, _rules("theil"), per_cell(theil), lambda _: DECIMALS, part="theil")
S80_S20 = OutputClass(
    Statistic.S80_S20,
    (*_rules(_QUINTILES), curve_points(_QUINTILES), *group_rules(_QUINTILES, (group_of("bottom"), group_of("top")))),
    per_cell(s80_s20),
    lambda _: DECIMALS,
    part=_QUINTILES,
)
