"""Labels that put several columns together, such as "area/poor": a table of two dimensions that looks like one.

Its cells are those of the table of both columns, but it has no margins by which to tell that nearly everybody of an
area is poor. There are endless ways to write one label for two columns: texts, sums, products, powers, places in a
list, numbers of an order. So what counts is not how it is written but what it is computed from: several registered
columns are put together in anything that is computed from them, in a window over them too. Only what gives three
results at most, as a comparison does, or a choice between three constants, is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from sqlglot import exp

from disclosure.engines.scopes import bare, inner_query
from disclosure.model.lineage import Origin, is_column_name

MOST_RESULTS = 2
_CONSTANTS = (exp.Literal, exp.Boolean, exp.Null)
_COMPARED = (exp.Predicate, exp.Connector, exp.Not)


class Traced(Protocol):
    """What is known of a column: what it is, or is computed from, and what it already puts together."""

    @property
    def own(self) -> frozenset[Origin]: ...

    @property
    def together(self) -> frozenset[Origin]: ...


def put_together(
    node: exp.Expr, trace: Callable[[exp.Column], Traced], windows: Iterable[exp.Expr]
) -> frozenset[Origin]:
    """Return the registered columns that an expression puts together in one label, empty if it does not.

    Args:
        trace: returns what is known of a column that the expression names.
        windows: the windows that the SELECT of the expression names.
    """
    if len(_results(node)) <= MOST_RESULTS:
        return frozenset()
    named = windows if node.find(exp.Window) is not None else ()
    columns = [column for part in (node, *named) for column in part.find_all(exp.Column)]
    traces = [trace(column) for column in columns]
    together = frozenset[Origin]().union(*(one.together for one in traces))
    # What is made of one column has no more labels than that, whatever it was computed from itself.
    if len({(column.table.lower(), column.name.lower()) for column in columns}) > 1:
        together |= several(frozenset[Origin]().union(*(one.own for one in traces)))
    return together


def several(origins: frozenset[Origin], *, by_name: bool = False) -> frozenset[Origin]:
    """Return those that are columns if they are more than one, otherwise nothing.

    Args:
        by_name: columns of the same name in several data sets count as one.
    """
    found = frozenset(origin for origin in origins if is_column_name(origin[1]))
    return found if len({origin[1] if by_name else origin for origin in found}) > 1 else frozenset()


def few_results(queries: Iterable[exp.Expr], place: int) -> bool:
    """Tell whether a column of united queries has so few results that it does not put anything together."""
    found: set[str] = set()
    waiting = list(queries)
    while waiting:
        one = inner_query(waiting.pop())
        if isinstance(one, exp.SetOperation):
            waiting += [one.left, one.right]
        elif isinstance(one, exp.Query):
            found |= _results(one.selects[place].unalias())
    return len(found) <= MOST_RESULTS


def _results(node: exp.Expr) -> frozenset[str]:
    """Return the results that an expression can have as far as they are written in it, more than allowed if not."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = bare(waiting.pop())
        if isinstance(one, _CONSTANTS) or (isinstance(one, exp.Neg) and isinstance(bare(one.this), exp.Literal)):
            found.add(one.sql())
        elif isinstance(one, _COMPARED):
            found |= {"TRUE", "FALSE", *(["NULL"] if _made_missing(one) else [])}
        elif isinstance(one, exp.Cast):
            waiting.append(one.this)
        elif isinstance(one, exp.Coalesce):
            waiting += list(one.iter_expressions())
        elif isinstance(one, exp.Case | exp.If):
            waiting += _choices(one)
        else:
            return frozenset(map(str, range(MOST_RESULTS + 1)))
    return frozenset(found)


def _made_missing(comparison: exp.Expr) -> bool:
    """Tell whether a comparison is missing by what is written in it, and not only where a registered value is."""
    for one in comparison.find_all(exp.Null, exp.Nullif, exp.Case, exp.If, exp.Query):
        if isinstance(one, exp.Null) and isinstance(one.parent, exp.Is):
            continue
        if not isinstance(one, exp.Case | exp.If) or any(isinstance(bare(each), exp.Null) for each in _choices(one)):
            return True
    return False


def _choices(choice: exp.Case | exp.If) -> Iterator[exp.Expr]:
    if isinstance(choice, exp.If):
        branches, other = [choice], choice.args.get("false")
    else:
        branches, other = list(choice.args.get("ifs") or ()), choice.args.get("default")
    yield from (branch.args["true"] for branch in branches)
    yield other if other is not None else exp.Null()
