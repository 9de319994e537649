"""Concentration: the Herfindahl-Hirschman index, and the share of the largest units (output class: concentration).

Shares are those of a unit's total in the total of the cell, so 0.1 is ten percent, and an index lies between 1/n and 1.

With the sum, the index tells the sum of squares, and with the number of units the variance. One unit that has half of
a total may have nearly all of its squares; so the rules on contributors are put to the squares too, and to the squared
distances from the mean, as for a variance.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from disclosure.errors import RecipeError
from disclosure.model.distribution_options import largest
from disclosure.model.evidence import Amount, Evidence
from disclosure.model.recipes import Recipe, Statistic
from disclosure.rules import CONSTANT, FEW_ELSEWHERE, MINIMUM_COUNT, MINIMUM_NONZERO, ONE_FAR, TOP_SHARE
from disclosure.rules.base import Judged
from disclosure.rules.groups import group_of, group_rules
from disclosure.statistics.base import OutputClass, per_cell
from disclosure.statistics.contributions import CONCENTRATION_RULES, put_besides
from disclosure.statistics.sums import MAGNITUDE_RULES
from disclosure.texts import text

DECIMALS = 6
_PART = "concentration"
_HELD = text("few units hold too much of the total, or make up most of the squares that this index adds up")


def hhi(evidence: Evidence, position: int) -> Fraction | None:
    """Return the sum of squared shares, None where all values are zero."""
    columns = evidence.part(_PART).columns
    total = columns["total"][position]
    return Fraction(columns["squares"][position], total**2) if total else None


def concentration_ratio(evidence: Evidence, position: int) -> Fraction | None:
    """Return the share of the largest units, None where all values are zero."""
    columns = evidence.part(_PART).columns
    total = columns["total"][position]
    return Fraction(columns["top"][position], total) if total else None


def _unweighted(recipe: Recipe) -> None:
    if recipe.weight is not None:
        raise RecipeError(
            text("Concentration is measured over the units that there are, so it takes no weights."),
            hint=text("Leave them out."),
        )


def _with_largest(recipe: Recipe) -> None:
    _unweighted(recipe)
    largest(recipe)


def _with(judged: Judged, largest: Amount, absolute: Amount) -> Judged:
    amounts = replace(judged.amounts, largest=largest, absolute=absolute)
    return replace(judged, evidence=replace(judged.evidence, amounts=amounts))


def _squares(judged: Judged) -> Judged:
    """Return what is judged with squares in the place of contributions."""
    return _with(judged, judged.amounts.largest**2, judged.evidence.part(_PART).columns["squares"])


def _squared_distances(judged: Judged) -> Judged:
    """Return what is judged with squared distances from the mean, times n squared, in the place of contributions.

    The largest are among those of the largest and of the smallest contributions. Of these, all but the smallest count
    with the distance of the smallest but one.
    """
    amounts, n = judged.amounts, judged.evidence.n_units.astype(np.object_)
    ends, width = amounts.ends[0], amounts.largest.shape[1]
    distances = []
    for place in range(width):
        lowest = np.where((place < ends.n_lowest) | (ends.n_next_lowest == 0), ends.lowest, ends.next_lowest)
        # In a cell of few units the smallest are among the largest, and are not taken twice.
        for value, there in ((amounts.largest[:, place], n > place), (lowest, n > place + width)):
            distances.append(np.where(there, (n * value - amounts.total) ** 2, 0))
    largest = np.sort(np.stack(distances, axis=1), axis=1)[:, ::-1][:, :width]
    squares = judged.evidence.part(_PART).columns["squares"]
    return _with(judged, largest, n**2 * squares - n * amounts.total**2)


HHI = OutputClass(
    Statistic.HHI,
    (
        MINIMUM_COUNT,
        MINIMUM_NONZERO,
        *(put_besides(rule, _HELD, _squares, _squared_distances) for rule in CONCENTRATION_RULES),
        CONSTANT,
        FEW_ELSEWHERE,
    ),
    per_cell(hhi),
    lambda _: DECIMALS,
    part=_PART,
    check_options=_unweighted,
)
CONCENTRATION_RATIO = OutputClass(
    Statistic.CONCENTRATION_RATIO,
    (*MAGNITUDE_RULES, ONE_FAR, TOP_SHARE, *group_rules(_PART, (group_of("top"), group_of("rest")))),
    per_cell(concentration_ratio),
    lambda _: DECIMALS,
    part=_PART,
    check_options=_with_largest,
)
