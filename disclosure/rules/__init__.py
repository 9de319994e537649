"""The primary rules, one per file. A rule looks at evidence and says which cells fail; it never looks at rows."""

from disclosure.rules.base import Rule
from disclosure.rules.comparison_df import COMPARISON_DF
from disclosure.rules.constant import CONSTANT
from disclosure.rules.degrees_of_freedom import DEGREES_OF_FREEDOM
from disclosure.rules.deviations import DEVIATIONS, FEW_ELSEWHERE, ONE_FAR
from disclosure.rules.dominance import DOMINANCE
from disclosure.rules.everybody_leaves import EVERYBODY_LEAVES, ONE_OUTCOME
from disclosure.rules.frequency_in_disguise import CELLS_IN_DISGUISE, FREQUENCY_IN_DISGUISE
from disclosure.rules.group_disclosure import EVERYONE_IN_ONE, GROUP_DISCLOSURE
from disclosure.rules.hardly_varies import HARDLY_VARIES
from disclosure.rules.implied_cells import IMPLIED_CELLS
from disclosure.rules.implied_counts import IMPLIED_COUNTS
from disclosure.rules.minimum_count import MINIMUM_COUNT
from disclosure.rules.minimum_nonzero import MINIMUM_NONZERO
from disclosure.rules.modal_share import MODAL_SHARE
from disclosure.rules.model_df import MODEL_DF
from disclosure.rules.other_units import OTHER_UNITS
from disclosure.rules.p_percent import P_PERCENT
from disclosure.rules.percentage import PERCENTAGE
from disclosure.rules.perfect_correlation import PERFECT_CORRELATION
from disclosure.rules.position import POSITION
from disclosure.rules.pq import PQ
from disclosure.rules.residuals import (
    MODEL_PERFECT_BUT_FOR_FEW,
    MODEL_RESIDUAL_DOMINANCE,
    PERFECT_BUT_FOR_FEW,
    RESIDUAL_DOMINANCE,
)
from disclosure.rules.rounded_counts import ROUNDED_COUNTS
from disclosure.rules.saturated_model import PERFECT_MODEL, SATURATED_MODEL
from disclosure.rules.single_exit import SINGLE_EXIT
from disclosure.rules.smallest_group import SMALLEST_GROUP
from disclosure.rules.survival import SURVIVAL_AT_RISK
from disclosure.rules.told_counts import TOLD_COUNTS
from disclosure.rules.top_share import TOP_SHARE
from disclosure.rules.underlying_table import UNDERLYING_TABLE
from disclosure.rules.zero_cells import ZERO_CELLS, ZERO_TOTALS

__all__ = [
    "CELLS_IN_DISGUISE",
    "COMPARISON_DF",
    "CONSTANT",
    "DEGREES_OF_FREEDOM",
    "DEVIATIONS",
    "DOMINANCE",
    "EVERYBODY_LEAVES",
    "EVERYONE_IN_ONE",
    "FEW_ELSEWHERE",
    "FREQUENCY_IN_DISGUISE",
    "GROUP_DISCLOSURE",
    "HARDLY_VARIES",
    "IMPLIED_CELLS",
    "IMPLIED_COUNTS",
    "MINIMUM_COUNT",
    "MINIMUM_NONZERO",
    "MODAL_SHARE",
    "MODEL_DF",
    "MODEL_PERFECT_BUT_FOR_FEW",
    "MODEL_RESIDUAL_DOMINANCE",
    "ONE_FAR",
    "ONE_OUTCOME",
    "OTHER_UNITS",
    "PERCENTAGE",
    "PERFECT_BUT_FOR_FEW",
    "PERFECT_CORRELATION",
    "PERFECT_MODEL",
    "POSITION",
    "PQ",
    "P_PERCENT",
    "RESIDUAL_DOMINANCE",
    "ROUNDED_COUNTS",
    "SATURATED_MODEL",
    "SINGLE_EXIT",
    "SMALLEST_GROUP",
    "SURVIVAL_AT_RISK",
    "TOLD_COUNTS",
    "TOP_SHARE",
    "UNDERLYING_TABLE",
    "ZERO_CELLS",
    "ZERO_TOTALS",
    "Rule",
]
