"""The rows of a lazy recipe, read where they may be looked at: inside the workspace of whoever asked for them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.dataset as ds

from disclosure.engines.connection import close, closed_connection, engine_errors
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.errors import RecipeError
from disclosure.model.recipes import LazySource, Recipe
from disclosure.ports import RegisteredFile
from disclosure.texts import text


def rows_of(recipe: Recipe, files: Mapping[str, RegisteredFile]) -> pa.Table:
    """Return the narrow frame of a lazy recipe, one row for each of its derivation, in no order.

    Raises:
        RecipeError: the recipe is not lazy.
        DataError: a data set is not registered as the recipe pins it, or cannot be read.
        DerivationRefusedError: the derivation asks for something that is not allowed.
    """
    if not isinstance(recipe.source, LazySource):
        raise RecipeError(text("This recipe's rows come from code, not from a derivation that can be run here."))
    derivation = DuckDBTabulator().read(recipe.source, files)
    with closed_connection() as connection:
        with engine_errors():
            for one in recipe.source.data_sets:
                connection.con.register(one.name, ds.dataset(files[one.name].path, format="parquet"))
        close(connection)
        with engine_errors():
            found: pa.Table = connection.con.sql(derivation.sql).to_arrow_table()
    spelt = {name.lower(): name for name in found.column_names}
    return pa.table({name: found.column(spelt[name.lower()]) for name in recipe.narrow_columns})
