"""Registered data sets as lazy Ibis tables, for the notebook, and what a lazy table says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.common.exceptions
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.dataset as ds
import sqlglot
from sqlglot import exp

from disclosure.errors import DataError, RecipeError
from disclosure.model.recipes import DataSetReference, LazySource
from disclosure.ports import RegisteredFile
from disclosure.texts import text


class RegisteredTables:
    """The data sets of one process as lazy tables on one connection."""

    def __init__(self, files: Mapping[str, RegisteredFile]) -> None:
        self._files = files
        self._connection: Any = None
        self._known: set[str] = set()

    def table(self, name: str) -> ir.Table:
        """Return a data set as a lazy Ibis table; nothing is read yet."""
        if self._connection is None:
            from disclosure.engines.at_hand import careful_connection  # only now: it loads the engine

            self._connection = careful_connection()
        if name not in self._known:
            try:
                self._connection.con.register(name, ds.dataset(self._files[name].path, format="parquet"))
            except (pa.ArrowException, OSError):
                raise DataError(text("The file of data set '{name}' cannot be read.", name=name)) from None
            self._known.add(name)
        return self._connection.table(name)

    def source(self, table: ir.Table) -> LazySource | None:
        """Return the lazy source of a table derived from these data sets alone, None if it has rows of other origin."""
        if self._connection is None or is_lazy(table) is False:
            return None
        try:
            if table.get_backend() is not self._connection:
                return None
        except ibis.common.exceptions.IbisError:  # several backends, or none: rows of other origin are among them
            return None
        sql = str(ibis.to_sql(table, dialect="duckdb"))
        tree = sqlglot.parse_one(sql, read="duckdb")
        names = {node.name.lower() for node in tree.find_all(exp.Table)} - {
            node.alias.lower() for node in tree.find_all(exp.CTE)
        }
        if not names <= {name.lower() for name in self._known}:
            return None
        used = sorted(name for name in self._known if name.lower() in names)
        if not used:
            raise RecipeError(text("The table reads no registered data set."))
        return LazySource(sql, tuple(DataSetReference(name, self._files[name].digest) for name in used))


def is_lazy(frame: Any) -> bool:
    """Tell whether a frame is an Ibis table."""
    return isinstance(frame, ir.Table)
