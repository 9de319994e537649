"""Whether some table could have this evidence: what holds of every table that was really tabulated.

Evidence comes from a process that has parsed what is not trusted. That it has the right shape says little: no unit is
in more cells than there are rows, a total is what its cells add up to, and nobody holds more than there is. What no
table could give is refused as a document. That a table could have it does not make it true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import WEIGHT_DECIMALS, Amount, Amounts, Counts, Evidence, Mask
from disclosure.model.narrowed import narrowed
from disclosure.model.overlaps import Overlaps, coherent, coherent_shares
from disclosure.model.part_coherence import part_is_coherent

Numbers = npt.NDArray[Any]
_ONE = 10**WEIGHT_DECIMALS


@dataclass(frozen=True)
class Contributions:
    """How a recipe has contributions added up, as far as it decides what must hold of them.

    Attributes:
        valued: they are of a value column, so that every row has its own.
        held: they are added up by a holding and not by the unit.
        weighted: a contributor's size is not the part of the total that it has, since the total is weighted.
        expanded: a contributor stands for several of its own size.
    """

    valued: bool
    held: bool
    weighted: bool
    expanded: bool


@dataclass(frozen=True, eq=False)
class _Line:
    """The cells that one dimension's totals are made of.

    Attributes:
        cells: their positions.
        totals: for each of them where its total is.
    """

    cells: npt.NDArray[np.intp]
    totals: npt.NDArray[np.int64]

    def added(self, column: Numbers) -> Numbers:
        """Return the sum of a column over the cells of each total, at the total's position; 0 elsewhere."""
        sums = np.zeros_like(column)
        np.add.at(sums, self.totals, column[self.cells])
        return sums

    def at_totals(self, mask: Mask) -> bool:
        """Tell whether something holds of every total."""
        return bool(mask[self.totals].all())


def is_coherent(evidence: Evidence) -> bool:
    """Tell whether some table could have this evidence, whatever the recipe."""
    n_units, n_rows, size = evidence.n_units, evidence.n_rows, len(evidence)
    if not size or not _in_order(evidence) or not (n_units <= n_rows).all():
        return False
    lines = list(_lines(evidence)) if not evidence.added else []
    if any((line.totals < 0).any() for line in lines):
        return False
    if evidence.overlaps is not None and not _overlaps_fit(evidence, evidence.overlaps):
        return False
    amounts = evidence.amounts
    checks = [
        _counts_are_coherent(evidence, lines),
        amounts is None or _sizes_are_coherent(evidence, amounts, lines),
        evidence.weighted is None or _weights_are_coherent(evidence, lines),
    ]
    return all(checks) and all(part_is_coherent(evidence, part) for part in evidence.parts.values())


def _lines(evidence: Evidence) -> Iterator[_Line]:
    for place in range(evidence.own_dimensions):
        cells = np.flatnonzero(evidence.codes[:, place] != MARGIN)
        yield _Line(cells, evidence.margin_over(place)[cells])


def _counts_are_coherent(evidence: Evidence, lines: list[_Line]) -> bool:
    n_units, n_rows, shares = evidence.n_units, evidence.n_rows, evidence.shares
    of_units = [n_units]
    if evidence.amounts is not None and not (evidence.amounts.n_nonzero <= n_units).all():
        return False
    if shares is not None:
        # Whoever has a value has the higher one, the lower one or both.
        if shares.high == shares.low or not _two_sides(shares.numerator, shares.complement, n_units):
            return False
        of_units += [shares.numerator, shares.complement]
    further: list[Numbers] = []
    for one in evidence.other_units:
        sides = (one.numerator, one.complement)
        if not (one.n_units <= n_rows).all():
            return False
        if sides[0] is not None and sides[1] is not None and not _two_sides(sides[0], sides[1], one.n_units):
            return False
        further += [one.n_units, *(side for side in sides if side is not None)]
    for line in lines:
        if not line.at_totals(line.added(n_rows) == n_rows):
            return False
        if not all(_collected(line, column) for column in (*of_units, *further)):
            return False
        apart = _apart(evidence, line)
        if not all(line.at_totals(~apart | (line.added(column) == column)) for column in of_units):
            return False
    return True


