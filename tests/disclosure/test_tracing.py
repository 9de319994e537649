# ruff: noqa: E501 - a derivation stays on one line
"""What a column depends on besides what it is computed from: filters, joins, counts and unions below it."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from disclosure.engines.derivation import checked_derivation
from disclosure.errors import DerivationRefusedError, RecipeError
from disclosure.knowledge import Knowledge, is_one_unit, knowledge_through
from disclosure.model.codebooks import Codebook, Column
from disclosure.model.lineage import Derivation, all_rows, matched
from disclosure.model.recipes import DataSetReference, LazySource, Recipe, Statistic
from tests.disclosure.support import policy

SCHEMAS = {
    "T": ("RINPERSOON", "RINADRES", "wijk", "geslacht", "arm"),
    "J": ("RINPERSOON", "IKVID", "soort", "loon"),
    "H": ("RINADRES", "stadsdeel", "waarde"),
}
BOOKS = {
    "T": Codebook(
        "T",
        ("RINPERSOON",),
        other_units=MappingProxyType({"home": ("RINADRES",)}),
        columns=MappingProxyType({name: Column(name, sensitive=False) for name in ("wijk", "geslacht")}),
    ),
    "J": Codebook(
        "J",
        ("RINPERSOON",),
        identifiers=("IKVID",),
        columns=MappingProxyType({"soort": Column("soort", sensitive=False)}),
    ),
    "H": Codebook("H", ("RINADRES",), columns=MappingProxyType({"stadsdeel": Column("stadsdeel", sensitive=False)})),
}

DIGEST = "sha256:" + "0" * 64


def read(sql: str) -> Derivation:
    return checked_derivation(sql, SCHEMAS)


def known(sql: str, column: str = "x", unit: str = "RINPERSOON") -> Knowledge:
    source = LazySource(sql, tuple(DataSetReference(name, DIGEST) for name in sorted(SCHEMAS)))
    asked = Recipe(source, Statistic.COUNT, policy().reference, rows=(column,), unit=(unit,))
    return knowledge_through(read(sql), asked, BOOKS)


def sensitive(sql: str) -> bool:
    knowledge = known(sql)
    assert "x" not in knowledge.identifiers
    return knowledge.column("x").sensitive


def identifies(sql: str) -> bool:
    return "x" in known(sql).identifiers


# -------------------------------------------------------------------------------------------------------------- counts


@pytest.mark.parametrize(
    "counted",
    [
        "count(CASE WHEN RINPERSOON LIKE '00000001%' THEN 1 END)",
        "count(nullif(RINPERSOON, '1'))",
        "count(DISTINCT left(RINPERSOON, 3))",
        "count(*) FILTER (WHERE RINPERSOON LIKE '1%')",
        "count_if(RINPERSOON LIKE '1%')",
        "sum(CASE WHEN RINPERSOON LIKE '1%' THEN 1 ELSE 0 END)",
        "max(RINPERSOON = '1')",
    ],
)
def test_counting_something_computed_from_an_identifier_identifies(counted: str) -> None:
    assert identifies(f"SELECT RINPERSOON, {counted} AS x FROM T GROUP BY RINPERSOON")
    below = f"SELECT RINPERSOON, {counted} AS c FROM T GROUP BY RINPERSOON"
    assert identifies(f"SELECT RINPERSOON, CASE WHEN c > 0 THEN 'a' ELSE 'b' END AS x FROM ({below}) AS s")


def test_counting_a_computed_column_of_a_subquery_identifies() -> None:
    below = "SELECT RINPERSOON, CASE WHEN RINPERSOON LIKE '1%' THEN 1 END AS c FROM T"
    assert identifies(f"SELECT RINPERSOON, count(c) AS x FROM ({below}) AS s GROUP BY RINPERSOON")


@pytest.mark.parametrize(
    "counted", ["count(*)", "count(IKVID)", "count(DISTINCT IKVID)", "count((IKVID))", "count(DISTINCT IKVID) + 1"]
)
def test_how_many_rows_or_keys_there_are_is_sensitive_and_no_identifier(counted: str) -> None:
    assert sensitive(f"SELECT RINPERSOON, {counted} AS x FROM J GROUP BY RINPERSOON")
    joined = "T AS t LEFT JOIN J AS j ON t.RINPERSOON = j.RINPERSOON"
    assert sensitive(f"SELECT t.RINPERSOON, {counted} AS x FROM {joined} GROUP BY t.RINPERSOON")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT RINPERSOON, concat(left(max(geslacht), 0), count(CASE WHEN arm = '1' THEN 1 END)) AS x FROM T GROUP BY 1",
        "SELECT RINPERSOON, concat(left(max(geslacht), 0), count(*)) AS x FROM T WHERE arm = '1' GROUP BY 1",
        "SELECT RINPERSOON, concat(left(max(geslacht), 0), count(arm)) AS x FROM T GROUP BY 1",
        "SELECT RINPERSOON, sum(length(left(geslacht, 1))) AS x FROM T WHERE arm = '1' OR wijk = '28' GROUP BY 1",
        "SELECT RINPERSOON, max(geslacht) AS x FROM T WHERE arm = '1' OR wijk = '28' GROUP BY 1",
        "SELECT RINPERSOON, max(geslacht) AS x FROM T GROUP BY RINPERSOON, arm",
        "SELECT RINPERSOON, max(geslacht) AS x FROM T GROUP BY RINPERSOON, left(arm, 1)",
        "SELECT RINPERSOON, max(geslacht) AS x FROM (SELECT * FROM T WHERE arm = '1') AS s GROUP BY 1",
        "SELECT j.RINPERSOON, max(j.soort) AS x FROM J AS j JOIN T AS t ON t.RINPERSOON = j.RINPERSOON AND t.arm = j.soort GROUP BY 1",
        "SELECT RINPERSOON, concat(left(geslacht, 0), row_number() OVER w) AS x FROM T WINDOW w AS (ORDER BY arm)",
    ],
)  # fmt: skip
def test_what_decides_which_rows_are_aggregated_makes_the_aggregate_sensitive(sql: str) -> None:
    assert sensitive(sql)


def test_an_aggregate_of_harmless_columns_by_the_unit_is_harmless() -> None:
    assert not sensitive("SELECT RINPERSOON, max(geslacht) AS x FROM T WHERE wijk = '28' GROUP BY RINPERSOON")
    joined = "T AS t JOIN J AS j ON t.RINPERSOON = j.RINPERSOON"
    assert not sensitive(f"SELECT t.RINPERSOON, max(j.soort) AS x FROM {joined} GROUP BY t.RINPERSOON, t.wijk")


def test_a_named_window_over_an_identifier_identifies() -> None:
    assert identifies("SELECT RINPERSOON, rank() OVER w AS x FROM T WINDOW w AS (ORDER BY RINPERSOON)")


# -------------------------------------------------------------------------------------------------------------- unions


def test_a_computed_column_of_a_union_depends_on_what_its_parts_were_filtered_by() -> None:
    poor, others = (f"SELECT RINPERSOON, concat('{name}', left(geslacht, 0)) AS x FROM T" for name in "ab")
    union = f"{poor} WHERE arm = '1' UNION ALL {others} WHERE arm = '0'"
    assert ("t", "arm") in read(union).columns["x"].sources
    for sql in (union, f"SELECT * FROM ({union}) AS s", f"WITH s AS ({union}) SELECT RINPERSOON, upper(x) AS x FROM s"):
        assert sensitive(sql)
    # Which data set a row comes from is no less than a filter.
    assert sensitive(f"{poor} UNION ALL {others}")


def test_a_union_filtered_by_an_identifier_gives_identifiers() -> None:
    parts = [
        f"SELECT RINPERSOON, '{name}' AS x FROM T WHERE RINPERSOON {how} '5'" for name, how in (("a", "<"), ("b", ">"))
    ]
    assert identifies(" UNION ALL ".join(parts))


def test_a_column_that_is_the_same_registered_one_in_every_part_of_a_union_stays_it() -> None:
    sql = "SELECT RINPERSOON, wijk AS x FROM T WHERE arm = '1' UNION ALL SELECT RINPERSOON, wijk FROM T WHERE arm = '2'"
    assert read(sql).columns["x"].origin == ("t", "wijk")
    assert not sensitive(sql)


# --------------------------------------------------------------------------------------------------------- outer joins

OUTER = {
    "filtered": "SELECT t.RINPERSOON, p.geslacht AS x FROM T AS t LEFT JOIN (SELECT RINPERSOON, geslacht FROM T WHERE arm = '1') AS p ON t.RINPERSOON = p.RINPERSOON",
    "filtered in a WITH table": "WITH p AS (SELECT RINPERSOON, geslacht FROM T WHERE arm = '1') SELECT t.RINPERSOON, p.geslacht AS x FROM T AS t LEFT JOIN p ON t.RINPERSOON = p.RINPERSOON",
    "filtered in the condition": "SELECT t.RINPERSOON, p.geslacht AS x FROM T AS t LEFT JOIN T AS p ON t.RINPERSOON = p.RINPERSOON AND p.arm = '1'",
    "filtered by the other side": "SELECT t.RINPERSOON, j.soort AS x FROM T AS t LEFT JOIN J AS j ON t.RINPERSOON = j.RINPERSOON AND t.arm = j.soort",
    "a whole data set": "SELECT t.RINPERSOON, j.soort AS x FROM T AS t LEFT JOIN J AS j ON t.RINPERSOON = j.RINPERSOON",
    "by HAVING": "SELECT t.RINPERSOON, p.g AS x FROM T AS t LEFT JOIN (SELECT RINPERSOON, max(geslacht) AS g FROM T GROUP BY RINPERSOON HAVING max(arm) = '1') AS p ON t.RINPERSOON = p.RINPERSOON",
    "by a semi join": "SELECT t.RINPERSOON, p.geslacht AS x FROM T AS t LEFT JOIN (SELECT s.RINPERSOON, s.geslacht FROM T AS s SEMI JOIN J AS j ON s.RINPERSOON = j.RINPERSOON) AS p ON t.RINPERSOON = p.RINPERSOON",
    "by IN": "SELECT t.RINPERSOON, p.geslacht AS x FROM T AS t LEFT JOIN (SELECT RINPERSOON, geslacht FROM T WHERE RINPERSOON IN (SELECT RINPERSOON FROM J WHERE loon > 9)) AS p ON t.RINPERSOON = p.RINPERSOON",
    "right": "SELECT t.RINPERSOON, p.geslacht AS x FROM (SELECT * FROM T WHERE arm = '1') AS p RIGHT JOIN T AS t ON t.RINPERSOON = p.RINPERSOON",
    "by way of another": "SELECT t.RINPERSOON, h.stadsdeel AS x FROM T AS t LEFT JOIN (SELECT * FROM T WHERE arm = '1') AS p ON t.RINPERSOON = p.RINPERSOON LEFT JOIN H AS h ON p.RINADRES = h.RINADRES",
    "whether it is missing": "SELECT t.RINPERSOON, p.geslacht IS NULL AS x FROM T AS t LEFT JOIN (SELECT RINPERSOON, geslacht FROM T WHERE arm = '1') AS p ON t.RINPERSOON = p.RINPERSOON",
}  # fmt: skip


@pytest.mark.parametrize("sql", OUTER.values(), ids=OUTER.keys())
def test_a_column_that_an_outer_join_may_leave_missing_is_computed_and_sensitive(sql: str) -> None:
    assert read(sql).columns["x"].origin is None
    for outer in (
        sql,
        f"SELECT RINPERSOON, x FROM ({sql}) AS s",
        f"SELECT RINPERSOON, coalesce(x, '') AS x FROM ({sql}) AS s",
    ):
        assert sensitive(outer)


def test_the_sources_of_a_column_of_an_outer_join_name_the_filters_of_its_side() -> None:
    sources = read(OUTER["filtered"]).columns["x"].sources
    assert sources == {("t", "geslacht"), ("t", "arm"), matched(("t", "rinpersoon")), all_rows("t")}


def test_both_sides_of_a_full_join_may_be_missing() -> None:
    sql = "SELECT t.wijk AS a, j.soort AS b FROM T AS t FULL JOIN J AS j ON t.RINPERSOON = j.RINPERSOON"
    columns = read(sql).columns
    assert (columns["a"].origin, columns["b"].origin) == (None, None)
    assert {all_rows("t"), all_rows("j")} <= columns["a"].sources & columns["b"].sources


def test_an_outer_join_filtered_by_an_identifier_gives_identifiers() -> None:
    below = "SELECT RINPERSOON, geslacht FROM T WHERE RINPERSOON LIKE '1%'"
    assert identifies(
        f"SELECT t.RINPERSOON, p.geslacht AS x FROM T AS t LEFT JOIN ({below}) AS p ON t.RINPERSOON = p.RINPERSOON"
    )
    named = "LEFT JOIN (SELECT '000000001' AS k, 'x' AS x) AS p ON t.RINPERSOON = p.k"
    assert identifies(f"SELECT t.RINPERSOON, p.x FROM T AS t {named}")


def test_the_side_of_an_outer_join_that_is_always_there_keeps_its_columns() -> None:
    for sql in (
        "SELECT t.RINPERSOON, t.wijk AS x FROM T AS t LEFT JOIN J AS j ON t.RINPERSOON = j.RINPERSOON",
        "SELECT t.RINPERSOON, t.wijk AS x FROM J AS j RIGHT JOIN T AS t ON t.RINPERSOON = j.RINPERSOON",
    ):
        assert read(sql).columns["x"].origin == ("t", "wijk")
        assert not sensitive(sql)


def test_a_unit_that_an_outer_join_may_leave_missing_is_none() -> None:
    sql = "SELECT j.RINPERSOON, t.wijk AS x FROM T AS t LEFT JOIN J AS j ON t.RINPERSOON = j.RINPERSOON"
    with pytest.raises(RecipeError, match="nobody knows what it counts"):
        known(sql)


# ------------------------------------------------------------------------------------------- filters of the population

POPULATIONS = {
    "at the root": "SELECT RINPERSOON, wijk AS x FROM T WHERE arm = '1'",
    "in a subquery": "SELECT RINPERSOON, x FROM (SELECT RINPERSOON, wijk AS x FROM T WHERE arm = '1') AS s",
    "in a WITH table": "WITH s AS (SELECT RINPERSOON, wijk FROM T WHERE arm = '1') SELECT RINPERSOON, wijk AS x FROM s",
    "in an inner join": "SELECT t.RINPERSOON, h.stadsdeel AS x FROM T AS t JOIN (SELECT * FROM H WHERE waarde > 5) AS h ON t.RINADRES = h.RINADRES",
    "before an outer join to something else": "SELECT t.RINPERSOON, t.wijk AS x FROM (SELECT * FROM T WHERE arm = '1') AS t LEFT JOIN J AS j ON t.RINPERSOON = j.RINPERSOON",
    "by a semi join": "SELECT t.RINPERSOON, t.wijk AS x FROM T AS t SEMI JOIN J AS j ON t.RINPERSOON = j.RINPERSOON",
    "by key": "SELECT RINPERSOON, wijk AS x FROM T WHERE RINPERSOON IN (SELECT RINPERSOON FROM J WHERE loon > 9)",
    "distinct": "SELECT DISTINCT RINPERSOON, wijk AS x FROM T WHERE arm = '1'",
    "grouped": "SELECT RINPERSOON, wijk AS x FROM T WHERE arm = '1' GROUP BY RINPERSOON, wijk HAVING count(*) > 1",
}  # fmt: skip


@pytest.mark.parametrize("sql", POPULATIONS.values(), ids=POPULATIONS.keys())
def test_a_filter_that_only_decides_who_is_counted_changes_no_column_wherever_it_is_written(sql: str) -> None:
    assert read(sql).columns["x"].origin is not None
    assert not sensitive(sql)


# ---------------------------------------------------------------------------------------------------------- subqueries


@pytest.mark.parametrize(
    "expression",
    [
        "concat(geslacht, (SELECT max(waarde) FROM H))",
        "concat(geslacht, EXISTS (SELECT 1 FROM J AS j WHERE j.RINPERSOON = t.RINPERSOON))",
        "concat(geslacht, (SELECT max(stadsdeel) FROM H AS h WHERE h.RINADRES = t.RINADRES AND h.waarde > 5))",
        "concat(geslacht, (SELECT max(s.stadsdeel) FROM (SELECT * FROM H WHERE waarde > 5) AS s))",
    ],
)
def test_a_subquery_in_an_expression_brings_its_rows_and_conditions(expression: str) -> None:
    assert sensitive(f"SELECT RINPERSOON, {expression} AS x FROM T AS t")


def test_a_subquery_that_gives_an_identifier_identifies() -> None:
    assert identifies("SELECT RINPERSOON, (SELECT max(IKVID) FROM J) AS x FROM T")
    assert identifies("SELECT RINPERSOON, EXISTS (SELECT 1 FROM J WHERE IKVID LIKE '1%') AS x FROM T")


# --------------------------------------------------------------------------------------------------- names and units


@pytest.mark.parametrize("name", ["*", "=wijk"])
def test_a_column_that_is_named_like_a_mark_among_sources_is_not_traced(name: str) -> None:
    with pytest.raises(DerivationRefusedError):
        checked_derivation(f'SELECT "{name}" AS x FROM T', {"T": ("RINPERSOON", name)})


def test_a_chain_of_many_steps_is_traced_or_refused_and_never_breaks() -> None:
    for steps in (20, 400, 2_000):
        chain = ", ".join(f"a{n} AS (SELECT * FROM a{n - 1})" for n in range(1, steps))
        sql = f"WITH a0 AS (SELECT RINPERSOON FROM J), {chain} SELECT * FROM a{steps - 1}"
        try:
            assert read(sql).columns["rinpersoon"].origin == ("j", "rinpersoon")
        except DerivationRefusedError:
            assert steps > 20


def test_steps_that_are_used_twice_are_traced_once() -> None:
    chain = ", ".join(f"a{n} AS (SELECT p.k FROM a{n - 1} AS p JOIN a{n - 1} AS q ON p.k = q.k)" for n in range(1, 40))
    sql = f"WITH a0 AS (SELECT RINPERSOON AS k FROM J), {chain} SELECT k FROM a39"
    assert read(sql).columns["k"].origin == ("j", "rinpersoon")


@pytest.mark.parametrize(
    ("names", "answer"),
    [
        (("RINPERSOON",), True),
        (("rinpersoon",), True),
        (("RINADRES",), True),
        (("RINPERSOON", "RINADRES"), False),
        (("IKVID",), False),
        ((), False),
    ],
)
def test_a_unit_is_the_whole_key_of_one_that_the_codebook_names(names: tuple[str, ...], answer: bool) -> None:
    assert is_one_unit(names, BOOKS["T"]) is answer


def test_an_identifier_that_is_no_unit_cannot_be_counted() -> None:
    sql = "SELECT IKVID, soort AS x FROM J"
    with pytest.raises(RecipeError, match="not the key of one unit"):
        known(sql, unit="IKVID")
