"""Reading who stands where in an output: from a narrow frame, or from registered data sets by a derivation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from disclosure.engines.connection import close, closed_connection, engine_errors
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.labels import label, missing_to_null, recoded, unit_key
from disclosure.engines.placed import CURVES, Mask, Numbers, Placed
from disclosure.errors import RecipeError
from disclosure.model.distribution_options import poverty_line
from disclosure.model.lineage import Derivation
from disclosure.model.recipes import LazySource, Recipe, Statistic
from disclosure.ports import RegisteredFile
from disclosure.texts import text

_ROWS: Final = "rows_of_an_output"
_THREADS: Final = 1
"""So that sums are added up in one order, and are the same each time."""
_COUNTED_BY_VALUE: Final = (Statistic.ODDS_RATIO, Statistic.RISK_RATIO)
"""Figures with their table: they show the units by their value and other columns too."""
_LINES: Final = (Statistic.POVERTY_RATE, Statistic.POVERTY_GAP)


def dimensions_shown(recipe: Recipe) -> tuple[str, ...]:
    """Return the columns by which an output shows how many units there are."""
    if recipe.statistic not in _COUNTED_BY_VALUE or recipe.value is None:
        return recipe.dimensions
    return tuple(dict.fromkeys((*recipe.dimensions, recipe.value, *recipe.others)))


def columns_read(recipe: Recipe) -> tuple[str, ...]:
    """Return the columns that an output reads, those of its dimensions among them, and its weight."""
    named = (*recipe.dimensions, recipe.value, *recipe.others, recipe.weight)
    return tuple(dict.fromkeys(name for name in named if name is not None))


def placed(recipe: Recipe, rows: pa.Table, *, by: Collection[str] = ()) -> Placed:
    """Return who stands where in the output of a recipe.

    Args:
        rows: a narrow frame with the recipe's columns.
        by: another key than the unit's, by what its columns are known, of those that the recipe names.

    Raises:
        RecipeError: the recipe names no unit or no such key, or the rows lack one of its columns.
        ColumnError: a column cannot be what the recipe takes it for.
        DataError: the engine could not read the rows.
    """
    with closed_connection(_THREADS) as connection:
        with engine_errors():
            connection.con.register(_ROWS, rows)
        close(connection)
        return _placed(connection, recipe, None, by)


def placed_lazy(recipe: Recipe, files: Mapping[str, RegisteredFile], *, by: Collection[str] = ()) -> Placed:
    """Return who stands where in the output of a lazy recipe over registered data sets; see `placed`.

    Raises:
        DerivationRefusedError: the derivation asks for something that is not allowed.
    """
    if not isinstance(recipe.source, LazySource):
        raise RecipeError(text("This recipe's rows come from code, not from a derivation that can be run here."))
    derivation = DuckDBTabulator().read(recipe.source, files)
    with closed_connection(_THREADS) as connection:
        with engine_errors():
            for one in recipe.source.data_sets:
                connection.con.register(one.name, ds.dataset(files[one.name].path, format="parquet"))
        close(connection)
        with engine_errors():
            connection.raw_sql(f'CREATE TEMP VIEW "{_ROWS}" AS {derivation.sql}')
        return _placed(connection, recipe, derivation, by)


def _placed(connection: Any, recipe: Recipe, derivation: Derivation | None, by: Collection[str]) -> Placed:
    with engine_errors():
        base = connection.table(_ROWS)
    # SQL does not tell upper from lower case, and neither does a recipe.
    spelt = {name.lower(): name for name in base.columns}
    if not recipe.unit or any(name.lower() not in spelt for name in recipe.narrow_columns):
        raise RecipeError(text("The rows lack a column that the recipe names."))
    base = base.select(**{name: base[spelt[name.lower()]] for name in dict.fromkeys(recipe.narrow_columns)})
    dimensions, known = dimensions_shown(recipe), _known(recipe, derivation)
    if not set(by) <= known.keys():
        raise RecipeError(text("The rows lack a column that the recipe names."))
    columns = {name: known[name] for name in known if (name in by if by else known[name] in recipe.unit)}
    grouped, adding = _grouped(base, recipe, dimensions, tuple(columns.values()), sized=bool(by))
    units, cells = ([name for name in grouped.columns if name[0] == letter] for letter in "ud")
    with engine_errors():
        # In order, so that outputs in which each unit stands once have their units in one order.
        found = grouped.group_by([*units, *cells]).aggregate(**adding).order_by([*units, *cells]).to_pyarrow()
    coded = [_coded(found.column(f"d{place}")) for place in range(len(dimensions))]
    zeros, ones, others = _two_values(found)
    return Placed(
        recipe=recipe,
        unit=tuple(columns),
        dimensions=dimensions,
        keys=tuple(found.column(f"u{place}") for place in range(len(columns))),
        codes=np.array([one for one, _ in coded], dtype=np.int32).reshape(len(coded), found.num_rows).T,
        labels=tuple(labels for _, labels in coded),
        values=_numbers(found, "v"),
        weighted=_numbers(found, "w"),
        weights=_numbers(found, "x"),
        zeros=zeros,
        ones=ones,
        others=others,
        complete=_flags(found, "complete"),
        read={
            name: np.asarray(pc.fill_null(found.column(f"k{place}"), 0).to_numpy(), dtype=np.int64)
            for place, name in enumerate(columns_read(recipe))
        },
        known=known,
        numbers={
            name: numbers
            for place, name in enumerate(columns_read(recipe))
            if (numbers := _numbers(found, f"m{place}")) is not None
        },
        sizes=np.asarray(found.column("size").to_numpy(), dtype=np.int64) if by else None,
    )


def _grouped(
    base: ir.Table, recipe: Recipe, dimensions: tuple[str, ...], unit: tuple[str, ...], *, sized: bool
) -> tuple[ir.Table, dict[str, ir.Value]]:
    """Return the rows as the recipe tabulates them, and what is asked of those of a unit in a cell."""
    asked: dict[str, ir.Value] = {
        f"d{place}": recoded(label(base[name], name), recipe.recodings, name) for place, name in enumerate(dimensions)
    }
    asked |= {f"u{place}": unit_key(base[name], name) for place, name in enumerate(unit)}
    if sized:
        own = {f"o{place}": unit_key(base[name], name) for place, name in enumerate(recipe.unit)}
        asked["own"] = ibis.struct(own)
    read = tuple(name for name in (recipe.value, *recipe.others) if name is not None)
    known = [missing_to_null(base[name]).notnull() for name in read]
    asked["complete"] = ibis.and_(*known) if known else ibis.literal(True)
    has_value = recipe.value is not None and _is_number(base[recipe.value])
    if has_value:
        asked["v"] = missing_to_null(base[recipe.value]).cast("float64")
    elif recipe.value is None and recipe.weight is not None:
        # A count by a weight is a total of weights.
        asked["v"], has_value = missing_to_null(base[recipe.weight]).cast("float64"), True
    if recipe.weight is not None:
        asked["w"] = missing_to_null(base[recipe.weight]).cast("float64")
    if recipe.statistic in CURVES:
        asked["e"] = missing_to_null(base[recipe.others[0]]).cast("float64")
    for place, name in enumerate(columns_read(recipe)):
        # A number that stands for the label: only whether two are the same is asked of it.
        asked[f"k{place}"] = label(base[name], name).hash()
        if recipe.statistic.specification.is_design and base[name].type().is_numeric():
            asked[f"m{place}"] = missing_to_null(base[name]).cast("float64")
    rows = base.select(**asked)
    if recipe.dropna and recipe.dimensions:
        rows = rows.filter([rows[f"d{place}"].notnull() for place in range(len(recipe.dimensions))])
    if recipe.weight is not None:
        rows = rows.filter(rows.w.isnull() | (rows.w != 0))
    adding: dict[str, ir.Value] = {"complete": rows.complete.any()}
    adding |= {f"k{place}": rows[f"k{place}"].min() for place in range(len(columns_read(recipe)))}
    adding |= {name: rows[name].mean() for name in rows.columns if name[0] == "m"}
    if sized:
        adding["size"] = rows.own.nunique()
    if not has_value:
        return rows, adding
    zero, one = rows.v == 0, rows.v == 1
    if recipe.statistic in CURVES:
        zero, one = rows.e == 0, rows.e == 1
    if recipe.statistic in _LINES:
        # A poverty rate is a rate of the column "below the line".
        line = _poverty_line(rows, recipe)
        zero, one = rows.v >= line, rows.v < line
    weighs = recipe.weight is not None and recipe.value is not None
    adding |= {
        "v": rows.v.sum(),
        "x": (rows.w.sum(where=rows.v.notnull()) if weighs else rows.v.notnull().sum()).cast("float64"),
        "w": (rows.v * rows.w if weighs else rows.v).sum(),
        "zeros": zero.any(),
        "ones": one.any(),
        "others": (~zero & ~one).any(),
    }
    if recipe.statistic not in (*CURVES, *_LINES, Statistic.RATE):
        adding |= {"least": rows.v.min(), "most": rows.v.max()}
    return rows, adding


def _poverty_line(rows: ir.Table, recipe: Recipe) -> float:
    """Return below what a value is poor: an amount, or a share of the median of all rows with a value."""
    asked = poverty_line(recipe)
    if asked.amount is not None:
        return float(asked.amount)
    columns = {"v": rows.v} | ({} if recipe.weight is None else {"w": rows.w})
    with engine_errors():
        found = rows.filter(rows.v.notnull()).select(**columns).order_by("v").to_pyarrow()
    values = np.asarray(found.column("v").to_numpy(), dtype=np.float64)
    weights = np.ones(len(values)) if recipe.weight is None else np.nan_to_num(found.column("w").to_numpy())
    if not len(values):
        return 0.0
    up_to = np.cumsum(weights)
    low, high = (np.searchsorted(up_to, up_to[-1] / 2, side=side) for side in ("left", "right"))
    ends = [values[min(int(place), len(values) - 1)] for place in (low, high)]
    return float(asked.share or 0) * float(sum(ends)) / 2


def _known(recipe: Recipe, derivation: Derivation | None) -> dict[str, str]:
    """Return by what the columns of all keys are known, in small letters and in order, to the columns themselves.

    Of two columns that are known by one name the unit's goes first.
    """
    found: dict[str, str] = {}
    for name in (*recipe.unit, *(name for group in (*recipe.other_units, recipe.holding) for name in group)):
        lineage = None if derivation is None else derivation.columns.get(name.lower())
        own = frozenset() if lineage is None else lineage.origins
        found.setdefault(min((known.lower() for _, known in own), default=name.lower()), name)
    return dict(sorted(found.items()))


def _is_number(column: Any) -> bool:
    return bool(column.type().is_numeric() or column.type().is_boolean())


def _numbers(found: pa.Table, name: str) -> Numbers | None:
    if name not in found.column_names:
        return None
    return np.asarray(found.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)


def _flags(found: pa.Table, name: str) -> Mask:
    if name not in found.column_names:
        return np.zeros(found.num_rows, dtype=np.bool_)
    return np.asarray(pc.fill_null(found.column(name), False).to_numpy(), dtype=np.bool_)


def _two_values(found: pa.Table) -> tuple[Mask, Mask, Mask]:
    """Return who has a zero, a one, and something else; of a column of two other numbers the lower one is its zero."""
    zeros, ones, others = (_flags(found, name) for name in ("zeros", "ones", "others"))
    least, most = _numbers(found, "least"), _numbers(found, "most")
    if least is None or most is None or not others.any():
        return zeros, ones, others
    known = ~np.isnan(least) & ~np.isnan(most)
    ends = float(np.min(least, initial=np.inf, where=known)), float(np.max(most, initial=-np.inf, where=known))
    # Of a unit with several rows the lowest and the highest are looked at, which takes nothing in between for either.
    if not ends[0] < ends[1] or not (np.isin(least[known], ends) & np.isin(most[known], ends)).all():
        return zeros, ones, others
    return least == ends[0], most == ends[1], np.zeros(len(others), dtype=np.bool_)


def _coded(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], tuple[str | None, ...]]:
    """Return the place of each label among the distinct ones, and these."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int32)
    return codes, tuple(encoded.dictionary.to_pylist())
