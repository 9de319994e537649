"""Degrees of freedom of a model: distinct units, or clusters if these are fewer, less all estimated parameters.

Absorbed effects are parameters. Rows are not units: a panel of ten persons over thirty years is ten persons.
"""

from __future__ import annotations

import numpy as np

from disclosure.errors import PolicyError
from disclosure.model.evidence import Mask
from disclosure.model.model_facts import model_facts
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text


def failing(judged: Judged) -> Mask:
    """Return all cells of a model with ``units - parameters < minimum_df``, none of any other."""
    if judged.policy.minimum_df is None:
        raise PolicyError(text("The policy does not set {key}.", key="minimum_df"))
    short = model_facts(judged.evidence).degrees_of_freedom < judged.policy.minimum_df
    return np.full(len(judged.evidence), short, dtype=np.bool_)


MODEL_DF = Rule(
    RuleName.DEGREES_OF_FREEDOM,
    ("minimum_df",),
    text("too few degrees of freedom: units or clusters less all parameters, absorbed effects included"),
    failing,
)
"""All figures of the model fail together."""
