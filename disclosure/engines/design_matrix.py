"""From rows to a design: the columns of a formula as numbers, in an order that depends on nothing but their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.engines.labels import fixed_point, label, unit_key
from disclosure.engines.tabulate import engine_errors
from disclosure.engines.unit_rows import unit_numbers
from disclosure.errors import ColumnError, DataError, RecipeError
from disclosure.model.cells import label_order
from disclosure.model.codebooks import DEFAULT_DECIMALS
from disclosure.model.evidence import WEIGHT_DECIMALS
from disclosure.model.formulas import Category, Formula, Number, Term, Transform
from disclosure.model.model_facts import CONSTANT
from disclosure.model.model_recipe import Roles
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

MOST_PARAMETERS: Final = 500
MOST_ENTRIES: Final = 60_000_000


@dataclass(frozen=True, eq=False)
class Observations:
    """The complete rows of a model, sorted by what the model reads of them.

    Attributes:
        units: a number per unit, from 0.
        response: the response as a whole number at `decimals` decimals.
        numbers: columns that are numbers.
        categories: columns that are categories: a code per row, and the labels in canonical order.
        absorbed: a number per effect, for each column that is absorbed.
        other_units: a number per further unit.
        missing_rows: rows that were left out, since the model lacks a value of theirs.
    """

    units: Whole
    response: Whole
    decimals: int
    weights: Real | None
    event: Whole | None
    numbers: Mapping[str, Real]
    categories: Mapping[str, tuple[Whole, tuple[str, ...]]]
    absorbed: tuple[Whole, ...]
    clusters: Whole
    other_units: tuple[Whole, ...]
    missing_rows: int

    def __len__(self) -> int:
        return len(self.units)

    @property
    def kinds(self) -> tuple[Whole, ...]:
        """A number per unit of each kind that must reach the minimum: the unit, then further ones."""
        return (self.units, *self.other_units)

    def kept(self, keep: npt.NDArray[np.bool_]) -> Observations:
        """Return the rows that are kept; numbers of units, clusters and effects are given anew."""
        return Observations(
            units=_anew(self.units[keep]),
            response=self.response[keep],
            decimals=self.decimals,
            weights=None if self.weights is None else self.weights[keep],
            event=None if self.event is None else self.event[keep],
            numbers={name: column[keep] for name, column in self.numbers.items()},
            categories={name: _used(codes[keep], labels) for name, (codes, labels) in self.categories.items()},
            absorbed=tuple(_anew(one[keep]) for one in self.absorbed),
            clusters=_anew(self.clusters[keep]),
            other_units=tuple(_anew(one[keep]) for one in self.other_units),
            missing_rows=self.missing_rows,
        )


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a model.

    Attributes:
        matrix: shape (rows, columns); the constant, if any, is the first column.
        names: the term of each column, as it is shown.
        constant: whether the first column is the constant.
    """

    matrix: Real
    names: tuple[str, ...]
    constant: bool


