"""The rows of a model: complete, as numbers and codes, in an order that depends on nothing but their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from disclosure.engines.connection import engine_errors
from disclosure.engines.labels import fixed_point, label, unit_key
from disclosure.engines.lost_digits import require_digits
from disclosure.engines.unit_rows import unit_numbers
from disclosure.errors import ColumnError, DataError
from disclosure.model.cells import label_order
from disclosure.model.codebooks import DEFAULT_DECIMALS
from disclosure.model.evidence import WEIGHT_DECIMALS
from disclosure.model.formulas import Category, Formula, Number
from disclosure.model.model_recipe import Roles
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan
from disclosure.texts import text

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]


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


def observations(rows: ir.Table, recipe: Recipe, plan: Plan, formula: Formula, roles: Roles) -> Observations:
    """Return the complete rows that a model reads.

    Raises:
        ColumnError: a column is not of a kind that its place in the formula needs.
        DataError: no row is complete.
    """
    numbers, categories = _columns(formula)
    of_numbers = {name: DEFAULT_DECIMALS for name in numbers if rows[name].type().is_numeric()}
    require_digits(rows, of_numbers | {formula.response.column: plan.decimals}, spread=True)
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
        raise DataError(
            text("No row has a value in every column of the model."), hint=text("Check for missing values.")
        )
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


def _columns(formula: Formula) -> tuple[tuple[str, ...], dict[str, Category]]:
    factors = [factor for term in formula.terms for factor in term.factors]
    numbers = tuple(dict.fromkeys(one.column for one in factors if isinstance(one, Number)))
    return numbers, {one.column: one for one in factors if isinstance(one, Category)}


def _number(rows: ir.Table, name: str) -> ir.Value:
    kind = rows[name].type()
    if not (kind.is_numeric() or kind.is_boolean()):
        raise ColumnError(
            text("The column '{name}' is of type {kind}, which is no number.", name=name, kind=kind),
            hint=text("Write C({name}).", name=name),
        )
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
