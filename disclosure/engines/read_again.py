"""Reading the columns of a narrow frame again: which of them are registered columns, unit by unit?

A frame's derivation is code, and code can say anything. But a column that bears the name of a registered one can be
looked up by the unit's key. What agrees in every row, in the form in which it will be tabulated, is registered; all
else is computed, and keeps none of the codebook's exemptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.dataset as ds

from disclosure.engines.connection import close, closed_connection, engine_errors
from disclosure.engines.labels import PRECISION, label, missing_to_null, unit_key
from disclosure.errors import ColumnError, DataError
from disclosure.exchange.tabulation import ColumnLineage, Standing
from disclosure.knowledge import is_one_unit
from disclosure.model.codebooks import Codebook
from disclosure.model.evidence import WEIGHT_DECIMALS
from disclosure.model.recipes import Recipe
from disclosure.ports import RegisteredFile
from disclosure.texts import text

_FRAME, _KEYS = "handed_over", "handed_over_keys"


@dataclass(frozen=True)
class _Register:
    """A data set in which the recipe's unit columns are keys, as a table of the engine."""

    name: str
    codebook: Codebook
    columns: tuple[str, ...]
    rows: ir.Table


@dataclass(frozen=True)
class _LookedUp:
    """What a register says of a frame: whether it has every unit, and which columns agree with its own."""

    every_unit: bool
    equal: tuple[str, ...]


def holds_units(recipe: Recipe, codebook: Codebook) -> bool:
    """Tell whether the unit columns of a recipe are, by their names, together the key of one unit of a data set."""
    return is_one_unit(recipe.unit, codebook)


def read_again(
    recipe: Recipe,
    frame: pa.Table,
    files: Mapping[str, RegisteredFile],
    codebooks: Mapping[str, Codebook],
    threads: int | None = None,
) -> tuple[ColumnLineage, ...] | None:
    """Return what each column of a narrow frame turned out to be; None if its unit keys are not registered ones.

    A key is known if it occurs in any of the data sets that name the recipe's unit as one of theirs. A column is
    looked up in those whose unit they are, if they have one row for each unit of the frame. The key of a further unit
    is known where it stands beside the unit's in any of them.

    Args:
        frame: the recipe's narrow columns.
        files: at least the data sets for which `holds_units` is true.

    Raises:
        DataError: the file of a data set cannot be read.
    """
    with closed_connection(threads) as connection:
        opened: dict[str, tuple[str, ...]] = {}
        with engine_errors():
            connection.con.register(_FRAME, frame)
            for name, codebook in sorted(codebooks.items()):
                dataset = _opened(name, files) if holds_units(recipe, codebook) else None
                if dataset is not None and set(recipe.unit) <= set(dataset.schema.names):
                    connection.con.register(f"registered_{len(opened)}", dataset)
                    opened[name] = tuple(dataset.schema.names)
        close(connection)
        with engine_errors():
            registers = [
                _Register(name, codebooks[name], columns, connection.table(f"registered_{place}"))
                for place, (name, columns) in enumerate(opened.items())
            ]
            rows = connection.table(_FRAME)
            looked_up = {one.name: _looked_up(rows, frame.num_rows, one, recipe) for one in registers}
            paired = {one.name: _paired(rows, one, recipe, looked_up[one.name]) for one in registers}
            whole = [name for name, one in looked_up.items() if one.every_unit]
            if not whole:
                whole = _holding(connection, rows, registers, recipe.unit)
    if not whole:
        return None
    equal = [(column, name) for name, one in looked_up.items() for column in one.equal]
    equal += [(column, name) for name, found in paired.items() for column in found]
    equal += [(column, name) for name in whole for column in recipe.unit]
    return tuple(_lineage(column, equal) for column in recipe.narrow_columns)


def _opened(name: str, files: Mapping[str, RegisteredFile]) -> ds.Dataset:
    try:
        return ds.dataset(files[name].path, format="parquet")
    except (pa.ArrowException, OSError, KeyError):
        raise DataError(text("The file of data set '{name}' cannot be read.", name=name)) from None


def _holding(connection: Any, rows: ir.Table, registers: list[_Register], unit: tuple[str, ...]) -> list[str]:
    """Return the data sets in which all unit keys occur, or which have them all between them; none if one is unknown.

    Missing keys are left to the tabulation, which asks for them to be completed.
    """
    asked = connection.create_table(_KEYS, _complete(rows, unit).distinct(), temp=True)
    unknown, whole = asked, []
    for one in registers:
        own = _complete(one.rows, unit).distinct()
        unknown = unknown.anti_join(own, own.columns)
        if not _size(asked.anti_join(own, own.columns)):
            whole.append(one.name)
    if whole or _size(unknown):
        return whole
    return [one.name for one in registers]


