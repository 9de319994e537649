"""The ratios of a model: what its released coefficients are as odds, hazard or rate ratios.

They are made from the coefficients and bounds as they are released, so they tell nothing that those do not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from types import MappingProxyType
from typing import Final

from disclosure.model.model_facts import OF_TERMS, Family, Figure

DIGITS: Final = 5
_FARTHEST: Final = 700
"""Beyond it a power of e, or its inverse, is no floating-point number."""
_OF: Final = (Figure.COEFFICIENT, Figure.LOW, Figure.HIGH)
_RATIOS: Final[Mapping[Family, tuple[Figure, Figure, Figure]]] = MappingProxyType(
    {
        Family.LOGIT: (Figure.ODDS_RATIO, Figure.ODDS_RATIO_LOW, Figure.ODDS_RATIO_HIGH),
        Family.POISSON: (Figure.RATE_RATIO, Figure.RATE_RATIO_LOW, Figure.RATE_RATIO_HIGH),
        Family.COX: (Figure.HAZARD_RATIO, Figure.HAZARD_RATIO_LOW, Figure.HAZARD_RATIO_HIGH),
    }
)


def figures_of_terms(family: Family) -> tuple[Figure, ...]:
    """Return the figures that each term of a family has: a ratio with its interval where the family has one."""
    return (*OF_TERMS, *_RATIOS.get(family, ()))


def ratios_of(family: Family, figures: Mapping[Figure, float]) -> dict[Figure, float]:
    """Return the ratio of a term and the bounds of its interval, empty for a family that has none.

    Args:
        figures: the released figures of the term.
    """
    return {ratio: ratio_of(figures[figure]) for ratio, figure in zip(_RATIOS.get(family, ()), _OF, strict=False)}


def ratio_of(released: float) -> float:
    """Return e to the power of a released figure at five significant digits, not a number where it has no such power.

    >>> ratio_of(0.0), ratio_of(0.69315), ratio_of(-1.0)
    (1.0, 2.0, 0.36788)
    """
    if not math.isfinite(released) or abs(released) > _FARTHEST:
        return math.nan
    # Decimal's power is rounded correctly, so that it is the same on every machine.
    return float(Context(prec=DIGITS, rounding=ROUND_HALF_EVEN).exp(Decimal(repr(released))))
