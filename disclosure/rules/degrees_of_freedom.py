"""Degrees of freedom: distinct units less estimated parameters are at least as many as the policy says.

With as many parameters as units the figures are the data in another form. Rows are not units: thirty rows of one
person have no degree of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from disclosure.errors import PolicyError
from disclosure.model.evidence import Counts, Mask
from disclosure.model.statistic import Statistic
from disclosure.model.verdicts import RuleName
from disclosure.rules.base import Judged, Rule
from disclosure.texts import text

PARAMETERS: Final[Mapping[Statistic, int]] = MappingProxyType(
    {Statistic.VARIANCE: 1, Statistic.STANDARD_DEVIATION: 1, Statistic.SKEWNESS: 2, Statistic.KURTOSIS: 3}
)
"""What each shape statistic estimates first: the moments below its own."""


def short_of_degrees(units: Counts, parameters: Counts | int, minimum: int) -> Mask:
    """Return where ``units - parameters < minimum``; where there is no unit there is no figure to judge."""
    return np.asarray((units > 0) & (units - parameters < minimum), dtype=np.bool_)


def failing(judged: Judged) -> Mask:
    """Return the cells of a shape statistic with too few degrees of freedom, in any of the units that count."""
    if judged.policy.minimum_df is None:
        raise PolicyError(text("The policy does not set {key}.", key="minimum_df"))
    kinds = (judged.evidence.n_units, *(one.n_units for one in judged.evidence.other_units))
    parameters = PARAMETERS.get(judged.statistic)
    if parameters is None:
        raise PolicyError(
            text("It is not said how many parameters '{statistic}' estimates.", statistic=judged.statistic),
            hint=text("Add it to PARAMETERS in disclosure/rules/degrees_of_freedom.py."),
        )
    short = [short_of_degrees(counts, parameters, judged.policy.minimum_df) for counts in kinds]
    return np.asarray(np.logical_or.reduce(short), dtype=np.bool_)


DEGREES_OF_FREEDOM = Rule(
    RuleName.DEGREES_OF_FREEDOM,
    ("minimum_df",),
    text("too few degrees of freedom: units less estimated parameters are fewer than the policy's minimum"),
    failing,
)
