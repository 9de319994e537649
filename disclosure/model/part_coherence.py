"""Whether some table could have a part of its evidence: one check per part, by name.

Counts are of the units and rows that the cell has, groups do not hold more than the whole, and what two entries say of
the same rows agrees. Figures that depend on the recipe as well are looked at where it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isnan, log
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.model.design_coherence import DESIGNS
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence
from disclosure.model.parts import MOST_CONTRIBUTORS, Part

Numbers = npt.NDArray[Any]
_ONE = 10**WEIGHT_DECIMALS
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class _Cells:
    """A part of the evidence of a table of cells, and what it is compared with, all as Python's whole numbers.

    Attributes:
        units: distinct units that have a value.
        rows: rows that have a value; with weights all rows.
        mass: what rows that have a value weigh; without weights how many there are.
        total: the total of the value.
        plain: where no value is negative: no contribution is, and every row is of a unit of its own.
    """

    columns: Mapping[str, Numbers]
    units: Numbers
    rows: Numbers
    mass: Numbers
    total: Numbers
    plain: npt.NDArray[np.bool_]

    def __getitem__(self, name: str) -> Numbers:
        return self.columns[name]

    def within_units(self, *names: str) -> bool:
        """Tell whether these are counts of the cell's units."""
        return all(bool((self[name] <= self.units).all()) for name in names)


def part_is_coherent(evidence: Evidence, part: Part) -> bool:
    """Tell whether some table could have this part beside the rest of its evidence."""
    if "largest_1" in part.columns and not _contributions(part, evidence.n_rows.astype(np.object_)):
        return False
    if part.name in DESIGNS:
        return DESIGNS[part.name](evidence, part)
    amounts = evidence.amounts
    if amounts is None or evidence.added:
        return False
    columns = {
        name: column.astype(np.object_) if column.dtype == np.int64 else column for name, column in part.columns.items()
    }
    n_rows, unweighted = evidence.n_rows.astype(np.object_), evidence.weighted is None
    mass = amounts.divisor // _ONE if unweighted else amounts.divisor
    plain = np.asarray(evidence.n_units == evidence.n_rows) & (not amounts.negative)
    cells = _Cells(
        columns,
        evidence.n_units.astype(np.object_),
        mass if unweighted else n_rows,
        mass,
        amounts.total,
        plain,
    )
    return _PARTS[part.name](cells)


def _contributions(part: Part, most: Numbers) -> bool:
    """Tell whether at most so many contributors can hold what a part says they do."""
    sizes = [part.columns[f"largest_{place}"] for place in range(1, MOST_CONTRIBUTORS + 1)]
    absolute, together = part.columns["absolute"], sum(sizes)
    return _all(
        sizes[-1] >= 0,
        *(one >= other for one, other in pairwise(sizes)),
        together <= absolute,
        absolute <= most * sizes[0],
        (sizes[-1] > 0) | (together == absolute),
    )


def _all(*masks: Any) -> bool:
    return all(bool(np.all(mask)) for mask in masks)


def _group(cells: _Cells, name: str, members: Numbers) -> bool:
    """Tell whether a group of so many members at the most can have its total and its two largest contributions."""
    whole, first, second = cells[name], cells[f"{name}_1"], cells[f"{name}_2"]
    return _all(second >= 0, first >= second, abs(whole) <= members * first)


def _position(cells: _Cells) -> bool:
    quantile, empty = cells["quantile"], cells.units == 0
    return cells.within_units("below", "above", "alike") and _all(
        cells["below"] + cells["above"] <= cells.rows,
        cells["absolute"] == cells.mass,
        ~empty | ((quantile == 0) & (cells["step"] == 0)),
        _shown(cells["figure"], cells["step"], cells["width"], cells["alike"]),
    )


def _shown(figure: Numbers, step: Numbers, width: Numbers, alike: Numbers) -> Any:
    """Return where a rounded quantile is told in full, or not at all: a step of 0 says that nothing is shown."""
    nothing = (figure == 0) & (width == 0) & (alike == 0)
    return (step >= 0) & (width >= 0) & (((step == 0) & nothing) | ((step > 0) & (alike > 0)))


def _shape(cells: _Cells) -> bool:
    rows, second, third, fourth = (cells[name] for name in ("rows", "second", "third", "fourth"))
    absolute = cells["absolute"]
    return _all(
        rows == cells.rows,
        second >= 0,
        fourth >= 0,
        (rows > 1) | (second == 0),
        # Sums of powers of the same distances: Cauchy and Schwarz, and powers of sums.
        third**2 <= second**3,
        (fourth == 0) | ((third**2 <= second * fourth) & (second**2 <= rows * fourth)),
        fourth <= second**2,
        (absolute == fourth) | (absolute == second) | ((fourth == 0) & (absolute >= abs(third))),
        absolute <= second**2 + second,
    )


