"""Exact evidence by Ibis on DuckDB: one pass to totals per unit and cell, then one per margin.

A unit that occurs in several cells counts once in their margin, so a margin is never added up from cells: its units
are collected again. Values are DECIMAL and summed exactly, so neither the order of rows nor the number of threads can
change a digit.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from disclosure.engines.connection import engine_errors
from disclosure.engines.labels import fixed_point, label, recoded, unit_key
from disclosure.engines.two_values import literal, two_values
from disclosure.errors import ColumnError, DataError
from disclosure.model.evidence import WEIGHT_DECIMALS
from disclosure.model.recipes import Recipe
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan
from disclosure.texts import Text, text

UNITS = "units_per_cell"


@functools.cache
def _largest(scale: int) -> Any:
    """Return DuckDB's max(x, n) for decimals of that scale: the n largest in descending order, missing left out."""
    kind = dt.Decimal(38, scale)

    def largest(x, n): ...  # type: ignore[no-untyped-def]

    return ibis.udf.agg.builtin(largest, name="max", signature=((kind, dt.int64), dt.Array(kind)))


@functools.cache
def _copies(scale: int) -> Any:
    """Return DuckDB's max_by(copies, x, n): what the n units of `_largest` stand for, in the same order."""
    kind = dt.Decimal(38, scale)

    def copies(copies, x, n): ...  # type: ignore[no-untyped-def]

    return ibis.udf.agg.builtin(copies, name="max_by", signature=((dt.int64, kind, dt.int64), dt.Array(dt.int64)))


def prepared(rows: ir.Table, recipe: Recipe, plan: Plan) -> ir.Table:
    """Return the rows as labels d0.., unit keys u0.., value v and weight w, as the recipe asks for them.

    The key of the holding comes as h0_0.., those of further units as o0_0.., o1_0.. and so on.
    """
    dimensions = {
        f"d{place}": recoded(label(rows[name], name), recipe.recodings, name)
        for place, name in enumerate(recipe.dimensions)
    }
    asked: dict[str, ir.Value] = dict(dimensions)
    asked |= {f"u{place}": unit_key(rows[name], name) for place, name in enumerate(recipe.unit)}
    for letter, groups in (("h", (recipe.holding,)), ("o", recipe.other_units)):
        keys = [
            (f"{letter}{place}_{number}", name) for place, key in enumerate(groups) for number, name in enumerate(key)
        ]
        asked |= {short: unit_key(rows[name], name) for short, name in keys}
    if recipe.value is not None:
        asked["v"] = fixed_point(rows[recipe.value], recipe.value, plan.decimals)
    if recipe.weight is not None:
        asked["w"] = fixed_point(rows[recipe.weight], recipe.weight, WEIGHT_DECIMALS)
    base = rows.select(**asked)
    if recipe.weight is not None:
        # A row of weight 0 is in no weighted figure, so its unit must not count behind one. A missing weight stays,
        # to be refused.
        base = base.filter(base.w.isnull() | (base.w != 0))
    return base.filter([base[name].notnull() for name in dimensions]) if recipe.dropna and dimensions else base


def missing_in(base: ir.Table, recipe: Recipe) -> tuple[Inconclusive | None, str | None, str | None]:
    """Look at the rows as a whole.

    Returns:
        what is missing, if anything; and for a two-valued column its higher and lower value as text.

    Raises:
        DataError: no row is left, or no value.
        ColumnError: weights are missing or negative, or a rate is asked of a column with other values than 0 and 1.
    """
    units = [base[f"u{place}"] for place in range(len(recipe.unit))]
    unknown = ibis.or_(*[unit.isnull() for unit in units]).sum()
    asked: dict[str, Any] = {"rows": base.count(), "unknown": unknown}
    if recipe.value is not None:
        asked |= {"values": base.v.count(), "low": base.v.min(), "high": base.v.max()}
    if recipe.weight is not None:
        asked |= {"bad": (base.w.isnull() | (base.w < 0)).sum()}
    with engine_errors():
        seen = base.aggregate(**asked).to_pyarrow().to_pylist()[0]
    if not seen["rows"]:
        raise DataError(text("No row is left to tabulate."), hint=text("Check the filters and missing categories."))
    if seen["unknown"]:
        everything = seen["unknown"] == seen["rows"]
        reason = _without_keys(", ".join(recipe.unit), any(unit.type().is_floating() for unit in units), everything)
        return Inconclusive((reason,)), None, None
    if seen.get("bad"):
        raise ColumnError(
            text("The weight column '{weight}' has missing or negative weights.", weight=recipe.weight),
            hint=text("Leave those rows out, or name another weight column."),
        )
    if recipe.value is None:
        return None, None, None
    if not seen["values"]:
        raise DataError(
            text("The column '{value}' has no values: every one is missing.", value=recipe.value),
            hint=text("Ask for a count, which needs none, or look how the column was joined."),
        )
    return None, *two_values(base, recipe, seen["low"], seen["high"])


