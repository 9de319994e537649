"""What everyone can work out of withheld cells: additive tables, feasible intervals, and what an interval must cover.

Source: Fischetti and Salazar (2000), and *Handbook on Statistical Disclosure Control*, 2nd edition, chapter 4: who
knows the published cells, that cells add up to their margins and that none is below zero, can bound each withheld cell
by two linear programs. It is protected if the interval between the bounds covers its protection levels (`levels`). Of
rows 7 and 3 and columns 6 and 4 the first cell is from 3 to 6.

The programs are solved in `disclosure.engines.audit`. What is known of each cell is exact; a solver computes in
floating point, so bounds are compared with a small tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from disclosure.errors import BadInputError, IntegrityError
from disclosure.model.cells import MARGIN
from disclosure.model.evidence import Evidence, Mask
from disclosure.protection.levels import Interval
from disclosure.texts import Text, text

_RELATIVE = 1e-7


@dataclass(frozen=True)
class Relation:
    """One sum of a table: the cells at `parts` add up to the cell at `total`."""

    total: int
    parts: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.parts or len(set(self.parts)) != len(self.parts) or self.total in self.parts:
            raise BadInputError("A relation of a table adds up different cells to another one.")


@dataclass(frozen=True)
class Known:
    """What is known of a cell before anything is added up: its figure, or bounds. None is no upper bound."""

    lowest: Fraction
    highest: Fraction | None

    def __post_init__(self) -> None:
        if self.highest is not None and self.lowest > self.highest:
            raise BadInputError("The lower bound of a cell is above its upper bound.")

    @property
    def exact(self) -> bool:
        """Whether it is one figure."""
        return self.highest == self.lowest


@dataclass(frozen=True)
class AdditiveTable:
    """A table as everyone sees it: what is known of each cell, and which cells add up to which."""

    known: tuple[Known, ...]
    relations: tuple[Relation, ...]

    def __post_init__(self) -> None:
        size = len(self.known)
        if any(not 0 <= cell < size for one in self.relations for cell in (one.total, *one.parts)):
            raise BadInputError("A relation names a cell that the table lacks.")

    @property
    def open_cells(self) -> tuple[int, ...]:
        """The cells of which no figure is known."""
        return tuple(cell for cell, one in enumerate(self.known) if not one.exact)


@dataclass(frozen=True)
class FeasibleInterval:
    """The smallest and the largest value that a cell may have for all that is known; infinite where nothing bounds."""

    lowest: float
    highest: float

    def covers(self, required: Interval) -> bool:
        """Tell whether the interval holds both ends of another, but for what floating point leaves open."""
        low, high = float(required.lowest), float(required.highest)
        slack = _RELATIVE * max(1.0, abs(low), abs(high))
        return self.lowest <= low + slack and self.highest >= high - slack


def seen_table(
    values: Sequence[Fraction | int],
    withheld: Sequence[bool],
    relations: Sequence[Relation],
    *,
    off: Fraction = Fraction(0),
) -> AdditiveTable:
    """Return a table without negative values as everyone sees it.

    Args:
        values: the true values of all cells, by which nothing else is decided than what published ones show.
        off: how far a published figure may be from the true one, such as half the last digit shown.

    Raises:
        BadInputError: the values do not add up, or are below zero.
    """
    if len(values) != len(withheld) or off < 0:
        raise BadInputError("Each cell is published or withheld, and is off by no less than 0.")
    if any(one < 0 for one in values):
        raise BadInputError("Intervals are computed for tables without negative values.")
    known = tuple(
        Known(Fraction(0), None) if hidden else Known(max(Fraction(0), value - off), value + off)
        for value, hidden in zip(map(Fraction, values), withheld, strict=True)
    )
    table = AdditiveTable(known, tuple(relations))
    if any(values[one.total] != sum(values[cell] for cell in one.parts) for one in table.relations):
        raise BadInputError("The values of a table do not add up to its totals.")
    return table


def relations_of(evidence: Evidence) -> tuple[Relation, ...]:
    """Return every sum of the cells of evidence along one of its own dimensions.

    They hold for sums, and for counts where every unit stands in one cell (`adds_up`).
    """
    found: list[Relation] = []
    for place in range(evidence.own_dimensions):
        below = np.flatnonzero(evidence.codes[:, place] != MARGIN)
        totals = evidence.margin_over(place)[below]
        order = np.argsort(totals, kind="stable")
        ends = np.flatnonzero(np.diff(totals[order], append=-2)) + 1
        start = 0
        for end in ends.tolist():
            parts = below[order[start:end]]
            total = int(totals[order[start]])
            if total >= 0:
                found.append(Relation(total, tuple(parts.tolist())))
            start = end
    return tuple(found)


@dataclass(frozen=True)
class Unprotected:
    """A withheld cell that can be worked out too closely, with the reason."""

    position: int
    reason: Text


def too_narrow(
    table: AdditiveTable, intervals: Sequence[FeasibleInterval], required: Sequence[Interval | None]
) -> tuple[Unprotected, ...]:
    """Return the cells whose interval does not cover what it must, those without an interval among them.

    Args:
        intervals: of all cells of the table, as the solver found them.
        required: what the interval of each cell must cover; None where nothing is asked of it.
    """
    if not len(table.known) == len(intervals) == len(required):
        raise BadInputError("Every cell has an interval and what it must cover.")
    found = []
    for position, (interval, asked) in enumerate(zip(intervals, required, strict=True)):
        # A level may be more than the figure itself; that nothing is below zero is no secret.
        if asked is None or interval.covers(Interval(max(asked.lowest, Fraction(0)), max(asked.highest, Fraction(0)))):
            continue
        # Neither the interval nor the level is told: both follow from what is withheld.
        if table.known[position].exact:
            reason = text("a cell that fails is published")
        elif math.isclose(interval.lowest, interval.highest, rel_tol=_RELATIVE, abs_tol=_RELATIVE):
            reason = text("this withheld cell follows exactly from the cells that are published")
        else:
            reason = text("this withheld cell follows too closely from the cells that are published")
        found.append(Unprotected(position, reason))
    return tuple(found)


def require_open(evidence: Evidence, failing: Mask, shown: Mask) -> None:
    """Check, without solving anything, that no published sum holds a cell that fails.

    Where none does, nothing bounds the cell from above, whatever else is published, and a cell that adds nothing is as
    possible as any: its interval covers everything that may be asked. So what withholds all margins needs no program.
    Of a margin that fails this says that it is not published, not what its cells add up to.

    Raises:
        IntegrityError: a cell that fails is published, or a margin above it is; the message names the cell.
    """
    told = failing & shown
    at_total = evidence.codes[:, : evidence.own_dimensions] == MARGIN
    for margin in np.flatnonzero(shown & at_total.any(axis=1)) if failing.any() else ():
        fixed = evidence.codes[margin] != MARGIN
        told |= failing & (evidence.codes[:, fixed] == evidence.codes[margin, fixed]).all(axis=1)
    if told.any():
        cell = evidence.cell(int(np.flatnonzero(told)[0]))
        raise IntegrityError(
            text("The cell {cell} fails a rule and follows from what would be published.", cell=str(cell)),
            hint=text("Nothing of this table was made. Please report this: suppression should have prevented it."),
        )
