"""From tallies to evidence: cells in canonical order, amounts as Python's whole numbers at the schema's decimals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from disclosure.engines.array_columns import Mask, Whole
from disclosure.engines.array_ends import End
from disclosure.engines.array_rows import Rows
from disclosure.engines.array_tally import Tally
from disclosure.engines.two_values import plain_number
from disclosure.model.cells import MARGIN, label_order
from disclosure.model.empty_cells import with_empty_cells
from disclosure.model.ends import Ends
from disclosure.model.evidence import WEIGHT_DECIMALS, Amount, Amounts, Evidence, Shares, Weighted
from disclosure.model.recipes import Recipe
from disclosure.ports import Plan

Categories = tuple[tuple[str | None, ...], ...]
Codes = npt.NDArray[np.int32]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Asked:
    """What is tallied.

    Attributes:
        weighted_contributions: what a unit contributes is multiplied by the weight, or is the weight itself.
        two: the lower and the higher of two values, at the scale of the values.
        own_weight: a unit counts with its weight, so that it must have one only.
    """

    weighted_contributions: bool
    two: tuple[int, int] | None
    own_weight: bool
    contributors: int


@dataclass(frozen=True, eq=False)
class Margin:
    """The full table or a margin: which dimensions are fixed, and in which of its cells each inner cell lies."""

    fixed: tuple[int, ...]
    codes: Codes
    of_inner: npt.NDArray[np.intp]
    ascending: bool

    @property
    def is_table(self) -> bool:
        """Whether it is the full table. A margin may have as many cells and yet another order of them."""
        return len(self.fixed) == int(self.codes.shape[1])


@dataclass(frozen=True, eq=False)
class Tallies:
    """What was tallied for the full table and each margin: from rows, and from units."""

    margins: tuple[Margin, ...]
    by_rows: tuple[Tally, ...]
    by_units: tuple[Tally, ...]


class _Columns:
    """The tallies' numbers with one entry per cell that has rows, in canonical order."""

    def __init__(self, tallies: Tallies, labels: Categories) -> None:
        self._seen = [np.flatnonzero(one.sums("rows")) for one in tallies.by_rows]
        self._tallies = tallies
        self.categories, codes = _categories(tallies.margins, self._seen, labels)
        last = np.where(codes == MARGIN, np.iinfo(np.int32).max, codes)
        width = codes.shape[1]
        self._order = (
            np.lexsort([last[:, place] for place in reversed(range(width))]) if width else np.arange(len(codes))
        )
        self.codes = codes[self._order]

    def of_rows(self, name: str) -> Whole:
        """Return sums over rows."""
        return self._in_order(self._tallies.by_rows, lambda one: one.sums(name))

    def of_units(self, name: str) -> Whole:
        """Return sums over units."""
        return self._in_order(self._tallies.by_units, lambda one: one.sums(name))

    def ends(
        self,
        ends: Callable[[Tally], tuple[End, End]],
        finest: Callable[[Tally], End],
        total: Amount,
        decimals: int,
    ) -> Ends:
        """Return the ends of contributions of units, with so many more decimals, and their sum."""

        def column(of: Callable[[End], Whole], place: int) -> Whole:
            return self._in_order(self._tallies.by_units, lambda one: of(ends(one)[place]))

        def zeros(of: Callable[[End], Whole], at: Callable[[End], Whole]) -> Amount:
            found = self._in_order(self._tallies.by_units, lambda one: of(finest(one)))
            return np.where(fine(at) > 0, found + decimals, 0).astype(np.object_)

        def fine(at: Callable[[End], Whole]) -> Whole:
            return self._in_order(self._tallies.by_units, lambda one: at(finest(one)))

        def amount(of: Callable[[End], Whole], place: int) -> Amount:
            return _scaled(column(of, place), decimals)

        return Ends(
            numbers=self.of_units("units"),
            total=total,
            lowest=amount(End.found, 0),
            n_lowest=column(lambda one: one.at, 0),
            next_lowest=amount(End.next_found, 0),
            n_next_lowest=column(lambda one: one.next_at, 0),
            next_highest=amount(End.next_found, 1),
            n_next_highest=column(lambda one: one.next_at, 1),
            highest=amount(End.found, 1),
            n_highest=column(lambda one: one.at, 1),
            finest=zeros(End.found, lambda one: one.at),
            n_finest=fine(lambda one: one.at),
            next_finest=zeros(End.next_found, lambda one: one.next_at),
            n_next_finest=fine(lambda one: one.next_at),
        )

    def divisor_largest(self) -> Whole:
        """Return the largest part of the divisor that is one unit's."""
        # Where nothing was looked up, everybody there has one row.
        return self._in_order(
            self._tallies.by_units, lambda one: np.maximum(one.divisor_largest, (one.ends[0].at > 0).astype(np.int64))
        )

    def largest(self) -> Whole:
        """Return the largest contributions, shape (cells, contributors)."""
        return self._in_order(self._tallies.by_units, lambda one: one.largest)

    def constant(self, tallies: tuple[Tally, ...]) -> Mask:
        """Tell where all numbers are the same and not zero."""
        return self._in_order(tallies, lambda one: one.constant.found())

    def _in_order(self, tallies: tuple[Tally, ...], column: Callable[[Tally], npt.NDArray[T]]) -> npt.NDArray[T]:
        return np.concatenate([column(one)[own] for one, own in zip(tallies, self._seen, strict=True)])[self._order]


