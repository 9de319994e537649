"""Whether evidence is what a recipe and a plan ask for: its parts, their scale, and figures that some rows could give.

Evidence from a sealed worker is a document, and whoever made it may have made another one: the rules look at nothing
that is not looked at here first.
"""

from __future__ import annotations

from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.evidence_coherence import Contributions, contributions_are_coherent
from disclosure.model.recipes import Recipe, Statistic
from disclosure.ports import Plan
from disclosure.statistics import output_class
from disclosure.statistics.coherence import figures_are_coherent


def evidence_fits(recipe: Recipe, evidence: Evidence, plan: Plan) -> bool:
    """Tell whether evidence has what the rules will look at, and agrees with itself and with the recipe."""
    return _has_its_parts(recipe, evidence, plan) and _agrees(recipe, evidence, plan)


def _agrees(recipe: Recipe, evidence: Evidence, plan: Plan) -> bool:
    """Tell whether contributions and figures of evidence that fits are what some rows could give under this recipe."""
    asked, table = output_class(recipe), evidence.underlying
    if table is not None and asked.underlying is not None and not _agrees(asked.underlying(recipe), table, plan):
        return False
    contributions = Contributions(
        valued=recipe.value is not None,
        held=bool(recipe.holding),
        weighted=recipe.weight is not None and not plan.weighted_contributions,
        expanded=plan.expanded,
    )
    return contributions_are_coherent(evidence, contributions) and figures_are_coherent(recipe, evidence)


def _has_its_parts(recipe: Recipe, evidence: Evidence, plan: Plan) -> bool:
    """Tell whether evidence has the parts that the rules will look at, at the scale at which they take them."""
    amounts, weighted = evidence.amounts, evidence.weighted
    scale = plan.decimals + (WEIGHT_DECIMALS if recipe.weight is not None else 0)
    counted = evidence.shares is not None
    takes, asked = recipe.statistic.specification, output_class(recipe)
    has_amounts = not takes.is_design and (recipe.value is not None or plan.weighted_contributions)
    parts = [
        evidence.dimensions == (*recipe.dimensions, *takes.added),
        evidence.added == takes.added,
        set(evidence.parts) == ({asked.part} if asked.part is not None else set()),
        tuple(one.key for one in evidence.other_units) == recipe.other_units,
        all((one.numerator is not None) is counted is (one.complement is not None) for one in evidence.other_units),
        (evidence.underlying is not None) is (asked.underlying is not None),
        (evidence.overlaps is not None) is evidence.units_overlap,
        (amounts is not None) is has_amounts,
        (weighted is not None) is (recipe.weight is not None and not takes.is_design),
        counted or recipe.statistic is not Statistic.RATE,
        not counted or (recipe.value is not None and not takes.is_design),
    ]
    if amounts is not None:
        ends = (2 if plan.weighted_contributions and recipe.value is not None else 1) * (2 if recipe.holding else 1)
        parts += [amounts.decimals == scale, amounts.largest.shape[1:] == (plan.contributors,)]
        parts.append(len(amounts.ends) == ends)
    if weighted is not None:
        parts.append((weighted.numerator is not None) is counted)
    if evidence.underlying is not None and asked.underlying is not None:
        parts.append(_has_its_parts(asked.underlying(recipe), evidence.underlying, plan))
    if plan.zero_cells and (recipe.value is None or counted) and not takes.is_design:
        every = 1
        for labels in evidence.categories:
            every *= len(labels) + 1
        parts.append(len(evidence) == every)
    return all(parts)
