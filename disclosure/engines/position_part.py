"""What the position rule looks at: the quantile, who lies below and above it, and who shares the rounded figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from disclosure.engines.part_rows import by_value, contribution_entries, least, part_of, per_holder
from disclosure.engines.quantiles import quantile, weighted_quantile
from disclosure.engines.unit_rows import UnitRows, Whole
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan
from disclosure.statistics.options import MOST_DECIMALS
from disclosure.statistics.position import probability

_LOW, _HIGH = -(2**63), 2**63 - 1


def position_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, plan: Plan) -> Part:
    """Return the part "position".

    Its `quantile` is exact, at `MOST_DECIMALS` decimals more than the values; its `figure` is what is shown, at the
    decimals of the values; `below`, `above` and `alike` count distinct units, or further units where they are fewer.
    """
    ordered, asked = by_value(rows), probability(recipe)

    def entry(places: npt.NDArray[np.intp]) -> dict[str, int]:
        values, kinds = ordered.values[places], [keys[places] for keys in (ordered.units, *ordered.further)]
        weights, holders = None if ordered.weights is None else ordered.weights[places], ordered.holders[places]
        sizes = contribution_entries(rows_per_holder(holders) if weights is None else per_holder(holders, weights))
        if not len(values):
            return {"quantile": 0, "figure": 0, "below": 0, "above": 0, "alike": 0, **sizes}
        exact = (
            quantile(values, asked, is_sorted=True)
            if weights is None
            else weighted_quantile(values, weights, asked, is_sorted=True)
        )
        figure, alike = shared_figure(exact, values, kinds, plan.minimum_units)
        return {
            # Exact: a probability of so many decimals moves the point between two neighbours by no more.
            "quantile": int(exact * 10**MOST_DECIMALS),
            "figure": figure,
            "below": least(kinds, slice(np.searchsorted(values, ceil(exact), side="left"))),
            "above": least(kinds, slice(np.searchsorted(values, floor(exact), side="right"), None)),
            "alike": alike,
            **sizes,
        }

    return part_of("position", (entry(places) for places in ordered.of_cells(evidence)))


def rows_per_holder(holders: Whole) -> Whole:
    """Return how many rows each holder has: of numbers alone, which takes a fifth of adding up amounts in order."""
    ordered = np.sort(holders)
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return np.diff(starts, append=len(ordered))


def shared_figure(exact: Fraction, values: Whole, kinds: Sequence[Whole], minimum: int) -> tuple[int, int]:
    """Return a quantile rounded so that enough units have a value that rounds to the same figure, and their number.

    The steps are 1, 2, 5, 10, 20, 50, ... of the last decimal, and the finest that does is taken. Halves go to the
    even multiple. If none does, the figure is 0 and its number 0. Zero as the rounded figure of something else needs
    besides that the step is small beside the values, at most a quarter of their range: otherwise nothing of the figure
    is left.

    Args:
        values: ascending whole numbers.
        kinds: the unit of each value, and its further units, such as households.

    >>> shared_figure(Fraction(1234), np.array([1180, 1190, 1234, 1290]), [np.array([1, 2, 3, 4])], 3)
    (1200, 3)
    """
    spread = int(values[-1]) - int(values[0])
    for step in _steps(2 * max(abs(int(values[0])), abs(int(values[-1])), 1)):
        multiple = round(exact / step)
        if multiple == 0 and exact != 0 and 4 * step > spread:
            continue
        # What rounds to an even multiple includes both halves, what rounds to an odd one neither.
        reach = (step if multiple % 2 == 0 else step - 1) // 2
        low, high = max(multiple * step - reach, _LOW), min(multiple * step + reach, _HIGH)
        first, last = np.searchsorted(values, low, side="left"), np.searchsorted(values, high, side="right")
        if last - first < minimum:
            continue
        alike = least(kinds, slice(first, last))
        if alike >= minimum:
            return multiple * step, alike
    return 0, 0


def _steps(largest: int) -> Iterator[int]:
    power = 1
    while power <= largest:
        yield from (power, 2 * power, 5 * power)
        power *= 10
