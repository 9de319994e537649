"""The tabulator that is always there: Ibis on an in-memory DuckDB, closed off before the first row is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.dataset as ds
from ibis.util import gen_name

from disclosure.engines.array_kept import Kept
from disclosure.engines.array_parts import tabulated_rows
from disclosure.engines.array_rows import PIECE
from disclosure.engines.array_tabulation import tabulated_cells, tabulated_file
from disclosure.engines.collect import collect, unequal_weights
from disclosure.engines.connection import close, closed_connection, engine_errors
from disclosure.engines.derivation import checked_derivation
from disclosure.engines.door import narrow_frame
from disclosure.engines.further_evidence import design_evidence, with_part
from disclosure.engines.further_units import splits_units, with_further_units
from disclosure.engines.lost_digits import require_digits
from disclosure.engines.overlaps import ONE_CURVE_EACH, curves_share_units, with_overlaps
from disclosure.engines.tabulate import (
    UNITS,
    cells,
    margins,
    missing_in,
    prepared,
    units_per_cell,
)
from disclosure.engines.unit_rows import unit_rows
from disclosure.errors import DataError, RecipeError
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.lineage import Derivation
from disclosure.model.recipes import LazySource, Recipe, Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan, RegisteredFile
from disclosure.statistics import output_class
from disclosure.texts import text

_ROWS = "rows_of_the_recipe"
_KINDS = {kind: pa.string() for kind in (pa.large_string(), pa.string_view())}


class TabulateCells(Protocol):
    """Returns the evidence of every cell, or what is missing.

    Its argument `own` says that the unit is that of the output, and not a further unit or a holding, whose members
    may weigh differently.
    """

    def __call__(
        self, connection: Any, rows: ir.Table, recipe: Recipe, plan: Plan, *, own: bool = True
    ) -> Evidence | Inconclusive: ...


class DuckDBTabulator:
    """Tabulates evidence with Ibis on DuckDB.

    Args:
        threads: how many threads the engine may use; None for all. The evidence is the same for any number.
        kept: what is known of columns of narrow frames, for several recipes over them; None if nothing is to be kept.
    """

    def __init__(self, threads: int | None = None, kept: Kept | None = None) -> None:
        self._threads = threads
        self._kept = kept

    def read(self, source: LazySource, files: Mapping[str, RegisteredFile]) -> Derivation:
        """Return the checked derivation of a lazy source, without running it."""
        opened = _opened(source, files)
        found = checked_derivation(source.sql, {name: tuple(one.schema.names) for name, one in opened.items()})
        types = {
            (name.lower(), field.name.lower()): _KINDS.get(field.type, field.type)
            for name, one in opened.items()
            for field in one.schema
        }
        # Put together, a text and a number are one type, and "007" and 7 two units: such columns are none of a kind.
        columns = {
            name: one if len({types.get(own) for own in one.alike}) < 2 else replace(one, alike=frozenset())
            for name, one in found.columns.items()
        }
        return replace(found, columns=columns)

    def frame(self, recipe: Recipe, frame: pa.Table | Path, plan: Plan) -> Evidence | Inconclusive:
        """Return the evidence of a recipe over a narrow frame or a Parquet file that has one, or what is missing."""
        if isinstance(frame, Path):
            found = tabulated_file(frame, recipe, plan, self._threads)
            if found is not None and (not found.units_overlap or found.overlaps is not None):
                return found
            frame = narrow_frame(frame, recipe.narrow_columns)
            return self.frame(recipe, frame, plan) if found is None else self._overlapping(recipe, frame, plan, found)
        known = Kept(0 if output_class(recipe).part is None else None) if self._kept is None else self._kept
        tabulated = tabulated_rows(frame, recipe, plan, self._threads, known)
        return self._by_engine(recipe, frame, plan, _cells) if tabulated is None else tabulated

    def _overlapping(self, recipe: Recipe, frame: pa.Table, plan: Plan, found: Evidence) -> Evidence | Inconclusive:
        """Return what the short way found, with the cells that overlap: only the rows can tell of those."""
        if not found.units_overlap or found.overlaps is not None:
            return found
        return self._by_engine(recipe, frame, plan, _Found(found))

    def by_engine(self, recipe: Recipe, frame: pa.Table, plan: Plan) -> Evidence | Inconclusive:
        """Return what `frame` returns without its short ways: slower, for every type and statistic."""
        return self._by_engine(recipe, frame, plan, _cells_by_engine)

    def _by_engine(
        self, recipe: Recipe, frame: pa.Table, plan: Plan, cells_of: TabulateCells
    ) -> Evidence | Inconclusive:
        with closed_connection(self._threads) as connection:
            with engine_errors():
                connection.con.register(_ROWS, frame)
            close(connection)
            return _tabulated(connection, recipe, plan, cells_of)

    def lazy(self, recipe: Recipe, files: Mapping[str, RegisteredFile], plan: Plan) -> Evidence | Inconclusive:
        """Return the evidence of a lazy recipe over registered data sets, or what is missing.

        Raises:
            RecipeError: the recipe is not lazy.
            DataError: a data set is not registered, or is another one than the recipe pins.
            DerivationRefusedError: the SQL asks for something that is not on the list.
        """
        if not isinstance(recipe.source, LazySource):
            raise RecipeError(text("This recipe's rows come from code, not from a derivation that can be run here."))
        opened = _opened(recipe.source, files)
        derivation = self.read(recipe.source, files)
        with closed_connection(self._threads) as connection:
            with engine_errors():
                for name, one in opened.items():
                    connection.con.register(name, one)
            close(connection)
            with engine_errors():
                connection.raw_sql(f'CREATE TEMP VIEW "{_ROWS}" AS {derivation.sql}')
            return _tabulated(connection, recipe, plan, _cells)


@dataclass(frozen=True, eq=False)
class _Found:
    """Gives evidence that is at hand already in the place of what would be tabulated."""

    evidence: Evidence

    def __call__(
        self, connection: Any, rows: ir.Table, recipe: Recipe, plan: Plan, *, own: bool = True
    ) -> Evidence | Inconclusive:
        del connection, rows, recipe, plan, own
        return self.evidence


def _opened(source: LazySource, files: Mapping[str, RegisteredFile]) -> dict[str, ds.Dataset]:
    opened = {}
    for reference in source.data_sets:
        registered = files.get(reference.name)
        if registered is None or registered.digest != reference.digest:
            raise DataError(
                text("The data set '{name}' is not registered here as the recipe pins it.", name=reference.name),
                hint=text("It was replaced, or the team is not authorised for it."),
            )
        try:
            opened[reference.name] = ds.dataset(registered.path, format="parquet")
        except (pa.ArrowException, OSError):
            raise DataError(text("The file of data set '{name}' cannot be read.", name=reference.name)) from None
    return opened


def _tabulated(connection: Any, recipe: Recipe, plan: Plan, cells_of: TabulateCells) -> Evidence | Inconclusive:
    with engine_errors():
        rows = connection.table(_ROWS)
    # SQL does not tell upper from lower case, and neither does a recipe.
    spelt = {name.lower(): name for name in rows.columns}
    if any(name.lower() not in spelt for name in recipe.narrow_columns):
        raise RecipeError(text("The rows lack a column that the recipe names."))
    rows = rows.select(**{name: rows[spelt[name.lower()]] for name in recipe.narrow_columns})
    taken_at = {recipe.value: plan.decimals, recipe.weight: WEIGHT_DECIMALS}
    require_digits(rows, {name: decimals for name, decimals in taken_at.items() if name is not None})
    table = output_class(recipe).underlying
    if table is not None:
        return _compared(connection, rows, recipe, table(recipe), plan, cells_of)
    if recipe.statistic.specification.is_design:
        base = prepared(rows, recipe, plan)
        missing = missing_in(base, recipe)[0]
        if missing is None and curves_share_units(base, recipe):
            missing = Inconclusive((ONE_CURVE_EACH,))
        return missing if missing is not None else design_evidence(rows, base, recipe, plan)
    evidence = cells_of(connection, rows, recipe, plan)
    if isinstance(evidence, Evidence) and (recipe.other_units or recipe.holding):
        evidence = with_further_units(
            evidence, recipe, plan, lambda one: cells_of(connection, rows, one, plan, own=False)
        )
    if isinstance(evidence, Inconclusive):
        return evidence
    if recipe.holding and output_class(recipe).part is not None and splits_units(rows, recipe):
        return Inconclusive((text("holdings that hold whole units: some units are in several"),))
    base = prepared(rows, recipe, plan)
    return with_overlaps(base, with_part(base, evidence, recipe, plan), recipe, plan)


def _compared(
    connection: Any, rows: ir.Table, recipe: Recipe, table: Recipe, plan: Plan, cells_of: TabulateCells
) -> Evidence | Inconclusive:
    """Return the evidence of a statistic whose figures follow from a plain table and the rows behind it."""
    from disclosure.engines.comparisons import comparison, complete_rows

    rows = complete_rows(rows, recipe)
    below = cells_of(connection, rows, table, plan)
    if isinstance(below, Evidence) and (table.other_units or table.holding):
        below = with_further_units(below, table, plan, lambda one: cells_of(connection, rows, one, plan, own=False))
    if isinstance(below, Inconclusive):
        return below
    return comparison(rows, unit_rows(prepared(rows, table, plan), below, table, plan), below, recipe)


def _cells(connection: Any, rows: ir.Table, recipe: Recipe, plan: Plan, *, own: bool = True) -> Evidence | Inconclusive:
    found = _from_arrays(connection, rows, recipe, plan)
    return found if found is not None else _cells_by_engine(connection, rows, recipe, plan, own=own)


def _cells_by_engine(
    connection: Any, rows: ir.Table, recipe: Recipe, plan: Plan, *, own: bool = True
) -> Evidence | Inconclusive:
    base = prepared(rows, recipe, plan)
    missing, high, low = missing_in(base, recipe)
    if missing is not None:
        return missing
    with engine_errors():
        # Under a name of its own: further units and holdings are tabulated beside the unit of the output.
        units = connection.create_table(gen_name(UNITS), units_per_cell(base, recipe, high, low), temp=True)
    pieces = tuple((fixed, cells(part, fixed, recipe, plan)) for fixed, part in margins(units, recipe))
    own_weight = recipe.value is None or recipe.statistic is Statistic.RATE or plan.expanded
    if own and recipe.weight is not None and own_weight and unequal_weights(pieces):
        return Inconclusive((text("one weight per unit: some units have rows of different weights"),))
    two_values = (high, low) if high is not None and low is not None else None
    return collect(pieces, recipe, plan, two_values)


def _from_arrays(connection: Any, rows: ir.Table, recipe: Recipe, plan: Plan) -> Evidence | None:
    """Return the evidence of every cell by the short way, as the engine hands the rows out; None if there is none."""
    try:
        threads = int(connection.con.execute("SELECT current_setting('threads')").fetchall()[0][0])
        with connection.con.sql(connection.compile(rows)).to_arrow_reader(PIECE) as reader:
            return tabulated_cells(map(pa.table, reader), reader.schema, recipe, plan, threads)
    except (duckdb.Error, pa.ArrowException):
        return None  # tabulated once more, by that which has a message for it
