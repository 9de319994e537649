"""Labels that put several columns together, such as "area/poor": a table of two dimensions that looks like one.

Its cells are those of the table of both columns, but it has no margins by which to tell that nearly everybody of an
area is poor. What is recognised is a text put together from several columns, a number in which one column stands in the
places of another (``10 * area + poor``), and a choice that gives a column's value where another column says so. Columns
that are compared, banded or added up to one number are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from disclosure.engines.scopes import bare
from disclosure.model.lineage import Origin, is_column_name

_TEXTS = (exp.DPipe, exp.Concat, exp.Pad, exp.Replace)
_SAME_VALUES = (exp.Max, exp.Min, exp.AnyValue)
_ENDS = (exp.Query, exp.Predicate, exp.Connector, exp.Not, exp.AggFunc, exp.Window)
_BANDS = (exp.Div, exp.IntDiv, exp.Floor, exp.Ceil, exp.Round)

Origins = Callable[[exp.Column], frozenset[Origin]]


def put_together(node: exp.Expr, sources: Origins, below: Origins) -> frozenset[Origin]:
    """Return the registered columns that an expression puts together in one label, empty if it does not.

    Args:
        sources: the registered column that a column is, or everything that it is computed from.
        below: what a column already puts together.
    """
    found: set[Origin] = set()
    waiting = [node]
    while waiting:
        one = bare(waiting.pop())
        if isinstance(one, exp.Column):
            found |= below(one)
        elif isinstance(one, exp.Case | exp.If):
            results = list(_results(one))
            if any(not isinstance(bare(result), exp.Literal | exp.Null) for result in results):
                found |= _several(one, sources)
            waiting += results
        elif isinstance(one, _TEXTS) or (isinstance(one, exp.Add | exp.Sub) and _in_places(one)):
            found |= _several(one, sources)
            waiting += list(one.iter_expressions())
        elif not isinstance(one, (*_ENDS, *_BANDS)) or isinstance(one, _SAME_VALUES):
            waiting += list(one.iter_expressions())
    return frozenset(found)


def _results(choice: exp.Case | exp.If) -> Iterator[exp.Expr]:
    if isinstance(choice, exp.If):
        branches, other = [choice], choice.args.get("false")
    else:
        branches, other = list(choice.args.get("ifs") or ()), choice.args.get("default")
    yield from (branch.args["true"] for branch in branches)
    if other is not None:
        yield other


def _in_places(node: exp.Expr) -> bool:
    """Tell whether a sum has a multiple of something, which makes place for something else."""
    return any(
        isinstance(side, exp.Literal) and not side.is_string
        for product in node.find_all(exp.Mul)
        for side in (bare(product.this), bare(product.expression))
    )


def _several(node: exp.Expr, sources: Origins) -> frozenset[Origin]:
    columns = [sources(column) for column in node.find_all(exp.Column) if not _elsewhere(column, node)]
    found = frozenset(origin for origins in columns for origin in origins if is_column_name(origin[1]))
    return found if len(found) > 1 else frozenset()


def _elsewhere(column: exp.Column, node: exp.Expr) -> bool:
    """Tell whether a column stands in a subquery of an expression, or in what is counted or added up over rows."""
    above: exp.Expr | None = column
    while above is not None and above is not node:
        if isinstance(above, exp.Query) or (isinstance(above, exp.AggFunc) and not isinstance(above, _SAME_VALUES)):
            return True
        above = above.parent
    return False
