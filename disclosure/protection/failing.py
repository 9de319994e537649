"""Which rules a table is judged by and which cells fail them: what a verdict, and a trial of a remedy, rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from disclosure.errors import RecipeError
from disclosure.knowledge import Knowledge
from disclosure.model.codebooks import Column, Hierarchy
from disclosure.model.empty_cells import with_empty_beside, with_empty_cells
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.midpoints import midpoint_width
from disclosure.model.policy_values import Rounding
from disclosure.model.recipes import Recipe, Statistic
from disclosure.policy import Policy
from disclosure.protection.cancelling import may_cancel
from disclosure.protection.curves import ended_curves
from disclosure.protection.merge import recoded_column
from disclosure.protection.midpoint import hidden_by_midpoint
from disclosure.protection.rounding import hidden_by_rounding
from disclosure.protection.suppress import shown_cells
from disclosure.rules import (
    CELLS_IN_DISGUISE,
    EVERYONE_IN_ONE,
    FREQUENCY_IN_DISGUISE,
    GROUP_DISCLOSURE,
    IMPLIED_CELLS,
    MINIMUM_COUNT,
    OTHER_UNITS,
    ROUNDED_COUNTS,
    TOLD_COUNTS,
    UNDERLYING_TABLE,
    ZERO_CELLS,
    ZERO_TOTALS,
    Rule,
)
from disclosure.rules.base import Judged
from disclosure.statistics import TOTAL_RULES, Withholding, output_class
from disclosure.statistics.side_weights import SIDE_WEIGHT_RULES
from disclosure.texts import text

FailedRule = tuple[Rule, Mask]
_OF_COUNTS = (Statistic.RATE, Statistic.MODE, Statistic.POVERTY_RATE)
_WITHOUT_AMOUNTS = frozenset((*_OF_COUNTS, Statistic.MEDIAN, Statistic.QUANTILE, Statistic.POVERTY_GAP))
"""Statistics of a value that are no exact figure of everybody's amounts: their own rules ask how many share one."""
_ROUNDING_HIDES = (MINIMUM_COUNT, GROUP_DISCLOSURE, ZERO_CELLS)


def own_weight(recipe: Recipe, knowledge: Knowledge) -> bool:
    """Tell whether the weight is a factor of the researcher's own.

    A weight that the codebook does not know may be anybody's income, so weight x value is what a unit contributes,
    and a count or rate weighted by it is judged as the sum of weights that it shows.
    """
    return recipe.weight is not None and recipe.weight not in knowledge.weights


def if_disguised(recipe: Recipe) -> tuple[Rule, ...]:
    """Return the rules that apply besides its own where a statistic's value turns out to have two values only."""
    takes = recipe.statistic.specification
    counted = takes.needs_value and not takes.is_design
    return (FREQUENCY_IN_DISGUISE, GROUP_DISCLOSURE, ZERO_CELLS) if counted else ()


def is_frequency(recipe: Recipe, evidence: Evidence) -> bool:
    """Tell whether a table shows counts of units, or what follows from them."""
    return (recipe.value is None or evidence.shares is not None) and not recipe.statistic.specification.is_design


def applied_rules(recipe: Recipe, evidence: Evidence, policy: Policy, knowledge: Knowledge) -> tuple[Rule, ...]:
    """Return every rule that a table is judged by, each once."""
    rules = dict.fromkeys(output_class(recipe).rules)
    if evidence.shares is not None and recipe.statistic is not Statistic.RATE:
        rules.update(dict.fromkeys(if_disguised(recipe)))
    takes = recipe.statistic.specification
    of_value = takes.needs_value and not takes.is_design
    if of_value and GROUP_DISCLOSURE not in rules:
        rules[EVERYONE_IN_ONE] = None
    exact = of_value and recipe.statistic not in _WITHOUT_AMOUNTS
    if evidence.shares is None and evidence.amounts is not None and exact:
        rules.update(dict.fromkeys((CELLS_IN_DISGUISE, TOLD_COUNTS, ZERO_TOTALS)))
    if recipe.other_units:
        rules[OTHER_UNITS] = None
    if evidence.overlaps is not None:
        rules[IMPLIED_CELLS] = None
    if own_weight(recipe, knowledge):
        rules.update(dict.fromkeys(TOTAL_RULES))
        if evidence.shares is not None and recipe.statistic in (Statistic.RATE, Statistic.MEAN):
            rules.update(dict.fromkeys(SIDE_WEIGHT_RULES))
    if isinstance(policy.rounding, Rounding) and policy.rounding.required and is_frequency(recipe, evidence):
        rules[ROUNDED_COUNTS] = None
    return tuple(rules)


def failed_rules(recipe: Recipe, evidence: Evidence, policy: Policy, knowledge: Knowledge) -> tuple[FailedRule, ...]:
    """Return for every rule that applies the cells that fail it, those left out that rounding protects."""
    judged = _judged(recipe, evidence, policy, knowledge)
    failed = [(rule, rule.failing(judged)) for rule in applied_rules(recipe, evidence, policy, knowledge)]
    table = output_class(recipe).underlying
    if table is not None:
        below = _underlying(evidence)
        inner = any_of([mask for _, mask in failed_rules(table(recipe), below, policy, knowledge)], len(below))
        failed.append((UNDERLYING_TABLE, np.full(len(evidence), inner.any(), dtype=np.bool_)))
    width = midpoint_width(recipe)
    if width:
        # A margin of shares holds as before: of everybody in a cell, midpoints tell it all the same.
        few = any_of([mask for rule, mask in failed if rule is MINIMUM_COUNT], len(evidence))
        hidden = hidden_by_midpoint(evidence, few, width, policy)
        return tuple((rule, mask & ~hidden if rule is MINIMUM_COUNT else mask) for rule, mask in failed)
    if not recipe.rounding:
        return tuple(failed)
    masks = [mask for rule, mask in failed if rule in _ROUNDING_HIDES]
    hidden = hidden_by_rounding(evidence, recipe.rounding, any_of(masks, len(evidence)), policy)
    return tuple((rule, mask & ~hidden if rule in _ROUNDING_HIDES else mask) for rule, mask in failed)


