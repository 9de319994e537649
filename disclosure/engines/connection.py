"""A DuckDB of one's own: in memory, shut off from files and settings, and silent about values in its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import ibis

from disclosure.errors import DataError, OverflowRefusedError
from disclosure.texts import text


@contextmanager
def closed_connection(threads: int | None = None) -> Iterator[Any]:
    """Yield an in-memory DuckDB connection of its own; `close` it before the first statement that others wrote."""
    connection = ibis.duckdb.connect()
    try:
        # In memory or not at all: rows that spilled to a disk would outlive the tabulation.
        connection.raw_sql("SET temp_directory = ''")
        # A moment with a time zone is labelled the same on every machine.
        connection.raw_sql("SET TimeZone = 'UTC'")
        if threads is not None:
            connection.raw_sql(f"SET threads = {int(threads)}")
        yield connection
    finally:
        connection.disconnect()


def close(connection: Any) -> None:
    """Shut the connection off from files, extensions and its own configuration."""
    connection.raw_sql("SET enable_external_access = false")
    connection.raw_sql("SET lock_configuration = true")


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn DuckDB's errors into ours: its messages quote values."""
    try:
        yield
    except (duckdb.ConversionException, duckdb.OutOfRangeException):
        raise OverflowRefusedError(
            text("A value does not fit 18 digits, or is infinite, so its sums would not be exact."),
            hint=text("Check the value column, or record it in larger units."),
        ) from None
    except duckdb.Error:
        raise DataError(
            text("The engine could not tabulate these rows."), hint=text("Look at the derivation on its own.")
        ) from None
