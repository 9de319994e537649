"""The evidence of a model: what was fitted, and on how many units each term rests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from disclosure.engines.design_matrix import Design, design, references_of, response_of
from disclosure.engines.fit import Fitted, Task, fit
from disclosure.engines.isolation import Alone, cells_of, patterns_of, resting_alone
from disclosure.engines.model_cells import cell_facts
from disclosure.engines.model_figures import figures_of_model, figures_of_term
from disclosure.engines.model_groups import told_groups
from disclosure.engines.observations import Observations, observations
from disclosure.engines.standard_columns import standardised
from disclosure.engines.within import absorbed_effects, shared_rows, within
from disclosure.errors import ColumnError, DataError, RecipeError
from disclosure.model.evidence import Evidence, OtherUnits
from disclosure.model.model_facts import (
    CONSTANT,
    OF_MODEL,
    OF_TERMS,
    PART,
    WHOLE,
    Family,
    Figure,
    ModelFacts,
)
from disclosure.model.model_recipe import model_recipe
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.texts import text

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

_NOTHING_LEFT = 1e-8


def model_evidence(rows: ir.Table, _base: ir.Table, recipe: Recipe, plan: Plan) -> Evidence | Inconclusive:
    """Return the evidence of a model.

    Raises:
        RecipeError: terms that follow from each other, or weights that no codebook knows.
        ColumnError: a column is not of a kind that its place in the model needs.
        DataError: no row is complete.
    """
    if plan.weighted_contributions:
        raise RecipeError(
            "The weights of a model are sampling weights of a codebook: any other column may be anybody's value.",
            hint="Leave weights= out, or use the data set's own weight.",
        )
    asked = model_recipe(recipe)
    seen = observations(rows, recipe, plan, asked.formula, asked.roles)
    _check_response(seen, asked.family)
    lone = 0
    if seen.absorbed:
        keep = shared_rows(seen.absorbed)
        lone = int((~keep).sum())
        if not keep.any():
            raise DataError(
                "Every row has an absorbed effect of its own, so nothing is left to compare.",
                hint="Absorb a column whose values several rows share.",
            )
        seen = seen.kept(keep)
    made = design(seen, asked.formula, constant=bool(seen.absorbed) or asked.family is Family.COX)
    matrix, response = made.matrix, response_of(seen, asked.formula)
    if seen.absorbed:
        freed = within(np.column_stack([matrix, response]), seen.absorbed, seen.weights)
        if freed is None:
            return Inconclusive((text("absorbed effects that can be told apart: absorb fewer kinds of them"),))
        _require_variation(freed[:, :-1], made)
        matrix, response = freed[:, :-1], freed[:, -1]
    cox = asked.family is Family.COX
    columns = standardised(matrix, made.names, constant=made.constant, centred=made.constant or cox, cox=cox)
    task = Task(
        asked.family,
        asked.covariance,
        response,
        columns,
        seen.clusters,
        seen.weights,
        absorbed_effects(seen.absorbed) if seen.absorbed else 0,
        seen.event,
    )
    fitted = fit(task)
    patterns = patterns_of(np.round(columns.columns.of(slice(None)), 9) if seen.absorbed else made.matrix)
    cells = cells_of(patterns, columns.basis.leverage)
    # What a Cox model gives away is who had an event before whom, and no total.
    groups = () if cox else told_groups(made, seen, asked.formula, columns.basis)
    facts = ModelFacts(
        units=_distinct(seen.units),
        rows=len(seen),
        clusters=_distinct(seen.clusters),
        further_units=_fewest(seen.kinds),
        missing_rows=seen.missing_rows,
        lone_rows=lone,
        parameters=len(made.names),
        absorbed=task.absorbed,
        patterns=_distinct(patterns),
        cells=len(cells),
        perfect=fitted.perfect,
        converged=fitted.converged,
        outcome_units=_outcome_units(seen),
        references=references_of(seen, asked.formula),
        **cell_facts(cells, patterns, seen, plan.contributors, groups),
    )
    alone = [one for kind in seen.kinds for one in resting_alone(columns.basis, kind)]
    if cox:
        alone = [replace(one, columns=one.columns[1:]) for one in alone]
    support = [_support(matrix[:, place], seen) for place in range(matrix.shape[1])]
    return _evidence(recipe, _Model(asked.family, seen, made, support, alone, fitted, facts))


def _check_response(seen: Observations, family: Family) -> None:
    values = np.unique(seen.response, return_counts=True)[0]
    one = 10**seen.decimals
    if family.of_two_values and not np.isin(values, (0, one)).all():
        raise ColumnError(f"The response of a {family} model is 0 or 1.", hint="Derive one first.")
    if family is Family.POISSON and ((values < 0) | (values % one != 0)).any():
        raise ColumnError("The response of a poisson model is a whole number from 0.", hint="Derive one first.")
    if family is Family.COX and (values < 0).any():
        raise ColumnError("The times of a cox model are not negative.", hint="Derive them as time since the start.")
    if seen.event is not None and not np.isin(np.unique(seen.event), (0, 1)).all():
        raise ColumnError("The event of a cox model is 0 or 1.", hint="Derive one first.")


def _require_variation(freed: Real, made: Design) -> None:
    for place, name in enumerate(made.names):
        largest = float(np.abs(made.matrix[:, place]).max())
        if float(np.abs(freed[:, place]).max()) <= _NOTHING_LEFT * largest:
            raise RecipeError(f"The term '{name}' does not vary within the absorbed effects.", hint="Leave it out.")


def _support(column: Real, seen: Observations) -> npt.NDArray[np.bool_]:
    """Return the rows from which a coefficient is learnt: with absorbed effects, those in which something is left."""
    if not seen.absorbed:
        return np.ones(len(seen), dtype=np.bool_)
    return np.asarray(np.abs(column) > _NOTHING_LEFT * np.abs(column).max(), dtype=np.bool_)


def _outcome_units(seen: Observations) -> int:
    if seen.event is not None:
        return _fewest(seen.kinds, seen.event == 1)
    return _fewest(seen.kinds, seen.response != _commonest(seen.response))


def _commonest(column: npt.NDArray[Any]) -> Any:
    values, counts = np.unique(column, return_counts=True)
    return values[int(np.argmax(counts))]


def _distinct(numbers: Whole) -> int:
    """Return how many of the numbers from 0 there are; sorting a million of them would take longer."""
    return int(np.count_nonzero(np.bincount(numbers)))


def _fewest(kinds: tuple[Whole, ...], rows: npt.NDArray[np.bool_] | None = None) -> int:
    """Return how many units some rows are of, of the kind of which they are fewest."""
    return min(_distinct(kind if rows is None else kind[rows]) for kind in kinds)


@dataclass(frozen=True, eq=False)
class _Model:
    """Everything that is known of a model.

    Attributes:
        support: per column the rows from which its coefficient is learnt.
        alone: combinations of columns that rest on few units.
    """

    family: Family
    seen: Observations
    made: Design
    support: list[npt.NDArray[np.bool_]]
    alone: list[Alone]
    fitted: Fitted
    facts: ModelFacts


def _evidence(recipe: Recipe, model: _Model) -> Evidence:
    seen, made, facts = model.seen, model.made, model.facts
    of_model = [one for one in OF_MODEL if one is not Figure.R_SQUARED or model.family is not Family.COX]
    figures = [*OF_TERMS, *of_model]
    codes, columns = [], []
    others: list[list[int]] = [[] for _ in recipe.other_units]
    for place in range(len(made.names)):
        shown = figures_of_term(model.fitted, place)
        counts = _counts_of_term(model, place)
        touched = model.support[place] & (made.matrix[:, place] != 0)
        further = [_distinct(group[touched]) for group in seen.other_units]
        for code, figure in enumerate(OF_TERMS):
            codes.append((place, code))
            columns.append((shown[figure], *counts))
            for one, found in zip(further, others, strict=True):
                found.append(one)
    of_whole = figures_of_model(model.fitted, facts)
    for code, figure in enumerate(of_model, start=len(OF_TERMS)):
        codes.append((len(made.names), code))
        columns.append((of_whole[figure], facts.units, 0, facts.units, 0, False))
        for group, found in zip(seen.other_units, others, strict=True):
            found.append(_distinct(group))
    value, nonzero, zero, differing, alone_units, indicator = zip(*columns, strict=True)
    part = Part(
        PART,
        MappingProxyType(
            {
                "figure": np.array(value, dtype=np.float64),
                "nonzero": np.array(nonzero, dtype=np.int64),
                "zero": np.array(zero, dtype=np.int64),
                "differing": np.array(differing, dtype=np.int64),
                "alone": np.array(alone_units, dtype=np.int64),
                "indicator": np.array(indicator, dtype=np.bool_),
            }
        ),
        MappingProxyType(facts.to_facts()),
    )
    return Evidence(
        recipe.statistic.specification.added,
        ((*made.names, WHOLE), tuple(one.value for one in figures)),
        np.array(codes, dtype=np.int32),
        np.full(len(codes), facts.units, dtype=np.int64),
        np.full(len(codes), facts.rows, dtype=np.int64),
        added=recipe.statistic.specification.added,
        other_units=tuple(
            OtherUnits(key, np.array(found, dtype=np.int64))
            for key, found in zip(recipe.other_units, others, strict=True)
        ),
        parts=MappingProxyType({PART: part}),
    )


def _counts_of_term(model: _Model, place: int) -> tuple[int, int, int, int, bool]:
    """Return units nonzero, units zero, units that differ from the commonest value, units alone, and if two-valued.

    Of several kinds of units each count is of the kind with the fewest.
    """
    made, support = model.made, model.support[place]
    column, kinds = made.matrix[support, place], tuple(kind[support] for kind in model.seen.kinds)
    fewest = min((one.units for one in model.alone if one.columns[place]), default=0)
    if made.names[place] == CONSTANT:
        return _fewest(kinds), 0, _fewest(kinds), fewest, False
    differing = _fewest(kinds, column != _commonest(column))
    indicator = len(np.unique(made.matrix[:, place], return_counts=True)[0]) == 2
    return _fewest(kinds, column != 0), _fewest(kinds, column == 0), differing, fewest, indicator
