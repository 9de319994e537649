"""The closed grammar of derivations: what one SELECT may be made of.

The list names what is allowed, never what is forbidden: a function or clause of a later version is refused until
somebody has judged it. Left out on purpose: anything that reads a file, an environment or a setting, anything random
or dependent on the clock, LIMIT, samples and DISTINCT ON (which rows they take is nobody's promise), and user
functions.

A word is not only a node of the syntax tree. Nodes also hold texts that are printed as they stand (a date part, the
name of a type, the side of a join), so each of those texts is on a list of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from disclosure.engines.words import ALLOWED, ALLOWED_BY_NAME, TEXTS, TYPES, UNIT_ARGUMENTS, UNITS, UNUSED
from disclosure.errors import DerivationRefusedError
from disclosure.texts import text as said

MAXIMUM_LENGTH = 100_000
_MAXIMUM_PRINTED = 10 * MAXIMUM_LENGTH  # every name is written in full

_NUMBER = re.compile(r"[0-9]*\.?[0-9]+(\.|[eE][+-]?[0-9]+)?")


def parsed(sql: str, tables: Collection[str]) -> exp.Query:
    """Return the syntax tree of a derivation: one SELECT, allowed words only, over `tables` and its own CTEs.

    Raises:
        DerivationRefusedError: naming the word that is not on the list.
    """
    return _parsed(sql, tables, MAXIMUM_LENGTH)


def printed(tree: exp.Query, tables: Collection[str]) -> tuple[str, exp.Query]:
    """Return a checked tree as SQL, and the tree that this SQL is when it is read again under the same grammar.

    What runs is a text, and what was checked is a tree. They are one and the same only if both trees are, and
    `identical` tells whether they are.

    Raises:
        DerivationRefusedError: the SQL is not one SELECT of allowed words over the same tables.
    """
    sql = tree.sql(dialect="duckdb", comments=False)
    return sql, _parsed(sql, tables, _MAXIMUM_PRINTED)


def identical(one: exp.Expr, other: exp.Expr) -> bool:
    """Tell whether two syntax trees are the same in every node and every text."""
    return list(_shape(one)) == list(_shape(other))


def check_names(resolved: exp.Query) -> None:
    """Raise unless each relation of a tree in which names are resolved has its columns under their own names.

    In `PERSONS AS p(wijk)` the first column of the data set is called wijk, and it may be the key.
    """
    if any(alias.args.get("columns") for alias in resolved.find_all(exp.TableAlias)):
        raise DerivationRefusedError(
            said("A table's columns cannot be renamed in its alias."),
            hint=said("Rename them in a SELECT: column AS name."),
        )
    if any(not isinstance(one.this, exp.Query) for one in resolved.find_all(exp.Subquery)):
        raise DerivationRefusedError(said("Tables and joins in parentheses are not allowed in a derivation."))


def check_words(tree: exp.Expr) -> None:
    """Raise `DerivationRefusedError` naming the first word of a syntax tree that is not on the list."""
    for node in tree.walk():
        kind = type(node).__name__
        if isinstance(node, exp.Anonymous):
            name = str(node.this)
            if name.lower() not in ALLOWED_BY_NAME:
                raise DerivationRefusedError(
                    said("A function that the derivation calls is not on the list of a derivation.")
                )
        elif kind not in ALLOWED:
            raise DerivationRefusedError(said("'{kind}' is not allowed in a derivation.", kind=kind))
        for name in UNUSED.get(kind, ()):
            if node.args.get(name):
                raise DerivationRefusedError(
                    said("'{kind}' is not allowed in a derivation.", kind=f"{kind} {name.replace('_', ' ')}")
                )
        if isinstance(node, exp.Join):
            _check_join(node)
        for name in UNIT_ARGUMENTS.get(kind, ()):
            _check_unit(node.args.get(name))
        for name, text in _texts(node):
            _check_text(node, name, text)


def _parsed(sql: str, tables: Collection[str], limit: int) -> exp.Query:
    if len(sql) > limit:
        raise DerivationRefusedError(
            said("The derivation is too long."), hint=said("At most {limit} characters.", limit=f"{limit:,}")
        )
    if any(ord(one) < 32 and one not in "\n\r\t" for one in sql):
        raise DerivationRefusedError(said("The derivation holds a control character."))
    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except (SqlglotError, RecursionError):
        raise DerivationRefusedError(said("The derivation is not SQL that can be read.")) from None
    tree = statements[0] if len(statements) == 1 else None
    if not isinstance(tree, exp.Select | exp.Union):
        raise DerivationRefusedError(said("A derivation is one SELECT statement and nothing else."))
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    known = {name.lower() for name in tables}
    if own & known:
        raise DerivationRefusedError(
            said("A WITH table has the name of a registered data set."), hint=said("Rename it.")
        )
    check_words(tree)
    for table in tree.find_all(exp.Table):
        plain = isinstance(table.this, exp.Identifier) and not table.args.get("db") and not table.args.get("catalog")
        if not plain or table.name.lower() not in own | known:
            raise DerivationRefusedError(
                said("A derivation reads registered data sets only, by their names."),
                hint=said("Here: {known}.", known=", ".join(sorted(known))),
            )
    return tree


def _check_join(join: exp.Join) -> None:
    """Raise unless the joined relation has one name, and the kind of join goes with its side."""
    side, kind = str(join.args.get("side") or "").upper(), str(join.args.get("kind") or "").upper()
    if (kind == "OUTER" and not side) or (side and kind not in ("", "OUTER")):
        asked = f"{side} {kind} join".strip()
        raise DerivationRefusedError(said("'{kind}' is not allowed in a derivation.", kind=asked))


def _check_unit(node: Any) -> None:
    """Raise unless an argument that is printed as a date part is one."""
    if node is None:
        return
    plain = isinstance(node, exp.Var) or (isinstance(node, exp.Literal) and node.is_string)
    if not plain or str(node.this).upper() not in UNITS:
        raise DerivationRefusedError(
            said("A part of a date is not one that is allowed in a derivation."),
            hint=said("For example 'year', 'month' or 'day'."),
        )


def _check_text(node: exp.Expr, name: str, text: Any) -> None:
    """Raise unless a text that a node holds, and that is printed as it stands, is on the list for its place."""
    kind = type(node).__name__
    if isinstance(node, exp.DataType) and name == "this":
        allowed = isinstance(text, exp.DType) and text.name in TYPES
    elif isinstance(node, exp.Literal) and name == "this":
        allowed = isinstance(text, str) and (node.is_string or _NUMBER.fullmatch(text) is not None)
    elif isinstance(node, exp.Identifier | exp.Anonymous) and name == "this":
        allowed = isinstance(text, str)  # a name is printed in quotes; a function's was looked up
    elif isinstance(node, exp.Var):
        allowed = isinstance(text, str) and text.upper() in UNITS
    else:
        allowed = isinstance(text, str) and text.upper() in TEXTS.get((kind, name), ())
    if not allowed:
        raise DerivationRefusedError(
            said("'{kind}' is not allowed in a derivation with this '{what}'.", kind=kind, what=name.replace("_", " "))
        )


def _texts(node: exp.Expr) -> Iterator[tuple[str, Any]]:
    """Yield what a node holds besides other nodes and yes or no."""
    for name, value in node.args.items():
        for one in value if isinstance(value, list) else (value,):
            if one is not None and not isinstance(one, bool | exp.Expr):
                yield name, one


def _shape(tree: exp.Expr) -> Iterator[tuple[object, ...]]:
    # Depth first, with the number of children: no two different trees have the same sequence.
    for node in tree.dfs():
        own = sorted((name, str(text)) for name, text in _texts(node))
        marks = sorted(name for name, value in node.args.items() if value is True)
        places = [child.arg_key for child in node.iter_expressions()]
        yield type(node), own, marks, places
