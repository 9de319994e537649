"""Lazy tables that say what memory they will take before they take it.

A table that is turned into a pandas frame without a thought is how most kernels die. So its rows, and the bytes of its
texts, are counted first, by one aggregation that itself takes next to nothing.
"""

from __future__ import annotations

import resource
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from disclosure.errors import RefusedError
from disclosure.texts import text

MIB: Final = 1 << 20
SAID_FROM: Final = 256 * MIB
"""What takes less is not worth a word."""

_OBJECT: Final = 57  # bytes of a Python text, or of a number in a column with missing values, beside what is in it
_POINTER: Final = 8
_FIXED: Final = 16  # a number, once as it comes out of the engine and once in the frame
_NESTED: Final = 200


@dataclass(frozen=True)
class Need:
    """What a frame will take.

    Attributes:
        rows: how many.
        memory: bytes at the highest point, while it is being made.
    """

    rows: int
    memory: int


class CarefulBackend(Backend):  # type: ignore[misc]  # Ibis has no types
    """DuckDB for lazy tables, refusing frames for which the kernel has no room."""

    allowed: Callable[[], int]
    """How many bytes the process may still take."""

    def execute(self, expr: Any, /, **options: Any) -> Any:
        """Return an expression's result as pandas has it.

        Raises:
            RefusedError: it takes more memory than is allowed. Nothing was taken.
        """
        if isinstance(expr, ir.Table) and not options.get("params"):
            limit = options.get("limit")
            self._check(expr if not isinstance(limit, int) else expr.limit(limit))
        with warnings.catch_warnings():
            # Ibis asks pandas for an option that is about to go; nobody who reads a notebook can help it.
            warnings.filterwarnings("ignore", message=".*infer_string.*")
            return super().execute(expr, **options)

    def need(self, table: ir.Table) -> Need:
        """Return what a table will take as a pandas frame."""
        asked, texts = {"rows": table.count()}, []
        fixed = 0
        for place, (name, kind) in enumerate(table.schema().items()):
            column = table[name]
            asked[f"given{place}"] = column.count()
            if kind.is_string() or kind.is_binary():
                # Signs, not bytes; the few that take more are within what the estimate leaves.
                asked[f"signs{place}"] = column.length().sum() if kind.is_string() else column.count() * _NESTED
                texts.append(place)
            else:
                fixed += _NESTED if kind.is_nested() else _FIXED
        row = self.to_pyarrow(table.aggregate(**asked)).to_pylist()[0]
        rows = int(row["rows"])
        memory = rows * (fixed + 2 * _POINTER * len(texts))
        for place in range(len(table.schema())):
            if int(row[f"given{place}"]) < rows:  # a column with missing values passes through Python's own objects
                memory += rows * (_OBJECT + _POINTER)
        for place in texts:
            memory += 2 * int(row[f"signs{place}"] or 0)
        return Need(rows, memory)

    def _check(self, table: ir.Table) -> None:
        need, allowed = self.need(table), self.allowed()
        if need.memory > allowed:
            raise RefusedError(
                text(
                    "As a pandas frame this takes about {memory} ({rows} rows), and the kernel has {allowed} left.",
                    memory=shown(need.memory),
                    rows=f"{need.rows:,}",
                    allowed=shown(max(0, allowed)),
                ),
                hint=text("Select columns, filter rows, or stay lazy: sdc.table takes the lazy table itself."),
            )
        if need.memory >= SAID_FROM:
            told = text("This takes about {memory}: {rows} rows.", memory=shown(need.memory), rows=f"{need.rows:,}")
            sys.stderr.write(f"{told}\n")
            sys.stderr.flush()


def careful_connection(allowed: Callable[[], int] | None = None) -> CarefulBackend:
    """Return a connection in memory whose tables check their size before they become frames."""
    backend = CarefulBackend()
    backend.allowed = memory_left if allowed is None else allowed
    backend.do_connect()
    return backend


def memory_left() -> int:
    """Return how many bytes this process may still take: of its own limit, and of what the machine has.

    A sealed kernel is ended at half of the address space that it may reserve, so half of that is its limit.
    """
    room = [_available()]
    soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if soft != resource.RLIM_INFINITY:
        room.append(soft // 2 - _resident())
    return min(room)


def shown(size: int) -> str:
    """Return a size in the unit that people read.

    >>> shown(3 << 30), shown(200 << 20)
    ('3.0 GiB', '200 MiB')
    """
    return f"{size / (1 << 30):.1f} GiB" if size >= 1 << 30 else f"{max(1, round(size / MIB))} MiB"


def _available() -> int:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 1 << 30  # a careful answer


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()