def observations(rows: ir.Table, recipe: Recipe, plan: Plan, formula: Formula, roles: Roles) -> Observations:
    """Return the complete rows that a model reads.

    Raises:
        ColumnError: a column is not of a kind that its place in the formula needs.
        DataError: no row is complete.
    """
    numbers, categories = _columns(formula)
    asked: dict[str, ir.Value] = {f"x{place}": _number(rows, name) for place, name in enumerate(numbers)}
    asked |= {f"c{place}": label(rows[name], name) for place, name in enumerate(categories)}
    asked["y"] = _whole(
        fixed_point(rows[formula.response.column], formula.response.column, plan.decimals), plan.decimals
    )
    if roles.event is not None:
        asked["event"] = _number(rows, roles.event)
    if recipe.weight is not None:
        asked["w"] = _whole(fixed_point(rows[recipe.weight], recipe.weight, WEIGHT_DECIMALS), WEIGHT_DECIMALS)
    keys: dict[str, ir.Value] = {}
    for place, name in enumerate(roles.absorbed):
        keys[f"a{place}"] = _key(rows, name, recipe)
    if roles.cluster is not None:
        keys["cluster"] = _key(rows, roles.cluster, recipe)
    for group, other in enumerate(recipe.other_units):
        keys |= {f"o{group}_{place}": unit_key(rows[name], name) for place, name in enumerate(other)}
    asked |= keys
    asked |= {f"u{place}": unit_key(rows[name], name) for place, name in enumerate(recipe.unit)}
    selected = rows.select(**asked)
    if recipe.weight is not None:
        selected = selected.filter(selected.w.isnull() | (selected.w != 0))
    complete = selected.filter([selected[name].notnull() for name in asked])
    with engine_errors():
        every = int(selected.count().to_pyarrow().as_py())
        # Sorted by what the figures are computed from, so that neither threads nor the order of rows changes a digit.
        table = complete.order_by(list(asked)).to_pyarrow()
    if table.num_rows == 0:
        raise DataError("No row has a value in every column of the model.", hint="Check for missing values.")
    units = unit_numbers([table.column(f"u{place}") for place in range(len(recipe.unit))])
    return Observations(
        units=units,
        response=_integers(table, "y"),
        decimals=plan.decimals,
        weights=_integers(table, "w") / 10**WEIGHT_DECIMALS if recipe.weight is not None else None,
        event=_integers(table, "event") // 10**DEFAULT_DECIMALS if roles.event is not None else None,
        numbers={name: _integers(table, f"x{place}") / 10**DEFAULT_DECIMALS for place, name in enumerate(numbers)},
        categories={
            name: _coded(table, f"c{place}", category) for place, (name, category) in enumerate(categories.items())
        },
        absorbed=tuple(unit_numbers([table.column(f"a{place}")]) for place in range(len(roles.absorbed))),
        clusters=unit_numbers([table.column("cluster")]) if roles.cluster is not None else units,
        other_units=tuple(
            unit_numbers([table.column(f"o{group}_{place}") for place in range(len(other))])
            for group, other in enumerate(recipe.other_units)
        ),
        missing_rows=every - table.num_rows,
    )


def references_of(seen: Observations, formula: Formula) -> tuple[tuple[str, str], ...]:
    """Return of each category of a formula the label that the others are compared with."""
    found = {}
    for factor in (one for term in formula.terms for one in term.categories):
        labels = seen.categories[factor.column][1]
        found[factor.column] = labels[0] if factor.reference is None else factor.label(factor.reference)
    return tuple(sorted(found.items()))


def response_of(seen: Observations, formula: Formula) -> Real:
    """Return the response as the model takes it."""
    return _transformed(seen.response / 10**seen.decimals, formula.response)


def design(seen: Observations, formula: Formula, *, constant: bool) -> Design:
    """Return the columns of a model.

    A category has a dummy for each label but its reference. Without a constant, or in a product whose other factors
    stand alone nowhere, the first such category has a dummy for every label, as in other libraries. A product of
    labels that no row has is no column.

    Args:
        constant: whether the constant is spanned by what the formula does not show: absorbed effects, or the baseline
            of a Cox model.

    Raises:
        RecipeError: the formula lacks the terms that a product of categories builds on, or has too many columns.
    """
    own = formula.constant and not constant
    names: list[str] = [CONSTANT] if own else []
    columns: list[Real] = [np.ones(len(seen))] if own else []
    spanned: set[frozenset[Any]] = {frozenset()} if formula.constant or constant else set()
    for term in formula.terms:
        full = _full_coding(term, spanned)
        _require_room(seen, term, len(names))
        parts: list[tuple[str, Real | None]] = [("", None)]
        for factor in term.factors:
            parts = [_product(one, other) for one in parts for other in _factor(seen, factor, full)]
        for name, column in parts:
            if column is not None and (len(term.factors) == 1 or column.any()):
                names.append(name)
                columns.append(column)
    if not columns:
        raise RecipeError("The model has no term besides what is absorbed.", hint="Name a regressor.")
    if len(set(names)) != len(names):
        raise RecipeError("Two terms of the model have the same name.", hint="Rename a column or a label.")
    return Design(np.column_stack(columns), tuple(names), own)


def _require_room(seen: Observations, term: Term, taken: int) -> None:
    width = 1
    for category in term.categories:
        width *= len(seen.categories[category.column][1])
    if taken + width > MOST_PARAMETERS or (taken + width) * len(seen) > MOST_ENTRIES:
        raise RecipeError(
            "The model has too many columns to be fitted here.", hint="Use coarser categories, or absorb=."
        )


