"""What is compared with what: one function per section, each yielding its lines as they are measured."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from benchmarks import microdata
from benchmarks.acro_environment import REQUIREMENTS, acro_python
from benchmarks.data import Shape
from benchmarks.measurement import Comparison, Measurement, MeasurementError, NotMeasured, collected, in_turn, run

Line = Comparison | NotMeasured

MODEST = 1_000_000
"""The most rows of the sections that are slow by nature: suppression and ACRO."""

_LARGE = 100_000_000
_KERNEL_SECONDS = 300.0
_GRID = Shape(rows=1)
_SPARSE = Shape(rows=10_000, regions=50, industries=50, small=930)
_PANEL = Shape(rows=5, rows_per_unit=5, regions=110, industries=5, panel=5)
_FINE = Shape(rows=1, rows_per_unit=3, regions=110, industries=20)
_WIDE = Shape(rows=MODEST, regions=1_000, industries=1_000)
_DUMMIES = Shape(rows=1, regions=100, industries=11)
_MOST_MEMORY = 4 * 2**30
_MOST_IDLE_MEMORY = 16 * 2**30
_MOST_PAGE_SECONDS = 5.0
_WORK_SECONDS = 900.0


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        rows: the sizes, in ascending order.
        repeats: runs of each case; from ten million rows on at most two.
        starts: how often each kernel is started.
        grid: the table of the sums, for which `rows` and `rows_per_unit` are set.
        sparse: the table with failing cells, for which `rows` is set.
        panel: the person-year table, for which `rows` is set.
        fine: the table of small cells in which units stand several times, for which `rows` is set.
        wide: the table with very many cells, for which `rows` is set.
        dummies: the categories of a model, for which `rows` is set.
        large: rows of the section that reads from a file.
        idle_kernels: of one Lab, whose memory is measured.
        teams: that run a case at once.
    """

    rows: tuple[int, ...] = (100_000, 1_000_000, 10_000_000)
    repeats: int = 3
    starts: int = 10
    grid: Shape = _GRID
    sparse: Shape = _SPARSE
    panel: Shape = _PANEL
    fine: Shape = _FINE
    wide: Shape = _WIDE
    dummies: Shape = _DUMMIES
    large: int = _LARGE
    idle_kernels: int = 40
    teams: int = 8

    @property
    def modest_rows(self) -> tuple[int, ...]:
        """The sizes for the slow sections: those up to `MODEST`, or else the smallest."""
        return tuple(size for size in self.rows if size <= MODEST) or self.rows[:1]

    def repeats_at(self, rows: int) -> int:
        """Return how often a case of that size runs."""
        return min(self.repeats, 2) if rows > MODEST else self.repeats


def sums(settings: Settings) -> Iterator[Line]:
    """Compare the checked sum with all margins with pandas' own."""
    for rows in settings.rows:
        for per_unit, goal in ((1, 0.5), (3, 1.0)):
            with _file(_sized(settings.grid, rows, per_unit)) as path:
                found = _cases(path, settings.repeats_at(rows), "plain", "checked")
            title = f"checked sum / pandas, {_rows(rows, per_unit)}"
            yield Comparison("sum", title, found["checked"], found["plain"], goal)


def panels(settings: Settings) -> Iterator[Line]:
    """Compare sums in which cells that are not plainly apart have units in common with pandas' own."""
    rows = max(settings.modest_rows)
    for name, shape in (("person-years", settings.panel), ("small cells", settings.fine)):
        with _file(replace(shape, rows=rows)) as path:
            found = _cases(path, settings.repeats_at(rows), "plain", "checked")
        what = f"{name}, {shape.regions} x {shape.industries}, {_rows(rows, shape.rows_per_unit)}"
        yield Comparison("panel", f"checked sum / pandas, {what}", found["checked"], found["plain"])


