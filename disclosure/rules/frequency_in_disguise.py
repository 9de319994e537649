"""Frequency in disguise: a rate, or a mean or sum of a two-valued column, is a frequency table.

Numerator and complement each obey the minimum count and group disclosure, as the cells of a table by that column
would. The denominator is the cell's own count, which the minimum count judges. A unit with rows of both kinds is in
the numerator and in the complement; so the units that are in one of them only, which numerator and count together
give away, are judged too.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.codebooks import Column
from disclosure.model.evidence import Counts, Mask
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


FREQUENCY_IN_DISGUISE = Rule(
    RuleName.FREQUENCY_IN_DISGUISE,
    ("minimum_units", "group_disclosure"),
    text("this is a share of a count, and the count behind it or behind the rest is too small or too large"),
    failing,
)