def evidence_of(rows: Rows, tallies: Tallies, asked: Asked, recipe: Recipe, plan: Plan) -> Evidence:
    """Return the evidence in tallies."""
    columns = _Columns(tallies, rows.labels)
    shares, weighted = None, None
    if asked.two is not None:
        low, high = (plain_number(Decimal(one).scaleb(-rows.value_scale)) for one in asked.two)
        shares = Shares(high, low, columns.of_units("high"), columns.of_units("low"))
    if recipe.weight is not None:
        more = WEIGHT_DECIMALS - rows.weight_scale
        numerator = _scaled(columns.of_units("weights of high"), more) if asked.two is not None else None
        weighted = Weighted(_scaled(columns.of_units("weights"), more), numerator)
    evidence = Evidence(
        dimensions=recipe.dimensions,
        categories=columns.categories,
        codes=columns.codes,
        n_units=columns.of_units("units"),
        n_rows=columns.of_rows("rows"),
        amounts=_amounts(columns, rows, tallies, asked, recipe, plan) if asked.contributors else None,
        shares=shares,
        weighted=weighted,
    )
    counted = recipe.value is None or shares is not None
    return with_empty_cells(evidence) if plan.zero_cells and counted else evidence


def _amounts(columns: _Columns, rows: Rows, tallies: Tallies, asked: Asked, recipe: Recipe, plan: Plan) -> Amounts:
    units, weighted = columns.of_units("units"), recipe.weight is not None
    decimals = plan.decimals + (WEIGHT_DECIMALS if weighted else 0)
    if recipe.value is None:
        # A count by a weight of the researcher's own: what a unit contributes is its weight.
        total, divisor = columns.of_units("weights"), _scaled(units, WEIGHT_DECIMALS)
        of_total = of_largest = decimals - rows.weight_scale
    else:
        valued = columns.of_rows("rows") - columns.of_rows("missing")
        total, divisor = columns.of_rows("value"), _scaled(valued, WEIGHT_DECIMALS)
        of_total = of_largest = decimals - rows.value_scale
        if weighted:
            total = columns.of_rows("weighted")
            divisor = _scaled(columns.of_rows("weights of values"), WEIGHT_DECIMALS - rows.weight_scale)
            of_total -= rows.weight_scale
            of_largest = of_total if asked.weighted_contributions else of_largest
    published = _scaled(total, of_total)
    expanded = weighted and not asked.weighted_contributions
    contributed = _scaled(columns.of_rows("value"), of_largest) if expanded else published
    ends = [columns.ends(lambda one: one.ends, lambda one: one.finest.found(), contributed, of_largest)]
    if asked.weighted_contributions and recipe.value is not None:
        of_value = decimals - rows.value_scale
        values = _scaled(columns.of_rows("value"), of_value)
        ends.append(
            columns.ends(lambda one: one.ends_of_values(), lambda one: one.plain_finest.found(), values, of_value)
        )
    of_divisor = WEIGHT_DECIMALS - (rows.weight_scale if weighted and recipe.value is not None else 0)
    return Amounts(
        decimals=decimals,
        total=published,
        # What is below zero was added to the total, and is to be added to its size.
        absolute=published - 2 * _scaled(columns.of_units("below"), of_total),
        largest=_scaled(columns.largest(), of_largest),
        n_nonzero=units - columns.of_units("nothing"),
        constant=columns.constant(tallies.by_units),
        rows_constant=columns.constant(tallies.by_rows),
        divisor=divisor,
        negative=any(one.negative for one in tallies.by_units),
        divisor_largest=_scaled(columns.divisor_largest(), of_divisor),
        ends=tuple(ends),
    )


def _categories(
    margins: tuple[Margin, ...], seen: list[npt.NDArray[np.intp]], labels: Categories
) -> tuple[Categories, Codes]:
    """Return the labels that occur, in canonical order, and the codes of all cells with rows by that order."""
    codes = np.concatenate([margin.codes[own] for margin, own in zip(margins, seen, strict=True)])
    categories = []
    for place, known in enumerate(labels):
        used = np.unique(margins[0].codes[seen[0], place]).tolist()
        ranked = sorted(((known[code], code) for code in used), key=lambda pair: label_order(pair[0]))
        categories.append(tuple(one for one, _ in ranked))
        position = np.full(len(known) + 1, MARGIN, dtype=np.int32)  # the last entry is that of MARGIN
        position[[code for _, code in ranked]] = np.arange(len(ranked))
        codes[:, place] = position[codes[:, place]]
    return tuple(categories), codes


def _scaled(numbers: Whole, decimals: int) -> Amount:
    """Return whole numbers as Python's, with so many more decimals."""
    exact: Amount = numbers.astype(np.object_)
    return exact * 10**decimals if decimals else exact