def _two_sides(numerator: Numbers, complement: Numbers, whole: Numbers) -> bool:
    return bool((numerator <= whole).all() and (complement <= whole).all() and (numerator + complement >= whole).all())


def _collected(line: _Line, column: Numbers) -> bool:
    """Tell whether totals are at least each of their cells and at most all of them together."""
    return bool((column[line.cells] <= column[line.totals]).all()) and line.at_totals(column <= line.added(column))


def _apart(evidence: Evidence, line: _Line) -> Mask:
    """Return the totals of which every unit stands in one cell."""
    return np.asarray(line.added(evidence.n_units) == evidence.n_units, dtype=np.bool_)


def _sizes_are_coherent(evidence: Evidence, amounts: Amounts, lines: list[_Line]) -> bool:
    largest, absolute, total = amounts.largest, amounts.absolute, amounts.total
    n_units, n_rows = evidence.n_units.astype(np.object_), evidence.n_rows.astype(np.object_)
    if not (largest[:, :-1] >= largest[:, 1:]).all() or ((absolute > 0) & (evidence.n_units == 0)).any():
        return False
    if not _spread_is_coherent(amounts, evidence.n_units, evidence.n_rows):
        return False
    if evidence.weighted is not None:
        return True
    rows = amounts.divisor
    checks = [
        (rows % _ONE == 0).all(),
        ((n_units * _ONE <= rows) & (rows <= n_rows * _ONE)).all(),
        # Without a weight there is a value, and each row is in one cell.
        all(line.at_totals(line.added(column) == column) for line in lines for column in (total, rows)),
        _shared_out(amounts, n_rows),
        not (amounts.rows_constant & (evidence.n_rows == evidence.n_units) & ~amounts.constant).any(),
    ]
    return all(map(bool, checks))


def _spread_is_coherent(amounts: Amounts, n_units: Counts, n_rows: Counts) -> bool:
    """Tell whether contributions of some units could have these ends, and divisors that largest."""
    if not amounts.ends or not all(one.coherent() for one in amounts.ends):
        return False
    bounds = [
        amounts.ends[0].numbers == n_units,
        *(one.numbers <= n_rows for one in amounts.ends),
        *((one.numbers > 0) == (n_units > 0) for one in amounts.ends),
        amounts.divisor_largest <= amounts.divisor,
        amounts.divisor <= amounts.divisor_largest * n_units,
    ]
    return all(bool(np.asarray(one, dtype=np.bool_).all()) for one in bounds)


def _overlaps_fit(evidence: Evidence, overlaps: Overlaps) -> bool:
    """Tell whether what is said of overlapping cells may be true of these cells."""
    if not evidence.units_overlap or not coherent(overlaps, evidence.codes, evidence.n_units, evidence.n_rows):
        return False
    amounts, differing, shares = evidence.amounts, overlaps.amounts, evidence.shares
    if (amounts is None) is not (differing is None):
        return False
    if amounts is not None and differing is not None and amounts.largest.shape[1] != differing.largest.shape[1]:
        return False
    if shares is None:
        return overlaps.numerators is None and overlaps.complements is None
    return coherent_shares(overlaps, shares.numerator, shares.complement)


def _shared_out(amounts: Amounts, most: Numbers) -> bool:
    """Tell whether totals and largest contributors are of at most so many contributors that add up to them."""
    largest, absolute, total = amounts.largest, amounts.absolute, amounts.total
    checks = [
        (absolute >= abs(total)).all(),
        amounts.negative or (absolute == total).all(),
        (largest[:, 0] <= absolute).all(),
        (absolute <= most * largest[:, 0]).all(),
    ]
    return all(map(bool, checks))


