"""The check as both sides run it, in two halves.

`tabulated_frame` and `tabulated_lazy` run where the rows are: in the researcher's kernel, or in a sealed worker of the
control zone. `judged` is a pure function of what they return. The notebook runs both halves at once (`check_frame`,
`check_lazy`); the control zone gets the first half back as a document (`received`) and judges it itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from disclosure.assess import (
    assess,
    inconclusive,
    missing_before_tabulation,
    missing_units,
    refuse_identifiers,
    tabulation_plan,
)
from disclosure.errors import DocumentError, RecipeError, broken_at
from disclosure.exchange.tabulation import (
    ColumnLineage,
    JobKind,
    Outcome,
    Standing,
    TabulationJob,
    TabulationResult,
)
from disclosure.exchange.tabulation_result import column_lineage
from disclosure.knowledge import (
    Knowledge,
    knowledge_of,
    knowledge_through,
    merged,
    put_together,
    registered_keys,
    registered_units,
    unit_names,
)
from disclosure.model.codebooks import Codebook
from disclosure.model.evidence import Evidence
from disclosure.model.lineage import Derivation
from disclosure.model.owners import units_of_frame
from disclosure.model.recipes import LazySource, Recipe
from disclosure.model.tables import JudgedTable
from disclosure.model.verdicts import Inconclusive
from disclosure.policy import OFF, Policy
from disclosure.ports import RegisteredFile, Tabulator
from disclosure.statistics.fitting_evidence import evidence_fits
from disclosure.texts import text


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A recipe's evidence, and what is known of the columns that it was tabulated from.

    Attributes:
        lineage: where each column of the narrow frame comes from, as far as trusted code has looked.
        derivation: the derivation of a lazy recipe as it was read; None for a frame, whose derivation is code.
        across_rows: some column may depend on rows of other units, so that a reviewer must confirm the derivation;
            always true of a frame.
    """

    evidence: Evidence | Inconclusive
    knowledge: Knowledge
    lineage: tuple[ColumnLineage, ...]
    derivation: Derivation | None
    across_rows: bool


@dataclass(frozen=True, eq=False)
class LazyCheck:
    """A judged lazy recipe.

    Attributes:
        across_rows: some column may depend on rows of other units, so that a reviewer must confirm the derivation.
    """

    table: JudgedTable
    derivation: Derivation
    across_rows: bool


def check_frame(
    recipe: Recipe, frame: pa.Table, policy: Policy, knowledge: Knowledge, tabulator: Tabulator
) -> JudgedTable:
    """Judge a recipe over a narrow frame that is at hand."""
    return judged(recipe, tabulated_frame(recipe, frame, policy, knowledge, tabulator), policy)


def check_lazy(
    recipe: Recipe,
    files: Mapping[str, RegisteredFile],
    codebooks: Mapping[str, Codebook],
    policy: Policy,
    tabulator: Tabulator,
) -> LazyCheck:
    """Judge a recipe over registered data sets, from the microdata and the recipe alone."""
    tabulated, derivation = _tabulated_lazy(recipe, files, codebooks, policy, tabulator)
    return LazyCheck(judged(recipe, tabulated, policy), derivation, tabulated.across_rows)


def judge_keeping(tabulate: Callable[[Recipe], Tabulated], policy: Policy) -> Callable[[Recipe], JudgedTable]:
    """Return what judges recipes over the same rows.

    The evidence of the first and of the last one is kept: a recipe that only withholds or rounds more of the same
    table rests on it.

    Args:
        tabulate: returns the evidence of a recipe over those rows.
    """
    kept: dict[Recipe, Tabulated] = {}

    def judge(recipe: Recipe) -> JudgedTable:
        tabulated = kept.get(same_evidence := replace(recipe, suppressed=False, rounding=0)) or tabulate(recipe)
        if isinstance(tabulated.evidence, Evidence):
            for last in list(kept)[1:]:
                del kept[last]
            kept[same_evidence] = tabulated
        return judged(recipe, tabulated, policy)

    return judge


