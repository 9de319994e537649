"""Degrees of freedom of a test, a ratio or a correlation: distinct units less what was estimated from them."""

from __future__ import annotations

import numpy as np

from disclosure.errors import PolicyError
from disclosure.model.evidence import Mask
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return the figures with fewer degrees of freedom than the policy's ``minimum_df``."""
    if judged.policy.minimum_df is None:
        raise PolicyError(text("The policy does not set {key}.", key="minimum_df"))
    return np.asarray(judged.evidence.part("comparison").columns["degrees"] < judged.policy.minimum_df, dtype=np.bool_)


COMPARISON_DF = Rule(
    RuleName.DEGREES_OF_FREEDOM,
    ("minimum_df",),
    text("too few degrees of freedom: units less groups or parameters are fewer than the policy's minimum"),
    failing,
)
