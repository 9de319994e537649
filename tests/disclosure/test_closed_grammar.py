"""Texts inside the words of a derivation: what runs is what was read, and nothing is printed that was not looked at."""

from __future__ import annotations

from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from disclosure.engines.derivation import checked_derivation
from disclosure.engines.grammar import check_words, identical, parsed, printed
from disclosure.engines.words import ALLOWED, TEXTS, TYPES, UNIT_ARGUMENTS, UNITS, UNUSED
from disclosure.errors import DerivationRefusedError

SCHEMAS = {"T": ("RINPERSOON", "wijk", "arm", "d", "inkomen"), "J": ("RINPERSOON", "loon")}

SMUGGLED = " FROM t WHERE 1=0 UNION ALL SELECT row_number() OVER () || '', wijk FROM t --"


def refused(sql: str) -> DerivationRefusedError:
    with pytest.raises(DerivationRefusedError) as caught:
        checked_derivation(sql, SCHEMAS)
    return caught.value


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT RINPERSOON, DATE_ADD(d, 1, 'day as z from t --') AS z FROM T",
        "SELECT RINPERSOON, DATE_ADD(d, 1, 'day) evil (') AS z FROM T",
        "SELECT RINPERSOON, DATE_DIFF('day''evil', d, d) AS z FROM T",
        "SELECT RINPERSOON, DATE_TRUNC('mon''th', d) AS z FROM T",
        f'SELECT RINPERSOON, EXTRACT("day FROM d) AS z{SMUGGLED}" FROM d) AS z FROM T',
        "SELECT RINPERSOON, EXTRACT('day evil' FROM d) AS z FROM T",
        'SELECT RINPERSOON, EXTRACT("day evil" FROM d) AS z FROM T',
        "SELECT RINPERSOON, DATE_TRUNC(wijk, d) AS z FROM T",
        f'SELECT RINPERSOON, CAST(wijk AS "oid) AS z{SMUGGLED}") AS z FROM T',
        f'SELECT RINPERSOON, TRY_CAST(wijk AS "guid) AS z{SMUGGLED}") AS z FROM T',
        "SELECT RINPERSOON, CAST(wijk AS something) AS z FROM T",
        "SELECT RINPERSOON, CAST(wijk AS a.b) AS z FROM T",
        'SELECT RINPERSOON, CAST(wijk AS VARCHAR COLLATE "x y") AS z FROM T',
        "SELECT RINPERSOON, wijk::regclass AS z FROM T",
        "SELECT RINPERSOON, CAST(wijk AS INTEGER[]) AS z FROM T",
        "SELECT RINPERSOON, CAST(wijk AS STRUCT(a INTEGER)) AS z FROM T",
        "SELECT RINPERSOON, CAST(wijk AS ENUM('a', 'b')) AS z FROM T",
        "SELECT RINPERSOON, E'\\x41' AS z FROM T",
        "SELECT RINPERSOON, $$a'b$$ AS z FROM T",
        "SELECT RINPERSOON, 'a\x00b' AS z FROM T",
        'SELECT RINPERSOON, "getenv"(wijk) AS z FROM T',
        'SELECT RINPERSOON, "isnan(1), getenv"(wijk) AS z FROM T',
    ],
)
def test_text_that_would_be_printed_as_sql_is_refused(sql: str) -> None:
    refused(sql)