def tabulated_frame(
    recipe: Recipe,
    frame: pa.Table | Path,
    policy: Policy,
    knowledge: Knowledge,
    tabulator: Tabulator,
    lineage: tuple[ColumnLineage, ...] = (),
) -> Tabulated:
    """Return the evidence of a recipe over a narrow frame that is at hand, or a Parquet file that holds one.

    Raises:
        IdentifierRefusedError: a dimension or the value identifies units.
    """
    refuse_identifiers(recipe, policy, knowledge)
    evidence: Evidence | Inconclusive | None = missing_before_tabulation(recipe, policy)
    evidence = evidence or missing_units(recipe, knowledge)
    if evidence is None:
        evidence = tabulator.frame(recipe, frame, tabulation_plan(recipe, policy, knowledge))
    return Tabulated(evidence, knowledge, lineage, None, across_rows=True)


def tabulated_lazy(
    recipe: Recipe,
    files: Mapping[str, RegisteredFile],
    codebooks: Mapping[str, Codebook],
    policy: Policy,
    tabulator: Tabulator,
) -> Tabulated:
    """Return the evidence of a recipe over registered data sets, from the microdata and the recipe alone.

    Raises:
        RecipeError: the recipe is not lazy, or a data set has no codebook here.
        DerivationRefusedError: the derivation asks for something that is not allowed.
        IdentifierRefusedError: a dimension or the value identifies units.
    """
    return _tabulated_lazy(recipe, files, codebooks, policy, tabulator)[0]


def judged(recipe: Recipe, tabulated: Tabulated, policy: Policy) -> JudgedTable:
    """Return the judged table of a recipe from what was tabulated.

    Raises:
        DocumentError: the evidence is not what this recipe and policy ask for.
        IdentifierRefusedError: a dimension or the value identifies units.
        PolicyError: the recipe was made for another policy.
    """
    evidence, knowledge = tabulated.evidence, tabulated.knowledge
    refuse_identifiers(recipe, policy, knowledge)
    if isinstance(evidence, Inconclusive):
        return inconclusive(recipe, evidence)
    plan = tabulation_plan(recipe, policy, knowledge)
    try:
        if not evidence_fits(recipe, evidence, plan):
            raise DocumentError(text("The evidence is not what the recipe asks for."))
        return assess(recipe, evidence, policy, knowledge)
    except (ArithmeticError, LookupError, ValueError) as error:
        # Reading looks for what no table could give; whatever it lets through ends here. Not chained: it quotes values.
        told = text("The evidence of '{name}' gives no figures: {why}.", name=recipe.statistic, why=broken_at(error))
        raise DocumentError(told) from None


def received(job: TabulationJob, result: TabulationResult) -> Tabulated:
    """Return what a sealed worker tabulated, from its result.

    What is known of the columns is put together here anew, from the office's codebooks and the lineage in the result.

    Raises:
        DocumentError: the result answers another job, or lacks the lineage of a column.
        DatakampError: the worker refused; the error is the one that it names.
    """
    if result.job != job.digest():
        raise DocumentError(text("The result belongs to another tabulation."))
    if result.refusal is not None:
        raise result.refusal.error()
    recipe, lineage = job.recipe, result.lineage
    complete = {one.column for one in lineage} == set(recipe.narrow_columns)
    if result.outcome is Outcome.EVIDENCE and not complete:
        raise DocumentError(text("The result does not say where each column of the recipe comes from."))
    if lineage and not complete:
        raise DocumentError(text("The result names other columns than the recipe."))
    codebooks = job.codebooks()
    derivation, knowledge = None, Knowledge()
    if job.kind is JobKind.FRAME:
        knowledge = knowledge_of_frame(lineage, codebooks)
    elif result.derivation is not None and isinstance(recipe.source, LazySource):
        columns = MappingProxyType({one.column.lower(): one.lineage for one in lineage})
        # The groupings and joins stay behind: what follows from them is `across_rows`.
        derivation = Derivation(result.derivation, columns, (), (), broadcasts=result.across_rows)
        if complete:
            knowledge = knowledge_through(derivation, recipe, _used(recipe.source, codebooks))
    missing = Inconclusive(result.missing) if result.evidence is None else result.evidence
    return Tabulated(missing, knowledge, lineage, derivation, across_rows=result.across_rows)


