"""Evidence for concentration: squares of unit totals, and the totals of the largest units and of the rest."""

from __future__ import annotations

import numpy as np

from disclosure.engines.exact_sums import exact_dot, exact_sum
from disclosure.engines.part_rows import part_of, per_holder
from disclosure.engines.sorted_cells import SortedCell, refuse_negative, sorted_cells, two_largest
from disclosure.engines.unit_rows import UnitRows
from disclosure.model.distribution_options import largest
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe, Statistic
from disclosure.ports import Plan


def concentration_part(rows: UnitRows, evidence: Evidence, recipe: Recipe, _plan: Plan) -> Part:
    """Return what concentration rests on per cell; a unit counts with its total over all its rows.

    For a concentration ratio it has the total of the largest units and of the others, each with the two largest
    contributions to it, and how many the largest are; for an index nothing of this kind is told apart.

    Raises:
        ColumnError: a value is negative.
    """
    refuse_negative(rows, recipe)
    m = largest(recipe) if recipe.statistic is Statistic.CONCENTRATION_RATIO else 0

    def entry(cell: SortedCell) -> dict[str, int]:
        totals = np.sort(per_holder(cell.units, cell.values))[::-1]
        top, rest = totals[:m], totals[m:]
        return {
            "total": exact_sum(totals),
            "squares": exact_dot(totals, totals),
            "top": exact_sum(top),
            "n_top": len(top),
            **two_largest("top", top),
            "rest": exact_sum(rest),
            **two_largest("rest", rest),
        }

    return part_of("concentration", (entry(cell) for cell in sorted_cells(rows, evidence)))
