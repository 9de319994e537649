"""The evidence of a model: what was fitted, and on how many units each term rests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from disclosure.engines.design_matrix import Design, design, references_of, response_of
from disclosure.engines.fit import Fitted, Task, fit
from disclosure.engines.isolation import Alone, cells_of, patterns_of, resting_alone
from disclosure.engines.matrix import Matrix, as_matrix
from disclosure.engines.model_cells import cell_facts
from disclosure.engines.model_figures import figures_of_model, figures_of_term
from disclosure.engines.model_groups import told_groups
from disclosure.engines.observations import Observations, observations
from disclosure.engines.residuals import DIGITS, left_of_model
from disclosure.engines.standard_columns import standardised
from disclosure.engines.within import absorbed_effects, shared_rows, within
from disclosure.errors import ColumnError, DataError, RecipeError
from disclosure.model.evidence import Evidence, OtherUnits
from disclosure.model.model_facts import (
    CONSTANT,
    OF_MODEL,
    PART,
    WHOLE,
    Family,
    Figure,
    ModelFacts,
)
from disclosure.model.model_ratios import figures_of_terms, ratios_of
from disclosure.model.model_recipe import model_recipe
from disclosure.model.parts import Part
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.texts import text

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

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
            text("The weights of a model are sampling weights of a codebook: any other column may be anybody's value."),
            hint=text("Leave weights= out, or use the data set's own weight."),
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
                text("Every row has an absorbed effect of its own, so nothing is left to compare."),
                hint=text("Absorb a column whose values several rows share."),
            )
        seen = seen.kept(keep)
    cox = asked.family is Family.COX
    linear = asked.family is Family.OLS
    made = design(
        seen,
        asked.formula,
        constant=bool(seen.absorbed) or cox,
        at_once=bool(seen.absorbed) or cox or (seen.weights is not None and not linear),
    )
    matrix, response = made.matrix, response_of(seen, asked.formula)
    if seen.absorbed:
        freed = within(np.column_stack([matrix.of(slice(None)), response]), seen.absorbed, seen.weights)
        if freed is None:
            return Inconclusive((text("absorbed effects that can be told apart: absorb fewer kinds of them"),))
        _require_variation(freed[:, :-1], made)
        matrix, response = as_matrix(freed[:, :-1]), freed[:, -1]
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
    left = left_of_model(task, matrix.times(fitted.coefficients), seen.kinds, plan.contributors)
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
        residual_units=left.units,
        residual_top=tuple(Fraction(one, 10**DIGITS) for one in left.tops),
        references=references_of(seen, asked.formula),
        **cell_facts(cells, patterns, seen, plan.contributors, groups),
    )
    alone = [one for kind in seen.kinds for one in resting_alone(columns.basis, kind)]
    if cox:
        alone = [replace(one, columns=one.columns[1:]) for one in alone]
    return _evidence(recipe, _Model(asked.family, seen, made, matrix, alone, fitted, facts))


def _check_response(seen: Observations, family: Family) -> None:
    values = np.unique(seen.response, return_counts=True)[0]
    one = 10**seen.decimals
    if family.of_two_values and not np.isin(values, (0, one)).all():
        raise ColumnError(
            text("The response of a {family} model is 0 or 1.", family=family), hint=text("Derive one first.")
        )
    if family is Family.POISSON and ((values < 0) | (values % one != 0)).any():
        raise ColumnError(
            text("The response of a poisson model is a whole number from 0."), hint=text("Derive one first.")
        )
    if family is Family.COX and (values < 0).any():
        raise ColumnError(
            text("The times of a cox model are not negative."), hint=text("Derive them as time since the start.")
        )
    if seen.event is not None and not np.isin(np.unique(seen.event), (0, 1)).all():
        raise ColumnError(text("The event of a cox model is 0 or 1."), hint=text("Derive one first."))


def _require_variation(freed: Real, made: Design) -> None:
    for place, name in enumerate(made.names):
        largest = float(np.abs(made.matrix.column(place)).max())
        if float(np.abs(freed[:, place]).max()) <= _NOTHING_LEFT * largest:
            raise RecipeError(
                text("The term '{name}' does not vary within the absorbed effects.", name=name),
                hint=text("Leave it out."),
            )


def _outcome_units(seen: Observations) -> int:
    if seen.event is not None:
        return _fewest(seen.kinds, seen.event == 1)
    return _fewest(seen.kinds, seen.response != _commonest(seen.response))


def _commonest(column: npt.NDArray[Any]) -> Any:
    first = column == column[0]
    # The first value of more than half of the rows is theirs, which spares sorting them.
    if np.count_nonzero(first) * 2 > len(column):
        return column[0]
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
        freed: the columns as they were fitted: with absorbed effects, what is left of them.
        alone: combinations of columns that rest on few units.
    """

    family: Family
    seen: Observations
    made: Design
    freed: Matrix
    alone: list[Alone]
    fitted: Fitted
    facts: ModelFacts

    def learnt_from(self, place: int) -> slice | Places:
        """Return the rows from which a coefficient is learnt: with absorbed effects, those where something is left."""
        if not self.seen.absorbed:
            return slice(None)
        column = np.abs(self.freed.column(place))
        return np.flatnonzero(column > _NOTHING_LEFT * column.max())


def _evidence(recipe: Recipe, model: _Model) -> Evidence:
    seen, made, facts = model.seen, model.made, model.facts
    of_model = [one for one in OF_MODEL if one is not Figure.R_SQUARED or model.family is not Family.COX]
    of_terms = figures_of_terms(model.family)
    figures = [*of_terms, *of_model]
    codes, columns = [], []
    others: list[list[int]] = [[] for _ in recipe.other_units]
    for place in range(len(made.names)):
        shown = figures_of_term(model.fitted, place)
        counts, further = _counts_of_term(model, place)
        shown |= ratios_of(model.family, shown)
        for code, figure in enumerate(of_terms):
            codes.append((place, code))
            columns.append((shown[figure], *counts))
            for one, found in zip(further, others, strict=True):
                found.append(one)
    of_whole = figures_of_model(model.fitted, facts)
    for code, figure in enumerate(of_model, start=len(of_terms)):
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


def _counts_of_term(model: _Model, place: int) -> tuple[tuple[int, int, int, int, bool], list[int]]:
    """Return the counts of a term, and of each kind of further units how many it is not 0 for.

    The counts are units nonzero, units zero, units that differ from the commonest value, units alone, and whether the
    term is two-valued. Of several kinds of units each count is of the kind with the fewest.
    """
    rows = model.learnt_from(place)
    whole = model.made.matrix.column(place)
    column, kinds = whole[rows], tuple(kind[rows] for kind in model.seen.kinds)
    fewest = min((one.units for one in model.alone if one.columns[place]), default=0)
    nonzero = column != 0
    units = [_distinct(kind[nonzero]) for kind in kinds]
    if model.made.names[place] == CONSTANT:
        return (_fewest(kinds), 0, _fewest(kinds), fewest, False), units[1:]
    differing = _fewest(kinds, column != _commonest(column))
    return (min(units), _fewest(kinds, ~nonzero), differing, fewest, _is_of_two_values(whole)), units[1:]


def _is_of_two_values(column: Real) -> bool:
    low, high = column.min(), column.max()
    return bool(low < high and ((column == low) | (column == high)).all())
