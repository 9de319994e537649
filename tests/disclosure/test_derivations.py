# ruff: noqa: E501 - a derivation stays on one line
"""Derivations of lazy recipes: a closed grammar, traced to registered columns, run behind closed doors."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from disclosure.check import LazyCheck, check_lazy
from disclosure.engines.derivation import checked_derivation
from disclosure.engines.duckdb_tabulator import DuckDBTabulator
from disclosure.engines.grammar import MAXIMUM_LENGTH
from disclosure.engines.registered import RegisteredTables
from disclosure.errors import (
    DataError,
    DatakampError,
    DerivationRefusedError,
    IdentifierRefusedError,
    OverflowRefusedError,
    RecipeError,
)
from disclosure.exchange.files import file_digest
from disclosure.knowledge import registered_keys, registered_units
from disclosure.model.codebooks import Codebook, Column
from disclosure.model.lineage import Derivation, all_rows, matched
from disclosure.model.recipes import DataSetReference, LazySource, Recipe, Statistic
from disclosure.model.verdicts import RuleName, Status
from disclosure.policy import Policy
from disclosure.ports import RegisteredFile
from tests.disclosure.support import counts, failures, policy, shown, status

KEY = ("RINPERSOONS", "RINPERSOON")
SCHEMAS = {
    "PERSONS": (*KEY, "RINADRES", "BANENNR", "wijk", "inkomen", "geslacht", "gewicht"),
    "HOMES": ("RINADRES", "waarde", "wijk"),
}
BOOKS = {
    "PERSONS": Codebook(
        "PERSONS",
        KEY,
        weights=("gewicht",),
        identifiers=("BANENNR",),
        other_units=MappingProxyType({"household": ("RINADRES",)}),
        columns=MappingProxyType({"wijk": Column("wijk", sensitive=False), "inkomen": Column("inkomen", decimals=2)}),
    ),
    "HOMES": Codebook("HOMES", ("RINADRES",)),
}
UNIT = frozenset(name.lower() for name in KEY)


def read(sql: str) -> Derivation:
    return checked_derivation(sql, SCHEMAS)


def across(sql: str, unit: frozenset[str] = UNIT) -> bool:
    return read(sql).across_rows(unit, registered_units(BOOKS), registered_keys(BOOKS))


# ------------------------------------------------------------------------------------------------- the closed grammar


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM PERSONS",
        "FROM PERSONS SELECT wijk",
        "SELECT DISTINCT RINPERSOON, RINPERSOONS FROM PERSONS ORDER BY 1",
        "SELECT upper(trim(wijk)) AS w, round(inkomen / 12, 2) AS m, year(DATE '2020-01-01') AS y FROM PERSONS",
        "SELECT CASE WHEN inkomen < 10 THEN 1 ELSE 0 END AS poor FROM PERSONS WHERE wijk IN ('28', '29') AND NOT inkomen IS NULL",
        "SELECT RINPERSOON, RINPERSOONS, count(*) FILTER (WHERE inkomen > 0) AS n, sum(inkomen) AS s FROM PERSONS GROUP BY 1, 2",
        "WITH t AS (SELECT * FROM PERSONS) SELECT t.wijk, h.waarde FROM t LEFT JOIN HOMES AS h USING (RINADRES)",
        "SELECT inkomen FROM PERSONS UNION ALL SELECT waarde FROM HOMES",
        "SELECT inkomen - avg(inkomen) OVER (PARTITION BY wijk) AS d FROM PERSONS",
        "SELECT CAST(inkomen AS INTEGER) AS i, TRY_CAST(wijk AS INTEGER) AS j, coalesce(inkomen, 0) AS k FROM PERSONS",
        "SELECT wijk FROM PERSONS -- a remark",
    ],
)  # fmt: skip
def test_what_derivations_are_made_of_is_allowed(sql: str) -> None:
    assert read(sql).columns


REFUSED = {
    "a file": "SELECT * FROM 'persons.parquet'",
    "a file as a name": 'SELECT * FROM "/etc/passwd"',
    "a csv file": "FROM 'x.csv'",
    "an address": "SELECT * FROM 'https://example.org/x.parquet'",
    "read_parquet": "SELECT * FROM read_parquet('x')",
    "read_csv": "SELECT * FROM read_csv_auto('x')",
    "read_text": "SELECT content FROM read_text('/etc/passwd')",
    "read_blob": "SELECT * FROM read_blob('/etc/passwd')",
    "parquet_scan": "SELECT * FROM parquet_scan('x')",
    "glob": "SELECT * FROM glob('*')",
    "sniff_csv": "SELECT * FROM sniff_csv('x')",
    "getenv": "SELECT getenv('HOME') AS x FROM PERSONS",
    "read_text as a value": "SELECT read_text('/etc/passwd') AS x FROM PERSONS",
    "query_table": "SELECT * FROM query_table('PERSONS')",
    "query": "SELECT * FROM query('SELECT 1')",
    "range": "SELECT * FROM range(10)",
    "unnest": "SELECT unnest([1, 2]) AS x FROM PERSONS",
    "values": "SELECT * FROM (VALUES (1)) AS t(x)",
    "columns": "SELECT COLUMNS(*) FROM PERSONS",
    "columns by pattern": "SELECT COLUMNS('w.*') FROM PERSONS",
    "lambda": "SELECT list_transform([1], x -> x + 1) AS x FROM PERSONS",
    "list comprehension": "SELECT [x * 2 FOR x IN [1]] AS x FROM PERSONS",
    "struct": "SELECT {'a': inkomen} AS x FROM PERSONS",
    "row": "SELECT row(inkomen, wijk) AS x FROM PERSONS",
    "map": "SELECT MAP {'a': inkomen} AS x FROM PERSONS",
    "a table as a value": "SELECT PERSONS AS x FROM PERSONS",
    "a table cast to text": "SELECT CAST(p AS VARCHAR) AS x FROM PERSONS AS p",
    "a field of a table": "SELECT (PERSONS).inkomen AS x FROM PERSONS",
    "pivot": "PIVOT PERSONS ON geslacht",
    "pivot in a subquery": "SELECT * FROM (PIVOT PERSONS ON geslacht USING sum(inkomen))",
    "unpivot": "SELECT * FROM PERSONS UNPIVOT (v FOR n IN (inkomen))",
    "limit": "SELECT * FROM PERSONS LIMIT 3",
    "limit in a subquery": "SELECT * FROM (SELECT * FROM PERSONS LIMIT 3) AS t",
    "offset": "SELECT * FROM PERSONS OFFSET 3",
    "fetch": "SELECT * FROM PERSONS FETCH FIRST 3 ROWS ONLY",
    "sample": "SELECT * FROM PERSONS USING SAMPLE 10",
    "tablesample": "SELECT * FROM PERSONS TABLESAMPLE 10 PERCENT",
    "qualify": "SELECT * FROM PERSONS QUALIFY row_number() OVER () = 1",
    "random": "SELECT random() AS x FROM PERSONS",
    "uuid": "SELECT uuid() AS x FROM PERSONS",
    "setseed": "SELECT setseed(0.5) AS x FROM PERSONS",
    "now": "SELECT now() AS x FROM PERSONS",
    "current_date": "SELECT current_date AS x FROM PERSONS",
    "today": "SELECT today() AS x FROM PERSONS",
    "current_setting": "SELECT current_setting('threads') AS x FROM PERSONS",
    "getvariable": "SELECT getvariable('x') AS x FROM PERSONS",
    "version": "SELECT version() AS x FROM PERSONS",
    "current_user": "SELECT current_user AS x FROM PERSONS",
    "nextval": "SELECT nextval('s') AS x FROM PERSONS",
    "error": "SELECT error(RINPERSOON) AS x FROM PERSONS",
    "hash": "SELECT hash(RINPERSOON) AS x FROM PERSONS",
    "md5": "SELECT md5(RINPERSOON) AS x FROM PERSONS",
    "regular expressions": "SELECT regexp_replace(wijk, 'a', 'b') AS x FROM PERSONS",
    "list": "SELECT list(inkomen) AS x FROM PERSONS",
    "string_agg": "SELECT string_agg(wijk) AS x FROM PERSONS",
    "first": "SELECT first(inkomen) AS x FROM PERSONS",
    "arg_max": "SELECT arg_max(RINPERSOON, inkomen) AS x FROM PERSONS",
    "placeholder": "SELECT ? AS x FROM PERSONS",
    "named placeholder": "SELECT $x AS x FROM PERSONS",
    "positional column": "SELECT #1 AS x FROM PERSONS",
    "lateral": "SELECT l.m FROM PERSONS AS p, LATERAL (SELECT p.inkomen AS m) AS l",
    "asof join": "SELECT p.wijk FROM PERSONS AS p ASOF JOIN HOMES AS h ON p.RINADRES = h.RINADRES AND p.inkomen >= h.waarde",
    "positional join": "SELECT p.wijk FROM PERSONS AS p POSITIONAL JOIN HOMES AS h",
    "union by name": "SELECT RINPERSOON AS u, wijk AS g FROM PERSONS UNION ALL BY NAME SELECT RINPERSOON AS g, wijk AS u FROM PERSONS",
    "intersect": "SELECT wijk FROM PERSONS INTERSECT SELECT wijk FROM HOMES",
    "except": "SELECT wijk FROM PERSONS EXCEPT SELECT wijk FROM HOMES",
    "recursion": "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r) SELECT a FROM r",
    "grouping sets": "SELECT wijk, sum(inkomen) AS s FROM PERSONS GROUP BY GROUPING SETS ((wijk), ())",
    "rollup": "SELECT wijk, sum(inkomen) AS s FROM PERSONS GROUP BY ROLLUP (wijk)",
    "time travel": "SELECT wijk FROM PERSONS AT (VERSION => 1)",
    "several statements": "SELECT wijk FROM PERSONS; SELECT 1",
    "a second empty statement with a remark": "SELECT wijk FROM PERSONS; --\n",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "attach": "ATTACH 'x.db' AS x",
    "copy": "COPY PERSONS TO 'x.csv'",
    "export": "EXPORT DATABASE 'x'",
    "create": "CREATE TABLE x AS SELECT 1",
    "insert": "INSERT INTO PERSONS VALUES (1)",
    "update": "UPDATE PERSONS SET inkomen = 1",
    "delete": "DELETE FROM PERSONS",
    "set": "SET enable_external_access = true",
    "pragma": "PRAGMA database_list",
    "call": "CALL duckdb_settings()",
    "prepare": "PREPARE x AS SELECT 1",
    "describe": "DESCRIBE PERSONS",
    "summarize": "SUMMARIZE PERSONS",
    "summarize in a subquery": "SELECT * FROM (SUMMARIZE PERSONS)",
    "show": "SELECT * FROM (SHOW TABLES)",
    "explain": "EXPLAIN SELECT * FROM PERSONS",
    "settings": "SELECT * FROM duckdb_settings()",
    "system table": "SELECT * FROM information_schema.tables",
    "system view": "SELECT * FROM duckdb_columns",
    "sqlite_master": "SELECT * FROM sqlite_master",
    "schema": "SELECT * FROM main.PERSONS",
    "catalogue": "SELECT * FROM memory.main.PERSONS",
    "a Python variable": "SELECT * FROM frame",
    "an unregistered data set": "SELECT * FROM SALARIES",
    "a WITH table under a data set's name": "WITH persons AS (SELECT 1 AS x) SELECT * FROM persons",
    "a WITH table outside its subquery": (
        "SELECT * FROM (WITH duckdb_columns AS (SELECT 1 AS a) SELECT a FROM duckdb_columns) AS t, duckdb_columns"
    ),
    "a WITH table before it is defined": (
        "WITH a AS (SELECT * FROM duckdb_views), duckdb_views AS (SELECT 1 AS x) SELECT * FROM a"
    ),
    "a WITH table that reads its own name": "WITH frame AS (SELECT * FROM frame) SELECT * FROM frame",
    "an unknown column": "SELECT loon FROM PERSONS",
    "the hidden row number": "SELECT rowid AS x FROM PERSONS",
    "an ambiguous column": "SELECT wijk FROM PERSONS, HOMES",
    "two columns of one name": "SELECT wijk, inkomen AS WIJK FROM PERSONS",
    "no statement": "",
    "not SQL": "SELECT FROM WHERE (",
    "too long": "SELECT wijk FROM PERSONS" + " " * MAXIMUM_LENGTH,
    "too deep": "SELECT " + "(" * 20_000 + "1" + ")" * 20_000 + " AS x FROM PERSONS",
}  # fmt: skip


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED.keys())
def test_whatever_is_not_on_the_list_is_refused(sql: str) -> None:
    with pytest.raises(DerivationRefusedError) as caught:
        read(sql)
    assert caught.value.exit_status == 1


@pytest.mark.parametrize("depth", [50, 200, 400, 800, 1600, 3200])
def test_a_deep_expression_is_read_or_refused_and_never_breaks_the_reader(depth: int) -> None:
    for sql in (f"SELECT {'(' * depth}1{')' * depth} AS x FROM PERSONS", f"SELECT 1{' + 1' * depth} AS x FROM PERSONS"):
        with contextlib.suppress(DerivationRefusedError):
            assert list(read(sql).columns) == ["x"]


# ------------------------------------------------------------------------------------------------------------ lineage


@pytest.mark.parametrize(
    ("sql", "origin"),
    [
        ("SELECT wijk AS x FROM PERSONS", "wijk"),
        ("SELECT (wijk) AS x FROM PERSONS", "wijk"),
        ("SELECT t.w AS x FROM (SELECT wijk AS w FROM PERSONS) AS t", "wijk"),
        ("WITH t(w) AS (SELECT wijk FROM PERSONS) SELECT w AS x FROM t", "wijk"),
        ("SELECT a AS x FROM (SELECT RINPERSOON AS a FROM PERSONS) AS t", "rinpersoon"),
        ("SELECT wijk AS x FROM PERSONS UNION ALL SELECT wijk FROM PERSONS", "wijk"),
    ],
)
def test_a_column_that_is_a_registered_one_is_followed_through_its_names(sql: str, origin: str) -> None:
    lineage = read(sql).columns["x"]
    assert lineage.origin == ("persons", origin)
    assert lineage.sources == {("persons", origin)}


@pytest.mark.parametrize(
    ("expression", "sources"),
    [
        ("upper(wijk)", {"wijk"}),
        ("CASE WHEN inkomen > 1 THEN wijk END", {"inkomen", "wijk"}),
        ("inkomen * gewicht", {"inkomen", "gewicht"}),
        ("coalesce(RINPERSOON, '')", {"rinpersoon"}),
        ("RINPERSOON || wijk", {"rinpersoon", "wijk"}),
        ("RINPERSOON = '000123'", {"rinpersoon"}),
        ("row_number() OVER (ORDER BY RINPERSOON)", {"rinpersoon", "*"}),
        ("1", set()),
    ],
)
def test_a_computed_column_has_no_origin_but_sources(expression: str, sources: set[str]) -> None:
    lineage = read(f"SELECT {expression} AS x FROM PERSONS").columns["x"]
    assert lineage.origin is None
    assert lineage.sources == {("persons", name) for name in sources}


def test_columns_that_stars_bring_in_are_traced() -> None:
    assert read("SELECT * REPLACE (RINPERSOON AS wijk) FROM PERSONS").columns["wijk"].origin == (
        "persons", "rinpersoon",
    )  # fmt: skip
    assert read("SELECT * RENAME (RINPERSOON AS g) FROM PERSONS").columns["g"].origin == ("persons", "rinpersoon")
    assert "inkomen" not in read("SELECT * EXCLUDE (inkomen) FROM PERSONS").columns


def test_an_alias_used_again_is_traced() -> None:
    assert read("SELECT RINPERSOON AS a, a AS b FROM PERSONS").columns["b"].origin == ("persons", "rinpersoon")
    # A column of the data set goes before an alias of its name, in the engine as here.
    assert read("SELECT RINPERSOON AS wijk, wijk AS g FROM PERSONS").columns["g"].origin == ("persons", "wijk")


def test_columns_of_a_union_that_differ_have_both_sources_and_no_origin() -> None:
    lineage = read("SELECT wijk AS x FROM PERSONS UNION ALL SELECT RINPERSOON FROM PERSONS").columns["x"]
    assert lineage.origin is None
    assert lineage.sources == {("persons", "wijk"), ("persons", "rinpersoon"), all_rows("persons")}


def test_being_counted_is_no_source_but_being_aggregated_otherwise_is() -> None:
    sql = "SELECT count(DISTINCT RINPERSOON) AS n, max(RINPERSOON) AS m, sum(inkomen) AS s FROM PERSONS GROUP BY wijk"
    columns = read(sql).columns
    by_wijk = matched(("persons", "wijk"))
    assert columns["n"].sources == {by_wijk, all_rows("persons")}
    assert columns["m"].sources == {by_wijk, ("persons", "rinpersoon")}
    assert columns["s"].sources == {by_wijk, all_rows("persons"), ("persons", "inkomen")}


# -------------------------------------------------------------------------------------------- computed across rows

KEPT = {
    "rows of two data sets": "SELECT inkomen AS x FROM PERSONS UNION ALL SELECT waarde FROM HOMES",
    "rows as they are": "SELECT * FROM PERSONS",
    "aggregated by the unit": "SELECT RINPERSOON, RINPERSOONS, sum(inkomen) AS s FROM PERSONS GROUP BY RINPERSOONS, RINPERSOON",
    "aggregated by the unit and more": "SELECT RINPERSOON, RINPERSOONS, wijk, sum(inkomen) AS s FROM PERSONS GROUP BY 1, 2, 3",
    "distinct rows of units": "SELECT DISTINCT RINPERSOON, RINPERSOONS, wijk FROM PERSONS",
    "a home looked up": "SELECT p.inkomen, h.waarde FROM PERSONS AS p JOIN HOMES AS h ON p.RINADRES = h.RINADRES",
    "a home looked up by USING": "SELECT inkomen, waarde FROM PERSONS LEFT JOIN HOMES USING (RINADRES)",
    "a home of a filtered table": "SELECT p.inkomen FROM PERSONS AS p JOIN (SELECT RINADRES AS r FROM HOMES WHERE waarde > 1) AS s ON p.RINADRES = s.r",
    "the home first": "SELECT p.inkomen, h.waarde FROM HOMES AS h JOIN PERSONS AS p ON h.RINADRES = p.RINADRES",
    "joined by the unit": "SELECT a.inkomen FROM PERSONS AS a JOIN PERSONS AS b ON a.RINPERSOONS = b.RINPERSOONS AND a.RINPERSOON = b.RINPERSOON",
    "joined by the unit and more": "SELECT a.inkomen FROM PERSONS AS a JOIN PERSONS AS b ON (a.RINPERSOONS = b.RINPERSOONS) AND a.RINPERSOON = b.RINPERSOON AND a.inkomen > 5",
}  # fmt: skip

ACROSS = {
    "window": "SELECT inkomen, avg(inkomen) OVER (PARTITION BY wijk) AS a FROM PERSONS",
    "named window": "SELECT sum(inkomen) OVER w AS s FROM PERSONS WINDOW w AS (PARTITION BY wijk)",
    "window by the unit": "SELECT inkomen, row_number() OVER (PARTITION BY RINPERSOON) AS a FROM PERSONS",
    "scalar subquery": "SELECT inkomen - (SELECT max(waarde) FROM HOMES) AS d FROM PERSONS",
    "in a subquery": "SELECT inkomen FROM PERSONS WHERE RINADRES IN (SELECT RINADRES FROM HOMES)",
    "exists": "SELECT inkomen FROM PERSONS AS p WHERE EXISTS (SELECT 1 FROM HOMES AS h WHERE h.RINADRES = p.RINADRES)",
    "aggregated by wijk": "SELECT wijk, sum(inkomen) AS s FROM PERSONS GROUP BY wijk",
    "aggregated over all": "SELECT sum(inkomen) AS s FROM PERSONS",
    "aggregated by part of the key": "SELECT RINPERSOON, sum(inkomen) AS s FROM PERSONS GROUP BY RINPERSOON",
    "aggregated by the household": "SELECT RINADRES, sum(inkomen) AS s FROM PERSONS GROUP BY RINADRES",
    "aggregated by an expression of the key": "SELECT substring(RINPERSOON, 1, 3) AS x, RINPERSOONS, sum(inkomen) AS s FROM PERSONS GROUP BY 1, 2",
    "an alias in the key's place": "SELECT wijk AS x, RINPERSOONS, sum(inkomen) AS s FROM PERSONS GROUP BY x, RINPERSOONS",
    "distinct districts": "SELECT DISTINCT wijk FROM PERSONS",
    "cross join": "SELECT p.inkomen FROM PERSONS AS p CROSS JOIN HOMES AS h",
    "comma join": "SELECT p.inkomen FROM PERSONS AS p, HOMES AS h WHERE p.RINADRES = h.RINADRES",
    "joined by no key": "SELECT p.inkomen FROM PERSONS AS p JOIN HOMES AS h ON p.wijk = h.wijk",
    "joined by a key or not": "SELECT p.inkomen FROM PERSONS AS p JOIN HOMES AS h ON p.RINADRES = h.RINADRES OR p.wijk = h.wijk",
    "joined where keys differ": "SELECT p.inkomen FROM PERSONS AS p JOIN HOMES AS h ON NOT p.RINADRES = h.RINADRES",
    "joined by a key of one side twice": "SELECT p.inkomen FROM PERSONS AS p JOIN HOMES AS h ON p.RINADRES = p.RINADRES",
    "joined by part of the key": "SELECT a.inkomen FROM PERSONS AS a JOIN PERSONS AS b ON a.RINPERSOONS = b.RINPERSOONS",
    "housemates": "SELECT a.inkomen + b.inkomen AS s FROM PERSONS AS a JOIN PERSONS AS b ON a.RINADRES = b.RINADRES",
    "housemates by way of the home": "SELECT a.inkomen FROM PERSONS AS a JOIN HOMES AS h ON a.RINADRES = h.RINADRES JOIN PERSONS AS b ON b.RINADRES = h.RINADRES",
    "housemates by way of a subquery": "SELECT b.inkomen FROM PERSONS AS b JOIN (SELECT h.RINADRES AS r FROM HOMES AS h JOIN PERSONS AS a ON a.RINADRES = h.RINADRES) AS s ON b.RINADRES = s.r",
    "joined to an aggregate": "SELECT p.inkomen - t.m AS d FROM PERSONS AS p JOIN (SELECT wijk, avg(inkomen) AS m FROM PERSONS GROUP BY wijk) AS t ON p.wijk = t.wijk",
    "in a subquery of the FROM clause": "SELECT t.inkomen FROM (SELECT inkomen, sum(inkomen) OVER () AS s FROM PERSONS) AS t",
    "in a WITH table": "WITH t AS (SELECT wijk, count(*) AS n FROM PERSONS GROUP BY wijk) SELECT n FROM t",
    "in one half of a union": "SELECT inkomen FROM PERSONS UNION ALL SELECT max(inkomen) FROM PERSONS",
    "a row twice": "SELECT inkomen, 'all' AS g FROM PERSONS UNION ALL SELECT inkomen, 'but one' FROM PERSONS WHERE wijk <> '28'",
    "a row twice by way of steps": "WITH a AS (SELECT inkomen FROM PERSONS), b AS (SELECT * FROM a WHERE inkomen > 1) SELECT * FROM a UNION SELECT * FROM b",
    "a row twice among three": "SELECT inkomen AS x FROM PERSONS UNION ALL SELECT waarde FROM HOMES UNION ALL SELECT inkomen FROM PERSONS",
    "a row twice in a subquery": "SELECT t.x FROM (SELECT inkomen AS x FROM PERSONS UNION ALL SELECT inkomen FROM PERSONS) AS t",
}  # fmt: skip


@pytest.mark.parametrize("sql", KEPT.values(), ids=KEPT.keys())
def test_what_is_computed_from_a_units_own_rows_or_looked_up_for_it_is_derivation(sql: str) -> None:
    assert across(sql) is False


@pytest.mark.parametrize("sql", ACROSS.values(), ids=ACROSS.keys())
def test_what_may_depend_on_other_units_rows_is_across_rows(sql: str) -> None:
    assert across(sql) is True


def test_without_a_unit_everything_is_across_rows() -> None:
    assert across("SELECT * FROM PERSONS", unit=frozenset()) is True


def test_which_unit_it_is_decides() -> None:
    by_home = "SELECT RINADRES, sum(inkomen) AS s FROM PERSONS GROUP BY RINADRES"
    assert across(by_home, unit=frozenset({"rinadres"})) is False
    housemates = ACROSS["housemates"]
    assert across(housemates, unit=frozenset({"rinadres"})) is False


# ----------------------------------------------------------------------------------------------------- behind the door


@pytest.fixture
def files(tmp_path: Path) -> dict[str, RegisteredFile]:
    persons = pd.DataFrame(
        {
            "RINPERSOONS": "R",
            "RINPERSOON": [f"{place:09}" for place in range(120)],
            "RINADRES": [f"{place // 2:05}" for place in range(120)],
            "BANENNR": [f"{place:07}" for place in range(120)],
            "wijk": ["28", "29", "30"] * 40,
            "inkomen": [10_000.25 + 17 * place for place in range(120)],
            "geslacht": ["1", "2"] * 60,
            "gewicht": [1.5] * 120,
        }
    )
    homes = pd.DataFrame({"RINADRES": [f"{place:05}" for place in range(60)], "waarde": range(60), "wijk": "28"})
    registered = {}
    for name, frame in (("PERSONS", persons), ("HOMES", homes)):
        path = tmp_path / f"{name}.parquet"
        frame.to_parquet(path)
        registered[name] = RegisteredFile(path, file_digest(path))
    return registered


def recipe(files: dict[str, RegisteredFile], sql: str, by: Policy, **changes: Any) -> Recipe:
    used = [name for name in files if name in sql]
    source = LazySource(sql, tuple(DataSetReference(name, files[name].digest) for name in used))
    asked: dict[str, Any] = {"statistic": Statistic.COUNT, "rows": ("wijk",), "unit": KEY, **changes}
    return Recipe(source=source, policy=by.reference, **asked)


def check(files: dict[str, RegisteredFile], sql: str, by: Policy | None = None, **changes: Any) -> LazyCheck:
    by = by or policy()
    return check_lazy(recipe(files, sql, by, **changes), files, BOOKS, by, DuckDBTabulator())


def test_a_lazy_recipe_is_tabulated_from_the_microdata(files: dict[str, RegisteredFile]) -> None:
    checked = check(files, "SELECT * FROM PERSONS WHERE inkomen > 10017")
    assert counts(checked.table) == {"wijk=28": 39, "wijk=29": 40, "wijk=30": 40, "total": 119}
    assert checked.across_rows is False
    assert status(checked.table) is Status.SAFE


def test_a_join_and_a_computed_value(files: dict[str, RegisteredFile]) -> None:
    sql = "SELECT p.*, h.waarde * 2 AS dubbel FROM PERSONS AS p JOIN HOMES AS h ON p.RINADRES = h.RINADRES"
    homes: dict[str, Any] = {"other_units": (("RINADRES",),), "holding": ("RINADRES",)}
    checked = check(files, sql, statistic=Statistic.SUM, value="dubbel", **homes)
    assert shown(checked.table)["total"] == str(2 * 2 * sum(range(60)))


def test_names_are_found_whatever_their_case(files: dict[str, RegisteredFile]) -> None:
    sql = "select rinpersoon, RINPERSOONS as RinPersoonS, WIJK from Persons as PERSONS"
    assert counts(check(files, sql).table)["total"] == 120


def test_what_an_ibis_expression_becomes_is_within_the_grammar(files: dict[str, RegisteredFile]) -> None:
    tables = RegisteredTables(files)
    persons, homes = tables.table("PERSONS"), tables.table("HOMES")
    yearly = persons.group_by([*KEY, "wijk", "RINADRES"]).aggregate(inkomen=persons.inkomen.sum())
    expression = (
        yearly.filter(yearly.inkomen.notnull() & yearly.wijk.isin(["28", "29"]))
        .join(homes, "RINADRES", how="left")
        .mutate(
            band=ibis.cases((yearly.inkomen < 10_500, "low"), (yearly.inkomen < 11_500, "middle"), else_="high"),
            per_month=(ibis._.inkomen / 12).round(2),
        )
    )
    source = tables.source(expression)
    assert source is not None
    by = policy()
    asked = Recipe(source, Statistic.MEAN, by.reference, rows=("wijk", "band"), value="per_month", unit=KEY)
    checked = check_lazy(asked, files, BOOKS, by, DuckDBTabulator())
    assert checked.across_rows is False
    frame = pd.read_parquet(files["PERSONS"].path).query("wijk == '28' and inkomen < 10500")
    assert shown(checked.table)["wijk=28, band=low"] == f"{(frame.inkomen / 12).round(2).mean():.6f}".rstrip("0")


def test_a_table_with_rows_of_other_origin_has_no_lazy_source(files: dict[str, RegisteredFile]) -> None:
    tables = RegisteredTables(files)
    persons = tables.table("PERSONS")
    mine = ibis.memtable(pa.table({"wijk": ["28"], "x": [1]}))
    assert tables.source(mine) is None
    assert tables.source(persons.join(mine, "wijk")) is None
    assert tables.source(persons.filter(persons.wijk == "28")) is not None
    assert RegisteredTables({}).source(persons) is None


@pytest.mark.parametrize(
    "expression",
    ["RINPERSOON", "upper(RINPERSOON)", "RINADRES", "substring(RINPERSOON, 1, 2)", "RINPERSOON = '000000001'"],
)
def test_an_identifier_is_refused_through_names_and_expressions(
    files: dict[str, RegisteredFile], expression: str
) -> None:
    inner = f"SELECT RINPERSOON, RINPERSOONS, inkomen, gewicht, {expression} AS x FROM PERSONS"
    for sql in (inner, f"SELECT * FROM ({inner}) AS t", f"WITH t AS ({inner}) SELECT * FROM t"):
        with pytest.raises(IdentifierRefusedError, match="'x'"):
            check(files, sql, rows=("x",))
        with pytest.raises(IdentifierRefusedError, match="'x'"):
            check(files, sql, rows=(), statistic=Statistic.SUM, value="x")
        with pytest.raises(IdentifierRefusedError, match="'x'"):
            check(files, sql, rows=(), statistic=Statistic.SUM, value="inkomen", weight="x")


def test_an_identifier_is_refused_through_an_aggregate_and_a_union(files: dict[str, RegisteredFile]) -> None:
    aggregate = "SELECT RINPERSOON, RINPERSOONS, max(RINADRES) AS x FROM PERSONS GROUP BY 1, 2"
    union = (
        "SELECT RINPERSOON, RINPERSOONS, wijk AS x FROM PERSONS "
        "UNION ALL SELECT RINPERSOON, RINPERSOONS, RINADRES FROM PERSONS"
    )
    for sql in (aggregate, union):
        with pytest.raises(IdentifierRefusedError):
            check(files, sql, rows=("x",))


def test_how_often_a_key_occurs_is_no_identifier(files: dict[str, RegisteredFile]) -> None:
    sql = "SELECT RINPERSOON, RINPERSOONS, count(RINADRES) AS x FROM PERSONS GROUP BY 1, 2"
    assert counts(check(files, sql, rows=("x",)).table) == {"x=1": 120, "total": 120}


@pytest.mark.parametrize(
    ("sql", "unit"),
    [
        ("SELECT *, row_number() OVER () AS k FROM PERSONS", ("k",)),
        ("SELECT *, RINPERSOON || wijk AS k FROM PERSONS", ("k",)),
        ("SELECT *, inkomen AS k FROM PERSONS", ("k",)),
        ("SELECT * REPLACE (wijk || RINPERSOON AS RINPERSOON) FROM PERSONS", KEY),
        ("SELECT * FROM PERSONS", ("inkomen",)),
        ("SELECT * FROM PERSONS", (*KEY, "RINADRES")),
        ("SELECT * FROM PERSONS", ("RINPERSOON",)),
        ("SELECT * FROM PERSONS", ("BANENNR",)),
    ],
)
def test_a_unit_that_is_not_a_registered_key_is_refused(
    files: dict[str, RegisteredFile], sql: str, unit: tuple[str, ...]
) -> None:
    with pytest.raises(RecipeError, match="nobody knows what"):
        check(files, sql, unit=unit)


def test_a_registered_key_under_another_name_is_a_unit_and_so_is_another_registered_unit(
    files: dict[str, RegisteredFile],
) -> None:
    renamed = "SELECT RINPERSOON AS k, RINPERSOONS AS s, wijk FROM PERSONS"
    assert counts(check(files, renamed, unit=("s", "k")).table)["total"] == 120
    homes = check(files, "SELECT * FROM PERSONS", unit=("RINADRES",), other_units=(KEY,))
    assert counts(homes.table)["total"] == 60


def test_exemptions_follow_the_registered_column_and_not_its_name(files: dict[str, RegisteredFile]) -> None:
    by = policy(group_disclosure=60)
    renamed = check(files, "SELECT *, wijk AS x FROM PERSONS WHERE wijk = '28'", by, rows=("x",))
    assert failures(renamed.table) == set()
    borrowed = check(files, "SELECT * REPLACE (geslacht AS wijk) FROM PERSONS WHERE geslacht = '1'", by)
    assert failures(borrowed.table, RuleName.GROUP_DISCLOSURE) == {"wijk=1"}
    from_harmless = check(files, "SELECT * REPLACE (upper(wijk) AS wijk) FROM PERSONS WHERE wijk = '28'", by)
    assert failures(from_harmless.table) == set()
    constant = check(files, "SELECT * REPLACE ('x' AS wijk) FROM PERSONS", by)
    assert failures(constant.table, RuleName.GROUP_DISCLOSURE) == {"wijk=x"}


def test_what_a_filter_tells_is_judged_as_what_it_filters_by(files: dict[str, RegisteredFile]) -> None:
    # Each of these has "man" for every person of geslacht 1, and names nothing in its columns but the harmless wijk.
    by = policy(group_disclosure=60)
    part = (
        "SELECT RINPERSOON, RINPERSOONS, CASE WHEN wijk = 'none' THEN '{0}' ELSE '{0}' END AS x FROM PERSONS "
        "WHERE geslacht = '{1}'"
    )
    union = f"{part.format('man', 1)} UNION ALL {part.format('woman', 2)} AND wijk = '28'"
    men = "SELECT RINPERSOON AS k, RINPERSOONS AS s, wijk AS w FROM PERSONS WHERE geslacht = '1'"
    joined = (
        f"SELECT p.*, left(m.w, 0) || 'man' AS x FROM PERSONS AS p LEFT JOIN ({men}) AS m "
        "ON p.RINPERSOON = m.k AND p.RINPERSOONS = m.s WHERE p.geslacht = '1' OR p.wijk = '28'"
    )
    counted = (
        "SELECT RINPERSOON, RINPERSOONS, CASE WHEN max(wijk) = 'none' OR count(CASE WHEN geslacht = '1' THEN 1 END) = 1 "
        "THEN '1' ELSE '0' END AS x FROM PERSONS WHERE geslacht = '1' OR wijk = '28' GROUP BY 1, 2"
    )
    for sql, label in ((union, "man"), (joined, "man"), (counted, "1")):
        checked = check(files, sql, by, rows=("x",))
        # Rows of one data set put together twice may hold the same person twice, which a reviewer looks at.
        assert checked.across_rows is (sql is union)
        assert failures(checked.table, RuleName.GROUP_DISCLOSURE) == {f"x={label}"}


def test_only_an_unchanged_registered_weight_is_one(files: dict[str, RegisteredFile]) -> None:
    by = policy(dominance=[[1, 50]])
    own = "SELECT * REPLACE (CASE WHEN inkomen < 10001 THEN 1000000 ELSE 1 END AS gewicht) FROM PERSONS"
    asked: dict[str, Any] = {"statistic": Statistic.SUM, "value": "inkomen", "weight": "gewicht", "rows": ()}
    assert failures(check(files, own, by, **asked).table, RuleName.DOMINANCE) == {"total"}
    assert failures(check(files, "SELECT * FROM PERSONS", by, **asked).table) == set()


def test_a_data_set_that_was_replaced_is_refused(files: dict[str, RegisteredFile]) -> None:
    asked = recipe(files, "SELECT * FROM PERSONS", policy())
    swapped = {**files, "PERSONS": RegisteredFile(files["PERSONS"].path, files["HOMES"].digest)}
    for available in (swapped, {"HOMES": files["HOMES"]}):
        with pytest.raises(DataError, match="PERSONS"):
            check_lazy(asked, available, BOOKS, policy(), DuckDBTabulator())


def test_a_data_set_without_a_codebook_is_refused(files: dict[str, RegisteredFile]) -> None:
    asked = recipe(files, "SELECT * FROM PERSONS", policy())
    with pytest.raises(RecipeError, match="codebook"):
        check_lazy(asked, files, {"HOMES": BOOKS["HOMES"]}, policy(), DuckDBTabulator())


def test_a_column_that_the_derivation_does_not_give_is_refused(files: dict[str, RegisteredFile]) -> None:
    with pytest.raises(RecipeError, match="'wijk'"):
        check(files, "SELECT RINPERSOON, RINPERSOONS FROM PERSONS")


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("CAST(wijk || 'canary' AS INTEGER)", OverflowRefusedError),
        ("year(CAST('canary' AS DATE))", OverflowRefusedError),
        ("CAST(inkomen AS SOMETHING)", DatakampError),
        ("inkomen + wijk || 'canary'", DatakampError),
        ("pow(10, 400)", OverflowRefusedError),
    ],
)
def test_an_error_of_the_engine_quotes_no_value(
    files: dict[str, RegisteredFile], expression: str, error: type[DatakampError]
) -> None:
    sql = f"SELECT RINPERSOON, RINPERSOONS, {expression} AS x FROM PERSONS"
    with pytest.raises(error) as caught:
        check(files, sql, rows=(), statistic=Statistic.SUM, value="x")
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ is True or caught.value.__context__ is None


def test_nothing_of_this_process_can_be_read_by_its_name(files: dict[str, RegisteredFile]) -> None:
    frame = pd.DataFrame({"wijk": ["x"], "RINPERSOON": ["1"], "RINPERSOONS": ["R"]})
    assert len(frame) == 1
    with pytest.raises(DerivationRefusedError):
        check(files, "SELECT * FROM frame -- PERSONS")
