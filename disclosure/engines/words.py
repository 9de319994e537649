"""The words of the closed grammar of derivations: nodes of the syntax tree, and the texts that they may hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_STRUCTURE = (
    "Select From Join Where Group Having With CTE Subquery Union Alias TableAlias Table Column Identifier Star "
)
_STRUCTURE += "Distinct Order Ordered Paren Tuple"
_VALUES = "Literal Null Boolean Cast TryCast DataType DataTypeParam Interval Var Neg"
_LOGIC = "And Or Not EQ NEQ GT GTE LT LTE Is In Between Case If Coalesce Nullif Greatest Least NullSafeEQ NullSafeNEQ "
_LOGIC += "Exists Xor"
_NUMBERS = "Add Sub Mul Div IntDiv Mod Pow Abs Round Floor Ceil Sign Sqrt Ln Log Exp IsNan IsInf Trunc"
_WORDS = "Upper Lower Trim Substring Left Right Length Concat DPipe Like ILike StartsWith EndsWith Contains Replace Pad"
_DATES = "Extract Year Month Day Quarter DateDiff DateAdd DateSub DateTrunc TimestampTrunc Date StrToDate StrToTime "
_DATES += "TsOrDsToDate Datetime DayOfWeek DayOfYear Week"
_AGGREGATES = "Count CountIf Sum Avg Min Max Median Stddev StddevPop StddevSamp Variance VariancePop LogicalOr "
_AGGREGATES += "LogicalAnd Filter"
_ROWS = "Window WindowSpec RowNumber Rank DenseRank Lag Lead FirstValue LastValue Ntile PercentRank CumeDist"

ALLOWED = frozenset(" ".join((_STRUCTURE, _VALUES, _LOGIC, _NUMBERS, _WORDS, _DATES, _AGGREGATES, _ROWS)).split())
"""The nodes of which a derivation may be made."""

ALLOWED_BY_NAME = frozenset({"isnan", "isinf", "isfinite", "prefix", "suffix", "contains", "round_even", "trunc"})
"""Functions without a node of their own."""

_PARTS = (
    "YEAR QUARTER MONTH WEEK DAY HOUR MINUTE SECOND MILLISECOND MICROSECOND DECADE CENTURY MILLENNIUM "
    "DOW ISODOW DOY DAYOFWEEK DAYOFYEAR ISOYEAR YEARWEEK WEEKOFYEAR EPOCH ERA "
    "YEARS QUARTERS MONTHS WEEKS DAYS HOURS MINUTES SECONDS MILLISECONDS MICROSECONDS"
)
UNITS = frozenset(_PARTS.split())
"""Parts of dates and units of intervals, in upper case; the only bare words that a derivation may hold."""

UNIT_ARGUMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Extract": ("this",),
        "Interval": ("unit",),
        "DateAdd": ("unit",),
        "DateDiff": ("unit",),
        "DateSub": ("unit",),
        "DateTrunc": ("unit",),
        "TimestampTrunc": ("unit",),
    }
)
"""Node to its arguments that are printed as a part of a date, even where they were written as a text."""

_KINDS = (
    "BOOLEAN TINYINT SMALLINT INT BIGINT INT128 UTINYINT USMALLINT UINT UBIGINT UINT128 FLOAT DOUBLE DECIMAL "
    "CHAR VARCHAR TEXT DATE TIME DATETIME TIMESTAMP TIMESTAMPNTZ TIMESTAMPTZ TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS "
    "INTERVAL"
)
TYPES = frozenset(_KINDS.split())
"""The types to which a derivation may cast."""

_SIDES = frozenset({"PRECEDING", "FOLLOWING"})

TEXTS: Mapping[tuple[str, str], frozenset[str]] = MappingProxyType(
    {
        ("Join", "side"): frozenset({"LEFT", "RIGHT", "FULL"}),
        ("Join", "kind"): frozenset({"INNER", "OUTER", "CROSS", "SEMI", "ANTI"}),
        ("Join", "method"): frozenset({"NATURAL"}),
        ("Trim", "position"): frozenset({"LEADING", "TRAILING", "BOTH"}),
        ("Window", "over"): frozenset({"OVER"}),
        ("WindowSpec", "kind"): frozenset({"ROWS", "RANGE"}),
        ("WindowSpec", "start"): frozenset({"UNBOUNDED", "CURRENT ROW"}),
        ("WindowSpec", "end"): frozenset({"UNBOUNDED", "CURRENT ROW"}),
        ("WindowSpec", "start_side"): _SIDES,
        ("WindowSpec", "end_side"): _SIDES,
    }
)
"""Node and argument to the texts that may stand there, in upper case. Any other text is refused."""

UNUSED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Cast": ("format", "action", "default"),
        "TryCast": ("format", "action", "default"),
        "Column": ("db", "catalog", "join_mark"),
        "DataType": ("nested", "values", "kind", "collate"),
        "Distinct": ("on",),
        "Group": ("grouping_sets", "cube", "rollup", "totals"),
        "Identifier": ("global_", "temporary"),
        "In": ("unnest", "field", "is_global"),
        "Join": ("global_", "hint", "match_condition", "nearest", "directed", "expressions", "pivots"),
        "Ordered": ("with_fill",),
        "Subquery": ("joins", "laterals", "pivots", "sample"),
        "Table": ("joins", "laterals", "pivots", "hints", "sample", "only", "rows_from", "ordinality", "changes"),
        "Union": ("by_name", "side", "kind", "on"),
        "With": ("recursive", "search", "cycle", "udfs"),
        "Trim": ("collation",),
    }
)
"""Node to those of its arguments that a derivation may not use."""
