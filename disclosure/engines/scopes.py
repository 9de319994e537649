"""Reading the syntax of scopes: which relations a SELECT reads, and which conditions it joins by AND."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from disclosure.errors import DerivationRefusedError
from disclosure.texts import text


def conjuncts(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    """Yield the parts of a condition that are joined by AND, without parentheses."""
    waiting = [condition] if condition is not None else []
    while waiting:
        part = bare(waiting.pop())
        if isinstance(part, exp.And):
            waiting += [part.expression, part.this]
        else:
            yield part


def bare(node: exp.Expr) -> exp.Expr:
    """Return an expression without parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def inner_query(node: exp.Expr) -> exp.Expr:
    """Return the SELECT or union of a subquery."""
    while isinstance(node, exp.Subquery | exp.Paren):
        node = node.this
    return node


def select_of(scope: Scope) -> exp.Select:
    """Return the SELECT of a scope; `DerivationRefusedError` if it is anything else."""
    if not isinstance(scope.expression, exp.Select):
        raise DerivationRefusedError(text("A column of the derivation cannot be traced to a registered data set."))
    return scope.expression


def relations(select: exp.Select) -> list[str]:
    """Return the names under which a SELECT reads tables and subqueries, in their order."""
    origin = select.args.get("from_")
    first = [origin.alias_or_name] if origin is not None else []
    return [*first, *(join.alias_or_name for join in select.args.get("joins") or ())]
