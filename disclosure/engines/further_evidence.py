"""Which evidence each output class needs beyond cells, amounts and shares, and who makes it.

Each maker is imported when it is first asked for: a count needs no statsmodels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import ibis.expr.types as ir

from disclosure.engines.unit_rows import UnitRows, unit_rows
from disclosure.errors import RecipeError
from disclosure.model.evidence import Evidence
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.model.statistic import Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.statistics.shape import POWERS
from disclosure.texts import text

MakePart = Callable[[UnitRows, Evidence, Recipe, Plan], Part]
"""Returns a part with an entry for every cell of the evidence."""

MakeDesign = Callable[[ir.Table, ir.Table, Recipe, Plan], Evidence | Inconclusive]
"""Returns the evidence of a statistic with dimensions of its own.

Its arguments: the rows, with the columns of the narrow frame under their own names and of their own types; the same
rows as `prepared` gives them (labels d0.., unit keys u0.., value v, weight w; unit keys are complete); recipe and plan.
"""


def with_part(base: ir.Table, evidence: Evidence, recipe: Recipe, plan: Plan) -> Evidence:
    """Return the evidence with the part that its output class needs; as it is if it needs none."""
    make = part_maker(recipe.statistic)
    if make is None:
        return evidence
    part = make(unit_rows(base, evidence, recipe, plan), evidence, recipe, plan)
    return replace(evidence, parts={part.name: part})


def design_evidence(rows: ir.Table, base: ir.Table, recipe: Recipe, plan: Plan) -> Evidence | Inconclusive:
    """Return the evidence of a statistic that adds dimensions of its own.

    Raises:
        RecipeError: nobody makes it.
    """
    make = _design_maker(recipe.statistic)
    if make is None:
        raise RecipeError(text("The statistic '{statistic}' cannot be tabulated.", statistic=recipe.statistic))
    return make(rows, base, recipe, plan)


def part_maker(statistic: Statistic) -> MakePart | None:
    """Return who makes the part that a statistic needs beside its cells; None if it needs none."""
    if statistic in (Statistic.MEDIAN, Statistic.QUANTILE):
        from disclosure.engines.position_part import position_part

        return position_part
    if statistic in POWERS:
        from disclosure.engines.moments import shape_part

        return shape_part
    if statistic is Statistic.MODE:
        from disclosure.engines.modal import mode_part

        return mode_part
    if statistic is Statistic.TRIMMED_MEAN:
        from disclosure.engines.trimming import trimmed_part

        return trimmed_part
    if statistic in (Statistic.HHI, Statistic.CONCENTRATION_RATIO):
        from disclosure.engines.concentration import concentration_part

        return concentration_part
    if statistic in (Statistic.GINI, Statistic.THEIL, Statistic.S80_S20, Statistic.POVERTY_RATE, Statistic.POVERTY_GAP):
        from disclosure.engines import inequality

        return {
            Statistic.GINI: inequality.gini_part,
            Statistic.THEIL: inequality.theil_part,
            Statistic.S80_S20: inequality.quintile_shares_part,
        }.get(statistic, inequality.poverty_part)
    return None


def _design_maker(statistic: Statistic) -> MakeDesign | None:
    if statistic in (Statistic.SURVIVAL, Statistic.CUMULATIVE_INCIDENCE):
        from disclosure.engines.life_table import life_table

        return life_table
    if statistic is Statistic.LORENZ:
        from disclosure.engines.lorenz import lorenz

        return lorenz
    if statistic is Statistic.MODEL:
        from disclosure.engines.models import model_evidence

        return model_evidence
    return None
