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

from disclosure.engines.grammar import check_words, parsed
from disclosure.errors import DerivationRefusedError
from disclosure.model.lineage import Derivation, Join, Lineage, Origin


def checked_derivation(sql: str, schemas: Mapping[str, tuple[str, ...]]) -> Derivation:
    """Return the checked derivation of a SELECT over registered data sets.

    Args:
        schemas: data set to its column names.

    Raises:
        DerivationRefusedError: it uses a word outside the grammar, another table, or an unknown column.
    """
    tree = parsed(sql, schemas)
    run = tree.sql(dialect="duckdb", comments=False)
    schema: dict[str, object] = {
        name.lower(): dict.fromkeys((column.lower() for column in columns), "VARCHAR")
        for name, columns in schemas.items()
    }
    try:
        # Types are not looked at: only where columns come from.
        qualified = qualify(tree.copy(), dialect="duckdb", schema=schema)
        root = build_scope(qualified)
        # What runs is the tree that was traced, every name resolved, so that the engine cannot read a name otherwise.
        run = qualified.sql(dialect="duckdb", comments=False)
    except (SqlglotError, RecursionError):
        raise DerivationRefusedError(
            "The derivation names a column that the registered data sets do not have, or names one ambiguously."
        ) from None
    if root is None:
        raise DerivationRefusedError("A derivation is one SELECT statement and nothing else.")
    # Resolving names brings out what they hid: a table used as a value, or a name that is no WITH table in its place.
    check_words(qualified)
    if any(not schema.keys() >= _tables(scope) for scope in root.traverse()):
        raise DerivationRefusedError("A WITH table of the derivation is read where it is not known.", hint="Rename it.")
    tracer = _Tracer(root)
    names = [one.alias_or_name for one in qualified.selects]
    if len({name.lower() for name in names}) != len(names):
        raise DerivationRefusedError("The derivation gives two columns the same name.")
    return Derivation(run, tracer.outputs(root), tracer.groupings, tracer.joins, tracer.broadcasts)


class _Tracer:
    """Follows columns through scopes. A scope is one SELECT with the tables and subqueries that it reads."""

    def __init__(self, root: Scope) -> None:
        self._scope_of: dict[int, Scope] = {}
        groupings: list[frozenset[Origin]] = []
        joins: list[Join] = []
        broadcasts = False
        for scope in root.traverse():
            for column in scope.columns:
                self._scope_of[id(column)] = scope
        for scope in root.traverse():
            select = scope.expression
            if not isinstance(select, exp.Select):
                continue
            direct = [node for node in scope.walk() if isinstance(node, exp.AggFunc)]
            windowed = [node for node in scope.walk() if isinstance(node, exp.Window)]
            broadcasts |= bool(windowed) or any(isinstance(node, exp.Exists) for node in scope.walk())
            broadcasts |= any(child.is_subquery for child in scope.subquery_scopes)
            if direct or select.args.get("group") or select.args.get("distinct"):
                groupings.append(self._grouped_by(select))
            joins += [self._join(scope, place, join) for place, join in enumerate(select.args.get("joins") or ())]
        self.groupings = tuple(groupings)
        self.joins = tuple(joins)
        self.broadcasts = broadcasts

    def outputs(self, scope: Scope) -> dict[str, Lineage]:
        """Return the lineage of each output column of a scope, by its name in lower case."""
        if scope.set_operation_scopes:
            parts = [self.outputs(part) for part in scope.set_operation_scopes]
            first = list(parts[0])
            others = [list(part.values()) for part in parts]
            return {name: _joined([lineages[place] for lineages in others]) for place, name in enumerate(first)}
        select = scope.expression
        if not isinstance(select, exp.Query):
            raise DerivationRefusedError("A column of the derivation cannot be traced to a registered data set.")
        return {one.alias_or_name.lower(): self._lineage(one.unalias()) for one in select.selects}

    def _lineage(self, node: exp.Expr) -> Lineage:
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.Column):
            return self._column(node)
        sources: set[Origin] = set()
        for column in node.find_all(exp.Column):
            # Counting rows that have an identifier tells no identifier.
            if column.find_ancestor(exp.Count) is None:
                sources |= self._column(column).sources
        return Lineage(None, frozenset(sources))

    def _column(self, column: exp.Column) -> Lineage:
        scope = self._scope_of.get(id(column))
        name = column.name.lower()
        while scope is not None:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                origin = (source.name.lower(), name)
                return Lineage(origin, frozenset({origin}))
            if isinstance(source, Scope):
                return self.outputs(source)[name]
            scope = scope.parent
        raise DerivationRefusedError("A column of the derivation cannot be traced to a registered data set.")

    def _grouped_by(self, select: exp.Select) -> frozenset[Origin]:
        group = select.args.get("group")
        if group is None and select.args.get("distinct"):
            keys = [one.unalias() for one in select.selects]
        else:
            keys = list(group.expressions) if group is not None else []
        found = set()
        for key in keys:
            if isinstance(key, exp.Literal) and key.is_int and 1 <= int(key.this) <= len(select.selects):
                key = select.selects[int(key.this) - 1].unalias()
            origin = self._lineage(key).origin
            if origin is not None:
                found.add(origin)
        return frozenset(found)

    def _join(self, scope: Scope, place: int, join: exp.Join) -> Join:
        """Return what is known of a join; only conditions joined by AND count."""
        pairs, joined = set(), join.alias_or_name
        condition = join.args.get("on")
        parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
        for part in parts:
            while isinstance(part, exp.Paren):
                part = part.this
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
            origins = self._column(left).origin, self._column(right).origin
            if origins[0] is not None and origins[1] is not None:
                pairs.add((origins[0], origins[1]))
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


def _joined(parts: list[Lineage]) -> Lineage:
    origins = {part.origin for part in parts}
    origin = origins.pop() if len(origins) == 1 else None
    return Lineage(origin, frozenset().union(*(part.sources for part in parts)))