def _judged(recipe: Recipe, evidence: Evidence, policy: Policy, knowledge: Knowledge) -> Judged:
    names = (*recipe.dimensions, *((recipe.value,) if recipe.value is not None else ()), *recipe.others)
    columns = {name: recoded_column(knowledge.column(name), recipe.recodings) for name in names}
    known_weight = recipe.weight is not None and not own_weight(recipe, knowledge)
    return Judged(evidence, policy, columns, recipe, known_weight)


def _underlying(evidence: Evidence) -> Evidence:
    if evidence.underlying is None:
        raise RecipeError(text("The evidence lacks the table that its figures follow from."))
    return evidence.underlying


def any_of(masks: list[Mask], size: int) -> Mask:
    """Return where any of the masks holds."""
    return np.logical_or.reduce(masks) if masks else np.zeros(size, dtype=np.bool_)


def listed_in_full(recipe: Recipe, evidence: Evidence, failing: Mask) -> tuple[Evidence, Mask]:
    """Return a frequency table that withholds or rounds with its empty cells, others as they are.

    Which of the empty cells may be seen is part of the answer; and a small count that is shown as 0 looks like one. Of
    figures of a value those are listed that would tell that everyone is in the withheld cell beside them.
    """
    if not (failing.any() or recipe.rounding) or recipe.statistic.specification.is_design:
        return evidence, failing
    counted = is_frequency(recipe, evidence)
    full = with_empty_cells(evidence) if counted else with_empty_beside(evidence, failing)
    known = evidence.positions(full.codes)
    return full, np.where(known >= 0, failing[known], False)


@dataclass(frozen=True, eq=False)
class PolicyTrials:
    """What a table was judged by, for trying remedies on its evidence; see `disclosure.model.tables.Trials`."""

    policy: Policy = field(repr=False)
    knowledge: Knowledge = field(repr=False)

    @property
    def hierarchies(self) -> Mapping[str, Hierarchy]:
        """Column name to its hierarchy in the codebook."""
        return self.knowledge.hierarchies

    def order(self, dimension: str) -> tuple[str, ...]:
        """Return the codes of a dimension in the order in which the codebook lists them; empty if it does not."""
        return tuple(self.knowledge.column(dimension).categories)

    def listed(self, dimension: str) -> frozenset[str]:
        """Return the codes that the codebook lists for a dimension, those of its hierarchy among them."""
        hierarchy = self.knowledge.hierarchies.get(dimension)
        codes = () if hierarchy is None else (*hierarchy.parents, *hierarchy.parents.values())
        column = self.knowledge.column(dimension)
        return frozenset((*column.categories, *column.not_disclosive, *codes))

    @property
    def rounding(self) -> int:
        """The least base to which the policy lets counts be rounded; 0 if it does not."""
        return self.policy.rounding.base if isinstance(self.policy.rounding, Rounding) else 0

    @property
    def rounding_required(self) -> bool:
        """Whether the policy asks for counts that are rounded."""
        return isinstance(self.policy.rounding, Rounding) and self.policy.rounding.required

    @property
    def midpoint(self) -> int:
        """The least width of classes whose midpoints the policy lets counts be shown as; 0 if it does not."""
        return self.policy.rounding.midpoint if isinstance(self.policy.rounding, Rounding) else 0

    @property
    def minimum_units(self) -> int:
        """The smallest number of units that may be published."""
        return self.policy.minimum_units or 0

    def undescribed(self, recipe: Recipe) -> tuple[str, ...]:
        """Return the columns of a recipe that may be sensitive, of which no codebook says anything."""
        value = () if recipe.value is None else (recipe.value,)
        named = dict.fromkeys((*recipe.dimensions, *value, *recipe.others))
        return tuple(name for name in named if self.knowledge.column(name) == Column(name))

    def if_not_sensitive(self, names: tuple[str, ...]) -> PolicyTrials:
        """Return the same if a codebook said of some columns that they are not sensitive."""
        said = {name: replace(self.knowledge.column(name), sensitive=False) for name in names}
        columns = MappingProxyType({**self.knowledge.columns, **said})
        return replace(self, knowledge=replace(self.knowledge, columns=columns))

    def takes(self, base: int) -> bool:
        """Tell whether the policy lets counts be rounded to multiples of `base`."""
        return isinstance(self.policy.rounding, Rounding) and self.policy.rounding.takes(base)

    def failing(self, recipe: Recipe, evidence: Evidence) -> Mask:
        """Return the cells that fail a rule when a recipe has this evidence."""
        failed = failed_rules(recipe, evidence, self.policy, self.knowledge)
        return any_of([mask for _, mask in failed], len(evidence))

    def shown(self, recipe: Recipe, evidence: Evidence, failing: Mask) -> Mask | None:
        """Return which cells of the evidence suppression would show; None if the table would be inconclusive."""
        asked = output_class(recipe)
        if asked.withholding is Withholding.CURVES and ended_curves(recipe, evidence, failing) is None:
            return None
        full, all_failing = listed_in_full(recipe, evidence, failing)
        shown = shown_cells(full, all_failing, asked.withholding, len(recipe.rows))
        if asked.withholding is Withholding.ADDITIVE and may_cancel(full, shown):
            return None
        return shown if full is evidence else shown[full.positions(evidence.codes)]
