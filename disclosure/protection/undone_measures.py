"""What a judged table tells of, cell by cell: numbers of units, totals of a value, and what follows from them.

One table may tell of several: an odds ratio prints the counts behind it, a rate counts the units with a value and those
without, and a test, a model or a curve says how many units it is of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.evidence import WEIGHT_DECIMALS, Evidence, Mask
from disclosure.model.recipes import Recipe, Statistic
from disclosure.model.tables import JudgedTable

_TOTALS: Final = (Statistic.SUM, Statistic.MEAN, Statistic.SHARE)
PERCENTAGES: Final = (Statistic.ROW_PERCENT, Statistic.COLUMN_PERCENT, Statistic.TOTAL_PERCENT)
RATIOS: Final = (Statistic.ODDS_RATIO, Statistic.RISK_RATIO)
SIZED: Final = (
    Statistic.SURVIVAL,
    Statistic.CUMULATIVE_INCIDENCE,
    Statistic.CORRELATION,
    Statistic.MODEL,
    Statistic.TEST,
    Statistic.CHI_SQUARE,
)
"""Statistics that say how many units they are of."""


@dataclass(frozen=True, eq=False)
class Measure:
    """What is added up, per cell: of units themselves, or of a value of theirs.

    Attributes:
        evidence: the cells, without those that a statistic adds.
        shown: per cell, whether it is published.
        telling: per cell, whether what is published tells of it; a percentage of a whole is always a hundred.
        absolute: the total without signs.
        largest: shape (cells, m), the largest contributions in descending order; m may be 0.
        counted: the total is a number of units, those with one of two values.
    """

    evidence: Evidence
    shown: Mask
    telling: Mask
    of_units: bool
    total: tuple[Fraction, ...]
    absolute: tuple[Fraction, ...]
    largest: tuple[tuple[Fraction, ...], ...]
    counted: bool = False

    @property
    def hidden(self) -> Mask:
        """The inner cells of some unit that are not published."""
        return np.asarray(self.evidence.inner & ~self.shown & (self.evidence.n_units > 0), dtype=np.bool_)

    @property
    def grand(self) -> int:
        """Where the grand total stands, -1 if there is none."""
        found = np.flatnonzero((self.evidence.codes == MARGIN).all(axis=1))
        return int(found[0]) if len(found) else -1


def measures(table: JudgedTable) -> tuple[Measure, ...]:
    """Return what a judged table tells of; nothing for figures from which no total follows."""
    evidence, statistic = table.evidence, table.recipe.statistic
    if evidence is None or not len(evidence):
        return ()
    if statistic in RATIOS and evidence.underlying is not None:
        below, shown = evidence.underlying, np.full(len(evidence.underlying), bool(table.shown.any()))
        return (_plain(below, shown, below.n_units, of_units=True), *_of_shares(below, shown))
    if statistic in SIZED:
        return (_sized(evidence, table.shown),)
    if statistic is Statistic.COUNT:
        weighted = evidence.weighted
        units, scale = (evidence.n_units, 1) if weighted is None else (weighted.units, 10**WEIGHT_DECIMALS)
        return (_plain(evidence, table.shown, units, scale, of_units=True),)
    if statistic in PERCENTAGES:
        counts = _plain(evidence, table.shown, evidence.n_units, of_units=True)
        return (replace(counts, telling=_telling(table.recipe, evidence)),)
    if statistic is Statistic.RATE:
        return _of_shares(evidence, table.shown)
    if statistic is Statistic.POVERTY_RATE and "poverty" in evidence.parts:
        return (_plain(evidence, table.shown, evidence.part("poverty").columns["poor"]),)
    return (_of_amounts(evidence, table.shown),) if statistic in _TOTALS and evidence.amounts is not None else ()


def slices(measure: Measure) -> Iterator[tuple[str, Fraction, int, int]]:
    """Yield each category of each dimension: the dimension, the total, and its place and code for `sliced`."""
    codes = measure.evidence.codes
    for cell in np.flatnonzero((codes != MARGIN).sum(axis=1) == 1).tolist():
        place = int(np.flatnonzero(codes[cell] != MARGIN)[0])
        yield measure.evidence.dimensions[place], measure.total[cell], place, int(codes[cell, place])


def sliced(measure: Measure, place: int, code: int) -> Measure:
    """Return what a measure of units tells of those in one category, by the other dimensions."""
    own = measure.evidence
    kept = np.flatnonzero(own.codes[:, place] == code)
    evidence = Evidence(
        tuple(name for n, name in enumerate(own.dimensions) if n != place),
        tuple(labels for n, labels in enumerate(own.categories) if n != place),
        np.delete(own.codes[kept], place, axis=1),
        own.n_units[kept],
        own.n_rows[kept],
    )
    total = tuple(measure.total[n] for n in kept.tolist())
    none: tuple[tuple[Fraction, ...], ...] = tuple(() for _ in total)
    return Measure(evidence, measure.shown[kept], measure.telling[kept], False, total, total, none, counted=True)


def _plain(evidence: Evidence, shown: Mask, numbers: Any, unit: int = 1, *, of_units: bool = False) -> Measure:
    total = _fractions(numbers, unit)
    none: tuple[tuple[Fraction, ...], ...] = tuple(() for _ in total)
    return Measure(evidence, shown, np.ones(len(shown), dtype=np.bool_), of_units, total, total, none, not of_units)


def _of_shares(evidence: Evidence, shown: Mask) -> tuple[Measure, ...]:
    if evidence.shares is None:
        return ()
    if evidence.weighted is not None and evidence.weighted.numerator is not None:
        return (_plain(evidence, shown, evidence.weighted.numerator, 10**WEIGHT_DECIMALS),)
    return tuple(_plain(evidence, shown, one) for one in (evidence.shares.numerator, evidence.shares.complement))


def _of_amounts(evidence: Evidence, shown: Mask) -> Measure:
    amounts = evidence.amounts
    if amounts is None:
        raise ValueError
    unit = 10**amounts.decimals
    largest = tuple(tuple(Fraction(int(x), unit) for x in row) for row in amounts.largest.tolist())
    total, absolute = _fractions(amounts.total, unit), _fractions(amounts.absolute, unit)
    one = max((row[0] for row in largest if row), default=Fraction(0))
    counted = all(whole == one * n for whole, n in zip(total, amounts.n_nonzero.tolist(), strict=True))
    everywhere = np.ones(len(shown), dtype=np.bool_)
    return Measure(evidence, shown, everywhere, False, total, absolute, largest, bool(one) and counted)


def _fractions(numbers: Any, unit: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(int(one), unit) for one in numbers.tolist())


def _telling(recipe: Recipe, evidence: Evidence) -> Mask:
    """Return the cells that are a part of what they are a percentage of."""
    within = {Statistic.ROW_PERCENT: recipe.columns, Statistic.COLUMN_PERCENT: recipe.rows}.get(recipe.statistic, ())
    places = [evidence.dimensions.index(name) for name in within or recipe.dimensions]
    return np.asarray((evidence.codes[:, places] != MARGIN).any(axis=1), dtype=np.bool_)


def _sized(evidence: Evidence, shown: Mask) -> Measure:
    """Return the numbers of units by the dimensions of the rows, and in all."""
    own = evidence.own_dimensions
    codes, places = np.unique(evidence.codes[:, :own], axis=0, return_inverse=True)
    units, rows = np.zeros(len(codes), dtype=np.int64), np.zeros(len(codes), dtype=np.int64)
    seen = np.zeros(len(codes), dtype=np.bool_)
    for into, values in ((units, evidence.n_units), (rows, evidence.n_rows)):
        np.maximum.at(into, places.ravel(), values)
    np.logical_or.at(seen, places.ravel(), shown)
    if not (codes == MARGIN).all(axis=1).any():
        codes = np.vstack((codes, np.full((1, own), MARGIN, dtype=codes.dtype)))
        units, rows = np.append(units, units.sum()), np.append(rows, rows.sum())
        seen = np.append(seen, seen.all())
    plain = Evidence(evidence.dimensions[:own], evidence.categories[:own], codes, units, rows)
    return _plain(plain, seen, units, of_units=True)
