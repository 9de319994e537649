"""The tabulator that is always there: Ibis on an in-memory DuckDB, closed off before the first row is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.dataset as ds
from ibis.util import gen_name

from disclosure.engines.collect import collect, unequal_weights
from disclosure.engines.derivation import checked_derivation
from disclosure.engines.further_evidence import design_evidence, with_part
from disclosure.engines.further_units import with_further_units
from disclosure.engines.tabulate import (
    UNITS,
    cells,
    close,
    closed_connection,
    engine_errors,
    margins,
    missing_in,
    prepared,
    units_per_cell,
)
from disclosure.errors import DataError, RecipeError
from disclosure.model.evidence import Evidence
from disclosure.model.lineage import Derivation
from disclosure.model.recipes import LazySource, Recipe, Statistic
from disclosure.model.verdicts import Inconclusive
from disclosure.ports import Plan, RegisteredFile
from disclosure.texts import text

_ROWS = "rows_of_the_recipe"


class DuckDBTabulator:
    """Tabulates evidence with Ibis on DuckDB.

    Args:
        threads: how many threads the engine may use; None for all. The evidence is the same for any number.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads

    def read(self, source: LazySource, files: Mapping[str, RegisteredFile]) -> Derivation:
        """Return the checked derivation of a lazy source, without running it."""
        opened = _opened(source, files)
        return checked_derivation(source.sql, {name: tuple(one.schema.names) for name, one in opened.items()})

    def frame(self, recipe: Recipe, frame: pa.Table, plan: Plan) -> Evidence | Inconclusive:
        """Return the evidence of a recipe over a narrow frame, or what is missing."""
        with closed_connection(self._threads) as connection:
            with engine_errors():
                connection.con.register(_ROWS, frame)
            close(connection)
            return _tabulated(connection, recipe, plan)

    def lazy(self, recipe: Recipe, files: Mapping[str, RegisteredFile], plan: Plan) -> Evidence | Inconclusive:
        """Return the evidence of a lazy recipe over registered data sets, or what is missing.

        Raises:
            RecipeError: the recipe is not lazy.
            DataError: a data set is not registered, or is another one than the recipe pins.
            DerivationRefusedError: the SQL asks for something that is not on the list.
        """
        if not isinstance(recipe.source, LazySource):
            raise RecipeError("This recipe's rows come from code, not from a derivation that can be run here.")
        opened = _opened(recipe.source, files)
        derivation = self.read(recipe.source, files)
        with closed_connection(self._threads) as connection:
            with engine_errors():
                for name, one in opened.items():
                    connection.con.register(name, one)
            close(connection)
            with engine_errors():
                connection.raw_sql(f'CREATE TEMP VIEW "{_ROWS}" AS {derivation.sql}')
            return _tabulated(connection, recipe, plan)


def _opened(source: LazySource, files: Mapping[str, RegisteredFile]) -> dict[str, ds.Dataset]:
    opened = {}
    for reference in source.data_sets:
        registered = files.get(reference.name)
        if registered is None or registered.digest != reference.digest:
            raise DataError(
                f"The data set '{reference.name}' is not registered here as the recipe pins it.",
                hint="It was replaced, or the team is not authorised for it.",
            )
        try:
            opened[reference.name] = ds.dataset(registered.path, format="parquet")
        except (pa.ArrowException, OSError):
            raise DataError(f"The file of data set '{reference.name}' cannot be read.") from None
    return opened


def _tabulated(connection: Any, recipe: Recipe, plan: Plan) -> Evidence | Inconclusive:
    with engine_errors():
        rows = connection.table(_ROWS)
    # SQL does not tell upper from lower case, and neither does a recipe.
    spelt = {name.lower(): name for name in rows.columns}
    if any(name.lower() not in spelt for name in recipe.narrow_columns):
        raise RecipeError("The rows lack a column that the recipe names.")
    rows = rows.select(**{name: rows[spelt[name.lower()]] for name in recipe.narrow_columns})
    if recipe.statistic.specification.is_design:
        base = prepared(rows, recipe, plan)
        missing = missing_in(base, recipe)[0]
        return missing if missing is not None else design_evidence(rows, base, recipe, plan)
    evidence = _cells(connection, rows, recipe, plan)
    if isinstance(evidence, Evidence) and (recipe.other_units or recipe.holding):
        evidence = with_further_units(
            evidence, recipe, plan, lambda one: _cells(connection, rows, one, plan, own=False)
        )
    if isinstance(evidence, Inconclusive):
        return evidence
    return with_part(prepared(rows, recipe, plan), evidence, recipe, plan)


def _cells(connection: Any, rows: ir.Table, recipe: Recipe, plan: Plan, *, own: bool = True) -> Evidence | Inconclusive:
    """Return the evidence of every cell.

    Args:
        own: the unit is that of the output, and not a further unit or a holding, whose members may weigh differently.
    """
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