@pytest.mark.parametrize("name", ['a"b', 'a""b --', "x) FROM t --", "a'b", "SELECT", "naïef"])
def test_a_name_stays_one_name_whatever_stands_in_it(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    derivation = checked_derivation(f"SELECT {quoted}.wijk AS {quoted} FROM T AS {quoted}", SCHEMAS)
    assert derivation.columns[name.lower()].origin == ("t", "wijk")
    (select,) = sqlglot.parse_one(derivation.sql, read="duckdb").find_all(exp.Select)
    assert len(select.selects) == 1


@pytest.mark.parametrize("text", ["it''s", "a\\", "-- x", "/* x", "\n", "x') FROM t --".replace("'", "''"), "€"])
def test_a_text_stays_one_text_whatever_stands_in_it(text: str) -> None:
    derivation = checked_derivation(f"SELECT '{text}' AS x, wijk FROM T", SCHEMAS)
    (literal,) = sqlglot.parse_one(derivation.sql, read="duckdb").find_all(exp.Literal)
    assert literal.this == text.replace("''", "'")
    assert list(derivation.columns) == ["x", "wijk"]


@pytest.mark.parametrize("number", ["1", "1.5", ".5", "1.", "1e5", "1.5e-3"])
def test_numbers_are_numbers(number: str) -> None:
    assert checked_derivation(f"SELECT {number} AS x FROM T", SCHEMAS).columns


@pytest.mark.parametrize("text", ["1 FROM t --", "0x1F", "1_000", "nan", ""])
def test_a_number_that_is_none_is_refused(text: str) -> None:
    tree = sqlglot.parse_one("SELECT 1 AS x FROM T", read="duckdb")
    for literal in tree.find_all(exp.Literal):
        literal.set("this", text)
    with pytest.raises(DerivationRefusedError):
        check_words(tree)


@pytest.mark.parametrize(
    ("sql", "kind", "name", "value"),
    [
        ("SELECT t.wijk FROM T LEFT JOIN J USING (RINPERSOON)", exp.Join, "side", "LEFT JOIN j --"),
        ("SELECT t.wijk FROM T CROSS JOIN J", exp.Join, "kind", "POSITIONAL"),
        ("SELECT t.wijk FROM T CROSS JOIN J", exp.Join, "hint", "LOOP"),
        ("SELECT trim(both 'x' FROM wijk) AS x FROM T", exp.Trim, "position", "both 'x' FROM wijk), getenv("),
        ("SELECT sum(inkomen) OVER (ROWS 1 PRECEDING) AS x FROM T", exp.WindowSpec, "kind", "GROUPS"),
        ("SELECT sum(inkomen) OVER (ROWS 1 PRECEDING) AS x FROM T", exp.WindowSpec, "start", "now()"),
        ("SELECT sum(inkomen) OVER (ROWS 1 PRECEDING) AS x FROM T", exp.WindowSpec, "exclude", "TIES"),
        ("SELECT CAST(wijk AS VARCHAR) AS x FROM T", exp.DataType, "this", exp.DType.USERDEFINED),
        ("SELECT CAST(wijk AS VARCHAR) AS x FROM T", exp.DataType, "kind", "VARCHAR) AS x, getenv('HOME'"),
        ("SELECT CAST(wijk AS VARCHAR) AS x FROM T", exp.Cast, "format", exp.Literal.string("x")),
        ("SELECT wijk FROM T", exp.Select, "operation_modifiers", ["x FROM t --"]),
        ("SELECT wijk FROM T", exp.Select, "kind", "STRUCT"),
        ("SELECT wijk FROM T", exp.Table, "when", "x"),
    ],
)
def test_each_text_that_a_word_holds_has_a_closed_list(sql: str, kind: Any, name: str, value: Any) -> None:
    tree = sqlglot.parse_one(sql, read="duckdb")
    check_words(tree)
    node = tree.find(kind)
    assert node is not None
    node.set(name, value)
    with pytest.raises(DerivationRefusedError):
        check_words(tree)


def test_the_lists_name_what_the_parser_knows() -> None:
    arguments = [(kind, name) for kind, names in (*UNUSED.items(), *UNIT_ARGUMENTS.items()) for name in names]
    for kind, name in (*arguments, *TEXTS):
        assert name in getattr(exp, kind).arg_types, (kind, name)
    assert all(hasattr(exp, kind) for kind in ALLOWED)
    assert all(hasattr(exp.DType, kind) for kind in TYPES)
    assert not TYPES & {"USERDEFINED", "OBJECT", "UNKNOWN", "STRUCT", "ARRAY", "LIST", "MAP", "BLOB"}


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_every_unit_on_the_list_is_a_plain_word(unit: str) -> None:
    assert unit.isalpha()
    assert checked_derivation(f"SELECT EXTRACT({unit} FROM d) AS x FROM T", SCHEMAS).columns


@pytest.mark.parametrize(
    "expression",
    [
        "DATE_TRUNC('month', d)", "DATE_DIFF('day', d, d)", "d + INTERVAL 3 DAY", "d - INTERVAL '2' MONTH",
        "DATE_ADD(d, INTERVAL 1 YEAR)", "EXTRACT(year FROM d)", "EXTRACT('isodow' FROM d)", "week(d)",
        "STRPTIME(wijk, '%Y-%m-%d')", "CAST(inkomen AS DECIMAL(18, 2))", "inkomen::DOUBLE", "TRY_CAST(d AS TIMESTAMP)",
        "CAST(inkomen AS HUGEINT)", "trim(leading '0' FROM wijk)", "wijk LIKE 'a%'", "inkomen // 2", "inkomen % 2",
        "CASE WHEN inkomen BETWEEN 1 AND 2 THEN 'a' ELSE 'b' END", "wijk IN ('28', '29')", "NOT wijk IS NULL",
        "substring(wijk, 1, 2)", "concat(wijk, 'x')", "wijk || 'x'", "greatest(inkomen, 0)", "round(inkomen, -2)",
        "sum(inkomen) OVER (PARTITION BY RINPERSOON ORDER BY d DESC NULLS LAST ROWS UNBOUNDED PRECEDING)",
    ],
)  # fmt: skip
def test_what_people_write_reads_the_same_when_written_anew(expression: str) -> None:
    derivation = checked_derivation(f"SELECT RINPERSOON, {expression} AS x FROM T", SCHEMAS)
    again = checked_derivation(derivation.sql, SCHEMAS)
    assert again.sql == derivation.sql
    assert again.columns == derivation.columns


def test_a_tree_that_is_printed_as_another_is_told_from_it() -> None:
    tree = parsed("SELECT wijk, CAST(d AS VARCHAR) AS x FROM T", SCHEMAS)
    sql, again = printed(tree, SCHEMAS)
    assert identical(tree, again)
    assert sql.startswith("SELECT")
    for name in tree.find_all(exp.Identifier):
        if name.this == "wijk":
            name.set("this", "wijk, arm")
    _, other = printed(tree, SCHEMAS)
    assert not identical(tree, other)


def test_a_tree_that_is_printed_as_two_statements_is_refused() -> None:
    tree = parsed("SELECT wijk FROM T", SCHEMAS)
    for name in tree.find_all(exp.Identifier):
        if name.this == "wijk":
            name.set("this", "wijk FROM t; SELECT arm")
    with pytest.raises(DerivationRefusedError):
        printed(tree, SCHEMAS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT 'a' AS x FROM T", "SELECT 'A' AS x FROM T"),
        ("SELECT 1 AS x FROM T", "SELECT '1' AS x FROM T"),
        ("SELECT DISTINCT wijk FROM T", "SELECT wijk FROM T"),
        ("SELECT a AND b OR c AS x FROM T", "SELECT a AND (b OR c) AS x FROM T"),
        ("SELECT wijk FROM T ORDER BY wijk DESC", "SELECT wijk FROM T ORDER BY wijk"),
        ("SELECT wijk FROM T UNION SELECT wijk FROM T", "SELECT wijk FROM T UNION ALL SELECT wijk FROM T"),
        ("SELECT CAST(a AS DATE) AS x FROM T", "SELECT CAST(a AS TIME) AS x FROM T"),
        ("SELECT a - (b - c) AS x FROM T", "SELECT a - b - c AS x FROM T"),
        ("SELECT wijk FROM T LEFT JOIN J ON a = b", "SELECT wijk FROM T RIGHT JOIN J ON a = b"),
    ],
)
def test_trees_that_differ_in_anything_are_not_identical(one: str, other: str) -> None:
    trees = [sqlglot.parse_one(sql, read="duckdb") for sql in (one, other)]
    assert not identical(*trees)
    assert identical(trees[0], trees[0].copy())


