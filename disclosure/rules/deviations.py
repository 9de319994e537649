"""Deviations: what is left of a total when everybody's lowest, or highest, contribution is taken off.

Who adds the same amount to every value makes any contributor small beside the total, and takes it off again from what
is published; and a column of ones with a few twos tells how many twos there are. So contributions are measured from
the lowest one, and from the highest one, too: what is then left is a total of its own, to which minimum nonzero,
dominance and p% apply. Only its largest contributor is known, so that more than one of them are judged by what they
hold at least.

Contributions that were not shifted are judged as they are, by the rule book: dominance and p% of deviations are asked
only where all lie on one side of zero and farther from it than from each other, and the minimum only where enough units
share the end for those that do not to stand out.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Amount, Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, switched_on, too_few
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells of which the deviations from the lowest or from the highest contribution fail.

    They fail if as many units as the minimum share the end and fewer than that do not; and of shifted contributions, of
    which the range is at most the distance to zero, if the largest is more than ``k/100`` of their sum for some pair
    (m, k) of the policy, or if all others come to less than ``p/100`` of it.
    """
    amounts, n = judged.amounts, judged.evidence.n_units
    largest = amounts.highest - amounts.lowest
    above, below = amounts.contributed - amounts.lowest * n, amounts.highest * n - amounts.contributed
    shifted = np.asarray((amounts.lowest >= largest) | (-amounts.highest >= largest), dtype=np.bool_)
    minimum = judged.minimum_units
    return (
        (too_few(n - amounts.n_lowest, minimum) & (amounts.n_lowest >= minimum))
        | (too_few(n - amounts.n_highest, minimum) & (amounts.n_highest >= minimum))
        | (shifted & (_held_by_one(judged, largest, above) | _held_by_one(judged, largest, below)))
    )


def _held_by_one(judged: Judged, largest: Amount, whole: Amount) -> Mask:
    pairs, p = switched_on(judged.policy.dominance, "dominance"), switched_on(judged.policy.p_percent, "p_percent")
    mask = judged.none()
    for _, k in pairs or ():
        mask |= np.asarray(largest * (100 * k.denominator) > whole * k.numerator, dtype=np.bool_)
    if p is not None:
        mask |= np.asarray((whole - largest) * (100 * p.denominator) < largest * p.numerator, dtype=np.bool_)
    return mask


DEVIATIONS = Rule(
    RuleName.DEVIATIONS,
    ("minimum_units", "dominance", "p_percent"),
    text("measured from the lowest or the highest contribution, too few units or one of them make the difference"),
    failing,
)