def suppression(settings: Settings) -> Iterator[Line]:
    """Compare the table with its failing cells and margins withheld with the same table unsuppressed."""
    rows = max(settings.modest_rows)
    shape = _sized(settings.sparse, rows, 1)
    with _file(shape) as path:
        found = _cases(path, settings.repeats_at(rows), "plain", "checked", "suppressed", "repaired")
    failing = int(dict(found["checked"].facts)["failing"])
    what = f"{failing} of {shape.cells} cells failing, {_rows(rows, 1)}"
    yield Comparison("suppression", f"suppressed / checked, {what}", found["suppressed"], found["checked"], 1.5)
    yield Comparison("suppression", f"suppressed / pandas, {what}", found["suppressed"], found["plain"])
    yield Comparison("suppression", f"all remedies looked for / checked, {what}", found["repaired"], found["checked"])


def statistics(settings: Settings) -> Iterator[Line]:
    """Compare medians and standard deviations with all margins with pandas' own."""
    rows = max(settings.modest_rows)
    with _file(_sized(settings.grid, rows, 1)) as path:
        for name in ("median", "std"):
            plain, checked = f"plain_{name}", f"checked_{name}"
            found = _cases(path, settings.repeats_at(rows), plain, checked)
            yield Comparison("statistic", f"checked {name} / pandas, {_rows(rows, 1)}", found[checked], found[plain])


def cells(settings: Settings) -> Iterator[Line]:
    """Compare counts in very many cells, up to the page that shows them, with pandas' own without a page."""
    rows = max(settings.modest_rows)
    shape = _sized(settings.wide, rows, 1)
    with _file(shape) as path:
        found = _cases(path, 1, "plain_cells", "checked_cells", "plain", "checked_sums")
    what = f"{shape.cells:,} cells, {_rows(rows, 1)}"
    yield Comparison("cells", f"checked count and page / pandas, {what}", found["checked_cells"], found["plain_cells"])
    yield Comparison("cells", f"checked sum and page / pandas, {what}", found["checked_sums"], found["plain"])


def acro(settings: Settings) -> Iterator[Line]:
    """Compare ACRO with pandas in its own process, and the check with ACRO, on the same files."""
    try:
        python = acro_python()
    except MeasurementError as error:
        yield NotMeasured("acro", str(error))
        return
    name = REQUIREMENTS[0].replace("==", " ")
    for rows in settings.modest_rows:
        with _file(_sized(settings.grid, rows, 3)) as path:
            theirs = in_turn([("benchmarks.acro_worker", str(path), "none")], settings.repeats_at(rows), python=python)
            ours = _cases(path, settings.repeats_at(rows), "checked")
        what = _rows(rows, 3)
        yield Comparison("acro", f"{name} / pandas in its process, {what}", theirs["acro"], theirs["acro_plain"])
        yield Comparison("acro", f"checked sum / {name}, {what}", ours["checked"], theirs["acro"], 0.05)
    rows = max(settings.modest_rows)
    with _file(_sized(settings.sparse, rows, 1)) as path:
        without = in_turn([("benchmarks.acro_worker", str(path), "none")], 1, python=python)["acro"]
        # Once: it takes minutes.
        suppressed = in_turn([("benchmarks.acro_worker", str(path), "suppress")], 1, python=python)["acro"]
    yield Comparison("acro", f"{name} suppressed / unsuppressed, {_rows(rows, 1)}", suppressed, without)


def kernels(settings: Settings) -> Iterator[Line]:
    """Compare the start of a sealed kernel with that of a plain one, up to the first result."""
    yield _starts("kernel", "sealed kernel / plain kernel, start to first result", "benchmarks.kernels", settings)


def labs(settings: Settings) -> Iterator[Line]:
    """Compare the start of a kernel in a team's Lab with one of an ordinary Jupyter server, up to the first result."""
    yield _starts("lab", "kernel of a Lab / of a plain server, asked to first result", "benchmarks.lab", settings)


