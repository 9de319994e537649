"""Position: enough units lie below a quantile, enough above it, and what is shown is an average of enough near it.

A median of an odd number of values *is* somebody's value, and so is a percentile in general. What is shown is
therefore the average of the values of at least `minimum_units` units, those nearest to the quantile, as in the
"pseudo-medians" of papers from the research data centres of the United States Census Bureau; further ones are taken
where it would be about one of these values. It is rounded to the finest step of 1, 2, 5, 10, 20, 50, ... of which
`minimum_units` are as long as these values lie apart: then even who knows all of them but one cannot work out the last
one, because their sum is known no better than that. The figure is at most one step off the quantile, and the steps are
told with the figures. They depend on the data, but say no more than about how far apart so many values lie.

A value that as many units as the minimum have, and not nearly all of them, is no one's own value but one that a mode
may show as well. Quartiles of small whole numbers, of rooms or of children, are such values, and often the smallest or
the largest one: then nobody lies beyond it. So of such a figure nobody may lie below it, or above it; but not a few,
whose number a slightly different percentile would tell.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, exceeds_share, switched_on, too_few
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the cells with fewer units than the minimum strictly below, strictly above, or behind what is shown.

    None below is too few as well, the quantile is then the smallest value; unless as many units as the minimum, but no
    more than ``modal_share``, have just that one.
    """
    columns, minimum = judged.evidence.part("position").columns, judged.minimum_units
    below, above = columns["below"], columns["above"]
    few = np.where(
        _of_many(judged), too_few(below, minimum) | too_few(above, minimum), np.minimum(below, above) < minimum
    )
    few |= of_too_few(columns["step"], columns["width"], columns["alike"], minimum)
    return np.asarray((judged.evidence.n_units > 0) & few, dtype=np.bool_)


def _of_many(judged: Judged) -> Mask:
    """Return where what is shown is the value of as many units as the minimum, and not of nearly all of them."""
    columns, share = judged.evidence.part("position").columns, switched_on(judged.policy.modal_share, "modal_share")
    if share is None:
        return judged.none()
    many = (columns["alike"] >= judged.minimum_units) & np.asarray(columns["width"] == 0, dtype=np.bool_)
    return np.asarray(many & ~exceeds_share(columns["alike"], judged.evidence.n_units, share), dtype=np.bool_)


def of_too_few(step: npt.NDArray[Any], width: npt.NDArray[Any], alike: npt.NDArray[Any], minimum: int) -> Mask:
    """Return where a rounded quantile is averaged over too few units, or its step too fine for how far they lie apart.

    Args:
        step, width: whole numbers at the decimals of the values; a step of 0 is no figure at all.
        alike: the units that the figure is averaged over.
    """
    fine = (step == 0) | (step * max(minimum, 1) < width)
    return np.asarray((alike < minimum) | fine.astype(np.bool_), dtype=np.bool_)


POSITION = Rule(
    RuleName.POSITION,
    ("minimum_units", "modal_share"),
    text("fewer units than the policy's minimum lie below this figure, above it, or close to it"),
    failing,
)
