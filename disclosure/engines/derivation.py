"""Where each column of a lazy recipe comes from, and whether a row was computed from its own unit's rows alone.

The derivation is read, not run: it is parsed under the closed grammar, its columns are resolved, and each is traced
through subqueries to the registered columns below it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from disclosure.engines.grammar import check_names, check_words, identical, parsed, printed
from disclosure.engines.scopes import conjuncts
from disclosure.engines.tracing import Tracer
from disclosure.errors import DerivationRefusedError
from disclosure.model.lineage import Derivation, Join, Origin
from disclosure.texts import text

Schema = Mapping[str, Mapping[str, str]]

_ROUNDS = 3


def checked_derivation(sql: str, schemas: Mapping[str, tuple[str, ...]]) -> Derivation:
    """Return the checked derivation of a SELECT over registered data sets.

    Args:
        schemas: data set to its column names.

    Raises:
        DerivationRefusedError: it uses a word outside the grammar, another table, or an unknown column.
    """
    schema: dict[str, dict[str, str]] = {
        name.lower(): dict.fromkeys((column.lower() for column in columns), "VARCHAR")
        for name, columns in schemas.items()
    }
    tree = parsed(sql, schemas)
    for _ in range(_ROUNDS):
        resolved = _resolved(tree, schema)
        run, tree = _printed(resolved, schemas)
        if identical(resolved, tree):
            return _derivation(run, resolved, schema)
    # What runs is a text. If reading it gives another tree than the one that was traced, nobody has checked it.
    raise DerivationRefusedError(text("The derivation does not read the same when it is written anew."))


def _resolved(tree: exp.Query, schema: Schema) -> exp.Query:
    """Return the tree with every column named in full, so that the engine cannot read a name otherwise."""
    try:
        # Types are not looked at: only where columns come from.
        resolved = qualify(tree.copy(), dialect="duckdb", schema=dict(schema))
    except (SqlglotError, RecursionError):
        raise DerivationRefusedError(
            text("The derivation names a column that the registered data sets do not have, or names one ambiguously.")
        ) from None
    if not isinstance(resolved, exp.Query):
        raise DerivationRefusedError(text("A derivation is one SELECT statement and nothing else."))
    for name in resolved.find_all(exp.Identifier):
        name.set("quoted", True)
    # Resolving names brings out what they hid: a table used as a value, or a name that is no WITH table in its place.
    check_words(resolved)
    check_names(resolved)
    return resolved


def _printed(resolved: exp.Query, schemas: Mapping[str, tuple[str, ...]]) -> tuple[str, exp.Query]:
    try:
        return printed(resolved, schemas)
    except (SqlglotError, RecursionError):
        raise DerivationRefusedError(text("The derivation is not SQL that can be read.")) from None


def _derivation(run: str, resolved: exp.Query, schema: Schema) -> Derivation:
    try:
        return _traced(run, resolved, schema)
    except (SqlglotError, RecursionError):
        raise DerivationRefusedError(
            text("The derivation is too deep to be traced."), hint=text("Use fewer steps.")
        ) from None


def _traced(run: str, resolved: exp.Query, schema: Schema) -> Derivation:
    root = build_scope(resolved)
    if root is None:
        raise DerivationRefusedError(text("A derivation is one SELECT statement and nothing else."))
    if any(not schema.keys() >= _tables(scope) for scope in root.traverse()):
        raise DerivationRefusedError(
            text("A WITH table of the derivation is read where it is not known."), hint=text("Rename it.")
        )
    names = [one.alias_or_name for one in resolved.selects]
    if len({name.lower() for name in names}) != len(names):
        raise DerivationRefusedError(text("The derivation gives two columns the same name."))
    tracer = Tracer(root, schema)
    groupings: list[frozenset[Origin]] = []
    joins: list[Join] = []
    broadcasts = False
    for scope in root.traverse():
        broadcasts |= tracer.repeats_rows(scope)
        select = scope.expression
        if not isinstance(select, exp.Select):
            continue
        nodes = list(scope.walk())
        broadcasts |= any(isinstance(node, exp.Window | exp.Exists) for node in nodes)
        broadcasts |= any(child.is_subquery for child in scope.subquery_scopes)
        aggregates = any(isinstance(node, exp.AggFunc) for node in nodes)
        if aggregates or select.args.get("group") or select.args.get("distinct"):
            groupings.append(_grouped_by(tracer, scope, select))
        joins += [_join(tracer, scope, place, join) for place, join in enumerate(select.args.get("joins") or ())]
    columns = {name: trace.lineage for name, trace in tracer.outputs(root).items()}
    return Derivation(run, columns, tuple(groupings), tuple(joins), broadcasts)


def _grouped_by(tracer: Tracer, scope: Scope, select: exp.Select) -> frozenset[Origin]:
    group = select.args.get("group")
    if group is None and select.args.get("distinct"):
        keys = [one.unalias() for one in select.selects]
    else:
        keys = list(group.expressions) if group is not None else []
    found = set()
    for key in keys:
        if isinstance(key, exp.Literal) and key.is_int and 1 <= int(key.this) <= len(select.selects):
            key = select.selects[int(key.this) - 1].unalias()
        origin = tracer.trace(key, scope).lineage.origin
        if origin is not None:
            found.add(origin)
    return frozenset(found)


def _join(tracer: Tracer, scope: Scope, place: int, join: exp.Join) -> Join:
    """Return what is known of a join; only conditions joined by AND count."""
    pairs, joined = set(), join.alias_or_name
    for part in conjuncts(join.args.get("on")):
        if not isinstance(part, exp.EQ):
            continue
        left, right = part.this, part.expression
        if not isinstance(left, exp.Column) or not isinstance(right, exp.Column):
            continue
        # Both columns of one side say nothing of the other side's rows.
        if (left.table == joined) == (right.table == joined):
            continue
        if left.table == joined:
            left, right = right, left
        # Where an outer join found no row a key is missing, and a missing key finds no row either.
        keys = tracer.column(left).unchanged, tracer.column(right).unchanged
        if keys[0] is not None and keys[1] is not None:
            pairs.add((keys[0], keys[1]))
    # A later join finds a side of which an earlier one may have repeated rows.
    first = scope.expression.args["from_"].alias_or_name if place == 0 else ""
    return Join(frozenset(pairs), _rows_of(scope.sources.get(first)), _rows_of(scope.sources.get(joined)))


def _rows_of(source: object) -> str | None:
    """Return the data set of which a relation holds rows, each at most once; None if it may repeat rows."""
    if isinstance(source, exp.Table):
        return source.name.lower()
    if not isinstance(source, Scope) or not isinstance(source.expression, exp.Select):
        return None
    select = source.expression
    origin = select.args.get("from_")
    if origin is None or select.args.get("joins"):
        return None
    return _rows_of(source.sources.get(origin.alias_or_name))


def _tables(scope: Scope) -> set[str]:
    return {source.name.lower() for source in scope.sources.values() if isinstance(source, exp.Table)}
