"""The measurements as one table for people and one document for programs."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from benchmarks.measurement import Comparison, Measurement
from benchmarks.sections import Line

_PACKAGES = ("datakamp", "pandas", "duckdb", "ibis-framework", "pyarrow", "numpy")
_MIB = 2**20


def as_table(lines: Sequence[Line]) -> Table:
    """Return the ratios as a table; what could not be measured stands in it with its reason."""
    table = Table(title="Ratios within one run; below 1 the first of the two is the faster", title_justify="left")
    table.add_column("section")
    table.add_column("compared", overflow="fold")
    for name in ("ratio", "goal", "seconds", "baseline", "peak MiB", "baseline MiB"):
        table.add_column(name, justify="right", no_wrap=True)
    before = ""
    for line in lines:
        if before and line.section != before:
            table.add_section()
        before = line.section
        if isinstance(line, Comparison):
            table.add_row(line.section, line.title, *_figures(line))
        else:
            table.add_row(line.section, f"not measured: {line.reason}", *[""] * 6)
    return table


def _figures(line: Comparison) -> tuple[str, ...]:
    goals = [f"≤ {line.goal:g}"] if line.goal is not None else []
    goals += [f"≤ {line.most_seconds:g} s"] if line.most_seconds is not None else []
    goals += [f"≤ {line.most_bytes / _MIB:.0f} MiB"] if line.most_bytes is not None else []
    ratio = f"{line.ratio:.3g}" if line.ratio is not None else ""
    baseline = "" if line.ratio is None else f"{line.seconds / line.ratio:.3g}"
    return ratio, ", ".join(goals), f"{line.seconds:.3g}", baseline, _mib(line.subject), _mib(line.baseline)


def _mib(measurement: Measurement | None) -> str:
    return f"{measurement.peak / _MIB:.0f}" if measurement is not None and measurement.peak else ""


def as_document(lines: Sequence[Line]) -> dict[str, Any]:
    """Return everything that was measured, with the machine and the versions that it was measured on."""
    return {
        "schema": "datakamp/benchmarks/1",
        "machine": {
            "python": platform.python_version(),
            "system": platform.system(),
            "processor": platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        },
        "results": [_entry(line) for line in lines],
    }


def _entry(line: Line) -> dict[str, Any]:
    if not isinstance(line, Comparison):
        return {"section": line.section, "not_measured": line.reason}
    return {
        "section": line.section,
        "title": line.title,
        "ratio": line.ratio,
        "memory_ratio": line.memory_ratio,
        "goal": line.goal,
        "goal_bytes": line.most_bytes,
        "goal_seconds": line.most_seconds,
        "compared_by": "median" if line.by_median else "best",
        "subject": _measured(line.subject),
        "baseline": None if line.baseline is None else _measured(line.baseline),
    }


def _measured(measurement: Measurement) -> dict[str, Any]:
    return {
        "name": measurement.name,
        "seconds": list(measurement.seconds),
        "peak_bytes": measurement.peak or None,
        "facts": dict(measurement.facts),
    }
