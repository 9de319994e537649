"""The statistics that can be judged, and what each of them takes. Anything else is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from disclosure.errors import RecipeError
from disclosure.texts import Text, text


class Barn(StrEnum):
    """The output classes of the SACRO guide to statbarns, by which rules are chosen."""

    FREQUENCIES = "frequencies"
    LINEAR = "linear aggregations"
    POSITION = "position"
    SHAPE = "shape"
    MODE = "mode"
    REGRESSION = "correlation and regression"
    TESTS = "hypothesis tests"
    RATIOS = "calculated ratios"
    CONCENTRATION = "concentration"
    INEQUALITY = "inequality"
    SURVIVAL = "survival"


class Statistic(StrEnum):
    """What is computed."""

    COUNT = "count"
    ROW_PERCENT = "row_percent"
    COLUMN_PERCENT = "column_percent"
    TOTAL_PERCENT = "total_percent"
    RATE = "rate"
    SUM = "sum"
    MEAN = "mean"
    SHARE = "share"
    TRIMMED_MEAN = "trimmed_mean"
    MEDIAN = "median"
    QUANTILE = "quantile"
    STANDARD_DEVIATION = "std"
    VARIANCE = "var"
    SKEWNESS = "skew"
    KURTOSIS = "kurt"
    MODE = "mode"
    HHI = "hhi"
    CONCENTRATION_RATIO = "concentration_ratio"
    GINI = "gini"
    THEIL = "theil"
    S80_S20 = "s80_s20"
    POVERTY_RATE = "poverty_rate"
    POVERTY_GAP = "poverty_gap"
    LORENZ = "lorenz"
    SURVIVAL = "survival"
    CUMULATIVE_INCIDENCE = "cumulative_incidence"
    CORRELATION = "correlation"
    MODEL = "model"
    TEST = "test"
    CHI_SQUARE = "chi_square"
    ODDS_RATIO = "odds_ratio"
    RISK_RATIO = "risk_ratio"

    @classmethod
    def named(cls, name: object) -> Statistic:
        """Return the statistic of that name, or raise `RecipeError` with the known list."""
        if name in _REFUSED:
            raise RecipeError(
                text("The statistic '{name}' is not released: it shows single units.", name=name),
                hint=text("Instead: {refused}.", refused=_REFUSED[str(name)]),
            )
        try:
            return cls(name)  # type: ignore[arg-type]
        except ValueError:
            known = ", ".join(cls)
            raise RecipeError(
                text("The statistic is not one that can be judged."), hint=text("Known: {known}.", known=known)
            ) from None

    @property
    def specification(self) -> Specification:
        """What the statistic takes."""
        return SPECIFICATIONS[self]

    @property
    def needs_value(self) -> bool:
        """Whether the statistic is computed from a value column."""
        return self.specification.needs_value


_REFUSED: Mapping[str, Text] = MappingProxyType(
    {
        "min": text('a low quantile, such as statistic="p5"'),
        "max": text('a high quantile, such as statistic="p95"'),
        "range": text('the quartiles, statistic=["p25", "p75"]'),
        "first": text("a quantile or a mean"),
        "last": text("a quantile or a mean"),
        "describe": text("sdc.summary"),
    }
)
"""Endpoints and single records, with what to take in their place."""


@dataclass(frozen=True)
class Specification:
    """What one statistic takes.

    Attributes:
        needs_value: it is computed from a value column.
        required, optional: names of its options.
        others: it reads further columns, in the roles that its options or their order give.
        added: dimensions that the statistic itself adds to the table, such as the terms of a model. They have no
            total. All but the last stand down the side, the last across.
    """

    barn: Barn
    needs_value: bool = True
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    others: bool = False
    added: tuple[str, ...] = ()

    @property
    def is_design(self) -> bool:
        """Whether it is more than one figure per cell of the rows and columns asked for."""
        return bool(self.added)


SPECIFICATIONS: Final[Mapping[Statistic, Specification]] = MappingProxyType(
    {
        Statistic.COUNT: Specification(Barn.FREQUENCIES, needs_value=False, optional=("midpoint",)),
        Statistic.ROW_PERCENT: Specification(Barn.FREQUENCIES, needs_value=False),
        Statistic.COLUMN_PERCENT: Specification(Barn.FREQUENCIES, needs_value=False),
        Statistic.TOTAL_PERCENT: Specification(Barn.FREQUENCIES, needs_value=False),
        Statistic.RATE: Specification(Barn.FREQUENCIES),
        Statistic.SUM: Specification(Barn.LINEAR),
        Statistic.MEAN: Specification(Barn.LINEAR),
        Statistic.SHARE: Specification(Barn.LINEAR),
        Statistic.TRIMMED_MEAN: Specification(Barn.LINEAR, required=("trim",)),
        Statistic.MEDIAN: Specification(Barn.POSITION),
        Statistic.QUANTILE: Specification(Barn.POSITION, required=("probability",)),
        Statistic.STANDARD_DEVIATION: Specification(Barn.SHAPE),
        Statistic.VARIANCE: Specification(Barn.SHAPE),
        Statistic.SKEWNESS: Specification(Barn.SHAPE),
        Statistic.KURTOSIS: Specification(Barn.SHAPE),
        Statistic.MODE: Specification(Barn.MODE),
        Statistic.HHI: Specification(Barn.CONCENTRATION),
        Statistic.CONCENTRATION_RATIO: Specification(Barn.CONCENTRATION, required=("largest",)),
        Statistic.GINI: Specification(Barn.INEQUALITY),
        Statistic.THEIL: Specification(Barn.INEQUALITY),
        Statistic.S80_S20: Specification(Barn.INEQUALITY),
        Statistic.POVERTY_RATE: Specification(Barn.INEQUALITY, optional=("line", "share_of_median")),
        Statistic.POVERTY_GAP: Specification(Barn.INEQUALITY, optional=("line", "share_of_median")),
        Statistic.LORENZ: Specification(Barn.INEQUALITY, optional=("points",), added=("percentile", "figure")),
        Statistic.SURVIVAL: Specification(
            Barn.SURVIVAL, optional=("period", "until"), others=True, added=("time", "figure")
        ),
        Statistic.CUMULATIVE_INCIDENCE: Specification(
            Barn.SURVIVAL, optional=("period", "until"), others=True, added=("time", "figure")
        ),
        Statistic.CORRELATION: Specification(Barn.REGRESSION, optional=("method",), others=True, added=("figure",)),
        Statistic.MODEL: Specification(
            Barn.REGRESSION,
            required=("formula", "family"),
            optional=("absorb", "cluster", "event", "covariance"),
            others=True,
            added=("term", "figure"),
        ),
        Statistic.TEST: Specification(Barn.TESTS, required=("kind",), others=True, added=("figure",)),
        Statistic.CHI_SQUARE: Specification(Barn.TESTS, needs_value=False, others=True, added=("figure",)),
        Statistic.ODDS_RATIO: Specification(Barn.RATIOS, others=True, added=("figure",)),
        Statistic.RISK_RATIO: Specification(Barn.RATIOS, others=True, added=("figure",)),
    }
)