def _without_keys(names: str, fractions: bool, everything: bool) -> Text:
    """Return what is missing where rows have no unit key; one that is a float may have a fraction, which no key has."""
    if fractions and everything:
        return text(
            "unit keys: every row lacks {unit}, or has a fraction there, which no key has; take the key as it was"
            " delivered, as a whole number or a text",
            unit=names,
        )
    if fractions:
        return text(
            "unit keys: some rows lack {unit}, or have a fraction there, which no key has; drop or complete them",
            unit=names,
        )
    if everything:
        return text("unit keys: every row lacks {unit}", unit=names)
    return text("unit keys: some rows lack {unit}; drop or complete them", unit=names)


def units_per_cell(base: ir.Table, recipe: Recipe, high: str | None, low: str | None) -> ir.Table:
    """Return one row per cell and unit: its rows, total, and what rates and weights need."""
    keys = [f"d{place}" for place in range(len(recipe.dimensions))] + [f"u{place}" for place in range(len(recipe.unit))]
    asked: dict[str, ir.Value] = {"n_rows": base.count()}
    if recipe.value is not None:
        asked |= {"n_values": base.v.count(), "s": _added(base.v), "smallest": base.v.min(), "biggest": base.v.max()}
        if high is not None and low is not None:
            asked["highs"] = (base.v == literal(Decimal(high), base)).sum()
            asked["lows"] = (base.v == literal(Decimal(low), base)).sum()
    if recipe.weight is not None:
        asked |= {"w_low": base.w.min(), "w_high": base.w.max()}
        if recipe.value is not None:
            scale = base.v.type().scale + WEIGHT_DECIMALS
            # Widened before the multiplication: DuckDB multiplies in the wider of the two types, and Ibis finds none
            # for decimals of which one has more digits and the other more decimals.
            wide = dt.Decimal(38, max(base.v.type().scale, WEIGHT_DECIMALS))
            asked["ws"] = (base.v.cast(wide) * base.w.cast(wide)).cast(dt.Decimal(38, scale)).sum()
            asked["w_values"] = base.w.sum(where=base.v.notnull())
    return base.group_by(keys).aggregate(**asked)


def _added(column: ir.Value, where: ir.Value | None = None) -> ir.Value:
    """Return the sum of a column at its own scale; Ibis would give a sum of decimals two decimals at least."""
    kind, total = column.type(), column.sum(where=where)
    return total.cast(dt.Decimal(38, kind.scale)) if kind.is_decimal() else total


def margins(units: ir.Table, recipe: Recipe) -> Iterator[tuple[tuple[int, ...], ir.Table]]:
    """Yield for the full table and each margin the fixed dimensions and the units collected over the others."""
    every = tuple(range(len(recipe.dimensions)))
    unit_keys = [f"u{place}" for place in range(len(recipe.unit))]
    yield every, units
    for size in reversed(range(len(every))):
        for fixed in combinations(every, size):
            asked = {}
            for name in units.columns:
                if name in unit_keys or (name.startswith("d") and name[1:].isdigit()):
                    continue
                column = units[name]
                if name in ("w_low", "smallest"):
                    asked[name] = column.min()
                elif name in ("w_high", "biggest"):
                    asked[name] = column.max()
                else:
                    asked[name] = _added(column)
            yield fixed, units.group_by([f"d{place}" for place in fixed] + unit_keys).aggregate(**asked)


def cells(units: ir.Table, fixed: tuple[int, ...], recipe: Recipe, plan: Plan) -> pa.Table:
    """Return one row per cell from one row per cell and unit, as the columns that `collect` reads."""
    if recipe.value is not None or plan.weighted_contributions:
        units = _with_ends(units, fixed, recipe, plan)
    has_value = units.n_values > 0 if recipe.value is not None else None
    asked: dict[str, ir.Value] = {
        "n_units": units.count() if has_value is None else has_value.sum(),
        "n_rows": units.n_rows.sum(),
    }
    if recipe.value is not None or plan.weighted_contributions:
        asked |= _amounts(units, recipe, plan)
    if "highs" in units.columns:
        asked |= {"numerator": (units.highs > 0).sum(), "complement": (units.lows > 0).sum()}
    if recipe.weight is not None:
        asked |= {"w_unequal": (units.w_low != units.w_high).sum(), "w_units": _added(units.w_high, where=has_value)}
        if "highs" in units.columns:
            asked["w_numerator"] = _added(units.w_high, where=units.highs > 0)
    grouped = units.group_by([f"d{place}" for place in fixed]) if fixed else units
    with engine_errors():
        return grouped.aggregate(**asked).to_pyarrow()


