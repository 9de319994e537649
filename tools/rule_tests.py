"""Which specification shows what each output class and each rule does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from disclosure.model.statistic import Statistic
from disclosure.model.verdicts import RuleName

TESTS_OF_CLASSES: Final[Mapping[Statistic, str]] = MappingProxyType(
    {
        Statistic.COUNT: "test_minimum_count.py",
        Statistic.ROW_PERCENT: "test_percentages.py",
        Statistic.COLUMN_PERCENT: "test_percentages.py",
        Statistic.TOTAL_PERCENT: "test_percentages.py",
        Statistic.RATE: "test_frequency_in_disguise.py",
        Statistic.SUM: "test_dominance.py",
        Statistic.MEAN: "test_dominance.py",
        Statistic.SHARE: "test_share.py",
        Statistic.TRIMMED_MEAN: "test_trimmed_mean.py",
        Statistic.MEDIAN: "test_position.py",
        Statistic.QUANTILE: "test_position.py",
        Statistic.STANDARD_DEVIATION: "test_shape.py",
        Statistic.VARIANCE: "test_shape.py",
        Statistic.SKEWNESS: "test_shape.py",
        Statistic.KURTOSIS: "test_shape.py",
        Statistic.MODE: "test_mode.py",
        Statistic.HHI: "test_concentration.py",
        Statistic.CONCENTRATION_RATIO: "test_concentration.py",
        Statistic.GINI: "test_inequality.py",
        Statistic.THEIL: "test_inequality.py",
        Statistic.S80_S20: "test_inequality.py",
        Statistic.POVERTY_RATE: "test_poverty.py",
        Statistic.POVERTY_GAP: "test_poverty.py",
        Statistic.LORENZ: "test_lorenz.py",
        Statistic.SURVIVAL: "test_survival.py",
        Statistic.CUMULATIVE_INCIDENCE: "test_survival.py",
        Statistic.CORRELATION: "test_comparisons.py",
        Statistic.MODEL: "test_models.py",
        Statistic.TEST: "test_comparisons.py",
        Statistic.CHI_SQUARE: "test_comparisons.py",
        Statistic.ODDS_RATIO: "test_comparisons.py",
        Statistic.RISK_RATIO: "test_comparisons.py",
    }
)
TESTS_OF_RULES: Final[Mapping[RuleName, str]] = MappingProxyType(
    {
        RuleName.MINIMUM_COUNT: "test_minimum_count.py",
        RuleName.MINIMUM_NONZERO: "test_minimum_nonzero.py",
        RuleName.DOMINANCE: "test_dominance.py",
        RuleName.DEVIATIONS: "test_deviations.py",
        RuleName.P_PERCENT: "test_p_percent.py",
        RuleName.CONSTANT: "test_constant.py",
        RuleName.GROUP_DISCLOSURE: "test_group_disclosure.py",
        RuleName.FREQUENCY_IN_DISGUISE: "test_frequency_in_disguise.py",
        RuleName.ZERO_CELLS: "test_zero_cells.py",
        RuleName.IMPLIED_COUNTS: "test_implied_counts.py",
        RuleName.IMPLIED_CELLS: "test_implied_cells.py",
        RuleName.OTHER_UNITS: "test_further_units.py",
        RuleName.PQ: "test_pq.py",
        RuleName.POSITION: "test_position.py",
        RuleName.DEGREES_OF_FREEDOM: "test_degrees_of_freedom.py",
        RuleName.MODAL_SHARE: "test_mode.py",
        RuleName.SATURATED_MODEL: "test_models.py",
        RuleName.SMALLEST_GROUP: "test_models.py",
        RuleName.UNDERLYING_TABLE: "test_comparisons.py",
        RuleName.SURVIVAL: "test_survival.py",
        RuleName.SINGLE_EXIT: "test_survival.py",
        RuleName.ROUNDED_COUNTS: "test_rounding.py",
    }
)
