"""Tracing columns of a resolved derivation through subqueries, joins and unions to registered columns.

A value tells something of each column from which it is computed, and also of each column that decided whether it is
there: a column of which only the rows of the poor were joined is missing for everybody else. What decides no more than
who is counted (a condition of the whole derivation, wherever in it that is written) changes no value, and is left to
the population that a submission states.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from disclosure.engines.scopes import bare, conjuncts, inner_query, relations, select_of
from disclosure.engines.together import few_results, put_together, several
from disclosure.engines.traces import NOTHING, Trace, alike_in, matched_by
from disclosure.errors import DerivationRefusedError
from disclosure.model.lineage import Origin, all_rows, is_column_name
from disclosure.texts import text

_SAME_FOR_REPEATED_ROWS = (exp.Max, exp.Min, exp.AnyValue, exp.LogicalOr, exp.LogicalAnd)


class Tracer:
    """Follows columns through scopes. A scope is one SELECT with the tables and subqueries that it reads."""

    def __init__(self, root: Scope, schema: Mapping[str, Collection[str]]) -> None:
        self._schema = schema
        self._scope_of: dict[int, Scope] = {}
        self._scope_by_query: dict[int, Scope] = {}
        for scope in root.traverse():
            self._scope_by_query[id(scope.expression)] = scope
            for column in scope.columns:
                self._scope_of[id(column)] = scope
        self._outputs: dict[int, dict[str, Trace]] = {}
        self._conditions: dict[int, frozenset[Origin]] = {}
        self._rows: dict[int, frozenset[Origin]] = {}
        self._missing: dict[int, dict[str, frozenset[Origin]]] = {}

    def outputs(self, scope: Scope) -> dict[str, Trace]:
        """Return the trace of each output column of a scope, by its name in lower case."""
        known = self._outputs.get(id(scope))
        if known is None:
            parts = scope.set_operation_scopes
            known = self._outputs[id(scope)] = self._united(scope) if parts else self._selected(scope)
        return known

    def repeats_rows(self, scope: Scope) -> bool:
        """Tell whether a scope unites rows of a data set with rows of the same one, so that a row may come twice."""
        parts = [self._rows_of(part) for part in scope.set_operation_scopes]
        return len(NOTHING.union(*parts)) < sum(map(len, parts))

    def trace(self, node: exp.Expr, scope: Scope) -> Trace:
        """Return the trace of an expression in a scope."""
        node = bare(node)
        if isinstance(node, exp.Column):
            return self.column(node)
        return Trace(
            None,
            self._sources(node, scope),
            put_together(node, self.column, select_of(scope).args.get("windows") or ()),
        )

    def column(self, column: exp.Column) -> Trace:
        """Return the trace of a column that an expression names."""
        scope, name = self._scope_of.get(id(column)), column.name.lower()
        while scope is not None:
            source = scope.sources.get(column.table)
            missing = self._may_be_missing(scope).get(column.table, NOTHING) if source is not None else NOTHING
            known = self._schema.get(source.name.lower(), ()) if isinstance(source, exp.Table) else ()
            if isinstance(source, exp.Table) and name in known and is_column_name(name):
                return Trace((source.name.lower(), name), missing)
            if isinstance(source, Scope) and name in self.outputs(source):
                below = self.outputs(source)[name]
                # Whoever may be missing is not one of them in each row.
                return Trace(
                    below.unchanged, below.others | missing, below.together, NOTHING if missing else below.alike
                )
            scope = scope.parent if source is None else None
        raise DerivationRefusedError(text("A column of the derivation cannot be traced to a registered data set."))

    def _selected(self, scope: Scope) -> dict[str, Trace]:
        select = select_of(scope)
        return {one.alias_or_name.lower(): self.trace(one.unalias(), scope) for one in select.selects}

    def _united(self, scope: Scope) -> dict[str, Trace]:
        """Return the traces of a union, where a value also tells from which part its row comes.

        A column that is the same registered one in every part tells nothing more than it does by itself.
        """
        parts = [self.outputs(part) for part in scope.set_operation_scopes]
        whence = self._conditions_of(scope) | self._rows_of(scope)
        found = {}
        for place, name in enumerate(parts[0]):
            traces = [list(part.values())[place] for part in parts]
            unchanged = {one.unchanged for one in traces}
            same = next(iter(unchanged)) if len(unchanged) == 1 else None
            if same is not None and not any(one.others for one in traces):
                found[name] = Trace(same, NOTHING)
            else:
                sources = NOTHING.union(whence, *(one.sources for one in traces))
                together = NOTHING.union(*(one.together for one in traces))
                alike = None not in unchanged and len({one[1] for one in unchanged if one}) == 1
                # Years that follow each other make one label; what goes by the part that the same rows are in does not.
                if self.repeats_rows(scope) and not alike and not few_results((scope.expression,), place):
                    together |= several(sources, by_name=True)
                found[name] = Trace(None, sources, together, alike_in(traces))
        return found

    def _sources(self, node: exp.Expr, scope: Scope) -> frozenset[Origin]:
        """Return everything that an expression's value depends on. No recursion: an expression may be very deep."""
        found: set[Origin] = set()
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if isinstance(one, exp.Column):
                found |= self.column(one).sources
                continue
            if isinstance(one, exp.Exists):
                found |= self._found_by(one.this, values=False)
                continue
            if isinstance(one, exp.Query):
                found |= self._found_by(one, values=True)
                continue
            if isinstance(one, exp.AggFunc):
                # Grouped rows are there or not by these, and so is what is made of them.
                found |= self._rows_decided(scope) | self._grouped(scope)
                if not isinstance(one, _SAME_FOR_REPEATED_ROWS):
                    found |= self._rows_of(scope)
                counted = self._counted(one) if isinstance(one, exp.Count) else None
                if counted is not None:
                    found |= counted
                    continue
            if isinstance(one, exp.Window):
                found |= self._conditions_of(scope) | self._rows_of(scope)
                for named in select_of(scope).args.get("windows") or ():
                    waiting += list(named.iter_expressions())
            waiting += list(one.iter_expressions())
        return frozenset(found)

    def _counted(self, count: exp.Count) -> frozenset[Origin] | None:
        """Return what counting rows or one registered column depends on, other than the rows; None for the rest.

        How often an identifier is there tells no identifier. How often something computed from it is there may.
        """
        counted = count.this
        if counted is None or isinstance(counted, exp.Star):
            return NOTHING
        listed = counted.expressions if isinstance(counted, exp.Distinct) else [counted, *count.expressions]
        columns = [bare(one) for one in listed]
        traces = [self.column(one) for one in columns if isinstance(one, exp.Column)]
        if len(traces) != len(columns) or any(one.unchanged is None for one in traces):
            return None
        return NOTHING.union(*(one.others for one in traces))

    def _found_by(self, query: exp.Expr, *, values: bool) -> frozenset[Origin]:
        """Return what a subquery in an expression depends on: its rows and, unless it only tests them, its values."""
        scope = self._scope_by_query.get(id(inner_query(query)))
        if scope is None:
            raise DerivationRefusedError(text("A subquery of the derivation cannot be traced to registered data."))
        found = self._conditions_of(scope) | self._rows_of(scope)
        return found.union(*(one.sources for one in self.outputs(scope).values())) if values else found

    def _conditions_of(self, scope: Scope) -> frozenset[Origin]:
        """Return what decides which rows a scope gives."""
        known = self._conditions.get(id(scope))
        if known is None:
            parts = scope.set_operation_scopes
            if parts:
                known = NOTHING.union(*(self._conditions_of(part) for part in parts))
            else:
                having = select_of(scope).args.get("having")
                known = self._rows_decided(scope) | self._grouped(scope)
                known |= self._decided(having.this if having else None, scope)
            self._conditions[id(scope)] = known
        return known

    def _rows_decided(self, scope: Scope) -> frozenset[Origin]:
        """Return what decides which rows a scope has before it groups them."""
        select = select_of(scope)
        where = select.args.get("where")
        found = self._decided(where.this if where else None, scope)
        for join in select.args.get("joins") or ():
            found |= self._decided(join.args.get("on"), scope)
            if str(join.args.get("kind") or "").upper() in ("SEMI", "ANTI"):
                found |= self._rows_in(scope.sources.get(join.alias_or_name))
        for name in relations(select):
            found |= self._decided_in(scope.sources.get(name))
        return found

    def _grouped(self, scope: Scope) -> frozenset[Origin]:
        group = select_of(scope).args.get("group")
        traces = [self.trace(key, scope) for key in group.expressions] if group else []
        return NOTHING.union(*(matched_by(one) for one in traces))

    def _decided(self, condition: exp.Expr | None, scope: Scope) -> frozenset[Origin]:
        """Return what a condition depends on; of columns that are only compared with each other, that they are."""
        found = NOTHING
        for part in conjuncts(condition):
            compared = self._compared(part)
            found |= self._sources(part, scope) if compared is None else compared
        return found

    def _compared(self, part: exp.Expr) -> frozenset[Origin] | None:
        """Return what a condition depends on that sets columns of two relations equal, or asks if one is missing."""
        positive = part if isinstance(part, exp.EQ) else bare(part.this) if isinstance(part, exp.Not) else part
        left = bare(positive.this) if isinstance(positive, exp.EQ | exp.Is | exp.In) else None
        if not isinstance(left, exp.Column):
            return None
        traces, found = [self.column(left)], NOTHING
        if isinstance(part, exp.EQ):
            right = bare(part.expression)
            if not isinstance(right, exp.Column) or right.table == left.table:
                return None
            traces.append(self.column(right))
        elif isinstance(positive, exp.In) and positive.args.get("query") is not None:
            query = positive.args["query"]
            found = self._found_by(query, values=False)
            traces += self.outputs(self._scope_by_query[id(inner_query(query))]).values()
        elif not isinstance(positive, exp.Is) or not isinstance(positive.expression, exp.Null):
            return None
        if any(one.unchanged is None for one in traces):
            return None
        return found.union(*(matched_by(one) for one in traces))

    def _may_be_missing(self, scope: Scope) -> dict[str, frozenset[Origin]]:
        """Return relation to what decides whether its row is missing in an outer join, for those of a scope."""
        known = self._missing.get(id(scope))
        if known is not None:
            return known
        # Conditions name columns of the same scope, so what is known of the joins before must be there already.
        found: dict[str, frozenset[Origin]] = {}
        self._missing[id(scope)] = found
        if not isinstance(scope.expression, exp.Select):
            return found
        before = relations(scope.expression)[:1]
        for join in scope.expression.args.get("joins") or ():
            side, joined = str(join.args.get("side") or "").upper(), join.alias_or_name
            nullable = {"LEFT": [joined], "RIGHT": before, "FULL": [*before, joined]}.get(side, [])
            if nullable:
                why = self._decided(join.args.get("on"), scope)
                for name in (joined,) if side == "LEFT" else (*before, joined):
                    source = scope.sources.get(name)
                    why = why | self._decided_in(source) | self._rows_in(source) | found.get(name, NOTHING)
                for name in nullable:
                    found[name] = found.get(name, NOTHING) | why
            before = [*before, joined]
        return found

    def _decided_in(self, source: object) -> frozenset[Origin]:
        return self._conditions_of(source) if isinstance(source, Scope) else NOTHING

    def _rows_in(self, source: object) -> frozenset[Origin]:
        if isinstance(source, exp.Table):
            return frozenset({all_rows(source.name.lower())})
        return self._rows_of(source) if isinstance(source, Scope) else NOTHING

    def _rows_of(self, scope: Scope) -> frozenset[Origin]:
        """Return the rows of every data set from which a scope takes its own."""
        known = self._rows.get(id(scope))
        if known is None:
            below: list[object] = [*scope.set_operation_scopes, *scope.subquery_scopes]
            if isinstance(scope.expression, exp.Select):
                below += [scope.sources.get(name) for name in relations(scope.expression)]
            known = self._rows[id(scope)] = NOTHING.union(*(self._rows_in(source) for source in below))
        return known
