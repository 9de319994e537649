"""The parts of evidence that there are: the columns and facts of each, with their kinds.

A document of a part is read as strictly as its schema says. Evidence is versioned: a change of what a column means
raises the version of its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What a column of a part holds."""

    COUNT = "count"
    """Whole numbers of units, rows or parameters, never negative."""
    AMOUNT = "amount"
    """Whole numbers of any size and sign, exact; at how many decimals is a fact of the part or of the amounts."""
    NUMBER = "number"
    """Floating-point figures; not a number where a cell has none."""
    MASK = "mask"
    """True or false."""


@dataclass(frozen=True)
class PartSchema:
    """The columns of a part with their kinds, and the names of its facts."""

    columns: Mapping[str, Kind]
    facts: tuple[str, ...] = ()


MOST_CONTRIBUTORS: Final = 10
"""So many of the largest contributors a part tells; a policy's dominance rule names no more."""

CONTRIBUTIONS: Final[Mapping[str, Kind]] = MappingProxyType(
    {"absolute": Kind.AMOUNT, **{f"largest_{place}": Kind.AMOUNT for place in range(1, MOST_CONTRIBUTORS + 1)}}
)
"""The columns of a part that say what contributors hold of a figure: the sum of their sizes, and the largest."""

MODEL_FACTS: Final = (
    *(
        "units",
        "rows",
        "clusters",
        "further_units",
        "missing_rows",
        "lone_rows",
        "parameters",
        "absorbed",
        "patterns",
        "cells",
    ),
    *("perfect", "converged", "outcome_units", "smallest_cell", "cell_nonzero", "cell_constant", "cell_top"),
    *("cell_rest", "high", "low", "cell_part", "most_high", "most_low", "residual_units", "residual_top"),
    "references",
)
"""The facts of a model, in the order of `disclosure.model.model_facts.ModelFacts`."""

PART_SCHEMAS: Final[Mapping[str, PartSchema]] = MappingProxyType(
    {
        "position": PartSchema(
            {
                "quantile": Kind.AMOUNT,
                "figure": Kind.AMOUNT,
                "step": Kind.AMOUNT,
                "width": Kind.AMOUNT,
                "below": Kind.COUNT,
                "above": Kind.COUNT,
                "alike": Kind.COUNT,
                **CONTRIBUTIONS,
            }
        ),
        "shape": PartSchema(
            {
                "rows": Kind.COUNT,
                "second": Kind.AMOUNT,
                "third": Kind.AMOUNT,
                "fourth": Kind.AMOUNT,
                **CONTRIBUTIONS,
            }
        ),
        "trimmed": PartSchema(
            {
                "rows": Kind.COUNT,
                "units": Kind.COUNT,
                "nonzero": Kind.COUNT,
                "trimmed_off": Kind.COUNT,
                "off_nonzero": Kind.COUNT,
                "off": Kind.AMOUNT,
                "off_1": Kind.AMOUNT,
                "off_2": Kind.AMOUNT,
                "total": Kind.AMOUNT,
                "constant": Kind.MASK,
                **CONTRIBUTIONS,
            }
        ),
        "mode": PartSchema({"value": Kind.AMOUNT, "holders": Kind.COUNT}),
        "concentration": PartSchema(
            {
                "total": Kind.AMOUNT,
                "squares": Kind.AMOUNT,
                "top": Kind.AMOUNT,
                "n_top": Kind.COUNT,
                "top_1": Kind.AMOUNT,
                "top_2": Kind.AMOUNT,
                "rest": Kind.AMOUNT,
                "rest_1": Kind.AMOUNT,
                "rest_2": Kind.AMOUNT,
            }
        ),
        "gini": PartSchema({"numerator": Kind.AMOUNT, "denominator": Kind.AMOUNT, **CONTRIBUTIONS}),
        "theil": PartSchema({"theil": Kind.NUMBER, **CONTRIBUTIONS}),
        "quintile_shares": PartSchema(
            {
                "bottom": Kind.AMOUNT,
                "bottom_1": Kind.AMOUNT,
                "bottom_2": Kind.AMOUNT,
                "n_below": Kind.COUNT,
                "top": Kind.AMOUNT,
                "top_1": Kind.AMOUNT,
                "top_2": Kind.AMOUNT,
                "n_above": Kind.COUNT,
                **CONTRIBUTIONS,
            }
        ),
        "poverty": PartSchema(
            {
                "poor": Kind.COUNT,
                "not_poor": Kind.COUNT,
                "fewest_poor": Kind.COUNT,
                "fewest_not_poor": Kind.COUNT,
                "poor_weight": Kind.AMOUNT,
                "weight": Kind.AMOUNT,
                "twice_median": Kind.AMOUNT,
                "shown_median": Kind.AMOUNT,
                "median_step": Kind.AMOUNT,
                "median_width": Kind.AMOUNT,
                "n_below": Kind.COUNT,
                "n_above": Kind.COUNT,
                "n_alike": Kind.COUNT,
                "line_numerator": Kind.AMOUNT,
                "line_denominator": Kind.AMOUNT,
                **CONTRIBUTIONS,
            }
        ),
        "lorenz": PartSchema(
            {
                "cumulated": Kind.AMOUNT,
                "total": Kind.AMOUNT,
                "below": Kind.AMOUNT,
                "below_1": Kind.AMOUNT,
                "below_2": Kind.AMOUNT,
                "n_below": Kind.COUNT,
                "above": Kind.AMOUNT,
                "above_1": Kind.AMOUNT,
                "above_2": Kind.AMOUNT,
                "n_above": Kind.COUNT,
                **{f"{name}{place}": Kind.AMOUNT for name in ("under", "over") for place in ("", "_1", "_2")},
                **CONTRIBUTIONS,
            }
        ),
        "model": PartSchema(
            {
                "figure": Kind.NUMBER,
                "nonzero": Kind.COUNT,
                "zero": Kind.COUNT,
                "differing": Kind.COUNT,
                "alone": Kind.COUNT,
                "indicator": Kind.MASK,
            },
            MODEL_FACTS,
        ),
        "comparison": PartSchema(
            {
                "figure": Kind.NUMBER,
                "degrees": Kind.COUNT,
                "fewest": Kind.COUNT,
                "perfect": Kind.MASK,
                "residual_units": Kind.COUNT,
                **{f"residual_top_{place}": Kind.COUNT for place in range(1, MOST_CONTRIBUTORS + 1)},
                **CONTRIBUTIONS,
            }
        ),
        "life_table": PartSchema(
            {
                "at_risk": Kind.COUNT,
                "exits": Kind.COUNT,
                "censored": Kind.COUNT,
                "own_exits": Kind.COUNT,
            }
        ),
    }
)
"""Every part that there is, by name."""
