"""The closed grammar of derivations: what one SELECT may be made of.

The list names what is allowed, never what is forbidden: a function or clause of a later version is refused until
somebody has judged it. Left out on purpose: anything that reads a file, an environment or a setting, anything random
or dependent on the clock, LIMIT and samples (which rows they take is nobody's promise), and user functions.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from disclosure.errors import DerivationRefusedError

MAXIMUM_LENGTH = 100_000

_STRUCTURE = (
    "Select From Join Where Group Having With CTE Subquery Union Alias TableAlias Table Column Identifier Star "
)
_STRUCTURE += "Distinct Order Ordered Paren Tuple"
_VALUES = "Literal Null Boolean Cast TryCast DataType DataTypeParam Interval Var Neg"
_LOGIC = "And Or Not EQ NEQ GT GTE LT LTE Is In Between Case If Coalesce Nullif Greatest Least NullSafeEQ NullSafeNEQ "
_LOGIC += "Exists Xor"
_NUMBERS = "Add Sub Mul Div IntDiv Mod Pow Abs Round Floor Ceil Sign Sqrt Ln Log Exp IsNan IsInf Trunc"
_TEXTS = "Upper Lower Trim Substring Left Right Length Concat DPipe Like ILike StartsWith EndsWith Contains Replace Pad"
_DATES = "Extract Year Month Day Quarter DateDiff DateAdd DateSub DateTrunc TimestampTrunc Date StrToDate StrToTime "
_DATES += "CastToStrType TsOrDsToDate Datetime DayOfWeek DayOfYear Week"
_AGGREGATES = (
    "Count CountIf Sum Avg Min Max Median Stddev StddevPop StddevSamp Variance VariancePop AnyValue LogicalOr "
)
_AGGREGATES += "LogicalAnd Filter"
_ROWS = "Window WindowSpec RowNumber Rank DenseRank Lag Lead FirstValue LastValue Ntile PercentRank CumeDist"

_ALLOWED = frozenset(" ".join((_STRUCTURE, _VALUES, _LOGIC, _NUMBERS, _TEXTS, _DATES, _AGGREGATES, _ROWS)).split())
_ALLOWED_BY_NAME = frozenset({"isnan", "isinf", "isfinite", "prefix", "suffix", "contains", "round_even", "trunc"})


def parsed(sql: str, tables: Collection[str]) -> exp.Query:
    """Return the syntax tree of a derivation: one SELECT, allowed words only, over `tables` and its own CTEs.

    Raises:
        DerivationRefusedError: naming the word that is not on the list.
    """
    if len(sql) > MAXIMUM_LENGTH:
        raise DerivationRefusedError("The derivation is too long.", hint=f"At most {MAXIMUM_LENGTH:,} characters.")
    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except (SqlglotError, RecursionError):
        raise DerivationRefusedError("The derivation is not SQL that can be read.") from None
    tree = statements[0] if len(statements) == 1 else None
    if not isinstance(tree, exp.Select | exp.Union):
        raise DerivationRefusedError("A derivation is one SELECT statement and nothing else.")
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    known = {name.lower() for name in tables}
    if own & known:
        raise DerivationRefusedError("A WITH table has the name of a registered data set.", hint="Rename it.")
    check_words(tree)
    for table in tree.find_all(exp.Table):
        plain = isinstance(table.this, exp.Identifier) and not table.args.get("db") and not table.args.get("catalog")
        if not plain or table.name.lower() not in own | known:
            raise DerivationRefusedError(
                "A derivation reads registered data sets only, by their names.",
                hint=f"Here: {', '.join(sorted(known))}.",
            )
    return tree


def check_words(tree: exp.Expr) -> None:
    """Raise `DerivationRefusedError` naming the first word of a syntax tree that is not on the list."""
    for node in tree.walk():
        kind = type(node).__name__
        if isinstance(node, exp.Anonymous):
            name = str(node.this)
            if name.lower() not in _ALLOWED_BY_NAME:
                raise DerivationRefusedError(f"The function '{name[:40]}' is not allowed in a derivation.")
        elif kind not in _ALLOWED:
            raise DerivationRefusedError(f"'{kind}' is not allowed in a derivation.")
        if isinstance(node, exp.With) and node.args.get("recursive"):
            raise DerivationRefusedError("'With recursive' is not allowed in a derivation.")
        if isinstance(node, exp.Union) and node.args.get("by_name"):
            raise DerivationRefusedError("'Union by name' is not allowed in a derivation.", hint="Order the columns.")
        if isinstance(node, exp.Join) and str(node.args.get("method") or "").upper() not in ("", "NATURAL"):
            raise DerivationRefusedError("A join by position or order is not allowed in a derivation.")
