"""Deviations: what is left of a total when what contributions have in common is taken off.

Who adds the same amount to every value makes any contributor small beside the total, and takes it off again from what
is published: ``n * amount`` is known, and what is left is a total of its own, to which minimum nonzero, dominance and
p% apply. And a column of ones with a few twos tells how many twos there are. So contributions are measured from each
amount that may be the one in common: the lowest and the highest one and, since a contributor made up for the purpose
may hide that, the next to each. Sums of distances from those four are exact, and so are the largest two distances.

Contributions that were not shifted are judged as they are, by the rule book. Dominance and p% of distances are asked

- from the lowest and the highest contribution, if all lie on one side of zero and farther from it than from each other;
- from any of the four, if there are five contributors at least and all distances but the two largest come to something,
  but to at most a twentieth of what is taken off: what contributions have in common is then nearly all that they are.
  So that no contributor made up for the purpose hides another, those at an end are left out of this in turn, as long as
  they are fewer than the minimum; distances may then come to a thousandth, or small tables of hours would fail by it.

The minimum is asked of those that lie anywhere else where as many as the minimum share an amount; and of those that lie
at none of several such amounts, unless everything known is a small whole number: of the children of households a few
large numbers are to be expected. Of several amounts nobody knows how many units have each, so that one more of them, as
of a benefit that five persons have, cannot be solved for: an amount that three share, no one of whom then makes up half
of what it adds, counts as one more. One that a single unit has can: the total, less as often as may be the distance
between the others, leaves little else. This holds of every exact figure, of an index or a deviation as of a total. The
same holds of the value itself under a weight of the researcher's own, and of what holdings contribute.

Last digits are asked as well. Where all others have round numbers, whole ones or hundreds, the digits of a total behind
those are of the few that do not: fewer than the minimum may not have two digits more than as many as that have. Two
decimals of a column that a codebook describes are let through where they leave open what the amount is.

What nobody can tell from a table is whether an amount that differs from contributor to contributor was added: that is
for whoever reads the derivation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from disclosure.model.ends import Ends
from disclosure.model.evidence import Amount, Counts, Mask
from disclosure.model.narrowed import narrowed
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on, too_few
from disclosure.rules.column_digits import are_the_columns_own
from disclosure.texts import text

TIGHT, _TIGHT_WITHOUT_SOME = 20, 1000
_FEWEST = 5
_MOST_CHILDREN = 10
_OWN_DIGITS = 2
"""So many digits are those of few; one is no sign, as of hours that are mostly multiples of ten."""
_FITS = 2.0**62
"""So much less than what 64 bits hold that no bound in floating point is in doubt."""
_SHARED = 3
"""So many share one more amount, of which none then holds half."""


@dataclass(frozen=True, eq=False)
class _Distances:
    """Distances of contributions from one amount.

    Attributes:
        numbers: how many contributions; 0 where there is nothing to ask.
        whole: the sum of all distances; `first` and `second` are the largest two.
        part: of what is taken off, the distances but those two are at most one part in so many where they are tight.
    """

    amount: Amount
    numbers: Counts
    whole: Amount
    first: Amount
    second: Amount
    part: int

    @property
    def tight(self) -> Mask:
        """Where all but the largest two come to something, and to no more than that part of what is taken off."""
        rest = self.whole - self.first - self.second
        close = (rest * self.part <= abs(self.amount) * self.numbers) & (rest > 0) & (self.numbers >= _FEWEST)
        return np.asarray(close, dtype=np.bool_)


def failing(judged: Judged) -> Mask:
    """Return the cells of which the distances from what contributions may have in common fail.

    They fail if as many contributors as the minimum share an amount, or each of several, and fewer than that do not,
    small whole numbers and amounts that three share excepted beside several; and where dominance
    and p% of distances are asked, if the largest is more than ``k/100`` of their sum for some pair (m, k) of the
    policy, or if all others come to less than ``p/100`` of it.
    """
    mask = judged.none()
    for ends in judged.amounts.ends:
        mask |= elsewhere(judged, ends) | far(judged, ends) | last_digits(judged, ends)
    return mask


def elsewhere(judged: Judged, ends: Ends) -> Mask:
    """Return where fewer contributors than the minimum lie elsewhere than as many as that do."""
    mask, minimum = np.zeros(len(ends.numbers), dtype=np.bool_), judged.minimum_units
    for there in (ends.n_lowest, ends.n_next_lowest, ends.n_next_highest, ends.n_highest):
        mask |= too_few(ends.numbers - there, minimum) & (there >= minimum)
    return mask | (_beside_several(ends, minimum) & ~small_numbers(ends, 10**judged.amounts.decimals))


def far(judged: Judged, ends: Ends) -> Mask:
    """Return where one contributor is too much of the distances from what contributions may have in common."""
    mask, short = np.zeros(len(ends.numbers), dtype=np.bool_), _short(judged, ends)
    # Nearly all cells of a large table: a margin may add up what only Python's own numbers hold.
    if short.any():
        mask[short] = _far(judged, ends.mapped(lambda column: column[short].astype(np.int64)))
    if not short.all():
        mask[~short] = _far(judged, ends.mapped(lambda column: column[~short]))
    return mask


def _far(judged: Judged, ends: Ends) -> Mask:
    mask, minimum = np.zeros(len(ends.numbers), dtype=np.bool_), judged.minimum_units
    range_ = ends.highest - ends.lowest
    apart = np.asarray((ends.lowest >= range_) | (-ends.highest >= range_), dtype=np.bool_)
    for whole in (ends.total - ends.lowest * ends.numbers, ends.highest * ends.numbers - ends.total):
        mask |= apart & _held(judged, whole, range_)
    for one in _distances(ends, minimum):
        mask |= one.tight & _held(judged, one.whole, one.first)
    return mask


def last_digits(judged: Judged, ends: Ends) -> Mask:
    """Return where fewer than the minimum have digits behind those of all others, who are as many as that at least."""
    near = np.asarray(ends.next_finest < ends.finest + _OWN_DIGITS, dtype=np.bool_)
    few = ends.n_finest + np.where(near, ends.n_next_finest, 0)
    found = too_few(few, judged.minimum_units) & (ends.numbers - few >= judged.minimum_units)
    return np.asarray(found & ~are_the_columns_own(judged, ends) if found.any() else found, dtype=np.bool_)


def _beside_several(ends: Ends, minimum: int) -> Mask:
    """Return where fewer than the minimum lie at no shared amount, while as many share each of two or more."""
    there = [count for _, count in _points(ends)]
    several = np.sum([count >= minimum for count in there], axis=0) >= 2
    shared = [np.where(count >= min(minimum, _SHARED), count, 0) for count in there]
    return np.asarray(several & too_few(ends.numbers - np.sum(shared, axis=0), minimum), dtype=np.bool_)


def small_numbers(ends: Ends, one: int) -> Mask:
    """Return where everything known is a whole number, and lies between zero and the most that children come to."""
    known = (ends.lowest, ends.next_lowest, ends.next_highest, ends.highest)
    whole = np.logical_and.reduce([np.asarray(amount % one == 0, dtype=np.bool_) for amount in known])
    return np.asarray(whole & (ends.lowest >= 0) & (ends.highest <= _MOST_CHILDREN * one), dtype=np.bool_)


def _distances(ends: Ends, minimum: int) -> Iterator[_Distances]:
    """Yield the distances from each amount that is known, with everybody and without those at an end or at both."""
    points = _points(ends)
    for place, (amount, there) in enumerate(points):
        sizes = [abs(other - amount) for other, _ in points]
        small = list(narrowed(np.stack(sizes)))
        # Only those at known amounts lie on the other side of an inner one, so the sum of distances is exact.
        if place < 2:
            whole = ends.total - amount * ends.numbers + 2 * (sizes[0] * ends.n_lowest if place else 0)
        else:
            whole = amount * ends.numbers - ends.total + 2 * (sizes[3] * ends.n_highest if place == 2 else 0)
        for low, high in product((False, True), repeat=2):
            if (low and place == 0) or (high and place == 3):
                continue
            out = ends.n_lowest * low + ends.n_highest * high
            kept = [count for _, count in points]
            kept[0], kept[3] = kept[0] * (not low), kept[3] * (not high)
            # Of Python's own numbers, for they are multiplied, if the amounts are.
            first, second = (one.astype(amount.dtype) for one in _largest(small, kept))
            left = whole - sizes[0] * (ends.n_lowest * low) - sizes[3] * (ends.n_highest * high)
            asked = (there > 0) & ((out == 0) | (out < minimum)) & (out < ends.numbers)
            part = _TIGHT_WITHOUT_SOME if low or high else TIGHT
            yield _Distances(amount, np.where(asked, ends.numbers - out, 0), left, first, second, part)


def _points(ends: Ends) -> list[tuple[Amount, Counts]]:
    """Return the four amounts in ascending order and how many are there; an amount that is another one has nobody."""
    low, high = ends.next_lowest, ends.next_highest
    inner_low = np.asarray(low < ends.highest, dtype=np.bool_)
    inner_high = np.asarray((high > ends.lowest) & (high > low), dtype=np.bool_)
    return [
        (ends.lowest, ends.n_lowest),
        (low, np.where(inner_low, ends.n_next_lowest, 0)),
        (high, np.where(inner_high, ends.n_next_highest, 0)),
        (ends.highest, ends.n_highest),
    ]


def _largest(sizes: list[Amount], counts: list[Counts]) -> tuple[Amount, Amount]:
    """Return the largest and the second largest of distances of which so many are there."""
    there = [np.where(count > 0, size, 0) for size, count in zip(sizes, counts, strict=True)]
    first: Amount = np.maximum.reduce(there)
    at_first = np.sum([np.where(one == first, count, 0) for one, count in zip(there, counts, strict=True)], axis=0)
    below = np.maximum.reduce([np.where(one == first, 0, one) for one in there])
    second: Amount = np.where(at_first >= 2, first, below)
    return first, second


def _short(judged: Judged, ends: Ends) -> Mask:
    """Return where nothing that is made of ends leaves whole numbers of 64 bits.

    Distances are at most twice the largest amount, and sums of them thirteen times all that units could have, beside
    the total; what is compared is such a sum times a whole number of the policy, or of `_Distances.part`. These bounds
    are floats, which err by far less than what is left of 64 bits.
    """
    pairs, p = switched_on(judged.policy.dominance, "dominance"), switched_on(judged.policy.p_percent, "p_percent")
    ratios = [k for _, k in pairs or ()] + ([] if p is None else [p])
    factor = max([TIGHT, _TIGHT_WITHOUT_SOME, *(max(one.numerator, 100 * one.denominator) for one in ratios)])
    amounts = (ends.lowest, ends.next_lowest, ends.next_highest, ends.highest)
    counts = (ends.numbers, ends.n_lowest, ends.n_next_lowest, ends.n_next_highest, ends.n_highest)
    largest = np.max([np.abs(one.astype(np.float64)) for one in amounts], axis=0)
    whole = np.abs(ends.total.astype(np.float64)) + 13 * largest * np.max(counts, axis=0, initial=1)
    zeros = np.max([one.astype(np.float64) for one in (ends.finest, ends.next_finest)], axis=0)
    return np.asarray((whole * factor < _FITS) & (zeros < _FITS), dtype=np.bool_)


def _held(judged: Judged, whole: Amount, largest: Amount) -> Mask:
    """Return where the largest distance is too much of all of them."""
    pairs, p = switched_on(judged.policy.dominance, "dominance"), switched_on(judged.policy.p_percent, "p_percent")
    mask = np.zeros(len(whole), dtype=np.bool_)
    for _, k in pairs or ():
        mask |= np.asarray(largest * (100 * k.denominator) > whole * k.numerator, dtype=np.bool_)
    if p is not None:
        mask |= np.asarray((whole - largest) * (100 * p.denominator) < largest * p.numerator, dtype=np.bool_)
    return mask


DEVIATIONS = Rule(
    RuleName.DEVIATIONS,
    ("minimum_units", "dominance", "p_percent"),
    text(
        "nearly all units share a few amounts, as of a benefit, or have nearly the same: what differs from those is of "
        "too few units, or of one"
    ),
    failing,
)
"""Of a total, from which what everybody has in common can be taken off."""


def _elsewhere_at_all(judged: Judged) -> Mask:
    """Return the cells in which fewer than the minimum lie elsewhere than as many as that do."""
    mask = judged.none()
    for ends in judged.amounts.ends:
        mask |= elsewhere(judged, ends)
    return mask


FEW_ELSEWHERE = Rule(
    RuleName.DEVIATIONS,
    ("minimum_units",),
    text("nearly all units share a few amounts, as of a benefit, and fewer than the policy's minimum have another one"),
    _elsewhere_at_all,
)
"""Of any other exact figure: what all share says nothing, so it is about those few."""


def _elsewhere_or_far(judged: Judged) -> Mask:
    """Return the cells in which few lie elsewhere than most, or one is too much of all distances."""
    mask = _elsewhere_at_all(judged)
    for ends in judged.amounts.ends:
        mask |= far(judged, ends)
    return mask


ONE_FAR = Rule(RuleName.DEVIATIONS, ("minimum_units", "dominance", "p_percent"), DEVIATIONS.reason, _elsewhere_or_far)
"""Of a figure that shows how far values lie apart: it is about one unit where the others lie together. Digits that few
have are not asked for, since no such figure has as many."""
