"""Rates: the share of distinct units for which a two-valued column is 1 (output class: frequencies)."""

from __future__ import annotations

from fractions import Fraction

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Statistic
from disclosure.rules import FREQUENCY_IN_DISGUISE, GROUP_DISCLOSURE, IMPLIED_COUNTS, MINIMUM_COUNT, ZERO_CELLS
from disclosure.statistics.base import OutputClass, per_cell

DECIMALS = 6


def figure(evidence: Evidence, position: int) -> Fraction | None:
    """Return units with any 1 over units with a value, None where no unit has a value.

    A unit with rows of both kinds counts in the numerator and in the complement, so the two may exceed the whole.
    """
    if evidence.shares is None or evidence.n_units[position] == 0:
        return None
    weighted = evidence.weighted
    if weighted is not None:
        whole = weighted.units[position]
        return Fraction(weighted.numerator[position], whole) if weighted.numerator is not None and whole else None
    return Fraction(int(evidence.shares.numerator[position]), int(evidence.n_units[position]))


RATE = OutputClass(
    Statistic.RATE,
    (MINIMUM_COUNT, FREQUENCY_IN_DISGUISE, GROUP_DISCLOSURE, ZERO_CELLS, IMPLIED_COUNTS),
    per_cell(figure),
    decimals=lambda _: DECIMALS,
)