def work(settings: Settings) -> Iterator[Line]:
    """Measure Labs at work: until a browser shows one, the memory of idle kernels, and many teams at once."""
    kernels, teams = settings.idle_kernels, settings.teams
    asked = {"page": settings.repeats, "idle": kernels, "teams": teams}
    for what, number in asked.items():
        try:
            handed = run(("benchmarks.labs_at_work", what, str(number)), seconds=_WORK_SECONDS)
            found = {name: collected(name, results) for name, results in handed.items()}
        except MeasurementError as error:
            yield NotMeasured("work", str(error))
            continue
        if what == "page":
            title = "a Lab's address to a list of files that can be used, in Chromium"
            yield Comparison("work", title, found["page"], None, by_median=True, most_seconds=_MOST_PAGE_SECONDS)
        elif what == "idle":
            title = f"{kernels} idle kernels of one Lab, started one by one, with server and keeper"
            yield Comparison("work", title, found["idle"], None, most_bytes=_MOST_IDLE_MEMORY)
        else:
            yield Comparison("work", f"a case in {teams} Labs at once / in one", found["many"], found["one"])


def _starts(section: str, title: str, module: str, settings: Settings) -> Line:
    try:
        handed = run((module, str(settings.starts)), seconds=_KERNEL_SECONDS)
        plain, sealed = (
            collected(name, [{"seconds": one} for one in handed[name]]) for name in ("plain_kernel", "sealed_kernel")
        )
    except MeasurementError as error:
        return NotMeasured(section, str(error))
    return Comparison(section, title, sealed, plain, 1.15, by_median=True)


def large(settings: Settings) -> Iterator[Line]:
    """Measure the checked sum from a Parquet file that need not fit in memory; only its memory matters."""
    for per_unit in (1, 3):
        with _file(_sized(settings.grid, settings.large, per_unit)) as path:
            found = _cases(path, 1, "checked_file")
        title = f"checked sum from Parquet, {_rows(settings.large, per_unit)}"
        yield Comparison("large", title, found["checked_file"], None, most_bytes=_MOST_MEMORY)


def models(settings: Settings) -> Iterator[Line]:
    """Measure a linear model of some hundred dummies; only its memory has a goal."""
    rows = max(settings.rows)
    shape = _sized(settings.dummies, rows, 1)
    with _file(shape) as path:
        found = _cases(path, 1, "checked_model")
    title = f"OLS of {shape.regions + shape.industries - 1} columns, {_rows(rows, 1)}"
    yield Comparison("model", title, found["checked_model"], None, most_bytes=_MOST_MEMORY)


def records(settings: Settings) -> Iterator[Line]:
    """Measure the risk of files of records, local suppression and special uniques."""
    yield from microdata.lines(settings.rows, settings.repeats)


SECTIONS: dict[str, Callable[[Settings], Iterator[Line]]] = {
    "kernel": kernels,
    "lab": labs,
    "work": work,
    "sum": sums,
    "panel": panels,
    "suppression": suppression,
    "statistic": statistics,
    "cells": cells,
    "acro": acro,
    "microdata": records,
    "model": models,
    "large": large,
}

ON_REQUEST = frozenset({"model", "large"})
"""Sections that run only when they are named: they need many minutes, or several gigabytes on disk."""


def _sized(shape: Shape, rows: int, per_unit: int) -> Shape:
    return Shape(rows, per_unit, shape.regions, shape.industries, shape.small)


def _cases(path: Path, repeats: int, *names: str) -> dict[str, Measurement]:
    return in_turn([("benchmarks.cases", name, str(path)) for name in names], repeats)


def _rows(rows: int, per_unit: int) -> str:
    return f"{rows:,} rows, {'one per unit' if per_unit == 1 else f'about {per_unit} per unit'}"


@contextmanager
def _file(shape: Shape) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="datakamp-bench-") as folder:
        path = Path(folder) / "rows.parquet"
        # In a process of its own: what it needs must not count for any measurement.
        run(("benchmarks.data", str(path), *(str(field) for field in astuple(shape))))
        yield path
