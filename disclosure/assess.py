"""The one use case: a recipe, its evidence, a policy and what is known of the columns give a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from disclosure.errors import IdentifierRefusedError, PolicyError, RecipeError
from disclosure.knowledge import Knowledge, named_unit, units_beside
from disclosure.model.cell_lists import cells_at
from disclosure.model.evidence import Evidence, Mask
from disclosure.model.label_bounds import exact_bounds
from disclosure.model.labels import Labels
from disclosure.model.look_alikes import look_alikes
from disclosure.model.midpoints import midpoint_width
from disclosure.model.owners import Unit
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Finding, Inconclusive, Remedy, Safe, Unsafe, Verdict
from disclosure.policy import OFF, Policy, Rounding, WeightTreatment
from disclosure.ports import Plan
from disclosure.protection.audit import require_open
from disclosure.protection.cancelling import CANCELLING, may_cancel
from disclosure.protection.curves import ended_curves
from disclosure.protection.failing import (
    FailedRule,
    PolicyTrials,
    any_of,
    failed_rules,
    if_disguised,
    listed_in_full,
    own_weight,
)
from disclosure.protection.midpoint import midpoint_count, midpoint_counts, permits_midpoint
from disclosure.protection.remedies import can_round, for_findings
from disclosure.protection.rounding import rounded_count
from disclosure.protection.suppress import shown_cells
from disclosure.statistics import TOTAL_RULES, OutputClass, Withholding, output_class
from disclosure.statistics.figure_texts import figure_texts
from disclosure.texts import Text, text

NOT_COMPARED = text("not compared with other tables")
NO_CURVE_LEFT = text("enough units for a part of the curve that may be shown: take a longer period=")
UNKNOWN_WEIGHT = text(
    "a weight that the codebook knows: of a share, the weight on either side would have to be judged; name the "
    "codebook's weight, pass codebook=, or ask for the sum of weight x value"
)

UNKNOWN_WEIGHT_OF_QUANTILE = text(
    "a weight that the codebook knows: one of your own may put the quantile on the value of one unit; name the "
    "codebook's weight, pass codebook=, or leave weights= out"
)

_SHARES_OF_UNITS = frozenset({Statistic.POVERTY_RATE, Statistic.POVERTY_GAP})
_QUANTILES = frozenset({Statistic.MEDIAN, Statistic.QUANTILE})


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
                text(
                    "'{name}' identifies units, so it cannot be a dimension, a value or a weight of an output.",
                    name=name,
                ),
                hint=text("Group by a property of the units instead, or count them with unit=."),
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
    if recipe.rounding:
        missing += _missing_for_rounding(recipe, policy)
    width = midpoint_width(recipe)
    if width and not permits_midpoint(policy, width):
        missing.append(text("a width of midpoint rounding that the policy {name} permits", name=policy.name))
    return Inconclusive(tuple(missing)) if missing else None


def _missing_for_rounding(recipe: Recipe, policy: Policy) -> list[Text]:
    if not can_round(recipe):
        raise RecipeError(
            text("Only unweighted counts are rounded."), hint=text("Compute other figures from rounded counts.")
        )
    if policy.rounding is None:
        return [text("the policy {name} does not set {key}", name=policy.name, key="rounding")]
    if not isinstance(policy.rounding, Rounding) or not policy.rounding.takes(recipe.rounding):
        return [text("a base of rounding that the policy {name} permits", name=policy.name)]
    return []


def missing_units(recipe: Recipe, knowledge: Knowledge) -> Inconclusive | None:
    """Return which further units, holdings or weights the codebooks ask for and the recipe lacks, None if none.

    A further unit or holding that the recipe names must be a registered key, wherever keys are known.
    """
    missing: list[Text] = []
    for group in (*recipe.other_units, *((recipe.holding,) if recipe.holding else ())):
        if knowledge.keys and not all(name in knowledge.keys for name in group):
            missing.append(text("a registered key: {key} is not one of these units", key=", ".join(group)))
    named = {named_unit(one, knowledge) for one in (*recipe.other_units, recipe.unit)}
    beside = units_beside(recipe, knowledge)
    required = sorted(sorted(one) for one in (knowledge.required | beside) - named)
    counted, contributor = named_unit(recipe.unit, knowledge), named_unit(recipe.holding or recipe.unit, knowledge)
    held = recipe.value is not None and bool(knowledge.holdings) and not knowledge.holdings & {counted, contributor}
    asked = output_class(recipe)
    # Where there is no rule for them, naming them would not help.
    if (recipe.other_units or required) and not asked.further_units:
        missing.append(text("a rule for further units in a {name}", name=recipe.statistic))
        required = []
    if (recipe.holding or held) and not asked.holdings:
        missing.append(
            text("a rule for holdings in a {name}: make the holding itself the unit (unit=)", name=recipe.statistic)
        )
        held = False
    for key in required:
        missing.append(
            text("a further unit that must reach the minimum too: name {key} in other_units=", key=", ".join(key))
        )
    if recipe.statistic in _SHARES_OF_UNITS and own_weight(recipe, knowledge):
        missing.append(UNKNOWN_WEIGHT)
    if recipe.statistic in _QUANTILES and own_weight(recipe, knowledge):
        missing.append(UNKNOWN_WEIGHT_OF_QUANTILE)
    owners = beside - {contributor} if recipe.value is not None and asked.holdings else frozenset[Unit]()
    if owners and (len(beside) > 1 or (knowledge.holdings and not (beside | {counted}) & knowledge.holdings)):
        missing.append(
            text(
                "one kind of contributor: rows and values belong to several kinds of units here; take each value with "
                "the unit of its own data set as unit="
            )
        )
    elif owners:
        keys = ", ".join(sorted(*owners))
        missing.append(
            text("the units to whom these values belong: keep their key {key} and name it as holding= too", key=keys)
        )
    elif held:
        keys = " / ".join(sorted(", ".join(sorted(one)) for one in knowledge.holdings))
        missing.append(text("the holding that contributions are added up by: name {key} as holding=", key=keys))
    return Inconclusive(tuple(dict.fromkeys(missing))) if missing else None


def tabulation_plan(recipe: Recipe, policy: Policy, knowledge: Knowledge) -> Plan:
    """Return what evidence this policy and these columns ask for."""
    pairs = policy.dominance if isinstance(policy.dominance, tuple) else ()
    contributors = max((2, *(m for m, _ in pairs)))  # p% looks at the two largest
    own = own_weight(recipe, knowledge)
    return Plan(
        contributors=contributors,
        decimals=knowledge.column(recipe.value).decimals if recipe.value is not None else 0,
        weighted_contributions=own,
        expanded=recipe.weight is not None and not own and policy.weights is WeightTreatment.EXPANDED,
        zero_cells=policy.zero_cells is True,
        minimum_units=(policy.minimum_units or 0) if output_class(recipe).part in ("position", "poverty") else 0,
    )


def _too_long(evidence: Evidence, policy: Policy) -> Inconclusive | None:
    if not isinstance(policy.most_rows, int) or len(evidence) <= policy.most_rows:
        return None
    missing = text(
        "a table of at most {most} rows, margins included, where this one has {rows}: group coarser, or make several",
        most=str(policy.most_rows),
        rows=str(len(evidence)),
    )
    return Inconclusive((missing,))


def _needed(recipe: Recipe, asked: OutputClass) -> tuple[str, ...]:
    rules = (*asked.rules, *if_disguised(recipe))
    rules += TOTAL_RULES if recipe.weight is not None else ()
    keys = [key for rule in rules for key in rule.needs]
    if asked.underlying is not None:
        table = asked.underlying(recipe)
        keys += _needed(table, output_class(table))
    keys += ["significant_digits", "identifiers", "most_rows"]
    if recipe.weight is not None:
        keys.append("weights")
    return tuple(dict.fromkeys(keys))


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
        raise PolicyError(text("The recipe is pinned to another policy than the one at hand."))
    refuse_identifiers(recipe, policy, knowledge)
    missing = missing_before_tabulation(recipe, policy) or missing_units(recipe, knowledge)
    if missing is not None or policy.significant_digits is None:
        return inconclusive(recipe, missing or Inconclusive((text("the policy is incomplete"),)))
    too_long = _too_long(evidence, policy)
    if too_long is not None:
        return inconclusive(recipe, too_long)
    asked, trials = output_class(recipe), PolicyTrials(policy, knowledge)
    seen = exact_bounds(evidence, trials) or look_alikes(evidence, trials)
    if seen is not None:
        return inconclusive(recipe, seen)
    failed = failed_rules(recipe, evidence, policy, knowledge)
    failing = any_of([mask for _, mask in failed], len(evidence))
    notes = [NOT_COMPARED]
    if recipe.rounding:
        notes.append(text("counts are rounded to multiples of {base}", base=str(recipe.rounding)))
    if midpoint_width(recipe):
        notes.append(
            text(
                "counts are midpoints of classes of {width}: 0 is 0, 1 to {width} are shown as {first}, and so on; "
                "margins are sums of midpoints",
                width=str(midpoint_width(recipe)),
                first=str(midpoint_count(1, midpoint_width(recipe))),
            )
        )
    verdict: Verdict
    if not failing.any():
        verdict = Safe(tuple(notes))
    elif recipe.suppressed:
        verdict = Safe((*notes, text("failing cells and all margins are withheld")))
    else:
        verdict = Unsafe(_findings(evidence, failed, for_findings(recipe, evidence, failing, trials)))
    evidence, failing = listed_in_full(recipe, evidence, failing)
    too_long = _too_long(evidence, policy)
    if too_long is not None:
        return inconclusive(recipe, too_long)
    if recipe.suppressed and asked.withholding is Withholding.CURVES:
        left = ended_curves(recipe, evidence, failing)
        if left is None:
            return inconclusive(recipe, Inconclusive((NO_CURVE_LEFT,)))
        evidence, failing = left
    shown = shown_cells(evidence, failing, asked.withholding, len(recipe.rows))
    if asked.withholding is not Withholding.CURVES:  # the steps of a curve add up to nothing
        require_open(evidence, failing, shown)
    if asked.withholding is Withholding.ADDITIVE and isinstance(verdict, Safe) and may_cancel(evidence, shown):
        return inconclusive(recipe, Inconclusive((CANCELLING,)))
    decimals = asked.decimals(knowledge.column(recipe.value).decimals if recipe.value is not None else 0)
    exact = _shown_figures(recipe, evidence, asked)
    figures = figure_texts(exact, decimals=decimals, significant_digits=policy.significant_digits)
    names = tuple(dict.fromkeys(rule.name for rule, _ in failed))
    labels = Labels.of(recipe, knowledge.columns)
    return JudgedTable(recipe, evidence, verdict, failing, shown, figures, names, trials, labels)


def _shown_figures(recipe: Recipe, evidence: Evidence, asked: OutputClass) -> Iterable[Fraction | None]:
    width = midpoint_width(recipe)
    if width:
        return map(Fraction, midpoint_counts(evidence, width).tolist())
    exact = asked.figures(recipe, evidence)
    if not recipe.rounding:
        return exact
    return (None if one is None else Fraction(rounded_count(int(one), recipe.rounding)) for one in exact)


def _findings(evidence: Evidence, failed: tuple[FailedRule, ...], remedies: tuple[Remedy, ...]) -> tuple[Finding, ...]:
    negative = evidence.amounts is not None and evidence.amounts.negative
    positions = np.flatnonzero(any_of([mask for _, mask in failed], len(evidence)))
    reasons = [rule.reason_if_negative if negative and rule.reason_if_negative else rule.reason for rule, _ in failed]
    names = [rule.name for rule, _ in failed]
    cells, added = list(cells_at(evidence, positions)), evidence.added
    # Cell by cell, and of each the rules in their order.
    places, rules = np.nonzero(np.stack([mask[positions] for _, mask in failed], axis=1))
    pairs = zip(places.tolist(), rules.tolist(), strict=True)
    return tuple([Finding(names[rule], cells[place], reasons[rule], remedies, added) for place, rule in pairs])
