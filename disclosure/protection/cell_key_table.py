"""Perturbation tables: what is added to a count, by the count and the cell key.

Source: *Handbook on Statistical Disclosure Control*, 2nd edition, the cell key method; Thompson, Broadfoot and Elazar
(2013); for magnitudes Giessing and Tent (2019). The tests compare with the R packages ptable and cellKey. Row i holds
the perturbations of a count of i with their probabilities; the last row is that of all larger counts. The
probabilities, added up in the order of the perturbations, divide 0 to 1 into intervals, and the one in which the cell
key lies says what is added. A count stays a count, zero stays zero, and every row adds nothing on average.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType

from disclosure.errors import BadInputError

TOLERANCE = Fraction(1, 10**6)
"""Tables are printed with eight decimals, so that sums and means are not exact to the last of them."""


@dataclass(frozen=True)
class Row:
    """The perturbations of one count, in ascending order, with their probabilities."""

    perturbations: tuple[int, ...]
    probabilities: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if not self.perturbations or len(self.perturbations) != len(self.probabilities):
            raise BadInputError("A row of a perturbation table has a probability for each perturbation.")
        if list(self.perturbations) != sorted(set(self.perturbations)):
            raise BadInputError("The perturbations of a row stand once each, in ascending order.")
        if any(one < 0 for one in self.probabilities) or abs(sum(self.probabilities, Fraction(-1))) > TOLERANCE:
            raise BadInputError("The probabilities of a row of a perturbation table add up to 1, none below 0.")
        if abs(self.mean) > TOLERANCE:
            raise BadInputError("A row of a perturbation table adds something on average.")

    @property
    def mean(self) -> Fraction:
        """What the row adds on average."""
        return sum((v * p for v, p in zip(self.perturbations, self.probabilities, strict=True)), Fraction(0))

    @property
    def variance(self) -> Fraction:
        """The mean square of what it adds."""
        return sum((v * v * p for v, p in zip(self.perturbations, self.probabilities, strict=True)), Fraction(0))

    @cached_property
    def bounds(self) -> tuple[Fraction, ...]:
        """The upper ends of the intervals of cell keys, the last of them 1."""
        return (*list(accumulate(self.probabilities))[:-1], Fraction(1))

    def at(self, key: Fraction) -> int:
        """Return the perturbation whose interval, its upper end included, holds a cell key."""
        if not 0 <= key < 1:
            raise BadInputError("A cell key is at least 0 and below 1.")
        return self.perturbations[bisect_left(self.bounds, key)]


@dataclass(frozen=True)
class PerturbationTable:
    """Rows by count: 0, 1, 2 and so on without a gap."""

    rows: Mapping[int, Row]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", MappingProxyType(dict(sorted(self.rows.items()))))
        if list(self.rows) != list(range(len(self.rows))) or len(self.rows) < 2:
            raise BadInputError("A perturbation table has a row for 0, 1 and every further count up to its last.")
        for n, row in self.rows.items():
            if row.perturbations[0] < -n:
                raise BadInputError("A perturbation table makes a count negative.")
        if self.rows[0].perturbations != (0,):
            raise BadInputError("A perturbation table leaves zero as it is.")

    @property
    def largest(self) -> int:
        """D, the largest perturbation."""
        return max(max(abs(row.perturbations[0]), abs(row.perturbations[-1])) for row in self.rows.values())

    def row(self, n: int) -> Row:
        """Return the row of a count: its own, or the last."""
        if n < 0:
            raise BadInputError("A count is at least 0.")
        return self.rows[min(n, len(self.rows) - 1)]


def perturbed_count(n: int, key: Fraction, table: PerturbationTable) -> int:
    """Return a count with what the table adds for its cell key."""
    return n + table.row(n).at(key)


def perturbed_weighted_count(n: int, weighted: Fraction, key: Fraction, table: PerturbationTable) -> Fraction:
    """Return a weighted count: the perturbation of the plain one, each unit of it as heavy as those of the cell.

    The source is the R package cellKey. A cell without units stays as it is.
    """
    return weighted + (table.row(n).at(key) * weighted / n if n else 0)


def perturbed_magnitude(
    total: Fraction, largest: Fraction, share: Fraction, key: Fraction, table: PerturbationTable
) -> Fraction:
    """Return a sum with noise in proportion to its largest contribution: ``x + share * largest * v``.

    The perturbation v is that of the count ``a = |x| / (share * largest)``, so that a cell to which few contribute much
    is perturbed as a small count is; between two counts v is interpolated.

    Args:
        total: x.
        largest: the largest absolute contribution.
        share: the part of it that one step of perturbation stands for (delta in the Handbook).
        key: the cell key.

    Raises:
        BadInputError: the share is not above 0, or a sum that is not 0 has no contribution.
    """
    if share <= 0 or largest < 0:
        raise BadInputError("Magnitudes are perturbed by a share above 0 of a largest contribution.")
    if largest == 0:
        if total != 0:
            raise BadInputError("A sum that is not 0 has a largest contribution.")
        return Fraction(0)
    step = share * largest
    asked = abs(total) / step
    below = asked.numerator // asked.denominator
    rest = asked - below
    first, second = (Fraction(table.row(n).at(key)) for n in (below, below + 1))
    return total + step * (first + rest * (second - first))
