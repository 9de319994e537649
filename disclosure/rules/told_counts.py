"""Counts that a figure of few amounts tells: how many units have each of the two, three or four that there are.

Of a column of 0, 1 and 2 the number of units, their total and their sum of squares are three equations with three
unknown counts; of 0, 1 and 1,000 the total alone leaves one solution. Such a figure is a frequency table, whose counts
must reach the minimum. Whoever solves for them has to know the amounts: he is taken to if they are small whole numbers,
or if three units have each, in the cell or in the table as a whole, as of a norm. What one or two have is their own.

A solution is a count for each amount, none negative, that gives the same figures. With as many equations as amounts, or
more, there is one. Otherwise all are looked at: a group of amounts is told if, whatever the solution, somebody has one
of them and fewer than the minimum do. Of a total everybody knows how many units there are, and of any other figure the
total as well: a deviation is published beside a mean.

Totals of small whole numbers are not asked about, as of children: there nearly always is another solution, and in the
few cells in which there is none, nobody knows that no other number occurs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, product
from math import gcd, lcm, prod
from types import MappingProxyType
from typing import Final

import numpy as np

from disclosure.model.cells import MARGIN
from disclosure.model.ends import Ends
from disclosure.model.evidence import Mask
from disclosure.model.recipes import Statistic
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.rules.deviations import small_numbers
from disclosure.texts import text

_TOTAL, _DEVIATION, _FURTHER = 2, 3, 4
_EQUATIONS: Final[Mapping[Statistic, int]] = MappingProxyType(
    {
        Statistic.SUM: _TOTAL,
        Statistic.MEAN: _TOTAL,
        Statistic.SHARE: _TOTAL,
        Statistic.SKEWNESS: _FURTHER,
        Statistic.KURTOSIS: _FURTHER,
        Statistic.LORENZ: _FURTHER,
    }
)
"""What is known of the counts: their sum, the total, and one more of each further moment; of any other figure three."""
_SHARED: Final = 3
"""So many have an amount that is not one unit's own."""
_MOST_STEPS: Final = 10_000
"""So many counts of the highest amount are tried; if none of them leaves a group open, it is taken to be told."""

Numbers = tuple[int, ...]


def failing(judged: Judged) -> Mask:
    """Return the cells of which the figure tells that some amounts are those of fewer units than the minimum."""
    equations, mask = _EQUATIONS.get(judged.statistic, _DEVIATION), judged.none()
    totals = np.flatnonzero((judged.evidence.codes == MARGIN).all(axis=1)).tolist()
    for ends in judged.amounts.ends:
        found = _of_few_amounts(ends, judged.minimum_units)
        if not found.any():
            continue
        small = small_numbers(ends, 10**judged.amounts.decimals)
        if equations == _TOTAL:
            found &= ~small
        norms = frozenset[int]().union(*(_shared(_there(ends, place)) for place in totals))
        seen: dict[tuple[Numbers, Numbers], bool] = {}
        for place in np.flatnonzero(found & ~mask).tolist():
            there = _there(ends, place)
            if not small[place] and not _shared(there) | norms >= set(there[0]):
                continue
            if there not in seen:
                seen[there] = told(*there, judged.minimum_units, equations)
            mask[place] = seen[there]
    return mask


def told(amounts: Sequence[int], counts: Sequence[int], minimum: int, equations: int) -> bool:
    """Tell whether all solutions agree that somebody, and fewer than the minimum, have one of some amounts.

    Args:
        amounts: in ascending order, each another one, from two to four.
        counts: how many units have each.
        equations: how many sums of powers are known, the number of units and the total among them.

    >>> told((0, 1, 1000), (300, 91, 9), 10, 2), told((0, 50, 1000), (270, 130, 9), 10, 2)
    (True, False)
    """
    groups = [
        chosen for chosen in product((False, True), repeat=len(counts)) if 0 < sum(compress(counts, chosen)) < minimum
    ]
    if len(amounts) <= equations or not groups:
        return bool(groups)
    return any(
        not any(_open(chosen, line, step, minimum) for line, step in _lines(amounts, counts, equations))
        for chosen in groups
    )