def _trimmed(cells: _Cells) -> bool:
    rows, total = cells["rows"], cells["total"]
    kept = cells["units"]
    names = [name for name in ("units", "nonzero", "trimmed_off", "off_nonzero") if name in cells.columns]
    return cells.within_units(*names) and _all(
        rows <= cells.rows,
        (rows > 0) == (cells.units > 0),
        kept <= rows,
        (kept > 0) == (rows > 0),
        cells["nonzero"] <= rows,
        cells["trimmed_off"] <= cells.rows - rows,
        # Sizes are multiplied by those of the ties that are cut.
        abs(total) <= cells["absolute"],
    )


def _mode(cells: _Cells) -> bool:
    empty = cells.units == 0
    return cells.within_units("holders") and _all(
        (cells["holders"] == 0) == empty,
        ~empty | (cells["value"] == 0),
        ~cells.plain | ((cells["value"] >= 0) & (cells["holders"] * cells["value"] <= cells.total)),
    )


def _concentration(cells: _Cells) -> bool:
    total, squares, top, rest, n_top = (cells[name] for name in ("total", "squares", "top", "rest", "n_top"))
    return (
        cells.within_units("n_top")
        and _group(cells, "top", n_top)
        and _group(cells, "rest", cells.units - n_top)
        and _all(
            total == cells.total,
            top >= 0,
            rest >= 0,
            top + rest == total,
            squares <= total**2,
            cells.units * squares >= total**2,
            cells["top_1"] + cells["top_2"] <= top,
            cells["rest_1"] + cells["rest_2"] <= rest,
            (n_top < 2) | (cells["top_2"] >= cells["rest_1"]),
            (n_top == 0) | (cells["top_1"] >= cells["rest_1"]),
        )
    )


def _gini(cells: _Cells) -> bool:
    numerator, denominator = cells["numerator"], cells["denominator"]
    positive = cells.total > 0
    return _all(
        cells["absolute"] == cells.mass,
        denominator == np.where(positive, cells.total * cells.mass, 0),
        numerator >= 0,
        positive | (numerator == 0),
        numerator <= denominator,
        numerator <= 2 * cells.mass**2 * 2**63,
    )


def _theil(cells: _Cells) -> bool:
    # At its largest where the lightest row has everything.
    for figure, mass, total in zip(cells["theil"].tolist(), cells.mass.tolist(), cells.total.tolist(), strict=True):
        if isnan(figure) is not (total == 0) or (not isnan(figure) and not -_SLACK <= figure <= log(mass) + _SLACK):
            return False
    return _all(cells["absolute"] == cells.mass)


def _quintile_shares(cells: _Cells) -> bool:
    bottom, top = cells["bottom"], cells["top"]
    return (
        cells.within_units("n_below", "n_above")
        and _group(cells, "bottom", cells.rows)
        and _group(cells, "top", cells.rows)
        and _all(
            cells["absolute"] == cells.mass,
            cells["n_below"] + cells["n_above"] <= cells.rows,
            ~cells.plain | ((bottom >= 0) & (top >= 0) & (bottom + top <= cells.total)),
        )
    )


def _poverty(cells: _Cells) -> bool:
    poor, not_poor, few, few_not = (cells[name] for name in ("poor", "not_poor", "fewest_poor", "fewest_not_poor"))
    numerators, denominators = cells["line_numerator"], cells["line_denominator"]
    medians = (cells["twice_median"], cells["shown_median"], cells["median_step"])
    return cells.within_units("poor", "not_poor") and _all(
        cells["absolute"] == cells.mass,
        cells["weight"] == cells.mass,
        poor + not_poor >= cells.units,
        few <= poor,
        few_not <= not_poor,
        (few > 0) == (poor > 0),
        (few_not > 0) == (not_poor > 0),
        (cells["poor_weight"] > 0) == (poor > 0),
        cells["poor_weight"] <= cells.mass,
        (cells["poor_weight"] < cells.mass) == (not_poor > 0),
        *(cells[name] <= few for name in ("n_below", "n_above", "n_alike")),
        *((poor > 0) | (median == 0) for median in medians),
        _shown(cells["shown_median"], cells["median_step"], cells["median_width"], cells["n_alike"]),
        denominators > 0,
        numerators == numerators[0],
        denominators == denominators[0],
    )


_PARTS: Mapping[str, Callable[[_Cells], bool]] = MappingProxyType(
    {
        "position": _position,
        "shape": _shape,
        "trimmed": _trimmed,
        "mode": _mode,
        "concentration": _concentration,
        "gini": _gini,
        "theil": _theil,
        "quintile_shares": _quintile_shares,
        "poverty": _poverty,
    }
)
