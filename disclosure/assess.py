"""The one use case: a recipe, its evidence, a policy and what is known of the columns give a verdict."""

from __future__ import annotations

import numpy as np

from disclosure.errors import IdentifierRefusedError, PolicyError
from disclosure.knowledge import Knowledge
from disclosure.model.empty_cells import with_empty_cells
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Finding, Inconclusive, Safe, Unsafe, Verdict
from disclosure.policy import OFF, Policy, WeightTreatment
from disclosure.ports import Plan
from disclosure.protection.cancelling import may_cancel
from disclosure.protection.merge import recoded_column
from disclosure.protection.remedies import Remedies
from disclosure.protection.suppress import shown_cells
from disclosure.rules import FREQUENCY_IN_DISGUISE, GROUP_DISCLOSURE, OTHER_UNITS, ZERO_CELLS, Rule
from disclosure.rules.base import Judged
from disclosure.statistics import MAGNITUDE_RULES, OutputClass, Withholding, output_class, rounded
from disclosure.texts import Text, text

NOT_COMPARED = text("not compared with other tables")
CANCELLING = text(
    "whether values of opposite sign cancel: units stand in several cells and some values are negative; "
    "sum positive and negative values apart, or group so that each unit stands in one cell"
)


def refuse_identifiers(recipe: Recipe, policy: Policy, knowledge: Knowledge) -> None:
    """Raise `IdentifierRefusedError` if a dimension, the value or the weight is a unit column or an identifier.

    This comes before tabulation, so that no label of such a column is ever made.
    """
    named = {name.lower() for name in policy.identifiers or ()}
    named |= {name.lower() for name in (*knowledge.identifiers, *recipe.unit)}
    columns = (name for name in (recipe.value, recipe.weight) if name is not None)
    asked = (*recipe.dimensions, *columns, *recipe.others)
    for name in asked:
        if name.strip().lower() in named:
            raise IdentifierRefusedError(
                f"'{name}' identifies units, so it cannot be a dimension, a value or a weight of an output.",
                hint="Group by a property of the units instead, or count them with unit=.",
            )


def missing_before_tabulation(recipe: Recipe, policy: Policy) -> Inconclusive | None:
    """Return what keeps a recipe from being judged at all, None if nothing does.

    Raises:
        RecipeError: the statistic cannot be judged, or its options make no sense.
    """
    missing: list[Text] = []
    asked_class = output_class(recipe)
    if not recipe.unit:
        missing.append(
            text("the statistical unit: name the column that identifies a person, household or firm (unit=)")
        )
    for key in policy.lacks(_needed(recipe, asked_class)):
        missing.append(text("the policy {name} does not set {key}", name=policy.name, key=key))
    if recipe.weight is not None and policy.weights == OFF:
        missing.append(text("the policy {name} has no rule for weighted figures: leave weights= out", name=policy.name))
    return Inconclusive(tuple(missing)) if missing else None


def missing_units(recipe: Recipe, knowledge: Knowledge) -> Inconclusive | None:
    """Return which further units or holdings the codebooks ask for and the recipe does not name, None if all are there.

    A further unit or holding that the recipe names must be a registered key, wherever keys are known.
    """
    missing: list[Text] = []
    for group in (*recipe.other_units, *((recipe.holding,) if recipe.holding else ())):
        if knowledge.keys and not all(name in knowledge.keys for name in group):
            missing.append(text("a registered key: {key} is not one of these units", key=", ".join(group)))
    named = {frozenset(knowledge.keys.get(name, name.lower()) for name in one) for one in recipe.other_units}
    named.add(frozenset(knowledge.keys.get(name, name.lower()) for name in recipe.unit))
    for key in sorted(sorted(one) for one in knowledge.required - named):
        missing.append(
            text("a further unit that must reach the minimum too: name {key} in other_units=", key=", ".join(key))
        )
    holding = frozenset(knowledge.keys.get(name, name.lower()) for name in recipe.holding or recipe.unit)
    if recipe.value is not None and knowledge.holdings and holding not in knowledge.holdings:
        keys = " / ".join(sorted(", ".join(sorted(one)) for one in knowledge.holdings))
        missing.append(text("the holding that contributions are added up by: name {key} as holding=", key=keys))
    further = bool(recipe.other_units or recipe.holding)
    if further and recipe.statistic.specification.is_design:
        missing.append(text("a rule for further units in a {statistic}: count one unit", statistic=recipe.statistic))
    return Inconclusive(tuple(missing)) if missing else None


def tabulation_plan(recipe: Recipe, policy: Policy, knowledge: Knowledge) -> Plan:
    """Return what evidence this policy and these columns ask for."""
    pairs = policy.dominance if isinstance(policy.dominance, tuple) else ()
    contributors = max((2, *(m for m, _ in pairs)))  # p% looks at the two largest
    own_weight = _own_weight(recipe, knowledge)
    return Plan(
        contributors=contributors,
        decimals=knowledge.column(recipe.value).decimals if recipe.value is not None else 0,
        weighted_contributions=own_weight,
        expanded=recipe.weight is not None and not own_weight and policy.weights is WeightTreatment.EXPANDED,
        zero_cells=policy.zero_cells is True,
    )