# ------------------------------------------------------------------------------------------ relations and their names


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DISTINCT ON (arm) RINPERSOON, wijk FROM T ORDER BY inkomen DESC",
        "SELECT * FROM (SELECT DISTINCT ON (arm) RINPERSOON, wijk FROM T ORDER BY inkomen DESC) AS t2",
        # The first column of T, the key, would be called wijk.
        "SELECT p.wijk, p.RINPERSOON FROM T AS p(wijk, RINPERSOON)",
        "SELECT t.wijk, j.loon FROM T LEFT JOIN (J JOIN T AS u ON u.RINPERSOON = J.RINPERSOON) ON TRUE",
        "SELECT RINPERSOON FROM (T)",
        "SELECT t.RINPERSOON FROM T OUTER JOIN J ON t.RINPERSOON = J.RINPERSOON",
        "SELECT t.RINPERSOON FROM T LEFT SEMI JOIN J ON t.RINPERSOON = J.RINPERSOON",
    ],
)
def test_relations_of_which_rows_or_names_are_not_plain_are_refused(sql: str) -> None:
    refused(sql)


def test_columns_of_a_subquery_may_be_named_in_its_alias() -> None:
    for sql in (
        "SELECT a.wijk, a.k FROM (SELECT RINPERSOON, wijk FROM T) AS a(wijk, k)",
        "WITH a(wijk, k) AS (SELECT RINPERSOON, wijk FROM T) SELECT wijk, k FROM a",
    ):
        columns = checked_derivation(sql, SCHEMAS).columns
        assert columns["wijk"].origin == ("t", "rinpersoon")
        assert columns["k"].origin == ("t", "wijk")
