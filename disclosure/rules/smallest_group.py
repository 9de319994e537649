"""Smallest group: no term of a model rests on fewer units than the minimum.

A dummy for three units is those three. So is its complement, a number that is zero or the same for all but three, a
product that is nonzero for three, and any combination of terms that vanishes for all others: two regressors that
differ for three units isolate them although each varies for everyone. A response that is the same for all but three
units, or an event that three units had, tells of those three whatever the terms are.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.evidence import Mask
from disclosure.model.model_facts import PART, model_facts
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule, too_few
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the figures of the terms that rest on too few units; all of them if the response does."""
    columns, minimum = judged.evidence.part(PART).columns, judged.minimum_units
    few = too_few(columns["nonzero"], minimum) | too_few(columns["differing"], minimum)
    few |= columns["indicator"] & too_few(columns["zero"], minimum)
    few |= too_few(columns["alone"], minimum)
    if 0 < model_facts(judged.evidence).outcome_units < minimum:
        few = np.ones(len(judged.evidence), dtype=np.bool_)
    return np.asarray(few, dtype=np.bool_)


SMALLEST_GROUP = Rule(
    RuleName.SMALLEST_GROUP,
    ("minimum_units",),
    text("this term, or the response, tells fewer units apart from all others than the policy's minimum"),
    failing,
)
"""Fails the terms, and with them the model."""
