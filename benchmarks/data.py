"""Made-up rows of which every figure is known to be safe or failing: the same rows for every measurement.

Rows are written in pieces, so that a file can be larger than what fits in memory.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

Whole = npt.NDArray[np.int64]

_SCHEMA = pa.schema([("region", pa.string()), ("industry", pa.string()), ("unit", pa.int64()), ("value", pa.float64())])
_PIECE = 1_000_000
_SEED = 20170321
# An odd number: multiplied by it, different keys below 2**32 stay different, and their order is lost.
_SCRAMBLE = 2_654_435_761
_MOST_KEYS = 2**32
_MOVED = 0.02
MINIMUM_UNITS = 10  # of the policy that the measurements use; a small cell stays below it


@dataclass(frozen=True)
class Shape:
    """How many rows, units and cells there are.

    Attributes:
        rows: how many rows.
        rows_per_unit: 1, or about how many rows a unit has.
        regions, industries: how many categories the two dimensions have.
        small: how many of the cells have fewer units than the policy's minimum; the other rows are spread evenly.
        panel: how many periods the rows of a person-year table are about, one row of each unit for each; the periods
            are its industries, and nearly everybody keeps one region. 0 for rows that are spread evenly.
    """

    rows: int
    rows_per_unit: int = 1
    regions: int = 10
    industries: int = 20
    small: int = 0
    panel: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.rows <= _MOST_KEYS or self.rows_per_unit < 1 or not 0 <= self.small < self.cells:
            raise ValueError("expected some rows, at least one row per unit and fewer small cells than cells")
        if self.panel and (self.panel != self.industries or self.panel != self.rows_per_unit or self.small):
            raise ValueError("expected as many rows per unit as a panel has periods, and no small cells")

    @property
    def cells(self) -> int:
        """How many cells the table has, margins not counted."""
        return self.regions * self.industries


def write(path: Path, shape: Shape) -> None:
    """Write rows of `region`, `industry` (texts), `unit` (whole number) and `value` (lognormal) as Parquet."""
    with pq.ParquetWriter(path, _SCHEMA) as writer:
        for piece in _pieces(shape, np.random.default_rng(_SEED)):
            writer.write_table(piece)


def _pieces(shape: Shape, source: np.random.Generator) -> Iterator[pa.Table]:
    small = source.permutation(shape.cells)[: shape.small]
    large = np.setdiff1d(np.arange(shape.cells), small)
    few = np.repeat(small, source.integers(1, MINIMUM_UNITS, len(small)))
    regions = pa.array([f"R{place:02d}" for place in range(shape.regions)])
    industries = pa.array([f"I{place:02d}" for place in range(shape.industries)])
    for start in range(0, shape.rows, _PIECE):
        rows = np.arange(start, min(start + _PIECE, shape.rows))
        cells = large[source.integers(0, len(large), len(rows))]
        if shape.panel:
            cells = _panel_cells(rows, shape, source)
        if start == 0:
            cells[: len(few)] = few
        yield pa.table(
            [
                regions.take(pa.array(cells // shape.industries)),
                industries.take(pa.array(cells % shape.industries)),
                pa.array(_units(rows, shape, source)),
                pa.array(source.lognormal(10, 1, len(rows))),
            ],
            schema=_SCHEMA,
        )


def _panel_cells(rows: Whole, shape: Shape, source: np.random.Generator) -> Whole:
    """Return the region that follows from the unit, or the first one after a move, in the period of the row."""
    regions = rows // shape.panel * _SCRAMBLE % _MOST_KEYS % shape.regions
    regions[source.random(len(rows)) < _MOVED] = 0
    return np.asarray(regions * shape.industries + rows % shape.panel, dtype=np.int64)


def _units(rows: Whole, shape: Shape, source: np.random.Generator) -> Whole:
    if shape.panel:
        rows = rows // shape.panel
    elif shape.rows_per_unit > 1:
        rows = source.integers(0, max(shape.rows // shape.rows_per_unit, 1), len(rows))
    return rows * _SCRAMBLE % _MOST_KEYS


def main(arguments: list[str]) -> None:
    """Write a file in this process: its path, then the fields of its shape in order."""
    path, *fields = arguments
    write(Path(path), Shape(*(int(field) for field in fields)))


if __name__ == "__main__":
    main(sys.argv[1:])