def ends_of(recipe: Recipe, plan: Plan) -> dict[str, str]:
    """Return of which columns of units the ends are looked for, by what the names of the ends begin with."""
    if recipe.value is None:
        return {"": "w_high"}
    return {"": "ws", "plain_": "s"} if plan.weighted_contributions else {"": "s"}


def _with_ends(units: ir.Table, fixed: tuple[int, ...], recipe: Recipe, plan: Plan) -> ir.Table:
    """Return the units with the ends of the contributions to their cell, to count those that are there."""
    for one, name in ends_of(recipe, plan).items():
        cell = ibis.window(group_by=[f"d{place}" for place in fixed])
        number = units[name]
        units = units.mutate(**{f"{one}lowest": number.min().over(cell), f"{one}highest": number.max().over(cell)})
        number, nothing = units[name], ibis.null(units[name].type())
        above = ibis.ifelse(number > units[f"{one}lowest"], number, nothing)
        below = ibis.ifelse(number < units[f"{one}highest"], number, nothing)
        units = units.mutate(
            **{f"{one}next_lowest": above.min().over(cell), f"{one}next_highest": below.max().over(cell)}
        )
        units = units.mutate(**{f"{one}zeros": _zeros(units[name])})
        units = units.mutate(**{f"{one}finest": units[f"{one}zeros"].min().over(cell)})
        zeros, nothing = units[f"{one}zeros"], ibis.null(units[f"{one}zeros"].type())
        coarser = ibis.ifelse(zeros > units[f"{one}finest"], zeros, nothing)
        units = units.mutate(**{f"{one}next_finest": coarser.min().over(cell)})
    return units


def _zeros(number: ir.Value) -> ir.Value:
    """Return how many zeros a whole number at the decimals of its type ends in, null for zero and for none."""
    digits = number.abs().cast("string").replace(".", "")
    return ibis.ifelse(number != 0, digits.length() - digits.replace("0", " ").rstrip().length(), ibis.null("int64"))


def _ends(units: ir.Table, recipe: Recipe, plan: Plan) -> dict[str, ir.Value]:
    asked: dict[str, ir.Value] = {}
    for one, name in ends_of(recipe, plan).items():
        number = units[name]
        asked |= {f"{one}numbers": number.count(), f"{one}added": _added(number)}
        for end in ("lowest", "next_lowest", "next_highest", "highest"):
            asked |= {f"{one}{end}": units[f"{one}{end}"].max()}
            asked |= {f"{one}n_{end}": (number == units[f"{one}{end}"]).sum()}
        for end in ("finest", "next_finest"):
            zeros = units[f"{one}{end}"]
            asked |= {f"{one}{end}": zeros.max(), f"{one}n_{end}": (units[f"{one}zeros"] == zeros).sum()}
    return asked


def _contribution(units: ir.Table, recipe: Recipe, plan: Plan) -> ir.Value:
    return units[ends_of(recipe, plan)[""]]


def _amounts(units: ir.Table, recipe: Recipe, plan: Plan) -> dict[str, ir.Value]:
    weighted = recipe.weight is not None
    if recipe.value is None:
        # A count with a weight of the researcher's own is the sum of that weight over the units.
        total = units.w_high
        smallest, biggest, divisor = units.w_low, units.w_high, units.count()
        divisor_largest = (units.count() > 0).cast("int64")
    else:
        total = units.ws if weighted else units.s
        smallest, biggest = units.smallest, units.biggest
        divisor = _added(units.w_values) if weighted else units.n_values.sum()
        divisor_largest = (units.w_values if weighted else units.n_values).max()
    contribution = _contribution(units, recipe, plan)
    size = contribution.abs().cast(dt.Decimal(38, contribution.type().scale))
    asked = {
        "total": _added(total),
        # Weighted X over unweighted contributors: the total is what is published, a contributor knows its own value.
        "absolute": _added(total.abs()),
        "n_nonzero": (contribution != 0).sum(),
        "constant": (contribution.min() == contribution.max()) & (contribution.max() != 0),
        "rows_constant": (smallest.min() == biggest.max()) & (biggest.max() != 0),
        "negative": (contribution < 0).sum(),
        "divisor": divisor,
        "divisor_largest": divisor_largest,
        **_ends(units, recipe, plan),
    }
    if plan.expanded:
        copies = units.w_high.round().cast("int64")
        sampled = ibis.ifelse(copies > 0, size, ibis.null(size.type()))
        asked["absolute"] = _added((size * copies.cast(dt.Decimal(18, 0))).cast(size.type()))
        asked["copies"] = _copies(size.type().scale)(copies, sampled, plan.contributors)
        size = sampled
    asked["largest"] = _largest(size.type().scale)(size, plan.contributors)
    return asked