def _weights_are_coherent(evidence: Evidence, lines: list[_Line]) -> bool:
    weighted = evidence.weighted
    if weighted is None:
        return True
    columns = [weighted.units]
    if ((weighted.units > 0) != (evidence.n_units > 0)).any():
        return False
    if weighted.numerator is not None:
        columns.append(weighted.numerator)
        if not (weighted.numerator <= weighted.units).all():
            return False
    for line in lines:
        apart = _apart(evidence, line)
        for column in columns:
            if not (column[line.cells] <= column[line.totals]).all():
                return False
            # A unit's largest weight may be that of a row in a cell in which it is not in the numerator.
            if not line.at_totals(column <= line.added(weighted.units)):
                return False
            if not line.at_totals(~apart | (line.added(column) == column)):
                return False
    return True


def contributions_are_coherent(evidence: Evidence, asked: Contributions) -> bool:
    """Tell whether amounts are what some table could have, whose contributions are added up as the recipe asks."""
    amounts = evidence.amounts
    if amounts is None:
        return True
    lines = list(_lines(evidence)) if not evidence.added else []
    exact = not asked.weighted and not asked.expanded
    n_units, nonzero = evidence.n_units.astype(np.object_), amounts.n_nonzero.astype(np.object_)
    largest, absolute, m = amounts.largest, amounts.absolute, amounts.largest.shape[1]
    checks = [
        asked.expanded or (absolute >= abs(amounts.total)).all(),
        not asked.expanded or (largest.sum(axis=1) <= absolute).all(),
        asked.valued or (amounts.divisor == n_units * _ONE).all(),
    ]
    if exact:
        checks.append(_shared_out(amounts, (evidence.n_rows if asked.held else evidence.n_units).astype(np.object_)))
    if not asked.held and not asked.expanded:
        checks.append(((largest > 0).sum(axis=1) == np.minimum(amounts.n_nonzero, m)).all())
    if not asked.held and exact:
        rest = np.maximum(nonzero - m, 0)
        # All the same: as many as there are units, each of the size of the largest.
        same = (evidence.n_units > 0) & (nonzero == n_units) & (absolute == n_units * largest[:, 0])
        checks += [
            (largest.sum(axis=1) <= absolute).all(),
            (absolute <= largest.sum(axis=1) + rest * largest[:, -1]).all(),
            not (amounts.constant & ~same).any(),
            amounts.negative or not (same & ~amounts.constant).any(),
        ]
    for line in lines:
        if asked.valued:
            checks += [line.at_totals(line.added(one) == one) for one in (amounts.total, amounts.divisor)]
        apart = _apart(evidence, line)
        if not asked.held:
            checks.append(line.at_totals(absolute <= line.added(absolute)))
            checks += [line.at_totals(~apart | (line.added(one) == one)) for one in (amounts.n_nonzero, absolute)] + [
                _merged(line, largest, apart)
            ]
    return all(map(bool, checks))


def _merged(line: _Line, largest: Amount, apart: Mask) -> bool:
    """Tell whether the largest of a total are the largest of its cells, where every unit stands in one of them."""
    kept = apart[line.totals]
    cells, totals = line.cells[kept], line.totals[kept]
    if not len(cells):
        return True
    m = largest.shape[1]
    where, sizes = np.repeat(totals, m), narrowed(largest[cells].ravel())
    by_size = np.argsort(-sizes, kind="stable")
    order = by_size[np.argsort(where[by_size], kind="stable")]
    where, sizes = where[order], sizes[order]
    starts = np.flatnonzero(np.concatenate([[True], where[1:] != where[:-1]]))
    # Each cell brings m of them, so that each total has at least so many.
    found = sizes[starts[:, None] + np.arange(m)]
    return bool((found == largest[where[starts]]).all())


def _in_order(evidence: Evidence) -> bool:
    """Tell whether the cells stand in canonical order, each once: totals last in each dimension."""
    if not evidence.dimensions:
        return len(evidence) == 1
    last = np.where(evidence.codes == MARGIN, np.iinfo(np.int32).max, evidence.codes).astype(np.int64)
    steps = np.diff(last, axis=0)
    first = np.argmax(steps != 0, axis=1)
    return bool((steps[np.arange(len(steps)), first] > 0).all())