def _looked_up(rows: ir.Table, size: int, register: _Register, recipe: Recipe) -> _LookedUp:
    """Look every row up in a register of the recipe's unit that has one row for each; in any other, nothing."""
    nothing = _LookedUp(every_unit=False, equal=())
    if set(register.codebook.unit) != set(recipe.unit):
        return nothing
    left, right = _keys(rows, recipe.unit), _keys(register.rows, recipe.unit) | {"there": ibis.literal(True)}
    names: list[str] = []
    for name in recipe.narrow_columns:
        if name in recipe.unit or name not in register.columns:
            continue
        pair = _compared(rows[name], register.rows[name], name, register.codebook, recipe)
        if pair is not None:
            place = len(names)
            left |= {f"a{place}": pair[0], f"a{place}_missing": missing_to_null(rows[name]).isnull()}
            right |= {f"b{place}": pair[1], f"b{place}_missing": missing_to_null(register.rows[name]).isnull()}
            names.append(name)
    keys = [f"k{place}" for place in range(len(recipe.unit))]
    joined = rows.select(**left).left_join(register.rows.select(**right), keys)
    complete = ibis.and_(*[joined[key].notnull() for key in keys])
    asked = {"rows": joined.count(), "unknown": (joined.there.isnull() & complete).sum()}
    for place in range(len(names)):
        both_missing = joined[f"a{place}_missing"] & joined[f"b{place}_missing"]
        same = both_missing | (joined[f"a{place}"] == joined[f"b{place}"]).fill_null(False)
        asked[f"n{place}"] = (joined.there.isnull() | ~same).sum()
    found = joined.aggregate(**asked).to_pyarrow().to_pylist()[0]
    if found["rows"] != size:
        return nothing  # some unit has several rows there, and nobody can say which of them was meant
    return _LookedUp(
        every_unit=found["unknown"] == 0,
        equal=tuple(name for place, name in enumerate(names) if found[f"n{place}"] == 0),
    )


def _paired(rows: ir.Table, register: _Register, recipe: Recipe, looked_up: _LookedUp) -> tuple[str, ...]:
    """Return the keys of further units that stand beside the unit's key in a register wherever they do in the frame.

    That needs no single row for each unit: of a person with ten jobs every pair of person and job is registered.
    """
    found: list[str] = []
    for group in dict.fromkeys((*recipe.other_units, recipe.holding)):
        known = set(group) <= set(register.columns) and is_one_unit(group, register.codebook)
        if not known or set(group) <= set(looked_up.equal):
            continue
        keys = tuple(dict.fromkeys((*recipe.unit, *group)))
        pairs = _complete(register.rows, keys).distinct()
        if not _size(_complete(rows, keys).distinct().anti_join(pairs, pairs.columns)):
            found += group
    return tuple(found)


def _compared(
    ours: ir.Value, theirs: ir.Value, name: str, codebook: Codebook, recipe: Recipe
) -> tuple[ir.Value, ir.Value] | None:
    """Return a column of the frame and of the register as they would be tabulated; None if that is not possible."""
    if name in recipe.dimensions:
        try:
            return label(ours, name), label(theirs, name)
        except ColumnError:
            return None
    if name in {key for group in (*recipe.other_units, recipe.holding) for key in group}:
        try:
            return label(unit_key(ours, name), name), label(unit_key(theirs, name), name)
        except ColumnError:
            return None
    decimals = WEIGHT_DECIMALS if name == recipe.weight else codebook.column(name).decimals
    one, other = _fixed(ours, decimals), _fixed(theirs, decimals)
    return None if one is None or other is None else (one, other)


def _fixed(column: ir.Value, decimals: int) -> ir.Value | None:
    """Return a number in the fixed-point type of exact sums, null where it does not fit; None if it is no number."""
    kind = column.type()
    if kind.is_boolean():
        column = column.cast("int8")
    elif not kind.is_numeric():
        return None
    return missing_to_null(column).try_cast(dt.Decimal(PRECISION, decimals))


def _keys(rows: ir.Table, unit: tuple[str, ...]) -> dict[str, ir.Value]:
    # As text: the key "007" of a register is not the number 7 of a frame.
    return {f"k{place}": label(unit_key(rows[name], name), name) for place, name in enumerate(unit)}


def _complete(rows: ir.Table, unit: tuple[str, ...]) -> ir.Table:
    """Return the unit keys of all rows that have one."""
    keys = rows.select(**_keys(rows, unit))
    return keys.filter([keys[name].notnull() for name in keys.columns])


def _size(rows: ir.Table) -> int:
    return int(rows.count().to_pyarrow().as_py())


def _lineage(column: str, equal: list[tuple[str, str]]) -> ColumnLineage:
    """Return the lineage of a column from pairs of a column and a data set in which it was found again."""
    sources = frozenset((data_set.lower(), name.lower()) for name, data_set in equal if name == column)
    if not sources:
        return ColumnLineage(column, Standing.COMPUTED)
    return ColumnLineage(column, Standing.REGISTERED, min(sources), sources)