def _own_weight(recipe: Recipe, knowledge: Knowledge) -> bool:
    """Tell whether the weight is a factor of the researcher's own.

    A weight that the codebook does not know may be anybody's income, so weight x value is what a unit contributes,
    and a count or rate weighted by it is judged as the sum of weights that it shows.
    """
    return recipe.weight is not None and recipe.weight not in knowledge.weights


def _needed(recipe: Recipe, asked: OutputClass) -> tuple[str, ...]:
    rules = (*asked.rules, *_if_disguised(recipe))
    rules += MAGNITUDE_RULES if recipe.weight is not None else ()
    keys = [key for rule in rules for key in rule.needs]
    keys += ["significant_digits", "identifiers"]
    if recipe.weight is not None:
        keys.append("weights")
    return tuple(dict.fromkeys(keys))


def _if_disguised(recipe: Recipe) -> tuple[Rule, ...]:
    takes = recipe.statistic.specification
    counted = takes.needs_value and not takes.is_design
    return (FREQUENCY_IN_DISGUISE, GROUP_DISCLOSURE, ZERO_CELLS) if counted else ()


def inconclusive(recipe: Recipe, verdict: Inconclusive) -> JudgedTable:
    """Return the table of a recipe that could not be judged: nothing is shown."""
    nothing: Mask = np.zeros(0, dtype=np.bool_)
    return JudgedTable(recipe, None, verdict, nothing, nothing, ())


def assess(recipe: Recipe, evidence: Evidence, policy: Policy, knowledge: Knowledge) -> JudgedTable:
    """Judge a table.

    Returns:
        the table with its verdict, the failing cells, and which figures may be published.

    Raises:
        PolicyError: the recipe was made for another policy.
        IdentifierRefusedError: a dimension or the value identifies units.
    """
    if recipe.policy != policy.reference:
        raise PolicyError("The recipe is pinned to another policy than the one at hand.")
    refuse_identifiers(recipe, policy, knowledge)
    missing = missing_before_tabulation(recipe, policy) or missing_units(recipe, knowledge)
    if missing is not None or policy.significant_digits is None:
        return inconclusive(recipe, missing or Inconclusive((text("the policy is incomplete"),)))
    asked = output_class(recipe)
    rules = dict.fromkeys(asked.rules)
    if evidence.shares is not None and recipe.statistic is not Statistic.RATE:
        rules.update(dict.fromkeys(_if_disguised(recipe)))
    if recipe.other_units:
        rules[OTHER_UNITS] = None
    if _own_weight(recipe, knowledge):
        rules.update(dict.fromkeys(MAGNITUDE_RULES))
    names = (*recipe.dimensions, *((recipe.value,) if recipe.value is not None else ()))
    columns = {name: recoded_column(knowledge.column(name), recipe.recodings) for name in names}
    judged = Judged(evidence, policy, columns, recipe)
    failed = [(rule, rule.failing(judged)) for rule in rules]
    failing = np.zeros(len(evidence), dtype=np.bool_)
    for _, mask in failed:
        failing |= mask
    verdict: Verdict
    if not failing.any():
        verdict = Safe((NOT_COMPARED,))
    elif recipe.suppressed:
        verdict = Safe((NOT_COMPARED, text("failing cells and all margins are withheld")))
    else:
        verdict = Unsafe(_findings(evidence, failed, knowledge, recipe))
    counted = recipe.value is None or evidence.shares is not None
    if failing.any() and counted and not evidence.added:
        # A frequency table that withholds lists its empty cells: which of them may be seen is part of the answer.
        full = with_empty_cells(evidence)
        known = evidence.positions(full.codes)
        evidence, failing = full, np.where(known >= 0, failing[known], False)
    shown = shown_cells(evidence, failing, asked.withholding, len(recipe.rows))
    if asked.withholding is Withholding.ADDITIVE and isinstance(verdict, Safe) and may_cancel(evidence, shown):
        return inconclusive(recipe, Inconclusive((CANCELLING,)))
    decimals = asked.decimals(knowledge.column(recipe.value).decimals if recipe.value is not None else 0)
    figures = tuple(
        None if one is None else rounded(one, decimals=decimals, significant_digits=policy.significant_digits)
        for one in asked.figures(recipe, evidence)
    )
    return JudgedTable(recipe, evidence, verdict, failing, shown, figures, tuple(rule.name for rule in rules))


def _findings(
    evidence: Evidence, failed: list[tuple[Rule, Mask]], knowledge: Knowledge, recipe: Recipe
) -> tuple[Finding, ...]:
    recoded = {recoding.dimension for recoding in recipe.recodings}
    # A dimension that was recoded already may mix levels, so its hierarchy is offered once.
    hierarchies = {name: one for name, one in knowledge.hierarchies.items() if name not in recoded}
    remedies = Remedies(evidence, hierarchies)
    negative = evidence.amounts is not None and evidence.amounts.negative
    found = []
    for position in np.flatnonzero(np.logical_or.reduce([mask for _, mask in failed])):
        cell, repairs = evidence.cell(int(position)), remedies.of(int(position))
        for rule, mask in failed:
            if mask[position]:
                reason = rule.reason_if_negative if negative and rule.reason_if_negative else rule.reason
                found.append(Finding(rule.name, cell, reason, repairs))
    return tuple(found)