def _of_few_amounts(ends: Ends, minimum: int) -> Mask:
    """Return where two to four amounts are all that there are, and some are those of fewer than the minimum."""
    low, high, n = ends.n_lowest, ends.n_highest, ends.numbers
    next_low, next_high = ends.n_next_lowest, ends.n_next_highest
    # Of two amounts each is listed twice, of three the one between is.
    two = low + high == n
    between = np.asarray(ends.next_lowest == ends.next_highest, dtype=np.bool_)
    every = two | (low + high + np.where(between, next_low, next_low + next_high) == n)
    few = np.minimum(np.minimum(low, high), np.minimum(next_low, next_high)) < minimum
    several = np.asarray(ends.lowest != ends.highest, dtype=np.bool_)
    return np.asarray(every & few & several & (n >= minimum), dtype=np.bool_)


def _there(ends: Ends, place: int) -> tuple[Numbers, Numbers]:
    """Return the amounts of a cell in ascending order, and how many have each."""
    found = {
        int(amount[place]): int(count[place])
        for amount, count in (
            (ends.lowest, ends.n_lowest),
            (ends.next_lowest, ends.n_next_lowest),
            (ends.next_highest, ends.n_next_highest),
            (ends.highest, ends.n_highest),
        )
    }
    return tuple(sorted(found)), tuple(found[amount] for amount in sorted(found))


def _shared(there: tuple[Numbers, Numbers]) -> frozenset[int]:
    """Return the amounts that several units have."""
    return frozenset(amount for amount, count in zip(*there, strict=True) if count >= _SHARED)


def _lines(amounts: Sequence[int], counts: Sequence[int], equations: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield lines on which all solutions lie: a point, which may be none itself, and the step to the next."""
    if len(amounts) == equations + 1:
        yield tuple(counts), _step(amounts)
        return
    # Four amounts, of which number and total are known: each count of the highest leaves a line of the other three.
    least = amounts[0]
    common = gcd(*(one - least for one in amounts))
    first, second, third = ((one - least) // common for one in amounts[1:])
    both = gcd(first, second)
    line = (first // both - second // both, second // both, -first // both, 0)
    # Of both * x + third * y = 0 one solution, with x written as a sum of multiples of the first and the second.
    by = pow(first // both, -1, second // both)
    rest = (both - by * first) // second
    across = (by * third + rest * third - both, -by * third, -rest * third, both)
    most = (counts[1] * first + counts[2] * second + counts[3] * third) // third
    for number in _tried(counts[3], both, most):
        yield tuple(count + number * one for count, one in zip(counts, across, strict=True)), line


def _tried(count: int, by: int, most: int) -> Iterator[int]:
    """Yield how often `by` may be added to a count that stays from 0 to `most`, the nearest first."""
    fewest, highest = -(count // by), (most - count) // by
    for size in range(min(max(-fewest, highest), _MOST_STEPS) + 1):
        if size <= highest:
            yield size
        if 0 < size <= -fewest:
            yield -size


def _step(amounts: Sequence[int]) -> Numbers:
    """Return the smallest whole change of counts that leaves all sums of powers as they are, but the highest."""
    products = [prod(one - other for other in amounts if other != one) for one in amounts]
    whole = lcm(*products)
    step = [whole // one for one in products]
    return tuple(one // gcd(*step) for one in step)


def _open(chosen: Sequence[bool], point: Numbers, step: Numbers, minimum: int) -> bool:
    """Tell whether on a line some solution has nobody in a group of amounts, or as many as the minimum."""
    fewest = max((-(count // one) for count, one in zip(point, step, strict=True) if one > 0), default=0)
    most = min((count // -one for count, one in zip(point, step, strict=True) if one < 0), default=0)
    if fewest > most or any(count < 0 for count, one in zip(point, step, strict=True) if one == 0):
        return False
    number, by = sum(compress(point, chosen)), sum(compress(step, chosen))
    if by == 0:
        return number == 0 or number >= minimum
    if max(number + by * fewest, number + by * most) >= minimum:
        return True
    return number % by == 0 and fewest <= -number // by <= most


TOLD_COUNTS = Rule(
    RuleName.FREQUENCY_IN_DISGUISE,
    ("minimum_units",),
    text("a few amounts are all that there are, and the figure tells how many have each: of one of them too few do"),
    failing,
)
"""Put to every exact figure of a column with more than two values."""