def knowledge_of_frame(lineage: tuple[ColumnLineage, ...], codebooks: Mapping[str, Codebook]) -> Knowledge:
    """Return what codebooks say of the columns of a narrow frame that trusted code found to be registered ones.

    A column that bears a registered name and other values keeps none of that one's exemptions. The name of an
    identifier, though, is refused whatever stands under it.
    """
    known = {(origin, one.column) for one in lineage if one.standing is Standing.REGISTERED for origin in one.sources}
    parts = []
    for name, book in sorted(codebooks.items()):
        whole = knowledge_of(book)
        mine = {column for origin, column in known if origin == (name.lower(), column.lower())}
        parts.append(
            Knowledge(
                MappingProxyType({column: whole.column(column) for column in sorted(mine)}),
                whole.identifiers,
                whole.weights & mine,
                MappingProxyType({column: one for column, one in whole.hierarchies.items() if column in mine}),
                MappingProxyType({column: one for column, one in whole.keys.items() if column in mine}),
                # Which data sets a frame was made from is anybody's guess, so each that knows its units is heard.
                *((whole.required, whole.holdings) if mine else ()),
            )
        )
    return replace(merged(tuple(parts)), owners=units_of_frame({one.column: one.sources for one in lineage}, codebooks))


def _tabulated_lazy(
    recipe: Recipe,
    files: Mapping[str, RegisteredFile],
    codebooks: Mapping[str, Codebook],
    policy: Policy,
    tabulator: Tabulator,
) -> tuple[Tabulated, Derivation]:
    if not isinstance(recipe.source, LazySource):
        raise RecipeError(text("This recipe's rows come from code, not from a derivation that can be run here."))
    used = _used(recipe.source, codebooks)
    derivation = tabulator.read(recipe.source, files)
    knowledge = knowledge_through(derivation, recipe, used)
    keys = registered_keys(used)
    across = derivation.across_rows(unit_names(derivation, recipe, keys), registered_units(used), keys)
    refuse_identifiers(recipe, policy, knowledge)
    evidence: Evidence | Inconclusive | None = missing_before_tabulation(recipe, policy)
    evidence = evidence or missing_units(recipe, knowledge) or _taken_apart(recipe, derivation, used, policy)
    if evidence is None:
        evidence = tabulator.lazy(recipe, files, tabulation_plan(recipe, policy, knowledge))
    return Tabulated(evidence, knowledge, _lineage(recipe, derivation), derivation, across), derivation


def _taken_apart(
    recipe: Recipe, derivation: Derivation, codebooks: Mapping[str, Codebook], policy: Policy
) -> Inconclusive | None:
    """Return which labels hold several columns in one, None if none does or if shares of groups are not judged."""
    if policy.group_disclosure == OFF:
        return None
    found = put_together(derivation, recipe, codebooks)
    missing = (
        text(
            "margins by each of {columns}: make them dimensions of their own in place of {name}",
            columns=", ".join(columns),
            name=name,
        )
        for name, columns in found.items()
    )
    return Inconclusive(tuple(missing)) if found else None


def _used(source: LazySource, codebooks: Mapping[str, Codebook]) -> dict[str, Codebook]:
    used = {one.name: codebooks[one.name] for one in source.data_sets if one.name in codebooks}
    if len(used) != len(source.data_sets):
        raise RecipeError(text("A data set of the recipe has no codebook here."))
    return used


def _lineage(recipe: Recipe, derivation: Derivation) -> tuple[ColumnLineage, ...]:
    return tuple(column_lineage(name, derivation.columns[name.lower()]) for name in recipe.narrow_columns)