def _full_coding(term: Term, spanned: set[frozenset[Any]]) -> bool:
    """Tell whether the category of a term has a dummy for every label, and note what the term spans."""
    categories = term.categories
    without = [term.key - {one} for one in categories]
    spanned.add(term.key)
    if len(categories) > 1 and not all(one in spanned for one in without):
        raise RecipeError(
            f"The product '{term}' of categories lacks the terms that it builds on.",
            hint="Write it with * for :, or keep the constant.",
        )
    full = len(categories) == 1 and without[0] not in spanned
    if full:
        spanned.add(without[0])
    return full


def _factor(seen: Observations, factor: Number | Category, full: bool) -> list[tuple[str, Real]]:
    if isinstance(factor, Number):
        return [(str(factor), _transformed(seen.numbers[factor.column], factor))]
    codes, labels = seen.categories[factor.column]
    named = None if factor.reference is None else factor.label(factor.reference)
    if named is not None and named not in labels:
        raise RecipeError(f"The reference of '{factor.column}' is not among its labels.", hint="Name one that occurs.")
    reference = 0 if named is None else labels.index(named)
    kept = [place for place in range(len(labels)) if full or place != reference]
    if not kept:
        raise RecipeError(f"The category '{factor.column}' has one label only.", hint="Leave it out of the formula.")
    return [(f"{factor.column}={labels[place]}", (codes == place).astype(np.float64)) for place in kept]


def _product(one: tuple[str, Real | None], other: tuple[str, Real]) -> tuple[str, Real]:
    if one[1] is None:
        return other
    return f"{one[0]}:{other[0]}", one[1] * other[1]


def _transformed(column: Real, factor: Number) -> Real:
    low = column.min() if len(column) else 0.0
    bounds = {Transform.LOG: low > 0, Transform.LOG1P: low > -1, Transform.SQRT: low >= 0}
    if not bounds.get(factor.transform, True):
        raise ColumnError(
            f"The column '{factor.column}' has values of which there is no {factor.transform}.",
            hint="Select the rows that have one, or derive the column as you mean it.",
        )
    functions = {Transform.LOG: np.log, Transform.LOG1P: np.log1p, Transform.SQRT: np.sqrt}
    found: Real = functions[factor.transform](column) if factor.transform else column**factor.power
    return found


def _columns(formula: Formula) -> tuple[tuple[str, ...], dict[str, Category]]:
    factors = [factor for term in formula.terms for factor in term.factors]
    numbers = tuple(dict.fromkeys(one.column for one in factors if isinstance(one, Number)))
    return numbers, {one.column: one for one in factors if isinstance(one, Category)}


def _number(rows: ir.Table, name: str) -> ir.Value:
    kind = rows[name].type()
    if not (kind.is_numeric() or kind.is_boolean()):
        raise ColumnError(f"The column '{name}' is of type {kind}, which is no number.", hint=f"Write C({name}).")
    return _whole(fixed_point(rows[name], name, DEFAULT_DECIMALS), DEFAULT_DECIMALS)


def _whole(column: ir.Value, decimals: int) -> ir.Value:
    return (column.cast(dt.Decimal(38, decimals)) * 10**decimals).cast("int64")


def _key(rows: ir.Table, name: str, recipe: Recipe) -> ir.Value:
    keys = {*recipe.unit, *(one for group in recipe.other_units for one in group)}
    return unit_key(rows[name], name) if name in keys else label(rows[name], name)


def _integers(table: pa.Table, name: str) -> Whole:
    return np.asarray(table.column(name).to_numpy(), dtype=np.int64)


def _coded(table: pa.Table, name: str, category: Category) -> tuple[Whole, tuple[str, ...]]:
    encoded = table.column(name).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    own = [category.label(one) for one in encoded.dictionary.to_pylist()]
    labels = sorted(set(own), key=label_order)
    place_of = {one: place for place, one in enumerate(labels)}
    places = np.array([place_of[one] for one in own], dtype=np.int64)
    return places[np.asarray(encoded.indices.to_numpy(zero_copy_only=False))], tuple(labels)


def _anew(numbers: Whole) -> Whole:
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _used(codes: Whole, labels: tuple[str, ...]) -> tuple[Whole, tuple[str, ...]]:
    used = np.unique(codes)
    return np.searchsorted(used, codes).astype(np.int64), tuple(labels[place] for place in used.tolist())
