"""Frequency in disguise: a rate, or a mean or sum of a two-valued column, is a frequency table.

Numerator and complement each obey the minimum count and group disclosure, as the cells of a table by that column
would. The denominator is the cell's own count, which the minimum count judges. A unit with rows of both kinds is in
the numerator and in the complement; so the units that are in one of them only, which numerator and count together
give away, are judged too.

Where the column has more values, a cell may yet have two only: a total of them is that table of one line. So group
disclosure is asked of each cell in which two amounts are all that units contribute, or all but fewer than the minimum;
whether few of them lie elsewhere than most is asked of every total, by the rule on deviations.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.codebooks import Column
from disclosure.model.ends import Ends
from disclosure.model.evidence import Amount, Counts, Mask, unscaled
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, exceeds_share, switched_on, too_few
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells whose numerator or complement is too small, or holds too much of the cell."""
    shares = judged.shares
    column = judged.columns.get(judged.value or "", Column(judged.value or ""))
    n = judged.evidence.n_units
    mask = judged.none()
    for part, label in (
        (shares.numerator, shares.high),
        (shares.complement, shares.low),
        (n - shares.numerator, shares.low),
        (n - shares.complement, shares.high),
    ):
        mask |= too_few(part, judged.minimum_units) | _over(judged, part, label, column)
    return mask


def _over(judged: Judged, part: Counts, label: str, column: Column) -> Mask:
    share = switched_on(judged.policy.group_disclosure, "group_disclosure")
    if share is None or not column.sensitive:
        return judged.none()
    whole = judged.evidence.n_units
    over = part >= whole if label in column.not_disclosive else exceeds_share(part, whole, share)
    return np.asarray(over & (whole > 0), dtype=np.bool_)


def failing_by_amounts(judged: Judged) -> Mask:
    """Return the cells of a total in which two amounts, or one, are nearly all, and either is too many units'."""
    mask = judged.none()
    for ends in judged.amounts.ends:
        mask |= nearly_one_amount(judged, ends)
    return mask


def nearly_one_amount(judged: Judged, ends: Ends) -> Mask:
    """Return where two of the amounts with these ends, or one, are nearly all, and either is too many units'."""
    low, high = ends.n_lowest, np.where(ends.lowest == ends.highest, 0, ends.n_highest)
    two = (ends.numbers > 0) & (low + high == ends.numbers)
    mask: Mask = two & (_held_by(judged, ends, ends.lowest, low) | _held_by(judged, ends, ends.highest, high))
    return np.asarray(mask | (~two & _nearly_one(judged, ends)), dtype=np.bool_)


def _nearly_one(judged: Judged, ends: Ends) -> Mask:
    """Return where one amount is too many units', and all but fewer than the minimum contribute that or one other."""
    # An amount that is listed twice stands for the same contributors, and is counted once.
    low, high = np.where(ends.next_lowest == ends.next_highest, 0, ends.n_next_lowest), ends.n_next_highest
    amounts = (ends.lowest, ends.next_lowest, ends.next_highest, ends.highest)
    counts = [ends.n_lowest, low, high, ends.n_highest]
    largest = np.sort(np.stack(counts), axis=0)[-2:].sum(axis=0)
    nearly = (ends.numbers > 0) & (ends.numbers - largest < judged.minimum_units)
    mask = np.zeros(len(ends.numbers), dtype=np.bool_)
    for amount, count in zip(amounts, counts, strict=True):
        mask |= nearly & _held_by(judged, ends, amount, count)
    return mask


def _held_by(judged: Judged, ends: Ends, amount: Amount, count: Counts) -> Mask:
    """Return where as many contribute an amount as no category of a sensitive column may hold."""
    share = switched_on(judged.policy.group_disclosure, "group_disclosure")
    column = judged.columns.get(judged.value or "", Column(judged.value or ""))
    if share is None or not column.sensitive:
        return np.zeros(len(ends.numbers), dtype=np.bool_)
    over = exceeds_share(count, ends.numbers, share) & (count > 0)
    for place in np.flatnonzero(over & (count < ends.numbers)) if column.not_disclosive else ():
        over[place] = _plain(amount[place], judged.amounts.decimals) not in column.not_disclosive
    return over


def _plain(amount: int, decimals: int) -> str:
    (written,) = unscaled(np.array([amount], dtype=np.object_), decimals)
    return written.rstrip("0").rstrip(".") if "." in written else written


CELLS_IN_DISGUISE = Rule(
    RuleName.FREQUENCY_IN_DISGUISE,
    ("minimum_units", "group_disclosure"),
    text("nearly everyone in this cell contributes the same amount, and there is hardly any other"),
    failing_by_amounts,
)
"""Put to the cells of a sum, mean or share of a column with more than two values."""

FREQUENCY_IN_DISGUISE = Rule(
    RuleName.FREQUENCY_IN_DISGUISE,
    ("minimum_units", "group_disclosure"),
    text("this is a share of a count, and the count behind it or behind the rest is too small or too large"),
    failing,
)
