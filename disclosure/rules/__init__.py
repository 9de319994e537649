"""The primary rules, one per file. A rule looks at evidence and says which cells fail; it never looks at rows."""

from disclosure.rules.base import Rule
from disclosure.rules.constant import CONSTANT
from disclosure.rules.dominance import DOMINANCE
from disclosure.rules.frequency_in_disguise import FREQUENCY_IN_DISGUISE
from disclosure.rules.group_disclosure import GROUP_DISCLOSURE
from disclosure.rules.implied_counts import IMPLIED_COUNTS
from disclosure.rules.minimum_count import MINIMUM_COUNT
from disclosure.rules.minimum_nonzero import MINIMUM_NONZERO
from disclosure.rules.other_units import OTHER_UNITS
from disclosure.rules.p_percent import P_PERCENT
from disclosure.rules.zero_cells import ZERO_CELLS

__all__ = [
    "CONSTANT",
    "DOMINANCE",
    "FREQUENCY_IN_DISGUISE",
    "GROUP_DISCLOSURE",
    "IMPLIED_COUNTS",
    "MINIMUM_COUNT",
    "MINIMUM_NONZERO",
    "OTHER_UNITS",
    "P_PERCENT",
    "ZERO_CELLS",
    "Rule",
]
