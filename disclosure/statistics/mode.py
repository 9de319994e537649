"""The mode: the most frequent value over the rows, of several the smallest, as `scipy.stats.mode` gives it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from disclosure.model.evidence import Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import MINIMUM_COUNT, MODAL_SHARE
from disclosure.statistics.base import OutputClass
from disclosure.statistics.options import refuse_weights


def figures(_recipe: Recipe, evidence: Evidence) -> Iterator[Fraction | None]:
    """Yield the modal values, None where no unit has a value."""
    scale = 10 ** (evidence.amounts.decimals if evidence.amounts is not None else 0)
    values = evidence.part("mode").columns["value"]
    for value, units in zip(values.tolist(), evidence.n_units.tolist(), strict=True):
        yield Fraction(value, scale) if units else None


MODE = OutputClass(
    Statistic.MODE,
    (MINIMUM_COUNT, MODAL_SHARE),
    figures,
    lambda decimals: decimals,
    part="mode",
    check_options=refuse_weights,
)
