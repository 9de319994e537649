"""What the pages on policies say of each key: what it asks, and which of two values is the stricter one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ASKED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "minimum_units": "the fewest distinct units that may stand behind a figure, nobody aside: in a cell, behind a "
        "share and behind the rest of it, with a value other than zero, below a quantile and above it, and in every "
        "group that a model tells apart",
        "dominance": "of each pair (m, k): the m largest contributors hold no more than k% of a total",
        "p_percent": "a total without its two largest contributions is at least p% of the largest",
        "pq": "a total without its two largest contributions is at least p/q of the largest",
        "group_disclosure": "no more than this percentage of a margin is in one category of a sensitive column, and of "
        "a category that the codebook calls not disclosive not everybody",
        "constant": "on: no sum, mean or quantile of contributions that are all the same, zero aside",
        "zero_cells": "disclosive: no count, side of a share or total that is zero",
        "minimum_df": "the fewest degrees of freedom: distinct units, or clusters, less estimated parameters",
        "modal_share": "no more than this percentage of the units have the most frequent value; a quantile that is the "
        "value of no more than so many, and of minimum_units at least, may have nobody below or above it",
        "minimum_at_risk": "the fewest units at risk at a time that a curve shows, and after it, nobody aside; "
        "minimum_units where that is more",
        "weights": "unweighted_contributors: of a weighted total each unit counts with what it contributes itself; "
        "expanded: as often as its rounded weight",
        "identifiers": "columns that are never a dimension, a value or a weight, besides those of the codebook",
        "significant_digits": "the most digits of a figure; some output classes show fewer",
        "rounding": "whether counts may or must be rounded, or shown as midpoints of classes",
        "most_rows": "the most cells of a table, margins included",
    }
)
"""What is asked of an output under each key."""

STRICTER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "minimum_units": "no smaller",
        "dominance": "for each pair (m, k) one with no fewer contributors and no larger share; off is laxest",
        "p_percent": "no smaller; off is laxest",
        "pq": "p/q no smaller; off is laxest",
        "group_disclosure": "no larger a share; off is laxest",
        "constant": "on where the other is on",
        "zero_cells": "disclosive where they are for the other",
        "minimum_df": "no smaller",
        "modal_share": "no larger a share; off is laxest",
        "minimum_at_risk": "no smaller",
        "weights": "the same",
        "identifiers": "all of the other's, and perhaps more",
        "significant_digits": "no more",
        "rounding": "to a multiple of the base, and midpoints of a multiple of the width; required where it is for the "
        "other; off where the other is off",
        "most_rows": "no more; off is laxest",
    }
)
"""Which value of a key is at least as strict as another."""
